//! Long polling of Engine.IO, by requests and by scripts, and its errors.
//!
//! A request for a session goes in, the session's answer comes out in the reference server's words.
//! Each is a short future that waits for the session. Source: engine.io lib/transports/polling.ts,
//! lib/transports/polling-jsonp.ts, lib/server.ts (`abortRequest`, `abortUpgrade`).

use axum::body::Body;
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONNECTION,
    CONTENT_TYPE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::sync::oneshot;

use super::coding::compress;
use super::polling::ask;
use super::{Response, allow, status};
use crate::driver::{Answer, Command, Mailbox, Transport};
use crate::protocol::engineio::Frame;
use crate::protocol::engineio::handshake::Refusal;
use crate::protocol::engineio::v3::jsonp;

/// Answers a GET with what the session has to say, when it has; as a script if the client polls so, and
/// compressed from so many bytes on.
///
/// # Errors
///
/// When the session is over, or not to be polled.
pub(crate) async fn poll(
    mailbox: Mailbox,
    script: Option<&str>,
    request: &HeaderMap,
    compress_from: Option<usize>,
) -> Result<Response, Refusal> {
    let (answer, answered) = oneshot::channel();
    let answered = ask(Some(mailbox), Command::Poll(Transport::Polling, answer), answered).await;
    let (body, compress_from) = match answered {
        Answer::Body(body) | Answer::Closed(_, Some(body)) => (body, compress_from),
        Answer::Plain(body) => (body, None),
        Answer::Closed(_, None) => return Err(Refusal::UnknownSession),
        Answer::Misplaced => return Err(Refusal::BadRequest),
        Answer::BadRequest => return Ok(empty(StatusCode::BAD_REQUEST, request)),
    };
    let (body, content_type) = match (body, script) {
        (Frame::Text(text), Some(index)) => {
            (Bytes::from(jsonp::encode(index, &text)), "text/javascript; charset=UTF-8")
        }
        (Frame::Text(text), None) => (text.into_bytes(), "text/plain; charset=UTF-8"),
        (Frame::Binary(bytes), _) => (bytes, "application/octet-stream"),
    };
    let answer = answer_with(Body::empty(), content_type, request);
    Ok(compress(body, compress_from, request, answer).await)
}

/// Gives a POST's packets to the session.
///
/// # Errors
///
/// As [`poll`].
pub(crate) async fn post(
    mailbox: Mailbox,
    body: Frame,
    request: &HeaderMap,
) -> Result<Response, Refusal> {
    let (answer, answered) = oneshot::channel();
    match ask(Some(mailbox), Command::Post(Transport::Polling, body, answer), answered).await {
        Answer::Body(_) | Answer::Plain(_) => {
            Ok(answer_with(Body::from("ok"), "text/html", request))
        }
        Answer::Closed(..) => Err(Refusal::UnknownSession),
        Answer::Misplaced => Err(Refusal::BadRequest),
        Answer::BadRequest => Ok(empty(StatusCode::BAD_REQUEST, request)),
    }
}

fn answer_with(body: Body, content_type: &'static str, request: &HeaderMap) -> Response {
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    allow(request, headers);
    answer
}

/// An answer without a body.
pub(crate) fn empty(code: StatusCode, request: &HeaderMap) -> Response {
    let mut answer = status(code, "");
    allow(request, answer.headers_mut());
    answer
}

/// An error, as JSON. A page of an origin that may not connect is not let read it.
pub(crate) fn refused(refusal: Refusal, request: &HeaderMap, may_connect: bool) -> Response {
    let mut answer = answer_with(Body::from(refusal.body(None)), "application/json", request);
    *answer.status_mut() = StatusCode::from_u16(refusal.status()).unwrap_or_default();
    if !may_connect {
        for header in [ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_ALLOW_CREDENTIALS] {
            answer.headers_mut().remove(header);
        }
    }
    answer
}

/// The same for a WebSocket, whose client sees no body: a text is for whoever looks at the wire.
pub(crate) fn refused_upgrade(refusal: Refusal) -> Response {
    let mut answer = Response::new(Body::from(refusal.to_string()));
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}
