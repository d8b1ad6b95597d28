//! The life of one connection: open, then its events, then close.
//!
//! In go an inbox and what all connections of the endpoint share; out comes one future, which the
//! connections of a client poll in the session's task. Here its events run one at a time in the order
//! they came: a handler that does not wait costs no task and no allocation; one that waits holds up this
//! connection's queue and nothing else. How they run beside each other is in [`shared`](super::shared).

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::error::name_of;
use super::inbox::{Inbox, Item, Outcome, message_of};
use super::reply::{error_args, json_string};
use super::span::call_span;
use super::{
    Context, EventContext, HandlerError, OnError, Reject, Reply, SocketConnection, shared,
};
use crate::driver::Command;
use crate::protocol::{AckId, Event, JsonText};
use crate::session::{Admission, CloseReason};
use crate::socket::Socket;

/// One connection from its opening to its end.
pub(crate) type Life = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs one connection.
pub(crate) fn run<T: SocketConnection<S>, S: Send + Sync + 'static>(
    socket: Socket,
    state: S,
    inbox: Arc<Inbox>,
) -> Life {
    // Two futures, so that a type without an order of its own is no larger for those that have one.
    match T::ORDER {
        None => Box::pin(async move {
            let call = Call { cx: Context { socket: &socket, state: &state }, inbox: &inbox };
            let Some(mut connection) = open::<T, S>(&call).await else { return };
            let reason = loop {
                match inbox.next(&socket).await {
                    Item::Event(event) => handle(&mut connection, &call, &event).await,
                    Item::Close(reason) => break reason,
                }
            };
            close(&mut connection, &call, reason).await;
            discard(connection, &socket);
        }),
        Some(order) => Box::pin(async move {
            let call = Call { cx: Context { socket: &socket, state: &state }, inbox: &inbox };
            let Some(mut connection) = open::<T, S>(&call).await else { return };
            let reason = shared::run(&mut connection, &call, order).await;
            close(&mut connection, &call, reason).await;
            discard(connection, &socket);
        }),
    }
}

/// What all calls of one connection's handlers have in common.
pub(super) struct Call<'a, S> {
    pub(super) cx: Context<'a, S>,
    pub(super) inbox: &'a Inbox,
}

async fn open<T: SocketConnection<S>, S: Sync>(call: &Call<'_, S>) -> Option<T> {
    let connection = admit(call.cx.socket, call.inbox, T::open(&call.cx)).await?;
    call.cx.socket.accept();
    Some(connection)
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
    let id = tracing::field::display(socket.log_id());
    tracing::debug!(target: "socketio::rejection", socket = id, reason = rejected.summary(), "refused");
    refuse(socket, Admission::Refuse(rejected.refusal()));
    None
}

/// Logs a panic in what opens a connection, and says how the client is refused.
pub(crate) fn failed_to_open(socket: &Socket, panic: &(dyn Any + Send)) -> Admission {
    log(socket, &panicked("connect", message_of(panic)));
    Admission::Refuse(Reject::error("failed").refusal())
}

/// Ends a connection that has not opened.
pub(crate) fn refuse(socket: &Socket, admission: Admission) {
    let endpoint = socket.endpoint_text().clone();
    let _ended = socket.mailbox().send(Command::Admit { endpoint, admission });
    socket.set_closed(CloseReason::Refused);
}

async fn close<T: SocketConnection<S>, S: Sync>(
    connection: &mut T,
    call: &Call<'_, S>,
    reason: CloseReason,
) {
    // Not `attend`: that would not wait for a close handler after a cancelled event.
    let closing = AssertUnwindSafe(connection.close(&call.cx, reason)).catch_unwind().await;
    if let Err(panic) = closing {
        log(call.cx.socket, &panicked("disconnect", message_of(&*panic)));
    }
}

fn discard<T>(connection: T, socket: &Socket) {
    guard(socket, || drop(connection));
}

/// Runs what drops values of the user's; gives `false`, and logs it, if one of them panicked.
pub(super) fn guard(socket: &Socket, drops: impl FnOnce()) -> bool {
    let dropped = catch_unwind(AssertUnwindSafe(drops));
    if let Err(panic) = &dropped {
        log(socket, &panicked("disconnect", message_of(&**panic)));
    }
    dropped.is_ok()
}

/// Runs the handler of an event that has the connection for itself.
pub(super) fn handle<T: SocketConnection<S>, S: Sync>(
    connection: &mut T,
    call: &Call<'_, S>,
    event: &Event,
) -> impl Future<Output = ()> {
    let handling = async move {
        let event_cx = EventContext { connection: &call.cx, event };
        let outcome = call.inbox.attend(connection.dispatch(&event_cx)).await;
        if let Some(error) = answer(call, event, outcome) {
            let decided = call.inbox.attend(connection.error(&call.cx, &error)).await;
            settle(call, event, &error, decided);
        }
    };
    handling.instrument(call_span(event))
}

/// Sends what a handler's call came to, unless that is a failure to decide about.
pub(super) fn answer<S>(
    call: &Call<'_, S>,
    event: &Event,
    outcome: Outcome<Result<Reply, HandlerError>>,
) -> Option<HandlerError> {
    let error = match outcome {
        Outcome::Done(Ok(Reply::Ack(args))) => {
            acknowledge(call.cx.socket, event.ack(), args);
            return None;
        }
        Outcome::Done(Ok(Reply::Unhandled | Reply::Done | Reply::Later)) => return None,
        Outcome::Done(Err(error)) => error,
        Outcome::Panicked(message) => panicked(&name_of(event), message),
        Outcome::Cancelled => return None,
    };
    if call.inbox.is_closed() && matches!(error, HandlerError::Failed { .. }) {
        // Most likely because the client had left: what it was sent did not go anywhere.
        let error = error.summary();
        tracing::debug!(error, "handler failed after the end");
        return None;
    }
    Some(error)
}

/// Does what was decided about a failure.
pub(super) fn settle<S>(
    call: &Call<'_, S>,
    event: &Event,
    error: &HandlerError,
    decided: Outcome<Option<OnError>>,
) {
    let socket = call.cx.socket;
    let decided = match decided {
        Outcome::Done(None) => call.inbox.decide(error),
        decided => decided,
    };
    let decided = match decided {
        Outcome::Done(Some(decided)) => decided,
        Outcome::Panicked(message) => {
            log(socket, &panicked("error", message));
            OnError::Close
        }
        Outcome::Done(None) if event.ack().is_some() && !error.is_panic() => OnError::Ignore,
        _ => OnError::Close,
    };
    match &decided {
        OnError::Ack(value) => {
            acknowledge(socket, event.ack(), format!("[{value}]").into());
        }
        OnError::Close | OnError::Ignore => {
            acknowledge(socket, event.ack(), error_args(&public(error)));
        }
    }
    if decided == OnError::Close || error.is_panic() {
        log(socket, error);
    }
    if decided == OnError::Close {
        socket.end_session(CloseReason::HandlerFailed);
    }
}

fn acknowledge(socket: &Socket, id: Option<&AckId>, args: JsonText) {
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
    let id = tracing::field::display(socket.log_id());
    let (endpoint, event, error) = (socket.endpoint(), error.event(), error.summary());
    tracing::warn!(target: "socketio::rejection", socket = id, endpoint, event, error, "handler failed");
}

fn panicked(event: &str, message: String) -> HandlerError {
    HandlerError::Panicked { event: event.to_owned(), message }
}
