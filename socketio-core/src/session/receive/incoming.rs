//! What reads the messages of clients since Socket.IO 1.0.
//!
//! Messages go in, in their order; packets come out when they are complete, or why there will be none. The
//! session owns one per client.
//! Source: socket.io-msgpack-parser 2.2.1 and 3.0.2 index.js.

use std::borrow::Cow;

use bytes::Bytes;
use bytestring::ByteString;
use serde::Deserialize;

use crate::protocol::msgpack;
use crate::protocol::socketio::{Complete, DecodeError, Packet, PacketKind, Reassembler};

/// By the parser that the client has.
#[derive(Debug)]
pub(in super::super) enum Incoming {
    /// Text, and the binary messages behind it.
    Json(Reassembler),
    /// A message is a packet, which the size of messages alone limits, and a number of attachments that no
    /// client comes by in earnest.
    MsgPack,
}

/// Messages that are no packet.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error(transparent)]
    Json(DecodeError),
    #[error(transparent)]
    MsgPack(msgpack::DecodeError),
    #[error("text where MessagePack is spoken")]
    Text,
}

impl Incoming {
    /// A message that is text came, from byte `at` on; the packet lies in it.
    pub(super) fn handle_text<'a>(
        &mut self,
        text: &'a ByteString,
        at: usize,
    ) -> Result<Option<Packet<Cow<'a, str>>>, Unreadable> {
        match self {
            Self::Json(reassembler) => {
                reassembler.handle_text_at(text, at).map_err(Unreadable::Json)
            }
            Self::MsgPack => {
                let control = control(text.get(at..).unwrap_or_default());
                control.map(Some).ok_or(Unreadable::Text)
            }
        }
    }

    /// A message that is bytes came.
    pub(super) fn handle_bytes(&mut self, bytes: Bytes) -> Result<Option<Complete>, Unreadable> {
        match self {
            Self::Json(reassembler) => reassembler.handle_bytes(bytes).map_err(Unreadable::Json),
            Self::MsgPack => msgpack::decode(&bytes, msgpack::MAX_ATTACHMENTS)
                .map(Some)
                .map_err(Unreadable::MsgPack),
        }
    }

    /// Whether a message that is text is a connect, or an event or its beginning.
    pub(super) fn is_event_or_connect(&self, text: &str) -> bool {
        match self {
            Self::Json(_) => text.starts_with(['0', '2', '5']),
            Self::MsgPack => {
                matches!(control(text), Some(Packet { kind: PacketKind::Connect { .. }, .. }))
            }
        }
    }

    /// Whether a message that is bytes, and belongs to none before it, is an event or a connect; or belongs to one that was
    /// passed over.
    pub(super) fn is_no_answer(&self, bytes: &Bytes) -> bool {
        let Self::MsgPack = self else { return true };
        let read = msgpack::decode(bytes, msgpack::MAX_ATTACHMENTS);
        let kind = read.as_ref().map(|complete| &complete.packet.kind);
        matches!(kind, Ok(PacketKind::Connect { .. } | PacketKind::Event { .. }))
    }
}

/// Connects and disconnects, which clients of Socket.IO 2 write as text: `{"type":0,"nsp":"/chat"}`.
fn control(text: &str) -> Option<Packet<Cow<'_, str>>> {
    #[derive(Deserialize)]
    struct Control {
        #[serde(rename = "type")]
        code: u8,
        nsp: String,
    }
    let Control { code, nsp } = serde_json::from_str(text).ok()?;
    let kind = match code {
        0 => PacketKind::Connect { data: "".into() },
        1 => PacketKind::Disconnect,
        _ => return None,
    };
    let namespace = if nsp == "/" { "".into() } else { nsp.into() };
    Some(Packet { namespace, kind })
}
