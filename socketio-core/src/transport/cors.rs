//! The headers that let pages read answers.
//!
//! Every transport adds them to its answers, and the server answers with them the questions that browsers
//! ask beforehand. Only requests whose origin was checked get that far. Source: socket.io 0.9.19
//! lib/manager.js for the headers; Fetch standard, "CORS protocol".

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{AllowedOrigins, Response, status};

/// Lets the page that sent the request read the answer, if a page sent it.
pub(crate) fn allow(request: &HeaderMap, answer: &mut HeaderMap) {
    if let Some(origin) = request.get(ORIGIN) {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        answer.insert(VARY, HeaderValue::from_static("Origin"));
    }
}

/// Answers the question that browsers ask before some requests across origins.
pub(crate) fn preflight(origins: &AllowedOrigins, request: &HeaderMap) -> Response {
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
