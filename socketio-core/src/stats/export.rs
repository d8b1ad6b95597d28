//! The figures as `metrics`, for whatever recorder the application has installed.
//!
//! The same events go in as are counted beside it; the handles made here carry them to the recorder that is
//! there when the server is built. Gauges are moved by steps, so servers of one process add up. Called
//! by `stats` alone. Names are as Prometheus wants them (prometheus.io, "Metric and label naming").

use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};

use super::Limit;

const SESSIONS: &str = "socketio_sessions";
const SESSIONS_OPENED: &str = "socketio_sessions_opened_total";
const CONNECTIONS: &str = "socketio_connections";
const CONNECTIONS_OPENED: &str = "socketio_connections_opened_total";
const PACKETS_SENT: &str = "socketio_packets_sent_total";
const PACKETS_RECEIVED: &str = "socketio_packets_received_total";
const SESSIONS_CLOSED: &str = "socketio_sessions_closed_total";
const ENDPOINTS_CLOSED: &str = "socketio_endpoints_closed_total";
const EVENTS_REJECTED: &str = "socketio_events_rejected_total";
const HANDSHAKES_REJECTED: &str = "socketio_handshakes_rejected_total";
const LIMITS_HIT: &str = "socketio_limits_hit_total";
const UNKNOWN_SESSIONS: &str = "socketio_unknown_sessions_total";
const CONNECTIONS_REJECTED: &str = "socketio_connections_rejected_total";

/// The label that says which transport.
const TRANSPORT: &str = "transport";
/// The label that says which generation of clients.
const PROTOCOL: &str = "protocol";
/// The label that says why.
const REASON: &str = "reason";
/// The label that says which limit.
const LIMIT: &str = "limit";

pub(super) struct Sessions {
    active: Gauge,
    opened: Counter,
}

impl Sessions {
    /// Tells the recorder what all the names mean, too.
    pub(super) fn new(protocol: &'static str) -> Self {
        describe_gauge!(SESSIONS, "Clients that have shaken hands, whose session is not over.");
        describe_counter!(SESSIONS_OPENED, "Handshakes that were accepted.");
        describe_gauge!(CONNECTIONS, "WebSockets, htmlfile pages and waiting polls of sessions.");
        describe_counter!(
            CONNECTIONS_OPENED,
            "Connections that there have been; every poll is one."
        );
        describe_counter!(PACKETS_SENT, "Packets that were given to a transport.");
        describe_counter!(PACKETS_RECEIVED, "Packets that came from clients.");
        describe_counter!(SESSIONS_CLOSED, "Sessions that ended.");
        describe_counter!(
            ENDPOINTS_CLOSED,
            "Connections to endpoints that ended, or were refused."
        );
        Self {
            active: gauge!(SESSIONS, PROTOCOL => protocol),
            opened: counter!(SESSIONS_OPENED, PROTOCOL => protocol),
        }
    }

    pub(super) fn opened(&self) {
        self.active.increment(1.0);
        self.opened.increment(1);
    }

    pub(super) fn closed(&self) {
        self.active.decrement(1.0);
    }
}

pub(super) struct Connections {
    active: Gauge,
    opened: Counter,
    sent: Counter,
    received: Counter,
}

impl Connections {
    pub(super) fn new(transport: &'static str) -> Self {
        Self {
            active: gauge!(CONNECTIONS, TRANSPORT => transport),
            opened: counter!(CONNECTIONS_OPENED, TRANSPORT => transport),
            sent: counter!(PACKETS_SENT, TRANSPORT => transport),
            received: counter!(PACKETS_RECEIVED, TRANSPORT => transport),
        }
    }

    pub(super) fn opened(&self) {
        self.active.increment(1.0);
        self.opened.increment(1);
    }

    pub(super) fn closed(&self) {
        self.active.decrement(1.0);
    }

    pub(super) fn sent(&self, packets: usize) {
        self.sent.increment(packets as u64);
    }

    pub(super) fn received(&self, packets: usize) {
        self.received.increment(packets as u64);
    }
}

pub(super) struct Ends {
    sessions: Counter,
    endpoints: Counter,
}

impl Ends {
    pub(super) fn new(reason: &'static str) -> Self {
        Self {
            sessions: counter!(SESSIONS_CLOSED, REASON => reason),
            endpoints: counter!(ENDPOINTS_CLOSED, REASON => reason),
        }
    }

    pub(super) fn session(&self) {
        self.sessions.increment(1);
    }

    pub(super) fn endpoint(&self) {
        self.endpoints.increment(1);
    }
}

pub(super) struct Rejections {
    refused: Counter,
    throttled: Counter,
    crowded_out: [Counter; 3],
    limits: [Counter; Limit::ALL.len()],
    unknown_sessions: Counter,
    turned_away: Counter,
}

impl Rejections {
    pub(super) fn new() -> Self {
        describe_counter!(
            EVENTS_REJECTED,
            "Events that a guard or a throttle did not let through."
        );
        describe_counter!(HANDSHAKES_REJECTED, "Handshakes that there was no room for.");
        describe_counter!(LIMITS_HIT, "Times that clients came to a limit and stayed.");
        describe_counter!(UNKNOWN_SESSIONS, "Requests of sessions that are not on this server.");
        describe_counter!(CONNECTIONS_REJECTED, "Connections that there was no room for.");
        Self {
            refused: counter!(EVENTS_REJECTED, REASON => "refused"),
            throttled: counter!(EVENTS_REJECTED, REASON => "throttled"),
            crowded_out: ["sessions", "address", "rate"]
                .map(|limit| counter!(HANDSHAKES_REJECTED, REASON => limit)),
            limits: Limit::ALL.map(|limit| counter!(LIMITS_HIT, LIMIT => limit.as_str())),
            unknown_sessions: counter!(UNKNOWN_SESSIONS),
            turned_away: counter!(CONNECTIONS_REJECTED),
        }
    }

    pub(super) fn refused(&self) {
        self.refused.increment(1);
    }

    pub(super) fn throttled(&self) {
        self.throttled.increment(1);
    }

    pub(super) fn crowded_out(&self, crowd: super::Crowd) {
        if let Some(count) = self.crowded_out.get(crowd as usize) {
            count.increment(1);
        }
    }

    pub(super) fn limit_hit(&self, limit: Limit) {
        if let Some(count) = self.limits.get(limit as usize) {
            count.increment(1);
        }
    }

    pub(super) fn unknown_session(&self) {
        self.unknown_sessions.increment(1);
    }

    pub(super) fn turned_away(&self) {
        self.turned_away.increment(1);
    }
}
