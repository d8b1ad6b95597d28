//! A server and its clients in one process, doing the same thing over and over.
//!
//! In: what one round sends, and what comes back for it. Out: rounds, each the same work to the byte, so that
//! instructions and allocations can be counted exactly where times can't be told. The connections are real ones,
//! on the loopback; while a round runs, all but those that come and go are served by the server's own thread,
//! and allocate nothing.

use std::io;
use std::net::SocketAddr;

use socketio_core::SocketIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;

use crate::frame::{put, put_masked};
use crate::load::connect::{Connected, connect, connect_and_leave};
use crate::load::http::{get, post};
use crate::load::{Carrier, broken};
use crate::wire::Wire;

/// What is done in each round.
pub struct Round {
    /// The protocol that the clients speak.
    pub wire: Wire,
    /// How many there are on WebSockets; of those that poll there is one.
    pub clients: usize,
    /// Packets that the first client sends, in one write or one POST.
    pub sent: Vec<String>,
    /// Packets that come back of it to each client that gets any, in one poll if the client polls.
    pub received: Vec<String>,
    /// Whether all clients get them, or the first alone.
    pub to_all: bool,
}

/// A running server with its clients.
pub struct Steady {
    runtime: Runtime,
    clients: Clients,
}

enum Clients {
    WebSockets {
        streams: Vec<TcpStream>,
        /// How many of them get anything.
        getting: usize,
        sent: Vec<u8>,
        expected: Vec<u8>,
        space: Vec<u8>,
    },
    Polling(Polling),
    ComingAndGoing {
        address: SocketAddr,
        wire: Wire,
    },
}

struct Polling {
    polls: TcpStream,
    posts: TcpStream,
    get: Vec<u8>,
    post: Vec<u8>,
    expected: Vec<u8>,
    space: Vec<u8>,
}

impl Steady {
    /// Starts a server on the current-thread runtime and connects its clients over WebSockets.
    ///
    /// # Errors
    ///
    /// When a client is not let in.
    pub fn new(io: SocketIo, round: &Round) -> io::Result<Self> {
        let (runtime, address) = start(io)?;
        let wire = round.wire;
        let streams = runtime.block_on(async {
            let mut streams = Vec::new();
            for _ in 0..round.clients {
                let connected = enter(address, wire, Carrier::WebSocket).await?;
                streams.push(stream(connected.stream)?);
            }
            Ok::<_, io::Error>(streams)
        })?;
        let (mut sent, mut expected) = (Vec::new(), Vec::new());
        round.sent.iter().for_each(|packet| put_masked(&mut sent, 1, packet.as_bytes()));
        round.received.iter().for_each(|packet| put(&mut expected, 1, packet.as_bytes()));
        let space = vec![0; expected.len()];
        let getting = if round.to_all { round.clients } else { 1 };
        let clients = Clients::WebSockets { streams, getting, sent, expected, space };
        Ok(Self { runtime, clients })
    }

    /// The same with one client that polls: in each round its poll waits, and it posts.
    ///
    /// # Errors
    ///
    /// When the client is not let in.
    pub fn polling(io: SocketIo, round: &Round) -> io::Result<Self> {
        let (runtime, address) = start(io)?;
        let polling = runtime.block_on(async {
            let connected = enter(address, round.wire, Carrier::Polling).await?;
            let (posts, target) = connected.posts.ok_or_else(|| broken("nowhere to post to"))?;
            let (mut sent, mut expected) = (String::new(), String::new());
            round.wire.put_body(round.sent.iter().map(String::as_str), &mut sent);
            round.wire.put_body(round.received.iter().map(String::as_str), &mut expected);
            Ok::<_, io::Error>(Polling {
                polls: stream(connected.stream)?,
                posts: stream(posts)?,
                get: get(&target),
                post: post(&target, &sent),
                space: Vec::with_capacity(expected.len() + 1024),
                expected: expected.into(),
            })
        })?;
        Ok(Self { runtime, clients: Clients::Polling(polling) })
    }

    /// The same with a client that connects over a WebSocket in each round, and leaves. It has a thread of its own.
    ///
    /// # Errors
    ///
    /// When there is no runtime to be had.
    pub fn coming_and_going(io: SocketIo, wire: Wire) -> io::Result<Self> {
        let (runtime, address) = start(io)?;
        Ok(Self { runtime, clients: Clients::ComingAndGoing { address, wire } })
    }

    /// Does so many rounds.
    ///
    /// # Errors
    ///
    /// When the connection fails, or what comes is not what is expected.
    pub fn rounds(&mut self, count: usize) -> io::Result<()> {
        let Self { runtime, clients } = self;
        runtime.block_on(async {
            for _ in 0..count {
                clients.round().await?;
            }
            Ok(())
        })
    }
}

impl Clients {
    async fn round(&mut self) -> io::Result<()> {
        match self {
            Self::WebSockets { streams, getting, sent, expected, space } => {
                if let Some(first) = streams.first_mut() {
                    first.write_all(sent).await?;
                }
                for stream in streams.iter_mut().take(*getting) {
                    stream.read_exact(space).await?;
                    require(space == expected, space)?;
                }
                Ok(())
            }
            Self::Polling(Polling { polls, posts, get, post, expected, space }) => {
                polls.write_all(get).await?;
                posts.write_all(post).await?;
                read_answer(posts, space, b"ok").await?;
                read_answer(polls, space, expected).await
            }
            Self::ComingAndGoing { address, wire } => {
                let (address, wire) = (*address, *wire);
                spawn_blocking(move || connect_and_leave(address, wire)).await?
            }
        }
    }
}

/// Reads up to an answer's end, which is known.
async fn read_answer(stream: &mut TcpStream, space: &mut Vec<u8>, end: &[u8]) -> io::Result<()> {
    space.clear();
    while !space.ends_with(end) {
        if stream.read_buf(space).await? == 0 {
            return require(false, space);
        }
    }
    require(space.starts_with(b"HTTP/1.1 200"), space)
}

fn require(is_expected: bool, came: &[u8]) -> io::Result<()> {
    if is_expected {
        return Ok(());
    }
    Err(broken(format!("unexpected: {}", String::from_utf8_lossy(came))))
}

/// A server that runs whenever the runtime does.
fn start(io: SocketIo) -> io::Result<(Runtime, SocketAddr)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(async move {
        io.serve_until(listener, axum::Router::new(), std::future::pending()).await;
    });
    Ok((runtime, address))
}

/// Connects a client, which blocks, beside the server.
async fn enter(address: SocketAddr, wire: Wire, carrier: Carrier) -> io::Result<Connected> {
    spawn_blocking(move || connect(address, wire, carrier)).await?
}

fn stream(stream: std::net::TcpStream) -> io::Result<TcpStream> {
    stream.set_nonblocking(true)?;
    TcpStream::from_std(stream)
}
