//! What the log knows a call of a handler by.
//!
//! An event goes in, a span comes out, in which [`run`](super::run) and [`shared`](super::shared) call its
//! handler. Where the level is off, that is one comparison for each event, and nothing is allocated.

use std::future::{Future, poll_fn};
use std::pin::Pin;

use tracing::Span;

use super::error::MESSAGE_CHARS;
use crate::protocol::Event;

/// The span of one call: the event's name, and whether the client asked for an acknowledgement.
pub(super) fn call_span(event: &Event) -> Span {
    let (name, ack) = (event.name(), event.ack().is_some());
    tracing::debug_span!(target: "socketio::call", "call", event = cut(name), ack)
}

/// Runs a future within a span, where it is: a handler's may be large, and would be moved into one that does so.
pub(super) async fn within<T>(span: Span, mut future: Pin<&mut impl Future<Output = T>>) -> T {
    poll_fn(|cx| {
        let _entered = span.enter();
        future.as_mut().poll(cx)
    })
    .await
}

/// As much of a name that a client chose as a person reads.
pub(crate) fn cut(name: &str) -> &str {
    let end = name.char_indices().nth(MESSAGE_CHARS).map_or(name.len(), |(end, _)| end);
    name.get(..end).unwrap_or(name)
}
