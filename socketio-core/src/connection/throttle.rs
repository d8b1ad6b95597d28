//! How often events may come: `#[throttle(10, per = "1s")]`.
//!
//! In: the clock, before an event is handled; out: whether it may be, or how long its client has to wait. A
//! throttle is a [`Rate`] and takes 8 bytes of a connection, whatever the number. Called by
//! the code that the macro writes; a type without throttles keeps nothing and reads no clock.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::Instant;

use super::HandlerError;
use crate::protocol::Event;
use crate::session::Rate;

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
