//! The sessions recorded from Socket.IO 2 and 4, played against the application that was behind them.
//!
//! The player says what the recorded client said, byte for byte but for ids, and compares what comes back:
//! status, content type, bodies and frames. Lines are played in order, and what is awaited is awaited on its
//! own connection, so no clock is asked. `tests/wire/modern/README.md` describes the lines.

mod app;
mod differences;

use std::collections::HashMap;
use std::io::Read as _;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use flate2::read::GzDecoder;
use serde_json::Value;
use socketio_core::{Builder, Origins, Protocol, Recovery, SocketIo, StickyCookie};
use socketio_tests::http::{self, Pending, Response};
use socketio_tests::websocket::{self, WebSocket};
use tokio::net::TcpListener;

use app::{Recorded, Returning};
use differences::DIFFERENCES;

/// One test per recording.
macro_rules! recordings {
    ($($test:ident: $name:literal;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                play($name, include_str!(concat!("../../wire/modern/", $name, ".txt"))).await;
            }
        )*

        #[test]
        fn every_recording_is_played() {
            let mut names = [$($name),*].map(|name| format!("{name}.txt"));
            names.sort();
            let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/wire/modern");
            let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|file| {
                file.unwrap().file_name().into_string().unwrap()
            }).filter(|name| name.ends_with(".txt")).collect();
            files.sort();
            assert_eq!(files, names);
        }
    };
}

recordings! {
    connects_are_refused_as_recorded: "connect-errors";
    clients_1_7_go_as_recorded: "eio3-1.7.4";
    attachments_of_protocol_4_go_as_recorded: "eio3-binary";
    polling_in_revision_3_goes_as_recorded: "eio3-polling-raw";
    upgrades_in_revision_3_go_as_recorded: "eio3-polling-upgrade";
    clients_2_5_go_as_with_their_own_server: "eio3-sio2-server";
    websockets_in_revision_3_go_as_recorded: "eio3-ws-echo-ack";
    attachments_of_protocol_5_go_as_recorded: "eio4-binary";
    polling_in_revision_4_goes_as_recorded: "eio4-polling-only";
    upgrades_in_revision_4_go_as_recorded: "eio4-polling-upgrade";
    websockets_in_revision_4_go_as_recorded: "eio4-ws-echo-ack";
    requests_are_refused_as_recorded: "error-bodies";
    compression_of_messages_is_offered_in_vain: "permessage-deflate";
    headers_of_polls_are_as_recorded: "polling-headers";
    a_server_ends_sessions_that_poll_as_recorded: "server-close-polling";
    clients_come_back_as_recorded: "state-recovery";
}

/// Starts the application with the recorded server's settings.
async fn start(recording: &str) -> (SocketAddr, SocketIo) {
    let options = recording.lines().find_map(|line| line.strip_prefix("# options: "));
    let options: Vec<_> = options.into_iter().flat_map(|options| options.split(", ")).collect();
    let io = match options.iter().any(|option| option.starts_with("recovery ")) {
        true => configure(SocketIo::builder::<Returning>(), &options).build(),
        false => configure(SocketIo::builder::<Recorded>(), &options).build(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let served = io.clone();
    tokio::spawn(async move {
        served.serve_until(listener, Router::new(), std::future::pending()).await;
    });
    (addr, io)
}

fn configure<T>(builder: Builder<T>, options: &[&str]) -> Builder<T> {
    let mut builder = builder.origins(Origins::Any).max_message_bytes(1_000_000);
    for option in options {
        let (name, value) = option.split_once(' ').unwrap();
        let number = || value.parse().unwrap();
        let millis = || Duration::from_millis(value.parse().unwrap());
        builder = match name {
            "pingInterval" => builder.ping_interval(millis()),
            "pingTimeout" => builder.ping_timeout(millis()),
            "connectTimeout" => builder.connect_timeout(millis()),
            "maxPayload" => builder.max_message_bytes(number()),
            "protocols" => builder.protocols([Protocol::V4]),
            "recovery" => builder.recovery(Recovery::default().window(millis())),
            "compression" => builder.http_compression(value.parse::<usize>().unwrap()),
            "origin" => builder.origins(Origins::List(vec![(*value).to_owned()])),
            "cookie" => builder.cookie(StickyCookie::new(value)),
            _ => panic!("{name} is no option"),
        };
    }
    builder
}

async fn play(name: &str, recording: &str) {
    let (addr, io) = start(recording).await;
    let mut player = Player {
        addr,
        io,
        ids: HashMap::new(),
        requests: HashMap::new(),
        sockets: HashMap::new(),
        with: HashMap::new(),
        answers: HashMap::new(),
        ahead: HashMap::new(),
    };
    let mut expected: Vec<_> = DIFFERENCES.iter().filter(|one| one.recording == name).collect();
    let mut begin = |section: &str| {
        let at = expected.iter().position(|one| one.section == section);
        at.map(|at| expected.remove(at)).map_or((&[][..], ""), |one| (one.lines, one.reason))
    };
    let (mut differs, mut reason) = begin("");
    for (number, line) in recording.lines().enumerate().skip_while(|(_, line)| !line.is_empty()) {
        let mut line = line;
        if let Some(section) = line.strip_prefix("# ") {
            assert_eq!(differs.len(), 0, "differences before `{section}` did not occur");
            (differs, reason) = begin(section);
            continue;
        }
        if let Some(((recorded, instead), rest)) = differs.split_first()
            && *recorded == line
        {
            (line, differs) = (instead, rest);
            println!("{name}.txt:{} differs: {reason}", number + 1);
        }
        if !line.is_empty() {
            println!("{name}.txt:{} {line}", number + 1);
            player.play(line).await;
        }
    }
    assert_eq!((differs.len(), expected.len()), (0, 0), "not all differences occurred");
    player.ahead.retain(|_, body| !body.is_empty());
    assert!(player.ahead.is_empty(), "unrecorded: {:?}", player.ahead);
}

struct Player {
    addr: SocketAddr,
    io: SocketIo,
    /// What this server calls `$1` and so on.
    ids: HashMap<String, String>,
    /// Requests that are open, with their paths; none where the answer has come before.
    requests: HashMap<String, (String, Option<Pending>)>,
    sockets: HashMap<String, WebSocket>,
    /// Headers of the request that comes next.
    with: HashMap<String, Vec<(String, String)>>,
    /// What came last, for its headers.
    answers: HashMap<String, Response>,
    /// What polls of a session brought that the recorded client got later.
    ahead: HashMap<String, String>,
}

impl Player {
    async fn play(&mut self, line: &str) {
        let (connection, rest) = line.split_once(' ').unwrap();
        let (who, what) = rest.split_once(' ').unwrap();
        let (word, rest) = what.split_once(' ').unwrap_or((what, ""));
        match (who, word) {
            (">", "WAITS") => {
                while self.io.stats().transports["polling"].active_connections == 0 {
                    tokio::task::yield_now().await;
                }
            }
            (">", "STOP") => self.io.close().await,
            (">", "EMIT") => {
                let (room, name, value): (&str, &str, Value) = serde_json::from_str(rest).unwrap();
                let everybody = self.io.of("");
                let to = if room.is_empty() { everybody } else { everybody.to(room) };
                to.emit(name, value).unwrap();
            }
            (">", "WITH") => {
                let (name, value) = rest.split_once(": ").unwrap();
                let with = self.with.entry(connection.to_owned()).or_default();
                with.push((name.to_owned(), value.to_owned()));
            }
            ("<", "HAS") => {
                let (name, value) = rest.split_once(':').unwrap();
                let came = self.answers[connection].header(name).unwrap_or_default().to_owned();
                self.compare(value.trim(), &came);
            }
            (">", "UPGRADE") => {
                let path = self.with_ids(rest);
                let with = self.with.remove(connection).unwrap_or_default();
                let socket = WebSocket::open(self.addr, &path, &pairs(&with), "13").await.unwrap();
                self.sockets.insert(connection.to_owned(), socket);
            }
            (">", "TEXT" | "BYTES" | "CLOSE") => self.send(connection, word, rest).await,
            (">", "FIN") => {
                self.sockets.remove(connection);
                if let Some((_, Some(pending))) = self.requests.remove(connection) {
                    pending.abort().await.unwrap();
                }
            }
            (">", method) => self.request(connection, method, rest).await,
            (_, "TEXT" | "BYTES" | "CLOSE") => self.receive(connection, word, rest).await,
            (_, status) => self.answer(connection, status, rest).await,
        }
    }

    async fn request(&mut self, connection: &str, method: &str, rest: &str) {
        let (path, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let path = self.with_ids(path);
        let is_ahead = self.ahead.get(session_of(&path)).is_some_and(|ahead| !ahead.is_empty());
        let pending = if method == "GET" && is_ahead {
            None
        } else {
            let (content_type, body) =
                if rest.is_empty() { Default::default() } else { content(rest) };
            let with = self.with.remove(connection).unwrap_or_default();
            let mut headers = pairs(&with);
            headers.extend((!rest.is_empty()).then_some(("content-type", &*content_type)));
            Some(http::open(self.addr, method, &path, &headers, &body).await.unwrap())
        };
        self.requests.insert(connection.to_owned(), (path, pending));
    }

    async fn answer(&mut self, connection: &str, status: &str, rest: &str) {
        let (path, answer) = match self.sockets.get_mut(connection) {
            Some(socket) => (String::new(), Some(socket.answer().await.unwrap())),
            None => {
                let (path, pending) = self.requests.remove(connection).unwrap();
                match pending {
                    Some(pending) => (path, Some(pending.response().await.unwrap())),
                    None => (path, None),
                }
            }
        };
        if let Some(answer) = &answer {
            assert_eq!(answer.status.to_string(), status, "{}", answer.text());
            self.answers.insert(connection.to_owned(), answer.clone());
            if status == "101" {
                return;
            }
            self.sockets.remove(connection);
        }
        let (content_type, body) = content(rest);
        let answer = answer.map(inflated);
        let text = answer.as_ref().map_or("".into(), Response::text);
        if let Some(answer) = answer.as_ref().filter(|_| content_type != "-") {
            let is_script = text.starts_with("___eio");
            let told = if is_script { "text/javascript; charset=UTF-8" } else { &*content_type };
            assert_eq!(answer.header("content-type"), Some(told));
            if status == "200" {
                assert_eq!(answer.header("cache-control"), Some("no-store"));
            }
        }
        match std::str::from_utf8(&body) {
            Ok(body) if content_type.starts_with("text/plain") => {
                self.compare_poll(&path, body, &text).await;
            }
            Ok(body) => self.compare(body, &text),
            Err(_) => assert_eq!(answer.unwrap().body, body),
        }
    }

    /// Compares what a poll brought, however it was cut into answers.
    async fn compare_poll(&mut self, path: &str, body: &str, text: &str) {
        let (body, text) = (payload_of(body), payload_of(text));
        let separator = if path.contains("EIO=4") { "\u{1e}" } else { "" };
        let noop = if separator.is_empty() { "1:6" } else { "6" };
        // The reference lets a poll wait a moment for something better.
        let text = if text == noop && body != noop { String::new() } else { text };
        let mut came = self.ahead.remove(session_of(path)).unwrap_or_default() + &text;
        let length = loop {
            match self.match_start(&body, &came) {
                Some(Ok(length)) => break length,
                Some(Err(_)) => panic!("expected {body}, got {came}"),
                None => {
                    let path = match session_of(path) {
                        "" => format!("{path}&sid={}", opened(&came)),
                        _ => path.to_owned(),
                    };
                    let next = http::request(self.addr, "GET", &path, &[], b"").await.unwrap();
                    assert_eq!(next.status, 200, "after {came}, where {body} was expected");
                    let next = payload_of(&next.text());
                    came = if came.is_empty() { next } else { [came, next].join(separator) };
                }
            }
        };
        let (text, rest) = came.split_at(length);
        let session = if session_of(path).is_empty() { opened(text) } else { session_of(path) };
        let rest = rest.strip_prefix(separator).unwrap_or(rest);
        self.ahead.insert(session.to_owned(), rest.to_owned());
    }

    #[track_caller]
    fn compare(&mut self, expected: &str, came: &str) {
        let matched = self.match_start(expected, came);
        assert_eq!(matched, Some(Ok(came.len())), "expected {expected}, got {came}");
    }

    /// Finds how much of a text is what was expected; ids that are new are learned. [`None`]: the text ends
    /// before.
    fn match_start(&mut self, expected: &str, came: &str) -> Option<Result<usize, usize>> {
        let mut at = 0;
        let mut pieces = expected.split('$');
        let mut literal = pieces.next().unwrap_or_default().to_owned();
        loop {
            let rest = &came[at..];
            if !rest.starts_with(&literal) {
                return if literal.starts_with(rest) { None } else { Some(Err(at)) };
            }
            at += literal.len();
            let Some(piece) = pieces.next() else { return Some(Ok(at)) };
            let digits = piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (name, behind) = piece.split_at(digits);
            let id = match self.ids.get(name) {
                Some(id) => id.clone(),
                None => {
                    // An offset is as long as it is.
                    let is_offset = name.starts_with('0');
                    let chars = if is_offset { came[at..].find('"')? } else { ID_CHARS };
                    let id = came.get(at..at + chars)?.to_owned();
                    assert!(!self.ids.values().any(|known| *known == id), "{id} is two ids");
                    self.ids.insert(name.to_owned(), id.clone());
                    id
                }
            };
            literal = id + behind;
        }
    }

    fn with_ids(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // The longest names first, for `$1` is how `$10` begins.
        let mut ids: Vec<_> = self.ids.iter().collect();
        ids.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        ids.iter().for_each(|(name, id)| text = text.replace(&format!("${name}"), id));
        text
    }

    /// Sends a frame, unless the WebSocket was refused.
    async fn send(&mut self, connection: &str, word: &str, rest: &str) {
        let (opcode, payload) = match word {
            "TEXT" => (
                websocket::TEXT,
                self.with_ids(&serde_json::from_str::<String>(rest).unwrap()).into_bytes(),
            ),
            "BYTES" => (websocket::BINARY, hex(rest)),
            _ => {
                let code = rest.parse::<u16>().map(|code| code.to_be_bytes().to_vec());
                (websocket::CLOSE, code.unwrap_or_default())
            }
        };
        let Some(socket) = self.sockets.get_mut(connection) else { return };
        socket.send_frame(true, opcode, &payload).await.unwrap();
    }

    async fn receive(&mut self, connection: &str, word: &str, rest: &str) {
        let socket = self.sockets.get_mut(connection).unwrap();
        let frame = socket.receive().await.unwrap().expect("the connection has ended");
        match word {
            "TEXT" => {
                let text: String = serde_json::from_str(rest).unwrap();
                self.compare(&text, frame.text().expect("text"));
            }
            "BYTES" => {
                assert_eq!((frame.opcode(), &*frame.payload), (websocket::BINARY, &*hex(rest)));
            }
            _ => {
                let code = rest.parse().unwrap_or(1000_u16).to_be_bytes();
                let is_silent = rest.is_empty() && frame.payload.is_empty();
                assert_eq!(frame.opcode(), websocket::CLOSE, "{frame}");
                assert!(is_silent || frame.payload.starts_with(&code), "{frame}");
            }
        }
    }
}

fn pairs(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (&**name, &**value)).collect()
}

/// An answer whose body is as it was before it was compressed.
fn inflated(mut answer: Response) -> Response {
    if answer.header("content-encoding") == Some("gzip") {
        let mut body = Vec::new();
        GzDecoder::new(&*answer.body).read_to_end(&mut body).unwrap();
        answer.body = body.into();
    }
    answer
}

/// Characters of an id.
const ID_CHARS: usize = 22;

/// The session that a path names, or nothing.
fn session_of(path: &str) -> &str {
    let session = path.split_once("sid=").map_or("", |(_, session)| session);
    session.split('&').next().unwrap_or_default()
}

/// The session that an open packet names.
fn opened(text: &str) -> &str {
    let (_, id) = text.split_once("\"sid\":\"").unwrap();
    &id[..ID_CHARS]
}

/// A payload, out of the script that it may be in.
fn payload_of(text: &str) -> String {
    let literal = text.strip_prefix("___eio[0](").and_then(|text| text.strip_suffix(");"));
    literal.map_or(text.to_owned(), |literal| serde_json::from_str(literal).unwrap())
}

/// A content type and a body, which is a JSON string or hex.
fn content(text: &str) -> (String, Bytes) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let content_type = values.next().unwrap().unwrap();
    let body = text[values.byte_offset()..].trim();
    let body = match body.strip_prefix("hex:") {
        Some(digits) => hex(digits),
        None => serde_json::from_str::<String>(body).unwrap().into_bytes(),
    };
    (content_type, body.into())
}

fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2)
        .map(|n| u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).unwrap())
        .collect()
}
