//! The clients' files, for pages: scripts whole or with some transports, and what Flash plays.
//!
//! In go folders of npm installs, once; then the names that URLs hold, and out come answers. All
//! is held in memory: what a request names is looked up, never opened. The service calls it.
//! Source: socket.io 0.9.19 lib/static.js; socket.io 4.8.4 lib/index.ts (`attachServe`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use axum::body::Body;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, StatusCode};

use super::asset::{Asset, Kind, put};
use super::bundle::Sources;
use super::edge::Edge;
use super::url::WELCOME;
use crate::driver::Transport;
use crate::transport::{Page, Response, status, vary};

/// Where pages find the client if it is not served from a folder: one of Socket.IO 4.
pub const CLIENT_URL: &str = "https://cdn.socket.io/4.8.1/socket.io.js";

const CDN: &str = "https://cdn.socket.io";
/// The version in [`CLIENT_URL`].
const CDN_VERSION: &str = "4.8.1";

/// The name of the whole script, in all versions.
const SCRIPT: &str = "socket.io.js";

/// What else a client since 2.0 has for pages.
const OTHERS: [&str; 7] = [
    "socket.io.js.map",
    "socket.io.min.js",
    "socket.io.min.js.map",
    "socket.io.esm.min.js",
    "socket.io.esm.min.js.map",
    "socket.io.msgpack.min.js",
    "socket.io.msgpack.min.js.map",
];

/// What one of 0.7 to 0.9 has.
const FLASH: [&str; 2] = ["WebSocketMain.swf", "WebSocketMainInsecure.swf"];

/// A file that a URL asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientFile<'a> {
    /// The script, perhaps of a version.
    Script { version: Option<&'a str> },
    /// A script with some transports, whose names have `+` between them; `name` is the file's.
    Bundle { name: &'a str, transports: &'a str, version: Option<&'a str> },
    /// One of the other forms of the newest client's script, or a map of one.
    Other(&'static str),
    /// What Flash plays.
    Flash(&'static str),
}

impl<'a> ClientFile<'a> {
    /// Reads what stands behind the server's path, if it names one.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        if let Some(name) = path.strip_prefix("static/flashsocket/") {
            return FLASH.into_iter().find(|file| *file == name).map(Self::Flash);
        }
        if let Some(name) = OTHERS.into_iter().find(|name| *name == path) {
            return Some(Self::Other(name));
        }
        let stem = path.strip_prefix("socket.io")?.strip_suffix(".js")?;
        let (transports, version) = match stem.split_once(".v") {
            Some((transports, version)) if is_version(version) => (transports, Some(version)),
            Some(_) => return None,
            None => (stem, None),
        };
        if transports.is_empty() {
            return Some(Self::Script { version });
        }
        let transports = transports.strip_prefix('+')?;
        Some(Self::Bundle { name: path, transports, version })
    }
}

/// `0.9.17`
fn is_version(text: &str) -> bool {
    numbers(text).is_some()
}

fn numbers(version: &str) -> Option<[u32; 3]> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = version.split('.').map(|part| part.parse().ok().filter(|_| digits(part)));
    parts.collect::<Option<Vec<u32>>>()?.try_into().ok()
}

/// What there is to serve: the newest client first.
#[derive(Default)]
pub(super) struct ClientFiles(Vec<Client>);

/// One client's files.
struct Client {
    version: Option<String>,
    script: Asset,
    others: BTreeMap<&'static str, Asset>,
    /// What scripts with some transports are made of.
    sources: Option<Sources>,
    /// Those that were asked for, by the bits of their transports' places.
    bundles: Box<[OnceLock<Asset>]>,
}

impl ClientFiles {
    /// Reads what there is; a folder without the script is logged.
    pub(super) fn read(folders: &[PathBuf]) -> Self {
        let mut clients: Vec<_> =
            folders.iter().filter_map(|folder| Client::read(folder)).collect();
        clients.sort_by_key(|client| std::cmp::Reverse(client.numbers()));
        Self(clients)
    }

    /// Of the clients that have something, the one of this version; else the newest of the same major
    /// version; else the newest.
    fn pick(&self, version: Option<&str>, has: impl Fn(&Client) -> bool) -> Option<&Client> {
        let those = self.0.iter().rev().filter(|client| has(client));
        those.max_by_key(|client| version.map(|version| client.likeness(version)))
    }
}

impl Client {
    fn read(folder: &Path) -> Option<Self> {
        let dist = folder.join("dist");
        let script = match std::fs::read(dist.join(SCRIPT)) {
            Ok(script) => script,
            Err(error) => {
                let folder = tracing::field::display(folder.display());
                tracing::warn!(folder, %error, "no client to serve");
                return None;
            }
        };
        let (version, is_legacy) = version_of(&script);
        let kind = if is_legacy { Kind::LegacyScript } else { Kind::Script };
        let names: &[&str] = if is_legacy { &FLASH } else { &OTHERS };
        let others = names.iter().filter_map(|name| {
            let kind = match name.rsplit_once('.')?.1 {
                "map" => Kind::SourceMap,
                "swf" => Kind::Flash,
                _ => Kind::Script,
            };
            Some((*name, Asset::new(std::fs::read(dist.join(name)).ok()?, kind)))
        });
        Some(Self {
            version,
            script: Asset::new(script, kind),
            others: others.collect(),
            sources: Sources::read(&folder.join("lib")),
            bundles: (0..1 << Transport::ALL.len()).map(|_| OnceLock::new()).collect(),
        })
    }

    fn numbers(&self) -> Option<[u32; 3]> {
        numbers(self.version.as_deref()?)
    }

    /// How near this version is.
    fn likeness(&self, version: &str) -> u8 {
        let (own, asked) = (self.numbers(), numbers(version));
        let major = |version: Option<[u32; 3]>| version.map(|[major, ..]| major);
        u8::from(own == asked) + u8::from(major(own) == major(asked))
    }

    /// A script with only these transports, in the server's order; compressed when it is first asked for.
    fn bundle(&self, edge: &Edge, names: &str) -> Option<&Asset> {
        let sources = self.sources.as_ref()?;
        let named =
            names.split('+').map(|name| edge.transport(name)).collect::<Option<Vec<_>>>()?;
        let order = edge.transports.iter().enumerate();
        let (bits, transports): (Vec<_>, Vec<_>) = order
            .filter(|(_, transport)| named.contains(transport))
            .map(|(place, transport)| (1 << place, *transport))
            .unzip();
        let place = self.bundles.get(bits.into_iter().sum::<usize>())?;
        let make = || Asset::new(sources.bundle(&transports).into_bytes(), Kind::LegacyScript);
        Some(place.get_or_init(make))
    }
}

/// The version in a script's head, and whether it is one of 0.7 to 0.9.
///
/// ```text
/// /*! Socket.IO.js build:0.9.17, development. …
///  * Socket.IO v4.8.1
/// ```
fn version_of(script: &[u8]) -> (Option<String>, bool) {
    let head = String::from_utf8_lossy(script.get(..HEAD_BYTES).unwrap_or(script));
    let after = |mark: &str| {
        let (_, rest) = head.split_once(mark)?;
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        rest.get(..end).filter(|version| is_version(version)).map(ToOwned::to_owned)
    };
    let is_legacy = head.contains("Socket.IO.js build:");
    (after(if is_legacy { "build:" } else { "Socket.IO v" }), is_legacy)
}

/// Bytes at the start of a script that are looked at for its version.
const HEAD_BYTES: usize = 256;

/// Answers a request for one of the clients' files.
pub(super) fn serve_file(
    edge: &Edge,
    file: ClientFile<'_>,
    method: &Method,
    request: &HeaderMap,
) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return status(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
    }
    let clients = &edge.client;
    let found = match file {
        ClientFile::Script { version } => {
            let client = clients.pick(version, |_| true);
            client.map(|client| (&client.script, client.version.as_deref().and(version), client))
        }
        ClientFile::Bundle { transports, version, .. } => {
            let client = clients.pick(version, |client| client.sources.is_some());
            client.and_then(|client| Some((client.bundle(edge, transports)?, version, client)))
        }
        ClientFile::Other(name) | ClientFile::Flash(name) => {
            let client = clients.pick(None, |client| client.others.contains_key(name));
            client.and_then(|client| Some((client.others.get(name)?, None, client)))
        }
    };
    let Some((asset, version, client)) = found else { return missing(clients, file) };
    // A URL that names a version must never be kept for longer than the file is of it.
    let is_for_good = version.is_some() && version == client.version.as_deref();
    let mut answer = asset.answer(method, request, is_for_good);
    if asset.is_read_by_pages() {
        match edge.origins.check(request) {
            Ok(()) => Page::of(request).allow(answer.headers_mut()),
            Err(_) => vary(answer.headers_mut(), "Origin"),
        }
    }
    answer
}

/// Without any client, scripts are on the CDN.
fn missing(clients: &ClientFiles, file: ClientFile<'_>) -> Response {
    let elsewhere = match file {
        ClientFile::Script { version } => Some((version.unwrap_or(CDN_VERSION), SCRIPT)),
        ClientFile::Other(name) => Some((CDN_VERSION, name)),
        _ => None,
    };
    match (file, elsewhere) {
        (_, Some((version, name))) if clients.0.is_empty() => {
            let mut answer = status(StatusCode::FOUND, "");
            put(answer.headers_mut(), LOCATION, &format!("{CDN}/{version}/{name}"));
            answer
        }
        (ClientFile::Bundle { name, .. }, _) => {
            let mut answer = Response::new(Body::from(format!("Error serving static /{name}")));
            *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            put(answer.headers_mut(), CONTENT_TYPE, "text/plain; charset=UTF-8");
            answer
        }
        // As any name that the reference server 0.9 does not know.
        (ClientFile::Other(_), _) => status(StatusCode::OK, WELCOME),
        _ => status(StatusCode::NOT_FOUND, "not found"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_names_its_version_and_generation() {
        for (head, version, is_legacy) in [
            ("/*! Socket.IO.js build:0.9.17, development. Copyright", Some("0.9.17"), true),
            ("/*! Socket.IO.js build:x, development.", None, true),
            ("/*!\n * Socket.IO v4.8.1\n * (c) 2014", Some("4.8.1"), false),
            ("/*!\n * Socket.IO v5.0.0-beta.1\n", Some("5.0.0"), false),
            ("/*!\n * Socket.IO v4.8\n", None, false),
            ("!function(t,e){", None, false),
            ("", None, false),
        ] {
            let found = version_of(head.as_bytes());
            assert_eq!(found, (version.map(ToOwned::to_owned), is_legacy), "{head}");
        }
    }

    #[test]
    fn the_address_of_the_client_is_made_of_the_same_parts() {
        assert_eq!(CLIENT_URL, format!("{CDN}/{CDN_VERSION}/{SCRIPT}"));
    }
}
