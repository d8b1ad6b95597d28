//! Reads a packet from its text.
//!
//! The text of one message goes in, a [`Packet`] whose texts are slices of it comes out. The session
//! calls it, through [`Reassembler`](super::Reassembler), for every packet. Each byte is looked at a bounded
//! number of times, and JSON is validated without recursion.
//!
//! It is stricter than the references where those take what no client sends: an id on a packet that has
//! none, a count that is not decimal digits, an event or an acknowledgement without data, an
//! acknowledgement without id.
//!
//! Source: Socket.IO protocol v5, "Packet encoding"; socket.io-parser 4.2.7 and 3.4.4, `decodeString`.

use std::borrow::Cow;

use bytestring::ByteString;

use super::{Packet, PacketKind, Protocol};
use crate::protocol::{digits, json};

/// The most digits of an acknowledgement's id: enough for any 64-bit number.
pub const MAX_ACK_ID_DIGITS: usize = 20;

/// Names that mean something else than an event of the peer's (socket.io-parser 4.2.7,
/// `RESERVED_EVENTS`).
const RESERVED_EVENTS: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// What is read, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Protocol 5 refuses reserved event names, and a packet that counts its attachments and has none,
    /// which old clients make of objects whose `toJSON` gives bytes.
    pub protocol: Protocol,
    /// The most attachments of a packet. The default is the reference's, 10.
    pub max_attachments: usize,
    /// The most bytes of all attachments of a packet. The default, 10 million, is what 10 of them have
    /// at the reference's `maxHttpBufferSize`.
    pub max_attachment_bytes: usize,
}

impl Rules {
    /// The default limits.
    pub const fn new(protocol: Protocol) -> Self {
        Self { protocol, max_attachments: 10, max_attachment_bytes: 10_000_000 }
    }
}

/// A message that is no packet, or not the one that has to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The message is empty.
    #[error("expected a packet, found none")]
    Empty,
    /// The message does not begin with a type.
    #[error("unknown packet type")]
    Type,
    /// A type that counts its attachments is not followed by a number and `-`.
    #[error(
        "illegal attachments: expected their number, at least {least}, and `-` behind the type"
    )]
    AttachmentCount {
        /// The least number.
        least: usize,
    },
    /// More attachments than allowed.
    #[error("too many attachments: more than {limit}")]
    TooManyAttachments {
        /// The most.
        limit: usize,
    },
    /// An acknowledgement's id is missing or too long.
    #[error("expected an id of 1 to {MAX_ACK_ID_DIGITS} digits at byte {at}")]
    AckId {
        /// Where it should be.
        at: usize,
    },
    /// The data is not JSON, or not what the type carries.
    #[error("invalid payload: expected {expected} at byte {at}")]
    Payload {
        /// What the type carries.
        expected: &'static str,
        /// Where it should be.
        at: usize,
    },
    /// The event has a name that means something else.
    #[error("reserved event name")]
    ReservedName,
    /// Text came where an attachment has to.
    #[error("expected {missing} more attachments, found text")]
    UnexpectedText {
        /// How many attachments are missing.
        missing: usize,
    },
    /// Bytes came that no packet has announced.
    #[error("expected text, found bytes that belong to no packet")]
    UnexpectedBytes,
    /// The attachments of one packet are larger than allowed.
    #[error("attachments too large: more than {limit} bytes")]
    TooManyBytes {
        /// The most.
        limit: usize,
    },
}

/// Reads the packet of one message; its texts are slices of that one.
///
/// # Errors
///
/// When it is none, or one that the rules forbid.
pub fn decode(text: &ByteString, rules: &Rules) -> Result<Packet, DecodeError> {
    Ok(decode_in_place(text, rules)?.map(|part| own(part, text)))
}

/// A part of a text as a text of its own.
pub(super) fn own(part: Cow<'_, str>, text: &ByteString) -> ByteString {
    match part {
        Cow::Borrowed(part) => text.slice_ref(part),
        Cow::Owned(part) => part.into(),
    }
}

/// The same, of texts that lie in that one, but for a name that has escapes.
///
/// # Errors
///
/// As [`decode`].
pub(super) fn decode_in_place<'a>(
    text: &'a str,
    rules: &Rules,
) -> Result<Packet<Cow<'a, str>>, DecodeError> {
    let Some((kind, rest)) = text.split_at_checked(1) else {
        return Err(if text.is_empty() { DecodeError::Empty } else { DecodeError::Type });
    };
    let (attachments, rest) = match kind {
        "5" | "6" => split_attachments(rest, rules)?,
        _ => (0, rest),
    };
    let (namespace, rest) = split_namespace(rest);
    let mut rest = Rest { packet: text, rest };
    let kind = match kind {
        "0" if rest.is_empty() => PacketKind::Connect { data: "".into() },
        "0" => PacketKind::Connect { data: rest.json(&["{"], "an object or nothing")? },
        "1" if rest.is_empty() => PacketKind::Disconnect,
        "1" => return Err(rest.error("nothing")),
        "2" | "5" => {
            let id = rest.take_id()?;
            let event =
                split_event(rest.rest).ok_or(rest.error("an array that begins with a name"));
            let (name, args) = event?;
            if rules.protocol == Protocol::V5 && RESERVED_EVENTS.contains(&&*name) {
                return Err(DecodeError::ReservedName);
            }
            let ack = Some(id.into()).filter(|_| !id.is_empty());
            PacketKind::Event { name, args: args.into(), ack, attachments }
        }
        "3" | "6" => {
            let at = rest.at();
            let id = rest.take_id()?.into();
            let args = rest.json(&["["], "an array")?;
            if rest.at() == at {
                return Err(DecodeError::AckId { at });
            }
            PacketKind::Ack { id, args, attachments }
        }
        "4" => PacketKind::ConnectError { data: rest.json(&["{", "\""], "an object or a string")? },
        _ => return Err(DecodeError::Type),
    };
    Ok(Packet { namespace: namespace.into(), kind })
}

/// Splits the JSON array that an event is into its name and what follows, up to the end; `None` if it is no
/// JSON, no array, or does not begin with a name.
///
/// A number is a name too, its text.
///
/// ```text
/// ["add",1,2]     add     1,2]
/// ["add"]         add     ]
/// ```
pub fn split_event(json: &str) -> Option<(Cow<'_, str>, &str)> {
    let (first, args) = json::split_first(json)?;
    let name = match first.as_bytes() {
        [b'-' | b'0'..=b'9', ..] => first.into(),
        _ => json::string(first)?,
    };
    Some((name, args))
}

/// Splits off `<attachments>-`.
fn split_attachments<'a>(text: &'a str, rules: &Rules) -> Result<(usize, &'a str), DecodeError> {
    let least = match rules.protocol {
        Protocol::V4 => 0,
        Protocol::V5 => 1,
    };
    let limit = rules.max_attachments;
    let (count, rest) = digits::split(text);
    let rest = rest.strip_prefix('-').filter(|_| !count.is_empty());
    match (digits::value(count), rest) {
        (count, Some(rest)) if count >= least && count <= limit => Ok((count, rest)),
        (count, Some(_)) if count > limit => Err(DecodeError::TooManyAttachments { limit }),
        _ => Err(DecodeError::AttachmentCount { least }),
    }
}

/// Splits off `<namespace>,`, or a namespace that ends the text; the root's may be written too.
fn split_namespace(text: &str) -> (&str, &str) {
    if !text.starts_with('/') {
        return ("", text);
    }
    let (namespace, rest) = text.split_once(',').unwrap_or((text, ""));
    (if namespace == "/" { "" } else { namespace }, rest)
}

/// What is left of a packet's text.
struct Rest<'a> {
    packet: &'a str,
    rest: &'a str,
}

impl<'a> Rest<'a> {
    fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn at(&self) -> usize {
        self.packet.len() - self.rest.len()
    }

    fn error(&self, expected: &'static str) -> DecodeError {
        DecodeError::Payload { expected, at: self.at() }
    }

    /// Takes the digits of an id off; there may be none.
    fn take_id(&mut self) -> Result<&'a str, DecodeError> {
        let (id, rest) = digits::split(self.rest);
        if id.len() > MAX_ACK_ID_DIGITS {
            return Err(DecodeError::AckId { at: self.at() });
        }
        self.rest = rest;
        Ok(id)
    }

    /// Everything, if it is JSON that begins with one of these.
    fn json(&self, begins: &[&str], expected: &'static str) -> Result<Cow<'a, str>, DecodeError> {
        let json = json::value(self.rest);
        let json = json.filter(|json| begins.iter().any(|begin| json.starts_with(begin)));
        json.map(Cow::Borrowed).ok_or(self.error(expected))
    }
}

#[cfg(test)]
mod tests;
