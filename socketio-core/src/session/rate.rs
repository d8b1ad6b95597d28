//! How often something may come: a token bucket without a clock.
//!
//! It is kept as the one number from which it follows (the virtual scheduling of ITU-T I.371's generic cell rate
//! algorithm): when the bucket would be full again. So a burst of the whole number is let through, then one each
//! `nanoseconds / count`. The session holds its client's packets to one, throttles events, and the server handshakes.

use std::time::Instant;

/// How many there may be in which time.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// How many at once, and in each `nanoseconds`.
    pub count: u64,
    /// In how long the bucket fills.
    pub nanoseconds: u64,
}

impl Rate {
    /// So many a second.
    pub(crate) const fn per_second(count: u64) -> Self {
        Self { count, nanoseconds: 1_000_000_000 }
    }

    /// When the bucket is full again after one more, and 0; or as before, and how long there will be none.
    pub(crate) fn after(self, full: u64, now: u64) -> (u64, u64) {
        let each = self.nanoseconds / self.count.max(1);
        let missing = full.saturating_sub(now);
        let wait = missing.saturating_sub(self.nanoseconds.saturating_sub(each));
        if wait == 0 { (full.max(now).saturating_add(each), 0) } else { (full, wait) }
    }
}

/// The packets of one client.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: Rate,
    since: Instant,
    /// When it is full again, in nanoseconds since then.
    full: u64,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        Self { rate, since: now, full: 0 }
    }

    /// Takes one out; `false` if there is none.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let now = now.saturating_duration_since(self.since).as_nanos();
        let (full, wait) = self.rate.after(self.full, u64::try_from(now).unwrap_or(u64::MAX));
        self.full = full;
        wait == 0
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
