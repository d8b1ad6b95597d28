//! What the packets of a client's generation look like.
//!
//! The session says what it has to say as [`Outgoing`]; frames for the outbox come out. Nothing else of a
//! session writes a packet. The state machine asks for properties, as [`Dialect::outlives_transports`], where
//! the generations do not agree on who does what.

use std::ops::Deref;

use bytes::Bytes;
use bytestring::ByteString;

use super::Limits;
use super::heartbeat::{Heartbeat, Manner};
use super::outbox::Outbox;
use super::receive::Incoming;
use super::send::Refusal;
use crate::id::{RecoveryId, SessionId, SocketId};
use crate::protocol::engineio::{self, Frame, Queued, v3, v4};
use crate::protocol::legacy::{self, AckRequest, PacketKind, Reason};
use crate::protocol::socketio::{self, Protocol, Reassembler, Rules};
use crate::protocol::{AckId, Emission, EmissionBody, Encoding, JsonText, MESSAGE_EVENT, msgpack};

/// The generation that a client is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Socket.IO 0.7 to 0.9.
    Legacy,
    /// Socket.IO 1.0 and later.
    Modern {
        protocol: Protocol,
        parser: Parser,
        /// What the session is opened with, until it is.
        open: Box<str>,
        /// From what clients of protocol 4 compute their ids.
        ids: Option<Box<SessionId>>,
    },
}

/// How packets are written for clients since Socket.IO 1.0, and read from them; [`Builder::parser`] chooses.
///
/// [`Builder::parser`]: crate::Builder::parser
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Parser {
    /// As text with JSON in it, and binary values behind it: what clients do who are not told otherwise.
    #[default]
    Json,
    /// As MessagePack, binary values in it: clients with the parser of `socket.io-msgpack-parser`, 3 for those
    /// since Socket.IO 3, 2 for those before. The latter take a refusal without data alone.
    MsgPack,
}

impl Parser {
    /// A packet as the message that carries it; [`None`] if it can't be written.
    pub(crate) fn message<T: Deref<Target = str>>(
        self,
        packet: &socketio::Packet<T>,
        attachments: &[Bytes],
    ) -> Option<Frame> {
        match self {
            Self::Json => Some(Frame::Text(packet.encode_behind(engineio::MESSAGE))),
            Self::MsgPack => match msgpack::encode(packet, attachments) {
                Ok(message) => Some(Frame::Binary(message)),
                Err(error) => {
                    tracing::debug!(%error, "dropped a packet");
                    None
                }
            },
        }
    }

    /// The messages that follow one with attachments.
    pub(crate) fn behind(self, attachments: &[Bytes]) -> impl Iterator<Item = Frame> {
        let attachments = if self == Self::Json { attachments } else { &[] };
        attachments.iter().cloned().map(Frame::Binary)
    }
}

/// Something to say.
#[derive(Debug)]
pub(super) enum Outgoing<'a> {
    /// The client is in, and told its id if its generation is, and under which other it can come back.
    Welcome { path: &'a ByteString, id: Option<&'a SocketId>, recovery: Option<RecoveryId> },
    /// It is not let in.
    Refused { path: &'a ByteString, refusal: &'a Refusal },
    /// There is no such endpoint.
    Unknown { path: &'a ByteString },
    /// It is out.
    Left { path: &'a ByteString },
}

impl Dialect {
    /// Socket.IO 1.0 and later; `open` is the JSON that opens the session.
    pub(crate) fn modern(
        protocol: Protocol,
        parser: Parser,
        open: ByteString,
        ids: Option<SessionId>,
    ) -> Self {
        let ids = ids.filter(|_| protocol == Protocol::V4).map(Box::new);
        Self::Modern { protocol, parser, open: (*open).into(), ids }
    }

    /// Whether a session goes on without its transport, for its client to come back on any; if not, it is
    /// as good as the one that it began with, but for an upgrade.
    pub(super) fn outlives_transports(&self) -> bool {
        matches!(self, Self::Legacy)
    }

    /// The protocol of packets, since 1.0.
    pub(super) fn protocol(&self) -> Option<Protocol> {
        match self {
            Self::Legacy => None,
            Self::Modern { protocol, .. } => Some(*protocol),
        }
    }

    /// Who is asked for a sign of life, and when.
    pub(super) fn heartbeat(&self, limits: &Limits) -> Heartbeat {
        match self.protocol() {
            None => {
                let (interval, timeout) = (limits.heartbeat_interval, limits.heartbeat_timeout);
                Heartbeat::new(Manner::AnyPacket, interval, timeout)
            }
            Some(protocol) => {
                let manner = match protocol {
                    Protocol::V4 => Manner::ClientAsks,
                    Protocol::V5 => Manner::Pong,
                };
                Heartbeat::new(manner, limits.ping_interval, limits.ping_timeout)
            }
        }
    }

    /// What reads the client's messages.
    pub(super) fn incoming(&self, limits: &Limits) -> Option<Incoming> {
        let Self::Modern { protocol, parser, .. } = self else { return None };
        let rules = Rules {
            max_attachments: limits.attachments,
            max_attachment_bytes: limits.attachment_bytes,
            ..Rules::new(*protocol)
        };
        Some(match parser {
            Parser::Json => Incoming::Json(Reassembler::new(rules)),
            Parser::MsgPack => Incoming::MsgPack,
        })
    }

    /// The id that the client computes for itself at an endpoint, if it does.
    pub(super) fn computed_id(&self, path: &ByteString) -> Option<SocketId> {
        match self {
            Self::Modern { protocol: Protocol::V4, ids: Some(session), .. } => {
                Some(SocketId::computed(**session, path))
            }
            _ => None,
        }
    }

    /// What opens the session; once.
    pub(super) fn open_packet(&mut self) -> Option<Frame> {
        match self {
            Self::Legacy => None,
            Self::Modern { open, .. } => {
                Some(encode(&engineio::Packet::Open(std::mem::take(open).into())))
            }
        }
    }

    /// Asks for a sign of life.
    pub(super) fn heartbeat_packet(&self) -> Frame {
        match self {
            Self::Legacy => legacy_frame("", None, PacketKind::Heartbeat),
            Self::Modern { .. } => encode(&engineio::Packet::Ping(ByteString::new())),
        }
    }

    /// Says nothing, to end a poll.
    pub(super) fn noop_packet(&self) -> Frame {
        match self {
            Self::Legacy => legacy_frame("", None, PacketKind::Noop),
            Self::Modern { .. } => encode(&engineio::Packet::Noop),
        }
    }

    /// Ends the session towards a client that polls.
    pub(super) fn close_packet(&self) -> Option<Frame> {
        self.protocol().map(|_| encode(&engineio::Packet::Close))
    }

    /// A frame as its transport takes it.
    pub(super) fn frame(&self, queued: Queued, carries_bytes: bool) -> Queued {
        match queued.frame() {
            Frame::Text(_) => queued,
            Frame::Binary(_) => self.bytes(queued.into_frame(), carries_bytes).into(),
        }
    }

    fn bytes(&self, frame: Frame, carries_bytes: bool) -> Frame {
        let frame = match (frame, self.protocol()) {
            (Frame::Binary(bytes), Some(Protocol::V4)) => {
                v3::encode(&engineio::Packet::Binary(bytes))
            }
            (frame, _) => frame,
        };
        match (&frame, self.protocol()) {
            (Frame::Binary(_), Some(Protocol::V4)) if !carries_bytes => {
                Frame::Text(v3::to_text(&frame))
            }
            (Frame::Binary(_), Some(Protocol::V5)) if !carries_bytes => {
                Frame::Text(v4::to_text(&frame))
            }
            _ => frame,
        }
    }

    /// Several frames as one body.
    pub(super) fn payload(&self, frames: &[Frame], carries_bytes: bool) -> Frame {
        match self.protocol() {
            None => {
                let texts = frames.iter().filter_map(|frame| match frame {
                    Frame::Text(text) => Some(text.clone()),
                    Frame::Binary(_) => None,
                });
                Frame::Text(legacy::payload::encode(&texts.collect::<Vec<_>>()))
            }
            Some(Protocol::V4) => {
                let frames: Vec<_> =
                    frames.iter().map(|frame| self.bytes(frame.clone(), true)).collect();
                v3::payload::encode(&frames, carries_bytes)
            }
            Some(Protocol::V5) => Frame::Text(v4::payload::encode(frames)),
        }
    }

    /// Puts something to say into an outbox, nothing where the generation says nothing; `false` if it can't be written.
    pub(super) fn say(&self, outgoing: Outgoing<'_>, to: &mut Outbox) -> bool {
        let Self::Modern { protocol, parser, .. } = self else {
            to.push_all(legacy_answer(outgoing));
            return true;
        };
        to.push_written(parser.message(&modern_answer(*protocol, outgoing), &[]))
    }

    /// Puts an acknowledgement into an outbox; `args` is a JSON array. `false` if it can't be written.
    pub(super) fn acknowledge(
        &self,
        path: &str,
        id: &AckId,
        args: JsonText,
        to: &mut Outbox,
    ) -> bool {
        let Self::Modern { parser, .. } = self else {
            to.push(legacy::acknowledgement(path, id.as_str(), args.into_plain()));
            return true;
        };
        let (id, attachments) = (id.as_str(), args.attachments().len());
        if attachments == 0 && *parser == Parser::Json {
            to.push(socketio::acknowledgement(path, id, args.into_parts().0));
            return true;
        }
        let kind = socketio::PacketKind::Ack { id, args: args.as_str(), attachments };
        let message =
            parser.message(&socketio::Packet { namespace: path, kind }, args.attachments());
        let written = to.push_written(message);
        to.push_all(parser.behind(args.attachments()));
        written
    }

    /// Puts an emission into an outbox; all clients of a generation share its frames unless one is asked to
    /// acknowledge. Those of protocol 5 are told its number, if it has one. `false` if it can't be written.
    pub(super) fn emit(&self, emission: &Emission, ack: Option<u64>, to: &mut Outbox) -> bool {
        let is_told = ack.is_none() && self.protocol() == Some(Protocol::V5);
        let offset = emission.offset().filter(|_| is_told);
        let (encoding, offset) = match (self, offset) {
            (Self::Legacy, _) => (Encoding::Legacy, None),
            (Self::Modern { .. }, None) => (Encoding::Modern, None),
            (Self::Modern { .. }, offset) => (Encoding::Numbered, offset),
        };
        let attachments = match emission.body() {
            EmissionBody::Event { args: json, .. } | EmissionBody::Json(json) => json.attachments(),
            EmissionBody::Text(_) => &[],
        };
        let encode = || match self {
            Self::Legacy => Some(Frame::Text(legacy_emission(emission, ack).encode())),
            Self::Modern { parser, .. } => {
                parser.message(&modern_emission(emission, ack, offset), attachments)
            }
        };
        let first = match ack {
            None => emission.encoded(encoding, encode),
            Some(_) => encode(),
        };
        let written = to.push_written(first);
        if let Self::Modern { parser, .. } = self {
            to.push_all(parser.behind(attachments));
        }
        written
    }

    /// The number of the first acknowledgement that is asked for.
    pub(super) fn first_ack(&self) -> u64 {
        u64::from(self.protocol().is_none())
    }
}

/// A packet that is the same in both revisions.
fn encode(packet: &engineio::Packet) -> Frame {
    v4::encode(packet)
}

fn legacy_frame(path: &str, id: Option<AckRequest>, kind: PacketKind) -> Frame {
    Frame::Text(legacy::Packet { id, endpoint: path.into(), kind }.encode())
}

/// Refusals: `7::/private:2` makes the client emit `connect_failed`; without a reason, `error("")`.
fn legacy_answer(outgoing: Outgoing<'_>) -> Option<Frame> {
    let (path, kind) = match outgoing {
        Outgoing::Welcome { path, .. } => (path, PacketKind::Connect { query: ByteString::new() }),
        Outgoing::Refused { path, refusal } => {
            let reason = refusal.unauthorized.then_some(Reason::Unauthorized);
            (path, PacketKind::Error { reason, advice: None })
        }
        // The client hears nothing, as from the reference server.
        Outgoing::Unknown { .. } => return None,
        Outgoing::Left { path } => (path, PacketKind::Disconnect),
    };
    Some(legacy_frame(path, None, kind))
}

fn modern_answer(protocol: Protocol, outgoing: Outgoing<'_>) -> socketio::Packet {
    match outgoing {
        Outgoing::Welcome { path, id, recovery } => {
            let id = id.map(ToString::to_string).unwrap_or_default();
            let recovery = recovery.map(|id| id.to_string());
            socketio::Packet::connected((*path).clone(), protocol, &id, recovery.as_deref())
        }
        Outgoing::Refused { path, refusal } => {
            socketio::Packet::refused((*path).clone(), protocol, &refusal.message, &refusal.data)
        }
        Outgoing::Unknown { path } => socketio::Packet::refused(
            (*path).clone(),
            protocol,
            "Invalid namespace",
            &ByteString::new(),
        ),
        Outgoing::Left { path } => {
            socketio::Packet { namespace: (*path).clone(), kind: socketio::PacketKind::Disconnect }
        }
    }
}

fn legacy_emission(emission: &Emission, ack: Option<u64>) -> legacy::Packet {
    let (kind, wants_data) = match emission.body() {
        EmissionBody::Event { name, args } => {
            // Official clients never acknowledge an event whose id has no `+`.
            (PacketKind::Event { name: Some(name.clone()), args: args.to_plain() }, true)
        }
        EmissionBody::Text(text) => (PacketKind::Message(text.clone()), false),
        EmissionBody::Json(json) => (PacketKind::Json(json.to_plain()), false),
    };
    let id = ack.map(|id| AckRequest { id: id.to_string().into(), wants_data });
    legacy::Packet { id, endpoint: emission.endpoint().clone(), kind }
}

/// Text and JSON messages are the event `message`. An offset is one more argument, behind the others.
fn modern_emission(emission: &Emission, ack: Option<u64>, offset: Option<u64>) -> socketio::Packet {
    let message = ByteString::from_static(MESSAGE_EVENT);
    let (name, args, attachments) = match emission.body() {
        EmissionBody::Event { name, args } => {
            let behind = args.as_str().strip_prefix('[').unwrap_or("]");
            (name.clone(), args.text().slice_ref(behind), args.attachments().len())
        }
        EmissionBody::Text(text) => {
            let json = serde_json::Value::String(text.to_string());
            (message, format!("{json}]").into(), 0)
        }
        EmissionBody::Json(json) => {
            (message, format!("{}]", json.as_str()).into(), json.attachments().len())
        }
    };
    let args = match (offset, args.strip_suffix(']')) {
        (None, _) | (_, None) => args,
        (Some(offset), Some("")) => format!("\"{offset:x}\"]").into(),
        (Some(offset), Some(args)) => format!("{args},\"{offset:x}\"]").into(),
    };
    let ack = ack.map(|id| id.to_string().into());
    let kind = socketio::PacketKind::Event { name, args, ack, attachments };
    socketio::Packet { namespace: emission.endpoint().clone(), kind }
}
