//! What a client's packets become, and which are ignored.

use super::*;

#[test]
fn messages_json_and_events_become_events() {
    let cases = [
        ("3:::hi", "event / message text hi"),
        ("3::", "event / message text "),
        ("3:::a:b\nc", "event / message text a:b\nc"),
        (r#"4:::{"a":1}"#, r#"event / message value {"a":1}"#),
        ("4:::[1,2]", "event / message value [1,2]"),
        ("4:::null", "event / message value null"),
        ("4:::{broken", "event / message value false"),
        (r#"5:::{"name":"add","args":[1,2]}"#, "event / add [1,2]"),
        (r#"5:::{"name":"add"}"#, "event / add []"),
        (r#"5:::{"name":"add","args":{"a":1}}"#, r#"event / add value {"a":1}"#),
        (r#"5:::{"name":"message","args":["hi"]}"#, r#"event / message ["hi"]"#),
        (r#"5:::{"name":"connect"}"#, "event / connect []"),
        ("3:+::hi", "event / message text hi"),
        ("3:7+::hi", "event / message text hi ack 7"),
        ("4:7+:: 1 ", "event / message value 1 ack 7"),
        (r#"5:007+::{"name":"add"}"#, "event / add [] ack 007"),
        ("::3:::hi", "event / message text hi"),
    ];
    for (frame, output) in cases {
        Script::websocket().frame(frame).tells(&[output]).sends(&[]);
    }
}

#[test]
fn what_is_no_packet_or_means_nothing_is_ignored() {
    let frames = [
        "",
        ":",
        "::",
        "hello",
        "3",
        "3:",
        "{}",
        "\u{FFFD}3\u{FFFD}2::",
        "1",
        "0",
        "é",
        "9::",
        "12::",
        "5:::",
        "5:::{}",
        "5:::{broken",
        r#"5:::{"name":7}"#,
        "2::",
        "7:::1+0",
        "8::",
        "6::",
        "6:::1",
        "6:::99999999999999999999999",
        "6::/nope:1",
        "0::/nope",
        "0::/chat",
    ];
    let mut script = Script::websocket();
    for frame in frames {
        script.frame(frame).sends(&[]).tells(&[]).closed(None);
    }
    script.frame("3:::still here").tells(&["event / message text still here"]);
}

#[test]
fn a_client_cannot_send_the_event_that_means_its_end() {
    let mut script = Script::websocket();
    script.frame(r#"5:::{"name":"disconnect","args":["x"]}"#).tells(&[]);
    script.frame(r#"5:1+::{"name":"disconnect"}"#).tells(&[]).sends(&[]);
    script.frame(r#"5:1::{"name":"disconnect"}"#).sends(&["6:::1"]);
}

#[test]
fn other_events_can_be_refused_instead() {
    let event_blacklist = vec!["admin".to_owned(), "message".to_owned()];
    let mut script = Script::with(Limits { event_blacklist, ..Limits::default() });
    script.link().sends(&["1::"]);
    script.frame(r#"5:1::{"name":"admin"}"#).tells(&[]).sends(&["6:::1"]);
    script.frame("3:::hi").tells(&[]);
    script.frame(r#"5:::{"name":"disconnect"}"#).tells(&["event / disconnect []"]);
}
