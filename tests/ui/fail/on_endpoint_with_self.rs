use socketio_core::prelude::*;

#[derive(Default)]
struct Lobby;

#[socket_connection]
impl Lobby {
    #[on_endpoint]
    fn endpoint(&self, path: &str) -> Option<Endpoint> {
        (path == "/game").then(Endpoint::of::<Lobby>)
    }
}

fn main() {}
