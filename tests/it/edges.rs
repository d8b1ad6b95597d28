//! Where lives cross: leaving while opening, kicking a client that has more to say, slow readers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use socketio_core::{SocketIo, prelude::*};
use socketio_tests::connection::DEADLINE;
use socketio_tests::http;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tower_service::Service as _;

use crate::client::{BOTH, Client, Via, serve};

#[derive(Clone, Default)]
struct Shared {
    handled: Arc<AtomicUsize>,
    gate: Arc<Notify>,
    diary: Arc<Mutex<Vec<String>>>,
}

#[derive(Default)]
struct Edge;

#[socket_connection]
#[endpoints("/quick" => Quick, "/slow" => Slow)]
impl Edge {
    #[event]
    fn echo(&self, text: String) -> String {
        text
    }

    #[event]
    fn kick(&self, socket: &Socket) {
        socket.disconnect();
    }

    #[event]
    fn panic(&self) {
        panic!("on purpose");
    }

    #[event]
    fn count(&self, State(shared): State<Shared>) {
        shared.handled.fetch_add(1, Ordering::SeqCst);
    }

    #[event]
    async fn stream(&self, socket: &Socket, count: usize) -> Result<(), EmitError> {
        for n in 0..count {
            socket.emit("item", (n, "x".repeat(1000)))?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// More than the send buffer holds of what may be dropped, and then something that may not.
    #[event]
    fn chatter(&self, socket: &Socket) -> Result<(), EmitError> {
        let text = "z".repeat(1000);
        (0..6000).try_for_each(|_| socket.volatile().emit("noise", &text))?;
        socket.emit("heard", ())
    }

    /// Opens the gate when the connection has ended.
    #[event]
    fn watch(&self, socket: Socket, State(shared): State<Shared>) {
        tokio::spawn(async move {
            socket.closed().await;
            shared.gate.notify_one();
        });
    }

    #[event]
    async fn hang(&self) {
        std::future::pending::<()>().await;
    }

    /// Says a lot, then goodbye, while another handler of the same client still runs.
    #[event]
    fn say_and_leave(&self, socket: &Socket) -> Result<(), EmitError> {
        for _ in 0..65 {
            socket.send("y".repeat(50_000))?;
        }
        socket.disconnect();
        Ok(())
    }

    #[event]
    fn odd(&self) -> std::collections::HashMap<(u8, u8), u8> {
        std::collections::HashMap::from([((1, 2), 3)])
    }

    #[on_close]
    fn close(&self, State(shared): State<Shared>, reason: CloseReason) {
        shared.diary.lock().unwrap().push(format!("closed: {reason}"));
    }
}

#[derive(Default)]
struct Quick;

#[socket_connection]
impl Quick {
    #[event]
    async fn hang(&self) {
        std::future::pending::<()>().await;
    }
}

struct Slow;

#[socket_connection]
impl Slow {
    #[on_open]
    async fn open(State(shared): State<Shared>) -> Self {
        shared.gate.notified().await;
        Slow
    }
}

fn build() -> (SocketIo, Shared) {
    let shared = Shared::default();
    (SocketIo::builder::<Edge>().state(shared.clone()).build(), shared)
}

const ECHO: &str = r#"5:1+::{"name":"echo","args":["here"]}"#;
const HERE: &str = r#"6:::1+["here"]"#;

#[tokio::test]
async fn an_endpoint_that_was_left_while_it_opened_can_be_joined_again() {
    for via in BOTH {
        let (io, shared) = build();
        let addr = serve(io.clone()).await;
        let mut client = Client::connect(addr, via).await;
        for packet in ["1::/slow", "0::/slow", "1::/slow"] {
            client.send(packet).await;
        }
        assert_eq!(client.ask(ECHO).await, HERE);
        shared.gate.notify_one();
        shared.gate.notify_one();
        while client.next().await.as_deref() != Some("1::/slow") {
            shared.gate.notify_one();
        }

        let mut client = Client::connect(addr, Via::Polling).await;
        // Both before the endpoint's connection has run at all.
        client.send("\u{fffd}8\u{fffd}1::/quick\u{fffd}8\u{fffd}0::/quick").await;
        while client.ask("1::/quick").await != "1::/quick" {}
        // And it is there once.
        assert_eq!(client.ask(ECHO).await, HERE);
        io.of("/quick").emit("hello", ()).unwrap();
        assert_eq!(client.next().await.as_deref(), Some(r#"5::/quick:{"name":"hello"}"#));
        assert_eq!(client.ask(ECHO).await, HERE);
    }
}

#[tokio::test]
async fn what_is_queued_behind_the_servers_goodbye_is_not_handled() {
    for last in ["kick", "panic"] {
        let (io, shared) = build();
        let mut client = Client::connect(serve(io).await, Via::Polling).await;
        let count = r#"5:::{"name":"count"}"#;
        let last = format!(r#"5:::{{"name":"{last}"}}"#);
        let packets = [count, &last, count, count];
        let body: String =
            packets.map(|packet| format!("\u{fffd}{}\u{fffd}{packet}", packet.len())).concat();
        client.send(&body).await;
        assert_eq!(client.rest().await, ["0::"]);
        assert_eq!(shared.handled.load(Ordering::SeqCst), 1, "{last}");
    }
}

#[tokio::test]
async fn a_slow_reader_gets_all_of_a_goodbye_while_a_handler_still_runs() {
    let (io, _) = build();
    let mut client = Client::connect(serve(io).await, Via::WebSocket).await;
    assert_eq!(client.ask("1::/quick").await, "1::/quick");
    client.send(r#"5::/quick:{"name":"hang"}"#).await;
    client.send(r#"5:::{"name":"say_and_leave"}"#).await;
    let packets = client.rest().await;
    assert_eq!((packets.len(), packets.last().map(|last| &**last)), (66, Some("0::")));
}

#[tokio::test]
async fn a_handler_that_streams_is_no_slow_consumer() {
    let (io, _) = build();
    let mut client = Client::connect(serve(io).await, Via::WebSocket).await;
    client.send(r#"5:1+::{"name":"stream","args":[6000]}"#).await;
    for n in 0..6000 {
        let item = client.next().await.unwrap();
        assert!(item.starts_with(&format!(r#"5:::{{"name":"item","args":[{n},"#)), "{n}");
    }
    assert_eq!(client.next().await.as_deref(), Some("6:::1"));
}

#[tokio::test]
async fn nobody_is_a_slow_consumer_for_what_may_be_dropped() {
    let (io, _) = build();
    for via in BOTH {
        let mut client = Client::connect(serve(io.clone()).await, via).await;
        client.send(r#"5:::{"name":"chatter"}"#).await;
        while client.next().await.unwrap() != r#"5:::{"name":"heard"}"# {}
        assert_eq!(client.ask(ECHO).await, HERE);
    }
}

#[tokio::test]
async fn what_a_client_has_read_does_not_count_against_it() {
    for via in BOTH {
        let io = SocketIo::builder::<Edge>().state(Shared::default()).send_buffer_limit(1 << 16);
        let io = io.build();
        let mut client = Client::connect(serve(io.clone()).await, via).await;
        for _ in 0..5 {
            io.of("").send("z".repeat(70_000)).unwrap();
            assert_eq!(client.next().await.unwrap().len(), 70_004, "{via:?}");
        }
        assert_eq!(client.ask(ECHO).await, HERE);
    }
}

#[tokio::test]
async fn a_return_value_that_can_not_be_written_is_answered_as_an_error() {
    let (io, _) = build();
    let mut client = Client::connect(serve(io).await, Via::WebSocket).await;
    client.send(r#"5:2+::{"name":"odd"}"#).await;
    let expected = r#"6:::2+[{"error":"the arguments can't be serialized"}]"#;
    assert_eq!(client.next().await.as_deref(), Some(expected));
}

#[tokio::test(start_paused = true)]
async fn the_close_handler_runs_even_if_a_handler_never_ends() {
    let (io, shared) = build();
    let mut service = io.service();
    let handshake = Request::get("/socket.io/1/").body(Body::empty()).unwrap();
    let body = service.call(handshake).await.unwrap().into_body();
    let line = String::from_utf8(to_bytes(body, 1000).await.unwrap().to_vec()).unwrap();
    let url = format!("/socket.io/1/xhr-polling/{}", line.split(':').next().unwrap());
    let hang = Request::post(&url).body(Body::from(r#"5:::{"name":"hang"}"#)).unwrap();
    service.call(hang).await.unwrap();
    let leave = Request::get(format!("{url}?disconnect")).body(Body::empty()).unwrap();
    service.call(leave).await.unwrap();
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!((io.sessions(), shared.diary.lock().unwrap().len()), (1, 0));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(io.sessions(), 0);
    assert_eq!(*shared.diary.lock().unwrap(), ["closed: client disconnect"]);
}

#[tokio::test]
async fn an_application_that_has_the_router_already_can_be_served() {
    let (io, _) = build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let app = Router::new().merge(io.router());
    tokio::spawn(async move { io.serve_until(listener, app, std::future::pending()).await });
    let mut client = Client::connect(addr, Via::WebSocket).await;
    assert_eq!(client.ask(ECHO).await, HERE);
}

#[tokio::test]
async fn a_client_that_vanishes_behind_a_full_queue_is_noticed() {
    let shared = Shared::default();
    let io = SocketIo::builder::<Edge>()
        .state(shared.clone())
        .queue_limit(2)
        .heartbeat_interval(Duration::from_millis(20))
        .session_expiry(Duration::from_secs(1))
        .build();
    let mut client = Client::connect(serve(io.clone()).await, Via::WebSocket).await;
    client.send(r#"5:1+::{"name":"watch"}"#).await;
    client.send("1::/quick").await;
    for _ in 0..5 {
        client.send(r#"5::/quick:{"name":"hang"}"#).await;
    }
    while client.next().await.as_deref() != Some("6:::1") {}
    drop(client);
    tokio::time::timeout(DEADLINE, shared.gate.notified()).await.expect("nobody noticed");
}

#[tokio::test]
async fn origins_are_held_to_on_every_kind_of_request() {
    let (io, _) = build();
    let addr = serve(io).await;
    let session = Client::connect(addr, Via::Polling).await.session;
    let evil = [("Origin", "http://evil.example")];
    for (method, path) in [
        ("GET", "/socket.io/1/".to_owned()),
        ("OPTIONS", "/socket.io/1/".to_owned()),
        ("GET", format!("/socket.io/1/xhr-polling/{session}")),
        ("POST", format!("/socket.io/1/xhr-polling/{session}")),
        ("OPTIONS", format!("/socket.io/1/xhr-polling/{session}")),
        ("GET", format!("/socket.io/1/websocket/{session}")),
    ] {
        let answer = http::request(addr, method, &path, &evil, b"").await.unwrap();
        assert_eq!(answer.status, 403, "{method} {path}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{method} {path}");
    }
}
