//! Polling by scripts and forms: what the recordings do not hold, and what killed the reference server.

use std::net::SocketAddr;

use socketio_core::{Origins, SocketIo, prelude::*};
use socketio_tests::http::{self, Response};
use socketio_tests::websocket::WebSocket;

use crate::client::{Client, Via, serve};

#[derive(Default)]
struct Echo;

#[socket_connection]
impl Echo {
    #[on_message]
    fn echo(&self, socket: &Socket, message: Message) -> Result<(), EmitError> {
        socket.send(message)
    }

    #[event]
    fn transport(&self, socket: &Socket) -> &'static str {
        socket.transport().map_or("", |transport| transport.as_str())
    }
}

/// A session over jsonp-polling, from a page of the server's own host.
struct Page {
    addr: SocketAddr,
    url: String,
    referer: String,
}

impl Page {
    async fn connect(addr: SocketAddr) -> Self {
        let answer = http::request(addr, "GET", "/socket.io/1/", &[], b"").await.unwrap();
        let session = answer.text().split(':').next().unwrap().to_owned();
        let url = format!("/socket.io/1/jsonp-polling/{session}");
        let page = Self { addr, url, referer: format!("http://{addr}/page") };
        assert_eq!(page.poll("?i=0").await, "io.j[0](\"1::\");");
        page
    }

    async fn poll(&self, query: &str) -> String {
        let headers = [("Referer", &*self.referer)];
        let url = format!("{}{query}", self.url);
        let answer = http::request(self.addr, "GET", &url, &headers, b"").await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text().into_owned()
    }

    async fn post(&self, body: &str) -> Response {
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        http::request(self.addr, "POST", &self.url, &form, body.as_bytes()).await.unwrap()
    }

    /// Shows that the session is there, and holds nothing else to be polled.
    async fn check_alive(&self) {
        assert_eq!(self.post("d=%223:::still+here%22").await.status, 200);
        assert_eq!(self.poll("?i=1").await, "io.j[1](\"3:::still here\");");
    }
}

async fn start() -> SocketAddr {
    serve(SocketIo::builder::<Echo>().build()).await
}

#[tokio::test]
async fn a_form_brings_packets_as_json_or_as_clients_before_0_8_6_wrote_them() {
    let page = Page::connect(start().await).await;
    for (body, script) in [
        ("d=%223:::a%5Cn%5C%22%3C/script%3E%22", r#"io.j[2]("3:::a\n\"\u003c\/script>");"#),
        ("d=3%3A%3A%3Aa%0D%0A%22b%22+%E2%98%83", "io.j[2](\"3:::a\\n\\\"b\\\" ☃\");"),
        (
            "d=%22%EF%BF%BD6%EF%BF%BD3:::%F0%9F%98%80%EF%BF%BD5%EF%BF%BD3:::b%22",
            "io.j[2](\"\u{fffd}6\u{fffd}3:::😀\u{fffd}5\u{fffd}3:::b\");",
        ),
        (
            "d=%225:1%2B::%7B%5C%22name%5C%22:%5C%22transport%5C%22%7D%22",
            r#"io.j[2]("6:::1+[\"jsonp-polling\"]");"#,
        ),
    ] {
        let answer = page.post(body).await;
        assert_eq!((answer.status, &*answer.text()), (200, "1"), "{body}");
        assert_eq!(page.poll("?t=5&i=2").await, script, "{body}");
    }
}

#[tokio::test]
async fn a_form_without_packets_is_refused_and_nothing_of_it_comes_back() {
    let page = Page::connect(start().await).await;
    for body in
        ["d=notjson", "x=1", "d=5", "", "d=%22", "d=%22%5Cx%22", "d=3:::%FF", "d=%22<b>", "%"]
    {
        let answer = page.post(body).await;
        let refusal = "no packets in the form's field d";
        assert_eq!((answer.status, &*answer.text()), (400, refusal), "{body}");
    }
    let long = format!("d=3:::{}", "x".repeat(1 << 20));
    assert_eq!(page.post(&long).await.status, 413);
    page.check_alive().await;
}

#[tokio::test]
async fn a_script_calls_nothing_but_an_index() {
    let page = Page::connect(start().await).await;
    for (query, index) in [
        ("", "0"),
        ("?i=", "0"),
        ("?i=-1", "0"),
        ("?i=alert(1)//", "0"),
        ("?i=0%5D(1);alert(1", "0"),
        ("?i=12345678901", "0"),
        ("?t=9&i=42", "42"),
    ] {
        page.post("d=%222::%22&d=%223:::no%22").await;
        page.post("d=%223:::x%22").await;
        assert_eq!(page.poll(query).await, format!("io.j[{index}](\"3:::x\");"), "{query}");
    }
}

#[tokio::test]
async fn a_script_for_a_session_that_is_not_there_says_so_to_the_client() {
    let addr = start().await;
    let page = Page::connect(addr).await;
    let gone = Page { url: "/socket.io/1/jsonp-polling/nosuch".into(), ..page };
    assert_eq!(gone.poll("?i=3").await, "io.j[3](\"7:::1+0\");");
    assert_eq!(gone.post("d=%222::%22").await.status, 400);
}

#[tokio::test]
async fn a_page_that_may_not_connect_or_hides_can_not_poll() {
    let list = Origins::List(vec!["https://friend.example".into()]);
    let addr = serve(SocketIo::builder::<Echo>().origins(list).build()).await;
    let page = Page::connect(addr).await;
    for (headers, method, status) in [
        (&[][..], "GET", 403),
        (&[("Referer", "http://evil.example/x")], "GET", 403),
        (&[("Origin", "http://evil.example")], "GET", 403),
        (&[("Origin", "null"), ("Referer", "https://friend.example/")], "GET", 403),
        (&[("Origin", "http://evil.example")], "POST", 403),
        (&[("Origin", "null")], "POST", 403),
        (&[("Referer", "https://friend.example/a/b?c")], "GET", 200),
        (&[("Origin", "https://friend.example")], "POST", 200),
        (&[("Referer", &*page.referer)], "PUT", 405),
    ] {
        // Something for a poll to take.
        assert_eq!(page.post("d=%223:::x%22").await.status, 200);
        let body = if method == "POST" { &b"d=2::"[..] } else { b"" };
        let answer = http::request(addr, method, &page.url, headers, body).await.unwrap();
        assert_eq!(answer.status, status, "{method} {headers:?}");
        let cors = answer.header("access-control-allow-origin");
        assert_eq!(cors.is_some(), method == "POST" && status == 200, "{method} {headers:?}");
        if (method, status) != ("GET", 200) {
            assert_eq!(page.poll("").await, "io.j[0](\"3:::x\");");
        }
    }
}

#[tokio::test]
async fn a_websocket_where_there_is_none_is_refused_and_the_session_lives() {
    let page = Page::connect(start().await).await;
    let referer = [("Referer", &*page.referer)];
    let xhr = page.url.replace("jsonp", "xhr");
    for (path, headers, status) in [
        (&page.url, &referer[..], 400),
        (&page.url, &[], 403),
        (&xhr, &[], 400),
        (&"/socket.io/1/websocket/abc?disconnect=1".to_owned(), &[], 200),
    ] {
        let mut socket = WebSocket::open(page.addr, path, headers, "13").await.unwrap();
        assert_eq!(socket.answer().await.unwrap().status, status, "{path}");
    }
    page.check_alive().await;
}

#[tokio::test]
async fn endpoints_with_the_names_of_an_objects_members_are_unknown() {
    let mut client = Client::connect(start().await, Via::WebSocket).await;
    for name in ["__proto__", "toString", "constructor"] {
        client.send(&format!("3::{name}:x")).await;
        client.send(&format!("3::/{name}:x")).await;
    }
    assert_eq!(client.ask("3:::here").await, "3:::here");
}

#[tokio::test]
async fn packets_behind_the_prefix_of_old_browsers_are_taken_in() {
    let mut client = Client::connect(start().await, Via::Polling).await;
    assert_eq!(client.ask("data=3:::a=b").await, "3:::a=b");
}
