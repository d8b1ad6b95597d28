//! The three wires as a client writes and reads them, no more of each than the measurements need.
//!
//! In: events to send and packets that came. Out: packets, and what those are. Used by the load generator.
//! Sources: Socket.IO protocol revisions 4 and 5, Engine.IO protocol revisions 3 and 4, "Payload";
//! socket.io-spec revision 1, "Encoding" and "Framing".

use serde::{Deserialize, Serialize};

/// A generation of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wire {
    /// Socket.IO 0.7 to 0.9.
    #[serde(rename = "0.9")]
    Legacy,
    /// Socket.IO 1 and 2, Engine.IO 3.
    #[serde(rename = "2")]
    V2,
    /// Socket.IO 3 and 4, Engine.IO 4.
    #[serde(rename = "4")]
    V4,
}

/// What a packet from the server is to the load generator.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// An acknowledgement: its id, and the arguments as a JSON array.
    Ack(usize, &'a [u8]),
    /// An event.
    Event,
    /// A heartbeat, and its answer.
    Heartbeat(&'static str),
    /// The client is in.
    Welcome,
    /// Anything else.
    Other,
}

impl Wire {
    /// An event with one argument (JSON), to be acknowledged if there is an id.
    #[must_use]
    pub fn event(self, id: Option<usize>, name: &str, argument: &str) -> String {
        match (self, id) {
            (Self::Legacy, None) => format!(r#"5:::{{"name":"{name}","args":[{argument}]}}"#),
            (Self::Legacy, Some(id)) => {
                format!(r#"5:{id}+::{{"name":"{name}","args":[{argument}]}}"#)
            }
            (_, None) => format!(r#"42["{name}",{argument}]"#),
            (_, Some(id)) => format!(r#"42{id}["{name}",{argument}]"#),
        }
    }

    /// Reads a packet.
    #[must_use]
    pub fn read(self, packet: &[u8]) -> Incoming<'_> {
        let (ack, event, welcome) = match self {
            Self::Legacy => (&b"6:::"[..], &b"5:::"[..], &b"1::"[..]),
            Self::V2 | Self::V4 => (&b"43"[..], &b"42"[..], &b"40"[..]),
        };
        if let Some(rest) = packet.strip_prefix(ack) {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let id = rest[..digits].iter().fold(0, |id, digit| id * 10 + usize::from(digit - b'0'));
            let args = &rest[digits..];
            return Incoming::Ack(id, args.strip_prefix(b"+").unwrap_or(args));
        }
        match (self, packet) {
            _ if packet.starts_with(event) => Incoming::Event,
            _ if packet.starts_with(welcome) => Incoming::Welcome,
            (Self::V4, b"2") => Incoming::Heartbeat("3"),
            (Self::Legacy, b"2::") => Incoming::Heartbeat("2::"),
            _ => Incoming::Other,
        }
    }

    /// What a client sends unasked to be taken for alive; others wait to be asked.
    #[must_use]
    pub fn heartbeat(self) -> Option<&'static str> {
        (self == Self::V2).then_some("2")
    }

    /// Where a session begins: the first request's path and query.
    #[must_use]
    pub fn first_target(self, carrier: &str) -> String {
        match self {
            Self::Legacy => "/socket.io/1/".to_owned(),
            Self::V2 => format!("/socket.io/?EIO=3&transport={carrier}"),
            Self::V4 => format!("/socket.io/?EIO=4&transport={carrier}"),
        }
    }

    /// Puts packets into the body of a POST.
    pub fn put_body<'a>(self, packets: impl ExactSizeIterator<Item = &'a str>, body: &mut String) {
        let several = packets.len() > 1;
        for (index, packet) in packets.enumerate() {
            let length = packet.chars().count();
            match self {
                Self::Legacy if several => body.push_str(&format!("\u{fffd}{length}\u{fffd}")),
                Self::V2 => body.push_str(&format!("{length}:")),
                Self::V4 if index > 0 => body.push('\x1e'),
                _ => {}
            }
            body.push_str(packet);
        }
    }

    /// Takes the packets out of the body of a poll's answer. It is ASCII, as what the generator sends is.
    pub fn for_each_packet(self, mut body: &[u8], mut take: impl FnMut(&[u8])) {
        const MARK: &[u8] = "\u{fffd}".as_bytes();
        if self == Self::V4 || (self == Self::Legacy && !body.starts_with(MARK)) {
            return body.split(|byte| *byte == 0x1e).for_each(take);
        }
        let (before, after) = if self == Self::V2 { (&b""[..], &b":"[..]) } else { (MARK, MARK) };
        while let Some(rest) = body.strip_prefix(before) {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let length =
                rest[..digits].iter().fold(0, |n, digit| n * 10 + usize::from(digit - b'0'));
            let start = digits + after.len();
            let Some(packet) = rest.get(start..start + length).filter(|_| digits > 0) else {
                return;
            };
            take(packet);
            body = &rest[start + length..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_give_back_the_packets_that_went_in() {
        for wire in [Wire::Legacy, Wire::V2, Wire::V4] {
            for packets in [&["43[\"a\"]"][..], &["3probe", "42[\"b\"]", "2"]] {
                let mut body = String::new();
                wire.put_body(packets.iter().copied(), &mut body);
                let mut found = Vec::new();
                wire.for_each_packet(body.as_bytes(), |packet| {
                    found.push(String::from_utf8_lossy(packet).into_owned());
                });
                assert_eq!(found, packets, "{wire:?}");
            }
        }
    }

    #[test]
    fn packets_are_what_the_protocols_say() {
        for (wire, packet, expected) in [
            (Wire::V4, "4312[\"a\"]", Incoming::Ack(12, b"[\"a\"]")),
            (Wire::V4, "2", Incoming::Heartbeat("3")),
            (Wire::V4, "40{\"sid\":\"x\"}", Incoming::Welcome),
            (Wire::V2, "3", Incoming::Other),
            (Wire::V2, "42[\"news\",1]", Incoming::Event),
            (Wire::Legacy, "6:::7+[1]", Incoming::Ack(7, b"[1]")),
            (Wire::Legacy, "2::", Incoming::Heartbeat("2::")),
            (Wire::Legacy, "5:::{\"name\":\"news\"}", Incoming::Event),
            (Wire::Legacy, "1::", Incoming::Welcome),
        ] {
            assert_eq!(wire.read(packet.as_bytes()), expected, "{packet}");
        }
    }
}
