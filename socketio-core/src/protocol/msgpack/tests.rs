//! Packets in MessagePack: recorded ones, all values, hostile ones.

use bytes::Bytes;
use serde_json::Value;

use super::*;
use crate::protocol::generate::Random;
use crate::protocol::socketio::{Complete, Packet, PacketKind};

fn hex(text: &str) -> Bytes {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn read(message: &Bytes) -> Result<Complete, DecodeError> {
    decode(message, MAX_ATTACHMENTS)
}

/// `{"type":2,"nsp":"/","data":["x",…]}` with this value, and the JSON text that is made of it.
fn event_of(value: &[u8]) -> Bytes {
    let mut message =
        hex("83 a4 74 79 70 65 02 a3 6e 73 70 a1 2f a4 64 61 74 61 92 a1 78").to_vec();
    message.extend_from_slice(value);
    message.into()
}

/// The packet in text, as other clients send it.
#[track_caller]
fn check(message: &str, text: &str, attachments: &[&[u8]]) -> Complete {
    let complete = read(&hex(message)).unwrap();
    assert_eq!(complete.packet.encode(), text);
    assert_eq!(complete.attachments, attachments);
    complete
}

/// Recorded from socket.io 4.8.4 and its client with socket.io-msgpack-parser 3.0.2.
#[test]
fn packets_of_the_official_client_are_read() {
    check("83 a4 74 79 70 65 00 a4 64 61 74 61 d4 00 00 a3 6e 73 70 a1 2f", "0", &[]);
    check(
        "84 a4 74 79 70 65 02 a4 64 61 74 61 93 a4 65 63 68 6f a2 68 69 01 a7 6f 70 74 69 6f 6e 73 \
         81 a8 63 6f 6d 70 72 65 73 73 c3 a3 6e 73 70 a1 2f",
        r#"2["echo","hi",1]"#,
        &[],
    );
    check(
        "85 a4 74 79 70 65 02 a4 64 61 74 61 92 a3 62 69 6e c4 02 01 02 a7 6f 70 74 69 6f 6e 73 81 \
         a8 63 6f 6d 70 72 65 73 73 c3 a2 69 64 00 a3 6e 73 70 a1 2f",
        r#"51-0["bin",{"_placeholder":true,"num":0}]"#,
        &[&[1, 2]],
    );
    check("82 a4 74 79 70 65 01 a3 6e 73 70 a1 2f", "1", &[]);
}

/// Recorded likewise, but the `pid` of the first, which is `undefined` there.
#[test]
fn packets_for_the_official_client_are_written_as_the_reference_writes_them() {
    for (message, text, attachments) in [
        (
            "83 a4 74 79 70 65 00 a4 64 61 74 61 81 a3 73 69 64 b4 33 6d 4e 4d 69 78 74 30 54 4b 52 \
             6a 58 62 4f 45 41 41 41 4b a3 6e 73 70 a1 2f",
            r#"0{"sid":"3mNMixt0TKRjXbOEAAAK"}"#,
            &[][..],
        ),
        (
            "83 a4 74 79 70 65 02 a4 64 61 74 61 93 a9 65 63 68 6f 2d 62 61 63 6b a2 68 69 01 a3 6e \
             73 70 a1 2f",
            r#"2["echo-back","hi",1]"#,
            &[],
        ),
        (
            "84 a2 69 64 00 a4 74 79 70 65 03 a4 64 61 74 61 91 c4 02 01 02 a3 6e 73 70 a1 2f",
            r#"61-0[{"_placeholder":true,"num":0}]"#,
            &[&[1, 2][..]],
        ),
        ("82 a4 74 79 70 65 01 a3 6e 73 70 a1 2f", "1", &[]),
        (
            "84 a4 74 79 70 65 02 a4 64 61 74 61 91 a1 78 a2 69 64 cd 01 00 a3 6e 73 70 a2 2f 61",
            r#"2/a,256["x"]"#,
            &[],
        ),
        (
            "83 a4 74 79 70 65 04 a4 64 61 74 61 81 a7 6d 65 73 73 61 67 65 a2 6e 6f a3 6e 73 70 \
             a2 2f 61",
            r#"4/a,{"message":"no"}"#,
            &[],
        ),
        ("82 a4 74 79 70 65 00 a3 6e 73 70 a2 2f 61", "0/a,", &[]),
    ] {
        let Complete { packet, attachments } = check(message, text, attachments);
        assert_eq!(encode(&packet, &attachments).unwrap(), hex(message), "{text}");
    }
}

#[test]
fn values_become_the_json_that_javascript_would_write() {
    for (value, json) in [
        ("c0", "null"),
        ("c2", "false"),
        ("c3", "true"),
        ("00", "0"),
        ("7f", "127"),
        ("e0", "-32"),
        ("cc ff", "255"),
        ("cd 01 00", "256"),
        ("ce ff ff ff ff", "4294967295"),
        ("cf 00 20 00 00 00 00 00 01", "9007199254740993"),
        ("cf ff ff ff ff ff ff ff ff", "18446744073709551615"),
        ("d0 80", "-128"),
        ("d0 05", "5"),
        ("d1 80 00", "-32768"),
        ("d2 80 00 00 00", "-2147483648"),
        ("d3 80 00 00 00 00 00 00 00", "-9223372036854775808"),
        ("ca 3f 00 00 00", "0.5"),
        ("cb 3f b9 99 99 99 99 99 9a", "0.1"),
        ("cb 40 14 00 00 00 00 00 00", "5"),
        ("cb 80 00 00 00 00 00 00 00", "0"),
        ("cb 7e 37 e4 3c 88 00 75 9c", "1e+300"),
        ("ca 7f c0 00 00", "null"),
        ("cb ff f0 00 00 00 00 00 00", "null"),
        ("a0", "\"\""),
        ("a3 61 22 0a", r#""a\"\n""#),
        ("d9 04 f0 9f 98 80", "\"😀\""),
        ("da 00 01 61", "\"a\""),
        ("db 00 00 00 01 61", "\"a\""),
        ("c4 00", "$0"),
        ("c5 00 01 07", "$0"),
        ("c6 00 00 00 01 07", "$0"),
        ("90", "[]"),
        ("92 01 c4 00", "[1,$0]"),
        ("dc 00 01 90", "[[]]"),
        ("dd 00 00 00 01 01", "[1]"),
        ("80", "{}"),
        ("de 00 01 a1 61 01", "{\"a\":1}"),
        ("df 00 00 00 02 a1 61 c4 00 a1 62 c4 01 00", "{\"a\":$0,\"b\":$1}"),
        (
            "87 c0 01 c2 02 05 03 ff 04 cb 3f e0 00 00 00 00 00 00 05 cb 40 14 00 00 00 00 00 00 06 \
          d4 00 00 07",
            r#"{"null":1,"false":2,"5":3,"-1":4,"0.5":5,"5":6,"undefined":7}"#,
        ),
        // `undefined` is null in a list, and no member of an object.
        ("93 01 d4 00 00 02", "[1,null,2]"),
        ("83 a1 61 d4 00 00 a1 62 01 a1 63 d4 00 00", "{\"b\":1}"),
        ("81 a1 61 d4 00 00", "{}"),
        // An `ArrayBuffer` of notepack.io 2 in Node.js.
        ("c7 02 00 01 02", "$0"),
        ("c7 08 00 01 02 03 04 05 06 07 08", "$0"),
        ("c8 00 01 00 01", "$0"),
        ("c9 00 00 00 01 00 01", "$0"),
        // Dates: notepack.io 2, and the specification's three.
        ("d7 00 00 00 01 93 1a 3b 2c 1d", "\"2024-11-11T07:58:25.821Z\""),
        ("d7 00 ff ff ff ff ff ff ff ff", "\"1969-12-31T23:59:59.999Z\""),
        ("d7 00 7f ff ff ff ff ff ff ff", "null"),
        ("d6 ff 00 00 00 01", "\"1970-01-01T00:00:01.000Z\""),
        ("d7 ff 1d cd 65 00 00 00 00 01", "\"1970-01-01T00:00:01.125Z\""),
        ("c7 0c ff 1d cd 65 00 ff ff ff ff ff ff ff ff", "\"1969-12-31T23:59:59.500Z\""),
        ("c7 0c ff 00 00 00 00 7f ff ff ff ff ff ff ff", "null"),
        // Other extensions are what notepack.io makes of them.
        ("d4 05 07", "[5,$0]"),
        ("d5 00 01 02", "[0,$0]"),
        ("d8 80 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f", "[-128,$0]"),
        ("c7 01 ff 07", "[-1,$0]"),
    ] {
        let complete = read(&event_of(&hex(value))).unwrap();
        let placeholder = |num| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
        let json = json.replace("$0", &placeholder(0)).replace("$1", &placeholder(1));
        let PacketKind::Event { name, args, attachments, .. } = complete.packet.kind else {
            panic!("no event")
        };
        assert_eq!((&*name, &*args), ("x", &*format!("{json}]")), "{value}");
        assert_eq!(complete.attachments.len(), attachments);
    }
}

#[test]
fn attachments_are_slices_of_the_message() {
    let message = event_of(&hex("92 c4 02 01 02 c7 01 00 07"));
    let complete = read(&message).unwrap();
    assert_eq!(complete.attachments, [&[1, 2][..], &[7]]);
    for attachment in complete.attachments {
        assert!(message.as_ptr_range().contains(&attachment.as_ptr()));
    }
}

#[test]
fn json_becomes_the_shortest_messagepack() {
    for (json, value) in [
        ("null", "c0"),
        ("true", "c3"),
        ("127", "7f"),
        ("-32", "e0"),
        ("128", "cc 80"),
        ("65536", "ce 00 01 00 00"),
        ("9007199254740993", "cf 00 20 00 00 00 00 00 01"),
        ("-129", "d1 ff 7f"),
        ("-9223372036854775808", "d3 80 00 00 00 00 00 00 00"),
        ("0.1", "cb 3f b9 99 99 99 99 99 9a"),
        ("54042.871100000004", "cb 40 ea 63 5b e0 0d 1b 72"),
        ("\"é\\n\"", "a3 c3 a9 0a"),
        ("[[],{}]", "92 90 80"),
        (r#"{"b":1,"a":[$,$]}"#, "82 a1 62 01 a1 61 92 c4 02 01 02 c4 02 01 02"),
        (r#"{"num":1}"#, "81 a3 6e 75 6d 01"),
    ] {
        let args = json.replace('$', r#"{"_placeholder":true,"num":0}"#) + "]";
        let packet = event("x", &args);
        let message = encode(&packet, &[Bytes::from_static(&[1, 2])]).unwrap();
        let expected = [hex("92 a1 78"), hex(value), hex("a3 6e 73 70 a1 2f")].concat();
        assert!(message.ends_with(&expected), "{json}: {message:02x?}");
    }
    let list = |length: usize| format!("[{}1]]", "1,".repeat(length - 1));
    for (length, head) in [(15, "9f"), (16, "dc 00 10"), (65536, "dd 00 01 00 00")] {
        let message = encode(&event("x", &list(length)), &[]).unwrap();
        let expected = [hex("92 a1 78"), hex(head)].concat();
        assert!(message.windows(expected.len()).any(|window| *window == expected), "{length}");
    }
}

#[test]
fn what_is_no_packet_is_told() {
    let payload = |expected| DecodeError::Payload { expected };
    for (message, error) in [
        ("", DecodeError::TooShort { length: 0 }),
        ("90", DecodeError::NotAMap),
        ("c0", DecodeError::NotAMap),
        ("80", DecodeError::Type),
        ("81 90 00", DecodeError::NotAMap),
        ("82 a4 74 79 70 65 01 a3 6e 73 70 a1 2f 00", DecodeError::TooLong { at: 13 }),
        ("82 a4 74 79 70 65 07 a3 6e 73 70 a1 2f", DecodeError::Type),
        ("82 a4 74 79 70 65 ff a3 6e 73 70 a1 2f", DecodeError::Type),
        ("82 a4 74 79 70 65 a1 31 a3 6e 73 70 a1 2f", DecodeError::Type),
        ("82 a4 74 79 70 65 90 a3 6e 73 70 a1 2f", DecodeError::Type),
        ("81 a4 74 79 70 65 01", DecodeError::Namespace),
        ("82 a4 74 79 70 65 01 a3 6e 73 70 c4 00", DecodeError::Namespace),
        ("82 a4 74 79 70 65 01 a3 6e 73 70 a1 ff", DecodeError::NotUtf8 { at: 12 }),
        ("82 a4 74 79 70 65 c1 a3 6e 73 70 a1 2f", DecodeError::Reserved { at: 6 }),
        (
            "83 a4 74 79 70 65 00 a4 64 61 74 61 90 a3 6e 73 70 a1 2f",
            payload("an object or nothing"),
        ),
        (
            "83 a4 74 79 70 65 00 a4 64 61 74 61 c4 00 a3 6e 73 70 a1 2f",
            payload("an object or nothing"),
        ),
        ("83 a4 74 79 70 65 01 a4 64 61 74 61 80 a3 6e 73 70 a1 2f", payload("nothing")),
        ("82 a4 74 79 70 65 02 a3 6e 73 70 a1 2f", payload("an array")),
        ("83 a4 74 79 70 65 02 a4 64 61 74 61 80 a3 6e 73 70 a1 2f", payload("an array")),
        (
            "83 a4 74 79 70 65 02 a4 64 61 74 61 90 a3 6e 73 70 a1 2f",
            payload("an array that begins with a name"),
        ),
        (
            "83 a4 74 79 70 65 02 a4 64 61 74 61 91 c0 a3 6e 73 70 a1 2f",
            payload("an array that begins with a name"),
        ),
        (
            "83 a4 74 79 70 65 02 a4 64 61 74 61 91 c4 00 a3 6e 73 70 a1 2f",
            payload("an array that begins with a name"),
        ),
        ("82 a4 74 79 70 65 04 a3 6e 73 70 a1 2f", payload("an object or a string")),
        (
            "83 a4 74 79 70 65 04 a4 64 61 74 61 05 a3 6e 73 70 a1 2f",
            payload("an object or a string"),
        ),
        ("83 a4 74 79 70 65 03 a4 64 61 74 61 90 a3 6e 73 70 a1 2f", DecodeError::Id),
        ("84 a4 74 79 70 65 03 a4 64 61 74 61 90 a2 69 64 c0 a3 6e 73 70 a1 2f", DecodeError::Id),
        ("84 a4 74 79 70 65 03 a4 64 61 74 61 90 a2 69 64 ff a3 6e 73 70 a1 2f", DecodeError::Id),
        (
            "84 a4 74 79 70 65 03 a4 64 61 74 61 90 a2 69 64 a1 31 a3 6e 73 70 a1 2f",
            DecodeError::Id,
        ),
        (
            "84 a4 74 79 70 65 03 a4 64 61 74 61 90 a2 69 64 91 00 a3 6e 73 70 a1 2f",
            DecodeError::Id,
        ),
    ] {
        assert_eq!(read(&hex(message)), Err(error), "{message}");
    }
    for (value, error) in [
        ("a1 ff", DecodeError::NotUtf8 { at: 22 }),
        ("81 90 01", DecodeError::Key { at: 22 }),
        ("81 c4 00 01", DecodeError::Key { at: 22 }),
        ("81 80 01", DecodeError::Key { at: 22 }),
    ] {
        assert_eq!(read(&event_of(&hex(value))), Err(error), "{value}");
    }
}

#[test]
fn fields_come_in_any_order_and_any_company() {
    for message in [
        "83 a3 6e 73 70 a1 2f a4 64 61 74 61 91 a1 78 a4 74 79 70 65 02",
        "84 a4 74 79 70 65 02 c0 91 c4 01 00 a4 64 61 74 61 91 a1 78 a3 6e 73 70 a1 2f",
        "84 a4 64 61 74 61 91 c4 01 00 a4 74 79 70 65 02 a4 64 61 74 61 91 a1 78 a3 6e 73 70 a1 2f",
        "84 a4 74 79 70 65 cc 02 a2 69 64 d4 00 00 a4 64 61 74 61 dc 00 01 a1 78 a3 6e 73 70 a1 2f",
        "84 a4 74 79 70 65 d0 02 a2 69 64 c0 a4 64 61 74 61 91 a1 78 a3 6e 73 70 d9 01 2f",
    ] {
        check(message, "2[\"x\"]", &[]);
    }
    check("83 a4 74 79 70 65 01 a4 64 61 74 61 c0 a3 6e 73 70 a1 2f", "1", &[]);
    check("83 a4 74 79 70 65 02 a4 64 61 74 61 91 07 a3 6e 73 70 a1 2f", "2[\"7\"]", &[]);
}

#[test]
fn a_packet_cut_off_anywhere_is_too_short() {
    let whole = event_of(&hex(
        "9d 81 a1 61 cd 01 00 d9 01 61 da 00 01 61 db 00 00 00 01 61 c4 01 00 c7 01 00 00 d4 00 00 \
         d7 ff 00 00 00 00 00 00 00 00 ca 00 00 00 00 cb 00 00 00 00 00 00 00 00 d3 00 00 00 00 00 \
         00 00 00 dc 00 01 c0 de 00 01 a0 c0",
    ));
    read(&whole).unwrap();
    for end in 0..whole.len() {
        let error = DecodeError::TooShort { length: end };
        assert_eq!(read(&whole.slice(..end)), Err(error));
    }
}

#[test]
fn declared_lengths_take_no_memory_and_depth_no_stack() {
    for value in [
        "db ff ff ff ff",
        "c6 ff ff ff ff",
        "c9 ff ff ff ff 00",
        "dd ff ff ff ff",
        "df ff ff ff ff",
        "dd ff ff ff ff dd ff ff ff ff dd ff ff ff ff",
    ] {
        assert!(matches!(read(&event_of(&hex(value))), Err(DecodeError::TooShort { .. })));
    }
    let unknown = hex("81 a1 61 dd ff ff ff ff df ff ff ff ff df ff ff ff ff");
    assert!(matches!(read(&unknown), Err(DecodeError::TooShort { .. })));

    // The data's own array is one level of them.
    let nested = |depth: usize| event_of(&[vec![0x91; depth], vec![0xC0]].concat());
    read(&nested(MAX_DEPTH - 1)).unwrap();
    for depth in [MAX_DEPTH, 1 << 20] {
        assert_eq!(read(&nested(depth)), Err(DecodeError::TooDeep));
    }
    let skipped =
        [hex("83 a4 74 79 70 65 01 a3 6e 73 70 a1 2f a1 61"), nested(1 << 20).slice(21..)];
    read(&skipped.concat().into()).unwrap();
}

#[test]
fn binary_values_are_counted() {
    let many =
        |count: u8| event_of(&[vec![0xDC, 0, count], [0xC4, 0].repeat(count.into())].concat());
    assert_eq!(decode(&many(20), 20).unwrap().attachments.len(), 20);
    let error = DecodeError::TooManyAttachments { limit: 20 };
    assert_eq!(decode(&many(21), 20), Err(error));
}

#[test]
fn what_cannot_be_written_is_told() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth) + "]";
    encode(&event("x", &nested(126)), &[]).unwrap();
    for args in [&*nested(127), r#"{"_placeholder":true,"num":1}]"#, "1", ""] {
        encode(&event("x", args), &[Bytes::new()]).unwrap_err();
    }
    let ack = |id: &str| PacketKind::<bytestring::ByteString>::Ack {
        id: id.into(),
        args: "[]".into(),
        attachments: 0,
    };
    for id in ["", "18446744073709551616", "x"] {
        let packet = Packet { namespace: "".into(), kind: ack(id) };
        encode(&packet, &[]).unwrap_err();
    }
    // Without attachments, nothing is a placeholder.
    encode(&event("x", r#"{"_placeholder":true,"num":1}]"#), &[]).unwrap();
}

fn event(name: &str, args: &str) -> Packet {
    let (name, args) = (name.into(), args.into());
    Packet {
        namespace: "".into(),
        kind: PacketKind::Event { name, args, ack: None, attachments: 0 },
    }
}

#[test]
fn noise_is_read_without_harm() {
    let mut random = Random::new(7);
    for _ in 0..20_000 {
        let noise: Vec<u8> =
            (0..random.below(40)).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
        let _any = read(&event_of(&noise));
        let _any = read(&noise.into());
    }
}

#[test]
fn what_is_written_is_read_again() {
    let mut random = Random::new(1);
    for _ in 0..2000 {
        let args: Vec<_> = (0..random.below(4)).map(|_| random.json(3)).collect();
        let binary = (random.bytes(), random.bytes());
        let kind = random.below(5);
        let (json, object) = (serde_json::to_string(&args).unwrap(), random.json(0));
        let object = serde_json::json!({ "a": object }).to_string();
        let with_binary =
            format!(r#"[{{"_placeholder":true,"num":0}},{json},{{"_placeholder":true,"num":1}}]"#);
        let (id, name) = (random.below(1 << 30).to_string(), random.text());
        let behind = |json: &str| json.strip_prefix('[').unwrap().into();
        let (kind, attachments) = match kind {
            0 => (PacketKind::Connect { data: object.into() }, vec![]),
            1 => (PacketKind::ConnectError { data: object.into() }, vec![]),
            2 => {
                let ack = Some(id.into());
                let (name, args) = (name.into(), behind(&with_binary));
                (PacketKind::Event { name, args, ack, attachments: 2 }, vec![binary.0, binary.1])
            }
            3 => {
                let (name, args) = (name.into(), behind(&json));
                (PacketKind::Event { name, args, ack: None, attachments: 0 }, vec![])
            }
            _ => (PacketKind::Ack { id: id.into(), args: json.into(), attachments: 0 }, vec![]),
        };
        let packet = Packet { namespace: format!("/n{}", random.text()).into(), kind };
        let message = encode(&packet, &attachments).unwrap();
        let again = read(&message).unwrap();
        assert_eq!(again.attachments, attachments);
        assert_eq!(again.packet.namespace, packet.namespace);
        assert_eq!(in_values(&again.packet.kind), in_values(&packet.kind));
    }
}

/// What a packet says; all numbers are floats, for a whole one has no fraction after a journey.
fn in_values(kind: &PacketKind) -> (String, Value) {
    fn floats(value: Value) -> Value {
        match value {
            Value::Number(number) => number.as_f64().into(),
            Value::Array(values) => values.into_iter().map(floats).collect(),
            Value::Object(map) => {
                map.into_iter().map(|(key, value)| (key, floats(value))).collect()
            }
            other => other,
        }
    }
    let (head, json) = match kind {
        PacketKind::Connect { data } => ("connect".to_owned(), data.to_string()),
        PacketKind::ConnectError { data } => ("error".to_owned(), data.to_string()),
        PacketKind::Event { name, args, ack, attachments } => {
            (format!("event {name} {ack:?} {attachments}"), format!("[{args}"))
        }
        PacketKind::Ack { id, args, attachments } => {
            (format!("ack {id} {attachments}"), args.to_string())
        }
        PacketKind::Disconnect => ("disconnect".to_owned(), "null".to_owned()),
    };
    (head, floats(serde_json::from_str(&json).unwrap()))
}
