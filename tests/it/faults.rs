//! Connections that break at every point of every exchange: nothing of them stays, nobody else notices, and what was
//! acknowledged was handled once.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use socketio_core::test::TestClient;
use socketio_core::{SocketIo, prelude::*};
use socketio_tests::connection::DEADLINE;
use socketio_tests::http;
use socketio_tests::proxy::{Fault, Kind, Proxy, Way};
use socketio_tests::websocket::WebSocket;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tower_service::Service as _;

use crate::client::serve;
use crate::wires::{Peer, Via, WIRES, Wire};

/// Proxies that are kept until their sessions are gone.
const KEPT: usize = 256;
/// Exchanges of more bytes each way are not broken at every byte, but around the ends of their pieces, and every so often.
const SHORT: usize = 600;
/// By when all are gone who have vanished, in seconds.
const PATIENCE: usize = 300;

/// How often each name was marked.
#[derive(Clone, Default)]
struct Marks(Arc<Mutex<HashMap<String, u32>>>);

#[derive(Default)]
struct Marker;

#[socket_connection]
#[endpoints("/side" => Marker)]
impl Marker {
    #[event]
    fn mark(&self, State(marks): State<Marks>, name: String) -> String {
        *marks.0.lock().unwrap().entry(name.clone()).or_default() += 1;
        name
    }

    #[event]
    fn weigh(&self, goods: Bytes) -> usize {
        goods.len()
    }

    /// Asks back.
    #[event]
    async fn confirm(&self, socket: &Socket, what: String) -> Result<String, AckError> {
        socket.emit_with_ack("sure", what).await
    }
}

struct Server {
    io: SocketIo,
    addr: SocketAddr,
    marks: Marks,
    tasks: usize,
}

impl Server {
    async fn start() -> Self {
        let marks = Marks::default();
        let io = SocketIo::builder::<Marker>().state(marks.clone()).build();
        let addr = serve(io.clone()).await;
        Self { io, addr, marks, tasks: Handle::current().metrics().num_alive_tasks() }
    }

    fn marked(&self, name: &str) -> u32 {
        self.marks.0.lock().unwrap().get(name).copied().unwrap_or_default()
    }

    /// No session is left, once everybody has had the time to notice who is gone, which passes at once.
    async fn is_empty(&self) {
        tokio::time::pause();
        for _ in 0..PATIENCE {
            if self.io.sessions() == 0 {
                break;
            }
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        tokio::time::resume();
        assert_eq!((self.io.sessions(), self.io.stats().clients.active_sessions), (0, 0));
    }

    /// Nothing else is left, either.
    async fn is_as_before(&self) {
        let alive = || Handle::current().metrics().num_alive_tasks();
        let ended = async {
            while alive() > self.tasks {
                tokio::task::yield_now().await;
            }
        };
        let ended = timeout(DEADLINE, ended).await;
        assert!(ended.is_ok(), "{} tasks are left of {}", alive(), self.tasks);
    }

    async fn serves_others(&self, name: &str) {
        let mut acked = false;
        exchange(self.addr, WIRES[0], name, &mut acked).await.unwrap();
        assert!(acked && self.marked(name) == 1, "{name}");
    }
}

/// What clients do: connect, mark a name, join another endpoint, send bytes, answer, leave.
async fn exchange(addr: SocketAddr, wire: Wire, name: &str, acked: &mut bool) -> io::Result<()> {
    let mut peer = Peer::connect(addr, wire).await?;
    peer.call(1, "mark", name).await?;
    peer.expect(&peer.ack(1)).await?;
    *acked = true;
    let (side, end) = if wire.0.is_some() { ("40/side,", "1") } else { ("1::/side", "0::") };
    peer.send(side).await?;
    peer.expect(side).await?;
    if wire.0.is_some() {
        peer.send(r#"451-2["weigh",{"_placeholder":true,"num":0}]"#).await?;
        peer.attach().await?;
        peer.expect("432[3]").await?;
    }
    peer.call(3, "confirm", "all").await?;
    let question = peer.expect(if wire.0.is_some() { "42" } else { "5:" }).await?;
    peer.send(&peer.answer_to(&question, "yes")).await?;
    peer.expect(&peer.ack(3)).await?;
    peer.send(end).await?;
    if wire.1 != Via::Polling {
        // Who breaks off at once may take the goodbye along.
        peer.rest().await?;
    }
    Ok(())
}

/// A point at which an exchange is broken.
#[derive(Clone, Copy)]
struct Point {
    way: Way,
    at: usize,
    /// Every exchange comes to it. How many polls one takes is not always the same, so some end before later points.
    is_sure: bool,
}

/// The points at which an exchange is broken.
async fn points(server: &Server, wire: Wire) -> Vec<Point> {
    let proxy = Proxy::start(server.addr, None).await.unwrap();
    exchange(proxy.addr, wire, &name_of(wire, None), &mut false).await.unwrap();
    let [up, down] = proxy.pieces();
    proxy.stop().await;
    let mut points = Vec::new();
    for (way, ends) in [(Way::Up, up), (Way::Down, down)] {
        let length = *ends.last().unwrap();
        let around = |end: &usize| end.saturating_sub(4)..(end + 2);
        let chosen: BTreeSet<usize> = match length {
            ..=SHORT => (0..length).collect(),
            _ => ends.iter().flat_map(around).chain((0..length).step_by(32)).collect(),
        };
        let chosen = chosen.into_iter().filter(|at| *at < length);
        points.extend(chosen.map(|at| Point { way, at, is_sure: at < length / 2 }));
    }
    points
}

/// What an exchange marks, which stands in JSON.
fn name_of(wire: Wire, fault: Option<Fault>) -> String {
    format!("{wire:?} {fault:?}").replace('"', "")
}

/// An exchange with a fault, when it is over.
struct Broken {
    point: Point,
    name: String,
    acked: bool,
    /// It came to its end.
    is_whole: bool,
    /// May hold on to what it has.
    proxy: Proxy,
}

impl Broken {
    fn check(&self, server: &Server) {
        let Self { name, acked, .. } = self;
        let marked = server.marked(name);
        assert!(marked <= 1 && (marked == 1 || !acked), "{name}: {marked}, acknowledged: {acked}");
    }
}

async fn break_one(server: &Server, wire: Wire, point: Point, kind: Kind) -> Broken {
    let fault = (point.way, point.at, kind);
    let (name, mut acked) = (name_of(wire, Some(fault)), false);
    let proxy = Proxy::start(server.addr, Some(fault)).await.unwrap();
    let exchange = exchange(proxy.addr, wire, &name, &mut acked);
    let is_whole = match kind {
        Kind::Stall | Kind::Drip => {
            exchange.await.unwrap_or_else(|error| panic!("{name}: {error}"));
            true
        }
        Kind::Reset | Kind::HalfClose => exchange.await.is_ok(),
        Kind::Vanish => tokio::select! {
            ended = exchange => ended.is_ok(),
            () = proxy.vanished() => false,
        },
    };
    let broken = Broken { point, name, acked, is_whole, proxy };
    broken.check(server);
    broken
}

/// Breaks exchanges of all kinds in this way, at every point, so many at once.
async fn break_all(kind: Kind, at_once: usize) {
    let server = Server::start().await;
    let mut faults = Vec::new();
    for wire in WIRES {
        // Who drips from the start on has dripped everywhere.
        let points = points(&server, wire).await.into_iter();
        let points = points.filter(|point| point.at == 0 || kind != Kind::Drip);
        faults.extend(points.map(|point| (wire, point)));
    }
    assert!(faults.len() > if kind == Kind::Drip { 15 } else { 1000 }, "{}", faults.len());
    server.is_empty().await;
    server.is_as_before().await;
    for (round, faults) in faults.chunks(KEPT).enumerate() {
        let broken = faults.iter().map(|(wire, point)| break_one(&server, *wire, *point, kind));
        let broken: Vec<_> = stream::iter(broken).buffer_unordered(at_once).collect().await;
        server.serves_others(&format!("other {round}")).await;
        server.is_empty().await;
        for broken in broken {
            broken.check(&server);
            let is_right = broken.proxy.has_struck() || (broken.is_whole && !broken.point.is_sure);
            assert!(is_right, "{}: it was not broken", broken.name);
            broken.proxy.stop().await;
        }
        server.is_as_before().await;
    }
}

#[tokio::test]
async fn connections_that_are_reset_anywhere_leave_nothing() {
    break_all(Kind::Reset, 32).await;
}

#[tokio::test]
async fn connections_that_end_one_way_anywhere_leave_nothing() {
    break_all(Kind::HalfClose, 32).await;
}

#[tokio::test]
async fn clients_that_vanish_anywhere_leave_nothing() {
    break_all(Kind::Vanish, 32).await;
}

#[tokio::test]
async fn connections_that_stall_anywhere_go_on() {
    break_all(Kind::Stall, 32).await;
}

#[tokio::test]
async fn connections_that_drip_go_on() {
    break_all(Kind::Drip, 32).await;
}

/// What a request is answered with: the status and the body.
async fn ask(addr: SocketAddr, method: &str, url: &str, body: &str) -> (u16, String) {
    let answer = http::request(addr, method, url, &[], body.as_bytes()).await.unwrap();
    (answer.status, answer.text().into_owned())
}

/// A WebSocket that is to take over the session of this URL, probed; gives the answer, if there is one.
async fn probe(addr: SocketAddr, url: &str) -> (WebSocket, Option<String>) {
    let url = url.replace("polling", "websocket");
    let mut socket = WebSocket::open(addr, &url, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    socket.send_text("2probe").await.unwrap();
    let answer = socket.receive().await.unwrap();
    let answer = answer.and_then(|frame| frame.text().map(ToOwned::to_owned));
    (socket, answer)
}

#[tokio::test]
async fn requests_that_come_twice_or_late_are_answered_and_leave_nothing() {
    let server = Server::start().await;
    let addr = server.addr;
    for (round, revision) in ["4", "3"].into_iter().enumerate() {
        let handshake = format!("/socket.io/?EIO={revision}&transport=polling");
        let packet = |text: &str| match revision {
            "3" => format!("{}:{text}", text.len()),
            _ => text.to_owned(),
        };
        let open = async || {
            let (_, open) = ask(addr, "GET", &handshake, "").await;
            let url = format!("{handshake}&sid={}", open.split('"').nth(3).unwrap());
            if revision == "4" {
                assert_eq!(ask(addr, "POST", &url, "40").await.0, 200);
                assert_eq!(ask(addr, "GET", &url, "").await.0, 200);
            }
            url
        };
        // The same POST twice, one behind the other and at once: each is one.
        let url = open().await;
        let post = packet(&format!(r#"42["mark","twice {revision}"]"#));
        assert_eq!(ask(addr, "POST", &url, &post).await.0, 200);
        let (one, other) =
            tokio::join!(ask(addr, "POST", &url, &post), ask(addr, "POST", &url, &post));
        assert_eq!((one.0, other.0, server.marked(&format!("twice {revision}"))), (200, 200, 3));
        // A connect twice ends the session, and what comes behind it is late.
        assert_eq!(ask(addr, "POST", &url, &packet("1")).await.0, 200);
        for (method, body) in [("POST", &*post), ("GET", ""), ("POST", "1")] {
            assert_eq!(ask(addr, method, &url, body).await.0, 400, "{method} after the end");
        }
        // Two polls at once: neither client can know which of them has what, so the session ends.
        let url = open().await;
        let (one, other) = tokio::join!(ask(addr, "GET", &url, ""), ask(addr, "GET", &url, ""));
        let mut codes = [one.0, other.0];
        codes.sort_unstable();
        assert!(codes[1] == 400, "{revision}: {codes:?}");
        // An upgrade after the upgrade, and polls after it, get nothing; the session goes on.
        let url = open().await;
        let (mut socket, answer) = probe(addr, &url).await;
        assert_eq!(answer.as_deref(), Some("3probe"));
        socket.send_text("5").await.unwrap();
        socket.send_text(&format!(r#"421["mark","upgraded {revision}"]"#)).await.unwrap();
        while socket.receive().await.unwrap().unwrap().text().unwrap() == "40" {}
        let (_other, answer) = probe(addr, &url).await;
        assert_eq!(answer, None);
        for (method, body) in [("GET", ""), ("POST", &*post)] {
            assert_eq!(ask(addr, method, &url, body).await.0, 400, "{method} after the upgrade");
        }
        socket.send_text(&format!(r#"422["mark","still there {revision}"]"#)).await.unwrap();
        let ack = socket.receive().await.unwrap().unwrap();
        assert_eq!(ack.text(), Some(&*format!(r#"432["still there {revision}"]"#)));
        socket.cut().await.unwrap();
        drop(_other);
        server.serves_others(&format!("other {round}")).await;
        server.is_empty().await;
        server.is_as_before().await;
    }
}

#[tokio::test]
async fn requests_of_legacy_clients_that_come_twice_or_late_are_answered_and_leave_nothing() {
    let server = Server::start().await;
    let addr = server.addr;
    let (_, line) = ask(addr, "GET", "/socket.io/1/", "").await;
    let url = format!("/socket.io/1/xhr-polling/{}", line.split(':').next().unwrap());
    assert_eq!(ask(addr, "GET", &url, "").await, (200, "1::".to_owned()));
    let post = r#"5:::{"name":"mark","args":["twice"]}"#;
    assert_eq!(ask(addr, "POST", &url, post).await.0, 200);
    let (one, other) = tokio::join!(ask(addr, "POST", &url, post), ask(addr, "POST", &url, post));
    assert_eq!((one.0, other.0, server.marked("twice")), (200, 200, 3));
    // Of two polls the later one counts, and the other has nothing to say.
    let polls = [ask(addr, "GET", &url, ""), ask(addr, "GET", &url, "")].map(Box::pin);
    let (first, _, mut rest) = futures_util::future::select_all(polls).await;
    assert_eq!(first, (200, "8::".to_owned()));
    let call = r#"5:1+::{"name":"mark","args":["once"]}"#;
    assert_eq!(ask(addr, "POST", &url, call).await.0, 200);
    assert_eq!(rest.remove(0).await, (200, r#"6:::1+["once"]"#.to_owned()));
    // What comes behind a goodbye is late, and so is another goodbye.
    assert_eq!(ask(addr, "POST", &url, "0::").await.0, 200);
    for (method, body) in [("POST", post), ("POST", "0::")] {
        assert_eq!(ask(addr, method, &url, body).await.0, 400, "{body}");
    }
    assert_eq!(ask(addr, "GET", &url, "").await, (200, "7:::1+0".to_owned()));
    assert_eq!(ask(addr, "GET", &format!("{url}?disconnect"), "").await.0, 200);
    assert_eq!((server.marked("twice"), server.marked("once")), (3, 1));
    server.serves_others("other").await;
    server.is_empty().await;
    server.is_as_before().await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_loses_those_whose_time_is_up_and_nobody_else() {
    let io = SocketIo::builder::<Marker>().state(Marks::default()).build();
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let client = TestClient::connect(&io).await.unwrap();
    // As far as it goes without a sign of life being missed.
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(24)).await;
        assert_eq!(client.call::<String>("mark", "here").await.unwrap(), "here");
    }
    // A night, in one leap: the connections are gone, and so is who has only shaken hands.
    let handshake = Request::get("/socket.io/1/").body(Body::empty()).unwrap();
    assert_eq!(io.service().call(handshake).await.unwrap().status(), 200);
    assert_eq!(io.sessions(), 2);
    tokio::time::advance(Duration::from_secs(8 * 3600)).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let again = TestClient::connect(&io).await.unwrap();
    assert_eq!(again.call::<String>("mark", "again").await.unwrap(), "again");
    drop((client, again));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((io.sessions(), tasks()), (0, before));
}

/// A handler that blocks its thread says so, and waits.
#[derive(Clone)]
struct Gate {
    blocked: mpsc::UnboundedSender<()>,
    released: Arc<Mutex<std::sync::mpsc::Receiver<()>>>,
}

#[derive(Default)]
struct Blocker;

#[socket_connection]
impl Blocker {
    #[event]
    fn echo(&self, what: String) -> String {
        what
    }

    /// As no handler should.
    #[event]
    fn block(&self, State(gate): State<Gate>) {
        gate.blocked.send(()).unwrap();
        gate.released.lock().unwrap().recv().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread_holds_up_its_own_client_alone() {
    const PINGS: usize = 3;
    let (release, released) = std::sync::mpsc::channel();
    let (blocked, mut blocks) = mpsc::unbounded_channel();
    let gate = Gate { blocked, released: Arc::new(Mutex::new(released)) };
    let io = SocketIo::builder::<Blocker>().state(gate);
    let io = io.ping_interval(Duration::from_millis(50)).build();
    let addr = serve(io.clone()).await;
    let mut blocked = Peer::connect(addr, WIRES[0]).await.unwrap();
    let mut others = Vec::new();
    for wire in WIRES {
        others.push((wire, Peer::connect(addr, wire).await.unwrap()));
    }
    blocked.send(r#"429["block"]"#).await.unwrap();
    timeout(DEADLINE, blocks.recv()).await.unwrap().unwrap();
    let served = others.into_iter().map(|(wire, mut peer)| async move {
        // Heartbeats go on, too.
        let mut calls = 0;
        while calls < 50 || (wire.0 == Some("4") && peer.pings < PINGS) {
            calls += 1;
            peer.send(&peer.event(1, "echo", "here")).await.unwrap();
            let ack = peer.next().await.unwrap().unwrap();
            assert!(ack.starts_with(&peer.ack(1)), "{wire:?}: {ack}");
        }
        peer
    });
    let served = timeout(DEADLINE, futures_util::future::join_all(served)).await;
    let _others = served.expect("others are served while it blocks");
    release.send(()).unwrap();
    while !blocked.next().await.unwrap().unwrap().starts_with(&blocked.ack(9)) {}
}
