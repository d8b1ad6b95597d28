//! Letting a test client in: the upgrade request that a WebSocket begins with, then the connect.
//!
//! What a test says about its client goes in, a [`TestClient`] comes out, or why the server does not let it in.
//! The request goes through the server's service like any other. Source: Socket.IO protocol v5, "Connection to
//! a namespace"; socket.io-client 4.8 lib/socket.ts (`_sendConnectPacket`).

use std::fmt;
use std::future::{Future, IntoFuture};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use bytestring::ByteString;
use form_urlencoded::byte_serialize;
use http::header::{CONNECTION, HOST, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Collected, Empty};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tower_service::Service as _;

use super::client::TestClient;
use super::failure::fail;
use super::inbox::Lost;
use super::wire::{End, Found, Wire};
use crate::protocol::socketio::{Packet, PacketKind};
use crate::server::SocketIo;
use crate::transport::websocket::InProcess;

/// How long a client waits for what is to come, unless it is told otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a client is, unless it is told otherwise.
const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50_000);

/// Why a client was not let in.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("not let in: {message}")]
#[non_exhaustive]
pub struct Refused {
    /// What the client is told, such as the message of a [`Reject`](crate::Reject); before there is a
    /// connection, the status and the text of the answer to its request.
    pub message: String,
    /// The value beside it, as of [`Reject::with_data`](crate::Reject::with_data); `null` if there is none.
    pub data: Value,
}

/// A client that is about to connect: await it.
///
/// ```
/// # use socketio_core::{SocketIo, prelude::*, test::TestClient};
/// # struct Chat;
/// #[socket_connection]
/// impl Chat {
///     #[on_open]
///     fn open(info: &ConnectionInfo) -> Result<Self, Reject> {
///         info.query("name").ok_or(Reject::unauthorized("name is missing"))?;
///         Ok(Chat)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let io = SocketIo::builder::<Chat>().build();
/// assert!(TestClient::connect(&io).query("name", "Ann").await.is_ok());
/// let refused = TestClient::connect(&io).await.unwrap_err();
/// assert_eq!(refused.message, "name is missing");
/// # }
/// ```
#[must_use = "nothing connects before it is awaited"]
pub struct Connecting {
    io: SocketIo,
    endpoint: ByteString,
    query: String,
    headers: HeaderMap,
    auth: Map<String, Value>,
    remote_addr: SocketAddr,
    patience: Duration,
    at: &'static Location<'static>,
}

impl Connecting {
    pub(super) fn new(io: &SocketIo, at: &'static Location<'static>) -> Self {
        let headers = [(HOST, "localhost"), (CONNECTION, "Upgrade"), (UPGRADE, "websocket")];
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        Self {
            io: io.clone(),
            endpoint: ByteString::new(),
            query: "EIO=4&transport=websocket".to_owned(),
            headers: headers.into_iter().collect(),
            auth: Map::new(),
            remote_addr: ADDRESS,
            patience: PATIENCE,
            at,
        }
    }

    /// The endpoint that it joins, such as `/chat`. Default: the root.
    pub fn endpoint(mut self, path: &str) -> Self {
        self.endpoint = name_of(path);
        self
    }

    /// Adds an argument to the query of its handshake.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        for (separator, text) in [("&", name), ("=", value)] {
            self.query.push_str(separator);
            self.query.extend(byte_serialize(text.as_bytes()));
        }
        self
    }

    /// Adds a header to its handshake, such as `cookie`; its host is `localhost`.
    ///
    /// # Panics
    ///
    /// When it can't be one.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => self.headers.append(name, value),
            _ => panic!("{name:?}: {value:?} can't be a header"),
        };
        self
    }

    /// What it says about itself, which [`Auth`](crate::Auth) reads: an object. Default: nothing.
    ///
    /// # Panics
    ///
    /// When it is something else.
    #[track_caller]
    pub fn auth(mut self, auth: impl Serialize) -> Self {
        self.auth.append(&mut object(&auth));
        self
    }

    /// The address that it comes from. Default: 127.0.0.1:50000.
    pub fn remote_addr(mut self, address: impl Into<SocketAddr>) -> Self {
        self.remote_addr = address.into();
        self
    }

    /// How long it waits for what is to come, from now on. Default: 5 s of tokio's clock, which take no time
    /// where that is paused.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Asks for the connection back that broke, at its endpoint; see
    /// [`Builder::recovery`](crate::Builder::recovery). The client has the same [`id`](TestClient::id) if it
    /// got it.
    pub fn recover(mut self, lost: Lost) -> Self {
        self.endpoint = lost.endpoint;
        let offset = lost.offset.map(|offset| format!("{offset:x}"));
        self.auth.extend(lost.pid.map(|pid| ("pid".to_owned(), pid.into())));
        self.auth.extend(offset.map(|offset| ("offset".to_owned(), offset.into())));
        self
    }

    async fn connect(self) -> Result<TestClient, Refused> {
        let wire = Wire::new(self.io.parser());
        let end = Arc::new(End(Arc::clone(&wire)));
        let uri = format!("{}/?{}", self.io.path(), self.query);
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = match uri.parse() {
            Ok(uri) => uri,
            Err(error) => fail(self.at, &format!("{uri} is no URL: {error}")),
        };
        *request.headers_mut() = self.headers;
        let extensions = request.extensions_mut();
        extensions.insert(ConnectInfo(self.remote_addr));
        extensions.insert(InProcess::new(move |max_bytes| wire.link(max_bytes)));
        let Ok(answer) = self.io.service().call(request).await;
        let (status, body) = (answer.status(), answer.into_body());
        if status != StatusCode::SWITCHING_PROTOCOLS {
            let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
            let message = format!("{status}: {}", String::from_utf8_lossy(&body));
            return Err(Refused { message, data: Value::Null });
        }
        join(end, self.endpoint, self.auth, self.patience, self.at).await
    }
}

impl IntoFuture for Connecting {
    type Output = Result<TestClient, Refused>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.connect())
    }
}

impl fmt::Debug for Connecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connecting").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Joins an endpoint over a connection that is there.
pub(super) async fn join(
    end: Arc<End>,
    endpoint: ByteString,
    auth: Map<String, Value>,
    patience: Duration,
    at: &'static Location<'static>,
) -> Result<TestClient, Refused> {
    let data = if auth.is_empty() { ByteString::new() } else { json!(auth).to_string().into() };
    let connect = PacketKind::Connect { data };
    end.0.send(&Packet { namespace: endpoint.clone(), kind: connect }, &[]);
    let is_answer = |packet: &Packet| {
        let kind = &packet.kind;
        packet.namespace == endpoint
            && matches!(kind, PacketKind::Connect { .. } | PacketKind::ConnectError { .. })
    };
    let found = end.find(patience, is_answer).await;
    let answer = match found {
        Found::Packet(answer) => answer.packet.kind,
        Found::Closed(how) => {
            let message = format!("the connection has ended: {how:?}");
            return Err(Refused { message, data: Value::Null });
        }
        Found::Unreadable(why) => fail(at, &format!("the server sent what is no packet: {why}")),
        Found::Nothing => fail(at, &format!("the server did not let in or refuse in {patience:?}")),
    };
    let (PacketKind::Connect { data } | PacketKind::ConnectError { data }) = &answer else {
        fail(at, &format!("{answer:?} is no answer to a connect"));
    };
    let Answer { sid, pid, message, data } = match serde_json::from_str(data) {
        Ok(answer) => answer,
        Err(error) => fail(at, &format!("{data} is no answer to a connect: {error}")),
    };
    if let PacketKind::ConnectError { .. } = answer {
        return Err(Refused { message, data });
    }
    Ok(TestClient::new(end, endpoint, sid, pid, patience))
}

/// What a connect is answered with: an id, or a refusal.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    sid: String,
    pid: Option<String>,
    message: String,
    data: Value,
}

/// An endpoint as packets name it.
pub(super) fn name_of(path: &str) -> ByteString {
    if path == "/" { ByteString::new() } else { path.into() }
}

/// What a client says about itself; nothing is an object without fields.
#[track_caller]
pub(super) fn object(auth: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(auth) {
        Ok(Value::Object(fields)) => fields,
        Ok(Value::Null) => Map::new(),
        Ok(other) => panic!("auth has to be an object, and is {other}"),
        Err(error) => panic!("auth has to be an object, and is not to be written: {error}"),
    }
}
