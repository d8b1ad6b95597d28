//! What a Rust client makes of events: the call of its trait's method.
//!
//! In go an event and whoever implements the `#[client_events]` trait, out comes the answer; the macro writes the
//! call, and what reads its arguments and writes its answer asks for serde's traits not before a type is used as a
//! client, so a server's own types need to be written alone.

use serde::{Deserialize, Serialize};

use super::{Arguments, HandlerError, Reply, reply};
use crate::protocol::Event;
use crate::socket::ClientEvents;

/// What calls the methods of a client of type `T`; `dyn ChatClient` of a
/// [`client_events`](macro@crate::client_events) trait is it for all types that implement the trait.
#[diagnostic::on_unimplemented(
    message = "`{T}` can't receive the events of `{Self}`",
    label = "not a client of that kind",
    note = "implement the trait for `{T}`, which must be `Sync`"
)]
pub trait ReceivedBy<T: ?Sized>: ClientEvents {
    /// Calls the method that the event names, and gives its answer: [`Reply::Unhandled`] where none does.
    ///
    /// # Errors
    ///
    /// [`HandlerError::Arguments`] for arguments that are not the method's, more than it has are dropped;
    /// [`HandlerError::Failed`] for an answer that can't be written.
    fn receive(
        client: &T,
        event: &Event,
    ) -> impl Future<Output = Result<Reply, HandlerError>> + Send;
}

/// A type that clients of type `T` can read as an argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be received by a client",
    label = "not a type of arguments",
    note = "derive `serde::Deserialize` for it"
)]
pub trait Received<'de, T: ?Sized>: Sized {
    /// [`Arguments::required`].
    ///
    /// # Errors
    ///
    /// As that.
    fn required(args: &mut Arguments<'de>) -> Result<Self, HandlerError>;

    /// [`Arguments::optional`].
    ///
    /// # Errors
    ///
    /// As that.
    fn optional(args: &mut Arguments<'de>) -> Result<Option<Self>, HandlerError>;
}

#[diagnostic::do_not_recommend]
impl<'de, T: ?Sized, A: Deserialize<'de>> Received<'de, T> for A {
    fn required(args: &mut Arguments<'de>) -> Result<Self, HandlerError> {
        args.required()
    }

    fn optional(args: &mut Arguments<'de>) -> Result<Option<Self>, HandlerError> {
        args.optional()
    }
}

/// A type that clients of type `T` can answer with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent as an acknowledgement",
    label = "not a type of acknowledgements",
    note = "derive `serde::Serialize` for it"
)]
pub trait Answered<T: ?Sized> {
    /// [`reply`].
    ///
    /// # Errors
    ///
    /// As that.
    fn reply(&self, event: &Event) -> Result<Reply, HandlerError>;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized, A: Serialize> Answered<T> for A {
    fn reply(&self, event: &Event) -> Result<Reply, HandlerError> {
        reply(event, self)
    }
}
