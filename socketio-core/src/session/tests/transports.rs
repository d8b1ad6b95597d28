//! The first transport opens the session; others may take it over.

use super::*;

type First = fn(&mut Script) -> &mut Script;

#[test]
fn the_first_transport_is_greeted_before_all_that_was_emitted() {
    let firsts: [First; 3] = [
        |script| script.link(),
        |script| script.poll(),
        |script| script.post(&["2::"]).due(CLOSE_TIMEOUT).poll(),
    ];
    for first in firsts {
        let mut script = Script::new();
        script.emit(&text("", "a")).emit(&text("", "b")).due(SESSION_EXPIRY);
        first(&mut script).sends(&["1::", "3:::a", "3:::b"]).closed(None);
    }
}

#[test]
fn a_first_post_is_handled_and_gives_the_client_all_of_the_close_timeout_to_poll() {
    let mut script = Script::new();
    script.wait(SESSION_EXPIRY - 1).post(&["3:::a"]).tells(&["event / message text a"]);
    script.due(CLOSE_TIMEOUT).wait(CLOSE_TIMEOUT - 1).closed(None);
    script.poll().sends(&["1::"]).due(CLOSE_TIMEOUT);
}

#[test]
fn a_first_post_that_no_poll_follows_ends_with_the_close_timeout() {
    let mut script = Script::new();
    script.post(&["2::"]).wait(CLOSE_TIMEOUT).tells(&["left / CloseTimeout"]);
    script.closed(CloseReason::CloseTimeout).due(None);
}

#[test]
fn a_handshake_that_no_transport_follows_expires() {
    let mut script = Script::new();
    script.due(SESSION_EXPIRY).wait(SESSION_EXPIRY - 1).closed(None);
    script.wait(1).tells(&["left / HandshakeExpired"]).closed(CloseReason::HandshakeExpired);
    script.due(None).wait(1000).poll().link().frame("3:::a").post(&["3:::a"]);
}

/// A client that hears nothing on a transport for ten seconds tries the next one with the same id.
#[test]
fn a_transport_on_which_the_client_was_never_heard_has_its_successor_greeted_again() {
    let mut script = Script::websocket();
    script.emit(&text("", "lost")).sends(&["3:::lost"]);
    script.wait(10).poll().sends(&["1::"]).due(CLOSE_TIMEOUT);

    let mut script = Script::polling();
    script.wait(10).link().sends(&["1::"]).due(HEARTBEAT_INTERVAL);
    script.wait(10).link().sends(&["1::"]).due(HEARTBEAT_INTERVAL);
}

#[test]
fn a_client_that_was_heard_is_greeted_once() {
    let heard: [First; 4] = [
        |script| script.link().sends(&["1::"]).frame("2::"),
        |script| script.link().sends(&["1::"]).post(&["2::"]),
        |script| script.poll().sends(&["1::"]).poll(),
        |script| script.poll().sends(&["1::"]).post(&["2::"]),
    ];
    for heard in heard {
        let mut script = Script::new();
        heard(&mut script);
        script.link().poll().link().emit(&text("", "a")).sends(&["3:::a"]);
    }
}

#[test]
fn a_greeting_that_is_still_queued_is_not_queued_twice() {
    let both: [fn(&mut Session<u32>, Instant); 4] = [
        |session, now| {
            session.handle_link(now);
            session.handle_poll(now).unwrap();
        },
        |session, now| {
            session.handle_poll(now).unwrap();
            session.handle_link(now);
        },
        |session, now| {
            session.handle_link(now);
            session.handle_link(now);
        },
        |session, now| {
            session.handle_poll(now).unwrap();
            let answer = session.poll_answer(now).unwrap();
            session.handle_answer_lost(answer, now);
            session.handle_link(now);
        },
    ];
    for both in both {
        Script::new().input(both).sends(&["1::"]);
    }
}

#[test]
fn a_poll_that_was_never_answered_does_not_show_that_the_client_was_greeted() {
    let unanswered: [fn(&mut Session<u32>, Instant); 3] = [
        // Given up by the client.
        |session, now| {
            session.handle_poll(now).unwrap();
            session.handle_poll_lost(now);
            session.handle_poll(now).unwrap();
        },
        // Superseded.
        |session, now| {
            session.handle_poll(now).unwrap();
            session.handle_poll(now).unwrap();
        },
        // Answered in vain.
        |session, now| {
            session.handle_poll(now).unwrap();
            let answer = session.poll_answer(now).unwrap();
            session.handle_answer_lost(answer, now);
            session.handle_poll(now).unwrap();
        },
    ];
    for unanswered in unanswered {
        let mut script = Script::new();
        script.input(unanswered).sends(&["1::"]);
        script.link().sends(&["1::"]);
    }
}

#[test]
fn what_no_transport_took_goes_out_on_the_next_one() {
    let mut script = Script::polling();
    script.poll().poll_lost().emit(&text("", "a")).emit(&text("", "b"));
    script.link().sends(&["3:::a", "3:::b"]);
    script.input(|session, now| {
        session.emit(&text("", "c"), false, None);
        session.handle_poll(now).unwrap();
    });
    script.sends(&["3:::c"]);
}

#[test]
fn the_end_of_a_transport_that_was_replaced_does_not_matter() {
    let mut script = Script::websocket();
    script.frame("2::").poll().link_closed(CloseReason::TransportClosed).closed(None);
    script.due(POLLING_TIMEOUT).emit(&text("", "a")).sends(&["3:::a"]);

    script.poll().link().poll_lost().closed(None).due(HEARTBEAT_INTERVAL);
    script.emit(&text("", "b")).sends(&["3:::b"]);
}

#[test]
fn only_the_timers_of_the_present_transport_run() {
    let mut script = Script::websocket();
    script.frame("2::").wait(HEARTBEAT_INTERVAL).sends(&["2::"]).due(HEARTBEAT_TIMEOUT);
    script.poll().due(POLLING_TIMEOUT).wait(POLLING_TIMEOUT).sends(&["8::"]).due(CLOSE_TIMEOUT);
    script.link().due(HEARTBEAT_INTERVAL).poll().due(POLLING_TIMEOUT);
    script.link().wait(HEARTBEAT_INTERVAL).sends(&["2::"]).frame("2::").due(HEARTBEAT_INTERVAL);
}

#[test]
fn a_client_that_ends_its_persistent_transport_ends_the_session() {
    for reason in [CloseReason::TransportClosed, CloseReason::ProtocolViolation] {
        let mut script = Script::websocket();
        script.join("/chat").ask(1, &text("/chat", "a")).sends(&["3:1:/chat:a"]);
        let left = format!("left / {reason:?}");
        let left_chat = format!("left /chat {reason:?}");
        script.link_closed(reason).tells(&[&left, "unacknowledged 1 Closed", &left_chat]);
        script.closed(reason).due(None);
    }
}

#[test]
fn an_interval_that_is_too_long_for_a_clock_never_ends() {
    let forever = Duration::MAX;
    let mut script = Script::with(Limits {
        heartbeat_interval: forever,
        heartbeat_timeout: forever,
        close_timeout: forever,
        polling_timeout: forever,
        session_expiry: forever,
        session_check_interval: forever,
        client_timeout: forever,
        ..Limits::default()
    });
    let decades = 10 * 365 * 24 * 60 * 60;
    script.wait(decades).poll().sends(&["1::"]).wait(decades).closed(None);
    script.poll().wait(decades).link().wait(decades).closed(None);
}
