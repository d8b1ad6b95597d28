use socketio_core::prelude::*;

#[client_events]
trait ChatClient {}

#[client_events]
trait GameClient {}

#[derive(Default)]
struct Chat;

#[socket_connection(client = ChatClient)]
impl Chat {
    #[event]
    fn right(&self, _socket: &Socket<dyn ChatClient>, _by_name: &Socket) {}

    #[event]
    fn wrong(&self, _socket: &Socket<dyn GameClient>) {}
}

fn main() {}
