use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

impl Chat {
    #[event]
    fn hello(&self) {}

    #[on_open]
    fn open() -> Self {
        Self
    }
}

fn main() {}
