//! Socket.IO 0.7 to 0.9: packets, payloads, forms, and the scripts that carry them.

use bytestring::ByteString;
use socketio_core::protocol::legacy::{Packet, PacketKind, decode, form, handshake, payload};

use super::{argument, text};

/// Packets, payloads, forms and scripts of Socket.IO 0.7 to 0.9.
pub fn legacy(input: &[u8]) {
    let text = text(input);
    packet(&text);
    let packets = body(&text);
    packets.iter().for_each(packet);
    scripts(&text);
    if let Some(payload) = form::decode(input) {
        assert!(payload.len() <= input.len());
        body(&payload);
    }
}

fn packet(text: &ByteString) {
    let Some(packet) = decode(text) else { return };
    let again = decode(&packet.encode()).expect("what was written is a packet");
    let kind = match packet.kind {
        // Which of them it was is not said.
        PacketKind::Unknown => PacketKind::Noop,
        kind => kind,
    };
    assert_eq!(again, Packet { kind, ..packet });
}

fn body(body: &ByteString) -> Vec<ByteString> {
    let packets: Vec<_> = payload::decode(body).collect();
    let half_pairs = 3 * packets.len();
    assert!(packets.iter().map(|packet| packet.len()).sum::<usize>() <= body.len() + half_pairs);
    assert!(packets.len() <= body.len() + 1);
    let stands_alone = matches!(&*packets, [packet] if packet.starts_with('\u{FFFD}'));
    if !stands_alone && !packets.is_empty() {
        let again: Vec<_> = payload::decode(&payload::encode(&packets)).collect();
        assert_eq!(again, packets);
    }
    packets
}

fn scripts(text: &str) {
    assert_eq!(argument(&handshake::jsonp("0", text), "io.j[0](", ");"), text);
    let error = handshake::jsonp_error("0", text);
    assert_eq!(argument(&error, "io.j[0](new Error(", "));"), text);
    let page = handshake::html_script(text);
    assert_eq!(argument(&page, "<script>_(", ");</script>"), text);
    assert_eq!((page.matches("</").count(), page.matches("<!").count()), (1, 0));
}
