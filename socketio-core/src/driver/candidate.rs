//! A WebSocket that is to take over from polling, while it is probed.
//!
//! Its frames go to the session and the session's answers back, in the session's task, while polls and
//! posts go on; then it is the session's link, or is told to go. What was posted before the last word of
//! the upgrade is handled before it. Source: engine.io lib/socket.ts (`_maybeUpgrade`).

use std::task::{Context, Poll};
use std::time::Instant;

use super::commands::log_transport;
use super::{Deliver, Driver, Farewell, LINK_GRACE, Link, LinkClosed, Transport};
use crate::session::Probe;

/// A transport that is probed.
pub(super) struct Candidate {
    pub(super) link: Box<dyn Link>,
    pub(super) transport: Transport,
    pub(super) carries_bytes: bool,
}

impl<D: Deliver> Driver<D> {
    /// Reads once from the candidate, and answers it.
    pub(super) fn poll_candidate(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        if !self.session.is_upgrading() {
            self.dismiss_candidate();
        }
        let Some(candidate) = self.candidate.as_mut().filter(|_| self.posts.is_empty()) else {
            return Poll::Pending;
        };
        let Poll::Ready(read) = candidate.link.poll_read(cx, &mut self.frames) else {
            // What is left of an answer.
            self.flush_candidate(cx, Ok(()));
            return Poll::Pending;
        };
        while let Some(frame) = self.frames.pop_front() {
            match self.session.handle_probe(&frame, now) {
                Probe::Answer(answer) => {
                    if let Some(candidate) = &mut self.candidate {
                        candidate.link.queue(&answer);
                    }
                }
                Probe::Done => {
                    // What came behind the last word of the upgrade is the session's.
                    self.promote(now);
                    return Poll::Ready(());
                }
                Probe::GiveUp => {
                    self.frames.clear();
                    self.dismiss_candidate();
                    return Poll::Ready(());
                }
            }
        }
        self.flush_candidate(cx, read);
        Poll::Ready(())
    }

    fn flush_candidate(&mut self, cx: &mut Context<'_>, read: Result<(), LinkClosed>) {
        let Some(candidate) = &mut self.candidate else { return };
        let flushed = candidate.link.poll_flush(cx);
        if read.is_err() || matches!(flushed, Poll::Ready(Err(_))) {
            self.session.handle_probe_lost();
            self.dismiss_candidate();
        }
    }

    /// Makes the candidate the session's link.
    fn promote(&mut self, now: Instant) {
        let Some(candidate) = self.candidate.take() else { return };
        self.session.handle_capability(candidate.carries_bytes);
        self.drop_link();
        self.link = Some(candidate.link);
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
