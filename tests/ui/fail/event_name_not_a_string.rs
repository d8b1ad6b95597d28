use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event(hello)]
    fn hello(&self) {}
}

fn main() {}
