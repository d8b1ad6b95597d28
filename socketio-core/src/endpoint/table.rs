//! Which connection type serves which path.
//!
//! `#[endpoints(…)]` and `#[on_endpoint]` fill it when the server is built; it does not change after
//! that. The state's type ends here: what comes out is how to start a connection, and the parameters
//! of its path.

use std::sync::Arc;

use matchit::{InsertError, Router};

use super::choice::{Endpoint, choose};
use super::dynamic::Names;
use crate::connection::{Context, Inbox, Life, Policy, Reject, SocketConnection, run};
use crate::socket::Socket;

/// Starts the life of a connection of one type.
pub(super) type Start = Box<dyn Fn(Socket, Arc<Inbox>) -> Life + Send + Sync>;

/// A connection type together with its endpoints; `#[endpoints(…)]` and `#[on_endpoint]` write this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a connection type",
    label = "what the server serves at `/` is not a connection type",
    note = "put `#[socket_connection]` on an `impl {Self}` block",
    note = "if it is there, `cargo tree --duplicates` tells whether there are two versions of the crate"
)]
pub trait Endpoints<S>: SocketConnection<S> {
    /// Adds the endpoints beside the root.
    fn endpoints(table: &mut EndpointTable<S>);

    /// Chooses a connection type for the path of `cx.socket()`, which no endpoint of the table has;
    /// called if the table was told [`EndpointTable::choose`]. [`None`]: there is no such endpoint.
    ///
    /// # Errors
    ///
    /// The [`Reject`] is what the client is told.
    fn endpoint(
        _cx: &Context<'_, S>,
    ) -> impl Future<Output = Result<Option<Endpoint<S>>, Reject>> + Send {
        std::future::ready(Ok(None))
    }
}

/// Which connection type serves which path.
pub struct EndpointTable<S> {
    state: S,
    router: Router<Start>,
    choice: Option<Start>,
    mistake: Option<String>,
}

impl<S: Clone + Send + Sync + 'static> EndpointTable<S> {
    /// The routes of a server whose root is of type `T`, or why there can't be any.
    pub(crate) fn routes<T: Endpoints<S>>(state: S, policy: Policy) -> Result<Routes, String> {
        let mut table = Self { state, router: Router::new(), choice: None, mistake: None };
        T::endpoints(&mut table);
        let root = table.start::<T>();
        match table.mistake {
            None => Ok(Routes {
                root,
                router: table.router,
                choice: table.choice,
                names: Arc::default(),
                policy: Arc::new(policy),
            }),
            Some(mistake) => Err(mistake),
        }
    }

    /// Serves a path with connections of type `T`. A segment `{name}` stands for any one that is not
    /// empty, `{*name}` at the end for all that is left
    /// ([`ConnectionInfo::param`](crate::ConnectionInfo::param)). The path that says most wins:
    /// `/room/lobby` before `/room/{id}`.
    ///
    /// A path that does not start with `/`, is the root's, or matches the same as one that is there, is
    /// a mistake: the server can't be built.
    pub fn add<T: SocketConnection<S>>(&mut self, path: &str) {
        let mistake = if !path.starts_with('/') || path == "/" {
            Some("it must start with `/`, and say more than that".to_owned())
        } else {
            match self.router.insert(path, self.start::<T>()) {
                Ok(()) => None,
                Err(InsertError::Conflict { with }) => Some(format!("`{with}` matches the same")),
                Err(error) => Some(error.to_string()),
            }
        };
        let mistake = mistake.map(|mistake| format!("endpoint `{path}`: {mistake}"));
        self.mistake = self.mistake.take().or(mistake);
    }

    /// Asks [`Endpoints::endpoint`] of `T` who serves the paths that are not in the table.
    pub fn choose<T: Endpoints<S>>(&mut self) {
        let state = self.state.clone();
        self.choice = Some(Box::new(move |socket, inbox| {
            Box::pin(choose::<T, S>(socket, state.clone(), inbox))
        }));
    }

    fn start<T: SocketConnection<S>>(&self) -> Start {
        let state = self.state.clone();
        Box::new(move |socket, inbox| run::<T, S>(socket, state.clone(), inbox))
    }
}

/// An [`EndpointTable`] whose state type is out of sight.
pub(crate) struct Routes {
    root: Start,
    router: Router<Start>,
    choice: Option<Start>,
    /// Of the endpoints that clients have named.
    pub(super) names: Arc<Names>,
    /// What the server says about all its connections.
    pub(super) policy: Arc<Policy>,
}

/// How a path is served.
pub(super) struct Found<'a> {
    pub(super) start: &'a Start,
    pub(super) params: Vec<(String, String)>,
    /// Whether it is one of any number that clients can name.
    pub(super) is_dynamic: bool,
}

impl Routes {
    /// How to start a connection to a path, and the path's parameters.
    pub(super) fn find(&self, path: &str) -> Option<Found<'_>> {
        if path.is_empty() {
            return Some(Found { start: &self.root, params: Vec::new(), is_dynamic: false });
        }
        if let Ok(found) = self.router.at(path)
            && found.params.iter().all(|(_, value)| !value.is_empty())
        {
            let params = found.params.iter();
            let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let params: Vec<_> = params.collect();
            let is_dynamic = !params.is_empty();
            return Some(Found { start: found.value, params, is_dynamic });
        }
        // No connection may have the name by which applications call the root.
        let start = self.choice.as_ref().filter(|_| path != "/")?;
        Some(Found { start, params: Vec::new(), is_dynamic: true })
    }
}
