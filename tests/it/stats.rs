//! A server's figures: what they say of clients that come, talk, and go in every way there is.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use bytestring::ByteString;
use serde_json::{Value, json};
use socketio_core::protocol::legacy::payload;
use socketio_core::{SocketIo, Stats, Traffic, prelude::*};
use socketio_tests::connection::DEADLINE;
use socketio_tests::http;
use tokio::time::Instant;
use tower_service::Service as _;

use crate::client::{BOTH, Client, Via, serve};

struct Echo;

#[socket_connection]
#[endpoints("/side" => Echo, "/side/{id}" => Echo)]
impl Echo {
    #[on_open]
    fn open(info: &ConnectionInfo) -> Result<Self, Reject> {
        match info.query("refuse") {
            None => Ok(Self),
            Some("panic") => panic!("this client is too much"),
            Some(_) => Err(Reject::unauthorized("the client asks to be refused")),
        }
    }

    #[on_message]
    fn message(&self, socket: &Socket, message: Message) -> Result<(), EmitError> {
        socket.send(message)
    }

    #[event]
    async fn hang(&self) {
        std::future::pending::<()>().await;
    }
}

async fn start() -> (SocketAddr, SocketIo) {
    let io = SocketIo::builder::<Echo>().build();
    (serve(io.clone()).await, io)
}

/// Waits until the figures are as expected.
pub(crate) async fn until(io: &SocketIo, what: &str, expected: impl Fn(&Stats) -> bool) {
    let reached = async {
        while !expected(&io.stats()) {
            tokio::task::yield_now().await;
        }
    };
    let reached = tokio::time::timeout(DEADLINE, reached).await;
    assert!(reached.is_ok(), "never {what}: {:#?}", io.stats());
}

/// Connections now, at most and in all; packets sent and received.
fn counts(of: &Traffic) -> [u64; 5] {
    [
        of.active_connections,
        of.max_connections,
        of.connections,
        of.packets_sent,
        of.packets_received,
    ]
}

#[track_caller]
fn check(io: &SocketIo, sessions: [u64; 3], transport: &str, traffic: [u64; 5], total: [u64; 5]) {
    let stats = io.stats();
    let found = [stats.clients.active_sessions, stats.clients.max_sessions, stats.clients.sessions];
    let by_transport = counts(&stats.transports[transport]);
    assert_eq!((found, by_transport, counts(&stats.total)), (sessions, traffic, total));
}

#[tokio::test]
async fn a_websocket_is_one_connection_and_every_poll_is_one() {
    let (addr, io) = start().await;
    let mut websocket = Client::connect(addr, Via::WebSocket).await;
    assert_eq!(websocket.ask("3:::a").await, "3:::a");
    check(&io, [1, 1, 1], "websocket", [1, 1, 1, 2, 1], [1, 1, 1, 2, 1]);

    let mut polling = Client::connect(addr, Via::Polling).await;
    check(&io, [2, 2, 2], "xhr-polling", [0, 1, 1, 1, 0], [1, 2, 2, 3, 1]);
    assert_eq!(polling.ask("3:::b").await, "3:::b");
    check(&io, [2, 2, 2], "xhr-polling", [0, 1, 2, 2, 1], [1, 2, 3, 4, 2]);

    // A poll that waits is answered with a noop when another takes its place; that one is given up.
    let url = format!("/socket.io/1/xhr-polling/{}", polling.session);
    let first = http::open(addr, "GET", &url, &[], b"").await.unwrap();
    until(&io, "one waits", |stats| stats.total.active_connections == 2).await;
    let second = http::open(addr, "GET", &url, &[], b"").await.unwrap();
    assert_eq!(first.response().await.unwrap().text(), "8::");
    check(&io, [2, 2, 2], "xhr-polling", [1, 1, 4, 3, 1], [2, 2, 5, 5, 2]);
    second.abort().await.unwrap();
    until(&io, "given up", |stats| stats.total.active_connections == 1).await;

    for client in [&mut websocket, &mut polling] {
        client.send("0::").await;
        client.rest().await;
    }
    until(&io, "none is left", |stats| stats.clients.active_sessions == 0).await;
    let stats = io.stats();
    assert_eq!((stats.clients.max_sessions, stats.total.max_connections), (2, 2));
    assert_eq!((stats.total.active_connections, stats.clients.sessions), (0, 2));
}

#[tokio::test]
async fn a_transport_that_takes_over_ends_the_connection_before_it() {
    let (addr, io) = start().await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    assert_eq!(client.ask("3:::a").await, "3:::a");
    let url = format!("/socket.io/1/xhr-polling/{}", client.session);
    let poll = http::open(addr, "GET", &url, &[], b"").await.unwrap();
    let polls = |stats: &Stats| stats.transports["xhr-polling"].active_connections == 1;
    until(&io, "it polls", polls).await;
    check(&io, [1, 1, 1], "websocket", [0, 1, 1, 2, 1], [1, 1, 2, 2, 1]);
    drop(poll);
}

#[tokio::test]
async fn a_connection_that_breaks_is_over_and_its_session_waits() {
    let (addr, io) = start().await;
    let client = Client::connect(addr, Via::WebSocket).await;
    drop(client);
    until(&io, "it has noticed", |stats| stats.total.active_connections == 0).await;
    check(&io, [1, 1, 1], "websocket", [0, 1, 1, 1, 0], [0, 1, 1, 1, 0]);
}

#[tokio::test]
async fn packets_of_a_post_count_one_by_one_for_the_transport_it_was_made_to() {
    let packets = ["3:::a".into(), "no packet".into(), "2::".into()];
    let body = payload::encode(&packets);
    let form = format!("d={}", body.replace('\u{fffd}', "%EF%BF%BD").replace(' ', "+"));
    for (transport, body) in
        [("htmlfile", &*body), ("xhr-polling", &*body), ("jsonp-polling", &*form)]
    {
        let (addr, io) = start().await;
        let line = http::request(addr, "GET", "/socket.io/1/", &[], b"").await.unwrap();
        let session = line.text().split(':').next().unwrap().to_owned();
        let url = format!("/socket.io/1/{transport}/{session}");
        let answer = http::request(addr, "POST", &url, &[], body.as_bytes()).await.unwrap();
        assert_eq!((answer.status, &*answer.text()), (200, "1"), "{transport}");
        check(&io, [1, 1, 1], transport, [0, 0, 0, 0, 3], [0, 0, 0, 0, 3]);
        // The greeting and the echo.
        let page = format!("http://{addr}/");
        let mut get = http::open(addr, "GET", &url, &[("referer", &page)], b"").await.unwrap();
        get.head().await.unwrap();
        until(&io, "both are sent", |stats| stats.total.packets_sent == 2).await;
        let active = u64::from(transport == "htmlfile");
        check(&io, [1, 1, 1], transport, [active, 1, 1, 2, 3], [active, 1, 1, 2, 3]);
    }
}

#[tokio::test]
async fn who_is_refused_counts_as_that_and_for_nothing_else() {
    let (addr, io) = start().await;
    let mut expected = io.stats();
    for (query, headers, status) in [
        ("?refuse=1", &[][..], 403),
        ("?refuse=panic", &[], 500),
        ("?jsonp=1&refuse=1", &[], 200),
        ("", &[("origin", "https://evil.example")], 403),
    ] {
        for _ in 0..10 {
            let path = format!("/socket.io/1/{query}");
            let answer = http::request(addr, "GET", &path, headers, b"").await.unwrap();
            assert_eq!(answer.status, status, "{query}");
        }
    }
    for transport in ["xhr-polling", "jsonp-polling", "htmlfile"] {
        let url = format!("/socket.io/1/{transport}/AAAAAAAAAAAAAAAAAAAAAA");
        http::request(addr, "GET", &url, &[], b"").await.unwrap();
    }
    let refused = |stats: &Stats| stats.closed["refused"].sessions == 20;
    until(&io, "all are counted", refused).await;
    let stats = io.stats();
    assert_eq!(stats.closed["refused"].endpoints, 20);
    expected.closed = stats.closed.clone();
    expected.unknown_sessions = 3;
    assert_eq!(stats, expected);
}

#[tokio::test]
async fn sessions_and_their_endpoints_count_for_the_reason_that_ended_them() {
    let (addr, io) = start().await;
    let mut leave = Client::connect(addr, Via::WebSocket).await;
    assert_eq!(leave.ask("1::/side").await, "1::/side");
    assert_eq!(leave.ask("1::/side/other").await, "1::/side/other");
    leave.send("0::/side").await;
    leave.send("1::/nowhere").await;
    leave.send("0::").await;
    assert_eq!(leave.rest().await, ["0::"]);
    let mut close = Client::connect(addr, Via::WebSocket).await;
    close.websocket().send_frame(true, 8, &[]).await.unwrap();
    let mut fail = Client::connect(addr, Via::Polling).await;
    fail.send(r#"5:::{"name":"hang","args":[1]}"#).await;
    assert_eq!(fail.rest().await, ["0::"]);
    let mut stays = Client::connect(addr, Via::Polling).await;
    until(&io, "one is left", |stats| stats.clients.active_sessions == 1).await;
    drop((leave, close));
    tokio::join!(io.close(), stays.rest());
    let closed: Vec<_> = io.stats().closed.into_iter().collect();
    let closed = closed.iter().map(|(reason, of)| (*reason, of.sessions, of.endpoints));
    assert_eq!(
        closed.filter(|of| (of.1, of.2) != (0, 0)).collect::<Vec<_>>(),
        [
            ("client disconnect", 1, 3),
            ("handler failed", 1, 1),
            ("refused", 0, 1),
            ("server shutdown", 1, 1),
            ("transport closed", 1, 1),
        ]
    );
}

#[tokio::test]
async fn a_hundred_clients_come_and_go() {
    let (addr, io) = start().await;
    let mut clients = Vec::new();
    for via in BOTH {
        for _ in 0..50 {
            clients.push(Client::connect(addr, via).await);
        }
    }
    check(&io, [100; 3], "websocket", [50, 50, 50, 50, 0], [50, 51, 100, 100, 0]);
    for client in &mut clients {
        client.send("0::").await;
        client.rest().await;
    }
    until(&io, "all have left", |stats| stats.clients.active_sessions == 0).await;
    let stats = io.stats();
    assert_eq!((stats.clients.max_sessions, stats.clients.sessions), (100, 100));
    assert_eq!((stats.total.active_connections, stats.total.max_connections), (0, 51));
    assert_eq!(stats.total.packets_received, 100);
}

#[test]
fn tasks_that_are_cancelled_leave_nothing_active() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let io = runtime.block_on(async {
        let (addr, io) = start().await;
        let _websocket = Client::connect(addr, Via::WebSocket).await;
        let _polling = Client::connect(addr, Via::Polling).await;
        check(&io, [2, 2, 2], "websocket", [1, 1, 1, 1, 0], [1, 2, 2, 2, 0]);
        io
    });
    drop(runtime);
    check(&io, [0, 2, 2], "websocket", [0, 1, 1, 1, 0], [0, 2, 2, 2, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_expires_is_active_no_more() {
    let io = SocketIo::builder::<Echo>().session_expiry(Duration::from_secs(30)).build();
    handshake(&io).await;
    assert_eq!(io.stats().clients.active_sessions, 1);
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!((io.stats().clients.active_sessions, io.stats().clients.max_sessions), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_over_is_active_no_more_though_a_handler_still_runs() {
    let io = SocketIo::builder::<Echo>().build();
    let url = format!("/socket.io/1/xhr-polling/{}", handshake(&io).await);
    answer(&io, Request::post(&url), r#"5:::{"name":"hang"}"#).await;
    answer(&io, Request::get(format!("{url}?disconnect")), "").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((io.stats().clients.active_sessions, io.sessions()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn rates_are_of_the_last_ten_seconds() {
    let io = SocketIo::builder::<Echo>().build();
    let url = format!("/socket.io/1/xhr-polling/{}", handshake(&io).await);
    let packets: Vec<ByteString> = (0..20).map(|n| format!("3:::{n}").into()).collect();
    answer(&io, Request::post(&url), &payload::encode(&packets)).await;
    answer(&io, Request::get(&url), "").await;
    let start = Instant::now();
    // After so many seconds: connections, packets sent and received per second.
    for (seconds, rates) in [
        (0, [0.0, 0.0, 0.0]),
        (1, [1.0, 21.0, 20.0]),
        (2, [0.5, 10.5, 10.0]),
        (10, [0.1, 2.1, 2.0]),
        (11, [0.0, 0.0, 0.0]),
        (1_000, [0.0, 0.0, 0.0]),
    ] {
        tokio::time::sleep_until(start + Duration::from_secs(seconds)).await;
        let stats = io.stats();
        let found = |of: &Traffic| {
            [of.connections_per_second, of.packets_sent_per_second, of.packets_received_per_second]
        };
        assert_eq!(found(&stats.total), rates, "after {seconds} s");
        assert_eq!(found(&stats.transports["xhr-polling"]), rates, "after {seconds} s");
        assert_eq!(found(&stats.transports["websocket"]), [0.0; 3], "after {seconds} s");
    }
}

#[tokio::test]
async fn the_json_form_is_as_documented_and_names_every_transport_that_is_offered() {
    let io = SocketIo::builder::<Echo>().build();
    let line = answer(&io, Request::get("/socket.io/1/"), "").await;
    let traffic = json!({
        "active_connections": 0, "max_connections": 0,
        "connections": 0, "connections_per_second": 0.0,
        "packets_sent": 0, "packets_sent_per_second": 0.0,
        "packets_received": 0, "packets_received_per_second": 0.0,
    });
    let mut expected = traffic.clone();
    for figure in ["active_sessions", "max_sessions", "sessions"] {
        expected[figure] = 1.into();
    }
    for protocol in ["legacy", "v3", "v4"] {
        let clients = u64::from(protocol == "legacy");
        for figure in ["active_sessions", "max_sessions", "sessions"] {
            expected["protocols"][protocol][figure] = clients.into();
        }
    }
    // Beside those that the handshake offers, the one of later clients.
    for transport in line.rsplit(':').next().unwrap().split(',').chain(["polling"]) {
        expected["transports"][transport] = traffic.clone();
    }
    for reason in io.stats().closed.keys() {
        expected["closed"][reason] = json!({ "sessions": 0, "endpoints": 0 });
    }
    assert!(expected["closed"]["slow consumer"].is_object());
    expected["rejected_events"] = json!({ "refused": 0, "throttled": 0 });
    expected["rejected_handshakes"] = json!({ "sessions": 0, "address": 0, "rate": 0 });
    for limit in io.stats().limits.keys() {
        expected["limits"][limit] = 0.into();
    }
    expected["unknown_sessions"] = 0.into();
    expected["rejected_connections"] = json!(0);
    let found: Value = serde_json::to_value(io.stats()).unwrap();
    assert_eq!(found, expected);
}

pub(crate) async fn handshake(io: &SocketIo) -> String {
    let line = answer(io, Request::get("/socket.io/1/"), "").await;
    line.split(':').next().unwrap().to_owned()
}

/// Asks without a network between.
pub(crate) async fn answer(
    io: &SocketIo,
    request: axum::http::request::Builder,
    body: &str,
) -> String {
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let answer = io.service().call(request).await.unwrap();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}
