//! Heartbeats: who is asked, when, and when silence means death.

use super::*;

#[test]
fn a_silent_websocket_client_is_asked_and_then_taken_for_dead() {
    let mut script = Script::websocket();
    script.due(HEARTBEAT_INTERVAL).wait(HEARTBEAT_INTERVAL).sends(&["2::"]);
    script.due(HEARTBEAT_TIMEOUT).wait(HEARTBEAT_TIMEOUT - 1).closed(None);
    script.wait(1).tells(&["left / HeartbeatTimeout"]);
    script.closed(CloseReason::HeartbeatTimeout).due(None);
}

#[test]
fn intervals_come_from_the_limits() {
    let mut script = Script::with(Limits {
        heartbeat_interval: Duration::from_secs(3),
        heartbeat_timeout: Duration::from_secs(5),
        ..Limits::default()
    });
    script.link().sends(&["1::"]).due(3).wait(3).sends(&["2::"]).due(5).wait(5);
    script.tells(&["left / HeartbeatTimeout"]);
}

#[test]
fn any_packet_is_a_sign_of_life() {
    for packet in ["2::", "8::", "9::", "3::/nope:x", "6:::1", "no packet", ""] {
        let mut script = Script::websocket();
        script.wait(HEARTBEAT_INTERVAL).sends(&["2::"]).wait(HEARTBEAT_TIMEOUT - 1);
        script.frame(packet).due(HEARTBEAT_INTERVAL).wait(HEARTBEAT_INTERVAL).sends(&["2::"]);
        script.wait(HEARTBEAT_TIMEOUT - 1).post(&[packet]).due(HEARTBEAT_INTERVAL);
    }
}

#[test]
fn a_client_that_is_never_silent_is_asked_all_the_same() {
    let mut script = Script::websocket();
    for _ in 0..3 {
        for _ in 1..HEARTBEAT_INTERVAL {
            script.wait(1).frame("2::");
        }
        script.wait(1).sends(&["2::"]).frame("2::").due(HEARTBEAT_INTERVAL);
    }
}

#[test]
fn the_answer_to_a_heartbeat_is_not_answered() {
    Script::websocket().frame("2::").tells(&[]).sends(&[]);
}

#[test]
fn a_polling_client_gets_no_heartbeat() {
    let mut script = Script::polling();
    for _ in 0..10 {
        script.poll().wait(POLLING_TIMEOUT).sends(&["8::"]).wait(CLOSE_TIMEOUT - 1).closed(None);
    }
}

fn global() -> Script {
    let mut script = Script::with(Limits::default());
    script.poll().sends(&["1::"]);
    script
}

#[test]
fn a_polling_client_gets_heartbeats_too_if_they_are_global() {
    let mut script = global();
    for _ in 0..10 {
        script.poll().wait(HEARTBEAT_INTERVAL).sends(&["2::"]).poll().post(&["2::"]);
        script.due(HEARTBEAT_INTERVAL).wait(HEARTBEAT_INTERVAL).sends(&["2::"]);
    }
}

#[test]
fn a_poll_is_an_answer_to_a_heartbeat() {
    let mut script = global();
    for _ in 0..10 {
        script.poll().wait(HEARTBEAT_INTERVAL).sends(&["2::"]).wait(CLOSE_TIMEOUT - 1);
    }
    script.poll().due(HEARTBEAT_INTERVAL);
}

#[test]
fn between_two_polls_one_heartbeat_is_queued_at_most() {
    let mut script = global();
    script.wait(CLOSE_TIMEOUT - 1).poll().sends(&["2::"]);
}

#[test]
fn a_polling_client_that_answers_no_heartbeat_is_gone_when_it_does_not_poll_again() {
    let mut script = global();
    script.poll().wait(HEARTBEAT_INTERVAL).sends(&["2::"]).wait(CLOSE_TIMEOUT);
    script.tells(&["left / HeartbeatTimeout"]).due(None);
}

#[test]
fn without_heartbeats_nobody_is_asked() {
    let mut script = Script::with(Limits { heartbeats: false, ..Limits::default() });
    script.link().sends(&["1::"]).frame("2::").due(None).wait(100_000).closed(None);
    script.poll().due(POLLING_TIMEOUT).wait(POLLING_TIMEOUT).sends(&["8::"]);
}

#[test]
fn silence_is_no_sign_of_death_while_nothing_is_read() {
    let mut script = Script::websocket();
    script.reading(false);
    for _ in 0..10 {
        // Asked on, for a write to a client that is gone fails.
        script.wait(HEARTBEAT_INTERVAL).sends(&["2::"]).due(HEARTBEAT_INTERVAL);
    }
    script.reading(true).due(HEARTBEAT_TIMEOUT).wait(HEARTBEAT_INTERVAL - 1).frame("2::");
    script.due(1).wait(1).sends(&["2::"]).frame("2::").due(HEARTBEAT_INTERVAL);
}

#[test]
fn the_wait_for_a_sign_of_life_begins_anew_after_a_pause() {
    let mut script = Script::websocket();
    script.wait(HEARTBEAT_INTERVAL).sends(&["2::"]).wait(HEARTBEAT_TIMEOUT - 1);
    script.reading(false).wait(0).sends(&["2::"]).wait(HEARTBEAT_INTERVAL - 1);
    script.reading(true).due(HEARTBEAT_TIMEOUT);
    script.reading(true).wait(1).due(HEARTBEAT_TIMEOUT - 1);
    script.wait(HEARTBEAT_TIMEOUT - 1).tells(&["left / HeartbeatTimeout"]);
}

#[test]
fn heartbeats_end_with_the_session() {
    let mut script = Script::websocket();
    script.close(CloseReason::ServerDisconnect).sends(&["0::"]);
    script.tells(&["left / ServerDisconnect"]).due(None).wait(1000);
}
