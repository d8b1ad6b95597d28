//! What the server sends.

use super::*;
use crate::protocol::socketio::Protocol;
use crate::session::outbox::Outbox;

#[test]
fn emissions_are_written_as_packets_of_their_kind() {
    let cases = [
        (event("", "add", "[1,2]"), r#"5:::{"name":"add","args":[1,2]}"#),
        (event("", "none", "[]"), r#"5:::{"name":"none"}"#),
        (text("", "hi"), "3:::hi"),
        (text("", ""), "3::"),
        (json("", "null"), "4:::null"),
    ];
    for (emission, packet) in cases {
        Script::websocket().emit(&emission).sends(&[packet]);
    }
}

#[test]
fn a_client_whose_packets_are_text_gets_binary_values_as_numbers() {
    let attached = |text: &str| {
        let text = text.replace('$', r#"{"_placeholder":true,"num":0}"#);
        JsonText::new(text, vec![vec![1, 255].into()])
    };
    let args = attached(r#"["a",$]"#);
    let file = Emission::new("".into(), EmissionBody::Event { name: "file".into(), args });
    let message = Emission::new("".into(), EmissionBody::Json(attached("$")));
    let mut script = Script::websocket();
    script.emit(&file).sends(&[r#"5:::{"name":"file","args":["a",[1,255]]}"#]);
    script.emit(&message).sends(&["4:::[1,255]"]);
    script.input(|session, _| {
        session.acknowledge(&"".into(), &AckId::new("7"), attached("[$]"));
    });
    script.sends(&["6:::7+[[1,255]]"]);
}

#[test]
fn a_volatile_emission_goes_out_now_or_never() {
    let news = text("", "news");
    let mut script = Script::new();
    script.emit_volatile(&news).poll().sends(&["1::"]).emit_volatile(&news);
    script.poll().emit_volatile(&news).sends(&["3:::news"]).emit_volatile(&news).poll();
    script.poll_lost().emit_volatile(&news).link().sends(&[]);
    script.emit_volatile(&news).sends(&["3:::news"]);
}

#[test]
fn a_volatile_emission_does_not_queue_behind_what_the_transport_has_not_written() {
    let mut script = Script::websocket();
    script.input(|session, _| session.handle_room(usize::MAX, false));
    script.emit_volatile(&text("", "news")).emit(&text("", "kept")).sends(&["3:::kept"]);
}

#[test]
fn a_volatile_emission_does_not_queue_behind_more_than_is_given_to_a_transport_at_once() {
    let long = text("", &"x".repeat(AHEAD_BYTES));
    let mut script = Script::websocket();
    script.input(|session, _| {
        session.emit(&text("", "short"), false, None);
        session.emit(&long, true, None);
        session.emit(&text("", "news"), true, None);
    });
    script.sends(&["3:::short", &format!("3:::{}", "x".repeat(AHEAD_BYTES))]);
}

#[test]
fn a_volatile_emission_does_not_wait_for_its_endpoint() {
    let mut script = Script::websocket();
    script.frame("1::/chat").tells(&["connect /chat "]).emit_volatile(&text("/chat", "news"));
    script.admit("/chat", accept()).sends(&["1::/chat"]);
}

#[test]
fn nobody_waits_for_the_acknowledgement_of_a_volatile_emission_that_was_dropped() {
    let mut script = Script::polling();
    let deadline = script.now + Duration::from_secs(1);
    script.input(|session, _| session.emit(&text("", "a"), true, Some((1, deadline))));
    script.tells(&["unacknowledged 1 Skipped"]).due(CLOSE_TIMEOUT);
}

#[test]
fn nothing_goes_to_an_endpoint_that_the_client_is_not_in() {
    let mut script = Script::websocket();
    script.emit(&text("/nope", "a")).join("/chat").frame("0::/chat");
    script.tells(&["left /chat ClientDisconnect"]).emit(&text("/chat", "a")).sends(&[]);
}

#[test]
fn a_number_is_told_to_clients_that_can_come_back_for_it_and_to_them_alone() {
    let modern = |it| Dialect::modern(it, Parser::Json, ByteString::new(), None);
    let (legacy, v4, v5) = (Dialect::Legacy, modern(Protocol::V4), modern(Protocol::V5));
    let frame = |text: &str| vec![Frame::Text(text.into())];
    for (emission, told, plain, legacy_text) in [
        (
            event("", "add", "[1,2]"),
            r#"42["add",1,2,"ab"]"#,
            r#"42["add",1,2]"#,
            r#"5:::{"name":"add","args":[1,2]}"#,
        ),
        (event("", "none", "[]"), r#"42["none","ab"]"#, r#"42["none"]"#, r#"5:::{"name":"none"}"#),
        (
            text("/chat", "hi"),
            r#"42/chat,["message","hi","ab"]"#,
            r#"42/chat,["message","hi"]"#,
            "3::/chat:hi",
        ),
        (json("", "[]"), r#"42["message",[],"ab"]"#, r#"42["message",[]]"#, "4:::[]"),
    ] {
        let emission = emission.numbered(0xab);
        assert_eq!(frames(&v4, &emission, None), frame(plain));
        assert_eq!(frames(&v5, &emission, None), frame(told));
        assert_eq!(frames(&legacy, &emission, None), frame(legacy_text));
        let asking = plain.replacen('[', "7[", 1);
        assert_eq!(frames(&v5, &emission, Some(7)), frame(&asking));
        let [first, again] = [(); 2].map(|()| frames(&v5, &emission, None));
        let [Frame::Text(first)] = &first[..] else { panic!("{first:?}") };
        let [Frame::Text(again)] = &again[..] else { panic!("{again:?}") };
        assert_eq!(first.as_ptr(), again.as_ptr(), "encoded once");
    }
}

/// What of an emission is put into an outbox.
fn frames(dialect: &Dialect, emission: &Emission, ack: Option<u64>) -> Vec<Frame> {
    let mut outbox = Outbox::default();
    dialect.emit(emission, ack, &mut outbox);
    outbox.take()
}
