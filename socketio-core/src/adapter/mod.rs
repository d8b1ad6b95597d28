//! Rooms and broadcast: who is where, and how one emission reaches many, on this server and on others.
//!
//! What handlers and the application ask for comes in as an [`Action`] or a [`Query`], which are data and
//! can cross to other servers; out it goes into mailboxes, by [`Local`], which knows this server's
//! connections. A [`Builder`](crate::Builder::adapter) without an adapter of its own uses that alone. An adapter
//! never calls up into handlers.
//!
//! A cluster's adapter wraps a [`Local`]. What it is given it does there, and tells the others unless it
//! [`is_local`](Action::is_local); what it hears from others it does there, and sends the answers back:
//!
//! ```
//! use std::sync::Arc;
//! use futures_util::StreamExt as _;
//! use socketio_core::adapter::{Action, Adapter, Answers, Local, Query};
//!
//! /// Other servers, in this process.
//! struct Cluster { here: Local, others: Vec<Local> }
//!
//! impl Adapter for Cluster {
//!     fn act(&self, action: Action) {
//!         if !action.is_local() {
//!             self.others.iter().for_each(|other| other.act(action.clone()));
//!         }
//!         self.here.act(action);
//!     }
//!
//!     fn ask(&self, query: Query) -> Answers {
//!         let others = if query.is_local() { &[] } else { &*self.others };
//!         let all = others.iter().chain([&self.here]).map(|server| server.ask(query.clone()));
//!         futures_util::stream::select_all(all.collect::<Vec<_>>()).boxed()
//!     }
//! }
//! ```
//!
//! What it hears has come from outside: it takes no more bytes than its broker needs to bring, and ignores what can't be
//! read. What can be read can be done, and be sent.
//!
//! `socketio_core::test::adapter_suite`, of the feature `test`, holds an adapter to what is said here.

mod action;
mod extensions;
mod local;
mod log;
pub(crate) mod recovery;

pub use action::{Action, Answer, Broadcast, Query, RemoteSocket, Selection};
pub(crate) use extensions::Extensions;
pub use local::{Change, Local};
pub(crate) use local::{Member, Occupant, deadline};
pub(crate) use recovery::{Claim, Kept, Recovery, Returned};

use std::pin::Pin;

use futures_util::Stream;

pub use crate::protocol::emission::EmissionBody;

/// What servers answer to a [`Query`], in any order; it ends when all have answered, or can't.
///
/// Dropping it gives the query up.
pub type Answers = Pin<Box<dyn Stream<Item = Result<Answer, AdapterError>> + Send>>;

/// Reaches the connections of all servers of a cluster, or of the one there is.
///
/// Set by [`Builder::adapter`](crate::Builder::adapter), one for all endpoints; the [module](self) says how one
/// is made.
pub trait Adapter: Send + Sync + 'static {
    /// Does something with all connections that it is for, on every server unless it
    /// [`is_local`](Action::is_local).
    ///
    /// It must not wait, nor fail: what can't leave now is queued or dropped, as the adapter documents. On
    /// each server actions take effect in the order of the calls; on this one before the call returns, so
    /// that what is sent to one client directly keeps its place among broadcasts.
    fn act(&self, action: Action);

    /// Asks all servers, this one among them, unless the query [`is_local`](Query::is_local).
    ///
    /// Here the query takes effect before the call returns, as an action does. A server that does not answer
    /// must not be waited for without end: it becomes an [`AdapterError`] in the stream, beside the answers of
    /// the others.
    fn ask(&self, query: Query) -> Answers;

    /// This server has stopped: says so to the others, and lets go of them. Called once, and given up after 5
    /// seconds; handlers that have not ended by then may still call the rest. Default: nothing.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

/// Why not all servers have answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdapterError {
    /// Some did not in time.
    #[error("{missing} servers of the cluster did not answer in time")]
    Timeout {
        /// How many.
        missing: usize,
    },
    /// They can't be reached, and why.
    #[error("the cluster can't be reached: {0}")]
    Unreachable(String),
}
