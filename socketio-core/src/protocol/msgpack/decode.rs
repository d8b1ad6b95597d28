//! Reads a packet from a message.
//!
//! The bytes of one message go in, a packet with its attachments comes out. The session calls it for every
//! message. Keys may come in any order, and unknown ones are passed over; of two the last counts.
//!
//! Source: socket.io-msgpack-parser 3.0.2 index.js, `checkPacket`. Beyond that, an event has a name, an
//! acknowledgement has an id, and no id is negative, as in packets of text.

use bytes::Bytes;
use bytestring::ByteString;

use super::json::Json;
use super::token::{Reader, Token};
use crate::protocol::socketio::{Complete, Packet, PacketKind, split_event};

/// How many binary values a packet may have where nothing else is said. The reference has no limit.
pub const MAX_ATTACHMENTS: usize = 1024;

/// How deep data may nest: as deep as serde_json reads it.
pub const MAX_DEPTH: usize = 127;

/// A message that is no packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The message ends within a value.
    #[error("expected more than {length} bytes")]
    TooShort {
        /// How long it is.
        length: usize,
    },
    /// Something follows the packet.
    #[error("expected the end at byte {at}")]
    TooLong {
        /// Where the packet ends.
        at: usize,
    },
    /// The one byte that begins no value.
    #[error("no value begins with c1, as at byte {at}")]
    Reserved {
        /// Where it is.
        at: usize,
    },
    /// A text is not UTF-8.
    #[error("invalid UTF-8 in the text at byte {at}")]
    NotUtf8 {
        /// Where the text begins.
        at: usize,
    },
    /// A key that has no text.
    #[error("expected a key that is a text, a number, a boolean or nil at byte {at}")]
    Key {
        /// Where it is.
        at: usize,
    },
    /// The data nests too deep.
    #[error("nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// More binary values than allowed.
    #[error("too many attachments: more than {limit}")]
    TooManyAttachments {
        /// The most.
        limit: usize,
    },
    /// The message is no map.
    #[error("expected a map of `type`, `nsp`, `data` and `id`")]
    NotAMap,
    /// The type is missing, or none of 0 to 6.
    #[error("invalid packet type")]
    Type,
    /// The namespace is missing, or no text.
    #[error("invalid namespace")]
    Namespace,
    /// The data is not what the type carries.
    #[error("invalid payload: expected {expected}")]
    Payload {
        /// What the type carries.
        expected: &'static str,
    },
    /// The id is no integer, is negative, or is missing from an acknowledgement.
    #[error("invalid packet id")]
    Id,
}

/// Reads the packet of one message, whose data may hold so many binary values.
///
/// # Errors
///
/// When it is none, or one that goes beyond a limit.
pub fn decode(message: &Bytes, max_attachments: usize) -> Result<Complete, DecodeError> {
    let mut reader = Reader::new(message);
    let Token::Map(length) = reader.token()? else { return Err(DecodeError::NotAMap) };
    let mut fields = Fields::default();
    for _ in 0..length {
        match reader.token()? {
            Token::Text("type") => fields.kind = Some(scalar(&mut reader, DecodeError::Type)?),
            Token::Text("nsp") => {
                fields.namespace = Some(scalar(&mut reader, DecodeError::Namespace)?);
            }
            Token::Text("id") => fields.id = scalar(&mut reader, DecodeError::Id)?,
            Token::Text("data") => {
                fields.data_kind = reader.token()?;
                (fields.data, fields.attachments) =
                    Json::write(message, &mut reader, fields.data_kind, max_attachments)?;
            }
            Token::Array(_) | Token::Map(_) => return Err(DecodeError::NotAMap),
            _ => reader.skip()?,
        }
    }
    if !reader.is_at_end() {
        return Err(DecodeError::TooLong { at: reader.at() });
    }
    fields.into_packet()
}

/// The next value, which must not be a container.
fn scalar<'a>(reader: &mut Reader<'a>, error: DecodeError) -> Result<Token<'a>, DecodeError> {
    match reader.token()? {
        Token::Array(_) | Token::Map(_) => Err(error),
        scalar => Ok(scalar),
    }
}

/// What a packet's map says.
struct Fields<'a> {
    kind: Option<Token<'a>>,
    namespace: Option<Token<'a>>,
    id: Token<'a>,
    /// With what the data begins.
    data_kind: Token<'a>,
    /// Its JSON text.
    data: String,
    attachments: Vec<Bytes>,
}

impl Default for Fields<'_> {
    fn default() -> Self {
        Self {
            kind: None,
            namespace: None,
            id: Token::Undefined,
            data_kind: Token::Undefined,
            data: String::new(),
            attachments: Vec::new(),
        }
    }
}

impl Fields<'_> {
    fn into_packet(self) -> Result<Complete, DecodeError> {
        let Some(Token::Unsigned(kind)) = self.kind else { return Err(DecodeError::Type) };
        let Some(Token::Text(namespace)) = self.namespace else {
            return Err(DecodeError::Namespace);
        };
        let namespace = if namespace == "/" { "" } else { namespace };
        let id = match self.id {
            Token::Unsigned(id) => Some(ByteString::from(id.to_string())),
            Token::Nil | Token::Undefined => None,
            _ => return Err(DecodeError::Id),
        };
        let (data, attachments) = (ByteString::from(self.data), self.attachments.len());
        let error = |expected| Err(DecodeError::Payload { expected });
        let kind = match (kind, self.data_kind) {
            (0, Token::Map(_)) => PacketKind::Connect { data },
            (0, Token::Nil | Token::Undefined) => PacketKind::Connect { data: ByteString::new() },
            (0, _) => return error("an object or nothing"),
            (1, Token::Nil | Token::Undefined) => PacketKind::Disconnect,
            (1, _) => return error("nothing"),
            // 5 and 6 are what clients of Socket.IO 2 number those with binary values.
            (2 | 5, Token::Array(_)) => match split_event(&data) {
                Some((name, args)) => {
                    let (name, args) = (name.into_owned().into(), data.slice_ref(args));
                    PacketKind::Event { name, args, ack: id, attachments }
                }
                None => return error("an array that begins with a name"),
            },
            (3 | 6, Token::Array(_)) => {
                PacketKind::Ack { id: id.ok_or(DecodeError::Id)?, args: data, attachments }
            }
            (2 | 3 | 5 | 6, _) => return error("an array"),
            (4, Token::Map(_) | Token::Text(_)) => PacketKind::ConnectError { data },
            (4, _) => return error("an object or a string"),
            _ => return Err(DecodeError::Type),
        };
        let packet = Packet { namespace: namespace.into(), kind };
        Ok(Complete { packet, attachments: self.attachments })
    }
}
