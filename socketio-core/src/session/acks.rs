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
    pending: HashMap<u64, (Instant, A)>,
    /// Not later than the earliest deadline in `pending`.
    earliest: Option<Instant>,
}

impl<A> Acks<A> {
    /// None yet; the first gets this number.
    pub(super) fn new(first: u64) -> Self {
        Self { next: first, pending: HashMap::new(), earliest: None }
    }

    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Takes a waiter in and gives its number.
    pub(super) fn insert(&mut self, waiter: A, deadline: Instant) -> u64 {
        let number = self.next;
        self.next += 1;
        self.pending.insert(number, (deadline, waiter));
        self.earliest = Some(self.earliest.map_or(deadline, |earliest| earliest.min(deadline)));
        number
    }

    /// Gives the waiter of a number, once.
    pub(super) fn remove(&mut self, id: &str) -> Option<A> {
        let (_, waiter) = self.pending.remove(&id.parse().ok()?)?;
        if self.pending.is_empty() {
            self.pending = HashMap::new();
            self.earliest = None;
        }
        Some(waiter)
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.earliest
    }

    /// Gives the waiters whose deadline has come.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<A> {
        if self.earliest.is_none_or(|earliest| earliest > now) {
            return Vec::new();
        }
        let overdue = self.pending.extract_if(|_, (deadline, _)| *deadline <= now);
        let overdue = overdue.map(|(_, (_, waiter))| waiter).collect();
        self.earliest = self.pending.values().map(|(deadline, _)| *deadline).min();
        if self.pending.is_empty() {
            self.pending = HashMap::new();
        }
        overdue
    }

    /// Gives all waiters: the endpoint is closed.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = A> + use<A> {
        self.earliest = None;
        std::mem::take(&mut self.pending).into_values().map(|(_, waiter)| waiter)
    }
}
