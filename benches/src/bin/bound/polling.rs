//! A client that polls: its requests, each answered as hyper reads it.
//!
//! In: requests. Out: answers. What waits for a client waits in its queue.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response};

use crate::session::{Client, Server, lock};
use crate::websocket::open_packet;

/// Answers one request.
pub(crate) async fn answer(
    server: Arc<Server>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let query = request.uri().query().unwrap_or_default();
    let Some((_, sid)) = query.split_once("&sid=") else {
        let (id, _) = server.enter();
        return Ok(text(open_packet(id, "\"websocket\"")));
    };
    let id = sid.parse().unwrap_or(u64::MAX);
    let client = lock(&server.clients).get(&id).cloned();
    let Some(client) = client else { return Ok(text("6")) };
    if request.method() == Method::POST {
        handle(&server, &client, &request.into_body().collect().await?.to_bytes());
        return Ok(text("ok"));
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
    Ok(text(answer))
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

fn text(body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    let plain = HeaderValue::from_static("text/plain; charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
