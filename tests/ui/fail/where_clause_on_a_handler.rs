use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self)
    where
        Self: Sized,
    {
    }
}

fn main() {}
