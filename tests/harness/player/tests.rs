//! The player against a server of a page, which misbehaves on demand.
//!
//! Its WebSocket echoes text messages, except for `0::` (a close frame and the end), `3:::late` and
//! `3:::later` (echoed, and once more before the next echo or the one after). Its polls wait until a
//! POST comes or the next poll of any session, which supersedes the one before or, on the path
//! `/socket.io/1/backwards`, is superseded by it, as if it had come first.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use super::*;
use crate::websocket::ACCEPT;

type Waiting = Arc<Mutex<Option<oneshot::Sender<String>>>>;

async fn server() -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let waiting = Waiting::default();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, waiting.clone()));
        }
    });
    address.into()
}

async fn serve(mut stream: TcpStream, waiting: Waiting) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    let (method, path) = head.split_once(' ').unwrap();
    let path = path.split(' ').next().unwrap();
    let body = match (method, path) {
        ("GET", "/socket.io/1/") => {
            format!("{}:60:60:websocket,htmlfile,xhr-polling,jsonp-polling", "x".repeat(22))
        }
        ("GET", "/socket.io/1/websocket") => return echo(stream).await,
        ("GET", "/close") => return Ok(()),
        ("GET", _) => poll(path, &waiting).await,
        _ => {
            let poll = waiting.lock().unwrap().take();
            poll.map_or("0".into(), |poll| {
                poll.send("3:::posted".into()).map_or("0", |()| "1").into()
            })
        }
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).await
}

async fn poll(path: &str, waiting: &Waiting) -> String {
    let (answer, answered) = oneshot::channel();
    let superseded = {
        let mut waiting = waiting.lock().unwrap();
        match waiting.take() {
            Some(earlier) if path.ends_with("/backwards") => {
                *waiting = Some(earlier);
                Some(answer)
            }
            earlier => {
                *waiting = Some(answer);
                earlier
            }
        }
    };
    if let Some(superseded) = superseded {
        superseded.send("8::".into()).unwrap();
    }
    answered.await.unwrap()
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let head =
        format!("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut extra_in = None;
    loop {
        let mut head = [0; 6];
        stream.read_exact(&mut head).await?;
        let mut payload = vec![0; usize::from(head[1] & 0x7f)];
        stream.read_exact(&mut payload).await?;
        payload.iter_mut().zip(head[2..].iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        if extra_in == Some(0) {
            stream.write_all(b"\x81\x09extra one").await?;
        }
        extra_in = match payload.as_slice() {
            b"3:::late" => Some(0),
            b"3:::later" => Some(1),
            b"0::" => return stream.write_all(b"\x81\x030::\x88\x02\x03\xe8").await,
            _ => extra_in.and_then(|count: u8| count.checked_sub(1)),
        };
        stream.write_all(&[0x81, payload.len().try_into().unwrap()]).await?;
        stream.write_all(&payload).await?;
    }
}

/// Plays the steps; `failure` is what it must say, `""` that there is none.
async fn check(steps: &str, failure: &str) {
    let script = Script::parse(steps).unwrap();
    let played = play(server().await, &Dialect::default(), "case", &script).await;
    assert_eq!(played.err().map_or(String::new(), |failure| failure.to_string()), failure);
}

/// The steps to open a WebSocket, send `text` and receive what stands in `receive`.
fn send_and_receive(text: &str, receive: &str) -> String {
    format!(
        r#"[{{"op": "ws_open", "as": "w", "path": "/socket.io/1/websocket"}},
            {{"op": "ws_send", "as": "w", "text": "{text}"}},
            {{"op": "ws_recv", "as": "w", {receive}}}]"#
    )
}

#[tokio::test]
async fn exactly_the_expected_frames_pass() {
    for (text, receive, failure) in [
        ("3:::a", r#""expect": ["3:::a"]"#, ""),
        ("3:::a", r#""expect_any_of": [["3:::b"], ["3:::a"]]"#, ""),
        ("4:::[1, 2]", r#""expect": ["4:::[1,2]"]"#, ""),
        ("0::", r#""expect": ["0::"], "expect_closed": true"#, ""),
        ("0::", r#""expect": ["0::", "FRAME[88]03e8"], "expect_closed": true"#, ""),
        (
            "3:::a",
            r#""expect": ["3:::b"]"#,
            r#"case, step 3 (ws_recv): expected ["3:::b"], got ["3:::a"]"#,
        ),
        (
            "3:::a",
            r#""expect": []"#,
            r#"case, step 3 (ws_recv): expected nothing more, hence the echo of "3:::nonce-1", got 3:::a"#,
        ),
        (
            "3:::a",
            r#""expect": [], "expect_closed": true"#,
            r#"case, step 3 (ws_recv): expected [], then the end, got ["3:::a"], then whatever else would have come"#,
        ),
        (
            "0::",
            r#""expect": ["0::"]"#,
            r#"case, step 3 (ws_recv): expected nothing more, hence the echo of "3:::nonce-1", got FRAME[88]03e8"#,
        ),
        (
            "0::",
            r#""expect": ["0::", "FRAME[88]03e8", "3:::a"]"#,
            r#"case, step 3 (ws_recv): expected ["0::", "FRAME[88]03e8", "3:::a"], got ["0::", "FRAME[88]03e8"], then the end"#,
        ),
    ] {
        check(&send_and_receive(text, receive), failure).await;
    }
}

#[tokio::test]
async fn a_frame_that_comes_late_is_found() {
    for (text, round) in [("3:::late", 1), ("3:::later", 2)] {
        let steps = send_and_receive(text, &format!(r#""expect": ["{text}"]"#));
        let failure = format!(
            "case, step 3 (ws_recv): expected nothing more, hence the echo of \"3:::nonce-{round}\", \
             got extra one"
        );
        check(&steps, &failure).await;
    }
}

#[tokio::test]
async fn an_opened_poll_has_arrived_before_the_next_step_whichever_of_two_comes_first() {
    for path in ["/socket.io/1/poll", "/socket.io/1/backwards"] {
        let steps = format!(
            r#"[{{"op": "open", "as": "p", "path": "{path}"}},
                {{"op": "request", "method": "POST", "path": "/", "expect": {{"body": "1"}}}},
                {{"op": "await", "as": "p", "expect": {{"body": "3:::posted"}}}}]"#
        );
        check(&steps, "").await;
    }
}

#[tokio::test]
async fn a_second_poll_of_the_session_supersedes_the_first() {
    let steps = r#"[{"op": "open", "as": "p1", "path": "/socket.io/1/poll?t=1"},
        {"op": "open", "as": "p2", "path": "/socket.io/1/poll?t=2"},
        {"op": "await", "as": "p1", "expect": {"body": "8::"}},
        {"op": "request", "method": "POST", "path": "/", "expect": {"body": "1"}},
        {"op": "await", "as": "p2", "expect": {"body": "3:::posted"}}]"#;
    check(steps, "").await;
}

#[tokio::test]
async fn a_poll_that_is_answered_at_once_cannot_be_opened() {
    check(
        r#"[{"op": "open", "as": "p", "path": "/socket.io/1/"}]"#,
        "case, step 1 (open): expected a poll that stays open, \
         got the answer \"xxxxxxxxxxxxxxxxxxxxxx:60:60:websocket,htmlfile,xhr-polling,jsonp-polling\"",
    )
    .await;
}

#[tokio::test]
async fn the_id_of_a_handshake_stands_for_its_name() {
    let steps = r#"[{"op": "handshake", "as": "OTHER"},
        {"op": "handshake", "expect": {"body_regex":
            "^[A-Za-z0-9_-]{20}:60:60:websocket,htmlfile,xhr-polling,jsonp-polling$"}},
        {"op": "ws_open", "as": "w", "path": "/socket.io/1/websocket"},
        {"op": "ws_send", "as": "w", "text": "3:::$SID$OTHER"},
        {"op": "ws_recv", "as": "w", "expect": ["3:::xxxxxxxxxxxxxxxxxxxxxx$SID"]}]"#;
    check(steps, "").await;
}

#[tokio::test]
async fn a_close_without_a_response_is_an_outcome_and_silence_is_none() {
    let request = |outcome: &str| {
        let expect = format!(r#"{{"outcome": "{outcome}"}}"#);
        format!(r#"[{{"op": "request", "method": "GET", "path": "/close", "expect": {expect}}}]"#)
    };
    check(&request("closed-without-response"), "").await;
    check(
        &request("no-response"),
        "case, step 1 (request): expected steps that can be shown without waiting, got no-response",
    )
    .await;
}

#[tokio::test]
async fn a_step_on_a_connection_that_was_never_opened_says_so() {
    for (step, op) in [
        (r#"{"op": "await", "as": "p", "expect": {}}"#, "await"),
        (r#"{"op": "abort", "as": "p"}"#, "abort"),
        (r#"{"op": "ws_send", "as": "p", "text": ""}"#, "ws_send"),
        (r#"{"op": "raw_send", "as": "p", "hex": ""}"#, "raw_send"),
    ] {
        let failure =
            format!("case, step 1 ({op}): expected an earlier step to open \"p\", got none");
        check(&format!("[{step}]"), &failure).await;
    }
}

#[tokio::test]
async fn a_raw_answer_has_the_listed_headers_and_exactly_the_bytes_behind_them() {
    let receive = |text: &str, ends: bool| {
        format!(
            r#"[{{"op": "raw_open", "as": "r", "text": "GET /socket.io/1/ HTTP/1.1\r\n\r\n"}},
                {{"op": "raw_recv", "as": "r", "expect_text_latin1": "{text}",
                  "expect_closed": {ends}}}]"#
        )
    };
    let head = "HTTP/1.1 200 OK\\r\\nContent-Length: 73\\r\\n\\r\\n";
    let body = "xxxxxxxxxxxxxxxxxxxxxx:60:60:websocket,htmlfile,xhr-polling,jsonp-polling";
    check(&receive(&format!("{head}{body}"), true), "").await;
    let failure = "case, step 2 (raw_recv): expected nothing more, got ling";
    check(&receive(&format!("{head}{}", body.trim_end_matches("ling")), true), failure).await;
    let failure = "case, step 2 (raw_recv): expected HTTP/1.1 201 OK, got HTTP/1.1 200 OK";
    check(&receive("HTTP/1.1 201 OK\\r\\n\\r\\n", false), failure).await;
}
