//! Clients that ask for much at once: what of it is done before others have their turn, and before the answers
//! are more than may wait.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;

use socketio_core::protocol::engineio::Frame;
use socketio_core::{Origins, SocketIo, Stats, prelude::*};
use socketio_tests::connection::DEADLINE;
use socketio_tests::http;
use tokio::time::timeout;

use crate::bursts::{Kind, Message, masked};
use crate::client::serve;
use crate::stats::until;

/// Requests that one client sends at once.
const REQUESTS: usize = 1_000;
/// Bytes of a large answer.
const LARGE: usize = 1 << 18;
/// Of which so many may wait.
const ANSWERS: usize = 4;
/// Far more than the kernel keeps for a client that does not read.
const KEPT: usize = 64;
/// Events that are handled before other tasks have their turn.
const TURN: usize = 128;

#[derive(Clone, Default)]
struct Handled(Arc<AtomicUsize>);

/// Counts what it is asked.
struct Counter(Handled);

#[socket_connection]
impl Counter {
    #[on_open]
    fn open(State(handled): State<Handled>) -> Self {
        Self(handled)
    }

    #[event]
    fn count(&self) -> usize {
        self.0.0.fetch_add(1, Relaxed)
    }

    #[event(concurrent)]
    async fn beside(&self) -> usize {
        self.0.0.fetch_add(1, Relaxed)
    }

    #[event(queue = "disk")]
    async fn queued(&self) -> usize {
        self.0.0.fetch_add(1, Relaxed)
    }

    /// Answers with a lot.
    #[event]
    fn large(&self) -> String {
        self.0.0.fetch_add(1, Relaxed);
        "x".repeat(LARGE)
    }

    /// The same, beside others; those that have begun by then go on, so it counts what was taken.
    #[event(concurrent)]
    async fn large_beside(&self, socket: &Socket) {
        if socket.emit("news", "x".repeat(LARGE)).is_ok() {
            self.0.0.fetch_add(1, Relaxed);
        }
    }

    /// The same, later and from elsewhere.
    #[event]
    fn large_later(&self, ack: AckSender) {
        let handled = self.0.clone();
        tokio::spawn(async move {
            if ack.send("x".repeat(LARGE)).is_ok() {
                handled.0.fetch_add(1, Relaxed);
            }
        });
    }

    /// The same, unasked.
    #[event]
    fn large_news(&self, socket: &Socket) -> Result<(), EmitError> {
        socket.emit("news", self.large())
    }
}

/// A client of Socket.IO 4 asks for something as often as it can, in one POST or one write, and reads nothing.
async fn ask(name: &str, polls: bool, handled: &Handled) -> (SocketIo, impl Sized) {
    let io = SocketIo::builder::<Counter>().state(handled.clone()).origins(Origins::Any);
    let io = io.send_buffer_limit(ANSWERS * LARGE).build();
    let addr = serve(io.clone()).await;
    let (url, mut socket) = Kind::V4.open(addr, polls).await;
    let ask = Frame::Text(format!(r#"421["{name}"]"#).into());
    let frames = [vec![Kind::V4.message(Message::Join)], vec![ask; REQUESTS]].concat();
    let mut post = None;
    match &mut socket {
        Some(socket) => {
            let bytes: Vec<_> = frames.iter().flat_map(masked).collect();
            socket.send_bytes(&bytes).await.unwrap();
        }
        None => {
            let body = Kind::V4.body(&frames);
            post = Some(http::open(addr, "POST", &url, &[], &body).await.unwrap());
        }
    }
    (io, (socket, post))
}

#[tokio::test]
async fn who_asks_for_large_answers_and_does_not_read_ends_as_slow_before_all_are_made() {
    for polls in [true, false] {
        for name in ["large", "large_beside", "large_later", "large_news"] {
            let handled = Handled::default();
            let (io, client) = ask(name, polls, &handled).await;
            let is_slow = |stats: &Stats| stats.closed["slow consumer"].sessions == 1;
            until(&io, "it is slow", is_slow).await;
            let made = handled.0.load(Relaxed);
            let most = ANSWERS + 2 + if polls { 0 } else { KEPT };
            assert!((ANSWERS..=most).contains(&made), "{name}, {polls}: {made} answers");
            drop(client);
        }
    }
}

/// Lets every other task of the thread have one turn.
async fn turn() {
    let mut had = false;
    poll_fn(|cx| {
        cx.waker().wake_by_ref();
        if std::mem::replace(&mut had, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[tokio::test]
async fn a_queue_is_handled_in_several_turns_between_which_others_have_theirs() {
    for polls in [true, false] {
        for name in ["count", "beside", "queued"] {
            let handled = Handled::default();
            let watched = handled.clone();
            let watch = tokio::spawn(async move {
                let (mut last, mut most) = (0, 0);
                while last < REQUESTS {
                    turn().await;
                    let now = watched.0.load(Relaxed);
                    most = most.max(now - last);
                    last = now;
                }
                most
            });
            let (_io, _client) = ask(name, polls, &handled).await;
            let most = timeout(DEADLINE, watch).await.expect("all are handled").unwrap();
            assert!(most <= TURN, "{name}, {polls}: {most} events in one turn");
        }
    }
}
