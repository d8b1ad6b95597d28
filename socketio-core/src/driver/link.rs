//! What the driver needs of a persistent transport: text frames in, text frames out, bytes coalesced.
//!
//! A [`Link`] is handed to a running session by its transport and is polled only by the task that
//! owns the session. It knows nothing of packets: a frame is whatever one side delivered whole.

use std::collections::VecDeque;
use std::task::{Context, Poll};

use crate::protocol::engineio::{Frame, Queued};

/// Why a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkClosed {
    /// The peer said goodbye in the transport's own way (a WebSocket close frame).
    ByPeer,
    /// The stream failed, or ended without a goodbye.
    Broken,
    /// The peer broke the transport's rules; the link has queued its own last word about it.
    Violation(&'static str),
    /// A message was larger than the limit, in bytes.
    TooBig(usize),
}

/// How a link is closed from our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// The session is over (WebSocket: 1000).
    Normal,
    /// The server stops; the client should come back (WebSocket: 1001).
    GoingAway,
}

/// A persistent, ordered transport of text frames.
pub(crate) trait Link: Send {
    /// Reads once from the peer and appends every text frame that became complete to `frames`.
    ///
    /// `Ready(Ok(()))` means that bytes came (perhaps no whole frame); the caller handles `frames`,
    /// flushes, and polls again. `Ready(Err(_))` means nothing more will come, and is said again
    /// whenever it is polled; frames appended by that same call are still to be handled first.
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        frames: &mut VecDeque<Frame>,
    ) -> Poll<Result<(), LinkClosed>>;

    /// Queues one frame. Nothing is written before [`Link::poll_flush`].
    fn queue(&mut self, frame: Queued);

    /// Bytes queued that the kernel has not taken yet, and what it takes to queue them.
    fn queued_bytes(&self) -> usize;

    /// Takes the frames back that were queued and that the kernel has not got whole, in order; the link is
    /// dropped next.
    fn take_unwritten(&mut self) -> Vec<Frame>;

    /// Writes all that is queued, in one write if the kernel takes it.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LinkClosed>>;

    /// Queues the transport's own goodbye; frames queued later are dropped.
    fn close(&mut self, farewell: Farewell);

    /// Flushes what is queued, ends our side of the stream and waits for the peer to end its own,
    /// discarding what it still sends. The caller bounds the wait.
    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}
