//! Sockets that know what their clients understand: the events of a `#[client_events]` trait.
//!
//! In goes a call of one of its methods, out comes the same emission as by the event's name. The macro writes
//! [`ClientEvents`] beside the trait; what is typed differs from what is not in its type alone.

use std::sync::Arc;

use serde::Serialize;

use super::{EmitError, Emitter, PendingAck, PendingAcks, Server, Socket};
use crate::contract::Client;

/// Clients of which nothing is known: to them events are sent by their names.
#[derive(Debug, Clone, Copy)]
pub enum Untyped {}

/// What clients understand: `dyn ChatClient` of a [`client_events`](macro@crate::client_events) trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what its clients understand",
    label = "not a `#[client_events]` trait",
    note = "put `#[client_events]` on a trait, and name it: `&Socket<dyn ChatClient>`"
)]
pub trait ClientEvents {
    /// The trait, as data.
    const CLIENT: Client;

    /// What [`Socket::client`] and the like give: one method per event.
    type Calls<T: Recipient>;

    #[doc(hidden)]
    fn calls<T: Recipient>(to: T) -> Self::Calls<T>;
}

/// Whom a typed call goes to: one client, a `&Socket`, or those of an [`Emitter`].
pub trait Recipient: sealed::Sealed {
    /// What asks them for an acknowledgement: [`PendingAck`] of one client, [`PendingAcks`] of many.
    type Ack<R>;

    #[doc(hidden)]
    fn emit(self, event: &str, args: impl Serialize) -> Result<(), EmitError>;

    #[doc(hidden)]
    fn emit_with_ack<R>(self, event: &str, args: impl Serialize) -> Self::Ack<R>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for &super::Socket {}
    impl Sealed for super::Emitter<'_> {}
}

impl<'a> Recipient for &'a Socket {
    type Ack<R> = PendingAck<'a, R>;

    fn emit(self, event: &str, args: impl Serialize) -> Result<(), EmitError> {
        self.emit(event, args)
    }

    fn emit_with_ack<R>(self, event: &str, args: impl Serialize) -> PendingAck<'a, R> {
        self.emit_with_ack(event, args)
    }
}

impl<'a> Recipient for Emitter<'a> {
    type Ack<R> = PendingAcks<'a, R>;

    fn emit(self, event: &str, args: impl Serialize) -> Result<(), EmitError> {
        self.emit(event, args)
    }

    fn emit_with_ack<R>(self, event: &str, args: impl Serialize) -> PendingAcks<'a, R> {
        self.emit_with_ack(event, args)
    }
}

impl<C: ?Sized> Socket<C> {
    /// The client, by the methods of its trait.
    ///
    /// ```
    /// use socketio_core::prelude::*;
    ///
    /// #[client_events]
    /// pub trait ChatClient {
    ///     /// `socket.on('said', (from, text) => …)`
    ///     fn said(from: &str, text: &str);
    ///     /// `socket.on('confirm', (question, answer) => answer(true))`
    ///     async fn confirm(question: &str) -> bool;
    /// }
    ///
    /// #[derive(Default)]
    /// struct Chat;
    ///
    /// #[socket_connection(client = ChatClient)]
    /// impl Chat {
    ///     #[event]
    ///     async fn say(&self, socket: &Socket<dyn ChatClient>, text: &str) -> Result<(), AckError> {
    ///         if socket.client().confirm("To all?").await? {
    ///             socket.broadcast().client().said("somebody", text).ok();
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn client(&self) -> C::Calls<&Socket>
    where
        C: ClientEvents,
    {
        C::calls(self.typed())
    }

    /// The same for a client of another kind: of that trait, or an [`Untyped`] one.
    pub fn typed<D: ?Sized>(&self) -> &Socket<D> {
        Socket::of_ref(&self.0)
    }
}

impl<'a, C: ?Sized> Emitter<'a, C> {
    /// The clients, by the methods of their trait. What asks for an acknowledgement gives [`PendingAcks`].
    pub fn client(self) -> C::Calls<Emitter<'a>>
    where
        C: ClientEvents,
    {
        C::calls(self.typed())
    }
}

impl<C: ?Sized> Server<C> {
    /// Everybody on the root endpoint, by the methods of their trait.
    pub fn client(&self) -> C::Calls<Emitter<'_>>
    where
        C: ClientEvents,
    {
        self.of("").client()
    }

    /// The same for clients of another kind: those of that trait, or [`Untyped`] ones.
    pub fn typed<D: ?Sized>(&self) -> Server<D> {
        Server::new(Arc::clone(self.hub()))
    }
}
