//! The head of a handshake, kept as one piece of text for as long as its client is there.
//!
//! The handshake's query and headers go in, and are looked up here; a line holds one header. A server has few
//! handshakes and looks few headers up, but it keeps the heads of all its clients, and a [`HeaderMap`] takes
//! several times the space. Neither a query nor a header's value can hold the end of a line: `http`
//! refuses to make a `Uri` or a [`HeaderValue`] of such.
//!
//! ```text
//! EIO=4&transport=websocket
//! host:example.com
//! cookie:a=b
//! ```

use http::{HeaderMap, HeaderName, HeaderValue};

/// What is between a header's name and its value, and where it is not to be shown.
const SHOWN: u8 = b':';
const SENSITIVE: u8 = b'\0';

/// A query and headers.
pub(super) struct Head(Box<[u8]>);

impl Head {
    /// A copy: what hyper gives is a part of the buffer that it read the request into, and would keep it all.
    pub(super) fn new(query: &str, headers: &HeaderMap) -> Self {
        let lines = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2);
        let mut text = Vec::with_capacity(query.len() + lines.sum::<usize>());
        text.extend_from_slice(query.as_bytes());
        for (name, value) in headers {
            text.push(b'\n');
            text.extend_from_slice(name.as_str().as_bytes());
            text.push(if value.is_sensitive() { SENSITIVE } else { SHOWN });
            text.extend_from_slice(value.as_bytes());
        }
        Self(text.into())
    }

    /// The query, percent-encoded.
    pub(super) fn query(&self) -> &[u8] {
        self.0.split(|byte| *byte == b'\n').next().unwrap_or_default()
    }

    /// The values of a header, in the order in which they came.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let named = move |line: &(&[u8], u8, _)| line.0.eq_ignore_ascii_case(name.as_bytes());
        self.lines().filter(named).map(|(.., value)| value)
    }

    /// All headers.
    pub(super) fn headers(&self) -> HeaderMap {
        let headers = self.lines().filter_map(|(name, separator, value)| {
            let mut value = HeaderValue::from_bytes(value).ok()?;
            value.set_sensitive(separator == SENSITIVE);
            Some((HeaderName::from_bytes(name).ok()?, value))
        });
        headers.collect()
    }

    /// Names, what is behind them, and values.
    fn lines(&self) -> impl Iterator<Item = (&[u8], u8, &[u8])> {
        self.0.split(|byte| *byte == b'\n').skip(1).filter_map(|line| {
            let end = line.iter().position(|byte| matches!(*byte, SHOWN | SENSITIVE))?;
            let (name, rest) = line.split_at_checked(end)?;
            let (separator, value) = rest.split_first()?;
            Some((name, *separator, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use http::header::{AUTHORIZATION, COOKIE, HOST};

    use super::*;

    #[test]
    fn a_head_gives_back_what_it_was_made_of() {
        let mut secret = HeaderValue::from_static("Basic YTpi");
        secret.set_sensitive(true);
        let several = [
            (HOST, HeaderValue::from_static("example.com:80")),
            (AUTHORIZATION, secret),
            (COOKIE, HeaderValue::from_static("a=b; c=d:e")),
            (COOKIE, HeaderValue::from_bytes(b"f=\xff\t").unwrap()),
            (HeaderName::from_static("x-empty"), HeaderValue::from_static("")),
        ];
        for (query, headers) in [
            ("", HeaderMap::new()),
            ("a:b=c", HeaderMap::new()),
            ("", HeaderMap::from_iter(several.clone())),
            ("EIO=4&a=%0A", HeaderMap::from_iter(several)),
        ] {
            let head = Head::new(query, &headers);
            assert_eq!(head.query(), query.as_bytes());
            assert_eq!(head.headers(), headers);
            for (name, value) in &head.headers() {
                let given = headers.get_all(name).iter().find(|given| *given == value).unwrap();
                assert_eq!(value.is_sensitive(), given.is_sensitive());
                let upper = name.as_str().to_ascii_uppercase();
                assert!(head.values(&upper).any(|found| found == value.as_bytes()), "{name}");
            }
            assert_eq!(head.values("x-absent").count(), 0);
        }
    }
}
