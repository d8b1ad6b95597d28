//! What holds whatever comes in whatever order: a pseudo-random walk over all inputs.

use std::collections::BTreeSet;

use super::super::endpoints::Phase;
use super::super::{Outbox, State};
use super::*;
use crate::protocol::engineio::Queued;

const SEEDS: u64 = 400;
const STEPS: usize = 300;

#[test]
fn no_order_of_inputs_breaks_a_session() {
    let mut over = 0;
    for seed in 1..=SEEDS {
        let mut walk = Walk::new(seed);
        for _ in 0..STEPS {
            walk.step();
            walk.check();
        }
        over += u64::from(walk.session.closed().is_some());
        walk.run_out();
    }
    // Else the walk shows only one half of a session's life.
    assert!((SEEDS / 4..SEEDS).contains(&over), "{over} of {SEEDS} sessions ended on the way");
}

/// Marsaglia's xorshift64.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    pub(super) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

const ENDPOINTS: [&str; 6] = ["", "/a", "/b", "/c", "/d", "/a?q"];
const IDS: [&str; 6] = ["", "1", "2", "1+", "7+", "00"];
const DATA: [&str; 6] = ["", "x", r#"{"name":"e","args":[1]}"#, "1+[2]", "2", "☃😀"];
const REASONS: [CloseReason; 4] = [
    CloseReason::ServerDisconnect,
    CloseReason::ClientDisconnect,
    CloseReason::ServerShutdown,
    CloseReason::SlowConsumer,
];

struct Walk {
    session: Session<u32>,
    random: Random,
    now: Instant,
    /// Endpoints that those above hold to be joined.
    joined: BTreeSet<ByteString>,
    /// Connects that those above have not answered.
    unanswered: Vec<ByteString>,
    waiting: BTreeSet<u32>,
    waiters: u32,
    /// Numbered messages to the root: given to the session, and gone to the client.
    emitted: u32,
    arrived: u32,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let now = Instant::now();
        let limits = Limits {
            pending_acks: 4,
            endpoints: 3,
            early_packets: 3,
            early_bytes: 40,
            websocket_check: seed.is_multiple_of(2),
            global_heartbeats: seed.is_multiple_of(3),
            ..Limits::default()
        };
        let mut session = Session::new(Arc::new(limits), Dialect::Legacy, now);
        session.poll_output();
        Self {
            session,
            random: Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            now,
            joined: BTreeSet::from([ByteString::new()]),
            unanswered: Vec::new(),
            waiting: BTreeSet::new(),
            waiters: 0,
            emitted: 0,
            arrived: 0,
        }
    }

    fn step(&mut self) {
        let now = self.now;
        match self.random.below(100) {
            0..2 => self.session.handle_link(now),
            2..4 => self.session.handle_websocket(now),
            4..12 => {
                let _over = self.session.handle_poll(now);
            }
            12 => self.session.handle_poll_lost(now),
            13 => self.session.handle_link_lost(now),
            14 if self.random.one_in(8) => {
                self.session.handle_link_closed(CloseReason::TransportClosed);
            }
            15..35 => {
                let packet = self.packet();
                self.session.handle_frame(Frame::Text(packet), now);
            }
            35..45 => {
                let packets: Vec<_> = (0..self.random.below(4)).map(|_| self.packet()).collect();
                let body = Frame::Text(payload::encode(&packets));
                let _over = post(&mut self.session, &body, now);
            }
            45..50 => {
                let reading = self.random.one_in(2);
                self.session.handle_reading(reading, now);
            }
            50..65 => self.emit(),
            65..72 => self.admit(),
            72..76 => {
                let endpoint = self.random.pick(&ENDPOINTS).into();
                self.session.acknowledge(&endpoint, &AckId::new("1"), "[]".into());
            }
            76..78 => {
                let endpoint = self.random.pick(&ENDPOINTS[1..]).into();
                self.session.close_endpoint(&endpoint, now);
            }
            78 if self.random.one_in(8) => {
                let reason = self.random.pick(&REASONS);
                self.session.close(reason, now);
            }
            98 if self.random.one_in(8) => self.session.handle_stop(),
            99 if self.random.one_in(8) => {
                self.session.go_away(now + Duration::from_secs(5));
            }
            79 if self.random.one_in(8) => {
                let room = self.random.below(10_000);
                self.session.handle_room(room, true);
            }
            80..90 => self.wait(),
            _ => self.transmit(),
        }
        self.deliver();
    }

    /// A packet, seldom broken.
    fn packet(&mut self) -> ByteString {
        let kind = self.random.below(10);
        let (id, endpoint) = (self.random.pick(&IDS), self.random.pick(&ENDPOINTS));
        if kind == 0 && endpoint.is_empty() && !self.random.one_in(8) {
            return "2::".into();
        }
        let data = self.random.pick(&DATA);
        let mut packet = format!("{kind}:{id}:{endpoint}:{data}");
        if self.random.one_in(10) {
            packet = packet.chars().take(self.random.below(packet.len())).collect();
        }
        packet.into()
    }

    fn emit(&mut self) {
        let waiter = self.random.one_in(2).then(|| {
            self.waiters += 1;
            self.waiting.insert(self.waiters);
            (self.waiters, self.now + Duration::from_secs(self.random.below(30) as u64))
        });
        if self.random.one_in(2) {
            let endpoint = self.random.pick(&ENDPOINTS[1..]);
            let volatile = self.random.one_in(3);
            let _dropped = self.session.emit(&text(endpoint, "x"), volatile, waiter);
            return;
        }
        let refused =
            waiter.is_some() && self.session.endpoints.iter().next().unwrap().acks.len() >= 4;
        if !refused && matches!(self.session.state, State::Handshaken | State::Open) {
            self.emitted += 1;
        }
        self.session.emit(&text("", &format!("#{}", self.emitted)), false, waiter);
    }

    fn admit(&mut self) {
        if self.unanswered.is_empty() {
            return;
        }
        let endpoint = self.unanswered.swap_remove(self.random.below(self.unanswered.len()));
        let admission = match self.random.below(4) {
            0 => REFUSE,
            1 => Admission::Unknown,
            _ => accept(),
        };
        self.session.admit(&endpoint, admission);
    }

    /// Moves the clock; alarms may go off late.
    fn wait(&mut self) {
        let limit = if self.random.one_in(20) { 90_000 } else { 3_000 };
        self.now += Duration::from_millis(self.random.below(limit) as u64);
        if self.session.poll_timeout().is_some_and(|due| due <= self.now) {
            self.alarm();
        }
    }

    fn alarm(&mut self) {
        self.session.handle_timeout(self.now);
        let next = self.session.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "due again at once");
    }

    /// Sends what there is, and sometimes loses an answer on the way.
    fn transmit(&mut self) {
        while let Some(frame) = self.session.poll_frame() {
            let frame = frame.into_frame();
            self.arrive(&frame);
        }
        if let Some(packets) = self.session.poll_answer(self.now) {
            assert!(!packets.is_empty());
            if self.random.one_in(4) {
                self.session.handle_answer_lost(packets, self.now);
            } else {
                packets.iter().for_each(|packet| self.arrive(packet));
            }
        }
    }

    fn arrive(&mut self, packet: &Frame) {
        let packet = text_of(packet.clone());
        if let Some((_, number)) = packet.split_once('#') {
            self.arrived += 1;
            assert_eq!(number, self.arrived.to_string(), "lost, doubled or out of order");
        }
    }

    fn deliver(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Connect(Join { endpoint, .. }) => {
                    assert!(!self.unanswered.contains(&endpoint), "asked twice for {endpoint}");
                    assert!(self.joined.insert(endpoint.clone()), "{endpoint} joined twice");
                    self.unanswered.push(endpoint);
                }
                Output::Event { endpoint, .. } | Output::Said { endpoint, .. } => {
                    assert!(self.joined.contains(&endpoint), "event for {endpoint}, not joined");
                }
                Output::Disconnected { endpoint, .. } => {
                    assert!(self.joined.remove(&endpoint), "{endpoint} left, not joined");
                }
                Output::Acknowledged { waiter, .. } => {
                    assert!(self.waiting.remove(&waiter), "{waiter} answered twice");
                }
                Output::Limit(_) => {}
            }
        }
        if matches!(self.session.state, State::Leaving(_) | State::Closed(_)) {
            assert!(self.joined.is_empty() && self.waiting.is_empty(), "left without a word");
        }
    }

    fn check(&self) {
        let Session { limits, early, endpoints, outbox, .. } = &self.session;
        let queued = endpoints
            .iter()
            .map(|endpoint| endpoint.held.as_deref().map_or(0, counted))
            .sum::<usize>();
        assert_eq!(self.session.queued_bytes(), counted(outbox) + queued);
        assert_eq!(early.bytes, early.packets.iter().map(|(_, bytes)| bytes).sum::<usize>());
        assert!(early.bytes <= limits.early_bytes && early.packets.len() <= limits.early_packets);
        assert!(endpoints.iter().count() <= limits.endpoints + 1);
        for endpoint in endpoints.iter() {
            assert!(endpoint.acks.len() <= limits.pending_acks);
            let joined = matches!(endpoint.phase, Phase::Opening | Phase::Open);
            assert_eq!(joined, self.joined.contains(&endpoint.path));
            assert!(endpoint.phase == Phase::Opening || endpoint.held.is_none());
            assert!(joined || endpoint.acks.len() == 0);
            assert!(endpoint.phase == Phase::Abandoned || endpoint.again.is_none());
        }
        if self.session.closed().is_some() {
            assert_eq!(self.session.poll_timeout(), None);
        }
        if matches!(self.session.state, State::Leaving(_) | State::Closed(_)) {
            assert!(early.packets.is_empty());
        }
    }

    /// Inputs stop and the clock runs.
    fn run_out(mut self) {
        self.session.handle_reading(true, self.now);
        for _ in 0..20 {
            self.transmit();
            self.deliver();
            self.check();
            let Some(due) = self.session.poll_timeout() else { break };
            self.now = self.now.max(due);
            self.alarm();
        }
        assert!(self.session.closed().is_some(), "never over: {:?}", self.session);
        assert!(self.joined.is_empty() && self.waiting.is_empty());
    }
}

fn counted(outbox: &Outbox) -> usize {
    outbox.packets.iter().map(|packet| packet.len() + size_of::<Queued>()).sum()
}
