//! What hooks see: every packet of every connection, once, in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socketio_core::{Args, Hook, Packet, SocketIo, prelude::*};
use socketio_tests::websocket::WebSocket;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::client::{BOTH, Client, Via, serve};

/// Writes down what it sees; `>` goes to the client.
struct Diary(UnboundedSender<String>);

impl Diary {
    fn note(&self, way: char, socket: &Socket, packet: &Packet<'_>) {
        let text = |args: &Args| args.to_text().into_owned();
        let said = match packet {
            Packet::Connect => "connect".to_owned(),
            Packet::Refused { message, .. } => format!("refused {message}"),
            Packet::Event { name, args, ack, .. } => {
                format!("{name} {}{}", text(args), if *ack { " ?" } else { "" })
            }
            Packet::Ack { args, .. } => format!("ack {}", text(args)),
            Packet::Disconnect { reason, .. } => format!("disconnect: {reason}"),
            _ => "something new".to_owned(),
        };
        let who = socket.info().query("name").unwrap_or_default();
        self.0.send(format!("{who}{} {way} {said}", socket.endpoint())).unwrap();
    }
}

impl Hook for Diary {
    fn incoming(&self, socket: &Socket, packet: &Packet<'_>) {
        self.note('<', socket, packet);
    }

    fn outgoing(&self, socket: &Socket, packet: &Packet<'_>) {
        self.note('>', socket, packet);
    }
}

/// Panics whenever it can.
struct Clumsy;

impl Hook for Clumsy {
    fn incoming(&self, _: &Socket, _: &Packet<'_>) {
        panic!("incoming");
    }

    fn outgoing(&self, _: &Socket, _: &Packet<'_>) {
        panic!("outgoing");
    }
}

#[derive(Default)]
struct Private;

#[socket_connection]
impl Private {
    #[on_open]
    fn open() -> Result<Self, Reject> {
        Err(Reject::unauthorized("members only"))
    }
}

#[derive(Default)]
struct Lobby;

#[socket_connection]
#[endpoints("/private" => Private)]
impl Lobby {
    #[on_open]
    fn open(socket: &Socket) -> Result<Self, EmitError> {
        socket.emit("welcome", ())?;
        Ok(Self)
    }

    #[event]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    #[event]
    fn tell(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.server().emit("told", text)
    }

    #[event]
    fn ask(&self, socket: &Socket) {
        let socket = socket.clone();
        tokio::spawn(async move {
            let sum: i64 = socket.emit_with_ack("sum", (1, 2)).await.unwrap();
            socket.send(sum).unwrap();
        });
    }

    #[event]
    fn lapse(&self, socket: &Socket) {
        socket.expire_in(Duration::ZERO);
    }

    #[event]
    fn bye(&self, socket: &Socket) {
        socket.disconnect();
    }
}

struct Seen(UnboundedReceiver<String>);

impl Seen {
    /// The next that are seen must be these.
    async fn check(&mut self, expected: &[&str]) {
        for expected in expected {
            assert_eq!(self.0.recv().await.as_deref(), Some(*expected));
        }
    }
}

async fn start() -> (SocketAddr, Seen) {
    let (diary, seen) = unbounded_channel();
    let io = SocketIo::builder::<Lobby>().hook(Clumsy).hook(Diary(diary)).hook(Clumsy).build();
    (serve(io).await, Seen(seen))
}

#[tokio::test]
async fn hooks_see_all_that_a_legacy_client_sends_and_gets() {
    for via in BOTH {
        let (addr, mut seen) = start().await;
        let mut client = Client::connect_with(addr, via, "?name=a").await;
        seen.check(&["a < connect", "a > connect", "a > welcome []"]).await;
        client.send(r#"5:1+::{"name":"add","args":[1,2]}"#).await;
        seen.check(&["a < add [1,2] ?", "a > ack [3]"]).await;
        client.send("3:::hello").await;
        seen.check(&["a < message hello"]).await;
        client.send(r#"4:::{"a":1}"#).await;
        seen.check(&[r#"a < message {"a":1}"#]).await;
        client.send("1::/private").await;
        seen.check(&["a/private < connect", "a/private > refused members only"]).await;
        client.send(r#"5:::{"name":"ask"}"#).await;
        seen.check(&["a < ask []", "a > sum [1,2] ?"]).await;
        client.send("6:::1+[3]").await;
        seen.check(&["a < ack [3]", "a > message 3"]).await;
        client.send("0::").await;
        seen.check(&["a < disconnect: client disconnect"]).await;
    }
}

#[tokio::test]
async fn a_broadcast_is_seen_once_for_each_client_that_gets_it() {
    let (addr, mut seen) = start().await;
    let mut legacy = Client::connect_with(addr, Via::WebSocket, "?name=a").await;
    seen.check(&["a < connect", "a > connect", "a > welcome []"]).await;
    let path = "/socket.io/?EIO=4&transport=websocket&name=b";
    let mut modern = WebSocket::open(addr, path, &[], "13").await.unwrap();
    assert_eq!(modern.answer().await.unwrap().status, 101);
    modern.send_text("40").await.unwrap();
    seen.check(&["b < connect", "b > connect", "b > welcome []"]).await;
    modern.send_text(r#"421["tell","hi"]"#).await.unwrap();
    let mut said: Vec<String> = Vec::new();
    while said.len() < 4 {
        said.push(seen.0.recv().await.unwrap());
    }
    // Each client is told in its own task.
    said.sort();
    assert_eq!(
        said,
        [r#"a > told ["hi"]"#, r#"b < tell ["hi"] ?"#, "b > ack []", r#"b > told ["hi"]"#]
    );
    modern.send_text(r#"42["bye"]"#).await.unwrap();
    seen.check(&["b < bye []", "b > disconnect: server disconnect"]).await;
    // Hooks that panic have held nothing up.
    assert_eq!(legacy.next().await.as_deref(), Some(r#"5:::{"name":"welcome"}"#));
    assert_eq!(legacy.next().await.as_deref(), Some(r#"5:::{"name":"told","args":["hi"]}"#));
}

#[tokio::test]
async fn what_a_client_hears_whose_time_is_up_is_seen() {
    let (addr, mut seen) = start().await;
    let mut client = Client::connect_with(addr, Via::WebSocket, "?name=a").await;
    seen.check(&["a < connect", "a > connect", "a > welcome []"]).await;
    client.send(r#"5:::{"name":"lapse"}"#).await;
    let told = r#"a > expired [{"message":"the connection has expired"}]"#;
    seen.check(&["a < lapse []", told, "a > disconnect: expired"]).await;
}

type Notes = UnboundedSender<String>;

#[derive(Clone)]
struct Door {
    notes: Notes,
    opens: Arc<Notify>,
    lets_in: bool,
}

struct Hall(Notes);

#[socket_connection]
impl Hall {
    #[on_open]
    async fn open(State(door): State<Door>) -> Option<Self> {
        door.opens.notified().await;
        door.lets_in.then_some(Self(door.notes))
    }

    #[on_close]
    fn close(&self) {
        self.0.send("over".to_owned()).unwrap();
    }
}

#[tokio::test]
async fn a_client_that_left_before_it_was_let_in_is_not_seen_to_come_in_or_to_be_refused() {
    for lets_in in [true, false] {
        let (notes, seen) = unbounded_channel();
        let opens = Arc::new(Notify::new());
        let door = Door { notes: notes.clone(), opens: Arc::clone(&opens), lets_in };
        let io = SocketIo::builder::<Hall>().state(door).hook(Diary(notes.clone())).build();
        let (addr, mut seen) = (serve(io.clone()).await, Seen(seen));
        let path = "/socket.io/?EIO=4&transport=websocket&name=b";
        let mut client = WebSocket::open(addr, path, &[], "13").await.unwrap();
        assert_eq!(client.answer().await.unwrap().status, 101);
        client.send_text("40").await.unwrap();
        seen.check(&["b < connect"]).await;
        client.send_text("1").await.unwrap();
        seen.check(&["b < disconnect: transport closed"]).await;
        opens.notify_one();
        if !lets_in {
            // The connection is gone when the server has stopped.
            io.close().await;
            notes.send("over".to_owned()).unwrap();
        }
        seen.check(&["over"]).await;
    }
}

/// Does something to a connection whose client has just left it.
struct Late(fn(&Socket));

impl Hook for Late {
    fn incoming(&self, socket: &Socket, packet: &Packet<'_>) {
        if matches!(packet, Packet::Disconnect { .. }) {
            self.0(socket);
        }
    }
}

#[derive(Default)]
struct Room;

#[socket_connection]
impl Room {
    #[event]
    fn echo(&self, text: String) -> String {
        text
    }
}

#[derive(Default)]
struct House;

#[socket_connection]
#[endpoints("/room" => Room)]
impl House {}

#[tokio::test]
async fn what_is_done_to_a_connection_that_was_left_does_not_meet_the_next() {
    let over = |socket: &Socket| socket.expire_in(Duration::ZERO);
    for late in [Late(Socket::close), Late(over)] {
        let addr = serve(SocketIo::builder::<House>().hook(late).build()).await;
        let path = "/socket.io/?EIO=4&transport=websocket";
        let mut client = WebSocket::open(addr, path, &[], "13").await.unwrap();
        assert_eq!(client.answer().await.unwrap().status, 101);
        client.send_text("40/room,").await.unwrap();
        let mut texts = Vec::new();
        for _ in 0..2 {
            texts.push(client.receive().await.unwrap().unwrap().text().unwrap().to_owned());
        }
        assert!(texts[1].starts_with("40/room,{"), "{texts:?}");
        // Left and joined again in one read; the masks are of zeros.
        let mut both = Vec::new();
        for text in ["41/room,", "40/room,"] {
            both.extend([0x81, 0x80 | text.len() as u8, 0, 0, 0, 0]);
            both.extend(text.as_bytes());
        }
        client.send_bytes(&both).await.unwrap();
        let joined = client.receive().await.unwrap().unwrap();
        assert!(joined.text().unwrap().starts_with("40/room,{"), "{joined:?}");
        client.send_text(r#"42/room,7["echo","still here"]"#).await.unwrap();
        let answer = client.receive().await.unwrap().unwrap();
        assert_eq!(answer.text(), Some(r#"43/room,7["still here"]"#));
    }
}
