//! A server and its clients in one thread, doing the same thing over and over.
//!
//! In: what one round sends, and how many bytes come back for it. Out: rounds, each the same work to the byte,
//! so that instructions and allocations can be counted exactly where times can't be told. The connections are
//! real ones, on the loopback; the clients allocate nothing after they are connected.

use std::io;
use std::net::SocketAddr;

use socketio_core::SocketIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::frame::{Frame, put, put_masked};
use crate::wire::{Incoming, Wire};

/// What is done in each round.
pub struct Round {
    /// The protocol that the clients speak, over WebSockets.
    pub wire: Wire,
    /// How many there are.
    pub clients: usize,
    /// Packets that the first client sends, in one write.
    pub sent: Vec<String>,
    /// Packets that come back of it to each client that gets any.
    pub received: Vec<String>,
    /// Whether all clients get them, or the first alone.
    pub to_all: bool,
}

/// A running server with its clients.
pub struct Steady {
    runtime: Runtime,
    clients: Vec<TcpStream>,
    sent: Vec<u8>,
    expected: Vec<u8>,
    space: Vec<u8>,
}

impl Steady {
    /// Starts a server on the current-thread runtime and connects its clients.
    ///
    /// # Errors
    ///
    /// When a client is not let in.
    pub fn new(io: SocketIo, round: &Round) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let clients = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            tokio::spawn(async move {
                io.serve_until(listener, axum::Router::new(), std::future::pending()).await;
            });
            let mut clients = Vec::new();
            for _ in 0..round.clients {
                clients.push(connect(address, round.wire).await?);
            }
            Ok::<_, io::Error>(clients)
        })?;
        let (mut sent, mut expected) = (Vec::new(), Vec::new());
        round.sent.iter().for_each(|packet| put_masked(&mut sent, 1, packet.as_bytes()));
        round.received.iter().for_each(|packet| put(&mut expected, 1, packet.as_bytes()));
        let space = vec![0; expected.len()];
        let mut steady = Self { runtime, clients, sent, expected, space };
        if !round.to_all {
            // The others are there, and get nothing.
            steady.clients.truncate(1);
        }
        Ok(steady)
    }

    /// Does so many rounds.
    ///
    /// # Errors
    ///
    /// When the connection fails, or what comes is not what is expected.
    pub fn rounds(&mut self, count: usize) -> io::Result<()> {
        let Self { runtime, clients, sent, expected, space } = self;
        runtime.block_on(async {
            for _ in 0..count {
                if let Some(first) = clients.first_mut() {
                    first.write_all(sent).await?;
                }
                for client in clients.iter_mut() {
                    client.read_exact(space).await?;
                    if space != expected {
                        let text = String::from_utf8_lossy(space);
                        return Err(io::Error::other(format!("unexpected: {text}")));
                    }
                }
            }
            Ok(())
        })
    }
}

/// Connects a client and waits until it is in.
async fn connect(address: SocketAddr, wire: Wire) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut rest = Vec::new();
    let mut target = wire.first_target("websocket");
    if wire == Wire::Legacy {
        let get = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        stream.write_all(get.as_bytes()).await?;
        let sid = loop {
            stream.read_buf(&mut rest).await?;
            let text = String::from_utf8_lossy(&rest).into_owned();
            if let Some((_, body)) = text.split_once("\r\n\r\n")
                && let Some((sid, _)) = body.split_once(':')
            {
                break sid.to_owned();
            }
        };
        rest.clear();
        target = format!("/socket.io/1/websocket/{sid}");
    }
    let upgrade = format!(
        "GET {target} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(upgrade.as_bytes()).await?;
    let mut asked = wire != Wire::V4;
    let mut head = true;
    loop {
        if head && let Some(end) = rest.windows(4).position(|four| four == b"\r\n\r\n") {
            rest.drain(..end + 4);
            head = false;
        }
        while !head && let Some(frame) = Frame::first(&rest) {
            let is_in = wire.read(&rest[frame.payload.clone()]) == Incoming::Welcome;
            rest.drain(..frame.payload.end);
            if is_in {
                return Ok(stream);
            }
            if !std::mem::replace(&mut asked, true) {
                let mut connect = Vec::new();
                put_masked(&mut connect, 1, b"40");
                stream.write_all(&connect).await?;
            }
        }
        if stream.read_buf(&mut rest).await? == 0 {
            return Err(io::Error::other("the server hung up"));
        }
    }
}
