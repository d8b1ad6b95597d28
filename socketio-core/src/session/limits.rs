//! What a session is bound to: intervals, how much a client may make it hold, and what it may not send.
//!
//! The builder fills it in; sessions share it. Defaults are TornadIO2's where it has the setting, else
//! socket.io 0.9's.

use std::time::{Duration, Instant};

/// The intervals and limits of a session, the same for all sessions of a server.
///
/// Each field is a method of the builder, which documents it.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) heartbeat_interval: Duration,
    pub(crate) heartbeat_timeout: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) polling_timeout: Duration,
    pub(crate) session_expiry: Duration,
    pub(crate) pending_acks: usize,
    pub(crate) endpoints: usize,
    pub(crate) early_packets: usize,
    pub(crate) early_bytes: usize,
    pub(crate) event_blacklist: Vec<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            heartbeat_interval: Duration::from_secs(12),
            heartbeat_timeout: Duration::from_secs(60),
            close_timeout: Duration::from_secs(60),
            polling_timeout: Duration::from_secs(20),
            session_expiry: Duration::from_secs(30),
            pending_acks: 1024,
            endpoints: 64,
            early_packets: 64,
            early_bytes: 64 * 1024,
            event_blacklist: vec!["disconnect".to_owned()],
        }
    }
}

/// The end of an interval; one that is too long for the clock, as `Duration::MAX` is, ends in
/// [`NEVER`].
pub(super) fn deadline(now: Instant, interval: Duration) -> Instant {
    now + interval.min(NEVER)
}

/// Thirty years: longer than any server runs, and no clock overflows with it.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
