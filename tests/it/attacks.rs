//! What servers of this kind fell to, by the name of its advisory: each is done to this one, beside a client that goes
//! on being served. `docs/security.md` is the list.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use socketio_core::{Builder, Parser, SocketIo, StickyCookie, prelude::*};
use socketio_tests::connection::{Connection, DEADLINE};
use socketio_tests::http;
use socketio_tests::websocket::{BINARY, CLOSE, TEXT, WebSocket};

use crate::client::serve;
use crate::stats::until;

const OPEN: &str = "/socket.io/?EIO=4&transport=websocket";

#[derive(Default)]
struct Victim;

#[socket_connection]
#[endpoints("/other" => Other)]
impl Victim {
    #[event]
    fn echo(&self, value: serde_json::Value) -> serde_json::Value {
        value
    }

    #[event]
    fn panic(&self) {
        panic!("as an attacker would have it");
    }
}

#[derive(Default)]
struct Other;

#[socket_connection]
impl Other {
    #[event]
    fn whoami(&self, socket: &Socket) -> SocketId {
        socket.id()
    }
}

/// A server, and a client that is there all the time.
struct Target {
    io: SocketIo,
    addr: SocketAddr,
    bystander: WebSocket,
}

impl Target {
    async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(options: impl FnOnce(Builder<Victim>) -> Builder<Victim>) -> Self {
        let io = options(SocketIo::builder()).build();
        let addr = serve(io.clone()).await;
        Self { io, addr, bystander: connect(addr, OPEN).await }
    }

    /// Another client, of which nothing is expected.
    async fn attacker(&self) -> WebSocket {
        connect(self.addr, OPEN).await
    }

    async fn ask(&self, method: &str, path: &str, body: &[u8]) -> (u16, String) {
        let answer = http::request(self.addr, method, path, &[], body).await.unwrap();
        (answer.status, answer.text().into_owned())
    }

    /// Opens a session that polls and is in the root; gives the URL of its requests.
    async fn poll(&self, revision: &str) -> String {
        let path = format!("/socket.io/?EIO={revision}&transport=polling");
        let (status, body) = self.ask("GET", &path, b"").await;
        assert_eq!(status, 200, "{body}");
        let url = format!("{path}&sid={}", body.split('"').nth(3).unwrap());
        if revision == "4" {
            assert_eq!(self.ask("POST", &url, b"40").await.0, 200);
        }
        url
    }

    /// The bystander is served, and nobody else is left.
    async fn is_well(&mut self) {
        self.bystander.send_text(r#"421["echo","well"]"#).await.unwrap();
        assert_eq!(text(&mut self.bystander).await, r#"431["well"]"#);
        until(&self.io, "alone", |stats| stats.clients.active_sessions == 1).await;
    }

    /// What a client sends after it has connected ends its own session, for this reason.
    async fn ends(&mut self, messages: &[&str], reason: &str) {
        let before = self.io.stats().closed[reason].sessions;
        let mut attacker = self.attacker().await;
        for message in messages {
            // The server may have closed already.
            let _closed_early = attacker.send_text(message).await;
        }
        rest(&mut attacker).await;
        self.is_well().await;
        let shown = messages.iter().map(|message| message.chars().take(60).collect::<String>());
        let shown = shown.collect::<Vec<_>>();
        assert_eq!(self.io.stats().closed[reason].sessions, before + 1, "{reason}: {shown:?}");
    }
}

/// Opens a WebSocket of this URL and joins the root.
async fn connect(addr: SocketAddr, path: &str) -> WebSocket {
    let mut socket = WebSocket::open(addr, path, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    assert!(text(&mut socket).await.starts_with("0{"));
    if path.contains("EIO=4") {
        socket.send_text("40").await.unwrap();
    }
    assert!(text(&mut socket).await.starts_with("40"));
    socket
}

async fn text(socket: &mut WebSocket) -> String {
    let frame = socket.receive().await.unwrap().expect("the connection has ended");
    frame.text().unwrap_or_else(|| panic!("no text: {frame:?}")).to_owned()
}

/// Reads to the end; gives the code of the close frame, if there was one.
async fn rest(socket: &mut WebSocket) -> Option<u16> {
    let mut code = None;
    while let Ok(Some(frame)) = socket.receive().await {
        if frame.opcode() == CLOSE {
            code = frame.payload.first_chunk().map(|code| u16::from_be_bytes(*code));
        }
    }
    code
}

/// A masked frame of any first byte; its key is zero, so that its payload stands in it as it is.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    assert!(payload.len() < 126);
    let mut frame = vec![first, 0x80 | payload.len() as u8, 0, 0, 0, 0];
    frame.extend(payload);
    frame
}

#[tokio::test]
async fn cve_2017_16031_ids_can_not_be_guessed() {
    const IDS: usize = 4096;
    let target = Target::new().await;
    let mut ids = HashSet::new();
    let mut set = [0_usize; 22 * 6];
    for _ in 0..IDS {
        let url = "/socket.io/?EIO=4&transport=polling";
        let id = target.ask("GET", url, b"").await.1.split('"').nth(3).unwrap().to_owned();
        assert_eq!(id.len(), 22, "{id}");
        for (at, char) in id.bytes().enumerate() {
            let digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let digit = digit.iter().position(|digit| *digit == char).unwrap();
            (0..6).for_each(|bit| set[at * 6 + bit] += digit >> bit & 1);
        }
        ids.insert(id);
    }
    assert_eq!(ids.len(), IDS);
    // Each bit but the four that fill up the last character is a coin: 2048 ± 32.
    let fair = set.iter().filter(|count| count.abs_diff(IDS / 2) < 10 * 32).count();
    assert_eq!(fair, 128, "{set:?}");

    let mut client = target.attacker().await;
    client.send_text("40/other,").await.unwrap();
    let public = text(&mut client).await;
    assert!(!ids.iter().any(|id| public.contains(id)));
}

#[tokio::test]
async fn cve_2016_10542_an_announced_size_is_believed_by_nobody() {
    let mut target = Target::new().await;
    for length in [1_u64 << 63, (1 << 63) - 1, u64::MAX, 1 << 40, (1 << 20) + 1] {
        let mut attacker = target.attacker().await;
        let head = [&[0x82, 0xff][..], &length.to_be_bytes(), &[0; 4]].concat();
        attacker.send_bytes(&head).await.unwrap();
        // Though not one byte of it has come.
        let code = rest(&mut attacker).await;
        assert!(matches!(code, Some(1009 | 1002)), "{length}: {code:?}");
        target.is_well().await;
    }
}

#[tokio::test]
async fn ghsa_5v72_xg48_5rpm_headers_of_an_upgrade_are_only_looked_up() {
    let mut target = Target::new().await;
    let spaces = |count| format!("a{}b", " ".repeat(count));
    let (some, many) = (spaces(15_000), spaces(100_000));
    let list = "constructor; __proto__=1, ".repeat(2_000);
    let extensions = "permessage-deflate; constructor; __proto__=1; client_max_window_bits=99";
    for (header, status) in [
        (("Sec-WebSocket-Extensions", "constructor"), 101),
        (("Sec-WebSocket-Extensions", extensions), 101),
        (("Sec-WebSocket-Extensions", ";,=;\""), 101),
        (("Sec-WebSocket-Extensions", &*many), 431),
        (("Sec-WebSocket-Extensions", &*list), 431),
        (("Sec-WebSocket-Protocol", &*some), 101),
        (("Sec-WebSocket-Protocol", &*many), 431),
        (("Sec-WebSocket-Protocol", ",,,,"), 101),
        (("Connection", &*many), 431),
    ] {
        let mut socket = WebSocket::open(target.addr, OPEN, &[header], "13").await.unwrap();
        let answer = socket.answer().await.unwrap();
        assert_eq!(answer.status, status, "{}: {:.40}", header.0, header.1);
        assert_eq!(answer.header("sec-websocket-extensions"), None);
        drop(socket);
        target.is_well().await;
    }
    // More headers than are read at all.
    let headers = vec![("Sec-WebSocket-Extensions", "constructor"); 2_000];
    let mut socket = WebSocket::open(target.addr, OPEN, &headers, "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 431);
    target.is_well().await;
}

#[tokio::test]
async fn cve_2024_37890_too_many_headers_are_refused() {
    let mut target = Target::new().await;
    let names: Vec<String> = (0..2_000).map(|n| format!("x-{n}")).collect();
    let many: Vec<_> = names.iter().map(|name| (&**name, "1")).collect();
    let long = "x".repeat(1 << 20);
    for headers in [many, vec![("x-long", &*long)]] {
        // It may close while we still write.
        if let Ok(mut socket) = WebSocket::open(target.addr, OPEN, &headers, "13").await
            && let Ok(answer) = socket.answer().await
        {
            assert_eq!(answer.status, 431);
        }
        target.is_well().await;
    }
}

#[tokio::test]
async fn cve_2020_36048_a_body_is_read_to_the_limit_and_no_further() {
    let mut target = Target::with(|builder| builder.max_message_bytes(10_000)).await;
    let url = target.poll("4").await;
    assert_eq!(target.ask("POST", &url, &[b'4'; 10_001]).await, (413, String::new()));
    let mut endless = Connection::open(target.addr).await.unwrap();
    let head = format!("POST {url} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    endless.send(head.as_bytes()).await.unwrap();
    let chunk = [b"1000\r\n", &[b'4'; 4096][..], b"\r\n"].concat();
    // Endless, but for the server's answer.
    while endless.received().is_empty() && endless.send(&chunk).await.is_ok() {
        let filled = tokio::time::timeout(Duration::ZERO, endless.fill()).await;
        if let Ok(Ok(false) | Err(_)) = filled {
            break;
        }
    }
    assert!(endless.received().starts_with(b"HTTP/1.1 413"), "{:?}", endless.received());
    assert_eq!(target.ask("POST", &url, b"1").await.0, 200);
    target.is_well().await;
}

#[tokio::test]
async fn cve_2020_36049_numbers_without_end_are_no_numbers() {
    let mut target = Target::new().await;
    let digits = "9".repeat((1 << 20) - 20);
    for message in [
        format!("42{digits}[\"echo\",1]"),
        format!("45{digits}-[\"echo\"]"),
        format!("43{digits}[]"),
    ] {
        target.ends(&[&message], "protocol violation").await;
    }
    let mut target = Target::new().await;
    let url = target.poll("3").await;
    let (status, _) = target.ask("POST", &url, format!("{digits}:4").as_bytes()).await;
    assert_eq!(status, 400);
    target.is_well().await;
}

#[tokio::test]
async fn cve_2020_28481_other_origins_are_refused_everywhere_by_default() {
    let mut target = Target::new().await;
    let url = target.poll("4").await;
    let polling = "/socket.io/?EIO=4&transport=polling";
    for origin in ["http://evil.example", "null", "http://127.0.0.1.evil.example", "file://"] {
        for (method, path) in [
            ("GET", polling),
            ("GET", &*url),
            ("POST", &*url),
            ("GET", "/socket.io/1/"),
            ("GET", "/socket.io/1/xhr-polling/x"),
        ] {
            let headers = [("Origin", origin)];
            let answer = http::request(target.addr, method, path, &headers, b"").await.unwrap();
            assert!(matches!(answer.status, 400 | 403), "{origin} {method} {path}: {answer:?}");
            assert_eq!(answer.header("access-control-allow-origin"), None);
            assert!(!answer.text().contains("sid"));
        }
        for path in [OPEN, &url.replace("polling", "websocket")] {
            let headers = [("Origin", origin)];
            let mut socket = WebSocket::open(target.addr, path, &headers, "13").await.unwrap();
            assert!(matches!(socket.answer().await.unwrap().status, 400 | 403), "{origin} {path}");
        }
    }
    target.ask("POST", &url, b"1").await;
    target.is_well().await;
}

#[tokio::test]
async fn cve_2022_21676_frames_that_break_the_rules_end_their_connection_alone() {
    let mut target = Target::new().await;
    let reserved = (0x83..=0x87).chain(0x8b..=0x8f).map(|first| (frame(first, b""), 1002));
    let rest_of = [
        (frame(0xc1, b"4"), 1002),     // RSV1: compressed, which was not agreed on
        (frame(0xa1, b"4"), 1002),     // RSV2
        (frame(0x91, b"4"), 1002),     // RSV3
        (b"\x81\x014".to_vec(), 1002), // not masked
        (frame(0x09, b""), 1002),      // a ping in fragments
        (b"\x89\xfe\0\x7e\0\0\0\0".to_vec(), 1002), // a ping of 126 bytes
        (frame(0x80, b"4"), 1002),     // goes on with nothing
        ([frame(0x01, b"4"), frame(0x81, b"4")].concat(), 1002), // begins anew within a message
        (frame(0x81, b"42[\"\xff\"]"), 1007), // no UTF-8
        (frame(0x81, b"42[\"\xed\xa0\x80\"]"), 1007), // half a surrogate pair
        (frame(0x88, b"\x03"), 1002),  // half a code
        (frame(0x88, b"\x03\xed"), 1002), // 1005, which nobody may send
        (frame(0x88, b"\x03\xe8\xff"), 1007), // a reason that is no UTF-8
    ];
    for (bytes, expected) in reserved.chain(rest_of) {
        let mut attacker = target.attacker().await;
        attacker.send_bytes(&bytes).await.unwrap();
        assert_eq!(rest(&mut attacker).await, Some(expected), "{bytes:x?}");
        target.is_well().await;
    }
}

#[tokio::test]
async fn cve_2022_2421_placeholders_that_fit_nothing_end_the_session() {
    for num in
        ["\"0\"", "\"splice\"", "-1", "1.5", "1", "1e9", "null", "true", "99999999999999999999"]
    {
        let mut target = Target::new().await;
        let mut attacker = target.attacker().await;
        let packet = format!(r#"451-["echo",{{"_placeholder":true,"num":{num}}}]"#);
        attacker.send_text(&packet).await.unwrap();
        let _closed_early = attacker.send_frame(true, BINARY, b"x").await;
        rest(&mut attacker).await;
        target.is_well().await;
        assert_eq!(target.io.stats().closed["protocol violation"].sessions, 1, "{num}");
    }
    // Two of one attachment; what is not exactly `true`; a key: these are values, or refused, but nothing else.
    for value in [
        r#"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#,
        r#"{"_placeholder":"true","num":0}"#,
        r#"{"{\"_placeholder\":true,\"num\":0}":1}"#,
    ] {
        let mut target = Target::new().await;
        let mut attacker = target.attacker().await;
        attacker.send_text(&format!(r#"451-7["echo",{value}]"#)).await.unwrap();
        let _closed_early = attacker.send_frame(true, BINARY, b"x").await;
        attacker.hang_up().await.unwrap();
        rest(&mut attacker).await;
        target.is_well().await;
    }
}

#[tokio::test]
async fn cve_2022_41940_an_upgrade_that_is_reset_at_once_leaves_nothing() {
    // Neither the bystander nor the session that polls says that it is there.
    let patient = Duration::from_secs(24 * 3600);
    let mut target =
        Target::with(|builder| builder.ping_interval(patient).ping_timeout(patient)).await;
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let still = async || {
        let mut count = 0;
        while count != alive() {
            count = alive();
            for _ in 0..1_000 {
                tokio::task::yield_now().await;
            }
        }
        count
    };
    let url = target.poll("4").await.replace("polling", "websocket");
    // Those of requests that have been answered end first.
    let before = tokio::time::timeout(DEADLINE, still()).await.expect("tasks come and go");
    let nobody = "/socket.io/?EIO=4&transport=websocket&sid=nobody";
    let kinds = [
        (&*url, "12"),
        (nobody, "12"),
        (nobody, "13"),
        ("/socket.io/?transport=x", "13"),
        ("/socket.io/1/websocket/nobody", "13"),
        // Good ones, for the session that polls, and for a new one.
        (&*url, "13"),
        (OPEN, "13"),
    ];
    for (path, version) in kinds.into_iter().cycle().take(10_000) {
        let socket = WebSocket::open(target.addr, path, &[], version).await.unwrap();
        tokio::task::yield_now().await;
        socket.reset().unwrap();
    }
    // The session that polls goes on.
    assert_eq!(target.ask("POST", &url.replace("websocket", "polling"), b"1").await.0, 200);
    target.is_well().await;
    let left = async {
        // The session that polled was a task, too.
        while alive() >= before {
            tokio::task::yield_now().await;
        }
    };
    let left = tokio::time::timeout(DEADLINE, left).await;
    assert!(left.is_ok(), "{} tasks of {before}", alive());
}

#[tokio::test]
async fn cve_2023_31125_a_query_may_say_anything() {
    let mut target = Target::new().await;
    for query in [
        "EIO=4&transport=__proto__",
        "EIO=4&transport=constructor",
        "EIO=4",
        "EIO=4&transport=",
        "EIO=4&transport=websocket&transport=polling",
        "EIO=4&transport=%",
        "EIO=4&transport=%ff%fe",
        "EIO=abc&transport=websocket",
        "EIO=-1&transport=websocket",
        "EIO=99999999999999999999&transport=websocket",
        "EIO=5&transport=websocket",
        "EIO=4&transport=websocket&sid=__proto__",
        "EIO=4&transport=websocket&sid=",
        "&&&===&&&",
        "",
    ] {
        let path = format!("/socket.io/?{query}");
        let mut socket = WebSocket::open(target.addr, &path, &[], "13").await.unwrap();
        let status = socket.answer().await.unwrap().status;
        assert!(matches!(status, 101 | 200 | 400 | 403), "{query}: {status}");
        drop(socket);
        let (status, _) = target.ask("GET", &path, b"").await;
        assert!(matches!(status, 200 | 400 | 403), "{query}: {status}");
    }
    target.bystander.send_text(r#"421["echo","well"]"#).await.unwrap();
    assert_eq!(text(&mut target.bystander).await, r#"431["well"]"#);
}

#[tokio::test]
async fn cve_2023_32695_the_name_of_an_event_is_a_string() {
    let mut target = Target::new().await;
    for name in ["{}", r#"{"toString":"foo"}"#, "[]", "null", "true", ""] {
        target.ends(&[&format!("42[{name}]")], "protocol violation").await;
    }
    for name in ["connect", "connect_error", "disconnect", "disconnecting"] {
        target.ends(&[&format!(r#"42["{name}"]"#)], "protocol violation").await;
    }
}

#[tokio::test]
async fn cve_2024_38355_no_event_takes_the_process_along() {
    let mut target = Target::new().await;
    for name in ["error", "nobody", "panic", "newListener", "__proto__", "hasOwnProperty"] {
        let mut attacker = target.attacker().await;
        attacker.send_text(&format!(r#"42["{name}",{{"message":"boo"}}]"#)).await.unwrap();
        attacker.hang_up().await.unwrap();
        rest(&mut attacker).await;
        target.is_well().await;
    }
}

#[test]
fn cve_2024_47764_what_is_put_into_a_cookie_is_looked_at() {
    for name in ["io\r\nSet-Cookie: a", "io; Domain=evil.example", "io=1", "", "i o", "\u{e9}"] {
        let cookie = StickyCookie::new(name.to_owned());
        let built =
            std::panic::catch_unwind(|| SocketIo::builder::<Victim>().cookie(cookie).build());
        assert!(built.is_err(), "{name:?}");
    }
}

#[tokio::test]
async fn cve_2026_33151_attachments_are_counted_and_weighed() {
    let mut target = Target::with(|builder| builder.max_message_bytes(1_000)).await;
    target.ends(&[r#"4511-["echo"]"#], "protocol violation").await;
    target.ends(&[r#"451000000000-["echo"]"#], "protocol violation").await;
    target.ends(&[r#"4599999999999999999999-["echo"]"#], "protocol violation").await;
    // Before it has joined anything, and one that never comes whole: the session's end ends it.
    let path = "/socket.io/?EIO=4&transport=websocket";
    let mut early = WebSocket::open(target.addr, path, &[], "13").await.unwrap();
    assert_eq!(early.answer().await.unwrap().status, 101);
    early.send_text(r#"452-["echo"]"#).await.unwrap();
    early.send_frame(true, BINARY, &[0; 1_000]).await.unwrap();
    early.send_frame(true, BINARY, &[0; 1_001]).await.unwrap();
    assert_eq!(rest(&mut early).await, Some(1009));
    target.is_well().await;
}

#[tokio::test]
async fn cve_2026_48779_fragments_weigh_what_they_hold() {
    let mut target = Target::new().await;
    let mut attacker = target.attacker().await;
    // A message in pieces of one byte, of which each read brings hundreds.
    let message = format!(r#"421["echo","{}"]"#, "x".repeat(10_000));
    let mut pieces = Vec::new();
    for (at, byte) in message.bytes().enumerate() {
        let first = u8::from(at == 0) | if at + 1 == message.len() { 0x80 } else { 0 };
        pieces.extend(frame(first, &[byte]));
    }
    attacker.send_bytes(&pieces).await.unwrap();
    assert_eq!(text(&mut attacker).await.len(), message.len() - r#""echo","#.len());
    // One that weighs nothing, and never ends.
    let empty = [frame(TEXT, b"4"), frame(0, b"").repeat(20_000)].concat();
    let _closed_early = attacker.send_bytes(&empty).await;
    assert_eq!(rest(&mut attacker).await, Some(1008));
    drop(attacker);
    target.is_well().await;
}

#[tokio::test]
async fn cve_2026_59725_a_post_of_bytes_is_answered() {
    let mut target = Target::new().await;
    let url = target.poll("4").await;
    let headers = [("Content-Type", "application/octet-stream")];
    let answer = http::request(target.addr, "POST", &url, &headers, b"\x04").await.unwrap();
    assert_eq!(answer.status, 400);
    target.is_well().await;
}

#[tokio::test]
async fn cve_2023_43669_a_head_that_does_not_end_is_cut_off() {
    let mut target = Target::new().await;
    let mut dripping = Connection::open(target.addr).await.unwrap();
    dripping.send(b"GET /socket.io/ HTTP/1.1\r\nHost: a\r\nx: ").await.unwrap();
    let mut sent = 0;
    while sent < 2 << 20 && dripping.send(&[b'x'; 1000]).await.is_ok() {
        sent += 1000;
        tokio::task::yield_now().await;
    }
    while let Ok(true) = dripping.fill().await {}
    let answer = String::from_utf8_lossy(dripping.received()).into_owned();
    assert!(sent < 2 << 20 || answer.starts_with("HTTP/1.1 431"), "{sent} bytes: {answer}");
    target.is_well().await;
}

#[tokio::test]
async fn ghsa_c6g7_r2mf_pf5g_depth_is_limited_in_every_notation() {
    let depth = 1_000_000;
    let mut target = Target::new().await;
    let mut attacker = target.attacker().await;
    let nested = format!(r#"421["echo",{}]"#, "[".repeat(depth));
    attacker.send_text(&nested).await.unwrap();
    let balanced = format!(r#"421["echo",{}{}]"#, "[".repeat(400_000), "]".repeat(400_000));
    let _closed_early = attacker.send_text(&balanced).await;
    rest(&mut attacker).await;
    target.is_well().await;

    let io = SocketIo::builder::<Victim>().parser(Parser::MsgPack).build();
    let addr = serve(io.clone()).await;
    for opening in [0x91_u8, 0x81] {
        let mut socket = WebSocket::open(addr, OPEN, &[], "13").await.unwrap();
        assert_eq!(socket.answer().await.unwrap().status, 101);
        let _closed_early = socket.send_frame(true, BINARY, &vec![opening; depth]).await;
        rest(&mut socket).await;
    }
    until(&io, "gone", |stats| stats.clients.active_sessions == 0).await;
    assert_eq!(io.stats().closed["protocol violation"].sessions, 2);
}

#[tokio::test]
async fn ghsa_7xpx_rcqc_8qjh_packets_that_are_cut_off_or_begin_in_the_middle_of_a_character() {
    let mut target = Target::new().await;
    let whole = r#"451-/other,17["echo",{"_placeholder":true,"num":0},"é"]"#;
    let cuts = (0..whole.len()).filter(|at| whole.is_char_boundary(*at));
    let texts = [
        "é",
        "4é",
        "42é",
        "45é-[]",
        "42/é",
        "4\u{1f600}",
        "\u{1e}",
        "45",
        "451",
        "451-",
        "4",
        "5-",
    ];
    for message in cuts.map(|at| &whole[..at]).chain(texts) {
        let mut attacker = target.attacker().await;
        let _closed_early = attacker.send_text(message).await;
        let _ended = attacker.hang_up().await;
        rest(&mut attacker).await;
    }
    target.is_well().await;

    for body in [
        "é",
        "1:é",
        ":",
        "1",
        "1:",
        "-1:4",
        "+1:4",
        "2:4",
        "1:44",
        "18446744073709551617:4",
        "4:4é",
    ] {
        let url = target.poll("3").await;
        let (status, answer) = target.ask("POST", &url, body.as_bytes()).await;
        assert_eq!(status, 400, "{body}: {answer}");
        target.is_well().await;
    }
    // Lengths count UTF-16 code units, not bytes.
    let url = target.poll("3").await;
    assert_eq!(target.ask("POST", &url, "12:42[\"a\",\"\u{1f600}\"]".as_bytes()).await.0, 200);
    target.ask("POST", &url, b"1:1").await;
    target.is_well().await;
}

#[tokio::test]
async fn socketioxide_801_a_second_connect_ends_the_session() {
    let mut target = Target::new().await;
    let mut client = target.attacker().await;
    client.send_text("40/other,").await.unwrap();
    assert!(text(&mut client).await.starts_with("40/other,"));
    for _ in 0..10 {
        let _closed_early = client.send_text("40/other,{\"token\":1}").await;
    }
    rest(&mut client).await;
    target.is_well().await;
    assert_eq!(target.io.stats().closed["protocol violation"].sessions, 1);
}

/// The first has not been let in yet.
#[tokio::test]
async fn socketioxide_801_a_second_connect_while_the_first_waits_runs_nothing_again() {
    static OPENED: AtomicUsize = AtomicUsize::new(0);

    struct Slow;

    #[socket_connection]
    impl Slow {
        #[on_open]
        async fn open() -> Self {
            OPENED.fetch_add(1, Ordering::SeqCst);
            std::future::pending().await
        }
    }

    #[derive(Default)]
    struct Root;

    #[socket_connection]
    #[endpoints("/slow" => Slow)]
    impl Root {
        #[event]
        fn echo(&self, value: u8) -> u8 {
            value
        }
    }

    let io = SocketIo::builder::<Root>().build();
    let addr = serve(io.clone()).await;
    for (revision, ends) in [("4", true), ("3", false)] {
        let mut client = connect(addr, &OPEN.replace('4', revision)).await;
        client.send_text("40/slow,").await.unwrap();
        client.send_text(r#"421["echo",1]"#).await.unwrap();
        assert_eq!(text(&mut client).await, "431[1]");
        for _ in 0..10 {
            let _closed_early = client.send_text("40/slow,{\"token\":1}").await;
        }
        if ends {
            rest(&mut client).await;
        } else {
            // Those clients connect again and again, and nothing comes of it.
            client.send_text(r#"422["echo",2]"#).await.unwrap();
            assert_eq!(text(&mut client).await, "432[2]");
        }
        assert_eq!(OPENED.swap(0, Ordering::SeqCst), 1, "{revision}");
        assert_eq!(io.stats().closed["protocol violation"].sessions, 1, "{revision}");
    }
}

#[tokio::test]
async fn socketioxide_811_text_within_attachments_ends_the_session() {
    let mut target = Target::new().await;
    target
        .ends(
            &[r#"451-["echo",{"_placeholder":true,"num":0}]"#, r#"42["echo",1]"#],
            "protocol violation",
        )
        .await;
    let mut attacker = target.attacker().await;
    let _closed_early = attacker.send_frame(true, BINARY, b"alone").await;
    rest(&mut attacker).await;
    target.is_well().await;
}

#[tokio::test]
async fn socketioxide_0_18_8_rooms_that_were_joined_before_a_refusal_are_left() {
    #[guard]
    fn joins(socket: &Socket) -> Result<(), Reject> {
        socket.join("by a guard");
        Err(Reject::unauthorized("no"))
    }

    struct Guarded;

    #[socket_connection]
    #[guard(joins)]
    impl Guarded {
        #[on_open]
        fn open() -> Self {
            Self
        }
    }

    struct Refusing;

    #[socket_connection]
    impl Refusing {
        #[on_open]
        fn open(socket: &Socket) -> Result<Self, Reject> {
            socket.join("by a handler");
            Err(Reject::unauthorized("no"))
        }
    }

    #[derive(Default)]
    struct Root;

    #[socket_connection]
    #[endpoints("/guarded" => Guarded, "/refusing" => Refusing)]
    impl Root {}

    let io = SocketIo::builder::<Root>().build();
    let mut client = connect(serve(io.clone()).await, OPEN).await;
    for path in ["/guarded", "/refusing"] {
        client.send_text(&format!("40{path},")).await.unwrap();
        let refused = format!(r#"44{path},{{"message":"no"}}"#);
        assert_eq!(text(&mut client).await, refused);
        assert_eq!(io.of(path).rooms().await.unwrap(), [""; 0], "{path}");
        assert!(io.of(path).sockets().await.unwrap().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn socketioxide_815_an_id_that_can_be_none_opens_nothing() {
    let mut target = Target::new().await;
    let long = "x".repeat(5_000);
    for id in ["x", "../../etc", "%00", "%ff", "%", &long, "AAAAAAAAAAAAAAAAAAAAAA"] {
        let url = format!("/socket.io/?EIO=4&transport=polling&sid={id}");
        for method in ["GET", "POST"] {
            let (status, body) = target.ask(method, &url, b"").await;
            assert_eq!(status, 400, "{method} {id}: {body}");
        }
    }
    target.is_well().await;
}

#[tokio::test]
async fn socketioxide_816_a_path_that_only_begins_like_ours_is_the_application_s() {
    let target = Target::new().await;
    for path in ["/socket.io-admin", "/socket.iox/?EIO=4&transport=polling", "/socket.io.js/"] {
        assert_eq!(target.ask("GET", path, b"").await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn socketioxide_817_a_pong_too_many_is_none_too_few() {
    let mut target = Target::new().await;
    let mut client = target.attacker().await;
    for _ in 0..100 {
        client.send_text("3").await.unwrap();
    }
    client.send_text(r#"422["echo",2]"#).await.unwrap();
    assert_eq!(text(&mut client).await, "432[2]");
    drop(client);
    target.is_well().await;
}

#[tokio::test]
async fn socketioxide_809_two_upgrades_of_one_session_at_once() {
    let mut target = Target::new().await;
    let url = target.poll("4").await;
    let upgrade = url.replace("polling", "websocket");
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let mut socket = WebSocket::open(target.addr, &upgrade, &[], "13").await.unwrap();
        let answer = socket.answer().await.unwrap();
        if answer.status == 101 {
            let _refused = socket.send_text("2probe").await;
            sockets.push(socket);
        }
    }
    let mut works = 0;
    for socket in &mut sockets {
        let _refused = socket.send_text("5").await;
        let _refused = socket.send_text(r#"429["echo",9]"#).await;
    }
    for mut socket in sockets {
        let answers = async {
            while let Ok(Some(frame)) = socket.receive().await {
                if frame.text() == Some("439[9]") {
                    return true;
                }
            }
            false
        };
        works += usize::from(answers.await);
    }
    assert_eq!(works, 1);
    target.is_well().await;
}

#[test]
fn cve_2025_61765_what_crosses_servers_is_data() {
    use socketio_core::adapter::{Action, Answer};
    // A pickle, a value of another shape, and one that is too deep.
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in ["cos\nsystem\n(S'id'\ntR.", "{}", "null", r#"{"Broadcast":{"rooms":1}}"#, &deep] {
        assert!(serde_json::from_str::<Action>(text).is_err(), "{text:.40}");
    }
    // Of the right shape, but packets would be made of it that no client can read.
    let to = r#""to":{"endpoint":"","rooms":null,"except":[],"sender":null,"local":false}"#;
    let placeholder = r#"[{\"_placeholder\":true,\"num\":1}]"#;
    for (args, is_good) in [
        ("[1]", true),
        ("1", false),
        ("[1", false),
        ("[1]]", false),
        ("[1]\\u001e4", false),
        ("", false),
        (placeholder, false),
    ] {
        let body = format!(r#""body":{{"Event":{{"name":"x","args":["{args}",[[0]]]}}}}"#);
        let action = format!(r#"{{"Broadcast":{{{to},{body},"volatile":false,"compress":true}}}}"#);
        assert_eq!(serde_json::from_str::<Action>(&action).is_ok(), is_good, "{action}");
        let answer =
            format!(r#"{{"Acknowledged":{{"socket":"x","args":["Array","{args}",[[0]]]}}}}"#);
        assert_eq!(serde_json::from_str::<Answer>(&answer).is_ok(), is_good, "{answer}");
    }
}

/// Who asks for HTTP/2 by its first bytes, or by an upgrade, gets none: what a request of it could do here, and resets of
/// its streams, are the application's own server's.
#[tokio::test]
async fn cve_2023_44487_the_server_speaks_no_http_2() {
    let mut target = Target::new().await;
    let mut stream = Connection::open(target.addr).await.unwrap();
    let settings = b"\0\0\0\x04\0\0\0\0\0";
    // Opened and reset at once: HEADERS of nothing, RST_STREAM.
    let reset = |id: u8| [0, 0, 0, 1, 5, 0, 0, 0, id, 0, 0, 4, 3, 0, 0, 0, 0, id, 0, 0, 0, 8];
    let mut bytes = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], settings].concat();
    (1..=255).step_by(2).for_each(|id| bytes.extend(reset(id)));
    let _closed_early = stream.send(&bytes).await;
    while let Ok(true) = stream.fill().await {}
    let answer = String::from_utf8_lossy(stream.received()).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer:?}");
    let upgrade =
        [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "")];
    let answer = http::request(target.addr, "GET", "/socket.io/", &upgrade, b"").await.unwrap();
    assert_eq!((answer.status, answer.header("upgrade")), (200, None));
    target.is_well().await;
}

/// The list names what there is.
/// What has been published of servers of this kind, and of what they are made of.
const PUBLISHED: &str = "CVE-2016-10518 CVE-2016-10542 CVE-2017-16031 CVE-2020-28481 CVE-2020-36048 CVE-2020-36049 \
    CVE-2021-32640 CVE-2022-21676 CVE-2022-2421 CVE-2022-41940 CVE-2023-31125 CVE-2023-32695 CVE-2023-43669 \
    CVE-2023-44487 CVE-2024-37890 CVE-2024-38355 CVE-2024-47764 CVE-2025-61765 CVE-2026-33151 CVE-2026-45736 \
    CVE-2026-48779 CVE-2026-48802 CVE-2026-48804 CVE-2026-59725 GHSA-55mf-67qm-4wpg GHSA-5v72-xg48-5rpm \
    GHSA-7xpx-rcqc-8qjh GHSA-c6g7-r2mf-pf5g RUSTSEC-2024-0332 #357 #739 #741 #794 #801 #809 #811 #813 #815 #816 #817 \
    #820 #822";

#[test]
fn the_list_of_advisories_names_these_tests() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let list = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let tests = include_str!("attacks.rs");
    let all = [tests, include_str!("faults.rs")];
    for name in PUBLISHED.split_whitespace() {
        assert!(list.contains(name), "{name} is not in the list");
    }
    let mut named = HashSet::new();
    for row in list.lines().filter(|row| row.starts_with('|')) {
        let Some(cell) = row.trim_end_matches('|').split('|').next_back() else { continue };
        for name in cell.split('`').skip(1).step_by(2) {
            if name.contains('/') {
                assert!(root.join(name).is_file(), "no {name}");
            } else if name.len() > 20 {
                let this = format!("fn {name}()");
                assert!(all.iter().any(|tests| tests.contains(&this)), "no {name}");
                named.insert(name);
            }
        }
    }
    let there = tests.lines().filter_map(|line| line.split_once("fn ")?.1.split_once('('));
    for (name, _) in there {
        let is_one =
            ["cve_", "ghsa_", "socketioxide_"].iter().any(|prefix| name.starts_with(prefix));
        assert!(!is_one || named.contains(name), "{name} is not in the list");
    }
}
