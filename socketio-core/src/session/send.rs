//! What the server sends: emissions, acknowledgements, the answers to a connect, goodbyes.
//!
//! Called by the driver for what handlers put into the mailbox, and by the session itself. Packets go
//! to the outbox, or wait with an endpoint until its client has been told that it is in. Source: socket.io
//! 0.9.19 lib/socket.js, lib/namespace.js.

use std::sync::Arc;
use std::time::Instant;

use bytestring::ByteString;

use super::dialect::{Dialect, Outgoing};
use super::endpoints::{Endpoint, Phase};
use super::limits::{AHEAD_BYTES, deadline, earlier};
use super::outbox::Outbox;
use super::transports::Attached;
use super::{CloseReason, NoAck, Output, Session, State, leave};
use crate::id::{RecoveryId, SocketId};
use crate::protocol::{AckId, Emission, JsonText};
use crate::stats::Limit;

/// How a connect is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The client is in, under this id, and can come back under the other.
    Accept(SocketId, Option<RecoveryId>),
    /// It is not let in.
    Refuse(Refusal),
    /// There is no such endpoint.
    Unknown,
}

/// Why a client is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// It may not; else its `#[on_open]` failed.
    pub(crate) unauthorized: bool,
    /// What clients since 2.x are told.
    pub(crate) message: ByteString,
    /// A JSON value beside the message, or nothing.
    pub(crate) data: ByteString,
}

impl<A> Session<A> {
    /// Answers [`Output::Connect`].
    pub(crate) fn admit(&mut self, path: &ByteString, admission: Admission) {
        let Some(endpoint) = self.endpoints.get_mut(path) else { return };
        match endpoint.phase {
            Phase::Opening => match admission {
                Admission::Accept(id, recovery) => {
                    endpoint.phase = Phase::Open;
                    let held = endpoint.held.take();
                    if !self.dialect.outlives_transports() {
                        self.expiry = None;
                    }
                    self.answer(Outgoing::Welcome { path, id: Some(&id), recovery });
                    if self.state == State::Open
                        && let Some(held) = held
                    {
                        self.outbox.append(*held);
                    }
                }
                Admission::Refuse(refusal) => {
                    self.turn_away(path, Outgoing::Refused { path, refusal: &refusal });
                }
                Admission::Unknown => self.turn_away(path, Outgoing::Unknown { path }),
            },
            Phase::Abandoned => {
                endpoint.phase = Phase::Left;
                if let Some((query, auth)) = endpoint.again.take().map(|again| *again) {
                    self.open_endpoint(path, query, auth);
                }
            }
            Phase::Open | Phase::Left => {}
        }
    }

    /// Sends what a client missed that comes back, before it is told that it is in, as the reference does.
    pub(crate) fn replay(&mut self, path: &ByteString, missed: &[Arc<Emission>]) {
        if self.state == State::Open && self.endpoints.phase(path) == Some(Phase::Opening) {
            for emission in missed {
                if !self.dialect.emit(emission, None, &mut self.outbox) {
                    self.outputs.push_back(Output::Limit(Limit::Depth));
                }
            }
        }
    }

    fn turn_away(&mut self, path: &ByteString, answer: Outgoing<'_>) {
        if let Some(endpoint) = self.endpoints.get_mut(path) {
            leave(endpoint, CloseReason::Refused, &mut self.outputs);
        }
        self.endpoints.remove(path);
        self.answer(answer);
    }

    /// Sends an emission to the client, if it is joined to the emission's endpoint.
    ///
    /// With a waiter, the client is asked to acknowledge until the deadline. A `volatile` emission is
    /// dropped unless a transport can take it now; its waiter, if any, hears [`NoAck::Skipped`]. Gives
    /// why it was not taken, if it was not.
    pub(crate) fn emit(
        &mut self,
        emission: &Emission,
        volatile: bool,
        waiter: Option<(A, Instant)>,
    ) -> Option<NoAck> {
        let over = matches!(self.state, State::Leaving(_) | State::Closed(_));
        let is_ready = self.is_ready();
        let limit = self.limits.pending_acks;
        let endpoint = self.endpoints.get_mut(emission.endpoint());
        let Some(endpoint) = endpoint.filter(|to| !over && to.phase.is_joined()) else {
            return self.give_up(emission.endpoint(), waiter, NoAck::Closed);
        };
        if volatile && !(is_ready && endpoint.phase != Phase::Opening) {
            return self.give_up(emission.endpoint(), waiter, NoAck::Skipped);
        }
        if waiter.is_some() && endpoint.acks.len() >= limit {
            return self.give_up(emission.endpoint(), waiter, NoAck::TooMany);
        }
        let id = waiter.map(|(waiter, deadline)| endpoint.acks.insert(waiter, deadline));
        let outbox = match endpoint {
            Endpoint { phase: Phase::Opening, held, .. } => &mut **held.get_or_insert_default(),
            _ => &mut self.outbox,
        };
        let before = outbox.packets.len();
        let written = self.dialect.emit(emission, id, outbox);
        if !emission.asks_for_compression() {
            outbox.set_plain_from(before);
        }
        if !written {
            self.outputs.push_back(Output::Limit(Limit::Depth));
        }
        None
    }

    /// Sends the acknowledgement that an event of the client asked for; `args` is a JSON array.
    pub(crate) fn acknowledge(&mut self, path: &ByteString, id: &AckId, args: JsonText) {
        if self.state == State::Open && self.endpoints.phase(path) == Some(Phase::Open) {
            self.answer_with(|dialect, outbox| dialect.acknowledge(path, id, args, outbox));
        }
    }

    /// Closes one endpoint, or the whole session if it is the root.
    pub(crate) fn close_endpoint(&mut self, path: &ByteString, now: Instant) {
        self.end_endpoint(path, CloseReason::ServerDisconnect, now);
    }

    /// The same, for this reason.
    pub(super) fn end_endpoint(&mut self, path: &ByteString, reason: CloseReason, now: Instant) {
        if path.is_empty() {
            return self.close(reason, now);
        }
        let endpoint = self.endpoints.get_mut(path);
        if let Some(endpoint) = endpoint.filter(|endpoint| endpoint.phase.is_joined()) {
            let was_in = endpoint.phase == Phase::Open;
            leave(endpoint, reason, &mut self.outputs);
            let refusal = Refusal::closed(reason);
            let refused = Outgoing::Refused { path, refusal: &refusal };
            self.push(if was_in { Outgoing::Left { path } } else { refused });
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
                | CloseReason::Expired
        );
        // A client that said goodbye does not poll again to hear it.
        let reachable = self.attached == Attached::Persistent
            || self.is_ready()
            || reason != CloseReason::ClientDisconnect;
        match self.state {
            State::Handshaken | State::Open if told && reachable => {
                let open = self.endpoints.open_paths();
                self.leave_all(reason);
                match self.dialect {
                    Dialect::Legacy => self.push(Outgoing::Left { path: &ByteString::new() }),
                    _ => open.iter().for_each(|path| self.push(Outgoing::Left { path })),
                }
                self.state = State::Leaving(reason);
                self.expiry.get_or_insert(deadline(now, self.limits.close_timeout));
            }
            State::Leaving(_) if told => {}
            _ => self.finish(reason),
        }
    }

    /// Ends the session of a server that stops, and gives whether that is news. The client is not told so that it stays
    /// away: it gets what is queued, and its transport ends, until then at the latest.
    pub(crate) fn go_away(&mut self, until: Instant) -> bool {
        let is_news = matches!(self.state, State::Handshaken | State::Open);
        if is_news {
            self.leave_all(CloseReason::ServerShutdown);
            self.state = State::Leaving(CloseReason::ServerShutdown);
            self.expiry = earlier(self.expiry, Some(until));
        }
        is_news
    }

    pub(super) fn push(&mut self, packet: Outgoing<'_>) {
        if !self.dialect.say(packet, &mut self.outbox) {
            self.outputs.push_back(Output::Limit(Limit::Depth));
        }
    }

    /// Sends what the client asked for. Unlike emissions, this does not pass the mailbox, so here is
    /// the bound to what a client can pile up that asks and does not read.
    pub(super) fn answer(&mut self, packet: Outgoing<'_>) {
        self.answer_with(|dialect, outbox| dialect.say(packet, outbox));
    }

    /// The same, of what is put into the outbox; `false` says that it can't be written.
    pub(super) fn answer_with(&mut self, put: impl FnOnce(&Dialect, &mut Outbox) -> bool) {
        if self.queued_bytes() >= self.room {
            return self.finish(CloseReason::SlowConsumer);
        }
        if !put(&self.dialect, &mut self.outbox) {
            self.outputs.push_back(Output::Limit(Limit::Depth));
        }
    }

    /// Tells a client of a connect that it has been in all along.
    pub(super) fn greet_again(&mut self, path: &ByteString) {
        self.answer(Outgoing::Welcome { path, id: None, recovery: None });
    }

    /// Tells a client that it can't join an endpoint, for this limit, and why.
    pub(super) fn refuse_endpoint(&mut self, path: &ByteString, limit: Limit, why: &'static str) {
        self.outputs.push_back(Output::Limit(limit));
        let message = ByteString::from_static(why);
        let refusal = Refusal { unauthorized: false, message, data: ByteString::new() };
        self.answer(Outgoing::Refused { path, refusal: &refusal });
    }

    /// Whether a packet would leave now.
    fn is_ready(&self) -> bool {
        match self.attached {
            Attached::Nothing | Attached::Checking { .. } => false,
            Attached::Persistent => self.link_is_idle && self.outbox.bytes() < AHEAD_BYTES,
            Attached::Polling { waiting } => waiting,
        }
    }

    fn give_up(
        &mut self,
        path: &ByteString,
        waiter: Option<(A, Instant)>,
        why: NoAck,
    ) -> Option<NoAck> {
        if let Some((waiter, _)) = waiter {
            let (endpoint, result) = (path.clone(), Err(why));
            self.outputs.push_back(Output::Acknowledged { endpoint, waiter, result });
        }
        Some(why)
    }
}

impl Refusal {
    /// The server ended the connection before it was open.
    fn closed(reason: CloseReason) -> Self {
        let message = if reason == CloseReason::Expired { "expired" } else { "closed" };
        let (message, data) = (ByteString::from_static(message), ByteString::new());
        Self { unauthorized: false, message, data }
    }
}
