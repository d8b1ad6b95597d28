//! socketioxide, on axum, as its documentation shows it.

use axum::Router;
use axum::serve::ListenerExt as _;
use serde::{Deserialize, Serialize};
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef};
use tokio::net::TcpListener;

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

async fn connected(socket: SocketRef) {
    socket.on("echo", async |Data::<String>(text), ack: AckSender| {
        let _left = ack.send(&text);
    });
    socket.on("object", async |Data::<Object>(object), ack: AckSender| {
        let _left = ack.send(&object);
    });
    socket.on("broadcast", async |io: SocketIo, Data::<String>(text)| {
        let _left = io.emit("news", &text).await;
    });
    socket.on("join", async |socket: SocketRef, Data::<u32>(rooms), ack: AckSender| {
        for room in 0..rooms {
            socket.join(format!("room {room}"));
        }
        let _left = ack.send(&());
    });
    socket.on("room", async |io: SocketIo, Data::<String>(text)| {
        let _left = io.to("room 0").emit("news", &text).await;
    });
}

fn main() -> std::io::Result<()> {
    let mut builder = match std::env::args().nth(1).as_deref() {
        Some("current") => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.enable_all().build()?.block_on(async {
        let (layer, io) = SocketIo::new_layer();
        io.ns("/", connected);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        let listener = listener.tap_io(|stream| {
            let _without = stream.set_nodelay(true);
        });
        axum::serve(listener, Router::new().layer(layer)).await
    })
}
