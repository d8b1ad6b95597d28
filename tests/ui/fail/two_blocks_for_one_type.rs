use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self) {}
}

#[socket_connection]
impl Chat {
    #[event]
    fn bye(&self) {}
}

fn main() {}
