//! What handlers can take beside arguments: parameters that come by their type.
//!
//! The macro picks the trait by the type's name; the values come from the connection, the server's state
//! or the event. None of them touches the arguments.

use std::fmt;

use axum::extract::{FromRef, State};
use serde::de::DeserializeOwned;

use super::error::shorten;
use super::{Invalid, Reject};
use crate::protocol::Event;
use crate::socket::{AckSender, ConnectionInfo, Message, Socket};

/// A connection and the server's state.
#[derive(Debug)]
pub struct Context<'a, S> {
    pub(crate) socket: &'a Socket,
    pub(crate) state: &'a S,
}

impl<'a, S> Context<'a, S> {
    /// The connection.
    pub fn socket(&self) -> &'a Socket {
        self.socket
    }

    /// The server's state.
    pub fn state(&self) -> &'a S {
        self.state
    }
}

/// A connection, the server's state, and the event that is being handled.
#[derive(Debug)]
pub struct EventContext<'a, S> {
    pub(crate) connection: &'a Context<'a, S>,
    pub(crate) event: &'a Event,
}

impl<'a, S> EventContext<'a, S> {
    /// The connection and the server's state.
    pub fn connection(&self) -> &'a Context<'a, S> {
        self.connection
    }

    /// The event.
    pub fn event(&self) -> &'a Event {
        self.event
    }
}

/// Makes a connection a member of its endpoint: its guards have let it pass.
pub fn enter<S>(cx: &Context<'_, S>) {
    cx.socket.enter();
}

/// A parameter that any handler can take; `#[ctx]` marks one of a type of your own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be taken from a connection",
    label = "not a context parameter here",
    note = "`AckSender`, `Event` and `Message` are only available in event handlers"
)]
pub trait FromConnection<'a, S>: Sized {
    /// Takes it.
    fn from_connection(cx: &Context<'a, S>) -> Self;
}

/// A parameter that only event handlers can take: `&Event`, `Event`, `Message`, `AckSender`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be taken from an event",
    label = "not a context parameter"
)]
pub trait FromEvent<'a>: Sized {
    /// Takes it.
    fn from_event<S>(cx: &EventContext<'a, S>) -> Self;
}

impl<'a, S, C: ?Sized> FromConnection<'a, S> for &'a Socket<C> {
    fn from_connection(cx: &Context<'a, S>) -> Self {
        cx.socket.typed()
    }
}

impl<'a, S, C: ?Sized> FromConnection<'a, S> for Socket<C> {
    fn from_connection(cx: &Context<'a, S>) -> Self {
        cx.socket.typed().clone()
    }
}

impl<'a, S> FromConnection<'a, S> for &'a ConnectionInfo {
    fn from_connection(cx: &Context<'a, S>) -> Self {
        cx.socket.info()
    }
}

impl<'a, S, T: FromRef<S>> FromConnection<'a, S> for State<T> {
    fn from_connection(cx: &Context<'a, S>) -> Self {
        State(T::from_ref(cx.state))
    }
}

/// A value kept with the connection by [`Socket::insert_extension`], if there is one of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension<T>(pub Option<T>);

impl<'a, S, T: Clone + Send + Sync + 'static> FromConnection<'a, S> for Extension<T> {
    fn from_connection(cx: &Context<'a, S>) -> Self {
        Extension(cx.socket.extension())
    }
}

/// What a client says about itself when it connects, read into a type of yours; `#[on_open]`,
/// `#[on_endpoint]` and the functions of guards can take it.
///
/// Clients since Socket.IO 3 send an object with each connect (`auth` of their options). For those before it
/// is made of the query, whose values are strings: the endpoint's own before the handshake's. One that is
/// no `T`, or that its [`Validate`](crate::Validate) refuses, refuses the client.
///
/// ```
/// use socketio_core::prelude::*;
///
/// #[derive(serde::Deserialize)]
/// struct Login { token: String }
///
/// struct Lobby { token: String }
///
/// #[socket_connection]
/// impl Lobby {
///     #[on_open]
///     fn open(Auth(login): Auth<Login>) -> Self {
///         Self { token: login.token }
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Auth<T>(pub T);

/// Reads what the client says about itself, and asks what its type says of that.
///
/// # Errors
///
/// [`Reject::unauthorized`], with what is wrong with it.
pub fn auth<T: DeserializeOwned, S>(
    cx: &Context<'_, S>,
    verdict: impl FnOnce(&T) -> Result<(), Invalid>,
) -> Result<Auth<T>, Reject> {
    let invalid =
        |error: &dyn fmt::Display| Reject::quoting(shorten(&format!("invalid auth: {error}")));
    let auth = serde_json::from_str(&cx.socket.info().auth()).map_err(|error| invalid(&error))?;
    verdict(&auth).map_err(|error| invalid(&error))?;
    Ok(Auth(auth))
}

impl<'a> FromEvent<'a> for &'a Event {
    fn from_event<S>(cx: &EventContext<'a, S>) -> Self {
        cx.event
    }
}

impl<'a> FromEvent<'a> for Event {
    fn from_event<S>(cx: &EventContext<'a, S>) -> Self {
        cx.event.clone()
    }
}

impl<'a> FromEvent<'a> for Message {
    fn from_event<S>(cx: &EventContext<'a, S>) -> Self {
        Message::of(cx.event)
    }
}

impl<'a> FromEvent<'a> for AckSender {
    fn from_event<S>(cx: &EventContext<'a, S>) -> Self {
        AckSender::new(cx.connection.socket.clone(), cx.event.ack().cloned())
    }
}
