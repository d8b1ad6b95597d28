//! What its client sends, and how much of it a session takes in.
//!
//! In: what waits for handlers, and the limits; out: the room that is left. The driver asks before it reads, and before it
//! lets the session handle what was read.

use std::task::{Context, Poll};

use super::ending::Ending;
use super::{Deliver, Driver, LinkClosed};
use crate::session::Room;
use crate::stats::Limit;

/// Events that may wait before those that come are copied out of the read or the POST that brought them: so many may keep
/// all of it.
const SHARED_EVENTS: usize = 4;

impl<D: Deliver> Driver<D> {
    /// How much more the client may send. While an acknowledgement is awaited from it that may be twice as
    /// much, for the handlers that its events wait for may be waiting for that.
    pub(super) fn room(&self) -> Room {
        let (backlog, limit) = (self.deliver.backlog(), self.queue_limit);
        let mut room = Room {
            events: limit.events.saturating_sub(backlog.events),
            bytes: limit.bytes.saturating_sub(backlog.bytes),
            is_crowded: false,
        };
        if room.is_none() && self.session.awaits_acks() {
            room.events = limit.events.saturating_mul(2).saturating_sub(backlog.events);
            room.bytes = limit.bytes.saturating_mul(2).saturating_sub(backlog.bytes);
        }
        room
    }

    /// Counts that the queue is full: once, until half of it is free.
    fn count_full(&mut self, room: Room) {
        if !self.was_full {
            if room.is_none() && self.ending == Ending::NotYet {
                self.was_full = true;
                self.mailbox.notices().limit_hit(Limit::Queue);
            }
        } else if !room.is_none() {
            let (backlog, limit) = (self.deliver.backlog(), self.queue_limit);
            self.was_full = backlog.events > limit.events / 2 || backlog.bytes > limit.bytes / 2;
        }
    }

    /// Whether events that come now are copied out of what brought them.
    pub(super) fn is_crowded(&self) -> bool {
        self.deliver.kept() >= SHARED_EVENTS
    }

    /// Reads once from the link, unless the queue is full or something waits that came before: that gives
    /// nothing.
    pub(super) fn poll_read(
        &mut self,
        room: Room,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(), LinkClosed>>> {
        if room.is_none() {
            return Poll::Pending;
        }
        if !self.frames.is_empty() || self.has_posts_to_take() {
            return Poll::Ready(None);
        }
        let Some(link) = self.link.as_mut().filter(|_| !self.link_ended) else {
            return Poll::Pending;
        };
        self.left_behind = false;
        link.poll_read(cx, &mut self.frames).map(Some)
    }

    /// Lets the session handle what came, as far as there is room for it.
    pub(super) fn take_in(
        &mut self,
        read: Poll<Option<Result<(), LinkClosed>>>,
        mut room: Room,
        cx: &mut Context<'_>,
        now: std::time::Instant,
    ) {
        self.count_full(room);
        self.reading = !room.is_none();
        let takes_posts = self.has_posts_to_take();
        // Who waits for an answer to a post may say nothing before it.
        self.session.handle_reading(self.reading && takes_posts == self.has_posts(), now);
        self.session.handle_waiting_posts(takes_posts, now);
        let unsent = self.link.as_ref().map_or(0, |link| link.queued_bytes());
        self.session.handle_room(self.mailbox.limit().saturating_sub(unsent), unsent == 0);
        room.is_crowded = read.is_ready() && self.is_crowded();
        // A client that left its link for polling sent the frames before.
        if self.reading && self.frames.is_empty() && takes_posts {
            return self.take_post_in(room, now);
        }
        if self.candidate.is_some() {
            self.again |= self.poll_candidate(cx, now).is_ready();
        }
        if let Poll::Ready(Some(result)) = read {
            self.tally.received(self.frames.len(), now);
            match result {
                // It says so again, once its last frames have been handled.
                Err(_) if !self.frames.is_empty() => {
                    self.link_said_all = self.session.takes_links();
                }
                Err(closed) => self.handle_link_end(closed),
                Ok(()) => {}
            }
        }
        self.session.handle_frames(&mut self.frames, self.left_behind, room, now);
    }
}
