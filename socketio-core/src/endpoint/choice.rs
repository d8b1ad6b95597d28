//! A connection type that is chosen at run time, by `#[on_endpoint]`.
//!
//! In: a path that the table does not name. Out: the life of a connection of the type that the user's
//! function chose, or a refusal. It is part of that life, so the function may wait, holds up nobody
//! else and is cancelled with it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use axum::extract::FromRef;

use super::table::Endpoints;
use crate::connection::{
    Context, Inbox, Life, SocketConnection, admit, failed_to_open, in_time, refuse, run,
};
use crate::session::Admission;
use crate::socket::Socket;

/// A connection type, as `#[on_endpoint]` chooses it for a path.
///
/// `S` is the state that the connection starts with: a part of the server's
/// ([`Builder::state`](crate::Builder::state)), or nothing.
///
/// ```
/// use socketio_core::{Endpoint, SocketIo, prelude::*};
///
/// #[derive(Clone)]
/// struct App { games: Vec<String> }
///
/// #[derive(Default)]
/// struct Game;
///
/// #[socket_connection]
/// impl Game {
///     #[event]
///     fn players(&self, State(app): State<App>) {}
/// }
///
/// #[derive(Default)]
/// struct Lobby;
///
/// #[socket_connection]
/// impl Lobby {
///     #[on_endpoint]
///     fn endpoint(path: &str, State(app): State<App>) -> Option<Endpoint<App>> {
///         app.games.iter().any(|game| game == path).then(Endpoint::of::<Game>)
///     }
/// }
///
/// let io = SocketIo::builder::<Lobby>().state(App { games: vec!["/chess".to_owned()] }).build();
/// ```
pub struct Endpoint<S = ()>(Box<dyn FnOnce(Socket, S, Arc<Inbox>) -> Life + Send>);

impl<S: Clone + Send + Sync + 'static> Endpoint<S> {
    /// Serves the path with a connection of type `T`.
    pub fn of<T: SocketConnection<S>>() -> Self {
        Self(Box::new(run::<T, S>))
    }
}

impl<S> fmt::Debug for Endpoint<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").finish_non_exhaustive()
    }
}

/// What was chosen, to start with a part of the server's state.
pub fn endpoint_with<A: FromRef<S> + 'static, S: 'static>(
    chosen: impl Into<Option<Endpoint<A>>>,
) -> Option<Endpoint<S>> {
    let Endpoint(start) = chosen.into()?;
    Some(Endpoint(Box::new(|socket, state, inbox| start(socket, A::from_ref(&state), inbox))))
}

/// What was chosen, to start with no state.
pub fn endpoint_plain<S: 'static>(chosen: impl Into<Option<Endpoint>>) -> Option<Endpoint<S>> {
    let Endpoint(start) = chosen.into()?;
    Some(Endpoint(Box::new(|socket, _, inbox| start(socket, (), inbox))))
}

/// The life of a connection whose type `T` is asked for.
pub(super) async fn choose<T: Endpoints<S>, S: Sync>(socket: Socket, state: S, inbox: Arc<Inbox>) {
    let cx = Context { socket: &socket, state: &state };
    let chosen = async { in_time(&socket, T::endpoint(&cx).await) };
    match admit(&socket, &inbox, chosen).await {
        Some(Some(Endpoint(start))) => {
            // The part of the state that it starts with is taken by the application's code.
            let life = AssertUnwindSafe(|| start(socket.clone(), state, Arc::clone(&inbox)));
            match catch_unwind(life) {
                Ok(life) => life.await,
                Err(panic) => refuse(&socket, &inbox, failed_to_open(&socket, &*panic)),
            }
        }
        Some(None) => refuse(&socket, &inbox, Admission::Unknown),
        None => {}
    }
}
