//! A client that polls: its requests, each answered on the connection that it came on.
//!
//! In: the head of a request and its body. Out: the answer. What waits for a client waits in its queue.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::session::{Client, Server, lock};
use crate::websocket::open_packet;

/// Answers one request.
pub(crate) async fn answer(
    stream: &mut TcpStream,
    server: &Arc<Server>,
    head: &str,
    body: &[u8],
) -> io::Result<()> {
    let sid = head.split_once("&sid=").and_then(|(_, rest)| rest.split([' ', '&']).next());
    let Some(sid) = sid else {
        let (id, _) = server.enter();
        return write(stream, open_packet(id, "\"websocket\"").as_bytes()).await;
    };
    let id = sid.parse().unwrap_or(u64::MAX);
    let client = lock(&server.clients).get(&id).cloned();
    let Some(client) = client else { return write(stream, b"6").await };
    if head.starts_with("POST") {
        handle(server, &client, body);
        return write(stream, b"ok").await;
    }
    let mut answer = Vec::new();
    poll_fn(|cx| {
        for (packet, _) in client.take(cx.waker()) {
            if !answer.is_empty() {
                answer.push(0x1e);
            }
            answer.extend_from_slice(&packet);
        }
        if answer.is_empty() { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    write(stream, &answer).await
}

fn handle(server: &Server, client: &Client, body: &[u8]) {
    let mut answers = Vec::new();
    for packet in body.split(|byte| *byte == 0x1e) {
        server.handle(packet, |parts| {
            if !answers.is_empty() {
                answers.push(0x1e);
            }
            parts.iter().for_each(|part| answers.extend_from_slice(part));
        });
    }
    if !answers.is_empty() {
        client.push(answers.into(), Bytes::new());
    }
}

async fn write(stream: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    stream.write_all(&answer).await
}
