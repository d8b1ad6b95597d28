//! From a path to a connection type, and the connections that one client has.
//!
//! The builder fills the table; the driver asks for connections through
//! [`Deliver`](crate::driver::Deliver). It knows no transports.

mod choice;
mod connections;
mod dynamic;
mod table;

pub use choice::{Endpoint, endpoint_plain, endpoint_with};
pub(crate) use connections::Connections;
pub(crate) use table::Routes;
pub use table::{EndpointTable, Endpoints};
