//! Acknowledgements in both directions: awaiting a client's, and answering it later.
//!
//! An awaited one goes out with an emission and comes back through the session, answered, overdue or
//! closed, exactly once. Source: socket.io-spec revision 1, "Ack"; legacy clients answer an event only if
//! its id has a `+`, which the session sees to.

#[cfg(any(feature = "client", feature = "test"))]
use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
#[cfg(any(feature = "client", feature = "test"))]
use serde_json::Value;
use tokio::sync::oneshot;

use super::emitter::not_taken;
use super::{EmitError, Socket, to_args};
use crate::adapter::deadline;
use crate::driver::{AckResult, Notice};
#[cfg(any(feature = "client", feature = "test"))]
use crate::protocol::Args;
use crate::protocol::{AckId, Emission, EmissionBody};
use crate::session::NoAck;

/// Why an awaited acknowledgement did not arrive as the type asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AckError {
    /// It could not be asked for.
    #[error("not sent")]
    NotSent(#[from] EmitError),
    /// The client gave none.
    #[error(transparent)]
    None(NoAck),
    /// The client gave something else.
    #[error("the client acknowledged with something else")]
    Decode(#[source] serde_json::Error),
}

/// An event or message about to be sent that asks for an acknowledgement. Await it.
#[must_use = "nothing is sent before it is awaited"]
pub struct PendingAck<'a, T> {
    socket: &'a Socket,
    body: Result<EmissionBody, EmitError>,
    timeout: Option<Duration>,
    decoded: PhantomData<fn() -> T>,
}

impl<'a, T> PendingAck<'a, T> {
    pub(super) fn new(socket: &'a Socket, body: Result<EmissionBody, EmitError>) -> Self {
        Self { socket, body, timeout: None, decoded: PhantomData }
    }

    /// How long the client may take, instead of the server's `ack_timeout`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    fn send(self) -> Result<oneshot::Receiver<AckResult>, EmitError> {
        let body = self.body?;
        if self.socket.close_reason().is_some() {
            return Err(EmitError::Closed);
        }
        let timeout = self.timeout.unwrap_or(self.socket.hub().ack_timeout);
        let (waiter, receiver) = oneshot::channel();
        let ack = Some((waiter, deadline(timeout)));
        let emission = Emission::new(self.socket.endpoint_text().clone(), body);
        self.socket.mailbox().emit(Arc::new(emission), false, ack).map_err(not_taken)?;
        Ok(receiver)
    }
}

impl<T: DeserializeOwned> IntoFuture for PendingAck<'_, T> {
    type Output = Result<T, AckError>;
    type IntoFuture = AckFuture<T>;

    fn into_future(self) -> AckFuture<T> {
        AckFuture { receiver: self.send().map_err(Some), decoded: PhantomData }
    }
}

/// An acknowledgement that is awaited. Dropping it gives up on the answer, not on the event.
pub struct AckFuture<T> {
    receiver: Result<oneshot::Receiver<AckResult>, Option<EmitError>>,
    decoded: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Future for AckFuture<T> {
    type Output = Result<T, AckError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match &mut self.receiver {
            Ok(receiver) => ready!(Pin::new(receiver).poll(cx)),
            Err(error) => {
                let error = error.take().unwrap_or(EmitError::Closed);
                return Poll::Ready(Err(AckError::NotSent(error)));
            }
        };
        let args = answer.unwrap_or(Err(NoAck::Closed)).map_err(AckError::None);
        Poll::Ready(args.and_then(|args| args.decode().map_err(AckError::Decode)))
    }
}

/// The error that an acknowledgement carries, and what comes with it: the one value is an object with the key `error`, and
/// no other but `data`.
#[cfg(any(feature = "client", feature = "test"))]
pub(crate) fn split_error(answer: &Args) -> Option<(Value, Option<Value>)> {
    let mut fields: BTreeMap<String, Value> = answer.decode().ok()?;
    let error = fields.remove("error")?;
    let data = fields.remove("data");
    fields.is_empty().then_some((error, data))
}

impl<C: ?Sized> Socket<C> {
    fn owe(&self) {
        // In this order, for it may close in between.
        self.mailbox().owe();
        self.0.owed.fetch_add(1, Acquire);
        // Whoever closed it before that has not found this one, and what it wrote before it looked is seen here.
        if self.close_reason().is_some() {
            self.settle_all();
        }
    }

    fn settle(&self) {
        // What a connection owed that has closed is settled.
        if self.0.owed.fetch_update(Relaxed, Relaxed, |owed| owed.checked_sub(1)).is_ok() {
            self.mailbox().settle();
        }
    }

    /// It has closed: its client hears no acknowledgement any more.
    pub(super) fn settle_all(&self) {
        (0..self.0.owed.swap(0, AcqRel)).for_each(|_| self.mailbox().settle());
    }
}

/// Answers an event, now or later and from anywhere: take it as a parameter of the handler.
///
/// Dropping it unused while the client waits is logged: the first of each client as a warning.
#[derive(Debug)]
pub struct AckSender {
    socket: Socket,
    id: Option<AckId>,
    /// Whether a server that stops waits for it.
    owes: bool,
}

impl AckSender {
    pub(crate) fn new(socket: Socket, id: Option<AckId>) -> Self {
        let owes = id.is_some();
        if owes {
            socket.owe();
        }
        Self { socket, id, owes }
    }

    /// Whether the client asked for an acknowledgement that carries data.
    pub fn is_wanted(&self) -> bool {
        self.id.is_some()
    }

    /// Sends the acknowledgement, if it is wanted; a tuple is one value per member.
    ///
    /// # Errors
    ///
    /// [`EmitError::Closed`], [`EmitError::SlowConsumer`] and [`EmitError::Serialize`].
    pub fn send(mut self, values: impl Serialize) -> Result<(), EmitError> {
        let Some(id) = self.id.take() else { return Ok(()) };
        let args = to_args(&values)?;
        let endpoint = self.socket.endpoint_text().clone();
        self.socket.mailbox().acknowledge(endpoint, id, args).map_err(not_taken)
    }
}

impl Drop for AckSender {
    fn drop(&mut self) {
        if self.id.is_some() && self.socket.close_reason().is_none() {
            let socket = tracing::field::display(self.socket.log_id());
            if self.socket.mailbox().notices().is_first(Notice::Unanswered) {
                tracing::warn!(socket, "an AckSender was dropped unused: the client waits in vain");
            } else {
                tracing::debug!(socket, "another AckSender was dropped unused");
            }
        }
        if self.owes {
            self.socket.settle();
        }
    }
}
