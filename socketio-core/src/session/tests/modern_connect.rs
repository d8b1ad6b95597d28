//! Joining, leaving and being put out since Socket.IO 1.0.

use super::*;

fn unknown() -> Admission {
    Admission::Unknown
}

fn refused_with(data: &str) -> Admission {
    let message = ByteString::from_static("no");
    Admission::Refuse(Refusal { unauthorized: true, message, data: data.into() })
}

#[test]
fn clients_of_protocol_4_are_asked_into_the_root_and_may_join_others_meanwhile() {
    let mut script = Script::modern(Protocol::V4, Limits::default());
    script.link().sends(&["0{}"]).frame("40/chat?a=b,").tells(&["connect /chat a=b"]);
    script.admit("/chat", accept()).sends(&["40/chat,"]);
    script.admit("", accept()).sends(&["40"]);
    script.frame(r#"42/chat,["a"]"#).tells(&["event /chat a []"]).frame("40").frame("40/chat");
}

#[test]
fn clients_of_protocol_4_whose_root_is_refused_may_still_join_others() {
    let mut script = Script::modern(Protocol::V4, Limits::default());
    script.link().sends(&["0{}"]).admit("", REFUSE).sends(&[r#"44"no""#]);
    script.tells(&["left / Refused"]).frame("40/chat").tells(&["connect /chat "]);
    script.admit("/chat", accept()).sends(&["40/chat,"]).closed(None);
    script.frame("40").tells(&["connect / "]).admit("", accept()).sends(&["40"]);
}

#[test]
fn clients_of_protocol_5_are_nowhere_until_they_ask() {
    let mut script = Script::modern(Protocol::V5, Limits::default());
    script.link().sends(&["0{}"]).frame(r#"40/chat,{"token":"t"}"#);
    script.tells(&[r#"connect /chat {"token":"t"}"#]).admit("/chat", accept());
    script.sends(&[&format!(r#"40/chat,{{"sid":"{ID}"}}"#)]).emit(&event("", "a", "[]"));
    script.frame("42/chat,1[\"a\",2]").tells(&["event /chat a [2] ack 1"]);
    script.acknowledge("/chat", "1", "[3]").sends(&["43/chat,1[3]"]);
}

#[test]
fn a_refusal_carries_a_message_and_data_and_the_client_may_ask_again() {
    for (protocol, admission, answer) in [
        (Protocol::V5, refused_with(r#"{"a":1}"#), r#"44/x,{"message":"no","data":{"a":1}}"#),
        (Protocol::V5, refused_with(""), r#"44/x,{"message":"no"}"#),
        (Protocol::V5, unknown(), r#"44/x,{"message":"Invalid namespace"}"#),
        (Protocol::V4, refused_with(r#"{"a":1}"#), r#"44/x,{"a":1}"#),
        (Protocol::V4, refused_with(""), r#"44/x,"no""#),
        (Protocol::V4, unknown(), r#"44/x,"Invalid namespace""#),
    ] {
        let asks = if protocol == Protocol::V5 { "connect /x {}" } else { "connect /x " };
        let mut script = Script::modern_websocket(protocol);
        for _ in 0..3 {
            script.frame("40/x,").tells(&[asks]).admit("/x", admission.clone());
            script.tells(&["left /x Refused"]).sends(&[answer]).closed(None);
        }
    }
}

#[test]
fn a_refused_root_may_be_asked_for_again() {
    let mut script = Script::modern(Protocol::V5, Limits::default());
    script.link().sends(&["0{}"]).frame("40").tells(&["connect / {}"]).admit("", REFUSE);
    script.tells(&["left / Refused"]).sends(&[r#"44{"message":"no"}"#]).join_root();
}

#[test]
fn what_breaks_the_rules_of_protocol_5_ends_the_session() {
    for packet in [
        "40",
        r#"42/nope,["a"]"#,
        "41/nope",
        "43/nope,1[]",
        r#"44{"message":"a"}"#,
        r#"42["disconnect"]"#,
        "4",
        "49",
        "<a>",
    ] {
        let mut script = Script::modern_websocket(Protocol::V5);
        script.frame(packet).tells(&["left / ProtocolViolation"]);
        script.closed(CloseReason::ProtocolViolation);
    }
}

#[test]
fn clients_of_protocol_4_are_not_held_to_joining_first() {
    let mut script = Script::modern_websocket(Protocol::V4);
    for packet in [r#"42/nope,["a"]"#, "41/nope", "43/nope,1[]", "40"] {
        script.frame(packet).closed(None);
    }
}

#[test]
fn an_endpoint_that_is_closed_from_either_side_leaves_the_others_alone() {
    let mut script = Script::modern_websocket(Protocol::V5);
    for path in ["/a", "/b"] {
        script.frame(&format!("40{path},")).tells(&[&format!("connect {path} {{}}")]);
        let welcome = format!(r#"40{path},{{"sid":"{ID}"}}"#);
        script.admit(path, accept()).sends(&[&welcome]);
    }
    script.close_endpoint("/a").sends(&["41/a,"]).tells(&["left /a ServerDisconnect"]);
    // Sent before the client knew.
    script.frame(r#"42/a,["late"]"#).frame("43/a,0[]").frame("41/a").closed(None);
    script.frame("41").tells(&["left / ClientDisconnect"]).closed(None);
    script.frame(r#"42/b,["a"]"#).tells(&["event /b a []"]).emit(&event("", "x", "[]"));
    script.frame("40").tells(&["connect / {}"]).admit("", accept());
    script.sends(&[&format!(r#"40{{"sid":"{ID}"}}"#)]);
    script.close_endpoint("").sends(&["41", "41/b,"]);
    script.tells(&["left / ServerDisconnect", "left /b ServerDisconnect"]);
    script.closed(CloseReason::ServerDisconnect);
}

#[test]
fn a_connect_that_is_taken_back_is_forgotten_with_its_answer() {
    let mut script = Script::modern_websocket(Protocol::V5);
    script.frame("40/a,").tells(&["connect /a {}"]).frame("41/a,");
    script.tells(&["left /a ClientDisconnect"]).frame(r#"40/a,{"n":2}"#).frame("41/a,");
    script.admit("/a", accept()).frame(r#"40/a,{"n":3}"#).tells(&[r#"connect /a {"n":3}"#]);

    let mut script = Script::modern_websocket(Protocol::V5);
    script.frame("40/a,").tells(&["connect /a {}"]).frame("41/a,");
    script.tells(&["left /a ClientDisconnect"]).frame(r#"40/a,{"n":2}"#);
    script.admit("/a", REFUSE).tells(&[r#"connect /a {"n":2}"#]).admit("/a", accept());
    script.sends(&[&format!(r#"40/a,{{"sid":"{ID}"}}"#)]);
}

#[test]
fn a_client_can_not_join_more_endpoints_than_the_limit_beside_the_root() {
    let limits = Limits { endpoints: 2, ..Limits::default() };
    let mut script = Script::modern(Protocol::V5, limits);
    script.link().sends(&["0{}"]);
    for path in ["/a", "/b"] {
        script.frame(&format!("40{path},")).tells(&[&format!("connect {path} {{}}")]);
    }
    script.frame("40/c,").sends(&[r#"44/c,{"message":"too many endpoints"}"#]).closed(None);
    script.tells(&["limit Endpoints"]).join_root();
}

#[test]
fn a_client_that_joins_nothing_is_put_out_whatever_else_it_does() {
    let mut script = Script::modern(Protocol::V5, Limits::default());
    script.link().sends(&["0{}"]).wait(PING_INTERVAL).sends(&["2"]).frame("3");
    script.frame("40").tells(&["connect / {}"]).admit("", REFUSE).tells(&["left / Refused"]);
    script.sends(&[r#"44{"message":"no"}"#]).due(CONNECT_TIMEOUT - PING_INTERVAL);
    script.wait(CONNECT_TIMEOUT - PING_INTERVAL).closed(CloseReason::ConnectTimeout);
}

#[test]
fn the_first_endpoint_that_is_joined_ends_the_wait_for_good() {
    let limits = Limits { connect_timeout: Duration::from_secs(10), ..Limits::default() };
    let mut script = Script::modern(Protocol::V5, limits);
    script.link().sends(&["0{}"]).due(10).wait(9).frame("40/a,").tells(&["connect /a {}"]).due(1);
    script.admit("/a", accept()).sends(&[&format!(r#"40/a,{{"sid":"{ID}"}}"#)]);
    script.frame("41/a,").tells(&["left /a ClientDisconnect"]).wait(10).closed(None);
    script.due(PING_INTERVAL - 19);
}
