//! Writes a packet as text.
//!
//! A [`Packet`] goes in, the text of one frame comes out. The session calls it for every packet, or
//! once for a broadcast. The text is built in one allocation of exactly its size; only an event name
//! that needs escapes, or an acknowledgement with line ends in it, costs another.
//!
//! Source: socket.io-spec revision 1, "Encoding"; `lib/parser.js` of socket.io 0.9.19,
//! `encodePacket`.

use std::borrow::Cow;

use bytestring::ByteString;

use super::decode::LINE_TERMINATORS;
use super::{Advice, Packet, PacketKind, Reason};
use crate::protocol::engineio::Queued;
use crate::protocol::json::{escape, needs_escape, put_escape};

impl Packet {
    /// Writes the packet. The third colon is left out if no data follows it, empty arguments too.
    ///
    /// ```
    /// use socketio_core::protocol::legacy::{Packet, PacketKind};
    ///
    /// let packet = Packet::new("/chat", PacketKind::Message("hello".into()));
    /// assert_eq!(packet.encode(), "3::/chat:hello");
    /// ```
    pub fn encode(&self) -> ByteString {
        let (id, plus) = match &self.id {
            Some(ack) => (&*ack.id, if ack.wants_data { "+" } else { "" }),
            None => ("", ""),
        };
        let escaped;
        let data = match &self.kind {
            PacketKind::Connect { query: text }
            | PacketKind::Message(text)
            | PacketKind::Json(text)
                if !text.is_empty() =>
            {
                [":", text, "", "", ""]
            }
            PacketKind::Event { name: Some(name), args } => {
                escaped = escape(name, needs_escape, put_escape);
                match given(args) {
                    Some(args) => [":{\"name\":\"", &escaped, "\",\"args\":", args, "}"],
                    None => [":{\"name\":\"", &escaped, "\"}", "", ""],
                }
            }
            PacketKind::Event { name: None, args } => match given(args) {
                Some(args) => [":{\"args\":", args, "}", "", ""],
                None => [":{}", "", "", "", ""],
            },
            PacketKind::Ack { id: Some(id), args } => match given(args) {
                Some(args) => {
                    escaped = escape(args, |c| LINE_TERMINATORS.contains(&c), put_on_one_line);
                    [":", id, "+", &escaped, ""]
                }
                None => [":", id, "", "", ""],
            },
            PacketKind::Error { reason, advice } => match (reason.map(Reason::code), advice) {
                (None, None) => [""; 5],
                (reason, Some(Advice::Reconnect)) => [":", reason.unwrap_or(""), "+0", "", ""],
                (Some(reason), None) => [":", reason, "", "", ""],
            },
            _ => [""; 5],
        };
        let [d0, d1, d2, d3, d4] = data;
        let text = [self.kind.code(), ":", id, plus, ":", &*self.endpoint, d0, d1, d2, d3, d4];
        text.concat().into()
    }
}

/// An acknowledgement: that packet, whose data is not copied if it stands on one line.
pub(crate) fn acknowledgement(endpoint: &str, id: &str, args: ByteString) -> Queued {
    let Some(data) = given(&args) else {
        return Queued::text(&["6::", endpoint, ":", id], ByteString::new());
    };
    let data = match escape(data, |c| LINE_TERMINATORS.contains(&c), put_on_one_line) {
        Cow::Borrowed(_) => args,
        Cow::Owned(data) => data.into(),
    };
    Queued::text(&["6::", endpoint, ":", id, "+"], data)
}

impl PacketKind {
    /// The digit that stands for the type.
    fn code(&self) -> &'static str {
        match self {
            Self::Disconnect => "0",
            Self::Connect { .. } => "1",
            Self::Heartbeat => "2",
            Self::Message(_) => "3",
            Self::Json(_) => "4",
            Self::Event { .. } => "5",
            Self::Ack { .. } => "6",
            Self::Error { .. } => "7",
            Self::Noop | Self::Unknown => "8",
        }
    }
}

impl Reason {
    fn code(self) -> &'static str {
        match self {
            Self::TransportNotSupported => "0",
            Self::NotHandshaken => "1",
            Self::Unauthorized => "2",
        }
    }
}

/// The arguments, if there are any to write.
fn given(args: &str) -> Option<&str> {
    (!matches!(args, "" | "[]")).then_some(args)
}

/// Keeps JSON text on one line, since clients read the data of an acknowledgement up to the line's end.
///
/// In valid JSON `\n` and `\r` stand between tokens only, U+2028 and U+2029 in strings only.
fn put_on_one_line(out: &mut String, c: char) {
    match c {
        '\n' | '\r' => out.push(' '),
        _ => put_escape(out, c),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AckRequest, decode};
    use super::*;
    use crate::protocol::engineio::Frame;

    fn check(kind: PacketKind, text: &str) {
        assert_eq!(Packet::new("", kind).encode(), text);
    }

    fn event(name: Option<&str>, args: &'static str) -> PacketKind {
        PacketKind::Event { name: name.map(Into::into), args: ByteString::from_static(args) }
    }

    #[test]
    fn an_event_is_compact_json_without_what_is_empty() {
        check(event(Some("x"), "[]"), r#"5:::{"name":"x"}"#);
        check(event(Some("x"), ""), r#"5:::{"name":"x"}"#);
        check(event(Some("x"), "[1]"), r#"5:::{"name":"x","args":[1]}"#);
        check(event(None, "[1]"), r#"5:::{"args":[1]}"#);
        check(event(None, "[]"), "5:::{}");
    }

    #[test]
    fn an_event_name_is_escaped_as_json_and_no_more() {
        let cases = [
            ("a/b<é☃😀\u{7f}\u{2028}", "a/b<é☃😀\u{7f}\u{2028}"),
            ("\"", "\\\""),
            ("a\\b\"", "a\\\\b\\\""),
            ("\n\r\t\x08\x0c", "\\n\\r\\t\\b\\f"),
            ("é\0\x1f😀", "é\\u0000\\u001f😀"),
        ];
        for (name, escaped) in cases {
            let text = format!(r#"5:::{{"name":"{escaped}"}}"#);
            check(event(Some(name), "[]"), &text);
            assert_eq!(decode(&text.into()).unwrap().kind, event(Some(name), "[]"));
        }
    }

    #[test]
    fn acknowledgement_data_stays_on_one_line() {
        for (args, data) in [
            ("[]", ""),
            ("[3]", "+[3]"),
            ("[\n1,\r\n2]\n", "+[ 1,  2] "),
            ("[\"\u{2028}\u{2029}\"]", "+[\"\\u2028\\u2029\"]"),
        ] {
            let (args, text) = (ByteString::from_static(args), format!("6:::7{data}"));
            let written = acknowledgement("", "7", args.clone()).into_frame();
            assert_eq!(written, Frame::Text(text.clone().into()));
            check(PacketKind::Ack { id: Some("7".into()), args }, &text);
        }
        check(PacketKind::Ack { id: None, args: "[1]".into() }, "6::");
    }

    #[test]
    fn an_error_has_the_codes_it_has() {
        let error = |reason, advice| PacketKind::Error { reason, advice };
        check(error(None, None), "7::");
        check(error(None, Some(Advice::Reconnect)), "7:::+0");
        check(error(Some(Reason::TransportNotSupported), None), "7:::0");
        check(error(Some(Reason::NotHandshaken), Some(Advice::Reconnect)), "7:::1+0");
    }

    #[test]
    fn a_packet_without_data_has_two_colons() {
        check(PacketKind::Disconnect, "0::");
        check(PacketKind::Connect { query: "".into() }, "1::");
        check(PacketKind::Connect { query: "?a=b".into() }, "1:::?a=b");
        check(PacketKind::Json("".into()), "4::");
        check(PacketKind::Noop, "8::");
        check(PacketKind::Unknown, "8::");
    }

    #[test]
    fn an_id_says_whether_data_is_wanted() {
        for (wants_data, text) in [(false, "3:7:/chat:x"), (true, "3:7+:/chat:x")] {
            let id = Some(AckRequest { id: "7".into(), wants_data });
            let kind = PacketKind::Message("x".into());
            assert_eq!(Packet { id, endpoint: "/chat".into(), kind }.encode(), text);
        }
    }
}
