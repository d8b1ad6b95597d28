//! What is known of a client from its handshake, and of how it asked for an endpoint.
//!
//! The handshake and the endpoint table make it; handlers read it. Headers and queries are kept as they
//! came, and taken apart when first asked for.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use bytestring::ByteString;
use http::{HeaderMap, header};

/// Names and values, in the order in which they came.
type Pairs = Vec<(String, String)>;

/// The handshake request, shared by all connections of a client.
#[derive(Debug)]
pub(crate) struct Handshake {
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) remote_addr: Option<SocketAddr>,
    pub(crate) client_ip: Option<IpAddr>,
    pub(crate) time: SystemTime,
    pub(crate) parsed: OnceLock<Pairs>,
}

/// What one endpoint's connection has of its own.
#[derive(Debug)]
struct OwnInfo {
    params: Pairs,
    query: ByteString,
    auth: ByteString,
    parsed: OnceLock<Pairs>,
}

/// What a client said when it connected: its handshake, and for an endpoint that endpoint's own query
/// and what its path has in the places of the pattern's parameters.
///
/// | [`ConnectionInfo`] of | [`query`](Self::query) | [`param`](Self::param) | all else |
/// |---|---|---|---|
/// | the root | the handshake's | – | the handshake's |
/// | an endpoint | its own (`/chat?a=b`), then the handshake's | of its pattern, `/room/{id}` | the handshake's |
#[derive(Debug, Clone)]
pub struct ConnectionInfo {
    handshake: Arc<Handshake>,
    own: Option<Arc<OwnInfo>>,
}

impl ConnectionInfo {
    /// A client's.
    pub(crate) fn new(handshake: Arc<Handshake>) -> Self {
        Self { handshake, own: None }
    }

    /// The same client's, of an endpoint.
    pub(crate) fn of_endpoint(&self, query: ByteString, auth: ByteString, params: Pairs) -> Self {
        if query.is_empty() && auth.is_empty() && params.is_empty() {
            return self.clone();
        }
        let own = OwnInfo { params, query, auth, parsed: OnceLock::new() };
        Self { handshake: Arc::clone(&self.handshake), own: Some(Arc::new(own)) }
    }

    /// What the path has in the place of a parameter: `7` for `id`, where `/room/7` is served by
    /// `#[endpoints("/room/{id}" => Room)]`. Never empty, and as it came: nothing is decoded.
    pub fn param(&self, name: &str) -> Option<&str> {
        let params = self.own.iter().flat_map(|own| &own.params);
        params.map(pair).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// What the client says about itself, as the text of a JSON object: what it sent with the connect
    /// (clients since Socket.IO 3), or else the query, whose values are strings.
    /// [`Auth`](crate::Auth) reads it into a type of yours.
    pub fn auth(&self) -> Cow<'_, str> {
        match self.own.as_ref().map(|own| &*own.auth).filter(|auth| !auth.is_empty()) {
            Some(auth) => Cow::Borrowed(auth),
            None => {
                // Of several with one name, the first.
                let mut object = serde_json::Map::new();
                for (key, value) in self.query_pairs() {
                    object.entry(key).or_insert_with(|| value.into());
                }
                Cow::Owned(serde_json::Value::Object(object).to_string())
            }
        }
    }

    /// A query argument, percent-decoded: the endpoint's own (`/chat?name=Joes`) before the
    /// handshake's. Of several with one name, the first.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query_all(name).next()
    }

    /// All values of a query argument: the endpoint's own before the handshake's.
    pub fn query_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query_pairs().filter(move |(key, _)| *key == name).map(|(_, value)| value)
    }

    /// All query arguments in the order in which they came, the endpoint's own before the handshake's.
    /// Among the latter are those that clients add by themselves, such as `t`.
    pub fn query_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.own.iter().flat_map(|own| own.parsed.get_or_init(|| parse(&own.query)));
        let handshake = self.handshake.parsed.get_or_init(|| parse(&self.handshake.query));
        own.chain(handshake).map(pair)
    }

    /// A header of the handshake, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.handshake.headers.get(name)?.to_str().ok()
    }

    /// The headers of the handshake.
    pub fn headers(&self) -> &HeaderMap {
        &self.handshake.headers
    }

    /// A cookie of the handshake, as it came. Of several with one name, the first.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// All cookies of the handshake: names and values as they came, less those that are not UTF-8.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.handshake.headers.get_all(header::COOKIE).into_iter();
        let cookies = headers.flat_map(|cookies| cookies.as_bytes().split(|byte| *byte == b';'));
        cookies.filter_map(|cookie| str::from_utf8(cookie).ok()?.trim().split_once('='))
    }

    /// The address of the peer, which may be a proxy; known where the server was started by
    /// [`serve`](crate::SocketIo::serve) or axum was told to provide it.
    pub fn remote_addr(&self) -> Option<SocketAddr> {
        self.handshake.remote_addr
    }

    /// The address of the client: of the peer, or as the
    /// [`trusted_proxies`](crate::Builder::trusted_proxies) before the server name it. Known where
    /// [`remote_addr`](Self::remote_addr) is.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.handshake.client_ip
    }

    /// When the client shook hands.
    pub fn time(&self) -> SystemTime {
        self.handshake.time
    }
}

fn pair((name, value): &(String, String)) -> (&str, &str) {
    (name, value)
}

fn parse(query: &str) -> Pairs {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}
