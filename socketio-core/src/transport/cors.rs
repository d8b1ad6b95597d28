//! Which pages may connect, and the headers that tell their browsers so.
//!
//! A browser names the page's origin in `Origin`; clients that are no browsers send none and are let
//! in. The check is made on handshakes, polls, posts and WebSocket upgrades alike, for browsers
//! open WebSockets across origins without asking. Source: socket.io 0.9.19 lib/manager.js for the
//! headers; Fetch standard, "CORS protocol".

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, HOST, ORIGIN, REFERER, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{Response, status};

/// The pages whose scripts may connect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Origins {
    /// Pages of the host that the request is sent to. The default.
    #[default]
    Same,
    /// These, such as `https://example.com` or `http://localhost:8080`, and those of the same host.
    List(Vec<String>),
    /// All: any page on the internet can connect with its visitors' cookies.
    Any,
}

/// The page's origin is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadOrigin;

impl Origins {
    /// Checks the origin of a request whose answer the browser guards.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), BadOrigin> {
        match headers.get(ORIGIN) {
            None => Ok(()),
            Some(origin) => self.check_one(origin.to_str().unwrap_or_default(), headers),
        }
    }

    /// Checks the origin of a script: any page can load one, and may hide that it is the one.
    pub(crate) fn check_script(&self, headers: &HeaderMap) -> Result<(), BadOrigin> {
        let origin = headers.get(ORIGIN).or_else(|| headers.get(REFERER));
        self.check_one(origin.and_then(|origin| origin.to_str().ok()).unwrap_or_default(), headers)
    }

    fn check_one(&self, origin: &str, headers: &HeaderMap) -> Result<(), BadOrigin> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let origin = Authority::of(origin);
        let allowed = match self {
            Self::Any => true,
            _ if origin.host.is_empty() => false,
            _ if origin.is_at(&Authority::of(host)) => true,
            Self::Same => false,
            Self::List(origins) => origins.iter().any(|allowed| {
                let allowed = Authority::of(allowed);
                origin.scheme == allowed.scheme && origin.is_at(&allowed)
            }),
        };
        if allowed { Ok(()) } else { Err(BadOrigin) }
    }
}

/// Scheme, host and port of an origin or a URL. The Node.js client 0.9 sends an origin without scheme.
struct Authority<'a> {
    scheme: Option<&'a str>,
    host: &'a str,
    port: Option<&'a str>,
}

impl<'a> Authority<'a> {
    fn of(url: &'a str) -> Self {
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, url),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                (host, Some(port))
            }
            _ => (authority, None),
        };
        Self { scheme, host, port }
    }

    /// Whether host and port are those of `other`, whose scheme may be unknown.
    fn is_at(&self, other: &Self) -> bool {
        let scheme = self.scheme.or(other.scheme);
        let port = |of: &Self| of.port.or(default_port(scheme)).map(ToOwned::to_owned);
        self.host.eq_ignore_ascii_case(other.host)
            && (port(self) == port(other) || scheme.is_none())
    }
}

fn default_port(scheme: Option<&str>) -> Option<&'static str> {
    match scheme? {
        "https" | "wss" => Some("443"),
        _ => Some("80"),
    }
}

/// Lets the page that sent the request read the answer, if a page sent it.
pub(crate) fn allow(request: &HeaderMap, answer: &mut HeaderMap) {
    if let Some(origin) = request.get(ORIGIN) {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        answer.insert(VARY, HeaderValue::from_static("Origin"));
    }
}

/// Answers the question that browsers ask before some requests across origins.
pub(crate) fn preflight(origins: &Origins, request: &HeaderMap) -> Response {
    if origins.check(request).is_err() {
        return status(StatusCode::FORBIDDEN, "bad origin");
    }
    let mut answer = status(StatusCode::NO_CONTENT, "");
    let headers = answer.headers_mut();
    allow(request, headers);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(origins: &Origins, origin: &str, allowed: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("shop.example:3000"));
        headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        assert_eq!(origins.check(&headers).is_ok(), allowed, "{origins:?} {origin}");
    }

    #[test]
    fn only_named_origins_and_the_own_host_are_let_in() {
        let list = Origins::List(vec!["https://example.com".into()]);
        for (origin, same, listed) in [
            ("http://shop.example:3000", true, true),
            ("https://SHOP.example:3000", true, true),
            ("shop.example:3000", true, true),
            ("http://shop.example", false, false),
            ("http://shop.example:3000.evil.com", false, false),
            ("https://example.com", false, true),
            ("https://example.com:443", false, true),
            ("http://example.com", false, false),
            ("https://example.com.evil.com", false, false),
            ("null", false, false),
            ("", false, false),
        ] {
            check(&Origins::Same, origin, same);
            check(&list, origin, listed);
            check(&Origins::Any, origin, true);
        }
    }

    #[test]
    fn a_script_that_hides_its_page_is_refused() {
        let headers = HeaderMap::new();
        assert_eq!(Origins::Same.check(&headers), Ok(()));
        assert_eq!(Origins::Same.check_script(&headers), Err(BadOrigin));
        assert_eq!(Origins::Any.check_script(&headers), Ok(()));
    }
}
