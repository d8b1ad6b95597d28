//! What is refused before it is handled: by guards, throttles and validation; and what handlers get of guards.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use serde_json::json;
use socketio_core::{Builder, EventGuard, Guard, NoState, SocketIo, prelude::*};
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::client::{BOTH, Client, Via, serve};
use crate::stats::{answer, handshake};

#[derive(Clone)]
struct App {
    admin: String,
    /// Lets one slow guard go on.
    gate: Arc<Notify>,
}

impl FromRef<App> for Arc<Notify> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.gate)
    }
}

#[derive(Debug, PartialEq)]
struct User {
    name: String,
    is_admin: bool,
}

#[guard]
async fn logged_in(info: &ConnectionInfo, State(app): State<App>) -> Result<User, Reject> {
    let Some(name) = info.query("name") else {
        return Err(Reject::unauthorized("who are you?").with_data(json!({ "ask": "name" })));
    };
    if name == "panic" {
        panic!("in a guard");
    }
    Ok(User { name: name.to_owned(), is_admin: name == app.admin })
}

/// How long the raw text of an event's arguments is, if that is short.
#[guard]
fn short(event: &Event) -> Option<usize> {
    let length = event.args().len();
    (length < 20).then_some(length)
}

/// Waits until the test lets it go on.
#[guard]
async fn slow(State(gate): State<Arc<Notify>>) -> Result<(), std::io::Error> {
    gate.notified().await;
    Ok(())
}

struct Letters(char);

impl EventGuard for Letters {
    type Value = char;
    type State = NoState;

    async fn check_event(&self, _: &Socket, event: &Event, _: NoState) -> Result<char, Reject> {
        let is_there = event.name().contains(self.0);
        is_there.then_some(self.0).ok_or(Reject::error(format!("no {} in it", self.0)))
    }
}

struct Chat {
    greeting: String,
    names: Vec<String>,
}

#[socket_connection]
#[guard(logged_in)]
impl Chat {
    #[on_open]
    fn open(user: Guarded<User>, socket: &Socket) -> Result<Self, EmitError> {
        socket.emit("welcome", &user.name)?;
        Ok(Self { greeting: format!("Hello, {}", user.name), names: Vec::new() })
    }

    #[event]
    fn whoami(&self, user: Guarded<User>) -> (String, bool) {
        (user.name.clone(), user.is_admin)
    }

    #[event]
    #[guard(short)]
    fn say(&self, length: Guarded<usize>, user: Guarded<User>, text: String) -> String {
        format!("{} {text} {} {}", user.name, *length, self.greeting)
    }

    /// The guards run in order, and the first that refuses ends it.
    #[event("spell")]
    #[guard(Letters('s'))]
    #[guard(Letters('x'))]
    #[guard(short)]
    fn spell(&self) {}

    #[event]
    #[guard(slow)]
    fn first(&mut self) {
        self.names.push("first".to_owned());
    }

    #[event]
    fn second(&mut self) -> Vec<String> {
        self.names.push("second".to_owned());
        self.names.clone()
    }

    #[on_message]
    #[guard(Letters('m'))]
    fn message(&self, letter: Guarded<char>, socket: &Socket) -> Result<(), EmitError> {
        socket.send(letter.to_string())
    }

    #[on_event]
    #[guard(Letters('z'))]
    fn other(&self, event: &Event) -> String {
        event.name().to_owned()
    }

    #[on_close]
    fn close(&self, user: Guarded<User>, State(app): State<App>) {
        if user.is_admin {
            app.gate.notify_one();
        }
    }
}

fn app() -> App {
    App { admin: "Ann".to_owned(), gate: Arc::default() }
}

type Made = Builder<Chat, App>;

async fn start(configure: impl FnOnce(Made) -> Made) -> (SocketAddr, App) {
    let app = app();
    let io = configure(SocketIo::builder::<Chat>().state(app.clone())).build();
    (serve(io).await, app)
}

/// A legacy client that has been welcomed.
async fn legacy(addr: SocketAddr, via: Via, name: &str) -> Client {
    let mut client = Client::connect_with(addr, via, &format!("?name={name}")).await;
    let welcome = format!(r#"5:::{{"name":"welcome","args":["{name}"]}}"#);
    assert_eq!(client.next().await.as_ref(), Some(&welcome));
    client
}

/// A client of Socket.IO 4, and the answer to its connect.
async fn modern(addr: SocketAddr, query: &str, connect: &str) -> (WebSocket, String) {
    let path = format!("/socket.io/?EIO=4&transport=websocket{query}");
    let mut socket = WebSocket::open(addr, &path, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    assert!(next(&mut socket).await.starts_with("0{"));
    let answer = ask(&mut socket, connect).await;
    (socket, answer)
}

async fn next(socket: &mut WebSocket) -> String {
    socket.receive().await.unwrap().unwrap().text().unwrap().to_owned()
}

async fn ask(socket: &mut WebSocket, packet: &str) -> String {
    socket.send_text(packet).await.unwrap();
    next(socket).await
}

#[tokio::test]
async fn a_guard_of_the_block_lets_nobody_in_that_it_refuses() {
    let (addr, _) = start(|it| it).await;
    for (query, status) in [("", 403), ("?name=panic", 500)] {
        let answer = http::request(addr, "GET", &format!("/socket.io/1/{query}"), &[], b"").await;
        assert_eq!(answer.unwrap().status, status, "{query}");
    }
    let (_socket, answer) = modern(addr, "", "40").await;
    assert_eq!(answer, r#"44{"message":"who are you?","data":{"ask":"name"}}"#);
    let (mut socket, answer) = modern(addr, "&name=Bob", "40").await;
    assert!(answer.starts_with(r#"40{"sid""#), "{answer}");
    assert_eq!(next(&mut socket).await, r#"42["welcome","Bob"]"#);
}

#[tokio::test]
async fn what_guards_give_reaches_handlers() {
    for via in BOTH {
        let (addr, app) = start(|it| it).await;
        let mut ann = legacy(addr, via, "Ann").await;
        let mut bob = legacy(addr, via, "Bob").await;
        let whoami = r#"5:1+::{"name":"whoami"}"#;
        assert_eq!(ann.ask(whoami).await, r#"6:::1+["Ann",true]"#);
        assert_eq!(bob.ask(whoami).await, r#"6:::1+["Bob",false]"#);
        let said = bob.ask(r#"5:2+::{"name":"say","args":["hi"]}"#).await;
        assert_eq!(said, r#"6:::2+["Bob hi 6 Hello, Bob"]"#);
        assert_eq!(bob.ask("3:::hello").await, "3:::m");
        ann.send("0::").await;
        app.gate.notified().await;
    }
}

#[tokio::test]
async fn a_refused_event_is_answered_or_ignored_and_the_connection_stays() {
    let (addr, _) = start(|it| it).await;
    for via in BOTH {
        let mut client = legacy(addr, via, "Bob").await;
        let long = r#""args":["a long argument indeed"]"#;
        client.send(&format!(r#"5:::{{"name":"say",{long}}}"#)).await;
        for (packet, answer) in [
            (format!(r#"5:2+::{{"name":"say",{long}}}"#), r#"6:::2+[{"error":"not allowed"}]"#),
            (r#"5:3+::{"name":"spell"}"#.to_owned(), r#"6:::3+[{"error":"no x in it"}]"#),
            // Guards come before arguments.
            (
                r#"5:4+::{"name":"say","args":[1]}"#.to_owned(),
                r#"6:::4+[{"error":"event `say`: argument `text`: invalid type: integer `1`, expected a string"}]"#,
            ),
            (r#"5:5+::{"name":"zoo"}"#.to_owned(), r#"6:::5+["zoo"]"#),
            (r#"5:6+::{"name":"ape"}"#.to_owned(), r#"6:::6+[{"error":"no z in it"}]"#),
        ] {
            assert_eq!(client.ask(&packet).await, answer, "{via:?} {packet}");
        }
    }
}

#[tokio::test]
async fn a_slow_guard_keeps_the_order_of_events() {
    let (addr, app) = start(|it| it).await;
    for via in BOTH {
        let mut client = legacy(addr, via, "Bob").await;
        client.send(r#"5:1+::{"name":"first"}"#).await;
        client.send(r#"5:2+::{"name":"second"}"#).await;
        app.gate.notify_one();
        assert_eq!(client.next().await.as_deref(), Some("6:::1"), "{via:?}");
        assert_eq!(client.next().await.as_deref(), Some(r#"6:::2+[["first","second"]]"#));
    }
}

struct Everybody(&'static str);

impl Guard for Everybody {
    type Value = ();
    type State = App;

    async fn check(&self, socket: &Socket, app: App) -> Result<(), Reject> {
        match socket.info().query("name") {
            Some(name) if name == self.0 || name == app.admin => Ok(()),
            _ => Err(Reject::unauthorized("closed today").with_data(7)),
        }
    }
}

#[tokio::test]
async fn a_guard_of_the_server_comes_before_those_of_all_types() {
    let io = SocketIo::builder::<Chat>().state(app());
    let io = io.guard(Everybody("Bob")).event_guard(Letters('a')).build();
    let addr = serve(io.clone()).await;
    let (_socket, answer) = modern(addr, "", "40").await;
    assert_eq!(answer, r#"44{"message":"closed today","data":7}"#);
    let (mut socket, answer) = modern(addr, "&name=Bob", "40").await;
    assert!(answer.starts_with(r#"40{"sid""#), "{answer}");
    assert_eq!(next(&mut socket).await, r#"42["welcome","Bob"]"#);
    // `spell` is refused before its own guards are asked, an event that nobody takes is, too.
    for (packet, answer) in [
        (r#"421["spell"]"#, r#"431[{"error":"no a in it"}]"#),
        (r#"422["whoami"]"#, r#"432["Bob",false]"#),
        (r#"423["nobody"]"#, r#"433[{"error":"no a in it"}]"#),
    ] {
        assert_eq!(ask(&mut socket, packet).await, answer);
    }
    let rejected = io.stats().rejected_events;
    assert_eq!((rejected.refused, rejected.throttled), (2, 0));
}

type Diary = UnboundedSender<&'static str>;

/// Lets through what comes when its connection is over.
#[guard]
async fn too_late(socket: &Socket) -> Option<()> {
    socket.close();
    tokio::task::yield_now().await;
    Some(())
}

struct Watched(Diary);

#[socket_connection]
impl Watched {
    #[on_open]
    fn open(State(diary): State<Diary>) -> Self {
        diary.send("opened").unwrap();
        Self(diary)
    }

    #[event]
    #[guard(too_late)]
    fn own(&mut self) {
        self.0.send("handled").unwrap();
    }

    #[event(concurrent)]
    #[guard(too_late)]
    fn beside(&self) {
        self.0.send("handled").unwrap();
    }

    #[event]
    fn plain(&mut self) {
        self.0.send("handled").unwrap();
    }

    #[on_error]
    fn error(&self) -> OnError {
        self.0.send("failed").unwrap();
        OnError::Ignore
    }

    #[on_close]
    fn close(&self) {
        self.0.send("closed").unwrap();
    }
}

struct Gated;

#[socket_connection]
#[guard(too_late)]
impl Gated {
    #[on_open]
    fn open(State(diary): State<Diary>) -> Self {
        diary.send("opened").unwrap();
        Self
    }
}

#[tokio::test]
async fn an_event_whose_connection_ends_behind_its_guard_is_not_handled() {
    for (event, by_server) in [("own", false), ("beside", false), ("plain", true)] {
        let (diary, mut entries) = unbounded_channel();
        let io = SocketIo::builder::<Watched>().state(diary);
        let io = if by_server { io.event_guard(too_late {}) } else { io };
        let mut client = Client::connect(serve(io.build()).await, Via::WebSocket).await;
        client.send(&format!(r#"5:1+::{{"name":"{event}"}}"#)).await;
        for expected in ["opened", "closed"] {
            assert_eq!(entries.recv().await, Some(expected), "{event}");
        }
        assert_eq!(client.rest().await, ["0::"], "{event}");
    }
}

#[tokio::test]
async fn a_connection_that_ends_behind_its_guard_is_not_opened() {
    let (diary, mut entries) = unbounded_channel();
    let of_server = SocketIo::builder::<Watched>().state(diary.clone()).guard(too_late {}).build();
    let of_block = SocketIo::builder::<Gated>().state(diary).build();
    for io in [of_server, of_block] {
        let answer = http::request(serve(io).await, "GET", "/socket.io/1/", &[], b"").await;
        assert_eq!(answer.unwrap().status, 500);
        assert!(entries.try_recv().is_err());
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
struct Email(String);

impl Validate for Email {
    fn validate(&self) -> Result<(), Invalid> {
        if self.0.contains('@') { Ok(()) } else { Err(Invalid::new("has no @")) }
    }
}

#[derive(serde::Deserialize)]
struct Form {
    name: String,
    #[serde(default)]
    emails: Vec<Option<Email>>,
    #[serde(default)]
    phones: std::collections::BTreeMap<String, Box<[Email; 1]>>,
    #[serde(default)]
    queued: VecDeque<Email>,
    #[serde(default)]
    known: BTreeSet<Email>,
    #[serde(default)]
    liked: HashSet<Email>,
}

impl Validate for Form {
    fn validate(&self) -> Result<(), Invalid> {
        if self.name.is_empty() {
            return Err(Invalid::at("name", "is empty"));
        }
        self.emails.validate_as("emails")?;
        self.phones.validate_as("phones")?;
        self.queued.validate_as("queued")?;
        self.known.validate_as("known")?;
        self.liked.validate_as("liked")
    }
}

#[derive(Default)]
struct Limited;

#[socket_connection]
#[throttle(5, per = "1m")]
impl Limited {
    #[event]
    #[throttle(2, per = "1s")]
    fn poke(&self) -> bool {
        true
    }

    #[event(queue)]
    #[throttle(1, per = "1h")]
    fn rare(&self) -> bool {
        true
    }

    #[on_error]
    fn error(&self, error: &HandlerError) -> OnError {
        match error {
            HandlerError::Throttled { event, retry_after, .. } if event == "rare" => {
                OnError::Ack(json!(retry_after.as_secs()))
            }
            _ => OnError::Ignore,
        }
    }
}

#[derive(Default)]
struct Office;

#[socket_connection]
impl Office {
    #[event]
    fn sign_up(&self, form: Form, more: Option<Email>, #[rest] rest: Vec<Email>) -> usize {
        form.emails.len() + usize::from(more.is_some()) + rest.len()
    }

    #[event]
    fn plain(&self, text: String, values: Vec<serde_json::Value>) -> usize {
        text.len() + values.len()
    }
}

#[tokio::test]
async fn what_is_invalid_is_named_by_its_path() {
    let addr = serve(SocketIo::builder::<Office>().build()).await;
    let (mut socket, _) = modern(addr, "", "40").await;
    for (args, answer) in [
        (r#"{"name":"a"}"#, Ok("0")),
        (r#"{"name":"a","emails":["a@b",null]},"c@d","e@f""#, Ok("4")),
        (r#"{"name":""}"#, Err("form.name`: is empty")),
        (r#"{"name":"a","emails":["a@b",null,"x"]}"#, Err("form.emails[2]`: has no @")),
        (r#"{"name":"a","phones":{"home":["x"]}}"#, Err("form.phones[home][0]`: has no @")),
        (r#"{"name":"a","queued":["a@b","x"]}"#, Err("form.queued[1]`: has no @")),
        (r#"{"name":"a","known":["a@b","x"]}"#, Err("form.known`: has no @")),
        (r#"{"name":"a","liked":["a@b","x"]}"#, Err("form.liked`: has no @")),
        (r#"{"name":"a"},"x""#, Err("more`: has no @")),
        (r#"{"name":"a"},null,"a@b","x""#, Err("rest[1]`: has no @")),
        // By keyword.
        (r#"{"form":{"name":""}}"#, Err("form.name`: is empty")),
        // What does not fit is said first.
        (r#"{"name":""},7"#, Err("more`: invalid type: integer `7`, expected a string")),
    ] {
        let expected = match answer {
            Ok(count) => format!("431[{count}]"),
            Err(problem) => format!(r#"431[{{"error":"event `sign_up`: argument `{problem}"}}]"#),
        };
        assert_eq!(
            ask(&mut socket, &format!(r#"421["sign_up",{args}]"#)).await,
            expected,
            "{args}"
        );
    }
    assert_eq!(ask(&mut socket, r#"421["plain","abc",[1]]"#).await, "431[4]");
    let long =
        format!(r#"421["sign_up",{{"name":"a","phones":{{"{}":["x"]}}}}]"#, "y".repeat(9999));
    let answer = ask(&mut socket, &long).await;
    assert!(answer.len() < 400 && answer.contains("`form.phones[yyy"), "{answer}");
}

#[derive(serde::Deserialize)]
struct Login {
    email: Email,
}

impl Validate for Login {
    fn validate(&self) -> Result<(), Invalid> {
        self.email.validate_as("email")
    }
}

#[guard]
fn known(Auth(login): Auth<Login>) -> Option<String> {
    Some(login.email.0)
}

struct Members;

#[socket_connection]
impl Members {
    #[on_open]
    fn open(Auth(_): Auth<Login>) -> Self {
        Self
    }
}

#[tokio::test]
async fn what_a_client_says_of_itself_is_validated_too() {
    let of_open = SocketIo::builder::<Members>().build();
    let of_guard = SocketIo::builder::<Office>().guard(known {}).build();
    for io in [of_open, of_guard] {
        let addr = serve(io).await;
        let (_socket, answer) = modern(addr, "", r#"40{"email":"x"}"#).await;
        assert_eq!(answer, r#"44{"message":"invalid auth: email: has no @"}"#);
        let (_socket, answer) = modern(addr, "", r#"40{"email":"a@b"}"#).await;
        assert!(answer.starts_with(r#"40{"sid""#), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_too_often_is_refused_with_the_time_to_wait() {
    let poke = r#"5:1+::{"name":"poke"}"#;
    let fine = "6:::1+[true]".to_owned();
    let wait = |wait: u32| {
        let error = format!("event `poke` comes too often: try again in {wait} ms");
        format!(r#"6:::1+[{{"error":"{error}","data":{{"retry_after":{wait}}}}}]"#)
    };
    let mut client = Polling::connect().await;
    for (pause, expected) in
        [(0, &fine), (0, &fine), (0, &wait(500)), (400, &wait(100)), (100, &fine)]
    {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        assert_eq!(client.ask(poke).await, *expected);
    }
    let mut client = Polling::connect().await;
    let rare = r#"5:1+::{"name":"rare"}"#;
    assert_eq!(client.ask(rare).await, fine);
    assert_eq!(client.ask(rare).await, "6:::1+[3600]");
    for _ in 0..3 {
        // Without an acknowledgement, by no handler: it counts for all, and the connection stays.
        client.send(r#"5:::{"name":"nobody"}"#).await;
    }
    assert_eq!(client.ask(poke).await, wait(12_000));
    let rejected = client.io.stats().rejected_events;
    // `rare`, the third of `nobody`, and this.
    assert_eq!((rejected.refused, rejected.throttled), (0, 2));
    tokio::time::sleep(Duration::from_secs(12)).await;
    assert_eq!(client.ask(poke).await, fine);
}

/// A legacy client with no network between, so that the clock stands while it waits.
struct Polling {
    io: SocketIo,
    url: String,
}

impl Polling {
    async fn connect() -> Self {
        let io = SocketIo::builder::<Limited>().heartbeats(false).build();
        let url = format!("/socket.io/1/xhr-polling/{}", handshake(&io).await);
        assert_eq!(answer(&io, Request::get(&url), "").await, "1::");
        Self { io, url }
    }

    async fn send(&self, packet: &str) {
        assert_eq!(answer(&self.io, Request::post(&self.url), packet).await, "1");
    }

    async fn ask(&mut self, packet: &str) -> String {
        self.send(packet).await;
        answer(&self.io, Request::get(&self.url), "").await
    }
}

struct Quiet;

#[socket_connection]
#[guard(slow)]
impl Quiet {
    #[on_open]
    fn open(socket: &Socket) -> Self {
        socket.join("in");
        Self
    }
}

/// A guard of all connections that waits for the test.
struct Gate(Arc<Notify>);

impl Guard for Gate {
    type Value = ();
    type State = NoState;

    async fn check(&self, socket: &Socket, _: NoState) -> Result<(), Reject> {
        socket.join("before it is in");
        self.0.notified().await;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_finds_or_reaches_a_connection_before_all_guards_have_let_it_pass() {
    let first = Arc::new(Notify::new());
    let app = app();
    let second = Arc::clone(&app.gate);
    let io = SocketIo::builder::<Quiet>().state(app).guard(Gate(Arc::clone(&first))).build();
    let connecting = tokio::spawn(socketio_core::test::TestClient::connect(&io).into_future());
    for gate in [first, second] {
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(io.sessions(), 1);
        assert_eq!(io.of("").sockets().await.unwrap(), []);
        assert_eq!(io.of("").emit_with_ack::<()>("too early", ()).await.unwrap().len(), 0);
        io.emit("too early", ()).unwrap();
        gate.notify_one();
    }
    let client = connecting.await.unwrap().unwrap();
    assert_eq!(io.of("").rooms().await.unwrap(), ["in"]);
    io.to("in").emit("in time", ()).unwrap();
    client.expect::<()>("in time").await;
}

const SECRET: &str = "db.internal:5432 refused";

#[guard]
fn stock() -> Result<(), std::io::Error> {
    Err(std::io::Error::other(SECRET))
}

struct Door;

#[socket_connection]
impl Door {
    #[on_open]
    fn open(info: &ConnectionInfo) -> Result<Self, Reject> {
        match info.query("door") {
            Some("shut") => Err(std::io::Error::other(SECRET))?,
            _ => Ok(Self),
        }
    }

    #[event]
    #[guard(stock)]
    fn buy(&self) {}
}

#[tokio::test]
async fn what_an_error_of_the_server_says_is_not_told_to_clients() {
    let addr = serve(SocketIo::builder::<Door>().build()).await;
    let open = async |query: &str| {
        let url = format!("/socket.io/?EIO=4&transport=websocket{query}");
        let mut socket = WebSocket::open(addr, &url, &[], "13").await.unwrap();
        assert_eq!(socket.answer().await.unwrap().status, 101);
        socket.receive().await.unwrap();
        socket.send_text("40").await.unwrap();
        socket
    };
    let told = async |socket: &mut WebSocket| {
        socket.receive().await.unwrap().unwrap().text().unwrap().to_owned()
    };
    let mut refused = open("&door=shut").await;
    assert_eq!(told(&mut refused).await, r#"44{"message":"internal error"}"#);
    let mut let_in = open("").await;
    assert!(told(&mut let_in).await.starts_with("40{"));
    let_in.send_text(r#"421["buy"]"#).await.unwrap();
    assert_eq!(told(&mut let_in).await, r#"431[{"error":"internal error"}]"#);
}
