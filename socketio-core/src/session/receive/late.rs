//! What comes too late: events and connects, once the server stops.
//!
//! The owner says from when on. What keeps a session alive, answers it or ends it is taken in as before, and so are the
//! attachments of a packet that has begun in time. In a frame, what is too late is dropped, as if it were still on its way
//! when the transport ends. In a POST it is held back, for the answer to that would say that it was handled.

use bytestring::ByteString;

use super::{Body, Packets};
use crate::protocol::engineio::{Frame, Packet, v3, v4};
use crate::protocol::legacy::{PacketKind, decode};
use crate::protocol::socketio::Protocol;
use crate::session::{CloseReason, Session, State};

impl<A> Session<A> {
    /// The server stops: what begins to come from now on is too late.
    pub(crate) fn handle_stop(&mut self) {
        self.deaf = true;
    }

    /// Whether the server stops, and all has come that is in time.
    pub(crate) fn has_all_in_time(&self) -> bool {
        self.deaf && self.incomplete_until.is_none()
    }

    /// Whether the next packet of a body is too late. While an acknowledgement is awaited none is: a client that posts one
    /// thing after the other can give it only then.
    pub(crate) fn holds_back(&self, body: &mut Body) -> bool {
        match self.state {
            State::Leaving(reason) => reason == CloseReason::ServerShutdown,
            _ => self.deaf && !Self::awaits_acks(self) && self.is_next_late(body),
        }
    }

    fn is_next_late(&self, Body { packets, is_late, .. }: &mut Body) -> bool {
        // One that is held back is asked about again and again, and may be large.
        *is_late.get_or_insert_with(|| match packets {
            Packets::Legacy(packets) => packets.peek().is_some_and(is_legacy_late),
            Packets::Modern(packets) => {
                packets.peek().is_some_and(|it| it.as_ref().is_ok_and(|it| self.is_packet_late(it)))
            }
            Packets::Unreadable => false,
        })
    }

    /// Whether the packet of a frame is too late.
    pub(super) fn is_late(&self, frame: &Frame) -> bool {
        let packet = match (self.dialect.protocol(), frame) {
            (None, Frame::Text(text)) => return is_legacy_late(text),
            (None, Frame::Binary(_)) => return false,
            (Some(Protocol::V4), frame) => v3::decode(frame),
            (Some(Protocol::V5), frame) => v4::decode(frame),
        };
        packet.is_ok_and(|packet| self.is_packet_late(&packet))
    }

    fn is_packet_late(&self, packet: &Packet) -> bool {
        let Some(incoming) = &self.incoming else { return false };
        match packet {
            Packet::Message(text) => incoming.is_event_or_connect(text),
            // What was begun, goes on.
            Packet::Binary(_) if self.incomplete_until.is_some() => false,
            Packet::Binary(bytes) => incoming.is_no_answer(bytes),
            _ => false,
        }
    }
}

fn is_legacy_late(text: &ByteString) -> bool {
    use PacketKind::{Connect, Event, Json, Message};
    let packet = decode(text);
    packet.is_some_and(|it| matches!(it.kind, Connect { .. } | Event { .. } | Json(_) | Message(_)))
}
