//! What clients and handlers say to each other, in the one vocabulary of all protocol generations.
//!
//! The session makes [`Event`]s of what a client sends and packets of [`Emission`]s; nothing above it
//! sees a packet.

use std::sync::OnceLock;

use bytestring::ByteString;

use super::Args;

/// The event that `sock.send(…)` is: text and JSON messages carry this name above the session.
pub const MESSAGE_EVENT: &str = "message";

/// The number under which a client awaits an acknowledgement, as it wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckId(pub ByteString);

/// An event that a client sent, its arguments still unparsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    name: ByteString,
    args: Args,
    ack: Option<AckId>,
}

impl Event {
    /// Makes an event; `ack` is there if the client awaits data in return.
    pub fn new(name: ByteString, args: Args, ack: Option<AckId>) -> Self {
        Self { name, args, ack }
    }

    /// The event's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The arguments as they came.
    pub fn args(&self) -> &Args {
        &self.args
    }

    /// The acknowledgement that the client awaits, if it does.
    pub fn ack(&self) -> Option<&AckId> {
        self.ack.as_ref()
    }
}

/// Something to send, encoded once for as many clients as get it.
#[derive(Debug)]
pub struct Emission {
    endpoint: ByteString,
    body: EmissionBody,
    encoded: OnceLock<ByteString>,
}

/// What an [`Emission`] carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmissionBody {
    /// An event and the text of the JSON array of its arguments.
    Event {
        /// The event's name.
        name: ByteString,
        /// A JSON array.
        args: ByteString,
    },
    /// A text message.
    Text(ByteString),
    /// A JSON message: the text of any JSON value.
    Json(ByteString),
}

impl Emission {
    /// Something for an endpoint; the root is the empty string.
    pub fn new(endpoint: ByteString, body: EmissionBody) -> Self {
        Self { endpoint, body, encoded: OnceLock::new() }
    }

    /// The endpoint it is for.
    pub fn endpoint(&self) -> &ByteString {
        &self.endpoint
    }

    /// What it carries.
    pub fn body(&self) -> &EmissionBody {
        &self.body
    }

    /// Its packet for clients of which no acknowledgement is asked: `encode` runs once, and all share
    /// what it gave.
    pub fn encoded(&self, encode: impl FnOnce() -> ByteString) -> ByteString {
        self.encoded.get_or_init(encode).clone()
    }

    /// About how many bytes this takes in a send buffer.
    pub fn len(&self) -> usize {
        let body = match &self.body {
            EmissionBody::Event { name, args } => name.len() + args.len(),
            EmissionBody::Text(text) | EmissionBody::Json(text) => text.len(),
        };
        body + self.endpoint.len() + PACKET_OVERHEAD
    }

    /// Whether there is nothing to send; there always is, if only the packet's type.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// Punctuation and keys around an event: `5:1+::{"name":"","args":}`.
const PACKET_OVERHEAD: usize = 24;
