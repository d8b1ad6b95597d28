//! From polling to a WebSocket, with every timing: nothing is lost, nothing comes twice.

use super::*;

/// A client that polls, and whose WebSocket has just come.
fn upgrading() -> Script {
    let mut script = Script::modern_polling(Protocol::V5);
    script.candidate().tells(&["upgrading"]);
    script
}

/// The same, probed.
fn probed() -> Script {
    let mut script = upgrading();
    script.probe("2probe").tells(&["probe 3probe"]);
    script
}

#[test]
fn a_poll_that_waits_is_released_at_the_probe_and_so_is_each_that_comes() {
    let mut script = upgrading();
    script.poll().probe("2probe").sends(&["6"]).tells(&["probe 3probe"]);
    script.poll().sends(&["6"]).poll().sends(&["6"]).probe("5").tells(&["upgraded"]);
    script.emit(&event("", "a", "[]")).sends(&[r#"42["a"]"#]);
}

#[test]
fn what_is_sent_between_the_probe_and_its_end_goes_to_whichever_comes_first() {
    let a = event("", "a", "[]");
    let mut script = probed();
    script.emit(&a).poll().sends(&[r#"42["a"]"#]).poll().sends(&["6"]);
    script.probe("5").tells(&["upgraded"]);

    let mut script = probed();
    script.emit(&a).probe("5").sends(&[r#"42["a"]"#]).tells(&["upgraded"]);
    script.poll().tells(&["refused Misplaced"]);

    let mut script = upgrading();
    script.poll().emit(&a).sends(&[r#"42["a"]"#]).probe("2probe").tells(&["probe 3probe"]);
    script.probe("5").tells(&["upgraded"]);
}

#[test]
fn a_probe_and_its_end_at_once_leave_no_noop_behind() {
    let mut script = upgrading();
    script.input(|session, now| {
        session.handle_poll(now).unwrap();
        session.handle_probe(&frame_of("2probe"), now);
        assert_eq!(session.handle_probe(&frame_of("5"), now), Probe::Done);
    });
    script.emit(&event("", "a", "[]")).sends(&[r#"42["a"]"#]);
}

#[test]
fn posts_are_taken_until_the_end_of_the_upgrade() {
    let mut script = probed();
    script.post(&[r#"42["a"]"#]).tells(&["event / a []"]).probe("5").tells(&["upgraded"]);
    script.post(&[r#"42["b"]"#]).tells(&["refused Misplaced"]);
    script.frame(r#"42["c"]"#).tells(&["event / c []"]);
}

#[test]
fn an_upgrade_may_end_without_a_probe() {
    let mut script = upgrading();
    script.probe("5").tells(&["upgraded"]).emit(&event("", "a", "[]")).sends(&[r#"42["a"]"#]);
}

#[test]
fn anything_else_gives_the_websocket_up_and_the_session_polls_on() {
    for frames in
        [&["4x"][..], &["2"], &["3probe"], &["<a>"], &["2probe", "2probe"], &["2probe", "6"]]
    {
        let mut script = upgrading();
        for (at, frame) in frames.iter().enumerate() {
            let last = at + 1 == frames.len();
            script.probe(frame).tells(&[if last { "given up" } else { "probe 3probe" }]);
        }
        assert!(!script.session.is_upgrading());
        // Polls wait again, and another WebSocket may come.
        script.poll().emit(&event("", "a", "[]")).sends(&[r#"42["a"]"#]);
        script.candidate().tells(&["upgrading"]).probe("5").tells(&["upgraded"]);
    }
}

#[test]
fn an_upgrade_that_takes_too_long_is_given_up_whether_it_was_probed_or_not() {
    for mut script in [upgrading(), probed()] {
        script.due(UPGRADE_TIMEOUT).wait(UPGRADE_TIMEOUT - 1);
        assert!(script.session.is_upgrading());
        script.wait(1).closed(None).due(PING_INTERVAL - UPGRADE_TIMEOUT);
        assert!(!script.session.is_upgrading());
        script.probe("5").tells(&["given up"]).poll().emit(&event("", "a", "[]"));
        script.sends(&[r#"42["a"]"#]);
    }
}

#[test]
fn a_second_websocket_is_refused_while_one_is_probed_and_after() {
    let mut script = probed();
    script.candidate().tells(&["refused"]).probe("5").tells(&["upgraded"]);
    script.candidate().tells(&["refused"]).emit(&event("", "a", "[]")).sends(&[r#"42["a"]"#]);
}

#[test]
fn a_websocket_that_breaks_while_it_is_probed_makes_room_for_another() {
    let mut script = probed();
    script.input(|session, _| session.handle_probe_lost()).closed(None);
    script.poll().candidate().tells(&["upgrading"]).emit(&event("", "a", "[]"));
    script.sends(&[r#"42["a"]"#]);
}

#[test]
fn a_session_that_ends_meanwhile_ends_the_upgrade() {
    let mut script = probed();
    script.post(&["1"]).tells(&["left / TransportClosed"]);
    assert!(!script.session.is_upgrading());
    script.due(None).candidate().tells(&["refused"]);
}

#[test]
fn a_server_that_ends_the_session_meanwhile_says_so_on_whichever_comes_first() {
    let mut script = probed();
    script.close(CloseReason::ServerDisconnect).tells(&["left / ServerDisconnect"]);
    script.probe("5").sends(&["41"]).tells(&["upgraded"]).closed(CloseReason::ServerDisconnect);

    let mut script = probed();
    script.close(CloseReason::ServerDisconnect).tells(&["left / ServerDisconnect"]);
    script.poll().sends(&["41"]).closed(None).poll().sends(&["1"]);
    script.closed(CloseReason::ServerDisconnect);
}

#[test]
fn heartbeats_go_on_through_an_upgrade() {
    let mut script = Script::modern_polling(Protocol::V5);
    script.poll().wait(PING_INTERVAL).sends(&["2"]).candidate().tells(&["upgrading"]);
    script.probe("5").tells(&["upgraded"]).wait(1).frame("3").due(PING_INTERVAL);
}

#[test]
fn an_upgrade_waits_for_what_was_posted_before_and_its_time_begins_anew_then() {
    let mut script = upgrading();
    let waiting =
        |waiting| move |session: &mut Session<u32>, now| session.handle_waiting_posts(waiting, now);
    script.poll().wait(UPGRADE_TIMEOUT / 2).input(waiting(true));
    script.wait(UPGRADE_TIMEOUT).probe("2probe").sends(&["6"]).tells(&["probe 3probe"]);
    script.input(waiting(true)).probe("5").tells(&["later"]).poll().sends(&["6"]);
    assert!(script.session.is_upgrading());
    script.input(waiting(false)).wait(UPGRADE_TIMEOUT - 1).input(waiting(false)).due(1);
    script.probe("5").tells(&["upgraded"]).emit(&event("", "a", "[]")).sends(&[r#"42["a"]"#]);
}
