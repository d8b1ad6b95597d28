//! Our own server under measurement: what every peer's program does, written as an application would.
//!
//! Out: its address, as the one line it prints. With the argument `current` it runs on tokio's
//! current-thread runtime, else on the one with several. Started by `compare`.

use serde::{Deserialize, Serialize};
use socketio_core::{SocketIo, prelude::*};
use tokio::net::TcpListener;

#[derive(Default)]
struct Peer;

/// What the event `object` carries.
#[derive(Serialize, Deserialize)]
struct Object {
    id: u64,
    user: String,
    tags: Vec<String>,
    price: f64,
    seen: bool,
    lines: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    n: u64,
    text: String,
}

#[socket_connection]
impl Peer {
    #[event]
    fn echo(&self, text: String) -> String {
        text
    }

    #[event(args = "positional")]
    fn object(&self, object: Object) -> Object {
        object
    }

    #[event]
    fn broadcast(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.server().emit("news", text)
    }

    #[event]
    fn join(&self, socket: &Socket, rooms: u32) {
        (0..rooms).for_each(|room| socket.join(format!("room {room}")));
    }

    #[event]
    fn room(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.server().to("room 0").emit("news", text)
    }
}

fn main() -> std::io::Result<()> {
    let mut builder = match std::env::args().nth(1).as_deref() {
        Some("current") => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.enable_all().build()?.block_on(async {
        let io = SocketIo::builder::<Peer>().build();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        io.serve(listener, axum::Router::new()).await
    })
}
