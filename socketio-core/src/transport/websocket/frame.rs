//! Frames of RFC 6455 as a server sees them: bytes in, messages out, frames put into a buffer.
//!
//! [`Decoder`] takes bytes as they come and yields whole messages and control frames; [`put_frame`]
//! and [`put_close`] write what a server sends. Called by the link alone. Invariants: nothing is
//! allocated for bytes that have not come, every byte is copied a bounded number of times however
//! small the pieces, and a decoder with nothing unfinished owns no heap.
//! Source: RFC 6455, sections 5 (framing), 7.4 (close codes) and 8.1 (UTF-8).

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
            self.input = BytesMut::from(bytes);
        } else {
            self.input.extend_from_slice(bytes);
        }
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

/// Appends an unmasked frame that is a message (or a control frame) of its own.
///
/// A control frame's payload has at most 125 bytes.
pub(crate) fn put_frame(buf: &mut BytesMut, opcode: Opcode, payload: &[u8]) {
    let length = payload.len();
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
    buf.put_slice(payload);
}

/// Appends a close frame, with a status code or without one.
pub(crate) fn put_close(buf: &mut BytesMut, code: Option<u16>) {
    match code {
        Some(code) => put_frame(buf, Opcode::Close, &code.to_be_bytes()),
        None => put_frame(buf, Opcode::Close, &[]),
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
mod tests {
    use super::*;

    const LIMIT: usize = 100_000;
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

    /// The bytes of a client's frame; `first` is its first byte.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        match payload.len() {
            length @ 0..=125 => bytes.push(0x80 | length as u8),
            length @ 126..=0xffff => {
                bytes.push(0xfe);
                bytes.extend((length as u16).to_be_bytes());
            }
            length => {
                bytes.push(0xff);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend(MASK);
        bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    fn close(code: u16, reason: &[u8]) -> Vec<u8> {
        frame(0x88, &[&code.to_be_bytes(), reason].concat())
    }

    fn text(text: &str) -> Message {
        Message::Text(text.into())
    }

    /// Takes what is there; an error ends the list.
    fn drain(decoder: &mut Decoder) -> Vec<Result<Message, FrameError>> {
        std::iter::from_fn(|| decoder.next().transpose()).take(10).collect()
    }

    /// Feeds the bytes in pieces of every kind and expects the same of each.
    fn check(bytes: &[u8], expected: &[Result<Message, FrameError>]) {
        let cuts = (0..=bytes.len()).map(|cut| {
            let (head, tail) = bytes.split_at(cut);
            vec![head, tail]
        });
        for pieces in cuts.chain([bytes.chunks(1).collect(), bytes.chunks(3).collect()]) {
            let mut decoder = Decoder::new(LIMIT);
            let mut found = Vec::new();
            for piece in pieces {
                if !matches!(found.last(), Some(Err(_))) {
                    decoder.extend(piece);
                    found.extend(drain(&mut decoder));
                }
            }
            if let Some(error) = found.iter().position(Result::is_err) {
                found.truncate(error + 1);
            }
            assert_eq!(found, expected, "{bytes:x?}");
        }
    }

    #[test]
    fn valid_frames_become_messages_however_they_are_cut() {
        let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        let long = "x".repeat(126);
        let snowman = "☃".as_bytes();
        let cases: &[(Vec<u8>, Vec<Message>)] = &[
            // Section 5.7, "A single-frame masked text message".
            (hello.to_vec(), vec![text("Hello")]),
            (frame(0x81, b""), vec![text("")]),
            (frame(0x81, snowman), vec![text("☃")]),
            (frame(0x81, long.as_bytes()), vec![text(&long)]),
            (frame(0x82, &[0, 255]), vec![Message::Binary(Bytes::from_static(&[0, 255]))]),
            (frame(0x89, b"ping"), vec![Message::Ping(Bytes::from_static(b"ping"))]),
            (frame(0x8a, b"whatever"), vec![Message::Pong]),
            (frame(0x88, b""), vec![Message::Close(None)]),
            (close(1000, b""), vec![Message::Close(Some(1000))]),
            (close(4999, "gründlich".as_bytes()), vec![Message::Close(Some(4999))]),
            // Length forms longer than needed are not refused.
            ([&[0x81, 0xfe, 0, 1, 0, 0, 0, 0], &b"a"[..]].concat(), vec![text("a")]),
            (
                [&[0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], &b"b"[..]].concat(),
                vec![text("b")],
            ),
            // A character cut between fragments, and a ping between them.
            (
                [
                    frame(0x01, &snowman[..1]),
                    frame(0x89, b"!"),
                    frame(0x00, &snowman[1..2]),
                    frame(0x80, &snowman[2..]),
                    frame(0x81, b"next"),
                ]
                .concat(),
                vec![Message::Ping(Bytes::from_static(b"!")), text("☃"), text("next")],
            ),
            (
                [frame(0x02, b"ab"), frame(0x00, b""), frame(0x80, b"c")].concat(),
                vec![Message::Binary(Bytes::from_static(b"abc"))],
            ),
            ([hello, hello, hello].concat(), vec![text("Hello"), text("Hello"), text("Hello")]),
        ];
        for (bytes, messages) in cases {
            check(bytes, &messages.iter().cloned().map(Ok).collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_violation_is_refused_with_its_code_however_it_is_cut() {
        use FrameError::*;
        let mut cases = vec![
            (vec![0x81, 0x05], Unmasked, 1002),
            (vec![0x09, 0x80], FragmentedControl, 1002),
            (vec![0x08, 0x80], FragmentedControl, 1002),
            (vec![0x89, 0xfe], LongControl, 1002),
            (vec![0x88, 0xff], LongControl, 1002),
            (vec![0x80, 0x80], StrayContinuation, 1002),
            (vec![0x00, 0x80], StrayContinuation, 1002),
            ([&frame(0x01, b"a")[..], &[0x81, 0x80]].concat(), Interleaved, 1002),
            ([&frame(0x01, b"a")[..], &[0x02, 0x80]].concat(), Interleaved, 1002),
            (vec![0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0], LengthOverflow, 1002),
            (vec![0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255], TooBig, 1009),
            (vec![0x82, 0xff, 0, 0, 0, 0, 0, 1, 0x86, 0xa1], TooBig, 1009),
            (frame(0x81, b"\xff"), NotUtf8, 1007),
            (frame(0x81, b"\xe2\x98"), NotUtf8, 1007),
            (frame(0x81, b"\xed\xa0\x80"), NotUtf8, 1007),
            ([frame(0x01, b"\xe2"), frame(0x80, b"a")].concat(), NotUtf8, 1007),
            (frame(0x88, &[3]), CloseCode, 1002),
            (close(1000, b"\xff"), NotUtf8, 1007),
        ];
        cases.extend(
            [0x40, 0x20, 0x10, 0x70].map(|bit| (vec![0x81 | bit, 0x80], ReservedBits, 1002)),
        );
        let opcodes = (0x3..=0x7).chain(0xb..=0xf);
        cases.extend(opcodes.map(|opcode| (vec![0x80 | opcode, 0x80], ReservedOpcode, 1002)));
        let codes = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535];
        cases.extend(codes.map(|code| (close(code, b""), CloseCode, 1002)));
        for (bytes, error, code) in cases {
            assert_eq!(error.close_code(), code);
            check(&bytes, &[Err(error)]);
        }
    }

    #[test]
    fn every_close_code_of_the_registry_is_accepted() {
        for code in (1000..=1003).chain(1007..=1014).chain(3000..=4999) {
            check(&close(code, b""), &[Ok(Message::Close(Some(code)))]);
        }
    }

    #[test]
    fn messages_before_a_violation_are_delivered() {
        let first = frame(0x81, b"fine");
        check(
            &[&first[..], &[0x83, 0x80]].concat(),
            &[Ok(text("fine")), Err(FrameError::ReservedOpcode)],
        );
    }

    #[test]
    fn limit_is_inclusive_and_sums_over_fragments() {
        let cases: &[(&[&[u8]], bool)] = &[
            (&[b"12345678"], true),
            (&[b"123456789"], false),
            (&[b"1234", b"5678"], true),
            (&[b"1234", b"56789"], false),
            (&[b"1234", b"5678", b""], true),
            (&[b"1234", b"5678", b"9"], false),
        ];
        for (fragments, is_accepted) in cases {
            let mut decoder = Decoder::new(8);
            let mut found = Ok(None);
            for (index, payload) in fragments.iter().enumerate() {
                let fin = if index + 1 == fragments.len() { 0x80 } else { 0 };
                decoder.extend(&frame(fin | u8::from(index == 0), payload));
                found = decoder.next();
            }
            if *is_accepted {
                assert_eq!(found, Ok(Some(text("12345678"))));
            } else {
                assert_eq!(found, Err(FrameError::TooBig));
            }
        }
        let mut decoder = Decoder::new(0);
        decoder.extend(&frame(0x89, b"control frames are no messages"));
        assert!(matches!(decoder.next(), Ok(Some(Message::Ping(_)))));
    }

    #[test]
    fn a_message_has_so_many_fragments_and_no_more() {
        for (more, last) in [(0, Ok(Some(text("")))), (1, Err(FrameError::TooManyFragments))] {
            let mut decoder = Decoder::new(LIMIT);
            decoder.extend(&frame(0x01, b""));
            for _ in 2..MAX_FRAGMENTS + more {
                decoder.extend(&frame(0x00, b""));
                assert_eq!(decoder.next(), Ok(None));
            }
            decoder.extend(&frame(0x80, b""));
            assert_eq!(decoder.next(), last);
        }
    }

    #[test]
    fn an_announced_length_allocates_nothing() {
        let mut decoder = Decoder::new(usize::MAX);
        for byte in [0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4, 5] {
            decoder.extend(&[byte]);
            assert_eq!(decoder.next(), Ok(None));
        }
        assert!(decoder.input.capacity() < 32);
    }

    #[test]
    fn tiny_fragments_cost_their_payload() {
        let mut decoder = Decoder::new(LIMIT);
        decoder.extend(&frame(0x01, b"x"));
        for _ in 2..MAX_FRAGMENTS {
            let fragment = frame(0x00, b"x");
            for piece in fragment.chunks(1) {
                decoder.extend(piece);
                assert_eq!(decoder.next(), Ok(None));
            }
            assert_eq!(decoder.input.capacity(), 0);
        }
        let partial = decoder.partial.as_ref().unwrap();
        assert!(partial.payload.capacity() <= 2 * MAX_FRAGMENTS as usize);
    }

    #[test]
    fn a_drained_decoder_owns_no_heap() {
        let mut decoder = Decoder::new(LIMIT);
        decoder.extend(&[frame(0x81, &[b'x'; 5000]), frame(0x89, b""), frame(0x81, b"")].concat());
        assert_eq!(drain(&mut decoder).len(), 3);
        assert!(!decoder.holds_bytes());
    }

    #[test]
    fn payloads_of_a_burst_share_its_buffer_and_the_unfinished_rest_does_not() {
        let one = frame(0x82, &[b'x'; 1000]);
        let mut decoder = Decoder::new(LIMIT);
        decoder.extend(&[&one[..], &one, &one, &one[..10]].concat());
        let payloads = drain(&mut decoder);
        let mut starts: Vec<_> = payloads
            .iter()
            .map(|message| match message {
                Ok(Message::Binary(payload)) => payload.as_ptr() as usize,
                other => panic!("{other:?}"),
            })
            .collect();
        starts.push(decoder.input.as_ptr() as usize + one.len() - 1000);
        let steps: Vec<_> =
            starts.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]) == one.len()).collect();
        assert_eq!(steps, [true, true, false]);
    }

    #[test]
    fn masks_apply_at_every_length() {
        for length in 0..40 {
            let mut payload: Vec<u8> = (0..length).collect();
            let plain = payload.clone();
            unmask(&mut payload, MASK);
            let expected = plain.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask);
            assert_eq!(payload, expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn sent_frames_are_final_unmasked_and_of_minimal_length() {
        let cases: &[(Opcode, usize, &[u8])] = &[
            (Opcode::Text, 0, &[0x81, 0]),
            (Opcode::Text, 125, &[0x81, 125]),
            (Opcode::Text, 126, &[0x81, 126, 0, 126]),
            (Opcode::Binary, 65_535, &[0x82, 126, 255, 255]),
            (Opcode::Binary, 65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
            (Opcode::Ping, 4, &[0x89, 4]),
            (Opcode::Pong, 125, &[0x8a, 125]),
        ];
        let (mut buf, mut expected) = (BytesMut::new(), Vec::new());
        for (opcode, length, header) in cases {
            let payload = vec![b'x'; *length];
            put_frame(&mut buf, *opcode, &payload);
            expected.extend([header, &payload[..]].concat());
        }
        put_close(&mut buf, None);
        put_close(&mut buf, Some(1001));
        expected.extend([0x88, 0, 0x88, 2, 0x03, 0xe9]);
        assert_eq!(buf, expected);
    }

    #[test]
    fn every_error_says_something_of_its_own() {
        use FrameError::*;
        let errors = [
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
        ];
        let texts: std::collections::HashSet<_> = errors.iter().map(|error| error.text()).collect();
        assert_eq!(texts.len(), errors.len());
    }
}
