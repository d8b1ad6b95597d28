//! Writes a packet as a message.
//!
//! A packet and its attachments go in, the bytes of one message come out, keys in the reference's order. The
//! session calls it for every packet, or once for a broadcast. What is not there is left out: the official
//! client takes nil for data or id that is wrong.
//!
//! Source: socket.io-msgpack-parser 3.0.2 index.js, `Encoder`; socket.io 4.8.4 lib/socket.ts for the order.

use std::borrow::Cow;
use std::ops::Deref;

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::protocol::binary::transcode;
use crate::protocol::socketio::{Packet, PacketKind};

/// A packet that can't be written: its data is nested deeper than 127, is no JSON, has a placeholder without
/// attachment, or its id is beyond 64 bits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not to be written as MessagePack: {0}")]
pub struct EncodeError(String);

/// Writes the packet; attachments stand where their placeholders are.
///
/// # Errors
///
/// [`EncodeError`]: nothing is written then.
pub fn encode<T: Deref<Target = str>>(
    packet: &Packet<T>,
    attachments: &[Bytes],
) -> Result<Bytes, EncodeError> {
    let Packet { namespace, kind } = packet;
    let (code, data, id) = match kind {
        PacketKind::Connect { data } => (0, Cow::Borrowed(&**data), None),
        PacketKind::Disconnect => (1, Cow::Borrowed(""), None),
        PacketKind::Event { name, args, ack, .. } => (2, event(name, args)?, ack.as_ref()),
        PacketKind::Ack { id, args, .. } => (3, Cow::Borrowed(&**args), Some(id)),
        PacketKind::ConnectError { data } => (4, Cow::Borrowed(&**data), None),
    };
    let id = id.map(|id| id.parse()).transpose().map_err(error)?;
    let namespace = if namespace.is_empty() { "/" } else { &**namespace };
    let wire = Wire { code, data: Data { text: &data, attachments }, id, namespace };
    let mut message = Vec::with_capacity(data.len() + namespace.len() + PACKET_OVERHEAD);
    wire.serialize(&mut rmp_serde::Serializer::new(&mut message)).map_err(error)?;
    Ok(message.into())
}

/// Keys and lengths of a packet.
const PACKET_OVERHEAD: usize = 32;

fn error(error: impl std::fmt::Display) -> EncodeError {
    EncodeError(error.to_string())
}

/// The array that an event is.
fn event<'a>(name: &str, args: &str) -> Result<Cow<'a, str>, EncodeError> {
    let mut json = serde_json::to_string(&[name]).map_err(error)?;
    json.pop();
    if !args.trim_start().starts_with(']') {
        json.push(',');
    }
    json.push_str(args);
    Ok(json.into())
}

struct Wire<'a> {
    code: u8,
    data: Data<'a>,
    id: Option<u64>,
    namespace: &'a str,
}

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// An acknowledgement, which the reference begins with its id.
        const ACK: u8 = 3;
        let has_data = !self.data.text.is_empty();
        let length = 2 + usize::from(has_data) + usize::from(self.id.is_some());
        let mut map = serializer.serialize_map(Some(length))?;
        let is_ack = self.code == ACK;
        if let Some(id) = self.id.filter(|_| is_ack) {
            map.serialize_entry("id", &id)?;
        }
        map.serialize_entry("type", &self.code)?;
        if has_data {
            map.serialize_entry("data", &self.data)?;
        }
        if let Some(id) = self.id.filter(|_| !is_ack) {
            map.serialize_entry("id", &id)?;
        }
        map.serialize_entry("nsp", self.namespace)?;
        map.end()
    }
}

/// JSON text, as the value it is.
struct Data<'a> {
    text: &'a str,
    attachments: &'a [Bytes],
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        transcode(self.text, self.attachments, serializer)
    }
}
