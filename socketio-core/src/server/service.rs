//! The server as a tower service and layer: a request in, an answer out.
//!
//! What the path asks for is in [`url`](super::url); this finds the session and the method, holds to
//! the origins and to the size of bodies, and leaves the answer to the transports. It keeps no state: every
//! request is answered from the core that all clones share. Source: socket.io 0.9.19 lib/manager.js
//! (`handleRequest`, `handleUpgrade`).

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use bytestring::ByteString;
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tower_layer::Layer;
use tower_service::Service;

use super::client::serve_file;
use super::engine;
use super::handshake::shake_hands;
use super::headers::head_of;
use super::url::{Route, WELCOME, route};
use super::{Core, SocketIo};
use crate::driver::{Command, Farewell, Link, Mailbox, Protocol, Transport, Wire};
use crate::protocol::engineio::Frame;
use crate::protocol::engineio::handshake::Refusal as Refused;
use crate::protocol::legacy::form;
use crate::session::CloseReason;
use crate::transport::engine::refused;
use crate::transport::websocket::{accept, is_upgrade};
use crate::transport::{
    Response, allow, plain, poll, poll_by_script, post, preflight, query_value, status, stream,
    unknown_session, upgrade_refused,
};

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, Infallible>> + Send>>;

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
    type Future = BoxFuture<Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let io = self.0.clone();
        Box::pin(async move { Ok(answer(&io.core, request).await) })
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
    type Future = Pin<Box<dyn Future<Output = Result<Response, I::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if route(&self.io.core.config.path, request.uri().path()) == Route::Foreign {
            let inner = self.inner.call(request);
            return Box::pin(async move { Ok(inner.await?.map(Body::new)) });
        }
        let io = self.io.clone();
        Box::pin(async move { Ok(answer(&io.core, request).await) })
    }
}

async fn answer<B>(core: &Core, mut request: Request<B>) -> Response
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    name_host(&mut request);
    let Some(add_headers) = &core.config.edge.add_headers else {
        return dispatch(core, request).await;
    };
    let head = head_of(&request);
    let mut answer = dispatch(core, request).await;
    add_headers(&head, answer.headers_mut());
    answer
}

async fn dispatch<B>(core: &Core, request: Request<B>) -> Response
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let path = request.uri().path().to_owned();
    let route = route(&core.config.path, &path);
    if request.method() == Method::OPTIONS && route != Route::Foreign {
        return match core.config.edge.origins.check(request.headers()) {
            Ok(()) => preflight(request.headers()),
            Err(_) if engine::is_for(request.uri()) => {
                refused(Refused::Forbidden, request.headers(), false)
            }
            Err(_) => status(StatusCode::FORBIDDEN, "bad origin"),
        };
    }
    match route {
        Route::Foreign => status(StatusCode::NOT_FOUND, "not found"),
        Route::Welcome if engine::is_for(request.uri()) => engine::answer(core, request).await,
        Route::Welcome => status(StatusCode::OK, WELCOME),
        Route::WrongVersion => {
            status(StatusCode::INTERNAL_SERVER_ERROR, "Protocol version not supported.")
        }
        Route::File(file) => {
            serve_file(&core.config.edge, file, request.method(), request.headers())
        }
        Route::Handshake if !core.config.protocols.contains(&Protocol::Legacy) => {
            status(StatusCode::SERVICE_UNAVAILABLE, "Protocol version not supported.")
        }
        Route::Handshake => match *request.method() {
            Method::GET | Method::POST => shake_hands(core, request).await,
            _ => status(StatusCode::METHOD_NOT_ALLOWED, "method not allowed"),
        },
        Route::Session { transport, id } => session(core, transport, id, request).await,
    }
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

/// Why a POST is not taken in: the answer's status and text.
pub(super) type Refusal = (StatusCode, &'static str);

/// A request of a session's transport.
async fn session<B>(core: &Core, name: &str, id: &str, request: Request<B>) -> Response
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    use Transport::{FlashSocket, HtmlFile, JsonpPolling, WebSocket, XhrPolling};
    let address = core.addresses(request.extensions(), request.headers()).map(|(_, ip)| ip);
    let mailbox = id.parse().ok().and_then(|id| core.hub.sessions.get(id));
    let mailbox = mailbox.filter(|mailbox| *mailbox.wire() == Wire::Legacy);
    // Whoever asks from another address learns no more than that there is no such session.
    let mailbox = mailbox.filter(|mailbox| {
        let admitted = mailbox.admits(address);
        if !admitted {
            tracing::debug!("refused a request from another address than the handshake's");
        }
        admitted
    });
    let edge = &core.config.edge;
    let transport = edge.transport(name);
    let origin = match (transport, request.method()) {
        (Some(JsonpPolling), &Method::GET) => edge.origins.check_script(request.headers()),
        _ => edge.origins.check(request.headers()),
    };
    if origin.is_err() {
        return status(StatusCode::FORBIDDEN, "bad origin");
    }
    if query_value(request.uri(), "disconnect").is_some() {
        if let Some(mailbox) = mailbox {
            let _gone = mailbox.send(Command::Close(CloseReason::ClientDisconnect));
        }
        let mut answer = status(StatusCode::OK, "");
        allow(request.headers(), answer.headers_mut());
        return answer;
    }
    let Some(transport) = transport else {
        return status(StatusCode::BAD_REQUEST, "unknown transport");
    };
    match (transport, request.method()) {
        (WebSocket | FlashSocket, _) => websocket(core, mailbox, transport, request),
        _ if is_upgrade(request.headers()) => {
            status(StatusCode::BAD_REQUEST, "this transport is no websocket")
        }
        (HtmlFile, &Method::GET) => stream(mailbox),
        (XhrPolling, &Method::GET) => poll(mailbox, request.headers()).await,
        (JsonpPolling, &Method::GET) => poll_by_script(mailbox, request.uri()).await,
        (HtmlFile | XhrPolling | JsonpPolling, &Method::POST) => {
            receive(core, mailbox, transport, request).await
        }
        _ => status(StatusCode::METHOD_NOT_ALLOWED, "method not allowed"),
    }
}

/// Takes in a POST.
async fn receive<B>(
    core: &Core,
    mailbox: Option<Mailbox>,
    transport: Transport,
    request: Request<B>,
) -> Response
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let (parts, body) = request.into_parts();
    let read = read(body, core.config.max_message_bytes);
    let read = tokio::time::timeout(core.hub.limits.close_timeout, read).await;
    let read = read.unwrap_or(Err((StatusCode::REQUEST_TIMEOUT, "body takes too long")));
    let decode = if transport == Transport::JsonpPolling { decode_form } else { decode_text };
    match read.and_then(decode) {
        Ok(packets) => post(mailbox, transport, packets, &parts.headers).await,
        Err((code, text)) => refuse_post(&parts.headers, code, text),
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

fn refuse_post(request: &HeaderMap, code: StatusCode, text: &'static str) -> Response {
    let mut answer = plain(request, text);
    *answer.status_mut() = code;
    answer
}

/// Reads a POST's body, never more of it than is allowed.
pub(super) async fn read<B>(body: B, limit: usize) -> Result<Bytes, Refusal>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    if body.size_hint().lower() > limit as u64 {
        return Err((StatusCode::PAYLOAD_TOO_LARGE, "body too large"));
    }
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err((StatusCode::PAYLOAD_TOO_LARGE, "body too large"))
        }
        Err(_) => Err((StatusCode::BAD_REQUEST, "body is incomplete")),
    }
}

/// Upgrades a request and hands the link to its session, whose task drives it from then on.
fn websocket<B>(
    core: &Core,
    mailbox: Option<Mailbox>,
    transport: Transport,
    mut request: Request<B>,
) -> Response {
    let (answer, link) = match accept(&mut request, core.config.max_message_bytes) {
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
    answer.map(|()| Body::empty())
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
