//! Packets of Socket.IO 1.0 and later as text, and the binary messages behind them.

use bytes::Bytes;
use bytestring::ByteString;
use socketio_core::protocol::socketio::{Protocol, Reassembler, Rules, decode};

use super::text;

/// Ends a message in the input.
const SEPARATOR: u8 = 0x1e;

/// Packets of both protocols, alone and as a row of messages, some of which are bytes.
pub fn socketio(input: &[u8]) {
    let text = text(input);
    for protocol in [Protocol::V4, Protocol::V5] {
        let rules = Rules { max_attachment_bytes: 64, ..Rules::new(protocol) };
        packet(&text, &rules);
        row(input, &rules);
    }
}

fn packet(text: &ByteString, rules: &Rules) {
    let Ok(packet) = decode(text, rules) else { return };
    assert!(packet.kind.attachments() <= rules.max_attachments);
    assert_eq!(decode(&packet.encode(), rules), Ok(packet));
}

fn row(input: &[u8], rules: &Rules) {
    let mut reassembler = Reassembler::new(*rules);
    for message in input.split(|byte| *byte == SEPARATOR) {
        let complete = match ByteString::try_from(message) {
            Ok(text) => reassembler.handle_text(&text),
            Err(_) => reassembler.handle_bytes(Bytes::copy_from_slice(message)),
        };
        match complete {
            Ok(Some(complete)) => {
                let bytes = complete.attachments.iter().map(Bytes::len).sum::<usize>();
                assert!(bytes <= rules.max_attachment_bytes);
                assert_eq!(complete.attachments.len(), complete.packet.kind.attachments());
                assert!(!reassembler.is_incomplete());
            }
            Ok(None) => assert!(reassembler.is_incomplete()),
            Err(_) => assert!(!reassembler.is_incomplete()),
        }
    }
}
