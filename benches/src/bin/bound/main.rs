//! The lower bound: the least that could do the work of a Socket.IO 4.x server on tokio, made by hand.
//!
//! It reads into one buffer for the thread, writes once per read, wakes a connection's task for a broadcast,
//! and keeps one clock for all heartbeats. It knows the five events of the measurements by their bytes and
//! trusts its clients: no limits, no time-outs, no errors, no rooms but one. With the argument `checked`
//! arguments are at least read as JSON. Out: its address, as the one line it prints.
//!
//! `session` holds what both carriers share; `websocket` and `polling` are the carriers.

#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "it trusts its clients, which is the point of it"
)]

mod polling;
mod session;
mod websocket;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use session::Server;

/// As often as all others ask whether a client is alive.
const PING_INTERVAL: u64 = 25;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let checked = std::env::args().nth(1).as_deref() == Some("checked");
    let server = Arc::new(Server::new(checked));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let beating = Arc::clone(&server);
    tokio::spawn(async move {
        for second in 0.. {
            tokio::time::sleep(Duration::from_secs(1)).await;
            beating.ping_those_of(second % PING_INTERVAL);
        }
    });
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(serve(stream, Arc::clone(&server)));
    }
}

/// Serves one connection: requests until one is an upgrade.
async fn serve(mut stream: TcpStream, server: Arc<Server>) -> io::Result<()> {
    let mut input = Vec::new();
    loop {
        let Some(end) = input.windows(4).position(|four| four == b"\r\n\r\n") else {
            if stream.read_buf(&mut input).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let head = String::from_utf8_lossy(&input[..end]).into_owned();
        input.drain(..end + 4);
        if let Some(key) = header(&head, "sec-websocket-key") {
            let key = key.to_owned();
            drop((head, input));
            return websocket::serve(stream, server, &key).await;
        }
        let length =
            header(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        while input.len() < length {
            if stream.read_buf(&mut input).await? == 0 {
                return Ok(());
            }
        }
        polling::answer(&mut stream, &server, &head, &input[..length]).await?;
        input.drain(..length);
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
