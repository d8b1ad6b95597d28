//! Events, in all and per second of late.
//!
//! Numbers of events go in, each with the second it belongs to; their sum and their average over the last
//! [`WINDOW`] whole seconds come out. Any thread may add at any time: an addition is a load and two atomic
//! additions, and never waits. No addition is lost, and one that comes late still counts for its own
//! second, as long as that is in the window. Source: TornadIO2 tornadio2/stats.py (`MovingAverage`).

use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Seconds over which is averaged (TornadIO2's `period`).
pub(super) const WINDOW: u32 = 10;

/// Seconds that are kept: those of the window, the one under way, and some for those who come late to add
/// or to read.
const SLOTS: usize = 16;

/// A counter that also knows how fast it has been going.
#[derive(Default)]
pub(super) struct Rate {
    total: AtomicU64,
    /// A ring: a second's slot holds the second above [`COUNT_BITS`], and the events of that second below.
    slots: [AtomicU64; SLOTS],
}

/// Enough for four thousand million events in a second, and for seconds of 136 years.
const COUNT_BITS: u32 = 32;

impl Rate {
    /// Counts events that happened in this second.
    pub(super) fn add(&self, events: usize, second: u32) {
        let events = events as u64;
        self.total.fetch_add(events, Relaxed);
        let Some(slot) = self.slots.get(second as usize % SLOTS) else { return };
        let mut seen = slot.load(Relaxed);
        while second_of(seen) < second {
            let anew = u64::from(second) << COUNT_BITS | events;
            match slot.compare_exchange_weak(seen, anew, Relaxed, Relaxed) {
                Ok(_) => return,
                Err(changed) => seen = changed,
            }
        }
        // A slot that has moved on is of no use to who is that late.
        if second_of(seen) == second {
            slot.fetch_add(events, Relaxed);
        }
    }

    /// All events so far.
    pub(super) fn total(&self) -> u64 {
        self.total.load(Relaxed)
    }

    /// The events of the [`WINDOW`] seconds before this one.
    pub(super) fn recent(&self, second: u32) -> u64 {
        let window = second.saturating_sub(WINDOW)..second;
        let slots = self.slots.iter().map(|slot| slot.load(Relaxed));
        slots.filter(|slot| window.contains(&second_of(*slot))).map(count_of).sum()
    }
}

fn second_of(slot: u64) -> u32 {
    (slot >> COUNT_BITS) as u32
}

fn count_of(slot: u64) -> u64 {
    slot & ((1 << COUNT_BITS) - 1)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_ten_whole_seconds_before_now_count() {
        type Case<'a> = (&'a [(usize, u32)], &'a [(u32, u64)]);
        let cases: &[Case<'_>] = &[
            (&[], &[(0, 0), (9, 0), (u32::MAX, 0)]),
            // The second under way does not count yet, and one does for ten.
            (&[(3, 0)], &[(0, 0), (1, 3), (10, 3), (11, 0), (16, 0)]),
            (&[(3, 7), (4, 7), (5, 8)], &[(7, 0), (8, 7), (9, 12), (17, 12), (18, 5), (19, 0)]),
            // Sixteen seconds later the slot is another's.
            (&[(3, 5), (4, 21)], &[(5, 0), (22, 4), (31, 4), (32, 0)]),
            (&[(3, 5), (4, 21), (1, 5)], &[(22, 4)]),
            // What comes late counts for its own second.
            (&[(3, 5), (4, 6), (1, 5)], &[(6, 4), (7, 8), (15, 8), (16, 4)]),
            (&[(1, 0), (2, 1_000_000)], &[(1_000_001, 2), (1_000_010, 2), (1_000_011, 0)]),
            (&[(7, u32::MAX - 1)], &[(u32::MAX, 7)]),
        ];
        for (additions, expected) in cases {
            let rate = Rate::default();
            for (events, second) in *additions {
                rate.add(*events, *second);
            }
            for (second, events) in *expected {
                assert_eq!(rate.recent(*second), *events, "{additions:?} seen in second {second}");
            }
            let all: usize = additions.iter().map(|(events, _)| events).sum();
            assert_eq!(rate.total(), all as u64);
        }
    }

    #[test]
    fn a_steady_stream_has_the_same_rate_in_every_second() {
        let rate = Rate::default();
        for second in 0..100 {
            for _ in 0..3 {
                rate.add(2, second);
            }
            assert_eq!(rate.recent(second), u64::from(second.min(WINDOW)) * 6, "second {second}");
        }
    }

    #[test]
    fn threads_that_enter_a_second_together_lose_nothing() {
        const THREADS: u64 = 2;
        const SECONDS: u32 = 50_000;
        let rate = Rate::default();
        let arrived = AtomicU64::new(0);
        // They must go on at the very same time: waking up takes longer than what they race for.
        let meet = |time: u64| {
            arrived.fetch_add(1, Relaxed);
            for spins in 0_u32.. {
                match arrived.load(Relaxed) {
                    there if there >= time * THREADS => break,
                    _ if spins % 1_000 == 999 => thread::yield_now(),
                    _ => std::hint::spin_loop(),
                }
            }
        };
        let losses = AtomicU64::new(0);
        let enter = || {
            for second in 0..SECONDS {
                meet(2 * u64::from(second) + 1);
                rate.add(1, second);
                meet(2 * u64::from(second) + 2);
                let expected = u64::from(second.min(WINDOW)) * THREADS;
                losses.fetch_add(rate.recent(second).abs_diff(expected), Relaxed);
            }
        };
        thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(enter))));
        assert_eq!((losses.into_inner(), rate.total()), (0, u64::from(SECONDS) * THREADS));
    }
}

#[cfg(all(test, loom))]
mod models {
    use std::sync::Arc;

    use super::*;
    use crate::sync::models::{check, spawn};

    #[test]
    fn threads_that_enter_a_second_together_lose_nothing() {
        check(Some(3), || {
            let rate = Arc::new(Rate::default());
            rate.add(5, 1);
            let others = [(); 2].map(|()| Arc::clone(&rate));
            let others = others.map(|rate| spawn(move || rate.add(1, 1 + SLOTS as u32)));
            rate.add(2, 1 + SLOTS as u32);
            others.into_iter().for_each(|other| other.join().unwrap());
            assert_eq!((rate.recent(2 + SLOTS as u32), rate.total()), (4, 9));
        });
    }
}
