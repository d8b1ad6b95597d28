//! Frames of RFC 6455 as a server sees them: bytes in, messages out, frames put into a buffer.
//!
//! [`Decoder`] takes bytes as they come and yields whole messages and control frames; [`put_frame`]
//! and [`put_close`] write what a server sends. Called by the link alone. Invariants: for bytes that have
//! not come, no more is allocated than for those that have; every byte is copied a bounded number of times
//! however small the pieces; a decoder with nothing unfinished owns no heap.
//! Source: RFC 6455, sections 5 (framing), 7.4 (close codes) and 8.1 (UTF-8).

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use bytestring::ByteString;

/// Fragments that one message may consist of.
///
/// Fragments are joined as they come and cost no memory beyond their payload; the limit is there so
/// that a message of empty fragments ends. At 16 KiB, the smallest piece that common clients stream
/// in, it leaves room for 256 MiB.
const MAX_FRAGMENTS: u32 = 16_384;

/// Longest payload of a control frame, in bytes (RFC 6455, section 5.5).
const MAX_CONTROL_BYTES: usize = 125;

/// Longest header of a frame that a server sends: two bytes and a 64-bit length.
const MAX_SENT_HEADER_BYTES: usize = 10;

/// Longest header of a frame that a client sends: the same, and the mask.
const MAX_HEADER_BYTES: usize = MAX_SENT_HEADER_BYTES + 4;

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7f;
/// A length of this value says that 16 bits of length follow.
const LENGTH_16: u8 = 126;
/// A length of this value says that 64 bits of length follow.
const LENGTH_64: u8 = 127;

/// What the peer said, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    /// A text message, all its fragments joined.
    Text(ByteString),
    /// A binary message, all its fragments joined.
    Binary(Bytes),
    /// A ping; the pong owes it the same payload.
    Ping(Bytes),
    /// A pong, asked for or not.
    Pong,
    /// A close frame with its status code. Nothing after it counts.
    Close(Option<u16>),
}

/// What a frame is (RFC 6455, section 5.2). The others of the 16 values are reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Opcode {
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xa,
}

/// How a peer broke the framing. The connection has to end: what follows can't be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameError {
    ReservedBits,
    ReservedOpcode,
    Unmasked,
    FragmentedControl,
    LongControl,
    StrayContinuation,
    Interleaved,
    LengthOverflow,
    CloseCode,
    NotUtf8,
    TooManyFragments,
    TooBig,
}

/// Splits the bytes of one client into messages.
///
/// Feed it with [`extend`](Self::extend), then call [`next`](Self::next) until it yields `None`.
/// The payloads of one burst are parts of one buffer, which lives as long as the last of them.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// Bytes that are not yet a frame.
    input: BytesMut,
    /// Whether `input` is what frames were split from since bytes came.
    is_split: bool,
    /// The fragments so far of an unfinished message.
    partial: Option<Partial>,
    max_message_bytes: usize,
}

#[derive(Debug)]
struct Partial {
    is_text: bool,
    fragments: u32,
    payload: BytesMut,
}

/// The header of a frame that has come whole.
struct Header {
    is_final: bool,
    opcode: Opcode,
    mask: [u8; 4],
    header_bytes: usize,
    payload_bytes: usize,
}

impl Decoder {
    /// Makes a decoder that refuses messages of more than `max_message_bytes` bytes of payload.
    pub(crate) fn new(max_message_bytes: usize) -> Self {
        Self { input: BytesMut::new(), is_split: false, partial: None, max_message_bytes }
    }

    /// Takes bytes from the peer.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        if self.input.is_empty() {
            self.input = BytesMut::with_capacity(room_for_first(bytes));
        }
        self.input.extend_from_slice(bytes);
    }

    /// Yields the next message or control frame, or `None` when more bytes are needed.
    ///
    /// # Errors
    /// When the peer broke a rule. What comes after that has no meaning; drop the decoder.
    pub(crate) fn next(&mut self) -> Result<Option<Message>, FrameError> {
        while let Some(header) = self.header()? {
            let payload = self.split_payload(&header);
            let message = match header.opcode {
                Opcode::Ping => Some(Message::Ping(payload.freeze())),
                Opcode::Pong => Some(Message::Pong),
                Opcode::Close => Some(Message::Close(close_code(&payload)?)),
                Opcode::Continuation | Opcode::Text | Opcode::Binary => {
                    self.join(&header, payload)?
                }
            };
            if message.is_some() {
                return Ok(message);
            }
        }
        if std::mem::take(&mut self.is_split) {
            // The rest came with the last bytes, so this copies no byte twice; the burst goes free.
            self.input = BytesMut::from(&*self.input);
        }
        Ok(None)
    }

    /// Checks the next header as soon as it is there, and returns it once its payload is too.
    fn header(&self) -> Result<Option<Header>, FrameError> {
        let [first, second, rest @ ..] = &*self.input else { return Ok(None) };
        // Section 5.2: "MUST be 0 unless an extension is negotiated that defines meanings for
        // non-zero values." None is negotiated.
        if first & RESERVED != 0 {
            return Err(FrameError::ReservedBits);
        }
        // Section 5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the
        // WebSocket Connection_."
        let opcode = Opcode::from_bits(first & OPCODE).ok_or(FrameError::ReservedOpcode)?;
        // Section 5.1: "The server MUST close the connection upon receiving a frame that is not
        // masked."
        if second & MASKED == 0 {
            return Err(FrameError::Unmasked);
        }
        let is_final = first & FIN != 0;
        let length = second & LENGTH;
        let room = if opcode.is_control() {
            check_control(is_final, length)?
        } else {
            self.room_for(opcode)?
        };

        let (length, rest) = match length {
            LENGTH_16 => match rest.split_first_chunk() {
                Some((length, rest)) => (u64::from(u16::from_be_bytes(*length)), rest),
                None => return Ok(None),
            },
            LENGTH_64 => match rest.split_first_chunk() {
                Some((length, rest)) => (u64::from_be_bytes(*length), rest),
                None => return Ok(None),
            },
            short => (u64::from(short), rest),
        };
        // Section 5.2: "the most significant bit MUST be 0".
        if length >> 63 != 0 {
            return Err(FrameError::LengthOverflow);
        }
        let payload_bytes = usize::try_from(length).ok().filter(|length| *length <= room);
        let payload_bytes = payload_bytes.ok_or(FrameError::TooBig)?;
        let Some((mask, rest)) = rest.split_first_chunk() else { return Ok(None) };
        if rest.len() < payload_bytes {
            return Ok(None);
        }
        let header_bytes = self.input.len() - rest.len();
        Ok(Some(Header { is_final, opcode, mask: *mask, header_bytes, payload_bytes }))
    }

    /// Checks that a data frame may come now, and says how many bytes it may bring.
    fn room_for(&self, opcode: Opcode) -> Result<usize, FrameError> {
        match (&self.partial, opcode) {
            // Section 5.4: a fragmented message is a frame with an opcode other than 0, then frames
            // with opcode 0; "The fragments of one message MUST NOT be interleaved between the
            // fragments of another message".
            (None, Opcode::Continuation) => Err(FrameError::StrayContinuation),
            (None, _) => Ok(self.max_message_bytes),
            (Some(partial), Opcode::Continuation) if partial.fragments < MAX_FRAGMENTS => {
                Ok(self.max_message_bytes.saturating_sub(partial.payload.len()))
            }
            (Some(_), Opcode::Continuation) => Err(FrameError::TooManyFragments),
            (Some(_), _) => Err(FrameError::Interleaved),
        }
    }

    /// Takes the frame out of the input and returns its payload, unmasked in place.
    fn split_payload(&mut self, header: &Header) -> BytesMut {
        let frame_bytes = header.header_bytes + header.payload_bytes;
        let mut payload = if self.input.len() == frame_bytes {
            std::mem::take(&mut self.input)
        } else {
            self.is_split = true;
            self.input.split_to(frame_bytes)
        };
        payload.advance(header.header_bytes);
        unmask(&mut payload, header.mask);
        payload
    }

    /// Returns the message that this data frame completes, if it does.
    fn join(&mut self, header: &Header, payload: BytesMut) -> Result<Option<Message>, FrameError> {
        let partial = match self.partial.take() {
            None if header.is_final => {
                return whole(header.opcode == Opcode::Text, payload).map(Some);
            }
            None => Partial {
                is_text: header.opcode == Opcode::Text,
                fragments: 1,
                payload: BytesMut::from(&*payload),
            },
            Some(mut partial) => {
                partial.fragments += 1;
                partial.payload.extend_from_slice(&payload);
                partial
            }
        };
        if header.is_final {
            return whole(partial.is_text, partial.payload).map(Some);
        }
        self.partial = Some(partial);
        Ok(None)
    }
}

/// Room for these bytes, and for the rest of the first frame unless that is more than what has come of it: a long
/// one that comes in two reads is moved but once.
fn room_for_first(bytes: &[u8]) -> usize {
    let length = match bytes {
        [_, second, a, b, ..] if second & LENGTH == LENGTH_16 => {
            u16::from_be_bytes([*a, *b]).into()
        }
        [_, second, rest @ ..] if second & LENGTH == LENGTH_64 => {
            rest.first_chunk().map_or(0, |length| u64::from_be_bytes(*length))
        }
        _ => 0,
    };
    let frame = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(MAX_HEADER_BYTES);
    bytes.len().max(frame.min(2 * bytes.len()))
}

/// Appends an unmasked frame that is a message (or a control frame) of its own.
///
/// The payload is given in two parts. A control frame's has at most 125 bytes.
pub(crate) fn put_frame(buf: &mut Vec<u8>, opcode: Opcode, payload: [&[u8]; 2]) {
    let length = payload[0].len() + payload[1].len();
    buf.reserve(MAX_SENT_HEADER_BYTES + length);
    buf.put_u8(FIN | opcode as u8);
    match length {
        0..=125 => buf.put_u8(length as u8),
        126..=0xffff => {
            buf.put_u8(LENGTH_16);
            buf.put_u16(length as u16);
        }
        _ => {
            buf.put_u8(LENGTH_64);
            buf.put_u64(length as u64);
        }
    }
    payload.iter().for_each(|part| buf.extend_from_slice(part));
}

/// Appends a close frame, with a status code or without one.
pub(crate) fn put_close(buf: &mut Vec<u8>, code: Option<u16>) {
    match code {
        Some(code) => put_frame(buf, Opcode::Close, [&code.to_be_bytes(), &[]]),
        None => put_frame(buf, Opcode::Close, [&[], &[]]),
    }
}

impl Opcode {
    const fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }

    const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

impl FrameError {
    /// The status code to close with (RFC 6455, section 7.4.1).
    pub(crate) const fn close_code(self) -> u16 {
        match self {
            Self::NotUtf8 => 1007,
            Self::TooManyFragments => 1008,
            Self::TooBig => 1009,
            _ => 1002,
        }
    }

    /// Says what the peer did.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::ReservedBits => "websocket frame with a reserved bit set",
            Self::ReservedOpcode => "websocket frame with a reserved opcode",
            Self::Unmasked => "websocket frame without a mask",
            Self::FragmentedControl => "websocket control frame in fragments",
            Self::LongControl => "websocket control frame of more than 125 bytes",
            Self::StrayContinuation => "websocket continuation of no message",
            Self::Interleaved => "websocket message inside another message",
            Self::LengthOverflow => "websocket frame length with its top bit set",
            Self::CloseCode => "websocket close frame with a status code that is not allowed",
            Self::NotUtf8 => "websocket text that is not UTF-8",
            Self::TooManyFragments => "websocket message of too many fragments",
            Self::TooBig => "websocket message over the size limit",
        }
    }
}

/// Section 5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be
/// fragmented."
fn check_control(is_final: bool, length: u8) -> Result<usize, FrameError> {
    if !is_final {
        return Err(FrameError::FragmentedControl);
    }
    if length == LENGTH_16 || length == LENGTH_64 {
        return Err(FrameError::LongControl);
    }
    Ok(MAX_CONTROL_BYTES)
}

fn whole(is_text: bool, payload: BytesMut) -> Result<Message, FrameError> {
    if !is_text {
        return Ok(Message::Binary(payload.freeze()));
    }
    // Section 8.1; over the joined fragments, as a character may be cut between two (section 5.6).
    ByteString::try_from(payload).map(Message::Text).map_err(|_| FrameError::NotUtf8)
}

/// Section 5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned
/// integer"; a reason in UTF-8 may follow it.
fn close_code(payload: &[u8]) -> Result<Option<u16>, FrameError> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() { Ok(None) } else { Err(FrameError::CloseCode) };
    };
    let code = u16::from_be_bytes(*code);
    // Section 7.4: below 1000 unused; 1004 reserved; 1005, 1006 and 1015 never on the wire; 1012 to
    // 1014 registered since; 1016 to 2999 unassigned; 3000 to 4999 for libraries and applications.
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(FrameError::CloseCode);
    }
    match std::str::from_utf8(reason) {
        Ok(_) => Ok(Some(code)),
        Err(_) => Err(FrameError::NotUtf8),
    }
}

/// Section 5.3: byte i of the payload is combined with byte i modulo 4 of the mask; eight at once.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

#[cfg(test)]
impl Decoder {
    pub(super) fn holds_bytes(&self) -> bool {
        self.input.capacity() > 0 || self.partial.is_some()
    }
}

#[cfg(test)]
mod tests;
