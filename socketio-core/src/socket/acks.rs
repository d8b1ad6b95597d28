//! Acknowledgements of many clients: awaiting them all, or taking them as they come.
//!
//! The emitter starts it, the adapter gives what each server's clients answer; here that is read as the type
//! that was asked for. Each asked client is there once, with its answer or with why there is none.

use std::error::Error;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Stream, StreamExt as _};
use serde::de::DeserializeOwned;

use super::{AckError, EmitError, Emitter};
use crate::adapter::{AdapterError, Answer, Answers, EmissionBody};
use crate::id::SocketId;

/// What one client answered, or why it did not.
type Acknowledged<T> = (SocketId, Result<T, AckError>);

/// An event about to be sent that asks many clients for an acknowledgement. Await it, or [`stream`](Self::stream) it.
///
/// Awaiting it gives each client's answer, or why there is none, in the order in which they came; a client that
/// leaves meanwhile is [`NoAck::Closed`](crate::NoAck::Closed) at once, and one that takes too long
/// [`NoAck::Timeout`](crate::NoAck::Timeout). Where a server of the cluster is lost that is an [`AcksError`], which
/// has what the others said; a `?` makes an [`EmitError`] of it.
#[must_use = "nothing is sent before it is awaited"]
pub struct PendingAcks<'a, T> {
    emitter: Emitter<'a>,
    body: Result<EmissionBody, EmitError>,
    decoded: PhantomData<fn() -> T>,
}

impl<'a, T> PendingAcks<'a, T> {
    pub(super) fn new(emitter: Emitter<'a>, body: Result<EmissionBody, EmitError>) -> Self {
        Self { emitter, body, decoded: PhantomData }
    }

    /// Sends it now, and gives the answers as they come.
    ///
    /// # Errors
    ///
    /// [`EmitError::Serialize`], or [`EmitError::Closed`] where it is for one connection, which is closed.
    pub fn stream(self) -> Result<Acks<T>, EmitError> {
        let answers = self.emitter.ask(self.body?)?;
        Ok(Acks { answers, error: None, decoded: PhantomData })
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for PendingAcks<'_, T> {
    type Output = Result<Vec<Acknowledged<T>>, AcksError<T>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let acks = self.stream();
        Box::pin(async move {
            let mut acks = acks?;
            let mut all = Vec::new();
            while let Some((socket, answer)) = acks.next().await {
                all.push((socket, answer));
            }
            match acks.error {
                None => Ok(all),
                Some(error) => Err(AcksError { error: EmitError::Cluster(error), answers: all }),
            }
        })
    }
}

/// Why not all have been heard, and what those said who have.
#[non_exhaustive]
pub struct AcksError<T> {
    /// Why not.
    pub error: EmitError,
    /// What there is nevertheless; nothing unless the error is [`EmitError::Cluster`].
    pub answers: Vec<(SocketId, Result<T, AckError>)>,
}

impl<T> From<EmitError> for AcksError<T> {
    fn from(error: EmitError) -> Self {
        Self { error, answers: Vec::new() }
    }
}

impl<T> From<AcksError<T>> for EmitError {
    fn from(failed: AcksError<T>) -> Self {
        failed.error
    }
}

impl<T> fmt::Debug for AcksError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("AcksError");
        debug.field("error", &self.error).field("answers", &self.answers.len()).finish()
    }
}

impl<T> fmt::Display for AcksError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T> Error for AcksError<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Acknowledgements as they come: each client once. Dropping it gives up on the answers, not on the event.
pub struct Acks<T> {
    answers: Answers,
    error: Option<AdapterError>,
    decoded: PhantomData<fn() -> T>,
}

impl<T> Acks<T> {
    /// Why answers of other servers are missing, if they are; known when the stream has ended.
    pub fn error(&self) -> Option<&AdapterError> {
        self.error.as_ref()
    }
}

impl<T: DeserializeOwned> Stream for Acks<T> {
    type Item = Acknowledged<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let acknowledged = match ready!(self.answers.poll_next_unpin(cx)) {
                None => None,
                Some(Ok(Answer::Acknowledged { socket, args })) => {
                    Some((socket, args.decode().map_err(AckError::Decode)))
                }
                Some(Ok(Answer::Unacknowledged { socket, reason })) => {
                    Some((socket, Err(AckError::None(reason))))
                }
                Some(Ok(_)) => continue,
                Some(Err(error)) => {
                    self.error.get_or_insert(error);
                    continue;
                }
            };
            return Poll::Ready(acknowledged);
        }
    }
}
