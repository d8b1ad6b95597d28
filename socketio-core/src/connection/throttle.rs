//! How often events may come: `#[throttle(10, per = "1s")]`.
//!
//! In: the clock, before an event is handled; out: whether it may be, or how long its client has to wait. A
//! token bucket, kept as the one number from which it follows (the virtual scheduling of ITU-T I.371's
//! generic cell rate algorithm): when the bucket would be full again. So a burst of the whole number is let through,
//! then one each `per / number`, and a throttle takes 8 bytes of a connection, whatever the number. Called by
//! the code that the macro writes; a type without throttles keeps nothing and reads no clock.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::Instant;

use super::HandlerError;
use crate::protocol::Event;

/// How many events may come in which time.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// How many at once, and in each `nanoseconds`.
    pub count: u64,
    /// In how long the bucket fills.
    pub nanoseconds: u64,
}

/// The throttles of one connection.
#[derive(Debug)]
pub struct Throttles<const N: usize> {
    since: Instant,
    /// When each bucket is full again, in nanoseconds since then.
    full: [AtomicU64; N],
}

impl<const N: usize> Throttles<N> {
    /// All full.
    pub fn new() -> Self {
        Self { since: Instant::now(), full: [const { AtomicU64::new(0) }; N] }
    }

    /// Takes one out of a bucket.
    ///
    /// # Errors
    ///
    /// [`HandlerError::Throttled`] when there is none.
    pub fn take(&self, index: usize, rate: Rate, event: &Event) -> Result<(), HandlerError> {
        let Some(full) = self.full.get(index) else { return Ok(()) };
        let now = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        // The handlers of a connection run in one task, so nobody comes between.
        let (next, wait) = rate.after(full.load(Relaxed), now);
        full.store(next, Relaxed);
        match wait {
            0 => Ok(()),
            wait => Err(HandlerError::throttled(event, Duration::from_nanos(wait))),
        }
    }
}

impl<const N: usize> Default for Throttles<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl Rate {
    /// When the bucket is full again after one more, and 0; or as before, and how long there will be none.
    pub(crate) fn after(self, full: u64, now: u64) -> (u64, u64) {
        let each = self.nanoseconds / self.count.max(1);
        let missing = full.saturating_sub(now);
        let wait = missing.saturating_sub(self.nanoseconds.saturating_sub(each));
        if wait == 0 { (full.max(now).saturating_add(each), 0) } else { (full, wait) }
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    /// What comes at these times, and how long each has to wait.
    #[track_caller]
    fn check(count: u64, nanoseconds: u64, events: &[(u64, u64)]) {
        let mut full = 0;
        for (index, (now, expected)) in events.iter().enumerate() {
            let (next, wait) = Rate { count, nanoseconds }.after(full, *now);
            assert_eq!(wait, *expected, "event {index} at {now}");
            full = next;
        }
    }

    #[test]
    fn a_burst_is_let_through_and_then_one_at_a_time() {
        check(3, 300, &[(0, 0), (0, 0), (0, 0), (0, 100), (99, 1), (100, 0), (100, 100), (200, 0)]);
        check(3, 300, &[(0, 0), (0, 0), (0, 0), (300, 0), (300, 0), (300, 0), (300, 100)]);
        check(1, 1000, &[(0, 0), (1, 999), (1000, 0), (1999, 1), (5000, 0)]);
        // What does not divide lets as many through as it says.
        check(3, 1000, &[(0, 0), (0, 0), (0, 0), (0, 332), (332, 0)]);
        check(7, 3, &[(0, 0); 20]);
        check(1, u64::MAX, &[(u64::MAX, 0), (u64::MAX, 0)]);
    }
}
