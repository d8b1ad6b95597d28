//! Long polling by scripts and forms, for pages whose browser can't ask another host in other ways.
//!
//! A GET's answer is a script that calls the client; a POST's body is a form. All else is as in
//! [`polling`](super::polling). Nothing that a request brings gets into a script but the digits of
//! the callback's index. Source: socket.io 0.9.19 lib/transports/jsonp-polling.js.

use std::future::Future;

use axum::body::Body;
use futures_util::FutureExt as _;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Uri};

use super::polling::{packets, shutting_down};
use super::{Response, query_value};
use crate::driver::{Mailbox, Transport};
use crate::protocol::legacy::handshake::{jsonp, jsonp_index};

/// Answers a script's GET with what the session has to say, when it has.
pub(crate) fn poll_by_script(
    mailbox: Option<Mailbox>,
    uri: &Uri,
) -> impl Future<Output = Response> + Send + use<> {
    let index = query_value(uri, "i").and_then(|index| jsonp_index(&index).map(ToOwned::to_owned));
    packets(mailbox, Transport::JsonpPolling).map(move |packets| match packets {
        Some(packets) => script(index.as_deref().unwrap_or("0"), &packets),
        // The script element fails, and the client reconnects.
        None => shutting_down(),
    })
}

/// A script that hands packets to the callback that the query names: `?i=3`. Any page may load it, so
/// it needs no CORS headers.
fn script(index: &str, packets: &str) -> Response {
    let mut answer = Response::new(Body::from(jsonp(index, packets)));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=UTF-8"));
    headers.insert("x-xss-protection", HeaderValue::from_static("0"));
    answer
}
