//! A WebSocket that has to show that it carries frames before it is used.

use super::*;

const CLIENT_TIMEOUT: u64 = 5;

fn script() -> Script {
    Script::with(Limits { websocket_check: true, global_heartbeats: false, ..Limits::default() })
}

/// A client with a WebSocket that is being checked.
fn checking() -> Script {
    let mut script = script();
    script.emit(&text("", "a")).input(Session::handle_websocket).sends(&["2::"]);
    script.due(CLIENT_TIMEOUT);
    script
}

#[test]
fn nothing_else_is_sent_before_the_client_answers() {
    let mut script = checking();
    script.emit(&text("", "b")).emit_volatile(&text("", "c")).wait(CLIENT_TIMEOUT - 1);
    script.frame("2::").sends(&["1::", "3:::a", "3:::b"]).due(HEARTBEAT_INTERVAL);
    assert!(script.session.has_link());
}

#[test]
fn any_packet_is_an_answer_and_is_handled() {
    checking().frame("3:::x").tells(&["event / message text x"]).sends(&["1::", "3:::a"]);
}

#[test]
fn a_websocket_that_stays_silent_is_given_up_and_its_session_waits_for_another() {
    let mut script = checking();
    script.wait(CLIENT_TIMEOUT).closed(None).due(SESSION_EXPIRY - CLIENT_TIMEOUT);
    assert!(!script.session.has_link());
    script.poll().sends(&["1::", "3:::a"]);
}

#[test]
fn a_handshake_expires_while_websockets_are_checked_in_vain() {
    let mut script = checking();
    script.wait(SESSION_EXPIRY).tells(&["left / HandshakeExpired"]).due(None);
}

#[test]
fn a_client_that_polls_meanwhile_is_served() {
    checking().poll().sends(&["1::", "3:::a"]).due(CLOSE_TIMEOUT);
    let mut script = checking();
    script.post(&["3:::x"]).tells(&["event / message text x"]).poll().sends(&["1::", "3:::a"]);
}

#[test]
fn a_client_that_comes_back_is_checked_again() {
    let mut script = checking();
    script.frame("2::").sends(&["1::", "3:::a"]).link_lost().emit(&text("", "b"));
    script.input(Session::handle_websocket).sends(&["2::"]).frame("2::").sends(&["3:::b"]);
    script.link_lost().input(Session::handle_websocket).sends(&["2::"]).link_lost();
    script.due(SESSION_EXPIRY);
}

#[test]
fn a_websocket_that_breaks_while_it_is_checked_changes_nothing() {
    let mut script = checking();
    script.wait(1).link_lost().closed(None).due(SESSION_EXPIRY - 1).poll().sends(&["1::", "3:::a"]);
}

#[test]
fn pages_that_never_end_are_not_checked() {
    let mut script = script();
    script.link().sends(&["1::"]).due(HEARTBEAT_INTERVAL);
}

#[test]
fn frames_of_a_websocket_that_was_left_are_handled_and_are_no_answer() {
    let mut script = checking();
    script.frame("2::").sends(&["1::", "3:::a"]).link_lost().emit(&text("", "b"));
    script.input(Session::handle_websocket).sends(&["2::"]);
    for (left_behind, sent) in [(true, &[][..]), (false, &["3:::b"])] {
        let mut frames = [frame_of("3:::x")].into();
        script.input(|session, now| {
            session.handle_frames(&mut frames, left_behind, Room::of(1), now);
        });
        script.tells(&["event / message text x"]).sends(sent);
    }
}

#[test]
fn what_is_left_of_a_post_does_not_take_the_place_of_a_websocket_that_came_behind_it() {
    let mut script = script();
    script.poll().sends(&["1::"]);
    let mut body = script.session.body(&script.body_of(&["3:::x", "3:::y"]));
    for (at, told) in ["event / message text x", "event / message text y"].iter().enumerate() {
        if at == 0 {
            script.input(|session, now| session.handle_post(now).unwrap());
        } else {
            script.input(Session::handle_websocket).sends(&["2::"]);
        }
        script.input(|session, now| {
            assert_eq!(session.handle_body(&mut body, Room::of(1), now), Ok(at == 1));
        });
        script.tells(&[told]);
    }
    assert!(script.session.has_link());
    script.emit(&text("", "a")).frame("2::").sends(&["3:::a"]);
}
