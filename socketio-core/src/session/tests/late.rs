//! What a session still hears once its server stops.

use super::*;

fn stop(session: &mut Session<u32>, _: Instant) {
    session.handle_stop();
}

/// Posts, as far as it is taken in; gives whether that is all.
fn take(script: &mut Script, packets: &[&str]) -> bool {
    let body = script.body_of(packets);
    let mut taken = None;
    script.input(|session, now| taken = Some(post(session, &body, now).unwrap()));
    taken.unwrap()
}

#[test]
fn in_frames_events_and_connects_are_dropped_and_all_else_is_taken_in() {
    let mut script = Script::websocket();
    script.join("/chat").ask(1, &text("", "a")).sends(&["3:1::a"]).input(stop);
    for late in ["3:::a", "4:::1", r#"5:1+::{"name":"a"}"#, r#"5:1::{"name":"a"}"#, "1::/b"] {
        script.frame(late);
    }
    script.frame("6:::1").tells(&["acknowledged 1 []"]);
    script.frame("0::/chat").tells(&["left /chat ClientDisconnect"]);
    script.frame("0::").sends(&["0::"]).tells(&["left / ClientDisconnect"]);

    for protocol in [Protocol::V4, Protocol::V5] {
        let mut script = Script::modern_websocket(protocol);
        let bytes = if protocol == Protocol::V4 { "<\u{4}x>" } else { "<x>" };
        script.ask(1, &event("", "e", "[]")).sends(&[r#"420["e"]"#]);
        script.ask(2, &event("", "e", "[]")).sends(&[r#"421["e"]"#]).input(stop);
        let binary = r#"["a",{"_placeholder":true,"num":0}]"#;
        let connect = ["40/b,", "41/b,"];
        for late in
            [r#"42["a"]"#, r#"421["a"]"#, &format!("451-{binary}"), bytes, connect[0], connect[1]]
        {
            script.frame(late);
        }
        script.frame("430[1]").tells(&["acknowledged 1 [1]"]);
        // Attachments of what is no event.
        script.frame(r#"461-1[{"_placeholder":true,"num":0}]"#).frame(bytes);
        assert_eq!(std::mem::take(&mut script.told).len(), 1, "{protocol:?}");
        match protocol {
            Protocol::V4 => script.frame("2").sends(&["3"]),
            Protocol::V5 => script.frame("3"),
        };
        script.closed(None).frame("1").tells(&["left / TransportClosed"]);
    }
}

#[test]
fn a_packet_that_has_begun_is_heard_to_its_end() {
    let mut script = Script::modern_websocket(Protocol::V5);
    let binary = r#"451-["a",{"_placeholder":true,"num":0}]"#;
    script.frame(binary).input(stop);
    assert!(!script.session.has_all_in_time());
    script.frame("<x>");
    assert!(script.session.has_all_in_time());
    assert_eq!(std::mem::take(&mut script.told).len(), 1);
    script.frame(binary).frame("<x>");
    assert!(script.session.has_all_in_time());
}

#[test]
fn in_posts_they_are_held_back_unless_an_answer_is_awaited() {
    for protocol in [None, Some(Protocol::V4), Some(Protocol::V5)] {
        let (mut script, late, alive, question, answer) = match protocol {
            None => (Script::polling(), "3:::a", "2::", "3:1::q", "6:::1"),
            Some(protocol) => {
                let alive = if protocol == Protocol::V4 { "2" } else { "3" };
                let script = Script::modern_polling(protocol);
                (script, r#"42["a"]"#, alive, r#"420["q"]"#, "430[]")
            }
        };
        script.input(stop);
        assert!(take(&mut script, &[alive]));
        assert!(!take(&mut script, &[alive, late]));
        let body = &script.body_of(&[late]);
        script.session.handle_poll(script.now).unwrap();
        script.turn().sent.clear();
        let emission = if protocol.is_none() { text("", "q") } else { event("", "q", "[]") };
        script.ask(1, &emission);
        if protocol == Some(Protocol::V4) {
            // The pongs were the answer to the last.
            script.poll();
        }
        script.sends(&[question]);
        let body = &mut script.session.body(body);
        assert!(!script.session.holds_back(body));
        assert_eq!(script.session.handle_body(body, Room::of(usize::MAX), script.now), Ok(true));
        script.turn();
        assert_eq!(std::mem::take(&mut script.told).len(), 1, "{protocol:?}");
        assert!(take(&mut script, &[answer]));
        script.tells(&["acknowledged 1 []"]);
        assert!(!take(&mut script, &[late]));
        // Of a session that is about to end nothing is told that it was taken in.
        script.input(Session::go_away).tells(&["left / ServerShutdown"]);
        assert!(!take(&mut script, &[alive]));
        script.sent.clear();
    }
}

#[test]
fn a_packet_of_messagepack_is_late_by_what_it_is() {
    let dialect = Dialect::modern(Protocol::V5, Parser::MsgPack, "{}".into(), None);
    let now = Instant::now();
    let mut session = Session::<u32>::new(Arc::default(), dialect, now);
    session.handle_link(now);
    let packet = |kind: u8, data: &[u8]| {
        let head = [b"\x84\xa4type", &[kind][..], b"\xa3nsp\xa1/\xa2id\x00\xa4data"].concat();
        Frame::Binary([&head, data].concat().into())
    };
    let told = |session: &mut Session<u32>, frame| {
        session.handle_frame(frame, now);
        std::iter::from_fn(|| session.poll_output()).map(|it| in_words(&it)).collect::<Vec<_>>()
    };
    let connect = packet(0, b"\x80");
    assert_eq!(told(&mut session, connect), ["connect / {}"]);
    session.admit(&"".into(), accept());
    let event = || packet(2, b"\x91\xa1e");
    assert_eq!(told(&mut session, event()), ["event / e [] ack 0"]);
    let emission = self::event("", "q", "[]");
    session.emit(&emission, false, Some((1, now + Duration::from_secs(ACK_TIMEOUT))));
    session.handle_stop();
    assert_eq!(told(&mut session, event()), [""; 0]);
    assert_eq!(told(&mut session, packet(3, b"\x90")), ["acknowledged 1 []"]);
}
