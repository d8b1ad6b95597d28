use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self)
    where
        Self: Clone,
    {
    }
}

fn main() {}
