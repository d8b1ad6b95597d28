//! The handshake: a new session for a client that asks for one.
//!
//! The root connection opens here, so that a client that may not connect hears it as the answer.
//! Source: socket.io 0.9.19 lib/manager.js (`handleHandshake`).

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};

use super::Core;
use crate::driver::{self, Mailbox};
use crate::endpoint::Connections;
use crate::id::{SessionId, SocketId};
use crate::protocol::legacy::handshake::{Handshake, jsonp, jsonp_error, jsonp_index};
use crate::session::{Admission, CloseReason};
use crate::socket::{self, ConnectionInfo};
use crate::stats::Tally;
use crate::transport::{Response, allow, query_value, status};

/// Bytes of headers and query that a handshake may bring, inclusive: they are kept with the session.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Why there is no session.
enum Refusal {
    BadOrigin,
    Unauthorized,
    Error,
    TooLarge,
    ShuttingDown,
}

impl Refusal {
    fn text(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BadOrigin => (StatusCode::FORBIDDEN, "handshake bad origin"),
            Self::Unauthorized => (StatusCode::FORBIDDEN, "handshake unauthorized"),
            Self::Error => (StatusCode::INTERNAL_SERVER_ERROR, "handshake error"),
            Self::TooLarge => {
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "handshake headers too large")
            }
            Self::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "server is shutting down"),
        }
    }
}

/// Answers a handshake: plain, or as a script with `?jsonp=<digits>`.
pub(super) async fn shake_hands<B>(core: &Core, request: Request<B>) -> Response {
    let (parts, _) = request.into_parts();
    let index = query_value(&parts.uri, "jsonp")
        .and_then(|index| jsonp_index(&index).map(ToOwned::to_owned));
    let origins = &core.config.edge.origins;
    let origin = match index {
        Some(_) => origins.check_script(&parts.headers),
        None => origins.check(&parts.headers),
    };
    let result = match origin {
        Err(_) => Err(Refusal::BadOrigin),
        Ok(()) => open(core, &parts).await,
    };
    let Some(index) = index else {
        let mut answer = match &result {
            Ok(line) => Response::new(Body::from(line.clone())),
            Err(refusal) => {
                let (code, text) = refusal.text();
                status(code, text)
            }
        };
        let plain = HeaderValue::from_static("text/plain");
        answer.headers_mut().insert(CONTENT_TYPE, plain);
        if !matches!(result, Err(Refusal::BadOrigin)) {
            allow(&parts.headers, answer.headers_mut());
        }
        return answer;
    };
    // A script's status is not seen: errors are calls too.
    let script = match result {
        Ok(line) => jsonp(&index, &line),
        Err(refusal) => jsonp_error(&index, refusal.text().1),
    };
    let mut answer = Response::new(Body::from(script));
    let javascript = HeaderValue::from_static("application/javascript");
    answer.headers_mut().insert(CONTENT_TYPE, javascript);
    answer
}

/// Starts a session and opens its root connection; gives the handshake line.
async fn open(core: &Core, request: &http::request::Parts) -> Result<String, Refusal> {
    let hub = &core.hub;
    if hub.is_closing() {
        return Err(Refusal::ShuttingDown);
    }
    let bytes = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    let query = request.uri.query().unwrap_or_default().len();
    if request.headers.iter().map(bytes).sum::<usize>() + query > MAX_HEAD_BYTES {
        return Err(Refusal::TooLarge);
    }
    let (Ok(id), Ok(root)) = (SessionId::random(), SocketId::random()) else {
        tracing::error!("the system's random source failed");
        return Err(Refusal::Error);
    };
    let addresses = core.addresses(&request.extensions, &request.headers);
    if core.config.verify_remote_ip && addresses.is_none() {
        tracing::error!(
            "`verify_remote_ip` needs the peer's address, as `ConnectInfo<SocketAddr>`"
        );
        return Err(Refusal::Error);
    }
    let pinned_to = addresses.map(|(_, ip)| ip).filter(|_| core.config.verify_remote_ip);
    let mailbox = Mailbox::new(id, pinned_to, hub.send_buffer_limit);
    let connections = Connections::new(
        Arc::clone(&core.routes),
        Arc::clone(hub),
        mailbox.clone(),
        info(request, addresses),
        root,
    );
    let opened = driver::spawn(
        mailbox,
        Arc::clone(&hub.sessions),
        Arc::clone(&hub.limits),
        hub.queue_limit,
        connections,
        Tally::new(Arc::clone(&hub.counters)),
        tracing::debug_span!("session", socket = %root),
    );
    if hub.is_closing() {
        // `Server::close` may have looked just before this session was there.
        hub.sessions.close_all(CloseReason::ServerShutdown);
    }
    // Without heartbeats a quiet server is no dead one.
    let told = |timeout| if hub.limits.heartbeats { timeout } else { Duration::MAX };
    let transports = core.config.edge.transports.iter();
    match opened.await {
        Ok(Admission::Accept) => Ok(Handshake {
            id: &id.to_string(),
            heartbeat_timeout: told(hub.limits.heartbeat_timeout),
            close_timeout: told(hub.limits.close_timeout),
            transports: &transports.map(|transport| transport.as_str()).collect::<Vec<_>>(),
        }
        .to_string()),
        Ok(Admission::Refuse { unauthorized: true }) => Err(Refusal::Unauthorized),
        _ if hub.is_closing() => Err(Refusal::ShuttingDown),
        _ => Err(Refusal::Error),
    }
}

/// Headers in memory of their own: what hyper gives is a part of the buffer that it read the request
/// into, and would keep it all.
fn copy(headers: &HeaderMap) -> HeaderMap {
    let copies = headers.iter().filter_map(|(name, value)| {
        let mut copy = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        copy.set_sensitive(value.is_sensitive());
        Some((name.clone(), copy))
    });
    copies.collect()
}

fn info(request: &http::request::Parts, addresses: Option<(SocketAddr, IpAddr)>) -> ConnectionInfo {
    let handshake = socket::Handshake {
        query: request.uri.query().unwrap_or_default().to_owned(),
        headers: copy(&request.headers),
        remote_addr: addresses.map(|(peer, _)| peer),
        client_ip: addresses.map(|(_, ip)| ip),
        time: SystemTime::now(),
        parsed: OnceLock::new(),
    };
    ConnectionInfo::new(Arc::new(handshake))
}
