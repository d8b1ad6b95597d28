//! What the server sends: emissions, acknowledgements, the answers to a connect, goodbyes.

use std::time::Instant;

use bytestring::ByteString;

use super::endpoints::{Endpoint, Phase};
use super::{Attached, CloseReason, NoAck, Output, Session, State, connect, leave};
use crate::protocol::legacy::{AckRequest, Packet, PacketKind, Reason};
use crate::protocol::{AckId, Emission, EmissionBody};

/// How a connect is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The client is in.
    Accept,
    /// It may not (`unauthorized`), or its `#[on_open]` failed.
    Refuse { unauthorized: bool },
    /// There is no such endpoint: the client hears nothing, as from the reference server.
    Unknown,
}

impl<A> Session<A> {
    /// Answers [`Output::Connect`].
    pub(crate) fn reply(&mut self, path: &ByteString, reply: Reply) {
        let Some(endpoint) = self.endpoints.get_mut(path) else { return };
        if endpoint.phase != Phase::Opening {
            return;
        }
        if reply == Reply::Accept {
            endpoint.phase = Phase::Open;
            let held = std::mem::take(&mut endpoint.held);
            self.push(&Packet::new(path.clone(), connect()));
            held.into_iter().for_each(|packet| self.outbox.push(packet));
            return;
        }
        leave(endpoint, CloseReason::Refused, &mut self.outputs);
        self.endpoints.remove(path);
        if let Reply::Refuse { unauthorized } = reply {
            // "7::/private:2" makes the client emit connect_failed; without a reason, error("").
            let reason = unauthorized.then_some(Reason::Unauthorized);
            self.push(&Packet::new(path.clone(), PacketKind::Error { reason, advice: None }));
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
        let endpoint = self.endpoints.get_mut(&emission.endpoint);
        let Some(endpoint) = endpoint.filter(|to| !dropped && to.phase != Phase::Left) else {
            return self.give_up(waiter, NoAck::Closed);
        };
        if waiter.is_some() && endpoint.acks.len() >= limit {
            return self.give_up(waiter, NoAck::TooMany);
        }
        let id = waiter.map(|(waiter, deadline)| endpoint.acks.insert(waiter, deadline));
        let packet = packet(emission, id).encode();
        match endpoint {
            Endpoint { phase: Phase::Opening, held, .. } => held.push(packet),
            _ => self.outbox.push(packet),
        }
    }

    /// Sends the acknowledgement that an event of the client asked for; `args` is a JSON array.
    pub(crate) fn acknowledge(&mut self, endpoint: &ByteString, id: AckId, args: ByteString) {
        let joined = self.endpoints.get_mut(endpoint).is_some_and(|at| at.phase == Phase::Open);
        if joined && self.state == State::Open {
            self.push(&Packet::new(endpoint.clone(), PacketKind::Ack { id: Some(id.0), args }));
        }
    }

    /// Closes one endpoint, or the whole session if it is the root.
    pub(crate) fn close_endpoint(&mut self, path: &ByteString) {
        if path.is_empty() {
            return self.close(CloseReason::ServerDisconnect);
        }
        let endpoint = self.endpoints.get_mut(path);
        if let Some(endpoint) = endpoint.filter(|endpoint| endpoint.phase != Phase::Left) {
            let told = endpoint.phase == Phase::Open;
            leave(endpoint, CloseReason::ServerDisconnect, &mut self.outputs);
            if told {
                self.push(&Packet::new(path.clone(), PacketKind::Disconnect));
            }
        }
    }

    /// Ends the session. The client is told with `0::` where the reference tells it and where it
    /// should not come back by itself; a polling client is given until `close_timeout` to hear it.
    pub(crate) fn close(&mut self, reason: CloseReason) {
        if matches!(self.state, State::Leaving(_) | State::Closed(_)) {
            return;
        }
        let told = matches!(
            reason,
            CloseReason::ClientDisconnect
                | CloseReason::ServerDisconnect
                | CloseReason::HandlerFailed
        );
        // A client that said goodbye does not poll again.
        let reachable = self.attached != (Attached::Polling { waiting: false })
            || reason != CloseReason::ClientDisconnect;
        if !(told && reachable) {
            return self.finish(reason);
        }
        self.leave_all(reason);
        self.heartbeat.stop();
        self.push(&Packet::new(ByteString::new(), PacketKind::Disconnect));
        self.state = State::Leaving(reason);
    }

    pub(super) fn push(&mut self, packet: &Packet) {
        self.outbox.push(packet.encode());
    }

    /// Whether a packet would leave now.
    fn is_ready(&self) -> bool {
        match self.attached {
            Attached::Nothing => false,
            Attached::Persistent => true,
            Attached::Polling { waiting } => waiting,
        }
    }

    fn give_up(&mut self, waiter: Option<(A, Instant)>, why: NoAck) {
        if let Some((waiter, _)) = waiter {
            self.outputs.push_back(Output::Acknowledged { waiter, result: Err(why) });
        }
    }
}

fn packet(emission: &Emission, ack: Option<u64>) -> Packet {
    let (kind, wants_data) = match &emission.body {
        EmissionBody::Event { name, args } => {
            // Official clients never acknowledge an event whose id has no `+`.
            (PacketKind::Event { name: Some(name.clone()), args: args.clone() }, true)
        }
        EmissionBody::Text(text) => (PacketKind::Message(text.clone()), false),
        EmissionBody::Json(json) => (PacketKind::Json(json.clone()), false),
    };
    let id = ack.map(|id| AckRequest { id: id.to_string().into(), wants_data });
    Packet { id, endpoint: emission.endpoint.clone(), kind }
}
