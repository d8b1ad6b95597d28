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
use std::fmt;

use bytestring::ByteString;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

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

/// Reads the packet of one message.
///
/// # Errors
///
/// When it is none, or one that the rules forbid.
pub fn decode(text: &ByteString, rules: &Rules) -> Result<Packet, DecodeError> {
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
        "0" if rest.is_empty() => PacketKind::Connect { data: ByteString::new() },
        "0" => PacketKind::Connect { data: rest.json(&["{"], "an object or nothing")? },
        "1" if rest.is_empty() => PacketKind::Disconnect,
        "1" => return Err(rest.error("nothing")),
        "2" | "5" => {
            let id = rest.take_id()?;
            let json = rest.packet.slice_ref(rest.rest);
            let event = split_event(&json).ok_or(rest.error("an array that begins with a name"));
            let (name, args) = event?;
            if rules.protocol == Protocol::V5 && RESERVED_EVENTS.contains(&&*name) {
                return Err(DecodeError::ReservedName);
            }
            let ack = Some(id).filter(|id| !id.is_empty());
            PacketKind::Event { name, args, ack, attachments }
        }
        "3" | "6" => {
            let at = rest.at();
            let id = rest.take_id()?;
            let args = rest.json(&["["], "an array")?;
            if id.is_empty() {
                return Err(DecodeError::AckId { at });
            }
            PacketKind::Ack { id, args, attachments }
        }
        "4" => PacketKind::ConnectError { data: rest.json(&["{", "\""], "an object or a string")? },
        _ => return Err(DecodeError::Type),
    };
    Ok(Packet { namespace: text.slice_ref(namespace), kind })
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
pub fn split_event(json: &ByteString) -> Option<(ByteString, ByteString)> {
    let FirstElement(first) = serde_json::from_str(json).ok()?;
    let name = match first.as_bytes() {
        [b'-' | b'0'..=b'9', ..] => json.slice_ref(first),
        _ => match json::string(first)? {
            Cow::Borrowed(name) => json.slice_ref(name),
            Cow::Owned(name) => name.into(),
        },
    };
    let elements = json.trim().strip_prefix('[')?.trim_start();
    let args = elements.strip_prefix(first)?.trim_start();
    Some((name, json.slice_ref(args.strip_prefix(',').unwrap_or(args))))
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
    packet: &'a ByteString,
    rest: &'a str,
}

impl Rest<'_> {
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
    fn take_id(&mut self) -> Result<ByteString, DecodeError> {
        let (id, rest) = digits::split(self.rest);
        if id.len() > MAX_ACK_ID_DIGITS {
            return Err(DecodeError::AckId { at: self.at() });
        }
        self.rest = rest;
        Ok(self.packet.slice_ref(id))
    }

    /// Everything, if it is JSON that begins with one of these.
    fn json(&self, begins: &[&str], expected: &'static str) -> Result<ByteString, DecodeError> {
        let json = json::value(self.rest);
        let json = json.filter(|json| begins.iter().any(|begin| json.starts_with(begin)));
        json.map(|json| self.packet.slice_ref(json)).ok_or(self.error(expected))
    }
}

/// The text of the first element of a JSON array, all of which is validated.
struct FirstElement<'a>(&'a str);

impl<'de: 'a, 'a> Deserialize<'de> for FirstElement<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(FirstElementVisitor)
    }
}

struct FirstElementVisitor;

impl<'de> Visitor<'de> for FirstElementVisitor {
    type Value = FirstElement<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array that is not empty")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<FirstElement<'de>, A::Error> {
        let first: Option<&RawValue> = array.next_element()?;
        let first = first.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(FirstElement(first.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: usize = 1 << 20;
    const V4: Rules = Rules::new(Protocol::V4);
    const V5: Rules = Rules::new(Protocol::V5);

    fn packet(text: &str) -> Result<Packet, DecodeError> {
        decode(&text.into(), &V5)
    }

    fn event(name: &str, args: &str, ack: Option<&str>, attachments: usize) -> PacketKind {
        let ack = ack.map(Into::into);
        PacketKind::Event { name: name.into(), args: args.into(), ack, attachments }
    }

    fn ack(id: &str, args: &str, attachments: usize) -> PacketKind {
        PacketKind::Ack { id: id.into(), args: args.into(), attachments }
    }

    fn connect(data: &str) -> PacketKind {
        PacketKind::Connect { data: data.into() }
    }

    fn refusal(data: &str) -> PacketKind {
        PacketKind::ConnectError { data: data.into() }
    }

    fn payload(expected: &'static str, at: usize) -> DecodeError {
        DecodeError::Payload { expected, at }
    }

    const NAMED_ARRAY: &str = "an array that begins with a name";
    const OBJECT: &str = "an object or nothing";
    const REFUSAL: &str = "an object or a string";

    #[test]
    fn packets_of_both_protocols_have_one_grammar() {
        for (text, namespace, kind) in [
            ("0", "", connect("")),
            ("0{\"a\":1}", "", connect("{\"a\":1}")),
            ("0/admin", "/admin", connect("")),
            ("0/admin,", "/admin", connect("")),
            ("0/admin,{\"token\":\"nope\"}", "/admin", connect("{\"token\":\"nope\"}")),
            ("0/admin?token=1234&uid=abcd,", "/admin?token=1234&uid=abcd", connect("")),
            ("0/,", "", connect("")),
            ("0/", "", connect("")),
            ("0/é/x y", "/é/x y", connect("")),
            ("1", "", PacketKind::Disconnect),
            ("1/admin,", "/admin", PacketKind::Disconnect),
            ("1/admin", "/admin", PacketKind::Disconnect),
            ("2[\"ask-me\"]", "", event("ask-me", "]", None, 0)),
            ("212[\"foo\"]", "", event("foo", "]", Some("12"), 0)),
            ("2/admin,456[\"a\",123]", "/admin", event("a", "123]", Some("456"), 0)),
            (
                "2[\"echo\",\"hello\",1,{\"a\":[true,null]},\"é€😀\"]",
                "",
                event("echo", "\"hello\",1,{\"a\":[true,null]},\"é€😀\"]", None, 0),
            ),
            ("2/,0[\"x\"]", "", event("x", "]", Some("0"), 0)),
            ("2007[\"x\"]", "", event("x", "]", Some("007"), 0)),
            ("2 [ \"x\" , 1 , 2 ] ", "", event("x", " 1 , 2 ]", None, 0)),
            ("2[\"x\" ]", "", event("x", "]", None, 0)),
            ("2[\"\",\"\"]", "", event("", "\"\"]", None, 0)),
            ("2[\"a\\n\\u2603\\ud83d\",1]", "", event("a\n☃\u{FFFD}", "1]", None, 0)),
            ("2[1,\"x\"]", "", event("1", "\"x\"]", None, 0)),
            ("2[-1.5e3]", "", event("-1.5e3", "]", None, 0)),
            ("31[]", "", ack("1", "[]", 0)),
            ("3/admin,13[\"bar\"]", "/admin", ack("13", "[\"bar\"]", 0)),
            ("4{\"message\":\"Not authorized\"}", "", refusal("{\"message\":\"Not authorized\"}")),
            ("4/admin,\"Not authorized\"", "/admin", refusal("\"Not authorized\"")),
            (
                "51-[\"baz\",{\"_placeholder\":true,\"num\":0}]",
                "",
                event("baz", "{\"_placeholder\":true,\"num\":0}]", None, 1),
            ),
            ("52-/admin,[\"baz\",0]", "/admin", event("baz", "0]", None, 2)),
            ("51-/admin,456[\"x\"]", "/admin", event("x", "]", Some("456"), 1)),
            ("510-[\"x\"]", "", event("x", "]", None, 10)),
            ("5002-[\"x\"]", "", event("x", "]", None, 2)),
            ("61-15[\"bar\"]", "", ack("15", "[\"bar\"]", 1)),
            ("62-/admin,789[0,1]", "/admin", ack("789", "[0,1]", 2)),
        ] {
            let expected = Ok(Packet { namespace: namespace.into(), kind });
            assert_eq!(packet(text), expected, "{text}");
            assert_eq!(decode(&text.into(), &V4), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_packet_is_an_error() {
        let count = DecodeError::AttachmentCount { least: 1 };
        for (text, error) in [
            ("", DecodeError::Empty),
            ("7", DecodeError::Type),
            ("999", DecodeError::Type),
            ("é", DecodeError::Type),
            ("[\"x\"]", DecodeError::Type),
            ("5", count),
            ("51", count),
            ("5a-", count),
            ("51.23-", count),
            ("5-1-[\"x\"]", count),
            ("51e0-[\"x\"]", count),
            ("5 1-[\"x\"]", count),
            ("5-[\"x\"]", count),
            ("50-[\"x\"]", count),
            ("60-1[]", count),
            ("511-[\"x\"]", DecodeError::TooManyAttachments { limit: 10 }),
            ("599999999999999999999999-", DecodeError::TooManyAttachments { limit: 10 }),
            ("0/admin,\"invalid\"", payload(OBJECT, 8)),
            ("0[]", payload(OBJECT, 1)),
            ("0null", payload(OBJECT, 1)),
            ("0{", payload(OBJECT, 1)),
            ("0{}{}", payload(OBJECT, 1)),
            ("012{}", payload(OBJECT, 1)),
            ("1/admin,{}", payload("nothing", 8)),
            ("11", payload("nothing", 1)),
            ("2", payload(NAMED_ARRAY, 1)),
            ("2/admin", payload(NAMED_ARRAY, 7)),
            ("2/admin,", payload(NAMED_ARRAY, 8)),
            ("2/é[\"x\"]", payload(NAMED_ARRAY, 9)),
            ("212", payload(NAMED_ARRAY, 3)),
            ("2/admin,{}", payload(NAMED_ARRAY, 8)),
            ("2\"x\"", payload(NAMED_ARRAY, 1)),
            ("2[]", payload(NAMED_ARRAY, 1)),
            ("2[true,\"foo\"]", payload(NAMED_ARRAY, 1)),
            ("2[null,\"bar\"]", payload(NAMED_ARRAY, 1)),
            ("2[{},\"x\"]", payload(NAMED_ARRAY, 1)),
            ("2[[\"x\"]]", payload(NAMED_ARRAY, 1)),
            ("2[\"x\"", payload(NAMED_ARRAY, 1)),
            ("2[\"x\",]", payload(NAMED_ARRAY, 1)),
            ("2[\"x\",1", payload(NAMED_ARRAY, 1)),
            ("2[\"x\",tru]", payload(NAMED_ARRAY, 1)),
            ("2[\"x\"]]", payload(NAMED_ARRAY, 1)),
            ("2[\"x\"],1", payload(NAMED_ARRAY, 1)),
            ("2[\"x\n\"]", payload(NAMED_ARRAY, 1)),
            ("2[\"\\x\"]", payload(NAMED_ARRAY, 1)),
            ("2-1[\"x\"]", payload(NAMED_ARRAY, 1)),
            ("2٣[\"x\"]", payload(NAMED_ARRAY, 1)),
            ("3[]", DecodeError::AckId { at: 1 }),
            ("3/admin,[]", DecodeError::AckId { at: 8 }),
            ("31", payload("an array", 2)),
            ("31{}", payload("an array", 2)),
            ("31[", payload("an array", 2)),
            ("4", payload(REFUSAL, 1)),
            ("4[]", payload(REFUSAL, 1)),
            ("4null", payload(REFUSAL, 1)),
            ("442[\"some\",\"data\"", payload(REFUSAL, 1)),
        ] {
            assert_eq!(packet(text), Err(error), "{text}");
        }
    }

    #[test]
    fn protocol_4_knows_no_reserved_names_and_counts_from_0() {
        for name in RESERVED_EVENTS {
            let text = format!("2[\"{name}\",1]");
            assert_eq!(packet(&text), Err(DecodeError::ReservedName));
            assert_eq!(decode(&text.into(), &V4).unwrap().kind, event(name, "1]", None, 0));
        }
        assert_eq!(packet("2[\"\\u0063onnect\"]"), Err(DecodeError::ReservedName));
        assert_eq!(packet("2[\"Connect\"]").unwrap().kind, event("Connect", "]", None, 0));
        assert_eq!(decode(&"50-[\"x\"]".into(), &V4).unwrap().kind, event("x", "]", None, 0));
        let count = DecodeError::AttachmentCount { least: 0 };
        assert_eq!(decode(&"5-[\"x\"]".into(), &V4), Err(count));
    }

    #[test]
    fn what_a_packet_may_have_is_set_by_rules() {
        let rules = Rules { max_attachments: 2, ..V5 };
        assert!(decode(&"52-[\"x\"]".into(), &rules).is_ok());
        let error = DecodeError::TooManyAttachments { limit: 2 };
        assert_eq!(decode(&"53-[\"x\"]".into(), &rules), Err(error));
        let digits = "9".repeat(MAX_ACK_ID_DIGITS);
        assert_eq!(
            packet(&format!("2{digits}[\"x\"]")).unwrap().kind,
            event("x", "]", Some(&digits), 0)
        );
        assert_eq!(packet(&format!("3{digits}[]")).unwrap().kind, ack(&digits, "[]", 0));
        for kind in ["2", "3"] {
            let error = DecodeError::AckId { at: 1 };
            assert_eq!(packet(&format!("{kind}{digits}0[\"x\"]")), Err(error));
        }
    }

    #[test]
    fn texts_are_slices_of_the_message() {
        let text: ByteString = r#"2/chat,7["say",{"big":"argument"}]"#.into();
        let Packet { namespace, kind } = decode(&text, &V5).unwrap();
        let PacketKind::Event { name, args, ack: Some(ack), .. } = kind else { panic!("an event") };
        for part in [namespace, name, args, ack] {
            assert!(text.as_bytes().as_ptr_range().contains(&part.as_bytes().as_ptr()), "{part}");
        }
    }

    /// Quadratic time would show as a test that does not end.
    #[test]
    fn a_megabyte_of_anything_is_read_in_linear_time() {
        let digits = "9".repeat(MEGABYTE);
        let count = DecodeError::AttachmentCount { least: 1 };
        let too_many = DecodeError::TooManyAttachments { limit: 10 };
        let id = |at| DecodeError::AckId { at };
        assert_eq!(packet(&format!("5{digits}")), Err(count));
        assert_eq!(packet(&format!("5{digits}-")), Err(too_many));
        assert_eq!(packet(&format!("2{digits}")), Err(id(1)));
        assert_eq!(packet(&format!("2/x,{digits}[\"x\"]")), Err(id(4)));
        assert_eq!(packet(&format!("3{digits}[]")), Err(id(1)));
        assert_eq!(packet(&format!("1{digits}")), Err(payload("nothing", 1)));
        let namespace = format!("/{digits}");
        assert_eq!(packet(&format!("0{namespace}")).unwrap().namespace, namespace);
        assert_eq!(packet(&format!("2[{digits}]")).unwrap().kind, event(&digits, "]", None, 0));
        assert_eq!(packet(&format!("2[\"{digits}\"]")).unwrap().kind, event(&digits, "]", None, 0));
        let escapes = "\\u0061".repeat(MEGABYTE / 6);
        let name = "a".repeat(MEGABYTE / 6);
        assert_eq!(packet(&format!("2[\"{escapes}\"]")).unwrap().kind, event(&name, "]", None, 0));
        let args = format!("{}1]", "1,".repeat(MEGABYTE / 2));
        assert_eq!(packet(&format!("2[\"x\",{args}")).unwrap().kind, event("x", &args, None, 0));
    }

    #[test]
    fn depth_is_no_danger() {
        let open = "[".repeat(MEGABYTE);
        let nested = format!("{open}{}", "]".repeat(MEGABYTE));
        let objects = format!("{}1{}", "{\"\":".repeat(MEGABYTE), "}".repeat(MEGABYTE));
        assert_eq!(packet(&format!("2{open}")), Err(payload(NAMED_ARRAY, 1)));
        assert_eq!(packet(&format!("2{nested}")), Err(payload(NAMED_ARRAY, 1)));
        assert_eq!(packet(&format!("2[\"x\",{open}")), Err(payload(NAMED_ARRAY, 1)));
        for deep in [&nested, &objects] {
            let args = format!("{deep}]");
            assert_eq!(
                packet(&format!("2[\"x\",{args}")).unwrap().kind,
                event("x", &args, None, 0)
            );
        }
        assert_eq!(packet(&format!("31{nested}")).unwrap().kind, ack("1", &nested, 0));
        assert_eq!(packet(&format!("0{objects}")).unwrap().kind, connect(&objects));
    }

    #[test]
    fn a_packet_cut_off_anywhere_is_read_or_refused() {
        let packets = [
            "0/é?x=😀,{\"é\":\"\\ud83d\\ude00\"}",
            "1/é☃,",
            "2/é,12[\"é\\u00e9😀\",{\"a\":[-0.5e-3,null]},\"☃\"]",
            "510-/é,3[\"é\",{\"_placeholder\":true,\"num\":0}]",
            "61-/é,12[\"é😀\"]",
            "4/é,\"é\\n😀\"",
        ];
        for text in packets {
            for end in 0..text.len() {
                let cut = String::from_utf8_lossy(&text.as_bytes()[..end]).into_owned();
                for rules in [V4, V5] {
                    let Ok(packet) = decode(&(&*cut).into(), &rules) else { continue };
                    assert_eq!(decode(&packet.encode(), &rules), Ok(packet), "{cut}");
                }
            }
            assert!(packet(text).is_ok());
        }
    }
}
