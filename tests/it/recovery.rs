//! Connections that break and come back: what clients since Socket.IO 3 find again, and when they do not.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use socketio_core::{Builder, Recovery, SocketIo, prelude::*};
use socketio_tests::websocket::WebSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::client::{self, Via, serve};

/// What the server tells the test.
#[derive(Clone)]
struct Told {
    opened: UnboundedSender<(Socket, Value)>,
    closed: UnboundedSender<CloseReason>,
}

struct Lobby {
    told: Told,
}

#[socket_connection]
#[endpoints("/side" => Lobby, "/of/{name}" => Lobby)]
impl Lobby {
    #[on_open]
    fn open(socket: &Socket, Auth(auth): Auth<Value>, State(told): State<Told>) -> Option<Self> {
        let is_wanted = auth.get("refuse").is_none();
        told.opened.send((socket.clone(), auth)).ok()?;
        is_wanted.then_some(Self { told })
    }

    #[event]
    fn join(&self, socket: &Socket, room: &str) {
        socket.insert_extension(room.len());
        socket.join(room);
    }

    #[on_close]
    fn close(&self, reason: CloseReason) {
        // The test may be over.
        let _over = self.told.closed.send(reason);
    }
}

/// A server, and what it tells.
struct Served {
    io: SocketIo,
    addr: SocketAddr,
    opened: UnboundedReceiver<(Socket, Value)>,
    closed: UnboundedReceiver<CloseReason>,
    /// Those that came back, or tried to: they stay.
    returned: Vec<Client>,
}

impl Served {
    async fn new(recovery: Recovery) -> Self {
        Self::with(|io| io.recovery(recovery)).await
    }

    async fn with(configure: impl FnOnce(Builder<Lobby, Told>) -> Builder<Lobby, Told>) -> Self {
        let ((open, opened), (close, closed)) = (unbounded_channel(), unbounded_channel());
        let told = Told { opened: open, closed: close };
        let io = configure(SocketIo::builder::<Lobby>().state(told)).build();
        Self { addr: serve(io.clone()).await, io, opened, closed, returned: Vec::new() }
    }

    /// A new client, and its connection on the server.
    async fn client(&mut self) -> (Client, Socket) {
        let (client, missed) = Client::connect(self.addr, json!({})).await;
        assert_eq!(missed, [""; 0]);
        let (socket, _) = self.opened.recv().await.unwrap();
        assert!(!socket.recovered());
        (client, socket)
    }

    /// Cuts a client off, and waits until the server knows.
    async fn cut(&mut self, client: Client) {
        client.socket.cut().await.unwrap();
        assert_eq!(self.closed.recv().await, Some(CloseReason::TransportError));
    }

    /// What a client misses that comes back, if it comes back.
    async fn back(&mut self, pid: &str, offset: Option<&str>) -> Option<Vec<String>> {
        let auth = json!({ "pid": pid, "offset": offset });
        let (client, missed) = Client::connect(self.addr, auth).await;
        self.returned.push(client);
        let (socket, auth) = self.opened.recv().await.unwrap();
        assert!(auth.get("pid").is_none() || pid.len() != 22, "{auth}");
        assert!(socket.recovered() || missed.is_empty());
        socket.recovered().then_some(missed)
    }
}

/// A client of Socket.IO 4 that is connected to the root.
struct Client {
    socket: WebSocket,
    sid: String,
    pid: String,
}

impl Client {
    /// Connects, and gives what came before the client was told that it is in.
    async fn connect(addr: SocketAddr, auth: Value) -> (Self, Vec<String>) {
        let path = "/socket.io/?EIO=4&transport=websocket";
        let mut socket = WebSocket::open(addr, path, &[], "13").await.unwrap();
        assert_eq!(socket.answer().await.unwrap().status, 101);
        let mut client = Self { socket, sid: String::new(), pid: String::new() };
        assert!(client.next().await.starts_with("0{"));
        client.send(&format!("40{auth}")).await;
        let mut missed = Vec::new();
        loop {
            let packet = client.next().await;
            let Some(ids) = packet.strip_prefix("40") else {
                missed.push(packet);
                continue;
            };
            let ids: Value = serde_json::from_str(ids).unwrap();
            let id = |name: &str| ids[name].as_str().unwrap_or_default().to_owned();
            (client.sid, client.pid) = (id("sid"), id("pid"));
            return (client, missed);
        }
    }

    async fn send(&mut self, packet: &str) {
        self.socket.send_text(packet).await.unwrap();
    }

    async fn next(&mut self) -> String {
        let frame = self.socket.receive().await.unwrap().expect("the connection has ended");
        frame.text().expect("a text frame").to_owned()
    }

    async fn join(&mut self, room: &str) {
        self.send(&format!(r#"420["join","{room}"]"#)).await;
        assert_eq!(self.next().await, "430[]");
    }
}

/// An event without its offset, and the offset.
fn split(packet: &str) -> (Value, String) {
    let mut event: Vec<Value> = serde_json::from_str(packet.strip_prefix("42").unwrap()).unwrap();
    let offset = event.pop().unwrap().as_str().unwrap().to_owned();
    (Value::Array(event), offset)
}

#[tokio::test]
async fn what_is_sent_to_one_who_is_away_arrives_once_and_in_order_when_it_returns() {
    let mut served = Served::new(Recovery::default()).await;
    let (mut client, socket) = served.client().await;
    let (_beside, other) = served.client().await;
    client.join("room").await;
    socket.emit("n", -2).unwrap();
    socket.emit("n", -1).unwrap();
    let (event, offset) = split(&client.next().await);
    assert_eq!(event, json!(["n", -2]));
    // The next one is on its way when the transport breaks.
    let (sid, pid) = (client.sid.clone(), client.pid.clone());
    served.cut(client).await;
    for n in 0..100 {
        match n % 5 {
            0 => socket.emit("n", n).unwrap(),
            1 => served.io.emit("n", n).unwrap(),
            2 => served.io.to("room").to("hall").emit("n", n).unwrap(),
            3 => other.broadcast().except("hall").emit("n", n).unwrap(),
            _ => other.to("room").emit("n", n).unwrap(),
        }
        served.io.to("hall").emit("not for it", n).unwrap();
        served.io.of("").except("room").emit("not for it", n).unwrap();
        served.io.of("/side").emit("not for it", n).unwrap();
        socket.broadcast().emit("not for it", n).unwrap();
        other.emit("not for it", n).unwrap();
    }
    let auth = json!({ "pid": pid, "offset": offset, "token": 7 });
    let (mut client, missed) = Client::connect(served.addr, auth).await;
    let (events, offsets): (Vec<_>, Vec<_>) = missed.iter().map(|packet| split(packet)).unzip();
    assert_eq!(events, (-1..100).map(|n| json!(["n", n])).collect::<Vec<_>>());
    assert!(offsets.is_sorted());
    assert_eq!((&client.sid, &client.pid), (&sid, &pid));

    let (returned, auth) = served.opened.recv().await.unwrap();
    assert!(returned.recovered());
    assert_eq!(auth, json!({ "token": 7 }));
    assert_eq!(returned.id(), socket.id());
    assert!(returned.rooms().contains(&"room".to_owned()));
    assert_eq!(returned.extension::<usize>(), Some(4));
    assert!(matches!(socket.emit("n", 0), Err(EmitError::Closed)));
    socket.leave("room");
    served.io.to("room").emit("n", 100).unwrap();
    let (event, offset) = split(&client.next().await);
    assert_eq!(event, json!(["n", 100]));

    served.cut(client).await;
    returned.emit("n", 101).unwrap();
    let missed = served.back(&pid, Some(&offset)).await.unwrap();
    assert_eq!(split(&missed[0]).0, json!(["n", 101]));
    assert_eq!(missed.len(), 1);
}

#[tokio::test]
async fn one_that_got_nothing_before_gets_all() {
    let mut served = Served::new(Recovery::default()).await;
    let (client, socket) = served.client().await;
    let pid = client.pid.clone();
    served.cut(client).await;
    socket.send("a").unwrap();
    socket.emit("none", ()).unwrap();
    let missed = served.back(&pid, None).await.unwrap();
    let events: Vec<_> = missed.iter().map(|packet| split(packet).0).collect();
    assert_eq!(events, [json!(["message", "a"]), json!(["none"])]);
}

#[tokio::test]
async fn one_that_has_no_right_to_it_gets_a_new_connection() {
    let mut served = Served::new(Recovery::default()).await;
    let (mut client, socket) = served.client().await;
    socket.emit("n", 1).unwrap();
    let (_, offset) = split(&client.next().await);
    let pid = client.pid.clone();
    // While the connection is there, nobody else gets it.
    assert_eq!(served.back(&pid, Some(&offset)).await, None);
    served.cut(client).await;
    for pid in ["AAAAAAAAAAAAAAAAAAAAAA", &socket.id().to_string(), "nosuch", ""] {
        assert_eq!(served.back(pid, Some(&offset)).await, None, "{pid}");
    }
    assert_eq!(served.back(&pid, Some("nosuch")).await, None);
    assert_eq!(served.back(&pid, Some(&offset)).await, None, "the claim is used up");
}

/// Tells everybody when it is dropped.
struct Will(SocketIo);

impl Drop for Will {
    fn drop(&mut self) {
        self.0.emit("dropped", ()).unwrap();
    }
}

#[tokio::test]
async fn what_was_kept_for_a_client_may_send_when_it_is_dropped() {
    let mut served = Served::new(Recovery::default()).await;
    let (mut witness, _) = served.client().await;
    let (client, socket) = served.client().await;
    socket.insert_extension(Will(served.io.clone()));
    let pid = client.pid.clone();
    drop(socket);
    served.cut(client).await;
    assert_eq!(served.back(&pid, Some("nosuch")).await, None);
    assert_eq!(split(&witness.next().await).0, json!(["dropped"]));
}

#[tokio::test]
async fn a_connection_comes_back_once() {
    let mut served = Served::new(Recovery::default()).await;
    let (client, _) = served.client().await;
    let pid = client.pid.clone();
    served.cut(client).await;
    let claim = json!({ "pid": pid });
    let (first, _) = Client::connect(served.addr, claim.clone()).await;
    let (second, _) = Client::connect(served.addr, claim).await;
    assert_eq!(first.pid, pid);
    assert_ne!(second.pid, pid);
    assert_ne!(second.sid, first.sid);
    assert!(served.opened.recv().await.unwrap().0.recovered());
    assert!(!served.opened.recv().await.unwrap().0.recovered());
}

#[tokio::test]
async fn a_connection_comes_back_to_its_endpoint_alone() {
    let mut served = Served::new(Recovery::default()).await;
    let (client, _) = served.client().await;
    let pid = client.pid.clone();
    served.cut(client).await;
    let (mut client, _) = served.client().await;
    client.send(&format!(r#"40/side,{{"pid":"{pid}"}}"#)).await;
    assert!(!client.next().await.contains(&pid));
    assert!(!served.opened.recv().await.unwrap().0.recovered());
    assert_eq!(served.back(&pid, None).await, Some(vec![]));
}

#[tokio::test]
async fn one_that_finds_no_room_for_its_endpoint_can_come_back_later() {
    let recovery = Recovery::default();
    let mut served = Served::with(|io| io.recovery(recovery).max_dynamic_endpoints(1)).await;
    let (mut client, _) = served.client().await;
    client.send("40/of/a,").await;
    let welcome: Value = serde_json::from_str(&client.next().await["40/of/a,".len()..]).unwrap();
    let pid = welcome["pid"].as_str().unwrap();
    served.opened.recv().await.unwrap();
    served.cut(client).await;
    assert_eq!(served.closed.recv().await, Some(CloseReason::TransportError));

    let (mut other, _) = served.client().await;
    other.send("40/of/b,").await;
    assert!(other.next().await.starts_with("40/of/b,"));
    served.opened.recv().await.unwrap();
    let (mut client, _) = served.client().await;
    let back = format!(r#"40/of/a,{{"pid":"{pid}"}}"#);
    client.send(&back).await;
    assert!(client.next().await.starts_with("44/of/a,"));
    other.send("41/of/b,").await;
    other.join("what came before is done").await;
    client.send(&back).await;
    assert!(client.next().await.starts_with("40/of/a,"));
    assert!(served.opened.recv().await.unwrap().0.recovered());
}

#[tokio::test]
async fn a_connection_that_either_side_ended_does_not_come_back() {
    type End = fn(&Socket);
    let ends: [(&str, End, CloseReason); 5] = [
        ("41", |_| (), CloseReason::ClientDisconnect),
        ("42", |_| (), CloseReason::ProtocolViolation),
        ("", Socket::close, CloseReason::ServerDisconnect),
        ("", Socket::disconnect, CloseReason::ServerDisconnect),
        (r#"42["join",7]"#, |_| (), CloseReason::HandlerFailed),
    ];
    for (said, end, reason) in ends {
        let mut served = Served::new(Recovery::default()).await;
        let (mut client, socket) = served.client().await;
        let pid = client.pid.clone();
        if !said.is_empty() {
            client.send(said).await;
        }
        end(&socket);
        assert_eq!(served.closed.recv().await, Some(reason));
        assert!(matches!(socket.emit("n", 1), Err(EmitError::Closed)), "{reason}");
        assert_eq!(served.back(&pid, None).await, None, "{reason}");
    }
}

#[tokio::test]
async fn a_transport_that_the_client_closes_is_no_end() {
    for (opcode, payload) in [(8, &b"\x03\xe8"[..]), (1, b"1")] {
        let mut served = Served::new(Recovery::default()).await;
        let (mut client, socket) = served.client().await;
        client.socket.send_frame(true, opcode, payload).await.unwrap();
        assert_eq!(served.closed.recv().await, Some(CloseReason::TransportClosed));
        socket.emit("n", 1).unwrap();
        assert_eq!(served.back(&client.pid, None).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn one_that_does_not_answer_in_time_comes_back() {
    let recovery = Recovery::default();
    let half = Duration::from_millis(500);
    let mut served =
        Served::with(|io| io.recovery(recovery).ping_interval(half).ping_timeout(half)).await;
    let (client, _) = served.client().await;
    assert_eq!(served.closed.recv().await, Some(CloseReason::HeartbeatTimeout));
    assert!(served.back(&client.pid, None).await.is_some());
}

#[tokio::test]
async fn after_the_window_there_is_a_new_connection() {
    let mut served = Served::new(Recovery::default().window(Duration::from_nanos(1))).await;
    let (client, _) = served.client().await;
    let pid = client.pid.clone();
    served.cut(client).await;
    assert_eq!(served.back(&pid, None).await, None);
}

#[tokio::test]
async fn one_that_missed_more_than_the_log_holds_gets_a_new_connection() {
    for (sent, comes_back) in [(10, true), (1000, false)] {
        let mut served = Served::new(Recovery::default().log_bytes(10_000)).await;
        let (client, socket) = served.client().await;
        let pid = client.pid.clone();
        served.cut(client).await;
        for n in 0..sent {
            socket.emit("n", n).unwrap();
        }
        assert_eq!(served.back(&pid, None).await.is_some(), comes_back, "{sent}");
    }
}

#[tokio::test]
async fn one_that_is_refused_when_it_returns_does_not_return_again() {
    let mut served = Served::new(Recovery::default()).await;
    let (client, _) = served.client().await;
    let pid = client.pid.clone();
    served.cut(client).await;
    let path = "/socket.io/?EIO=4&transport=websocket";
    let mut socket = WebSocket::open(served.addr, path, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    let mut refused = Client { socket, sid: String::new(), pid: String::new() };
    assert!(refused.next().await.starts_with("0{"));
    refused.send(&format!(r#"40{{"pid":"{pid}","refuse":true}}"#)).await;
    assert!(refused.next().await.starts_with("44{"));
    assert!(served.opened.recv().await.unwrap().0.recovered());
    assert_eq!(served.back(&pid, None).await, None);
}

#[tokio::test]
async fn volatile_events_and_those_that_ask_for_an_acknowledgement_are_not_sent_again() {
    let mut served = Served::new(Recovery::default()).await;
    let (mut client, socket) = served.client().await;
    let pid = client.pid.clone();
    let ask = |socket: &Socket| {
        let socket = socket.clone();
        tokio::spawn(async move { socket.emit_with_ack::<()>("ask", 1).await.is_ok() })
    };
    let asked = ask(&socket);
    assert_eq!(client.next().await, r#"420["ask",1]"#);
    socket.volatile().emit("volatile", 1).unwrap();
    assert_eq!(client.next().await, r#"42["volatile",1]"#);
    served.io.of("").volatile().emit("volatile", 2).unwrap();
    assert_eq!(client.next().await, r#"42["volatile",2]"#);
    served.cut(client).await;
    assert!(!asked.await.unwrap());
    assert!(!ask(&socket).await.unwrap());
    assert!(matches!(socket.volatile().emit("volatile", 3), Err(EmitError::Closed)));
    served.io.of("").volatile().emit("volatile", 4).unwrap();
    assert_eq!(served.back(&pid, None).await, Some(vec![]));
}

#[tokio::test]
async fn clients_that_can_not_come_back_get_events_as_they_are() {
    let mut served = Served::new(Recovery::default()).await;
    let mut legacy = client::Client::connect(served.addr, Via::WebSocket).await;
    served.opened.recv().await.unwrap();
    let path = "/socket.io/?EIO=3&transport=websocket";
    let mut older = WebSocket::open(served.addr, path, &[], "13").await.unwrap();
    assert_eq!(older.answer().await.unwrap().status, 101);
    let (socket, _) = served.opened.recv().await.unwrap();
    let (mut client, _) = served.client().await;
    served.io.emit("n", 1).unwrap();
    socket.emit("n", 2).unwrap();
    assert_eq!(legacy.next().await.unwrap(), r#"5:::{"name":"n","args":[1]}"#);
    let mut packets = Vec::new();
    while packets.len() < 4 {
        packets.push(older.receive().await.unwrap().unwrap().text().unwrap().to_owned());
    }
    assert_eq!(packets[1..], ["40", r#"42["n",1]"#, r#"42["n",2]"#]);
    assert_eq!(split(&client.next().await).0, json!(["n", 1]));
}

#[tokio::test]
async fn a_server_that_lets_nobody_come_back_says_nothing_of_it() {
    let mut served = Served::with(|io| io).await;
    let auth = json!({ "pid": "AAAAAAAAAAAAAAAAAAAAAA", "offset": "a" });
    let (mut client, _) = Client::connect(served.addr, auth.clone()).await;
    assert_eq!(client.pid, "");
    let (socket, theirs) = served.opened.recv().await.unwrap();
    assert_eq!(theirs, auth);
    socket.emit("n", 1).unwrap();
    assert_eq!(client.next().await, r#"42["n",1]"#);
    served.cut(client).await;
    assert!(matches!(socket.emit("n", 2), Err(EmitError::Closed)));
}
