//! A crowd in a room, and one in it who does not read: who that costs what.
//!
//! In: nothing. Out: what a thousand clients got of ten thousand broadcasts, how the one ended, and how much the
//! process grew meanwhile. The clients are sockets that look at no more than a number in each frame, for the server
//! is what is looked at; a program of its own, so that what it holds is nobody else's.

// What it holds is read from `/proc`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use socketio_core::{CloseReason, SocketIo, prelude::*};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

const CROWD: usize = 1_000;
const BROADCASTS: usize = 10_000;
/// So many are sent before the crowd has to have them.
const BATCH: usize = 50;
const PAYLOAD: usize = 1_024;
/// Bytes before the payload: a WebSocket frame's header of 4 for what is this long, and the packet's.
const HEAD: usize = 4 + r#"42["news",""#.len();
/// How long all of this may take: some ten times what it does in a debug build.
const PATIENCE: Duration = Duration::from_secs(900);
/// How many bytes may wait for one client.
const BUFFER: usize = 1 << 20;
/// Broadcasts to the crowd alone, after which the process has what a thousand queues take at their longest: its
/// growth from then on is what the one costs.
const WARM_UP: usize = 500;
/// How many bytes more the process may hold then. What waits is held as JSON text and as a frame, and what counts is
/// one of them: some 2.3 times the limit, and what else moves in a process. Measured in debug builds: 4.2 MB, and
/// 11.5 MB without the limit, so this lies between.
const BUDGET: usize = 6 * BUFFER;

struct Lobby;

#[socket_connection]
impl Lobby {
    #[on_open]
    fn open(socket: &Socket, State(opened): State<mpsc::UnboundedSender<Socket>>) -> Self {
        socket.join("crowd");
        // The test is not over.
        let _taken = opened.send(socket.clone());
        Self
    }
}

/// A client of Socket.IO 4 that has been let in; one that will not read has next to no room for what comes.
async fn connect(addr: SocketAddr, reads: bool) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    if !reads {
        socket.set_recv_buffer_size(4 << 10).unwrap();
    }
    let mut stream = socket.connect(addr).await.unwrap();
    let request = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n\
                   Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    // `40`, under a mask of zeros.
    stream.write_all(b"\x81\x82\0\0\0\x0040").await.unwrap();
    let mut answer = Vec::new();
    while !answer.windows(10).any(|bytes| bytes.starts_with(b"40{\"sid\":\""))
        || !answer.ends_with(b"}")
    {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "the connection has ended");
    }
    stream
}

/// Bytes that this process holds in memory.
fn held() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = status.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4_096
}

/// The text of a broadcast: its number, and filling.
fn text(number: usize) -> String {
    format!("{number:05}{:x<1$}", "", PAYLOAD - 5)
}

/// Reads frames of `news`, each with the next number, until the server is gone; counts those that are there whole.
async fn read(mut stream: TcpStream, frame: usize, got: Arc<AtomicUsize>, news: Arc<Notify>) {
    let (mut buffer, mut filled, mut next) = (vec![0; 8 << 10], 0, 1);
    while let Ok(read @ 1..) = stream.read(&mut buffer[filled..]).await {
        filled += read;
        let whole = filled / frame * frame;
        for came in buffer[..whole].chunks(frame) {
            let number = &came[HEAD..HEAD + 5];
            assert_eq!(number, format!("{next:05}").as_bytes(), "each once and in order");
            next += 1;
            got.fetch_add(1, Ordering::SeqCst);
        }
        buffer.copy_within(whole..filled, 0);
        filled -= whole;
        news.notify_one();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_does_not_read_ends_as_slow_and_costs_nobody_anything() {
    tokio::time::timeout(PATIENCE, crowd()).await.unwrap();
}

async fn crowd() {
    let (open, mut opened) = mpsc::unbounded_channel();
    let io = SocketIo::builder::<Lobby>().state(open).send_buffer_limit(BUFFER);
    let io = io.ping_interval(Duration::from_secs(3_600)).build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn({
        let io = io.clone();
        async move { io.serve_until(listener, axum::Router::new(), std::future::pending()).await }
    });
    let frame = HEAD + PAYLOAD + r#""]"#.len();
    let (got, news) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let mut readers = JoinSet::new();
    for _ in 0..CROWD {
        let stream = connect(addr, true).await;
        opened.recv().await.unwrap();
        readers.spawn(read(stream, frame, Arc::clone(&got), Arc::clone(&news)));
    }
    let (mut before, mut most, mut slow) = (0, 0, None);
    for sent in 1..=WARM_UP + BROADCASTS {
        io.to("crowd").emit("news", text(sent)).unwrap();
        if sent % BATCH == 0 {
            while got.load(Ordering::SeqCst) < CROWD * sent {
                tokio::select! {
                    () = news.notified() => {}
                    Some(ended) = readers.join_next() => panic!("a reader has ended: {ended:?}"),
                }
            }
            most = most.max(held().saturating_sub(before));
        }
        if sent == WARM_UP {
            let stream = connect(addr, false).await;
            slow = Some((opened.recv().await.unwrap(), stream));
            (before, most) = (held(), 0);
        }
    }
    assert_eq!(got.load(Ordering::SeqCst), CROWD * (WARM_UP + BROADCASTS));
    let (slow, _does_not_read) = slow.unwrap();
    println!("grew by {most} bytes");
    assert_eq!(slow.closed().await, CloseReason::SlowConsumer);
    // Its connection is closed before its session has ended.
    while io.sessions() > CROWD {
        tokio::task::yield_now().await;
    }
    assert_eq!(io.stats().closed["slow consumer"].sessions, 1);
    assert!(most <= BUDGET, "{most} bytes more than at the start");
    assert_eq!(io.of("").sockets().await.unwrap().len(), CROWD, "the others are there");
    io.close().await;
    while let Some(ended) = readers.join_next().await {
        ended.unwrap();
    }
}
