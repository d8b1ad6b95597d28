//! Inputs to begin with: what clients and servers were recorded to say, as each target takes it.
//!
//! `tests/wire` goes in, made into inputs. Invariant: the same recordings are the same seeds in the same order.

use std::collections::BTreeSet;

use bytes::Bytes;
use bytestring::ByteString;
use serde_json::Value;
use socketio_core::protocol::engineio::{Frame, Packet, v3, v4};
use socketio_core::protocol::msgpack;
use socketio_core::protocol::socketio::{Protocol, Reassembler, Rules};

/// Recordings of 0.9.19.
const LEGACY: &str = include_str!("../../tests/wire/legacy-vectors.json");

/// Recordings of 2 and 4, of which those are named that are of one revision of Engine.IO.
const MODERN: [&str; 12] = [
    include_str!("../../tests/wire/modern/connect-errors.txt"),
    include_str!("../../tests/wire/modern/eio3-1.7.4.txt"),
    include_str!("../../tests/wire/modern/eio3-binary.txt"),
    include_str!("../../tests/wire/modern/eio3-polling-raw.txt"),
    include_str!("../../tests/wire/modern/eio3-polling-upgrade.txt"),
    include_str!("../../tests/wire/modern/eio3-sio2-server.txt"),
    include_str!("../../tests/wire/modern/eio3-ws-echo-ack.txt"),
    include_str!("../../tests/wire/modern/eio4-binary.txt"),
    include_str!("../../tests/wire/modern/eio4-polling-only.txt"),
    include_str!("../../tests/wire/modern/eio4-polling-upgrade.txt"),
    include_str!("../../tests/wire/modern/eio4-ws-echo-ack.txt"),
    include_str!("../../tests/wire/modern/state-recovery.txt"),
];

/// What makes the seeds of a target, by its name.
type Seeds = fn() -> Vec<Vec<u8>>;

/// The seeds of all targets.
pub const SEEDS: [(&str, Seeds); 8] = [
    ("legacy", legacy),
    ("engineio3", modern),
    ("engineio4", modern),
    ("socketio", socketio),
    ("msgpack", msgpack),
    ("json", json),
    ("websocket", websocket),
    ("session", session),
];

/// Packets, payloads and forms.
fn legacy() -> Vec<Vec<u8>> {
    let vectors: Value = serde_json::from_str(LEGACY).expect("the vectors are JSON");
    let mut found = BTreeSet::new();
    for group in ["packet_decode", "packet_encode", "payload_decode", "payload_encode"] {
        for case in vectors[group].as_array().into_iter().flatten() {
            let said = ["input", "expected_server"].map(|key| case[key].as_str());
            found.extend(said.into_iter().flatten().map(|text| text.as_bytes().to_vec()));
        }
    }
    found.extend(forms(&vectors["sessions"]));
    found.into_iter().collect()
}

/// The forms that the recorded sessions post.
fn forms(value: &Value) -> Vec<Vec<u8>> {
    match value {
        Value::String(text) if text.starts_with("d=") => vec![text.as_bytes().to_vec()],
        Value::Array(values) => values.iter().flat_map(forms).collect(),
        Value::Object(values) => values.values().flat_map(forms).collect(),
        _ => Vec::new(),
    }
}

/// Frames and bodies of both revisions.
fn modern() -> Vec<Vec<u8>> {
    let said = MODERN.iter().flat_map(|text| text.lines()).filter_map(said);
    said.collect::<BTreeSet<_>>().into_iter().collect()
}

/// What a line of a recording holds: the string or the bytes at its end.
fn said(line: &str) -> Option<Vec<u8>> {
    if let Some((_, hex)) = line.split_once("hex:").or_else(|| line.split_once("BYTES ")) {
        return bytes(hex);
    }
    let start = line.find(" \"{").or_else(|| line.rfind(" \""))?;
    serde_json::from_str(line.get(start..)?).ok().map(String::into_bytes)
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.trim().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(byte).collect()
}

/// The packets in all frames and bodies.
fn packets() -> Vec<Packet> {
    let mut found = Vec::new();
    for said in modern() {
        let frame = match ByteString::try_from(&*said) {
            Ok(text) => Frame::Text(text),
            Err(_) => Frame::Binary(said.into()),
        };
        found.extend(v3::payload::decode(&frame).flatten());
        found.extend(v4::decode(&frame));
    }
    found
}

/// The messages of Socket.IO, and in one those that belong together.
fn socketio() -> Vec<Vec<u8>> {
    let messages = packets().into_iter().filter_map(|packet| match packet {
        Packet::Message(text) => Some(text.as_bytes().to_vec()),
        _ => None,
    });
    let mut found: BTreeSet<_> = messages.collect();
    found.insert(b"51-[\"bin\",{\"_placeholder\":true,\"num\":0}]\x1e\xff\x00\x01".to_vec());
    found.insert(b"52-/a,7[{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]\x1e\xfe\x1e\xff".to_vec());
    found.into_iter().collect()
}

/// The same in MessagePack.
fn msgpack() -> Vec<Vec<u8>> {
    let attachment = Bytes::from_static(&[1, 2, 0xff]);
    let encoded = socketio().into_iter().filter_map(|message| {
        let mut reassembler = Reassembler::new(Rules::new(Protocol::V4));
        let mut complete = reassembler.handle_text(&ByteString::try_from(&*message).ok()?).ok()?;
        while complete.is_none() {
            complete = reassembler.handle_bytes(attachment.clone()).ok()?;
        }
        let complete = complete?;
        msgpack::encode(&complete.packet, &complete.attachments).ok().map(Into::into)
    });
    encoded.collect()
}

/// Values of JSON: what is behind a packet's head.
fn json() -> Vec<Vec<u8>> {
    let said = [legacy(), socketio()].concat().into_iter().filter_map(|said| {
        let start = said.iter().position(|byte| matches!(byte, b'{' | b'['))?;
        Some(said.get(start..)?.to_vec())
    });
    let mut found: BTreeSet<_> = said.collect();
    found.extend(
        [&br#"  "\u00e9\ud83d\\\n" "#[..], b" -1.5e+3 ", b"[[],{\"a\":{}},null]"].map(Vec::from),
    );
    found.into_iter().collect()
}

/// Frames of a client, behind the byte that says how they are cut.
fn websocket() -> Vec<Vec<u8>> {
    let said = [legacy(), modern()].concat();
    let whole = said.iter().map(|said| {
        let opcode = if std::str::from_utf8(said).is_ok() { 0x81 } else { 0x82 };
        [&[3][..], &frame(opcode, said)].concat()
    });
    let fragments = said.iter().filter(|said| said.len() > 2).map(|said| {
        let (first, last) = said.split_at(said.len() / 2);
        let ping = frame(0x89, b"ping");
        let frames = [frame(0x01, first), ping, frame(0x80, last), frame(0x88, &[3, 232])];
        [&[1][..], &frames.concat()].concat()
    });
    // The others once more where messages may be no longer than 16 bytes.
    let all: Vec<_> = whole.chain(fragments).collect();
    let short = all.iter().map(|input| [&[0x83][..], &input[1..]].concat());
    short.chain(all.iter().cloned()).collect()
}

/// A frame with a mask.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let length = match payload.len() {
        length @ 0..=125 => vec![0x80 | length as u8],
        length => [&[0xfe][..], &(length as u16).to_be_bytes()].concat(),
    };
    let masked = payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    [&[first][..], &length, &MASK].concat().into_iter().chain(masked).collect()
}

/// Steps of a session, as `socketio_core::fuzz::session` reads them: a transport comes; a frame of text, of bytes; a
/// poll; a body; the client is let in.
const LINK: u8 = 0;
const TEXT: u8 = 1;
const BYTES: u8 = 2;
const POLL: u8 = 3;
const POST: u8 = 4;
const ADMIT: u8 = 5;
/// Time passes; the server emits, or broadcasts; a probe of an upgrade.
const WAIT: u8 = 8;
const EMIT: u8 = 9;
const BROADCAST: u8 = 11;
const PROBE: u8 = 15;
/// Makes a step the second client's.
const OTHER: u8 = 0x80;
/// Added to the first byte where the server speaks MessagePack; before that, it is the generation of the first
/// client, and three times that of the second.
const MSGPACK: u8 = 9;

/// Sessions: a first byte that says whose, then steps.
fn session() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for (generation, said) in [(0, legacy()), (1, modern()), (2, modern())] {
        let ways = [(LINK, TEXT), (POLL, POST)];
        for (says, way) in said.chunks(3).flat_map(|said| ways.map(|way| (said, way))) {
            found.push(recorded(generation, says, way));
        }
    }
    for (generation, mark) in [(1, &b"\x04"[..]), (2, b"")] {
        for message in msgpack() {
            let mut input = vec![generation + MSGPACK];
            input.extend(joined(generation, LINK, 0, true));
            input.extend(step(BYTES, &[mark, &message].concat()));
            found.push(input);
        }
    }
    found.extend((0..2 * MSGPACK).flat_map(|both| [LINK, POLL].map(|way| together(both, way))));
    found.push(
        [&[0, LINK][..], &step(TEXT, &[b"5::/b:", &[b'1'; 40][..]].concat()).repeat(2)].concat(),
    );
    found
}

/// What was recorded, said to the root and to another endpoint.
fn recorded(generation: u8, says: &[Vec<u8>], (way, text): (u8, u8)) -> Vec<u8> {
    let joins = if generation == 0 { "1::/a" } else { "40/a," };
    let mut input = vec![generation];
    input.extend(joined(generation, way, 0, false));
    for said in says {
        input.extend(step(TEXT, joins.as_bytes()));
        input.push(ADMIT);
        let is_text = std::str::from_utf8(said).is_ok();
        input.extend(step(if is_text { text } else { BYTES }, said));
    }
    input
}

/// Two clients who are sent the same and other things, answer, move to a WebSocket and wait.
fn together(both: u8, way: u8) -> Vec<u8> {
    const ASKS: u8 = 0x20;
    let mut input = vec![both];
    let is_msgpack = both >= MSGPACK;
    input.extend(joined(both % 3, way, 0, is_msgpack));
    input.extend(joined(both / 3 % 3, way, OTHER, is_msgpack));
    for kind in 0..4 {
        input.extend([BROADCAST, kind << 2, EMIT | OTHER, kind << 2, EMIT, kind << 2 | ASKS]);
        input.extend([POLL, POLL | OTHER]);
    }
    for (id, ack) in [(1, &b"6:::1+[2]"[..]), (2, b"430[2]"), (2, b"431[2]")] {
        input.extend(step(TEXT, ack));
        input.extend([WAIT, 20 * id]);
    }
    input.extend([LINK, PROBE, 0, BROADCAST, 0, PROBE, 1, BROADCAST, 4, WAIT, 80, WAIT, 120]);
    input
}

/// A client comes and is let in.
fn joined(generation: u8, way: u8, who: u8, is_msgpack: bool) -> Vec<u8> {
    let connect = b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\xc0";
    let says = match generation {
        2 if is_msgpack => step(BYTES | who, connect),
        2 => step(TEXT | who, b"40"),
        _ => Vec::new(),
    };
    [&[way | who][..], &says, &[ADMIT | who]].concat()
}

fn step(step: u8, said: &[u8]) -> Vec<u8> {
    let said = said.get(..usize::from(u8::MAX)).unwrap_or(said);
    [&[step, said.len() as u8][..], said].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive;

    /// Of changes, after the seeds; some seconds where nothing is optimised.
    const ROUNDS: usize = 6_000;

    #[test]
    fn what_was_recorded_is_found() {
        for (target, seeds) in SEEDS {
            assert!(seeds().len() > 20, "{target} begins with {} seeds", seeds().len());
        }
        assert!(socketio().iter().any(|message| message.starts_with(b"52-[\"bin\"")));
    }

    #[test]
    fn nothing_near_what_was_recorded_breaks_a_codec() {
        let targets = [
            ("legacy", crate::legacy as fn(&[u8])),
            ("engineio3", crate::engineio3),
            ("engineio4", crate::engineio4),
            ("socketio", crate::socketio),
            ("msgpack", crate::msgpack),
        ];
        for (name, target) in targets {
            drive(target, &crate::seeds(name), ROUNDS);
        }
    }
}
