//! What the server sends.

use super::*;

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
fn a_volatile_emission_does_not_wait_for_its_endpoint() {
    let mut script = Script::websocket();
    script.frame("1::/chat").tells(&["connect /chat "]).emit_volatile(&text("/chat", "news"));
    script.admit("/chat", Admission::Accept).sends(&["1::/chat"]);
}

#[test]
fn nobody_waits_for_the_acknowledgement_of_a_volatile_emission_that_was_dropped() {
    let mut script = Script::polling();
    let deadline = script.now + Duration::from_secs(1);
    script.input(|session, _| session.emit(&text("", "a"), true, Some((1, deadline))));
    script.tells(&["unacknowledged 1 Closed"]).due(CLOSE_TIMEOUT);
}

#[test]
fn nothing_goes_to_an_endpoint_that_the_client_is_not_in() {
    let mut script = Script::websocket();
    script.emit(&text("/nope", "a")).join("/chat").frame("0::/chat");
    script.tells(&["left /chat ClientDisconnect"]).emit(&text("/chat", "a")).sends(&[]);
}
