//! HTTP and WebSocket on one side, frames on the other.
//!
//! The server floor finds out which session a request is for; what is here answers it. A request
//! talks to its session through the mailbox alone.

mod coding;
mod cors;
pub(crate) mod engine;
mod error;
mod forwarded;
mod htmlfile;
mod jsonp;
mod origins;
mod polling;
pub(crate) mod websocket;

pub(crate) use coding::{accepts_gzip, gzip, members};
pub(crate) use cors::{allow, preflight, vary};
pub(crate) use error::{plain, status, unknown_session, upgrade_refused};
pub(crate) use forwarded::client_ip;
pub(crate) use htmlfile::stream;
pub(crate) use jsonp::poll_by_script;
pub(crate) use origins::AllowedOrigins;
pub use origins::Origins;
pub(crate) use polling::{poll, post};

/// An answer to a request.
pub(crate) type Response = http::Response<axum::body::Body>;

/// The first value of this key in a query string.
pub(crate) fn query_value<'a>(uri: &'a http::Uri, key: &str) -> Option<std::borrow::Cow<'a, str>> {
    let query = uri.query().unwrap_or_default().as_bytes();
    form_urlencoded::parse(query).find(|(name, _)| name == key).map(|(_, value)| value)
}
