//! What is measured: one row of the tables each, in groups, with its goal.
//!
//! Out: groups of rows. Where a goal is a ratio, it is to the figure of another server in the same run, for times
//! differ from machine to machine. Whoever needs ten times as long as the others is in few rows that grow, and
//! what takes half a minute is measured once of servers that no goal is about.

use serde::Serialize;
use socketio_benches::load::{Carrier, Measurement, Scenario, Work};
use socketio_benches::wire::Wire;

use crate::peers::{BOUND, CHECKED, NODE, OURS, OURS_CURRENT, OXIDE, Peer};

/// How often all is measured; the table shows medians.
pub(crate) const ROUNDS: usize = 3;

/// Measurements that take longer than this are made once of servers that no goal is about.
const LONG: f64 = 10.0;

/// What of a measurement a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Figure {
    /// Microseconds of the server's processor for each message.
    Cost,
    /// KiB for each connection.
    Memory,
    /// Percent of a core, while every client was asked whether it is alive.
    Load,
    /// Milliseconds within which 99 of 100 messages came back.
    P99,
}

impl Figure {
    /// None where a client was not heard from.
    #[expect(clippy::cast_precision_loss, reason = "microseconds far below 2^52")]
    pub(crate) fn of(self, measured: &Measurement, clients: usize) -> Option<f64> {
        match self {
            Self::Cost => (measured.messages > 0).then(|| measured.cost()),
            Self::Memory => Some(measured.memory_per_client(clients)),
            // One in a hundred may have been asked just before, and be asked again just after.
            Self::Load => {
                (measured.messages as f64 > clients as f64 * 0.99).then(|| measured.load())
            }
            Self::P99 => Some(measured.latency(0.99) as f64 / 1000.0),
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
    /// In a group with an axis, the number on it.
    pub(crate) name: String,
    pub(crate) scenario: Scenario,
    pub(crate) figure: Figure,
    pub(crate) goal: Goal,
    /// The only servers that it is for, if not all.
    only: &'static [&'static str],
    /// Servers that it is not for.
    without: &'static [&'static str],
}

impl Row {
    /// The same for rows that show one measurement.
    pub(crate) fn key(&self) -> String {
        serde_json::to_string(&self.scenario).unwrap_or_default()
    }

    /// Whether a server is measured in a round.
    pub(crate) fn includes(&self, peer: &Peer, round: usize) -> bool {
        let is_compared = [BOUND, OURS, OURS_CURRENT].contains(&peer.name);
        peer.wires.contains(&self.scenario.wire)
            && (self.only.is_empty() || self.only.contains(&peer.name))
            && !self.without.contains(&peer.name)
            && (round == 0 || self.scenario.seconds < LONG || is_compared)
    }
}

/// Rows of one table, and of one plot if they are points on an axis.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Group {
    pub(crate) title: &'static str,
    /// What the axis is called, and the file of the plot.
    pub(crate) axis: Option<(&'static str, &'static str)>,
    /// How many times the smallest figure of ours the largest may be.
    pub(crate) growth: Option<f64>,
    pub(crate) rows: Vec<Row>,
}

/// Rows that are plotted by name, each with the name of its file.
pub(crate) const ECHO: (&str, &str) = ("echo, 1 in flight", "echo-1-in-flight.svg");
/// As above.
pub(crate) const ECHO_16: (&str, &str) = ("echo, 16 in flight", "echo-16-in-flight.svg");
/// As above.
pub(crate) const BROADCAST: (&str, &str) = ("broadcast to 1,000, 1 under way", "broadcast.svg");
/// As above.
pub(crate) const MEMORY: (&str, &str) = ("memory of an idle connection", "memory.svg");
/// As above.
pub(crate) const OPEN_LOOP: (&str, &str) = ("echo, 10,000 each second", "latency.svg");

/// All groups; the quick way with at most a thousand clients.
pub(crate) fn groups(quick: bool) -> Vec<Group> {
    let mut groups = vec![
        Group { title: "Socket.IO 4", axis: None, growth: None, rows: main_rows() },
        Group { title: "Older clients", axis: None, growth: None, rows: older() },
        by_payload(),
        by_connections(),
        by_rooms(),
    ];
    if quick {
        for group in &mut groups {
            group.rows.retain(|row| group.axis.is_none() || row.scenario.clients <= 1000);
            for Row { scenario, .. } in &mut group.rows {
                scenario.warm_up = 0.3;
                scenario.seconds = 0.5;
                scenario.clients = scenario.clients.min(1000);
            }
        }
    }
    groups
}

fn row(name: &str, figure: Figure, goal: Goal, scenario: Scenario) -> Row {
    Row { name: name.to_owned(), scenario, figure, goal, only: &[], without: &[] }
}

fn main_rows() -> Vec<Row> {
    use Figure::{Cost, Load, Memory, P99};
    let echo = Scenario::default();
    // Every server asks every 25 s, whenever the client came.
    let idle = Scenario { work: Work::Idle, clients: 10_000, seconds: 25.0, ..echo.clone() };
    let broadcast = Scenario { work: Work::Broadcast, clients: 1000, ..echo.clone() };
    let polling = Scenario { carrier: Carrier::Polling, clients: 100, ..echo.clone() };
    let in_flight = |scenario: &Scenario, in_flight| Scenario { in_flight, ..scenario.clone() };
    let object = Scenario { work: Work::Object, payload: 1024, ..in_flight(&echo, 16) };
    let times = Goal::Times;
    let mut rows = vec![
        row(ECHO.0, Cost, times(1.15, BOUND), echo.clone()),
        row(ECHO_16.0, Cost, times(1.5, CHECKED), in_flight(&echo, 16)),
        row("object of 1 KiB, 16 in flight", Cost, times(1.5, CHECKED), object),
        row(
            "string of 64 KiB, 1 in flight",
            Cost,
            times(1.2, BOUND),
            Scenario { payload: 65536, ..echo.clone() },
        ),
        row(BROADCAST.0, Cost, times(1.15, BOUND), broadcast.clone()),
        row("broadcast to 1,000, 8 under way", Cost, times(1.15, BOUND), in_flight(&broadcast, 8)),
        row(MEMORY.0, Memory, Goal::AtMost(3.0), idle.clone()),
        row("10,000 idle connections", Load, Goal::AtMost(0.6), idle),
        row(
            "connect and close",
            Cost,
            times(80.0 / 70.0, BOUND),
            Scenario { work: Work::Connect, ..echo.clone() },
        ),
        row("long polling, 1 in flight", Cost, times(1.1, BOUND), polling.clone()),
        row("long polling, 16 in flight", Cost, times(1.5, BOUND), in_flight(&polling, 16)),
        row(
            "500 clients, 16 in flight: p99",
            P99,
            times(60.0 / 53.0, BOUND),
            Scenario { clients: 500, ..in_flight(&echo, 16) },
        ),
        row(OPEN_LOOP.0, P99, Goal::None, Scenario { rate: 10_000, seconds: 4.0, ..echo }),
    ];
    for row in &mut rows {
        // Where arguments are not read, or the heads of requests are all there is, the bounds are one.
        let reads = matches!(row.scenario.work, Work::Echo | Work::Object)
            && row.scenario.carrier == Carrier::WebSocket;
        row.without = if reads { &[] } else { &[CHECKED] };
    }
    rows
}

fn older() -> Vec<Row> {
    let mut rows = Vec::new();
    for (wire, generation) in [(Wire::V2, "2.x"), (Wire::Legacy, "0.9")] {
        for (carrier, by) in [(Carrier::WebSocket, "websocket"), (Carrier::Polling, "polling")] {
            for in_flight in [1, 16] {
                let name = format!("{generation} {by} echo, {in_flight} in flight");
                let scenario = Scenario { wire, carrier, in_flight, ..Scenario::default() };
                let row = row(&name, Figure::Cost, Goal::None, scenario);
                rows.push(Row { without: &[OURS_CURRENT], ..row });
            }
        }
    }
    rows
}

fn by_payload() -> Group {
    let rows = [32, 256, 1024, 4096, 16_384, 65_536].map(|payload| {
        let scenario = Scenario { payload, in_flight: 4, ..Scenario::default() };
        let row = row(&payload.to_string(), Figure::Cost, Goal::None, scenario);
        Row { only: &[BOUND, OURS, OXIDE, NODE], ..row }
    });
    let axis = Some(("bytes of the string", "payload.svg"));
    Group { title: "Echo by payload, 4 in flight", axis, growth: None, rows: rows.into() }
}

/// As many messages are under way at every size, and no two of one client, so that none share a write.
fn by_connections() -> Group {
    let rows = [10, 100, 1000, 10_000].map(|clients| {
        let scenario = Scenario { clients, in_flight_of_all: 10, ..Scenario::default() };
        let row = row(&clients.to_string(), Figure::Cost, Goal::None, scenario);
        Row { only: &[BOUND, OURS, OURS_CURRENT, OXIDE], ..row }
    });
    let axis = Some(("connections", "connections.svg"));
    let title = "Echo by connections, 10 in flight among all";
    Group { title, axis, growth: Some(1.3), rows: rows.into() }
}

/// The bound has no rooms: whatever it takes longer for, the others do, too.
fn by_rooms() -> Group {
    let rows = [1, 10, 1000].map(|rooms| {
        let scenario = Scenario { work: Work::Room, clients: 100, rooms, ..Scenario::default() };
        let row = row(&rooms.to_string(), Figure::Cost, Goal::None, scenario);
        Row { only: &[BOUND, OURS, OURS_CURRENT, OXIDE], ..row }
    });
    let axis = Some(("rooms that each client is in", "rooms.svg"));
    let title = "Broadcast to a room of 100, by rooms";
    Group { title, axis, growth: Some(1.3), rows: rows.into() }
}
