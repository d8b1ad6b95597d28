//! From a path to a connection type, and the connections that one client has.

mod connections;
mod table;

pub(crate) use connections::Connections;
pub(crate) use table::Routes;
pub use table::{EndpointTable, Endpoints};
