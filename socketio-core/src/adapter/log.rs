//! What one endpoint has sent, for those who come back.
//!
//! Numbered emissions go in, each with whom it is for; those that a client missed come out. Called under
//! the lock of the endpoint's members, so numbers only grow. Bounded in time and in bytes, its own and those of
//! all logs together.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytestring::ByteString;

use super::Selection;
use super::local::Entered;
use super::recovery::Recovery;
use crate::id::{SocketId, SocketKey};
use crate::protocol::Emission;
use crate::sync::atomic::{AtomicUsize, Ordering};

/// How much a log may hold.
pub(super) struct Bounds<'a> {
    pub(super) recovery: &'a Recovery,
    /// How long an emission may be missed: by one who left when it was sent, and comes back late.
    pub(super) age: Duration,
    /// Bytes of all logs.
    pub(super) all: &'a Arc<AtomicUsize>,
}

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
    /// What it may take: what was given, and what is sent to clients of each kind.
    fn bytes(&self) -> usize {
        size_of::<Self>() + 4 * self.emission.len()
    }
}

/// Emissions in the order of their numbers.
#[derive(Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// Bytes of all logs, of which this one's are a part.
    all: Arc<AtomicUsize>,
    /// Number and time of the last that is no longer there.
    dropped: Option<(u64, Instant)>,
}

/// One who asks what it missed.
pub(super) struct Reader<'a> {
    pub(super) id: SocketId,
    /// Each with the number of the last emission before it was entered.
    pub(super) rooms: &'a Entered,
    /// The last emission that it got.
    pub(super) after: u64,
}

impl Reader<'_> {
    fn is_meant(&self, entry: &Entry, name: &str) -> bool {
        let is_in = |room: &ByteString| {
            room == name || self.rooms.get(room).is_some_and(|entered| entered < entry.number)
        };
        match &entry.target {
            Target::One(socket) => *socket == self.id.key(),
            Target::Many(to) => {
                to.rooms.as_ref().is_none_or(|rooms| rooms.iter().any(is_in))
                    && to.sender.as_ref() != Some(&self.id)
                    && !to.except.iter().any(is_in)
            }
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Log {
    /// Adds an emission under its number, and drops what is too old or too much.
    pub(super) fn push(
        &mut self,
        number: u64,
        target: Target,
        emission: Arc<Emission>,
        bounds: Bounds<'_>,
        now: Instant,
    ) {
        if self.entries.is_empty() {
            self.all = Arc::clone(bounds.all);
        }
        let entry = Entry { number, at: now, target, emission };
        self.bytes += entry.bytes();
        // What those who sweep stored before they found nothing is seen from here on.
        self.all.fetch_add(entry.bytes(), Ordering::Acquire);
        self.entries.push_back(entry);
        self.trim(&bounds, now);
    }

    /// Drops what is too old or too much.
    pub(super) fn trim(&mut self, bounds: &Bounds<'_>, now: Instant) {
        while let Some(oldest) = self.entries.front()
            && (self.bytes > bounds.recovery.log_bytes
                || self.all.load(Ordering::Relaxed) > bounds.recovery.total_log_bytes
                || now.saturating_duration_since(oldest.at) > bounds.age)
        {
            self.dropped = Some((oldest.number, oldest.at));
            self.bytes -= oldest.bytes();
            self.all.fetch_sub(oldest.bytes(), Ordering::Relaxed);
            self.entries.pop_front();
        }
        if self.entries.is_empty() {
            self.entries = VecDeque::new();
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
        let name = reader.id.to_string();
        let missed = self.entries.range(from..).filter(|entry| reader.is_meant(entry, &name));
        Some(missed.map(|entry| Arc::clone(&entry.emission)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::EmissionBody;

    #[test]
    fn all_logs_together_hold_no_more_than_the_total_and_give_it_back() {
        let recovery = Recovery::default().total_log_bytes(10_000);
        let (all, now) = (Arc::default(), Instant::now());
        let mut logs: Vec<Log> = (0..3).map(|_| Log::default()).collect();
        for number in 0..300 {
            let text = EmissionBody::Text("x".repeat(100).into());
            let emission = Arc::new(Emission::new("/a".into(), text));
            let log = &mut logs[number as usize % 3];
            let target = Target::Many(Selection::default());
            let bounds = Bounds { recovery: &recovery, age: Duration::ZERO, all: &all };
            log.push(number, target, emission, bounds, now);
            let held: usize = logs.iter().map(|log| log.bytes).sum();
            assert_eq!(all.load(Ordering::Relaxed), held);
            assert!(held <= 10_000);
        }
        assert!(logs.iter().any(|log| !log.entries.is_empty()));
        drop(logs);
        assert_eq!(all.load(Ordering::Relaxed), 0);
    }
}
