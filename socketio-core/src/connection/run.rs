//! The life of one connection: open, then its events one at a time in the order they came, then
//! close.
//!
//! All of it is one future per connection, polled in the session's task. A handler that does not wait
//! costs no task and no allocation; one that waits holds up this connection's queue and nothing else.

use std::any::Any;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use bytestring::ByteString;
use futures_util::FutureExt as _;

use super::error::name_of;
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
    cancelled: bool,
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

    /// Gives the handler up that runs, and those that wait: only the close handler is still called.
    pub(crate) fn cancel(&self) {
        let mut queue = self.lock();
        queue.cancelled = true;
        queue.events.clear();
    }

    /// Whether the client has left, or was made to.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed.is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().events.len()
    }

    async fn next(&self, socket: &Socket) -> Item {
        poll_fn(|_| {
            let mut queue = self.lock();
            if socket.is_ending() {
                queue.events.clear();
            }
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

    /// Runs a handler until it is done or cancelled, and catches its panic.
    async fn attend<F: Future>(&self, handler: F) -> Outcome<F::Output> {
        let mut handler = std::pin::pin!(AssertUnwindSafe(handler).catch_unwind());
        poll_fn(|cx| match handler.as_mut().poll(cx) {
            Poll::Ready(Ok(output)) => Poll::Ready(Outcome::Done(output)),
            Poll::Ready(Err(panic)) => Poll::Ready(Outcome::Panicked(message_of(&*panic))),
            Poll::Pending if self.lock().cancelled => Poll::Ready(Outcome::Cancelled),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a handler's call ended.
enum Outcome<T> {
    Done(T),
    Panicked(String),
    Cancelled,
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
    let Some(mut connection) = admit(&socket, &inbox, T::open(&cx)).await else { return };
    answer_connect(&socket, Admission::Accept);
    let reason = loop {
        match inbox.next(&socket).await {
            Item::Event(event) => handle(&mut connection, &cx, &event, &inbox).await,
            Item::Close(reason) => break reason,
        }
    };
    // Not `attend`: that would not wait for a close handler after a cancelled event.
    let closing = AssertUnwindSafe(connection.close(&cx, reason)).catch_unwind().await;
    let dropping = catch_unwind(AssertUnwindSafe(|| drop(connection)));
    for panic in [closing, dropping].into_iter().filter_map(Result::err) {
        log(&socket, &panicked("disconnect", message_of(&*panic)));
    }
}

/// Runs what lets a client in, and refuses the client where that does not.
pub(crate) async fn admit<T>(
    socket: &Socket,
    inbox: &Inbox,
    opening: impl Future<Output = Result<T, Reject>>,
) -> Option<T> {
    let rejected = match inbox.attend(opening).await {
        Outcome::Done(Ok(admitted)) => return Some(admitted),
        Outcome::Done(Err(reject)) => reject,
        Outcome::Panicked(message) => {
            let error = panicked("connect", message);
            log(socket, &error);
            Reject::from(error)
        }
        Outcome::Cancelled => Reject::error("the client left"),
    };
    let id = tracing::field::display(socket.id());
    tracing::debug!(target: "socketio::rejection", socket = id, reason = %rejected, "refused");
    refuse(socket, Admission::Refuse { unauthorized: rejected.is_unauthorized() });
    None
}

/// Ends a connection that has not opened.
pub(crate) fn refuse(socket: &Socket, admission: Admission) {
    answer_connect(socket, admission);
    socket.set_closed(CloseReason::Refused);
}

fn answer_connect(socket: &Socket, admission: Admission) {
    let endpoint = socket.endpoint_text().clone();
    let _ended = socket.mailbox().send(Command::Admit { endpoint, admission });
}

async fn handle<T: SocketConnection<S>, S: Sync>(
    connection: &mut T,
    cx: &Context<'_, S>,
    event: &Event,
    inbox: &Inbox,
) {
    let event_cx = EventContext { connection: cx, event };
    let error = match inbox.attend(connection.dispatch(&event_cx)).await {
        Outcome::Done(Ok(Reply::Ack(args))) => return acknowledge(cx.socket, event.ack(), args),
        Outcome::Done(Ok(Reply::Unhandled | Reply::Done | Reply::Later)) => return,
        Outcome::Done(Err(error)) => error,
        Outcome::Panicked(message) => panicked(&name_of(event), message),
        Outcome::Cancelled => return,
    };
    if inbox.is_closed() && matches!(error, HandlerError::Failed { .. }) {
        // Most likely because the client had left: what it was sent did not go anywhere.
        let error = error.summary();
        return tracing::debug!(error, "handler failed after the end");
    }
    let decided = match inbox.attend(connection.error(cx, &error)).await {
        Outcome::Done(Some(decided)) => decided,
        Outcome::Panicked(message) => {
            log(cx.socket, &panicked("error", message));
            OnError::Close
        }
        Outcome::Done(None) if event.ack().is_some() && !error.is_panic() => OnError::Ignore,
        _ => OnError::Close,
    };
    match &decided {
        OnError::Ack(value) => {
            acknowledge(cx.socket, event.ack(), format!("[{value}]").into());
        }
        OnError::Close | OnError::Ignore => {
            acknowledge(cx.socket, event.ack(), error_args(&public(&error)));
        }
    }
    if decided == OnError::Close || error.is_panic() {
        log(cx.socket, &error);
    }
    if decided == OnError::Close {
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
    let (endpoint, event, error) = (socket.endpoint(), error.event(), error.summary());
    tracing::warn!(target: "socketio::rejection", socket = id, endpoint, event, error, "handler failed");
}

fn panicked(event: &str, message: String) -> HandlerError {
    HandlerError::Panicked { event: event.to_owned(), message }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(|text| &**text))
        .unwrap_or_default()
        .to_owned()
}
