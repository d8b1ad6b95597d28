//! A server that stops: what it has taken in is answered, and clients are sent away so that they come back.

use std::future::Future;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use socketio_core::adapter::{Action, Adapter, Answers, Local, Query};
use socketio_core::test::TestClient;
use socketio_core::{Builder, CloseReason, SocketIo, prelude::*};
use socketio_tests::connection::DEADLINE;
use socketio_tests::http;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::client::serve;
use crate::stats::until;
use crate::wires::{Peer, Via, WIRES, Wire};

/// What the tests and the handlers share.
#[derive(Clone, Default)]
pub(crate) struct Shop {
    /// Lets the next handler go on that waits.
    pub(crate) go: Arc<Notify>,
    pub(crate) handled: Arc<Mutex<Vec<String>>>,
    pub(crate) left: Arc<Mutex<Vec<(Instant, CloseReason)>>>,
    pub(crate) senders: Option<mpsc::UnboundedSender<AckSender>>,
}

#[derive(Default)]
pub(crate) struct Counter;

#[socket_connection]
impl Counter {
    #[event]
    fn echo(&self, what: String) -> String {
        what
    }

    /// Waits, as one does that asks a database.
    #[event]
    async fn buy(&self, State(shop): State<Shop>, what: String) -> String {
        shop.go.notified().await;
        shop.handled.lock().unwrap().push(what.clone());
        what
    }

    /// Is answered by somebody else.
    #[event]
    fn order(&self, State(shop): State<Shop>, ack: AckSender) {
        shop.senders.unwrap().send(ack).unwrap();
    }

    /// Asks back.
    #[event]
    async fn confirm(&self, socket: &Socket, State(shop): State<Shop>, what: String) -> String {
        shop.go.notified().await;
        socket.emit_with_ack("sure", &what).await.unwrap_or_else(|error| format!("{error:?}"))
    }

    #[event]
    async fn hang(&self) {
        std::future::pending::<()>().await;
    }

    #[on_close]
    fn close(&self, State(shop): State<Shop>, reason: CloseReason) {
        shop.left.lock().unwrap().push((Instant::now(), reason));
    }
}

pub(crate) fn build(
    shop: &Shop,
    options: impl FnOnce(Builder<Counter, Shop>) -> Builder<Counter, Shop>,
) -> SocketIo {
    options(SocketIo::builder::<Counter>().state(shop.clone())).build()
}

/// A server that is told to stop, of which a handshake shows that it does.
pub(crate) async fn stop(io: &SocketIo, addr: SocketAddr) -> JoinHandle<()> {
    let server = io.clone();
    let closing = tokio::spawn(async move { server.close().await });
    let path = "/socket.io/?EIO=4&transport=polling";
    let refuses =
        async { while http::request(addr, "GET", path, &[], b"").await.unwrap().status != 503 {} };
    timeout(DEADLINE, refuses).await.expect("it takes no new clients any more");
    closing
}

/// A client that is in, and whose upgrade is done.
pub(crate) async fn connect(addr: SocketAddr, wire: Wire) -> Peer {
    let mut peer = Peer::connect(addr, wire).await.unwrap();
    peer.call(0, "echo", "in").await.unwrap();
    assert!(peer.next().await.unwrap().unwrap().starts_with(&peer.ack(0)), "{wire:?}");
    peer
}

/// Waits until the server has taken in so many packets of its clients.
pub(crate) async fn taken_in(io: &SocketIo, packets: u64) {
    until(io, "taken in", |stats| stats.total.packets_received >= packets).await;
}

#[tokio::test]
async fn what_was_taken_in_is_handled_and_answered_and_what_comes_later_is_not() {
    for wire in WIRES {
        let shop = Shop::default();
        let io = build(&shop, |builder| builder.shutdown_window(Duration::ZERO));
        let addr = serve(io.clone()).await;
        let mut peer = connect(addr, wire).await;
        let before = io.stats().total.packets_received;
        peer.call(1, "buy", "bread").await.unwrap();
        peer.call(2, "buy", "milk").await.unwrap();
        taken_in(&io, before + 2).await;
        let closing = stop(&io, addr).await;
        let late = peer.event(3, "buy", "too late");
        let post = match wire.1 {
            Via::Polling => Some(tokio::spawn(peer.post(&late))),
            _ => peer.send(&late).await.map(|()| None).unwrap(),
        };
        for id in [1, 2] {
            shop.go.notify_one();
            let ack = peer.next().await.unwrap().unwrap();
            assert!(ack.starts_with(&peer.ack(id)), "{wire:?} {ack}");
        }
        assert_eq!(peer.rest().await.unwrap(), [""; 0], "{wire:?}");
        if let Some(post) = post {
            // Its client would have left, had it been refused any sooner.
            assert_eq!(post.await.unwrap().unwrap(), 400, "{wire:?}");
        }
        drop(peer);
        timeout(DEADLINE, closing).await.unwrap().unwrap();
        assert_eq!(*shop.handled.lock().unwrap(), ["bread", "milk"], "{wire:?}");
        let left = shop.left.lock().unwrap();
        assert!(matches!(left[..], [(_, CloseReason::ServerShutdown)]), "{wire:?} {left:?}");
    }
}

#[tokio::test]
async fn an_acknowledgement_that_somebody_else_gives_is_waited_for() {
    let (senders, mut ordered) = mpsc::unbounded_channel();
    let shop = Shop { senders: Some(senders), ..Shop::default() };
    for used in [true, false] {
        let io = build(&shop, |builder| builder);
        let addr = serve(io.clone()).await;
        let mut peer = Peer::connect(addr, WIRES[0]).await.unwrap();
        peer.send(r#"421["order"]"#).await.unwrap();
        let sender = ordered.recv().await.unwrap();
        let closing = stop(&io, addr).await;
        assert_eq!(io.sessions(), 1);
        if used {
            sender.send("tea").unwrap();
            assert_eq!(peer.next().await.unwrap().as_deref(), Some(r#"431["tea"]"#));
        } else {
            drop(sender);
        }
        assert_eq!(peer.rest().await.unwrap(), [""; 0]);
        drop(peer);
        closing.await.unwrap();
    }
}

#[tokio::test]
async fn a_handler_that_asks_its_client_hears_the_answer() {
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
        peer.send(&peer.answer_to(&question, "yes")).await.unwrap();
        let ack = peer.next().await.unwrap().unwrap();
        assert!(ack.starts_with(&peer.ack(1)) && ack.contains("yes"), "{wire:?} {ack}");
        assert_eq!(peer.rest().await.unwrap(), [""; 0], "{wire:?}");
        drop(peer);
        closing.await.unwrap();
    }
}

#[tokio::test]
async fn a_client_between_two_polls_hears_of_it_on_the_next() {
    for wire in WIRES.into_iter().filter(|wire| wire.1 == Via::Polling) {
        let io = build(&Shop::default(), |builder| builder);
        let addr = serve(io.clone()).await;
        let mut peer = Peer::connect(addr, wire).await.unwrap();
        io.emit("last words", ()).unwrap();
        let closing = stop(&io, addr).await;
        assert_eq!(io.sessions(), 1, "{wire:?}");
        let rest = peer.rest().await.unwrap();
        assert!(matches!(&rest[..], [words] if words.contains("last words")), "{wire:?} {rest:?}");
        closing.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_holds_it_up_for_so_long_and_no_longer() {
    for leaves in [false, true] {
        let shop = Shop::default();
        let io = build(&shop, |builder| builder.shutdown_timeout(Duration::from_secs(20)));
        let client = TestClient::connect(&io).await.unwrap();
        client.emit("hang", ());
        if leaves {
            // Its session is over, its handler goes on.
            client.disconnect();
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert_eq!(io.sessions(), 1);
        }
        let begin = Instant::now();
        tokio::join!(io.close(), io.close());
        assert_eq!((begin.elapsed().as_secs(), io.sessions()), (20, 0), "{leaves}");
        assert_eq!(shop.left.lock().unwrap().len(), 1, "its close handler has run");
    }
}

#[tokio::test(start_paused = true)]
async fn clients_are_sent_away_spread_over_the_window() {
    const CLIENTS: usize = 1000;
    // The window, the time that there is for all, and over how long the clients go.
    for (window, all, over) in
        [(5000, 10_000, 1000), (500, 10_000, 500), (5000, 1000, 500), (0, 10_000, 0)]
    {
        let shop = Shop::default();
        let [window, all] = [window, all].map(Duration::from_millis);
        let io = build(&shop, |builder| builder.shutdown_window(window).shutdown_timeout(all));
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            clients.push(TestClient::connect(&io).await.unwrap());
        }
        let begin = Instant::now();
        io.close().await;
        let left = shop.left.lock().unwrap();
        let mut tenths = [0; 11];
        for (at, reason) in &*left {
            assert_eq!(*reason, CloseReason::ServerShutdown);
            let since = at.duration_since(begin).as_millis();
            tenths[usize::try_from(since * 10 / over.max(1)).unwrap().min(10)] += 1;
        }
        assert_eq!(left.len(), CLIENTS);
        match over {
            0 => assert_eq!(tenths[0], CLIENTS),
            _ => assert!(tenths[..10].iter().all(|share| (90..=110).contains(share)), "{tenths:?}"),
        }
    }
}

#[tokio::test]
async fn a_handshake_meanwhile_is_told_when_to_come_again_and_ends_its_connection() {
    let (senders, mut ordered) = mpsc::unbounded_channel();
    let shop = Shop { senders: Some(senders), ..Shop::default() };
    let io = build(&shop, |builder| builder);
    let addr = serve(io.clone()).await;
    let mut peer = Peer::connect(addr, WIRES[0]).await.unwrap();
    peer.send(r#"421["order"]"#).await.unwrap();
    let sender = ordered.recv().await.unwrap();
    let closing = stop(&io, addr).await;
    for path in ["/socket.io/?EIO=4&transport=polling", "/socket.io/1/"] {
        let answer = http::request(addr, "GET", path, &[], b"").await.unwrap();
        let headers = (answer.header("retry-after"), answer.header("connection"));
        assert_eq!((answer.status, headers), (503, (Some("5"), Some("close"))), "{path}");
    }
    drop((sender, peer));
    closing.await.unwrap();
}

/// An adapter that breaks on its way out.
struct Breaks(Local);

impl Adapter for Breaks {
    fn act(&self, action: Action) {
        self.0.act(action);
    }

    fn ask(&self, query: Query) -> Answers {
        self.0.ask(query)
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async { panic!("it breaks") })
    }
}

#[tokio::test]
async fn a_panic_that_ends_it_is_told() {
    let io = build(&Shop::default(), |builder| builder.adapter(Breaks));
    let closed = tokio::spawn(async move { io.close().await }).await;
    assert!(closed.unwrap_err().is_panic());
}

/// Clients over every transport hear of it, and the HTTP server ends.
async fn ends_well(addr: SocketAddr, stop: impl FnOnce(), serving: JoinHandle<()>) {
    let mut peers = Vec::new();
    for wire in WIRES {
        peers.push((wire, Peer::connect(addr, wire).await.unwrap()));
    }
    stop();
    let hears = peers.into_iter().map(|(wire, mut peer)| async move { (wire, peer.rest().await) });
    for (wire, rest) in futures_util::future::join_all(hears).await {
        assert!(rest.is_ok(), "{wire:?} {rest:?}");
    }
    timeout(DEADLINE, serving).await.expect("it ends").unwrap();
    assert!(http::request(addr, "GET", "/socket.io/", &[], b"").await.is_err());
}

#[tokio::test]
async fn our_own_server_and_axum_s_end_well() {
    for (own, patience) in
        [(true, Duration::from_secs(10)), (true, Duration::MAX), (false, Duration::MAX)]
    {
        let io = build(&Shop::default(), |builder| builder.shutdown_timeout(patience));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async move { drop(stopped.await) };
        let serving = tokio::spawn(async move {
            if own {
                return io.serve_until(listener, Router::new(), stopped).await;
            }
            let app = Router::new().merge(io.router());
            axum::serve(listener, app).with_graceful_shutdown(io.close_on(stopped)).await.unwrap();
        });
        ends_well(addr, || stop.send(()).unwrap(), serving).await;
    }
}

/// A process that does not outlive its test.
#[cfg(unix)]
struct Process(Child);

#[cfg(unix)]
impl Drop for Process {
    fn drop(&mut self) {
        let _ended = (self.0.kill(), self.0.wait());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_that_is_told_to_ends_well() {
    let process = Command::new(env!("CARGO_BIN_EXE_test-server")).stdout(Stdio::piped()).spawn();
    let mut process = Process(process.unwrap());
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let addr = line.trim().trim_start_matches("http://").parse().unwrap();
    let mut peer = Peer::connect(addr, WIRES[0]).await.unwrap();
    let told = Command::new("kill").args(["-TERM", &process.0.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(peer.rest().await.unwrap(), [""; 0]);
    drop(peer);
    let ended = tokio::task::spawn_blocking(move || process.0.wait().unwrap());
    assert!(timeout(DEADLINE, ended).await.expect("it ends").unwrap().success());
}
