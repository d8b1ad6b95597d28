//! Which pages may connect.
//!
//! The builder's [`Origins`] go in and become [`AllowedOrigins`], or the reason why an entry can't mean
//! anything; then headers go in, and the verdict on their page comes out. A browser names the page's origin
//! in `Origin`; clients that are no browsers send none and are let in. The server checks handshakes, polls,
//! posts and WebSocket upgrades alike, for browsers open WebSockets across origins without asking.
//! Source: socket.io 0.9.19 lib/manager.js (`verifyOrigin`) for entries without a scheme; HTML standard,
//! "origin".

use std::fmt;
use std::net::Ipv6Addr;

use http::HeaderMap;
use http::header::{HOST, HeaderName, ORIGIN, REFERER};

/// In drafts of the WebSocket protocol, what `Origin` became.
const WEBSOCKET_ORIGIN: HeaderName = HeaderName::from_static("sec-websocket-origin");

/// The pages whose scripts may connect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Origins {
    /// Pages of the host that the request is sent to. The default.
    #[default]
    Same,
    /// These, and those of the same host. `*` stands for any host or port, or for what is before a
    /// domain; a scheme's usual port need not be written.
    ///
    /// ```text
    /// https://example.com         http://localhost:8080       http://[::1]:8080
    /// https://*.example.com       every host below example.com, not itself
    /// capacitor://localhost       an app's own scheme
    /// example.com:80              with any scheme, as socket.io 0.9 has it; `https` without a port counts
    ///                             as 80 and as 443
    /// example.com:*               *:8080
    /// ```
    ///
    /// A list with `*:*` in it is [`Origins::Any`]. Hosts are written as browsers send them: international
    /// ones in Punycode, IPv6 addresses in brackets.
    List(Vec<String>),
    /// All: any page on the internet can connect with its visitors' cookies.
    Any,
}

/// The page's origin is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadOrigin;

/// An entry of [`Origins::List`] that can't mean anything.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadEntry {
    entry: String,
    reason: &'static str,
}

impl fmt::Display for BadEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`origins` has the entry {:?}: {}", self.entry, self.reason)
    }
}

/// [`Origins`] that are understood.
#[derive(Debug)]
pub(crate) enum AllowedOrigins {
    /// These, and the same host.
    List(Vec<Entry>),
    Any,
}

impl AllowedOrigins {
    /// # Errors
    ///
    /// The first entry that can't mean anything.
    pub(crate) fn new(origins: Origins) -> Result<Self, BadEntry> {
        let entries = match origins {
            Origins::Any => return Ok(Self::Any),
            Origins::Same => Vec::new(),
            Origins::List(entries) => entries,
        };
        let entries = entries
            .into_iter()
            .map(|entry| Entry::parse(&entry).map_err(|reason| BadEntry { entry, reason }));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        Ok(if entries.iter().any(Entry::is_any) { Self::Any } else { Self::List(entries) })
    }

    /// Checks the origin of a request whose answer the browser guards.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), BadOrigin> {
        match headers.get(ORIGIN).or_else(|| headers.get(WEBSOCKET_ORIGIN)) {
            None => Ok(()),
            Some(origin) => self.check_one(origin.to_str().unwrap_or_default(), headers),
        }
    }

    /// Checks the origin of a script: any page can load one, and may hide that it is the one. Browsers of
    /// today say so much at least that it is a page of the same origin (Fetch Metadata, "Sec-Fetch-Site").
    pub(crate) fn check_script(&self, headers: &HeaderMap) -> Result<(), BadOrigin> {
        let origin = headers.get(ORIGIN).or_else(|| headers.get(REFERER));
        if origin.is_none() && headers.get("sec-fetch-site").is_some_and(|it| it == "same-origin") {
            return Ok(());
        }
        self.check_one(origin.and_then(|origin| origin.to_str().ok()).unwrap_or_default(), headers)
    }

    fn check_one(&self, origin: &str, headers: &HeaderMap) -> Result<(), BadOrigin> {
        let Self::List(entries) = self else { return Ok(()) };
        let origin = Origin::parse(origin).ok_or(BadOrigin)?;
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).and_then(Origin::parse);
        let is_same = host.is_some_and(|host| origin.is_of(&host));
        if is_same || entries.iter().any(|entry| entry.allows(&origin)) {
            Ok(())
        } else {
            Err(BadOrigin)
        }
    }

    /// The hosts of the list, with `*` for any and before a domain; only letters, digits and `*-._:[]`
    /// are in them.
    pub(crate) fn hosts(&self) -> Vec<&str> {
        match self {
            Self::List(entries) => entries.iter().map(|entry| &*entry.host).collect(),
            Self::Any => vec!["*"],
        }
    }
}

/// Scheme, host and port as they are written.
fn split(url: &str) -> (Option<&str>, &str, Option<&str>) {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, url),
    };
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (scheme, host, Some(port)),
        _ => (scheme, rest, None),
    }
}

/// The origin of a page, or the host of a request.
struct Origin<'a> {
    /// The Node.js client 0.9 sends an origin without one.
    scheme: Option<&'a str>,
    host: &'a str,
    port: Option<u16>,
}

impl<'a> Origin<'a> {
    /// Reads an origin or a URL; `null`, and what is no origin, is `None`.
    fn parse(url: &'a str) -> Option<Self> {
        let start = url.find("://").map_or(0, |at| at + 3);
        let end = url.get(start..)?.find(['/', '?', '#']).map_or(url.len(), |at| start + at);
        let (scheme, host, port) = split(url.get(..end)?);
        let port = match port {
            Some(port) => Some(number(port)?),
            None => None,
        };
        (!host.is_empty() && url != "null").then_some(Self { scheme, host, port })
    }

    /// Whether the page is of the host that a request was sent to, which is known without a scheme.
    fn is_of(&self, host: &Self) -> bool {
        let default = default_port(self.scheme);
        let same_port = self.port.or(default) == host.port.or(default);
        is_same_host(self.host, host.host) && (same_port || self.scheme.is_none())
    }
}

/// An entry of the list.
#[derive(Debug)]
pub(crate) struct Entry {
    /// In lower case, as browsers send it; `None` is any.
    scheme: Option<String>,
    /// A host, `*`, or a domain behind `*.`.
    host: String,
    port: Port,
}

#[derive(Debug, PartialEq, Eq)]
enum Port {
    Any,
    /// `None` where the scheme has no usual one.
    Is(Option<u16>),
}

impl Entry {
    fn parse(entry: &str) -> Result<Self, &'static str> {
        let (scheme, host, port) = split(entry);
        let scheme = scheme.map(str::to_ascii_lowercase);
        let scheme = scheme.as_deref();
        if entry == "null" {
            return Err("pages that hide their origin can't be told apart");
        }
        if scheme.is_some_and(|scheme| scheme.is_empty() || !scheme.chars().all(is_of_scheme)) {
            return Err("this is no scheme");
        }
        check_host(host)?;
        let port = match port {
            Some("*") => Port::Any,
            Some(port) => {
                Port::Is(Some(number(port).ok_or("the port is neither a number nor `*`")?))
            }
            None if scheme.is_none() => {
                return Err("it has neither scheme nor port: `https://example.com`, or \
                            `example.com:*` for all of them");
            }
            None => Port::Is(default_port(scheme)),
        };
        Ok(Self { scheme: scheme.map(ToOwned::to_owned), host: host.to_owned(), port })
    }

    /// Whether this is `*:*`.
    fn is_any(&self) -> bool {
        self.scheme.is_none() && self.host == "*" && self.port == Port::Any
    }

    fn allows(&self, origin: &Origin<'_>) -> bool {
        let scheme = self.scheme.is_none() || self.scheme.as_deref() == origin.scheme;
        let port = match self.port {
            Port::Any => true,
            Port::Is(port) if port == origin.port.or(default_port(origin.scheme)) => true,
            // To socket.io 0.9 the usual port of `https` is 80, too.
            Port::Is(port) => self.scheme.is_none() && origin.port.is_none() && port == Some(80),
        };
        scheme && port && self.allows_host(origin.host)
    }

    fn allows_host(&self, host: &str) -> bool {
        match self.host.strip_prefix('*') {
            Some(domain) => {
                let start = host.len().checked_sub(domain.len()).filter(|start| *start > 0);
                let end = start.and_then(|start| host.get(start..));
                end.is_some_and(|end| end.eq_ignore_ascii_case(domain))
            }
            None => is_same_host(&self.host, host),
        }
    }
}

fn check_host(host: &str) -> Result<(), &'static str> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').and_then(|address| address.parse().ok());
        return address.map(|_: Ipv6Addr| ()).ok_or("this is no IPv6 address in brackets");
    }
    let name = match host.strip_prefix('*') {
        Some("") => return Ok(()),
        Some(domain) => {
            domain.strip_prefix('.').ok_or("`*` stands for a host, or for what is before a dot")?
        }
        None => host,
    };
    if name.is_empty() {
        Err("it has no host")
    } else if !name.is_ascii() {
        Err("browsers send this host in Punycode: `xn--…`")
    } else if name.contains(['/', '?', '#', '@']) {
        Err("an origin is scheme, host and port, and no more")
    } else if name.contains(':') {
        Err("an IPv6 address must be in brackets")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')) {
        Err("this is no host")
    } else {
        Ok(())
    }
}

/// RFC 3986, section 3.1.
fn is_of_scheme(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')
}

fn is_same_host(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || ipv6(a).is_some_and(|address| ipv6(b) == Some(address))
}

fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

fn number(port: &str) -> Option<u16> {
    port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok())?
}

fn default_port(scheme: Option<&str>) -> Option<u16> {
    match scheme? {
        "https" | "wss" => Some(443),
        "http" | "ws" => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
