//! Long polling of Engine.IO, by requests and by scripts, and its errors.
//!
//! A request for a session goes in, the session's answer comes out in the reference server's words: as in
//! [`polling`](super::polling), a short future that waits for the session. Source: engine.io lib/transports/polling.ts,
//! lib/transports/polling-jsonp.ts, lib/server.ts (`abortRequest`, `abortUpgrade`).

use std::future::Future;

use axum::body::Body;
use futures_util::FutureExt as _;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::coding::compress;
use super::error::PLAIN;
use super::polling::ask;
use super::{Page, Response, accepts_gzip, status};
use crate::driver::{Answer, Command, Mailbox, Posting, Transport};
use crate::protocol::engineio::Frame;
use crate::protocol::engineio::handshake::Refusal;
use crate::protocol::engineio::v3::jsonp;

const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");
const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=UTF-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Who polls: what of its request, and of the server's options, the answer depends on.
pub(crate) struct Poller {
    page: Page,
    /// From how many bytes on answers are compressed, if any are.
    compress_from: Option<usize>,
    takes_gzip: bool,
    /// For the first answer of a session.
    pub(crate) cookie: Option<HeaderValue>,
}

impl Poller {
    pub(crate) fn new(request: &HeaderMap, compress_from: Option<usize>) -> Self {
        let takes_gzip = compress_from.is_some() && accepts_gzip(request);
        Self { page: Page::of(request), compress_from, takes_gzip, cookie: None }
    }
}

/// Answers a GET with what the session has to say, when it has; as a script if the client polls so.
pub(crate) fn poll(mailbox: Mailbox, poller: Poller) -> impl Future<Output = Response> + Send {
    let script = mailbox.wire().script().cloned();
    let answered = ask(Some(mailbox), |answer| Command::Poll(Transport::Polling, answer));
    async move {
        let Poller { page, compress_from, takes_gzip, cookie } = poller;
        let (body, compress_from) = match answered.await {
            Answer::Body(body) | Answer::Closed(_, Some(body)) => (body, compress_from),
            Answer::Plain(body) => (body, None),
            Answer::Closed(_, None) => return refused(Refusal::UnknownSession, page),
            Answer::Misplaced => return refused(Refusal::BadRequest, page),
            Answer::BadRequest => return empty(StatusCode::BAD_REQUEST, page),
        };
        let (body, content_type) = match (body, script) {
            (Frame::Text(text), Some(index)) => (jsonp::encode(&index, &text).into(), SCRIPT),
            (Frame::Text(text), None) => (text.into_bytes(), PLAIN),
            (Frame::Binary(bytes), _) => (bytes, OCTETS),
        };
        let mut answer = answer_with(Body::empty(), content_type);
        let headers = answer.headers_mut();
        match compress_from {
            Some(_) => page.allow_compressed(headers),
            None => page.allow(headers),
        }
        headers.extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
        compress(body, compress_from.filter(|_| takes_gzip), answer).await
    }
}

/// Gives a POST's packets to the session; nothing, where they can't be read.
pub(crate) fn post(
    posting: Posting,
    body: Option<Frame>,
    page: Page,
) -> impl Future<Output = Response> + Send {
    let mailbox = posting.mailbox().clone();
    let post = |answer| Command::Post(Transport::Polling, body, posting, answer);
    ask(Some(mailbox), post).map(|answer| match answer {
        Answer::Body(_) | Answer::Plain(_) => {
            let mut answer = answer_with(Body::from("ok"), HTML);
            page.allow(answer.headers_mut());
            answer
        }
        Answer::Closed(..) => refused(Refusal::UnknownSession, page),
        Answer::Misplaced => refused(Refusal::BadRequest, page),
        Answer::BadRequest => empty(StatusCode::BAD_REQUEST, page),
    })
}

fn answer_with(body: Body, content_type: HeaderValue) -> Response {
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CACHE_CONTROL, NO_STORE);
    answer
}

/// An answer without a body.
pub(crate) fn empty(code: StatusCode, page: Page) -> Response {
    let mut answer = status(code, "");
    page.allow(answer.headers_mut());
    answer
}

/// An error, as JSON.
pub(crate) fn refused(refusal: Refusal, page: Page) -> Response {
    let mut answer = answer_with(Body::from(refusal.body(None)), JSON);
    *answer.status_mut() = StatusCode::from_u16(refusal.status()).unwrap_or_default();
    page.allow(answer.headers_mut());
    answer
}

/// The same for a WebSocket, whose client sees no body: a text is for whoever looks at the wire.
pub(crate) fn refused_upgrade(refusal: Refusal) -> Response {
    let mut answer = Response::new(Body::from(refusal.to_string()));
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HTML);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}
