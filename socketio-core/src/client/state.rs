//! How a client is connected, or why it is not.
//!
//! Plain data: [`run`](super::run) says it, users read it.

use serde_json::Value;

/// How a client stands with its server: [`Client::state`](super::Client::state).
///
/// ```text
///   Connecting ───▶ Connected ◀──▶ Away
///       │               │           │
///       └───────────────┴───────────┴────▶ Closed
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// It connects for the first time.
    Connecting,
    /// It is connected.
    #[non_exhaustive]
    Connected {
        /// The id of the connection, as [`Socket::id`](crate::Socket::id) at the server.
        id: String,
        /// Whether it is a connection that broke before: nothing that was sent meanwhile is lost.
        recovered: bool,
    },
    /// The connection broke, or could not be made, and the client tries on. What it emits waits.
    Away(Reason),
    /// It is over for good.
    Closed(Reason),
}

/// Why a client is not connected any longer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// [`Client::close`](super::Client::close), or the last handle was dropped.
    #[error("closed by the client")]
    Client,
    /// The server said so. The client does not come back by itself, as no official client does.
    #[error("closed by the server")]
    Server,
    /// Nothing came from the server for as long as it may be silent.
    #[error("the server's heartbeat is missing")]
    PingTimeout,
    /// The transport ended, or broke.
    #[error("the transport ended: {0}")]
    Transport(String),
    /// It could not connect, or not come back.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

impl Reason {
    /// Whether trying again is of use.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Client | Self::Server => false,
            Self::Connect(error) => matches!(error, ConnectError::Unreachable(_)),
            Self::PingTimeout | Self::Transport(_) => true,
        }
    }
}

/// Why a client could not connect.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL, or what was set beside it, can't be sent.
    #[error("{0}")]
    Invalid(String),
    /// The server can't be reached, or did not answer as a Socket.IO server does. Trying again may help.
    #[error("the server can't be reached: {0}")]
    Unreachable(String),
    /// The server does not let the client in.
    #[error("not let in: {message}")]
    #[non_exhaustive]
    Refused {
        /// What the server says, such as the message of a [`Reject`](crate::Reject).
        message: String,
        /// The value beside it, as of [`Reject::with_data`](crate::Reject::with_data); `null` if there is none.
        data: Value,
    },
}
