//! Engine.IO, what Socket.IO 1.0 and later stands on: packets in frames of a WebSocket and in bodies of polls.
//!
//! Frames and bodies go in, [`Packet`]s come out, and back, by the protocol's revision: [`v3`] (Socket.IO
//! 1 and 2), [`v4`] (3 and later). The session calls it. [`handshake`] is what both answer to one. A packet's
//! data is a slice of the text that it came in; no input costs more than linear time, and nothing of a
//! body is read ahead of the packet that is asked for.
//!
//! Source: Engine.IO protocol v3 and v4; lib/parser-v3 of engine.io 6.6.12, engine.io-parser 5.2.3.

pub mod handshake;
mod queued;
pub mod v3;
pub mod v4;

pub(crate) use queued::Queued;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use bytestring::ByteString;

/// What a WebSocket carries in one message, and what one body is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// Text.
    Text(ByteString),
    /// Bytes.
    Binary(Bytes),
}

impl Default for Frame {
    /// An empty text.
    fn default() -> Self {
        Self::Text(ByteString::new())
    }
}

impl Frame {
    /// Bytes of the frame.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One packet.
///
/// ```text
/// 0{"sid":…}   1   2probe   3probe   4hello   5   6
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Packet {
    /// `0` answers a handshake: JSON text, see [`handshake::Open`].
    Open(ByteString),
    /// `1` ends the session. What follows the digit is dropped, as in [`Packet::Upgrade`] and
    /// [`Packet::Noop`].
    Close,
    /// `2` asks for a sign of life; `2probe` asks whether a transport works.
    Ping(ByteString),
    /// `3` answers a ping, with its data.
    Pong(ByteString),
    /// `4` carries text.
    Message(ByteString),
    /// Carries bytes, in a form of each revision's own.
    Binary(Bytes),
    /// `5` moves the session to the transport that it comes on.
    Upgrade,
    /// `6` says nothing; it ends a poll.
    Noop,
}

/// A frame or body that is no packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {at}")]
#[non_exhaustive]
pub struct DecodeError {
    /// What is wrong.
    pub problem: Problem,
    /// Where what is wrong begins, in bytes from the start of the frame or body.
    pub at: usize,
}

/// What can be wrong with a frame or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// There is nothing where a packet should be.
    #[error("expected a packet, found none")]
    Empty,
    /// The packet begins with none of the types, or is bytes and no message.
    #[error("unknown packet type")]
    Type,
    /// What follows a `b` is not base64.
    #[error("invalid base64")]
    Base64,
    /// A length in a payload of v3 is no number, or more than there is, or ends within a character.
    #[error("invalid length")]
    Length,
    /// Text in a binary payload of v3 is not UTF-8.
    #[error("invalid UTF-8")]
    Utf8,
}

impl Problem {
    const fn at(self, at: usize) -> DecodeError {
        DecodeError { problem: self, at }
    }
}

/// Standard base64; the padding may be left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Reads a packet in its text form, which is the same in both revisions unless it carries bytes: behind
/// `b`, base64 follows `bytes_mark`.
fn decode_text(text: &ByteString, bytes_mark: &str) -> Result<Packet, DecodeError> {
    let Some((kind, data)) = text.split_at_checked(1) else {
        let problem = if text.is_empty() { Problem::Empty } else { Problem::Type };
        return Err(problem.at(0));
    };
    let slice = || text.slice_ref(data);
    Ok(match kind {
        "0" => Packet::Open(slice()),
        "1" => Packet::Close,
        "2" => Packet::Ping(slice()),
        "3" => Packet::Pong(slice()),
        MESSAGE => Packet::Message(slice()),
        "5" => Packet::Upgrade,
        "6" => Packet::Noop,
        "b" => {
            let data = data.strip_prefix(bytes_mark).ok_or(Problem::Type.at(1))?;
            let at = text.len() - data.len();
            Packet::Binary(BASE64.decode(data).map_err(|_| Problem::Base64.at(at))?.into())
        }
        _ => return Err(Problem::Type.at(0)),
    })
}

/// The type of a message that is text.
pub(crate) const MESSAGE: &str = "4";

/// Writes a packet in its text form; bytes stay bytes.
fn encode(packet: &Packet) -> Frame {
    let (kind, data) = match packet {
        Packet::Open(json) => ("0", &**json),
        Packet::Close => ("1", ""),
        Packet::Ping(data) => ("2", &**data),
        Packet::Pong(data) => ("3", &**data),
        Packet::Message(text) => (MESSAGE, &**text),
        Packet::Binary(bytes) => return Frame::Binary(bytes.clone()),
        Packet::Upgrade => ("5", ""),
        Packet::Noop => ("6", ""),
    };
    Frame::Text([kind, data].concat().into())
}

/// Writes bytes as text: a prefix and base64.
fn encode_base64(prefix: &str, bytes: &[u8]) -> ByteString {
    let mut text = String::with_capacity(prefix.len() + bytes.len().div_ceil(3) * 4);
    text.push_str(prefix);
    BASE64.encode_string(bytes, &mut text);
    text.into()
}
