use socketio_core::prelude::*;

#[derive(Default)]
struct Lobby;

struct Failure;

#[socket_connection]
impl Lobby {
    #[on_endpoint]
    async fn endpoint(path: &str) -> Result<Endpoint, Failure> {
        let _ = path;
        Err(Failure)
    }
}

fn main() {}
