//! Calls in both directions: arguments by position and by keyword, and what comes back.
//!
//! `cargo run --bin rpc_ping` prints the address to open; `pages/rpc_ping.html` is the other half.

use serde::Serialize;
use socketio_core::{SocketIo, prelude::*};
use socketio_examples::Options;

/// One connection. It knows nothing, so its `Default` is what it starts with.
#[derive(Default)]
struct Ping;

/// What `echo` returns: `answer.number`, `answer.text`, `answer.chars` in JavaScript.
#[derive(Serialize)]
struct Echo {
    number: u32,
    text: String,
    chars: usize,
}

#[socket_connection]
impl Ping {
    /// By position, `socket.emit('echo', 1, 'text', answer => …)`, or by keyword, in any order,
    /// `socket.emit('echo', {text: 'text', number: 1}, answer => …)`. Who calls it in any other way
    /// gets `{error: …}`.
    #[event]
    fn echo(&self, number: u32, text: String) -> Echo {
        Echo { number, chars: text.chars().count(), text }
    }

    /// `socket.emit('call back', 'text', answer => …)` calls the page, which has
    /// `socket.on('reverse', (call, answer) => …)`, and returns what the page answers.
    #[event("call back")]
    async fn call_back(&self, socket: &Socket, text: String) -> Result<String, AckError> {
        socket.emit_with_ack("reverse", kwargs! { text: text }).await
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let io = SocketIo::builder::<Ping>().build();
    let page = options.page(include_str!("../../pages/rpc_ping.html"));
    io.serve(options.listen("RPC ping").await?, page).await
}
