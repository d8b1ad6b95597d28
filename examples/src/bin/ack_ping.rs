//! Round trips of acknowledged messages, in both directions.
//!
//! `cargo run --bin ack_ping` prints the address to open; `pages/ack_ping.html` is the other half.

use std::time::Instant;

use socketio_core::{SocketIo, prelude::*};
use socketio_examples::{Options, page};

/// One connection. It knows nothing, so its `Default` is what it starts with.
#[derive(Default)]
struct Ping;

#[socket_connection]
impl Ping {
    /// `socket.send('1', () => …)`: the acknowledgement goes out as the message arrives, before this
    /// is called. This sends the message back, and waits for the page to acknowledge that.
    #[on_message]
    async fn message(&self, socket: &Socket, message: Message) -> Result<(), EmitError> {
        let sent = Instant::now();
        let acknowledged = socket.send_with_ack::<()>(message).await;
        // Milliseconds, or `null` in JavaScript if the acknowledgement did not come.
        let took = acknowledged.ok().map(|()| sent.elapsed().as_secs_f64() * 1000.0);
        socket.emit("took", took)
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let io = SocketIo::builder::<Ping>().client_dir(&options.client).build();
    let page = page(include_str!("../../pages/ack_ping.html"));
    io.serve(options.listen("Ack ping").await?, page).await
}
