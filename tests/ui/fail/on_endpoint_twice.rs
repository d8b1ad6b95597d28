use socketio_core::prelude::*;

#[derive(Default)]
struct Lobby;

#[socket_connection]
impl Lobby {
    #[on_endpoint]
    fn games(path: &str) -> Option<Endpoint> {
        (path == "/game").then(Endpoint::of::<Lobby>)
    }

    #[on_endpoint]
    fn rooms(path: &str) -> Option<Endpoint> {
        (path == "/room").then(Endpoint::of::<Lobby>)
    }
}

fn main() {}
