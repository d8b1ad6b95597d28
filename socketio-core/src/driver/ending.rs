//! The end of a session's task: its deadlines, and what is waited for once the session is over.
//!
//! ```text
//!   NotYet ──session over──▶ Finishing ──HANDLER_GRACE──▶ Cancelled ──HANDLER_GRACE──▶ Over
//!      │                        ▲    └─────────────────────▲
//!      └─server stops─▶ Draining┘                  server stops waiting
//! ```
//!
//! While it drains, what was taken in is handled and answered, and [what comes later](crate::session::Session::handle_stop)
//! is not; then the session is over, once its client has got what is queued, for which it has [`LINK_GRACE`]. The server
//! says when it waits no longer.
//!
//! A session that is over is out of everybody's reach at once. Its handlers have [`HANDLER_GRACE`] to end,
//! then they are cancelled and their close handlers have as long again; its client has [`LINK_GRACE`] to
//! end its side of the transport.

use std::collections::VecDeque;
use std::pin::pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Instant;

use super::{Deliver, Driver, LINK_GRACE};
use crate::session::CloseReason;

/// How long handlers may go on after their session has ended before they are cancelled, and how long
/// close handlers may take after that.
const HANDLER_GRACE: Duration = Duration::from_secs(30);

/// How far a session that is over has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    NotYet,
    /// The server stops: it is over once its handlers have answered what was taken in.
    Draining,
    /// Its handlers run to their end, until then.
    Finishing(Instant),
    /// Those that did not have been cancelled; their close handlers run, until then.
    Cancelled(Instant),
    Over,
}

impl<D: Deliver> Driver<D> {
    /// Arms the timer for what the session waits for; `true` if it went off and was handled.
    pub(super) fn poll_timer(&mut self, cx: &mut Context<'_>, now: std::time::Instant) -> bool {
        let deadline = match self.ending {
            Ending::NotYet | Ending::Draining => {
                self.due = self.session.poll_timeout();
                self.due.map(Instant::from_std)
            }
            Ending::Finishing(until) | Ending::Cancelled(until) => {
                let link = self.link.as_ref().and(self.link_until);
                Some(link.map_or(until, |link| link.min(until)))
            }
            Ending::Over => None,
        };
        let Some(deadline) = deadline else { return false };
        let stands = self.timer.as_ref().is_some_and(|timer| timer.deadline() <= deadline);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        // An earlier alarm is left standing: it costs one needless turn, where moving it for every
        // sign of life would cost one each. One that stands was polled before, and wakes the task.
        if stands && !timer.is_elapsed() && timer.deadline().into_std() > now {
            return false;
        }
        let rings = timer.is_elapsed();
        if !stands || rings {
            timer.as_mut().reset(deadline);
        }
        // Where the task's budget is used up, a poll would not leave its waker.
        let is_due = pin!(tokio::task::unconstrained(timer.as_mut())).poll(cx).is_ready();
        if rings {
            // It comes once in a while, if only to be set anew.
            self.deliver.rest();
            self.rest_polls();
        }
        if is_due {
            self.handle_timeout();
        }
        rings || is_due
    }

    fn handle_timeout(&mut self) {
        let now = Instant::now();
        if self.link_until.is_some_and(|until| until <= now) {
            self.drop_link();
        }
        match self.ending {
            Ending::NotYet | Ending::Draining => self.session.handle_timeout(now.into_std()),
            Ending::Finishing(until) if until <= now => {
                tracing::warn!("cancelled handlers that still ran {HANDLER_GRACE:?} after the end");
                self.cancel(now);
            }
            Ending::Cancelled(until) if until <= now => self.ending = Ending::Over,
            _ => {}
        }
    }

    /// The server stops.
    pub(super) fn drain(&mut self) {
        if self.ending == Ending::NotYet {
            self.ending = Ending::Draining;
            self.mailbox.drain();
            self.set_posts_in_time();
            // One that has been probed is waited for, for its client may poll no more.
            if !self.session.is_probed() {
                self.session.handle_probe_lost();
                self.dismiss_candidate();
            }
            self.again = true;
        }
    }

    /// Ends a session that drains and has nothing to do any more, or that the server waits for no longer.
    pub(super) fn end_drained(&mut self, cx: &mut Context<'_>) {
        if self.ending == Ending::NotYet {
            return;
        }
        if self.mailbox.is_aborted() {
            self.close(CloseReason::ServerShutdown);
            self.release();
            self.cancel(Instant::now());
        } else if self.ending == Ending::Draining {
            if self.frames.is_empty() && !self.has_posts_in_time() && !self.session.is_upgrading() {
                self.session.handle_stop();
            }
            // Who gives up waiting wakes this task.
            self.session.retain_awaited(|waiter| waiter.poll_closed(cx).is_pending());
            let is_done = self.session.has_all_in_time()
                && !self.session.has_output()
                && self.deliver.is_idle()
                && !self.mailbox.owes()
                && !self.session.awaits_acks();
            let until = Instant::now() + LINK_GRACE;
            if is_done && self.session.go_away(until.into_std()) {
                self.link_until = Some(until);
                self.again = true;
            }
        }
    }

    fn cancel(&mut self, now: Instant) {
        if let Ending::Finishing(_) = self.ending {
            self.deliver.cancel();
            self.ending = Ending::Cancelled(now + HANDLER_GRACE);
            self.again = true;
        }
    }

    /// Takes the session out of everybody's reach, once it is over.
    pub(super) fn release(&mut self) {
        if matches!(self.ending, Ending::NotYet | Ending::Draining) {
            let now = Instant::now();
            self.ending = Ending::Finishing(now + HANDLER_GRACE);
            self.link_until.get_or_insert(now + LINK_GRACE);
            self.again = true;
            self.timer = None;
            self.due = None;
            self.drop_posts();
            self.frames = VecDeque::new();
            self.dismiss_candidate();
            self.mailbox.close();
            if let Some(reason) = self.session.closed() {
                self.tally.end(reason.key());
                let reason = reason.as_str();
                tracing::debug!(target: "socketio::session", reason, "session over");
            }
        }
    }

    pub(super) fn poll_link_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(link) = &mut self.link {
            ready!(link.poll_closed(cx));
            self.link = None;
        }
        Poll::Ready(())
    }
}
