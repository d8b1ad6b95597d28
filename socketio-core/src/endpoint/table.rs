//! Which connection type serves which path.
//!
//! `#[endpoints(…)]` fills it when the server is built; it does not change after that. The state's
//! type ends here: what comes out is a path and how to start a connection.

use std::collections::HashMap;
use std::sync::Arc;

use bytestring::ByteString;

use crate::connection::{FailurePolicy, Inbox, Life, SocketConnection, run};
use crate::socket::Socket;

/// Starts the life of a connection of one type.
type Start = Box<dyn Fn(Socket, Arc<Inbox>) -> Life + Send + Sync>;

/// A connection type together with its endpoints; `#[endpoints(…)]` writes this.
pub trait Endpoints<S>: SocketConnection<S> {
    /// Adds the endpoints beside the root.
    fn endpoints(table: &mut EndpointTable<S>);
}

/// Which connection type serves which path; the root is the empty path.
pub struct EndpointTable<S> {
    state: S,
    on_error: Option<FailurePolicy>,
    starts: HashMap<ByteString, Start>,
}

impl<S: Clone + Send + Sync + 'static> EndpointTable<S> {
    pub(crate) fn new<T: Endpoints<S>>(state: S, on_error: Option<FailurePolicy>) -> Self {
        let mut table = Self { state, on_error, starts: HashMap::new() };
        table.add::<T>("");
        T::endpoints(&mut table);
        table
    }

    /// Serves a path with connections of type `T`.
    pub fn add<T: SocketConnection<S>>(&mut self, path: &'static str) {
        let (state, on_error) = (self.state.clone(), self.on_error.clone());
        let start =
            move |socket, inbox| run::<T, S>(socket, state.clone(), inbox, on_error.clone());
        self.starts.insert(ByteString::from_static(path), Box::new(start));
    }

    pub(crate) fn into_routes(self) -> Routes {
        Routes(self.starts)
    }
}

/// An [`EndpointTable`] whose state type is out of sight.
pub(crate) struct Routes(HashMap<ByteString, Start>);

impl Routes {
    pub(super) fn serves(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    pub(super) fn start(&self, socket: Socket, inbox: Arc<Inbox>) -> Option<Life> {
        let start = self.0.get(socket.endpoint())?;
        Some(start(socket, inbox))
    }
}
