//! Who sends what next, and how long it took: the loops, closed and open.
//!
//! In: what came for which client. Out: what is to be sent now, and a histogram. Messages carry a number that
//! comes back in their acknowledgement; in a loop of each client's own it counts that client's messages, in
//! one of all together it counts all. Called by `run`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::clients::Outgoing;
use super::{Scenario, Work, broken};
use crate::wire::Incoming;

/// Messages that may be under way in an open loop before the server counts as too slow for it.
const MAX_LATE: usize = 1 << 16;

/// A message to be sent by a client: its index, and the message's.
pub(super) type Sending = (usize, usize);

/// The state of the loops.
pub(super) struct Loops {
    scenario: Scenario,
    /// When each message was sent, or was due.
    sent_at: Vec<Instant>,
    /// Messages of an open loop that may be sent.
    free: VecDeque<usize>,
    /// The client whose turn it is.
    turn: usize,
    /// Of a broadcast: how many were started, how many deliveries came in all, and to each.
    started: usize,
    delivered: usize,
    received: Vec<usize>,
    /// When the next message of an open loop is due.
    due: Instant,
    /// What is to be sent.
    pub(super) next: Vec<Sending>,
    /// Messages that came back since the counting started.
    pub(super) count: u64,
    pub(super) latencies: Histogram<u64>,
}

impl Loops {
    pub(super) fn new(scenario: &Scenario, now: Instant) -> Self {
        let messages = match scenario {
            Scenario { rate: 1.., payload, .. } => MAX_LATE.min((64 << 20) / payload.max(&1)),
            Scenario { in_flight_of_all: all @ 1.., .. } => *all,
            _ => scenario.clients * scenario.in_flight,
        };
        Self {
            scenario: scenario.clone(),
            sent_at: vec![now; messages],
            free: (0..messages).collect(),
            turn: 0,
            started: 0,
            delivered: 0,
            received: vec![0; scenario.clients],
            due: now,
            next: Vec::new(),
            count: 0,
            latencies: empty(),
        }
    }

    /// All messages that are ever sent, by their index.
    pub(super) fn messages(&self) -> Vec<Outgoing> {
        let Scenario { wire, work, payload, .. } = self.scenario;
        let (name, argument) = match work {
            Work::Object => ("object", object(payload)),
            Work::Broadcast => ("broadcast", string(payload)),
            Work::Room => ("room", string(payload)),
            _ => ("echo", string(payload)),
        };
        let acknowledged = matches!(work, Work::Echo | Work::Object);
        let ids = if self.is_shared() { self.sent_at.len() } else { self.scenario.in_flight };
        (0..ids)
            .map(|id| Outgoing::new(wire.event(acknowledged.then_some(id), name, &argument)))
            .collect()
    }

    /// Whether messages are numbered over all clients.
    fn is_shared(&self) -> bool {
        self.scenario.rate > 0 || self.scenario.in_flight_of_all > 0
    }

    /// Starts a closed loop.
    pub(super) fn start(&mut self, now: Instant) {
        self.due = now;
        match self.scenario.work {
            Work::Broadcast | Work::Room => self.broadcast(now),
            Work::Echo | Work::Object if self.scenario.rate == 0 => {
                if self.is_shared() {
                    (0..self.scenario.in_flight_of_all).for_each(|id| self.pass_on(id));
                } else {
                    let ids = 0..self.scenario.in_flight;
                    let clients = 0..self.scenario.clients;
                    self.next
                        .extend(clients.flat_map(|client| ids.clone().map(move |id| (client, id))));
                }
                self.sent_at.fill(now);
            }
            _ => {}
        }
    }

    fn pass_on(&mut self, id: usize) {
        self.next.push((self.turn, id));
        self.turn = (self.turn + 1) % self.scenario.clients;
    }

    /// Something came for a client.
    pub(super) fn handle(&mut self, client: usize, incoming: &Incoming<'_>, now: Instant) {
        match (self.scenario.work, incoming) {
            (Work::Echo | Work::Object, Incoming::Ack(id, _)) => self.handle_ack(client, *id, now),
            (Work::Broadcast | Work::Room, Incoming::Event) => {
                self.record_since(self.received[client] % self.scenario.in_flight, now);
                self.received[client] += 1;
                self.delivered += 1;
                self.broadcast(now);
            }
            (Work::Idle, Incoming::Heartbeat(_)) => self.count += 1,
            _ => {}
        }
    }

    fn handle_ack(&mut self, client: usize, id: usize, now: Instant) {
        let index = if self.is_shared() { id } else { client * self.scenario.in_flight + id };
        self.record_since(index, now);
        if self.scenario.rate > 0 {
            return self.free.push_back(id);
        }
        self.sent_at[index] = now;
        if self.is_shared() { self.pass_on(id) } else { self.next.push((client, id)) }
    }

    fn record_since(&mut self, index: usize, now: Instant) {
        self.record(now.saturating_duration_since(self.sent_at[index]));
    }

    /// Counts a message that took so long.
    pub(super) fn record(&mut self, took: Duration) {
        let _grows = self.latencies.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        self.count += 1;
    }

    /// Starts as many broadcasts as may be under way.
    fn broadcast(&mut self, now: Instant) {
        let Scenario { clients, in_flight, .. } = self.scenario;
        while self.started * clients < self.delivered + 1 + (in_flight - 1) * clients {
            let index = self.started % in_flight;
            self.sent_at[index] = now;
            self.next.push((0, index));
            self.started += 1;
        }
    }

    /// Open loop: what is due by now, and how long there is until more is.
    pub(super) fn handle_time(&mut self, now: Instant) -> std::io::Result<Option<Duration>> {
        if self.scenario.rate == 0 {
            return Ok(None);
        }
        let interval = Duration::from_nanos(1_000_000_000 / self.scenario.rate);
        while self.due <= now {
            let id = self.free.pop_front();
            let id = id.ok_or_else(|| broken("the server can't keep up with this rate"))?;
            self.sent_at[id] = self.due;
            self.pass_on(id);
            self.due += interval;
        }
        Ok(Some(self.due - now))
    }

    /// Forgets what was counted while the server warmed up.
    pub(super) fn start_counting(&mut self) {
        self.count = 0;
        self.latencies.reset();
    }
}

/// Of microseconds, with three digits; it grows with what it is given.
fn empty() -> Histogram<u64> {
    match Histogram::new(3) {
        Ok(histogram) => histogram,
        Err(_) => unreachable!("three digits are allowed"),
    }
}

/// A JSON string of so many bytes between its quotes.
fn string(bytes: usize) -> String {
    let text: String = ('a'..='z').cycle().take(bytes).collect();
    format!("\"{text}\"")
}

/// A JSON object of about so many bytes, as applications send them: short strings, numbers, a list.
fn object(bytes: usize) -> String {
    let head =
        r#"{"id":12345,"user":"somebody","tags":["one","two","three"],"price":12.5,"seen":true"#;
    let mut text = head.to_owned();
    text.push_str(",\"lines\":[");
    for line in 0.. {
        let next = format!(r#"{{"n":{line},"text":"a line of some length"}}"#);
        if text.len() + next.len() + 3 > bytes {
            break;
        }
        text.push_str(if line > 0 { "," } else { "" });
        text.push_str(&next);
    }
    text.push_str("]}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_json_of_about_the_size_asked_for() {
        for bytes in [32, 1024, 65536] {
            let text: String = serde_json::from_str(&string(bytes)).unwrap_or_default();
            assert_eq!(text.len(), bytes);
            assert!(serde_json::from_str::<serde_json::Value>(&object(bytes)).is_ok());
        }
        assert!((900..=1024).contains(&object(1024).len()));
    }
}
