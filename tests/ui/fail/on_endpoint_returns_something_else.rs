use socketio_core::prelude::*;

#[derive(Default)]
struct Lobby;

#[socket_connection]
impl Lobby {
    #[on_endpoint]
    fn endpoint(path: &str) -> Option<Lobby> {
        (path == "/game").then_some(Lobby)
    }
}

fn main() {}
