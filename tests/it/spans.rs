//! What the log says: in which spans a handler's own lines stand, and what never gets there.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use socketio_core::{SocketIo, prelude::*};
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;
use tracing::subscriber::{DefaultGuard, set_default};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::client::{Client, Via, serve};

/// What the thread of one test has logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Listens from now on, until the guard is dropped.
    pub(crate) fn start(level: LevelFilter) -> (Self, DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_ansi(false)
            .without_time()
            .with_writer(log.clone());
        (log, set_default(subscriber.finish()))
    }

    /// All of it, line by line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let log = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        log.lines().map(|line| line.trim_start().to_owned()).collect()
    }

    /// The lines that handlers wrote, without level and target.
    fn own(&self) -> Vec<String> {
        let lines = self.lines().into_iter().filter(|line| line.contains(": it::spans: "));
        lines.map(|line| line["INFO ".len()..].replace("it::spans: ", "")).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[derive(serde::Deserialize)]
struct Login {
    #[serde(default)]
    count: u8,
}

struct Logged;

#[socket_connection]
#[endpoints("/side" => Logged)]
impl Logged {
    #[on_open]
    async fn open(Auth(login): Auth<Login>) -> Self {
        tokio::task::yield_now().await;
        tracing::info!(login.count, "opens");
        Self
    }

    #[event]
    fn id(&self, socket: &Socket) -> SocketId {
        tracing::info!("works");
        socket.id()
    }

    #[event]
    fn show(&self, socket: &Socket) -> String {
        format!("{socket:?}")
    }

    #[event]
    fn add(&self, a: u64) -> u64 {
        a
    }

    #[event]
    async fn wait(&mut self) {
        tracing::info!("waits");
        tokio::task::yield_now().await;
        tracing::info!("resumes");
    }

    #[event("beside", concurrent)]
    async fn beside(&self, turns: u64) {
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        tracing::info!(turns, "is done");
    }

    #[event]
    fn panic(&self) {
        panic!("on purpose");
    }

    #[on_error]
    fn error(&self) -> OnError {
        tracing::info!("fails");
        OnError::Ignore
    }

    #[on_close]
    async fn close(&self) {
        tokio::task::yield_now().await;
        tracing::info!("closes");
    }
}

/// How clients of one generation say things.
#[derive(Clone, Copy)]
pub(crate) struct Generation {
    pub(crate) name: &'static str,
    path: &'static str,
    join_root: &'static str,
    join_side: &'static str,
    leave: &'static str,
    /// An event of an endpoint, with an acknowledgement's id or without.
    pub(crate) event: fn(&str, &str, Option<u8>) -> String,
}

fn modern(path: &str, event: &str, ack: Option<u8>) -> String {
    let (comma, ack) = (if path.is_empty() { "" } else { "," }, ack.map(|id| id.to_string()));
    format!("42{path}{comma}{}[{event}]", ack.unwrap_or_default())
}

fn legacy(path: &str, event: &str, ack: Option<u8>) -> String {
    let (name, args) = event.split_once(',').unwrap_or((event, ""));
    let ack = ack.map(|id| format!("{id}+")).unwrap_or_default();
    format!(r#"5:{ack}:{path}:{{"name":{name},"args":[{args}]}}"#)
}

pub(crate) const GENERATIONS: [Generation; 3] = [
    Generation {
        name: "legacy",
        path: "/socket.io/1/websocket/",
        join_root: "",
        join_side: "1::/side",
        leave: "0::",
        event: legacy,
    },
    Generation {
        name: "v3",
        path: "/socket.io/?EIO=3&transport=websocket",
        join_root: "",
        join_side: "40/side,",
        leave: "1",
        event: modern,
    },
    Generation {
        name: "v4",
        path: "/socket.io/?EIO=4&transport=websocket",
        join_root: "40",
        join_side: "40/side,",
        leave: "1",
        event: modern,
    },
];

/// Connects; gives the WebSocket and the id of its session.
pub(crate) async fn connect(addr: SocketAddr, generation: &Generation) -> (WebSocket, String) {
    let mut path = generation.path.to_owned();
    let mut id = String::new();
    if generation.name == "legacy" {
        let line = http::request(addr, "GET", "/socket.io/1/", &[], b"").await.unwrap();
        id = line.text().split(':').next().unwrap().to_owned();
        path += &id;
    }
    let mut socket = WebSocket::open(addr, &path, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    let open = next(&mut socket).await;
    if generation.name != "legacy" {
        id = open.split('"').nth(3).unwrap().to_owned();
    }
    if !generation.join_root.is_empty() {
        socket.send_text(generation.join_root).await.unwrap();
    }
    if generation.name != "legacy" {
        assert!(next(&mut socket).await.starts_with("40"));
    }
    (socket, id)
}

async fn next(socket: &mut WebSocket) -> String {
    socket.receive().await.unwrap().expect("the connection has ended").to_string()
}

async fn serve_logged() -> (SocketAddr, SocketIo) {
    let io = SocketIo::builder::<Logged>().build();
    (serve(io.clone()).await, io)
}

#[tokio::test]
async fn the_lines_of_handlers_stand_in_the_spans_of_client_connection_and_call() {
    for generation in GENERATIONS {
        let (log, _listening) = Log::start(LevelFilter::DEBUG);
        let (addr, io) = serve_logged().await;
        let (mut socket, _) = connect(addr, &generation).await;
        let say = generation.event;
        socket.send_text(generation.join_side).await.unwrap();
        next(&mut socket).await;
        for (path, event, ack) in [
            ("", r#""id""#, None),
            ("/side", r#""id""#, Some(1)),
            ("/side", r#""beside",9"#, None),
            ("/side", r#""beside",3"#, None),
            ("/side", r#""wait""#, Some(2)),
            ("/side", r#""add","x""#, None),
            ("/side", r#""add",1"#, Some(3)),
        ] {
            socket.send_text(&say(path, event, ack)).await.unwrap();
        }
        for _ in 0..3 {
            next(&mut socket).await;
        }
        socket.send_text(generation.leave).await.unwrap();
        while socket.receive().await.unwrap().is_some() {}
        drop(socket);
        io.close().await;

        let own = log.own();
        let session = own[0].split(':').next().unwrap().to_owned();
        let id = session.split(['=', ' ']).nth(1).unwrap();
        assert_eq!(session, format!("session{{socket={id} protocol=\"{}\"}}", generation.name));
        assert_eq!(id.len(), 22);
        let root = format!("{session}:connection{{socket={id} endpoint=\"\"}}");
        let side = own[1].split(": ").next().unwrap().to_owned();
        let names_side = format!("{session}:connection{{socket=");
        assert!(side.starts_with(&names_side) && side.ends_with(r#" endpoint="/side"}"#), "{side}");
        let mut expected = vec![
            format!("{root}: opens login.count=0"),
            format!("{side}: opens login.count=0"),
            format!("{root}:call{{event=\"id\" ack=false}}: works"),
            format!("{side}:call{{event=\"id\" ack=true}}: works"),
            format!("{side}:call{{event=\"beside\" ack=false}}: is done turns=3"),
            format!("{side}:call{{event=\"beside\" ack=false}}: is done turns=9"),
            format!("{side}:call{{event=\"wait\" ack=true}}: waits"),
            format!("{side}:call{{event=\"wait\" ack=true}}: resumes"),
            format!("{side}:call{{event=\"add\" ack=false}}: fails"),
            format!("{root}: closes"),
            format!("{side}: closes"),
        ];
        expected.sort();
        let mut found = own.clone();
        found.sort();
        assert_eq!(found, expected);
        // One after another where they share a queue.
        let position = |what: &str| own.iter().position(|line| line.ends_with(what));
        assert!(position("turns=3") < position("turns=9"));
        assert!(position("turns=9") < position("waits"));
        let lines = log.lines();
        let transport = format!("{session}: socketio::session: transport attached");
        assert!(lines.iter().any(|line| line.contains(&transport)), "{lines:#?}");
        let over = format!("{session}: socketio::session: session over");
        assert!(lines.iter().any(|line| line.contains(&over)), "{lines:#?}");
    }
}

#[tokio::test]
async fn where_debug_is_off_there_are_no_spans() {
    let (log, _listening) = Log::start(LevelFilter::INFO);
    let (addr, _io) = serve_logged().await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    client.ask(r#"5:1+::{"name":"wait"}"#).await;
    let lines = ["opens login.count=0", "waits", "resumes"];
    assert_eq!(log.lines(), lines.map(|line| format!("INFO it::spans: {line}")));
}

#[tokio::test]
async fn a_name_that_a_client_chose_is_cut_and_quoted() {
    let (log, _listening) = Log::start(LevelFilter::DEBUG);
    let addr = serve(SocketIo::builder::<Logged>().max_event_name(1 << 20).build()).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    let name = format!("\\n{}", "ä".repeat(100_000));
    client.send(&format!(r#"5:::{{"name":"{name}"}}"#)).await;
    client.send(&format!("1::/{}", "b".repeat(10_000))).await;
    client.ask(r#"5:1+::{"name":"id"}"#).await;
    let lines = log.lines();
    assert!(lines.iter().all(|line| line.len() < 1_000), "{lines:#?}");
}

#[tokio::test]
async fn a_socket_shows_itself_by_the_id_that_the_log_knows_it_by() {
    for generation in GENERATIONS {
        let (log, _listening) = Log::start(LevelFilter::DEBUG);
        let (addr, _io) = serve_logged().await;
        let (mut socket, session) = connect(addr, &generation).await;
        socket.send_text(&(generation.event)("", r#""show""#, Some(1))).await.unwrap();
        let shown = next(&mut socket).await;
        let span = log.own()[0].split([' ', '=']).nth(1).unwrap().to_owned();
        assert!(shown.contains(&format!("SocketId({span})")), "{}: {shown}", generation.name);
        assert!(!shown.contains(&session), "{}: {shown}", generation.name);
    }
}

/// Nothing that clients send, nor what lets others speak for them.
#[tokio::test]
async fn no_payload_and_no_credential_is_logged_at_debug_or_above() {
    let (log, _listening) = Log::start(LevelFilter::DEBUG);
    let (addr, io) = serve_logged().await;
    let mut secrets = vec!["hunter2".to_owned()];
    for generation in GENERATIONS {
        // Each ends its connection, or does not; the log must not tell what it held.
        let say = generation.event;
        for packet in [
            say("", r#""add","hunter2""#, None),
            say("", r#""add","hunter2""#, Some(1)),
            say("", r#""add",{"hunter2":1}"#, None),
            say("", r#""panic","hunter2""#, None),
            say("", r#""panic""#, None),
            say("", r#""nobody","hunter2""#, None),
            say("", r#""message","hunter2""#, None),
            say("/side", r#""id","hunter2""#, None),
            generation.join_side.replace("/side", "/side?count=hunter2"),
            format!("{}{}", generation.join_side, r#"{"count":"hunter2"}"#),
            "3:::hunter2".to_owned(),
            "4hunter2".to_owned(),
            "7hunter2".to_owned(),
            "hunter2".to_owned(),
            "bhunter2".to_owned(),
            r#"451-["hunter2",{"_placeholder":true,"num":7}]"#.to_owned(),
            "6:::1+hunter2".to_owned(),
        ] {
            let (mut socket, id) = connect(addr, &generation).await;
            secrets.push(id);
            socket.send_text(&packet).await.unwrap();
            // Those that it has not ended.
            let _ended = socket.send_text(&say("", r#""id""#, Some(9))).await;
            let _ended = socket.send_text(generation.leave).await;
            while let Ok(Some(_)) = socket.receive().await {}
        }
    }
    io.close().await;
    let lines = log.lines();
    for secret in secrets {
        let found: Vec<_> = lines.iter().filter(|line| line.contains(&secret)).collect();
        assert!(found.is_empty(), "{secret}: {found:#?}");
    }
    for expected in ["reason=\"invalid auth\"", "handler failed", "broke its protocol"] {
        assert!(lines.iter().any(|line| line.contains(expected)), "{expected}: {lines:#?}");
    }
}

#[guard]
fn counted(Auth(_): Auth<Login>) -> Option<()> {
    Some(())
}

#[derive(Default)]
struct Strict;

#[socket_connection]
impl Strict {
    #[event]
    #[guard(counted)]
    fn go(&self) {}
}

#[tokio::test]
async fn a_refusal_that_closes_the_connection_is_logged_without_what_the_client_sent() {
    let (log, _listening) = Log::start(LevelFilter::DEBUG);
    let io = SocketIo::builder::<Strict>().on_error(|_| OnError::Close).build();
    let mut client = Client::connect_with(serve(io).await, Via::WebSocket, "?count=hunter2").await;
    client.send(r#"5:::{"name":"go"}"#).await;
    assert_eq!(client.rest().await, ["0::"]);
    let lines = log.lines();
    assert!(!lines.iter().any(|line| line.contains("hunter2")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("refused: invalid auth")), "{lines:#?}");
}

#[tokio::test]
async fn the_first_event_of_a_connection_that_is_not_let_through_is_logged() {
    let (log, _listening) = Log::start(LevelFilter::DEBUG);
    let addr = serve(SocketIo::builder::<Strict>().build()).await;
    for _ in 0..2 {
        let mut client = Client::connect_with(addr, Via::WebSocket, "?count=x").await;
        for _ in 0..3 {
            client.ask(r#"5:1+::{"name":"go"}"#).await;
        }
    }
    let lines = log.lines();
    let found = lines.iter().filter(|line| line.contains("socketio::rejection: event rejected"));
    assert_eq!(found.count(), 2, "{lines:#?}");
}
