//! Events, acknowledgements, endpoints and rooms, over both transports.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use socketio_core::{SocketIo, prelude::*};

use crate::client::{BOTH, Client, Via, serve};

/// What happened, in order, as handlers saw it.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

struct Talk {
    diary: Diary,
    name: String,
}

#[socket_connection]
#[endpoints("/room" => Room, "/private" => Private)]
impl Talk {
    #[on_open]
    async fn open(
        socket: &Socket,
        info: &ConnectionInfo,
        State(diary): State<Diary>,
    ) -> Result<Self, Reject> {
        let name = info.query("name").unwrap_or("nobody").to_owned();
        tokio::task::yield_now().await;
        socket.emit("welcome", &name)?;
        Ok(Talk { diary, name })
    }

    #[event]
    fn hello(
        &self,
        name: &str,
        times: Option<u32>,
        #[default = "!".to_owned()] end: String,
    ) -> String {
        format!("{}{end}", name.repeat(times.unwrap_or(1) as usize))
    }

    #[event]
    async fn rename(&mut self, name: String) -> (String, String) {
        let old = std::mem::replace(&mut self.name, name);
        tokio::task::yield_now().await;
        (old, self.name.clone())
    }

    #[event("ask client")]
    async fn ask_client(&self, socket: &Socket, question: String) -> Result<i64, String> {
        let answer = socket.emit_with_ack::<i64>("question", question);
        answer.timeout(Duration::from_secs(20)).await.map_err(|error| error.to_string())
    }

    #[event]
    async fn hurry_client(&self, socket: &Socket) -> String {
        let answer = socket.emit_with_ack::<()>("question", ()).timeout(Duration::from_millis(1));
        answer.await.unwrap_err().to_string()
    }

    #[event]
    fn later(&self, ack: AckSender) {
        tokio::spawn(async move { ack.send((1, "two")) });
    }

    #[event]
    async fn slow(&self, n: u32) {
        for _ in 0..(10 - n.min(10)) {
            tokio::task::yield_now().await;
        }
        self.diary.note(format!("slow {n}"));
    }

    #[event]
    fn leave(&self, socket: &Socket) {
        socket.disconnect();
    }

    #[on_event]
    fn other(&self, event: &Event) -> String {
        format!("no {}", event.name())
    }

    #[on_close]
    async fn close(&mut self, reason: CloseReason) {
        tokio::task::yield_now().await;
        self.diary.note(format!("{} left: {reason}", self.name));
    }
}

struct Room {
    diary: Diary,
    query: String,
}

#[socket_connection]
impl Room {
    #[on_open]
    fn open(info: &ConnectionInfo, State(diary): State<Diary>) -> Self {
        Room { diary, query: info.query("q").unwrap_or("").to_owned() }
    }

    #[event]
    fn query(&self) -> &str {
        &self.query
    }

    #[event]
    fn join(&self, socket: &Socket, room: String) -> Vec<String> {
        socket.join(&room);
        socket.rooms()
    }

    #[event]
    fn say(
        &self,
        socket: &Socket,
        text: String,
        #[rest] rooms: Vec<String>,
    ) -> Result<(), EmitError> {
        let to = if rooms.is_empty() { socket.broadcast() } else { socket.to(rooms) };
        to.except("deaf").emit("said", text)
    }

    #[event]
    fn kick(&self, socket: &Socket) {
        socket.close();
    }

    #[on_close]
    fn close(&mut self, reason: CloseReason) {
        self.diary.note(format!("room left: {reason}"));
    }
}

struct Private;

#[socket_connection]
impl Private {
    #[on_open]
    fn open(socket: &Socket) -> Result<Self, Reject> {
        socket.join("staff");
        socket.emit("secret", 42)?;
        Err(Reject::unauthorized("members only"))
    }
}

async fn start() -> (SocketAddr, SocketIo, Diary) {
    let diary = Diary::default();
    let io = SocketIo::builder::<Talk>().state(diary.clone()).build();
    (serve(io.clone()).await, io, diary)
}

async fn connect(addr: SocketAddr, via: Via) -> Client {
    let mut client = Client::connect_with(addr, via, "?name=Joes").await;
    let welcome = client.next().await;
    assert_eq!(welcome.as_deref(), Some(r#"5:::{"name":"welcome","args":["Joes"]}"#));
    client
}

/// Waits until the last session's task has ended.
async fn until_gone(io: &SocketIo) {
    while io.sessions() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_are_positional_or_by_keyword_and_answered_with_what_is_returned() {
    let (addr, ..) = start().await;
    for via in BOTH {
        let mut client = connect(addr, via).await;
        for (packet, answer) in [
            (r#"5:1+::{"name":"hello","args":["a"]}"#, r#"6:::1+["a!"]"#),
            (r#"5:2+::{"name":"hello","args":["a",2,"?"]}"#, r#"6:::2+["aa?"]"#),
            (
                r#"5:3+::{"name":"hello","args":[{"end":".","name":"\ud83d\ude00"}]}"#,
                r#"6:::3+["😀."]"#,
            ),
            (r#"5:4+::{"name":"rename","args":["Ann"]}"#, r#"6:::4+["Joes","Ann"]"#),
            (r#"5:5+::{"name":"later"}"#, r#"6:::5+[1,"two"]"#),
            (r#"5:6+::{"name":"slow","args":[10]}"#, "6:::6"),
            (r#"5:7+::{"name":"what"}"#, r#"6:::7+["no what"]"#),
        ] {
            assert_eq!(client.ask(packet).await, answer, "{via:?}");
        }
    }
}

#[tokio::test]
async fn a_handler_awaits_the_clients_acknowledgement_without_holding_up_the_session() {
    let (addr, ..) = start().await;
    for via in BOTH {
        let mut client = connect(addr, via).await;
        let question = client.ask(r#"5:1+::{"name":"ask client","args":["6*7?"]}"#).await;
        assert_eq!(question, r#"5:1+::{"name":"question","args":["6*7?"]}"#);
        // An automatic acknowledgement passes while the handler waits.
        assert_eq!(client.ask(r#"5:8::{"name":"what"}"#).await, "6:::8");
        assert_eq!(client.ask("6:::1+[42]").await, "6:::1+[42]");

        client.send(r#"5:2+::{"name":"hurry_client"}"#).await;
        assert_eq!(client.next().await.as_deref(), Some(r#"5:2+::{"name":"question"}"#));
        let late = r#"6:::2+["the client did not acknowledge in time"]"#;
        assert_eq!(client.next().await.as_deref(), Some(late));
    }
}

#[tokio::test]
async fn handlers_run_in_order_and_finish_before_the_close_handler() {
    for via in BOTH {
        let (addr, io, diary) = start().await;
        let mut client = connect(addr, via).await;
        for n in 0..5 {
            client.send(&format!(r#"5:::{{"name":"slow","args":[{n}]}}"#)).await;
        }
        client.send("0::").await;
        client.rest().await;
        drop(client);
        until_gone(&io).await;
        let mut expected: Vec<_> = (0..5).map(|n| format!("slow {n}")).collect();
        expected.push("Joes left: client disconnect".to_owned());
        assert_eq!(diary.lines(), expected, "{via:?}");
    }
}

#[tokio::test]
async fn endpoints_share_a_transport_and_close_apart() {
    for via in BOTH {
        let (addr, io, diary) = start().await;
        let mut client = connect(addr, via).await;
        // What is sent too early is held, and only for the endpoint it is for.
        client.send(r#"5:1+:/room:{"name":"query"}"#).await;
        assert_eq!(client.ask("1::/room?q=a%20b&x=1").await, "1::/room");
        assert_eq!(client.next().await.as_deref(), Some(r#"6::/room:1+["a b"]"#));
        assert_eq!(client.ask("1::/private").await, "7::/private:2");
        client.send("1::/nowhere").await;
        assert_eq!(client.ask(r#"5::/room:{"name":"kick"}"#).await, "0::/room");
        assert_eq!(client.ask(r#"5:2+::{"name":"later"}"#).await, r#"6:::2+[1,"two"]"#);
        client.send(r#"5:::{"name":"leave"}"#).await;
        assert_eq!(client.rest().await, ["0::"]);
        drop(client);
        until_gone(&io).await;
        let expected = ["room left: server disconnect", "Joes left: server disconnect"];
        assert_eq!(diary.lines(), expected, "{via:?}");
    }
}

#[tokio::test]
async fn rooms_are_reached_once_each_and_nobody_hears_what_is_for_others() {
    let (addr, io, _) = start().await;
    let mut clients = Vec::new();
    for (via, rooms) in [
        (Via::WebSocket, &["a", "b"][..]),
        (Via::Polling, &["b"]),
        (Via::WebSocket, &["a", "deaf"]),
        (Via::Polling, &[]),
    ] {
        let mut client = connect(addr, via).await;
        assert_eq!(client.ask("1::/room").await, "1::/room");
        for room in rooms {
            let join = format!(r#"5:1+:/room:{{"name":"join","args":["{room}"]}}"#);
            assert!(client.ask(&join).await.contains(room));
        }
        clients.push(client);
    }
    let [ab, b, deaf, outside] = &mut clients[..] else { panic!() };
    let said = |text: &str| format!(r#"5::/room:{{"name":"said","args":["{text}"]}}"#);
    let say = r#"5:2+:/room:{"name":"say","args":["to rooms","a","b"]}"#;
    assert_eq!(outside.ask(say).await, "6::/room:2");
    assert_eq!(ab.ask(r#"5:3+:/room:{"name":"say","args":["to all"]}"#).await, said("to rooms"));
    assert_eq!(ab.next().await.as_deref(), Some("6::/room:3"));
    for client in [&mut *b, &mut *outside] {
        let first = client.next().await.unwrap();
        if first == said("to rooms") {
            assert_eq!(client.next().await.unwrap(), said("to all"));
        } else {
            assert_eq!(first, said("to all"));
        }
    }
    // From outside any connection, to everybody who is left.
    io.of("/room").emit("said", "from outside").unwrap();
    for client in [ab, b, deaf, outside] {
        assert_eq!(client.next().await.unwrap(), said("from outside"));
    }
}

#[tokio::test]
async fn a_refused_endpoint_leaves_nobody_in_its_rooms() {
    let (addr, io, _) = start().await;
    let mut client = connect(addr, Via::WebSocket).await;
    assert_eq!(client.ask("1::/private").await, "7::/private:2");
    io.of("/private").to("staff").emit("secret", 43).unwrap();
    assert_eq!(client.ask(r#"5:1+::{"name":"what"}"#).await, r#"6:::1+["no what"]"#);
}

#[tokio::test]
async fn a_closed_socket_gives_errors() {
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Option<Socket>>>);
    struct Keeper;
    #[socket_connection]
    impl Keeper {
        #[on_open]
        fn open(socket: Socket, State(kept): State<Kept>) -> Self {
            *kept.0.lock().unwrap() = Some(socket);
            Keeper
        }
    }
    let kept = Kept::default();
    let io = SocketIo::builder::<Keeper>().state(kept.clone()).build();
    let mut client = Client::connect(serve(io).await, Via::WebSocket).await;
    let socket = kept.0.lock().unwrap().take().unwrap();
    let waiting = tokio::spawn({
        let socket = socket.clone();
        async move { socket.emit_with_ack::<Value>("never", ()).await }
    });
    assert_eq!(client.next().await.as_deref(), Some(r#"5:1+::{"name":"never"}"#));
    client.send("0::").await;
    assert_eq!(socket.closed().await, CloseReason::ClientDisconnect);
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the connection closed before the acknowledgement");
    assert!(matches!(socket.emit("x", ()), Err(EmitError::Closed)));
    assert!(matches!(socket.emit_with_ack::<()>("x", ()).await, Err(AckError::NotSent(_))));
}
