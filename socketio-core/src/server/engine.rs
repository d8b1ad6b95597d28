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

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Uri};

use super::Core;
use super::body::{BoxError, count_refused, read};
use super::handshake::start;
use super::service::{Answering, Head, at_once};
use crate::driver::{Command, Mailbox, Posting, Transport, Wire};
use crate::id::SessionId;
use crate::protocol::engineio::Frame;
use crate::protocol::engineio::handshake::Refusal;
use crate::protocol::engineio::v3::jsonp;
use crate::transport::engine::{Poller, empty, poll, post, refused, refused_upgrade};
use crate::transport::websocket::{accept, is_upgrade};
use crate::transport::{Page, Response, query_pairs};

/// What a request's query says.
pub(super) struct Query {
    transport: Option<Transport>,
    /// The session that it names, which may be none that can be.
    session: Option<Option<SessionId>>,
    /// `4` says 4, and all else 3, as the reference server reads it.
    is_v4: bool,
    /// The client's transport carries text alone.
    is_base64: bool,
    /// The digits of a callback, if the client polls by scripts, as none does since 4.
    script: Option<ByteString>,
}

impl Query {
    /// Reads what a request under the server's path asks for; nothing of what is here, without a key that
    /// legacy clients do not send. Of several values of a key, the first.
    pub(super) fn read(uri: &Uri) -> Option<Self> {
        let [mut version, mut transport, mut sid, mut b64, mut index] = [const { None }; 5];
        for (key, value) in query_pairs(uri) {
            let found = match &*key {
                "EIO" => &mut version,
                "transport" => &mut transport,
                "sid" => &mut sid,
                "b64" => &mut b64,
                "j" => &mut index,
                _ => continue,
            };
            found.get_or_insert(value);
        }
        if version.is_none() && transport.is_none() {
            return None;
        }
        let is_v4 = version.as_deref() == Some("4");
        let digits = |index: &str| index.chars().filter(char::is_ascii_digit).take(10).collect();
        let script: Option<String> = index.as_deref().filter(|_| !is_v4).map(digits);
        Some(Self {
            transport: match transport.as_deref() {
                Some("polling") => Some(Transport::Polling),
                Some("websocket") => Some(Transport::WebSocket),
                _ => None,
            },
            session: sid.filter(|id| !id.is_empty()).map(|id| id.parse().ok()),
            is_v4,
            is_base64: b64.is_some_and(|value| !value.is_empty()),
            script: script.filter(|index| !index.is_empty()).map(Into::into),
        })
    }

    fn wire(&self) -> Wire {
        if self.is_v4 { Wire::Engine4 } else { Wire::Engine3 { script: self.script.clone() } }
    }

    /// Whether bytes go to the client as they are: scripts are text.
    fn carries_bytes(&self) -> bool {
        !self.is_base64 && self.script.is_none()
    }
}

/// Answers a request.
pub(super) fn answer<B>(core: &Arc<Core>, query: Query, mut head: Head, body: B) -> Answering
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let Parts { method, headers, .. } = &head.parts;
    let origins = &core.config.edge.origins;
    // Any page can load a script, and may hide that it is the one.
    let origin = match (&query.script, method) {
        (Some(_), &Method::GET) => origins.check_script(headers),
        _ => origins.check(headers),
    };
    let may_connect = origin.is_ok();
    let asks_for_upgrade = is_upgrade(headers);
    let answer = dispatch(core, &query, &mut head, body, asks_for_upgrade, may_connect);
    answer.unwrap_or_else(|refusal| {
        at_once(if asks_for_upgrade {
            refused_upgrade(refusal)
        } else {
            let page = if may_connect { Page::of(&head.parts.headers) } else { Page::NONE };
            refused(refusal, page)
        })
    })
}

fn dispatch<B>(
    core: &Arc<Core>,
    query: &Query,
    head: &mut Head,
    body: B,
    asks_for_upgrade: bool,
    may_connect: bool,
) -> Result<Answering, Refusal>
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
    if let Some(id) = query.session {
        let mailbox = find(core, id, query, head)?;
        let Parts { method, headers, .. } = &head.parts;
        return match (transport, asks_for_upgrade, method) {
            (Transport::WebSocket, true, _) => {
                let (answer, link) = link(core, query, head)?;
                let _gone = mailbox.send(link);
                Ok(at_once(answer))
            }
            (Transport::Polling, false, &Method::GET) => {
                Ok(Box::pin(poll(mailbox, Poller::new(headers, edge.compress_from))))
            }
            (Transport::Polling, false, &Method::POST) => {
                let posting = Posting::begin(mailbox).ok_or(Refusal::UnknownSession)?;
                Ok(receive(core, posting, headers, body))
            }
            (Transport::Polling, false, _) => {
                Ok(at_once(empty(StatusCode::INTERNAL_SERVER_ERROR, Page::of(headers))))
            }
            _ => Err(Refusal::BadRequest),
        };
    }
    if head.parts.method != Method::GET {
        return Err(Refusal::BadHandshakeMethod);
    }
    if (transport == Transport::WebSocket) != asks_for_upgrade {
        return Err(Refusal::BadRequest);
    }
    if !core.config.protocols.contains(&query.wire().protocol()) {
        return Err(Refusal::UnsupportedProtocolVersion);
    }
    if asks_for_upgrade { open_websocket(core, query, head) } else { Ok(open(core, query, head)) }
}

/// Opens a session, whose first answer is a poll's.
fn open(core: &Core, query: &Query, head: &Head) -> Answering {
    let edge = &core.config.edge;
    match start(core, head, query.wire()) {
        Ok((mailbox, _)) => {
            let carries_bytes = query.carries_bytes();
            let _gone = mailbox.send(Command::Capability { carries_bytes });
            let mut poller = Poller::new(&head.parts.headers, edge.compress_from);
            let cookie = edge.cookie.as_ref();
            poller.cookie = cookie.and_then(|cookie| cookie.value(mailbox.session_id()));
            Box::pin(poll(mailbox, poller))
        }
        Err(failure) => at_once(failed(&failure, &head.parts.headers)),
    }
}

/// Opens a session by the upgrade to its WebSocket.
fn open_websocket(core: &Core, query: &Query, head: &mut Head) -> Result<Answering, Refusal> {
    // What is no upgrade leaves no session behind.
    let (answer, link) = link(core, query, head)?;
    Ok(at_once(match start(core, head, query.wire()) {
        Ok((mailbox, _)) => {
            let _gone = mailbox.send(link);
            answer
        }
        Err(failure) => failed(&failure, &head.parts.headers),
    }))
}

/// There can't be a session just now, for no fault of the protocol's.
fn failed(failure: &super::handshake::Refusal, request: &HeaderMap) -> Response {
    let mut answer = failure.answer();
    Page::of(request).allow(answer.headers_mut());
    answer
}

/// The session that a request names, if it speaks the same revision and comes from where it may.
fn find(
    core: &Core,
    id: Option<SessionId>,
    query: &Query,
    head: &Head,
) -> Result<Mailbox, Refusal> {
    let mailbox = id.and_then(|id| core.find(id, head)).filter(Mailbox::is_open);
    let mailbox = mailbox.ok_or(Refusal::UnknownSession)?;
    match (mailbox.wire(), query.is_v4) {
        (Wire::Engine4, true) | (Wire::Engine3 { .. }, false) => Ok(mailbox),
        (Wire::Legacy, _) => Err(Refusal::UnknownSession),
        _ => Err(Refusal::BadRequest),
    }
}

/// Upgrades a request: the answer, and the command that gives the link to its session.
fn link(core: &Core, query: &Query, head: &mut Head) -> Result<(Response, Command), Refusal> {
    let accepted = accept(&mut head.parts, core.config.max_message_bytes);
    let (answer, link) = accepted.map_err(|_| Refusal::BadRequest)?;
    let carries_bytes = !query.is_base64;
    let link = Command::Attach { transport: Transport::WebSocket, link, carries_bytes };
    Ok((answer, link))
}

/// Takes in a POST.
fn receive<B>(core: &Core, posting: Posting, request: &HeaderMap, body: B) -> Answering
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let read = read(core, body);
    let page = Page::of(request);
    let content_type = request.get(CONTENT_TYPE);
    let is_binary = content_type.is_some_and(|it| it == "application/octet-stream");
    Box::pin(async move {
        match read.await {
            Err((code, _)) => {
                count_refused(posting.mailbox(), code);
                empty(code, page)
            }
            Ok(body) => {
                let body = decode(posting.mailbox(), is_binary, body);
                post(posting, body, page).await
            }
        }
    })
}

/// A body as its session reads it: text or bytes, by the content type; out of a form for scripts.
fn decode(mailbox: &Mailbox, is_binary: bool, body: Bytes) -> Option<Frame> {
    match mailbox.wire() {
        Wire::Engine3 { script: Some(_) } => jsonp::decode(&body).map(Frame::Text),
        Wire::Engine3 { .. } if is_binary => Some(Frame::Binary(body)),
        _ if is_binary => None,
        _ => ByteString::try_from(body).ok().map(Frame::Text),
    }
}
