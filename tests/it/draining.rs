//! A server that stops, and what it still hears of its clients: what belongs to what they have sent before, and what keeps
//! them alive; and no more events.

use std::future::IntoFuture as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use bytes::Bytes;
use socketio_core::{SocketIo, prelude::*};
use socketio_tests::connection::DEADLINE;
use socketio_tests::http;
use socketio_tests::websocket::CLOSE;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, timeout};
use tower_service::Service as _;

use crate::client::serve;
use crate::stats::until;
use crate::stopping::{Shop, build, connect, stop, taken_in};
use crate::wires::{Peer, Via, WIRES, Wire};

const POLLING: [Wire; 2] = [(Some("4"), Via::Polling), (Some("3"), Via::Polling)];

#[tokio::test]
async fn an_upgrade_that_is_under_way_ends_first() {
    for wire in POLLING {
        let shop = Shop::default();
        let io = build(&shop, |builder| builder);
        let addr = serve(io.clone()).await;
        let mut peer = connect(addr, wire).await;
        peer.call(1, "buy", "bread").await.unwrap();
        peer.probe().await.unwrap();
        let closing = stop(&io, addr).await;
        // It polls no more, and has its last word once all its posts are answered.
        let post = peer.post(&peer.event(2, "buy", "milk")).await;
        assert_eq!(post.unwrap(), 200, "{wire:?}");
        peer.send("5").await.unwrap();
        for id in [1, 2] {
            shop.go.notify_one();
            let ack = peer.next().await.unwrap().unwrap();
            assert!(ack.starts_with(&peer.ack(id)), "{wire:?} {ack}");
        }
        assert_eq!(peer.rest().await.unwrap(), [""; 0], "{wire:?}");
        drop(peer);
        timeout(DEADLINE, closing).await.unwrap().unwrap();
        assert_eq!(*shop.handled.lock().unwrap(), ["bread", "milk"], "{wire:?}");
    }
}

#[tokio::test]
async fn an_upgrade_that_has_only_been_asked_for_is_not_made_and_none_is_begun() {
    for wire in POLLING {
        let shop = Shop::default();
        let io = build(&shop, |builder| builder);
        let addr = serve(io.clone()).await;
        let mut peer = connect(addr, wire).await;
        peer.call(1, "buy", "bread").await.unwrap();
        let mut before = peer.knock().await.unwrap();
        let closing = stop(&io, addr).await;
        let mut after = peer.knock().await.unwrap();
        for socket in [&mut before, &mut after] {
            let frame = socket.receive().await.unwrap().unwrap();
            assert_eq!(frame.opcode(), CLOSE, "{wire:?}");
        }
        shop.go.notify_one();
        let ack = peer.next().await.unwrap().unwrap();
        assert!(ack.starts_with(&peer.ack(1)), "{wire:?} {ack}");
        assert_eq!(peer.rest().await.unwrap(), [""; 0], "{wire:?}");
        timeout(DEADLINE, closing).await.unwrap().unwrap();
    }
}

/// A client that posts one thing after the other can't answer before its post is answered.
#[tokio::test]
async fn events_that_come_while_an_answer_is_awaited_are_handled_if_they_are_posted() {
    for wire in WIRES {
        let shop = Shop::default();
        let io = build(&shop, |builder| builder);
        let addr = serve(io.clone()).await;
        let mut peer = connect(addr, wire).await;
        let before = io.stats().total.packets_received;
        peer.call(1, "confirm", "all").await.unwrap();
        taken_in(&io, before + 1).await;
        let closing = stop(&io, addr).await;
        shop.go.notify_one();
        let question = peer.next().await.unwrap().unwrap();
        peer.call(2, "echo", "late").await.unwrap();
        peer.send(&peer.answer_to(&question, "yes")).await.unwrap();
        let mut acks = peer.rest().await.unwrap();
        acks.sort();
        let acked: Vec<_> = acks.iter().map(|ack| ack.contains("late")).collect();
        let expected: &[bool] = if wire.1 == Via::Polling { &[false, true] } else { &[false] };
        assert_eq!(acked, expected, "{wire:?} {acks:?}");
        drop(peer);
        timeout(DEADLINE, closing).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn heartbeats_and_goodbyes_are_heard_to_the_end() {
    for wire in WIRES {
        let shop = Shop::default();
        let io = build(&shop, |builder| builder.ping_interval(Duration::from_millis(20)));
        let addr = serve(io.clone()).await;
        let mut peer = connect(addr, wire).await;
        let before = io.stats().total.packets_received;
        peer.call(1, "buy", "bread").await.unwrap();
        taken_in(&io, before + 1).await;
        let closing = stop(&io, addr).await;
        match wire.0 {
            // It asks, and is answered.
            Some("3") => {
                peer.send("2").await.unwrap();
                assert_eq!(peer.next().await.unwrap().unwrap(), "3", "{wire:?}");
            }
            // It is asked.
            Some(_) => {
                let (pings, mut rest) = (peer.pings, Box::pin(peer.next()));
                let heard = io.stats().total.packets_received;
                let pongs = async {
                    while io.stats().total.packets_received < heard + 3 {
                        tokio::task::yield_now().await;
                    }
                };
                tokio::select! {
                    packet = &mut rest => panic!("{wire:?} {packet:?}"),
                    heard = timeout(DEADLINE, pongs) => heard.expect("it is pinged"),
                }
                drop(rest);
                assert!(peer.pings > pings, "{wire:?}");
            }
            None => {}
        }
        peer.send(if wire.0.is_some() { "1" } else { "0::" }).await.unwrap();
        let reason = if wire.0.is_some() { "transport closed" } else { "client disconnect" };
        until(&io, reason, |stats| stats.closed[reason].sessions == 1).await;
        shop.go.notify_one();
        drop(peer);
        timeout(DEADLINE, closing).await.unwrap().unwrap();
    }
}

#[derive(Default)]
struct Depot;

#[socket_connection]
#[endpoints("/side" => Depot)]
impl Depot {
    #[on_open]
    async fn open(State(shop): State<Shop>, info: &ConnectionInfo) -> Self {
        if info.query("waits").is_some() {
            shop.go.notified().await;
        }
        Self
    }

    #[event]
    async fn weigh(&self, State(shop): State<Shop>, goods: Bytes) -> usize {
        shop.go.notified().await;
        goods.len()
    }

    /// Is answered by somebody else.
    #[event]
    fn order(&self, State(shop): State<Shop>, ack: AckSender) {
        shop.senders.unwrap().send(ack).unwrap();
    }

    /// Has somebody else ask, who does not wait for the answer for long.
    #[event]
    fn ask(&self, socket: &Socket, State(shop): State<Shop>) -> Result<(), EmitError> {
        let answer = socket.emit_with_ack::<String>("sure", "?").into_future();
        tokio::spawn(async move {
            tokio::select! {
                _ = answer => {}
                () = shop.go.notified() => {}
            }
        });
        Ok(())
    }
}

fn depot(shop: &Shop) -> SocketIo {
    let io = SocketIo::builder::<Depot>().state(shop.clone()).shutdown_timeout(Duration::MAX);
    io.ack_timeout(Duration::from_secs(600)).build()
}

#[tokio::test]
async fn half_an_event_is_waited_for() {
    for wire in &WIRES[..6] {
        let shop = Shop::default();
        let io = depot(&shop);
        let addr = serve(io.clone()).await;
        let mut peer = Peer::connect(addr, *wire).await.unwrap();
        // Then it is upgraded.
        peer.send("40/side,").await.unwrap();
        peer.expect("40/side,").await.unwrap();
        let before = io.stats().total.packets_received;
        peer.send(r#"451-1["weigh",{"_placeholder":true,"num":0}]"#).await.unwrap();
        taken_in(&io, before + 1).await;
        let closing = stop(&io, addr).await;
        assert_eq!(io.sessions(), 1, "{wire:?}");
        peer.attach().await.unwrap();
        if wire.1 != Via::Polling {
            // Another comes too late.
            peer.send(r#"451-2["weigh",{"_placeholder":true,"num":0}]"#).await.unwrap();
            peer.attach().await.unwrap();
        }
        shop.go.notify_one();
        assert_eq!(peer.rest().await.unwrap(), ["431[3]"], "{wire:?}");
        drop(peer);
        timeout(DEADLINE, closing).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_opens_and_those_to_other_endpoints_are_waited_for() {
    for wire in &WIRES[..6] {
        let shop = Shop::default();
        let io = depot(&shop);
        let addr = serve(io.clone()).await;
        let mut peer = Peer::connect(addr, *wire).await.unwrap();
        peer.send("40/side,").await.unwrap();
        assert!(peer.next().await.unwrap().unwrap().starts_with("40/side"), "{wire:?}");
        let before = io.stats().total.packets_received;
        peer.send(r#"421["ask"]"#).await.unwrap();
        peer.send(r#"42/side,2["ask"]"#).await.unwrap();
        taken_in(&io, before + 2).await;
        let closing = stop(&io, addr).await;
        shop.go.notify_waiters();
        let packets = peer.rest().await.unwrap();
        let said = |start: &str| packets.iter().any(|packet| packet.starts_with(start));
        assert!(said("431") && said("43/side,2"), "{wire:?} {packets:?}");
        drop(peer);
        timeout(DEADLINE, closing).await.unwrap().unwrap();
    }
    let shop = Shop::default();
    let io = depot(&shop);
    let addr = serve(io.clone()).await;
    let opening = tokio::spawn(http::request(addr, "GET", "/socket.io/1/?waits=", &[], b""));
    let opens = async {
        while io.sessions() == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, opens).await.expect("it opens");
    let closing = stop(&io, addr).await;
    assert_eq!(io.sessions(), 1);
    shop.go.notify_one();
    assert_eq!(opening.await.unwrap().unwrap().status, 200);
    timeout(DEADLINE, closing).await.unwrap().unwrap();
}

#[tokio::test]
async fn who_does_not_wait_for_an_answer_any_more_is_not_waited_for() {
    let shop = Shop::default();
    let io = depot(&shop);
    let addr = serve(io.clone()).await;
    let mut peer = Peer::connect(addr, WIRES[0]).await.unwrap();
    peer.send(r#"421["ask"]"#).await.unwrap();
    assert_eq!(peer.next().await.unwrap().unwrap(), r#"420["sure","?"]"#);
    assert_eq!(peer.next().await.unwrap().unwrap(), "431[]");
    let closing = stop(&io, addr).await;
    assert_eq!(io.sessions(), 1);
    shop.go.notify_one();
    assert_eq!(peer.rest().await.unwrap(), [""; 0]);
    drop(peer);
    timeout(DEADLINE, closing).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_ack_sender_that_nobody_waits_for_holds_nothing_up() {
    let (senders, mut ordered) = mpsc::unbounded_channel();
    let io = depot(&Shop { senders: Some(senders), ..Shop::default() });
    let addr = serve(io.clone()).await;
    let mut peer = Peer::connect(addr, WIRES[0]).await.unwrap();
    peer.send(r#"42["order"]"#).await.unwrap();
    let wants_none = ordered.recv().await.unwrap();
    peer.send("40/side,").await.unwrap();
    peer.expect("40/side,").await.unwrap();
    peer.send(r#"42/side,1["order"]"#).await.unwrap();
    let has_left = ordered.recv().await.unwrap();
    peer.send("41/side,").await.unwrap();
    until(&io, "it has left", |stats| stats.closed["client disconnect"].endpoints == 1).await;
    let closing = stop(&io, addr).await;
    assert_eq!(peer.rest().await.unwrap(), [""; 0]);
    drop(peer);
    timeout(DEADLINE, closing).await.unwrap().unwrap();
    drop((wants_none, has_left));
}

#[tokio::test]
async fn an_ack_sender_of_an_event_that_is_handled_once_its_client_has_left_holds_nothing_up() {
    let (senders, mut ordered) = mpsc::unbounded_channel();
    let shop = Shop { senders: Some(senders), ..Shop::default() };
    let io = depot(&shop);
    let addr = serve(io.clone()).await;
    let mut peer = Peer::connect(addr, WIRES[0]).await.unwrap();
    peer.send("40/side,").await.unwrap();
    peer.expect("40/side,").await.unwrap();
    peer.send(r#"451-/side,["weigh",{"_placeholder":true,"num":0}]"#).await.unwrap();
    peer.attach().await.unwrap();
    peer.send(r#"42/side,1["order"]"#).await.unwrap();
    peer.send("41/side,").await.unwrap();
    until(&io, "it has left", |stats| stats.closed["client disconnect"].endpoints == 1).await;
    shop.go.notify_one();
    let has_left = ordered.recv().await.unwrap();
    let closing = stop(&io, addr).await;
    assert_eq!(peer.rest().await.unwrap(), [""; 0]);
    drop(peer);
    timeout(DEADLINE, closing).await.unwrap().unwrap();
    drop(has_left);
}

/// What a request to the server itself is answered with.
async fn answer(io: &SocketIo, method: &str, url: &str, body: &'static str) -> (u16, String) {
    let request = Request::builder().method(method).uri(url).body(Body::from(body)).unwrap();
    let answer = io.service().call(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1000).await.unwrap();
    (status, String::from_utf8(body.into()).unwrap())
}

/// The same, of one that is taken in.
async fn ask(io: &SocketIo, method: &str, url: &str, body: &'static str) -> String {
    let (status, body) = answer(io, method, url, body).await;
    assert_eq!(status, 200, "{url} {body}");
    body
}

/// Begins a session of Socket.IO 4 that polls, and gives its URL.
async fn handshake(io: &SocketIo) -> String {
    let url = "/socket.io/?EIO=4&transport=polling";
    let open = ask(io, "GET", url, "").await;
    format!("{url}&sid={}", open.split('"').nth(3).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_post_is_held_back_once_nobody_waits_for_an_answer_any_more() {
    let (senders, mut ordered) = mpsc::unbounded_channel();
    let shop = Shop { senders: Some(senders), ..Shop::default() };
    let io = depot(&shop);
    let url = handshake(&io).await;
    ask(&io, "POST", &url, "40\u{1e}421[\"ask\"]\u{1e}422[\"order\"]").await;
    let owed = ordered.recv().await.unwrap();
    let server = io.clone();
    let closing = tokio::spawn(async move { server.close().await });
    // The clock moves on once all wait.
    let all_wait = || tokio::time::sleep(Duration::from_secs(1));
    all_wait().await;
    shop.go.notify_one();
    all_wait().await;
    let late = answer(&io, "POST", &url, "423[\"order\"]");
    assert!(timeout(Duration::from_secs(1), late).await.is_err());
    drop(owed);
    while ask(&io, "GET", &url, "").await != "1" {}
    closing.await.unwrap();
    assert!(ordered.try_recv().is_err());
}

/// It can't answer the server's pings: a client posts one thing after the other.
#[tokio::test(start_paused = true)]
async fn a_client_whose_post_is_held_back_is_not_taken_for_dead() {
    let shop = Shop::default();
    let io = build(&shop, |builder| builder.shutdown_timeout(Duration::MAX));
    let url = handshake(&io).await;
    ask(&io, "POST", &url, "40\u{1e}421[\"buy\",\"bread\"]").await;
    assert!(ask(&io, "GET", &url, "").await.starts_with("40"));
    let (server, beside) = (io.clone(), io.clone());
    let closing = tokio::spawn(async move { server.close().await });
    tokio::task::yield_now().await;
    let post = answer(&beside, "POST", &url, "422[\"buy\",\"too late\"]");
    let polls = async {
        for _ in 0..10 {
            assert_eq!(ask(&io, "GET", &url, "").await, "2");
        }
        shop.go.notify_one();
        assert_eq!(ask(&io, "GET", &url, "").await, "431[\"bread\"]");
        assert_eq!(ask(&io, "GET", &url, "").await, "1");
    };
    let ((status, _), ()) = tokio::join!(post, polls);
    closing.await.unwrap();
    assert_eq!((status, &**shop.handled.lock().unwrap()), (400, &["bread".to_owned()][..]));
}

/// Its next poll may come behind the answer to its post.
#[tokio::test(start_paused = true)]
async fn a_post_that_is_held_back_is_taken_in_as_soon_as_an_answer_is_awaited() {
    let shop = Shop::default();
    let io = build(&shop, |builder| builder.shutdown_timeout(Duration::MAX));
    let url = handshake(&io).await;
    ask(&io, "POST", &url, "40\u{1e}421[\"confirm\",\"all\"]").await;
    assert!(ask(&io, "GET", &url, "").await.starts_with("40"));
    let server = io.clone();
    let closing = tokio::spawn(async move { server.close().await });
    tokio::task::yield_now().await;
    let begin = Instant::now();
    let late = ask(&io, "POST", &url, "422[\"echo\",\"late\"]");
    let question = ask(&io, "GET", &url, "");
    let go = async {
        // The clock moves on once all wait.
        tokio::time::sleep(Duration::from_secs(1)).await;
        shop.go.notify_one();
    };
    let (_, question, ()) = tokio::join!(late, question, go);
    assert_eq!((&*question, begin.elapsed().as_secs()), (r#"420["sure","all"]"#, 1));
    ask(&io, "POST", &url, "430[\"yes\"]").await;
    let mut acks = Vec::new();
    while acks.last().is_none_or(|last| last != "1") {
        acks.extend(ask(&io, "GET", &url, "").await.split('\u{1e}').map(str::to_owned));
    }
    assert_eq!(acks, [r#"431["yes"]"#, r#"432["late"]"#, "1"]);
    closing.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn clients_that_have_vanished_are_waited_for_as_long_as_one_takes_to_poll_again() {
    let io = build(&Shop::default(), |builder| builder.shutdown_timeout(Duration::MAX));
    for (revision, connect) in [("4", "40"), ("3", "1:6")] {
        let handshake = format!("/socket.io/?EIO={revision}&transport=polling");
        let open = ask(&io, "GET", &handshake, "").await;
        let url = format!("{handshake}&sid={}", open.split('"').nth(3).unwrap());
        ask(&io, "POST", &url, connect).await;
        if revision == "4" {
            assert!(ask(&io, "GET", &url, "").await.starts_with("40"));
        }
    }
    let line = ask(&io, "GET", "/socket.io/1/", "").await;
    let url = format!("/socket.io/1/xhr-polling/{}", line.split(':').next().unwrap());
    assert_eq!(ask(&io, "GET", &url, "").await, "1::");
    // One that has not come yet.
    ask(&io, "GET", "/socket.io/1/", "").await;
    assert_eq!(io.sessions(), 4);
    let begin = Instant::now();
    io.close().await;
    assert_eq!((begin.elapsed().as_secs(), io.sessions()), (5, 0));
}

/// Between the look whether the server stops, and the session being there for it to see.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_that_meets_the_end_is_in_or_told_to_come_again() {
    let url = "/socket.io/?EIO=4&transport=polling";
    for _ in 0..1000 {
        let io = build(&Shop::default(), |builder| builder.shutdown_timeout(Duration::ZERO));
        let (go, server) = (Arc::new(Notify::new()), io.clone());
        let waits = Arc::clone(&go);
        let closing = tokio::spawn(async move {
            waits.notified().await;
            server.close().await;
        });
        let server = io.clone();
        let asking = tokio::spawn(async move {
            go.notify_one();
            let request = Request::get(url).body(Body::empty()).unwrap();
            server.service().call(request).await.unwrap().status().as_u16()
        });
        let status = asking.await.unwrap();
        assert!([200, 503].contains(&status), "{status}");
        timeout(DEADLINE, closing).await.unwrap().unwrap();
        assert_eq!(io.sessions(), 0);
    }
}
