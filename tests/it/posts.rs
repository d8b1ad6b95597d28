//! Bodies of POSTs: for whom they are read, how many at once, and what becomes of those that can't be read.

use std::io;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::Request;
use futures_util::stream;
use serde_json::Value;
use socketio_core::{SocketIo, SocketIoService, prelude::*};
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;
use tokio::time::Instant;
use tower_service::Service as _;

use crate::client::serve;
use crate::stats::until;

#[derive(Default)]
struct Lobby;

#[socket_connection]
impl Lobby {
    #[event]
    fn echo(&self, value: Value) -> Value {
        value
    }
}

/// A handshake of each generation, where its session is posted to, and a packet that does nothing.
const GENERATIONS: [(&str, &str, &str); 3] = [
    ("/socket.io/1/", "/socket.io/1/xhr-polling/", "2::"),
    ("/socket.io/?EIO=3&transport=polling", "/socket.io/?EIO=3&transport=polling&sid=", "1:2"),
    ("/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&transport=polling&sid=", "3"),
];

/// One whose body never comes.
fn endless(url: &str) -> Request<Body> {
    let body = Body::from_stream(stream::pending::<io::Result<Bytes>>());
    Request::post(url).body(body).unwrap()
}

async fn ask(service: &mut SocketIoService, request: Request<Body>) -> (u16, String) {
    let answer = service.call(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn shake_hands(service: &mut SocketIoService, path: &str) -> String {
    let (status, body) = ask(service, Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(status, 200, "{body}");
    let id = body.split('"').nth(3).or(body.split(':').next());
    id.unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_post_for_nobody_is_answered_before_its_body_comes() {
    let mut service = SocketIo::builder::<Lobby>().build().service();
    let mut ids = vec!["AAAAAAAAAAAAAAAAAAAAAA".to_owned(), "x".to_owned()];
    for (handshake, ..) in GENERATIONS {
        ids.push(shake_hands(&mut service, handshake).await);
    }
    let urls = ["/socket.io/1/jsonp-polling/", "/socket.io/1/htmlfile/"];
    let urls = urls.into_iter().chain(GENERATIONS.map(|(_, url, _)| url));
    for url in urls {
        let is_own = |id: &&String| match url {
            url if url.contains("EIO=3") => **id == ids[3],
            url if url.contains("EIO=4") => **id == ids[4],
            _ => **id == ids[2],
        };
        for id in ids.iter().filter(|id| !is_own(id)) {
            let start = Instant::now();
            let (status, body) = ask(&mut service, endless(&format!("{url}{id}"))).await;
            assert_eq!((status, start.elapsed().as_secs()), (400, 0), "{url}{id}: {body}");
            let words = if url.contains("EIO") { "\"code\":" } else { "7:::1+0" };
            assert!(body.contains(words), "{url}{id}: {body}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn posts_count_for_their_session_from_their_heads_on() {
    for (handshake, url, packet) in GENERATIONS {
        let io = SocketIo::builder::<Lobby>().build();
        let mut service = io.service();
        let url = format!("{url}{}", shake_hands(&mut service, handshake).await);
        let whole = || Request::post(&url).body(Body::from(packet)).unwrap();
        let start = |service: &mut SocketIoService, count| -> Vec<_> {
            (0..count).map(|_| service.call(endless(&url))).collect()
        };
        for _ in 0..2 {
            // Those whose client leaves count no longer.
            let _seven = start(&mut service, 7);
            for _ in 0..2 {
                assert_eq!(ask(&mut service, whole()).await.0, 200, "{url}");
            }
        }
        let _eight = start(&mut service, 8);
        assert_eq!(ask(&mut service, whole()).await.0, 400, "{url}");
        until(&io, "over", |stats| stats.closed["protocol violation"].sessions == 1).await;
    }
}

#[tokio::test]
async fn a_post_that_can_not_be_read_ends_a_session_that_polls_and_no_other() {
    let bytes = [("Content-Type", "application/octet-stream")];
    for (revision, headers) in [("4", &[][..]), ("4", &bytes), ("3", &[])] {
        let io = SocketIo::builder::<Lobby>().build();
        let addr = serve(io.clone()).await;
        let path = format!("/socket.io/?EIO={revision}&transport=websocket");
        let mut socket = WebSocket::open(addr, &path, &[], "13").await.unwrap();
        assert_eq!(socket.answer().await.unwrap().status, 101);
        let mut next = async |text: Option<&str>| {
            if let Some(text) = text {
                socket.send_text(text).await.unwrap();
            }
            socket.receive().await.unwrap().unwrap().text().unwrap().to_owned()
        };
        let open = next(None).await;
        next((revision == "4").then_some("40")).await;
        let polling = path.replace("websocket", "polling");
        let post = async |id: &str| {
            let url = format!("{polling}&sid={id}");
            let answer = http::request(addr, "POST", &url, headers, b"\xff\xfe").await.unwrap();
            (answer.status, answer.text().into_owned())
        };
        let misplaced = (400, r#"{"code":3,"message":"Bad request"}"#.to_owned());
        assert_eq!(post(open.split('"').nth(3).unwrap()).await, misplaced, "{revision}");
        assert_eq!(next(Some(r#"421["echo",7]"#)).await, "431[7]");

        let answer = http::request(addr, "GET", &polling, &[], b"").await.unwrap();
        let id = answer.text().split('"').nth(3).unwrap().to_owned();
        assert_eq!(post(&id).await, (400, String::new()), "{revision}");
        until(&io, "over", |stats| stats.clients.active_sessions == 1).await;
        assert_eq!(io.stats().closed["protocol violation"].sessions, 1);
    }
}
