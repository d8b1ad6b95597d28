//! How many events handlers are given in one turn of their session's task.
//!
//! The mailbox has it: the task begins and spends it, and whoever puts in what makes enough to be sent first ends it
//! early. Whatever others put in, one event is handled in each turn.

use crate::sync::atomic::{AtomicUsize, Ordering};

/// Events before other tasks of the thread have their turn.
const EVENTS: usize = 128;

/// What is left where enough waits to be sent and no event has been handled yet: one.
const ONE: usize = EVENTS + 1;

/// What is left of a turn; the session's task alone begins and spends it.
pub(super) struct Quota(AtomicUsize);

impl Quota {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(EVENTS))
    }

    pub(super) fn begin(&self) {
        self.0.store(EVENTS, Ordering::Relaxed);
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    pub(super) fn spend(&self) {
        let left = self.0.load(Ordering::Relaxed);
        let left = if left == ONE { 0 } else { left.saturating_sub(1) };
        self.0.store(left, Ordering::Relaxed);
    }

    /// Enough waits to be sent. One step, for the next turn may begin meanwhile.
    pub(super) fn cut(&self) {
        let cut = |left| match left {
            0 | ONE => None,
            EVENTS => Some(ONE),
            _ => Some(0),
        };
        let _as_before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_handled_in_each_turn_whatever_others_send() {
        let quota = Quota::new();
        for _ in 0..2 {
            quota.begin();
            quota.cut();
            quota.cut();
            assert!(!quota.is_spent());
            quota.spend();
            assert!(quota.is_spent());
            quota.cut();
            assert!(quota.is_spent());
        }
    }

    #[test]
    fn behind_the_first_event_enough_to_send_ends_a_turn() {
        let quota = Quota::new();
        (1..EVENTS).for_each(|_| quota.spend());
        assert!(!quota.is_spent());
        quota.cut();
        assert!(quota.is_spent());
        quota.begin();
        (0..EVENTS).for_each(|_| quota.spend());
        assert!(quota.is_spent());
    }
}
