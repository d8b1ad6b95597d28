//! The codec of Socket.IO 0.7 to 0.9 does what the reference server's parser does.
//!
//! Plays the parser vectors of `wire/legacy-vectors.json`, which were recorded from socket.io 0.9.19.
//! Expectations there are the JavaScript objects of that parser, so packets are compared in that
//! shape, with JSON as values.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a vector of another shape is a failed test"
)]

use serde_json::{Value, json};
use socketio_core::protocol::legacy::{
    AckRequest, Advice, Packet, PacketKind, Reason, decode, payload,
};

const VECTORS: &str = include_str!("../wire/legacy-vectors.json");

/// Vectors of `packet_encode` that are not followed: why, and what is written instead, if anything.
const DIFFERENCES: [(&str, &str, Option<&str>); 3] = [
    ("packet_encode/message-null", "a message is text, and null is none", None),
    ("packet_encode/message-object", "a message is text, and an object is none", None),
    (
        "packet_encode/error-unknown-reason",
        "the reference writes the word `undefined` for a reason without a code",
        Some("7::/autherr"),
    ),
];

const TYPES: [&str; 9] =
    ["disconnect", "connect", "heartbeat", "message", "json", "event", "ack", "error", "noop"];

const REASONS: [(&str, Reason); 3] = [
    ("transport not supported", Reason::TransportNotSupported),
    ("client not handshaken", Reason::NotHandshaken),
    ("unauthorized", Reason::Unauthorized),
];

/// Runs `check` on every vector of a group; it returns what is wrong, and all of that is reported.
fn each(group: &str, mut check: impl FnMut(&Value) -> Option<String>) {
    // A lone surrogate cannot be had in UTF-8; whoever turns it into text puts U+FFFD in its place.
    let vectors: Value = serde_json::from_str(&VECTORS.replace("{{U+D83D}}", "\u{FFFD}")).unwrap();
    let vectors = vectors[group].as_array().unwrap();
    let failures: Vec<_> = vectors
        .iter()
        .filter_map(|vector| Some(format!("{}: {}", vector["id"], check(vector)?)))
        .collect();
    assert_eq!(failures, [""; 0]);
    let written = VECTORS.matches(&format!("\"id\": \"{group}/")).count();
    assert!(written > 0 && vectors.len() == written, "{} of {written}", vectors.len());
}

fn differ<T: PartialEq + std::fmt::Debug>(got: &T, expected: &T) -> Option<String> {
    (got != expected).then(|| format!("got {got:?}, expected {expected:?}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What the reference calls this packet; members that it has as `undefined` are left out.
fn as_reference(packet: Option<Packet>) -> Value {
    let Some(Packet { id, endpoint, kind }) = packet else { return json!({}) };
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let (kind, mut object) = match kind {
        PacketKind::Disconnect => (0, json!({})),
        PacketKind::Connect { query } => (1, json!({ "qs": &*query })),
        PacketKind::Heartbeat => (2, json!({})),
        PacketKind::Message(text) => (3, json!({ "data": &*text })),
        PacketKind::Json(text) => (4, json!({ "data": json(&text) })),
        PacketKind::Event { name: Some(name), args } => {
            (5, json!({ "name": &*name, "args": json(&args) }))
        }
        PacketKind::Event { name: None, args } => (5, json!({ "args": json(&args) })),
        PacketKind::Ack { id: Some(id), args } => {
            (6, json!({ "ackId": &*id, "args": json(&args) }))
        }
        PacketKind::Ack { id: None, .. } => (6, json!({})),
        PacketKind::Error { reason, advice } => {
            let reason = REASONS.iter().find(|(_, code)| reason == Some(*code));
            let reason = reason.map_or("", |(name, _)| name);
            (7, json!({ "reason": reason, "advice": advice.map_or("", |_| "reconnect") }))
        }
        PacketKind::Noop => (8, json!({})),
        _ => (9, json!({})),
    };
    if let Some(name) = TYPES.get(kind) {
        object["type"] = json!(name);
    }
    if let Some(AckRequest { id, wants_data }) = id {
        object["id"] = json!(&*id);
        object["ack"] = if wants_data { json!("data") } else { json!(true) };
    }
    object["endpoint"] = json!(&*endpoint);
    object
}

/// The packet that the reference calls so.
fn from_reference(object: &Value) -> Packet {
    let digits = |value: &Value| value.to_string().trim_matches('"').to_owned();
    let args = || object.get("args").map_or("[]".into(), Value::to_string).into();
    let kind = match text(&object["type"]) {
        "disconnect" => PacketKind::Disconnect,
        "connect" => {
            PacketKind::Connect { query: object["qs"].as_str().unwrap_or_default().into() }
        }
        "heartbeat" => PacketKind::Heartbeat,
        "message" => PacketKind::Message(text(&object["data"]).into()),
        "json" => {
            PacketKind::Json(object.get("data").map(Value::to_string).unwrap_or_default().into())
        }
        "event" => PacketKind::Event { name: Some(text(&object["name"]).into()), args: args() },
        "ack" => PacketKind::Ack { id: Some(digits(&object["ackId"]).into()), args: args() },
        "error" => {
            let reason = REASONS.iter().find(|(name, _)| object["reason"] == *name);
            let advice = (object["advice"] == "reconnect").then_some(Advice::Reconnect);
            PacketKind::Error { reason: reason.map(|(_, code)| *code), advice }
        }
        "noop" => PacketKind::Noop,
        other => panic!("no such type: {other}"),
    };
    let id = object
        .get("id")
        .map(|id| AckRequest { id: digits(id).into(), wants_data: object["ack"] == "data" });
    Packet { id, endpoint: text(&object["endpoint"]).into(), kind }
}

/// An expectation without the members that are there with the value `undefined`.
fn without_undefined(expected: &Value) -> Value {
    let mut expected = expected.clone();
    if let Some(object) = expected.as_object_mut() {
        object.retain(|_, value| value != "__undefined__");
    }
    expected
}

#[test]
fn packets_are_decoded_as_the_reference_decodes_them() {
    each("packet_decode", |vector| {
        let packet = decode(&text(&vector["input"]).into());
        differ(&as_reference(packet), &without_undefined(&vector["expected_server"]))
    });
}

#[test]
fn decoded_packets_survive_being_encoded() {
    each("packet_decode", |vector| {
        let packet = decode(&text(&vector["input"]).into())?;
        let expected = match packet.kind {
            PacketKind::Unknown => Packet { kind: PacketKind::Noop, ..packet.clone() },
            _ => packet.clone(),
        };
        differ(&decode(&packet.encode()), &Some(expected))
    });
}

#[test]
fn packets_are_encoded_as_the_reference_encodes_them() {
    let mut differences = 0;
    each("packet_encode", |vector| {
        let mut expected = text(&vector["expected_server"]);
        if let Some((_, _, ours)) = DIFFERENCES.iter().find(|(id, ..)| vector["id"] == *id) {
            differences += 1;
            expected = (*ours)?;
        }
        differ(&&*from_reference(&vector["input"]).encode(), &expected)
    });
    assert_eq!(differences, DIFFERENCES.len());
}

#[test]
fn encoded_packets_survive_being_decoded() {
    each("packet_encode", |vector| {
        let mut expected = text(&vector["expected_server"]);
        if let Some((_, _, Some(ours))) = DIFFERENCES.iter().find(|(id, ..)| vector["id"] == *id) {
            expected = ours;
        }
        let packet = decode(&expected.into()).unwrap();
        // Of no JSON at all a decoder makes `false`, as the reference does.
        let expected = if expected == "4::" { "4:::false" } else { expected };
        differ(&&*packet.encode(), &expected)
    });
}

#[test]
fn payloads_are_decoded_as_the_reference_decodes_them() {
    each("payload_decode", |vector| {
        let packets = payload::decode(&text(&vector["input"]).into());
        let packets = packets.map(|packet| as_reference(decode(&packet))).collect();
        differ(&Value::Array(packets), &vector["expected_server"])
    });
}

#[test]
fn payloads_are_encoded_as_the_reference_encodes_them_and_decoded_again() {
    each("payload_encode", |vector| {
        let packets = vector["input"].as_array().unwrap();
        let packets: Vec<_> = packets.iter().map(|packet| text(packet).into()).collect();
        let body = payload::encode(&packets);
        differ(&&*body, &text(&vector["expected_server"]))
            .or_else(|| differ(&payload::decode(&body).collect(), &packets))
    });
}
