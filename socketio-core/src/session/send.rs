//! What the server sends: emissions, acknowledgements, the answers to a connect, goodbyes.
//!
//! Called by the driver for what handlers put into the mailbox, and by the session itself. Packets go
//! to the outbox, or wait with an endpoint until its client has been told that it is in. Source: socket.io
//! 0.9.19 lib/socket.js, lib/namespace.js.

use std::time::Instant;

use bytestring::ByteString;

use super::endpoints::{Endpoint, Phase};
use super::limits::deadline;
use super::{Attached, CloseReason, NoAck, Output, Session, State, connect, leave};
use crate::protocol::legacy::{AckRequest, Packet, PacketKind, Reason};
use crate::protocol::{AckId, Emission, EmissionBody};

/// How a connect is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The client is in.
    Accept,
    /// It may not (`unauthorized`), or its `#[on_open]` failed.
    Refuse { unauthorized: bool },
    /// There is no such endpoint: the client hears nothing, as from the reference server.
    Unknown,
}

impl<A> Session<A> {
    /// Answers [`Output::Connect`].
    pub(crate) fn admit(&mut self, path: &ByteString, admission: Admission) {
        let Some(endpoint) = self.endpoints.get_mut(path) else { return };
        match endpoint.phase {
            Phase::Opening if admission == Admission::Accept => {
                endpoint.phase = Phase::Open;
                let held = std::mem::take(&mut endpoint.held);
                self.answer(&Packet::new(path.clone(), connect()));
                if self.state == State::Open {
                    self.outbox.append(held);
                }
            }
            Phase::Opening => {
                leave(endpoint, CloseReason::Refused, &mut self.outputs);
                self.endpoints.remove(path);
                if let Admission::Refuse { unauthorized } = admission {
                    self.answer(&refusal(path, unauthorized));
                }
            }
            Phase::Abandoned => {
                endpoint.phase = Phase::Left;
                if let Some(query) = endpoint.again.take() {
                    self.open_endpoint(path, query);
                }
            }
            Phase::Open | Phase::Left => {}
        }
    }

    /// Sends an emission to the client, if it is joined to the emission's endpoint.
    ///
    /// With a waiter, the client is asked to acknowledge until the deadline. A `volatile` emission is
    /// dropped unless a transport can take it now; its waiter, if any, hears [`NoAck::Closed`].
    pub(crate) fn emit(
        &mut self,
        emission: &Emission,
        volatile: bool,
        waiter: Option<(A, Instant)>,
    ) {
        let over = matches!(self.state, State::Leaving(_) | State::Closed(_));
        let dropped = over || (volatile && !self.is_ready());
        let limit = self.limits.pending_acks;
        let takes = |phase: Phase| phase.is_joined() && !(volatile && phase == Phase::Opening);
        let endpoint = self.endpoints.get_mut(emission.endpoint());
        let Some(endpoint) = endpoint.filter(|to| !dropped && takes(to.phase)) else {
            return self.give_up(waiter, NoAck::Closed);
        };
        if waiter.is_some() && endpoint.acks.len() >= limit {
            return self.give_up(waiter, NoAck::TooMany);
        }
        let id = waiter.map(|(waiter, deadline)| endpoint.acks.insert(waiter, deadline));
        let packet = match id {
            None => emission.encoded(|| packet(emission, None).encode()),
            Some(_) => packet(emission, id).encode(),
        };
        match endpoint {
            Endpoint { phase: Phase::Opening, held, .. } => held.push(packet),
            _ => self.outbox.push(packet),
        }
    }

    /// Sends the acknowledgement that an event of the client asked for; `args` is a JSON array.
    pub(crate) fn acknowledge(&mut self, endpoint: &ByteString, id: AckId, args: ByteString) {
        if self.state == State::Open && self.endpoints.phase(endpoint) == Some(Phase::Open) {
            self.answer(&Packet::new(endpoint.clone(), PacketKind::Ack { id: Some(id.0), args }));
        }
    }

    /// Closes one endpoint, or the whole session if it is the root.
    pub(crate) fn close_endpoint(&mut self, path: &ByteString, now: Instant) {
        if path.is_empty() {
            return self.close(CloseReason::ServerDisconnect, now);
        }
        let endpoint = self.endpoints.get_mut(path);
        if let Some(endpoint) = endpoint.filter(|endpoint| endpoint.phase.is_joined()) {
            let was_in = endpoint.phase == Phase::Open;
            leave(endpoint, CloseReason::ServerDisconnect, &mut self.outputs);
            self.push(&if was_in {
                Packet::new(path.clone(), PacketKind::Disconnect)
            } else {
                refusal(path, false)
            });
        }
    }

    /// Ends the session. The client is told with `0::` where the reference tells it and where it
    /// should not come back by itself; it is given until `close_timeout` to hear it.
    pub(crate) fn close(&mut self, reason: CloseReason, now: Instant) {
        let told = matches!(
            reason,
            CloseReason::ClientDisconnect
                | CloseReason::ServerDisconnect
                | CloseReason::HandlerFailed
        );
        // A client that said goodbye does not poll again to hear it.
        let reachable = self.attached == Attached::Persistent
            || self.is_ready()
            || reason != CloseReason::ClientDisconnect;
        match self.state {
            State::Handshaken | State::Open if told && reachable => {
                self.leave_all(reason);
                self.push(&Packet::new(ByteString::new(), PacketKind::Disconnect));
                self.state = State::Leaving(reason);
                self.expiry.get_or_insert(deadline(now, self.limits.close_timeout));
            }
            State::Leaving(_) if told => {}
            State::Leaving(first) => self.finish(first),
            _ => self.finish(reason),
        }
    }

    pub(super) fn push(&mut self, packet: &Packet) {
        self.outbox.push(packet.encode());
    }

    /// Sends what the client asked for. Unlike emissions, this does not pass the mailbox, so here is
    /// the bound to what a client can pile up that asks and does not read.
    pub(super) fn answer(&mut self, packet: &Packet) {
        if self.queued_bytes() >= self.room {
            return self.finish(CloseReason::SlowConsumer);
        }
        self.push(packet);
    }

    /// Whether a packet would leave now.
    fn is_ready(&self) -> bool {
        match self.attached {
            Attached::Nothing | Attached::Checking { .. } => false,
            Attached::Persistent => self.link_is_idle,
            Attached::Polling { waiting } => waiting,
        }
    }

    fn give_up(&mut self, waiter: Option<(A, Instant)>, why: NoAck) {
        if let Some((waiter, _)) = waiter {
            self.outputs.push_back(Output::Acknowledged { waiter, result: Err(why) });
        }
    }
}

/// Tells the client that it is not let in: `7::/private:2` makes it emit `connect_failed`; without a
/// reason, `error("")`.
fn refusal(path: &ByteString, unauthorized: bool) -> Packet {
    let reason = unauthorized.then_some(Reason::Unauthorized);
    Packet::new(path.clone(), PacketKind::Error { reason, advice: None })
}

fn packet(emission: &Emission, ack: Option<u64>) -> Packet {
    let (kind, wants_data) = match emission.body() {
        EmissionBody::Event { name, args } => {
            // Official clients never acknowledge an event whose id has no `+`.
            (PacketKind::Event { name: Some(name.clone()), args: args.clone() }, true)
        }
        EmissionBody::Text(text) => (PacketKind::Message(text.clone()), false),
        EmissionBody::Json(json) => (PacketKind::Json(json.clone()), false),
    };
    let id = ack.map(|id| AckRequest { id: id.to_string().into(), wants_data });
    Packet { id, endpoint: emission.endpoint().clone(), kind }
}
