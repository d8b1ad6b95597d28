//! Engine.IO 3 and 4: packets in frames and in bodies, as text, bytes and base64.

use bytes::Bytes;
use socketio_core::protocol::engineio::{DecodeError, Frame, Packet, v3, v4};

use super::{argument, text};

/// Frames, bodies, forms and scripts of Engine.IO 3.
pub fn engineio3(input: &[u8]) {
    for frame in both(input) {
        if let Ok(packet) = v3::decode(&frame) {
            assert_eq!(v3::decode(&v3::encode(&packet)), Ok(packet.clone()));
            let as_text = Frame::Text(v3::to_text(&v3::encode(&packet)));
            assert_eq!(v3::decode(&as_text), Ok(packet));
        }
        let packets = packets(v3::payload::decode(&frame), frame.len());
        let frames: Vec<_> = packets.iter().map(v3::encode).collect();
        for binary in [false, true] {
            let body = v3::payload::encode(&frames, binary);
            let again: Result<Vec<_>, _> = v3::payload::decode(&body).collect();
            let again = again.expect("what was written can be read");
            let is_ascii = matches!(body, Frame::Text(_));
            assert_eq!(again.len(), packets.len());
            for (again, packet) in again.iter().zip(&packets) {
                assert!(
                    again == packet || (is_ascii && has_other_than_ascii(packet)),
                    "{packet:?}"
                );
            }
        }
    }
    let text = text(input);
    assert_eq!(argument(&v3::jsonp::encode("0", &text), "___eio[0](", ");"), *text);
    if let Some(payload) = v3::jsonp::decode(input) {
        assert!(payload.len() <= input.len());
    }
}

/// Frames and bodies of Engine.IO 4.
pub fn engineio4(input: &[u8]) {
    for frame in both(input) {
        if let Ok(packet) = v4::decode(&frame) {
            assert_eq!(v4::decode(&v4::encode(&packet)), Ok(packet.clone()));
            let as_text = Frame::Text(v4::to_text(&v4::encode(&packet)));
            assert_eq!(v4::decode(&as_text), Ok(packet));
        }
    }
    let body = text(input);
    let packets = packets(v4::payload::decode(&body), body.len());
    if packets.is_empty() {
        return;
    }
    let frames: Vec<_> = packets.iter().map(v4::encode).collect();
    let again: Result<Vec<_>, _> = v4::payload::decode(&v4::payload::encode(&frames)).collect();
    assert_eq!(again, Ok(packets));
}

/// The input as a frame of each kind.
fn both(input: &[u8]) -> [Frame; 2] {
    [Frame::Text(text(input)), Frame::Binary(Bytes::copy_from_slice(input))]
}

/// The packets of a body of so many bytes, up to the first that is none.
fn packets(body: impl Iterator<Item = Result<Packet, DecodeError>>, length: usize) -> Vec<Packet> {
    let mut packets = Vec::new();
    let mut body = body.fuse();
    for packet in &mut body {
        match packet {
            Ok(packet) => packets.push(packet),
            Err(error) => {
                assert!(error.at <= length, "{error}");
                break;
            }
        }
    }
    assert_eq!(body.next(), None, "something follows an error");
    assert!(packets.iter().map(size).sum::<usize>() <= length);
    assert!(packets.len() <= length);
    packets
}

fn size(packet: &Packet) -> usize {
    match packet {
        Packet::Open(text) | Packet::Ping(text) | Packet::Pong(text) | Packet::Message(text) => {
            text.len()
        }
        Packet::Binary(bytes) => bytes.len(),
        _ => 0,
    }
}

/// Whether a body that is text has this packet in another spelling.
fn has_other_than_ascii(packet: &Packet) -> bool {
    match packet {
        Packet::Open(text) | Packet::Ping(text) | Packet::Pong(text) | Packet::Message(text) => {
            !text.is_ascii()
        }
        _ => false,
    }
}
