//! How many clients there may be: in all, from one address, and new ones each second.
//!
//! A handshake asks before anything is made for it; its place is given back when its session's task ends. Whoever is
//! over a limit is answered with a status, told when to come again, and counted.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::Instant;

use super::Builder;
use crate::connection::Rate;
use crate::driver::{Place, Places};
use crate::stats::{Counters, Crowd};

/// When to come again, where no limit says: official clients wait for longer than this after a few attempts.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The limits, as the builder has them.
pub(super) struct GateOptions {
    sessions: u64,
    per_address: Option<usize>,
    per_second: Option<u64>,
}

impl Default for GateOptions {
    fn default() -> Self {
        Self { sessions: 100_000, per_address: None, per_second: None }
    }
}

/// Counts who is in, and knows who may come in.
pub(super) struct Gate {
    options: GateOptions,
    places: Arc<Places>,
    since: Instant,
    /// When the bucket of handshakes is full again, in nanoseconds since then.
    full: AtomicU64,
}

/// There is no room for one more.
pub(super) struct Full {
    pub(super) crowd: Crowd,
    pub(super) retry_after: Duration,
}

impl Gate {
    pub(super) fn new(options: GateOptions) -> Self {
        let places = Arc::default();
        Self { options, places, since: Instant::now(), full: AtomicU64::new(0) }
    }

    /// A place for a client from this address; none is kept where no limit asks for it.
    pub(super) fn enter(
        &self,
        address: Option<IpAddr>,
        counters: &Counters,
    ) -> Result<Option<Box<Place>>, Full> {
        let full = |crowd, retry_after| {
            if counters.crowded_out(crowd, Instant::now().into_std()) {
                let limit = crowd.as_str();
                tracing::warn!(target: "socketio::limit", limit, "handshakes are refused for want of room");
            }
            Err(Full { crowd, retry_after })
        };
        if counters.active_sessions() >= self.options.sessions {
            return full(Crowd::Sessions, RETRY_AFTER);
        }
        let mut place = None;
        if let (Some(max), Some(address)) = (self.options.per_address, address) {
            match Places::take(&self.places, address, max) {
                None => return full(Crowd::Address, RETRY_AFTER),
                taken => place = taken.map(Box::new),
            }
        }
        match self.options.per_second.map(|count| self.wait(count)) {
            None | Some(0) => Ok(place),
            Some(wait) => full(Crowd::Rate, Duration::from_nanos(wait)),
        }
    }

    /// Takes one out of the bucket, and is 0; or how long there will be none.
    fn wait(&self, count: u64) -> u64 {
        let rate = Rate { count, nanoseconds: 1_000_000_000 };
        let now = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let mut wait = 0;
        let _unchanged = self.full.fetch_update(Relaxed, Relaxed, |full| {
            let (next, needed) = rate.after(full, now);
            wait = needed;
            (needed == 0).then_some(next)
        });
        wait
    }
}

impl<T, S> Builder<T, S> {
    /// How many sessions there may be. Default: 100,000; some more, if several handshakes come at the same moment. A
    /// handshake beyond it is answered 503 with `Retry-After`, and counted in
    /// [`Stats::rejected_handshakes`](crate::Stats::rejected_handshakes), as for the two limits below.
    pub fn max_sessions(mut self, sessions: u64) -> Self {
        self.gate.sessions = sessions;
        self
    }

    /// How many sessions there may be from one address, or from one /64 of IPv6, which is what one customer has.
    /// Default: any number, for a whole office, or a proxy that [`trusted_proxies`](Self::trusted_proxies) was not told
    /// of, is one address. Who has no address known, since the application hands on none, is not held to it.
    /// A handshake beyond it is answered 429. Protects from a single peer that takes all places.
    pub fn max_sessions_per_address(mut self, sessions: usize) -> Self {
        self.gate.per_address = Some(sessions);
        self
    }

    /// How many handshakes are taken up each second, and as many at once after a quiet one. Default: any number. A
    /// handshake beyond it is answered 503 and told when there will be room. Protects handlers, and what they
    /// ask, from all clients at once, as they come when a network is back.
    pub fn max_handshakes_per_second(mut self, handshakes: u64) -> Self {
        self.gate.per_second = Some(handshakes);
        self
    }
}
