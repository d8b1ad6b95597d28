//! The headers that let pages read answers.
//!
//! Every transport adds them to its answers, and the server answers with them the questions that browsers
//! ask beforehand. Only requests whose origin was checked get that far. Source: socket.io 0.9.19
//! lib/manager.js for the headers; Fetch standard, "CORS protocol".

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN,
    VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{Response, status};

/// How long a browser may keep the answer to its question, in seconds; Chromium keeps it for two hours
/// at most, Firefox for a day.
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");

/// Lets the page that sent the request read the answer, if a page sent it. To caches the answers to
/// different pages are different in any case.
pub(crate) fn allow(request: &HeaderMap, answer: &mut HeaderMap) {
    vary(answer, "Origin");
    if let Some(origin) = request.get(ORIGIN) {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

/// Tells caches that the answer depends on this header of the request, too.
pub(crate) fn vary(answer: &mut HeaderMap, on: &'static str) {
    let others = answer.get(VARY).and_then(|others| others.to_str().ok());
    let both = others.and_then(|others| HeaderValue::try_from(format!("{others}, {on}")).ok());
    answer.insert(VARY, both.unwrap_or(HeaderValue::from_static(on)));
}

/// Answers the question that browsers ask before some requests across origins: yes, with whatever
/// headers the page wants to send.
pub(crate) fn preflight(request: &HeaderMap) -> Response {
    let mut answer = status(StatusCode::NO_CONTENT, "");
    let headers = answer.headers_mut();
    allow(request, headers);
    vary(headers, "Access-Control-Request-Headers");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    if let Some(asked) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    answer
}
