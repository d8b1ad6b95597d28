//! What the codecs read, for a program that compares it with what others read.
//!
//! In: lines that are each a JSON array of a grammar (see [`read`]) and a text. Out: a line for each, which is
//! what was read as JSON, or `{"error":"…"}`. What is JSON in a packet is a string here, as it came: it is the other
//! side's to read. Started by `tests/clients/parsers`.

use std::io::{self, BufRead, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytestring::ByteString;
use serde_json::{Value, json};
use socketio_core::protocol::engineio::{DecodeError, Frame, Packet as Engine, v3, v4};
use socketio_core::protocol::legacy::{self, Advice, Reason, payload};
use socketio_core::protocol::socketio::{Packet, PacketKind, Protocol, Rules, decode};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let (grammar, text): (String, String) = serde_json::from_str(&line?)?;
        writeln!(out, "{}", read(&grammar, text)?)?;
    }
    out.flush()
}

/// What a text is in a grammar: a packet of Socket.IO in protocol 4 or 5 (`sio4`, `sio5`), or a body of Engine.IO 3 or
/// 4 (`eio3`, `eio4`), of 3 also one of bytes, in base64 (`eio3-bytes`), or one of Socket.IO 0.9 (`legacy`).
fn read(grammar: &str, text: String) -> io::Result<Value> {
    let text = text.into();
    Ok(match grammar {
        "sio4" => packet(decode(&text, &Rules::new(Protocol::V4))),
        "sio5" => packet(decode(&text, &Rules::new(Protocol::V5))),
        "eio3" => packets(v3::payload::decode(&Frame::Text(text))),
        "eio3-bytes" => {
            let bytes = STANDARD.decode(&*text).map_err(io::Error::other)?;
            packets(v3::payload::decode(&Frame::Binary(bytes.into())))
        }
        "legacy" => payload::decode(&text).map(|text| legacy_packet(&text)).collect(),
        "eio4" => packets(v4::payload::decode(&text)),
        other => return Err(io::Error::other(format!("no grammar: {other}"))),
    })
}

fn packet(packet: Result<Packet, impl ToString>) -> Value {
    let Packet { namespace, kind } = match packet {
        Ok(packet) => packet,
        Err(error) => return json!({ "error": error.to_string() }),
    };
    let nsp = if namespace.is_empty() { "/" } else { &*namespace };
    match kind {
        PacketKind::Connect { data } => json!({ "type": 0, "nsp": nsp, "data": &*data }),
        PacketKind::Disconnect => json!({ "type": 1, "nsp": nsp }),
        PacketKind::Event { name, args, ack, attachments } => json!({
            "type": 2,
            "nsp": nsp,
            "id": ack.as_deref(),
            "name": &*name,
            "data": format!("[{args}"),
            "attachments": attachments,
        }),
        PacketKind::Ack { id, args, attachments } => json!({
            "type": 3,
            "nsp": nsp,
            "id": &*id,
            "data": &*args,
            "attachments": attachments,
        }),
        PacketKind::ConnectError { data } => json!({ "type": 4, "nsp": nsp, "data": &*data }),
        other => json!({ "error": format!("{other:?}") }),
    }
}

/// All packets of a body, and the error that follows them if there is one.
fn packets(body: impl Iterator<Item = Result<Engine, DecodeError>>) -> Value {
    let entry = |packet| match packet {
        Ok(Engine::Open(json)) => json!(["open", &*json]),
        Ok(Engine::Close) => json!(["close", ""]),
        Ok(Engine::Ping(data)) => json!(["ping", &*data]),
        Ok(Engine::Pong(data)) => json!(["pong", &*data]),
        Ok(Engine::Message(text)) => json!(["message", &*text]),
        Ok(Engine::Binary(bytes)) => json!(["binary", STANDARD.encode(bytes)]),
        Ok(Engine::Upgrade) => json!(["upgrade", ""]),
        Ok(Engine::Noop) => json!(["noop", ""]),
        Ok(other) => json!(["other", format!("{other:?}")]),
        Err(_) => json!(["error", ""]),
    };
    body.map(entry).collect()
}

/// A packet of Socket.IO 0.9 in the words of its own parser; one that is none has no type.
fn legacy_packet(text: &ByteString) -> Value {
    use legacy::PacketKind as Kind;
    let Some(packet) = legacy::decode(text) else { return json!({}) };
    let mut read = match &packet.kind {
        Kind::Disconnect => json!({ "type": "disconnect" }),
        Kind::Connect { query } => json!({ "type": "connect", "qs": &**query }),
        Kind::Heartbeat => json!({ "type": "heartbeat" }),
        Kind::Message(text) => json!({ "type": "message", "data": &**text }),
        Kind::Json(data) => json!({ "type": "json", "data": &**data }),
        Kind::Event { name, args } => {
            json!({ "type": "event", "name": name.as_deref(), "args": &**args })
        }
        Kind::Ack { id, args } => json!({ "type": "ack", "ackId": id.as_deref(), "args": &**args }),
        Kind::Error { reason, advice } => {
            let reason = match reason {
                Some(Reason::TransportNotSupported) => "transport not supported",
                Some(Reason::NotHandshaken) => "client not handshaken",
                Some(Reason::Unauthorized) => "unauthorized",
                _ => "",
            };
            let advice = if *advice == Some(Advice::Reconnect) { "reconnect" } else { "" };
            json!({ "type": "error", "reason": reason, "advice": advice })
        }
        Kind::Noop => json!({ "type": "noop" }),
        _ => json!({}),
    };
    if let Some(object) = read.as_object_mut() {
        object.insert("endpoint".to_owned(), json!(&*packet.endpoint));
        let id = packet.id.map(|id| json!([&*id.id, id.wants_data]));
        object.insert("id".to_owned(), id.into());
    }
    read
}
