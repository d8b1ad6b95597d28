//! Guards: what decides beforehand whether a connection opens or an event is handled, and hands what it
//! found to handlers.
//!
//! In: a connection or an event, and the part of the server's state that the guard asks for; out: its
//! value, or a refusal. Called by the code that the macro writes, before `#[on_open]` or before an event's
//! arguments are decoded, and by the [`policy`](super::policy) of a server for all its connections. A
//! handler that takes a value that no guard gives does not compile.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;

use super::{Context, EventContext, HandlerError, PartOf, Reject};
use crate::protocol::Event;
use crate::socket::Socket;

/// Decides whether a connection may open, or an event be handled.
///
/// On an `impl` block it guards connections of that type alone: those of its `#[endpoints]` and those that its
/// `#[on_endpoint]` chooses have their own. [`Builder::guard`](crate::Builder::guard) guards all endpoints.
///
/// Every error becomes a refusal by `?`: the log has what it says, the client is told `internal error`. What a client is to
/// know is a [`Reject`] of your own words.
///
/// Where the server ends the connection while a guard waits, what it guards does not happen, whatever it says then.
///
/// A connection that is not yet let pass by all guards of the server and of its block is no member of its
/// endpoint: no broadcast reaches it, nobody finds it, and it can't enter rooms, which `#[on_open]` can.
///
/// [`#[guard]`](macro@crate::guard) makes one of a function; a type of yours may be one, too:
///
/// ```
/// use socketio_core::{Guard, prelude::*};
///
/// #[derive(Clone)]
/// struct Db;
///
/// struct Role(&'static str);
///
/// impl Guard for Role {
///     type Value = String;
///     type State = Db;
///
///     async fn check(&self, socket: &Socket, _: Db) -> Result<String, Reject> {
///         let role = socket.info().query("role").filter(|role| *role == self.0);
///         role.map(ToOwned::to_owned).ok_or(Reject::unauthorized("not for you"))
///     }
/// }
///
/// #[derive(Default)]
/// struct Office;
///
/// #[socket_connection]
/// #[guard(Role("clerk"))]
/// impl Office {
///     #[event]
///     fn whoami(&self, role: Guarded<String>) -> String { role.clone() }
/// }
///
/// let io = socketio_core::SocketIo::builder::<Office>().state(Db).build();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no guard of connections",
    label = "not a guard of connections",
    note = "put `#[guard]` on a function, or implement `Guard` for a type; what looks at the event guards \
            events alone, and goes on methods"
)]
pub trait Guard: Send + Sync + 'static {
    /// What it hands to handlers that take a [`Guarded`] of it.
    type Value: Send + Sync + 'static;
    /// The part of the server's state that it takes: [`NoState`] for none.
    type State: Send;

    /// Gives the value, or refuses.
    ///
    /// # Errors
    ///
    /// The [`Reject`] is what the client is told: a connect error before a connection opens, an error
    /// acknowledgement before an event is handled.
    fn check(
        &self,
        socket: &Socket,
        state: Self::State,
    ) -> impl Future<Output = Result<Self::Value, Reject>> + Send;
}

/// Decides whether an event may be handled; every [`Guard`] is one.
///
/// It comes before the arguments are decoded; [`Event::args`] has them as they came.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no guard",
    label = "not a guard",
    note = "put `#[guard]` on the function, or implement `Guard` or `EventGuard` for the type"
)]
pub trait EventGuard: Send + Sync + 'static {
    /// As [`Guard::Value`].
    type Value: Send + Sync + 'static;
    /// As [`Guard::State`].
    type State: Send;

    /// Gives the value, or refuses.
    ///
    /// # Errors
    ///
    /// As [`Guard::check`].
    fn check_event(
        &self,
        socket: &Socket,
        event: &Event,
        state: Self::State,
    ) -> impl Future<Output = Result<Self::Value, Reject>> + Send;
}

#[diagnostic::do_not_recommend]
impl<G: Guard> EventGuard for G {
    type Value = G::Value;
    type State = G::State;

    fn check_event(
        &self,
        socket: &Socket,
        _: &Event,
        state: G::State,
    ) -> impl Future<Output = Result<G::Value, Reject>> + Send {
        self.check(socket, state)
    }
}

/// No part of the server's state.
#[derive(Debug)]
pub struct NoState;

impl<S> FromRef<S> for NoState {
    fn from_ref(_: &S) -> Self {
        Self
    }
}

/// Two parts of the server's state.
#[derive(Debug)]
pub struct And<A, B>(pub A, pub B);

impl<S, A: PartOf<S>, B: PartOf<S>> FromRef<S> for And<A, B> {
    fn from_ref(state: &S) -> Self {
        Self(A::from_ref(state), B::from_ref(state))
    }
}

/// The context in which a guard's function takes what is not of the server's state.
pub fn stateless(socket: &Socket) -> Context<'_, NoState> {
    Context { socket, state: &NoState }
}

/// What a guard gave; a handler takes it as a parameter: `user: Guarded<User>`.
///
/// That of a guard on the `impl` block lives as long as the connection, and all handlers share it; that of a
/// guard on a method is the call's own. Reads as a `T`, and `clone` clones that.
pub struct Guarded<T>(Arc<T>);

impl<T> Guarded<T> {
    fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Deref for Guarded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Guarded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Runs a guard before a connection opens.
///
/// # Errors
///
/// With the guard's refusal, or when the connection has ended meanwhile.
pub async fn guard_connection<G: Guard, S: Sync>(
    guard: &G,
    cx: &Context<'_, S>,
) -> Result<Guarded<G::Value>, Reject>
where
    G::State: FromRef<S>,
{
    let checked = guard.check(cx.socket, FromRef::from_ref(cx.state)).await;
    in_time(cx.socket, checked).map(Guarded::new)
}

/// What a guard said, unless the server has ended the connection meanwhile: then nothing follows that it guards.
pub(crate) fn in_time<T>(socket: &Socket, checked: Result<T, Reject>) -> Result<T, Reject> {
    checked
        .and_then(|value| if socket.is_ending() { Err(Reject::error("closed")) } else { Ok(value) })
}

/// Runs a guard before an event is handled.
///
/// # Errors
///
/// With the guard's refusal, or when the connection has ended meanwhile.
pub async fn guard_event<G: EventGuard, S: Sync>(
    guard: &G,
    cx: &EventContext<'_, S>,
) -> Result<G::Value, HandlerError>
where
    G::State: FromRef<S>,
{
    let Context { socket, state } = cx.connection;
    let checked = guard.check_event(socket, cx.event, FromRef::from_ref(*state)).await;
    in_time(socket, checked).map_err(|reject| HandlerError::refused(cx.event, reject))
}

/// The same for a handler that takes what the guard gives, in front of what is there to take.
///
/// # Errors
///
/// As that.
pub async fn guard_event_giving<G: EventGuard, S: Sync, L>(
    guard: &G,
    cx: &EventContext<'_, S>,
    list: L,
) -> Result<(Guarded<G::Value>, L), HandlerError>
where
    G::State: FromRef<S>,
{
    Ok((Guarded::new(guard_event(guard, cx).await?), list))
}

/// A list of what guards gave, of which one gave a `T`; `Place` says which, and is inferred.
#[diagnostic::on_unimplemented(
    message = "no guard gives a `{T}` here",
    label = "a `Guarded<{T}>` comes from a guard",
    note = "write `#[guard(path)]` on the method or on the `impl` block, with a guard whose value is a `{T}`"
)]
pub trait Gives<T, Place> {
    /// Gives it.
    fn give(&self) -> Guarded<T>;
}

/// The first of a list.
#[derive(Debug)]
pub struct Here;

/// In a list behind its first.
#[derive(Debug)]
pub struct Behind<Place>(Place);

#[diagnostic::do_not_recommend]
impl<T, R> Gives<T, Here> for (Guarded<T>, R) {
    fn give(&self) -> Guarded<T> {
        Guarded(Arc::clone(&self.0.0))
    }
}

#[diagnostic::do_not_recommend]
impl<T, V, R: Gives<T, Place>, Place> Gives<T, Behind<Place>> for (Guarded<V>, R) {
    fn give(&self) -> Guarded<T> {
        self.1.give()
    }
}

#[diagnostic::do_not_recommend]
impl<T, L: Gives<T, Place>, Place> Gives<T, Place> for &L {
    fn give(&self) -> Guarded<T> {
        (**self).give()
    }
}

/// What a guard of the list gave.
pub fn give<T, Place, L: Gives<T, Place>>(list: &L) -> Guarded<T> {
    list.give()
}
