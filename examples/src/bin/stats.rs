//! The server's figures, live, and clients to move them.
//!
//! `cargo run --bin stats` prints the address to open; `pages/stats.html` is the other half.

use socketio_core::{SocketIo, Stats, prelude::*};
use socketio_examples::Options;

/// One connection. It knows nothing, so its `Default` is what it starts with.
#[derive(Default)]
struct Client;

#[socket_connection]
impl Client {
    /// `socket.emit('stats', stats => stats.active_sessions …)`, as in the JSON form of [`Stats`].
    #[event]
    fn stats(&self, socket: &Socket) -> Stats {
        socket.server().stats()
    }

    /// Something to count.
    #[event]
    fn count(&self) {}
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let io = SocketIo::builder::<Client>().build();
    let page = options.page(include_str!("../../pages/stats.html"));
    io.serve(options.listen("Stats").await?, page).await
}
