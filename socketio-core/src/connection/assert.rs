//! What a block's types must be, as traits and functions that say so in the compiler's messages.
//!
//! Only code written by the macros names them. Each trait holds for every type that it can hold for, so
//! it adds no rule; it stands where the rule is checked, in the user's words instead of serde's or
//! std's. One check fails per mistake: where a function here demands a trait, nothing behind it
//! demands another.

use std::convert::Infallible;
use std::future::Future;

use axum::extract::FromRef;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{
    Arguments, Context, ErrorWire, FromConnection, HandlerError, Reject, Reply, reply, reply_result,
};
use crate::protocol::Event;
use crate::socket::{ClientEvents, Recipient, Socket, Untyped};

/// Says in its name what is wrong with a type that has two blocks, which both implement it.
pub trait OneSocketConnectionBlockPerType {}

/// A type that a handler can take as `State<Self>`, where the server's state is `S`.
#[diagnostic::on_unimplemented(
    message = "a `State<{Self}>` is taken, but the server's state is `{S}`",
    label = "there is no `{Self}` in the state of this server",
    note = "implement `FromRef<{S}>` for `{Self}`, or build the server with that: `.state(…)`"
)]
pub trait PartOf<S>: FromRef<S> {}

#[diagnostic::do_not_recommend]
impl<S, T: FromRef<S>> PartOf<S> for T {}

/// Stands for a `Vec<u8>` that may be meant to be binary.
#[derive(Debug)]
pub struct VecOfU8;

impl VecOfU8 {
    /// Says so: a deprecation is a warning that a macro can give.
    #[deprecated(
        note = "a `Vec<u8>` is read as an array of numbers: for binary take `Binary` or `&[u8]`; if \
                         numbers are meant, write `#[arg]` before the parameter"
    )]
    pub const fn argument() {}
}

/// A connection type that opens by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[on_open]` and is not `Default`",
    label = "nothing says how a connection of this type is made",
    note = "add `#[on_open] async fn open(…) -> Result<Self, Reject>`, or derive `Default`"
)]
pub trait OpensByDefault: Default {}

#[diagnostic::do_not_recommend]
impl<T: Default> OpensByDefault for T {}

/// An error with which `#[on_open]` can refuse a client.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't refuse a connection",
    label = "neither `Reject` nor an error",
    note = "return `Reject`, or implement `std::error::Error` or `Into<Reject>` for it"
)]
pub trait Refusal: Into<Reject> {}

#[diagnostic::do_not_recommend]
impl<T: Into<Reject>> Refusal for T {}

/// A type that an argument can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be received from a client",
    label = "not a type of arguments",
    note = "derive `serde::Deserialize` for it, or mark the parameter `#[ctx]` if it is none"
)]
pub trait Argument<'de>: Deserialize<'de> {}

#[diagnostic::do_not_recommend]
impl<'de, T: Deserialize<'de>> Argument<'de> for T {}

/// A type that a handler can return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent as an acknowledgement",
    label = "not a type of acknowledgements",
    note = "derive `serde::Serialize` for it, or return `()`"
)]
pub trait Answer: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Answer for T {}

/// An error that a handler can return; see [`ViaNothing`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent as an error",
    label = "neither `Serialize` nor an error",
    note = "derive `serde::Serialize` for it, or implement `std::error::Error`"
)]
pub trait ErrorAnswer {}

/// The way of errors that have no other, which says so: nothing is an [`ErrorAnswer`].
pub trait ViaNothing<E> {
    /// Never called.
    fn wire(self) -> String
    where
        E: ErrorAnswer;
}

impl<E> ViaNothing<E> for ErrorWire<'_, E> {
    fn wire(self) -> String
    where
        E: ErrorAnswer,
    {
        String::new()
    }
}

/// A type that an argument of a `#[client_events]` trait can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent to a client",
    label = "not a type of arguments",
    note = "derive `serde::Serialize` for it"
)]
pub trait Sent: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> Sent for T {}

/// A type that a `#[client_events]` trait can expect as an acknowledgement.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be received from a client",
    label = "not a type of acknowledgements",
    note = "derive `serde::Deserialize` for it, and make it `Send` and `'static`"
)]
pub trait Acknowledgement: DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + Send + 'static> Acknowledgement for T {}

/// What a socket may be of in a block whose clients are `C`: of these, or of whom nothing is known.
#[diagnostic::on_unimplemented(
    message = "the clients of this connection are `{C}`, and this socket's are `{Self}`",
    label = "a socket of other clients",
    note = "take a `&Socket<{C}>`"
)]
pub trait OfClient<C: ?Sized> {}

#[diagnostic::do_not_recommend]
impl<C: ?Sized> OfClient<C> for C {}

#[diagnostic::do_not_recommend]
impl<C: ClientEvents + ?Sized> OfClient<C> for Untyped {}

/// The same where nothing else may be sent (`strict`).
#[diagnostic::on_unimplemented(
    message = "the clients of this connection are `{C}` (`strict`), and this socket's are `{Self}`",
    label = "a socket that sends other events",
    note = "take a `&Socket<{C}>`"
)]
pub trait OfClientAlone<C: ?Sized> {}

#[diagnostic::do_not_recommend]
impl<C: ?Sized> OfClientAlone<C> for C {}

/// A `Socket` as handlers take it: owned or borrowed.
pub trait SocketParam {
    /// Its clients.
    type Client: ?Sized;
}

impl<C: ?Sized> SocketParam for Socket<C> {
    type Client = C;
}

impl<C: ?Sized> SocketParam for &Socket<C> {
    type Client = C;
}

/// Stands for a parameter's type where a `#[cfg]` leaves the handler out: it asks nothing of the state.
#[derive(Debug)]
pub struct Absent;

impl<S> FromRef<S> for Absent {
    fn from_ref(_: &S) -> Self {
        Self
    }
}

impl<'a, S> FromConnection<'a, S> for Absent {
    fn from_connection(_: &Context<'a, S>) -> Self {
        Self
    }
}

/// [`Arguments::required`].
///
/// # Errors
///
/// As that.
pub fn required<'a, T: Argument<'a>>(args: &mut Arguments<'a>) -> Result<T, HandlerError> {
    args.required()
}

/// [`Arguments::optional`].
///
/// # Errors
///
/// As that.
pub fn optional<'a, T: Argument<'a>>(args: &mut Arguments<'a>) -> Result<Option<T>, HandlerError> {
    args.optional()
}

/// [`Arguments::defaulted`].
///
/// # Errors
///
/// As that.
pub fn defaulted<'a, T: Argument<'a>>(
    args: &mut Arguments<'a>,
    default: impl FnOnce() -> T,
) -> Result<T, HandlerError> {
    args.defaulted(default)
}

/// The value of a `#[default]` that names none.
pub fn default_value<T: Default>() -> T {
    T::default()
}

/// [`Arguments::rest`].
///
/// # Errors
///
/// As that.
pub fn rest<'a, T: Argument<'a>>(args: &mut Arguments<'a>) -> Result<Vec<T>, HandlerError> {
    args.rest()
}

/// An argument on its way to a client.
pub fn sent<T: Sent + ?Sized>(value: &T) -> impl Serialize {
    value
}

/// A typed call that asks for an acknowledgement.
pub fn asked<R: Acknowledgement, T: Recipient>(
    to: T,
    event: &str,
    args: impl Serialize,
) -> T::Ack<R> {
    to.emit_with_ack(event, args)
}

/// The socket of a block whose clients are `C`.
pub fn of_client<C: ?Sized, P: SocketParam<Client: OfClient<C>>>(socket: P) -> P {
    socket
}

/// The same where nothing else may be sent.
pub fn of_client_alone<C: ?Sized, P: SocketParam<Client: OfClientAlone<C>>>(socket: P) -> P {
    socket
}

/// The state of a connection whose type has no `#[on_open]`.
pub fn open_default<T: OpensByDefault>() -> T {
    T::default()
}

/// An `#[on_open]` that returns a `Result`.
///
/// # Errors
///
/// With the error, as a [`Reject`].
pub fn open_result<T, E: Refusal>(opened: Result<T, E>) -> Result<T, Reject> {
    opened.map_err(Into::into)
}

/// Refuses every client, in place of an `#[on_open]` that does not compile.
///
/// # Errors
///
/// Always.
pub fn open_broken<T>() -> Result<T, Reject> {
    Err(Reject::error("`#[on_open]` does not compile"))
}

/// As `reply`.
///
/// # Errors
///
/// As that.
pub fn answer<T: Answer>(event: &Event, value: &T) -> Result<Reply, HandlerError> {
    reply(event, value)
}

/// [`reply_result`], where `answer` calls [`answer`].
///
/// # Errors
///
/// As that.
pub fn answer_result<T, E>(
    event: &Event,
    result: Result<T, E>,
    answer: impl FnOnce(&T) -> Result<Reply, HandlerError>,
    wire: impl FnOnce(&E) -> String,
) -> Result<Reply, HandlerError> {
    match result {
        Ok(value) => answer(&value),
        Err(error) => reply_result(event, Err::<(), E>(error), wire),
    }
}

/// What a handler returned, of a type whose name does not say whether it is a [`Result`].
///
/// `Outcome(value).into_result()` finds out by method resolution, with [`PlainOutcome`] in scope.
#[derive(Debug)]
pub struct Outcome<T>(pub T);

impl<T, E> Outcome<Result<T, E>> {
    /// It is one.
    ///
    /// # Errors
    ///
    /// When it is an error.
    pub fn into_result(self) -> Result<T, E> {
        self.0
    }
}

/// The way of all that is no [`Result`].
pub trait PlainOutcome {
    /// What it is.
    type Value;

    /// It is a value.
    ///
    /// # Errors
    ///
    /// Never.
    fn into_result(self) -> Result<Self::Value, Infallible>;
}

impl<T> PlainOutcome for Outcome<T> {
    type Value = T;

    fn into_result(self) -> Result<T, Infallible> {
        Ok(self.0)
    }
}

/// The future of a handler, which has to be [`Send`]; what holds it relies on that alone.
pub fn handler_future<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
    future
}
