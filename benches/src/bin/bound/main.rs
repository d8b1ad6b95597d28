//! The lower bound: the least that could do the work of a Socket.IO 4.x server on tokio, made by hand.
//!
//! HTTP is hyper's, as bare as it gets: what reads heads by hand can serve no browser on the internet. On a
//! WebSocket it reads into one buffer for the thread, writes once per read, wakes a connection's task for a
//! broadcast, and keeps one clock for all heartbeats. It knows the five events of the measurements by their bytes
//! and trusts its clients: no limits, no time-outs, no errors, no rooms but one. With the argument `checked`
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

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::SEC_WEBSOCKET_KEY;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

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
        let server = Arc::clone(&server);
        let service = service_fn(move |request| answer(Arc::clone(&server), request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection.with_upgrades());
    }
}

/// Answers one request; one that is an upgrade goes on as a task.
async fn answer(
    server: Arc<Server>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    if request.headers().contains_key(SEC_WEBSOCKET_KEY) {
        Ok(websocket::upgrade(server, request))
    } else {
        polling::answer(server, request).await
    }
}
