//! The client for Rust programs against the server, over real sockets, and against servers that do what
//! ours does not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use socketio_core::client::{
    CallError, Calls, Client, ConnectError, Connecting, Reason, State as Stands, Transports,
};
use socketio_core::test::TestClient;
use socketio_core::{Binary, EmitError, NoAck, Recovery, SocketIo, Transport, prelude::*};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::client::serve;

const ALL: [Transports; 3] = [Transports::Both, Transports::Polling, Transports::WebSocket];

/// Tells the test of each connection, and of its end.
#[derive(Clone)]
struct Told(UnboundedSender<(Socket, Value)>, UnboundedSender<CloseReason>);

struct Lobby(Told);

#[socket_connection]
#[endpoints("/chat" => Lobby)]
impl Lobby {
    #[on_open]
    fn open(
        socket: &Socket,
        info: &ConnectionInfo,
        Auth(auth): Auth<Value>,
        State(told): State<Told>,
    ) -> Result<Self, Reject> {
        if auth.get("refuse").is_some() {
            return Err(Reject::error("not today").with_data(json!({ "code": 7 })));
        }
        let known = json!({
            "auth": auth,
            "name": info.query("name"),
            "cookie": info.header("cookie"),
            "endpoint": socket.endpoint(),
        });
        let _over = told.0.send((socket.clone(), known));
        Ok(Self(told))
    }

    #[on_close]
    fn close(&self, reason: CloseReason) {
        let _over = self.0.1.send(reason);
    }

    #[event]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    #[event]
    fn fail(&self) -> Result<(), String> {
        Err("no".to_owned())
    }

    #[event]
    fn reverse(&self, data: &[u8]) -> (Binary, usize) {
        (Binary(data.iter().rev().copied().collect::<Vec<_>>().into()), data.len())
    }

    #[event]
    fn never(&self, ack: AckSender) {
        std::mem::forget(ack);
    }
}

/// A server, and what it tells.
struct Served {
    io: SocketIo,
    addr: SocketAddr,
    opened: UnboundedReceiver<(Socket, Value)>,
    closed: UnboundedReceiver<CloseReason>,
}

impl Served {
    async fn new() -> Self {
        let ((open, opened), (close, closed)) = (unbounded_channel(), unbounded_channel());
        let io = SocketIo::builder::<Lobby>().state(Told(open, close));
        // A server learns only by its heartbeat that a client is gone which was between two polls.
        let io = io.ping_interval(Duration::from_millis(500)).ping_timeout(Duration::from_secs(1));
        let io = io.recovery(Recovery::default()).build();
        Self { addr: serve(io.clone()).await, io, opened, closed }
    }

    async fn opened(&mut self) -> (Socket, Value) {
        self.opened.recv().await.unwrap()
    }
}

fn to(addr: SocketAddr, endpoint: &str) -> Connecting {
    let connecting = Client::connect(&format!("http://{addr}{endpoint}"));
    connecting.reconnection_delay(Duration::from_millis(1))
}

/// Hands all events to the test, each with its arguments as text.
fn told(connecting: Connecting) -> (Connecting, UnboundedReceiver<(String, String)>) {
    let (sender, events) = unbounded_channel();
    let connecting = connecting.on_event(move |event| {
        let _over = sender.send((event.name().to_owned(), event.args().to_text().into_owned()));
        async {}
    });
    (connecting, events)
}

/// A server that hangs up on everybody; after as many as that it passes them on.
async fn nobody(many: usize, server: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for _ in 0..many {
            drop(listener.accept().await);
        }
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = TcpStream::connect(server).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut near, &mut far).await });
        }
    });
    addr
}

/// What lies between a client and its server, and can be cut.
struct Cable {
    addr: SocketAddr,
    whole: watch::Sender<bool>,
}

impl Cable {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let whole = watch::Sender::new(true);
        let state = whole.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut whole = state.subscribe();
                tokio::spawn(async move {
                    whole.wait_for(|whole| *whole).await.unwrap();
                    let mut far = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = whole.wait_for(|whole| !whole) => {}
                    }
                });
            }
        });
        Self { addr, whole }
    }
}

#[tokio::test]
async fn every_transport_carries_calls_events_and_answers_both_ways() {
    for transports in ALL {
        let mut served = Served::new().await;
        let client = to(served.addr, "").transports(transports).on_event(async |event| match event
            .args()
            .decode::<Binary>()
        {
            Ok(data) => Some(("bytes", data)),
            Err(_) => None,
        });
        let client = client.await.unwrap();
        let (socket, _) = served.opened().await;
        assert_eq!(client.connected().await.unwrap(), socket.id().to_string());
        assert_eq!(client.call::<i64>("add", (1, 2)).await.unwrap(), 3);
        let reversed: (Binary, usize) =
            client.call("reverse", Binary(vec![1, 2, 3].into())).await.unwrap();
        assert_eq!((&*reversed.0.0, reversed.1), (&[3, 2, 1][..], 3));
        let asked = socket.emit_with_ack::<(String, Binary)>("asked", Binary(vec![7, 8].into()));
        let (text, data) = asked.await.unwrap();
        assert_eq!((&*text, &*data.0), ("bytes", &[7, 8][..]));
        let large = "x".repeat(300_000);
        let sums = (0..50).map(|i| client.call::<i64>("add", (i, i)).into_future());
        let sums: Vec<_> = futures_util::future::join_all(sums).await;
        assert!((0..).zip(sums).all(|(i, sum)| sum.unwrap() == i + i), "{transports:?}");
        let error = client.call::<i64>("add", (&large, 1)).await.unwrap_err();
        assert!(matches!(error, CallError::Failed { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn polling_moves_to_a_websocket_and_loses_nothing() {
    let mut served = Served::new().await;
    let (connecting, mut events) = told(to(served.addr, ""));
    let client = connecting.await.unwrap();
    let (socket, _) = served.opened().await;
    assert_eq!(socket.transport(), Some(Transport::Polling));
    let mut sent = 0;
    // Whatever it takes: both sides talk all the while.
    while socket.transport() != Some(Transport::WebSocket) {
        socket.emit("n", sent).unwrap();
        assert_eq!(client.call::<i64>("add", (sent, 1)).await.unwrap(), sent + 1);
        sent += 1;
    }
    for n in 0..sent {
        assert_eq!(argument(&mut events).await, n);
    }
    assert_eq!(client.call::<i64>("add", (1, 2)).await.unwrap(), 3);
}

#[tokio::test]
async fn a_server_is_told_what_the_client_says_about_itself() {
    let mut served = Served::new().await;
    for transports in ALL {
        let client = to(served.addr, "/chat").transports(transports);
        let client = client.auth(json!({ "token": "x" })).query("name", "J & Ö");
        let _client = client.header("cookie", "a=b").await.unwrap();
        let mut known = served.opened().await.1;
        // The root is none of the client's business.
        while known["endpoint"] != "/chat" {
            known = served.opened().await.1;
        }
        let expected = json!({
            "auth": { "token": "x" },
            "name": "J & Ö",
            "cookie": "a=b",
            "endpoint": "/chat",
        });
        assert_eq!(known, expected);
    }
}

#[tokio::test]
async fn what_fails_says_why() {
    let served = Served::new().await;
    let refused = to(served.addr, "").auth(json!({ "refuse": true })).await.unwrap_err();
    let ConnectError::Refused { message, data, .. } = refused else { panic!("{refused}") };
    assert_eq!((&*message, data), ("not today", json!({ "code": 7 })));
    let refused = to(served.addr, "/nowhere").await.unwrap_err();
    assert_eq!(refused.to_string(), "not let in: Invalid namespace");
    for (connecting, message) in [
        (to(served.addr, "").auth(1), "auth has to be an object, and is 1"),
        (to(served.addr, "").header("a b", "c"), "\"a b\" can't be a header with this value"),
        (Client::connect("x"), "the URL must begin with `http://`: \"x\""),
    ] {
        assert_eq!(connecting.await.unwrap_err().to_string(), message);
    }
    for transports in ALL {
        let error = to(nobody(1, served.addr).await, "").transports(transports).await.unwrap_err();
        assert!(matches!(error, ConnectError::Unreachable(_)), "{error}");
        let error = to(served.addr, "").path("/nowhere").transports(transports).await.unwrap_err();
        assert!(error.to_string().contains("404"), "{error}");
    }
    let client = to(served.addr, "").await.unwrap();
    let error = client.call::<()>("fail", ()).await.unwrap_err();
    assert_eq!(error.handler_error::<String>().as_deref(), Some("no"));
    let error = client.call::<()>("never", ()).timeout(Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, CallError::None(NoAck::Timeout)), "{error:?}");
    let error = client.call::<String>("add", (1, 2)).await.unwrap_err();
    assert!(matches!(error, CallError::Decode(_)), "{error:?}");
}

#[tokio::test]
async fn a_client_that_closes_has_said_what_it_had_to_say() {
    for transports in ALL {
        let mut served = Served::new().await;
        let client = to(served.addr, "").transports(transports).await.unwrap();
        let (socket, _) = served.opened().await;
        let waits = client.clone();
        let waits = tokio::spawn(async move { waits.call::<()>("never", ()).await });
        assert_eq!(client.call::<i64>("add", (1, 2)).await.unwrap(), 3);
        client.emit("add", (1, 2)).unwrap();
        client.close().await;
        assert_eq!(client.state(), Stands::Closed(Reason::Client));
        assert_eq!(socket.closed().await, CloseReason::ClientDisconnect);
        assert!(matches!(waits.await.unwrap(), Err(CallError::None(NoAck::Closed))));
        assert!(matches!(client.emit("add", (1, 2)), Err(EmitError::Closed)));
        client.close().await;

        let client = to(served.addr, "").transports(transports).await.unwrap();
        let (socket, _) = served.opened().await;
        drop(client);
        assert_eq!(socket.closed().await, CloseReason::ClientDisconnect);

        let client = to(served.addr, "").transports(transports).await.unwrap();
        let (socket, _) = served.opened().await;
        socket.close();
        assert_eq!(client.closed().await, Reason::Server);
    }
}

/// The one argument of the next event, behind which its offset may follow.
async fn argument(events: &mut UnboundedReceiver<(String, String)>) -> i64 {
    let (_, args) = events.recv().await.unwrap();
    serde_json::from_str::<Vec<Value>>(&args).unwrap()[0].as_i64().unwrap()
}

#[tokio::test]
async fn a_client_comes_back_and_has_missed_nothing() {
    for transports in ALL {
        let mut served = Served::new().await;
        let cable = Cable::to(served.addr).await;
        let (connecting, mut events) = told(to(cable.addr, "").transports(transports));
        let client = connecting.await.unwrap();
        let id = client.connected().await.unwrap();
        let emit = |n: i64| served.io.emit("n", n).unwrap();
        for sent in [0, 10, 20] {
            // It has to have had one to know where it was.
            emit(sent);
            assert_eq!(argument(&mut events).await, sent);
            let waits = client.clone();
            let waits = tokio::spawn(async move { waits.call::<()>("never", ()).await });
            assert_eq!(client.call::<i64>("add", (1, 2)).await.unwrap(), 3);
            cable.whole.send_replace(false);
            assert!(matches!(waits.await.unwrap(), Err(CallError::None(NoAck::Closed))));
            let away = client.until(|state| matches!(state, Stands::Away(_))).await;
            assert!(matches!(away, Stands::Away(Reason::Transport(_))), "{away:?}");
            served.closed.recv().await.unwrap();
            // What both say meanwhile arrives.
            (sent + 1..sent + 10).for_each(emit);
            let (sum, mend) = (client.call::<i64>("add", (3, 4)).into_future(), async {
                cable.whole.send_replace(true);
            });
            assert_eq!(futures_util::future::join(sum, mend).await.0.unwrap(), 7);
            for n in sent + 1..sent + 10 {
                assert_eq!(argument(&mut events).await, n);
            }
            let Stands::Connected { id: now, recovered, .. } = client.state() else { panic!() };
            assert_eq!((now, recovered), (id.clone(), true), "{transports:?}");
        }
    }
}

#[tokio::test]
async fn what_waits_is_bounded_and_what_is_volatile_does_not_wait() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = nobody.local_addr().unwrap();
    let client = to(addr, "").send_buffer_limit(30).start().unwrap();
    client.emit_volatile("add", "dropped").unwrap();
    client.emit("add", "12345").unwrap();
    assert!(matches!(client.emit("add", "more than there is room for"), Err(EmitError::Full)));
    let error = client.call::<()>("add", "more than there is room for").await.unwrap_err();
    assert!(matches!(error, CallError::NotSent(EmitError::Full)));
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_waited_for() {
    let served = Served::new().await;
    for transports in ALL {
        let connecting = to(nobody(4, served.addr).await, "").transports(transports);
        let client = connecting.start().unwrap();
        assert_eq!(client.state(), Stands::Connecting);
        let away = client.until(|state| *state != Stands::Connecting).await;
        assert!(matches!(away, Stands::Away(Reason::Connect(ConnectError::Unreachable(_)))));
        assert_eq!(client.call::<i64>("add", (1, 2)).await.unwrap(), 3);

        let few = to(nobody(3, served.addr).await, "").transports(transports);
        let few = few.reconnection_attempts(2).start().unwrap();
        assert!(matches!(few.closed().await, Reason::Connect(ConnectError::Unreachable(_))));
    }
}

/// A server that says what the test says, to a client that has joined.
struct Puppet(WebSocketStream<TcpStream>);

impl Puppet {
    /// With these intervals, in milliseconds.
    async fn meet(connecting: impl FnOnce(SocketAddr) -> Connecting, ping: u64) -> (Client, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connecting = connecting(listener.local_addr().unwrap());
        let client = connecting.transports(Transports::WebSocket).start().unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut puppet = Self(tokio_tungstenite::accept_async(stream).await.unwrap());
        let open = json!({
            "sid": "s", "upgrades": [], "pingInterval": ping, "pingTimeout": ping,
        });
        puppet.say(&format!("0{open}")).await;
        assert_eq!(puppet.hear().await, "40");
        puppet.say(r#"40{"sid":"a"}"#).await;
        (client, puppet)
    }

    async fn say(&mut self, text: &str) {
        self.0.send(Frame::text(text)).await.unwrap();
    }

    async fn hear(&mut self) -> String {
        self.0.next().await.unwrap().unwrap().into_text().unwrap().to_string()
    }
}

#[tokio::test]
async fn a_server_without_heartbeat_is_left() {
    let connecting = |addr| to(addr, "").reconnection_attempts(0);
    let (client, mut puppet) = Puppet::meet(connecting, 30).await;
    puppet.say("2").await;
    assert_eq!(puppet.hear().await, "3");
    assert_eq!(client.closed().await, Reason::PingTimeout);
}

#[tokio::test]
async fn a_receiver_that_takes_its_time_holds_up_nothing_but_events() {
    let go = Arc::new(Notify::new());
    let (sender, mut handled) = unbounded_channel();
    let held = Arc::clone(&go);
    let connecting = |addr| {
        to(addr, "").queue_limit(3).on_event(move |event| {
            let (go, sender) = (Arc::clone(&held), sender.clone());
            async move {
                go.notified().await;
                sender.send(event.args().to_text().into_owned()).ok();
                assert_ne!(event.args().len(), 2, "this one panics");
                event.args().to_text().into_owned()
            }
        })
    };
    let (client, mut puppet) = Puppet::meet(connecting, 60_000).await;
    // The first is handled, two wait.
    for text in [r#"421["n",1]"#, r#"42["n",2,0]"#, r#"423["n",3]"#, "2probe"] {
        puppet.say(text).await;
    }
    assert_eq!(puppet.hear().await, "3");
    // Beyond three it reads on while it waits for an answer.
    puppet.say(r#"42["n",4]"#).await;
    let calling = client.clone();
    let call = tokio::spawn(async move { calling.call::<u8>("sum", ()).await });
    assert_eq!(puppet.hear().await, r#"420["sum"]"#);
    puppet.say(r#"42["n",5]"#).await;
    puppet.say("430[9]").await;
    assert_eq!(call.await.unwrap().unwrap(), 9);
    for n in ["[1]", "[2,0]", "[3]", "[4]", "[5]"] {
        go.notify_one();
        assert_eq!(handled.recv().await.unwrap(), n);
    }
    assert_eq!(puppet.hear().await, r#"431["[1]"]"#);
    assert_eq!(puppet.hear().await, r#"433["[3]"]"#);
}

#[tokio::test]
async fn what_is_no_packet_ends_the_connection_and_nothing_else() {
    for bad in ["", "x", "4x", "42{}", "452-[\"a\"]", "430"] {
        let connecting = |addr| to(addr, "").reconnection_attempts(0);
        let (client, mut puppet) = Puppet::meet(connecting, 60_000).await;
        puppet.say(bad).await;
        puppet.say(r#"42["next"]"#).await;
        let reason = client.closed().await;
        assert!(matches!(reason, Reason::Transport(_)), "{bad}: {reason:?}");
    }
}

#[derive(Default)]
struct Typed;

#[socket_connection(caller = TypedCaller)]
impl Typed {
    #[event]
    fn set(&self, value: serde_json::Map<String, Value>, #[default = 7] more: u8) -> (usize, u8) {
        (value.len(), more)
    }

    #[event]
    fn one(&self, value: Value) -> Value {
        value
    }

    #[event("long name", args = "keyword")]
    async fn keyword(&self, text: String, data: &[u8], maybe: Option<u8>) -> (String, usize, u8) {
        (text, data.len(), maybe.unwrap_or(0))
    }

    #[event]
    fn rest(&self, first: u8, #[rest] more: Vec<u8>) -> Result<Vec<u8>, Value> {
        if more.is_empty() { Err(json!({ "first": first })) } else { Ok(more) }
    }

    #[event]
    fn later(&self, ack: AckSender) {
        ack.send(("a", 1)).unwrap();
    }
}

async fn calls_are_typed<C: Calls>(typed: TypedCaller<C>) {
    let object = json!({ "value": 1, "more": 2 });
    let fields = object.as_object().unwrap().clone();
    assert_eq!(typed.set(fields.clone(), None).await.unwrap(), (2, 7));
    assert_eq!(typed.set(fields, Some(1)).await.unwrap(), (2, 1));
    for value in [json!({ "value": 1 }), json!({ "a": 1 }), json!([1]), json!("x")] {
        assert_eq!(typed.one(value.clone()).await.unwrap(), value);
    }
    let texts = typed.keyword("é", &[1, 2], None).await.unwrap();
    assert_eq!(texts, ("é".to_owned(), 2, 0));
    assert_eq!(typed.rest(1, &[2, 3]).await.unwrap(), [2, 3]);
    let error = typed.rest(1, &[]).await.unwrap_err();
    assert_eq!(error.handler_error::<Value>(), Some(json!({ "first": 1 })));
    assert_eq!(typed.later().timeout(Duration::from_secs(60)).await.unwrap(), json!(["a", 1]));
    typed.later().emit().unwrap();
}

#[tokio::test]
async fn typed_calls_arrive_as_handlers_take_them() {
    let io = SocketIo::builder::<Typed>().build();
    let addr = serve(io.clone()).await;
    for transports in ALL {
        let client = to(addr, "").transports(transports).await.unwrap();
        calls_are_typed(TypedCaller::from(client)).await;
    }
    calls_are_typed(TypedCaller::from(&TestClient::connect(&io).await.unwrap())).await;
}
