//! Events, acknowledgements and attachments since Socket.IO 1.0, both ways.

use bytes::Bytes;

use super::*;

/// An event with attachments, each one letter.
fn with_attachments(endpoint: &str, letters: &str) -> Emission {
    let placeholders = (0..letters.len()).map(|n| format!(r#"{{"_placeholder":true,"num":{n}}}"#));
    let args = format!("[{}]", placeholders.collect::<Vec<_>>().join(","));
    let attachments = letters.bytes().map(|letter| Bytes::from(vec![letter])).collect();
    let args = JsonText::new(args, attachments);
    Emission::new(endpoint.into(), EmissionBody::Event { name: "f".into(), args })
}

const TWO: &str = r#"452-["f",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;

#[test]
fn messages_are_events() {
    for protocol in [Protocol::V4, Protocol::V5] {
        let mut script = Script::modern_websocket(protocol);
        script.emit(&text("", "a\"b")).sends(&[r#"42["message","a\"b"]"#]);
        script.emit(&json("", r#"{"a":1}"#)).sends(&[r#"42["message",{"a":1}]"#]);
        script.frame(r#"42["message",1]"#).tells(&["event / message [1]"]);
    }
}

#[test]
fn acknowledgements_are_numbered_from_zero_at_each_endpoint() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.frame("40/a,").tells(&["connect /a {}"]).admit("/a", accept());
    script.sends(&[&format!(r#"40/a,{{"sid":"{ID}"}}"#)]);
    script.ask(1, &event("", "x", "[]")).sends(&[r#"420["x"]"#]);
    script.ask(2, &event("", "y", "[]")).sends(&[r#"421["y"]"#]);
    script.ask(3, &event("/a", "z", "[]")).sends(&[r#"42/a,0["z"]"#]);
    script.frame("431[7]").tells(&["acknowledged 2 [7]"]).frame("431[8]").frame("439[]");
    script.frame("43/a,0[]").tells(&["acknowledged 3 []"]).wait(ACK_TIMEOUT);
    script.tells(&["unacknowledged 1 Timeout"]).frame("430[]");
}

#[test]
fn attachments_that_come_are_the_events_that_announced_them() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script
        .frame(TWO)
        .frame("<a>")
        .frame("<b>")
        .tells(&[r#"event / f [{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#]);
    script.ask(1, &event("", "x", "[]")).sends(&[r#"420["x"]"#]);
    script.frame(r#"461-0[{"_placeholder":true,"num":0}]"#).frame("bYQ==");
    script.tells(&[r#"acknowledged 1 [{"_placeholder":true,"num":0}]"#]);
}

#[test]
fn attachments_come_in_posts_as_text() {
    let mut script = Script::modern_polling(Protocol::V5);
    script.post(&[TWO, "bYQ=="]).post(&["bYg==", r#"42["g"]"#]);
    let f = r#"event / f [{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    script.tells(&[f, "event / g []"]);
    let mut script = Script::modern_polling(Protocol::V4);
    script.post(&[TWO, "b4YQ==", "b4Yg=="]).tells(&[f]);
}

#[test]
fn heartbeats_may_come_between_a_packet_and_its_attachments_but_no_message() {
    let f = r#"event / f [{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    let mut script = Script::modern_websocket(Protocol::V5);
    script.frame(TWO).frame("<a>").frame("3").frame("6").frame("<b>").tells(&[f]);
    script.frame(TWO).frame(r#"42["g"]"#).tells(&["left / ProtocolViolation"]);
    script.closed(CloseReason::ProtocolViolation).frame("<a>").frame("<b>");
}

#[test]
fn more_attachments_or_bytes_than_allowed_end_the_session() {
    let limits = Limits { attachments: 2, attachment_bytes: 3, ..Limits::default() };
    for frames in [&[r#"453-["f"]"#][..], &[TWO, "<aa>", "<bb>"]] {
        let mut script = Script::modern(Protocol::V5, limits.clone());
        script.link().sends(&["0{}"]).join_root();
        frames.iter().for_each(|frame| {
            script.input(|session, now| session.handle_frame(frame_of(frame), now));
        });
        script.tells(&["left / ProtocolViolation"]).closed(CloseReason::ProtocolViolation);
    }
}

#[test]
fn a_session_that_ends_does_not_wait_for_attachments() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.frame(TWO).frame("<a>").link_closed(CloseReason::TransportClosed);
    script.tells(&["left / TransportClosed"]).frame("<b>").due(None);
}

#[test]
fn attachments_follow_their_packet_at_once_on_every_transport() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.emit(&with_attachments("", "ab")).sends(&[TWO, "<a>", "<b>"]);
    let mut script = Script::modern_websocket(Protocol::V4);
    script.emit(&with_attachments("", "ab")).sends(&[TWO, "<\u{4}a>", "<\u{4}b>"]);
    let mut script = Script::modern_polling(Protocol::V5);
    script.emit(&with_attachments("", "ab")).emit(&text("", "x")).poll();
    script.sends(&[TWO, "<a>", "<b>", r#"42["message","x"]"#]);
}

#[test]
fn attachments_go_out_as_text_where_the_transport_takes_no_bytes() {
    for (protocol, [a, b]) in
        [(Protocol::V5, ["bYQ==", "bYg=="]), (Protocol::V4, ["b4YQ==", "b4Yg=="])]
    {
        let mut script = Script::modern_websocket(protocol);
        script.input(|session, _| session.handle_capability(false));
        script.emit(&with_attachments("", "ab")).sends(&[TWO, a, b]);
    }
}

#[test]
fn what_an_endpoint_is_sent_before_it_is_open_keeps_its_order_and_its_attachments() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.frame("40/a,").tells(&["connect /a {}"]).emit(&with_attachments("/a", "a"));
    script.emit(&text("/a", "x")).emit(&event("", "y", "[]")).sends(&[r#"42["y"]"#]);
    script.admit("/a", accept()).sends(&[
        &format!(r#"40/a,{{"sid":"{ID}"}}"#),
        r#"451-/a,["f",{"_placeholder":true,"num":0}]"#,
        "<a>",
        r#"42/a,["message","x"]"#,
    ]);
}

#[test]
fn acknowledgements_carry_attachments() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.input(|session, _| {
        let args = r#"[{"_placeholder":true,"num":0}]"#.to_owned();
        let args = JsonText::new(args, vec![Bytes::from_static(b"a")]);
        session.acknowledge(&"".into(), &AckId::new("7"), args);
    });
    script.sends(&[r#"461-7[{"_placeholder":true,"num":0}]"#, "<a>"]);
}

#[test]
fn volatile_emissions_go_only_to_a_poll_that_waits_or_an_idle_websocket() {
    let a = event("", "a", "[]");
    let mut script = Script::modern_polling(Protocol::V5);
    script.emit_volatile(&a).poll().emit_volatile(&a).sends(&[r#"42["a"]"#]);
    script.emit_volatile(&a).poll();
    let mut script = Script::modern_websocket(Protocol::V5);
    script.emit_volatile(&a).sends(&[r#"42["a"]"#]);
    script.input(|session, _| session.handle_room(1 << 20, false)).emit_volatile(&a);
}

#[test]
fn a_client_that_asks_and_does_not_read_is_a_slow_consumer() {
    let mut script = Script::modern_polling(Protocol::V5);
    script.input(|session, _| session.handle_room(1, true)).acknowledge("", "1", "[]");
    script.acknowledge("", "2", "[]").tells(&["left / SlowConsumer"]);
    script.closed(CloseReason::SlowConsumer);
}

#[test]
fn events_on_the_blacklist_are_dropped() {
    let limits = Limits { event_blacklist: vec!["secret".to_owned()], ..Limits::default() };
    let mut script = Script::modern(Protocol::V5, limits);
    script.link().sends(&["0{}"]).join_root().frame(r#"42["secret"]"#).closed(None);
}

#[test]
fn attachments_that_do_not_come_end_the_session_however_alive_it_is() {
    let wait = Limits::default().ping_interval + Limits::default().ping_timeout;
    let mut script = Script::modern_websocket(Protocol::V5);
    script.frame(TWO).frame("<a>");
    for _ in 0..wait.as_secs() - 1 {
        script.wait(1);
        script.sent.clear();
        script.frame("3");
    }
    script.closed(None).wait(1).tells(&["left / ProtocolViolation"]);
    script.closed(CloseReason::ProtocolViolation).due(None);
}

#[test]
fn placeholders_that_name_one_attachment_twice_or_none_end_the_session() {
    let placeholder = |num: &str| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
    for num in ["0", "2", "-1", "1.5"] {
        let packet = format!(r#"452-["f",{},{}]"#, placeholder("0"), placeholder(num));
        let mut script = Script::modern_websocket(Protocol::V5);
        script.frame(&packet).frame("<a>").frame("<b>").tells(&["left / ProtocolViolation"]);
    }
}

#[test]
fn auth_that_is_too_long_is_refused_and_the_rest_goes_on() {
    let mut script = Script::modern_websocket(Protocol::V5);
    let auth = "x".repeat(16 * 1024);
    script.frame(&format!(r#"40/chat,{{"token":"{auth}"}}"#));
    script.sends(&[r#"44/chat,{"message":"auth is too long"}"#]).tells(&["limit Connect"]);
    script.closed(None);
}
