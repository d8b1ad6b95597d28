//! The contract as an AsyncAPI document: for people to read, and for programs that make more of it.
//!
//! A [`Connection`] goes in, and all that is said on it and on the endpoints beside it; a document comes out,
//! or the list of the types that do not say their schema. Called by applications. Nothing stands in it
//! twice under one name. Source: AsyncAPI 3.0.0, "AsyncAPI Object".

mod document;
mod payload;
mod schemas;

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use super::Connection;

/// An AsyncAPI 3.0 document: JSON, by [`Serialize`].
///
/// Endpoints are its channels, events its messages: `name` is the event's, and the payload is the
/// list of its arguments. What clients emit is received, what they are sent is sent, and acknowledgements are
/// replies. The client trait is the channel's tag, a handler for all other events its `x-other-events`, and what a
/// `#[deprecated]` says stands in the description.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct AsyncApi(Value);

impl AsyncApi {
    /// Adds a server, `chat.example.org`, where Socket.IO is at a path, `/socket.io`, as
    /// [`Builder::path`](crate::Builder::path) says. The document of a program that may run
    /// anywhere has none.
    #[must_use]
    pub fn server(mut self, name: &str, host: &str, path: &str) -> Self {
        let server = json!({"host": host, "pathname": path, "protocol": "socketio"});
        if let Some(document) = self.0.as_object_mut() {
            let servers = document.entry("servers").or_insert(json!({}));
            if let Some(servers) = servers.as_object_mut() {
                servers.insert(name.to_owned(), server);
            }
        }
        self
    }

    /// The document.
    pub fn as_value(&self) -> &Value {
        &self.0
    }
}

impl Connection {
    /// The contract as an AsyncAPI document, with the name of the application and the version of what it
    /// says.
    ///
    /// The types of arguments and answers say their schemas by `JsonSchema` of the crate `schemars`, 1.0 or
    /// later. Binary values are strings of the format `binary`.
    ///
    /// What keeps a handler from answering is not among the replies: a guard, a throttle, a check, arguments that can't
    /// be read and a panic answer `{"error": string, "data": any}` instead, `data` if there is some.
    ///
    /// ```
    /// use socketio_core::{contract, prelude::*};
    ///
    /// #[derive(Default)]
    /// struct Adder;
    ///
    /// #[socket_connection]
    /// impl Adder {
    ///     /// Adds.
    ///     #[event]
    ///     fn add(&self, a: i64, b: i64) -> i64 { a + b }
    /// }
    ///
    /// let document = contract::of::<Adder>().asyncapi("Adder", "1.0.0")?;
    /// let add = &document.as_value()["channels"]["root"]["messages"]["add"];
    /// assert_eq!(add["summary"], "Adds.");
    ///
    /// // `/api` shows it to people, `/api/asyncapi.json` is it.
    /// let app: axum::Router = axum::Router::new().nest("/api", document.router());
    /// # Ok::<_, contract::MissingSchemas>(())
    /// ```
    ///
    /// # Errors
    ///
    /// With every argument and answer whose type does not say its schema.
    pub fn asyncapi(&self, title: &str, version: &str) -> Result<AsyncApi, MissingSchemas> {
        document::document(self, title, version).map(AsyncApi)
    }
}

/// The arguments and answers whose types are not `JsonSchema`.
#[derive(Clone, PartialEq, Eq)]
pub struct MissingSchemas(Vec<String>);

/// What `main` shows that returns it.
impl fmt::Debug for MissingSchemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for MissingSchemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("types without a schema: derive or implement `schemars::JsonSchema` for them")?;
        self.0.iter().try_for_each(|place| write!(f, "\n  {place}"))
    }
}

impl std::error::Error for MissingSchemas {}
