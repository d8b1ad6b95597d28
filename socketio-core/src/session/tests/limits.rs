//! How long names may be, and how many packets may come.

use super::*;
use crate::session::Rate;

#[test]
fn an_event_whose_name_is_too_long_ends_the_session_or_is_ignored_of_a_legacy_client() {
    let limits = Limits { event_name: 4, ..Limits::default() };
    for protocol in [Protocol::V4, Protocol::V5] {
        let mut script = Script::modern(protocol, limits.clone());
        script.link().sends(&["0{}"]).join_root();
        script.frame(r#"42["a\u00e4b"]"#).tells(&["event / aäb []"]);
        script.frame(r#"42["äbä"]"#).tells(&["limit EventName", "left / ProtocolViolation"]);
        script.closed(CloseReason::ProtocolViolation);
    }
    let mut script = Script::with(limits);
    script.link().sends(&["1::"]).frame(r#"5:::{"name":"aäb"}"#).tells(&["event / aäb []"]);
    script.frame(r#"5:::{"name":"äbä"}"#).tells(&["limit EventName"]).closed(None);
}

/// What is no event, and what is no packet.
const PACKETS: [&str; 5] = ["2::", "6:::1", "no packet", "8::", "0::/x"];

#[test]
fn packets_of_every_kind_count_and_one_too_many_in_a_second_ends_the_session() {
    let limits = Limits { packets: Some(Rate::per_second(4)), ..Limits::default() };
    let mut script = Script::with(limits.clone());
    script.link().sends(&["1::"]);
    for _ in 0..3 {
        PACKETS.iter().take(4).for_each(|packet| _ = script.frame(packet));
        script.closed(None).wait(1);
    }
    PACKETS.iter().for_each(|packet| _ = script.frame(packet));
    script.tells(&["left / TooManyPackets"]).closed(CloseReason::TooManyPackets);

    for (count, taken) in [(4, Ok(true)), (5, Err(Misuse::Violation))] {
        let mut script = Script::with(limits.clone());
        let packets = PACKETS.map(ByteString::from_static);
        let body = Frame::Text(payload::encode(&packets[..count]));
        assert_eq!(post(&mut script.session, &body, script.now), taken);
        while script.session.poll_output().is_some() {}
    }

    let mut script = Script::modern(Protocol::V5, limits);
    script.link().sends(&["0{}"]).join_root().frame(r#"451-["a"]"#).frame("<a>");
    script
        .closed(None)
        .tells(&["event / a []"])
        .frame("3")
        .closed(None)
        .frame("3")
        .tells(&["left / TooManyPackets"]);
}

#[test]
fn what_is_nested_too_deep_for_messagepack_is_dropped_and_told_of() {
    let dialect = Dialect::modern(Protocol::V5, Parser::MsgPack, "{}".into(), None);
    let now = Instant::now();
    let session = Session::new(Arc::new(Limits::default()), dialect, now);
    let protocol = Some(Protocol::V5);
    let mut script = Script { session, protocol, now, sent: Vec::new(), told: Vec::new() };
    script.link().sends(&["0{}"]).frame(r#"4{"type":0,"nsp":"/"}"#).tells(&["connect / {}"]);
    script.admit("", accept()).sent.clear();
    let deep = "[".repeat(200) + &"]".repeat(200);
    script.emit(&event("", "a", &deep)).sends(&[]).tells(&["limit Depth"]);
    script.acknowledge("", "1", &deep).sends(&[]).tells(&["limit Depth"]);
    script.emit(&event("", "a", "[]")).closed(None).sent.clear();
}
