//! The server as a tower service and layer: a request in, an answer out.
//!
//! What the path asks for is in [`url`](super::url); this finds the session and the method, holds to
//! the origins and to the size of bodies, and leaves the answer to the transports. It keeps no state: every
//! request is answered from the core that all clones share. A request is looked at as soon as it is there; what
//! waits for an answer keeps nothing of its head, and so nothing of the memory that it was read into, unless
//! `response_headers` asks for it. Source:
//! socket.io 0.9.19 lib/manager.js (`handleRequest`, `handleUpgrade`).

use std::convert::Infallible;
use std::future::{Future, ready};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use bytestring::ByteString;
use futures_util::FutureExt as _;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode};
use tower_layer::Layer;
use tower_service::Service;

use super::body::{BoxError, Refusal, count_refused, read};
use super::client::serve_file;
use super::engine::{self, Query};
use super::handshake::shake_hands;
use super::headers::head_of;
use super::url::{Route, WELCOME, route, under};
use super::{Core, SocketIo};
use crate::driver::{Command, Farewell, Link, Mailbox, Posting, Protocol, Transport, Wire};
use crate::protocol::engineio::Frame;
use crate::protocol::engineio::handshake::Refusal as Refused;
use crate::protocol::legacy::form;
use crate::session::CloseReason;
use crate::transport::engine::refused;
use crate::transport::websocket::{accept, is_upgrade};
use crate::transport::{
    Page, Response, plain, poll, poll_by_script, post, preflight, query_value, status, stream,
    unknown_post, unknown_session, upgrade_refused,
};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An answer, once it is there.
pub(super) type Answering = BoxFuture<Response>;

/// An answer that is there.
pub(super) fn at_once(answer: Response) -> Answering {
    Box::pin(ready(answer))
}

/// A request's head, and who sent it, if the HTTP server tells.
pub(super) struct Head {
    pub(super) parts: Parts,
    pub(super) peer: Option<SocketAddr>,
}

/// Answers all requests under the server's path, and 404 to all others.
#[derive(Clone, Debug)]
pub struct SocketIoService(SocketIo);

impl SocketIoService {
    pub(super) fn new(io: SocketIo) -> Self {
        Self(io)
    }
}

impl<B> Service<Request<B>> for SocketIoService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let peer = peer_of(&request);
        Box::pin(answer(&self.0.core, request, peer).map(Ok))
    }
}

/// Answers requests under the server's path, and leaves all others to the service inside.
#[derive(Clone, Debug)]
pub struct SocketIoLayer(SocketIo);

impl SocketIoLayer {
    pub(super) fn new(io: SocketIo) -> Self {
        Self(io)
    }
}

impl<I> Layer<I> for SocketIoLayer {
    type Service = Layered<I>;

    fn layer(&self, inner: I) -> Layered<I> {
        Layered { io: self.0.clone(), inner }
    }
}

/// The server in front of another service.
#[derive(Clone, Debug)]
pub struct Layered<I> {
    io: SocketIo,
    inner: I,
}

impl<I, B, A> Service<Request<B>> for Layered<I>
where
    I: Service<Request<B>, Response = http::Response<A>>,
    I::Future: Send + 'static,
    A: http_body::Body<Data = Bytes> + Send + 'static,
    A::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = I::Error;
    type Future = BoxFuture<Result<Response, I::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if !is_ours(&self.io.core, &request) {
            let inner = self.inner.call(request);
            return Box::pin(async move { Ok(inner.await?.map(Body::new)) });
        }
        let peer = peer_of(&request);
        let answering = answer(&self.io.core, request, peer);
        Box::pin(async move { Ok(answering.await) })
    }
}

/// Whether a request is under the server's path.
pub(super) fn is_ours<B>(core: &Core, request: &Request<B>) -> bool {
    under(&core.config.path, request.uri().path()).is_some()
}

fn peer_of<B>(request: &Request<B>) -> Option<SocketAddr> {
    request.extensions().get().map(|ConnectInfo(peer)| *peer)
}

/// Answers a request under the server's path, and 404 to all others.
pub(super) fn answer<B>(
    core: &Arc<Core>,
    mut request: Request<B>,
    peer: Option<SocketAddr>,
) -> Answering
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    name_host(&mut request);
    let add_headers = core.config.edge.add_headers.as_ref();
    let add_headers = add_headers.map(|add| (Arc::clone(add), head_of(&request)));
    let (parts, body) = request.into_parts();
    let answering = dispatch(core, Head { parts, peer }, body);
    let Some((add_headers, head)) = add_headers else { return answering };
    Box::pin(answering.map(move |mut answer| {
        add_headers(&head, answer.headers_mut());
        answer
    }))
}

fn dispatch<B>(core: &Arc<Core>, head: Head, body: B) -> Answering
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let Parts { method, uri, headers, .. } = &head.parts;
    let edge = &core.config.edge;
    let route = route(&core.config.path, uri.path());
    if *method == Method::OPTIONS && route != Route::Foreign {
        return at_once(match edge.origins.check(headers) {
            Ok(()) => preflight(headers),
            Err(_) if Query::read(uri).is_some() => refused(Refused::Forbidden, Page::NONE),
            Err(_) => status(StatusCode::FORBIDDEN, "bad origin"),
        });
    }
    at_once(match route {
        Route::Foreign => status(StatusCode::NOT_FOUND, "not found"),
        Route::Welcome => match Query::read(uri) {
            Some(query) => return engine::answer(core, query, head, body),
            None => status(StatusCode::OK, WELCOME),
        },
        Route::WrongVersion => {
            status(StatusCode::INTERNAL_SERVER_ERROR, "Protocol version not supported.")
        }
        Route::File(file) => serve_file(edge, file, method, headers),
        Route::Handshake if !core.config.protocols.contains(&Protocol::Legacy) => {
            status(StatusCode::SERVICE_UNAVAILABLE, "Protocol version not supported.")
        }
        Route::Handshake => match *method {
            Method::GET | Method::POST => return shake_hands(core, &head),
            _ => status(StatusCode::METHOD_NOT_ALLOWED, "method not allowed"),
        },
        Route::Session { transport, id } => {
            let mailbox = id.parse().ok().and_then(|id| core.find(id, &head));
            // Whoever asks from another address learns no more than that there is no such session.
            let mailbox = mailbox.filter(|mailbox| *mailbox.wire() == Wire::Legacy);
            return session(core, edge.transport(transport), mailbox, head, body);
        }
    })
}

/// HTTP/2 names the host in the URL alone; the check of origins looks for it in the headers.
fn name_host<B>(request: &mut Request<B>) {
    if let Some(authority) = request.uri().authority()
        && !request.headers().contains_key(HOST)
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        request.headers_mut().insert(HOST, host);
    }
}

/// A request of a session's transport.
fn session<B>(
    core: &Arc<Core>,
    transport: Option<Transport>,
    mailbox: Option<Mailbox>,
    mut head: Head,
    body: B,
) -> Answering
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    use Transport::{FlashSocket, HtmlFile, JsonpPolling, WebSocket, XhrPolling};
    let Parts { method, uri, headers, .. } = &head.parts;
    let origins = &core.config.edge.origins;
    let origin = match (transport, method) {
        (Some(JsonpPolling), &Method::GET) => origins.check_script(headers),
        _ => origins.check(headers),
    };
    if origin.is_err() {
        return at_once(status(StatusCode::FORBIDDEN, "bad origin"));
    }
    if query_value(uri, "disconnect").is_some() {
        if let Some(mailbox) = mailbox {
            let _gone = mailbox.send(Command::Close(CloseReason::ClientDisconnect));
        }
        let mut answer = status(StatusCode::OK, "");
        Page::of(headers).allow(answer.headers_mut());
        return at_once(answer);
    }
    let Some(transport) = transport else {
        return at_once(status(StatusCode::BAD_REQUEST, "unknown transport"));
    };
    match (transport, method) {
        (WebSocket | FlashSocket, _) => {
            at_once(websocket(core, mailbox, transport, &mut head.parts))
        }
        _ if is_upgrade(headers) => {
            at_once(status(StatusCode::BAD_REQUEST, "this transport is no websocket"))
        }
        (HtmlFile, &Method::GET) => at_once(stream(mailbox)),
        (XhrPolling, &Method::GET) => Box::pin(poll(mailbox, Page::of(headers))),
        (JsonpPolling, &Method::GET) => Box::pin(poll_by_script(mailbox, uri)),
        (HtmlFile | XhrPolling | JsonpPolling, &Method::POST) => {
            let page = Page::of(headers);
            match mailbox.and_then(Posting::begin) {
                Some(posting) => Box::pin(receive(core, posting, transport, body, page)),
                None => at_once(unknown_post(page)),
            }
        }
        _ => at_once(status(StatusCode::METHOD_NOT_ALLOWED, "method not allowed")),
    }
}

/// Takes in a POST.
fn receive<B>(
    core: &Core,
    posting: Posting,
    transport: Transport,
    body: B,
    page: Page,
) -> impl Future<Output = Response> + Send + use<B>
where
    B: http_body::Body<Data = Bytes> + Send,
    B::Error: Into<BoxError>,
{
    let read = read(core, body);
    let decode = if transport == Transport::JsonpPolling { decode_form } else { decode_text };
    async move {
        match read.await.and_then(decode) {
            Ok(packets) => post(posting, transport, packets, page).await,
            Err((code, text)) => {
                count_refused(posting.mailbox(), code);
                let mut answer = plain(page, text);
                *answer.status_mut() = code;
                answer
            }
        }
    }
}

/// Packets as they are; behind `data=`, as TornadIO2 takes them from old Internet Explorers.
fn decode_text(body: Bytes) -> Result<ByteString, Refusal> {
    let body =
        body.strip_prefix(b"data=").map_or_else(|| body.clone(), |rest| body.slice_ref(rest));
    ByteString::try_from(body).map_err(|_| (StatusCode::BAD_REQUEST, "body is not UTF-8"))
}

/// Packets in a form.
fn decode_form(body: Bytes) -> Result<ByteString, Refusal> {
    form::decode(&body).ok_or((StatusCode::BAD_REQUEST, "no packets in the form's field d"))
}

/// Upgrades a request and hands the link to its session, whose task drives it from then on.
fn websocket(
    core: &Core,
    mailbox: Option<Mailbox>,
    transport: Transport,
    request: &mut Parts,
) -> Response {
    let (answer, link) = match accept(request, core.config.max_message_bytes) {
        Ok(accepted) => accepted,
        Err(error) => return upgrade_refused(error),
    };
    match mailbox.filter(Mailbox::is_open) {
        Some(mailbox) => {
            let attach = Command::Attach { transport, link, carries_bytes: false };
            let _gone = mailbox.send(attach);
        }
        None => {
            tokio::spawn(turn_away(link));
        }
    }
    answer
}

/// Tells a client whose session is not there to shake hands again.
async fn turn_away(mut link: Box<dyn Link>) {
    link.queue(Frame::Text(unknown_session().into()).into());
    link.close(Farewell::Normal);
    let closed = std::future::poll_fn(|cx| link.poll_closed(cx));
    let _deaf = tokio::time::timeout(GOODBYE_GRACE, closed).await;
}

/// How long a client that is turned away has to hear it.
const GOODBYE_GRACE: Duration = Duration::from_secs(5);
