//! Engine.IO 4: the wire form of Socket.IO 3 and later.
//!
//! Frames and bodies go in, packets come out, and back; the session calls it.
//!
//! ```text
//! 4hello                  a message that is text
//! <01 02 03 04>           one that is bytes, on a WebSocket: nothing but the bytes
//! bAQIDBA==               the same as text: in a body, or to a client that asked for it (b64=1)
//! 4hello<1e>bAQIDBA==     a body of two packets
//! ```
//!
//! Source: Engine.IO protocol v4, "Packet encoding"; engine.io-parser 5.2.3.

use bytestring::ByteString;

use super::{DecodeError, Frame, Packet};

/// Reads the packet of one frame, which may be text where it could be bytes.
///
/// # Errors
///
/// When it is none.
pub fn decode(frame: &Frame) -> Result<Packet, DecodeError> {
    match frame {
        Frame::Text(text) => super::decode_text(text, ""),
        Frame::Binary(bytes) => Ok(Packet::Binary(bytes.clone())),
    }
}

/// Writes a packet as one frame; a client that can't take bytes is sent [`to_text`] of it.
pub fn encode(packet: &Packet) -> Frame {
    super::encode(packet)
}

/// A frame as text: bytes in base64.
pub fn to_text(frame: &Frame) -> ByteString {
    match frame {
        Frame::Text(text) => text.clone(),
        Frame::Binary(bytes) => super::encode_base64("b", bytes),
    }
}

/// Several packets in one body, which is always text.
pub mod payload {
    use std::iter;

    use bytestring::ByteString;

    use super::super::{DecodeError, Frame, Packet, decode_text};

    /// Stands between packets: U+001E, the record separator.
    const SEPARATOR: char = '\x1e';

    /// Reads the packets of a body, in order, up to the first that is none.
    pub fn decode(body: &ByteString) -> impl Iterator<Item = Result<Packet, DecodeError>> + use<> {
        let (body, mut next) = (body.clone(), Some(0));
        iter::from_fn(move || {
            let start = next.take()?;
            let rest = body.get(start..)?;
            let text = rest.split(SEPARATOR).next().unwrap_or(rest);
            let packet = decode_text(&body.slice_ref(text), "");
            let end = start + text.len();
            next = (packet.is_ok() && end < body.len()).then_some(end + SEPARATOR.len_utf8());
            Some(packet.map_err(|error| error.problem.at(start + error.at)))
        })
    }

    /// Puts frames into one body. A text must have no U+001E in it, as JSON hasn't.
    pub fn encode(frames: &[Frame]) -> ByteString {
        if let [frame] = frames {
            return super::to_text(frame);
        }
        let texts: Vec<_> = frames.iter().map(super::to_text).collect();
        texts.join("\x1e").into()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::Problem::{self, Base64, Empty, Type};
    use super::*;
    use crate::protocol::generate::Random;

    fn text(text: &str) -> Frame {
        Frame::Text(text.into())
    }

    fn bytes(bytes: &'static [u8]) -> Frame {
        Frame::Binary(Bytes::from_static(bytes))
    }

    fn packets(body: &str) -> Vec<Result<Packet, DecodeError>> {
        payload::decode(&body.into()).collect()
    }

    #[test]
    fn a_packet_is_a_type_and_data_or_nothing_but_bytes() {
        for (packet, frame) in [
            (Packet::Open("{}".into()), text("0{}")),
            (Packet::Close, text("1")),
            (Packet::Ping("".into()), text("2")),
            (Packet::Ping("probe".into()), text("2probe")),
            (Packet::Pong("".into()), text("3")),
            (Packet::Pong("probe".into()), text("3probe")),
            (Packet::Message("test".into()), text("4test")),
            (Packet::Message("".into()), text("4")),
            (Packet::Message("é€😀".into()), text("4é€😀")),
            (Packet::Upgrade, text("5")),
            (Packet::Noop, text("6")),
            (Packet::Binary(Bytes::from_static(&[1, 2, 3, 4])), bytes(&[1, 2, 3, 4])),
            (Packet::Binary(Bytes::new()), bytes(&[])),
        ] {
            assert_eq!(encode(&packet), frame);
            assert_eq!(decode(&frame), Ok(packet));
        }
    }

    #[test]
    fn bytes_can_be_text() {
        for (content, base64) in
            [(&[1, 2, 3, 4][..], "bAQIDBA=="), (&[0xFF, 0], "b/wA="), (b"ack", "bYWNr"), (&[], "b")]
        {
            let frame = bytes(content);
            assert_eq!(to_text(&frame), base64);
            let packet = Packet::Binary(Bytes::from_static(content));
            assert_eq!(decode(&text(base64)), Ok(packet.clone()));
            assert_eq!(decode(&text(base64.trim_end_matches('='))), Ok(packet));
        }
    }

    #[test]
    fn what_is_no_packet_is_an_error() {
        for (frame, problem, at) in [
            ("", Empty, 0),
            ("a123", Type, 0),
            ("{", Type, 0),
            (r#"["a123", "a456"]"#, Type, 0),
            ("7", Type, 0),
            ("é", Type, 0),
            ("😀4", Type, 0),
            (" 4", Type, 0),
            ("٣", Type, 0),
            ("b*", Base64, 1),
            ("bA", Base64, 1),
            ("bAQIDBA===", Base64, 1),
            ("b_-8=", Base64, 1),
            ("bé", Base64, 1),
        ] {
            assert_eq!(decode(&text(frame)), Err(problem.at(at)), "{frame}");
        }
    }

    #[test]
    fn a_body_is_packets_between_separators() {
        let body = "0\x1e1\x1e2probe\x1e3probe\x1e4test\x1ebAQIDBA==\x1eb/wA=\x1e6";
        let expected: Vec<_> = body.split('\x1e').map(|packet| decode(&text(packet))).collect();
        assert_eq!(packets(body), expected);
        let frames: Vec<_> = expected.into_iter().map(|packet| encode(&packet.unwrap())).collect();
        assert_eq!(payload::encode(&frames), body);
        assert_eq!(payload::encode(&[text("4hello"), bytes(&[1, 2, 3, 4])]), "4hello\x1ebAQIDBA==");
        assert_eq!(payload::encode(&[bytes(&[1, 2, 3, 4])]), "bAQIDBA==");
    }

    #[test]
    fn a_body_is_read_up_to_the_first_error() {
        let message = || Ok(Packet::Message("é".into()));
        let error = |problem: Problem, at| Err(problem.at(at));
        for (body, expected) in [
            ("", vec![error(Empty, 0)]),
            ("\x1e", vec![error(Empty, 0)]),
            ("4é\x1e", vec![message(), error(Empty, 4)]),
            ("4é\x1e\x1e4", vec![message(), error(Empty, 4)]),
            ("4é\x1e4é\x1e9\x1e4", vec![message(), message(), error(Type, 8)]),
            ("4é\x1ebé\x1e4", vec![message(), error(Base64, 5)]),
        ] {
            assert_eq!(packets(body), expected, "{body:?}");
        }
    }

    #[test]
    fn data_is_a_slice_of_the_body() {
        let body = ByteString::from("2probe\x1e4hello");
        for packet in payload::decode(&body) {
            let (Packet::Ping(data) | Packet::Message(data)) = packet.unwrap() else { panic!() };
            assert!(body.as_bytes().as_ptr_range().contains(&data.as_bytes().as_ptr()));
        }
    }

    /// Quadratic time would show as a test that does not end.
    #[test]
    fn a_megabyte_of_anything_is_read_in_linear_time() {
        const MEGABYTE: usize = 1 << 20;
        assert_eq!(packets(&"4\x1e".repeat(MEGABYTE / 2)).len(), MEGABYTE / 2 + 1);
        assert_eq!(packets(&"\x1e".repeat(MEGABYTE)).len(), 1);
        let digits = "4".repeat(MEGABYTE);
        assert_eq!(packets(&format!("4{digits}")), [Ok(Packet::Message((&*digits).into()))]);
        let base64 = format!("b{}", "AAAA".repeat(MEGABYTE / 4));
        assert_eq!(packets(&base64), [Ok(Packet::Binary(vec![0; MEGABYTE / 4 * 3].into()))]);
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        let mut random = Random::new(4);
        for _ in 0..2_000 {
            let packets: Vec<_> = (0..=random.below(4)).map(|_| random.packet()).collect();
            let frames: Vec<_> = packets.iter().map(encode).collect();
            for (packet, frame) in packets.iter().zip(&frames) {
                assert_eq!(decode(frame).as_ref(), Ok(packet));
                assert_eq!(decode(&Frame::Text(to_text(frame))).as_ref(), Ok(packet));
            }
            let body = payload::encode(&frames);
            let decoded: Result<Vec<_>, _> = payload::decode(&body).collect();
            assert_eq!(decoded, Ok(packets));
        }
    }
}
