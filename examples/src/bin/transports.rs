//! One server, every transport: the page chooses one, sees which is in use, and measures it.
//!
//! `cargo run --bin transports` prints the address to open; `pages/transports.html` is the other half.

use socketio_core::{Protocol, SocketIo, Transport, prelude::*};
use socketio_examples::Options;

/// One connection. It knows nothing, so its `Default` is what it starts with.
#[derive(Default)]
struct Echo;

#[socket_connection]
impl Echo {
    /// `socket.emit('echo', 'Hello!', (text, transport, client) => …)`: three values are three parameters.
    /// Handlers are the same for every client over every transport; who asks is told which they are.
    #[event]
    fn echo(
        &self,
        socket: &Socket,
        text: String,
    ) -> (String, Option<&'static str>, Option<&'static str>) {
        let client = match socket.protocol() {
            Protocol::Legacy => Some("0.7 to 0.9"),
            Protocol::V3 => Some("1 or 2"),
            Protocol::V4 => Some("3 or 4"),
            _ => None,
        };
        (text, socket.transport().map(Transport::as_str), client)
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let io = SocketIo::builder::<Echo>().build();
    let page = options.page(include_str!("../../pages/transports.html"));
    io.serve(options.listen("Transports").await?, page).await
}
