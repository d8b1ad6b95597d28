//! The life of one connection: open, then its events one at a time in the order they came, then
//! close.
//!
//! All of it is one future per connection, polled in the session's task. A handler that does not wait
//! costs no task and no allocation; one that waits holds up this connection's queue and nothing else.

use std::any::Any;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use bytestring::ByteString;
use futures_util::FutureExt as _;

use super::reply::{error_args, json_string};
use super::{Context, EventContext, HandlerError, OnError, Reject, Reply, SocketConnection};
use crate::driver::Command;
use crate::protocol::{AckId, Event};
use crate::session::{Admission, CloseReason};
use crate::socket::Socket;

/// What waits for a connection's handlers. Filled and emptied by one task, so nobody is woken.
#[derive(Default)]
pub(crate) struct Inbox(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    closed: Option<CloseReason>,
}

enum Item {
    Event(Event),
    Close(CloseReason),
}

impl Inbox {
    pub(crate) fn push(&self, event: Event) {
        let mut queue = self.lock();
        if queue.closed.is_none() {
            queue.events.push_back(event);
        }
    }

    /// Ends the connection: behind what the client sent before it left, or at once if the server
    /// closed it.
    pub(crate) fn close(&self, reason: CloseReason) {
        let mut queue = self.lock();
        queue.closed.get_or_insert(reason);
        if !reason.keeps_queued_events() {
            queue.events.clear();
        }
    }

    /// Whether the client has left, or was made to.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed.is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().events.len()
    }

    async fn next(&self) -> Item {
        poll_fn(|_| {
            let mut queue = self.lock();
            match (queue.events.pop_front(), queue.closed) {
                (Some(event), _) => Poll::Ready(Item::Event(event)),
                (None, Some(reason)) => Poll::Ready(Item::Close(reason)),
                (None, None) => {
                    queue.events.shrink_to(QUEUE_KEPT);
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Slots kept when a queue runs empty.
const QUEUE_KEPT: usize = 4;

/// Runs one connection from its opening to its end.
pub(crate) async fn run<T: SocketConnection<S>, S: Sync>(
    socket: Socket,
    state: S,
    inbox: Arc<Inbox>,
) {
    let cx = Context { socket: &socket, state: &state };
    socket.enter();
    let Some(mut connection) = open::<T, S>(&cx, &inbox).await else {
        socket.set_closed(CloseReason::Refused);
        return;
    };
    loop {
        match inbox.next().await {
            Item::Event(event) => handle(&mut connection, &cx, &event, &inbox).await,
            Item::Close(reason) => {
                let closing = AssertUnwindSafe(connection.close(&cx, reason)).catch_unwind().await;
                if let Err(panic) = closing {
                    log(&socket, &panicked("disconnect", &*panic));
                }
                return;
            }
        }
    }
}

async fn open<T: SocketConnection<S>, S: Sync>(cx: &Context<'_, S>, inbox: &Inbox) -> Option<T> {
    let opened = AssertUnwindSafe(T::open(cx)).catch_unwind().await;
    let rejected = match opened {
        Ok(Ok(connection)) => {
            answer_connect(cx.socket, inbox, Admission::Accept);
            return Some(connection);
        }
        Ok(Err(reject)) => reject,
        Err(panic) => {
            let error = panicked("connect", &*panic);
            log(cx.socket, &error);
            Reject::from(error)
        }
    };
    let socket = tracing::field::display(cx.socket.id());
    tracing::debug!(target: "socketio::rejection", socket, reason = %rejected, "refused");
    let unauthorized = rejected.is_unauthorized();
    answer_connect(cx.socket, inbox, Admission::Refuse { unauthorized });
    None
}

/// Answers the client's connect, unless it has left meanwhile: it may have connected anew.
fn answer_connect(socket: &Socket, inbox: &Inbox, admission: Admission) {
    if !inbox.is_closed() {
        let endpoint = socket.endpoint_text().clone();
        let _ended = socket.mailbox().send(Command::Admit { endpoint, admission });
    }
}

async fn handle<T: SocketConnection<S>, S: Sync>(
    connection: &mut T,
    cx: &Context<'_, S>,
    event: &Event,
    inbox: &Inbox,
) {
    let event_cx = EventContext { connection: cx, event };
    let called = AssertUnwindSafe(connection.dispatch(&event_cx)).catch_unwind().await;
    let error = match called {
        Ok(Ok(Reply::Ack(args))) => return acknowledge(cx.socket, event.ack(), args),
        Ok(Ok(Reply::Unhandled | Reply::Done | Reply::Later)) => return,
        Ok(Err(error)) => error,
        Err(panic) => panicked(event.name(), &*panic),
    };
    if inbox.is_closed() && matches!(error, HandlerError::Failed { .. }) {
        // Most likely because the client had left: what it was sent did not go anywhere.
        return tracing::debug!(%error, "handler failed after the end");
    }
    let decided = AssertUnwindSafe(connection.error(cx, &error)).catch_unwind().await;
    let decided = decided.unwrap_or(Some(OnError::Close)).unwrap_or_else(|| {
        let told = event.ack().is_some() && !matches!(error, HandlerError::Panicked { .. });
        if told { OnError::Ignore } else { OnError::Close }
    });
    match &decided {
        OnError::Ack(value) => {
            acknowledge(cx.socket, event.ack(), format!("[{value}]").into());
        }
        OnError::Close | OnError::Ignore => {
            acknowledge(cx.socket, event.ack(), error_args(&public(&error)));
        }
    }
    if decided == OnError::Close {
        log(cx.socket, &error);
        cx.socket.end_session(CloseReason::HandlerFailed);
    }
}

fn acknowledge(socket: &Socket, id: Option<&AckId>, args: ByteString) {
    if let Some(id) = id.cloned() {
        let endpoint = socket.endpoint_text().clone();
        let _ended = socket.mailbox().send(Command::Acknowledge { endpoint, id, args });
    }
}

/// What the client is told of an error, as a JSON value: never what a panic said.
fn public(error: &HandlerError) -> String {
    match error {
        HandlerError::Arguments { .. } => json_string(error),
        HandlerError::Failed { error, .. } => error.clone(),
        HandlerError::Panicked { .. } => json_string(&"internal error"),
    }
}

fn log(socket: &Socket, error: &HandlerError) {
    let id = tracing::field::display(socket.id());
    let endpoint = socket.endpoint();
    tracing::warn!(target: "socketio::rejection", socket = id, endpoint, %error, "handler failed");
}

fn panicked(event: &str, panic: &(dyn Any + Send)) -> HandlerError {
    let message = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    HandlerError::Panicked { event: event.to_owned(), message }
}
