//! Requests of clients since Socket.IO 1.0: Engine.IO 3 and 4 on one URL, told apart by the query.
//!
//! ```text
//! GET  /socket.io/?EIO=4&transport=polling               a new session, and its first answer
//! GET  /socket.io/?EIO=4&transport=polling&sid=…         a poll
//! POST /socket.io/?EIO=4&transport=polling&sid=…         packets
//! GET  /socket.io/?EIO=4&transport=websocket[&sid=…]     a WebSocket: a new session's, or to upgrade to
//! ```
//!
//! A request goes in; the session's transport answers it, or an error in the words of the reference
//! server. Source: engine.io lib/server.ts (`verify`, `handshake`), lib/transports/polling.ts.

use axum::body::Body;
use bytes::Bytes;
use bytestring::ByteString;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode, Uri};

use super::Core;
use super::handshake::start;
use super::service::{BoxError, read};
use crate::driver::{Command, Mailbox, Transport, Wire};
use crate::protocol::engineio::Frame;
use crate::protocol::engineio::handshake::Refusal;
use crate::protocol::engineio::v3::jsonp;
use crate::session::CloseReason;
use crate::transport::engine::{empty, poll, post, refused, refused_upgrade};
use crate::transport::websocket::{accept, is_upgrade};
use crate::transport::{Response, allow, query_value, status};

/// What a request's query says.
struct Query {
    transport: Option<Transport>,
    session: Option<String>,
    /// `4` says 4, and all else 3, as the reference server reads it.
    is_v4: bool,
    /// The client's transport carries text alone.
    is_base64: bool,
    /// The digits of a callback, if the client polls by scripts, as none does since 4.
    script: Option<ByteString>,
}

impl Query {
    fn read(uri: &Uri) -> Self {
        let get = |key| query_value(uri, key);
        let digits = |index: &str| index.chars().filter(char::is_ascii_digit).take(10).collect();
        let script: Option<String> = get("j").map(|index| digits(&index));
        let is_v4 = get("EIO").as_deref() == Some("4");
        Self {
            transport: match get("transport").as_deref() {
                Some("polling") => Some(Transport::Polling),
                Some("websocket") => Some(Transport::WebSocket),
                _ => None,
            },
            session: get("sid").filter(|id| !id.is_empty()).map(Into::into),
            is_v4,
            is_base64: get("b64").is_some_and(|value| !value.is_empty()),
            script: script.filter(|index| !is_v4 && !index.is_empty()).map(Into::into),
        }
    }

    fn wire(&self) -> Wire {
        if self.is_v4 { Wire::Engine4 } else { Wire::Engine3 { script: self.script.clone() } }
    }

    /// Whether bytes go to the client as they are: scripts are text.
    fn carries_bytes(&self) -> bool {
        !self.is_base64 && self.script.is_none()
    }
}

/// Whether a request under the server's path is for what is here: legacy clients send no such query.
pub(super) fn is_for(uri: &Uri) -> bool {
    ["EIO", "transport"].iter().any(|key| query_value(uri, key).is_some())
}

/// Answers a request.
pub(super) async fn answer<B>(core: &Core, request: Request<B>) -> Response
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let query = Query::read(request.uri());
    let origins = &core.config.edge.origins;
    // Any page can load a script, and may hide that it is the one.
    let origin = match (&query.script, request.method()) {
        (Some(_), &Method::GET) => origins.check_script(request.headers()),
        _ => origins.check(request.headers()),
    };
    let is_upgrade = is_upgrade(request.headers());
    let headers = request.headers().clone();
    match dispatch(core, query, request, origin.is_ok()).await {
        Ok(answer) => answer,
        Err(refusal) if is_upgrade => refused_upgrade(refusal),
        Err(refusal) => refused(refusal, &headers, origin.is_ok()),
    }
}

async fn dispatch<B>(
    core: &Core,
    query: Query,
    request: Request<B>,
    may_connect: bool,
) -> Result<Response, Refusal>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let edge = &core.config.edge;
    let offered = |transport: &Transport| match (transport, &query.script) {
        (Transport::WebSocket, _) => edge.websockets,
        (_, None) => edge.polls,
        (_, Some(_)) => edge.polls && edge.transports.contains(&Transport::JsonpPolling),
    };
    let transport = query.transport.filter(offered).ok_or(Refusal::UnknownTransport)?;
    if !may_connect {
        return Err(Refusal::Forbidden);
    }
    let is_upgrade = is_upgrade(request.headers());
    if let Some(id) = &query.session {
        let mailbox = find(core, id, &query, &request)?;
        return match (transport, is_upgrade, request.method()) {
            (Transport::WebSocket, true, _) => {
                let (answer, link, _) = link(core, &query, request)?;
                let _gone = mailbox.send(link);
                Ok(answer)
            }
            (Transport::Polling, false, &Method::GET) => {
                let script = mailbox.wire().script().cloned();
                poll(mailbox, script.as_deref(), request.headers(), edge.compress_from).await
            }
            (Transport::Polling, false, &Method::POST) => receive(core, mailbox, request).await,
            (Transport::Polling, false, _) => {
                Ok(empty(StatusCode::INTERNAL_SERVER_ERROR, request.headers()))
            }
            _ => Err(Refusal::BadRequest),
        };
    }
    if request.method() != Method::GET {
        return Err(Refusal::BadHandshakeMethod);
    }
    if (transport == Transport::WebSocket) != is_upgrade {
        return Err(Refusal::BadRequest);
    }
    if !core.config.protocols.contains(&query.wire().protocol()) {
        return Err(Refusal::UnsupportedProtocolVersion);
    }
    open(core, query, request).await
}

/// Opens a session, whose first answer is a poll's, or the upgrade to its WebSocket.
async fn open<B>(core: &Core, query: Query, request: Request<B>) -> Result<Response, Refusal> {
    let (wire, edge) = (query.wire(), &core.config.edge);
    if !is_upgrade(request.headers()) {
        let (parts, _) = request.into_parts();
        return match start(core, &parts, wire) {
            Ok((mailbox, _)) => {
                let carries_bytes = query.carries_bytes();
                let _gone = mailbox.send(Command::Capability { carries_bytes });
                let script = mailbox.wire().script().cloned();
                let cookie = edge.cookie.as_ref().map(|it| it.value(mailbox.session_id()));
                let (script, from) = (script.as_deref(), edge.compress_from);
                let mut answer = poll(mailbox, script, &parts.headers, from).await?;
                answer.headers_mut().extend(cookie.flatten().map(|cookie| (SET_COOKIE, cookie)));
                Ok(answer)
            }
            Err(failure) => Ok(failed(&failure, &parts.headers)),
        };
    }
    // What is no upgrade leaves no session behind.
    let (answer, link, parts) = link(core, &query, request)?;
    Ok(match start(core, &parts, wire) {
        Ok((mailbox, _)) => {
            let _gone = mailbox.send(link);
            answer
        }
        Err(failure) => failed(&failure, &parts.headers),
    })
}

/// There can't be a session just now, for no fault of the protocol's.
fn failed(failure: &super::handshake::Refusal, request: &HeaderMap) -> Response {
    let (code, text) = failure.text();
    let mut answer = status(code, text);
    allow(request, answer.headers_mut());
    answer
}

/// The session that a request names, if it speaks the same revision and comes from where it may.
fn find<B>(core: &Core, id: &str, query: &Query, request: &Request<B>) -> Result<Mailbox, Refusal> {
    let address = core.addresses(request.extensions(), request.headers()).map(|(_, ip)| ip);
    let mailbox = id.parse().ok().and_then(|id| core.hub.sessions.get(id));
    let mailbox = mailbox.filter(|mailbox| mailbox.admits(address) && mailbox.is_open());
    let mailbox = mailbox.ok_or(Refusal::UnknownSession)?;
    match (mailbox.wire(), query.is_v4) {
        (Wire::Engine4, true) | (Wire::Engine3 { .. }, false) => Ok(mailbox),
        (Wire::Legacy, _) => Err(Refusal::UnknownSession),
        _ => Err(Refusal::BadRequest),
    }
}

/// Upgrades a request: the answer, the command that gives the link to its session, the request's head.
fn link<B>(
    core: &Core,
    query: &Query,
    mut request: Request<B>,
) -> Result<(Response, Command, http::request::Parts), Refusal> {
    let accepted = accept(&mut request, core.config.max_message_bytes);
    let (answer, link) = accepted.map_err(|_| Refusal::BadRequest)?;
    let carries_bytes = !query.is_base64;
    let link = Command::Attach { transport: Transport::WebSocket, link, carries_bytes };
    Ok((answer.map(|()| Body::empty()), link, request.into_parts().0))
}

/// Takes in a POST.
async fn receive<B>(core: &Core, mailbox: Mailbox, request: Request<B>) -> Result<Response, Refusal>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let (parts, body) = request.into_parts();
    let read = read(body, core.config.max_message_bytes);
    let read = tokio::time::timeout(core.hub.limits.close_timeout, read).await;
    let body = match read.unwrap_or(Err((StatusCode::REQUEST_TIMEOUT, ""))) {
        Ok(body) => body,
        Err((code, _)) => return Ok(empty(code, &parts.headers)),
    };
    match decode(&mailbox, &parts.headers, body) {
        Some(body) => post(mailbox, body, &parts.headers).await,
        None => {
            let _gone = mailbox.send(Command::Close(CloseReason::ProtocolViolation));
            Ok(empty(StatusCode::BAD_REQUEST, &parts.headers))
        }
    }
}

/// A body as its session reads it: text or bytes, by the content type; out of a form for scripts.
fn decode(mailbox: &Mailbox, headers: &HeaderMap, body: Bytes) -> Option<Frame> {
    let is_binary = headers.get(CONTENT_TYPE).is_some_and(|it| it == "application/octet-stream");
    match mailbox.wire() {
        Wire::Engine3 { script: Some(_) } => jsonp::decode(&body).map(Frame::Text),
        Wire::Engine3 { .. } if is_binary => Some(Frame::Binary(body)),
        _ if is_binary => None,
        _ => ByteString::try_from(body).ok().map(Frame::Text),
    }
}
