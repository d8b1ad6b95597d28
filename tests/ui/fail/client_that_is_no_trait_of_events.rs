use socketio_core::prelude::*;

trait ChatClient {}

#[derive(Default)]
struct Chat;

#[socket_connection(client = ChatClient, strict)]
impl Chat {
    #[event]
    fn hello(&self, _socket: &Socket<dyn ChatClient>) {}
}

fn main() {}
