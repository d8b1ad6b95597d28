//! What handlers say, in the one vocabulary of all protocol generations: the session makes packets of
//! [`Emission`]s.

use std::sync::OnceLock;

use bytestring::ByteString;

/// Something to send, encoded once for as many clients as get it.
#[derive(Debug)]
pub(crate) struct Emission {
    endpoint: ByteString,
    body: EmissionBody,
    encoded: OnceLock<ByteString>,
}

/// What an [`Emission`] carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EmissionBody {
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
    pub(crate) fn new(endpoint: ByteString, body: EmissionBody) -> Self {
        Self { endpoint, body, encoded: OnceLock::new() }
    }

    /// The endpoint it is for.
    pub(crate) fn endpoint(&self) -> &ByteString {
        &self.endpoint
    }

    /// What it carries.
    pub(crate) fn body(&self) -> &EmissionBody {
        &self.body
    }

    /// Its packet for clients of which no acknowledgement is asked: `encode` runs once, and all share
    /// what it gave.
    pub(crate) fn encoded(&self, encode: impl FnOnce() -> ByteString) -> ByteString {
        self.encoded.get_or_init(encode).clone()
    }

    /// About how many bytes this takes in a send buffer.
    pub(crate) fn len(&self) -> usize {
        let body = match &self.body {
            EmissionBody::Event { name, args } => name.len() + args.len(),
            EmissionBody::Text(text) | EmissionBody::Json(text) => text.len(),
        };
        body + self.endpoint.len() + PACKET_OVERHEAD
    }
}

/// Punctuation and keys around an event: `5:1+::{"name":"","args":}`.
const PACKET_OVERHEAD: usize = 24;
