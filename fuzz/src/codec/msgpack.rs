//! Packets of Socket.IO in MessagePack.

use bytes::Bytes;
use socketio_core::protocol::msgpack::{MAX_ATTACHMENTS, decode, encode};
use socketio_core::protocol::socketio::PacketKind;

/// What a byte can become in JSON: `c4 00` is `{"_placeholder":true,"num":1023},`.
const LONGEST: usize = 17;

/// Packets in MessagePack.
pub fn msgpack(input: &[u8]) {
    let Ok(complete) = decode(&Bytes::copy_from_slice(input), MAX_ATTACHMENTS) else { return };
    let (packet, attachments) = (&complete.packet, &complete.attachments);
    let json = match &packet.kind {
        PacketKind::Connect { data } | PacketKind::ConnectError { data } => data,
        PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } => args,
        _ => "",
    };
    assert!(json.len() <= LONGEST * input.len());
    assert!(attachments.iter().map(Bytes::len).sum::<usize>() <= input.len());
    // What looks like a placeholder and is none has no way back.
    if json.matches("_placeholder").count() == attachments.len() {
        let message = encode(packet, attachments).expect("what was read can be written");
        assert_eq!(decode(&message, MAX_ATTACHMENTS), Ok(complete));
    }
}
