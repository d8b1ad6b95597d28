//! How much of what its client sends a session takes in.
//!
//! In: what waits for handlers, and the limits; out: the room that is left. The driver asks before it reads, and before it
//! lets the session handle what was read.

use super::{Deliver, Driver};
use crate::session::Room;

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

    /// Whether events that come now are copied out of what brought them.
    pub(super) fn is_crowded(&self) -> bool {
        self.deliver.kept() >= SHARED_EVENTS
    }
}
