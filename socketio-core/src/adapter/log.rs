//! What one endpoint has sent, for those who come back.
//!
//! Numbered emissions go in, each with whom it is for; those that a client missed come out. Called under
//! the lock of the endpoint's members, so numbers only grow. Bounded in bytes and in time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytestring::ByteString;

use super::Selection;
use super::recovery::Recovery;
use crate::id::SocketKey;
use crate::protocol::Emission;

/// Whom a logged emission is for.
pub(super) enum Target {
    One(SocketKey),
    Many(Selection),
}

struct Entry {
    number: u64,
    at: Instant,
    target: Target,
    emission: Arc<Emission>,
}

impl Entry {
    fn bytes(&self) -> usize {
        size_of::<Self>() + 2 * self.emission.len()
    }
}

/// Emissions in the order of their numbers.
#[derive(Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// Number and time of the last that is no longer there.
    dropped: Option<(u64, Instant)>,
}

/// One who asks what it missed.
pub(super) struct Reader<'a> {
    pub(super) socket: SocketKey,
    /// Each with the number of the last emission before it was entered.
    pub(super) rooms: &'a BTreeMap<ByteString, u64>,
    /// The last emission that it got.
    pub(super) after: u64,
}

impl Reader<'_> {
    fn is_meant(&self, entry: &Entry) -> bool {
        let is_in =
            |room: &ByteString| self.rooms.get(room).is_some_and(|entered| *entered < entry.number);
        match &entry.target {
            Target::One(socket) => *socket == self.socket,
            Target::Many(to) => {
                (to.rooms.is_empty() || to.rooms.iter().any(is_in))
                    && to.except != Some(self.socket)
                    && !to.except_rooms.iter().any(is_in)
            }
        }
    }
}

impl Log {
    /// Adds an emission under its number, and drops what is too old or too much.
    pub(super) fn push(
        &mut self,
        number: u64,
        target: Target,
        emission: Arc<Emission>,
        (recovery, unnoticed): (&Recovery, Duration),
        now: Instant,
    ) {
        let entry = Entry { number, at: now, target, emission };
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        let age = recovery.window.saturating_add(unnoticed);
        while let Some(oldest) = self.entries.front()
            && (self.bytes > recovery.log_bytes || now.saturating_duration_since(oldest.at) > age)
        {
            self.dropped = Some((oldest.number, oldest.at));
            self.bytes -= oldest.bytes();
            self.entries.pop_front();
        }
    }

    /// What a reader missed, or [`None`] if some of what it may have missed is gone.
    pub(super) fn missed(
        &self,
        reader: &Reader<'_>,
        may_miss: impl Fn(Instant) -> bool,
    ) -> Option<Vec<Arc<Emission>>> {
        if self.dropped.is_some_and(|(number, at)| number > reader.after && may_miss(at)) {
            return None;
        }
        let from = self.entries.partition_point(|entry| entry.number <= reader.after);
        let missed = self.entries.range(from..).filter(|entry| reader.is_meant(entry));
        Some(missed.map(|entry| Arc::clone(&entry.emission)).collect())
    }
}
