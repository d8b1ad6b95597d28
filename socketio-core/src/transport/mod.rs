//! HTTP and WebSocket on one side, frames on the other.
//!
//! The server floor finds out which session a request is for; what is here answers it. A request
//! talks to its session through the mailbox alone.

mod cors;
mod error;
mod polling;
pub(crate) mod websocket;

pub use cors::Origins;
pub(crate) use cors::{allow, preflight};
pub(crate) use error::{plain, status, unknown_session, upgrade_refused};
pub(crate) use polling::{poll, post};

/// An answer to a request.
pub(crate) type Response = http::Response<axum::body::Body>;
