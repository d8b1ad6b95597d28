//! The connections of one client, one per endpoint it joined, run in its session's task.
//!
//! The driver calls it in the session's task. Each connection is one boxed future, made when the client
//! joins; a client that joins again while its last connection still ends has two, of which only the new one
//! gets events.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytestring::ByteString;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::dynamic::{Name, Names};
use super::table::{Found, Routes};
use crate::adapter::Kept;
use crate::connection::{Hooks, Inbox, Life, Packet, Reject, cut};
use crate::driver::{Backlog, Command, Deliver, Mailbox};
use crate::id::SocketId;
use crate::protocol::{Args, EmissionBody, Event, JsonText, MESSAGE_EVENT, Notation, is_same};
use crate::session::{Admission, CloseReason, Join};
use crate::socket::{ConnectionInfo, Hub, Recoverable, Socket, has_expired, take_claim};
use crate::stats::Limit;

struct Connection {
    socket: Socket,
    inbox: Arc<Inbox>,
    life: Life,
    /// Of an endpoint that clients have named, until its client has left.
    name: Option<Box<Name>>,
}

impl Connection {
    fn start(socket: Socket, found: &Found<'_>, name: Option<Name>, routes: &Routes) -> Self {
        let inbox =
            Arc::new(Inbox::new(Arc::clone(&routes.policy), socket.hub().queue_limit.bytes));
        let life = (found.start)(socket.clone(), Arc::clone(&inbox));
        let (id, endpoint) = (socket.log_id(), cut(socket.endpoint()));
        let span = tracing::debug_span!(target: "socketio::connection", "connection", socket = %id, endpoint);
        let life = routes.policy.guarded(&socket, &inbox, life);
        // Where spans are off, it costs nothing.
        let life = if span.is_none() { life } else { Box::pin(life.instrument(span)) };
        Self { socket, inbox, life, name: name.map(Box::new) }
    }

    /// Whether it is the connection to an endpoint; one that has ended but still runs is not it.
    fn is_to(&self, endpoint: &str) -> bool {
        is_same(self.socket.endpoint(), endpoint) && !self.inbox.is_closed()
    }
}

/// The connections of one client.
pub(crate) struct Connections {
    routes: Arc<Routes>,
    hub: Arc<Hub>,
    mailbox: Mailbox,
    info: ConnectionInfo,
    /// The id of the first connection to the root, by which the log knows the client.
    root: SocketId,
    /// Whether no connection has that id yet.
    root_is_free: bool,
    live: Vec<Connection>,
}

impl Connections {
    /// None yet; the first to the root will have this id, if the client computes none.
    pub(crate) fn new(
        routes: Arc<Routes>,
        hub: Arc<Hub>,
        mailbox: Mailbox,
        info: ConnectionInfo,
        root: SocketId,
    ) -> Self {
        Self { routes, hub, mailbox, info, root, root_is_free: true, live: Vec::new() }
    }

    /// The id of the connection that a client comes back to, if it does, and what lets it come back.
    fn recover(&self, join: &mut Join) -> (Option<SocketId>, Option<Recoverable>) {
        let Join { endpoint, auth, can_return, .. } = join;
        if !self.hub.rooms.keeps_log() || !*can_return {
            return (None, None);
        }
        let returned = take_claim(auth).and_then(|claim| {
            let (mailbox, now) = (self.mailbox.clone(), Instant::now().into_std());
            let good = |kept: &Kept| !has_expired(&kept.extensions, now);
            let returned = self.hub.rooms.bring_back(endpoint, &claim, mailbox, now, good);
            tracing::debug!(
                endpoint = cut(endpoint),
                recovered = returned.is_some(),
                "a client comes back"
            );
            Some((claim.id, returned?))
        });
        match returned {
            Some((id, returned)) => {
                (Some(returned.kept.id.clone()), Some(Recoverable::returned(id, returned)))
            }
            None => (None, Recoverable::new().ok()),
        }
    }

    /// Lets hooks look at something of the connection to an endpoint, if there are both.
    fn show(&self, endpoint: &str, look: impl FnOnce(&Hooks, &Socket)) {
        let hooks = &self.routes.policy.hooks;
        if !hooks.is_empty()
            && let Some(connection) = self.find(endpoint)
        {
            look(hooks, &connection.socket);
        }
    }

    fn find(&self, endpoint: &str) -> Option<&Connection> {
        self.live.iter().find(|live| live.is_to(endpoint))
    }
}

/// How an endpoint is served, and its name if clients choose that; nothing where there is none, or too many.
fn find<'a>(routes: &'a Routes, hub: &Hub, path: &ByteString) -> Option<(Found<'a>, Option<Name>)> {
    let found = routes.find(path)?;
    if !found.is_dynamic {
        return Some((found, None));
    }
    let name = Names::take(&routes.names, path, hub.limits.dynamic_endpoints);
    if name.is_none()
        && hub.counters.limit_begins(Limit::DynamicEndpoints, Instant::now().into_std())
    {
        let limit = Limit::DynamicEndpoints.as_str();
        tracing::warn!(target: "socketio::limit", limit, "connects to new endpoints are refused");
    }
    Some((found, Some(name?)))
}

impl Drop for Connections {
    /// Where the session's task itself was dropped, no connection may seem to be there.
    fn drop(&mut self) {
        for connection in &self.live {
            connection.socket.set_closed(CloseReason::TransportClosed);
        }
    }
}

impl Deliver for Connections {
    fn connect(&mut self, mut join: Join) {
        let found = find(&self.routes, &self.hub, &join.endpoint);
        // What is not found leaves a claim as good as it was.
        let (returned, recovery) = match found {
            Some(_) => self.recover(&mut join),
            None => (None, None),
        };
        let Join { endpoint, query, auth, id, .. } = join;
        let names = match (returned, id) {
            (Some(returned), _) => Ok((returned.clone(), returned)),
            (None, Some(computed)) => Ok((computed, self.root.clone())),
            (None, None) if endpoint.is_empty() && std::mem::take(&mut self.root_is_free) => {
                Ok((self.root.clone(), self.root.clone()))
            }
            (None, None) => SocketId::random().map(|id| (id.clone(), id)),
        };
        let admission = match (found, names) {
            (None, _) => Admission::Unknown,
            (Some(_), Err(_)) => Admission::Refuse(Reject::error("no id").refusal()),
            (Some((mut found, taken)), Ok((id, name))) => {
                let params = std::mem::take(&mut found.params);
                let info = self.info.of_endpoint(query, auth, params);
                let (mailbox, hub) = (self.mailbox.clone(), Arc::clone(&self.hub));
                let socket = Socket::new(id, name, endpoint, mailbox, info, hub, recovery);
                self.routes.policy.hooks.incoming(&socket, &Packet::Connect);
                // Most clients have one.
                self.live.reserve_exact(1);
                return self.live.push(Connection::start(socket, &found, taken, &self.routes));
            }
        };
        self.hub.counters.endpoint_closed(CloseReason::Refused.key());
        let _ended = self.mailbox.send(Command::Admit { endpoint, admission });
    }

    fn event(&mut self, endpoint: &ByteString, event: Event) {
        if let Some(connection) = self.find(endpoint) {
            let (name, args, ack) = (event.name(), event.args(), event.ack().is_some());
            let packet = Packet::Event { name, args, ack };
            self.routes.policy.hooks.incoming(&connection.socket, &packet);
            connection.inbox.push(event);
        }
    }

    fn disconnect(&mut self, endpoint: &ByteString, reason: CloseReason) {
        if let Some(connection) = self.live.iter_mut().find(|live| live.is_to(endpoint)) {
            connection.name = None;
            let (hooks, packet) = (&self.routes.policy.hooks, Packet::Disconnect { reason });
            match reason {
                CloseReason::Refused => {}
                reason if reason.keeps_queued_events() => {
                    hooks.incoming(&connection.socket, &packet);
                }
                _ => hooks.outgoing(&connection.socket, &packet),
            }
            connection.inbox.close(reason);
            connection.socket.set_closed(reason);
        }
    }

    fn acknowledged(&mut self, endpoint: &ByteString, args: &Args) {
        self.show(endpoint, |hooks, socket| hooks.incoming(socket, &Packet::Ack { args }));
    }

    fn emitted(&mut self, endpoint: &ByteString, body: &EmissionBody, asks: bool) {
        self.show(endpoint, |hooks, socket| {
            let (name, args) = match body.clone() {
                EmissionBody::Event { name, args } => (name, Args::new(args, Notation::Array)),
                EmissionBody::Text(text) => {
                    (ByteString::from_static(MESSAGE_EVENT), Args::from_text(text))
                }
                EmissionBody::Json(json) => {
                    (ByteString::from_static(MESSAGE_EVENT), Args::new(json, Notation::Value))
                }
            };
            hooks.outgoing(socket, &Packet::Event { name: &name, args: &args, ack: asks });
        });
    }

    fn acknowledging(&mut self, endpoint: &ByteString, args: &JsonText) {
        self.show(endpoint, |hooks, socket| {
            hooks
                .outgoing(socket, &Packet::Ack { args: &Args::new(args.clone(), Notation::Array) });
        });
    }

    fn is_another(&self, endpoint: &ByteString) -> bool {
        self.find(endpoint).is_some_and(|connection| connection.socket.close_reason().is_none())
    }

    fn expiry(&self, endpoint: &ByteString) -> Option<std::time::Instant> {
        self.find(endpoint)?.socket.expiry()
    }

    /// A connection that has ended but still runs counts as an event, or a client could pile them up
    /// by coming and going.
    fn backlog(&self) -> Backlog {
        self.live.iter().fold(Backlog::default(), |sum, live| {
            let Backlog { events, bytes } = live.inbox.backlog();
            let events = sum.events + events + usize::from(live.inbox.is_closed());
            Backlog { events, bytes: sum.bytes + bytes }
        })
    }

    fn kept(&self) -> usize {
        self.live
            .iter()
            .map(|live| live.inbox.backlog())
            .map(|backlog| backlog.events + usize::from(backlog.bytes > 0))
            .sum()
    }

    fn is_idle(&self) -> bool {
        self.live.iter().all(|live| live.inbox.is_idle())
    }

    fn cancel(&mut self) {
        self.live.iter().for_each(|connection| connection.inbox.cancel());
    }

    fn rest(&mut self) {
        self.live.iter().for_each(|connection| connection.inbox.rest());
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.live.retain_mut(|connection| connection.life.as_mut().poll(cx).is_pending());
        if self.live.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }
}
