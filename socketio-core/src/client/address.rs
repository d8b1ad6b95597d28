//! Where a server is: the URL that a client is given, taken apart.
//!
//! Text goes in; out come the server's address, the endpoint and the query. [`connecting`](super::connecting)
//! calls it. Source: socket.io-client 4.8 lib/url.ts (`url`).

use bytestring::ByteString;
use http::Uri;

use super::ConnectError;

/// A URL.
///
/// ```text
/// http://127.0.0.1:3000/chat?name=Joes
///        server         endpoint query
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
    /// As packets name it: empty for the root.
    pub(super) endpoint: ByteString,
    /// Behind the `?`.
    pub(super) query: String,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, ConnectError> {
        let wrong = |what: &str| ConnectError::Invalid(format!("{what}: {url:?}"));
        let uri: Uri = url.parse().map_err(|_| wrong("this is no URL"))?;
        match uri.scheme_str() {
            Some("http" | "ws") => {}
            Some("https" | "wss") => return Err(wrong("TLS is not supported")),
            _ => return Err(wrong("the URL must begin with `http://`")),
        }
        let host = uri.host().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| wrong("the URL names no host"))?;
        let endpoint = if uri.path() == "/" { ByteString::new() } else { uri.path().into() };
        if endpoint.contains(',') {
            return Err(wrong("an endpoint has no `,`"));
        }
        Ok(Self {
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(80),
            endpoint,
            query: uri.query().unwrap_or_default().to_owned(),
        })
    }

    /// The host as it is dialled, an IPv6 address without its brackets.
    pub(super) fn dialled(&self) -> &str {
        let inside = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        inside.unwrap_or(&self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_server_an_endpoint_and_a_query() {
        for (url, host, port, endpoint, query) in [
            ("http://localhost", "localhost", 80, "", ""),
            ("http://127.0.0.1:3000/", "127.0.0.1", 3000, "", ""),
            ("http://localhost:3000/chat", "localhost", 3000, "/chat", ""),
            ("ws://localhost/a/b?name=Joes&x=%20", "localhost", 80, "/a/b", "name=Joes&x=%20"),
            ("http://[::1]:80/?a=b", "[::1]", 80, "", "a=b"),
        ] {
            let (host, endpoint, query) = (host.to_owned(), endpoint.into(), query.to_owned());
            let address = Address { host, port, endpoint, query };
            assert_eq!(Address::parse(url).unwrap(), address, "{url}");
        }
        assert_eq!(Address::parse("http://[::1]:80/").unwrap().dialled(), "::1");
    }

    #[test]
    fn what_is_no_url_of_a_server_is_said_to_be_none() {
        for (url, message) in [
            ("", "this is no URL: \"\""),
            ("/chat", "the URL must begin with `http://`: \"/chat\""),
            ("ftp://x", "the URL must begin with `http://`: \"ftp://x\""),
            ("https://x", "TLS is not supported: \"https://x\""),
            ("http:///chat", "this is no URL: \"http:///chat\""),
            ("http://x/a,b", "an endpoint has no `,`: \"http://x/a,b\""),
        ] {
            assert_eq!(Address::parse(url).unwrap_err().to_string(), message, "{url}");
        }
    }
}
