//! Reads a packet from its text.
//!
//! The text of one packet goes in, a [`Packet`] whose texts are slices of it comes out. The session
//! calls it for every packet. Each byte is looked at a bounded number of times, whatever the text.
//!
//! Source: `lib/parser.js` of socket.io 0.9.19, `decodePacket`.

use std::borrow::Cow;

use bytestring::ByteString;

use super::{AckRequest, Advice, Packet, PacketKind, Reason};
use crate::protocol::{digits, json};

/// The four characters that end a line in JavaScript; acknowledgement data ends at the first.
pub(super) const LINE_TERMINATORS: [char; 4] = ['\n', '\r', '\u{2028}', '\u{2029}'];

const NO_ARGS: ByteString = ByteString::from_static("[]");

/// Reads one packet; `None` if there is none in the text.
///
/// A text without the two colons that every packet has is no packet. Text in front of something that
/// looks like a packet is skipped, as the reference decoder skips it.
pub fn decode(text: &ByteString) -> Option<Packet> {
    let Parts { kind, id, wants_data, endpoint, data } = Parts::find(text)?;
    let slice = |part| text.slice_ref(part);
    let kind = match kind {
        "0" => PacketKind::Disconnect,
        "1" => PacketKind::Connect { query: slice(data) },
        "2" => PacketKind::Heartbeat,
        "3" => PacketKind::Message(slice(data)),
        "4" => PacketKind::Json(json::value(data).map_or(ByteString::from_static("false"), slice)),
        "5" => {
            let Event { name, args } = Event::read(data).unwrap_or_default();
            let name = name.and_then(json::string).map(|name| match name {
                Cow::Borrowed(name) => slice(name),
                Cow::Owned(name) => name.into(),
            });
            PacketKind::Event { name, args: args.filter(is_truthy).map_or(NO_ARGS, slice) }
        }
        "6" => {
            let (id, rest) = digits::split(data);
            let rest = rest.strip_prefix('+').unwrap_or(rest);
            let line = rest.split(LINE_TERMINATORS).next().filter(|_| !id.is_empty());
            let args = line.and_then(json::value).filter(is_truthy).map_or(NO_ARGS, slice);
            PacketKind::Ack { id: (!id.is_empty()).then(|| slice(id)), args }
        }
        "7" => {
            let mut codes = data.split('+');
            let reason = match codes.next() {
                Some("0") => Some(Reason::TransportNotSupported),
                Some("1") => Some(Reason::NotHandshaken),
                Some("2") => Some(Reason::Unauthorized),
                _ => None,
            };
            let advice = (codes.next() == Some("0")).then_some(Advice::Reconnect);
            PacketKind::Error { reason, advice }
        }
        "8" => PacketKind::Noop,
        _ => PacketKind::Unknown,
    };
    let id = (!id.is_empty()).then(|| AckRequest { id: slice(id), wants_data });
    Some(Packet { id, endpoint: slice(endpoint), kind })
}

/// The parts of a packet's text, each empty if it is not there.
struct Parts<'a> {
    kind: &'a str,
    id: &'a str,
    wants_data: bool,
    endpoint: &'a str,
    data: &'a str,
}

impl<'a> Parts<'a> {
    /// Finds the first field that can be a type: not empty, and followed by one that can be an id.
    ///
    /// `/([^:]+):([0-9]+)?(\+)?:([^:]+)?:?([\s\S]*)?/` is not anchored, yet it can begin to match
    /// nowhere but at the start of a field. In a well-formed packet that is the first field.
    fn find(mut text: &'a str) -> Option<Self> {
        loop {
            let (kind, rest) = split_field(text)?;
            if !kind.is_empty() {
                let (id, tail) = digits::split(rest);
                let without_plus = tail.strip_prefix('+');
                if let Some(tail) = without_plus.unwrap_or(tail).strip_prefix(':') {
                    let (endpoint, data) = split_field(tail).unwrap_or((tail, ""));
                    return Some(Self {
                        kind,
                        id,
                        wants_data: without_plus.is_some(),
                        endpoint,
                        data,
                    });
                }
            }
            text = rest;
        }
    }
}

/// Splits at the first colon. Fields are short, so a plain loop over bytes is the fastest search.
fn split_field(text: &str) -> Option<(&str, &str)> {
    let colon = text.bytes().position(|byte| byte == b':')?;
    Some((text.get(..colon)?, text.get(colon + 1..)?))
}

/// Whether JavaScript takes this JSON value for true: not `null`, `false`, `""` or a zero.
fn is_truthy(json: &&str) -> bool {
    match json.as_bytes() {
        b"null" | b"false" | b"\"\"" => false,
        [b'-' | b'0'..=b'9', ..] => !json.parse::<f64>().is_ok_and(|number| number == 0.0),
        _ => true,
    }
}

/// The JSON text of the two members of an event that count.
///
/// Others are ignored, and of two with the same name the last counts, as in any JavaScript object.
#[derive(Default)]
struct Event<'a> {
    name: Option<&'a str>,
    args: Option<&'a str>,
}

impl<'a> Event<'a> {
    fn read(json: &'a str) -> Option<Self> {
        let mut event = Self::default();
        let rest = json::members(json, |name, value| {
            match json::string(name).as_deref() {
                Some("name") => event.name = Some(value),
                Some("args") => event.args = Some(value),
                _ => {}
            }
            Some(())
        })?;
        json::trim_start(rest).is_empty().then_some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: usize = 1 << 20;

    fn kind(text: &str) -> PacketKind {
        decode(&text.into()).unwrap().kind
    }

    fn event(name: Option<&str>, args: &str) -> PacketKind {
        PacketKind::Event { name: name.map(Into::into), args: args.into() }
    }

    fn ack(id: Option<&str>, args: &str) -> PacketKind {
        PacketKind::Ack { id: id.map(Into::into), args: args.into() }
    }

    #[test]
    fn an_event_is_read_as_javascript_reads_an_object() {
        let cases = [
            (r#"{"args":[1] , "name":"x"}"#, Some("x"), "[1]"),
            (r#" {"name":"x", "args": [1, 2 ] }"#, Some("x"), "[1, 2 ]"),
            (r#"{"name":"a","name":"b","args":[1],"args":[2]}"#, Some("b"), "[2]"),
            (r#"{"args":[1],"args":null}"#, None, "[]"),
            (r#"{"n\u0061me":"x","\ud800":1,"__proto__":{"name":"y"}}"#, Some("x"), "[]"),
            (r#"{"name":"a\"b\\\n\u2603\ud83d\ude00"}"#, Some("a\"b\\\n☃😀"), "[]"),
            (
                r#"{"name":"\ud83d!\ude00\ud83d\ud83d\ude00"}"#,
                Some("\u{FFFD}!\u{FFFD}\u{FFFD}😀"),
                "[]",
            ),
            (r#"{"name":"","args":{"a":[{}]}}"#, Some(""), r#"{"a":[{}]}"#),
            (r#"{"name":5}"#, None, "[]"),
            (r#"{"name":null,"args":[1]}"#, None, "[1]"),
            (r#"{"name":["x"]}"#, None, "[]"),
            (r#"{"args":false}"#, None, "[]"),
            (r#"{"args":""}"#, None, "[]"),
            (r#"{"args":" "}"#, None, r#"" ""#),
            (r#"{"args":-0}"#, None, "[]"),
            (r#"{"args":0.0e9}"#, None, "[]"),
            (r#"{"args":1e-999}"#, None, "[]"),
            (r#"{"args":1e999}"#, None, "1e999"),
            (r#"{"args":0.1}"#, None, "0.1"),
            (r#"{"args":"\ud83d"}"#, None, r#""\ud83d""#),
            (r#"{"name":"x"} x"#, None, "[]"),
            (r#"{"name":"x","args":[1}"#, None, "[]"),
            (r#"{"name":"x","args":[01]}"#, None, "[]"),
            ("{\"name\":\"x\ny\"}", None, "[]"),
            (r#"{"name":"\ud83"}"#, None, "[]"),
            (r#"[["name","x"]]"#, None, "[]"),
            (r#""name""#, None, "[]"),
        ];
        for (json, name, args) in cases {
            assert_eq!(kind(&format!("5:::{json}")), event(name, args), "{json}");
        }
    }

    #[test]
    fn acknowledgement_data_is_json_up_to_the_end_of_the_line() {
        let cases = [
            ("7+[1]", Some("7"), "[1]"),
            ("7[1]", Some("7"), "[1]"),
            ("7+ [1 ] \n[2]", Some("7"), "[1 ]"),
            ("7+[\"a+b\"]", Some("7"), "[\"a+b\"]"),
            ("7++[1]", Some("7"), "[]"),
            ("7+", Some("7"), "[]"),
            ("7+null", Some("7"), "[]"),
            ("7+0", Some("7"), "[]"),
            ("7+5", Some("7"), "5"),
            ("007+[\r1]", Some("007"), "[]"),
            ("7+[\"\u{2028}\"]", Some("7"), "[]"),
            ("7+[\"\u{2029}\"]", Some("7"), "[]"),
            ("7\n+[1]", Some("7"), "[]"),
            ("x7+[1]", None, "[]"),
            ("+[1]", None, "[]"),
            ("-7", None, "[]"),
        ];
        for (data, id, args) in cases {
            assert_eq!(kind(&format!("6:::{data}")), ack(id, args), "{data:?}");
        }
    }

    #[test]
    fn only_known_codes_of_an_error_count() {
        let cases = [
            ("1+0+2", Some(Reason::NotHandshaken), Some(Advice::Reconnect)),
            ("+0", None, Some(Advice::Reconnect)),
            ("2+1", Some(Reason::Unauthorized), None),
            ("00", None, None),
            ("3", None, None),
            ("length+0", None, Some(Advice::Reconnect)),
        ];
        for (data, reason, advice) in cases {
            assert_eq!(
                kind(&format!("7:::{data}")),
                PacketKind::Error { reason, advice },
                "{data}"
            );
        }
    }

    #[test]
    fn a_packet_begins_at_the_first_field_that_an_id_follows() {
        let message = PacketKind::Message("x".into());
        let cases = [
            (":3:::x", "", "", message.clone()),
            ("::3:1:/c:x", "1", "/c", message),
            ("a:b:3::/c:d:e", "3", "", PacketKind::Unknown),
            ("3:x:3:7+:/c", "3", "7+", PacketKind::Unknown),
            ("3:+7:8:/c:d", "8", "/c", PacketKind::Unknown),
            ("é:::x", "", "", PacketKind::Unknown),
            ("03:1::x", "1", "", PacketKind::Unknown),
            ("\n3:1::x", "1", "", PacketKind::Unknown),
        ];
        for (text, id, endpoint, kind) in cases {
            let packet = decode(&text.into()).unwrap();
            assert_eq!(packet.id.map(|ack| ack.id).unwrap_or_default(), id, "{text}");
            assert_eq!((packet.endpoint, packet.kind), (endpoint.into(), kind), "{text}");
        }
        for text in ["", ":", "::", ":::x", "3", "3:", "3:1", "3:1+", "é", "é:é"] {
            assert_eq!(decode(&text.into()), None, "{text}");
        }
    }

    #[test]
    fn texts_of_a_packet_are_slices_of_its_text() {
        let text = ByteString::from(r#"5:7+:/chat:{"name":"add","args":[1]}"#);
        let packet = decode(&text).unwrap();
        let PacketKind::Event { name: Some(name), args } = packet.kind else { panic!("no event") };
        for part in [packet.id.unwrap().id, packet.endpoint, name, args] {
            assert!(text.as_bytes().as_ptr_range().contains(&part.as_bytes().as_ptr()), "{part}");
        }
    }

    /// Quadratic time would show as a test that does not end.
    #[test]
    fn a_megabyte_of_anything_is_read_in_linear_time() {
        let digits = "1".repeat(MEGABYTE);
        let zeros = "0".repeat(MEGABYTE);
        let packet = decode(&format!("3:{digits}+::x").into()).unwrap();
        assert_eq!(packet.id, Some(AckRequest { id: (&*digits).into(), wants_data: true }));
        assert_eq!(kind(&format!("{digits}:::x")), PacketKind::Unknown);
        assert_eq!(kind(&format!("6:::{digits}+[1]")), ack(Some(&digits), "[1]"));
        assert_eq!(kind(&format!("6:::1+{digits}")), ack(Some("1"), &digits));
        assert_eq!(kind(&format!("6:::1+0.{zeros}")), ack(Some("1"), "[]"));
        assert_eq!(kind(&format!("7:::{digits}")), kind("7::"));
        assert_eq!(kind(&format!("4:::{digits}")), PacketKind::Json((&*digits).into()));

        assert_eq!(decode(&":".repeat(MEGABYTE).into()), None);
        assert_eq!(decode(&"1:x".repeat(MEGABYTE / 3).into()), None);
        assert_eq!(decode(&format!("1:{digits}").into()), None);
        let members = r#""\u006e":"\ud800","#.repeat(MEGABYTE / 18);
        let data = format!(r#"{{{members}"name":"x"}}"#);
        assert_eq!(kind(&format!("5:::{data}")), event(Some("x"), "[]"));
    }

    #[test]
    fn depth_is_no_danger() {
        let open = "[".repeat(MEGABYTE);
        let nested = format!("{open}{}", "]".repeat(MEGABYTE));
        assert_eq!(kind(&format!("4:::{open}")), PacketKind::Json("false".into()));
        assert_eq!(kind(&format!("4:::{nested}")), PacketKind::Json((&*nested).into()));
        assert_eq!(kind(&format!("5:::{open}")), event(None, "[]"));
        assert_eq!(kind(&format!(r#"5:::{{"args":{nested}}}"#)), event(None, &nested));
        assert_eq!(kind(&format!("6:::1+{open}")), ack(Some("1"), "[]"));
        assert_eq!(kind(&format!("6:::1+{nested}")), ack(Some("1"), &nested));
    }

    #[test]
    fn a_packet_cut_off_anywhere_is_read_and_written_again() {
        let packets = [
            "é:é:3::é",
            "1::/é:?é=😀",
            "3:12+:/é☃:é☃😀",
            r#"4:1::{"é":["\ud83d\ude00😀",-0.5e-3,null,true]}"#,
            r#"5:7+:/é:{"n\u0061me":"é\n☃\ud83d","args":["😀",{"a":[]}],"x":1}"#,
            "6::/é:7+[\"é\",\u{2028}]",
            "7::/é:1+0+é",
        ];
        for packet in packets {
            for end in 0..=packet.len() {
                let text = String::from_utf8_lossy(&packet.as_bytes()[..end]).into_owned();
                let Some(packet) = decode(&text.into()) else { continue };
                let again = decode(&packet.encode()).unwrap();
                assert_eq!((again.id, again.endpoint), (packet.id, packet.endpoint));
                if packet.kind != PacketKind::Unknown {
                    assert_eq!(again.kind, packet.kind);
                }
            }
        }
    }
}
