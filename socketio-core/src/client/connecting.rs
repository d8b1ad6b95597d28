//! What a client is told before it connects.
//!
//! The user's settings go in, a [`Client`] comes out, or why there is none. Names and defaults are the official
//! client's. Source: socket.io-client 4.8 lib/manager.ts (`ManagerOptions`).

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use form_urlencoded::byte_serialize;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::{Map, Value};

use super::address::Address;
use super::backoff::Reconnection;
use super::receive::Receiver;
use super::{Client, ConnectError, run};
use crate::connection::ReceivedBy;
use crate::protocol::Event;

/// Which transports a client uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transports {
    /// It begins by polling and moves to a WebSocket when it has found that one works.
    #[default]
    Both,
    /// It polls.
    Polling,
    /// It uses a WebSocket and nothing else.
    WebSocket,
}

/// What holds for all connections of a client; each field is a method of [`Connecting`].
pub(super) struct Settings {
    pub(super) address: Address,
    pub(super) path: String,
    /// As it stands in URLs.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) auth: Map<String, Value>,
    pub(super) transports: Transports,
    pub(super) reconnection: Reconnection,
    pub(super) connect_timeout: Duration,
    pub(super) ack_timeout: Duration,
    pub(super) send_buffer_limit: usize,
    pub(super) queue_limit: usize,
    pub(super) pending_acks: usize,
    pub(super) max_message_bytes: usize,
    /// The first connection is tried again like any other.
    pub(super) patient: bool,
}

/// A client that is about to connect: await it, or [`start`](Self::start) it.
#[must_use = "nothing connects before it is awaited or started"]
pub struct Connecting {
    settings: Result<Settings, ConnectError>,
    receiver: Option<Receiver>,
}

impl Connecting {
    pub(super) fn new(url: &str) -> Self {
        let settings = Address::parse(url).map(|address| Settings {
            path: "/socket.io/".to_owned(),
            query: address.query.clone(),
            address,
            headers: HeaderMap::new(),
            auth: Map::new(),
            transports: Transports::default(),
            reconnection: Reconnection::default(),
            connect_timeout: Duration::from_secs(20),
            ack_timeout: Duration::from_secs(60),
            send_buffer_limit: 1_000_000,
            queue_limit: 1024,
            pending_acks: 1024,
            max_message_bytes: 100_000_000,
            patient: false,
        });
        Self { settings, receiver: None }
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        if let Ok(settings) = &mut self.settings {
            set(settings);
        }
        self
    }

    fn invalid(mut self, what: String) -> Self {
        if self.settings.is_ok() {
            self.settings = Err(ConnectError::Invalid(what));
        }
        self
    }

    /// What the client says about itself, which [`Auth`](crate::Auth) reads at the server: an object.
    pub fn auth(self, auth: impl Serialize) -> Self {
        match serde_json::to_value(auth) {
            Ok(Value::Object(auth)) => self.set(|settings| settings.auth = auth),
            Ok(other) => self.invalid(format!("auth has to be an object, and is {other}")),
            Err(error) => self.invalid(format!("auth has to be an object: {error}")),
        }
    }

    /// Adds an argument to the query of its handshake.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.set(|settings| {
            let query = &mut settings.query;
            let and = if query.is_empty() { "" } else { "&" };
            for (separator, text) in [(and, name), ("=", value)] {
                query.push_str(separator);
                query.extend(byte_serialize(text.as_bytes()));
            }
        })
    }

    /// Adds a header to all its requests, such as `cookie` or `authorization`.
    pub fn header(self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => self.set(|settings| {
                settings.headers.append(name, value);
            }),
            _ => self.invalid(format!("{name:?} can't be a header with this value")),
        }
    }

    /// Where the server has Socket.IO. Default: `/socket.io/`.
    pub fn path(self, path: &str) -> Self {
        let path = format!("/{}/", path.trim_matches('/'));
        self.set(|settings| settings.path = path)
    }

    /// Which transports it uses. Default: [`Transports::Both`].
    pub fn transports(self, transports: Transports) -> Self {
        self.set(|settings| settings.transports = transports)
    }

    /// How often in a row it tries to come back before it gives up; 0 is never. Default: for ever.
    pub fn reconnection_attempts(self, attempts: u32) -> Self {
        self.set(|settings| settings.reconnection.attempts = Some(attempts))
    }

    /// How long it waits before it first tries to come back; then twice as long each time. Default: 1 s.
    pub fn reconnection_delay(self, delay: Duration) -> Self {
        self.set(|settings| settings.reconnection.delay = delay)
    }

    /// The most that it waits before it tries to come back. Default: 5 s.
    pub fn reconnection_delay_max(self, delay: Duration) -> Self {
        self.set(|settings| settings.reconnection.delay_max = delay)
    }

    /// How far these delays are random, from 0 (not at all) to 1 (from nothing to twice as long), so that not
    /// all clients of a server come back at once. Default: 0.5.
    pub fn randomization_factor(self, factor: f64) -> Self {
        self.set(|settings| settings.reconnection.randomization_factor = factor.clamp(0.0, 1.0))
    }

    /// How long connecting may take, and joining the endpoint. Default: 20 s.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.connect_timeout = timeout)
    }

    /// How long an answer may take, where a [`Call`](super::Call) does not say it. Default: 60 s, from when it is
    /// called; a client that is away meanwhile has its share in them.
    pub fn ack_timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.ack_timeout = timeout)
    }

    /// How many bytes may wait to be sent, as while the client is away. Default: 1 million.
    pub fn send_buffer_limit(self, bytes: usize) -> Self {
        self.set(|settings| settings.send_buffer_limit = bytes)
    }

    /// How many events may wait for the receiver; at the limit the client does not read on. While an answer is
    /// awaited it does up to twice that number, so that the receiver can wait for one. Default: 1024.
    pub fn queue_limit(self, events: usize) -> Self {
        self.set(|settings| settings.queue_limit = events.max(1))
    }

    /// How many answers may be awaited at a time. Default: 1024.
    pub fn pending_acks(self, calls: usize) -> Self {
        self.set(|settings| settings.pending_acks = calls)
    }

    /// The most bytes of a message of the server's, of all attachments of a packet together, or of the answer to
    /// a poll. Default: 100 million.
    pub fn max_message_bytes(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_message_bytes = bytes)
    }

    /// Gives all events that come to a function, one after the other; what it returns is the acknowledgement if
    /// the server wants one, a tuple one value per member, `()` none.
    ///
    /// ```no_run
    /// use serde_json::json;
    /// use socketio_core::client::Client;
    ///
    /// # async fn connect() -> Result<(), socketio_core::client::ConnectError> {
    /// let client = Client::connect("http://127.0.0.1:3000/chat").on_event(|event| async move {
    ///     match event.name() {
    ///         "confirm" => json!(true),
    ///         other => json!(format!("{other} means nothing to me")),
    ///     }
    /// });
    /// let client = client.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_event<F, Fut>(mut self, handle: F) -> Self
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Serialize> + Send + 'static,
    {
        self.receiver = Some(Receiver::function(handle));
        self
    }

    /// Gives all events that come to a client of a [`client_events`](macro@crate::client_events) trait, one after
    /// the other: `receive::<dyn ChatClient, _>(Page)` calls the methods of `impl ChatClient for Page`. What they
    /// return is the acknowledgement.
    pub fn receive<C, T>(mut self, client: T) -> Self
    where
        C: ReceivedBy<T> + ?Sized,
        T: Send + Sync + 'static,
    {
        self.receiver = Some(Receiver::client::<C, T>(client));
        self
    }

    /// Starts to connect and gives the client at once; what it emits waits until it is connected. The first
    /// connection is tried again like any other, so a server that is not there yet is waited for.
    ///
    /// # Errors
    ///
    /// [`ConnectError::Invalid`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as [`tokio::spawn`].
    pub fn start(self) -> Result<Client, ConnectError> {
        let settings = Settings { patient: true, ..self.settings? };
        Ok(run::start(Arc::new(settings), self.receiver))
    }

    async fn connect(self) -> Result<Client, ConnectError> {
        let client = run::start(Arc::new(self.settings?), self.receiver);
        client.connected().await?;
        Ok(client)
    }
}

/// Connects: gives the client when it is connected, or the reason why the first attempt failed.
impl IntoFuture for Connecting {
    type Output = Result<Client, ConnectError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.connect())
    }
}

impl fmt::Debug for Connecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.settings.as_ref().map(|settings| &settings.address);
        f.debug_struct("Connecting").field("address", &address).finish_non_exhaustive()
    }
}
