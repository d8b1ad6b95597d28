//! What the server adds to its answers: a cookie for load balancers, and the application's headers.
//!
//! Options of the [`Builder`] go in; the service and the handshake take a header's value from the one,
//! and hand the headers of every answer to the other.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Request};

use super::Builder;
use crate::id::SessionId;

/// A cookie that tells a load balancer which server a client's session is on; for
/// [`Builder::cookie`].
///
/// ```text
/// io=<session id>; Path=/; HttpOnly; SameSite=Lax
/// ```
///
/// It ends with the browser's session. Its value is the session id, which is a secret: whoever knows it
/// can speak as that client. The page's scripts don't see it, but balancers and their logs do. Where
/// the balancer can set a cookie of its own, that is better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StickyCookie {
    name: String,
    secure: bool,
    cross_site: bool,
}

impl StickyCookie {
    /// A cookie of this name; socket.io's was `io`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), secure: false, cross_site: false }
    }

    /// Adds `Secure`: the cookie is kept and sent over https alone.
    #[must_use]
    pub fn secure(self) -> Self {
        Self { secure: true, ..self }
    }

    /// For pages of other sites, that connect `withCredentials`: `SameSite=None; Secure; Partitioned`.
    /// Partitioned, browsers keep it even where they block third parties' cookies.
    #[must_use]
    pub fn cross_site(self) -> Self {
        Self { cross_site: true, ..self }
    }

    /// The value of `Set-Cookie` for a session; `None` if the name can't be sent.
    pub(super) fn value(&self, id: SessionId) -> Option<HeaderValue> {
        let attributes = match (self.cross_site, self.secure) {
            (true, _) => "SameSite=None; Secure; Partitioned",
            (false, true) => "SameSite=Lax; Secure",
            (false, false) => "SameSite=Lax",
        };
        let value = format!("{}={id}; Path=/; HttpOnly; {attributes}", self.name);
        let mut value = HeaderValue::try_from(value).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Whether the name is a token (RFC 6265, section 4.1.1).
    pub(super) fn has_valid_name(&self) -> bool {
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !self.name.is_empty() && self.name.bytes().all(is_token)
    }
}

/// Changes the headers of an answer, knowing the request's head.
pub(super) type AddHeaders = Arc<dyn Fn(&Request<()>, &mut HeaderMap) + Send + Sync>;

/// The head of a request, for whoever needs it when the request is gone.
pub(super) fn head_of<B>(request: &Request<B>) -> Request<()> {
    let mut head = Request::new(());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    *head.version_mut() = request.version();
    *head.headers_mut() = request.headers().clone();
    head
}

impl<T, S> Builder<T, S> {
    /// A cookie that names the session, for load balancers that send a client's requests to the server that
    /// set it. Default: none.
    ///
    /// It comes with the answer to a polling handshake of clients since Socket.IO 1.0, as from the reference
    /// server: only those make requests that must find their session, and the upgrade that follows carries
    /// it. A session that is opened by a WebSocket needs no other request, and legacy clients name their
    /// session in the path. Clients in Node.js keep no cookies unless they are told to (`withCredentials`).
    ///
    /// ```
    /// # use socketio_core::{SocketIo, StickyCookie, prelude::*};
    /// # #[derive(Default)] struct Lobby;
    /// # #[socket_connection] impl Lobby {}
    /// let io = SocketIo::builder::<Lobby>().cookie(StickyCookie::new("io").secure()).build();
    /// ```
    pub fn cookie(mut self, cookie: StickyCookie) -> Self {
        self.edge.cookie = Some(cookie);
        self
    }

    /// Adds headers to every answer under the server's path, errors and WebSocket upgrades included, or
    /// changes those that are there; the function gets the request's head and the answer's headers. Default:
    /// none. Called once for each request, so it must not wait.
    ///
    /// It stands for socket.io's events `headers` and, for requests without a `sid`, `initial_headers`.
    ///
    /// ```
    /// # use axum::http::HeaderValue;
    /// # use socketio_core::{SocketIo, prelude::*};
    /// # #[derive(Default)] struct Lobby;
    /// # #[socket_connection] impl Lobby {}
    /// let io = SocketIo::builder::<Lobby>()
    ///     .response_headers(|request, headers| {
    ///         headers.insert("x-served-by", HeaderValue::from_static("node-7"));
    ///         if let Some(id) = request.headers().get("x-request-id") {
    ///             headers.insert("x-request-id", id.clone());
    ///         }
    ///     })
    ///     .build();
    /// ```
    pub fn response_headers(
        mut self,
        add: impl Fn(&Request<()>, &mut HeaderMap) + Send + Sync + 'static,
    ) -> Self {
        self.edge.add_headers = Some(Arc::new(add));
        self
    }

    /// From how many bytes on answers to polls are compressed for clients that take gzip; `None` is never.
    /// Default: 1,024 (socket.io 4, `httpCompression.threshold`). Clients of Socket.IO 0.7 to 0.9 get
    /// theirs plain, as from their reference server, and WebSockets are never compressed (see
    /// [`transports`](Self::transports)).
    ///
    /// Over TLS the length of a compressed answer tells something of what is in it: who can have texts of
    /// their own sent to somebody else, and can watch that person's connection, learns from it whether
    /// the same letters are in a secret beside them (BREACH). Where answers hold secrets beside what
    /// others write, choose `None`.
    ///
    /// ```
    /// # use socketio_core::{SocketIo, prelude::*};
    /// # #[derive(Default)] struct Lobby;
    /// # #[socket_connection] impl Lobby {}
    /// let io = SocketIo::builder::<Lobby>().http_compression(None).build();
    /// ```
    pub fn http_compression(mut self, threshold: impl Into<Option<usize>>) -> Self {
        self.edge.compress_from = threshold.into();
        self
    }
}
