//! A client for Rust programs: the feature `client`.
//!
//! It speaks to every server of Socket.IO 3 and 4, this one or another, over polling and WebSocket, comes back by
//! itself when its connection breaks, and gets what it missed where the server keeps that
//! ([`Builder::recovery`](crate::Builder::recovery)). `#[socket_connection(caller = …)]` writes a typed caller:
//!
//! ```
//! use socketio_core::{SocketIo, client::Client, prelude::*};
//!
//! #[derive(Default)]
//! struct Adder;
//!
//! #[socket_connection(caller = AdderCaller)]
//! impl Adder {
//!     /// The sum.
//!     #[event]
//!     fn add(&self, a: i64, b: i64) -> i64 { a + b }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let io = SocketIo::builder::<Adder>().build();
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let address = listener.local_addr()?;
//! # tokio::spawn(async move { io.serve(listener, axum::Router::new()).await });
//! let adder = AdderCaller::from(Client::connect(&format!("http://{address}")).await?);
//! assert_eq!(adder.add(1, 2).await?, 3);
//! # Ok(())
//! # }
//! ```
//!
//! A [`Client`] is one connection to one endpoint, and cheap to clone; one task runs it. Without typed callers it
//! [emits](Client::emit) and [calls](Client::call) by name, and [`Connecting::on_event`] gets what comes.
//!
//! Users call it; of the server it knows the public values that both sides speak of. Invariant: what is emitted
//! goes out in its order, and each call gets an answer or a [`CallError`].

mod address;
mod arguments;
mod backoff;
mod call;
mod connecting;
mod endpoint;
mod engine;
mod receive;
mod run;
mod state;
mod transport;

#[doc(hidden)]
pub use arguments::Arguments;
pub use call::{Acknowledged, Call, CallError, Calls};
pub use connecting::{Connecting, Transports};
pub use state::{ConnectError, Reason, State};

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, oneshot, watch};

use self::connecting::Settings;
use self::endpoint::{Emission, Waiter, frames};
use self::run::Command;
use crate::protocol::JsonText;
use crate::protocol::engineio::Frame;
use crate::protocol::socketio::{Packet, PacketKind};
use crate::session::NoAck;
use crate::socket::{EmitError, to_args};

/// A client that is connected to one endpoint of a server, or tries to be; the [module](mod@crate::client) shows
/// one.
///
/// When the last clone is dropped, the client closes.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    settings: Arc<Settings>,
    commands: mpsc::UnboundedSender<Command>,
    state: watch::Receiver<State>,
    buffered: Arc<AtomicUsize>,
    next_call: AtomicU64,
}

impl Client {
    fn new(
        settings: Arc<Settings>,
        commands: mpsc::UnboundedSender<Command>,
        state: watch::Receiver<State>,
        buffered: Arc<AtomicUsize>,
    ) -> Self {
        let next_call = AtomicU64::new(0);
        Self(Arc::new(Inner { settings, commands, state, buffered, next_call }))
    }

    /// Connects to the endpoint of a server, such as `http://127.0.0.1:3000/chat`, when awaited. There is no TLS yet.
    pub fn connect(url: &str) -> Connecting {
        Connecting::new(url)
    }

    /// Sends an event. A tuple is one argument per member, `()` none, anything else is the one argument;
    /// [`kwargs!`](crate::kwargs) makes a keyword call, [`Binary`](crate::Binary) an attachment. While the client
    /// is away it waits.
    ///
    /// # Errors
    ///
    /// [`EmitError::Closed`] when the client is closed, [`EmitError::Full`] when
    /// [`send_buffer_limit`](Connecting::send_buffer_limit) bytes wait, and [`EmitError::Serialize`].
    pub fn emit(&self, event: &str, args: impl Serialize) -> Result<(), EmitError> {
        self.send(event, to_args(&args)?, false, None)
    }

    /// Sends an event as [`emit`](Self::emit), if that can be done now; otherwise it is dropped.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit).
    pub fn emit_volatile(&self, event: &str, args: impl Serialize) -> Result<(), EmitError> {
        self.send(event, to_args(&args)?, true, None)
    }

    /// Sends an event when awaited, and gives what the handler returns: one value as that, several as a tuple,
    /// none as `()`.
    pub fn call<'a, T: DeserializeOwned>(
        &'a self,
        event: &'a str,
        args: impl Serialize,
    ) -> Call<'a, T> {
        Call::new(self, event, to_args(&args))
    }

    fn send(
        &self,
        event: &str,
        args: JsonText,
        is_volatile: bool,
        call: Option<(u64, Waiter)>,
    ) -> Result<(), EmitError> {
        let Inner { settings, commands, state, buffered, .. } = &*self.0;
        if is_volatile && !matches!(*state.borrow(), State::Connected { .. }) {
            return if commands.is_closed() { Err(EmitError::Closed) } else { Ok(()) };
        }
        let (text, attachments) = args.into_parts();
        let kind = PacketKind::Event {
            name: event.into(),
            args: text.slice_ref(text.strip_prefix('[').unwrap_or("]")),
            ack: call.as_ref().map(|(id, _)| id.to_string().into()),
            attachments: attachments.len(),
        };
        let namespace = settings.address.endpoint.clone();
        let frames = frames(&Packet { namespace, kind }, attachments);
        let bytes = frames.iter().map(Frame::len).sum();
        let limit = settings.send_buffer_limit;
        if buffered.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) > limit {
            buffered.fetch_sub(bytes, Ordering::Relaxed);
            return match is_volatile {
                _ if commands.is_closed() => Err(EmitError::Closed),
                true => Ok(()),
                false => Err(EmitError::Full),
            };
        }
        let emission = Emission { frames, bytes, is_volatile, call };
        commands.send(Command::Emit(emission)).map_err(|_| EmitError::Closed)
    }

    /// How it stands with its server.
    pub fn state(&self) -> State {
        self.0.state.borrow().clone()
    }

    /// Waits until its state is such, or [`Closed`](State::Closed), and gives it. A state that passes quickly may
    /// not be seen.
    ///
    /// ```no_run
    /// # use socketio_core::client::{Client, State};
    /// # async fn back(client: Client) {
    /// // When the connection breaks for the next time:
    /// let away = client.until(|state| matches!(state, State::Away(_))).await;
    /// # }
    /// ```
    pub async fn until(&self, is_it: impl Fn(&State) -> bool) -> State {
        let mut state = self.0.state.clone();
        let closed_or = |state: &State| matches!(state, State::Closed(_)) || is_it(state);
        match state.wait_for(closed_or).await {
            Ok(state) => state.clone(),
            Err(_) => self.state(),
        }
    }

    /// Waits until it is connected, and gives the id of the connection.
    ///
    /// # Errors
    ///
    /// Why it can't be any more.
    pub async fn connected(&self) -> Result<String, ConnectError> {
        match self.until(|state| matches!(state, State::Connected { .. })).await {
            State::Connected { id, .. } => Ok(id),
            State::Closed(Reason::Connect(error)) => Err(error),
            State::Closed(reason) | State::Away(reason) => {
                Err(ConnectError::Unreachable(reason.to_string()))
            }
            State::Connecting => Err(ConnectError::Unreachable("the runtime has ended".to_owned())),
        }
    }

    /// Waits until it is over for good, and gives why.
    pub async fn closed(&self) -> Reason {
        match self.until(|_| false).await {
            State::Closed(reason) => reason,
            _ => Reason::Client,
        }
    }

    /// Closes it for all clones: what was emitted before goes out first, if it is connected and that takes no longer
    /// than 5 seconds. Ready when it is closed.
    pub async fn close(&self) {
        // A client that is closed takes no commands.
        let _over = self.0.commands.send(Command::Close);
        self.closed().await;
    }
}

impl Calls for Client {
    fn emit_event(&self, event: &str, args: JsonText) -> Result<(), EmitError> {
        self.send(event, args, false, None)
    }

    fn call_event<'a>(
        &'a self,
        event: &'a str,
        args: JsonText,
        timeout: Option<Duration>,
    ) -> Acknowledged<'a> {
        Box::pin(async move {
            let (waiter, answer) = oneshot::channel();
            let id = self.0.next_call.fetch_add(1, Ordering::Relaxed);
            let sent = self.send(event, args, false, Some((id, waiter)));
            sent.map_err(CallError::NotSent)?;
            let timeout = timeout.unwrap_or(self.0.settings.ack_timeout);
            match tokio::time::timeout(timeout, answer).await {
                Ok(Ok(args)) => Ok(args),
                Ok(Err(_)) => Err(CallError::None(NoAck::Closed)),
                Err(_) => Err(CallError::None(NoAck::Timeout)),
            }
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = &self.0.settings.address.endpoint;
        let mut debug = f.debug_struct("Client");
        debug.field("endpoint", endpoint).field("state", &self.state()).finish()
    }
}
