use socketio_core::prelude::*;

struct Lobby;

impl Lobby {
    #[on_endpoint]
    fn endpoint() -> Option<Endpoint> {
        None
    }
}

fn main() {}
