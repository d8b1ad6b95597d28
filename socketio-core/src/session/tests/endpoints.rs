//! Endpoints: joined, refused, left, and joined again.

use super::*;
use crate::session::limits::CONNECT_BYTES;

#[test]
fn an_endpoint_is_joined_when_it_is_accepted() {
    let mut script = Script::websocket();
    script.frame("1::/chat").tells(&["connect /chat "]).sends(&[]);
    script.admit("/chat", accept()).sends(&["1::/chat"]);
    script.frame("3::/chat:hi").tells(&["event /chat message text hi"]);
    script.emit(&text("/chat", "hi")).sends(&["3::/chat:hi"]);
}

#[test]
fn what_the_client_is_told_depends_on_the_admission() {
    let cases: [(Admission, &[&str]); 3] = [
        (REFUSE, &["7::/chat:2"]),
        (
            Admission::Refuse(Refusal { unauthorized: false, message: "".into(), data: "".into() }),
            &["7::/chat"],
        ),
        (Admission::Unknown, &[]),
    ];
    for (admission, packets) in cases {
        let mut script = Script::websocket();
        script.frame("1::/chat").tells(&["connect /chat "]);
        script.emit(&text("/chat", "held")).ask(1, &text("/chat", "held"));
        script.admit("/chat", admission).sends(packets);
        script.tells(&["unacknowledged 1 Closed", "left /chat Refused"]);
        script.admit("/chat", accept()).emit(&text("/chat", "gone"));
        script.frame("6::/chat:1").frame("3:::alive").tells(&["event / message text alive"]);
        script.frame("1::/chat").tells(&["connect /chat "]);
    }
}

#[test]
fn a_query_is_taken_off_the_name_or_the_data() {
    let cases = [
        ("1::/chat?a=b", "connect /chat a=b"),
        ("1::/chat:?a=b", "connect /chat a=b"),
        ("1::/chat:a=b", "connect /chat a=b"),
        ("1::/chat?a=b:?c=d", "connect /chat a=b"),
        ("1::/chat?", "connect /chat "),
        ("1::/chat?a=b?c", "connect /chat a=b?c"),
    ];
    for (frame, output) in cases {
        let mut script = Script::websocket();
        script.frame(frame).tells(&[output]);
        script.admit("/chat", accept()).sends(&["1::/chat"]);
        script.frame(frame).sends(&["1::/chat"]);
    }
}

#[test]
fn a_repeated_connect_is_echoed_and_no_more() {
    let mut script = Script::websocket();
    script.frame("1::").sends(&["1::"]).frame("1::?a=b").sends(&["1::"]);
    script.frame("1::/chat").tells(&["connect /chat "]).frame("1::/chat").sends(&[]);
    script.admit("/chat", accept()).sends(&["1::/chat"]);
    script.frame("1::/chat").sends(&["1::/chat"]).tells(&[]);
    script.frame("3::/chat:x").tells(&["event /chat message text x"]);
}

#[test]
fn emissions_are_held_until_the_client_knows_that_it_is_in() {
    let mut script = Script::websocket();
    script.frame("1::/chat").tells(&["connect /chat "]);
    script.emit(&text("/chat", "a")).ask(1, &text("/chat", "b")).emit(&text("", "now"));
    script.sends(&["3:::now"]).admit("/chat", accept());
    script.sends(&["1::/chat", "3::/chat:a", "3:1:/chat:b"]);
    script.frame("6::/chat:1").tells(&["acknowledged 1 []"]);
}

#[test]
fn events_of_the_client_do_not_wait_for_the_admission() {
    let mut script = Script::websocket();
    script.frame("1::/chat").tells(&["connect /chat "]).frame("3:1:/chat:a");
    script.sends(&["6::/chat:1"]).tells(&["event /chat message text a"]);
}

#[test]
fn an_endpoint_that_was_left_hears_nothing() {
    let leave: [fn(&mut Script); 2] = [
        |script| {
            script.frame("0::/chat").tells(&["left /chat ClientDisconnect"]).sends(&[]);
        },
        |script| {
            script.close_endpoint("/chat").sends(&["0::/chat"]);
            script.tells(&["left /chat ServerDisconnect"]);
        },
    ];
    for leave in leave {
        let mut script = Script::websocket();
        script.join("/chat").join("/other");
        leave(&mut script);
        script.frame("3::/chat:a").frame("5:1:/chat:{\"name\":\"a\"}").frame("0::/chat");
        script.emit(&text("/chat", "a")).close_endpoint("/chat").sends(&[]).tells(&[]);
        script.frame("3::/other:a").tells(&["event /other message text a"]);
        script.frame("3:::a").tells(&["event / message text a"]);
        // What it missed meanwhile does not come back.
        script.join("/chat").frame("3::/chat:b").tells(&["event /chat message text b"]);
    }
}

#[test]
fn an_endpoint_that_is_closed_before_it_was_accepted_counts_as_refused() {
    let mut script = Script::websocket();
    script.frame("1::/chat").tells(&["connect /chat "]).emit(&text("/chat", "held"));
    script.close_endpoint("/chat").sends(&["7::/chat"]).tells(&["left /chat ServerDisconnect"]);
    script.admit("/chat", accept()).sends(&[]).tells(&[]);
    script.frame("3::/chat:a").tells(&[]).join("/chat");
}

/// The answer to a connect that was taken back must not let in, or turn away, the next one.
#[test]
fn an_answer_is_for_the_connect_it_was_asked_for() {
    for late in [accept(), REFUSE, Admission::Unknown] {
        let mut script = Script::websocket();
        script.frame("1::/chat?n=1").tells(&["connect /chat n=1"]);
        script.frame("0::/chat").tells(&["left /chat ClientDisconnect"]);
        script.frame("1::/chat?n=2").frame("1::/chat?n=3").tells(&[]).sends(&[]);
        script.emit(&text("/chat", "to whom")).frame("3::/chat:a");
        script.admit("/chat", late).sends(&[]);
        script.tells(&["connect /chat n=3", "event /chat message text a"]);
        script.admit("/chat", REFUSE).sends(&["7::/chat:2"]).tells(&["left /chat Refused"]);
    }
}

#[test]
fn a_connect_that_waits_for_the_answer_to_another_can_be_taken_back() {
    let mut script = Script::websocket();
    script.frame("1::/chat").tells(&["connect /chat "]);
    script.frame("0::/chat").tells(&["left /chat ClientDisconnect"]).frame("1::/chat");
    script.frame("3::/chat:a").frame("0::/chat").admit("/chat", accept());
    script.sends(&[]).tells(&[]).frame("3::/chat:b").join("/chat");
}

#[test]
fn only_so_many_endpoints_are_joined_at_a_time() {
    let mut script = Script::with(Limits { endpoints: 2, ..Limits::default() });
    script.link().sends(&["1::"]).join("/a").join("/b");
    script.frame("1:1:/c").sends(&[]).tells(&["limit Endpoints"]);
    script.frame("1::/a").sends(&["1::/a"]);
    for path in ["/c", "/d", "/e"] {
        script.close_endpoint("/b").sends(&["0::/b"]).tells(&["left /b ServerDisconnect"]);
        script.join(path).frame("1::/b").sends(&[]).tells(&["limit Endpoints"]);
        script.frame(&format!("0::{path}")).tells(&[&format!("left {path} ClientDisconnect")]);
        script.join("/b");
    }
    script.frame("3::/a:still").tells(&["event /a message text still"]);
}

#[test]
fn a_connect_with_a_long_name_or_query_is_ignored() {
    let (name, query) = ("n".repeat(CONNECT_BYTES - 1), "q".repeat(CONNECT_BYTES - 5));
    for (connect, path, query) in [
        (format!("1::/{name}"), format!("/{name}"), ""),
        (format!("1::/chat?{query}"), "/chat".to_owned(), &*query),
        (format!("1::/chat:?{query}"), "/chat".to_owned(), &*query),
    ] {
        let mut script = Script::websocket();
        script.frame(&connect).tells(&[&format!("connect {path} {query}")]);
        script.admit(&path, accept()).sends(&[&format!("1::{path}")]);
        let mut script = Script::websocket();
        script.frame(&format!("{connect}+")).tells(&["limit Connect"]).sends(&[]);
    }
}

#[test]
fn an_endpoint_that_awaits_its_answer_counts_as_joined() {
    let mut script = Script::with(Limits { endpoints: 1, ..Limits::default() });
    script.link().sends(&["1::"]).frame("1::/a").tells(&["connect /a "]);
    script.frame("0::/a").tells(&["left /a ClientDisconnect"]);
    script.frame("1::/b").tells(&["limit Endpoints"]);
    script.admit("/a", accept()).sends(&[]).join("/b");
}
