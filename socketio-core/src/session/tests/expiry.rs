//! Connections that last until a given moment, and what their clients hear when it is over.

use super::*;

const WHY: &str = r#"{"message":"the connection has expired"}"#;

fn expire_in(script: &mut Script, path: &str, seconds: impl Into<Option<u64>>) {
    let at = seconds.into().map(|seconds| script.now + Duration::from_secs(seconds));
    script.input(|session, _| session.expire_endpoint(&path.into(), at));
}

#[test]
fn a_client_whose_time_is_up_is_told_why_and_put_out_of_that_endpoint() {
    let mut legacy = Script::websocket();
    legacy.join("/chat");
    let (legacy_packets, v4_packets) = (
        [format!(r#"5::/chat:{{"name":"expired","args":[{WHY}]}}"#), "0::/chat".to_owned()],
        [format!(r#"42/chat,["expired",{WHY}]"#), "41/chat,".to_owned()],
    );
    let mut v4 = Script::modern_websocket(Protocol::V4);
    v4.frame("40/chat,").tells(&["connect /chat "]).admit("/chat", accept()).sends(&["40/chat,"]);
    let mut v5 = Script::modern_websocket(Protocol::V5);
    v5.frame("40/chat,").tells(&["connect /chat {}"]).admit("/chat", accept());
    v5.sends(&[&format!(r#"40/chat,{{"sid":"{ID}"}}"#)]);
    for (mut script, packets) in [(legacy, &legacy_packets), (v4, &v4_packets), (v5, &v4_packets)] {
        expire_in(&mut script, "/chat", 5);
        script.due(5).wait(4);
        script
            .wait(1)
            .sends(&[&packets[0], &packets[1]])
            .tells(&["said /chat", "left /chat Expired"]);
        script.closed(None);
    }
}

#[test]
fn at_the_root_all_connections_of_the_client_end() {
    for (mut script, join, told, packets) in [
        (
            Script::websocket(),
            "1::/chat",
            "connect /chat ",
            vec![format!(r#"5:::{{"name":"expired","args":[{WHY}]}}"#), "0::".to_owned()],
        ),
        (
            Script::modern_websocket(Protocol::V4),
            "40/chat,",
            "connect /chat ",
            vec![format!(r#"42["expired",{WHY}]"#), "41".to_owned(), "41/chat,".to_owned()],
        ),
        (
            Script::modern_websocket(Protocol::V5),
            "40/chat,",
            "connect /chat {}",
            vec![format!(r#"42["expired",{WHY}]"#), "41".to_owned(), "41/chat,".to_owned()],
        ),
    ] {
        script.frame(join).tells(&[told]).admit("/chat", accept());
        script.sent.clear();
        expire_in(&mut script, "", 0);
        script.wait(0).tells(&["said /", "left / Expired", "left /chat Expired"]);
        script.sends(&packets.iter().map(String::as_str).collect::<Vec<_>>());
        script.closed(CloseReason::Expired).due(None);
    }
}

#[test]
fn the_last_word_about_the_moment_counts_and_none_lifts_it() {
    let mut script = Script::websocket();
    expire_in(&mut script, "", 5);
    script.wait(4);
    expire_in(&mut script, "", 3);
    script.wait(2);
    expire_in(&mut script, "", None);
    script.wait(4).closed(None);
    expire_in(&mut script, "", 1);
    script.wait(1).tells(&["said /", "left / Expired"]).sent.clear();
}

#[test]
fn a_client_that_joins_again_has_no_deadline() {
    let mut script = Script::websocket();
    script.join("/chat");
    expire_in(&mut script, "/chat", 5);
    script.frame("0::/chat").tells(&["left /chat ClientDisconnect"]).join("/chat").wait(11);
    // Nor has an endpoint that nobody is in.
    script.frame("0::/chat").tells(&["left /chat ClientDisconnect"]);
    expire_in(&mut script, "/chat", 0);
    script.due(1);
}

#[test]
fn a_connection_that_is_not_open_yet_when_its_time_is_up_is_refused() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.frame("40/chat,").tells(&["connect /chat {}"]);
    expire_in(&mut script, "/chat", 1);
    script.wait(1).sends(&[r#"44/chat,{"message":"expired"}"#]).tells(&["left /chat Expired"]);
    script.admit("/chat", accept()).closed(None);
}

#[test]
fn a_client_that_polls_hears_it_on_its_next_poll() {
    let mut script = Script::polling();
    expire_in(&mut script, "", 5);
    script.wait(5).tells(&["said /", "left / Expired"]).closed(None).post(&["3:::unheard"]);
    let event = format!(r#"5:::{{"name":"expired","args":[{WHY}]}}"#);
    script.poll().sends(&[&event, "0::"]).closed(CloseReason::Expired);
}
