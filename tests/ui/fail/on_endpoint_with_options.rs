use socketio_core::prelude::*;

#[derive(Default)]
struct Lobby;

#[socket_connection]
impl Lobby {
    #[on_endpoint("/game")]
    fn endpoint() -> Endpoint {
        Endpoint::of::<Lobby>()
    }
}

fn main() {}
