//! The assembled thing: a server to merge into an application, or to run.
//!
//! Options go in through the [`Builder`], HTTP requests through the service, layer or router; answers
//! and running sessions come out. Applications call it; it may look at every floor below, and none looks
//! back.

mod asset;
#[cfg(feature = "asyncapi")]
mod asyncapi;
mod body;
mod builder;
mod bundle;
mod client;
mod cluster;
mod edge;
mod engine;
mod flash;
mod gate;
mod handshake;
mod headers;
#[cfg(feature = "test")]
mod in_process;
mod limits;
mod lookout;
mod policy;
mod recovery;
mod serve;
mod service;
mod shutdown;
mod url;

pub use builder::Builder;
pub use client::CLIENT_URL;
pub use headers::StickyCookie;
pub use service::{Layered, SocketIoLayer, SocketIoService};
pub use shutdown::stop_signal;

use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::{Arc, Once};

use axum::Router;
use http::HeaderMap;

use self::service::Head;
use crate::driver::{Mailbox, Protocol};
use crate::endpoint::Routes;
use crate::id::SessionId;
use crate::session::Parser;
use crate::socket::{Hub, Server};
use crate::transport::client_ip;

/// What the server needs to know to answer requests.
struct Config {
    path: String,
    max_message_bytes: usize,
    verify_remote_ip: bool,
    /// The log was told that addresses are not known.
    no_address: Once,
    trusted_proxies: usize,
    protocols: Vec<Protocol>,
    independent_ids: bool,
    parser: Parser,
    gate: gate::Gate,
    edge: edge::Edge,
}

struct Core {
    hub: Arc<Hub>,
    routes: Arc<Routes>,
    config: Config,
    lookout: lookout::Lookout,
}

impl Core {
    /// The address of the client behind trusted proxies.
    fn client_ip(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        client_ip(peer, headers, self.config.trusted_proxies)
    }

    /// Finds the session of this id, if the request comes from where it may.
    fn find(&self, id: SessionId, head: &Head) -> Option<Mailbox> {
        let Some(mailbox) = self.hub.sessions.get(id) else {
            self.note_unknown_session();
            return None;
        };
        let admitted = mailbox.pinned_to().is_none_or(|pinned| {
            head.peer.is_some_and(|peer| self.client_ip(peer, &head.parts.headers) == pinned)
        });
        if !admitted {
            tracing::debug!("refused a request from another address than the handshake's");
        }
        admitted.then_some(mailbox)
    }

    /// Counts a request whose session is not here; many of them are told, once.
    fn note_unknown_session(&self) {
        if self.hub.counters.unknown_session() == MANY_UNKNOWN {
            tracing::warn!(
                "{MANY_UNKNOWN} requests named sessions that are not on this server: if there are several behind a \
                 balancer, each client's requests have to come to the same one (sticky sessions), or clients have to \
                 begin with a WebSocket; after a restart it means nothing"
            );
        }
    }
}

/// How many requests of unknown sessions the log is told of.
const MANY_UNKNOWN: u64 = 100;

/// A Socket.IO server. Cheap to clone; as a [`Server`] it reaches everybody who is connected.
///
/// ```no_run
/// use socketio_core::{SocketIo, prelude::*};
///
/// #[derive(Default)]
/// struct Adder;
///
/// #[socket_connection]
/// impl Adder {
///     #[event]
///     fn add(&self, a: i64, b: i64) -> i64 { a + b }
/// }
///
/// # async fn run() -> std::io::Result<()> {
/// let io = SocketIo::builder::<Adder>().build();
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// io.serve(listener, axum::Router::new()).await
/// # }
/// ```
#[derive(Clone)]
pub struct SocketIo {
    core: Arc<Core>,
    server: Server,
}

impl SocketIo {
    /// Starts a server whose root endpoint is served by connections of type `T`.
    pub fn builder<T>() -> Builder<T> {
        Builder::new()
    }

    fn new(hub: Arc<Hub>, routes: Routes, config: Config) -> Self {
        let server = Server::new(Arc::clone(&hub));
        let lookout = lookout::Lookout::new();
        Self { core: Arc::new(Core { hub, routes: Arc::new(routes), config, lookout }), server }
    }

    /// The server as a router, to merge into an axum application.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let path = &self.core.config.path;
        Router::new()
            .route_service(path, self.service())
            .route_service(&format!("{path}/"), self.service())
            .route_service(&format!("{path}/{{*rest}}"), self.service())
    }

    /// The server as a tower service, which answers 404 to what is not under its path.
    ///
    /// A request counts from the call on, which has to be made within tokio.
    pub fn service(&self) -> SocketIoService {
        SocketIoService::new(self.clone())
    }

    /// The server as a tower layer, which hands on what is not under its path; as [`service`](Self::service).
    pub fn layer(&self) -> SocketIoLayer {
        SocketIoLayer::new(self.clone())
    }
}

impl Deref for SocketIo {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl std::fmt::Debug for SocketIo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SocketIo").field("server", &self.server).finish_non_exhaustive()
    }
}
