//! Texts and the packets in them, and what is refused.

use super::*;

const MEGABYTE: usize = 1 << 20;
const V4: Rules = Rules::new(Protocol::V4);
const V5: Rules = Rules::new(Protocol::V5);

fn packet(text: &str) -> Result<Packet, DecodeError> {
    decode(&text.into(), &V5)
}

fn event(name: &str, args: &str, ack: Option<&str>, attachments: usize) -> PacketKind {
    let ack = ack.map(Into::into);
    PacketKind::Event { name: name.into(), args: args.into(), ack, attachments }
}

fn ack(id: &str, args: &str, attachments: usize) -> PacketKind {
    PacketKind::Ack { id: id.into(), args: args.into(), attachments }
}

fn connect(data: &str) -> PacketKind {
    PacketKind::Connect { data: data.into() }
}

fn refusal(data: &str) -> PacketKind {
    PacketKind::ConnectError { data: data.into() }
}

fn payload(expected: &'static str, at: usize) -> DecodeError {
    DecodeError::Payload { expected, at }
}

const NAMED_ARRAY: &str = "an array that begins with a name";
const OBJECT: &str = "an object or nothing";
const REFUSAL: &str = "an object or a string";

#[test]
fn packets_of_both_protocols_have_one_grammar() {
    for (text, namespace, kind) in [
        ("0", "", connect("")),
        ("0{\"a\":1}", "", connect("{\"a\":1}")),
        ("0/admin", "/admin", connect("")),
        ("0/admin,", "/admin", connect("")),
        ("0/admin,{\"token\":\"nope\"}", "/admin", connect("{\"token\":\"nope\"}")),
        ("0/admin?token=1234&uid=abcd,", "/admin?token=1234&uid=abcd", connect("")),
        ("0/,", "", connect("")),
        ("0/", "", connect("")),
        ("0/é/x y", "/é/x y", connect("")),
        ("1", "", PacketKind::Disconnect),
        ("1/admin,", "/admin", PacketKind::Disconnect),
        ("1/admin", "/admin", PacketKind::Disconnect),
        ("2[\"ask-me\"]", "", event("ask-me", "]", None, 0)),
        ("212[\"foo\"]", "", event("foo", "]", Some("12"), 0)),
        ("2/admin,456[\"a\",123]", "/admin", event("a", "123]", Some("456"), 0)),
        (
            "2[\"echo\",\"hello\",1,{\"a\":[true,null]},\"é€😀\"]",
            "",
            event("echo", "\"hello\",1,{\"a\":[true,null]},\"é€😀\"]", None, 0),
        ),
        ("2/,0[\"x\"]", "", event("x", "]", Some("0"), 0)),
        ("2007[\"x\"]", "", event("x", "]", Some("007"), 0)),
        ("2 [ \"x\" , 1 , 2 ] ", "", event("x", " 1 , 2 ]", None, 0)),
        ("2[\"x\" ]", "", event("x", "]", None, 0)),
        ("2[\"\",\"\"]", "", event("", "\"\"]", None, 0)),
        ("2[\"a\\n\\u2603\\ud83d\",1]", "", event("a\n☃\u{FFFD}", "1]", None, 0)),
        ("2[1,\"x\"]", "", event("1", "\"x\"]", None, 0)),
        ("2[-1.5e3]", "", event("-1.5e3", "]", None, 0)),
        ("31[]", "", ack("1", "[]", 0)),
        ("3/admin,13[\"bar\"]", "/admin", ack("13", "[\"bar\"]", 0)),
        ("4{\"message\":\"Not authorized\"}", "", refusal("{\"message\":\"Not authorized\"}")),
        ("4/admin,\"Not authorized\"", "/admin", refusal("\"Not authorized\"")),
        (
            "51-[\"baz\",{\"_placeholder\":true,\"num\":0}]",
            "",
            event("baz", "{\"_placeholder\":true,\"num\":0}]", None, 1),
        ),
        ("52-/admin,[\"baz\",0]", "/admin", event("baz", "0]", None, 2)),
        ("51-/admin,456[\"x\"]", "/admin", event("x", "]", Some("456"), 1)),
        ("510-[\"x\"]", "", event("x", "]", None, 10)),
        ("5002-[\"x\"]", "", event("x", "]", None, 2)),
        ("61-15[\"bar\"]", "", ack("15", "[\"bar\"]", 1)),
        ("62-/admin,789[0,1]", "/admin", ack("789", "[0,1]", 2)),
    ] {
        let expected = Ok(Packet { namespace: namespace.into(), kind });
        assert_eq!(packet(text), expected, "{text}");
        assert_eq!(decode(&text.into(), &V4), expected, "{text}");
    }
}

#[test]
fn what_is_no_packet_is_an_error() {
    let count = DecodeError::AttachmentCount { least: 1 };
    for (text, error) in [
        ("", DecodeError::Empty),
        ("7", DecodeError::Type),
        ("999", DecodeError::Type),
        ("é", DecodeError::Type),
        ("[\"x\"]", DecodeError::Type),
        ("5", count),
        ("51", count),
        ("5a-", count),
        ("51.23-", count),
        ("5-1-[\"x\"]", count),
        ("51e0-[\"x\"]", count),
        ("5 1-[\"x\"]", count),
        ("5-[\"x\"]", count),
        ("50-[\"x\"]", count),
        ("60-1[]", count),
        ("511-[\"x\"]", DecodeError::TooManyAttachments { limit: 10 }),
        ("599999999999999999999999-", DecodeError::TooManyAttachments { limit: 10 }),
        ("0/admin,\"invalid\"", payload(OBJECT, 8)),
        ("0[]", payload(OBJECT, 1)),
        ("0null", payload(OBJECT, 1)),
        ("0{", payload(OBJECT, 1)),
        ("0{}{}", payload(OBJECT, 1)),
        ("012{}", payload(OBJECT, 1)),
        ("1/admin,{}", payload("nothing", 8)),
        ("11", payload("nothing", 1)),
        ("2", payload(NAMED_ARRAY, 1)),
        ("2/admin", payload(NAMED_ARRAY, 7)),
        ("2/admin,", payload(NAMED_ARRAY, 8)),
        ("2/é[\"x\"]", payload(NAMED_ARRAY, 9)),
        ("212", payload(NAMED_ARRAY, 3)),
        ("2/admin,{}", payload(NAMED_ARRAY, 8)),
        ("2\"x\"", payload(NAMED_ARRAY, 1)),
        ("2[]", payload(NAMED_ARRAY, 1)),
        ("2[true,\"foo\"]", payload(NAMED_ARRAY, 1)),
        ("2[null,\"bar\"]", payload(NAMED_ARRAY, 1)),
        ("2[{},\"x\"]", payload(NAMED_ARRAY, 1)),
        ("2[[\"x\"]]", payload(NAMED_ARRAY, 1)),
        ("2[\"x\"", payload(NAMED_ARRAY, 1)),
        ("2[\"x\",]", payload(NAMED_ARRAY, 1)),
        ("2[\"x\",1", payload(NAMED_ARRAY, 1)),
        ("2[\"x\",tru]", payload(NAMED_ARRAY, 1)),
        ("2[\"x\"]]", payload(NAMED_ARRAY, 1)),
        ("2[\"x\"],1", payload(NAMED_ARRAY, 1)),
        ("2[\"x\n\"]", payload(NAMED_ARRAY, 1)),
        ("2[\"\\x\"]", payload(NAMED_ARRAY, 1)),
        ("2-1[\"x\"]", payload(NAMED_ARRAY, 1)),
        ("2٣[\"x\"]", payload(NAMED_ARRAY, 1)),
        ("3[]", DecodeError::AckId { at: 1 }),
        ("3/admin,[]", DecodeError::AckId { at: 8 }),
        ("31", payload("an array", 2)),
        ("31{}", payload("an array", 2)),
        ("31[", payload("an array", 2)),
        ("4", payload(REFUSAL, 1)),
        ("4[]", payload(REFUSAL, 1)),
        ("4null", payload(REFUSAL, 1)),
        ("442[\"some\",\"data\"", payload(REFUSAL, 1)),
    ] {
        assert_eq!(packet(text), Err(error), "{text}");
    }
}

#[test]
fn protocol_4_knows_no_reserved_names_and_counts_from_0() {
    for name in RESERVED_EVENTS {
        let text = format!("2[\"{name}\",1]");
        assert_eq!(packet(&text), Err(DecodeError::ReservedName));
        assert_eq!(decode(&text.into(), &V4).unwrap().kind, event(name, "1]", None, 0));
    }
    assert_eq!(packet("2[\"\\u0063onnect\"]"), Err(DecodeError::ReservedName));
    assert_eq!(packet("2[\"Connect\"]").unwrap().kind, event("Connect", "]", None, 0));
    assert_eq!(decode(&"50-[\"x\"]".into(), &V4).unwrap().kind, event("x", "]", None, 0));
    let count = DecodeError::AttachmentCount { least: 0 };
    assert_eq!(decode(&"5-[\"x\"]".into(), &V4), Err(count));
}

#[test]
fn what_a_packet_may_have_is_set_by_rules() {
    let rules = Rules { max_attachments: 2, ..V5 };
    assert!(decode(&"52-[\"x\"]".into(), &rules).is_ok());
    let error = DecodeError::TooManyAttachments { limit: 2 };
    assert_eq!(decode(&"53-[\"x\"]".into(), &rules), Err(error));
    let digits = "9".repeat(MAX_ACK_ID_DIGITS);
    assert_eq!(
        packet(&format!("2{digits}[\"x\"]")).unwrap().kind,
        event("x", "]", Some(&digits), 0)
    );
    assert_eq!(packet(&format!("3{digits}[]")).unwrap().kind, ack(&digits, "[]", 0));
    for kind in ["2", "3"] {
        let error = DecodeError::AckId { at: 1 };
        assert_eq!(packet(&format!("{kind}{digits}0[\"x\"]")), Err(error));
    }
}

#[test]
fn texts_are_slices_of_the_message() {
    let text: ByteString = r#"2/chat,7["say",{"big":"argument"}]"#.into();
    let Packet { namespace, kind } = decode(&text, &V5).unwrap();
    let PacketKind::Event { name, args, ack: Some(ack), .. } = kind else { panic!("an event") };
    for part in [namespace, name, args, ack] {
        assert!(text.as_bytes().as_ptr_range().contains(&part.as_bytes().as_ptr()), "{part}");
    }
}

/// Quadratic time would show as a test that does not end.
#[test]
fn a_megabyte_of_anything_is_read_in_linear_time() {
    let digits = "9".repeat(MEGABYTE);
    let count = DecodeError::AttachmentCount { least: 1 };
    let too_many = DecodeError::TooManyAttachments { limit: 10 };
    let id = |at| DecodeError::AckId { at };
    assert_eq!(packet(&format!("5{digits}")), Err(count));
    assert_eq!(packet(&format!("5{digits}-")), Err(too_many));
    assert_eq!(packet(&format!("2{digits}")), Err(id(1)));
    assert_eq!(packet(&format!("2/x,{digits}[\"x\"]")), Err(id(4)));
    assert_eq!(packet(&format!("3{digits}[]")), Err(id(1)));
    assert_eq!(packet(&format!("1{digits}")), Err(payload("nothing", 1)));
    let namespace = format!("/{digits}");
    assert_eq!(packet(&format!("0{namespace}")).unwrap().namespace, namespace);
    assert_eq!(packet(&format!("2[{digits}]")).unwrap().kind, event(&digits, "]", None, 0));
    assert_eq!(packet(&format!("2[\"{digits}\"]")).unwrap().kind, event(&digits, "]", None, 0));
    let escapes = "\\u0061".repeat(MEGABYTE / 6);
    let name = "a".repeat(MEGABYTE / 6);
    assert_eq!(packet(&format!("2[\"{escapes}\"]")).unwrap().kind, event(&name, "]", None, 0));
    let args = format!("{}1]", "1,".repeat(MEGABYTE / 2));
    assert_eq!(packet(&format!("2[\"x\",{args}")).unwrap().kind, event("x", &args, None, 0));
}

#[test]
fn depth_is_no_danger() {
    let open = "[".repeat(MEGABYTE);
    let nested = format!("{open}{}", "]".repeat(MEGABYTE));
    let objects = format!("{}1{}", "{\"\":".repeat(MEGABYTE), "}".repeat(MEGABYTE));
    assert_eq!(packet(&format!("2{open}")), Err(payload(NAMED_ARRAY, 1)));
    assert_eq!(packet(&format!("2{nested}")), Err(payload(NAMED_ARRAY, 1)));
    assert_eq!(packet(&format!("2[\"x\",{open}")), Err(payload(NAMED_ARRAY, 1)));
    for deep in [&nested, &objects] {
        let args = format!("{deep}]");
        assert_eq!(packet(&format!("2[\"x\",{args}")).unwrap().kind, event("x", &args, None, 0));
    }
    assert_eq!(packet(&format!("31{nested}")).unwrap().kind, ack("1", &nested, 0));
    assert_eq!(packet(&format!("0{objects}")).unwrap().kind, connect(&objects));
}

#[test]
fn a_packet_cut_off_anywhere_is_read_or_refused() {
    let packets = [
        "0/é?x=😀,{\"é\":\"\\ud83d\\ude00\"}",
        "1/é☃,",
        "2/é,12[\"é\\u00e9😀\",{\"a\":[-0.5e-3,null]},\"☃\"]",
        "510-/é,3[\"é\",{\"_placeholder\":true,\"num\":0}]",
        "61-/é,12[\"é😀\"]",
        "4/é,\"é\\n😀\"",
    ];
    for text in packets {
        for end in 0..text.len() {
            let cut = String::from_utf8_lossy(&text.as_bytes()[..end]).into_owned();
            for rules in [V4, V5] {
                let Ok(packet) = decode(&(&*cut).into(), &rules) else { continue };
                assert_eq!(decode(&packet.encode(), &rules), Ok(packet), "{cut}");
            }
        }
        assert!(packet(text).is_ok());
    }
}
