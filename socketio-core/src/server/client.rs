//! The client's files, for pages: the script whole or with some transports, and what Flash plays.
//!
//! In goes the folder of an npm install, once; then the names that URLs hold, and out come answers. All
//! is held in memory: what a request names is looked up, never opened. The service calls it.
//! Source: socket.io 0.9.19 lib/static.js; RFC 9110, sections 8.8.3 (ETag), 12.5.3 (Accept-Encoding) and
//! 13.1.2 (If-None-Match).

use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, LOCATION, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use sha1::{Digest as _, Sha1};

use super::bundle::Sources;
use super::edge::Edge;
use crate::driver::Transport;
use crate::transport::{Response, status};

/// Where pages find the client if it is not served from a folder.
pub const CLIENT_URL: &str = "https://cdn.socket.io/0.9.17/socket.io.js";

const SCRIPT: &str = "application/javascript";
const FLASH: &str = "application/x-shockwave-flash";

/// A file that a URL asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientFile<'a> {
    /// The script, perhaps of a version.
    Script { version: Option<&'a str> },
    /// A script with some transports, whose names have `+` between them; `name` is the file's.
    Bundle { name: &'a str, transports: &'a str, version: Option<&'a str> },
    /// What Flash plays.
    WebSocketMain,
    /// The same for pages of other hosts.
    WebSocketMainInsecure,
}

impl<'a> ClientFile<'a> {
    /// Reads what stands behind the server's path, if it names one.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        match path {
            "static/flashsocket/WebSocketMain.swf" => return Some(Self::WebSocketMain),
            "static/flashsocket/WebSocketMainInsecure.swf" => {
                return Some(Self::WebSocketMainInsecure);
            }
            _ => {}
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
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.split('.').count() == 3 && text.split('.').all(is_number)
}

/// What of the client there is to serve.
#[derive(Default)]
pub(super) struct ClientFiles {
    version: Option<String>,
    script: Option<Asset>,
    sources: Option<Sources>,
    /// Bundles that were asked for, by the bits of their transports' places.
    bundles: Box<[OnceLock<Asset>]>,
    flash: Option<Asset>,
    flash_insecure: Option<Asset>,
}

impl ClientFiles {
    /// Reads what there is; a folder without the script is logged.
    pub(super) fn read(dir: Option<&Path>) -> Self {
        let Some(dir) = dir else { return Self::default() };
        let read = |name: &str| std::fs::read(dir.join("dist").join(name));
        let script = match read("socket.io.js") {
            Ok(script) => script,
            Err(error) => {
                let dir = tracing::field::display(dir.display());
                tracing::warn!(dir, %error, "no client to serve: sending pages to {CLIENT_URL}");
                return Self::default();
            }
        };
        let flash = |name: &str| read(name).ok().map(|file| Asset::new(file, FLASH));
        Self {
            version: version_of(&script),
            script: Some(Asset::new(script, SCRIPT)),
            sources: Sources::read(&dir.join("lib")),
            bundles: (0..1 << Transport::ALL.len()).map(|_| OnceLock::new()).collect(),
            flash: flash("WebSocketMain.swf"),
            flash_insecure: flash("WebSocketMainInsecure.swf"),
        }
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
        Some(place.get_or_init(|| Asset::new(sources.bundle(&transports).into_bytes(), SCRIPT)))
    }
}

/// The version in a script's first line: `/*! Socket.IO.js build:0.9.17, development. …`
fn version_of(script: &[u8]) -> Option<String> {
    let line = script.split(|byte| *byte == b'\n').next()?;
    let (_, version) = std::str::from_utf8(line).ok()?.split_once("build:")?;
    let version = version.split(',').next()?;
    is_version(version).then(|| version.to_owned())
}

/// Answers a request for one of the client's files.
pub(super) fn serve_file(
    edge: &Edge,
    file: ClientFile<'_>,
    method: &Method,
    request: &HeaderMap,
) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return status(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
    }
    let files = &edge.client;
    let (asset, version) = match file {
        ClientFile::Script { .. } if files.script.is_none() => {
            let mut answer = status(StatusCode::FOUND, "");
            answer.headers_mut().insert(LOCATION, HeaderValue::from_static(CLIENT_URL));
            return answer;
        }
        ClientFile::Script { version } => (files.script.as_ref(), version),
        ClientFile::Bundle { transports, version, .. } => (files.bundle(edge, transports), version),
        ClientFile::WebSocketMain => (files.flash.as_ref(), None),
        ClientFile::WebSocketMainInsecure => (files.flash_insecure.as_ref(), None),
    };
    match (asset, file) {
        (Some(asset), _) => {
            // A URL that names a version must never be kept for longer than the file is of it.
            let is_for_good = version.is_some() && version == files.version.as_deref();
            asset.answer(method, request, is_for_good)
        }
        (None, ClientFile::Bundle { name, .. }) => {
            let mut answer = Response::new(Body::from(format!("Error serving static /{name}")));
            *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            put(answer.headers_mut(), CONTENT_TYPE, "text/plain; charset=UTF-8");
            answer
        }
        (None, _) => status(StatusCode::NOT_FOUND, "not found"),
    }
}

/// A file in memory.
struct Asset {
    content_type: &'static str,
    plain: Content,
    /// Scripts are compressed.
    gzip: Option<Content>,
}

struct Content {
    bytes: Bytes,
    etag: String,
}

impl Content {
    fn new(bytes: Vec<u8>) -> Self {
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha1::digest(&bytes)));
        Self { bytes: bytes.into(), etag }
    }
}

impl Asset {
    fn new(bytes: Vec<u8>, content_type: &'static str) -> Self {
        let gzip = (content_type == SCRIPT).then(|| gzip(&bytes)).flatten().map(Content::new);
        Self { content_type, plain: Content::new(bytes), gzip }
    }

    fn answer(&self, method: &Method, request: &HeaderMap, is_for_good: bool) -> Response {
        let gzip = self.gzip.as_ref().filter(|_| accepts_gzip(request));
        let content = gzip.unwrap_or(&self.plain);
        let is_known = has_etag(request, &content.etag);
        let body = if is_known || method == Method::HEAD {
            Body::empty()
        } else {
            Body::from(content.bytes.clone())
        };
        let mut answer = Response::new(body);
        let headers = answer.headers_mut();
        put(headers, ETAG, &content.etag);
        let cache = if is_for_good { "public, max-age=31536000, immutable" } else { "no-cache" };
        put(headers, CACHE_CONTROL, cache);
        if self.gzip.is_some() {
            put(headers, VARY, "Accept-Encoding");
        }
        if is_known {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            return answer;
        }
        put(headers, CONTENT_TYPE, self.content_type);
        headers.insert(CONTENT_LENGTH, content.bytes.len().into());
        if gzip.is_some() {
            put(headers, CONTENT_ENCODING, "gzip");
        }
        answer
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // All that is put is printable.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// The members of a header that is a list.
fn members(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    members(request, ACCEPT_ENCODING).any(|member| {
        let (coding, weight) = member.split_once(';').unwrap_or((member, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok());
        coding.trim().eq_ignore_ascii_case("gzip") && weight != Some(0.0_f32)
    })
}

/// Whether the request names the file that it would get. Weak tags, as proxies make them, do.
fn has_etag(request: &HeaderMap, etag: &str) -> bool {
    members(request, IF_NONE_MATCH)
        .any(|member| member == "*" || member.strip_prefix("W/").unwrap_or(member) == etag)
}
