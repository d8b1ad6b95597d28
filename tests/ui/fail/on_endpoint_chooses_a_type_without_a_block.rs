use socketio_core::prelude::*;

#[derive(Default)]
struct Lobby;

struct Game;

#[socket_connection]
impl Lobby {
    #[on_endpoint]
    fn endpoint(path: &str) -> Option<Endpoint> {
        (path == "/game").then(Endpoint::of::<Game>)
    }
}

fn main() {}
