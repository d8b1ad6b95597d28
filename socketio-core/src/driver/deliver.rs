//! What the driver calls above it: the one trait through which a session reaches its handlers.
//!
//! The driver calls it; the endpoint floor implements it.

use std::task::{Context, Poll};
use std::time::Instant;

use bytestring::ByteString;

use crate::protocol::{Args, EmissionBody, Event, JsonText};
use crate::session::{CloseReason, Join};

/// Events, and the bytes that they keep: of those that wait or run, or how many may.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Backlog {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

/// The connections of one session, one per endpoint that its client joined.
///
/// Calls only queue; handlers run in [`Deliver::poll`], in the session's task, so they never hold up a
/// call. Whatever they cause comes back through the session's mailbox.
pub(crate) trait Deliver: Send {
    /// The client asks to join; the answer is a [`Command::Admit`](super::Command::Admit).
    fn connect(&mut self, join: Join);

    /// An event for an endpoint the client joined.
    fn event(&mut self, endpoint: &ByteString, event: Event);

    /// The client is no longer joined.
    fn disconnect(&mut self, endpoint: &ByteString, reason: CloseReason);

    /// The client acknowledged; who waits for that is told besides.
    fn acknowledged(&mut self, endpoint: &ByteString, args: &Args);

    /// The session has taken what is for an endpoint, and whether it asks for an acknowledgement.
    fn emitted(&mut self, endpoint: &ByteString, body: &EmissionBody, asks: bool);

    /// The session is given an acknowledgement of an event; `args` is a JSON array.
    fn acknowledging(&mut self, endpoint: &ByteString, args: &JsonText);

    /// Whether the connection to an endpoint is one that nobody here has closed: to close it was asked of one before
    /// it, whose client has left and joined again since.
    fn is_another(&self, endpoint: &ByteString) -> bool;

    /// Until when the connection to an endpoint lasts; for good, without.
    fn expiry(&self, endpoint: &ByteString) -> Option<Instant>;

    /// Events that wait for a handler or have one that runs beside others, over all endpoints; and the bytes of
    /// these, and of those that have a handler for themselves.
    fn backlog(&self) -> Backlog;

    /// How many events there are that wait or run, or one more for each endpoint.
    fn kept(&self) -> usize;

    /// Whether every connection is open, and no handler runs or is to.
    fn is_idle(&self) -> bool;

    /// Cancels handlers that still run, so that what is left is to close their connections.
    fn cancel(&mut self);

    /// It is some time since the last call: what handlers needed that run no more is to be given back.
    fn rest(&mut self);

    /// Runs handlers. Ready when no connection is left.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}
