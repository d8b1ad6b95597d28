//! The life of one connection: open, then its events, then close.
//!
//! In go an inbox and what all connections of the endpoint share; out comes one future, which the
//! connections of a client poll in the session's task. Here its events run one at a time in the order
//! they came: a handler that does not wait costs no task and no allocation; one that waits holds up this
//! connection's queue and nothing else. How they run beside each other is in [`shared`](super::shared).
//! The room that handlers take is allocated for the first event and given back when the connection rests.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;

use futures_util::FutureExt as _;

use super::error::{Milliseconds, name_of};
use super::inbox::{Inbox, Item, Outcome, message_of};
use super::reply::{error_args, json_string};
use super::span::{call_span, within};
use super::{
    Context, EventContext, HandlerError, OnError, Order, Packet, Reject, Reply, SocketConnection,
    shared,
};
use crate::driver::{Command, Notice};
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
    let mut place = Place { socket, state, inbox };
    Box::pin(async move {
        // What handlers need while they run is boxed, for a connection at rest keeps none of it.
        let Some(mut open) = Box::pin(Open::<T, S>::new(&place.call())).await else { return };
        loop {
            place.inbox.stirred().await;
            // Two futures, so that a type without an order of its own is no larger for those that have one.
            let rests = match T::ORDER {
                None => Box::pin(one_by_one(open, place)).await,
                Some(order) => Box::pin(shared(open, place, order)).await,
            };
            let Some(rests) = rests else { return };
            (open, place) = rests;
        }
    })
}

/// Where a connection is: its handle, the server's state, and what waits for its handlers.
struct Place<S> {
    socket: Socket,
    state: S,
    inbox: Arc<Inbox>,
}

impl<S> Place<S> {
    fn call(&self) -> Call<'_, S> {
        Call { cx: Context { socket: &self.socket, state: &self.state }, inbox: &self.inbox }
    }
}

/// Runs the events of a connection one at a time; gives it back for a rest, or nothing at its end.
async fn one_by_one<T: SocketConnection<S>, S: Send + Sync>(
    mut open: Open<T, S>,
    place: Place<S>,
) -> Option<(Open<T, S>, Place<S>)> {
    let call = place.call();
    loop {
        match place.inbox.next(&place.socket).await {
            Item::Event(event) => handle(&mut open, &call, &event).await,
            Item::Rest => return Some((open, place)),
            Item::Close(reason) => {
                open.close(&call, reason).await;
                return None;
            }
        }
    }
}

/// The same, beside each other.
async fn shared<T: SocketConnection<S>, S: Send + Sync>(
    mut open: Open<T, S>,
    place: Place<S>,
    order: fn(&str) -> Order,
) -> Option<(Open<T, S>, Place<S>)> {
    let call = place.call();
    match shared::run(&mut open, &call, order).await {
        None => Some((open, place)),
        Some(reason) => {
            open.close(&call, reason).await;
            None
        }
    }
}

/// What all calls of one connection's handlers have in common.
pub(super) struct Call<'a, S> {
    pub(super) cx: Context<'a, S>,
    pub(super) inbox: &'a Inbox,
}

/// A connection that its client is in, and what is kept beside it.
pub(super) struct Open<T: SocketConnection<S>, S> {
    pub(super) connection: T,
    pub(super) kept: T::Kept,
}

impl<T: SocketConnection<S>, S: Sync> Open<T, S> {
    async fn new(call: &Call<'_, S>) -> Option<Self> {
        let (connection, kept) = admit(call.cx.socket, call.inbox, T::open(&call.cx)).await?;
        call.cx.socket.accept();
        show(call.cx.socket, call.inbox, &Packet::Connect);
        Some(Self { connection, kept })
    }

    async fn close(mut self, call: &Call<'_, S>, reason: CloseReason) {
        // Not `attend`: that would not wait for a close handler after a cancelled event.
        let closing = self.connection.close(&self.kept, &call.cx, reason);
        let closing = AssertUnwindSafe(closing).catch_unwind().await;
        let socket = call.cx.socket;
        if let Err(panic) = closing {
            log(socket, Notice::Closing, &panicked("disconnect", message_of(&*panic)));
        }
        guard(socket, || drop(self.connection));
        guard(socket, || drop(self.kept));
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
            log(socket, Notice::Opening, &error);
            Reject::from(error)
        }
        Outcome::Cancelled => Reject::error("the client left"),
    };
    let id = tracing::field::display(socket.log_id());
    let reason = rejected.summary();
    tracing::debug!(target: "socketio::rejection", socket = id, reason, "refused");
    refuse(socket, inbox, Admission::Refuse(rejected.refusal()));
    None
}

/// Logs a panic in what opens a connection, and says how the client is refused.
pub(crate) fn failed_to_open(socket: &Socket, panic: &(dyn Any + Send)) -> Admission {
    log(socket, Notice::Opening, &panicked("connect", message_of(panic)));
    Admission::Refuse(Reject::error("failed").refusal())
}

/// Ends a connection that has not opened.
pub(crate) fn refuse(socket: &Socket, inbox: &Inbox, admission: Admission) {
    let message = match &admission {
        Admission::Refuse(refusal) => &*refusal.message,
        _ => "no such endpoint",
    };
    show(socket, inbox, &Packet::Refused { message });
    let endpoint = socket.endpoint_text().clone();
    let _ended = socket.mailbox().send(Command::Admit { endpoint, admission });
    socket.set_closed(CloseReason::Refused);
}

/// Shows hooks what answers a client, unless that has left, as they have seen.
fn show(socket: &Socket, inbox: &Inbox, packet: &Packet<'_>) {
    let hooks = &inbox.policy().hooks;
    if !hooks.is_empty() && !inbox.is_closed() {
        hooks.outgoing(socket, packet);
    }
}

/// Runs what drops values of the user's; gives `false`, and logs it, if one of them panicked.
pub(super) fn guard(socket: &Socket, drops: impl FnOnce()) -> bool {
    let dropped = catch_unwind(AssertUnwindSafe(drops));
    if let Err(panic) = &dropped {
        log(socket, Notice::Closing, &panicked("disconnect", message_of(&**panic)));
    }
    dropped.is_ok()
}

/// Runs the handler of an event that has the connection for itself.
pub(super) async fn handle<T: SocketConnection<S>, S: Sync>(
    Open { connection, kept }: &mut Open<T, S>,
    call: &Call<'_, S>,
    event: &Event,
) {
    let handling = pin!(async {
        let event_cx = EventContext { connection: &call.cx, event };
        let handling = connection.dispatch(kept, &event_cx);
        let handling = call.inbox.policy().guarded_event(call.cx.socket, event, handling);
        let outcome = call.inbox.attend(handling).await;
        if let Some(error) = answer(call, event, outcome) {
            let decided = call.inbox.attend(connection.error(kept, &call.cx, &error)).await;
            settle(call, event, &error, decided);
        }
    });
    within(call_span(event), handling).await;
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
    if error.is_refusal() {
        if call.cx.socket.is_ending() {
            return None;
        }
        count_rejection(call, &error);
    }
    if call.inbox.is_closed() && matches!(error, HandlerError::Failed { .. }) {
        // Most likely because the client had left: what it was sent did not go anywhere.
        let error = error.summary();
        tracing::debug!(error, "handler failed after the end");
        return None;
    }
    Some(error)
}

/// Counts an event that was not let through; the log gets the first of each connection.
fn count_rejection<S>(call: &Call<'_, S>, error: &HandlerError) {
    let (socket, counters) = (call.cx.socket, &call.cx.socket.hub().counters);
    match error {
        HandlerError::Throttled { .. } => counters.event_throttled(),
        _ => counters.event_refused(),
    }
    if call.inbox.is_first_rejection() {
        let (id, reason) = (tracing::field::display(socket.log_id()), error.summary());
        let event = error.event();
        tracing::debug!(target: "socketio::rejection", socket = id, event, reason, "event rejected");
    }
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
            log(socket, Notice::Handling, &panicked("error", message));
            OnError::Close
        }
        Outcome::Done(None) if error.is_refusal() => OnError::Ignore,
        Outcome::Done(None) if event.ack().is_some() && !error.is_panic() => OnError::Ignore,
        _ => OnError::Close,
    };
    match &decided {
        OnError::Ack(value) => {
            acknowledge(socket, event.ack(), format!("[{value}]").into());
        }
        OnError::Close | OnError::Ignore => {
            acknowledge(socket, event.ack(), public(error));
        }
    }
    if decided == OnError::Close {
        log(socket, Notice::Ending, error);
        socket.end_session(CloseReason::HandlerFailed);
    } else if error.is_panic() {
        log(socket, Notice::Handling, error);
    }
}

fn acknowledge(socket: &Socket, id: Option<&AckId>, args: JsonText) {
    if let Some(id) = id.cloned() {
        let endpoint = socket.endpoint_text().clone();
        let _ended = socket.mailbox().acknowledge(endpoint, id, args);
    }
}

/// What the client is told of an error: never what a panic said.
fn public(error: &HandlerError) -> JsonText {
    match error {
        HandlerError::Arguments { .. } => error_args(&json_string(error), ""),
        HandlerError::Failed { error, .. } => error_args(error, ""),
        HandlerError::Panicked { .. } => error_args(&json_string(&"internal error"), ""),
        HandlerError::Refused { reject, .. } => error_args(&json_string(reject), reject.data()),
        HandlerError::Throttled { retry_after, .. } => {
            let wait = Milliseconds(*retry_after);
            error_args(&json_string(error), &format!(r#"{{"retry_after":{wait}}}"#))
        }
    }
}

/// Logs a failure, as a warning if it is the first of its kind of the client, which may cause it again and again.
fn log(socket: &Socket, notice: Notice, error: &HandlerError) {
    let id = tracing::field::display(socket.log_id());
    let (endpoint, event, error) = (socket.endpoint(), error.event(), error.summary());
    if socket.mailbox().notices().is_first(notice) {
        tracing::warn!(target: "socketio::rejection", socket = id, endpoint, event, error, "handler failed");
    } else {
        tracing::debug!(target: "socketio::rejection", socket = id, endpoint, event, error, "handler failed again");
    }
}

fn panicked(event: &str, message: String) -> HandlerError {
    HandlerError::Panicked { event: event.to_owned(), message }
}
