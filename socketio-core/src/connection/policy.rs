//! What a server says about all its connections: guards, hooks, and what follows from failures.
//!
//! The builder fills it; every connection of the server shares it. What is guarded costs an allocation, and one
//! for each guard that is run; where there are none, a look at an empty list is all.

use std::sync::Arc;

use axum::extract::FromRef;
use futures_util::future::{BoxFuture, Either};

use super::guard::in_time;
use super::inbox::Inbox;
use super::run::{Life, admit};
use super::{EventGuard, FailurePolicy, Guard, HandlerError, Hooks, Reject};
use crate::protocol::Event;
use crate::socket::Socket;

type ConnectionCheck =
    Box<dyn for<'a> Fn(&'a Socket) -> BoxFuture<'a, Result<(), Reject>> + Send + Sync>;
type EventCheck =
    Box<dyn for<'a> Fn(&'a Socket, &'a Event) -> BoxFuture<'a, Result<(), Reject>> + Send + Sync>;

/// What a server says about all its connections.
#[derive(Default)]
pub(crate) struct Policy {
    /// Decides about failures in types that don't.
    pub(crate) on_error: Option<FailurePolicy>,
    pub(crate) hooks: Hooks,
    guards: Vec<ConnectionCheck>,
    event_guards: Vec<EventCheck>,
}

impl Policy {
    /// Adds a guard of connections, with the state to take its part from.
    pub(crate) fn guard<G: Guard, S: Send + Sync + 'static>(&mut self, guard: G, state: S)
    where
        G::State: FromRef<S>,
    {
        let guard = Arc::new((guard, state));
        self.guards.push(Box::new(move |socket| {
            let guard = Arc::clone(&guard);
            Box::pin(async move {
                let (guard, state) = &*guard;
                guard.check(socket, FromRef::from_ref(state)).await.map(drop)
            })
        }));
    }

    /// Adds a guard of events.
    pub(crate) fn event_guard<G: EventGuard, S: Send + Sync + 'static>(
        &mut self,
        guard: G,
        state: S,
    ) where
        G::State: FromRef<S>,
    {
        let guard = Arc::new((guard, state));
        self.event_guards.push(Box::new(move |socket, event| {
            let guard = Arc::clone(&guard);
            Box::pin(async move {
                let (guard, state) = &*guard;
                guard.check_event(socket, event, FromRef::from_ref(state)).await.map(drop)
            })
        }));
    }

    /// Runs the guards of connections before one lives.
    pub(crate) fn guarded(
        self: &Arc<Self>,
        socket: &Socket,
        inbox: &Arc<Inbox>,
        life: Life,
    ) -> Life {
        if self.guards.is_empty() {
            return life;
        }
        let (policy, socket, inbox) = (Arc::clone(self), socket.clone(), Arc::clone(inbox));
        Box::pin(async move {
            let guards = async {
                for guard in &policy.guards {
                    in_time(&socket, guard(&socket).await)?;
                }
                Ok(())
            };
            if admit(&socket, &inbox, guards).await.is_some() {
                life.await;
            }
        })
    }

    /// Runs the guards of events before one is handled.
    pub(super) fn guarded_event<'a, T>(
        &'a self,
        socket: &'a Socket,
        event: &'a Event,
        handling: impl Future<Output = Result<T, HandlerError>> + Send + 'a,
    ) -> impl Future<Output = Result<T, HandlerError>> + Send {
        if self.event_guards.is_empty() {
            return Either::Left(handling);
        }
        // A box, so that it takes no room where there are none.
        Either::Right(Box::pin(async move {
            for guard in &self.event_guards {
                let checked = in_time(socket, guard(socket, event).await);
                checked.map_err(|reject| HandlerError::refused(event, reject))?;
            }
            handling.await
        }))
    }
}
