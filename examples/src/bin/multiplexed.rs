//! Several endpoints on one connection: a chat and a ping that know nothing of each other.
//!
//! `cargo run --bin multiplexed` prints the address to open; `pages/multiplexed.html` is the other half.

use std::sync::atomic::{AtomicU32, Ordering};

use socketio_core::{SocketIo, prelude::*};
use socketio_examples::Options;

/// The root, which every client is connected to, and what else it may connect to.
#[derive(Default)]
struct Lobby;

#[socket_connection]
#[endpoints("/chat" => Chat, "/ping" => Ping)]
impl Lobby {}

/// One connection to `/chat`, made by `io.connect('/chat')`.
struct Chat {
    name: String,
}

#[socket_connection]
impl Chat {
    #[on_open]
    fn open(socket: &Socket) -> Result<Self, EmitError> {
        static VISITORS: AtomicU32 = AtomicU32::new(0);
        let name = format!("Visitor {}", 1 + VISITORS.fetch_add(1, Ordering::Relaxed));
        socket.broadcast().send(format!("{name} came."))?;
        socket.send(format!("You are {name}."))?;
        Ok(Self { name })
    }

    /// `chat.send('Hello!')`, and everybody who is on `/chat` gets it with `chat.on('message', …)`.
    #[event("message")]
    fn say(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.server().of(socket.endpoint()).send(format!("{}: {text}", self.name))
    }

    /// When the page calls `chat.disconnect()`, or the whole connection ends.
    #[on_close]
    fn close(&self, socket: &Socket) {
        if let Err(error) = socket.broadcast().send(format!("{} left.", self.name)) {
            eprintln!("{} left unannounced: {error}", self.name);
        }
    }
}

/// One connection to `/ping`.
#[derive(Default)]
struct Ping;

#[socket_connection]
impl Ping {
    /// `ping.json.send({sent: 1})`, or any other message: it comes back as it is.
    #[on_message]
    fn echo(&self, socket: &Socket, message: Message) -> Result<(), EmitError> {
        socket.send(message)
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let io = SocketIo::builder::<Lobby>().build();
    let page = options.page(include_str!("../../pages/multiplexed.html"));
    io.serve(options.listen("Multiplexed").await?, page).await
}
