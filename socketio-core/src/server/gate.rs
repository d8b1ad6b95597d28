//! How many clients there may be: in all, from one address, and new ones each second.
//!
//! A handshake asks before anything is made for it; its place is given back when its session's task ends. Whoever is
//! over a limit is answered with a status, told when to come again, and counted. Connections that
//! [`serve`](super::serve) accepts come by here, too.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::Builder;
use crate::connection::Rate;
use crate::driver::{Place, Places};
use crate::stats::{Counters, Crowd};
use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// When to come again, where no limit says: official clients wait for longer than this after a few attempts.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Connections that may be there, unless there may be half as many sessions.
const MAX_CONNECTIONS: usize = 200_000;

/// The limits, as the builder has them.
pub(super) struct GateOptions {
    connections: Option<usize>,
    sessions: u64,
    per_address: Option<usize>,
    per_second: Option<u64>,
}

impl Default for GateOptions {
    fn default() -> Self {
        Self { connections: None, sessions: 100_000, per_address: None, per_second: None }
    }
}

/// Counts who is in, and knows who may come in.
pub(super) struct Gate {
    options: GateOptions,
    connections: Arc<Semaphore>,
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
        let of_sessions = usize::try_from(options.sessions.saturating_mul(2)).unwrap_or(usize::MAX);
        let connections = options.connections.unwrap_or(of_sessions.max(MAX_CONNECTIONS));
        Self {
            options,
            connections: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
            places: Arc::default(),
            since: Instant::now(),
            full: AtomicU64::new(0),
        }
    }

    /// A place for a connection, if one is left.
    pub(super) fn accept(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.connections).try_acquire_owned().ok()
    }

    /// A place for a client from this address.
    pub(super) fn enter(
        &self,
        address: Option<IpAddr>,
        counters: &Counters,
    ) -> Result<Place, Full> {
        let full = |crowd, retry_after| {
            if counters.crowded_out(crowd, Instant::now().into_std()) {
                let limit = crowd.as_str();
                tracing::warn!(target: "socketio::limit", limit, "handshakes are refused for want of room");
            }
            Err(Full { crowd, retry_after })
        };
        let Some(mut place) = Places::take(&self.places, self.options.sessions) else {
            return full(Crowd::Sessions, RETRY_AFTER);
        };
        if let (Some(max), Some(address)) = (self.options.per_address, address)
            && !place.count_for(address, max)
        {
            return full(Crowd::Address, RETRY_AFTER);
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
    /// How many connections [`serve`](crate::SocketIo::serve) has at once, the application's and WebSockets among them.
    /// Default: 200,000, or twice `max_sessions` where that is more, for a client that polls has two. One beyond it is
    /// closed at once, and counted in [`Stats::rejected_connections`](crate::Stats::rejected_connections). The system's
    /// limit of open files should be higher: what is refused there waits in the system's queue.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.gate.connections = Some(connections);
        self
    }

    /// How many sessions there may be, those among them that wait to be let in, and those that are over but whose handlers
    /// have not ended yet. Default: 100,000. A handshake beyond it is answered 503 with `Retry-After`, and counted in
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

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use crate::sync::models::{check, spawn};

    /// Of three handshakes that come at once two get in.
    fn check_two(options: fn() -> GateOptions) {
        check(Some(3), move || {
            let gate = Arc::new(Gate::new(options()));
            let enter = |gate: Arc<Gate>| {
                let counters = Counters::new(&[], &[], &[], Instant::now().into_std());
                gate.enter(Some([10, 0, 0, 1].into()), &counters).ok()
            };
            let others = [(); 2].map(|()| Arc::clone(&gate)).map(|gate| spawn(move || enter(gate)));
            let mut places = vec![enter(gate)];
            places.extend(others.map(|other| other.join().unwrap()));
            assert_eq!(places.iter().flatten().count(), 2);
        });
    }

    #[test]
    fn handshakes_that_come_at_once_do_not_share_a_place() {
        check_two(|| GateOptions { sessions: 2, ..GateOptions::default() });
        check_two(|| GateOptions { per_address: Some(2), ..GateOptions::default() });
        check_two(|| GateOptions { per_second: Some(2), ..GateOptions::default() });
    }
}
