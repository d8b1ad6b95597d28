//! What is known of a client from its handshake, and of how it asked for an endpoint.
//!
//! The handshake and the endpoint table make it; handlers read it. Headers and queries are kept as they
//! came, and taken apart when asked for.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::SystemTime;

use bytestring::ByteString;
use http::{HeaderMap, header};

use super::head::Head;

/// Names and values, in the order in which they came.
type Pairs = Vec<(String, String)>;

/// The arguments of a query, once they have been asked for.
#[derive(Default)]
struct Parsed(OnceLock<Box<Pairs>>);

impl Parsed {
    fn of(&self, query: &[u8]) -> &Pairs {
        let parse = || Box::new(form_urlencoded::parse(query).into_owned().collect());
        self.0.get_or_init(parse)
    }
}

/// The handshake request, shared by all connections of a client.
struct Handshake {
    head: Head,
    /// The peer's, and the client's.
    addresses: Option<(SocketAddr, IpAddr)>,
    time: SystemTime,
    parsed: Parsed,
}

/// What one endpoint's connection has of its own.
#[derive(Default)]
struct OwnInfo {
    params: Pairs,
    query: ByteString,
    auth: ByteString,
    parsed: Parsed,
}

/// What a client says about itself that has nothing to say.
const NO_AUTH: &str = "{}";

/// That of all who say just that.
static BARE: LazyLock<Arc<OwnInfo>> = LazyLock::new(|| {
    let auth = ByteString::from_static(NO_AUTH);
    Arc::new(OwnInfo { auth, ..OwnInfo::default() })
});

/// What a client said when it connected: its handshake, and for an endpoint that endpoint's own query
/// and what its path has in the places of the pattern's parameters.
///
/// | [`ConnectionInfo`] of | [`query`](Self::query) | [`param`](Self::param) | all else |
/// |---|---|---|---|
/// | the root | the handshake's | – | the handshake's |
/// | an endpoint | its own (`/chat?a=b`), then the handshake's | of its pattern, `/room/{id}` | the handshake's |
#[derive(Clone)]
pub struct ConnectionInfo {
    handshake: Arc<Handshake>,
    own: Option<Arc<OwnInfo>>,
}

impl ConnectionInfo {
    /// A client's whose handshake had this query and these headers and came from this peer, for this client.
    pub(crate) fn new(
        query: &str,
        headers: &HeaderMap,
        addresses: Option<(SocketAddr, IpAddr)>,
    ) -> Self {
        let (head, time) = (Head::new(query, headers), SystemTime::now());
        let handshake = Handshake { head, addresses, time, parsed: Parsed::default() };
        Self { handshake: Arc::new(handshake), own: None }
    }

    /// The same client's, of an endpoint.
    pub(crate) fn of_endpoint(&self, query: ByteString, auth: ByteString, params: Pairs) -> Self {
        let own = match &*auth {
            _ if !query.is_empty() || !params.is_empty() => None,
            "" => return self.clone(),
            NO_AUTH => Some(Arc::clone(&BARE)),
            _ => None,
        };
        let made = || Arc::new(OwnInfo { params, query, auth, parsed: Parsed::default() });
        let own = own.unwrap_or_else(made);
        Self { handshake: Arc::clone(&self.handshake), own: Some(own) }
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
        let own = self.own.iter().flat_map(|own| own.parsed.of(own.query.as_bytes()));
        let handshake = self.handshake.parsed.of(self.handshake.head.query());
        own.chain(handshake).map(pair)
    }

    /// A header of the handshake, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = self.handshake.head.values(name).next()?;
        let is_text = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        str::from_utf8(value).ok().filter(|_| is_text)
    }

    /// The headers of the handshake, as a map that is made for the call.
    pub fn headers(&self) -> HeaderMap {
        self.handshake.head.headers()
    }

    /// A cookie of the handshake, as it came. Of several with one name, the first.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// All cookies of the handshake: names and values as they came, less those that are not UTF-8.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.handshake.head.values(header::COOKIE.as_str());
        let cookies = headers.flat_map(|cookies| cookies.split(|byte| *byte == b';'));
        cookies.filter_map(|cookie| str::from_utf8(cookie).ok()?.trim().split_once('='))
    }

    /// The address of the peer, which may be a proxy; known where the server was started by
    /// [`serve`](crate::SocketIo::serve) or axum was told to provide it.
    pub fn remote_addr(&self) -> Option<SocketAddr> {
        self.handshake.addresses.map(|(peer, _)| peer)
    }

    /// The address of the client: of the peer, or as the
    /// [`trusted_proxies`](crate::Builder::trusted_proxies) before the server name it. Known where
    /// [`remote_addr`](Self::remote_addr) is.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.handshake.addresses.map(|(_, client)| client)
    }

    /// When the client shook hands.
    pub fn time(&self) -> SystemTime {
        self.handshake.time
    }
}

/// Headers and queries may hold secrets.
impl fmt::Debug for ConnectionInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionInfo")
            .field("remote_addr", &self.remote_addr())
            .field("client_ip", &self.client_ip())
            .field("time", &self.time())
            .finish_non_exhaustive()
    }
}

fn pair((name, value): &(String, String)) -> (&str, &str) {
    (name, value)
}
