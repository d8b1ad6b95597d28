//! What a client can cause again and again: limits that it comes to, handlers that fail.
//!
//! Every limit that is hit is counted for the server; the log is told of the first of each kind for each client, so
//! that no client fills it. A mailbox holds one, for those who hold a client to something are in many places.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::stats::{Counters, Limit};

/// What the log is told once for each client.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Notice {
    Limit(Limit),
    /// What opens a connection panicked.
    Opening,
    /// A handler of an event failed, and its client stays.
    Handling,
    /// One failed, which ends the session.
    Ending,
    /// A close handler, or the drop of a connection, panicked.
    Closing,
    Hook,
    /// An acknowledgement was promised and not sent.
    Unanswered,
}

impl Notice {
    /// The first place behind the limits'.
    const OTHERS: u32 = Limit::ALL.len() as u32;

    const fn bit(self) -> u32 {
        1 << match self {
            Self::Limit(limit) => limit as u32,
            Self::Opening => Self::OTHERS,
            Self::Handling => Self::OTHERS + 1,
            Self::Ending => Self::OTHERS + 2,
            Self::Closing => Self::OTHERS + 3,
            Self::Hook => Self::OTHERS + 4,
            Self::Unanswered => Self::OTHERS + 5,
        }
    }
}

/// What the log was told of one client.
pub(crate) struct Notices {
    /// A bit for each [`Notice`].
    told: AtomicU32,
    counters: Arc<Counters>,
}

impl Notices {
    /// Nothing yet; limits are counted here.
    pub(crate) fn new(counters: Arc<Counters>) -> Self {
        Self { told: AtomicU32::new(0), counters }
    }

    /// Whether this is the first of its kind.
    pub(crate) fn is_first(&self, notice: Notice) -> bool {
        self.told.fetch_or(notice.bit(), Relaxed) & notice.bit() == 0
    }

    /// Counts a limit that was hit; gives whether the log is still to be told.
    pub(crate) fn count(&self, limit: Limit) -> bool {
        self.counters.limit_hit(limit);
        self.is_first(Notice::Limit(limit))
    }

    /// Counts a limit that was hit, and tells the log.
    pub(crate) fn limit_hit(&self, limit: Limit) {
        if self.count(limit) {
            let is_lost = limit == Limit::Depth;
            let limit = limit.as_str();
            if is_lost {
                tracing::warn!(target: "socketio::limit", limit, "what is nested too deep was not sent");
            } else {
                tracing::debug!(target: "socketio::limit", limit, "the client came to a limit");
            }
        }
    }
}
