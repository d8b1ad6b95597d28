//! What surrounds packets of clients since Socket.IO 1.0: origins, cookies, headers, compression.

use std::io::Read as _;
use std::net::SocketAddr;

use axum::http::HeaderValue;
use flate2::read::GzDecoder;
use serde_json::Value;
use socketio_core::{Builder, Origins, SocketIo, StickyCookie, prelude::*};
use socketio_tests::http::{self, Response};
use socketio_tests::websocket::WebSocket;

use crate::client::serve;

#[derive(Default)]
struct Echo;

#[socket_connection]
impl Echo {
    #[event]
    fn message(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.emit("message", text)
    }
}

fn build() -> Builder<Echo> {
    SocketIo::builder::<Echo>()
}

const PAGE: &str = "https://page.example";
const POLLING: &str = "/socket.io/?EIO=4&transport=polling";

/// A server that pages of [`PAGE`] may connect to.
async fn for_page() -> SocketAddr {
    serve(build().origins(Origins::List(vec![PAGE.into()])).build()).await
}

async fn ask(
    addr: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    http::request(addr, method, path, headers, body.as_bytes()).await.unwrap()
}

/// Shakes hands; the session's path.
async fn shake_hands(addr: SocketAddr, query: &str) -> String {
    let path = format!("/socket.io/?transport=polling&{query}");
    let answer = ask(addr, "GET", &path, &[], "").await;
    format!("{path}&sid={}", session_of(&answer))
}

fn session_of(answer: &Response) -> String {
    let text = answer.text();
    let json = text.get(text.find('{').unwrap()..=text.find('}').unwrap()).unwrap();
    let open: Value = serde_json::from_str(json).unwrap();
    open["sid"].as_str().unwrap().to_owned()
}

fn cors(answer: &Response) -> [Option<&str>; 2] {
    ["access-control-allow-origin", "access-control-allow-credentials"]
        .map(|name| answer.header(name))
}

fn varies_by(answer: &Response, name: &str) -> bool {
    answer.header("vary").is_some_and(|all| all.split(", ").any(|one| one == name))
}

#[tokio::test]
async fn pages_that_may_connect_read_every_answer_and_others_none() {
    let addr = for_page().await;
    let session = shake_hands(addr, "EIO=4").await;
    let mismatch = session.replace("EIO=4", "EIO=3");
    for (method, path, body, status) in [
        ("GET", POLLING, "", 200),
        ("POST", &session, "40", 200),
        ("GET", &session, "", 200),
        ("PUT", &session, "", 500),
        ("GET", &mismatch, "", 400),
        ("POST", POLLING, "", 400),
        ("GET", "/socket.io/?EIO=4&transport=nope", "", 400),
        ("GET", "/socket.io/?EIO=4&transport=polling&sid=nope", "", 400),
    ] {
        // Who may not is told nothing of any session, and does nothing to it.
        let refused = ask(addr, method, path, &[("Origin", "https://evil.example")], body).await;
        let (status_of, text) = match path.contains("nope") && !path.contains("sid") {
            true => (400, r#"{"code":0,"message":"Transport unknown"}"#),
            false => (403, r#"{"code":4,"message":"Forbidden"}"#),
        };
        assert_eq!(refused.text(), text, "{method} {path}");
        assert_eq!((refused.status, cors(&refused)), (status_of, [None; 2]), "{method} {path}");
        assert!(varies_by(&refused, "Origin"), "{method} {path}");

        let answer = ask(addr, method, path, &[("Origin", PAGE)], body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        assert_eq!(cors(&answer), [Some(PAGE), Some("true")], "{method} {path}");
        assert!(varies_by(&answer, "Origin"), "{method} {path}");
    }
    // To a cache an answer for nobody's page is another one, too.
    let answer = ask(addr, "GET", POLLING, &[], "").await;
    assert_eq!(cors(&answer), [None; 2]);
    assert!(varies_by(&answer, "Origin"));
}

#[tokio::test]
async fn what_browsers_ask_beforehand_is_answered_for_any_header_of_a_page() {
    let addr = for_page().await;
    let session = shake_hands(addr, "EIO=4").await;
    for path in [POLLING, &session, "/socket.io/socket.io.esm.min.js"] {
        let asked = [
            ("Origin", PAGE),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,x-my-header"),
        ];
        let answer = ask(addr, "OPTIONS", path, &asked, "").await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
        assert_eq!(cors(&answer), [Some(PAGE), Some("true")], "{path}");
        for (name, value) in [
            ("access-control-allow-methods", "GET, POST"),
            ("access-control-allow-headers", "authorization,x-my-header"),
            ("access-control-max-age", "3600"),
            ("vary", "Origin, Access-Control-Request-Headers"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let without = ask(addr, "OPTIONS", path, &asked[..2], "").await;
        assert_eq!(without.header("access-control-allow-headers"), None);
        let refused = ask(addr, "OPTIONS", path, &[("Origin", "null"), asked[2]], "").await;
        assert_eq!((refused.status, cors(&refused)), (403, [None; 2]), "{path}");
        assert_eq!(refused.header("access-control-allow-headers"), None, "{path}");
    }
}

#[tokio::test]
async fn origins_decide_about_websockets_and_scripts_as_well() {
    let addr = for_page().await;
    let session = shake_hands(addr, "EIO=3").await;
    let upgrade = session.replace("polling", "websocket");
    for path in ["/socket.io/?EIO=4&transport=websocket", &upgrade] {
        let evil = [("Origin", "https://evil.example")];
        let mut socket = WebSocket::open(addr, path, &evil, "13").await.unwrap();
        let answer = socket.answer().await.unwrap();
        assert_eq!((answer.status, &*answer.text()), (400, "Forbidden"), "{path}");
        let mut socket = WebSocket::open(addr, path, &[("Origin", PAGE)], "13").await.unwrap();
        assert_eq!(socket.answer().await.unwrap().status, 101, "{path}");
    }
    // A page that loads a script sends no origin.
    let script = "/socket.io/?EIO=3&transport=polling&j=0";
    for (referer, status) in [
        (None, 403),
        (Some("https://evil.example/page"), 403),
        (Some("https://page.example/page"), 200),
    ] {
        let headers: Vec<_> = referer.map(|referer| ("Referer", referer)).into_iter().collect();
        assert_eq!(ask(addr, "GET", script, &headers, "").await.status, status, "{referer:?}");
    }
}

#[tokio::test]
async fn the_cookie_names_the_session_in_the_answer_to_a_polling_handshake_alone() {
    for (cookie, attributes) in [
        (StickyCookie::new("io"), "Path=/; HttpOnly; SameSite=Lax"),
        (StickyCookie::new("io").secure(), "Path=/; HttpOnly; SameSite=Lax; Secure"),
        (
            StickyCookie::new("io").cross_site(),
            "Path=/; HttpOnly; SameSite=None; Secure; Partitioned",
        ),
    ] {
        let addr = serve(build().cookie(cookie).build()).await;
        for query in ["EIO=4", "EIO=3"] {
            let path = format!("/socket.io/?transport=polling&{query}");
            let answer = ask(addr, "GET", &path, &[], "").await;
            let session = session_of(&answer);
            let expected = format!("io={session}; {attributes}");
            assert_eq!(answer.header("set-cookie"), Some(&*expected));
            let path = format!("{path}&sid={session}");
            let join = if query == "EIO=3" { "4:40/x" } else { "40" };
            let posted = ask(addr, "POST", &path, &[], join).await;
            let polled = ask(addr, "GET", &path, &[], "").await;
            for answer in [posted, polled] {
                assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
            }
        }
        let path = "/socket.io/?EIO=4&transport=websocket";
        let mut socket = WebSocket::open(addr, path, &[], "13").await.unwrap();
        assert_eq!(socket.answer().await.unwrap().header("set-cookie"), None);
    }
    let addr = serve(build().build()).await;
    assert_eq!(ask(addr, "GET", POLLING, &[], "").await.header("set-cookie"), None);
}

#[tokio::test]
async fn the_applications_headers_are_on_every_answer() {
    let io = build().response_headers(|request, headers| {
        let is_first = !request.uri().query().unwrap_or_default().contains("sid=");
        headers.insert("x-first", HeaderValue::from_static(if is_first { "yes" } else { "no" }));
        if let Some(id) = request.headers().get("x-request-id") {
            headers.insert("x-request-id", id.clone());
        }
        headers.remove("cache-control");
    });
    let addr = serve(io.build()).await;
    let session = shake_hands(addr, "EIO=4").await;
    let id = ("X-Request-Id", "7");
    for (method, path, body, first) in [
        ("GET", POLLING, "", "yes"),
        ("POST", &session, "40", "no"),
        ("GET", &session, "", "no"),
        ("GET", "/socket.io/?EIO=4&transport=nope", "", "yes"),
        ("OPTIONS", POLLING, "", "yes"),
        ("GET", "/socket.io/1/", "", "yes"),
        ("GET", "/socket.io/socket.io.js", "", "yes"),
    ] {
        let answer = ask(addr, method, path, &[id], body).await;
        assert_eq!(answer.header("x-first"), Some(first), "{method} {path}");
        assert_eq!(answer.header("x-request-id"), Some("7"), "{method} {path}");
        assert_eq!(answer.header("cache-control"), None, "{method} {path}");
    }
    let path = "/socket.io/?EIO=4&transport=websocket";
    let mut socket = WebSocket::open(addr, path, &[id], "13").await.unwrap();
    let answer = socket.answer().await.unwrap();
    assert_eq!((answer.status, answer.header("x-request-id")), (101, Some("7")));
    let elsewhere = ask(addr, "GET", "/elsewhere", &[id], "").await;
    assert_eq!((elsewhere.status, elsewhere.header("x-first")), (404, None));
}

/// What a poll of these headers answers to a text of this length, and how many bytes that are plain.
async fn poll_text(
    addr: SocketAddr,
    query: &str,
    headers: &[(&str, &str)],
    length: usize,
) -> (Response, String) {
    let session = shake_hands(addr, query).await;
    let text = "x".repeat(length);
    let event = format!(r#"42["message","{text}"]"#);
    let packets = match query {
        "EIO=3" => format!("{}:{event}", event.len()),
        _ => format!("40\u{1e}{event}"),
    };
    ask(addr, "POST", &session, &[], &packets).await;
    let mut body = String::new();
    loop {
        let answer = ask(addr, "GET", &session, headers, "").await;
        assert_eq!(answer.status, 200);
        let plain = match answer.header("content-encoding") {
            Some("gzip") => {
                let mut plain = String::new();
                GzDecoder::new(&*answer.body).read_to_string(&mut plain).unwrap();
                plain
            }
            _ => answer.text().into_owned(),
        };
        body += &plain;
        if body.contains(r#"["message","#) {
            return (answer, plain);
        }
    }
}

#[tokio::test]
async fn long_answers_to_polls_are_compressed_for_those_who_take_that() {
    let addr = serve(build().build()).await;
    let gzip = Some("gzip, deflate, br");
    for query in ["EIO=4", "EIO=3"] {
        for (accepted, length, is_compressed) in [
            (gzip, 100_000, true),
            (gzip, 2_000, true),
            (gzip, 500, false),
            (None, 100_000, false),
            (Some("deflate, br"), 100_000, false),
            (Some("gzip;q=0, *"), 100_000, false),
        ] {
            let headers: Vec<_> = accepted.map(|it| ("Accept-Encoding", it)).into_iter().collect();
            let (answer, plain) = poll_text(addr, query, &headers, length).await;
            let found = answer.header("content-encoding");
            assert_eq!(found, is_compressed.then_some("gzip"), "{query} {accepted:?} {length}");
            assert!(varies_by(&answer, "Accept-Encoding"));
            assert!(plain.len() >= length, "{} of {length}", plain.len());
            assert!(!is_compressed || answer.body.len() < length / 2);
        }
    }
}

#[tokio::test]
async fn an_answer_is_compressed_if_one_of_its_packets_asks_for_that() {
    let io = build().build();
    let addr = serve(io.clone()).await;
    let gzip = [("Accept-Encoding", "gzip")];
    for query in ["EIO=4", "EIO=3"] {
        let session = shake_hands(addr, query).await;
        if query == "EIO=4" {
            ask(addr, "POST", &session, &[], "40").await;
            assert!(ask(addr, "GET", &session, &[], "").await.text().starts_with("40"));
        }
        for (asking, is_compressed) in [
            (&[true][..], true),
            (&[false], false),
            (&[false, false], false),
            (&[false, true, false], true),
            (&[false], false),
        ] {
            for compress in asking {
                io.of("").compress(*compress).emit("text", "x".repeat(2_000)).unwrap();
            }
            let mut answer = ask(addr, "GET", &session, &gzip, "").await;
            if answer.text() == "2:40" {
                answer = ask(addr, "GET", &session, &gzip, "").await;
            }
            let found = answer.header("content-encoding");
            assert_eq!(found, is_compressed.then_some("gzip"), "{query} {asking:?}");
        }
        ask(addr, "POST", &session, &[], if query == "EIO=4" { "1" } else { "1:1" }).await;
    }
}

#[tokio::test]
async fn answers_are_compressed_from_the_threshold_on_or_never() {
    let gzip = [("Accept-Encoding", "gzip")];
    // The handshake is a body of known length, too.
    let plain = serve(build().http_compression(None).build()).await;
    let handshake = ask(plain, "GET", POLLING, &gzip, "").await;
    assert!(!varies_by(&handshake, "Accept-Encoding"));
    let length = handshake.body.len();
    for (threshold, is_compressed) in [(length, true), (length + 1, false), (0, true)] {
        let addr = serve(build().http_compression(threshold).build()).await;
        let answer = ask(addr, "GET", POLLING, &gzip, "").await;
        assert_eq!(answer.header("content-encoding").is_some(), is_compressed, "{threshold}");
    }
    let (answer, _) = poll_text(plain, "EIO=4", &gzip, 100_000).await;
    assert_eq!(answer.header("content-encoding"), None);
}

#[tokio::test]
async fn clients_of_0_9_get_plain_answers() {
    let io = build().build();
    let addr = serve(io.clone()).await;
    let line = ask(addr, "GET", "/socket.io/1/", &[], "").await;
    let id = line.text().split(':').next().unwrap().to_owned();
    let path = format!("/socket.io/1/xhr-polling/{id}");
    let gzip = [("Accept-Encoding", "gzip")];
    assert_eq!(ask(addr, "GET", &path, &gzip, "").await.text(), "1::");
    io.of("").send("x".repeat(5_000)).unwrap();
    let answer = ask(addr, "GET", &path, &gzip, "").await;
    assert_eq!((answer.header("content-encoding"), answer.body.len()), (None, 5_004));
}

#[test]
fn a_cookie_whose_name_can_not_be_one_makes_no_server() {
    for name in ["", "a b", "a;b", "a=b", "é", "a\r\nb"] {
        let io = build().cookie(StickyCookie::new(name));
        let built = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| io.build()));
        let reason = built.unwrap_err().downcast::<String>().unwrap();
        assert!(reason.contains("`cookie` has a name"), "{name:?}: {reason}");
    }
}
