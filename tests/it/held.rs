//! What waits for room in a client's queue while its transports change: all of it is handled, once and in the
//! order in which it was sent.
//!
//! The queue holds one event and a gate holds the handlers, so what a test sends waits as frames or as bytes
//! until the test opens the gate: no claim here rests on timing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socketio_core::{Builder, Origins, SocketIo, prelude::*};
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;
use tokio::sync::{Semaphore, mpsc};

use crate::client::{Client, Via, serve};

#[derive(Clone)]
struct Shared {
    gate: Arc<Semaphore>,
    begun: mpsc::UnboundedSender<usize>,
}

/// Says which event begins, and waits at the gate.
struct Gated(Shared);

#[socket_connection]
impl Gated {
    #[on_open]
    fn open(State(shared): State<Shared>) -> Self {
        Self(shared)
    }

    #[event]
    async fn n(&self, socket: &Socket, n: usize) {
        self.0.begun.send(n).unwrap();
        self.0.gate.acquire().await.unwrap().forget();
        let _client_left = socket.emit("done", n);
    }
}

/// A server, and what its handlers tell.
struct Stage {
    io: SocketIo,
    addr: SocketAddr,
    gate: Arc<Semaphore>,
    begun: mpsc::UnboundedReceiver<usize>,
}

impl Stage {
    async fn new(set: impl FnOnce(Builder<Gated, Shared>) -> Builder<Gated, Shared>) -> Self {
        let (begun, receiver) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let shared = Shared { gate: Arc::clone(&gate), begun };
        let io = SocketIo::builder::<Gated>().state(shared).origins(Origins::Any).queue_limit(1);
        let io = set(io).build();
        Self { addr: serve(io.clone()).await, io, gate, begun: receiver }
    }

    /// The next event whose handler begins.
    async fn begun(&mut self) -> usize {
        let begun = tokio::time::timeout(Duration::from_secs(10), self.begun.recv());
        begun.await.expect("no handler has begun").unwrap()
    }

    /// Opens the gate: events begin in order up to this one, and no other does.
    async fn begin_in_order(&mut self, from: usize, last: usize) {
        self.gate.add_permits(Semaphore::MAX_PERMITS / 2);
        for n in from..=last {
            assert_eq!(self.begun().await, n);
        }
        assert!(self.begun.try_recv().is_err(), "an event was handled twice");
    }
}

/// An event of a legacy client.
fn legacy(n: usize) -> String {
    format!(r#"5:::{{"name":"n","args":[{n}]}}"#)
}

/// A legacy client on a WebSocket that has sent events 0 to 3 at once: 0 is handled, 1 waits in the queue, the
/// others as frames; behind them comes a goodbye, if there is one.
async fn with_frames_held(stage: &mut Stage, checked: bool, goodbye: bool) -> Client {
    let answer = http::request(stage.addr, "GET", "/socket.io/1/", &[], b"").await.unwrap();
    let session = answer.text().split(':').next().unwrap().to_owned();
    let mut client = Client::resume(stage.addr, &session, Via::WebSocket).await;
    if checked {
        assert_eq!(client.next().await.unwrap(), "2::");
        client.send("2::").await;
    }
    assert_eq!(client.next().await.unwrap(), "1::");
    let frames = (0..4).flat_map(|n| {
        let text = legacy(n);
        let length = u8::try_from(text.len()).unwrap();
        [&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat()
    });
    let close = if goodbye { &[0x88, 0x80, 0, 0, 0, 0][..] } else { &[] };
    let bytes: Vec<u8> = frames.chain(close.iter().copied()).collect();
    client.websocket().send_bytes(&bytes).await.unwrap();
    assert_eq!(stage.begun().await, 0);
    client
}

#[tokio::test]
async fn frames_of_a_websocket_that_was_left_are_handled_before_what_is_posted_then() {
    for closing in [false, true] {
        let mut stage = Stage::new(|io| io).await;
        let client = with_frames_held(&mut stage, false, false).await;
        let url = format!("/socket.io/1/xhr-polling/{}", client.session);
        drop(client);
        let poll = http::open(stage.addr, "GET", &url, &[], b"").await.unwrap();
        let body = if closing { "0::".to_owned() } else { legacy(4) };
        let post = http::open(stage.addr, "POST", &url, &[], body.as_bytes()).await.unwrap();
        // Superseded, so all that came before has arrived.
        let next = http::open(stage.addr, "GET", &url, &[], b"").await.unwrap();
        assert_eq!(poll.response().await.unwrap().text(), "8::");
        stage.begin_in_order(1, if closing { 3 } else { 4 }).await;
        assert_eq!(post.response().await.unwrap().status, 200);
        drop(next);
    }
}

#[tokio::test]
async fn what_is_emitted_behind_the_goodbye_of_a_websocket_goes_to_the_poll_that_follows_it() {
    let mut stage = Stage::new(|io| io).await;
    let mut client = with_frames_held(&mut stage, false, true).await;
    let url = format!("/socket.io/1/xhr-polling/{}", client.session);
    stage.gate.add_permits(1);
    assert_eq!(stage.begun().await, 1);
    // All that comes there is the server's own goodbye.
    assert_eq!(client.websocket().receive().await.unwrap().unwrap().opcode(), 8);
    let answer = http::request(stage.addr, "GET", &url, &[], b"").await.unwrap();
    assert_eq!(answer.text(), r#"5:::{"name":"done","args":[0]}"#);
    stage.begin_in_order(2, 3).await;
}

#[tokio::test]
async fn frames_of_a_websocket_that_was_left_do_not_speak_for_the_one_that_is_checked() {
    let mut stage =
        Stage::new(|io| io.websocket_check(true).client_timeout(Duration::from_millis(300))).await;
    let client = with_frames_held(&mut stage, true, false).await;
    let session = client.session.clone();
    drop(client);
    let mut mute = Client::resume(stage.addr, &session, Via::WebSocket).await;
    assert_eq!(mute.next().await.unwrap(), "2::");
    stage.begin_in_order(1, 3).await;
    assert_eq!(mute.rest().await, [""; 0], "sent to a client that was not heard");
}

#[tokio::test]
async fn a_queue_that_stays_full_is_counted_once_until_it_is_not() {
    let mut stage = Stage::new(|io| io.queue_limit(4)).await;
    let mut client = websocket(stage.addr, "/socket.io/?EIO=4&transport=websocket").await;
    assert!(client.receive().await.unwrap().is_some());
    client.send_text("40").await.unwrap();
    for _ in 0..2 {
        for n in 0..20 {
            client.send_text(&modern(n)).await.unwrap();
        }
        for n in 0..20 {
            assert_eq!(stage.begun().await, n);
            stage.gate.add_permits(1);
        }
        while client.receive().await.unwrap().unwrap().text() != Some(r#"42["done",19]"#) {}
    }
    assert_eq!(stage.io.stats().limits["queue"], 2);
}

/// A client of Socket.IO 4 that polls and is let in; gives its URL.
async fn polling(addr: SocketAddr) -> String {
    let url = "/socket.io/?EIO=4&transport=polling";
    let answer = http::request(addr, "GET", url, &[], b"").await.unwrap();
    let url = format!("{url}&sid={}", answer.text().split('"').nth(3).unwrap());
    assert_eq!(http::request(addr, "POST", &url, &[], b"40").await.unwrap().status, 200);
    let answer = http::request(addr, "GET", &url, &[], b"").await.unwrap();
    assert!(answer.text().starts_with("40{"), "{}", answer.text());
    url
}

fn modern(n: usize) -> String {
    format!(r#"42["n",{n}]"#)
}

#[tokio::test]
async fn a_post_is_answered_as_soon_as_nothing_of_it_waits_outside_the_queue() {
    let mut stage = Stage::new(|io| io).await;
    let url = polling(stage.addr).await;
    // The first is handled, the second is all that the queue has room for.
    for n in 0..2 {
        let answer = http::request(stage.addr, "POST", &url, &[], modern(n).as_bytes()).await;
        assert_eq!(answer.unwrap().status, 200, "{n}");
    }
    assert_eq!(stage.begun().await, 0);
    stage.begin_in_order(1, 1).await;
}

async fn websocket(addr: SocketAddr, url: &str) -> WebSocket {
    let url = url.replace("polling", "websocket");
    let mut socket = WebSocket::open(addr, &url, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    socket
}

#[tokio::test]
async fn a_websocket_is_probed_while_a_post_waits_and_takes_over_behind_it() {
    let mut stage = Stage::new(|io| io).await;
    let url = polling(stage.addr).await;
    let body: Vec<_> = (0..4).map(modern).collect();
    let body = body.join("\x1e");
    let post = http::open(stage.addr, "POST", &url, &[], body.as_bytes()).await.unwrap();
    assert_eq!(stage.begun().await, 0);
    let mut socket = websocket(stage.addr, &url).await;
    socket.send_text("2probe").await.unwrap();
    assert_eq!(socket.receive().await.unwrap().unwrap().text(), Some("3probe"));
    // Official clients send these once the POST is answered; others may not wait.
    socket.send_text("5").await.unwrap();
    socket.send_text(&modern(4)).await.unwrap();
    stage.begin_in_order(1, 4).await;
    assert_eq!(post.response().await.unwrap().status, 200);
    loop {
        let frame = socket.receive().await.unwrap().expect("the WebSocket has ended");
        if frame.text() == Some(r#"42["done",4]"#) {
            break;
        }
    }
}
