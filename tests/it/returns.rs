//! Clients whose connection breaks, and who come back; or somebody else with their session id.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use socketio_core::{SocketIo, prelude::*};
use socketio_tests::connection::DEADLINE;
use socketio_tests::{http, websocket::WebSocket};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tower_service::Service as _;

use crate::client::{BOTH, Client, Via, serve};

/// Where connections write down that they have ended.
#[derive(Clone)]
struct Diary(mpsc::UnboundedSender<CloseReason>);

#[derive(Default)]
struct Keeper {
    count: usize,
}

#[socket_connection]
#[endpoints("/chat" => Keeper)]
impl Keeper {
    #[event]
    fn count(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    #[event]
    fn ip(&self, info: &ConnectionInfo) -> Option<String> {
        Some(info.client_ip()?.to_string())
    }

    #[on_close]
    fn close(&self, State(diary): State<Diary>, reason: CloseReason) {
        let _test_over = diary.0.send(reason);
    }
}

fn build(expiry: Duration) -> (SocketIo, mpsc::UnboundedReceiver<CloseReason>) {
    let (diary, ends) = mpsc::unbounded_channel();
    let io = SocketIo::builder::<Keeper>().state(Diary(diary)).session_expiry(expiry);
    (io.build(), ends)
}

const COUNT: &str = r#"5:1+::{"name":"count"}"#;
const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn what_is_sent_to_a_client_whose_websocket_broke_arrives_once_and_in_order() {
    for via in BOTH {
        let (io, mut ends) = build(LONG);
        let addr = serve(io.clone()).await;
        let mut client = Client::connect(addr, Via::WebSocket).await;
        assert_eq!(client.ask("1::/chat").await, "1::/chat");
        assert_eq!(client.ask(COUNT).await, "6:::1+[1]");
        let session = client.cut().await;
        for n in 0..1000 {
            io.of(["", "/chat"][n % 2]).emit("n", n).unwrap();
        }
        let mut client = Client::resume(addr, &session, via).await;
        for n in 0..1000 {
            let endpoint = ["", "/chat"][n % 2];
            let expected = format!(r#"5::{endpoint}:{{"name":"n","args":[{n}]}}"#);
            assert_eq!(client.next().await, Some(expected), "{via:?}");
        }
        // The connection is the same one, and nothing comes twice.
        assert_eq!(client.ask(COUNT).await, "6:::1+[2]");
        assert!(ends.try_recv().is_err());
    }
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_comes_twice_when_a_websocket_breaks_that_is_full() {
    const EVENTS: usize = 10_000;
    for via in BOTH {
        let (diary, _ends) = mpsc::unbounded_channel();
        let io = SocketIo::builder::<Keeper>().state(Diary(diary)).send_buffer_limit(64 << 20);
        let io = io.build();
        let addr = serve(io.clone()).await;
        let mut client = Client::connect(addr, Via::WebSocket).await;
        assert_eq!(client.ask(COUNT).await, "6:::1+[1]");
        // More than the kernel takes for a client that does not read, each a turn of the session.
        let text = "z".repeat(1000);
        for n in 0..EVENTS {
            io.emit("n", (n, &text)).unwrap();
            tokio::task::yield_now().await;
        }
        let mut numbers = Vec::new();
        client.websocket().hang_up().await.unwrap();
        // What the kernel had; the last frame of that is cut.
        while let Ok(Some(frame)) = client.websocket().receive().await {
            numbers.push(number(frame.text().unwrap()));
        }
        let first = numbers.len();
        assert!((1..EVENTS).contains(&first), "{first}: the test shows nothing");
        let mut client = Client::resume(addr, &client.session, via).await;
        while numbers.len() < EVENTS {
            numbers.push(number(&client.next().await.unwrap()));
        }
        let missed = numbers.iter().zip(0..).find(|(found, expected)| *found != expected);
        assert_eq!(missed, None, "{via:?}, {first} before");
        assert_eq!(client.ask(COUNT).await, "6:::1+[2]");
    }
}

/// The number in `5:::{"name":"n","args":[7,…`.
fn number(packet: &str) -> usize {
    packet.split(['[', ',']).nth(2).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_page_that_breaks_off_is_as_a_websocket_that_does() {
    let (io, _ends) = build(LONG);
    let addr = serve(io.clone()).await;
    let line = http::request(addr, "GET", "/socket.io/1/", &[], b"").await.unwrap();
    let session = line.text().split(':').next().unwrap().to_owned();
    let url = format!("/socket.io/1/htmlfile/{session}");
    let mut page = http::open(addr, "GET", &url, &[], b"").await.unwrap();
    page.head().await.unwrap();
    let said = http::request(addr, "POST", &url, &[], b"2::").await.unwrap();
    assert_eq!(said.status, 200);
    page.abort().await.unwrap();
    for n in 0..10 {
        io.emit("n", n).unwrap();
    }
    let url = format!("/socket.io/1/jsonp-polling/{session}?i=3");
    let page = format!("http://{addr}/");
    let headers = [("Referer", &*page)];
    let script = http::request(addr, "GET", &url, &headers, b"");
    let script = script.await.unwrap().text().into_owned();
    let found: Vec<_> =
        script.match_indices("[").skip(1).map(|(at, _)| script.as_bytes()[at + 1] - b'0').collect();
    assert_eq!(found, (0..10).collect::<Vec<_>>(), "{script}");
}

#[tokio::test]
async fn a_transport_that_is_replaced_leaves_what_it_had_not_written_to_the_next() {
    let (diary, _ends) = mpsc::unbounded_channel();
    let io = SocketIo::builder::<Keeper>().state(Diary(diary)).send_buffer_limit(64 << 20).build();
    let addr = serve(io.clone()).await;
    let mut silent = Client::connect(addr, Via::WebSocket).await;
    assert_eq!(silent.ask(COUNT).await, "6:::1+[1]");
    let text = "z".repeat(1000);
    for n in 0..10_000 {
        io.emit("n", (n, &text)).unwrap();
        tokio::task::yield_now().await;
    }
    // The client comes back before the server has noticed that it was gone.
    let mut client = Client::resume(addr, &silent.session, Via::WebSocket).await;
    let first = number(&client.next().await.unwrap());
    for n in first + 1..10_000 {
        assert_eq!(number(&client.next().await.unwrap()), n);
    }
    // What came before is what the kernel had.
    let mut received = 0;
    while let Ok(Some(_)) = silent.websocket().receive().await {
        received += 1;
    }
    assert_eq!(received, first);
}

#[tokio::test]
async fn a_client_that_says_goodbye_does_not_come_back() {
    for close in [&[][..], &[0x03, 0xe8]] {
        let (io, mut ends) = build(LONG);
        let addr = serve(io).await;
        let mut client = Client::connect(addr, Via::WebSocket).await;
        client.websocket().send_frame(true, 0x8, close).await.unwrap();
        assert_eq!(ends.recv().await, Some(CloseReason::TransportClosed));
        let mut client = Client::resume(addr, &client.session, Via::WebSocket).await;
        assert_eq!(client.next().await.as_deref(), Some("7:::1+0"));
    }
}

#[tokio::test]
async fn a_client_that_does_not_come_back_is_gone_with_the_expiry() {
    let (io, mut ends) = build(Duration::from_secs(1));
    let addr = serve(io.clone()).await;
    let client = Client::connect(addr, Via::WebSocket).await;
    let session = client.cut().await;
    let end = tokio::time::timeout(DEADLINE, ends.recv()).await.unwrap();
    assert_eq!(end, Some(CloseReason::TransportError));
    let mut client = Client::resume(addr, &session, Via::Polling).await;
    assert_eq!(client.next().await, None);
}

#[tokio::test]
async fn a_client_that_is_away_is_closed_with_the_server() {
    let (io, mut ends) = build(LONG);
    let addr = serve(io.clone()).await;
    Client::connect(addr, Via::WebSocket).await.cut().await;
    io.close().await;
    assert_eq!(ends.try_recv(), Ok(CloseReason::ServerShutdown));
}

#[tokio::test]
async fn more_than_the_send_buffer_holds_is_not_kept_for_a_client_that_is_away() {
    let (diary, mut ends) = mpsc::unbounded_channel();
    let io = SocketIo::builder::<Keeper>().state(Diary(diary)).send_buffer_limit(1 << 16).build();
    let addr = serve(io.clone()).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    assert_eq!(client.ask(COUNT).await, "6:::1+[1]");
    client.cut().await;
    while ends.try_recv().is_err() {
        io.emit("n", "z".repeat(1000)).unwrap();
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_websocket_is_only_used_once_the_client_has_answered_on_it() {
    let (diary, _ends) = mpsc::unbounded_channel();
    let io = SocketIo::builder::<Keeper>().state(Diary(diary)).websocket_check(true);
    let io = io.client_timeout(Duration::from_secs(1)).build();
    let addr = serve(io).await;
    let handshake = http::request(addr, "GET", "/socket.io/1/", &[], b"").await.unwrap();
    let session = handshake.text().split(':').next().unwrap().to_owned();

    let path = format!("/socket.io/1/websocket/{session}");
    let mut swallowed = WebSocket::open(addr, &path, &[], "13").await.unwrap();
    assert_eq!(swallowed.answer().await.unwrap().status, 101);
    assert_eq!(swallowed.receive().await.unwrap().unwrap().text(), Some("2::"));
    assert!(swallowed.receive().await.unwrap().is_none());

    let mut client = Client::resume(addr, &session, Via::Polling).await;
    assert_eq!(client.next().await.as_deref(), Some("1::"));
    let mut client = Client::resume(addr, &session, Via::WebSocket).await;
    assert_eq!(client.next().await.as_deref(), Some("2::"));
    assert_eq!(client.ask("2::").await, "1::");
    assert_eq!(client.ask(COUNT).await, "6:::1+[1]");
}

/// A request as it comes from an address.
fn from(peer: &str, request: axum::http::request::Builder, body: &'static str) -> Request<Body> {
    let peer: SocketAddr = peer.parse().unwrap();
    request.extension(ConnectInfo(peer)).body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn a_session_can_be_held_to_the_address_that_shook_hands() {
    let (diary, _ends) = mpsc::unbounded_channel();
    let io = SocketIo::builder::<Keeper>().state(Diary(diary)).verify_remote_ip(true);
    let io = io.trusted_proxies(1).build();
    let mut service = io.service();
    let mut ask = async |request| {
        let answer = service.call(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 1000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    };
    let proxied = |request: axum::http::request::Builder, ip: &str| {
        request.header("X-Forwarded-For", format!("9.9.9.9, {ip}"))
    };

    let (_, line) =
        ask(from("10.0.0.1:1", proxied(Request::get("/socket.io/1/"), "1.1.1.1"), "")).await;
    let url = format!("/socket.io/1/xhr-polling/{}", line.split(':').next().unwrap());
    let unknown = (200, "7:::1+0".to_owned());
    // Another client of the same proxy, and the same address without the proxy's word for it.
    let other = from("10.0.0.1:1", proxied(Request::get(&url), "2.2.2.2"), "");
    assert_eq!(ask(other).await, unknown);
    assert_eq!(ask(from("10.0.0.1:1", Request::get(&url), "")).await, unknown);
    let other = from("10.0.0.1:1", proxied(Request::post(&url), "2.2.2.2"), COUNT);
    assert_eq!(ask(other).await.0, 400);
    let other =
        from("10.0.0.1:1", proxied(Request::get(format!("{url}?disconnect")), "2.2.2.2"), "");
    assert_eq!(ask(other).await.0, 200);
    // The client itself, from another port and through another proxy.
    let same = from("10.0.0.2:2", proxied(Request::get(&url), "1.1.1.1"), "");
    assert_eq!(ask(same).await, (200, "1::".to_owned()));
    let ip = r#"5:1+::{"name":"ip"}"#;
    assert_eq!(ask(from("10.0.0.2:2", proxied(Request::post(&url), "1.1.1.1"), ip)).await.0, 200);
    let same = from("10.0.0.2:2", proxied(Request::get(&url), "1.1.1.1"), "");
    assert_eq!(ask(same).await.1, r#"6:::1+["1.1.1.1"]"#);
}

#[tokio::test]
async fn where_addresses_are_not_known_they_can_not_be_held_to() {
    let (diary, _ends) = mpsc::unbounded_channel();
    let io = SocketIo::builder::<Keeper>().state(Diary(diary)).verify_remote_ip(true).build();
    let handshake = Request::get("/socket.io/1/").body(Body::empty()).unwrap();
    assert_eq!(io.service().call(handshake).await.unwrap().status(), 500);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let app = Router::new().merge(io.router());
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    for via in BOTH {
        let mut client = Client::connect(addr, via).await;
        assert_eq!(client.ask(COUNT).await, "6:::1+[1]");
    }
}
