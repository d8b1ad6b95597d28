//! What becomes of the events that come: they wait their turn for the user's receiver, which runs in the
//! client's task beside all else.
//!
//! Events go in, acknowledgements come out; [`run`](super::run) owns the [`Inbox`]. One event is handled at a
//! time, in the order they came. A panic ends its event and nothing else.

use std::any::Any;
use std::collections::VecDeque;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::FutureExt as _;
use serde::Serialize;
use serde_json::json;

use crate::connection::{ReceivedBy, Reply};
use crate::protocol::{AckId, Event, JsonText};
use crate::socket::to_args;

/// What handling an event gives: the acknowledgement, if there is one.
pub(super) type Handling = Pin<Box<dyn Future<Output = Option<JsonText>> + Send>>;

/// The user's receiver.
pub(super) struct Receiver(Box<dyn Fn(Event) -> Handling + Send + Sync>);

impl Receiver {
    /// One that does it all.
    pub(super) fn new(handle: impl Fn(Event) -> Handling + Send + Sync + 'static) -> Self {
        Self(Box::new(handle))
    }

    /// The methods of a client.
    pub(super) fn client<C, T>(client: T) -> Self
    where
        C: ReceivedBy<T> + ?Sized,
        T: Send + Sync + 'static,
    {
        let client = Arc::new(client);
        Self::new(move |event| {
            let client = Arc::clone(&client);
            Box::pin(async move {
                match C::receive(&client, &event).await {
                    Ok(Reply::Ack(args)) => Some(args),
                    Ok(Reply::Unhandled) => {
                        tracing::debug!(event = event.name(), "no method receives this event");
                        None
                    }
                    Ok(_) => None,
                    Err(error) => {
                        tracing::warn!(%error, "a client's receiver was not called");
                        to_args(&json!({ "error": error.to_string() })).ok()
                    }
                }
            })
        })
    }

    /// A function whose value is the acknowledgement.
    pub(super) fn function<F, Fut>(handle: F) -> Self
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Serialize> + Send + 'static,
    {
        Self::new(move |event| {
            let handling = handle(event);
            Box::pin(async move {
                let answer = to_args(&handling.await);
                answer.inspect_err(|error| tracing::warn!(%error, "an answer was not sent")).ok()
            })
        })
    }
}

/// An acknowledgement that is to be sent.
pub(super) struct Answer {
    pub(super) id: AckId,
    pub(super) args: JsonText,
    /// The connection on which the event came; the answer means nothing on another.
    pub(super) connection: u64,
}

/// Events that wait, and the one that is handled.
pub(super) struct Inbox {
    receiver: Option<Receiver>,
    waiting: VecDeque<(Event, u64)>,
    current: Option<(Handling, Option<AckId>, u64)>,
}

impl Inbox {
    pub(super) fn new(receiver: Option<Receiver>) -> Self {
        Self { receiver, waiting: VecDeque::new(), current: None }
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Takes an event of this connection; where nobody receives, it is dropped.
    pub(super) fn push(&mut self, event: Event, connection: u64) {
        if self.receiver.is_some() {
            self.waiting.push_back((event, connection));
        }
    }

    /// Goes on with what is handled: gives its answer, or that it has none; [`None`] is ready when nothing is
    /// left.
    fn poll_handled(&mut self, cx: &mut Context<'_>) -> Poll<Option<Option<Answer>>> {
        let Some(receiver) = &self.receiver else { return Poll::Ready(None) };
        let (handling, id, connection) = match &mut self.current {
            Some(current) => current,
            none => {
                let Some((event, connection)) = self.waiting.pop_front() else {
                    return Poll::Ready(None);
                };
                let id = event.ack().cloned();
                let handle = &receiver.0;
                // The call itself may panic, too.
                let handling = std::panic::catch_unwind(AssertUnwindSafe(|| handle(event)));
                let handling = handling.unwrap_or_else(|panic| Box::pin(panicked(panic)));
                none.insert((handling, id, connection))
            }
        };
        let caught = AssertUnwindSafe(handling.as_mut()).catch_unwind().poll_unpin(cx);
        let answer = match ready!(caught) {
            Ok(answer) => answer,
            Err(panic) => {
                log_panic(&*panic);
                None
            }
        };
        let answer = answer.zip(id.take());
        let answer = answer.map(|(args, id)| Answer { id, args, connection: *connection });
        self.current = None;
        Poll::Ready(Some(answer))
    }

    /// The next answer, or an event that needed none: ready when something has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Answer>> {
        match self.poll_handled(cx) {
            Poll::Ready(Some(answer)) => Poll::Ready(answer),
            _ => Poll::Pending,
        }
    }

    /// Handles what has come, for which no answer can be sent any more.
    pub(super) async fn finish(mut self) {
        while std::future::poll_fn(|cx| self.poll_handled(cx)).await.is_some() {}
    }
}

async fn panicked(panic: Box<dyn Any + Send>) -> Option<JsonText> {
    log_panic(&*panic);
    None
}

fn log_panic(panic: &(dyn Any + Send)) {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or_default(), "a client's receiver panicked");
}
