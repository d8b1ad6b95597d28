//! Who is at the other end of a session: reads what it is sent as a client of its generation does.
//!
//! Frames and bodies go in; a panic comes out if one can't be read, or if an emission is not for this client, comes
//! twice or out of order. The target owns one for each client.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use bytestring::ByteString;

use super::Parser;
use crate::protocol::engineio::{Frame, Packet, v3, v4};
use crate::protocol::legacy::{self, payload};
use crate::protocol::msgpack;
use crate::protocol::socketio::{Complete, PacketKind, Protocol, Reassembler, Rules};

pub(super) struct Peer {
    protocol: Option<Protocol>,
    parser: Parser,
    reassembler: Reassembler,
    expected: BTreeMap<ByteString, Expected>,
}

/// The marks of what is for a client at an endpoint.
#[derive(Default)]
struct Expected {
    /// What has to come.
    must: BTreeSet<u32>,
    /// What may, for the client has left meanwhile.
    may: BTreeSet<u32>,
    /// The last that came.
    last: u32,
}

impl Peer {
    pub(super) fn new(protocol: Option<Protocol>, parser: Parser) -> Self {
        let reassembler = Reassembler::new(Rules::new(protocol.unwrap_or(Protocol::V5)));
        Self { protocol, parser, reassembler, expected: BTreeMap::new() }
    }

    /// Something is emitted to the client.
    pub(super) fn expect(&mut self, endpoint: &ByteString, mark: u32) {
        self.expected.entry(endpoint.clone()).or_default().must.insert(mark);
    }

    /// The client is no longer at an endpoint: what was held there is dropped, what was queued comes.
    pub(super) fn leave(&mut self, endpoint: &ByteString) {
        let expected = self.expected.entry(endpoint.clone()).or_default();
        expected.may.append(&mut expected.must);
    }

    /// All that was for an endpoint has come.
    pub(super) fn assert_complete(&self, endpoint: &ByteString) {
        let must = self.expected.get(endpoint).map(|expected| &expected.must);
        assert!(must.is_none_or(BTreeSet::is_empty), "{must:?} is lost at {endpoint:?}");
    }

    /// The answer to a poll came.
    pub(super) fn body(&mut self, body: &Frame) {
        match (self.protocol, body) {
            (None, Frame::Text(body)) => {
                payload::decode(body).for_each(|text| self.arrive(Frame::Text(text)));
            }
            (Some(Protocol::V4), body) => {
                v3::payload::decode(body).for_each(|packet| self.packet(packet.expect("a packet")));
            }
            (Some(Protocol::V5), Frame::Text(body)) => {
                v4::payload::decode(body).for_each(|packet| self.packet(packet.expect("a packet")));
            }
            (_, Frame::Binary(_)) => unreachable!("a body of bytes"),
        }
    }

    /// A frame came.
    pub(super) fn arrive(&mut self, frame: Frame) {
        match (self.protocol, frame) {
            (None, Frame::Text(text)) => self.legacy(&text),
            (None, Frame::Binary(_)) => unreachable!("bytes to a legacy client"),
            (Some(Protocol::V4), frame) => self.packet(v3::decode(&frame).expect("a packet")),
            (Some(Protocol::V5), frame) => self.packet(v4::decode(&frame).expect("a packet")),
        }
    }

    fn legacy(&mut self, text: &ByteString) {
        let packet = legacy::decode(text).expect("a packet");
        match &packet.kind {
            legacy::PacketKind::Unknown => unreachable!("{text}"),
            legacy::PacketKind::Message(text) | legacy::PacketKind::Json(text) => {
                self.mark(&packet.endpoint, text);
            }
            legacy::PacketKind::Event { args, .. } => self.mark(&packet.endpoint, args),
            _ => {}
        }
    }

    fn packet(&mut self, packet: Packet) {
        let complete = match (packet, self.parser) {
            (Packet::Message(text), Parser::Json) => {
                self.reassembler.handle_text(&text).expect("a packet")
            }
            (Packet::Binary(bytes), Parser::Json) => {
                self.reassembler.handle_bytes(bytes).expect("a packet")
            }
            (Packet::Binary(bytes), Parser::MsgPack) => Some(Self::unpacked(&bytes)),
            (Packet::Message(text), Parser::MsgPack) => unreachable!("text: {text}"),
            _ => None,
        };
        let Some(Complete { packet, .. }) = complete else { return };
        if let PacketKind::Event { args, .. } = packet.kind {
            self.mark(&packet.namespace, &args);
        }
    }

    fn unpacked(bytes: &Bytes) -> Complete {
        msgpack::decode(bytes, msgpack::MAX_ATTACHMENTS).expect("a packet")
    }

    /// An event came, whose text bears the mark of its emission, unless it is the session's own.
    fn mark(&mut self, endpoint: &ByteString, text: &str) {
        let Some((_, mark)) = text.split_once('#') else { return };
        let digits = mark.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let mark: u32 = digits.parse().expect("a mark");
        let expected = self.expected.entry(endpoint.clone()).or_default();
        let is_expected = expected.must.remove(&mark) || expected.may.remove(&mark);
        assert!(is_expected, "{mark} is not for {endpoint:?}, or came twice");
        assert!(mark > std::mem::replace(&mut expected.last, mark), "{mark} is out of order");
    }
}
