//! HTTP and WebSocket on one side, frames on the other.
//!
//! The server floor finds out which session a request is for; what is here answers it. A request
//! talks to its session through the mailbox alone.

mod accepted;
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

pub(crate) use accepted::Accepted;
pub(crate) use coding::{accepts_gzip, gzip, members};
pub(crate) use cors::{Page, preflight, vary};
pub(crate) use error::{plain, status, unknown_session, upgrade_refused};
pub(crate) use forwarded::client_ip;
pub(crate) use htmlfile::stream;
pub(crate) use jsonp::poll_by_script;
pub(crate) use origins::AllowedOrigins;
pub use origins::Origins;
pub(crate) use polling::{poll, post, unknown_post};

use std::borrow::Cow;

use http::Uri;

/// An answer to a request.
pub(crate) type Response = http::Response<axum::body::Body>;

/// The first value of this key in a query string.
pub(crate) fn query_value<'a>(uri: &'a Uri, key: &str) -> Option<Cow<'a, str>> {
    query_pairs(uri).find_map(|(name, value)| (name == key).then_some(value))
}

/// The keys and values of a query string.
pub(crate) fn query_pairs(uri: &Uri) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let pieces = uri.query().unwrap_or_default().as_bytes().split(|byte| *byte == b'&');
    pieces.filter(|piece| !piece.is_empty()).map(|piece| {
        // Every request is read, and hardly any client escapes anything.
        if piece.iter().any(|byte| matches!(byte, b'%' | b'+')) {
            form_urlencoded::parse(piece).next().unwrap_or_default()
        } else {
            let mut parts = piece.splitn(2, |byte| *byte == b'=');
            let mut part = || parts.next().map(String::from_utf8_lossy).unwrap_or_default();
            (part(), part())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_of_a_key_is_found_however_it_is_spelt() {
        for (query, expected) in [
            ("sid=a&sid=b", Some("a")),
            ("EIO=4&&sid=a=b", Some("a=b")),
            ("sid", Some("")),
            ("side=a&s%69d=b+c%21", Some("b c!")),
            ("x=%73&sid=%ff", Some("\u{fffd}")),
            ("SID=a", None),
            ("", None),
        ] {
            let uri = format!("/socket.io/?{query}").parse().unwrap();
            assert_eq!(query_value(&uri, "sid").as_deref(), expected, "{query}");
        }
        assert_eq!(query_value(&"/socket.io/".parse().unwrap(), "sid"), None);
    }
}
