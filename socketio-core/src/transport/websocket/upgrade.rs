//! The opening handshake: tells a WebSocket upgrade from other requests, and answers it.
//!
//! In goes the request, out come the 101 answer and hyper's promise of the connection, or the
//! reason why not; `transport::error` makes a response of that. Called by the transports once they
//! have checked origin and session. Every header is read once from left to right, so the work is
//! linear in what hyper let through. No subprotocol and no extension is ever agreed to.
//! Source: RFC 6455, section 4.2; versions 7 and 8 are the drafts hybi-07 and hybi-08 to -12, whose
//! handshake differs in the origin's header alone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version};
use hyper::upgrade::OnUpgrade;
use sha1::{Digest, Sha1};
use thiserror::Error;

/// What the server adds to the client's key (RFC 6455, section 1.3).
const ACCEPT_GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Versions that are spoken here, as they stand in the header.
const VERSIONS: [&[u8]; 3] = [b"13", b"8", b"7"];

/// Why a request was not upgraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum UpgradeError {
    /// Not a GET over HTTP/1.1 that asks for a WebSocket.
    #[error("not a websocket upgrade request (or a proxy took its Upgrade header away)")]
    NotAnUpgrade,
    /// Neither version 13 nor a draft with the same framing; without a version it is one of the first
    /// drafts, hixie-75 and hixie-76, which no browser has spoken since 2012. The answer names the version
    /// that is understood: `Sec-WebSocket-Version: 13`, and, as every 426 does, `Upgrade: websocket`.
    #[error("websocket version is not supported: it must be 13 (RFC 6455)")]
    UnsupportedVersion,
    /// There is not exactly one key, or it isn't 16 bytes in base64.
    #[error("websocket key is missing or malformed")]
    BadKey,
    /// The server that took the request can't hand its connection over.
    #[error("this connection can't be upgraded")]
    NoConnection,
}

impl UpgradeError {
    /// The HTTP status that says so.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NotAnUpgrade | Self::BadKey => StatusCode::BAD_REQUEST,
            Self::UnsupportedVersion => StatusCode::UPGRADE_REQUIRED,
            Self::NoConnection => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Whether the headers ask for a WebSocket: `Connection: upgrade` and `Upgrade: websocket`, in any
/// case and among other tokens.
pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    has_token(headers, &CONNECTION, b"upgrade") && has_token(headers, &UPGRADE, b"websocket")
}

/// Accepts an upgrade: the answer to send, and the connection hyper hands over once it is sent.
///
/// # Errors
/// When the request can't be upgraded; the request is left as it was.
pub(crate) fn respond(request: &mut Parts) -> Result<(Response<()>, OnUpgrade), UpgradeError> {
    let headers = &request.headers;
    let is_http11_get = request.method == Method::GET && request.version == Version::HTTP_11;
    if !is_http11_get || !is_upgrade(headers) {
        return Err(UpgradeError::NotAnUpgrade);
    }
    let version = only(headers, &SEC_WEBSOCKET_VERSION);
    if !version.is_some_and(|version| VERSIONS.contains(&version)) {
        return Err(UpgradeError::UnsupportedVersion);
    }
    let key = only(headers, &SEC_WEBSOCKET_KEY).filter(|key| is_key(key));
    let accept = accept(key.ok_or(UpgradeError::BadKey)?)?;
    let upgrade = request.extensions.remove().ok_or(UpgradeError::NoConnection)?;

    let mut response = Response::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok((response, upgrade))
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &[u8]) -> bool {
    let mut tokens = headers
        .get_all(name)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii));
    tokens.any(|found| found.eq_ignore_ascii_case(token))
}

/// The header's value if there is one alone. Section 11.3: neither key nor version may appear "more
/// than once in an HTTP request".
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.as_bytes()),
        _ => None,
    }
}

/// 16 bytes in base64 are 22 characters and two of padding. The bits that the last character has to
/// spare are not looked at: section 4.2.2 never decodes the key.
fn is_key(key: &[u8]) -> bool {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    key.strip_suffix(b"==").is_some_and(|key| key.len() == 22 && key.iter().all(is_base64))
}

/// Section 4.2.2, step 5.4.
fn accept(key: &[u8]) -> Result<HeaderValue, UpgradeError> {
    let digest = Sha1::new().chain_update(key).chain_update(ACCEPT_GUID).finalize();
    // Base64 is always a valid header value.
    HeaderValue::try_from(STANDARD.encode(digest)).map_err(|_| UpgradeError::BadKey)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    /// The request of RFC 6455, section 1.3, with its lines changed or (by an empty value) removed.
    fn request(changes: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder()
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("Sec-WebSocket-Version", "13")
            .body(())
            .unwrap();
        // What hyper leaves in the request of a connection that can be upgraded.
        let upgrade = hyper::upgrade::on(Request::new(()));
        request.extensions_mut().insert(upgrade);
        for (name, value) in changes {
            let name = HeaderName::try_from(*name).unwrap();
            request.headers_mut().remove(&name);
            for value in value.split('|').filter(|value| !value.is_empty()) {
                request.headers_mut().append(&name, value.parse().unwrap());
            }
        }
        request.into_parts().0
    }

    fn outcome(mut request: Parts) -> Result<StatusCode, UpgradeError> {
        respond(&mut request).map(|(response, _)| response.status())
    }

    #[test]
    fn sample_request_gets_the_sample_answer_and_no_more() {
        let mut request = request(&[("Sec-WebSocket-Protocol", "chat, superchat")]);
        let (response, _) = respond(&mut request).unwrap();
        assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
        let expected = [
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ];
        assert_eq!(response.headers().len(), expected.len());
        for (name, value) in expected {
            assert_eq!(response.headers()[name], value);
        }
        assert!(request.extensions.get::<OnUpgrade>().is_none());
    }

    #[test]
    fn headers_decide() {
        use UpgradeError::*;
        let many_spaces = format!("{}upgrade", " ,".repeat(50_000));
        let cases: &[(&str, &str, Result<(), UpgradeError>)] = &[
            ("Connection", "keep-alive, Upgrade", Ok(())),
            ("Connection", "keep-alive|\tUPGRADE ,x", Ok(())),
            ("Connection", &many_spaces, Ok(())),
            ("Connection", "", Err(NotAnUpgrade)),
            ("Connection", "keep-alive", Err(NotAnUpgrade)),
            ("Connection", "upgraded", Err(NotAnUpgrade)),
            ("Upgrade", "WebSocket", Ok(())),
            ("Upgrade", "h2c, websocket", Ok(())),
            ("Upgrade", "", Err(NotAnUpgrade)),
            ("Upgrade", "h2c", Err(NotAnUpgrade)),
            ("Sec-WebSocket-Version", "8", Ok(())),
            ("Sec-WebSocket-Version", "7", Ok(())),
            ("Sec-WebSocket-Version", "", Err(UnsupportedVersion)),
            ("Sec-WebSocket-Version", "6", Err(UnsupportedVersion)),
            ("Sec-WebSocket-Version", "14", Err(UnsupportedVersion)),
            ("Sec-WebSocket-Version", "13, 8", Err(UnsupportedVersion)),
            ("Sec-WebSocket-Version", "13|13", Err(UnsupportedVersion)),
            ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAA//==", Ok(())),
            ("Sec-WebSocket-Key", "", Err(BadKey)),
            ("Sec-WebSocket-Key", "constructor", Err(BadKey)),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ", Err(BadKey)),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZTE=", Err(BadKey)),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQAA==", Err(BadKey)),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j-_==", Err(BadKey)),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==", Err(BadKey)),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==|dGhlIHNhbXBsZSBub25jZQ==", Err(BadKey)),
        ];
        for (name, value, expected) in cases {
            let found = outcome(request(&[(name, value)]));
            assert_eq!(found.map(|_| ()), *expected, "{name}: {value:.50}");
        }
    }

    #[test]
    fn method_and_version_decide() {
        let cases = [
            (Method::POST, Version::HTTP_11),
            (Method::CONNECT, Version::HTTP_11),
            (Method::GET, Version::HTTP_10),
            (Method::GET, Version::HTTP_2),
        ];
        for (method, version) in cases {
            let mut request = request(&[]);
            request.method = method;
            request.version = version;
            assert_eq!(outcome(request), Err(UpgradeError::NotAnUpgrade));
        }
    }

    #[test]
    fn a_connection_that_hyper_does_not_offer_is_no_fault_of_the_client() {
        let mut request = request(&[]);
        request.extensions.remove::<OnUpgrade>();
        assert_eq!(outcome(request), Err(UpgradeError::NoConnection));
    }

    #[test]
    fn a_refused_request_keeps_its_connection() {
        let mut request = request(&[("Sec-WebSocket-Key", "")]);
        assert!(respond(&mut request).is_err());
        assert!(request.extensions.get::<OnUpgrade>().is_some());
    }

    #[test]
    fn errors_have_their_status() {
        let cases = [
            (UpgradeError::NotAnUpgrade, 400),
            (UpgradeError::UnsupportedVersion, 426),
            (UpgradeError::BadKey, 400),
            (UpgradeError::NoConnection, 500),
        ];
        for (error, status) in cases {
            assert_eq!(error.status(), status);
        }
    }
}
