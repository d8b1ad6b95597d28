//! How sessions and endpoints end, and what the client hears of it.

use super::*;

#[test]
fn a_client_that_leaves_is_told_goodbye_on_the_transport_it_still_has() {
    let mut script = Script::websocket();
    script.join("/chat").frame("0::").sends(&["0::"]);
    script.tells(&["left / ClientDisconnect", "left /chat ClientDisconnect"]);
    script.closed(CloseReason::ClientDisconnect).due(None);

    // Even if that has not sent all that came before.
    let mut script = Script::websocket();
    script.input(|session, _| session.handle_room(usize::MAX, false));
    script.frame("0::").sends(&["0::"]).tells(&["left / ClientDisconnect"]);
    script.closed(CloseReason::ClientDisconnect);

    let mut script = Script::polling();
    script.poll().post(&["0::", "3:::unheard"]).sends(&["0::"]);
    script.tells(&["left / ClientDisconnect"]).closed(CloseReason::ClientDisconnect);
}

/// By its own `0::` in a POST, or by the `?disconnect` URL.
#[test]
fn a_polling_client_that_leaves_is_not_waited_for() {
    let leave: [fn(&mut Script) -> &mut Script; 3] = [
        |script| script.poll().sends(&["1::"]).post(&["0::"]),
        |script| script.poll().sends(&["1::"]).close(CloseReason::ClientDisconnect),
        |script| script.close(CloseReason::ClientDisconnect),
    ];
    for leave in leave {
        let mut script = Script::new();
        leave(&mut script).tells(&["left / ClientDisconnect"]).sends(&[]);
        script.closed(CloseReason::ClientDisconnect).due(None);
    }
}

#[test]
fn the_disconnect_url_says_goodbye_on_an_open_transport() {
    let mut polling = Script::polling();
    polling.poll();
    for mut script in [Script::websocket(), polling] {
        script.close(CloseReason::ClientDisconnect).sends(&["0::"]);
        script.tells(&["left / ClientDisconnect"]).closed(CloseReason::ClientDisconnect);
    }
}

#[test]
fn a_client_that_is_thrown_out_is_told_after_all_else() {
    for reason in [CloseReason::ServerDisconnect, CloseReason::HandlerFailed] {
        let mut script = Script::websocket();
        script.input(|session, now| {
            session.emit(&text("", "last words"), false, None);
            session.close(reason, now);
            session.emit(&text("", "too late"), false, None);
        });
        script.sends(&["3:::last words", "0::"]).tells(&[&format!("left / {reason:?}")]);
        script.closed(reason).due(None);
    }
}

#[test]
fn closing_the_root_closes_all() {
    let mut script = Script::websocket();
    script.join("/chat").close_endpoint("").sends(&["0::"]);
    script.tells(&["left / ServerDisconnect", "left /chat ServerDisconnect"]);
    script.closed(CloseReason::ServerDisconnect);
}

#[test]
fn some_ends_are_no_goodbye() {
    let reasons = [
        CloseReason::Refused,
        CloseReason::ServerShutdown,
        CloseReason::SlowConsumer,
        CloseReason::ProtocolViolation,
    ];
    for reason in reasons {
        for mut script in [Script::new(), Script::websocket(), Script::polling()] {
            script.close(reason).sends(&[]).tells(&[&format!("left / {reason:?}")]);
            script.closed(reason).due(None);
        }
    }
}

#[test]
fn a_polling_client_hears_the_goodbye_on_its_next_poll() {
    let mut script = Script::polling();
    script.wait(1).emit(&text("", "a")).close(CloseReason::ServerDisconnect).sends(&[]);
    script.tells(&["left / ServerDisconnect"]).closed(None).due(CLOSE_TIMEOUT - 1);
    script.wait(CLOSE_TIMEOUT - 2).post(&["3:::unheard"]).emit(&text("", "too late"));
    script.poll().sends(&["3:::a", "0::"]).closed(CloseReason::ServerDisconnect).due(None);
}

#[test]
fn a_polling_client_that_does_not_come_to_hear_the_goodbye_is_given_up() {
    let mut script = Script::polling();
    script.close(CloseReason::ServerDisconnect).tells(&["left / ServerDisconnect"]);
    script.wait(CLOSE_TIMEOUT - 1).closed(None);
    script.wait(1).closed(CloseReason::ServerDisconnect).due(None);
}

#[test]
fn a_goodbye_that_did_not_arrive_is_said_again() {
    let mut script = Script::polling();
    script.input(|session, now| {
        session.handle_poll(now).unwrap();
        session.close(CloseReason::ServerDisconnect, now);
        let answer = session.poll_answer(now).unwrap();
        session.handle_answer_lost(answer, now);
    });
    script.tells(&["left / ServerDisconnect"]).closed(None).due(CLOSE_TIMEOUT);
    script.wait(CLOSE_TIMEOUT - 1).poll().sends(&["0::"]);
    script.closed(CloseReason::ServerDisconnect).due(None);
}

#[test]
fn a_client_thrown_out_before_its_first_transport_is_greeted_and_told() {
    for persistent in [true, false] {
        let mut script = Script::new();
        script.emit(&text("", "a")).close(CloseReason::ServerDisconnect);
        script.tells(&["left / ServerDisconnect"]).closed(None).due(SESSION_EXPIRY);
        let first = if persistent { script.link() } else { script.poll() };
        first.sends(&["1::", "3:::a", "0::"]).closed(CloseReason::ServerDisconnect).due(None);
    }
    let mut script = Script::new();
    script.close(CloseReason::ServerDisconnect).tells(&["left / ServerDisconnect"]);
    script.wait(SESSION_EXPIRY).closed(CloseReason::ServerDisconnect);
}

#[test]
fn the_first_reason_stays() {
    let mut script = Script::polling();
    script.close(CloseReason::ServerDisconnect).tells(&["left / ServerDisconnect"]);
    script.close(CloseReason::HandlerFailed).close(CloseReason::ClientDisconnect).tells(&[]);
    script.close_endpoint("").tells(&[]).poll().sends(&["0::"]);
    script.close(CloseReason::ServerShutdown).closed(CloseReason::ServerDisconnect);
}

#[test]
fn a_shutdown_does_not_wait_for_a_client_that_is_to_be_told_goodbye() {
    let mut script = Script::polling();
    script.close(CloseReason::ServerDisconnect).tells(&["left / ServerDisconnect"]);
    script.close(CloseReason::ServerShutdown).closed(CloseReason::ServerDisconnect).due(None);
}

#[test]
fn a_server_that_goes_away_sends_what_is_queued_and_says_no_goodbye() {
    let mut script = Script::websocket();
    script.input(|session, now| {
        session.emit(&text("", "a"), false, None);
        go_away(session, now);
        session.emit(&text("", "too late"), false, None);
        assert_eq!(session.closed(), None);
    });
    script.tells(&["left / ServerShutdown"]).sends(&["3:::a"]);
    script.closed(CloseReason::ServerShutdown);

    // Who is between two polls hears of it on the one after the last answer.
    let mut script = Script::polling();
    script.emit(&text("", "a")).input(go_away);
    script.tells(&["left / ServerShutdown"]).closed(None).poll().sends(&["3:::a"]);
    script.closed(None).poll().sends(&[]).closed(CloseReason::ServerShutdown);

    // There is nobody to tell.
    let mut script = Script::new();
    script.input(go_away).tells(&["left / ServerShutdown"]).closed(CloseReason::ServerShutdown);
    script.input(|session, now| assert!(!session.go_away(now)));
}

fn go_away(session: &mut Session<u32>, now: Instant) {
    assert!(session.go_away(now + Duration::from_secs(GRACE)));
}

const GRACE: u64 = 5;

#[test]
fn who_does_not_hear_that_a_server_goes_away_is_not_waited_for() {
    let mut absent = Script::websocket();
    absent.link_lost().emit(&text("", "a"));
    let modern = Script::modern_polling;
    for mut script in [Script::polling(), modern(Protocol::V4), modern(Protocol::V5), absent] {
        script.input(go_away).tells(&["left / ServerShutdown"]).closed(None).due(GRACE);
        script.wait(GRACE).closed(CloseReason::ServerShutdown).due(None);
    }
    // One whose poll takes its last words along, or that posts something once its link is gone.
    let mut answered = Script::polling();
    answered.poll().input(|session, now| {
        session.emit(&text("", "a"), false, None);
        go_away(session, now);
    });
    answered.tells(&["left / ServerShutdown"]).sends(&["3:::a"]);
    let mut posting = Script::websocket();
    posting.link_lost().emit(&text("", "a")).input(go_away);
    posting.tells(&["left / ServerShutdown"]).input(Session::handle_post);
    for mut script in [answered, posting] {
        script.closed(None).due(GRACE).wait(GRACE).closed(CloseReason::ServerShutdown);
    }
    // One whose time is up before.
    let mut script = Script::polling();
    script.wait(CLOSE_TIMEOUT - 1).input(go_away).tells(&["left / ServerShutdown"]).due(1);
    script.wait(1).closed(CloseReason::ServerShutdown);
    // One that reads no more.
    let mut script = Script::websocket();
    script.reading(false);
    let (session, now) = (&mut script.session, script.now);
    session.emit(&text("", "a"), false, None);
    go_away(session, now);
    assert_eq!(session.closed(), None);
    session.handle_timeout(now + Duration::from_secs(GRACE));
    assert_eq!(session.closed(), Some(CloseReason::ServerShutdown));
    while session.poll_output().is_some() {}
}

#[test]
fn a_session_that_is_over_is_deaf() {
    let mut script = Script::websocket();
    script.join("/chat").frame("1::/late").tells(&["connect /late "]);
    script.link_closed(CloseReason::TransportClosed).tells(&[
        "left / TransportClosed",
        "left /chat TransportClosed",
        "left /late TransportClosed",
    ]);
    script.frame("3:::a").frame("1::/new").post(&["0::"]).frame("0::/chat").wait(1000);
    script.admit("/late", accept()).close_endpoint("/chat").close_endpoint("");
    script.emit(&text("", "a")).acknowledge("", "1", "[]").reading(false).reading(true);
    script.link().poll().poll_lost().link().link_closed(CloseReason::TransportError);
    script.closed(CloseReason::TransportClosed).due(None);

    let mut script = Script::new();
    script.close(CloseReason::Refused).tells(&["left / Refused"]);
    script.link().poll().post(&["3:::a"]).link().closed(CloseReason::Refused).due(None);
}

#[test]
fn a_client_that_does_not_take_its_goodbye_is_let_go_with_the_close_timeout() {
    // Whether silence counts as death or not.
    for (heartbeats, reading) in [(false, true), (true, false)] {
        let mut script = Script::with(Limits { heartbeats, ..Limits::default() });
        script.link().sends(&["1::"]).reading(reading);
        let (session, now) = (&mut script.session, script.now);
        session.close(CloseReason::ServerDisconnect, now);
        let end = now + Duration::from_secs(CLOSE_TIMEOUT);
        while let Some(due) = session.poll_timeout() {
            assert!(session.closed().is_none() && due <= end);
            session.handle_timeout(due);
        }
        assert_eq!(session.closed(), Some(CloseReason::ServerDisconnect));
        while session.poll_output().is_some() {}
    }
}
