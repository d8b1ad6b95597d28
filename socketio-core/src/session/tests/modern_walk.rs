//! What holds whatever comes in whatever order, since Engine.IO 3: a pseudo-random walk over all inputs,
//! with upgrades and attachments.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::walk::Random;
use super::*;

const SEEDS: u64 = 400;
const STEPS: usize = 400;
const PACKETS: [&str; 14] = [
    "40",
    "40/a,",
    "41/a,",
    "40/b,",
    "41/b,",
    "41",
    "42[\"e\"]",
    "42/a,1[\"e\"]",
    "430[]",
    "6",
    "5",
    "451-[\"f\",{\"_placeholder\":true,\"num\":0}]",
    "<x>",
    "bYQ==",
];
const BROKEN: [&str; 6] = ["1", "9", "42/z,[\"e\"]", "", "4", "2probe"];

#[test]
fn no_order_of_inputs_loses_doubles_or_tears_what_is_sent() {
    let (mut over, mut upgraded) = (0, 0);
    for seed in 1..=SEEDS {
        let protocol = if seed % 2 == 0 { Protocol::V4 } else { Protocol::V5 };
        let mut walk = Walk::new(seed, protocol);
        for _ in 0..STEPS {
            walk.step();
        }
        over += u64::from(walk.session.closed().is_some());
        upgraded += u64::from(walk.session.has_link());
        walk.run_out();
    }
    // Else the walk shows only one half of a session's life.
    assert!((SEEDS / 8..SEEDS).contains(&over), "{over} of {SEEDS} sessions ended on the way");
    assert!((SEEDS / 8..SEEDS).contains(&upgraded), "{upgraded} of {SEEDS} were upgraded");
}

struct Walk {
    session: Session<u32>,
    protocol: Protocol,
    random: Random,
    now: Instant,
    joined: BTreeSet<ByteString>,
    unanswered: Vec<ByteString>,
    /// Whether the root was let in: what is emitted to it from then on is numbered.
    in_root: bool,
    emitted: u32,
    arrived: u32,
    /// The number of the event whose attachment has to come next.
    torn: Option<u32>,
}

impl Walk {
    fn new(seed: u64, protocol: Protocol) -> Self {
        let now = Instant::now();
        let limits = Limits { endpoints: 2, ..Limits::default() };
        let dialect = Dialect::modern(protocol, Parser::Json, "{}".into(), None);
        let mut walk = Self {
            session: Session::new(Arc::new(limits), dialect, now),
            protocol,
            random: Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            now,
            joined: BTreeSet::new(),
            unanswered: Vec::new(),
            in_root: false,
            emitted: 0,
            arrived: 0,
            torn: None,
        };
        if seed % 4 < 2 {
            let _first = walk.session.handle_poll(now);
        } else {
            walk.session.handle_link(now);
        }
        walk.deliver();
        if protocol == Protocol::V5 {
            walk.session.receive_frame(frame_of("40"), now);
        }
        walk.deliver();
        walk.session.admit(&"".into(), accept());
        walk.unanswered.clear();
        walk.in_root = true;
        walk
    }

    fn step(&mut self) {
        let now = self.now;
        match self.random.below(100) {
            0..15 => {
                // A client polls again when it has its answer, but for a few.
                self.transmit();
                if !self.random.one_in(400) && self.session.poll_answer(now).is_none() {
                    let _misplaced = self.session.handle_poll(now);
                }
            }
            15..25 => self.receive(),
            25..29 => {
                if !self.session.takes_links() {
                    self.session.handle_upgrade(now);
                }
            }
            29..37 => {
                let frame = self.random.pick(&["2probe", "5", "5", "2probe", "2probe", "5", "6"]);
                self.session.handle_probe(&frame_of(frame), now);
            }
            37 => self.session.handle_probe_lost(),
            38 if self.random.one_in(20) => self.session.handle_link_lost(now),
            39 if self.random.one_in(20) => self.session.handle_poll_lost(now),
            40 if self.random.one_in(20) => self.session.close(CloseReason::ServerDisconnect, now),
            98 if self.random.one_in(20) => self.session.handle_stop(),
            99 if self.random.one_in(20) => {
                self.session.go_away(now + Duration::from_secs(5));
            }
            41..65 => self.emit(),
            65..70 => self.admit(),
            70..80 => self.wait(),
            80 if self.random.one_in(4) => {
                let endpoint = self.random.pick(&["/a", "/b"]).into();
                self.session.close_endpoint(&endpoint, now);
            }
            _ => self.transmit(),
        }
        self.deliver();
    }

    fn receive(&mut self) {
        let broken = self.random.one_in(200);
        let packet = if broken { self.random.pick(&BROKEN) } else { self.random.pick(&PACKETS) };
        let leaves = packet == "41" || packet == "40";
        if leaves || (!broken && packet.starts_with("451") && self.session.has_link()) {
            return;
        }
        // Attachments belong to a packet.
        let frames: &[&str] = match packet {
            "<x>" | "bYQ==" => &[PACKETS[11], packet],
            packet if packet.starts_with("451") => return,
            _ => &[packet],
        };
        let frames: Vec<Frame> = frames
            .iter()
            .map(|text| match (*text, self.protocol) {
                ("bYQ==", Protocol::V4) => frame_of("b4YQ=="),
                ("<x>", Protocol::V4) => frame_of("<\u{4}x>"),
                (text, _) => frame_of(text),
            })
            .collect();
        if self.session.has_link() {
            frames.into_iter().for_each(|frame| self.session.handle_frame(frame, self.now));
        } else {
            let body = match self.protocol {
                Protocol::V4 => v3::payload::encode(&frames, true),
                Protocol::V5 => Frame::Text(v4::payload::encode(&frames)),
            };
            let _ended = post(&mut self.session, &body, self.now);
        }
    }

    fn emit(&mut self) {
        let open = matches!(self.session.state, super::super::State::Open);
        if !self.in_root || !open || !self.joined.contains("") {
            return;
        }
        self.emitted += 1;
        let n = self.emitted;
        let args = if self.random.one_in(3) {
            let args = format!(r##"["#{n}",{{"_placeholder":true,"num":0}}]"##);
            JsonText::new(args, vec![Bytes::from(format!("#{n}"))])
        } else {
            format!(r##"["#{n}"]"##).into()
        };
        let body = EmissionBody::Event { name: "n".into(), args };
        self.session.emit(&Emission::new("".into(), body), false, None);
    }

    fn admit(&mut self) {
        if let Some(endpoint) = self.unanswered.pop() {
            let admission = if self.random.one_in(3) { REFUSE } else { accept() };
            self.session.admit(&endpoint, admission);
        }
    }

    fn wait(&mut self) {
        let limit = if self.random.one_in(50) { 30_000 } else { 1_000 };
        self.now += Duration::from_millis(self.random.below(limit) as u64);
        if self.session.poll_timeout().is_some_and(|due| due <= self.now) {
            self.alarm();
        }
        // A client that is alive shows it.
        if self.session.has_link() || self.random.one_in(2) {
            let beat = if self.protocol == Protocol::V4 { "2" } else { "3" };
            self.session.receive_frame(frame_of(beat), self.now);
        }
    }

    fn alarm(&mut self) {
        self.session.handle_timeout(self.now);
        let next = self.session.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "due again at once");
    }

    fn transmit(&mut self) {
        while let Some(frame) = self.session.poll_frame() {
            let frame = frame.into_frame();
            let frame = match (frame, self.protocol) {
                (Frame::Binary(bytes), Protocol::V4) => Frame::Binary(bytes.slice(1..)),
                (frame, _) => frame,
            };
            self.arrive(frame);
        }
        let packets = self.session.poll_answer(self.now);
        assert!(packets.as_ref().is_none_or(|packets| !packets.is_empty()));
        packets.into_iter().flatten().for_each(|packet| self.arrive(packet));
    }

    fn arrive(&mut self, frame: Frame) {
        match frame {
            Frame::Binary(bytes) => {
                let number = self.torn.take().expect("an attachment without its packet");
                assert_eq!(bytes, format!("#{number}"));
            }
            Frame::Text(text) => {
                assert_eq!(self.torn, None, "{text} between a packet and its attachment");
                let Some((_, number)) = text.split_once('#') else { return };
                let number: u32 = number.split('"').next().unwrap().parse().unwrap();
                self.arrived += 1;
                assert_eq!(number, self.arrived, "lost, doubled or out of order");
                self.torn = text.starts_with("45").then_some(number);
            }
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
                Output::Acknowledged { .. } => panic!("nobody asked"),
                Output::Limit(_) => {}
            }
        }
        if self.session.closed().is_some() {
            assert!(self.joined.is_empty(), "left without a word");
            assert_eq!(self.session.poll_timeout(), None);
            assert!(!self.session.is_upgrading());
        }
        assert!(self.session.endpoints.iter().count() <= 3);
    }

    /// What is queued arrives if a transport is there to take it; then the clock runs until the end.
    fn run_out(mut self) {
        if self.session.closed().is_none() && !self.session.has_link() {
            self.transmit();
            let _waits = self.session.handle_poll(self.now);
        }
        let open = self.session.closed().is_none();
        self.transmit();
        if open {
            assert_eq!((self.arrived, self.torn), (self.emitted, None), "not all arrived");
        }
        for _ in 0..20 {
            self.deliver();
            let Some(due) = self.session.poll_timeout() else { break };
            self.now = self.now.max(due);
            self.alarm();
            self.transmit();
        }
        assert!(self.session.closed().is_some(), "never over: {:?}", self.session);
    }
}
