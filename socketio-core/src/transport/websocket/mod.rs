//! The server side of WebSocket: RFC 6455 without extensions, over an upgraded HTTP/1.1 connection.
//!
//! In goes an upgrade request, out come the 101 answer and a [`WebSocketLink`] for the session's
//! driver. The transports call [`accept`]; nothing else of this module is seen outside. No task is
//! spawned and no buffer outlives the bytes in it: an idle link owns its stream and no other heap.
//! Source: RFC 6455; drafts hybi-07 and hybi-08 (versions 7 and 8) share its framing.

mod frame;
#[cfg(feature = "test")]
mod in_process;
mod link;
mod stream;
mod upgrade;

#[cfg(any(test, fuzzing))]
pub(crate) use frame::fuzz;
#[cfg(feature = "test")]
pub(crate) use in_process::InProcess;
pub(crate) use upgrade::{UpgradeError, is_upgrade};

use axum::body::Body;
use http::request::Parts;

use self::link::WebSocketLink;
use self::upgrade::respond;
use super::Response;
use crate::driver::Link;

/// Accepts an upgrade: the answer to send, and the link over the connection once it is sent, which refuses
/// messages of more than `max_message_bytes` bytes.
///
/// # Errors
///
/// When the request can't be upgraded; it is left as it was.
pub(crate) fn accept(
    request: &mut Parts,
    max_message_bytes: usize,
) -> Result<(Response, Box<dyn Link>), UpgradeError> {
    #[cfg(feature = "test")]
    if let Some(client) = request.extensions.remove::<InProcess>() {
        let (answer, link) = client.connect(max_message_bytes);
        return Ok((answer.map(|()| Body::empty()), link));
    }
    let (answer, upgrade) = respond(request)?;
    Ok((answer.map(|()| Body::empty()), Box::new(WebSocketLink::new(upgrade, max_message_bytes))))
}
