//! What is known of a client from its handshake.
//!
//! The handshake makes it; handlers read it. Headers and query are kept as they came, and taken apart
//! when first asked for.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use bytestring::ByteString;
use http::{HeaderMap, header};

/// The handshake request, shared by all connections of a client.
#[derive(Debug)]
pub(crate) struct Handshake {
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) remote_addr: Option<SocketAddr>,
    pub(crate) client_ip: Option<IpAddr>,
    pub(crate) time: SystemTime,
    pub(crate) parsed: OnceLock<Vec<(String, String)>>,
}

/// What a client said when it connected: its handshake, and for an endpoint that endpoint's own query.
#[derive(Debug, Clone)]
pub struct ConnectionInfo {
    handshake: Arc<Handshake>,
    endpoint: Arc<OnceLock<Vec<(String, String)>>>,
    endpoint_query: ByteString,
}

impl ConnectionInfo {
    pub(crate) fn new(handshake: Arc<Handshake>, endpoint_query: ByteString) -> Self {
        Self { handshake, endpoint: Arc::default(), endpoint_query }
    }

    pub(crate) fn with_endpoint_query(&self, query: ByteString) -> Self {
        Self::new(Arc::clone(&self.handshake), query)
    }

    /// A query argument, percent-decoded: the endpoint's own (`/chat?name=Joes`) before the
    /// handshake's. Of several with one name, the first.
    pub fn query(&self, name: &str) -> Option<&str> {
        let own = self.endpoint.get_or_init(|| parse(&self.endpoint_query));
        let handshake = self.handshake.parsed.get_or_init(|| parse(&self.handshake.query));
        own.iter().chain(handshake).find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// A header of the handshake, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.handshake.headers.get(name)?.to_str().ok()
    }

    /// The headers of the handshake.
    pub fn headers(&self) -> &HeaderMap {
        &self.handshake.headers
    }

    /// A cookie of the handshake, as it came.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.handshake.headers.get_all(header::COOKIE).into_iter();
        cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
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

fn parse(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}
