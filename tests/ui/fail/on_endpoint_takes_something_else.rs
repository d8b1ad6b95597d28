use socketio_core::prelude::*;

#[derive(Default)]
struct Lobby;

#[socket_connection]
impl Lobby {
    #[on_endpoint]
    fn endpoint(
        path: String,
        number: u32,
        #[default] text: &str,
        first: &str,
        second: &str,
        ack: AckSender,
        reason: CloseReason,
    ) -> Endpoint {
        drop((path, number, text, first, second, ack, reason));
        Endpoint::of::<Lobby>()
    }
}

fn main() {}
