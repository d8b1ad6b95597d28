//! A proxy that hands on what goes between clients and a server, and breaks at one byte of it.
//!
//! In: the server's address, and what is to happen where ([`Fault`]). Out: an address for clients, and after an
//! exchange without a fault, how long it was each way and where its pieces ended ([`Proxy::pieces`]). What is counted
//! are the bytes of all connections of the proxy together, each way, so one number names one point of an exchange.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::http;

/// Bytes that are read at once.
const READ_BYTES: usize = 16 * 1024;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// What happens to the connection whose bytes reach a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Both its sides are reset (RST).
    Reset,
    /// It ends that way (FIN), the rest is swallowed; the other way it goes on.
    HalfClose,
    /// Nothing is handed on any more, on no connection, and nothing ends as long as the proxy is there.
    Vanish,
    /// It stops until the server has answered somebody else, and then goes on.
    Stall,
    /// From here on it is handed on byte by byte.
    Drip,
}

/// A fault: once so many bytes have gone this way, this happens.
pub type Fault = (Way, usize, Kind);

/// A running proxy. Dropping it ends its connections.
#[derive(Debug)]
pub struct Proxy {
    /// Where clients find it.
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    fault: Option<Fault>,
    state: Mutex<State>,
    vanishes: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Where each piece ended that was read, up and down.
    pieces: [Vec<usize>; 2],
    vanished: bool,
    has_struck: bool,
}

impl Proxy {
    /// Starts one in front of a server.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(server: SocketAddr, fault: Option<Fault>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let (state, vanishes) = (Mutex::default(), Notify::new());
        let shared = Arc::new(Shared { server, fault, state, vanishes });
        let sharing = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                tokio::select! {
                    Ok((client, _)) = listener.accept() => {
                        let shared = Arc::clone(&sharing);
                        connections.spawn(async move { shared.hand_on(client).await });
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Ok(Self { addr, shared, accepting })
    }

    /// Where each piece ended that has gone up, and down, in bytes from the start.
    #[must_use]
    pub fn pieces(&self) -> [Vec<usize>; 2] {
        self.shared.lock().pieces.clone()
    }

    /// Waits until nothing is handed on any more.
    pub async fn vanished(&self) {
        self.shared.vanishes.notified().await;
    }

    /// Whether the fault has struck.
    #[must_use]
    pub fn has_struck(&self) -> bool {
        self.shared.lock().has_struck
    }

    /// Ends all connections, and waits until they have ended.
    pub async fn stop(self) {
        self.accepting.abort();
        let _aborted = self.accepting.await;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn hand_on(&self, mut client: TcpStream) {
        let Ok(mut server) = TcpStream::connect(self.server).await else { return };
        let _same = (client.set_nodelay(true), server.set_nodelay(true));
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let ended = tokio::try_join!(
            self.pump(Way::Up, from_client, to_server),
            self.pump(Way::Down, from_server, to_client),
        );
        if ended.is_err() {
            let _gone = (client.set_zero_linger(), server.set_zero_linger());
        }
    }

    /// Hands on what comes one way, until it ends. An error resets both sides.
    async fn pump(
        &self,
        way: Way,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
    ) -> io::Result<()> {
        let mut buffer = vec![0; READ_BYTES];
        let (mut swallows, mut drips) = (false, false);
        loop {
            let length = from.read(&mut buffer).await?;
            let mut piece = buffer.get(..length).unwrap_or_default();
            let (strikes, vanished) = self.count(way, length);
            if vanished {
                std::future::pending::<()>().await;
            }
            if let Some((ahead, kind)) = strikes {
                let (before, behind) = piece.split_at(ahead);
                if !swallows {
                    to.write_all(before).await?;
                }
                piece = behind;
                match kind {
                    Kind::Reset => return Err(io::ErrorKind::ConnectionReset.into()),
                    Kind::HalfClose => {
                        to.shutdown().await?;
                        swallows = true;
                    }
                    Kind::Vanish => {
                        self.lock().vanished = true;
                        self.vanishes.notify_one();
                        std::future::pending::<()>().await;
                    }
                    Kind::Stall => {
                        http::request(self.server, "GET", "/socket.io/", &[], b"").await?;
                    }
                    Kind::Drip => drips = true,
                }
            }
            if length == 0 {
                return if swallows { Ok(()) } else { to.shutdown().await };
            }
            if swallows {
                continue;
            }
            for bytes in piece.chunks(if drips { 1 } else { READ_BYTES }) {
                to.write_all(bytes).await?;
                if drips {
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Counts a piece; says how many bytes of it are ahead of the fault, if it is in it, and whether all is gone already.
    fn count(&self, way: Way, length: usize) -> (Option<(usize, Kind)>, bool) {
        let mut state = self.lock();
        let [up, down] = &mut state.pieces;
        let pieces = if way == Way::Up { up } else { down };
        let before = pieces.last().copied().unwrap_or_default();
        if length > 0 {
            pieces.push(before + length);
        }
        let hit = self.fault.filter(|(at, ..)| *at == way);
        let ahead = hit.and_then(|(_, at, kind)| Some((at.checked_sub(before)?, kind)));
        let strikes = ahead.filter(|(ahead, _)| *ahead < length);
        state.has_struck |= strikes.is_some();
        (strikes, state.vanished)
    }
}
