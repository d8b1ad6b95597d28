//! What a client's packets do.
//!
//! Decoding is as lenient as the reference's: what is no packet is ignored, and never closes a
//! session (socket.io 0.9.19 lib/parser.js).

use std::time::Instant;

use bytestring::ByteString;

use super::super::endpoints::Phase;
use super::super::limits::CONNECT_BYTES;
use super::super::{CloseReason, Output, Session, State, leave};
use crate::protocol::legacy::{AckRequest, Packet, PacketKind, decode};
use crate::protocol::{AckId, Args, Event, JsonText, MESSAGE_EVENT, Notation};
use crate::stats::Limit;

impl<A> Session<A> {
    pub(super) fn receive_legacy(&mut self, text: &ByteString, now: Instant) {
        if self.state != State::Open {
            return;
        }
        self.heard = true;
        self.heartbeat.handle_sign_of_life(now);
        let Some(packet) = decode(text) else {
            tracing::trace!(bytes = text.len(), "ignored what is no packet");
            return;
        };
        match &packet.kind {
            PacketKind::Connect { query } => self.handle_connect(&packet, query),
            PacketKind::Message(_) | PacketKind::Json(_) | PacketKind::Event { .. } => {
                self.handle_event(packet, text);
            }
            _ => self.handle_control(packet, now),
        }
    }

    fn handle_connect(&mut self, packet: &Packet, query: &str) {
        let (path, query) = split_query(&packet.endpoint, query);
        if path.len() + query.len() > CONNECT_BYTES {
            return self.outputs.push_back(Output::Limit(Limit::Connect));
        }
        // Copies, for slices would keep the whole body that they came in.
        let (path, query) = (ByteString::from(path), ByteString::from(query));
        let phase = self.endpoints.phase(&path);
        if phase.is_none() && !self.endpoints.add(path.clone(), self.limits.endpoints) {
            return self.outputs.push_back(Output::Limit(Limit::Endpoints));
        }
        self.acknowledge_receipt(packet.id.as_ref(), &path);
        match phase {
            None | Some(Phase::Left) => self.open_endpoint(&path, query, ByteString::new()),
            Some(Phase::Opening) => {}
            Some(Phase::Open) => self.greet_again(&path),
            Some(Phase::Abandoned) => {
                if let Some(endpoint) = self.endpoints.get_mut(&path) {
                    endpoint.again = Some(Box::new((query, ByteString::new())));
                }
            }
        }
    }

    /// What is no connect and reaches no handler.
    fn handle_control(&mut self, packet: Packet, now: Instant) {
        let endpoint = &packet.endpoint;
        if self.endpoints.phase(endpoint).is_some_and(Phase::is_joined) {
            self.acknowledge_receipt(packet.id.as_ref(), endpoint);
        }
        match packet.kind {
            PacketKind::Disconnect if endpoint.is_empty() => {
                self.close(CloseReason::ClientDisconnect, now);
            }
            PacketKind::Disconnect => self.handle_disconnect(endpoint),
            PacketKind::Ack { id: Some(id), args } => self.handle_ack(endpoint, &id, args),
            _ => {}
        }
    }

    fn handle_disconnect(&mut self, path: &ByteString) {
        self.early.release(path);
        let Some(endpoint) = self.endpoints.get_mut(path) else { return };
        endpoint.again = None;
        if endpoint.phase.is_joined() {
            leave(endpoint, CloseReason::ClientDisconnect, &mut self.outputs);
        }
    }

    fn handle_ack(&mut self, path: &ByteString, id: &str, args: ByteString) {
        let endpoint = self.endpoints.get_mut(path);
        if let Some(waiter) = endpoint.and_then(|endpoint| endpoint.acks.remove(id)) {
            let result = Ok(Args::from_json(args.into()));
            let endpoint = path.clone();
            self.outputs.push_back(Output::Acknowledged { endpoint, waiter, result });
        }
    }

    fn handle_event(&mut self, packet: Packet, text: &str) {
        let endpoint = self.endpoints.get_mut(&packet.endpoint);
        let early = endpoint.as_ref().is_none_or(|endpoint| endpoint.again.is_some());
        if endpoint.is_some_and(|endpoint| endpoint.phase.is_joined()) {
            self.deliver_legacy(packet);
        } else if early && !self.early.hold(text, &self.limits) {
            self.outputs.push_back(Output::Limit(Limit::Early));
        }
    }

    /// Gives an event to those above, acknowledged if it asks for no more.
    pub(super) fn deliver_legacy(&mut self, packet: Packet) {
        self.acknowledge_receipt(packet.id.as_ref(), &packet.endpoint);
        let (name, args) = match packet.kind {
            PacketKind::Message(text) => {
                (ByteString::from_static(MESSAGE_EVENT), Args::from_text(text))
            }
            PacketKind::Json(json) => {
                (ByteString::from_static(MESSAGE_EVENT), Args::new(json.into(), Notation::Value))
            }
            PacketKind::Event { name: Some(name), args } => (name, Args::from_json(args.into())),
            _ => return,
        };
        if name.len() > self.limits.event_name {
            return self.outputs.push_back(Output::Limit(Limit::EventName));
        }
        if self.state != State::Open || self.limits.is_blacklisted(&name) {
            return;
        }
        let ack = packet.id.filter(|id| id.wants_data).map(|id| AckId::new(&id.id));
        let event = Event::new(name, args, ack);
        self.outputs.push_back(Output::Event { endpoint: packet.endpoint, event });
    }

    /// Acknowledges what carries an id without `+` at once, before anybody has handled it.
    fn acknowledge_receipt(&mut self, id: Option<&AckRequest>, endpoint: &ByteString) {
        if let Some(id) = id.filter(|id| !id.wants_data) {
            let args = JsonText::from_static("[]");
            let id = AckId::new(&id.id);
            self.answer_with(|dialect, outbox| dialect.acknowledge(endpoint, &id, args, outbox));
        }
    }
}

/// Takes the query string off an endpoint's name, or from the data behind it:
/// `1::/chat?a=b` and `1::/chat:?a=b`.
fn split_query<'a>(endpoint: &'a str, data: &'a str) -> (&'a str, &'a str) {
    endpoint.split_once('?').unwrap_or((endpoint, data.strip_prefix('?').unwrap_or(data)))
}
