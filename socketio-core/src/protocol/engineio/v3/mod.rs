//! Engine.IO 3: the wire form of Socket.IO 1 and 2.
//!
//! Frames and bodies ([`payload`]) go in, packets come out, and back; forms and scripts wrap bodies once
//! more ([`jsonp`]). The session and the transports call it.
//!
//! ```text
//! 4hello                  a message that is text
//! <04 01 02 03 04>        one that is bytes, on a WebSocket: the type comes first, as a number
//! b4AQIDBA==              the same as text
//! ```
//!
//! Source: Engine.IO protocol v3, "Encoding"; lib/parser-v3/index.ts of engine.io 6.6.12.

pub mod jsonp;
pub mod payload;

use bytes::{Buf as _, BufMut as _, BytesMut};
use bytestring::ByteString;

use super::{DecodeError, Frame, Packet, Problem};

/// The type of a message where it is a number.
const MESSAGE: u8 = 4;

/// Reads the packet of one frame, which may be text where it could be bytes.
///
/// # Errors
///
/// When it is none. The reference also takes other types than messages as bytes; nobody sends them.
pub fn decode(frame: &Frame) -> Result<Packet, DecodeError> {
    match frame {
        Frame::Text(text) => super::decode_text(text, "4"),
        Frame::Binary(bytes) => {
            let mut data = bytes.clone();
            match data.try_get_u8() {
                Ok(MESSAGE) => Ok(Packet::Binary(data)),
                Ok(_) => Err(Problem::Type.at(0)),
                Err(_) => Err(Problem::Empty.at(0)),
            }
        }
    }
}

/// Writes a packet as one frame; a client that can't take bytes is sent [`to_text`] of it.
pub fn encode(packet: &Packet) -> Frame {
    match super::encode(packet) {
        Frame::Binary(bytes) => {
            let mut frame = BytesMut::with_capacity(1 + bytes.len());
            frame.put_u8(MESSAGE);
            frame.put(bytes);
            Frame::Binary(frame.freeze())
        }
        text => text,
    }
}

/// A frame as text: bytes in base64.
pub fn to_text(frame: &Frame) -> ByteString {
    match frame {
        Frame::Text(text) => text.clone(),
        Frame::Binary(bytes) => {
            super::encode_base64("b4", bytes.split_first().map_or(&[], |(_, data)| data))
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::protocol::generate::Random;

    #[test]
    fn bytes_have_their_type_in_front() {
        for (content, frame, base64) in [
            (&[1, 2, 3, 4][..], &[4, 1, 2, 3, 4][..], "b4AQIDBA=="),
            (&[0xFF, 0], &[4, 0xFF, 0], "b4/wA="),
            (b"ack", b"\x04ack", "b4YWNr"),
            (&[], &[4], "b4"),
        ] {
            let packet = Packet::Binary(Bytes::from_static(content));
            let frame = Frame::Binary(Bytes::from_static(frame));
            assert_eq!(encode(&packet), frame);
            assert_eq!(to_text(&frame), base64);
            assert_eq!(decode(&frame), Ok(packet.clone()));
            assert_eq!(decode(&Frame::Text(base64.into())), Ok(packet));
        }
    }

    #[test]
    fn what_is_no_packet_is_an_error() {
        for (frame, problem, at) in [
            ("", Problem::Empty, 0),
            ("7", Problem::Type, 0),
            ("é", Problem::Type, 0),
            ("\u{4}abc", Problem::Type, 0),
            ("b", Problem::Type, 1),
            ("b2AQID", Problem::Type, 1),
            ("bAQID", Problem::Type, 1),
            ("b4*", Problem::Base64, 2),
        ] {
            assert_eq!(decode(&Frame::Text(frame.into())), Err(problem.at(at)), "{frame}");
        }
        for (frame, problem) in
            [(&[][..], Problem::Empty), (&[2], Problem::Type), (b"4abc", Problem::Type)]
        {
            assert_eq!(decode(&Frame::Binary(Bytes::from_static(frame))), Err(problem.at(0)));
        }
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        let mut random = Random::new(3);
        for _ in 0..2_000 {
            let packet = random.packet();
            let frame = encode(&packet);
            assert_eq!(decode(&frame).as_ref(), Ok(&packet));
            assert_eq!(decode(&Frame::Text(to_text(&frame))), Ok(packet));
        }
    }
}
