//! Requests of Engine.IO at the boundary: whose session an id names, what is refused, and what a refusal
//! leaves behind. What the reference says to each is in the recordings.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use socketio_core::{Origins, SocketIo, prelude::*};
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;
use tower_service::Service as _;

use crate::client::{Client, Via, serve};

#[derive(Default)]
struct Echo;

#[socket_connection]
impl Echo {
    #[event]
    fn echo(&self, text: String) -> String {
        text
    }
}

async fn start() -> (SocketAddr, SocketIo) {
    let io = SocketIo::builder::<Echo>().origins(Origins::Any).build();
    (serve(io.clone()).await, io)
}

async fn ask(addr: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String) {
    let answer = http::request(addr, method, path, &[], body.as_bytes()).await.unwrap();
    (answer.status, answer.text().into_owned())
}

/// Opens a session that polls; gives its id.
async fn open(addr: SocketAddr, revision: &str) -> String {
    let path = format!("/socket.io/?EIO={revision}&transport=polling");
    let (status, body) = ask(addr, "GET", &path, "").await;
    assert_eq!(status, 200, "{body}");
    body.split('"').nth(3).unwrap().to_owned()
}

/// Asks for a WebSocket; gives it, or what was answered instead.
async fn websocket(addr: SocketAddr, path: &str) -> Result<WebSocket, (u16, String)> {
    let mut socket = WebSocket::open(addr, path, &[], "13").await.unwrap();
    let answer = socket.answer().await.unwrap();
    if answer.status == 101 { Ok(socket) } else { Err((answer.status, answer.text().into())) }
}

#[tokio::test]
async fn the_id_of_a_session_means_nothing_on_the_urls_of_another_generation() {
    let (addr, _) = start().await;
    for revision in ["3", "4"] {
        let id = open(addr, revision).await;
        for transport in ["xhr-polling", "jsonp-polling", "htmlfile"] {
            let path = format!("/socket.io/1/{transport}/{id}?i=0&t=1");
            let (_, body) = ask(addr, "GET", &path, "").await;
            assert!(body.contains("7:::1+0"), "{transport}: {body}");
            let (status, _) = ask(addr, "POST", &path, "3:::a").await;
            assert_eq!(status, 400, "{transport}");
        }
        ask(addr, "GET", &format!("/socket.io/1/xhr-polling/{id}?disconnect"), "").await;
        let mut legacy = Client::resume(addr, &id, Via::WebSocket).await;
        assert_eq!(legacy.next().await.as_deref(), Some("7:::1+0"));
        // The session has noticed nothing.
        let path = format!("/socket.io/?EIO={revision}&transport=polling&sid={id}");
        let (noop, ok) = (if revision == "4" { "6" } else { "1:6" }, (200, "ok".to_owned()));
        assert_eq!(ask(addr, "POST", &path, noop).await, ok);
    }
    let legacy = Client::connect(addr, Via::Polling).await;
    for revision in ["3", "4"] {
        let path = format!("/socket.io/?EIO={revision}&transport=polling&sid={}", legacy.session);
        let unknown = (400, r#"{"code":1,"message":"Session ID unknown"}"#.to_owned());
        assert_eq!(ask(addr, "GET", &path, "").await, unknown);
    }
}

#[tokio::test]
async fn a_request_in_another_revision_than_its_session_s_is_refused() {
    let (addr, _) = start().await;
    for (revision, other) in [("3", "4"), ("4", "3")] {
        let id = open(addr, revision).await;
        let bad = (400, r#"{"code":3,"message":"Bad request"}"#.to_owned());
        let path = format!("/socket.io/?EIO={other}&transport=polling&sid={id}");
        assert_eq!(ask(addr, "GET", &path, "").await, bad);
        assert_eq!(ask(addr, "POST", &path, "").await, bad);
        let path = format!("/socket.io/?EIO={other}&transport=websocket&sid={id}");
        let refused = websocket(addr, &path).await.err();
        assert_eq!(refused, Some((400, "Bad request".to_owned())));
    }
}

#[tokio::test]
async fn what_is_no_upgrade_leaves_no_session_behind() {
    let (addr, io) = start().await;
    let path = "/socket.io/?EIO=4&transport=websocket";
    let mut socket = WebSocket::open(addr, path, &[], "99").await.unwrap();
    let answer = socket.answer().await.unwrap();
    assert_eq!((answer.status, &*answer.text()), (400, "Bad request"));
    assert_eq!(io.sessions(), 0);
}

#[tokio::test]
async fn a_server_that_stops_opens_no_session() {
    let (addr, io) = start().await;
    let id = open(addr, "4").await;
    let path = "/socket.io/?EIO=4&transport=polling";
    let poll = format!("{path}&sid={id}");
    let ((), told) = tokio::join!(io.close(), ask(addr, "GET", &poll, ""));
    assert_eq!(told, (200, "1".to_owned()));
    assert_eq!(ask(addr, "GET", path, "").await.0, 503);
    let refused = websocket(addr, "/socket.io/?EIO=4&transport=websocket").await.err();
    assert_eq!(refused.map(|(status, _)| status), Some(503));
    let unknown = r#"{"code":1,"message":"Session ID unknown"}"#;
    assert_eq!(ask(addr, "GET", &format!("{path}&sid={id}"), "").await, (400, unknown.to_owned()));
}

#[tokio::test]
async fn a_session_is_held_to_the_address_that_opened_it() {
    let io = SocketIo::builder::<Echo>().verify_remote_ip(true).build();
    let mut service = io.service();
    let mut ask = async |peer: &str, path: &str| {
        let peer: SocketAddr = peer.parse().unwrap();
        let request = Request::post(path).extension(ConnectInfo(peer)).body(Body::from("6"));
        let mut request = request.unwrap();
        if !path.contains("sid") {
            *request.method_mut() = axum::http::Method::GET;
        }
        let body = service.call(request).await.unwrap().into_body();
        String::from_utf8(to_bytes(body, 1000).await.unwrap().to_vec()).unwrap()
    };
    let path = "/socket.io/?EIO=4&transport=polling";
    let open = ask("10.0.0.1:1", path).await;
    let path = format!("{path}&sid={}", open.split('"').nth(3).unwrap());
    let unknown = r#"{"code":1,"message":"Session ID unknown"}"#;
    assert_eq!(ask("10.0.0.2:1", &path).await, unknown);
    assert_eq!(ask("10.0.0.1:2", &path).await, "ok");
}

#[tokio::test]
async fn a_poll_that_waits_holds_nothing_of_its_request() {
    let io = SocketIo::builder::<Echo>().build();
    let mut service = io.service();
    let head = Arc::new(());
    let mut ask = |path: &str| {
        let request =
            Request::get(path).header("Origin", "http://a.example").header("Host", "a.example");
        service.call(request.extension(Arc::clone(&head)).body(Body::empty()).unwrap())
    };
    let path = "/socket.io/?EIO=4&transport=polling";
    let opened = ask(path).await.unwrap().into_body();
    let opened = String::from_utf8(to_bytes(opened, 1000).await.unwrap().to_vec()).unwrap();
    let poll = ask(&format!("{path}&sid={}", opened.split('"').nth(3).unwrap()));
    assert_eq!(Arc::strong_count(&head), 1);
    io.close().await;
    let answer = poll.await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "http://a.example");
}

#[tokio::test]
async fn a_body_that_is_too_large_leaves_its_session_alone() {
    let addr = serve(SocketIo::builder::<Echo>().max_message_bytes(20).build()).await;
    let path = format!("/socket.io/?EIO=4&transport=polling&sid={}", open(addr, "4").await);
    assert_eq!(ask(addr, "POST", &path, &"4".repeat(21)).await, (413, String::new()));
    assert_eq!(ask(addr, "POST", &path, "40").await, (200, "ok".to_owned()));
    assert!(ask(addr, "GET", &path, "").await.1.starts_with("40{"));
}

#[tokio::test]
async fn a_session_that_was_upgraded_counts_as_a_websocket() {
    let (addr, io) = start().await;
    let id = open(addr, "4").await;
    let path = format!("/socket.io/?EIO=4&transport=websocket&sid={id}");
    let mut socket = websocket(addr, &path).await.unwrap();
    socket.send_text("2probe").await.unwrap();
    assert_eq!(socket.receive().await.unwrap().unwrap().to_string(), "3probe");
    socket.send_text("5").await.unwrap();
    socket.send_text("40").await.unwrap();
    assert!(socket.receive().await.unwrap().unwrap().to_string().starts_with("40{"));
    let stats = io.stats();
    let active = |name| stats.transports[name].active_connections;
    assert_eq!((active("websocket"), active("polling")), (1, 0));
}
