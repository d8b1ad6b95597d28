//! What handlers say, in the one vocabulary of all protocol generations: the session makes packets of
//! [`Emission`]s.

use std::sync::OnceLock;

use bytestring::ByteString;

use super::JsonText;
use super::engineio::Frame;

/// Something to send, encoded once for as many clients as get it.
#[derive(Debug)]
pub(crate) struct Emission {
    endpoint: ByteString,
    body: EmissionBody,
    /// Its number, if clients can come back for it.
    offset: Option<u64>,
    /// Whether it asks for compression.
    compress: bool,
    /// By [`Encoding`].
    encoded: [OnceLock<Option<Frame>>; 3],
}

/// For which clients an [`Emission`] is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Socket.IO 0.7 to 0.9.
    Legacy,
    /// Socket.IO 1.0 and later.
    Modern,
    /// Those that are told its offset.
    Numbered,
}

/// What the server sends: an event or a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmissionBody {
    /// An event and the JSON array of its arguments.
    Event {
        /// The event's name.
        name: ByteString,
        /// A JSON array.
        args: JsonText,
    },
    /// A text message.
    Text(ByteString),
    /// A JSON message: any JSON value.
    Json(JsonText),
}

impl Emission {
    /// Something for an endpoint; the root is the empty string.
    pub(crate) fn new(endpoint: ByteString, body: EmissionBody) -> Self {
        Self { endpoint, body, offset: None, compress: true, encoded: Default::default() }
    }

    /// The same under a number, which clients that can come back are told.
    pub(crate) fn numbered(self, offset: u64) -> Self {
        Self { offset: Some(offset), ..self }
    }

    /// The same, which asks that an answer to a poll be compressed for it, or does not.
    pub(crate) fn compressed(self, compress: bool) -> Self {
        Self { compress, ..self }
    }

    /// Whether it asks for compression.
    pub(crate) fn asks_for_compression(&self) -> bool {
        self.compress
    }

    /// Its number, if it has one.
    pub(crate) fn offset(&self) -> Option<u64> {
        self.offset
    }

    /// The endpoint it is for.
    pub(crate) fn endpoint(&self) -> &ByteString {
        &self.endpoint
    }

    /// What it carries.
    pub(crate) fn body(&self) -> &EmissionBody {
        &self.body
    }

    /// Its packet for clients of which no acknowledgement is asked, unless it can't be written: `encode` runs
    /// once, and all share what it gave.
    pub(crate) fn encoded(
        &self,
        encoding: Encoding,
        encode: impl FnOnce() -> Option<Frame>,
    ) -> Option<Frame> {
        let [legacy, modern, numbered] = &self.encoded;
        let encoded = match encoding {
            Encoding::Legacy => legacy,
            Encoding::Modern => modern,
            Encoding::Numbered => numbered,
        };
        encoded.get_or_init(encode).clone()
    }

    /// About how many bytes this takes in a send buffer.
    pub(crate) fn len(&self) -> usize {
        let body = match &self.body {
            EmissionBody::Event { name, args } => name.len() + args.len(),
            EmissionBody::Text(text) => text.len(),
            EmissionBody::Json(json) => json.len(),
        };
        body + self.endpoint.len() + PACKET_OVERHEAD
    }
}

/// Punctuation and keys around an event: `5:1+::{"name":"","args":}`.
const PACKET_OVERHEAD: usize = 24;
