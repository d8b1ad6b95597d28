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

/// What an answer depends on that may be compressed.
const ON_ORIGIN_AND_CODING: HeaderValue = HeaderValue::from_static("Origin, Accept-Encoding");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// The page that sent a request, by its origin, if a page sent it. It outlives the request, and holds nothing
/// of its memory.
pub(crate) struct Page(Option<HeaderValue>);

impl Page {
    /// No page, or one that may not read the answer.
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn of(request: &HeaderMap) -> Self {
        let origin = request.get(ORIGIN);
        Self(origin.and_then(|origin| HeaderValue::from_bytes(origin.as_bytes()).ok()))
    }

    /// Lets it read the answer. To caches the answers to different pages are different in any case.
    pub(crate) fn allow(self, answer: &mut HeaderMap) {
        vary(answer, "Origin");
        if let Some(origin) = self.0 {
            answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
    }

    /// Lets it read an answer, which varies on nothing yet, but that it may be compressed.
    pub(crate) fn allow_compressed(self, answer: &mut HeaderMap) {
        self.allow(answer);
        answer.insert(VARY, ON_ORIGIN_AND_CODING);
    }

    /// Whether a page sent the request.
    pub(crate) fn is_some(&self) -> bool {
        self.0.is_some()
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
    Page::of(request).allow(headers);
    vary(headers, "Access-Control-Request-Headers");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    if let Some(asked) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    answer
}
