//! What packets of clients since Socket.IO 1.0 do.
//!
//! What breaks the protocol ends the session, as in the reference server; a packet for an endpoint that the
//! client has just been put out of is late, and dropped. Clients of protocol 4 are in the root from
//! the start. Source: socket.io lib/client.ts, engine.io lib/socket.ts (4.8); socket.io 2.5
//! lib/client.js.

use std::borrow::Cow;
use std::ops::Deref;
use std::time::Instant;

use bytes::Bytes;
use bytestring::ByteString;

use super::super::endpoints::Phase;
use super::super::limits::{CONNECT_BYTES, deadline};
use super::super::{CloseReason, Output, Session, State, leave};
use super::incoming::Unreadable;
use crate::protocol::binary::are_sound;
use crate::protocol::engineio::{self, DecodeError, v4};
use crate::protocol::socketio::{Complete, Packet, PacketKind, Protocol};
use crate::protocol::{AckId, Args, Event, JsonText, Notation, Place};
use crate::stats::Limit;

impl<A> Session<A> {
    pub(super) fn receive_engine(
        &mut self,
        packet: Result<engineio::Packet, DecodeError>,
        now: Instant,
    ) {
        use engineio::Packet as Engine;
        if self.state != State::Open {
            return;
        }
        let packet = match packet {
            Ok(packet) => packet,
            Err(error) => return self.violation(&error),
        };
        self.heartbeat.handle_packet(matches!(packet, Engine::Pong(_)), now);
        let asks = self.dialect.protocol() == Some(Protocol::V4);
        match packet {
            Engine::Message(text) => self.receive_text(text, 0, now),
            Engine::Binary(bytes) => self.receive_bytes(bytes, now),
            // What a ping carries is echoed to a probe alone.
            Engine::Ping(_) if asks => {
                let pong = v4::encode(&Engine::Pong(ByteString::new()));
                self.answer_with(|_, outbox| outbox.push_written(Some(pong)));
            }
            Engine::Pong(_) if !asks => {}
            Engine::Ping(_) | Engine::Pong(_) => {
                self.violation(&"heartbeat in the wrong direction");
            }
            Engine::Close => {
                if self.is_polling() {
                    self.outbox.push(self.dialect.noop_packet());
                }
                self.finish(CloseReason::TransportClosed);
            }
            _ => {}
        }
    }

    /// A packet that is a message, which is text from byte `at` on.
    pub(super) fn receive_message(&mut self, text: ByteString, at: usize, now: Instant) {
        if self.state == State::Open {
            self.heartbeat.handle_packet(false, now);
            self.receive_text(text, at, now);
        }
    }

    fn receive_text(&mut self, text: ByteString, at: usize, now: Instant) {
        let Some(incoming) = &mut self.incoming else { return };
        let packet = incoming.handle_text(&text, at);
        let Some(packet) = self.complete(packet, now) else { return };
        let own = |part| match part {
            Cow::Borrowed(part) => text.slice_ref(part),
            Cow::Owned(part) => part.into(),
        };
        let place = |name, args: Cow<'_, str>, ack, attachments| {
            Place::of(&text, name, &args, attachments, ack)
        };
        if let Some((endpoint, place)) = self.receive_packet(packet, Vec::new(), own, place) {
            self.outputs.push_back(Output::Event { endpoint, event: place.event(text) });
        }
    }

    fn receive_bytes(&mut self, bytes: Bytes, now: Instant) {
        let Some(incoming) = &mut self.incoming else { return };
        let complete = incoming.handle_bytes(bytes);
        let Some(Complete { packet, attachments }) = self.complete(complete, now) else { return };
        let event = |name, args, ack, attachments| {
            Event::new(name, Args::elements(args, 0, attachments), ack)
        };
        if let Some((endpoint, event)) =
            self.receive_packet(packet, attachments, |part| part, event)
        {
            self.outputs.push_back(Output::Event { endpoint, event });
        }
    }

    /// The packet that a message made complete, if it did.
    fn complete<T>(&mut self, read: Result<Option<T>, Unreadable>, now: Instant) -> Option<T> {
        match read {
            Ok(Some(complete)) => {
                self.incomplete_until = None;
                return Some(complete);
            }
            Ok(None) => {
                let until = deadline(now, self.limits.ping_interval + self.limits.ping_timeout);
                self.incomplete_until.get_or_insert(until);
            }
            Err(error) => self.violation(&error),
        }
        None
    }

    pub(in super::super) fn violation(&mut self, what: &dyn std::fmt::Display) {
        tracing::debug!(%what, "the client broke its protocol");
        self.finish(CloseReason::ProtocolViolation);
    }

    /// What a packet does; `own` makes a text of a part of it. One that is an event for an endpoint that the client
    /// is in is given back with that, as what `event` makes of it.
    fn receive_packet<T: Deref<Target = str>, E>(
        &mut self,
        Packet { namespace, kind }: Packet<T>,
        attachments: Vec<Bytes>,
        own: impl Fn(T) -> ByteString,
        event: impl FnOnce(T, T, Option<AckId>, Vec<Bytes>) -> E,
    ) -> Option<(ByteString, E)> {
        let data = kind.data().map_or("", |data| &**data);
        if !attachments.is_empty() && !are_sound(data, attachments.len()) {
            self.violation(&"placeholders that do not fit the attachments");
            return None;
        }
        let path = if &*namespace == "/" { "" } else { &*namespace };
        let kind = match kind {
            PacketKind::Connect { data } => {
                // Only MessagePack has bytes here.
                let data = JsonText::new(own(data), attachments).to_plain();
                self.receive_connect(path, data);
                return None;
            }
            kind => kind,
        };
        match (self.endpoints.get_mut(path), kind) {
            (Some(endpoint), PacketKind::Disconnect) => {
                endpoint.again = None;
                if endpoint.phase.is_joined() {
                    leave(endpoint, CloseReason::ClientDisconnect, &mut self.outputs);
                }
            }
            (_, PacketKind::Event { name, .. }) if name.len() > self.limits.event_name => {
                self.outputs.push_back(Output::Limit(Limit::EventName));
                self.violation(&"an event's name that is too long");
            }
            (_, PacketKind::Event { name, .. }) if self.limits.is_blacklisted(&name) => {}
            (Some(endpoint), PacketKind::Event { name, args, ack, .. })
                if endpoint.phase.is_joined() =>
            {
                let event = event(name, args, ack.map(|ack| AckId::new(&ack)), attachments);
                return Some((endpoint.path.clone(), event));
            }
            (Some(endpoint), PacketKind::Ack { id, args, .. }) => {
                if let Some(waiter) = endpoint.acks.remove(&id) {
                    let result =
                        Ok(Args::new(JsonText::new(own(args), attachments), Notation::Array));
                    let endpoint = endpoint.path.clone();
                    self.outputs.push_back(Output::Acknowledged { endpoint, waiter, result });
                }
            }
            // Late: the server has just put the client out.
            (Some(_), PacketKind::Event { .. }) => {}
            // Clients of protocol 4 were never held to joining first, and of others a connect may have come too late.
            _ if self.dialect.protocol() == Some(Protocol::V4) || self.deaf => {}
            _ => self.violation(&"a packet for an endpoint that was not joined"),
        }
        None
    }

    fn receive_connect(&mut self, namespace: &str, data: ByteString) {
        let is_v4 = self.dialect.protocol() == Some(Protocol::V4);
        if namespace.len() > CONNECT_BYTES {
            self.outputs.push_back(Output::Limit(Limit::Connect));
            return self.violation(&"an endpoint's name that is too long");
        }
        if namespace.len() + data.len() > CONNECT_BYTES {
            return self.refuse_endpoint(&namespace.into(), Limit::Connect, "auth is too long");
        }
        // Copies, for slices would keep the whole body that they came in.
        let (path, query) = match namespace.split_once('?') {
            Some((path, query)) if is_v4 => (path, query),
            _ => (namespace, ""),
        };
        let (path, query) = (ByteString::from(path), ByteString::from(query));
        let auth = match &*data {
            _ if is_v4 => ByteString::new(),
            "" => ByteString::from_static("{}"),
            data => ByteString::from(data),
        };
        match self.endpoints.phase(&path) {
            Some(Phase::Opening | Phase::Open) if !is_v4 => {
                self.violation(&"a second connect to an endpoint");
            }
            Some(Phase::Opening | Phase::Open) => {}
            Some(Phase::Abandoned) => {
                if let Some(endpoint) = self.endpoints.get_mut(&path) {
                    endpoint.again = Some(Box::new((query, auth)));
                }
            }
            Some(Phase::Left) => self.open_endpoint(&path, query, auth),
            None => self.join(path, query, auth),
        }
    }

    /// Joins an endpoint that the client has not named before.
    pub(in super::super) fn join(&mut self, path: ByteString, query: ByteString, auth: ByteString) {
        if self.endpoints.add(path.clone(), self.limits.endpoints) {
            self.open_endpoint(&path, query, auth);
        } else {
            self.refuse_endpoint(&path, Limit::Endpoints, "too many endpoints");
        }
    }
}
