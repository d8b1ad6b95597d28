//! Flash: its transport, and the policy that it asks for, on the server's port and on one of its own.

use std::net::SocketAddr;

use axum::Router;
use socketio_core::{Builder, Origins, SocketIo, Transport, prelude::*};
use socketio_tests::connection::Connection;
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::client::serve;

#[derive(Default)]
struct Flash;

#[socket_connection]
impl Flash {
    #[event]
    fn transport(&self, socket: &Socket) -> Option<&'static str> {
        socket.transport().map(Transport::as_str)
    }
}

const QUESTION: &[u8] = b"<policy-file-request/>\0";

/// A policy that lets in these hosts.
fn policy(hosts: &[&str]) -> String {
    let entries = hosts.iter();
    let entries: String = entries
        .map(|host| format!(r#"<allow-access-from domain="{host}" to-ports="*"/>"#))
        .collect();
    format!(
        "<?xml version=\"1.0\"?><!DOCTYPE cross-domain-policy SYSTEM \
         \"http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd\">\
         <cross-domain-policy>{entries}</cross-domain-policy>"
    )
}

fn build() -> Builder<Flash> {
    SocketIo::builder::<Flash>().origins(Origins::Any)
}

/// Serves the policy on a port of its own.
pub(crate) async fn serve_policy(io: SocketIo) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { io.serve_flash_policy(listener).await });
    addr
}

/// All that comes until the server ends its side; a connection that breaks fails the test.
async fn everything(mut connection: Connection) -> String {
    while connection.fill().await.unwrap() {}
    String::from_utf8(connection.received().to_vec()).unwrap()
}

fn is_reset(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset};
    matches!(error.kind(), BrokenPipe | ConnectionReset)
}

async fn ask(addr: SocketAddr, question: &[u8]) -> String {
    let mut connection = Connection::open(addr).await.unwrap();
    connection.send(question).await.unwrap();
    everything(connection).await
}

#[tokio::test]
async fn a_flashsocket_is_a_websocket_by_another_name() {
    let addr = serve(build().transports([Transport::FlashSocket]).build()).await;
    let line = http::request(addr, "GET", "/socket.io/1/", &[], b"").await.unwrap();
    let line = line.text().into_owned();
    assert!(line.ends_with(":60:60:flashsocket"), "{line}");
    let path = format!("/socket.io/1/flashsocket/{}", line.split(':').next().unwrap());
    let mut socket = WebSocket::open(addr, &path, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    socket.send_text(r#"5:1+::{"name":"transport"}"#).await.unwrap();
    for expected in ["1::", r#"6:::1+["flashsocket"]"#] {
        assert_eq!(socket.receive().await.unwrap().unwrap().text(), Some(expected));
    }
}

#[tokio::test]
async fn a_hundred_clients_at_once_get_the_policy_on_either_port() {
    let io = build().build();
    let (own, beside) = (serve(io.clone()).await, serve_policy(io).await);
    let mut clients = JoinSet::new();
    for _ in 0..100 {
        clients.spawn(ask(own, QUESTION));
        clients.spawn(ask(beside, QUESTION));
        // The port that is there for nothing else does not wait for the question.
        clients.spawn(ask(beside, b""));
    }
    while let Some(answer) = clients.join_next().await {
        assert_eq!(answer.unwrap(), policy(&["*"]));
    }
}

#[tokio::test]
async fn clients_that_neither_read_nor_close_hold_up_nobody() {
    let io = build().build();
    for addr in [serve(io.clone()).await, serve_policy(io).await] {
        let mut idle = Vec::new();
        for _ in 0..100 {
            let mut client = Connection::open(addr).await.unwrap();
            client.send(QUESTION).await.unwrap();
            idle.push(client);
        }
        assert_eq!(ask(addr, QUESTION).await, policy(&["*"]));
    }
}

#[tokio::test]
async fn a_client_that_goes_on_talking_is_cut_off() {
    let io = build().build();
    for addr in [serve(io.clone()).await, serve_policy(io).await] {
        let mut client = Connection::open(addr).await.unwrap();
        client.send(QUESTION).await.unwrap();
        let error = loop {
            if let Err(error) = client.send(&[b'x'; 1024]).await {
                break error;
            }
        };
        assert!(is_reset(&error), "{error}");
    }
}

#[tokio::test]
async fn who_asks_slowly_gets_the_policy_and_holds_up_nobody() {
    let addr = serve(build().build()).await;
    let mut slow = Connection::open(addr).await.unwrap();
    for byte in QUESTION {
        slow.send(&[*byte]).await.unwrap();
        let answer = http::request(addr, "GET", "/socket.io/", &[], b"").await.unwrap();
        assert_eq!(answer.text(), "Welcome to socket.io.");
    }
    assert_eq!(everything(slow).await, policy(&["*"]));
}

#[tokio::test]
async fn what_is_not_quite_the_question_is_a_bad_request() {
    let addr = serve(build().build()).await;
    for question in [&b"<policy-file-request/>\n"[..], b"<html>", b"<<policy-file-request/>\0"] {
        let answer = ask(addr, question).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    }
    // Without flashsocket nobody asks for it.
    let without = build().transports([Transport::WebSocket]).build();
    let answer = ask(serve(without).await, b"<policy-file-request/>\0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
}

#[tokio::test]
async fn the_policy_lets_in_the_listed_hosts_or_is_a_file() {
    let list = ["https://example.com", "*.example.com:80", "*:8080"].map(String::from);
    let file = std::env::temp_dir().join(format!("policy-{}.xml", std::process::id()));
    std::fs::write(&file, "<mine/>").unwrap();
    for (builder, expected) in [
        (build(), policy(&["*"])),
        (build().origins(Origins::Same), policy(&[])),
        (
            build().origins(Origins::List(list.to_vec())),
            policy(&["example.com", "*.example.com", "*"]),
        ),
        (build().flash_policy_file(&file), "<mine/>".to_owned()),
    ] {
        let io = builder.build();
        assert_eq!(ask(serve(io.clone()).await, QUESTION).await, expected);
        assert_eq!(ask(serve_policy(io).await, QUESTION).await, expected);
    }
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn the_policy_port_opens_and_closes_with_the_server() {
    // Bound, but not listening: nobody else is given this port, and the server can have it.
    let reserved = TcpSocket::new_v4().unwrap();
    reserved.set_reuseaddr(true).unwrap();
    reserved.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let policy_addr = reserved.local_addr().unwrap();

    let io = build().flash_policy_port(policy_addr.port()).build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn({
        let io = io.clone();
        let stopped = async move { drop(stopped.await) };
        async move { io.serve_until(listener, Router::new(), stopped).await }
    });
    // The server's own port answers: the other was opened before.
    assert_eq!(ask(addr, QUESTION).await, policy(&["*"]));
    assert_eq!(ask(policy_addr, b"").await, policy(&["*"]));

    // Where it is taken, `serve` says so, and `serve_until` does without.
    let listen = || TcpListener::bind("127.0.0.1:0");
    let refused = io.serve(listen().await.unwrap(), Router::new()).await.unwrap_err();
    assert!(refused.to_string().contains(&format!("policy port {policy_addr}")), "{refused}");
    assert_eq!(ask(serve(io).await, QUESTION).await, policy(&["*"]));

    stop.send(()).unwrap();
    serving.await.unwrap();
    assert!(Connection::open(policy_addr).await.is_err());
}

#[tokio::test]
async fn a_connection_that_says_nothing_ends_with_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async move { drop(stopped.await) };
    let io = build().build();
    let serving =
        tokio::spawn(async move { io.serve_until(listener, Router::new(), stopped).await });
    let mute = Connection::open(addr).await.unwrap();
    let mut half = Connection::open(addr).await.unwrap();
    half.send(b"<policy").await.unwrap();
    // Connections are accepted in their order: both are there when this one is answered.
    assert_eq!(ask(addr, QUESTION).await, policy(&["*"]));
    stop.send(()).unwrap();
    assert_eq!(everything(mute).await, "");
    let end = half.fill().await;
    assert!(end.as_ref().map_or_else(is_reset, |more| !more), "{end:?}");
    serving.await.unwrap();
}
