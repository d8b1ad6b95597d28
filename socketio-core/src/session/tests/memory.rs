//! How much a client can make the server hold.

use super::super::Lists;
use super::*;

const ROOM: usize = 1000;

#[test]
fn what_is_kept_of_a_body_does_not_keep_the_body() {
    let mut script = Script::polling();
    let packets = ["3::/early:x".into(), "1::/chat?a=b".into(), "x".repeat(1 << 20).into()];
    let body = payload::encode(&packets);
    post(&mut script.session, &Frame::Text(body.clone()), script.now).unwrap();
    let Some(Output::Connect(Join { endpoint, query, .. })) = script.session.poll_output() else {
        panic!("no connect")
    };
    post(&mut script.session, &frame_of("1::/early"), script.now).unwrap();
    script.session.poll_output();
    let Some(Output::Event { endpoint: early, .. }) = script.session.poll_output() else {
        panic!("no event")
    };
    let kept = script.session.endpoints.iter().map(|endpoint| endpoint.path.clone());
    for text in kept.chain([endpoint, query, early]) {
        assert!(!body.as_bytes().as_ptr_range().contains(&text.as_bytes().as_ptr()), "{text}");
    }
}

#[test]
fn packets_for_which_there_is_no_room_stay_in_the_body() {
    for protocol in [None, Some(Protocol::V4), Some(Protocol::V5)] {
        let (mut script, last) = match protocol {
            None => (Script::polling(), "0::"),
            Some(protocol) => (Script::modern_polling(protocol), "1"),
        };
        let event = |n| match protocol {
            None => format!("3:::{n}"),
            _ => format!(r#"42["message",{n}]"#),
        };
        let packets: Vec<_> = (0..5).map(event).collect();
        let packets: Vec<_> = packets.iter().map(|packet| &**packet).chain([last, "7"]).collect();
        let mut body = script.session.body(&script.body_of(&packets));
        for told in [2, 2] {
            let now = script.now;
            assert_eq!(
                script.session.handle_body(&mut body, Room::of(2), now),
                Ok(false),
                "{protocol:?}"
            );
            assert_eq!(script.session.outputs.len(), told);
            assert_eq!(
                script.session.handle_body(&mut body, Room::of(2), now),
                Ok(false),
                "{protocol:?}"
            );
            assert_eq!(script.session.outputs.drain(..).count(), told);
        }
        assert_eq!(
            script.session.handle_body(&mut body, Room::of(3), script.now),
            Ok(true),
            "{protocol:?}"
        );
        // One event, and the end: what comes behind it means nothing.
        assert_eq!((script.session.outputs.drain(..).count(), body.taken), (2, 6), "{protocol:?}");
        // Nothing is left of a body that fills the room.
        let mut script = protocol.map_or_else(Script::polling, Script::modern_polling);
        let mut body = script.session.body(&script.body_of(packets.get(..2).unwrap()));
        assert_eq!(
            script.session.handle_body(&mut body, Room::of(2), script.now),
            Ok(true),
            "{protocol:?}"
        );
        assert_eq!(script.session.outputs.drain(..).count(), 2);
    }
}

#[test]
fn a_burst_leaves_no_large_queues_behind() {
    let burst: Vec<_> = (0..10_000).map(|id| format!("3:{id}::x").into()).collect();
    let body = payload::encode(&burst);
    for mut script in [Script::websocket(), Script::polling()] {
        script.input(|session, now| _ = post(session, &Frame::Text(body.clone()), now));
        if script.sent.is_empty() {
            script.told.clear();
            script.poll();
        }
        assert_eq!(script.sent.len(), burst.len());
        assert_eq!(script.session.queued_bytes(), 0);
        script.session.return_lists(&mut Lists::default());
        assert_eq!(script.session.outbox.packets.capacity(), 0);
        assert_eq!(script.session.outputs.capacity(), 0);
        (script.sent, script.told) = Default::default();
    }
}

#[test]
fn all_that_waits_for_the_client_is_counted() {
    let mut script = Script::polling();
    assert_eq!(script.session.queued_bytes(), 0);
    script.emit(&text("", "0123456789"));
    let one = script.session.queued_bytes();
    assert!(one >= "3:::0123456789".len());
    script.post(&["1::/chat"]).tells(&["connect /chat "]).emit(&text("/chat", "held1"));
    assert_eq!(script.session.queued_bytes(), 2 * one);
    script.admit("/chat", REFUSE).tells(&["left /chat Refused"]);
    script.poll().sends(&["3:::0123456789", "7::/chat:2"]);
    assert_eq!(script.session.queued_bytes(), 0);
}

/// A polling client for whom as much waits as may.
fn clogged() -> Script {
    let mut script = Script::polling();
    script.frame("1::/chat").tells(&["connect /chat "]);
    script.input(|session, _| session.handle_room(ROOM, true)).emit(&text("", &"x".repeat(ROOM)));
    script.emit(&text("/chat", "held"));
    script
}

#[test]
fn a_client_that_asks_for_ever_more_answers_and_reads_none_is_a_slow_consumer() {
    let asks: [fn(&mut Session<u32>, Instant); 7] = [
        |session, now| _ = post(session, &frame_of("2:1::"), now),
        |session, now| _ = post(session, &frame_of("3:1::not delivered"), now),
        |session, now| _ = post(session, &frame_of("1::"), now),
        |session, now| _ = post(session, &frame_of("1:1:/not-asked"), now),
        |session, _| session.acknowledge(&"".into(), &AckId::new("1"), "[]".into()),
        |session, _| session.admit(&"/chat".into(), accept()),
        |session, _| session.admit(&"/chat".into(), REFUSE),
    ];
    for ask in asks {
        let mut script = clogged();
        let queued = script.session.outbox.bytes();
        script.input(ask).closed(CloseReason::SlowConsumer).told.sort_unstable();
        if script.told.contains(&"left /chat Refused".to_owned()) {
            script.tells(&["left / SlowConsumer", "left /chat Refused"]);
        } else {
            script.tells(&["left / SlowConsumer", "left /chat SlowConsumer"]);
        }
        assert_eq!(script.session.queued_bytes(), queued);
    }
}

#[test]
fn answers_are_bounded_within_one_body() {
    let mut script = Script::polling();
    script.input(|session, _| session.handle_room(ROOM, true));
    script.post(&["2:1::"; 1000]).tells(&["left / SlowConsumer"]);
    assert!(script.session.queued_bytes() < ROOM + 100);
}

#[test]
fn a_client_that_reads_may_ask_again() {
    let mut script = clogged();
    script.poll().sends(&[&format!("3:::{}", "x".repeat(ROOM))]);
    script.post(&["2:1::"]).poll().sends(&["6:::1"]).closed(None);
}

/// Emissions are the mailbox's to bound, and what the session says of itself is short and seldom.
#[test]
fn only_answers_make_a_slow_consumer() {
    let mut script = clogged();
    script.post(&["2::", "3:::hi"]).tells(&["event / message text hi"]).closed(None);
    script.emit(&text("", "a")).closed(None);
    script
        .close_endpoint("")
        .closed(None)
        .tells(&["left / ServerDisconnect", "left /chat ServerDisconnect"]);
    let packets = ["3:::xxx", "3:::a", "0::"];
    script.poll();
    assert_eq!(script.sent.len(), packets.len());
    script.sent.clear();
}
