//! Acknowledgements in both directions.

use super::*;

#[test]
fn an_id_without_plus_is_acknowledged_at_once_and_without_data() {
    let cases: [(&str, &str, &[&str]); 9] = [
        ("3:1::hi", "6:::1", &["event / message text hi"]),
        ("4:0::{}", "6:::0", &["event / message value {}"]),
        (r#"5:007::{"name":"add"}"#, "6:::007", &["event / add []"]),
        ("5:2::{}", "6:::2", &[]),
        ("2:3::", "6:::3", &[]),
        ("6:4:::1", "6:::4", &[]),
        ("7:5::", "6:::5", &[]),
        ("8:6::", "6:::6", &[]),
        ("9:7::", "6:::7", &[]),
    ];
    for (frame, ack, outputs) in cases {
        Script::websocket().frame(frame).sends(&[ack]).tells(outputs);
    }
}

/// The acknowledgement is on its way before anybody can act on the event.
#[test]
fn an_automatic_acknowledgement_precedes_what_the_event_causes() {
    let mut script = Script::websocket();
    script.input(|session, now| {
        session.handle_frame(frame_of("3:1::hi"), now);
        assert!(matches!(session.poll_output(), Some(Output::Event { .. })));
        session.emit(&text("", "reply"), false, None);
    });
    script.sends(&["6:::1", "3:::reply"]);
}

#[test]
fn a_connect_is_acknowledged_before_it_is_answered() {
    let mut script = Script::websocket();
    script.frame("1:10:/chat").sends(&["6::/chat:10"]).tells(&["connect /chat "]);
    script.admit("/chat", accept()).sends(&["1::/chat"]);
    script.frame("1:11:/chat").sends(&["6::/chat:11", "1::/chat"]);
    script.frame("1:12::").sends(&["6:::12", "1::"]);
}

#[test]
fn a_disconnect_is_acknowledged() {
    let mut script = Script::websocket();
    script.join("/chat").frame("0:1:/chat").sends(&["6::/chat:1"]);
    script.tells(&["left /chat ClientDisconnect"]);
    script.frame("0:2::").sends(&["6:::2", "0::"]).tells(&["left / ClientDisconnect"]);
}

#[test]
fn nothing_is_acknowledged_for_an_endpoint_that_the_client_is_not_in() {
    for kind in ["0", "2", "3", "4", "5", "6", "7", "8", "9"] {
        let mut script = Script::websocket();
        script.frame(&format!("{kind}:1:/nope")).sends(&[]).tells(&[]);
        script.join("/left").frame("0::/left").tells(&["left /left ClientDisconnect"]);
        script.frame(&format!("{kind}:1:/left")).sends(&[]).tells(&[]);
    }
}

#[test]
fn an_id_with_plus_is_acknowledged_by_the_handler_alone() {
    let mut script = Script::websocket();
    script.join("/chat");
    let frame = r#"5:7+:/chat:{"name":"add","args":[1,2]}"#;
    script.frame(frame).tells(&["event /chat add [1,2] ack 7"]).sends(&[]);
    script.acknowledge("/chat", "7", "[3]").sends(&["6::/chat:7+[3]"]);
    script.frame("3:8+::x").tells(&["event / message text x ack 8"]);
    script.acknowledge("", "8", "[]").sends(&["6:::8"]);
}

#[test]
fn no_acknowledgement_goes_to_who_has_left() {
    let mut script = Script::websocket();
    script.join("/chat").frame("3:1+:/chat:x").tells(&["event /chat message text x ack 1"]);
    script.frame("0::/chat").tells(&["left /chat ClientDisconnect"]);
    script.acknowledge("/chat", "1", "[]").acknowledge("/nope", "1", "[]").sends(&[]);
    script.frame("0::").sends(&["0::"]).tells(&["left / ClientDisconnect"]);
    script.acknowledge("", "2", "[]").sends(&[]);
}

#[test]
fn awaited_acknowledgements_are_numbered_from_one_in_each_endpoint() {
    let mut script = Script::websocket();
    script.join("/chat");
    script.ask(1, &event("", "a", "[1]")).sends(&[r#"5:1+::{"name":"a","args":[1]}"#]);
    script.ask(2, &text("", "b")).sends(&["3:2::b"]);
    script.ask(3, &json("", "{}")).sends(&["4:3::{}"]);
    script.ask(4, &event("/chat", "a", "[]")).sends(&[r#"5:1+:/chat:{"name":"a"}"#]);
    script.ask(5, &text("/chat", "b")).sends(&["3:2:/chat:b"]);
    script.frame("6:::3").tells(&["acknowledged 3 []"]);
    script.frame(r#"6:::1+["a+b"]"#).tells(&[r#"acknowledged 1 ["a+b"]"#]);
    script.frame("6::/chat:1+7").tells(&["acknowledged 4 value 7"]);
    script.frame("6:::2[1,2]").tells(&["acknowledged 2 [1,2]"]);
    script.frame("6::/chat:2+[broken").tells(&["acknowledged 5 []"]);
    script.ask(6, &text("", "c")).sends(&["3:4::c"]).frame("6:::4").tells(&["acknowledged 6 []"]);
}

#[test]
fn an_acknowledgement_counts_once_and_only_where_it_was_asked() {
    let mut script = Script::websocket();
    script.join("/chat").ask(1, &text("", "a")).sends(&["3:1::a"]);
    for frame in ["6::/chat:1", "6::/nope:1", "6:::2", "6:::0", "6::", "6:::-1"] {
        script.frame(frame).tells(&[]);
    }
    script.frame("6:::1").tells(&["acknowledged 1 []"]).frame("6:::1").tells(&[]);
}

#[test]
fn an_acknowledgement_that_does_not_come_is_given_up() {
    let mut script = Script::websocket();
    script.ask(1, &text("", "a")).sends(&["3:1::a"]).due(ACK_TIMEOUT).wait(4);
    script.ask(2, &text("", "b")).sends(&["3:2::b"]).due(ACK_TIMEOUT - 4);
    script.wait(ACK_TIMEOUT - 4).tells(&["unacknowledged 1 Timeout"]).frame("6:::1").tells(&[]);
    script.due(2).wait(1).ask(3, &text("", "c")).sends(&["3:3::c"]);
    script.frame("6:::2").tells(&["acknowledged 2 []"]).wait(ACK_TIMEOUT);
    script.sends(&["2::"]).tells(&["unacknowledged 3 Timeout"]).due(HEARTBEAT_TIMEOUT - 9);
}

#[test]
fn each_acknowledgement_has_a_deadline_of_its_own() {
    let mut script = Script::polling();
    script.ask(1, &text("", "a")).wait(1).ask(2, &text("", "b")).due(ACK_TIMEOUT - 1);
    script.wait(ACK_TIMEOUT - 1).tells(&["unacknowledged 1 Timeout"]).due(1);
    script.wait(1).tells(&["unacknowledged 2 Timeout"]).due(CLOSE_TIMEOUT - ACK_TIMEOUT - 1);
    script.poll().sends(&["3:1::a", "3:2::b"]);
}

#[test]
fn acknowledgements_are_awaited_on_any_transport_and_between_polls() {
    let mut script = Script::new();
    script.ask(1, &text("", "a")).due(ACK_TIMEOUT).poll().sends(&["1::", "3:1::a"]);
    script.due(ACK_TIMEOUT).post(&["6:::1"]).tells(&["acknowledged 1 []"]).due(CLOSE_TIMEOUT);
}

#[test]
fn it_is_known_whether_an_acknowledgement_is_awaited() {
    let mut script = Script::websocket();
    assert!(!script.session.awaits_acks());
    script.join("/chat").ask(1, &text("/chat", "a")).sends(&["3:1:/chat:a"]);
    assert!(script.session.awaits_acks());
    script.frame("6::/chat:1").tells(&["acknowledged 1 []"]);
    assert!(!script.session.awaits_acks());
    script.ask(2, &text("", "b")).sends(&["3:1::b"]);
    assert!(script.session.awaits_acks());
    script.wait(ACK_TIMEOUT).tells(&["unacknowledged 2 Timeout"]);
    assert!(!script.session.awaits_acks());
}

#[test]
fn only_so_many_acknowledgements_are_awaited_in_each_endpoint() {
    let mut script = Script::with(Limits { pending_acks: 2, ..Limits::default() });
    script.link().sends(&["1::"]).join("/chat");
    script.ask(1, &text("", "a")).sends(&["3:1::a"]).ask(2, &text("", "b")).sends(&["3:2::b"]);
    script.ask(3, &text("", "c")).tells(&["unacknowledged 3 TooMany"]).sends(&[]);
    script.emit(&text("", "d")).sends(&["3:::d"]).ask(4, &text("/chat", "e"));
    script.sends(&["3:1:/chat:e"]).frame("6:::1").tells(&["acknowledged 1 []"]);
    script.ask(5, &text("", "f")).sends(&["3:3::f"]);
    script.wait(ACK_TIMEOUT).told.sort_unstable();
    script.tells(&[
        "unacknowledged 2 Timeout",
        "unacknowledged 4 Timeout",
        "unacknowledged 5 Timeout",
    ]);
    script.ask(6, &text("", "g")).sends(&["3:4::g"]);
    script.ask(7, &text("", "h")).sends(&["3:5::h"]);
    script.close(CloseReason::Refused).told.sort_unstable();
    script.tells(&[
        "left / Refused",
        "left /chat Refused",
        "unacknowledged 6 Closed",
        "unacknowledged 7 Closed",
    ]);
}

#[test]
fn nobody_waits_for_the_acknowledgement_of_what_is_not_sent() {
    let mut script = Script::websocket();
    script.ask(1, &text("/nope", "a")).tells(&["unacknowledged 1 Closed"]).sends(&[]);
    script.join("/chat").close_endpoint("/chat").sends(&["0::/chat"]);
    script.tells(&["left /chat ServerDisconnect"]);
    script.ask(2, &text("/chat", "a")).tells(&["unacknowledged 2 Closed"]);
    script.close(CloseReason::ServerDisconnect).sends(&["0::"]);
    script.tells(&["left / ServerDisconnect"]);
    script.ask(3, &text("", "a")).tells(&["unacknowledged 3 Closed"]);
}

/// What a client answers late is for a connection that is no more.
#[test]
fn numbers_go_on_when_an_endpoint_is_joined_again() {
    let mut script = Script::websocket();
    script.join("/chat").ask(1, &text("/chat", "a")).sends(&["3:1:/chat:a"]);
    script.frame("0::/chat").tells(&["unacknowledged 1 Closed", "left /chat ClientDisconnect"]);
    script.join("/chat").ask(2, &text("/chat", "b")).sends(&["3:2:/chat:b"]);
    script.frame("6::/chat:1").tells(&[]).frame("6::/chat:2").tells(&["acknowledged 2 []"]);
}
