//! What a client's packets do.
//!
//! Decoding is as lenient as the reference's: what is no packet is ignored, and never closes a
//! session (socket.io 0.9.19 lib/parser.js).

use std::time::Instant;

use bytestring::ByteString;

use super::endpoints::{Endpoint, Phase};
use super::{CloseReason, Output, Session, State, connect, leave};
use crate::protocol::legacy::{AckRequest, Packet, PacketKind, decode};
use crate::protocol::{AckId, Args, Event, MESSAGE_EVENT};

/// Events that clients may not send: above the session they mean something else (socket.io 0.9.19
/// lib/manager.js, default of `blacklist`).
const REFUSED_EVENTS: [&str; 1] = ["disconnect"];

impl<A> Session<A> {
    pub(super) fn handle_packet(&mut self, text: &ByteString, now: Instant) {
        if self.state != State::Open {
            return;
        }
        self.heard = true;
        self.heartbeat.handle_sign_of_life(now);
        let Some(packet) = decode(text) else {
            tracing::trace!(bytes = text.len(), "ignored what is no packet");
            return;
        };
        match packet.kind {
            PacketKind::Connect { .. } => self.handle_connect(packet),
            PacketKind::Disconnect => self.handle_disconnect(&packet),
            PacketKind::Ack { .. } => self.handle_ack(packet),
            PacketKind::Message(_) | PacketKind::Json(_) | PacketKind::Event { .. } => {
                self.handle_event(packet, text.len());
            }
            PacketKind::Heartbeat | PacketKind::Noop | PacketKind::Error { .. } => {
                self.acknowledge_receipt(packet.id.as_ref(), &packet.endpoint);
            }
            _ => {}
        }
    }

    fn handle_connect(&mut self, packet: Packet) {
        let PacketKind::Connect { query } = packet.kind else { return };
        let (path, query) = split_query(&packet.endpoint, query);
        self.acknowledge_receipt(packet.id.as_ref(), &path);
        let phase = self.endpoints.get_mut(&path).map(|endpoint| endpoint.phase);
        match phase {
            Some(Phase::Open) => return self.push(&Packet::new(path, connect())),
            Some(Phase::Opening) => return,
            Some(Phase::Left) => self.endpoints.remove(&path),
            None if self.endpoints.len() > self.limits.endpoints => {
                tracing::debug!("ignored a connect: the client has joined max_endpoints already");
                return;
            }
            None => {}
        }
        self.endpoints.push(Endpoint::new(path.clone(), Phase::Opening));
        let early = self.early.release(&path);
        self.outputs.push_back(Output::Connect { endpoint: path, query });
        for packet in early {
            self.handle_event(packet, 0);
        }
    }

    fn handle_disconnect(&mut self, packet: &Packet) {
        self.acknowledge_receipt(packet.id.as_ref(), &packet.endpoint);
        if packet.endpoint.is_empty() {
            return self.close(CloseReason::ClientDisconnect);
        }
        if let Some(endpoint) = self.endpoints.get_mut(&packet.endpoint)
            && endpoint.phase != Phase::Left
        {
            leave(endpoint, CloseReason::ClientDisconnect, &mut self.outputs);
        }
    }

    fn handle_ack(&mut self, packet: Packet) {
        let PacketKind::Ack { id: Some(id), args } = packet.kind else { return };
        let endpoint = self.endpoints.get_mut(&packet.endpoint);
        if let Some(waiter) = endpoint.and_then(|endpoint| endpoint.acks.remove(&id)) {
            let result = Ok(Args::from_json(args));
            self.outputs.push_back(Output::Acknowledged { waiter, result });
        }
    }

    fn handle_event(&mut self, packet: Packet, bytes: usize) {
        match self.endpoints.get_mut(&packet.endpoint).map(|endpoint| endpoint.phase) {
            Some(Phase::Open | Phase::Opening) => {}
            Some(Phase::Left) => return,
            None => {
                if !self.early.hold(packet, bytes, &self.limits) {
                    tracing::debug!("dropped a packet for an endpoint that is not connected");
                }
                return;
            }
        }
        self.acknowledge_receipt(packet.id.as_ref(), &packet.endpoint);
        let (name, args) = match packet.kind {
            PacketKind::Message(text) => {
                (ByteString::from_static(MESSAGE_EVENT), Args::Text(text))
            }
            PacketKind::Json(json) => (ByteString::from_static(MESSAGE_EVENT), Args::Value(json)),
            PacketKind::Event { name: Some(name), args } => (name, Args::from_json(args)),
            _ => return,
        };
        if REFUSED_EVENTS.contains(&&*name) {
            return;
        }
        let ack = packet.id.filter(|id| id.wants_data).map(|id| AckId(id.id));
        let event = Event::new(name, args, ack);
        self.outputs.push_back(Output::Event { endpoint: packet.endpoint, event });
    }

    /// Acknowledges what carries an id without `+` at once, before anybody has handled it.
    fn acknowledge_receipt(&mut self, id: Option<&AckRequest>, endpoint: &ByteString) {
        if let Some(id) = id.filter(|id| !id.wants_data) {
            let args = ByteString::from_static("[]");
            let ack = PacketKind::Ack { id: Some(id.id.clone()), args };
            self.push(&Packet::new(endpoint.clone(), ack));
        }
    }
}

/// Takes the query string off an endpoint's name, or from the data behind it:
/// `1::/chat?a=b` and `1::/chat:?a=b`.
fn split_query(endpoint: &ByteString, data: ByteString) -> (ByteString, ByteString) {
    if let Some((path, query)) = endpoint.split_once('?') {
        return (endpoint.slice_ref(path), endpoint.slice_ref(query));
    }
    let query = data.strip_prefix('?').map(|query| data.slice_ref(query));
    (endpoint.clone(), query.unwrap_or(data))
}
