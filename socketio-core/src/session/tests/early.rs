//! Packets for an endpoint that come before its connect, as from a 0.9 client that reconnects.

use super::*;

fn with_limits(early_packets: usize, early_bytes: usize) -> Script {
    let mut script = Script::with(Limits { early_packets, early_bytes, ..Limits::default() });
    script.link().sends(&["1::"]);
    script
}

#[test]
fn early_packets_are_delivered_in_order_once_their_endpoint_is_connected() {
    let mut script = Script::websocket();
    script
        .frame("3::/chat:a")
        .frame("3::/other:x")
        .frame("3:1:/chat:b")
        .frame("5:2+:/chat:{\"name\":\"c\"}");
    script.sends(&[]).tells(&[]).frame("1::/chat").sends(&["6::/chat:1"]).tells(&[
        "connect /chat ",
        "event /chat message text a",
        "event /chat message text b",
        "event /chat c [] ack 2",
    ]);
    script.frame("3::/chat:d").tells(&["event /chat message text d"]);
    script.admit("/chat", accept()).sends(&["1::/chat"]).tells(&[]);
    script.frame("1::/other").tells(&["connect /other ", "event /other message text x"]);
}

#[test]
fn early_packets_of_a_refused_endpoint_are_gone() {
    let mut script = Script::websocket();
    script.frame("3::/chat:a").frame("1::/chat");
    script.tells(&["connect /chat ", "event /chat message text a"]);
    script.admit("/chat", REFUSE).sends(&["7::/chat:2"]).tells(&["left /chat Refused"]);
    script.frame("1::/chat").tells(&["connect /chat "]);
}

#[test]
fn early_packets_of_an_endpoint_that_the_client_leaves_are_gone() {
    let mut script = Script::websocket();
    script.frame("3::/chat:a").frame("3::/other:a").frame("0::/chat").frame("1::/chat");
    script.tells(&["connect /chat "]);
    script.frame("1::/other").tells(&["connect /other ", "event /other message text a"]);
}

#[test]
fn early_packets_are_bounded_in_number() {
    let mut script = with_limits(2, 1000);
    script.frame("3::/a:1").frame("3::/b:1").frame("3::/a:2").tells(&["limit Early"]);
    script.frame("1::/a").tells(&["connect /a ", "event /a message text 1"]);
    script.frame("3::/b:2").frame("3::/b:3").tells(&["limit Early"]).frame("1::/b");
    script.tells(&["connect /b ", "event /b message text 1", "event /b message text 2"]);
}

#[test]
fn early_packets_are_bounded_in_bytes() {
    let mut script = with_limits(100, 20);
    script.frame("3::/a:4567890").frame("3::/b:89").tells(&["limit Early"]);
    script.frame("3::/b:7").frame("1::/a");
    script.tells(&["connect /a ", "event /a message text 4567890"]);
    script.frame("1::/b").tells(&["connect /b ", "event /b message text 7"]);
}

#[test]
fn room_for_early_packets_comes_back_while_others_are_still_held() {
    let mut script = with_limits(100, 20);
    script.frame("3::/held:x");
    for path in ["/a", "/b", "/c", "/d"] {
        script.frame(&format!("3::{path}:4567")).frame(&format!("1::{path}"));
        script.tells(&[&format!("connect {path} "), &format!("event {path} message text 4567")]);
    }
    script.frame("1::/held").tells(&["connect /held ", "event /held message text x"]);
}

#[test]
fn only_what_a_handler_would_get_is_held() {
    let mut script = with_limits(1, 1000);
    for packet in ["0::/a", "2::/a", "6::/a:1", "7::/a", "8::/a", "9::/a", "nothing"] {
        script.frame(packet);
    }
    script.frame("3::/a:x").frame("1::/a").tells(&["connect /a ", "event /a message text x"]);
}

#[test]
fn early_packets_that_are_let_go_use_up_room_as_they_would_have() {
    let mut script = Script::websocket();
    let packet = |endpoint: &str| format!("3::/{endpoint}:{}", "x".repeat(100));
    script.frame(&packet("a")).frame(&packet("a"));
    let frames = ["1::/a".to_owned(), packet("b"), "1::/b".to_owned()];
    let mut frames = frames.iter().map(|it| frame_of(it)).collect();
    let room = Room { events: usize::MAX, bytes: 150, is_crowded: false };
    script.input(|session, now| session.handle_frames(&mut frames, false, room, now));
    assert_eq!((frames.len(), std::mem::take(&mut script.told).len()), (2, 3));
}
