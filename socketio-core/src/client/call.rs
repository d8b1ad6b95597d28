//! Calls: an event that is sent, and the acknowledgement that comes back.
//!
//! An event's name and arguments go in, a value or why there is none comes out. Typed callers
//! (`#[socket_connection(caller = …)]`) make them, and so do clients; whoever [`Calls`] carries them out.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::protocol::{Args, JsonText};
use crate::session::NoAck;
use crate::socket::{EmitError, split_error};

/// Why a call gave no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The handler answered with an error, or could not be called.
    #[error("the server answered with an error: {error}")]
    #[non_exhaustive]
    Failed {
        /// The `E` of the handler's `Result<T, E>`, or a message.
        error: Value,
        /// What comes with it, as from throttles and guards: `{"retry_after": 250}`.
        data: Option<Value>,
    },
    /// The event was not sent.
    #[error("not sent")]
    NotSent(#[source] EmitError),
    /// No answer came, in time or before the connection broke.
    #[error("the server gave no acknowledgement: {0:?}")]
    None(NoAck),
    /// The server answered with something else.
    #[error("the server acknowledged with something else")]
    Decode(#[source] serde_json::Error),
}

impl CallError {
    /// The error that the handler returned.
    ///
    /// ```
    /// # use socketio_core::client::CallError;
    /// #[derive(serde::Deserialize, PartialEq, Debug)]
    /// struct Taken { by: String }
    ///
    /// fn who_has_it(failed: &CallError) -> Option<String> {
    ///     failed.handler_error::<Taken>().map(|taken| taken.by)
    /// }
    /// ```
    pub fn handler_error<E: DeserializeOwned>(&self) -> Option<E> {
        match self {
            Self::Failed { error, .. } => E::deserialize(error).ok(),
            _ => None,
        }
    }
}

/// What carries calls out: a [`Client`](super::Client), in tests a `&TestClient`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` carries no calls",
    note = "a typed caller is made from a `Client` by value, which is cheap to clone, or from a `&TestClient`"
)]
pub trait Calls: Send + Sync {
    /// Sends an event that wants no acknowledgement.
    ///
    /// # Errors
    ///
    /// When it can't be sent.
    fn emit_event(&self, event: &str, args: JsonText) -> Result<(), EmitError>;

    /// Sends an event and gives its acknowledgement; no later than `timeout`, if there is one.
    fn call_event<'a>(
        &'a self,
        event: &'a str,
        args: JsonText,
        timeout: Option<Duration>,
    ) -> Acknowledged<'a>;
}

/// An acknowledgement that is to come.
pub type Acknowledged<'a> = Pin<Box<dyn Future<Output = Result<Args, CallError>> + Send + 'a>>;

impl<C: Calls + ?Sized> Calls for Arc<C> {
    fn emit_event(&self, event: &str, args: JsonText) -> Result<(), EmitError> {
        C::emit_event(self, event, args)
    }

    fn call_event<'a>(
        &'a self,
        event: &'a str,
        args: JsonText,
        timeout: Option<Duration>,
    ) -> Acknowledged<'a> {
        C::call_event(self, event, args, timeout)
    }
}

/// An event about to be sent: await it for what the handler answers, or [`emit`](Self::emit) it.
#[must_use = "nothing is sent before it is awaited or emitted"]
pub struct Call<'a, T: DeserializeOwned> {
    calls: &'a dyn Calls,
    event: &'a str,
    args: Result<JsonText, EmitError>,
    timeout: Option<Duration>,
    decoded: PhantomData<fn() -> T>,
}

impl<'a, T: DeserializeOwned> Call<'a, T> {
    /// An event with these arguments.
    #[doc(hidden)]
    pub fn new(calls: &'a dyn Calls, event: &'a str, args: Result<JsonText, EmitError>) -> Self {
        Self { calls, event, args, timeout: None, decoded: PhantomData }
    }

    /// How long the answer may take, instead of the client's
    /// [`ack_timeout`](super::Connecting::ack_timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends it without asking for an acknowledgement.
    ///
    /// # Errors
    ///
    /// As [`Client::emit`](super::Client::emit).
    pub fn emit(self) -> Result<(), EmitError> {
        self.calls.emit_event(self.event, self.args?)
    }
}

impl<'a, T: DeserializeOwned> IntoFuture for Call<'a, T> {
    type Output = Result<T, CallError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { calls, event, args, timeout, .. } = self;
        Box::pin(async move {
            let args = args.map_err(CallError::NotSent)?;
            let answer = calls.call_event(event, args, timeout).await?;
            if let Some((error, data)) = split_error(&answer) {
                return Err(CallError::Failed { error, data });
            }
            answer.decode().map_err(CallError::Decode)
        })
    }
}
