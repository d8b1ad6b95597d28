//! The contract where a browser finds it: the document, and a page that shows it to people.
//!
//! A document goes in, a router comes out. Called by applications. The page is the same for every document, which it
//! gets by itself, and asks no other host for anything.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use bytes::Bytes;
use http::header::CONTENT_TYPE;

use crate::contract::AsyncApi;

const PAGE: &str = include_str!("asyncapi.html");

impl AsyncApi {
    /// A page that shows the contract to people, and beside it `asyncapi.json`, the document: with
    /// `Router::new().nest("/api", document.router())` they are at `/api` and at `/api/asyncapi.json`.
    ///
    /// Whoever reaches them can read all docs of handlers and client traits.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let json = Bytes::from(self.as_value().to_string());
        let document = ([(CONTENT_TYPE, "application/json")], json);
        Router::new().route("/", get(Html(PAGE))).route("/asyncapi.json", get(document))
    }
}
