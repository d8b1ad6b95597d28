//! The handshake: a new session for a client that asks for one.
//!
//! The root connection opens here, so that a client that may not connect hears it as the answer.
//! Source: socket.io 0.9.19 lib/manager.js (`handleHandshake`).

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER as RETRY_AFTER_HEADER};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Core;
use super::gate::{Full, RETRY_AFTER};
use super::service::{Answering, Head};
use crate::driver::{self, Mailbox, Wire};
use crate::endpoint::Connections;
use crate::id::{SessionId, SocketId};
use crate::protocol::engineio::handshake::Open;
use crate::protocol::legacy::handshake::{Handshake, jsonp, jsonp_error, jsonp_index};
use crate::protocol::socketio::Protocol;
use crate::session::{Admission, Dialect, Session};
use crate::socket::ConnectionInfo;
use crate::stats::{Crowd, Limit, Tally};
use crate::transport::websocket::is_upgrade;
use crate::transport::{Page, Response, query_value, status};

/// Bytes of headers and query that a handshake may bring, inclusive: they are kept with the session.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Room for what a session is opened with.
const OPEN_BYTES: usize = 128;

/// Why there is no session.
pub(super) enum Refusal {
    BadOrigin,
    Unauthorized,
    Error,
    TooLarge,
    ShuttingDown,
    Full(Full),
}

impl Refusal {
    pub(super) fn text(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BadOrigin => (StatusCode::FORBIDDEN, "handshake bad origin"),
            Self::Unauthorized => (StatusCode::FORBIDDEN, "handshake unauthorized"),
            Self::Error => (StatusCode::INTERNAL_SERVER_ERROR, "handshake error"),
            Self::TooLarge => {
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "handshake headers too large")
            }
            Self::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "server is shutting down"),
            Self::Full(Full { crowd: Crowd::Address, .. }) => {
                (StatusCode::TOO_MANY_REQUESTS, "too many sessions from this address")
            }
            Self::Full(_) => (StatusCode::SERVICE_UNAVAILABLE, "server is full"),
        }
    }

    /// The answer to a request of whatever generation; says when to come again, if that may help.
    pub(super) fn answer(&self) -> Response {
        let (code, text) = self.text();
        let mut answer = status(code, text);
        let wait = match self {
            Self::ShuttingDown => RETRY_AFTER,
            Self::Full(full) => full.retry_after,
            _ => return answer,
        };
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let headers = answer.headers_mut();
        headers.insert(RETRY_AFTER_HEADER, seconds.into());
        if matches!(self, Self::ShuttingDown) {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}

/// Answers a handshake: plain, or as a script with `?jsonp=<digits>`.
pub(super) fn shake_hands(core: &Arc<Core>, head: &Head) -> Answering {
    let Parts { uri, headers, .. } = &head.parts;
    let index =
        query_value(uri, "jsonp").and_then(|index| jsonp_index(&index).map(ToOwned::to_owned));
    let origins = &core.config.edge.origins;
    let origin = match index {
        Some(_) => origins.check_script(headers),
        None => origins.check(headers),
    };
    let started = match origin {
        Err(_) => Err(Refusal::BadOrigin),
        Ok(()) => start(core, head, Wire::Legacy),
    };
    let (core, page) = (Arc::clone(core), Page::of(headers));
    Box::pin(async move {
        let result = match started {
            Ok(started) => admitted(&core, started).await,
            Err(refusal) => Err(refusal),
        };
        welcome(&result, index, page)
    })
}

/// The answer to a handshake.
fn welcome(result: &Result<String, Refusal>, index: Option<String>, page: Page) -> Response {
    let Some(index) = index else {
        let mut answer = match result {
            Ok(line) => Response::new(Body::from(line.clone())),
            Err(refusal) => refusal.answer(),
        };
        let plain = HeaderValue::from_static("text/plain");
        answer.headers_mut().insert(CONTENT_TYPE, plain);
        if !matches!(result, Err(Refusal::BadOrigin)) {
            page.allow(answer.headers_mut());
        }
        return answer;
    };
    // A script's status is not seen: errors are calls too.
    let script = match result {
        Ok(line) => jsonp(&index, line),
        Err(refusal) => jsonp_error(&index, refusal.text().1),
    };
    let mut answer = Response::new(Body::from(script));
    let javascript = HeaderValue::from_static("application/javascript");
    answer.headers_mut().insert(CONTENT_TYPE, javascript);
    answer
}

/// A session with its task, and how its root connection is let in, for legacy clients.
type Started = (Mailbox, oneshot::Receiver<Admission>);

/// Starts a session.
pub(super) fn start(core: &Core, head: &Head, wire: Wire) -> Result<Started, Refusal> {
    let request = &head.parts;
    let hub = &core.hub;
    if hub.is_closing() {
        return Err(Refusal::ShuttingDown);
    }
    let bytes = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    let query = request.uri.query().unwrap_or_default();
    if request.headers.iter().map(bytes).sum::<usize>() + query.len() > MAX_HEAD_BYTES {
        if hub.counters.limit_begins(Limit::Head, Instant::now().into_std()) {
            let limit = Limit::Head.as_str();
            tracing::warn!(target: "socketio::limit", limit, "handshakes are refused for their size");
        }
        return Err(Refusal::TooLarge);
    }
    let (Ok(id), Ok(root)) = (SessionId::random(), SocketId::random()) else {
        tracing::error!("the system's random source failed");
        return Err(Refusal::Error);
    };
    let addresses = head.peer.map(|peer| (peer, core.client_ip(peer, &request.headers)));
    if core.config.verify_remote_ip && addresses.is_none() {
        core.config.no_address.call_once(|| {
            tracing::error!(
                "`verify_remote_ip` needs the peer's address, as `ConnectInfo<SocketAddr>`"
            );
        });
        return Err(Refusal::Error);
    }
    let address = addresses.map(|(_, ip)| ip);
    let place = core.config.gate.enter(address, &hub.counters).map_err(Refusal::Full)?;
    let pinned_to = address.filter(|_| core.config.verify_remote_ip);
    let dialect = dialect(core, &wire, id, is_upgrade(&request.headers));
    let session = Session::new(Arc::clone(&hub.limits), dialect, Instant::now().into_std());
    let protocol = wire.protocol().as_str();
    let span =
        tracing::debug_span!(target: "socketio::session", "session", socket = %root, protocol);
    let tally = Tally::new(Arc::clone(&hub.counters), wire.protocol().key());
    let counters = Arc::clone(&hub.counters);
    let mailbox = Mailbox::new(id, wire, pinned_to, hub.send_buffer_limit, counters);
    let connections = Connections::new(
        Arc::clone(&core.routes),
        Arc::clone(hub),
        mailbox.clone(),
        ConnectionInfo::new(query, &request.headers, addresses),
        root.clone(),
    );
    core.lookout.begin(hub);
    hub.sessions.insert(mailbox.clone(), place);
    if hub.is_closing() {
        // `Server::close` may have looked just before this session was there; from here on it would have seen it.
        hub.sessions.remove(id);
        return Err(Refusal::ShuttingDown);
    }
    let (task, opened) = driver::task(
        mailbox.clone(),
        Arc::clone(&hub.sessions),
        session,
        hub.queue_limit,
        connections,
        tally,
        span,
    );
    tokio::spawn(task);
    Ok((mailbox, opened))
}

/// A client that comes on a WebSocket has nothing to upgrade to.
fn dialect(core: &Core, wire: &Wire, id: SessionId, is_websocket: bool) -> Dialect {
    let protocol = match wire {
        Wire::Legacy => return Dialect::Legacy,
        Wire::Engine3 { .. } => Protocol::V4,
        Wire::Engine4 => Protocol::V5,
    };
    let limits = &core.hub.limits;
    let open = Open {
        sid: &id.to_string(),
        upgrades: if core.config.edge.websockets && !is_websocket { &["websocket"] } else { &[] },
        ping_interval: limits.ping_interval,
        ping_timeout: limits.ping_timeout,
        max_payload: core.config.max_message_bytes,
    };
    let ids = (!core.config.independent_ids).then_some(id);
    let mut text = String::with_capacity(OPEN_BYTES);
    let _infallible = write!(text, "{open}");
    Dialect::modern(protocol, core.config.parser, text.into(), ids)
}

/// Waits for the root connection of a legacy session to open; gives the handshake line.
async fn admitted(core: &Core, (mailbox, opened): Started) -> Result<String, Refusal> {
    let hub = &core.hub;
    // Without heartbeats a quiet server is no dead one.
    let told = |timeout| if hub.limits.heartbeats { timeout } else { Duration::MAX };
    let transports = core.config.edge.transports.iter();
    match opened.await {
        Ok(Admission::Accept(..)) => Ok(Handshake {
            id: &mailbox.session_id().to_string(),
            heartbeat_timeout: told(hub.limits.heartbeat_timeout),
            close_timeout: told(hub.limits.close_timeout),
            transports: &transports.map(|transport| transport.as_str()).collect::<Vec<_>>(),
        }
        .to_string()),
        Ok(Admission::Refuse(refusal)) if refusal.unauthorized => Err(Refusal::Unauthorized),
        _ if hub.is_closing() => Err(Refusal::ShuttingDown),
        _ => Err(Refusal::Error),
    }
}
