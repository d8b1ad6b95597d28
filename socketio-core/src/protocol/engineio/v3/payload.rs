//! Several packets in one body, as text or as bytes.
//!
//! Bodies of polls go in, packets come out, and back; the session calls it. A body that is text has the
//! content type `text/plain`, one that is bytes `application/octet-stream`. Every length is checked against
//! what there is.
//!
//! ```text
//! 6:4hello10:b4AQIDBA==                                       lengths in UTF-16 code units
//! 00 06 ff 34 68 65 6c 6c 6f   01 05 ff 04 01 02 03 04        lengths in bytes, a digit in each byte
//! ```
//!
//! Source: Engine.IO protocol v3, "Payload"; lib/parser-v3/index.ts of engine.io 6.6.12.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::iter;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use bytestring::ByteString;

use super::super::{DecodeError, Frame, Packet, Problem};
use crate::protocol::json::escape;
use crate::protocol::{digits, utf16};

/// Begins an entry of a binary body that is text.
const TEXT: u8 = 0;
/// Begins an entry of a binary body that is bytes.
const BYTES: u8 = 1;
/// Ends the length in a binary body.
const END_OF_LENGTH: u8 = 0xFF;

/// Reads the packets of a body, in order, up to the first that is none.
///
/// An entry of length 0 is skipped in a body that is text.
pub fn decode(body: &Frame) -> impl Iterator<Item = Result<Packet, DecodeError>> + use<> {
    let (len, mut rest) = (body.len(), Some(body.clone()));
    iter::from_fn(move || {
        loop {
            let body = rest.take()?;
            let start = len - body.len();
            let entry = match body {
                Frame::Text(text) => text_entry(&text),
                Frame::Binary(bytes) => binary_entry(bytes),
            };
            let (entry, after) = match entry {
                Ok(parts) => parts,
                Err(problem) => return Some(Err(problem.at(start))),
            };
            let start = len - after.len() - entry.len();
            let is_nothing = entry.is_empty() && matches!(after, Frame::Text(_));
            rest = Some(after).filter(|after| !after.is_empty());
            if !is_nothing {
                let packet = super::decode(&entry);
                rest.take_if(|_| packet.is_err());
                return Some(packet.map_err(|error| error.problem.at(start + error.at)));
            }
        }
    })
}

/// Takes an entry off a body that is text: `6:4hello`.
fn text_entry(body: &ByteString) -> Result<(Frame, Frame), Problem> {
    let (length, content) = digits::split(body);
    let content = content.strip_prefix(':').filter(|_| !length.is_empty());
    let (entry, after, missing) =
        utf16::split_at(content.ok_or(Problem::Length)?, digits::value(length));
    if missing > 0 {
        return Err(Problem::Length);
    }
    let slice = |part| Frame::Text(body.slice_ref(part));
    Ok((slice(entry), slice(after)))
}

/// Takes an entry off a body that is bytes: `00 06 ff 34 68 65 6c 6c 6f`.
fn binary_entry(mut body: Bytes) -> Result<(Frame, Frame), Problem> {
    let kind = body.try_get_u8().map_err(|_| Problem::Empty)?;
    let digits = body.iter().take_while(|digit| **digit <= 9).count();
    let length = digits::sum(body.iter().copied().take(digits));
    if digits == 0 || body.get(digits) != Some(&END_OF_LENGTH) {
        return Err(Problem::Length);
    }
    body.advance(digits + 1);
    if length > body.len() {
        return Err(Problem::Length);
    }
    let entry = body.split_to(length);
    let entry = match kind {
        TEXT => Frame::Text(ByteString::try_from(entry).map_err(|_| Problem::Utf8)?),
        BYTES => Frame::Binary(entry),
        _ => return Err(Problem::Type),
    };
    Ok((entry, Frame::Binary(body)))
}

/// Puts frames into one body: bytes if the client takes them (`binary`) and one of the frames is bytes,
/// else text.
///
/// In a body that is text, JSON is written in ASCII: clients of Socket.IO 1 read others wrongly, and call
/// themselves by the same revision as those that do not. The namespace in front of the JSON has no such
/// spelling, and stays as it is.
pub fn encode(frames: &[Frame], binary: bool) -> Frame {
    if binary && frames.iter().any(|frame| matches!(frame, Frame::Binary(_))) {
        return Frame::Binary(encode_binary(frames));
    }
    if frames.is_empty() {
        return Frame::Text(ByteString::from_static("0:"));
    }
    let mut body = String::with_capacity(frames.iter().map(|frame| frame.len() + ENTRY_LEN).sum());
    for frame in frames {
        let text = super::to_text(frame);
        let text = to_ascii(&text);
        // Writing to a string cannot fail.
        let _ = write!(body, "{}:{text}", utf16::len(&text));
    }
    Frame::Text(body.into())
}

fn encode_binary(frames: &[Frame]) -> Bytes {
    let mut body =
        BytesMut::with_capacity(frames.iter().map(|frame| frame.len() + ENTRY_LEN).sum());
    for frame in frames {
        let (kind, content) = match frame {
            Frame::Text(text) => (TEXT, str::as_bytes(text)),
            Frame::Binary(bytes) => (BYTES, bytes.as_ref()),
        };
        body.put_u8(kind);
        body.extend(content.len().to_string().bytes().map(|digit| digit - b'0'));
        body.put_u8(END_OF_LENGTH);
        body.put(content);
    }
    body.freeze()
}

/// Room for what stands around an entry: a length of up to six digits, and two bytes.
const ENTRY_LEN: usize = 8;

/// Writes what is not ASCII in the JSON of a message as `\u` escapes; JSON has it in strings only.
fn to_ascii(packet: &str) -> Cow<'_, str> {
    let rest = packet.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    let namespace = if rest.starts_with('/') { rest.find(',').unwrap_or(rest.len()) } else { 0 };
    let start = packet.len() - rest.len() + namespace;
    let (head, json) = packet.split_at_checked(start).unwrap_or((packet, ""));
    if json.is_ascii() || !json.contains('"') {
        return packet.into();
    }
    [head, &escape(json, |c| !c.is_ascii(), put_units)].concat().into()
}

fn put_units(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::super::encode as frame;
    use super::Problem::{Base64, Empty, Length, Type, Utf8};
    use super::*;
    use crate::protocol::generate::Random;

    const MEGABYTE: usize = 1 << 20;

    fn text(text: &str) -> Frame {
        Frame::Text(text.into())
    }

    fn bytes(bytes: &[u8]) -> Frame {
        Frame::Binary(Bytes::copy_from_slice(bytes))
    }

    fn message(text: &str) -> Packet {
        Packet::Message(text.into())
    }

    fn binary(bytes: &[u8]) -> Packet {
        Packet::Binary(Bytes::copy_from_slice(bytes))
    }

    /// The packets of a body, and what ended it.
    fn read(body: &Frame) -> (Vec<Packet>, Option<DecodeError>) {
        let mut packets = Vec::new();
        let mut decoded = decode(body);
        let error = decoded.find_map(|packet| packet.map(|packet| packets.push(packet)).err());
        assert_eq!(decoded.next(), None, "an error ends the body");
        (packets, error)
    }

    #[track_caller]
    fn check(body: &Frame, packets: &[Packet]) {
        assert_eq!(read(body), (packets.to_vec(), None));
        let frames: Vec<_> = packets.iter().map(frame).collect();
        assert_eq!(&encode(&frames, matches!(body, Frame::Binary(_))), body);
    }

    #[track_caller]
    fn fails(body: &Frame, packets: &[Packet], problem: Problem, at: usize) {
        assert_eq!(read(body), (packets.to_vec(), Some(problem.at(at))));
    }

    #[test]
    fn a_body_that_is_text_counts_utf_16_code_units() {
        check(&text("0:"), &[]);
        check(&text("6:4hello2:4€"), &[message("hello"), message("€")]);
        check(&text("3:4😀"), &[message("😀")]);
        check(
            &text("1:11:66:2probe"),
            &[Packet::Close, Packet::Noop, Packet::Ping("probe".into())],
        );
        check(&text("10:b4AQIDBA==6:b4/wA="), &[binary(&[1, 2, 3, 4]), binary(&[0xFF, 0])]);
        check(&text("2:4€10:b4AQIDBA=="), &[message("€"), binary(&[1, 2, 3, 4])]);
        check(
            &text("40:461-0[\"z\",{\"_placeholder\":true,\"num\":0}]"),
            &[message(r#"61-0["z",{"_placeholder":true,"num":0}]"#)],
        );
        let (packets, error) = read(&text(
            "93:0{\"sid\":\"M36urlQ4C3Pd0uooAAAA\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\
             \"pingTimeout\":200}2:40",
        ));
        assert_eq!((packets.len(), packets.last(), error), (2, Some(&message("0")), None));
        let (packets, error) = read(&text("17:42[\"echo\",\"é€😀\"]002:40"));
        assert_eq!((packets, error), (vec![message("2[\"echo\",\"é€😀\"]"), message("0")], None));
        assert_eq!(read(&text("0:2:400:")), (vec![message("0")], None));
    }

    #[test]
    fn a_body_that_is_bytes_counts_bytes() {
        check(
            &bytes(b"\x00\x04\xff4\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04"),
            &[message("€"), binary(&[1, 2, 3, 4])],
        );
        check(
            &bytes(b"\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04"),
            &[message("hello"), binary(&[1, 2, 3, 4])],
        );
        check(
            &bytes(
                b"\x00\x04\x01\xff451-[\"bin\",{\"_placeholder\":true,\"num\":0}]\
                  \x01\x04\xff\x04\x09\x08\x07",
            ),
            &[message(r#"51-["bin",{"_placeholder":true,"num":0}]"#), binary(&[9, 8, 7])],
        );
        let large = vec![7; 123_456];
        let mut body = b"\x01\x01\x02\x03\x04\x05\x07\xff\x04".to_vec();
        body.extend(&large);
        check(&bytes(&body), &[binary(&large)]);
        // Without bytes in it, or to a client that takes none, a body is text.
        assert_eq!(encode(&[text("4hello")], true), text("6:4hello"));
        assert_eq!(encode(&[bytes(&[4, 1])], false), text("6:b4AQ=="));
        assert_eq!(encode(&[], true), text("0:"));
        assert_eq!(read(&bytes(b"\x00\x06\xffb4AQ==")), (vec![binary(&[1])], None));
        assert_eq!(read(&bytes(b"\x00\x00\x02\xff40")), (vec![message("0")], None));
    }

    #[test]
    fn json_in_a_body_that_is_text_is_ascii() {
        for (packet, ascii) in [
            (r#"42["echo-back","é€😀"]"#, r#"42["echo-back","\u00e9\u20ac\ud83d\ude00"]"#),
            (r#"43/ü,7["\\é"]"#, r#"43/ü,7["\\\u00e9"]"#),
            (r#"42/ü"ü,["é"]"#, r#"42/ü"ü,["\u00e9"]"#),
            (r#"452-/ü,12["é"]"#, r#"452-/ü,12["\u00e9"]"#),
            (r#"44{"message":"ß"}"#, r#"44{"message":"\u00df"}"#),
            ("44/é,\"ß\u{2028}\"", r#"44/é,"\u00df\u2028""#),
            ("41/é", "41/é"),
            ("4€", "4€"),
        ] {
            let entry = format!("{}:{ascii}", ascii.encode_utf16().count());
            assert_eq!(encode(&[text(packet)], true), text(&entry));
        }
        // Clients read text in a body that is bytes as it is.
        let body = encode(&[text("42[\"é\"]"), bytes(&[4])], true);
        assert_eq!(body, bytes(b"\x00\x08\xff42[\"\xc3\xa9\"]\x01\x01\xff\x04"));
    }

    #[test]
    fn a_body_is_read_up_to_the_first_error() {
        let probe = &[Packet::Ping("é".into())][..];
        for (body, packets, problem, at) in [
            ("", &[][..], Length, 0),
            (":", &[], Length, 0),
            ("4", &[], Length, 0),
            (":4", &[], Length, 0),
            ("x", &[], Length, 0),
            ("-1:4", &[], Length, 0),
            ("+1:4", &[], Length, 0),
            ("1e0:4", &[], Length, 0),
            (" 1:4", &[], Length, 0),
            ("٣:4ab", &[], Length, 0),
            ("2:4", &[], Length, 0),
            ("2:4😀", &[], Length, 0),
            ("18446744073709551617:4", &[], Length, 0),
            ("1:7", &[], Type, 2),
            ("2:2é4:4", probe, Length, 5),
            ("2:2é3", probe, Length, 5),
            ("2:2éx2:2é", probe, Length, 5),
            ("2:2é1:x2:2é", probe, Type, 7),
            ("2:2é4:b4*=", probe, Base64, 9),
        ] {
            fails(&text(body), packets, problem, at);
        }
        for (body, packets, problem, at) in [
            (&b""[..], &[][..], Empty, 0),
            (b"\x00", &[], Length, 0),
            (b"\x00\xff", &[], Length, 0),
            (b"\x00\x01", &[], Length, 0),
            (b"\x00\x01\xff", &[], Length, 0),
            (b"\x00\x0a\xff4", &[], Length, 0),
            (b"\x00\x31\xff4", &[], Length, 0),
            (b"\x00\x02\xff4", &[], Length, 0),
            (b"\x02\x01\xff4", &[], Type, 0),
            (b"4hello", &[], Length, 0),
            (b"\x00\x00\xff", &[], Empty, 3),
            (b"\x01\x00\xff", &[], Empty, 3),
            (b"\x01\x01\xff\x02", &[], Type, 3),
            (b"\x00\x02\xff4\xff", &[], Utf8, 0),
            (
                b"\x00\x03\xff2\xc3\xa9\x01\x01\xff\x04\x00\x01\xff9\x00",
                &[Packet::Ping("é".into()), binary(&[])],
                Type,
                13,
            ),
        ] {
            fails(&bytes(body), packets, problem, at);
        }
    }

    /// Quadratic time would show as a test that does not end.
    #[test]
    fn a_megabyte_of_anything_is_read_in_linear_time() {
        let digits = "9".repeat(MEGABYTE);
        fails(&text(&digits), &[], Length, 0);
        fails(&text(&format!("{digits}:4")), &[], Length, 0);
        fails(&bytes(&[9; MEGABYTE]), &[], Length, 0);
        let mut body = vec![9; MEGABYTE];
        body[0] = 1;
        body.extend([0xFF, 4]);
        fails(&bytes(&body), &[], Length, 0);
        assert_eq!(read(&text(&"1:4".repeat(MEGABYTE / 3))).0.len(), MEGABYTE / 3);
        assert_eq!(read(&text(&"0:".repeat(MEGABYTE / 2))), (vec![], None));
        assert_eq!(read(&text(&"3:4😀".repeat(MEGABYTE / 7))).0.len(), MEGABYTE / 7);
        assert_eq!(read(&bytes(&b"\x01\x01\xff\x04".repeat(MEGABYTE / 4))).0.len(), MEGABYTE / 4);
        let astral = "😀".repeat(MEGABYTE / 4);
        check(&text(&format!("{}:4{astral}", MEGABYTE / 2 + 1)), &[message(&astral)]);
    }

    #[test]
    fn a_body_cut_off_anywhere_is_read_up_to_there() {
        let packets = [message("é☃😀"), binary(&[1; 11]), Packet::Close, message("\"a\"")];
        let frames: Vec<_> = packets.iter().map(frame).collect();
        let Frame::Text(body) = encode(&frames, false) else { panic!("text") };
        for cut in (0..body.len()).filter_map(|end| body.get(..end)) {
            let (read, error) = read(&text(cut));
            assert_eq!(read, packets[..read.len()]);
            let is_whole = encode(&frames[..read.len()], false) == text(cut);
            assert_eq!(error.is_none(), is_whole && !cut.is_empty());
        }
        let Frame::Binary(body) = encode(&frames, true) else { panic!("bytes") };
        for end in 0..body.len() {
            let (read, error) = read(&bytes(&body[..end]));
            assert_eq!(read, packets[..read.len()]);
            assert_eq!(
                error.is_none(),
                encode_binary(&frames[..read.len()]) == body[..end] && end > 0
            );
        }
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        let mut random = Random::new(3);
        for round in 0..2_000 {
            let mut frames: Vec<_> =
                (0..random.below(5)).map(|_| frame(&random.packet())).collect();
            let body = encode(&frames, round % 2 == 0);
            for frame in &mut frames {
                if let (Frame::Text(_), Frame::Text(text)) = (&body, frame) {
                    *text = to_ascii(text).into_owned().into();
                }
            }
            let packets = frames.iter().map(|frame| super::super::decode(frame).unwrap()).collect();
            assert_eq!(read(&body), (packets, None));
        }
    }
}
