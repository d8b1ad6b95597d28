//! The server as its connections see it: everybody on it, and what they share.
//!
//! Handlers get it from [`Socket::server`](super::Socket::server), applications from
//! [`SocketIo`](crate::SocketIo), which is one.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use serde::Serialize;
use tokio::time::Instant;

use super::{EmitError, Emitter, IntoRooms, Shutdown, Untyped};
use crate::adapter::{Adapter, Local};
use crate::driver::{Backlog, SessionStore};
use crate::session::Limits;
use crate::stats::{Counters, Stats};

/// What all connections of a server share.
pub(crate) struct Hub {
    pub(crate) rooms: Local,
    pub(crate) adapter: Arc<dyn Adapter>,
    pub(crate) sessions: Arc<SessionStore>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) ack_timeout: Duration,
    pub(crate) send_buffer_limit: usize,
    pub(crate) queue_limit: Backlog,
    pub(crate) counters: Arc<Counters>,
    pub(crate) shutdown: Shutdown,
}

/// A handle to the server: cheap to clone, usable from anywhere.
///
/// A `Server<dyn ChatClient>` sends the events of that trait alone, as a [`Socket`](super::Socket) of that type does.
pub struct Server<C: ?Sized = Untyped>(Arc<Hub>, PhantomData<fn(*const C)>);

impl Server {
    /// Sends an event to everybody on the root endpoint.
    ///
    /// # Errors
    ///
    /// [`EmitError::Serialize`] when `args` can't be serialized.
    pub fn emit(&self, event: &str, args: impl Serialize) -> Result<(), EmitError> {
        self.of("").emit(event, args)
    }
}

impl<C: ?Sized> Server<C> {
    pub(crate) fn new(hub: Arc<Hub>) -> Self {
        Self(hub, PhantomData)
    }

    pub(super) fn hub(&self) -> &Arc<Hub> {
        &self.0
    }

    /// Everybody connected to an endpoint, such as `/chat`; the root is `""`.
    pub fn of(&self, endpoint: &str) -> Emitter<'_, C> {
        let endpoint = if endpoint == "/" { "" } else { endpoint };
        Emitter::to_all(&self.0, ByteString::from(endpoint)).typed()
    }

    /// Everybody in a room of the root endpoint, or in several.
    pub fn to(&self, rooms: impl IntoRooms) -> Emitter<'_, C> {
        self.of("").to(rooms)
    }

    /// Clients that are connected, or have shaken hands to be.
    pub fn sessions(&self) -> usize {
        self.0.sessions.len()
    }

    /// How many clients, connections and packets there are and have been, and why those that ended did.
    pub fn stats(&self) -> Stats {
        self.0.counters.stats(Instant::now().into_std())
    }
}

impl<C: ?Sized> Clone for Server<C> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.0))
    }
}

impl<C: ?Sized> std::fmt::Debug for Server<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("sessions", &self.sessions()).finish_non_exhaustive()
    }
}
