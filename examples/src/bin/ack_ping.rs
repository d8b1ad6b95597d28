//! Round trips of acknowledged messages, in both directions.
//!
//! `cargo run --bin ack_ping` prints the address to open; `pages/ack_ping.html` is the other half.

use std::time::Instant;

use socketio_core::{SocketIo, prelude::*};
use socketio_examples::Options;

/// One connection. It knows nothing, so its `Default` is what it starts with.
#[derive(Default)]
struct Ping;

#[socket_connection]
impl Ping {
    /// `socket.send('1', () => …)`: acknowledged when this returns; for clients 0.7 to 0.9, before it is called.
    #[on_message]
    fn message(&self, _message: Message) {}

    /// `socket.emit('back', '1', took => …)`: sends the message back, waits for the page to acknowledge it, and
    /// answers how many milliseconds that took, or `null` if the acknowledgement did not come.
    #[event]
    async fn back(&self, socket: &Socket, text: String) -> Option<f64> {
        let sent = Instant::now();
        socket.send_with_ack::<()>(text).await.ok()?;
        Some(sent.elapsed().as_secs_f64() * 1000.0)
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let io = SocketIo::builder::<Ping>().build();
    let page = options.page(include_str!("../../pages/ack_ping.html"));
    io.serve(options.listen("Ack ping").await?, page).await
}
