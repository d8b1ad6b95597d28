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
mod dialect;
mod endpoints;
mod expiry;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod heartbeat;
mod limits;
mod outbox;
mod rate;
mod receive;
mod send;
#[cfg(test)]
mod tests;
mod transports;
mod upgrade;

pub use acks::NoAck;
pub use close::CloseReason;
pub(crate) use dialect::Dialect;
pub use dialect::Parser;
pub(crate) use limits::{AHEAD_BYTES, Limits};
pub use rate::Rate;
pub(crate) use receive::{Body, Room};
pub(crate) use send::{Admission, Refusal};
pub(crate) use transports::Misuse;
pub(crate) use upgrade::Probe;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use bytestring::ByteString;

use self::endpoints::{Early, Endpoint, Endpoints, Phase};
use self::heartbeat::{Beat, Heartbeat};
use self::limits::{deadline, earlier};
use self::outbox::Outbox;
use self::rate::Bucket;
use self::receive::Incoming;
use self::transports::Attached;
use self::upgrade::Upgrade;
use crate::id::SocketId;
use crate::protocol::engineio::Queued;
use crate::protocol::socketio::Protocol;
use crate::protocol::{Args, EmissionBody, Event};
use crate::stats::Limit;

/// What a client brings that asks to join an endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Join {
    pub(crate) endpoint: ByteString,
    /// The endpoint's own query string.
    pub(crate) query: ByteString,
    /// What the client says about itself: a JSON object, or nothing.
    pub(crate) auth: ByteString,
    /// The id that the client will think it has, where it computes one.
    pub(crate) id: Option<SocketId>,
    /// Whether it can come back, and then says so in `auth`.
    pub(crate) can_return: bool,
}

/// What a session tells those above it, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Output<A> {
    /// The client asks to join an endpoint; [`Session::admit`] answers.
    Connect(Join),
    /// The client sent an event to an endpoint it joined.
    Event { endpoint: ByteString, event: Event },
    /// The session itself has said something to the client of an endpoint.
    Said { endpoint: ByteString, body: EmissionBody },
    /// An acknowledgement came, or will not come.
    Acknowledged { endpoint: ByteString, waiter: A, result: Result<Args, NoAck> },
    /// The client is no longer joined to an endpoint.
    Disconnected { endpoint: ByteString, reason: CloseReason },
    /// The client came to a limit.
    Limit(Limit),
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
    dialect: Dialect,
    /// Whether the transport carries bytes as they are.
    carries_bytes: bool,
    /// How many packets may come, where that is limited.
    packets: Option<Box<Bucket>>,
    /// Reads messages and their attachments; legacy clients have none.
    incoming: Option<Incoming>,
    /// Until when the attachments of a packet may take to come.
    incomplete_until: Option<Instant>,
    /// The transport that is to take over from polling.
    upgrade: Option<Upgrade>,
    state: State,
    attached: Attached,
    /// Whether the client has shown that the last `1::` reached it.
    heard: bool,
    /// Whether the owner takes input; if not, silence is no sign of death.
    reading: bool,
    /// Whether the events that come from now on are too late: the server stops.
    deaf: bool,
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
    pub(crate) fn new(limits: Arc<Limits>, dialect: Dialect, now: Instant) -> Self {
        let mut session = Self {
            expiry: Some(limits.session_end(now)),
            heartbeat: dialect.heartbeat(&limits),
            packets: limits.packets.map(|rate| Box::new(Bucket::new(rate, now))),
            incoming: dialect.incoming(&limits),
            incomplete_until: None,
            limits,
            carries_bytes: true,
            upgrade: None,
            state: State::Handshaken,
            attached: Attached::Nothing,
            heard: false,
            reading: true,
            deaf: false,
            room: usize::MAX,
            link_is_idle: true,
            endpoints: Endpoints::new(dialect.first_ack()),
            early: Early::default(),
            outbox: Outbox::default(),
            outputs: VecDeque::new(),
            transport_due: None,
            dialect,
        };
        session.open(now);
        session
    }

    /// Whether the client is told of its session once the root has let it in.
    pub(crate) fn is_admitted_first(&self) -> bool {
        self.dialect.protocol().is_none()
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

    /// The clock reached [`Session::poll_timeout`].
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        // It comes once in a while, so what waits for a client's next poll soon takes no more than it needs.
        if !self.outbox.is_empty() {
            self.outbox.packets.shrink_to_fit();
        }
        match self.heartbeat.handle_timeout(now, self.reading) {
            Beat::Nothing => {}
            // A client that is leaving is not asked any more, only waited for.
            Beat::Send if self.state != State::Open => {}
            Beat::Send => {
                self.answer_with(|dialect, outbox| {
                    outbox.push_written(Some(dialect.heartbeat_packet()))
                });
            }
            Beat::Dead => self.finish(CloseReason::HeartbeatTimeout),
        }
        if self.transport_due.is_some_and(|at| at <= now) {
            self.transport_due = None;
            match self.attached {
                Attached::Checking { .. } => self.detach(),
                _ => self.outbox.push(self.dialect.noop_packet()),
            }
        }
        if self.expiry.is_some_and(|at| at <= now) {
            let reason = match self.state {
                State::Handshaken => CloseReason::HandshakeExpired,
                State::Open if !self.dialect.outlives_transports() => CloseReason::ConnectTimeout,
                State::Open if self.is_polling() => CloseReason::CloseTimeout,
                State::Open => CloseReason::TransportError,
                State::Leaving(reason) | State::Closed(reason) => reason,
            };
            self.finish(reason);
        }
        if self.incomplete_until.is_some_and(|at| at <= now) {
            self.violation(&"attachments that do not come");
        }
        self.upgrade.take_if(|upgrade| upgrade.is_overdue(now));
        self.handle_expired(now);
        for endpoint in self.endpoints.iter_mut() {
            let overdue = endpoint.acks.handle_timeout(now);
            self.outputs.extend(overdue.into_iter().map(|waiter| {
                let (endpoint, result) = (endpoint.path.clone(), Err(NoAck::Timeout));
                Output::Acknowledged { endpoint, waiter, result }
            }));
        }
    }

    /// When [`Session::handle_timeout`] is next due.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if self.closed().is_some() {
            return None;
        }
        let upgrade = self.upgrade.as_ref().and_then(Upgrade::deadline);
        let mut due = earlier(self.heartbeat.poll_timeout(), upgrade);
        due = earlier(due, self.expiry);
        due = earlier(due, self.transport_due);
        due = earlier(due, self.incomplete_until);
        self.endpoints.iter().fold(due, |due, endpoint| earlier(due, endpoint.poll_timeout()))
    }

    /// What those above are to be told next.
    pub(crate) fn poll_output(&mut self) -> Option<Output<A>> {
        self.outputs.pop_front()
    }

    /// Takes empty lists for what it is told and what it says.
    pub(crate) fn borrow_lists(&mut self, lists: &mut Lists<A>) {
        lend(&mut lists.outputs, &mut self.outputs);
        lend(&mut lists.packets, &mut self.outbox.packets);
    }

    /// Gives lists back that are empty again: a session at rest has none.
    pub(crate) fn return_lists(&mut self, lists: &mut Lists<A>) {
        take_back(&mut lists.outputs, &mut self.outputs);
        take_back(&mut lists.packets, &mut self.outbox.packets);
    }

    /// Whether [`Session::poll_output`] has something to give.
    pub(crate) fn has_output(&self) -> bool {
        !self.outputs.is_empty()
    }

    /// Whether the client owes an acknowledgement that a handler may be waiting for.
    pub(crate) fn awaits_acks(&self) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.acks.len() > 0)
    }

    /// Forgets all who wait for an acknowledgement but such.
    pub(crate) fn retain_awaited(&mut self, mut is_such: impl FnMut(&mut A) -> bool) {
        self.endpoints.iter_mut().for_each(|endpoint| endpoint.acks.retain(&mut is_such));
    }

    /// Bytes that wait for the transport, or for their endpoint to be open.
    pub(crate) fn queued_bytes(&self) -> usize {
        let held = self.endpoints.iter().map(Endpoint::held_bytes);
        self.outbox.bytes() + held.sum::<usize>()
    }

    /// Why the session is over, once nothing more is to be done for its client.
    pub(crate) fn closed(&self) -> Option<CloseReason> {
        match self.state {
            State::Closed(reason) => Some(reason),
            State::Leaving(reason) if self.outbox.is_empty() && !self.is_to_hear(reason) => {
                Some(reason)
            }
            _ => None,
        }
    }

    /// What a session begins with: legacy ones with a transport, the others at once.
    fn open(&mut self, now: Instant) {
        let Some(protocol) = self.dialect.protocol() else {
            // Its admission is the answer to the handshake.
            self.ask(ByteString::new(), ByteString::new(), ByteString::new());
            return self.endpoints.add_open_root();
        };
        self.state = State::Open;
        self.expiry = Some(deadline(now, self.limits.connect_timeout));
        self.heartbeat.start(now);
        self.outbox.push_all(self.dialect.open_packet());
        if protocol == Protocol::V4 {
            self.join(ByteString::new(), ByteString::new(), ByteString::new());
        }
    }

    fn start_heartbeat(&mut self, now: Instant) {
        if self.limits.heartbeats {
            self.heartbeat.start(now);
        }
    }

    /// Ends the session at once, without a word to the client; the first reason stands.
    fn finish(&mut self, reason: CloseReason) {
        let reason = match self.state {
            State::Handshaken | State::Open => reason,
            State::Leaving(first) => first,
            State::Closed(_) => return,
        };
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

/// The lists that a session fills and empties within a turn of its owner, who lends them.
#[derive(Debug)]
pub(crate) struct Lists<A> {
    outputs: VecDeque<Output<A>>,
    packets: VecDeque<Queued>,
}

impl<A> Default for Lists<A> {
    fn default() -> Self {
        Self { outputs: VecDeque::new(), packets: VecDeque::new() }
    }
}

/// Lends a list to who has none.
pub(crate) fn lend<T>(list: &mut VecDeque<T>, to: &mut VecDeque<T>) {
    if to.capacity() == 0 {
        std::mem::swap(list, to);
    }
}

/// Takes a list back that is empty, unless it has grown large.
pub(crate) fn take_back<T>(list: &mut VecDeque<T>, from: &mut VecDeque<T>) {
    if from.is_empty() {
        let taken = std::mem::take(from);
        if (list.capacity()..=SLOTS_KEPT).contains(&taken.capacity()) {
            *list = taken;
        }
    }
}

/// Slots of a list that are kept for the next; a thread has one list of each kind.
const SLOTS_KEPT: usize = 256;

/// Closes one endpoint towards those above.
fn leave<A>(endpoint: &mut Endpoint<A>, reason: CloseReason, outputs: &mut VecDeque<Output<A>>) {
    let answered = endpoint.phase != Phase::Opening;
    endpoint.phase = if answered { Phase::Left } else { Phase::Abandoned };
    endpoint.held = None;
    endpoint.expires = None;
    let path = &endpoint.path;
    outputs.extend(endpoint.acks.drain().map(|waiter| {
        let (endpoint, result) = (path.clone(), Err(NoAck::Closed));
        Output::Acknowledged { endpoint, waiter, result }
    }));
    outputs.push_back(Output::Disconnected { endpoint: path.clone(), reason });
}
