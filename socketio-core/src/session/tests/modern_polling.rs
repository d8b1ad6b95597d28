//! Polls and posts since Engine.IO 3: one at a time, on one transport, as long as the session lives.

use super::*;

const BOTH: [Protocol; 2] = [Protocol::V4, Protocol::V5];

#[test]
fn the_first_poll_gets_the_open_packet_and_later_ones_wait() {
    let mut script = Script::modern(Protocol::V5, Limits::default());
    script.poll().sends(&["0{}"]).poll().wait(20).post(&["40"]).tells(&["connect / {}"]);
    script.admit("", accept()).sends(&[&format!(r#"40{{"sid":"{ID}"}}"#)]);
    script.emit(&event("", "a", "[1]")).poll().sends(&[r#"42["a",1]"#]);
}

#[test]
fn a_second_poll_beside_one_that_waits_ends_the_session() {
    for protocol in BOTH {
        let mut script = Script::modern_polling(protocol);
        script.poll().poll();
        script.tells(&["left / ProtocolViolation", "refused Violation"]);
        script.closed(CloseReason::ProtocolViolation);
        // The poll that waited is told so.
        assert!(script.session.farewell().is_some());
        script.poll().tells(&["refused Over(ProtocolViolation)"]);
        script.post(&["6"]).tells(&["refused Over(ProtocolViolation)"]);
    }
}

#[test]
fn a_poll_that_is_given_up_ends_the_session() {
    for protocol in BOTH {
        let mut script = Script::modern_polling(protocol);
        script.poll_lost().closed(None).poll().poll_lost().tells(&["left / TransportError"]);
        script.closed(CloseReason::TransportError);

        let mut script = Script::modern_polling(protocol);
        script.input(|session, now| {
            session.handle_poll(now).unwrap();
            session.emit(&event("", "a", "[]"), false, None);
            let answer = session.poll_answer(now).unwrap();
            session.handle_answer_lost(answer, now);
        });
        script.tells(&["left / TransportError"]).closed(CloseReason::TransportError);
    }
}

#[test]
fn a_close_packet_in_a_post_ends_the_session_and_a_waiting_poll() {
    for protocol in BOTH {
        let mut script = Script::modern_polling(protocol);
        script.poll().post(&["1"]).sends(&["6"]).tells(&["left / TransportClosed"]);
        script.closed(CloseReason::TransportClosed).due(None);
        script.poll().tells(&["refused Over(TransportClosed)"]);

        let mut script = Script::modern_polling(protocol);
        script.post(&["1"]).tells(&["left / TransportClosed"]);
        script.poll().tells(&["refused Over(TransportClosed)"]);
    }
}

#[test]
fn a_close_packet_on_a_websocket_ends_the_session_without_another_word() {
    for protocol in BOTH {
        let mut script = Script::modern_websocket(protocol);
        script.frame("1").tells(&["left / TransportClosed"]).closed(CloseReason::TransportClosed);
    }
}

#[test]
fn a_post_that_can_not_be_read_ends_the_session_behind_what_came_before() {
    for (protocol, packets) in [
        (Protocol::V5, &[r#"42["a"]"#, "abc", r#"42["b"]"#]),
        (Protocol::V5, &[r#"42["a"]"#, "4", r#"42["b"]"#]),
        (Protocol::V4, &[r#"42["a"]"#, "7", r#"42["b"]"#]),
        (Protocol::V4, &[r#"42["a"]"#, "4x", r#"42["b"]"#]),
    ] {
        let mut script = Script::modern_polling(protocol);
        script.post(packets);
        script.tells(&["event / a []", "left / ProtocolViolation", "refused Violation"]);
        script.closed(CloseReason::ProtocolViolation);
    }
}

#[test]
fn polls_and_posts_are_misplaced_once_a_websocket_carries_the_session() {
    for protocol in BOTH {
        let mut script = Script::modern_websocket(protocol);
        script.poll().tells(&["refused Misplaced"]).post(&["6"]).tells(&["refused Misplaced"]);
        script.emit(&event("", "a", "[]")).sends(&[r#"42["a"]"#]);
    }
}

#[test]
fn a_session_does_not_outlive_its_websocket() {
    for protocol in BOTH {
        let mut script = Script::modern_websocket(protocol);
        script.link_lost().tells(&["left / TransportError"]).closed(CloseReason::TransportError);
    }
}

#[test]
fn a_server_that_ends_a_session_tells_each_endpoint_and_then_the_transport() {
    for protocol in BOTH {
        let mut script = Script::modern_polling(protocol);
        script.poll().close(CloseReason::ServerDisconnect).sends(&["41"]);
        script.tells(&["left / ServerDisconnect"]).closed(None).poll().sends(&["1"]);
        script.closed(CloseReason::ServerDisconnect);

        let mut script = Script::modern_polling(protocol);
        script.close(CloseReason::ServerDisconnect).tells(&["left / ServerDisconnect"]);
        script.closed(None).post(&[r#"42["late"]"#]).poll().sends(&["41"]);
        script.closed(None).poll().sends(&["1"]).closed(CloseReason::ServerDisconnect);

        let mut script = Script::modern_websocket(protocol);
        script.close(CloseReason::ServerDisconnect).sends(&["41"]);
        script.tells(&["left / ServerDisconnect"]).closed(CloseReason::ServerDisconnect);
    }
}

#[test]
fn a_client_that_does_not_come_to_hear_the_end_is_waited_for_no_longer_than_its_heartbeat() {
    for protocol in BOTH {
        let mut script = Script::modern_polling(protocol);
        script.close(CloseReason::ServerDisconnect).tells(&["left / ServerDisconnect"]);
        script.wait(PING_INTERVAL + PING_TIMEOUT).closed(CloseReason::ServerDisconnect);
    }
}
