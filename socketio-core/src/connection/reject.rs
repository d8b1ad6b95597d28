//! Refusing a connection, or an event.

use std::fmt;

use serde::Serialize;

use crate::session::Refusal;

/// Why `#[on_open]`, `#[on_endpoint]` or a guard does not let a client in, or a guard does not let an event.
///
/// An event that is refused is acknowledged with `{"error": message}` and with the [`data`](Self::with_data)
/// as `"data"` beside it. Who may not connect is told the message since Socket.IO 2; before, what the client sees is
/// fixed by the protocol (socket.io 0.9.19 lib/manager.js, lib/namespace.js):
///
/// | | handshake | endpoint |
/// |---|---|---|
/// | [`Reject::unauthorized`] | 403 `handshake unauthorized` | `7::/path:2`, `connect_failed` |
/// | [`Reject::error`] | 500 `handshake error` | `7::/path`, `error` |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    unauthorized: bool,
    message: String,
    /// JSON text, or nothing.
    data: String,
    /// What the log is told instead of the message.
    logged: Option<String>,
}

impl Reject {
    /// The client may not connect.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(true, message.into())
    }

    /// The server failed to find out whether it may. Every error becomes this by `?`; what it says goes to the log
    /// then, and the client is told `internal error`.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(false, message.into())
    }

    fn new(unauthorized: bool, message: String) -> Self {
        Self { unauthorized, message, data: String::new(), logged: None }
    }

    /// The client may not connect, and is told what is wrong with what it sent.
    pub(super) fn quoting(message: String) -> Self {
        Self { logged: Some("invalid auth".to_owned()), ..Self::unauthorized(message) }
    }

    /// What the log is told.
    pub(super) fn summary(&self) -> &str {
        self.logged.as_ref().unwrap_or(&self.message)
    }

    /// Adds a value that clients of Socket.IO 2 and later get beside the message: `error.data` (3 and
    /// later), or in place of it (2). One that can't be serialized is left out.
    pub fn with_data(mut self, data: impl Serialize) -> Self {
        self.data = serde_json::to_string(&data).unwrap_or_default();
        self
    }

    /// The value as JSON text, or nothing.
    pub(super) fn data(&self) -> &str {
        &self.data
    }

    pub(crate) fn refusal(self) -> Refusal {
        Refusal {
            unauthorized: self.unauthorized,
            message: self.message.into(),
            data: self.data.into(),
        }
    }

    /// Whether the client is refused, rather than failed.
    pub fn is_unauthorized(&self) -> bool {
        self.unauthorized
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: std::error::Error> From<E> for Reject {
    fn from(error: E) -> Self {
        Self { logged: Some(error.to_string()), ..Self::error("internal error") }
    }
}
