//! Who asks whom for a sign of life since Engine.IO 3, and when silence ends the session.

use super::*;

#[test]
fn the_server_asks_clients_of_protocol_5_and_the_next_question_is_an_interval_after_the_answer() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.due(PING_INTERVAL).wait(PING_INTERVAL).sends(&["2"]).due(PING_TIMEOUT);
    script.wait(5).frame("3").due(PING_INTERVAL).wait(PING_INTERVAL).sends(&["2"]);
    script.wait(PING_TIMEOUT).tells(&["left / HeartbeatTimeout"]);
    script.closed(CloseReason::HeartbeatTimeout);
}

#[test]
fn the_first_other_packet_while_an_answer_is_awaited_gives_as_much_time_again() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.wait(PING_INTERVAL).sends(&["2"]).wait(PING_TIMEOUT - 1);
    script.frame("6").due(PING_TIMEOUT).wait(PING_TIMEOUT - 1).frame("6").due(1);
    script.wait(1).tells(&["left / HeartbeatTimeout"]).closed(CloseReason::HeartbeatTimeout);

    let mut script = Script::modern_websocket(Protocol::V5);
    for _ in 0..3 {
        script.wait(PING_INTERVAL).sends(&["2"]).wait(1).frame("6").due(PING_TIMEOUT).frame("3");
        script.due(PING_INTERVAL);
    }
}

#[test]
fn what_comes_before_the_question_does_not_put_it_off() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.wait(PING_INTERVAL - 1).frame("6").frame("3").due(1).wait(1).sends(&["2"]);
}

#[test]
fn clients_of_protocol_4_ask_and_any_packet_is_a_sign_of_life() {
    let mut script = Script::modern_websocket(Protocol::V4);
    let silence = PING_INTERVAL + PING_TIMEOUT;
    script.due(silence).wait(silence - 1).frame("2").sends(&["3"]).due(silence);
    script.wait(silence - 1).frame("6").due(silence).wait(silence - 1).frame("42[\"a\"]");
    script.tells(&["event / a []"]).due(silence).wait(silence);
    script.tells(&["left / HeartbeatTimeout"]).closed(CloseReason::HeartbeatTimeout);
}

#[test]
fn what_a_ping_carries_is_not_echoed() {
    Script::modern_websocket(Protocol::V4).frame("2x").sends(&["3"]);
}

#[test]
fn a_heartbeat_in_the_wrong_direction_ends_the_session() {
    for (protocol, packet) in [(Protocol::V5, "2"), (Protocol::V5, "2probe"), (Protocol::V4, "3")] {
        let mut script = Script::modern_websocket(protocol);
        script.frame(packet).tells(&["left / ProtocolViolation"]);
        script.closed(CloseReason::ProtocolViolation).due(None);
    }
}

#[test]
fn polls_and_posts_run_on_the_same_heartbeat() {
    let mut script = Script::modern_polling(Protocol::V5);
    script.poll().wait(PING_INTERVAL).sends(&["2"]).wait(1).poll().due(PING_TIMEOUT - 1);
    script.post(&["3"]).due(PING_INTERVAL).wait(PING_INTERVAL).sends(&["2"]);
    script.wait(PING_TIMEOUT).tells(&["left / HeartbeatTimeout"]);
    script.poll().tells(&["refused Over(HeartbeatTimeout)"]);
}

#[test]
fn a_client_that_is_not_read_from_is_not_held_to_answer() {
    let silence = PING_INTERVAL + PING_TIMEOUT;
    let mut script = Script::modern_websocket(Protocol::V4);
    script.reading(false).wait(10 * silence).closed(None);
    script.reading(true).due(silence).wait(silence).tells(&["left / HeartbeatTimeout"]);

    let mut script = Script::modern_websocket(Protocol::V5);
    script.wait(PING_INTERVAL).sends(&["2"]).reading(false).wait(PING_INTERVAL).sends(&["2"]);
    script.reading(true).due(PING_TIMEOUT).frame("3").due(PING_INTERVAL);
}

#[test]
fn heartbeats_of_modern_clients_can_not_be_turned_off() {
    let limits = Limits { heartbeats: false, ..Limits::default() };
    let mut script = Script::modern(Protocol::V5, limits);
    script.link().sends(&["0{}"]).wait(PING_INTERVAL).sends(&["2"]);
}

#[test]
fn questions_that_are_not_read_the_answers_to_make_a_slow_consumer() {
    let mut script = Script::modern_polling(Protocol::V4);
    script.input(|session, _| session.handle_room(1, true)).post(&["2", "2", "2"]);
    script.tells(&["left / SlowConsumer"]).closed(CloseReason::SlowConsumer);
}

/// As while a queue that was full drains: a handler ends, the next frame is taken in, the queue is full.
#[test]
fn a_client_whose_frames_wait_for_slow_handlers_is_asked_at_every_interval() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.reading(false).wait(PING_INTERVAL).sends(&["2"]);
    for _ in 0..3 {
        for handled in 1..=PING_INTERVAL {
            script
                .reading(true)
                .frame(r#"42["a"]"#)
                .tells(&["event / a []"])
                .reading(false)
                .wait(1);
            script.sends(if handled == PING_INTERVAL { &["2"] } else { &[] });
        }
    }
    // What answered long ago comes last, and the client has not been asked since.
    script.wait(PING_INTERVAL - 1).reading(true).due(PING_TIMEOUT).frame("3").due(1);
    script.wait(1).sends(&["2"]).frame("3").due(PING_INTERVAL);
}

#[test]
fn an_answer_that_waited_longer_than_an_interval_is_followed_by_the_next_question_at_once() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.wait(PING_INTERVAL).sends(&["2"]).wait(PING_TIMEOUT - 1).reading(false).due(6);
    script.wait(5).reading(true).due(PING_TIMEOUT).wait(2).frame("3").wait(0).sends(&["2"]);
    script.due(PING_TIMEOUT).frame("3").due(PING_INTERVAL);
}

#[test]
fn pings_that_its_transport_does_not_take_are_bounded_too() {
    const ROOM: usize = 1000;
    let mut script = Script::modern_websocket(Protocol::V5);
    // Its handlers are busy, and it does not read.
    let (session, mut now) = (&mut script.session, script.now);
    session.handle_reading(false, now);
    session.handle_room(ROOM, false);
    for _ in 0..100 {
        let Some(due) = session.poll_timeout() else { break };
        now = due;
        session.handle_timeout(now);
        assert!(session.queued_bytes() < ROOM + 100);
    }
    assert_eq!(session.closed(), Some(CloseReason::SlowConsumer));
    script.turn().sent.clear();
    script.tells(&["left / SlowConsumer"]);
}
