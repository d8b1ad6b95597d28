//! What a server counts: sessions, connections and packets; now, at most, in all, and per second; why they
//! ended; which events were refused; and which limits clients came to.
//!
//! What happens goes in, with the time at which it does; a [`Stats`] comes out. Every session holds a
//! [`Tally`], which takes back what it counts as active however the session's task ends. The driver counts, once
//! for each turn of a session; `Server::stats` reads. No clock is read, nothing waits, and nothing is
//! kept per connection. With the feature `metrics` all of it goes to that crate's recorder, too.
//! Source: TornadIO2 tornadio2/stats.py, and tornadio2/session.py for what a connection is.

#[cfg(feature = "metrics")]
mod export;
#[cfg(not(feature = "metrics"))]
#[path = "no_export.rs"]
mod export;
mod limit;
mod rate;
mod snapshot;

pub(crate) use limit::Limit;
pub use snapshot::{Clients, Closed, Crowded, Rejected, Stats, Traffic};

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use self::rate::{Rate, WINDOW};

/// The figures of one server. A kind of transport, or of clients, and a reason to end is known by its place in
/// the list of their names.
pub(crate) struct Counters {
    started: Instant,
    sessions: Gauge,
    protocols: Box<[Generation]>,
    connections: Gauge,
    kinds: Box<[Kind]>,
    ends: Box<[End]>,
    /// Events that a guard refused.
    refused: AtomicU64,
    /// Events that a throttle refused.
    throttled: AtomicU64,
    /// Handshakes that there was no room for.
    crowded_out: [(AtomicU64, Onset); 3],
    limits: [(AtomicU64, Onset); Limit::ALL.len()],
    /// Requests that named a session that is not here.
    unknown_sessions: AtomicU64,
    /// Connections that there was no room for.
    turned_away: AtomicU64,
    exported: export::Rejections,
}

/// The figures of one generation of clients.
struct Generation {
    name: &'static str,
    sessions: Gauge,
    handshakes: AtomicU64,
    exported: export::Sessions,
}

/// The figures of one kind of transport.
struct Kind {
    name: &'static str,
    connections: Gauge,
    attached: Rate,
    sent: Rate,
    received: Rate,
    exported: export::Connections,
}

/// What ended for one reason.
struct End {
    reason: &'static str,
    sessions: AtomicU64,
    endpoints: AtomicU64,
    exported: export::Ends,
}

/// Which limit there is no room under for a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crowd {
    Sessions,
    Address,
    Rate,
}

impl Crowd {
    /// The limit's name, as [`Crowded`] and the builder have it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sessions => "max_sessions",
            Self::Address => "max_sessions_per_address",
            Self::Rate => "max_handshakes_per_second",
        }
    }
}

impl Counters {
    pub(crate) fn new(
        transports: &[&'static str],
        protocols: &[&'static str],
        reasons: &[&'static str],
        now: Instant,
    ) -> Self {
        let generation = |name: &&'static str| Generation {
            name,
            sessions: Gauge::default(),
            handshakes: AtomicU64::new(0),
            exported: export::Sessions::new(name),
        };
        let kind = |name: &&'static str| Kind {
            name,
            connections: Gauge::default(),
            attached: Rate::default(),
            sent: Rate::default(),
            received: Rate::default(),
            exported: export::Connections::new(name),
        };
        let end = |reason: &&'static str| End {
            reason,
            sessions: AtomicU64::new(0),
            endpoints: AtomicU64::new(0),
            exported: export::Ends::new(reason),
        };
        Self {
            started: now,
            sessions: Gauge::default(),
            protocols: protocols.iter().map(generation).collect(),
            connections: Gauge::default(),
            kinds: transports.iter().map(kind).collect(),
            ends: reasons.iter().map(end).collect(),
            refused: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
            crowded_out: Default::default(),
            limits: Default::default(),
            unknown_sessions: AtomicU64::new(0),
            turned_away: AtomicU64::new(0),
            exported: export::Rejections::new(),
        }
    }

    /// A connection to an endpoint ended for this reason.
    pub(crate) fn endpoint_closed(&self, reason: usize) {
        if let Some(end) = self.ends.get(reason) {
            end.endpoints.fetch_add(1, Relaxed);
            end.exported.endpoint();
        }
    }

    /// A guard refused an event.
    pub(crate) fn event_refused(&self) {
        self.refused.fetch_add(1, Relaxed);
        self.exported.refused();
    }

    /// A throttle refused an event.
    pub(crate) fn event_throttled(&self) {
        self.throttled.fetch_add(1, Relaxed);
        self.exported.throttled();
    }

    /// There was no room for a handshake; gives whether that is the first after a quiet minute.
    pub(crate) fn crowded_out(&self, crowd: Crowd, now: Instant) -> bool {
        self.exported.crowded_out(crowd);
        let counted = self.crowded_out.get(crowd as usize);
        counted.is_some_and(|(count, onset)| {
            count.fetch_add(1, Relaxed);
            onset.begins(self.second(now))
        })
    }

    /// A client came to a limit.
    pub(crate) fn limit_hit(&self, limit: Limit) {
        self.exported.limit_hit(limit);
        if let Some((count, _)) = self.limits.get(limit as usize) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// The same of a limit of all clients together; gives whether that is the first after a quiet minute.
    pub(crate) fn limit_begins(&self, limit: Limit, now: Instant) -> bool {
        self.limit_hit(limit);
        let counted = self.limits.get(limit as usize);
        counted.is_some_and(|(_, onset)| onset.begins(self.second(now)))
    }

    /// A request named a session that is not here; gives how many have.
    pub(crate) fn unknown_session(&self) -> u64 {
        self.exported.unknown_session();
        self.unknown_sessions.fetch_add(1, Relaxed) + 1
    }

    /// There was no room for a connection.
    pub(crate) fn turned_away(&self) {
        self.turned_away.fetch_add(1, Relaxed);
        self.exported.turned_away();
    }

    /// Reads everything.
    pub(crate) fn stats(&self, now: Instant) -> Stats {
        let second = self.second(now);
        let one = |kind| (kind, traffic(std::slice::from_ref(kind), &kind.connections, second));
        let opened = |of: &Generation| of.handshakes.load(Relaxed);
        let clients = |sessions: &Gauge, opened| Clients {
            active_sessions: sessions.active.load(Relaxed),
            max_sessions: sessions.max.load(Relaxed),
            sessions: opened,
        };
        let closed = |end: &End| Closed {
            sessions: end.sessions.load(Relaxed),
            endpoints: end.endpoints.load(Relaxed),
        };
        let crowded_out = |crowd: Crowd| {
            self.crowded_out.get(crowd as usize).map_or(0, |(count, _)| count.load(Relaxed))
        };
        let limits = Limit::ALL.iter().zip(&self.limits);
        let protocols = self.protocols.iter();
        Stats {
            clients: clients(&self.sessions, protocols.clone().map(opened).sum()),
            protocols: protocols.map(|of| (of.name, clients(&of.sessions, opened(of)))).collect(),
            total: traffic(&self.kinds, &self.connections, second),
            transports: self.kinds.iter().map(one).map(|(kind, of)| (kind.name, of)).collect(),
            closed: self.ends.iter().map(|end| (end.reason, closed(end))).collect(),
            rejected_events: Rejected {
                refused: self.refused.load(Relaxed),
                throttled: self.throttled.load(Relaxed),
            },
            rejected_handshakes: Crowded {
                sessions: crowded_out(Crowd::Sessions),
                address: crowded_out(Crowd::Address),
                rate: crowded_out(Crowd::Rate),
            },
            rejected_connections: self.turned_away.load(Relaxed),
            limits: limits
                .map(|(limit, (count, _))| (limit.as_str(), count.load(Relaxed)))
                .collect(),
            unknown_sessions: self.unknown_sessions.load(Relaxed),
        }
    }

    /// Whole seconds since the start.
    fn second(&self, now: Instant) -> u32 {
        let seconds = now.saturating_duration_since(self.started).as_secs();
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }
}

/// Adds up kinds of transports whose connections are counted here.
fn traffic(kinds: &[Kind], connections: &Gauge, second: u32) -> Traffic {
    let sum = |rate: fn(&Kind) -> &Rate| {
        let total = kinds.iter().map(|kind| rate(kind).total()).sum::<u64>();
        let recent = kinds.iter().map(|kind| rate(kind).recent(second)).sum::<u64>();
        (total, recent as f64 / f64::from(second.clamp(1, WINDOW)))
    };
    let (attached, attached_per_second) = sum(|kind| &kind.attached);
    let (packets_sent, packets_sent_per_second) = sum(|kind| &kind.sent);
    let (packets_received, packets_received_per_second) = sum(|kind| &kind.received);
    Traffic {
        active_connections: connections.active.load(Relaxed),
        max_connections: connections.max.load(Relaxed),
        connections: attached,
        connections_per_second: attached_per_second,
        packets_sent,
        packets_sent_per_second,
        packets_received,
        packets_received_per_second,
    }
}

/// How many there are, and how many there were at most.
#[derive(Default)]
struct Gauge {
    active: AtomicU64,
    max: AtomicU64,
}

impl Gauge {
    fn enter(&self) {
        let active = self.active.fetch_add(1, Relaxed) + 1;
        self.max.fetch_max(active, Relaxed);
    }

    fn leave(&self) {
        self.active.fetch_sub(1, Relaxed);
    }
}

/// When something last happened that the log is told of when it begins: the second after that, or 0.
#[derive(Default)]
struct Onset(AtomicU32);

impl Onset {
    /// Notes that it happens; gives whether it did not for a minute.
    fn begins(&self, second: u32) -> bool {
        let now = second.saturating_add(1);
        let last = self.0.swap(now, Relaxed);
        last == 0 || now.saturating_sub(last) > QUIET_SECONDS
    }
}

/// After how many seconds without it something begins anew.
const QUIET_SECONDS: u32 = 60;

/// What one session counts for. Dropping it ends what is still active.
pub(crate) struct Tally {
    counters: Arc<Counters>,
    /// The kind of its client.
    protocol: usize,
    is_open: bool,
    /// The kind of transport that carries the session just now.
    attached: Option<u8>,
}

impl Tally {
    /// Counts for nothing yet; for a client of this kind, once it is open.
    pub(crate) fn new(counters: Arc<Counters>, protocol: usize) -> Self {
        Self { counters, protocol, is_open: false, attached: None }
    }

    /// The client has shaken hands.
    pub(crate) fn open(&mut self) {
        if !std::mem::replace(&mut self.is_open, true) {
            self.counters.sessions.enter();
            if let Some(of) = self.counters.protocols.get(self.protocol) {
                of.sessions.enter();
                of.handshakes.fetch_add(1, Relaxed);
                of.exported.opened();
            }
        }
    }

    /// The session is over, for this reason.
    pub(crate) fn end(&mut self, reason: usize) {
        self.close();
        if let Some(end) = self.counters.ends.get(reason) {
            end.sessions.fetch_add(1, Relaxed);
            end.exported.session();
        }
    }

    fn close(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.counters.sessions.leave();
            if let Some(of) = self.counters.protocols.get(self.protocol) {
                of.sessions.leave();
                of.exported.closed();
            }
        }
    }

    /// A new connection of this kind carries the session, in place of the one before.
    pub(crate) fn attach(&mut self, kind: usize, now: Instant) {
        self.detach();
        if let Some(counted) = self.counters.kinds.get(kind) {
            self.attached = u8::try_from(kind).ok();
            self.counters.connections.enter();
            counted.connections.enter();
            counted.attached.add(1, self.counters.second(now));
            counted.exported.opened();
        }
    }

    /// No connection carries the session just now.
    pub(crate) fn detach(&mut self) {
        let attached = self.attached.take().map(usize::from);
        if let Some(counted) = attached.and_then(|kind| self.counters.kinds.get(kind)) {
            self.counters.connections.leave();
            counted.connections.leave();
            counted.exported.closed();
        }
    }

    /// The connection was given packets.
    pub(crate) fn sent(&self, packets: usize, now: Instant) {
        if let Some(kind) = self.kind(self.attached.map(usize::from), packets) {
            kind.sent.add(packets, self.counters.second(now));
            kind.exported.sent(packets);
        }
    }

    /// Packets came over the connection.
    pub(crate) fn received(&self, packets: usize, now: Instant) {
        self.take_in(self.attached.map(usize::from), packets, now);
    }

    /// Packets came beside the connection, for a transport of this kind.
    pub(crate) fn posted(&self, kind: usize, packets: usize, now: Instant) {
        self.take_in(Some(kind), packets, now);
    }

    fn take_in(&self, kind: Option<usize>, packets: usize, now: Instant) {
        if let Some(kind) = self.kind(kind, packets) {
            kind.received.add(packets, self.counters.second(now));
            kind.exported.received(packets);
        }
    }

    fn kind(&self, kind: Option<usize>, packets: usize) -> Option<&Kind> {
        self.counters.kinds.get(kind.filter(|_| packets > 0)?)
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.detach();
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const WEBSOCKET: usize = 0;
    const POLLING: usize = 1;

    /// A server's figures, and a clock that only tests move.
    struct Script {
        counters: Arc<Counters>,
        now: Instant,
    }

    impl Script {
        fn new() -> Self {
            let now = Instant::now();
            let (transports, protocols) = (["websocket", "xhr-polling"], ["legacy", "v4"]);
            let counters = Counters::new(&transports, &protocols, &["left", "refused"], now);
            Self { counters: Arc::new(counters), now }
        }

        fn tally(&self) -> Tally {
            self.tally_of(0)
        }

        fn tally_of(&self, protocol: usize) -> Tally {
            Tally::new(Arc::clone(&self.counters), protocol)
        }

        fn wait(&mut self, milliseconds: u64) {
            self.now += Duration::from_millis(milliseconds);
        }

        fn stats(&self) -> Stats {
            self.counters.stats(self.now)
        }

        /// Active sessions and connections, of both kinds and in all, and the most of each.
        #[track_caller]
        fn has(&self, now: [u64; 4], max: [u64; 4]) {
            let stats = self.stats();
            let kinds = [&stats.transports["websocket"], &stats.transports["xhr-polling"]];
            let [websocket, polling] = kinds.map(|kind| kind.active_connections);
            let Clients { active_sessions, max_sessions, .. } = stats.clients;
            let active = [active_sessions, websocket, polling, stats.total.active_connections];
            let [websocket, polling] = kinds.map(|kind| kind.max_connections);
            let most = [max_sessions, websocket, polling, stats.total.max_connections];
            assert_eq!((active, most), (now, max));
        }
    }

    #[test]
    fn what_is_active_is_counted_once_and_taken_back_once() {
        let script = Script::new();
        let mut tally = script.tally();
        script.has([0; 4], [0; 4]);
        tally.open();
        tally.open();
        tally.detach();
        script.has([1, 0, 0, 0], [1, 0, 0, 0]);
        tally.attach(POLLING, script.now);
        tally.attach(POLLING, script.now);
        script.has([1, 0, 1, 1], [1, 0, 1, 1]);
        tally.attach(WEBSOCKET, script.now);
        script.has([1, 1, 0, 1], [1, 1, 1, 1]);
        tally.end(0);
        script.has([0, 1, 0, 1], [1, 1, 1, 1]);
        tally.detach();
        tally.detach();
        drop(tally);
        script.has([0; 4], [1, 1, 1, 1]);
        let stats = script.stats();
        let connections = [&stats.total, &stats.transports["xhr-polling"]].map(|of| of.connections);
        assert_eq!((stats.clients.sessions, connections), (1, [3, 2]));
    }

    #[test]
    fn a_session_that_is_dropped_takes_back_what_is_active_and_one_that_never_opened_counts_nothing()
     {
        let script = Script::new();
        let mut tallies: Vec<_> = (0..3).map(|_| script.tally()).collect();
        for (kind, tally) in tallies.iter_mut().take(2).enumerate() {
            tally.open();
            tally.attach(kind, script.now);
        }
        script.has([2, 1, 1, 2], [2, 1, 1, 2]);
        drop(tallies);
        script.has([0; 4], [2, 1, 1, 2]);
        assert_eq!(script.stats().clients.sessions, 2);
    }

    #[test]
    fn sessions_count_for_the_generation_of_their_client() {
        let script = Script::new();
        let mut tallies = [0, 1, 1].map(|protocol| script.tally_of(protocol));
        tallies.iter_mut().for_each(Tally::open);
        tallies[1].end(0);
        let stats = script.stats();
        let of = |of: Clients| [of.active_sessions, of.max_sessions, of.sessions];
        assert_eq!(stats.protocols.keys().copied().collect::<Vec<_>>(), ["legacy", "v4"]);
        assert_eq!(of(stats.clients), [2, 3, 3]);
        assert_eq!(of(stats.protocols["legacy"]), [1, 1, 1]);
        assert_eq!(of(stats.protocols["v4"]), [1, 2, 2]);
    }

    #[test]
    fn what_ended_counts_for_its_reason_and_what_never_opened_too() {
        let script = Script::new();
        let mut tallies: Vec<_> = (0..3).map(|_| script.tally()).collect();
        tallies[0].open();
        tallies[0].end(0);
        tallies[1].end(1);
        drop(tallies);
        [0, 0, 1, 9].iter().for_each(|reason| script.counters.endpoint_closed(*reason));
        let closed = script.stats().closed.into_iter();
        let closed = closed.map(|(reason, of)| (reason, of.sessions, of.endpoints));
        assert_eq!(closed.collect::<Vec<_>>(), [("left", 1, 2), ("refused", 1, 1)]);
    }

    #[test]
    fn what_goes_on_begins_once_and_again_after_a_quiet_minute() {
        let mut script = Script::new();
        for (wait, begins) in [(0, true), (0, false), (60, false), (60, false), (61, true)] {
            script.wait(wait * 1_000);
            let counters = &script.counters;
            assert_eq!(counters.limit_begins(Limit::Head, script.now), begins);
            assert_eq!(counters.crowded_out(Crowd::Rate, script.now), begins);
        }
        script.counters.limit_hit(Limit::Rooms);
        let stats = script.stats();
        assert_eq!((stats.limits["head"], stats.limits["rooms"]), (5, 1));
        assert_eq!((stats.rejected_handshakes.rate, stats.limits.len()), (5, Limit::ALL.len()));
    }

    #[test]
    fn rates_are_averages_of_the_last_ten_whole_seconds() {
        let mut script = Script::new();
        let mut tally = script.tally();
        script.wait(400);
        tally.attach(WEBSOCKET, script.now);
        tally.sent(3, script.now);
        tally.received(1, script.now);
        tally.posted(POLLING, 2, script.now);
        let rates = |script: &Script, of: fn(&Traffic) -> f64| {
            let stats = script.stats();
            let [websocket, polling] = ["websocket", "xhr-polling"];
            [of(&stats.total), of(&stats.transports[websocket]), of(&stats.transports[polling])]
        };
        // Milliseconds to wait; per second: connections, packets sent and received.
        for (wait, connections, sent, received) in [
            (599, [0.0; 3], [0.0; 3], [0.0; 3]),
            (1, [1.0, 1.0, 0.0], [3.0, 3.0, 0.0], [3.0, 1.0, 2.0]),
            (1_000, [0.5, 0.5, 0.0], [1.5, 1.5, 0.0], [1.5, 0.5, 1.0]),
            (8_999, [0.1, 0.1, 0.0], [0.3, 0.3, 0.0], [0.3, 0.1, 0.2]),
            (1, [0.0; 3], [0.0; 3], [0.0; 3]),
        ] {
            script.wait(wait);
            assert_eq!(rates(&script, |of| of.connections_per_second), connections);
            assert_eq!(rates(&script, |of| of.packets_sent_per_second), sent);
            assert_eq!(rates(&script, |of| of.packets_received_per_second), received);
        }
        let total = script.stats().total;
        assert_eq!((total.connections, total.packets_sent, total.packets_received), (1, 3, 3));
    }
}
