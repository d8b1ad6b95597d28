//! Answers that carry no session's packets: errors, and the little that is said beside them.
//!
//! Called by the transports and the server. Errors of the layers below become statuses here, and
//! nowhere else.

use axum::body::Body;
use http::header::{CONNECTION, CONTENT_TYPE, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderValue, StatusCode};

use super::websocket::UpgradeError;
use super::{Page, Response};
use crate::protocol::legacy::{Advice, Packet, PacketKind, Reason};

/// Packets as text.
pub(super) const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=UTF-8");

/// Text of a status, without a content type (as the reference server answers).
pub(crate) fn status(status: StatusCode, text: &'static str) -> Response {
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = status;
    answer
}

/// Packets or other plain text, for whoever sent the request.
pub(crate) fn plain(page: Page, text: impl Into<Body>) -> Response {
    let mut answer = Response::new(text.into());
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, PLAIN);
    page.allow(headers);
    answer
}

/// What a client hears whose session is not there: it should shake hands again. This is a packet, not
/// an HTTP error (socket.io 0.9.19 lib/manager.js, `handleClient`).
pub(crate) fn unknown_session() -> String {
    let kind =
        PacketKind::Error { reason: Some(Reason::NotHandshaken), advice: Some(Advice::Reconnect) };
    Packet::new("", kind).encode().to_string()
}

/// Why a request for a WebSocket got none. The connection ends: what the first drafts of the protocol send
/// behind their request is no HTTP.
pub(crate) fn upgrade_refused(error: UpgradeError) -> Response {
    let mut answer = Response::new(Body::from(error.to_string()));
    *answer.status_mut() = error.status();
    if answer.status() == StatusCode::UPGRADE_REQUIRED {
        let headers = answer.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade, close"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    }
    answer
}
