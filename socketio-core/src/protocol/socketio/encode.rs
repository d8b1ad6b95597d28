//! Writes a packet as text.
//!
//! A [`Packet`] goes in, the text of one message comes out; the messages of its attachments follow it as
//! they are. The session calls it for every packet but acknowledgements, for which [`acknowledgement`] copies less, and once
//! for a broadcast. The text is built in one
//! allocation of exactly its size; only an event name that needs escapes costs another.
//!
//! Source: Socket.IO protocol v5, "Packet encoding"; socket.io-parser 4.2.7, `encodeAsString`; for refusals,
//! lib/socket.ts of socket.io 4.8.4 and lib/socket.js of 2.5.1.

use std::ops::Deref;

use bytestring::ByteString;

use super::{Packet, PacketKind, Protocol};
use crate::protocol::engineio::{MESSAGE, Queued};
use crate::protocol::json::{escape, needs_escape, put_escape};

impl<T: Deref<Target = str>> Packet<T> {
    /// Writes the packet.
    ///
    /// ```
    /// use socketio_core::protocol::socketio::{Packet, PacketKind};
    ///
    /// let args = "1,2]".into();
    /// let kind = PacketKind::Event { name: "add".into(), args, ack: None, attachments: 0 };
    /// let packet: Packet = Packet { namespace: "/math".into(), kind };
    /// assert_eq!(packet.encode(), r#"2/math,["add",1,2]"#);
    /// ```
    pub fn encode(&self) -> ByteString {
        self.encode_behind("")
    }

    /// Writes the packet behind the mark of the message that carries it.
    pub(crate) fn encode_behind(&self, mark: &str) -> ByteString {
        let (kind, attachments) = (self.kind.code(), self.kind.attachments());
        let count = if attachments > 0 { format!("{attachments}-") } else { String::new() };
        let comma = if self.namespace.is_empty() { "" } else { "," };
        let escaped;
        let data = match &self.kind {
            PacketKind::Connect { data } | PacketKind::ConnectError { data } => {
                [&**data, "", "", "", ""]
            }
            PacketKind::Disconnect => [""; 5],
            PacketKind::Event { name, args, ack, .. } => {
                escaped = escape(name, needs_escape, put_escape);
                let separator = if args.starts_with(']') { "\"" } else { "\"," };
                [ack.as_deref().unwrap_or_default(), "[\"", &escaped, separator, args]
            }
            PacketKind::Ack { id, args, .. } => [&**id, args, "", "", ""],
        };
        let [d0, d1, d2, d3, d4] = data;
        let parts = [mark, kind, &count, &*self.namespace, comma, d0, d1, d2, d3, d4];
        let mut text = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        parts.iter().filter(|part| !part.is_empty()).for_each(|part| text.push_str(part));
        text.into()
    }
}

impl Packet {
    /// Tells a client that it is in. Clients of protocol 5 are told their id there, those of protocol 4
    /// know it. `pid` is what a client of protocol 5 is to say that wants this connection back.
    ///
    /// ```text
    /// 0/admin,{"sid":"…"}      0/admin,{"sid":"…","pid":"…"}      0/admin,
    /// ```
    pub fn connected(
        namespace: ByteString,
        protocol: Protocol,
        sid: &str,
        pid: Option<&str>,
    ) -> Self {
        let data = match (protocol, pid) {
            (Protocol::V4, _) => ByteString::new(),
            (Protocol::V5, None) => format!("{{\"sid\":{}}}", quote(sid)).into(),
            (Protocol::V5, Some(pid)) => {
                format!("{{\"sid\":{},\"pid\":{}}}", quote(sid), quote(pid)).into()
            }
        };
        Self { namespace, kind: PacketKind::Connect { data } }
    }

    /// Tells a client that it is not let in. `data` is JSON text, or empty; clients of protocol 4 are told
    /// the message only if there is none.
    ///
    /// ```text
    /// 4/admin,{"message":"not authorized","data":{"code":7}}      4/admin,{"code":7}
    /// 4/admin,{"message":"not authorized"}                        4/admin,"not authorized"
    /// ```
    pub fn refused(
        namespace: ByteString,
        protocol: Protocol,
        message: &str,
        data: &ByteString,
    ) -> Self {
        let message = quote(message);
        let data = match protocol {
            Protocol::V4 if data.is_empty() => message.into(),
            Protocol::V4 => data.clone(),
            Protocol::V5 if data.is_empty() => format!("{{\"message\":{message}}}").into(),
            Protocol::V5 => format!("{{\"message\":{message},\"data\":{data}}}").into(),
        };
        Self { namespace, kind: PacketKind::ConnectError { data } }
    }
}

/// An acknowledgement without attachments, as the message that carries it: that packet, whose data is not copied.
pub(crate) fn acknowledgement(namespace: &str, id: &str, args: ByteString) -> Queued {
    let comma = if namespace.is_empty() { "" } else { "," };
    Queued::text(&[MESSAGE, "3", namespace, comma, id], args)
}

impl<T> PacketKind<T> {
    /// The digit that stands for the type.
    const fn code(&self) -> &'static str {
        match self {
            Self::Connect { .. } => "0",
            Self::Disconnect => "1",
            Self::Event { attachments: 0, .. } => "2",
            Self::Ack { attachments: 0, .. } => "3",
            Self::ConnectError { .. } => "4",
            Self::Event { .. } => "5",
            Self::Ack { .. } => "6",
        }
    }
}

/// A text as a JSON string.
fn quote(text: &str) -> String {
    format!("\"{}\"", escape(text, needs_escape, put_escape))
}

#[cfg(test)]
mod tests {
    use super::super::{MAX_ACK_ID_DIGITS, Rules, decode};
    use super::*;
    use crate::protocol::engineio::Frame;
    use crate::protocol::generate::Random;

    #[test]
    fn an_acknowledgement_is_written_as_its_packet_is() {
        for namespace in ["", "/a"] {
            let kind = PacketKind::Ack { id: "12", args: "[3]", attachments: 0 };
            let text = Packet { namespace, kind }.encode_behind(MESSAGE);
            let written = acknowledgement(namespace, "12", "[3]".into()).into_frame();
            assert_eq!(written, Frame::Text(text));
        }
    }

    #[track_caller]
    fn check(namespace: &str, kind: PacketKind, text: &str) {
        let packet = Packet { namespace: namespace.into(), kind };
        assert_eq!(packet.encode(), text);
        assert_eq!(decode(&text.into(), &Rules::new(Protocol::V5)), Ok(packet));
    }

    fn event(name: &str, args: &str, ack: Option<&str>, attachments: usize) -> PacketKind {
        let ack = ack.map(Into::into);
        PacketKind::Event { name: name.into(), args: args.into(), ack, attachments }
    }

    fn ack(id: &str, args: &str, attachments: usize) -> PacketKind {
        PacketKind::Ack { id: id.into(), args: args.into(), attachments }
    }

    #[test]
    fn a_namespace_is_followed_by_a_comma_and_attachments_change_the_type() {
        check("", PacketKind::Connect { data: "".into() }, "0");
        check("/admin", PacketKind::Connect { data: "".into() }, "0/admin,");
        check("", PacketKind::Disconnect, "1");
        check("/admin", PacketKind::Disconnect, "1/admin,");
        check("", event("foo", "]", Some("12"), 0), r#"212["foo"]"#);
        check("/admin", event("a", "123]", Some("456"), 0), r#"2/admin,456["a",123]"#);
        check("", event("a\"\\\n/é", "[]]", None, 0), r#"2["a\"\\\n/é",[]]"#);
        check("/admin", ack("13", r#"["bar"]"#, 0), r#"3/admin,13["bar"]"#);
        check("/admin", ack("456", "[]", 0), "3/admin,456[]");
        let placeholder = r#"{"_placeholder":true,"num":0}"#;
        let args = format!("{placeholder}]");
        check("", event("baz", &args, None, 1), &format!(r#"51-["baz",{args}"#));
        check(
            "/admin",
            event("x", &args, Some("4"), 12 - 2),
            &format!(r#"510-/admin,4["x",{args}"#),
        );
        let args = format!("[{placeholder}]");
        check("/admin", ack("456", &args, 1), &format!("61-/admin,456{args}"));
    }

    #[test]
    fn a_connect_is_answered_in_the_clients_protocol() {
        let data = ByteString::from(r#"{"code":"E_AUTH"}"#);
        for (packet, text) in [
            (
                Packet::connected("/admin".into(), Protocol::V5, "oSO0OpakMV_3jnilAAAA", None),
                r#"0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"}"#,
            ),
            (
                Packet::connected("".into(), Protocol::V5, "aaa", Some("bbb")),
                r#"0{"sid":"aaa","pid":"bbb"}"#,
            ),
            (Packet::connected("/admin".into(), Protocol::V4, "x", Some("y")), "0/admin,"),
            (Packet::connected("".into(), Protocol::V4, "x", None), "0"),
            (
                Packet::refused("/nope".into(), Protocol::V5, "Invalid namespace", &"".into()),
                r#"4/nope,{"message":"Invalid namespace"}"#,
            ),
            (
                Packet::refused("/nope".into(), Protocol::V4, "Invalid namespace", &"".into()),
                r#"4/nope,"Invalid namespace""#,
            ),
            (
                Packet::refused("".into(), Protocol::V5, "not \"you\"", &data),
                r#"4{"message":"not \"you\"","data":{"code":"E_AUTH"}}"#,
            ),
            (
                Packet::refused("".into(), Protocol::V4, "not \"you\"", &data),
                r#"4{"code":"E_AUTH"}"#,
            ),
        ] {
            assert_eq!(packet.encode(), text);
        }
    }

    fn generate(random: &mut Random) -> Packet {
        let namespace = match random.below(3) {
            0 => String::new(),
            _ => format!("/x{}", random.text().replace(',', "")),
        };
        let array = |random: &mut Random| -> serde_json::Value {
            (0..random.below(4)).map(|_| random.json(3)).collect()
        };
        let id = |random: &mut Random| -> ByteString {
            let len = 1 + random.below(MAX_ACK_ID_DIGITS);
            (0..len).map(|_| random.below(10).to_string()).collect::<String>().into()
        };
        let attachments = random.below(22).saturating_sub(11);
        let kind = match random.below(6) {
            0 => PacketKind::Connect { data: "".into() },
            1 => PacketKind::Connect { data: format!("{{\"a\":{}}}", random.json(3)).into() },
            2 => PacketKind::Disconnect,
            3 => {
                let args = array(random).to_string().strip_prefix('[').unwrap().into();
                let ack = (random.below(2) == 0).then(|| id(random));
                PacketKind::Event { name: random.text().into(), args, ack, attachments }
            }
            4 => PacketKind::Ack {
                id: id(random),
                args: array(random).to_string().into(),
                attachments,
            },
            _ => PacketKind::ConnectError { data: quote(&random.text()).into() },
        };
        Packet { namespace: namespace.into(), kind }
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        let mut random = Random::new(5);
        for _ in 0..5_000 {
            let packet = generate(&mut random);
            for protocol in [Protocol::V4, Protocol::V5] {
                let text = packet.encode();
                assert_eq!(decode(&text, &Rules::new(protocol)).as_ref(), Ok(&packet), "{text}");
            }
        }
    }
}
