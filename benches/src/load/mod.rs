//! The load generator: many clients in one thread, and what their server's process costs meanwhile.
//!
//! In: a [`Scenario`], the server's address and process id. Out: a [`Measurement`]. Clients are set up one
//! after the other, then one epoll loop serves them all; frames to send are made before the clock starts, so
//! that the generator is done sooner than any server it measures. Run by `bin/load`.

mod clients;
pub(crate) mod connect;
pub(crate) mod http;
mod run;
mod work;

use std::io;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

pub use connect::join;
pub use run::run;

use crate::process::Memory;
use crate::wire::Wire;

/// What clients do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// Events with acknowledgements: the event `echo` gives its argument back.
    Echo,
    /// The same with the event `object`, whose argument is a JSON object.
    Object,
    /// One client asks with the event `broadcast`, all get the event `news`.
    Broadcast,
    /// The same to those in the first room, with the event `room`.
    Room,
    /// Nothing but heartbeats.
    Idle,
    /// Connect, be let in, leave.
    Connect,
}

/// What carries the packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// A WebSocket from the start.
    WebSocket,
    /// Long polling: one connection for polls, one for posts.
    Polling,
}

/// One measurement to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// What clients do.
    pub work: Work,
    /// Which protocol they speak.
    pub wire: Wire,
    /// What carries it.
    pub carrier: Carrier,
    /// How many there are.
    pub clients: usize,
    /// Closed loop: how many messages each client has under way (of a broadcast: how many broadcasts).
    pub in_flight: usize,
    /// Closed loop: how many messages all clients together have under way, each client in its turn; 0 is off.
    pub in_flight_of_all: usize,
    /// Open loop: messages sent each second by all clients together, whatever comes back; 0 is off. Latencies
    /// count from when a message was due.
    pub rate: u64,
    /// Bytes of the string, or of the JSON object, that a message carries.
    pub payload: usize,
    /// Rooms that each client enters first, the same for all.
    pub rooms: usize,
    /// Seconds before counting starts.
    pub warm_up: f64,
    /// Seconds of counting.
    pub seconds: f64,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            work: Work::Echo,
            wire: Wire::V4,
            carrier: Carrier::WebSocket,
            clients: 50,
            in_flight: 1,
            in_flight_of_all: 0,
            rate: 0,
            payload: 32,
            rooms: 0,
            warm_up: 0.75,
            seconds: 1.5,
        }
    }
}

/// What a scenario came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measurement {
    /// Echoes, deliveries, heartbeat answers or connections.
    pub messages: u64,
    /// How long they took, in seconds.
    pub seconds: f64,
    /// The server's processor time, in seconds.
    pub server_cpu: f64,
    /// The generator's processor time, in seconds: near `seconds` it was the slower of the two.
    pub load_cpu: f64,
    /// The server's memory before the first client, and with all of them.
    pub memory: [Memory; 2],
    /// Latency in microseconds at these quantiles.
    pub latency: Vec<(f64, u64)>,
}

impl Measurement {
    /// Microseconds of the server's processor for each message.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn cost(&self) -> f64 {
        self.server_cpu * 1e6 / self.messages.max(1) as f64
    }

    /// Percent of a core.
    #[must_use]
    pub fn load(&self) -> f64 {
        self.server_cpu / self.seconds * 100.0
    }

    /// KiB of memory (PSS) for each of so many clients.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn memory_per_client(&self, clients: usize) -> f64 {
        let [before, after] = self.memory;
        after.pss.saturating_sub(before.pss) as f64 / clients.max(1) as f64
    }

    /// The latency at one of the quantiles that are measured, in microseconds.
    #[must_use]
    pub fn latency(&self, quantile: f64) -> u64 {
        let at = self.latency.iter().find(|(at, _)| *at >= quantile);
        at.map_or(0, |(_, latency)| *latency)
    }
}

/// The server under measurement.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub pid: u32,
}

/// An error with a sentence.
pub(crate) fn broken(what: impl Into<String>) -> io::Error {
    io::Error::other(what.into())
}
