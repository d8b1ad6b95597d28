//! A WebSocket that is to take over from polling, while it is probed.
//!
//! Its frames go to the session and the session's answers back, in the session's task, while polls and
//! posts go on; then it is the session's link, or is told to go. What was posted before the last word of
//! the upgrade is handled before it: while posts wait, that word is kept here, and nothing more is read.
//! Source: engine.io lib/socket.ts (`_maybeUpgrade`).

use std::collections::VecDeque;
use std::task::{Context, Poll};
use std::time::Instant;

use super::commands::log_transport;
use super::{Deliver, Driver, Farewell, LINK_GRACE, Link, Transport};
use crate::protocol::engineio::Frame;
use crate::session::Probe;

/// A transport that is probed.
pub(super) struct Candidate {
    pub(super) link: Box<dyn Link>,
    pub(super) transport: Transport,
    pub(super) carries_bytes: bool,
    /// What the last read brought, and is not handled.
    pub(super) frames: VecDeque<Frame>,
}

impl<D: Deliver> Driver<D> {
    /// Reads once from the candidate, and answers it.
    pub(super) fn poll_candidate(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        if !self.session.is_upgrading() {
            self.dismiss_candidate();
        }
        let Some(candidate) = &mut self.candidate else { return Poll::Pending };
        let mut read = Poll::Ready(Ok(()));
        if candidate.frames.is_empty() {
            read = candidate.link.poll_read(cx, &mut candidate.frames);
        }
        while let Some(frame) = candidate.frames.pop_front() {
            match self.session.handle_probe(&frame, now) {
                Probe::Answer(answer) => candidate.link.queue(answer.into()),
                Probe::Later => {
                    candidate.frames.push_front(frame);
                    // Until the posts have been handled, which this task does.
                    read = Poll::Pending;
                    break;
                }
                Probe::Done => {
                    // What came behind the last word of the upgrade is the session's.
                    self.promote(now);
                    return Poll::Ready(());
                }
                Probe::GiveUp => {
                    self.dismiss_candidate();
                    return Poll::Ready(());
                }
            }
        }
        let flushed = candidate.link.poll_flush(cx);
        if matches!(read, Poll::Ready(Err(_))) || matches!(flushed, Poll::Ready(Err(_))) {
            self.session.handle_probe_lost();
            self.dismiss_candidate();
        }
        read.map(|_| ())
    }

    /// Makes the candidate the session's link.
    fn promote(&mut self, now: Instant) {
        let Some(candidate) = self.candidate.take() else { return };
        self.session.handle_capability(candidate.carries_bytes);
        self.drop_link();
        self.link = Some(candidate.link);
        (self.frames, self.left_behind) = (candidate.frames, false);
        self.supersede_poll();
        self.mailbox.set_transport(Some(candidate.transport));
        self.tally.attach(candidate.transport.key(), now);
        log_transport(candidate.transport);
    }

    /// Ends the candidate, if there is one.
    pub(super) fn dismiss_candidate(&mut self) {
        if let Some(candidate) = self.candidate.take() {
            dismiss(candidate.link);
        }
    }
}

/// Ends a link that carries nothing, with the goodbye of its transport; the client has [`LINK_GRACE`] to
/// hear it.
pub(super) fn dismiss(mut link: Box<dyn Link>) {
    link.close(Farewell::Normal);
    tokio::spawn(async move {
        let closed = std::future::poll_fn(|cx| link.poll_closed(cx));
        let _deaf = tokio::time::timeout(LINK_GRACE, closed).await;
    });
}
