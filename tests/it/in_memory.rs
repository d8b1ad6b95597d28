//! The test client: the whole way to a handler and back without a network, and what it says when it fails.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use socketio_core::test::{Closed, TestClient};
use socketio_core::{Parser, Protocol, Recovery, SocketIo, Transport, prelude::*};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep};

/// Where `#[on_close]` says why.
#[derive(Clone)]
struct Reasons(UnboundedSender<CloseReason>);

struct Talk;

#[socket_connection]
#[endpoints("/side" => Talk, "/room/{id}" => Talk)]
impl Talk {
    #[on_open]
    fn open(socket: &Socket, info: &ConnectionInfo) -> Result<Self, Reject> {
        if info.query("refuse").is_some() {
            return Err(Reject::unauthorized("not you").with_data(7));
        }
        if !socket.recovered() {
            socket.join("all");
        }
        Ok(Self)
    }

    #[event]
    fn about(&self, socket: &Socket, info: &ConnectionInfo) -> Value {
        json!({
            "id": socket.id().to_string(),
            "query": info.query("name"),
            "param": info.param("id"),
            "cookie": info.cookie("a"),
            "auth": serde_json::from_str::<Value>(&info.auth()).unwrap_or_default().get("token"),
            "from": info.remote_addr(),
            "v4": socket.protocol() == Protocol::V4,
            "websocket": socket.transport() == Some(Transport::WebSocket),
        })
    }

    #[event]
    fn echo(&self, #[rest] args: Vec<Value>) -> Vec<Value> {
        args
    }

    #[event]
    fn nothing(&self) {}

    #[event]
    fn pair(&self, a: u8, b: String) -> (u8, String) {
        (a, b)
    }

    #[event]
    fn fail(&self) -> Result<(), &'static str> {
        Err("no")
    }

    #[event]
    fn file(&self, socket: &Socket, name: &str, data: Binary) -> Result<Binary, EmitError> {
        socket.emit("file", (name, &data, &data))?;
        Ok(data)
    }

    #[event]
    fn say(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.to("all").emit("said", text)
    }

    #[event]
    async fn later(&self, socket: &Socket, seconds: u64) -> Result<(), EmitError> {
        sleep(Duration::from_secs(seconds)).await;
        socket.emit("late", seconds)
    }

    #[event]
    async fn ask(&self, socket: &Socket, question: &str) -> Result<u8, String> {
        let answer = socket.emit_with_ack("asked", question).await;
        answer.map_err(|error| error.to_string())
    }

    #[event]
    fn kick(&self, socket: &Socket) -> Result<(), EmitError> {
        socket.emit("bye", ())?;
        socket.disconnect();
        Ok(())
    }

    #[event]
    fn panic(&self) {
        panic!("as told");
    }

    #[on_close]
    fn close(&self, reason: CloseReason, State(Reasons(reasons)): State<Reasons>) {
        let _nobody_asks = reasons.send(reason);
    }
}

fn built() -> (SocketIo, UnboundedReceiver<CloseReason>) {
    let (reasons, told) = unbounded_channel();
    (SocketIo::builder::<Talk>().state(Reasons(reasons)).build(), told)
}

async fn client() -> TestClient {
    TestClient::connect(&built().0).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn handlers_see_what_the_test_says_of_its_client() {
    let (io, _) = built();
    let address: SocketAddr = "[2001:db8::1]:99".parse().unwrap();
    let connecting = TestClient::connect(&io).endpoint("/room/7").query("name", "Joes & Ann");
    let connecting = connecting.header("cookie", "a=b").remote_addr(address);
    let client = connecting.auth(json!({ "token": 1 })).await.unwrap();
    let expected = json!({
        "id": client.id(),
        "query": "Joes & Ann",
        "param": "7",
        "cookie": "b",
        "auth": 1,
        "from": address,
        "v4": true,
        "websocket": true,
    });
    assert_eq!(client.call("about", ()).await, Ok(expected));
}

#[tokio::test(start_paused = true)]
async fn a_client_is_told_why_it_is_not_let_in() {
    let (io, _) = built();
    let legacy = SocketIo::builder::<Talk>().protocols([Protocol::Legacy]);
    let legacy = legacy.state(Reasons(unbounded_channel().0)).build();
    let origin = ("origin", "https://example.com");
    for (connecting, message, data) in [
        (TestClient::connect(&io).query("refuse", ""), "not you", json!(7)),
        (TestClient::connect(&io).endpoint("/nope"), "Invalid namespace", Value::Null),
        (
            TestClient::connect(&io).header(origin.0, origin.1),
            "400 Bad Request: Forbidden",
            Value::Null,
        ),
        (
            TestClient::connect(&legacy),
            "400 Bad Request: Unsupported protocol version",
            Value::Null,
        ),
    ] {
        let refused = connecting.await.unwrap_err();
        assert_eq!((&*refused.message, refused.data), (message, data));
    }
    io.close().await;
    let refused = TestClient::connect(&io).await.unwrap_err();
    assert_eq!(refused.message, "503 Service Unavailable: server is shutting down");
}

#[tokio::test(start_paused = true)]
async fn a_call_gives_what_the_handler_returns() {
    let client = client().await;
    assert_eq!(client.call("nothing", ()).await, Ok(()));
    assert_eq!(client.call("pair", (1, "a")).await, Ok((1, "a".to_owned())));
    assert_eq!(client.call("pair", kwargs! { b: "a", a: 1 }).await, Ok((1, "a".to_owned())));
    assert_eq!(client.call("echo", json!([1])).await, Ok(vec![json!([1])]));
    assert_eq!(client.call::<()>("fail", ()).await.unwrap_err().error, "no");
    let missing = client.call::<()>("pair", 1).await.unwrap_err();
    assert_eq!(missing.error, "event `pair`: argument `b` is missing");
    let both = tokio::join!(client.call("echo", 1), client.call("echo", 2));
    assert_eq!(both, (Ok([1]), Ok([2])));
}

#[tokio::test(start_paused = true)]
async fn binary_values_go_both_ways_with_either_parser() {
    for parser in [Parser::Json, Parser::MsgPack] {
        let builder = SocketIo::builder::<Talk>().parser(parser);
        let io = builder.state(Reasons(unbounded_channel().0)).build();
        let client = TestClient::connect(&io).endpoint("/side").await.unwrap();
        let data = Binary::from(vec![0, 255]);
        assert_eq!(client.call("file", ("a", &data)).await, Ok(data.clone()));
        let file: (String, Binary, Binary) = client.expect("file").await;
        assert_eq!(file, ("a".to_owned(), data.clone(), data));
    }
}

#[tokio::test(start_paused = true)]
async fn clients_of_one_server_hear_each_other_and_nobody_else() {
    let (io, other) = (built().0, built().0);
    let connect = async |io| TestClient::connect(io).await.unwrap();
    let (ann, bob, stranger) = (connect(&io).await, connect(&io).await, connect(&other).await);
    ann.emit("say", "one");
    ann.emit("say", "two");
    for text in ["one", "two"] {
        assert_eq!(bob.expect::<String>("said").await, text);
    }
    ann.expect_nothing().await;
    stranger.expect_none("said").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_ignored_is_passed_over_and_what_is_not_taken_waits() {
    let (io, _) = built();
    let client = TestClient::connect(&io).await.unwrap();
    io.emit("noise", ()).unwrap();
    io.emit("tick", 1).unwrap();
    client.ignore("noise");
    client.expect_none("tock").await;
    io.emit("noise", ()).unwrap();
    assert_eq!(client.expect::<u8>("tick").await, 1);
    client.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn the_server_is_answered_or_waits_for_as_long_as_it_says() {
    let client = client().await;
    let (answer, ()) = tokio::join!(client.call("ask", "how many?"), async {
        let question = client.expect_call::<String>("asked").await;
        assert_eq!(question.args, "how many?");
        question.answer(7);
    });
    assert_eq!(answer, Ok(7));

    let patient = TestClient::connect(&built().0).patience(Duration::from_secs(60)).await.unwrap();
    let (answer, _) =
        tokio::join!(patient.call::<u8>("ask", "well?"), patient.expect_call::<String>("asked"));
    assert_eq!(answer.unwrap_err().error, "the client did not acknowledge in time");
}

#[tokio::test(start_paused = true)]
async fn a_client_answers_heartbeats_by_itself_and_hours_take_no_time() {
    let (client, before, clock) = (client().await, Instant::now(), std::time::Instant::now());
    sleep(Duration::from_secs(3600)).await;
    client.emit("later", 3);
    assert_eq!(client.expect::<u64>("late").await, 3);
    assert!(before.elapsed() >= Duration::from_secs(3603));
    assert!(clock.elapsed() < Duration::from_secs(3600));
}

#[tokio::test]
async fn it_works_on_a_clock_that_runs() {
    let client = client().await;
    client.call::<()>("nothing", ()).await.unwrap();
    client.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn the_server_sees_how_a_client_goes() {
    let ways: [(fn(TestClient), CloseReason); 4] = [
        (TestClient::disconnect, CloseReason::ClientDisconnect),
        (drop, CloseReason::TransportClosed),
        (|client| drop(client.drop_connection()), CloseReason::TransportError),
        (|client| client.emit("echo", "a".repeat(1 << 20)), CloseReason::MessageTooBig),
    ];
    for (go, reason) in ways {
        let (io, mut told) = built();
        go(TestClient::connect(&io).await.unwrap());
        assert_eq!(told.recv().await, Some(reason));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_sees_how_the_server_ends_it() {
    let (io, mut told) = built();
    let client = TestClient::connect(&io).await.unwrap();
    client.emit("kick", ());
    let () = client.expect("bye").await;
    assert_eq!(client.expect_closed().await, Closed::Disconnected);
    assert_eq!(client.expect_closed().await, Closed::Disconnected);
    assert_eq!(told.recv().await, Some(CloseReason::ServerDisconnect));

    let client = TestClient::connect(&io).await.unwrap();
    client.emit("echo", "a".repeat(1 << 20));
    assert_eq!(client.expect_closed().await, Closed::Transport(1009));

    let client = TestClient::connect(&io).await.unwrap();
    let (closed, ()) = tokio::join!(client.expect_closed(), io.close());
    assert_eq!(closed, Closed::Transport(1001));
}

#[tokio::test(start_paused = true)]
async fn endpoints_that_are_joined_share_one_connection() {
    let (io, mut told) = built();
    let root = TestClient::connect(&io).query("name", "Ann").await.unwrap();
    let side = root.join_endpoint("/side", json!({ "token": 2 })).await.unwrap();
    assert!(root.join_endpoint("/nope", ()).await.is_err());
    assert_eq!(io.sessions(), 1);
    let about: Value = side.call("about", ()).await.unwrap();
    assert_eq!((&about["query"], &about["auth"]), (&json!("Ann"), &json!(2)));
    io.of("/side").emit("tick", 1).unwrap();
    root.expect_nothing().await;
    assert_eq!(side.expect::<u8>("tick").await, 1);

    side.disconnect();
    assert_eq!(told.recv().await, Some(CloseReason::ClientDisconnect));
    root.call::<()>("nothing", ()).await.unwrap();
    let side = root.join_endpoint("/side", ()).await.unwrap();
    root.emit("kick", ());
    assert_eq!(side.expect_closed().await, Closed::Disconnected);
}

#[tokio::test(start_paused = true)]
async fn a_client_comes_back_to_what_it_missed() {
    let builder = SocketIo::builder::<Talk>().recovery(Recovery::default());
    let io = builder.state(Reasons(unbounded_channel().0)).build();
    let ann = TestClient::connect(&io).await.unwrap();
    let bob = TestClient::connect(&io).await.unwrap();
    for text in ["one", "two"] {
        bob.call::<()>("say", text).await.unwrap();
    }
    assert_eq!(ann.expect::<String>("said").await, "one");
    io.emit("tick", 1).unwrap();
    ann.ignore("tick");
    ann.expect_none("other").await;
    let id = ann.id().to_owned();
    let lost = ann.drop_connection();
    bob.call::<()>("say", "three").await.unwrap();
    let back = TestClient::connect(&io).recover(lost).await.unwrap();
    assert_eq!(back.id(), id);
    assert_eq!(back.expect::<String>("said").await, "three");
    back.expect_nothing().await;

    let again = TestClient::connect(&io).recover(back.drop_connection()).await.unwrap();
    assert_eq!(again.id(), id);
    again.disconnect();
    let new = TestClient::connect(&io).await.unwrap();
    assert_ne!(new.id(), id);
}

/// What a test says that fails: behind the place of the expectation.
async fn message<T: Send + 'static>(test: impl Future<Output = T> + Send + 'static) -> String {
    let panic = tokio::spawn(test).await.err().expect("the test has passed").into_panic();
    let text = panic.downcast::<String>().unwrap();
    let (place, what) = text.split_once(": ").unwrap();
    let (file, at) = place.split_once(".rs:").unwrap();
    assert!(file.ends_with("in_memory") && at.split(':').count() == 2, "{place}");
    what.to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_wrong_expectation_fails_and_says_what_came() {
    let (io, _) = built();
    let io = Arc::new(io);
    let failed = async |test: &'static str, came: &[&'static str]| {
        let client = TestClient::connect(&io).await.unwrap();
        for event in came {
            let (name, args) = event.split_once(' ').unwrap();
            let args: Vec<Value> = serde_json::from_str(args).unwrap();
            io.emit(name, args).unwrap();
        }
        message(async move {
            match test {
                "expect" => client.expect("a").await,
                "expect typed" => drop(client.expect::<(u8, String)>("a").await),
                "expect_call" => drop(client.expect_call::<Value>("a").await),
                "expect_none" => client.expect_none("a").await,
                "expect_nothing" => client.expect_nothing().await,
                "expect_closed" => drop(client.expect_closed().await),
                "call" => client.call("unheard", ()).await.unwrap(),
                "call typed" => drop(client.call::<u8>("echo", "a").await),
                "after the end" => {
                    client.call::<()>("panic", ()).await.unwrap_err();
                    client.expect::<()>("a").await;
                }
                "emit after the end" => {
                    client.emit("kick", ());
                    let () = client.expect("bye").await;
                    client.expect_closed().await;
                    client.emit("a", ());
                }
                _ => unreachable!("{test}"),
            }
        })
        .await
    };
    for (test, came, said) in [
        (
            "expect",
            &["b [1]", "c []"][..],
            "expected the event \"a\", but another event came\n  came: \"b\" [[1]]\n  came: \"c\" [[]]",
        ),
        ("expect", &[], "expected the event \"a\", but it did not come within 5s"),
        (
            "expect typed",
            &["a [1]"],
            "expected the event \"a\" with (u8, alloc::string::String), but it came with [[1]]: \
             invalid length 1, expected a tuple of size 2 at line 1 column 3",
        ),
        ("expect_call", &["a [1]"], "\"a\" asks for no acknowledgement: use `expect`"),
        (
            "expect_none",
            &["b []", "a []"],
            "expected no event \"a\", but there is\n  came: \"b\" [[]]\n  came: \"a\" [[]]",
        ),
        ("expect_nothing", &["b []"], "expected no event, but there is\n  came: \"b\" [[]]"),
        (
            "expect_closed",
            &["b []"],
            "expected the end of the connection, but another event came\n  came: \"b\" [[]]",
        ),
        ("call", &[], "expected the answer to \"unheard\", but it did not come within 5s"),
        (
            "call",
            &["b []"],
            "expected the answer to \"unheard\", but it did not come within 5s\n  came: \"b\" [[]]",
        ),
        (
            "call typed",
            &[],
            "expected the answer to \"echo\" with u8, but it came with [[\"a\"]]: invalid type: \
             sequence, expected u8 at line 1 column 0",
        ),
        (
            "after the end",
            &[],
            "expected the event \"a\", but the connection has ended: Disconnected",
        ),
        ("emit after the end", &[], "nothing can be sent: the connection has ended"),
    ] {
        assert_eq!(failed(test, came).await, said, "{test}");
    }
}
