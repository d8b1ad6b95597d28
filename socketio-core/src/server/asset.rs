//! A file in memory, and how a request for it is answered.
//!
//! Bytes go in once, requests go in and answers come out: plain or compressed, or nothing but the word
//! that the browser has it already. The client's files are such. Source: RFC 9110, sections 8.8.3 (ETag)
//! and 13.1.2 (If-None-Match).

use std::sync::OnceLock;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use flate2::Compression;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use sha1::{Digest as _, Sha1};

use crate::transport::{Response, accepts_gzip, gzip, members, vary};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A script, in ASCII, as the reference server 0.9 names its type.
    LegacyScript,
    Script,
    /// What debuggers show in place of a script.
    SourceMap,
    Flash,
}

impl Kind {
    const fn content_type(self) -> &'static str {
        match self {
            Self::LegacyScript => "application/javascript",
            Self::Script => "application/javascript; charset=utf-8",
            Self::SourceMap => "application/json; charset=utf-8",
            Self::Flash => "application/x-shockwave-flash",
        }
    }
}

/// A file.
pub(super) struct Asset {
    kind: Kind,
    plain: Content,
    /// Made when it is first asked for; Flash files are compressed as they are.
    gzip: OnceLock<Option<Content>>,
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
    pub(super) fn new(bytes: Vec<u8>, kind: Kind) -> Self {
        Self { kind, plain: Content::new(bytes), gzip: OnceLock::new() }
    }

    /// Whether pages of other hosts read it with the rights of a page, as they do modules.
    pub(super) fn is_read_by_pages(&self) -> bool {
        matches!(self.kind, Kind::Script | Kind::SourceMap)
    }

    fn compressed(&self) -> Option<&Content> {
        let compress = || gzip(&self.plain.bytes, Compression::best()).map(Content::new);
        self.gzip.get_or_init(compress).as_ref()
    }

    /// Answers a request; `is_for_good` if what its URL names never changes.
    pub(super) fn answer(
        &self,
        method: &Method,
        request: &HeaderMap,
        is_for_good: bool,
    ) -> Response {
        let compresses = self.kind != Kind::Flash;
        let gzip = if compresses && accepts_gzip(request) { self.compressed() } else { None };
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
        if compresses {
            vary(headers, "Accept-Encoding");
        }
        if is_known {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            return answer;
        }
        put(headers, CONTENT_TYPE, self.kind.content_type());
        headers.insert(CONTENT_LENGTH, content.bytes.len().into());
        if gzip.is_some() {
            put(headers, CONTENT_ENCODING, "gzip");
        }
        answer
    }
}

/// Puts a header whose value is printable.
pub(super) fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Whether the request names the file that it would get. Weak tags, as proxies make them, do.
fn has_etag(request: &HeaderMap, etag: &str) -> bool {
    members(request, IF_NONE_MATCH)
        .any(|member| member == "*" || member.strip_prefix("W/").unwrap_or(member) == etag)
}
