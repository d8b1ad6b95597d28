//! What holds of sessions whatever comes in whatever order: two clients of one server, on a virtual clock.
//!
//! Any bytes go in, which are read as steps: of the clients, of their transports, of the server and of the clock. A
//! panic comes out if something does not hold. Called by [`fuzz`](crate::fuzz).
//!
//! ```text
//! <whose, and what the server allows> (<step> <what it needs>)*
//! ```
//!
//! What holds: nothing panics; what is queued and what waits stays within the limits; what goes out is what the
//! client's generation reads, and each emission goes to whom it is for, once and in order; every connect ends in one
//! disconnect, and every wait for an acknowledgement in one answer; and a client that is gone is forgotten in
//! the end.
#![expect(clippy::expect_used, reason = "a target panics when something does not hold")]

mod peer;
mod steps;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytestring::ByteString;
use serde::de::IgnoredAny;

use self::peer::Peer;
use self::steps::{Step, Steps};
use super::endpoints::Phase;
use super::{
    Admission, CloseReason, Dialect, Join, Limits, Output, Parser, Refusal, Room, Session, State,
};
use crate::id::SocketId;
use crate::protocol::engineio::{Frame, Queued, v3, v4};
use crate::protocol::legacy::payload;
use crate::protocol::socketio::Protocol;
use crate::protocol::{AckId, Emission, JsonText, Notation};

/// Bytes that may wait for a client.
const SEND_BUFFER: usize = 4096;
/// Outputs that may wait before no more is taken in.
const QUEUE: usize = 8;
/// How long a client has to hear that its server goes away.
const GRACE: Duration = Duration::from_secs(5);
/// How long a client that is gone may be held to be there.
const LONGEST: Duration = Duration::from_secs(180);

/// Takes the steps; gives how many events were delivered.
pub(crate) fn run(input: &[u8], start: Instant) -> usize {
    let mut steps = Steps(input);
    let first = usize::from(steps.byte());
    let parser = if first / 9 % 2 == 0 { Parser::Json } else { Parser::MsgPack };
    let limits = Arc::new(limits(first / 18));
    let open = |whose| Client::new(whose, parser, Arc::clone(&limits), input.len(), start);
    let mut clients = [open(first % 3), open(first / 3 % 3)];
    let (mut now, mut marks) = (start, 0);
    while let Some((is_other, step)) = steps.next() {
        let [one, other] = &mut clients;
        let client = if is_other { other } else { one };
        match step {
            Step::Wait(time) => {
                now += time;
                clients.iter_mut().for_each(|client| client.wait(now));
            }
            Step::Broadcast(how) => {
                marks += 1;
                let emission = steps::emission(how, marks);
                clients.iter_mut().for_each(|client| client.emit(&emission, marks, how, now));
            }
            Step::Emit(how) => {
                marks += 1;
                let emission = steps::emission(how, marks);
                client.emit(&emission, marks, how, now);
            }
            step => client.step(step, now),
        }
        clients.iter_mut().for_each(|client| client.settle(now));
    }
    clients.into_iter().map(|client| client.run_out(now)).sum()
}

fn limits(flags: usize) -> Limits {
    Limits {
        pending_acks: 4,
        endpoints: 3,
        early_packets: 3,
        early_bytes: 64,
        attachments: 3,
        attachment_bytes: 256,
        websocket_check: flags & 1 != 0,
        global_heartbeats: flags & 2 != 0,
        ..Limits::default()
    }
}

/// One session, its owner, and who is at the other end.
struct Client {
    session: Session<u32>,
    peer: Peer,
    /// Of the client's packets; none if it is a legacy one.
    protocol: Option<Protocol>,
    /// Endpoints that those above hold to be joined.
    joined: BTreeSet<ByteString>,
    /// Connects that those above have not answered.
    unanswered: Vec<ByteString>,
    waiting: BTreeSet<u32>,
    /// Whether the persistent transport takes no frames.
    stalled: bool,
    /// Whether the next answer to a poll does not arrive.
    loses: bool,
    /// Why the session is over.
    over: Option<CloseReason>,
    /// Bytes that may wait, and how much one input may put beside them.
    room: usize,
    slack: usize,
    delivered: usize,
}

impl Client {
    /// One of a generation that the server speaks to with this parser.
    fn new(
        generation: usize,
        parser: Parser,
        limits: Arc<Limits>,
        input: usize,
        now: Instant,
    ) -> Self {
        let protocol = match generation {
            0 => None,
            1 => Some(Protocol::V4),
            _ => Some(Protocol::V5),
        };
        let dialect = match protocol {
            None => Dialect::Legacy,
            Some(protocol) => Dialect::modern(protocol, parser, "{}".into(), None),
        };
        let mut client = Self {
            session: Session::new(limits, dialect, now),
            peer: Peer::new(protocol, parser),
            protocol,
            joined: BTreeSet::new(),
            unanswered: Vec::new(),
            waiting: BTreeSet::new(),
            stalled: false,
            loses: false,
            over: None,
            room: SEND_BUFFER,
            slack: input + 512,
            delivered: 0,
        };
        client.settle(now);
        if protocol.is_none() {
            // Its admission is the answer to the handshake.
            client.unanswered.clear();
        }
        client
    }

    fn step(&mut self, step: Step, now: Instant) {
        self.session.handle_room(self.room, !self.stalled);
        let session = &mut self.session;
        match step {
            Step::Link if session.takes_links() => session.handle_websocket(now),
            Step::Link => drop(session.handle_upgrade(now)),
            Step::Say(frame) => self.say(frame, now),
            Step::Body(body) => self.post(&body, now),
            Step::Poll => drop(session.handle_poll(now)),
            Step::Admit(how) => self.admit(how),
            Step::Acknowledge(endpoint, id) => {
                session.acknowledge(&endpoint, &AckId::new(id), JsonText::from_static("[1]"));
            }
            Step::CloseEndpoint(endpoint) => session.close_endpoint(&endpoint, now),
            Step::Close(reason) => session.close(reason, now),
            Step::Stop => session.handle_stop(),
            Step::GoAway => drop(session.go_away(now + GRACE)),
            Step::Probe(frame) => drop(session.handle_probe(&frame, now)),
            Step::ProbeLost => session.handle_probe_lost(),
            Step::LinkLost => session.handle_link_lost(now),
            Step::LinkClosed => session.handle_link_closed(CloseReason::TransportClosed),
            Step::PollLost => session.handle_poll_lost(now),
            Step::AnswerLost => self.loses = true,
            Step::Reading(reading) => session.handle_reading(reading, now),
            Step::Stalled(stalled) => self.stalled = stalled,
            Step::Room(room) => self.room = room,
            Step::PostsWait(waiting) => session.handle_waiting_posts(waiting, now),
            Step::Expire(endpoint, after) => {
                session.expire_endpoint(&endpoint, after.map(|after| now + after));
            }
            Step::CarriesBytes(carries) => session.handle_capability(carries),
            Step::Wait(_) | Step::Emit(_) | Step::Broadcast(_) => {}
        }
    }

    /// A packet comes, on the transport that is there.
    fn say(&mut self, frame: Frame, now: Instant) {
        if self.session.has_link() {
            self.session.handle_frame(frame, now);
            return self.assert_few_outputs();
        }
        let body = match (self.protocol, frame) {
            (None, Frame::Text(text)) => Frame::Text(payload::encode(&[text])),
            (Some(Protocol::V4), frame) => v3::payload::encode(&[frame], true),
            (Some(Protocol::V5), frame) => Frame::Text(v4::payload::encode(&[frame])),
            (None, bytes) => bytes,
        };
        self.post(&body, now);
    }

    fn post(&mut self, body: &Frame, now: Instant) {
        if self.session.handle_post(now).is_err() {
            return;
        }
        let mut body = self.session.body(body);
        loop {
            let before = body.taken;
            let taken = self.session.handle_body(&mut body, Room::of(QUEUE), now);
            self.assert_few_outputs();
            self.deliver();
            if taken != Ok(false) || self.session.holds_back(&mut body) {
                return;
            }
            assert!(body.taken > before, "a body sticks");
        }
    }

    /// What one packet can cause, beyond what may wait.
    fn assert_few_outputs(&self) {
        let limits = &self.session.limits;
        let most = limits.early_packets + (limits.endpoints + 1) * (limits.pending_acks + 1) + 1;
        assert!(self.session.outputs.len() <= QUEUE + most);
    }

    fn admit(&mut self, how: u8) {
        let Some(endpoint) = self.unanswered.pop() else { return };
        let admission = match how {
            0 => {
                let id = "AAAAAAAAAAAAAAAAAAAAAA".parse().expect("an id");
                Admission::Accept(SocketId::computed(id, ""), None)
            }
            1 => Admission::Refuse(Refusal {
                unauthorized: true,
                message: "no".into(),
                data: ByteString::new(),
            }),
            _ => Admission::Unknown,
        };
        self.session.admit(&endpoint, admission);
    }

    /// Emits what bears a mark, as far as the client may make the server keep it.
    fn emit(&mut self, emission: &Emission, mark: u32, how: u8, now: Instant) {
        if self.session.queued_bytes() + emission.len() > self.room {
            return self.session.close(CloseReason::SlowConsumer, now);
        }
        let (volatile, asks) = steps::manner(how);
        let waiter = asks.then(|| {
            self.waiting.insert(mark);
            (mark, now + Duration::from_secs(10))
        });
        if self.session.emit(emission, volatile, waiter).is_none() {
            self.peer.expect(emission.endpoint(), mark);
        }
    }

    /// The clock moves; alarms go off late.
    fn wait(&mut self, now: Instant) {
        self.session.handle_room(self.room, !self.stalled);
        if self.session.poll_timeout().is_some_and(|due| due <= now) {
            self.session.handle_timeout(now);
            assert!(self.session.poll_timeout().is_none_or(|next| next > now), "due again at once");
        }
    }

    /// What a turn of the driver does: those above are told, the client is sent what there is.
    fn settle(&mut self, now: Instant) {
        self.deliver();
        while !self.stalled
            && let Some(frame) = self.session.poll_frame()
        {
            self.peer.arrive(frame.into_frame());
        }
        if let Some(packets) = self.session.poll_answer(now) {
            assert!(!packets.is_empty());
            if std::mem::take(&mut self.loses) {
                self.session.handle_answer_lost(packets, now);
            } else {
                self.peer.body(&self.session.encode_payload(&packets));
            }
        }
        self.deliver();
        self.check();
    }

    fn deliver(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Connect(Join { endpoint, auth, .. }) => {
                    assert!(auth.is_empty() || is_json(&auth));
                    assert!(!self.unanswered.contains(&endpoint), "asked twice for {endpoint}");
                    assert!(self.joined.insert(endpoint.clone()), "{endpoint} joined twice");
                    self.unanswered.push(endpoint);
                }
                Output::Event { endpoint, event } => {
                    assert!(self.joined.contains(&endpoint), "event for {endpoint}, not joined");
                    let is_text = event.args().parts().0 == Notation::Text;
                    assert!(is_text || is_json(&event.args().to_text()));
                    self.delivered += 1;
                }
                Output::Said { endpoint, .. } => assert!(self.joined.contains(&endpoint)),
                Output::Disconnected { endpoint, .. } => {
                    assert!(self.joined.remove(&endpoint), "{endpoint} left, not joined");
                    self.peer.leave(&endpoint);
                }
                Output::Acknowledged { waiter, .. } => {
                    assert!(self.waiting.remove(&waiter), "{waiter} answered twice");
                }
                Output::Limit(_) => {}
            }
        }
    }

    fn check(&mut self) {
        let Session { limits, early, endpoints, outbox, state, .. } = &self.session;
        assert!(self.session.queued_bytes() <= SEND_BUFFER + self.slack, "too much is queued");
        assert!(outbox.packets.len() * size_of::<Queued>() <= outbox.bytes());
        assert!(early.bytes <= limits.early_bytes && early.packets.len() <= limits.early_packets);
        assert!(endpoints.iter().count() <= limits.endpoints + 1);
        for endpoint in endpoints.iter() {
            assert!(endpoint.acks.len() <= limits.pending_acks);
            let joined = matches!(endpoint.phase, Phase::Opening | Phase::Open);
            assert_eq!(joined, self.joined.contains(&endpoint.path));
            assert!(joined || (endpoint.acks.len() == 0 && endpoint.held.is_none()));
        }
        if matches!(state, State::Leaving(_) | State::Closed(_)) {
            assert!(self.joined.is_empty() && self.waiting.is_empty(), "left without a word");
            assert!(early.packets.is_empty());
        }
        let closed = self.session.closed();
        if closed.is_some() {
            assert_eq!(self.session.poll_timeout(), None);
            assert!(self.over.is_none() || self.over == closed, "over for another reason");
            self.over = closed;
        }
    }

    /// What is queued arrives if a transport is there to take it.
    fn receive_all(&mut self, now: Instant) {
        (self.stalled, self.loses) = (false, false);
        if self.session.takes_links() {
            self.session.handle_link(now);
        } else if !self.session.has_link() {
            let _waits_already = self.session.handle_poll(now);
        }
        self.settle(now);
        if self.session.state == State::Open {
            let open = self.session.endpoints.open_paths();
            open.iter().for_each(|path| self.peer.assert_complete(path));
        }
    }

    /// The client gets what is left and vanishes, and the clock runs until it is forgotten.
    fn run_out(mut self, mut now: Instant) -> usize {
        self.receive_all(now);
        self.session.handle_reading(true, now);
        self.session.handle_waiting_posts(false, now);
        self.session.handle_link_lost(now);
        self.session.handle_probe_lost();
        self.session.handle_poll_lost(now);
        self.deliver();
        let gone = now;
        while let Some(due) = self.session.poll_timeout() {
            now = now.max(due);
            assert!(now.duration_since(gone) <= LONGEST, "not forgotten: {:?}", self.session);
            self.wait(now);
            self.deliver();
            self.check();
        }
        assert!(self.session.closed().is_some(), "never over: {:?}", self.session);
        assert!(self.joined.is_empty() && self.waiting.is_empty());
        self.delivered
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}
