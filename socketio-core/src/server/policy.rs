//! What a server says about all its connections: guards, hooks, and what follows from failures.
//!
//! Methods of the [`Builder`]; connections hold to what they fill, [`Policy`](crate::connection::Policy).

use std::sync::Arc;

use axum::extract::FromRef;

use super::Builder;
use crate::connection::{EventGuard, Guard, HandlerError, Hook, OnError};

impl<T, S> Builder<T, S> {
    /// Decides what follows from a handler's failure where the connection type has no `#[on_error]`.
    /// Default: a client that awaits an acknowledgement gets the error as that; otherwise, and after a
    /// panic, all of its connections close. A panic is logged in any case, and so is what closes.
    ///
    /// ```
    /// # use socketio_core::{SocketIo, prelude::*};
    /// # #[derive(Default)] struct Lobby;
    /// # #[socket_connection] impl Lobby {}
    /// let builder = SocketIo::builder::<Lobby>().on_error(|error| match error {
    ///     HandlerError::Panicked { .. } => OnError::Close,
    ///     _ => OnError::Ignore,
    /// });
    /// ```
    pub fn on_error(
        mut self,
        policy: impl Fn(&HandlerError) -> OnError + Send + Sync + 'static,
    ) -> Self {
        self.policy.on_error = Some(Arc::new(policy));
        self
    }

    /// Guards every connection, those of types that `#[on_endpoint]` chooses included: runs before any endpoint
    /// opens, and before `#[on_endpoint]`, several in the order in which they were added. The first that refuses
    /// ends it. It takes its part of the state that the builder has been given by now. What it gives is dropped: for
    /// handlers to take that, put it on the block, too. A function with [`#[guard]`](macro@crate::guard) is given as
    /// the value of its type:
    ///
    /// ```
    /// use socketio_core::{SocketIo, prelude::*};
    ///
    /// #[guard]
    /// fn from_here(info: &ConnectionInfo) -> Option<()> {
    ///     info.client_ip()?.is_loopback().then_some(())
    /// }
    ///
    /// # #[derive(Default)] struct Lobby;
    /// # #[socket_connection] impl Lobby {}
    /// let io = SocketIo::builder::<Lobby>().guard(from_here {}).build();
    /// ```
    pub fn guard<G: Guard>(mut self, guard: G) -> Self
    where
        G::State: FromRef<S>,
        S: Clone + Send + Sync + 'static,
    {
        self.policy.guard(guard, self.state.clone());
        self
    }

    /// Guards every event, also those that no handler takes: runs before the guards and throttles of its handler,
    /// in the handler's queue, so what it refuses takes nothing from a throttle, and what a throttle refuses has been
    /// looked at; otherwise as [`guard`](Self::guard). One that is refused is a [`HandlerError::Refused`].
    pub fn event_guard<G: EventGuard>(mut self, guard: G) -> Self
    where
        G::State: FromRef<S>,
        S: Clone + Send + Sync + 'static,
    {
        self.policy.event_guard(guard, self.state.clone());
        self
    }

    /// Shows a hook the packets of every connection, as [`Hook`] says, several in the order in which they were added.
    pub fn hook(mut self, hook: impl Hook) -> Self {
        self.policy.hooks.push(hook);
        self
    }
}
