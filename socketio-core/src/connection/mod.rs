//! What users implement and how it is called.
//!
//! The macro writes the implementations; `run` calls them, one connection at a time, with
//! arguments decoded from the packet: `inbox` is what waits for them, `shared` how they run beside each
//! other. Nothing here knows paths, transports or other connections.

mod arguments;
mod assert;
mod context;
mod error;
mod guard;
mod hook;
mod inbox;
mod policy;
mod received;
mod reject;
mod reply;
mod run;
mod shared;
mod span;
mod throttle;
mod validate;

pub use arguments::{Arguments, Form, Param, Signature, Surplus};
pub use assert::{
    Absent, Answer, Argument, ErrorAnswer, OneSocketConnectionBlockPerType, OpensByDefault,
    Outcome, PartOf, PlainOutcome, Refusal, VecOfU8, ViaNothing, answer, answer_result, asked,
    default_value, defaulted, handler_future, of_client, of_client_alone, open_broken,
    open_default, open_result, optional, required, rest, sent,
};
pub use context::{Auth, Context, EventContext, Extension, FromConnection, FromEvent, auth, enter};
pub use error::{ArgumentProblem, HandlerError, OnError};
pub use guard::{
    And, EventGuard, Guard, Guarded, NoState, give, guard_connection, guard_event,
    guard_event_giving, stateless,
};
pub use hook::{Hook, Packet};
pub use received::{Answered, Received, ReceivedBy};
pub use reject::Reject;
pub use reply::{ErrorWire, Reply, ViaError, ViaSerialize, reply, reply_later, reply_result};
pub use shared::Order;
pub use throttle::Throttles;
pub use validate::{Checked, Invalid, Validate, ViaNothingToSay, ViaValidate, valid};

pub use crate::session::Rate;

pub(crate) use error::FailurePolicy;
pub(crate) use guard::in_time;
pub(crate) use hook::Hooks;
pub(crate) use inbox::Inbox;
pub(crate) use policy::Policy;
pub(crate) use run::{Life, admit, failed_to_open, refuse, run};
pub(crate) use span::cut;

use std::future::Future;

use crate::session::CloseReason;

/// A type whose values are connections of clients to an endpoint.
///
/// [`#[socket_connection]`](macro@crate::socket_connection) writes this for an impl block. `S` is the
/// server's state ([`Builder::state`](crate::Builder::state)); an impl names the parts of it that its
/// handlers take by `FromRef` bounds.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't serve connections of a server whose state is `{S}`",
    label = "not a connection type for this server",
    note = "put `#[socket_connection]` on an `impl {Self}` block, and give the server the state that its handlers take with `.state(…)`",
    note = "if it is there, `cargo tree --duplicates` tells whether there are two versions of the crate"
)]
pub trait SocketConnection<S = ()>: Sized + Send + Sync + 'static {
    /// What is kept beside the connection for as long as it lives: what the guards of its block gave, and its
    /// throttles. `()` where there are none.
    type Kept: Send + Sync + 'static;

    /// Makes the state of a new connection, or rejects it. Once the guards of its block have let it pass, and
    /// before a handler sees it, this makes it a member of its endpoint, whom others find.
    ///
    /// # Errors
    ///
    /// The [`Reject`] is what the client is told.
    fn open(cx: &Context<'_, S>)
    -> impl Future<Output = Result<(Self, Self::Kept), Reject>> + Send;

    /// In which order events run, by their names. [`None`]: all on the connection's own queue, and
    /// [`dispatch`](Self::dispatch) handles all of them.
    const ORDER: Option<fn(&str) -> Order> = None;

    /// Calls the handler of an event that has the connection for itself.
    ///
    /// # Errors
    ///
    /// [`HandlerError`]: the handler could not be called, or failed with nobody asking.
    fn dispatch(
        &mut self,
        kept: &Self::Kept,
        cx: &EventContext<'_, S>,
    ) -> impl Future<Output = Result<Reply, HandlerError>> + Send;

    /// Calls the handler of an event that shares the connection with others: not [`Order::Alone`].
    ///
    /// # Errors
    ///
    /// As [`dispatch`](Self::dispatch).
    fn dispatch_shared(
        &self,
        _kept: &Self::Kept,
        _cx: &EventContext<'_, S>,
    ) -> impl Future<Output = Result<Reply, HandlerError>> + Send {
        std::future::ready(Ok(Reply::Unhandled))
    }

    /// Decides what follows from a failure. [`None`] leaves it to
    /// [`Builder::on_error`](crate::Builder::on_error).
    fn error(
        &mut self,
        kept: &Self::Kept,
        cx: &Context<'_, S>,
        error: &HandlerError,
    ) -> impl Future<Output = Option<OnError>> + Send {
        self.error_shared(kept, cx, error)
    }

    /// The same for the failure of a handler that shares the connection with others.
    fn error_shared(
        &self,
        _kept: &Self::Kept,
        _cx: &Context<'_, S>,
        _error: &HandlerError,
    ) -> impl Future<Output = Option<OnError>> + Send {
        std::future::ready(None)
    }

    /// Runs once when the connection has ended.
    fn close(
        &mut self,
        _kept: &Self::Kept,
        _cx: &Context<'_, S>,
        _reason: CloseReason,
    ) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}
