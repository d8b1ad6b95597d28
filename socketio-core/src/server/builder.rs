//! Putting a server together.
//!
//! Options go in one by one, each with its default, unit and meaning; a [`SocketIo`] comes out, or a
//! panic that says which of them can't go together. Nothing can be changed after that.

use std::marker::PhantomData;
use std::sync::{Arc, Once};
use std::time::Duration;

use tokio::time::Instant;

use super::edge::EdgeOptions;
use super::gate::{Gate, GateOptions};
use super::{Config, SocketIo};
use crate::adapter::{Adapter, Local, Recovery};
use crate::connection::Policy;
use crate::driver::{Backlog, Protocol, SessionStore, Transport};
use crate::endpoint::{EndpointTable, Endpoints};
use crate::session::{CloseReason, Limits, Parser};
use crate::socket::{Hub, Shutdown};
use crate::stats::Counters;

/// Makes an adapter around this server's connections.
pub(super) type MakeAdapter = Box<dyn FnOnce(Local) -> Arc<dyn Adapter> + Send>;

/// Puts a server together; [`SocketIo::builder`] starts it.
///
/// Every interval is a [`Duration`]; sizes are in bytes. What a client can make the server hold has a
/// limit here.
#[must_use]
pub struct Builder<T, S = ()> {
    pub(super) state: S,
    pub(super) limits: Limits,
    path: String,
    ack_timeout: Duration,
    pub(super) send_buffer_limit: usize,
    pub(super) queue_limit: Backlog,
    pub(super) max_message_bytes: usize,
    verify_remote_ip: bool,
    trusted_proxies: usize,
    protocols: Vec<Protocol>,
    independent_ids: bool,
    parser: Parser,
    pub(super) recovery: Option<Recovery>,
    pub(super) adapter: Option<MakeAdapter>,
    pub(super) policy: Policy,
    pub(super) gate: GateOptions,
    pub(super) shutdown: Shutdown,
    pub(super) edge: EdgeOptions,
    connection: PhantomData<fn() -> T>,
}

impl<T> Builder<T> {
    pub(super) fn new() -> Self {
        Self {
            state: (),
            limits: Limits::default(),
            path: "/socket.io".to_owned(),
            ack_timeout: Duration::from_secs(10),
            send_buffer_limit: 4 << 20,
            queue_limit: Backlog { events: 1024, bytes: 4 << 20 },
            max_message_bytes: 1 << 20,
            verify_remote_ip: false,
            trusted_proxies: 0,
            protocols: Protocol::ALL.to_vec(),
            independent_ids: false,
            parser: Parser::default(),
            recovery: None,
            adapter: None,
            policy: Policy::default(),
            gate: GateOptions::default(),
            shutdown: Shutdown::default(),
            edge: EdgeOptions::default(),
            connection: PhantomData,
        }
    }
}

impl<T, S> Builder<T, S> {
    /// The server's state, of which handlers take parts with `State<…>`: all of it, or any type that is
    /// `FromRef` of it.
    ///
    /// ```
    /// use socketio_core::{SocketIo, prelude::*};
    ///
    /// #[derive(Clone)]
    /// struct Db;
    /// #[derive(Clone)]
    /// struct App { db: Db }
    ///
    /// impl FromRef<App> for Db {
    ///     fn from_ref(app: &App) -> Self { app.db.clone() }
    /// }
    ///
    /// #[derive(Default)]
    /// struct Lobby;
    ///
    /// #[socket_connection]
    /// impl Lobby {
    ///     #[event]
    ///     async fn find(&self, State(db): State<Db>, name: &str) {}
    /// }
    ///
    /// let io = SocketIo::builder::<Lobby>().state(App { db: Db }).build();
    /// ```
    pub fn state<N>(self, state: N) -> Builder<T, N> {
        Builder {
            state,
            limits: self.limits,
            path: self.path,
            ack_timeout: self.ack_timeout,
            send_buffer_limit: self.send_buffer_limit,
            queue_limit: self.queue_limit,
            max_message_bytes: self.max_message_bytes,
            verify_remote_ip: self.verify_remote_ip,
            trusted_proxies: self.trusted_proxies,
            protocols: self.protocols,
            independent_ids: self.independent_ids,
            parser: self.parser,
            recovery: self.recovery,
            adapter: self.adapter,
            policy: self.policy,
            gate: self.gate,
            shutdown: self.shutdown,
            edge: self.edge,
            connection: PhantomData,
        }
    }

    /// The path under which clients find the server (socket.io 0.9's `resource`, the `namespace` of
    /// TornadIO2's router). Default: `/socket.io`, which is what they look for.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Whether legacy clients get heartbeats. Default: `true` (socket.io 0.9). Without them they are told that
    /// the server may be silent for 2,147,483 s, the longest that a browser's timer takes, and a peer that
    /// vanishes is noticed when TCP gives it up; a client that polls is still held to `close_timeout`.
    pub fn heartbeats(mut self, sent: bool) -> Self {
        self.limits.heartbeats = sent;
        self
    }

    /// Whether clients that poll get heartbeats, too. Default: `true` (TornadIO2). Such a poll is
    /// answered every `heartbeat_interval`, and the client POSTs an answer; `false`, as in socket.io 0.9,
    /// saves those requests: a polling client that vanishes is noticed all the same, by `close_timeout`.
    pub fn global_heartbeats(mut self, global: bool) -> Self {
        self.limits.global_heartbeats = global;
        self
    }

    /// Which generations of clients are served. Default: all. One of another is refused: a legacy client
    /// with 503, others with the code 5, as the reference servers do.
    pub fn protocols(mut self, protocols: impl IntoIterator<Item = Protocol>) -> Self {
        self.protocols = protocols.into_iter().collect();
        self
    }

    /// How often clients since Socket.IO 1.0 are asked whether they are alive (since 3), or ask (1 and 2);
    /// announced to them. Default: 25 s (socket.io 4, `pingInterval`).
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.limits.ping_interval = interval;
        self
    }

    /// How long the answer may take; announced to clients, who hold the server to it as well. Default: 20 s
    /// (socket.io 4, `pingTimeout`).
    pub fn ping_timeout(mut self, timeout: Duration) -> Self {
        self.limits.ping_timeout = timeout;
        self
    }

    /// How long a client since Socket.IO 1.0 may be there without joining any endpoint. Default: 45 s
    /// (socket.io 4, `connectTimeout`).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.limits.connect_timeout = timeout;
        self
    }

    /// How long such a client may take to move from polling to a WebSocket; then it goes on polling.
    /// Default: 10 s (socket.io 4, `upgradeTimeout`).
    pub fn upgrade_timeout(mut self, timeout: Duration) -> Self {
        self.limits.upgrade_timeout = timeout;
        self
    }

    /// How packets are written for clients since Socket.IO 1.0. Default: [`Parser::Json`], as clients have it.
    ///
    /// With [`Parser::MsgPack`] they all need that parser (`socket.io.msgpack.min.js`, or the option `parser`
    /// of the client): one with another is put out as soon as it speaks. A packet is smaller then where it
    /// holds numbers and binary values, which need no messages of their own. Clients of 0.7 to 0.9 go on with
    /// their own packets.
    pub fn parser(mut self, parser: Parser) -> Self {
        self.parser = parser;
        self
    }

    /// Whether clients of Socket.IO 1 and 2 get a [`SocketId`](crate::SocketId) that has nothing to do with
    /// their session id. Default: `false`, for these clients compute theirs from the session id (`socket.id` is that
    /// itself at the root, `/chat#` and that at an endpoint), and the two would not match.
    ///
    /// So [`Socket::id`](crate::Socket::id) of such a client is a credential: whoever it is shown to can poll, post and
    /// speak as that client. Set this where handlers tell other clients, logs or other services who somebody is by that
    /// id, and clients of those versions are served; what they believe `socket.id` to be is then of no use
    /// to the server. Ids of all other clients are independent in any case.
    pub fn independent_ids(mut self, independent: bool) -> Self {
        self.independent_ids = independent;
        self
    }

    /// How often a client is asked whether it is alive. Default: 12 s (TornadIO2's
    /// `heartbeat_interval`). Protects from peers that vanish without a word, and keeps proxies from
    /// closing a quiet connection.
    pub fn heartbeat_interval(mut self, interval: Duration) -> Self {
        self.limits.heartbeat_interval = interval;
        self
    }

    /// How long a client may be silent after it was asked; announced to clients, who hold
    /// the server to it as well. Default: 60 s (socket.io 0.9). Must be longer than `polling_timeout`,
    /// for clients 0.9.1 to 0.9.8 apply it to polling too.
    pub fn heartbeat_timeout(mut self, timeout: Duration) -> Self {
        self.limits.heartbeat_timeout = timeout;
        self
    }

    /// How long a polling client may take to poll again, and any client to take the server's goodbye;
    /// announced to clients, who reconnect when they hear nothing for that long. Default: 60 s (socket.io
    /// 0.9). Protects from polling clients that vanish without a word.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.limits.close_timeout = timeout;
        self
    }

    /// How long a poll waits before it is answered with nothing. Default: 20 s (TornadIO2's
    /// `xhr_polling_timeout`). Keeps proxies from closing a quiet request.
    pub fn polling_timeout(mut self, timeout: Duration) -> Self {
        self.limits.polling_timeout = timeout;
        self
    }

    /// How long a session lives without a transport: before the first one, and after one that broke.
    /// Default: 30 s (TornadIO2's `session_expiry`). A client that comes back within it, with its
    /// session id and on any transport, gets what was sent meanwhile (up to `send_buffer_limit`), in
    /// order and once; `#[on_close]` runs when it does not. Protects from handshakes that nobody follows
    /// up and from networks that break for a moment. A client that says goodbye leaves at once: a
    /// disconnect, a WebSocket close frame.
    pub fn session_expiry(mut self, expiry: Duration) -> Self {
        self.limits.session_expiry = expiry;
        self
    }

    /// How often it is looked whether a session has expired: `session_expiry` is rounded up to a
    /// multiple of it. Default: zero, for every session has its own timer and ends on time;
    /// TornadIO2's `session_check_interval` of 15 s closed connections up to that much late.
    pub fn session_check_interval(mut self, interval: Duration) -> Self {
        self.limits.session_check_interval = interval;
        self
    }

    /// Whether a WebSocket has to answer a heartbeat before it is used. Default: `false` (TornadIO2's
    /// `websocket_check`). Protects from proxies and virus scanners that let a WebSocket open and
    /// then swallow its frames: it is given up after `client_timeout`, and clients try their next
    /// transport.
    pub fn websocket_check(mut self, check: bool) -> Self {
        self.limits.websocket_check = check;
        self
    }

    /// How long a client may take to answer `websocket_check`. Default: 5 s (TornadIO2's
    /// `client_timeout`). Clients wait 10 s for a transport, so it must be shorter than that.
    pub fn client_timeout(mut self, timeout: Duration) -> Self {
        self.limits.client_timeout = timeout;
        self
    }

    /// Whether a session can only be used from the address that shook hands. Default: `false`; TornadIO2's
    /// `verify_remote_ip` was on, which cuts off phones that change their network. Protects from
    /// stolen session ids. The HTTP server must tell the peer's address, as
    /// [`serve`](SocketIo::serve) does; behind a proxy, set
    /// [`trusted_proxies`](Self::trusted_proxies) too.
    pub fn verify_remote_ip(mut self, verify: bool) -> Self {
        self.verify_remote_ip = verify;
        self
    }

    /// How many proxies of your own requests come through, each of which appends to `X-Forwarded-For`.
    /// Default: 0, the header is not looked at. Says what
    /// [`client_ip`](crate::ConnectionInfo::client_ip) is.
    pub fn trusted_proxies(mut self, count: usize) -> Self {
        self.trusted_proxies = count;
        self
    }

    /// How long a client may take to acknowledge, where the call does not say. Default: 10 s; the servers
    /// before this one waited for ever. Protects handlers from clients that never answer.
    pub fn ack_timeout(mut self, timeout: Duration) -> Self {
        self.ack_timeout = timeout;
        self
    }

    /// The events that clients may not send, instead of `disconnect` alone (socket.io 0.9's `blacklist`).
    /// They are acknowledged if they ask for no data, and otherwise ignored. `message` is what clients
    /// `send`, text and JSON.
    ///
    /// ```
    /// # use socketio_core::{SocketIo, prelude::*};
    /// # #[derive(Default)]
    /// # struct Lobby;
    /// # #[socket_connection]
    /// # impl Lobby {}
    /// let io = SocketIo::builder::<Lobby>().event_blacklist(["disconnect", "connect"]).build();
    /// ```
    pub fn event_blacklist<E: Into<String>>(mut self, names: impl IntoIterator<Item = E>) -> Self {
        self.limits.event_blacklist = names.into_iter().map(Into::into).collect();
        self
    }

    /// Makes the server.
    ///
    /// # Panics
    ///
    /// When the options contradict each other, with the reason: a path that does not start with `/` or
    /// ends with one or holds `{` or `}`, an interval of zero, a heartbeat timeout that is not longer
    /// than the polling timeout, a heartbeat interval not shorter than the heartbeat timeout, either of
    /// heartbeat interval and polling timeout not shorter than the close timeout, a `websocket_check` that
    /// takes longer than clients wait, a limit of zero bytes, of no queued event or of no packets, two endpoints
    /// that match the same paths; a `recovery` that lets nobody back or whose log is larger than the send
    /// buffer; no transports or one of them twice; an origin that can't mean anything; a
    /// Flash policy without `flashsocket`, or one whose file can't be read; a cookie whose name can't be one.
    pub fn build(mut self) -> SocketIo
    where
        T: Endpoints<S>,
        S: Clone + Send + Sync + 'static,
    {
        if let Err(reason) = self.check() {
            cannot_build(reason);
        }
        let routes = match EndpointTable::routes::<T>(self.state, self.policy) {
            Ok(routes) => routes,
            Err(reason) => cannot_build(&reason),
        };
        let edge = match self.edge.read() {
            Ok(edge) => edge,
            Err(reason) => cannot_build(&reason),
        };
        let counters = Counters::new(
            &Transport::ALL.map(Transport::as_str),
            &Protocol::ALL.map(Protocol::as_str),
            &CloseReason::ALL.map(CloseReason::as_str),
            Instant::now().into_std(),
        );
        let limits = &mut self.limits;
        limits.attachment_bytes = limits.attachments.saturating_mul(self.max_message_bytes);
        let unnoticed = self.limits.unnoticed();
        let rooms =
            Local::new(self.recovery.map(|recovery| (recovery, unnoticed)), self.limits.rooms);
        let adapter = match self.adapter {
            Some(make) => make(rooms.clone()),
            None => Arc::new(rooms.clone()),
        };
        let hub = Arc::new(Hub {
            rooms,
            adapter,
            sessions: Arc::new(SessionStore::default()),
            limits: Arc::new(self.limits),
            ack_timeout: self.ack_timeout,
            send_buffer_limit: self.send_buffer_limit,
            queue_limit: self.queue_limit,
            counters: Arc::new(counters),
            shutdown: self.shutdown,
        });
        let config = Config {
            path: self.path,
            max_message_bytes: self.max_message_bytes,
            verify_remote_ip: self.verify_remote_ip,
            no_address: Once::new(),
            trusted_proxies: self.trusted_proxies,
            protocols: self.protocols,
            independent_ids: self.independent_ids,
            parser: self.parser,
            gate: Gate::new(self.gate),
            edge,
        };
        SocketIo::new(hub, routes, config)
    }

    fn check(&self) -> Result<(), &'static str> {
        let limits = &self.limits;
        let intervals = [
            limits.heartbeat_interval,
            limits.heartbeat_timeout,
            limits.close_timeout,
            limits.polling_timeout,
            limits.session_expiry,
            limits.client_timeout,
            limits.ping_interval,
            limits.ping_timeout,
            limits.connect_timeout,
            limits.upgrade_timeout,
            self.ack_timeout,
        ];
        if !self.path.starts_with('/') || self.path.ends_with('/') || self.path.contains(['{', '}'])
        {
            Err("`path` must start with `/`, not end with it, and hold no braces")
        } else if intervals.contains(&Duration::ZERO) {
            Err("an interval or timeout is zero")
        } else if limits.heartbeats && limits.heartbeat_timeout <= limits.polling_timeout {
            Err(
                "`heartbeat_timeout` must be longer than `polling_timeout`: clients 0.9.1 to 0.9.8 \
                 take a poll that waits longer for a dead server",
            )
        } else if limits.heartbeats && limits.heartbeat_interval >= limits.heartbeat_timeout {
            Err("`heartbeat_interval` must be shorter than `heartbeat_timeout`: clients that hear \
                 nothing for that long reconnect")
        } else if limits.heartbeats
            && limits.heartbeat_interval.max(limits.polling_timeout) >= limits.close_timeout
        {
            Err("`heartbeat_interval` and `polling_timeout` must be shorter than `close_timeout`: \
                 clients that hear nothing for that long reconnect")
        } else if limits.websocket_check && limits.client_timeout >= TRANSPORT_PATIENCE {
            Err(
                "`client_timeout` must be shorter than the 10 s for which clients wait for a WebSocket",
            )
        } else if self.protocols.is_empty() {
            Err("`protocols` is empty: no client could ever connect")
        } else if let Some(mistake) =
            self.recovery.as_ref().and_then(|recovery| recovery.mistake(self.send_buffer_limit))
        {
            Err(mistake)
        } else if self.send_buffer_limit == 0 || self.max_message_bytes == 0 {
            Err("`send_buffer_limit` or `max_message_bytes` is zero: nothing could ever be sent")
        } else if self.queue_limit.events == 0 || self.queue_limit.bytes == 0 {
            Err("`queue_limit` or `receive_buffer_limit` is zero: no event could ever be handled")
        } else if limits.packets.is_some_and(|rate| rate.count == 0) {
            Err("`max_packets_per_second` is zero: no packet could ever come")
        } else {
            Ok(())
        }
    }
}

/// How long clients 0.7 to 0.9 wait for a transport before they try the next (`connect timeout`).
const TRANSPORT_PATIENCE: Duration = Duration::from_secs(10);

#[expect(clippy::panic, reason = "a server that can't work must not start")]
fn cannot_build(reason: &str) -> ! {
    panic!("the server can't be built: {reason}");
}
