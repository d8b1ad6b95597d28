//! What comes from the client: frames and bodies, by its generation.
//!
//! `legacy` and `modern` read packets and act on them; what both do with an endpoint that a client joins
//! is here.

mod incoming;
mod late;
mod legacy;
mod modern;

pub(super) use incoming::Incoming;

use std::iter::Peekable;
use std::time::Instant;

use bytestring::ByteString;

use super::endpoints::Phase;
use super::{CloseReason, Join, Misuse, Output, Session, State};
use crate::protocol::engineio::{DecodeError, Frame, MESSAGE, Packet, v3, v4};
use crate::protocol::legacy::payload;
use crate::protocol::socketio::Protocol;

/// The packets of a POST that have not been handled yet, still the bytes that they came in.
pub(crate) struct Body {
    packets: Packets,
    /// How many have been handled.
    pub(crate) taken: usize,
    /// Whether the next is too late, once that has been looked at.
    is_late: Option<bool>,
}

enum Packets {
    Legacy(Peekable<Box<dyn Iterator<Item = ByteString> + Send>>),
    Modern(Peekable<Box<dyn Iterator<Item = Result<Packet, DecodeError>> + Send>>),
    /// Bytes where they can't be, or text that is none.
    Unreadable,
}

impl Body {
    /// One that can't be read: it ends the session that it is for.
    pub(crate) fn unreadable() -> Self {
        Self { packets: Packets::Unreadable, taken: 0, is_late: None }
    }
}

impl Packets {
    fn legacy(packets: impl Iterator<Item = ByteString> + Send + 'static) -> Self {
        let packets: Box<dyn Iterator<Item = _> + Send> = Box::new(packets);
        Self::Legacy(packets.peekable())
    }

    fn modern(packets: impl Iterator<Item = Result<Packet, DecodeError>> + Send + 'static) -> Self {
        let packets: Box<dyn Iterator<Item = _> + Send> = Box::new(packets);
        Self::Modern(packets.peekable())
    }

    fn is_empty(&mut self) -> bool {
        match self {
            Self::Legacy(packets) => packets.peek().is_none(),
            Self::Modern(packets) => packets.peek().is_none(),
            Self::Unreadable => false,
        }
    }
}

/// How much may be taken in of what a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// As long as fewer outputs wait.
    pub(crate) events: usize,
    /// As long as this is not used up: the last event may be larger than what is left.
    pub(crate) bytes: usize,
    /// Events wait already, so those that come keep nothing of what came beside them.
    pub(crate) is_crowded: bool,
}

impl Room {
    pub(crate) const fn is_none(self) -> bool {
        self.events == 0 || self.bytes == 0
    }

    /// Room for so many outputs.
    #[cfg(any(test, fuzzing))]
    pub(crate) const fn of(events: usize) -> Self {
        Self { events, bytes: usize::MAX, is_crowded: false }
    }
}

impl<A> Session<A> {
    /// Whether there is room for what comes next.
    pub(super) fn has_room(&self, room: Room) -> bool {
        self.outputs.len() < room.events && room.bytes > 0
    }

    /// Takes the events among the outputs from this one on off the room.
    #[inline(never)]
    pub(super) fn fill(&mut self, room: &mut Room, from: usize) {
        for at in from..self.outputs.len() {
            if let Some(Output::Event { event, .. }) = self.outputs.get_mut(at) {
                if room.is_crowded {
                    event.detach();
                }
                room.bytes = room.bytes.saturating_sub(event.weight());
            }
        }
    }

    /// A frame of a persistent transport.
    pub(super) fn receive_frame(&mut self, frame: Frame, now: Instant) {
        if !self.admits_packet(now) {
            return;
        }
        if self.deaf && self.is_late(&frame) {
            return self.heartbeat.handle_packet(false, now);
        }
        let packet = match (self.dialect.protocol(), frame) {
            (None, Frame::Text(text)) => return self.receive_legacy(&text, now),
            (None, Frame::Binary(_)) => return,
            // Read where it lies.
            (Some(_), Frame::Text(text)) if text.starts_with(MESSAGE) => {
                return self.receive_message(text, MESSAGE.len(), now);
            }
            (Some(Protocol::V4), frame) => v3::decode(&frame),
            (Some(Protocol::V5), frame) => v4::decode(&frame),
        };
        self.receive_engine(packet, now);
    }

    /// The packets of a body, until there is no room; `true` when none is left.
    ///
    /// # Errors
    ///
    /// When it can't be read, or the session is over.
    pub(crate) fn handle_body(
        &mut self,
        body: &mut Body,
        mut room: Room,
        now: Instant,
    ) -> Result<bool, Misuse> {
        if let Some(reason) = self.closed() {
            return Err(Misuse::Over(reason));
        }
        while self.has_room(room) && !self.holds_back(body) {
            let before = self.outputs.len();
            match &mut body.packets {
                Packets::Legacy(packets) => {
                    let Some(packet) = packets.next() else { return Ok(true) };
                    if self.admits_packet(now) {
                        self.receive_legacy(&packet, now);
                    }
                }
                Packets::Modern(packets) => {
                    let Some(packet) = packets.next() else { return Ok(true) };
                    if self.admits_packet(now) {
                        self.receive_engine(packet, now);
                    }
                }
                Packets::Unreadable => self.violation(&"a body that is none"),
            }
            body.taken += 1;
            body.is_late = None;
            self.fill(&mut room, before);
            match self.closed() {
                None => {}
                Some(CloseReason::ProtocolViolation | CloseReason::TooManyPackets) => {
                    return Err(Misuse::Violation);
                }
                Some(_) => return Ok(true),
            }
        }
        Ok(body.packets.is_empty())
    }

    /// Counts a packet; one too many ends the session.
    fn admits_packet(&mut self, now: Instant) -> bool {
        let admitted = self.packets.as_mut().is_none_or(|bucket| bucket.take(now));
        if !admitted {
            self.finish(CloseReason::TooManyPackets);
        }
        admitted
    }

    /// What a POST brought, to be handled by [`Session::handle_body`].
    pub(crate) fn body(&self, body: &Frame) -> Body {
        let packets = match (self.dialect.protocol(), body) {
            (None, Frame::Text(text)) => Packets::legacy(payload::decode(text)),
            (Some(Protocol::V4), body) => Packets::modern(v3::payload::decode(body)),
            (Some(Protocol::V5), Frame::Text(text)) => Packets::modern(v4::payload::decode(text)),
            (_, Frame::Binary(_)) => Packets::Unreadable,
        };
        Body { packets, taken: 0, is_late: None }
    }

    /// Asks those above to let the client in.
    pub(super) fn ask(&mut self, endpoint: ByteString, query: ByteString, auth: ByteString) {
        let id = self.dialect.computed_id(&endpoint);
        let can_return = self.dialect.protocol() == Some(Protocol::V5);
        self.outputs.push_back(Output::Connect(Join { endpoint, query, auth, id, can_return }));
    }

    /// Has the client let in, and then what it sent before.
    pub(super) fn open_endpoint(&mut self, path: &ByteString, query: ByteString, auth: ByteString) {
        let open = self.state == State::Open;
        let Some(endpoint) = self.endpoints.get_mut(path).filter(|_| open) else { return };
        endpoint.phase = Phase::Opening;
        let endpoint = endpoint.path.clone();
        self.ask(endpoint, query, auth);
        for packet in self.early.release(path) {
            self.deliver_legacy(packet);
        }
    }
}
