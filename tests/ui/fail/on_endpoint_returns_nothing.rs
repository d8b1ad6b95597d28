use socketio_core::prelude::*;

#[derive(Default)]
struct Lobby;

#[socket_connection]
impl Lobby {
    #[on_endpoint]
    fn endpoint(path: &str) {
        let _ = path;
    }
}

fn main() {}
