//! One client as a state machine: packets, calls and the clock in; packets, events and deadlines out.
//!
//! Inputs are `handle_*` (from the transport and the clock) and the calls that handlers make
//! (`emit`, `acknowledge`, `admit`, `close` …); outputs are `poll_*`. The driver feeds it and carries
//! out what it says. Nothing here reads a clock, waits or locks: `now` is passed in.
//!
//! ```text
//!                    first transport                    close, with a word      told, or
//!   Handshaken ───────────────────────▶ Open ───────────────────────▶ Leaving ──overdue──▶ Closed
//!       │ session_expiry                  │ close without a word                             ▲
//!       └─────────────────────────────────┴──────────────────────────────────────────────────┘
//! ```
//!
//! An open session whose transport breaks without a word waits for its client for `session_expiry`;
//! what is sent meanwhile goes out, in order, on the transport that comes next, whichever it is.
//!
//! Source: socket.io-spec revision 1 (protocol version 1), and socket.io 0.9.19 lib/manager.js,
//! lib/transport.js and lib/transports/*.js where only code defines it.

mod acks;
mod close;
mod endpoints;
mod heartbeat;
mod limits;
mod outbox;
mod receive;
mod send;
#[cfg(test)]
mod tests;

pub use acks::NoAck;
pub use close::CloseReason;
pub(crate) use limits::Limits;
pub(crate) use send::Admission;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use bytestring::ByteString;

use self::endpoints::{Early, Endpoints, Phase};
use self::heartbeat::{Beat, Heartbeat};
use self::limits::deadline;
use self::outbox::Outbox;
use crate::protocol::legacy::{Packet, PacketKind, payload};
use crate::protocol::{Args, Event};

/// What a session tells those above it, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Output<A> {
    /// The client asks to join an endpoint; [`Session::admit`] answers.
    Connect { endpoint: ByteString, query: ByteString },
    /// The client sent an event to an endpoint it joined.
    Event { endpoint: ByteString, event: Event },
    /// An acknowledgement came, or will not come.
    Acknowledged { waiter: A, result: Result<Args, NoAck> },
    /// The client is no longer joined to an endpoint.
    Disconnected { endpoint: ByteString, reason: CloseReason },
}

/// Which kind of transport carries the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attached {
    Nothing,
    /// A WebSocket on which the client has not been heard yet: it carries nothing but a heartbeat
    /// to answer.
    Checking {
        asked: bool,
    },
    /// A WebSocket, or a page that never ends: packets go out as they come.
    Persistent,
    /// Requests come and go: packets go out when one waits.
    Polling {
        waiting: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Handshaken,
    Open,
    /// Over, once the client has been told what the outbox holds.
    Leaving(CloseReason),
    Closed(CloseReason),
}

/// One client. `A` is whatever the owner waits for an acknowledgement with.
#[derive(Debug)]
pub(crate) struct Session<A> {
    limits: Arc<Limits>,
    state: State,
    attached: Attached,
    /// Whether the client has shown that the last `1::` reached it.
    heard: bool,
    /// Whether the owner takes input; if not, silence is no sign of death.
    reading: bool,
    /// How many bytes may be queued before a client that asks for more is a slow consumer.
    room: usize,
    /// Whether the persistent transport has written all it was given.
    link_is_idle: bool,
    endpoints: Endpoints<A>,
    early: Early,
    outbox: Outbox,
    outputs: VecDeque<Output<A>>,
    heartbeat: Heartbeat,
    /// When a waiting poll is answered with a noop, or a WebSocket that is being checked is given up.
    transport_due: Option<Instant>,
    /// When the session ends for want of a transport, a poll, or a chance to say goodbye.
    expiry: Option<Instant>,
}

impl<A> Session<A> {
    /// A session whose client has just been given its id.
    pub(crate) fn new(limits: Arc<Limits>, now: Instant) -> Self {
        let heartbeat = Heartbeat::new(limits.heartbeat_interval, limits.heartbeat_timeout);
        Self {
            expiry: Some(limits.session_end(now)),
            limits,
            state: State::Handshaken,
            attached: Attached::Nothing,
            heard: false,
            reading: true,
            room: usize::MAX,
            link_is_idle: true,
            endpoints: Endpoints::new(),
            early: Early::default(),
            outbox: Outbox::default(),
            outputs: VecDeque::new(),
            heartbeat,
            transport_due: None,
        }
    }

    /// A persistent transport takes over. What is queued goes out on it.
    pub(crate) fn handle_link(&mut self, now: Instant) {
        self.attach();
        self.attached = Attached::Persistent;
        self.transport_due = None;
        if self.state == State::Open {
            self.expiry = None;
            self.start_heartbeat(now);
        }
    }

    /// A WebSocket comes. With `websocket_check` it has to show that it carries frames both ways before
    /// it takes over.
    pub(crate) fn handle_websocket(&mut self, now: Instant) {
        if !self.limits.websocket_check {
            return self.handle_link(now);
        }
        self.heartbeat.stop();
        self.attached = Attached::Checking { asked: false };
        self.transport_due = Some(deadline(now, self.limits.client_timeout));
        if self.state == State::Open {
            self.expiry = Some(self.limits.session_end(now));
        }
    }

    /// A poll waits for an answer. A poll that waited before is to be answered by the owner.
    pub(crate) fn handle_poll(&mut self, now: Instant) {
        match self.attached {
            // Who polls again has read the answer before, if there was one.
            Attached::Polling { .. } => self.heard |= !self.is_greeting_queued(),
            _ => self.attach(),
        }
        self.attached = Attached::Polling { waiting: true };
        self.transport_due = Some(deadline(now, self.limits.polling_timeout));
        if self.state == State::Open {
            self.expiry = None;
            if self.limits.global_heartbeats {
                self.heartbeat.handle_sign_of_life(now);
                self.start_heartbeat(now);
            }
        }
    }

    /// The poll that waited went away unanswered.
    pub(crate) fn handle_poll_lost(&mut self, now: Instant) {
        if self.attached == (Attached::Polling { waiting: true }) {
            self.poll_answered(now);
        }
    }

    /// The client ended the persistent transport, or broke its rules.
    pub(crate) fn handle_link_closed(&mut self, reason: CloseReason) {
        if self.has_link() {
            self.attached = Attached::Nothing;
            self.finish(reason);
        }
    }

    /// The persistent transport broke without a word: the client may come back.
    pub(crate) fn handle_link_lost(&mut self, now: Instant) {
        if self.has_link() {
            self.detach();
            match self.state {
                State::Handshaken => {}
                State::Open => self.expiry = Some(self.limits.session_end(now)),
                State::Leaving(reason) | State::Closed(reason) => self.finish(reason),
            }
        }
    }

    /// Whether the owner takes input from the transport just now.
    pub(crate) fn handle_reading(&mut self, reading: bool, now: Instant) {
        if self.reading != reading {
            self.reading = reading;
            self.heartbeat.handle_reading(reading, now);
        }
    }

    /// How many bytes may be queued here: what the transport has not sent yet is taken off the limit.
    pub(crate) fn handle_room(&mut self, bytes: usize, link_is_idle: bool) {
        self.room = bytes;
        self.link_is_idle = link_is_idle;
    }

    /// A frame of a persistent transport: one packet.
    pub(crate) fn handle_frame(&mut self, frame: &ByteString, now: Instant) {
        if let Attached::Checking { .. } = self.attached {
            self.handle_link(now);
        }
        self.handle_packet(frame, now);
    }

    /// The body of a POST: one packet, or several in a payload, whose number is given back. With no
    /// other transport, the client polls.
    pub(crate) fn handle_post(&mut self, body: &ByteString, now: Instant) -> usize {
        if matches!(self.attached, Attached::Nothing | Attached::Checking { .. }) {
            self.attach();
            self.poll_answered(now);
        }
        let packets = payload::decode(body);
        for packet in &packets {
            self.handle_packet(packet, now);
        }
        packets.len()
    }

    /// The clock reached [`Session::poll_timeout`].
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        match self.heartbeat.handle_timeout(now, self.reading) {
            Beat::Nothing => {}
            Beat::Send => self.push(&Packet::new(ByteString::new(), PacketKind::Heartbeat)),
            Beat::Dead => self.finish(CloseReason::HeartbeatTimeout),
        }
        if self.transport_due.is_some_and(|at| at <= now) {
            self.transport_due = None;
            match self.attached {
                Attached::Checking { .. } => self.detach(),
                _ => self.push(&Packet::new(ByteString::new(), PacketKind::Noop)),
            }
        }
        if self.expiry.is_some_and(|at| at <= now) {
            let reason = match self.state {
                State::Handshaken => CloseReason::HandshakeExpired,
                State::Open if self.is_polling() => CloseReason::CloseTimeout,
                State::Open => CloseReason::TransportError,
                State::Leaving(reason) | State::Closed(reason) => reason,
            };
            self.finish(reason);
        }
        for endpoint in self.endpoints.iter_mut() {
            let overdue = endpoint.acks.handle_timeout(now);
            self.outputs.extend(
                overdue
                    .into_iter()
                    .map(|waiter| Output::Acknowledged { waiter, result: Err(NoAck::Timeout) }),
            );
        }
    }

    /// When [`Session::handle_timeout`] is next due.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if self.closed().is_some() {
            return None;
        }
        let acks = self.endpoints.iter().filter_map(|endpoint| endpoint.acks.poll_timeout()).min();
        let heartbeat = self.heartbeat.poll_timeout();
        [self.expiry, self.transport_due, heartbeat, acks].into_iter().flatten().min()
    }

    /// What those above are to be told next.
    pub(crate) fn poll_output(&mut self) -> Option<Output<A>> {
        let output = self.outputs.pop_front()?;
        if self.outputs.is_empty() {
            self.outputs.shrink_to(OUTPUTS_KEPT);
        }
        Some(output)
    }

    /// The next frame for the persistent transport.
    pub(crate) fn poll_frame(&mut self) -> Option<ByteString> {
        match &mut self.attached {
            Attached::Persistent => self.outbox.pop(),
            Attached::Checking { asked: asked @ false } => {
                *asked = true;
                Some(Packet::new(ByteString::new(), PacketKind::Heartbeat).encode())
            }
            _ => None,
        }
    }

    /// Whether the persistent transport that the owner has is the session's: not if it was checked in
    /// vain.
    pub(crate) fn has_link(&self) -> bool {
        matches!(self.attached, Attached::Persistent | Attached::Checking { .. })
    }

    /// The packets that answer the waiting poll; [`Session::encode_payload`] makes a body of them.
    pub(crate) fn poll_answer(&mut self, now: Instant) -> Option<Vec<ByteString>> {
        if self.attached != (Attached::Polling { waiting: true }) || self.outbox.is_empty() {
            return None;
        }
        self.poll_answered(now);
        Some(self.outbox.take())
    }

    /// Puts an answer back that did not reach its poll.
    pub(crate) fn restore(&mut self, packets: Vec<ByteString>) {
        self.outbox.restore(packets);
    }

    /// Makes one body of packets.
    pub(crate) fn encode_payload(packets: &[ByteString]) -> ByteString {
        payload::encode(packets)
    }

    /// The answer to a poll that a newer one takes the place of.
    pub(crate) fn superseded() -> ByteString {
        Packet::new(ByteString::new(), PacketKind::Noop).encode()
    }

    /// Whether the client owes an acknowledgement that a handler may be waiting for.
    pub(crate) fn awaits_acks(&self) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.acks.len() > 0)
    }

    /// Bytes that wait for the transport, or for their endpoint to be open.
    pub(crate) fn queued_bytes(&self) -> usize {
        let held = self.endpoints.iter().map(|endpoint| endpoint.held.bytes());
        self.outbox.bytes() + held.sum::<usize>()
    }

    /// Why the session is over, once nothing more is to be done for its client.
    pub(crate) fn closed(&self) -> Option<CloseReason> {
        match self.state {
            State::Closed(reason) => Some(reason),
            State::Leaving(reason) if self.outbox.is_empty() => Some(reason),
            _ => None,
        }
    }

    /// A transport that did not carry the session until now takes over.
    fn attach(&mut self) {
        self.heartbeat.stop();
        if self.state == State::Handshaken {
            self.state = State::Open;
        }
        // A transport on which the client never spoke may have swallowed the connect: a 0.9 client
        // gives up on it after ten seconds and tries the next one with the same id.
        if !self.heard && !self.is_greeting_queued() && self.closed().is_none() {
            self.outbox.push_front(ByteString::from_static(GREETING));
        }
    }

    /// Whether the `1::` that opens a session has not left yet.
    fn is_greeting_queued(&self) -> bool {
        self.outbox.first().is_some_and(|first| first == GREETING)
    }

    fn detach(&mut self) {
        self.attached = Attached::Nothing;
        self.transport_due = None;
        self.heartbeat.stop();
    }

    fn is_polling(&self) -> bool {
        matches!(self.attached, Attached::Polling { .. })
    }

    fn start_heartbeat(&mut self, now: Instant) {
        if self.limits.heartbeats {
            self.heartbeat.start(now);
        }
    }

    fn poll_answered(&mut self, now: Instant) {
        self.attached = Attached::Polling { waiting: false };
        self.transport_due = None;
        self.expiry = Some(deadline(now, self.limits.close_timeout));
    }

    /// Ends the session at once, without a word to the client.
    fn finish(&mut self, reason: CloseReason) {
        if let State::Closed(_) = self.state {
            return;
        }
        self.leave_all(reason);
        self.state = State::Closed(reason);
    }

    /// Tells those above that every endpoint is left.
    fn leave_all(&mut self, reason: CloseReason) {
        for endpoint in self.endpoints.iter_mut() {
            if endpoint.phase.is_joined() {
                leave(endpoint, reason, &mut self.outputs);
            }
        }
        self.early = Early::default();
    }
}

/// Opens a session towards its client (socket.io-spec revision 1, "(1) Connect").
const GREETING: &str = "1::";

/// Slots of the list of outputs that are kept when it runs empty.
const OUTPUTS_KEPT: usize = 4;

fn connect() -> PacketKind {
    PacketKind::Connect { query: ByteString::new() }
}

/// Closes one endpoint towards those above.
fn leave<A>(
    endpoint: &mut endpoints::Endpoint<A>,
    reason: CloseReason,
    outputs: &mut VecDeque<Output<A>>,
) {
    let answered = endpoint.phase != Phase::Opening;
    endpoint.phase = if answered { Phase::Left } else { Phase::Abandoned };
    endpoint.held = Outbox::default();
    outputs.extend(
        endpoint
            .acks
            .drain()
            .map(|waiter| Output::Acknowledged { waiter, result: Err(NoAck::Closed) }),
    );
    outputs.push_back(Output::Disconnected { endpoint: endpoint.path.clone(), reason });
}
