//! What a session is bound to: intervals, how much a client may make it hold, and what it may not send.
//!
//! The builder fills it in; sessions share it. Defaults are TornadIO2's where it has the setting, else
//! socket.io 0.9's.

use std::time::{Duration, Instant};

use super::Rate;

/// The intervals and limits of a session, the same for all sessions of a server.
///
/// Each field is a method of the builder, which documents it.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) heartbeats: bool,
    pub(crate) global_heartbeats: bool,
    pub(crate) heartbeat_interval: Duration,
    pub(crate) heartbeat_timeout: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) polling_timeout: Duration,
    pub(crate) session_expiry: Duration,
    pub(crate) session_check_interval: Duration,
    /// Whether a WebSocket has to show that it carries frames, for so long.
    pub(crate) websocket_check: bool,
    pub(crate) client_timeout: Duration,
    pub(crate) ping_interval: Duration,
    pub(crate) ping_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) upgrade_timeout: Duration,
    pub(crate) attachments: usize,
    pub(crate) attachment_bytes: usize,
    pub(crate) pending_acks: usize,
    pub(crate) endpoints: usize,
    pub(crate) early_packets: usize,
    pub(crate) early_bytes: usize,
    pub(crate) event_name: usize,
    /// How many packets may come, if that is limited.
    pub(crate) packets: Option<Rate>,
    /// How many rooms a connection may be in.
    pub(crate) rooms: usize,
    /// How many endpoints there may be whose names clients choose, of all clients.
    pub(crate) dynamic_endpoints: usize,
    pub(crate) event_blacklist: Vec<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            heartbeats: true,
            global_heartbeats: true,
            heartbeat_interval: Duration::from_secs(12),
            heartbeat_timeout: Duration::from_secs(60),
            close_timeout: Duration::from_secs(60),
            polling_timeout: Duration::from_secs(20),
            session_expiry: Duration::from_secs(30),
            session_check_interval: Duration::ZERO,
            websocket_check: false,
            client_timeout: Duration::from_secs(5),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(45),
            upgrade_timeout: Duration::from_secs(10),
            attachments: 10,
            attachment_bytes: 10_000_000,
            pending_acks: 1024,
            endpoints: 64,
            early_packets: 64,
            early_bytes: 64 * 1024,
            event_name: 1024,
            packets: None,
            rooms: 1024,
            dynamic_endpoints: 100_000,
            event_blacklist: vec!["disconnect".to_owned()],
        }
    }
}

impl Limits {
    /// Whether events of this name are dropped.
    pub(super) fn is_blacklisted(&self, name: &str) -> bool {
        self.event_blacklist.iter().any(|no| name == no)
    }

    /// How long it can go unnoticed that a client since Socket.IO 1.0 is gone.
    pub(crate) fn unnoticed(&self) -> Duration {
        // A pong proves what came before its ping, and another packet may have extended the wait for it.
        self.ping_interval.saturating_add(self.ping_timeout.saturating_mul(3))
    }

    /// When a session ends that is without a transport from now on: `session_expiry`, rounded up to
    /// whole check intervals.
    pub(super) fn session_end(&self, now: Instant) -> Instant {
        let (expiry, interval) =
            (self.session_expiry.as_nanos(), self.session_check_interval.as_nanos());
        if interval == 0 {
            return deadline(now, self.session_expiry);
        }
        let rounded = expiry.div_ceil(interval).saturating_mul(interval);
        deadline(now, Duration::from_nanos(u64::try_from(rounded).unwrap_or(u64::MAX)))
    }
}

/// Bytes of an endpoint's name and query, inclusive, that a client may bring: they are kept with the
/// connection, so a connect with more is ignored. As many as a handshake may bring.
pub(super) const CONNECT_BYTES: usize = 16 * 1024;

/// Bytes that are given to a persistent transport before it has written them.
pub(crate) const AHEAD_BYTES: usize = 64 * 1024;

/// The end of an interval; one that is too long for the clock, as `Duration::MAX` is, ends in
/// [`NEVER`].
pub(super) fn deadline(now: Instant, interval: Duration) -> Instant {
    now + interval.min(NEVER)
}

/// Which of two comes first, if there is one.
pub(super) fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, None) => one,
        (None, other) => other,
    }
}

/// Thirty years: longer than any server runs, and no clock overflows with it.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
