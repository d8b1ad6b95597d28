//! Typed calls to clients: what leaves is what the event's name would send, and what comes back is the type.

use std::borrow::Cow;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use socketio_core::test::TestClient;
use socketio_core::{AckId, Args, JsonText, ReceivedBy, Reply, SocketIo, prelude::*};
use socketio_tests::websocket::{BINARY, WebSocket};

use crate::client::serve;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
}

#[derive(Serialize)]
struct OutOnly(u8);

#[client_events]
trait ChatClient {
    fn nothing();
    fn text(text: &str);
    #[event("two words")]
    fn words(from: &Person, text: String);
    fn list(people: &[Person]);
    fn tuple(pair: (u8, u8));
    fn bytes(name: &str, data: &[u8]);
    fn optional(a: u8, b: Option<&str>, c: Option<Person>);
    fn maybe_bytes(data: Option<&[u8]>);
    #[event(args = "keyword")]
    fn keyword(x: Option<u8>, #[arg(name = "type")] kind: &str);
    fn out_only(value: OutOnly);
    async fn confirm(question: &str) -> bool;
    async fn pair(at: Option<u8>) -> (u8, String);
    async fn done();
}

type Chatting = Socket<dyn ChatClient>;

#[derive(Default)]
struct Chat;

fn person() -> Person {
    Person { name: "Joes".to_owned() }
}

#[socket_connection(client = ChatClient)]
#[endpoints("/game" => Game)]
impl Chat {
    /// Each event twice: by its method, and by its name.
    #[event]
    fn twice(&self, #[ctx] socket: &Chatting, by_name: Socket) -> Result<(), EmitError> {
        let (call, joes) = (socket.client(), person());
        let list = [joes.clone(), joes.clone()];
        call.nothing()?;
        by_name.emit("nothing", ())?;
        call.text("a \"b\"")?;
        by_name.emit("text", "a \"b\"")?;
        call.words(&joes, "hi".to_owned())?;
        by_name.emit("two words", (&joes, "hi"))?;
        call.list(&list)?;
        by_name.emit("list", (list,))?;
        call.tuple((1, 2))?;
        by_name.emit("tuple", ((1, 2),))?;
        call.bytes("x", &[1, 2])?;
        by_name.emit("bytes", ("x", Binary(vec![1, 2].into())))?;
        call.optional(1, None, None)?;
        by_name.emit("optional", (1, (), ()))?;
        call.optional(1, Some("b"), None)?;
        by_name.emit("optional", (1, "b", ()))?;
        call.optional(1, None, Some(joes.clone()))?;
        by_name.emit("optional", (1, (), joes))?;
        call.maybe_bytes(None)?;
        by_name.emit("maybe_bytes", None::<u8>)?;
        call.maybe_bytes(Some(&[7]))?;
        by_name.emit("maybe_bytes", Binary(vec![7].into()))?;
        call.keyword(None, "a")?;
        by_name.emit("keyword", kwargs! { "type": "a" })?;
        call.keyword(Some(1), "a")?;
        by_name.emit("keyword", kwargs! { x: 1, "type": "a" })?;
        call.out_only(OutOnly(3))?;
        by_name.emit("out_only", 3)
    }

    #[event(concurrent)]
    async fn ask(&self, socket: &Socket<dyn ChatClient>) -> Result<Value, String> {
        let ask = async {
            let yes = socket.client().confirm("sure?").await?;
            let (number, name) =
                socket.client().pair(Some(2)).timeout(Duration::from_secs(20)).await?;
            socket.client().done().await?;
            Ok::<_, AckError>(json!([yes, number, name]))
        };
        ask.await.map_err(|error| error.to_string())
    }

    /// To all but oneself who are in the room, then to all.
    #[event(concurrent)]
    async fn ask_many(&self, socket: &Socket<dyn ChatClient>, room: &str) -> Vec<bool> {
        let answers = socket.to(room).timeout(Duration::from_secs(20)).client().confirm("many?");
        let answers = answers.await.unwrap_or_default();
        answers.into_iter().filter_map(|(_, answer)| answer.ok()).collect()
    }

    #[event]
    fn join(&self, socket: &Socket<dyn ChatClient>, room: &str) {
        socket.join(room);
    }

    #[event]
    fn tell(&self, socket: &Socket<dyn ChatClient>, whom: &str) -> Result<(), EmitError> {
        match whom {
            "room" => socket.to("room").client().text(whom),
            "others" => socket.broadcast().client().text(whom),
            "all" => socket.server().client().text(whom),
            "volatile" => socket.volatile().client().text(whom),
            "game" => socket.server().of("/game").typed::<dyn GameClient>().client().started(1),
            _ => socket.client().text("nobody"),
        }
    }
}

#[client_events]
trait GameClient {
    fn started(level: u8);
}

#[derive(Default)]
struct Game;

#[socket_connection(client = GameClient, strict)]
impl Game {}

fn io() -> SocketIo {
    SocketIo::builder::<Chat>().build()
}

#[tokio::test]
async fn a_call_sends_what_the_name_would() {
    let addr = serve(io()).await;
    let path = "/socket.io/?EIO=4&transport=websocket";
    let mut socket = WebSocket::open(addr, path, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    for packet in ["40", r#"420["twice"]"#] {
        socket.send_text(packet).await.unwrap();
    }
    let mut frames = Vec::new();
    loop {
        let frame = socket.receive().await.unwrap().unwrap();
        match frame.text() {
            Some(text) if text.starts_with("430") => break,
            Some(text) if text.starts_with('0') || text.starts_with("40") => {}
            _ => frames.push(frame),
        }
    }
    // Those with attachments are of two frames.
    let events: Vec<_> = frames.chunk_by(|_, next| next.opcode() == BINARY).collect();
    let pairs: Vec<_> = events.chunks(2).collect();
    assert_eq!(pairs.len(), 14);
    for pair in pairs {
        assert_eq!(pair[0], pair[1]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_is_of_the_type_that_the_trait_says() {
    let client = TestClient::connect(&io()).await.unwrap();
    let (answer, ()) = tokio::join!(client.call::<Value>("ask", ()), async {
        let question = client.expect_call::<String>("confirm").await;
        assert_eq!(question.args, "sure?");
        question.answer(true);
        let question = client.expect_call::<u8>("pair").await;
        assert_eq!(question.args, 2);
        question.answer((3, "x"));
        client.expect_call::<()>("done").await.answer(());
    });
    assert_eq!(answer.unwrap(), json!([true, 3, "x"]));

    let (answer, ()) = tokio::join!(client.call::<Value>("ask", ()), async {
        client.expect_call::<String>("confirm").await.answer("yes");
    });
    let error = answer.unwrap_err().to_string();
    assert!(error.contains("acknowledged with something else"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_call_reaches_whom_it_is_for() {
    let io = io();
    let me = TestClient::connect(&io).await.unwrap();
    let member = TestClient::connect(&io).await.unwrap();
    let other = TestClient::connect(&io).await.unwrap();
    let player = other.join_endpoint("/game", ()).await.unwrap();
    for client in [&me, &member] {
        client.call::<()>("join", "room").await.unwrap();
    }
    let all = [&me, &member, &other];
    for (whom, reached) in [
        ("room", [false, true, false]),
        ("others", [false, true, true]),
        ("all", [true, true, true]),
        ("volatile", [true, false, false]),
        ("game", [false, false, false]),
    ] {
        me.call::<()>("tell", whom).await.unwrap();
        for (client, is_reached) in all.into_iter().zip(reached) {
            if is_reached {
                assert_eq!(client.expect::<String>("text").await, whom);
            }
            client.expect_nothing().await;
        }
    }
    assert_eq!(player.expect::<u8>("started").await, 1);

    io.of("").to("room").typed::<dyn ChatClient>().client().nothing().unwrap();
    io.typed::<dyn ChatClient>().client().text("io").unwrap();
    for client in [&me, &member] {
        client.expect::<()>("nothing").await;
        assert_eq!(client.expect::<String>("text").await, "io");
    }
    assert_eq!(other.expect::<String>("text").await, "io");
}

#[tokio::test(start_paused = true)]
async fn many_acknowledge_one_call() {
    let io = io();
    let me = TestClient::connect(&io).await.unwrap();
    let answering = |answer: bool| {
        let io = io.clone();
        async move {
            let client = TestClient::connect(&io).await.unwrap();
            client.call::<()>("join", "room").await.unwrap();
            (client, answer)
        }
    };
    let members = [answering(true).await, answering(false).await];
    let answer = async |(client, answer): &(TestClient, bool)| {
        client.expect_call::<String>("confirm").await.answer(answer);
    };
    let answers = me.call::<Vec<bool>>("ask_many", "room");
    let (answers, (), ()) = tokio::join!(answers, answer(&members[0]), answer(&members[1]));
    let mut answers = answers.unwrap();
    answers.sort_unstable();
    assert_eq!(answers, [false, true]);
}

/// A client in Rust, which says what it was called with.
#[client_events]
trait RobotClient {
    fn nothing();
    #[event("two words")]
    fn words(from: &Person, text: &str, tags: &[u8], list: &[u8]);
    fn optional(number: u8, text: Option<&str>, person: Option<&Person>, more: Option<&[u16]>);
    #[event(args = "keyword")]
    fn keyword(x: Option<u8>, #[arg(name = "type")] kind: Cow<'_, str>);
    async fn add(a: i64, b: i64) -> (i64, String);
}

#[derive(Default)]
struct Robot(Mutex<Vec<String>>);

impl Robot {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

impl RobotClient for Robot {
    fn nothing(&self) {
        self.note("nothing".to_owned());
    }

    fn words(&self, from: &Person, text: &str, tags: &[u8], list: &[u8]) {
        self.note(format!("{} {text} {tags:?} {list:?}", from.name));
    }

    fn optional(
        &self,
        number: u8,
        text: Option<&str>,
        person: Option<&Person>,
        more: Option<&[u16]>,
    ) {
        self.note(format!("{number} {text:?} {} {more:?}", person.is_some()));
    }

    fn keyword(&self, x: Option<u8>, kind: Cow<'_, str>) {
        self.note(format!("{x:?} {kind}"));
    }

    async fn add(&self, a: i64, b: i64) -> (i64, String) {
        tokio::task::yield_now().await;
        (a + b, "sum".to_owned())
    }
}

#[tokio::test]
async fn a_client_in_rust_receives_what_its_trait_says() {
    for (name, args, ack, expected) in [
        ("nothing", "[]", None, Ok("nothing")),
        // What a newer server sends beside.
        ("nothing", "[1]", None, Ok("nothing")),
        ("nothing", "[]", Some("7"), Ok("Ack([])")),
        (
            "two words",
            r#"[{"name":"Joes"},"a\n",{"_placeholder":true,"num":0},[3]]"#,
            None,
            Ok("Joes a\n [1, 2] [3]"),
        ),
        ("two words", r#"[{"name":"Joes"}]"#, None, Err("argument `text` is missing")),
        ("optional", "[1]", None, Ok("1 None false None")),
        ("optional", r#"[1,null,{"name":"x"},[300]]"#, None, Ok("1 None true Some([300])")),
        ("optional", r#"["1"]"#, None, Err("argument `number`")),
        ("keyword", r#"[{"type":"a"}]"#, None, Ok("None a")),
        ("keyword", r#"[{"type":"a","x":2}]"#, None, Ok("Some(2) a")),
        ("keyword", r#"["a"]"#, None, Err("keyword")),
        ("add", "[1,2]", Some("7"), Ok(r#"Ack([3,"sum"])"#)),
        ("add", "[1,2]", None, Ok("")),
        ("unknown", "[]", None, Ok("Unhandled")),
    ] {
        let json = JsonText::new(args, vec![Bytes::from_static(&[1, 2])]);
        let event = Event::new(name.into(), Args::from_json(json), ack.map(AckId::new));
        let robot = Robot::default();
        let reply = <dyn RobotClient as ReceivedBy<Robot>>::receive(&robot, &event).await;
        let noted = robot.0.into_inner().unwrap();
        match (reply, expected) {
            (Ok(Reply::Done), Ok(expected)) => {
                assert_eq!(noted.concat(), expected, "{name} {args}");
            }
            (Ok(Reply::Ack(values)), Ok(expected)) => {
                assert_eq!(format!("Ack({})", values.as_str()), expected, "{name} {args}");
            }
            (Ok(reply), Ok(expected)) => assert_eq!(format!("{reply:?}"), expected),
            (Err(error), Err(expected)) => {
                assert!(error.to_string().contains(expected), "{error}");
            }
            (reply, expected) => panic!("{name} {args}: {reply:?}, expected {expected:?}"),
        }
    }
}
