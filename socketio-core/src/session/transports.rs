//! The transports of a session: how they come, what they bring and take, how they go.
//!
//! The driver calls in for each request and each change of the persistent transport, and takes frames out
//! as the transport can carry them. A legacy session outlives its transports, and any may take over from
//! any; since Engine.IO 3 a session is as good as its transport, polls come one at a time, and the only
//! change is an [`upgrade`](super::upgrade). Source: socket.io 0.9.19 lib/transport.js and
//! lib/transports/*.js; engine.io lib/socket.ts, lib/transports/polling.ts.

use std::collections::VecDeque;
use std::time::Instant;

use bytestring::ByteString;

use super::limits::{deadline, earlier};
use super::{CloseReason, Room, Session, State};
use crate::protocol::engineio::{Frame, Queued};

/// Which kind of transport carries the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attached {
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

/// Why a request is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misuse {
    /// It broke the rules: it could not be read, or polled beside another. That ended the session.
    Violation,
    /// The session is carried by another transport for good.
    Misplaced,
    /// The session is over, for this reason.
    Over(CloseReason),
}

impl<A> Session<A> {
    /// Whether bytes can be sent as they are on the transport that comes.
    pub(crate) fn handle_capability(&mut self, carries_bytes: bool) {
        self.carries_bytes = carries_bytes;
    }

    /// A persistent transport takes over. What is queued goes out on it.
    pub(crate) fn handle_link(&mut self, now: Instant) {
        self.attached = Attached::Persistent;
        self.upgrade = None;
        self.transport_due = None;
        if self.dialect.outlives_transports() {
            self.greet();
            if self.state == State::Open {
                self.expiry = None;
                self.start_heartbeat(now);
            }
        }
    }

    /// A WebSocket comes. With `websocket_check` one of a legacy client has to show that it carries frames
    /// both ways before it takes over.
    pub(crate) fn handle_websocket(&mut self, now: Instant) {
        if !self.limits.websocket_check || !self.dialect.outlives_transports() {
            return self.handle_link(now);
        }
        self.heartbeat.stop();
        self.attached = Attached::Checking { asked: false };
        self.transport_due = Some(deadline(now, self.limits.client_timeout));
        if self.state == State::Open {
            self.expiry = Some(self.limits.session_end(now));
        }
    }

    /// A poll waits for an answer; of a legacy client, in place of one that waited before.
    ///
    /// # Errors
    ///
    /// When it may not.
    pub(crate) fn handle_poll(&mut self, now: Instant) -> Result<(), Misuse> {
        if let Some(reason) = self.closed() {
            return Err(Misuse::Over(reason));
        }
        if self.dialect.outlives_transports() {
            self.handle_legacy_poll(now);
        } else if self.has_link() {
            return Err(Misuse::Misplaced);
        } else if self.is_poll_waiting() {
            self.finish(CloseReason::ProtocolViolation);
            return Err(Misuse::Violation);
        }
        self.attached = Attached::Polling { waiting: true };
        Ok(())
    }

    fn handle_legacy_poll(&mut self, now: Instant) {
        if self.is_polling() {
            // Who polls again has read the answer before, if there was one.
            self.heard |= !self.is_greeting_queued();
        } else {
            self.greet();
        }
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
        if self.is_poll_waiting() {
            self.handle_answer_lost(Vec::new(), now);
        }
    }

    /// The answer to a poll did not reach it: what it held is for the next one, if the client may come
    /// back.
    pub(crate) fn handle_answer_lost(&mut self, packets: Vec<Frame>, now: Instant) {
        self.restore(packets);
        self.poll_answered(now);
        if !self.dialect.outlives_transports() {
            self.finish(CloseReason::TransportError);
        }
    }

    /// Takes back what a transport was given and did not write.
    pub(crate) fn restore(&mut self, packets: Vec<Frame>) {
        self.outbox.restore(packets);
    }

    /// The client ended the persistent transport, or broke its rules.
    pub(crate) fn handle_link_closed(&mut self, reason: CloseReason) {
        if self.has_link() {
            self.attached = Attached::Nothing;
            self.finish(reason);
        }
    }

    /// The persistent transport broke without a word: a legacy client may come back.
    pub(crate) fn handle_link_lost(&mut self, now: Instant) {
        if !self.has_link() {
            return;
        }
        self.detach();
        match self.state {
            State::Handshaken => {}
            State::Open if self.dialect.outlives_transports() => {
                self.expiry = Some(self.limits.session_end(now));
            }
            _ => self.finish(CloseReason::TransportError),
        }
    }

    /// A frame of a persistent transport: one packet.
    pub(crate) fn handle_frame(&mut self, frame: Frame, now: Instant) {
        if let Attached::Checking { .. } = self.attached {
            self.handle_link(now);
        }
        self.receive_frame(frame, now);
    }

    /// Frames of a persistent transport, until there is no room; the others stay.
    /// Those that a transport left behind say nothing about the one that has come in its place.
    pub(crate) fn handle_frames(
        &mut self,
        frames: &mut VecDeque<Frame>,
        left_behind: bool,
        mut room: Room,
        now: Instant,
    ) {
        while self.has_room(room)
            && let Some(frame) = frames.pop_front()
        {
            let before = self.outputs.len();
            // A text weighs what its event does; no need to look for that.
            let text = match &frame {
                Frame::Text(text) if !room.is_crowded => text.len(),
                _ => 0,
            };
            if left_behind {
                self.receive_frame(frame, now);
            } else {
                self.handle_frame(frame, now);
            }
            // It may have let go of others, which came early.
            if text > 0 && self.outputs.len() == before + 1 {
                room.bytes = room.bytes.saturating_sub(text);
            } else {
                self.fill(&mut room, before);
            }
        }
    }

    /// A POST came, whose body [`Session::handle_body`] takes when there is room. With no other transport, the
    /// client polls.
    ///
    /// # Errors
    ///
    /// When it is not for this session.
    pub(crate) fn handle_post(&mut self, now: Instant) -> Result<(), Misuse> {
        if let Some(reason) = self.closed() {
            return Err(Misuse::Over(reason));
        }
        if !self.dialect.outlives_transports() && self.has_link() {
            return Err(Misuse::Misplaced);
        }
        if matches!(self.attached, Attached::Nothing | Attached::Checking { .. }) {
            if self.dialect.outlives_transports() {
                self.greet();
            }
            self.poll_answered(now);
        }
        Ok(())
    }

    /// The next frame for the persistent transport.
    pub(crate) fn poll_frame(&mut self) -> Option<Queued> {
        match &mut self.attached {
            Attached::Persistent => {
                Some(self.dialect.frame(self.outbox.pop()?, self.carries_bytes))
            }
            Attached::Checking { asked: asked @ false } => {
                *asked = true;
                Some(self.dialect.heartbeat_packet().into())
            }
            _ => None,
        }
    }

    /// Whether the answer to a poll is to be compressed: one of its packets asks for that.
    pub(crate) fn asks_for_compression(&self) -> bool {
        self.outbox.asks_for_compression()
    }

    /// The packets that answer the waiting poll; [`Session::encode_payload`] makes a body of them.
    pub(crate) fn poll_answer(&mut self, now: Instant) -> Option<Vec<Frame>> {
        let released = self.is_probed() && self.closed().is_none();
        if !self.is_poll_waiting() || (self.outbox.is_empty() && !released) {
            return None;
        }
        self.poll_answered(now);
        if self.outbox.is_empty() {
            return Some(vec![self.dialect.noop_packet()]);
        }
        let packets = self.outbox.take();
        if matches!(self.state, State::Leaving(reason) if !self.is_to_hear(reason)) {
            // On a poll of its own: official clients since 4.0 take it in before the packets beside it,
            // and would report a lost connection.
            let close = self.dialect.close_packet().filter(|close| packets.last() != Some(close));
            self.outbox.push_all(close);
        }
        Some(packets)
    }

    /// Makes one body of packets.
    pub(crate) fn encode_payload(&self, packets: &[Frame]) -> Frame {
        self.dialect.payload(packets, self.carries_bytes)
    }

    /// The answer to a poll that another transport takes the place of.
    pub(crate) fn superseded(&self) -> Frame {
        self.encode_payload(&[self.dialect.noop_packet()])
    }

    /// The answer to a poll of a session that is over.
    pub(crate) fn farewell(&self) -> Option<Frame> {
        self.dialect.close_packet().map(|packet| self.encode_payload(&[packet]))
    }

    /// Whether the persistent transport that the owner has is the session's: not if it was checked in
    /// vain.
    pub(crate) fn has_link(&self) -> bool {
        matches!(self.attached, Attached::Persistent | Attached::Checking { .. })
    }

    /// Whether the client is between two polls, and hears on the next that the server stops.
    pub(super) fn is_to_hear(&self, reason: CloseReason) -> bool {
        reason == CloseReason::ServerShutdown
            && self.attached == Attached::Polling { waiting: false }
    }

    pub(super) fn is_polling(&self) -> bool {
        matches!(self.attached, Attached::Polling { .. })
    }

    fn is_poll_waiting(&self) -> bool {
        self.attached == Attached::Polling { waiting: true }
    }

    pub(super) fn detach(&mut self) {
        self.attached = Attached::Nothing;
        self.transport_due = None;
        if self.dialect.outlives_transports() {
            self.heartbeat.stop();
        }
    }

    fn poll_answered(&mut self, now: Instant) {
        self.attached = Attached::Polling { waiting: false };
        self.transport_due = None;
        if self.dialect.outlives_transports() {
            let due = Some(deadline(now, self.limits.close_timeout));
            // A server that stops waits no longer than it said.
            let is_stopping = self.state == State::Leaving(CloseReason::ServerShutdown);
            self.expiry = if is_stopping { earlier(self.expiry, due) } else { due };
        }
    }

    /// Opens the session towards a legacy client whose transport did not carry it until now.
    fn greet(&mut self) {
        self.heartbeat.stop();
        if self.state == State::Handshaken {
            self.state = State::Open;
        }
        // A transport on which the client never spoke may have swallowed the connect: a 0.9 client
        // gives up on it after ten seconds and tries the next one with the same id.
        if !self.heard && !self.is_greeting_queued() && self.closed().is_none() {
            self.outbox.push_front(Frame::Text(ByteString::from_static(GREETING)));
        }
    }

    /// Whether the `1::` that opens a session has not left yet.
    fn is_greeting_queued(&self) -> bool {
        matches!(self.outbox.first(), Some(Frame::Text(first)) if first == GREETING)
    }
}

/// Opens a session towards its client (socket.io-spec revision 1, "(1) Connect").
const GREETING: &str = "1::";
