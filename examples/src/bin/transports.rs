//! One server, every transport: the page chooses one, sees which is in use, and measures it.
//!
//! `cargo run --bin transports` prints the address to open; `pages/transports.html` is the other half.

use socketio_core::{SocketIo, Transport, prelude::*};
use socketio_examples::{Options, page};

/// One connection. It knows nothing, so its `Default` is what it starts with.
#[derive(Default)]
struct Echo;

#[socket_connection]
impl Echo {
    /// `socket.emit('ping', 'Hello!', (text, transport) => …)`: two values are two parameters. Handlers
    /// are the same over every transport; who asks is told which one it is.
    #[event]
    fn ping(&self, socket: &Socket, text: String) -> (String, Option<&'static str>) {
        (text, socket.transport().map(Transport::as_str))
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let io = SocketIo::builder::<Echo>().client_dir(&options.client).build();
    let page = page(include_str!("../../pages/transports.html"));
    io.serve(options.listen("Transports").await?, page).await
}
