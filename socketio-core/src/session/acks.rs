//! Acknowledgements that the server awaits from one endpoint of one client.
//!
//! Numbers go in with a deadline and a waiter and come out once: answered, overdue or closed. The
//! count is bounded by the session's limits.

use std::collections::HashMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// Why no acknowledgement came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum NoAck {
    /// The client did not answer in time.
    #[error("the client did not acknowledge in time")]
    Timeout,
    /// The connection closed first.
    #[error("the connection closed before the acknowledgement")]
    Closed,
    /// Too many acknowledgements are already awaited from this client (`max_pending_acks`).
    #[error("too many acknowledgements are awaited from this client")]
    TooMany,
    /// It was volatile, and could not leave at once: this client was not asked.
    #[error("it could not leave at once, so the client was not asked")]
    Skipped,
}

/// Waiters by acknowledgement number.
#[derive(Debug)]
pub(super) struct Acks<A> {
    next: u64,
    /// While one is awaited.
    pending: Option<Box<Pending<A>>>,
}

#[derive(Debug)]
struct Pending<A> {
    waiters: HashMap<u64, (Instant, A)>,
    /// Not later than the earliest deadline of those.
    earliest: Instant,
}

impl<A> Acks<A> {
    /// None yet; the first gets this number.
    pub(super) fn new(first: u64) -> Self {
        Self { next: first, pending: None }
    }

    pub(super) fn len(&self) -> usize {
        self.pending.as_ref().map_or(0, |pending| pending.waiters.len())
    }

    /// Takes a waiter in and gives its number.
    pub(super) fn insert(&mut self, waiter: A, deadline: Instant) -> u64 {
        let number = self.next;
        self.next += 1;
        let first = || Box::new(Pending { waiters: HashMap::new(), earliest: deadline });
        let pending = self.pending.get_or_insert_with(first);
        pending.waiters.insert(number, (deadline, waiter));
        pending.earliest = pending.earliest.min(deadline);
        number
    }

    /// Gives the waiter of a number, once.
    pub(super) fn remove(&mut self, id: &str) -> Option<A> {
        let waiters = &mut self.pending.as_mut()?.waiters;
        let (_, waiter) = waiters.remove(&id.parse().ok()?)?;
        if waiters.is_empty() {
            self.pending = None;
        }
        Some(waiter)
    }

    /// Forgets all waiters but such.
    pub(super) fn retain(&mut self, is_such: &mut impl FnMut(&mut A) -> bool) {
        if let Some(pending) = &mut self.pending {
            pending.waiters.retain(|_, (_, waiter)| is_such(waiter));
        }
        self.pending.take_if(|pending| pending.waiters.is_empty());
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.pending.as_ref().map(|pending| pending.earliest)
    }

    /// Gives the waiters whose deadline has come.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<A> {
        let Some(pending) = self.pending.as_mut().filter(|pending| pending.earliest <= now) else {
            return Vec::new();
        };
        let overdue = pending.waiters.extract_if(|_, (deadline, _)| *deadline <= now);
        let overdue = overdue.map(|(_, (_, waiter))| waiter).collect();
        match pending.waiters.values().map(|(deadline, _)| *deadline).min() {
            Some(earliest) => pending.earliest = earliest,
            None => self.pending = None,
        }
        overdue
    }

    /// Gives all waiters: the endpoint is closed.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = A> + use<A> {
        let waiters = self.pending.take().map(|pending| pending.waiters).unwrap_or_default();
        waiters.into_values().map(|(_, waiter)| waiter)
    }
}
