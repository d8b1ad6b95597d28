use socketio_core::prelude::*;

#[client_events]
trait ChatClient {}

#[derive(Default)]
struct Chat;

#[socket_connection(client = ChatClient, strict)]
impl Chat {
    #[on_open]
    fn open(_socket: &Socket<dyn ChatClient>) -> Self {
        Chat
    }

    #[event]
    fn borrowed(&self, _socket: &Socket) {}

    #[on_event]
    async fn owned(&self, _socket: Socket, _event: Event) {}
}

fn main() {}
