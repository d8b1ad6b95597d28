//! What is measured: one row of the tables each, with its goal.
//!
//! Out: rows. Where a goal is a ratio, it is to the figure of another server in the same run, for times differ
//! from machine to machine.

use serde::Serialize;
use socketio_benches::load::{Carrier, Measurement, Scenario, Work};
use socketio_benches::wire::Wire;

use crate::peers::{BOUND, CHECKED, NODE, OURS, OXIDE, Peer};

/// How often all is measured; the table shows medians.
pub(crate) const ROUNDS: usize = 5;

/// What of a measurement a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Figure {
    /// Microseconds of the server's processor for each message.
    Cost,
    /// KiB for each connection.
    Memory,
    /// Percent of a core.
    Load,
    /// Milliseconds within which 99 of 100 messages came back.
    P99,
}

impl Figure {
    #[expect(clippy::cast_precision_loss, reason = "microseconds far below 2^52")]
    pub(crate) fn of(self, measured: &Measurement, row: &Row) -> f64 {
        match self {
            Self::Cost => measured.cost(),
            Self::Memory => measured.memory_per_client(row.scenario.clients),
            Self::Load => measured.load(),
            Self::P99 => measured.latency(0.99) as f64 / 1000.0,
        }
    }

    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Cost => "µs",
            Self::Memory => "KiB",
            Self::Load => "% of a core",
            Self::P99 => "ms",
        }
    }

    pub(crate) fn shown(self, value: f64) -> String {
        let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
        format!("{value:.digits$} {}", self.unit())
    }
}

/// What our server is to reach.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum Goal {
    /// At most so many times what another one needs.
    Times(f64, &'static str),
    /// At most this.
    AtMost(f64),
    /// Nothing that is written down.
    None,
}

/// One row.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) scenario: Scenario,
    pub(crate) figure: Figure,
    pub(crate) goal: Goal,
    /// The only servers that it is for, if not all.
    pub(crate) only: &'static [&'static str],
}

impl Row {
    /// Whether a server is measured.
    pub(crate) fn includes(&self, peer: &Peer) -> bool {
        peer.wires.contains(&self.scenario.wire)
            && (self.only.is_empty() || self.only.contains(&peer.name))
    }
}

/// Names of the rows that plots are made of start so.
pub(crate) const BY_PAYLOAD: &str = "echo of ";
/// As above.
pub(crate) const BY_CLIENTS: &str = "echo among ";
/// As above.
pub(crate) const BY_ROOMS: &str = "broadcast to a room, rooms for each client: ";
/// The row whose latencies are plotted.
pub(crate) const OPEN_LOOP: &str = "echo, 10,000 each second";

/// All rows.
pub(crate) fn rows(quick: bool) -> Vec<Row> {
    let mut rows = main_rows();
    rows.extend(other_wires());
    rows.extend(growth());
    if quick {
        for row in &mut rows {
            row.scenario.warm_up = 0.3;
            row.scenario.seconds = if row.figure == Figure::Load { 5.0 } else { 0.7 };
            row.scenario.clients = row.scenario.clients.min(1000);
        }
    }
    rows
}

fn row(name: &str, figure: Figure, goal: Goal, scenario: Scenario) -> Row {
    Row { name: name.to_owned(), scenario, figure, goal, only: &[] }
}

fn main_rows() -> Vec<Row> {
    use Figure::{Cost, Load, Memory, P99};
    let echo = Scenario::default();
    let idle = Scenario { work: Work::Idle, clients: 10_000, ..echo.clone() };
    let broadcast = Scenario { work: Work::Broadcast, clients: 1000, ..echo.clone() };
    let polling = Scenario { carrier: Carrier::Polling, clients: 100, ..echo.clone() };
    let in_flight = |scenario: &Scenario, in_flight| Scenario { in_flight, ..scenario.clone() };
    let times = Goal::Times;
    vec![
        row("echo, 1 in flight", Cost, times(1.15, BOUND), echo.clone()),
        row("echo, 16 in flight", Cost, times(1.5, CHECKED), in_flight(&echo, 16)),
        row(
            "object of 1 KiB, 16 in flight",
            Cost,
            times(1.5, CHECKED),
            Scenario { work: Work::Object, payload: 1024, ..in_flight(&echo, 16) },
        ),
        row(
            "string of 64 KiB, 1 in flight",
            Cost,
            times(1.2, BOUND),
            Scenario { payload: 65536, ..echo.clone() },
        ),
        row("broadcast to 1,000, 1 under way", Cost, times(1.15, BOUND), broadcast.clone()),
        row("broadcast to 1,000, 8 under way", Cost, times(1.15, BOUND), in_flight(&broadcast, 8)),
        row("memory of an idle connection", Memory, Goal::AtMost(3.0), idle.clone()),
        row("10,000 idle connections", Load, Goal::AtMost(0.6), Scenario { seconds: 25.0, ..idle }),
        row(
            "connect and close",
            Cost,
            Goal::Times(80.0 / 70.0, BOUND),
            Scenario { work: Work::Connect, ..echo.clone() },
        ),
        row("long polling, 1 in flight", Cost, times(1.1, BOUND), polling.clone()),
        row("long polling, 16 in flight", Cost, times(1.5, BOUND), in_flight(&polling, 16)),
        row(
            "500 clients, 16 in flight: p99",
            P99,
            Goal::Times(60.0 / 53.0, BOUND),
            Scenario { clients: 500, ..in_flight(&echo, 16) },
        ),
        row(OPEN_LOOP, P99, Goal::None, Scenario { rate: 10_000, ..echo }),
    ]
}

fn other_wires() -> Vec<Row> {
    let mut rows = Vec::new();
    for (wire, generation) in [(Wire::V2, "2.x"), (Wire::Legacy, "0.9")] {
        for (carrier, by) in [(Carrier::WebSocket, "websocket"), (Carrier::Polling, "polling")] {
            for in_flight in [1, 16] {
                let name = format!("{generation} {by} echo, {in_flight} in flight");
                let scenario = Scenario { wire, carrier, in_flight, ..Scenario::default() };
                rows.push(row(&name, Figure::Cost, Goal::None, scenario));
            }
        }
    }
    rows
}

fn growth() -> Vec<Row> {
    let mut rows = Vec::new();
    for payload in [32, 256, 1024, 4096, 16_384, 65_536] {
        let scenario = Scenario { payload, in_flight: 4, ..Scenario::default() };
        let mut row =
            row(&format!("{BY_PAYLOAD}{payload} bytes"), Figure::Cost, Goal::None, scenario);
        row.only = &[BOUND, OURS, OXIDE, NODE];
        rows.push(row);
    }
    for clients in [10, 100, 1000, 10_000] {
        let scenario = Scenario { clients, in_flight_of_all: 10, ..Scenario::default() };
        let mut row = row(&format!("{BY_CLIENTS}{clients}"), Figure::Cost, Goal::None, scenario);
        row.only = &[BOUND, OURS, OXIDE, NODE];
        rows.push(row);
    }
    for rooms in [1, 10, 1000] {
        let scenario = Scenario { work: Work::Room, clients: 100, rooms, ..Scenario::default() };
        let mut row = row(&format!("{BY_ROOMS}{rooms}"), Figure::Cost, Goal::None, scenario);
        row.only = &[OURS, OXIDE, NODE];
        rows.push(row);
    }
    rows
}
