//! What a server and its clients say to each other, as data: endpoints, events in both directions, their
//! arguments, answers and docs.
//!
//! `#[socket_connection]` and `#[client_events]` write it as constants while they compile, so that it costs
//! nothing at run time until somebody asks ([`of`]).

#[cfg(feature = "asyncapi")]
mod asyncapi;
#[cfg(feature = "asyncapi")]
#[doc(hidden)]
pub mod schema;
mod ty;
#[cfg(feature = "typescript")]
mod typescript;

#[cfg(feature = "asyncapi")]
pub use asyncapi::{AsyncApi, MissingSchemas};
pub use ty::Type;
#[cfg(feature = "typescript")]
#[doc(hidden)]
pub use typescript::asked;
#[cfg(feature = "typescript")]
pub use typescript::{TypeScriptError, Untyped};

/// A connection type, as `#[socket_connection]` describes it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a connection type",
    label = "not a connection type",
    note = "put `#[socket_connection]` on an `impl {Self}` block",
    note = "if it is there, `cargo tree --duplicates` tells whether there are two versions of the crate"
)]
pub trait Describe {
    /// What it says and understands.
    const CONNECTION: Connection;
}

/// What is said on one connection.
#[derive(Debug, Clone, Copy)]
pub struct Connection {
    /// The name of its type.
    pub name: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
    /// What its clients may emit, in the order of the handlers.
    pub events: &'static [Event],
    /// Whether clients may emit what [`events`](Self::events) does not name (`#[on_event]`).
    pub other_events: bool,
    /// What is emitted to its clients, if the block names their trait (`client = …`).
    pub client: Option<fn() -> Client>,
    /// The endpoints beside it (`#[endpoints]`), which count where it serves the root.
    pub endpoints: &'static [Endpoint],
}

/// A connection type at a path.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// Its path or pattern, as in `#[endpoints]`: `/room/{id}`.
    pub path: &'static str,
    /// Its type, described when asked for, since types may serve each other.
    pub connection: fn() -> Connection,
}

/// What clients understand: a trait with `#[client_events]`.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// The name of the trait.
    pub name: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
    /// What is emitted, in the order of its methods.
    pub events: &'static [Event],
}

/// An event in either direction.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// Its name on the wire.
    pub name: &'static str,
    /// The name of the method that handles or emits it.
    pub method: &'static str,
    /// The doc comment of its method.
    pub docs: &'static str,
    /// What its method's `#[deprecated]` says; empty if that says nothing.
    pub deprecated: Option<&'static str>,
    /// Its arguments, in order.
    pub arguments: &'static [Argument],
    /// How they may be passed.
    pub form: Form,
    /// What its acknowledgement carries. [`None`]: it has none.
    pub answer: Option<Answer>,
}

/// What an acknowledgement carries.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// What a handler returns: a tuple is several values, `()` none, a `Result` one of both.
    Returned(Type),
    /// What a handler with an `AckSender` sends: anything.
    Any,
}

/// An argument of an event.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// Its name; that of a keyword. [`None`] for a pattern, which only positional calls can fill.
    pub name: Option<&'static str>,
    /// What is read or written: of an `Option<T>` that may be left out, and of a `#[rest]`, the `T`.
    pub ty: Type,
    /// Whether a call may leave it out.
    pub optional: bool,
    /// Whether it takes all that is left (`#[rest]`).
    pub rest: bool,
}

/// Which forms of call an event takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Either, by the one rule.
    Either,
    /// Only positional arguments.
    Positional,
    /// Only keyword arguments.
    Keyword,
}

/// What a server says whose root is of type `T`, and what its clients may.
pub fn of<T: Describe + ?Sized>() -> Connection {
    T::CONNECTION
}

/// Without the feature `typescript`, types are not asked.
#[cfg(not(feature = "typescript"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __typescript {
    ($described:expr, $ty:ty) => {
        $described
    };
}

/// Without the feature `asyncapi`, types are not asked.
#[cfg(not(feature = "asyncapi"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __schema {
    ($described:expr, $ty:ty) => {
        $described
    };
}
