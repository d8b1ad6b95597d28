use std::rc::Rc;

use socketio_core::prelude::*;

#[derive(Default)]
struct Lobby;

#[socket_connection]
impl Lobby {
    #[on_endpoint]
    async fn endpoint(path: &str) -> Option<Endpoint> {
        let local = Rc::new(path == "/game");
        std::future::ready(()).await;
        local.then(Endpoint::of::<Lobby>)
    }
}

fn main() {}
