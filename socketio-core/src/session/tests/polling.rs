//! Long polling: one answer per poll, and nothing lost between polls.

use super::*;

fn payload_of(script: &mut Script, now: Instant) -> ByteString {
    let packets = script.session.poll_answer(now).unwrap();
    text_of(script.session.encode_payload(&packets))
}

#[test]
fn a_poll_that_waits_in_vain_is_answered_with_a_noop() {
    let mut script = Script::polling();
    script.poll().due(POLLING_TIMEOUT).wait(POLLING_TIMEOUT - 1).wait(1).sends(&["8::"]);
    script.due(CLOSE_TIMEOUT).poll().due(POLLING_TIMEOUT);
}

#[test]
fn a_client_that_does_not_poll_again_is_dropped() {
    let mut script = Script::polling();
    script.due(CLOSE_TIMEOUT).wait(CLOSE_TIMEOUT - 1).poll().due(POLLING_TIMEOUT);
    script.emit(&text("", "a")).sends(&["3:::a"]).due(CLOSE_TIMEOUT);
    script.wait(CLOSE_TIMEOUT).tells(&["left / CloseTimeout"]);
    script.closed(CloseReason::CloseTimeout).due(None);
}

#[test]
fn posts_do_not_make_up_for_polls() {
    let mut script = Script::polling();
    script.wait(CLOSE_TIMEOUT - 1).post(&["2::"]).due(1).wait(1);
    script.tells(&["left / CloseTimeout"]);
}

#[test]
fn packets_wait_for_the_next_poll_and_go_out_together() {
    let mut script = Script::polling();
    script.emit(&text("", "a")).emit(&text("", "b")).post(&["3:1::c"]);
    script.tells(&["event / message text c"]).poll().sends(&["3:::a", "3:::b", "6:::1"]);
}

#[test]
fn a_poll_that_waits_takes_the_first_packet_and_later_ones_wait_again() {
    let mut script = Script::polling();
    script.poll().emit(&text("", "a")).sends(&["3:::a"]).emit(&text("", "b"));
    script.poll().sends(&["3:::b"]).poll().due(POLLING_TIMEOUT);
}

#[test]
fn one_packet_stands_alone_and_several_are_framed() {
    let mut script = Script::polling();
    let now = script.now;
    script.emit(&text("", "😀")).session.handle_poll(now).unwrap();
    assert_eq!(payload_of(&mut script, now), "3:::😀");
    script.emit(&text("", "😀")).emit(&text("", "b")).session.handle_poll(now).unwrap();
    let body = "\u{FFFD}6\u{FFFD}3:::😀\u{FFFD}5\u{FFFD}3:::b";
    assert_eq!(payload_of(&mut script, now), body);
}

#[test]
fn a_body_of_several_packets_is_handled_in_order() {
    let mut script = Script::polling();
    script.post(&["3:::a", "3:2::😀", "nothing", "4:::[1]"]).tells(&[
        "event / message text a",
        "event / message text 😀",
        "event / message value [1]",
    ]);
    script.poll().sends(&["6:::2"]);
}

#[test]
fn a_poll_that_the_client_gave_up_loses_nothing() {
    let mut script = Script::polling();
    script.poll().wait(5).poll_lost().due(CLOSE_TIMEOUT).emit(&text("", "a"));
    script.emit(&text("", "b")).poll().sends(&["3:::a", "3:::b"]);
}

#[test]
fn an_answer_that_did_not_arrive_goes_out_again_before_what_came_later() {
    let mut script = Script::polling();
    script.input(|session, now| {
        session.emit(&text("", "a"), false, None);
        session.emit(&text("", "b"), false, None);
        session.handle_poll(now).unwrap();
        let answer = session.poll_answer(now).unwrap();
        session.emit(&text("", "c"), false, None);
        session.handle_answer_lost(answer, now);
    });
    script.due(CLOSE_TIMEOUT).poll().sends(&["3:::a", "3:::b", "3:::c"]);
}

#[test]
fn a_second_poll_takes_the_place_of_the_first() {
    assert_eq!(Script::new().session.superseded(), frame_of("8::"));
    let mut script = Script::polling();
    script.poll().wait(POLLING_TIMEOUT - 1).poll().due(POLLING_TIMEOUT);
    script.emit(&text("", "a")).sends(&["3:::a"]).emit(&text("", "b")).due(CLOSE_TIMEOUT);
}
