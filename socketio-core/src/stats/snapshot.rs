//! What a server's figures are at one moment: a plain value, to show, to send or to compare.
//!
//! [`Counters`](super::Counters) makes it; applications get it from `Server::stats`. The names are those
//! of its JSON form. Source: TornadIO2 tornadio2/stats.py (`StatsCollector.dump`).

use std::collections::BTreeMap;

use serde::Serialize;

/// A server's figures at one moment; [`Server::stats`](crate::Server::stats) gives them.
///
/// They begin when the server is built. Each is exact, but as they are read one after another while the
/// server goes on, two of them may be an event apart.
///
/// ```text
/// {
///   "active_sessions": 2, "max_sessions": 3, "sessions": 8,
///   "active_connections": 2, "max_connections": 3, "connections": 40, "connections_per_second": 0.3,
///   "packets_sent": 90, "packets_sent_per_second": 1.5,
///   "packets_received": 25, "packets_received_per_second": 0.2,
///   "protocols": {"legacy": {"active_sessions": 0, …}, "v3": {…}, "v4": {…}},
///   "transports": {"htmlfile": {"active_connections": 0, …}, "jsonp-polling": {…}, …},
///   "closed": {"client disconnect": {"sessions": 5, "endpoints": 7}, "slow consumer": {…}, …},
///   "rejected_events": {"refused": 0, "throttled": 4},
///   "rejected_handshakes": {"sessions": 0, "address": 0, "rate": 0},
///   "rejected_connections": 0,
///   "limits": {"body": 0, "endpoints": 2, "rooms": 0, …}, "unknown_sessions": 0
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Clients of all generations together. In JSON these figures stand among the others, as do those of
    /// `total`.
    #[serde(flatten)]
    pub clients: Clients,
    /// All transports together.
    #[serde(flatten)]
    pub total: Traffic,
    /// Each generation of clients, by its [name](crate::Protocol::as_str); all of them are there.
    pub protocols: BTreeMap<&'static str, Clients>,
    /// Each [`Transport`](crate::Transport), by its [name](crate::Transport::as_str); all of them are
    /// there.
    pub transports: BTreeMap<&'static str, Traffic>,
    /// What has ended for each [`CloseReason`](crate::CloseReason), by its
    /// [name](crate::CloseReason::as_str); all of them are there.
    pub closed: BTreeMap<&'static str, Closed>,
    /// Events that no handler was called for, because something did not let them through.
    pub rejected_events: Rejected,
    /// Handshakes that there was no room for.
    pub rejected_handshakes: Crowded,
    /// Connections that were closed at once, for there were as many as
    /// [`max_connections`](crate::Builder::max_connections) allows.
    pub rejected_connections: u64,
    /// How often clients came to a limit that does not end their session, by its name; all of them are there. What
    /// ended a session is in `closed`.
    ///
    /// | | what was over the limit |
    /// |---|---|
    /// | `head` | headers and query of a handshake, answered 431 |
    /// | `body` | a POST, answered 413: [`max_message_bytes`](crate::Builder::max_message_bytes) |
    /// | `body time` | a POST that took too long, answered 408: [`close_timeout`](crate::Builder::close_timeout) |
    /// | `connect` | name, query and auth of an endpoint's connect |
    /// | `endpoints` | a connect: [`max_endpoints`](crate::Builder::max_endpoints) |
    /// | `dynamic endpoints` | a connect: [`max_dynamic_endpoints`](crate::Builder::max_dynamic_endpoints) |
    /// | `early packets` | dropped packets: [`max_early_packets`](crate::Builder::max_early_packets) |
    /// | `event name` | an event: [`max_event_name`](crate::Builder::max_event_name) |
    /// | `pending acks` | a call with acknowledgement: [`max_pending_acks`](crate::Builder::max_pending_acks) |
    /// | `rooms` | a room that was not entered: [`max_rooms`](crate::Builder::max_rooms) |
    /// | `queue` | times that a client was not read from, until half of its queue was free: [`queue_limit`](crate::Builder::queue_limit) |
    /// | `volatile` | volatile events that could not leave at once, and were dropped |
    /// | `depth` | what is nested too deep to be sent in MessagePack, and was dropped |
    pub limits: BTreeMap<&'static str, u64>,
    /// Requests that named a session that is not on this server. Many of them, where several servers are behind a
    /// balancer, tell that it does not keep each client's requests on one.
    pub unknown_sessions: u64,
}

/// Handshakes that there was no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Crowded {
    /// Under [`max_sessions`](crate::Builder::max_sessions).
    pub sessions: u64,
    /// Under [`max_sessions_per_address`](crate::Builder::max_sessions_per_address).
    pub address: u64,
    /// Under [`max_handshakes_per_second`](crate::Builder::max_handshakes_per_second).
    pub rate: u64,
}

/// Events that were not let through to their handlers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rejected {
    /// By a guard.
    pub refused: u64,
    /// By a throttle.
    pub throttled: u64,
}

/// What has ended for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Closed {
    /// Sessions. Those that a legacy client was refused in the handshake are here, though they were never open.
    pub sessions: u64,
    /// Connections to endpoints, the root among them: values of your connection types, and connects that were
    /// refused.
    pub endpoints: u64,
}

/// The clients of one generation, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Clients {
    /// Clients that have shaken hands, whose session is not over.
    pub active_sessions: u64,
    /// The most of them that there were at once.
    pub max_sessions: u64,
    /// Handshakes that were accepted.
    pub sessions: u64,
}

/// What goes over one kind of transport, or over all of them.
///
/// A connection is whatever carries a session's packets to its client at one time: a WebSocket, a page of
/// `htmlfile`, or a poll that waits. Every poll is one, so a client that polls has none while it
/// reads an answer. Rates are averages over the last 10 whole seconds, or over those since the server
/// was built.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Traffic {
    /// Connections that sessions have now.
    pub active_connections: u64,
    /// The most of them that there were at once.
    pub max_connections: u64,
    /// Connections that there have been.
    pub connections: u64,
    /// New connections per second.
    pub connections_per_second: f64,
    /// Packets that were given to a transport, heartbeats and all others.
    pub packets_sent: u64,
    /// Packets sent per second.
    pub packets_sent_per_second: f64,
    /// Packets that came, whether or not they meant anything. Those that are posted count for the transport
    /// that they were posted to.
    pub packets_received: u64,
    /// Packets received per second.
    pub packets_received_per_second: f64,
}
