//! Looking at connections and acting on them from outside, and acknowledgements of many.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::routing::post;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use socketio_core::{NoAck, SocketIo, prelude::*};
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;

use crate::client::{self, Via, serve};

#[derive(Default)]
struct Lobby;

#[socket_connection]
#[endpoints("/game" => Lobby)]
impl Lobby {
    #[on_open]
    fn open(socket: &Socket) -> Self {
        socket.insert_extension(socket.endpoint().len());
        Self
    }

    #[event]
    fn join(&self, socket: &Socket, rooms: Vec<String>) -> String {
        socket.join(rooms);
        socket.id().to_string()
    }
}

/// A client of one generation or another at the endpoint `/game`.
enum Client {
    Legacy(client::Client),
    Modern(WebSocket),
}

impl Client {
    async fn connect(addr: SocketAddr, via: Option<Via>, query: &str) -> Self {
        let Some(via) = via else {
            let path = format!("/socket.io/?EIO=4&transport=websocket&{query}");
            let mut socket = WebSocket::open(addr, &path, &[], "13").await.unwrap();
            assert_eq!(socket.answer().await.unwrap().status, 101);
            let mut client = Self::Modern(socket);
            assert!(client.next().await.unwrap().starts_with("0{"));
            assert!(client.ask("40/game,").await.starts_with("40/game,"));
            return client;
        };
        let mut client = client::Client::connect_with(addr, via, &format!("?{query}")).await;
        assert_eq!(client.ask("1::/game").await, "1::/game");
        Self::Legacy(client)
    }

    /// Enters rooms, and gives the id of its connection.
    async fn join(&mut self, rooms: &[&str]) -> String {
        let rooms = json!([rooms]);
        let (packet, answer) = match self {
            Self::Legacy(_) => {
                (format!(r#"5:1+:/game:{{"name":"join","args":{rooms}}}"#), "6::/game:1+")
            }
            Self::Modern(_) => (format!(r#"42/game,1["join",{}]"#, rooms[0]), "43/game,1"),
        };
        let answered = self.ask(&packet).await;
        let ids: [String; 1] = serde_json::from_str(&answered[answer.len()..]).unwrap();
        ids[0].clone()
    }

    async fn send(&mut self, packet: &str) {
        match self {
            Self::Legacy(client) => drop(client.send(packet).await),
            Self::Modern(socket) => socket.send_text(packet).await.unwrap(),
        }
    }

    async fn next(&mut self) -> Option<String> {
        match self {
            Self::Legacy(client) => client.next().await,
            Self::Modern(socket) => {
                let frame = socket.receive().await.unwrap()?;
                Some(frame.text()?.to_owned())
            }
        }
    }

    async fn ask(&mut self, packet: &str) -> String {
        self.send(packet).await;
        self.next().await.expect("the connection has ended")
    }

    /// The event that comes next, with the number under which it wants an acknowledgement.
    async fn event(&mut self) -> (Value, Option<String>) {
        let packet = self.next().await.expect("the connection has ended");
        match self {
            Self::Legacy(_) => {
                let parts: Vec<_> = packet.splitn(4, ':').collect();
                let ["5", id, "/game", event] = parts[..] else { panic!("{packet}") };
                let event: Value = serde_json::from_str(event).unwrap();
                let args = event["args"].as_array().cloned().unwrap_or_default();
                let all: Vec<_> = [event["name"].clone()].into_iter().chain(args).collect();
                let id = id.strip_suffix('+').filter(|id| !id.is_empty());
                (json!(all), id.map(ToOwned::to_owned))
            }
            Self::Modern(_) => {
                let rest = packet.strip_prefix("42/game,").unwrap_or_else(|| panic!("{packet}"));
                let (id, event) = rest.split_at(rest.find('[').unwrap());
                let id = Some(id).filter(|id| !id.is_empty());
                (serde_json::from_str(event).unwrap(), id.map(ToOwned::to_owned))
            }
        }
    }

    /// Acknowledges what comes next.
    async fn acknowledge(&mut self, value: Value) {
        let (event, id) = self.event().await;
        let id = id.unwrap_or_else(|| panic!("{event} wants none"));
        let packet = match self {
            Self::Legacy(_) => format!("6::/game:{id}+[{value}]"),
            Self::Modern(_) => format!("43/game,{id}[{value}]"),
        };
        self.send(&packet).await;
    }
}

/// A server and three clients of it: `a` and `b` in the room `x`, `b` and `c` in the room `y`.
async fn start() -> (SocketIo, SocketAddr, BTreeMap<&'static str, (Client, String)>) {
    let io = SocketIo::builder::<Lobby>().ack_timeout(Duration::from_secs(60)).build();
    let addr = serve(io.clone()).await;
    let mut clients = BTreeMap::new();
    for (name, via, rooms) in [
        ("a", Some(Via::WebSocket), &["x"][..]),
        ("b", None, &["x", "y"]),
        ("c", Some(Via::Polling), &["y"]),
    ] {
        let mut client = Client::connect(addr, via, &format!("name={name}")).await;
        let id = client.join(rooms).await;
        clients.insert(name, (client, id));
    }
    (io, addr, clients)
}

#[tokio::test]
async fn connections_are_seen_and_found_from_outside() {
    let (io, _, clients) = start().await;
    let all = |rooms: &'static [&'static str]| {
        let to = io.of("/game").to(rooms.to_vec());
        async move { to.sockets().await.unwrap() }
    };
    for (rooms, expected) in
        [(&[][..], ""), (&["x"], "ab"), (&["x", "y"], "abc"), (&["z"], ""), (&["y"], "bc")]
    {
        let name = |(_, name): &(String, String)| name.clone();
        let found = all(rooms).await;
        let mut names: Vec<_> = found
            .iter()
            .flat_map(|socket| socket.query.iter().find(|(key, _)| key == "name"))
            .map(name)
            .collect();
        names.sort();
        assert_eq!(names.concat(), expected, "{rooms:?}");
    }
    let (_, id) = &clients["b"];
    let found = io.of("/game").to(id).sockets().await.unwrap();
    let mut rooms = vec!["x".to_owned(), "y".to_owned(), id.clone()];
    rooms.sort();
    assert_eq!(found[0].rooms, rooms);
    assert_eq!(found[0].client_ip.unwrap().to_string(), "127.0.0.1");
    let travelled = serde_json::from_value(json!(found)).unwrap();
    assert_eq!(found, Vec::from_iter::<[_; 1]>(travelled));
    let socket = io.of("/game").socket(&found[0].id).unwrap();
    assert_eq!((socket.rooms(), socket.extension::<usize>()), (rooms, Some("/game".len())));
    assert!(io.of("/").socket(&found[0].id).is_none());
    assert!(io.of("/game").socket(&"nobody".into()).is_none());
    assert_eq!(io.of("/game").rooms().await.unwrap(), ["x", "y"]);
    assert_eq!(io.of("/game").except("y").rooms().await.unwrap(), ["x"]);
}

#[tokio::test]
async fn connections_are_moved_and_closed_from_outside() {
    let (io, addr, mut clients) = start().await;
    let game = || io.of("/game");
    game().to("y").except(&clients["c"].1).join_all(["new", "newer"]);
    game().to("x").leave_all("x");
    assert_eq!(game().rooms().await.unwrap(), ["new", "newer", "y"]);
    game().to("new").to("newer").emit("moved", 1).unwrap();
    assert_eq!(clients.get_mut("b").unwrap().0.event().await.0, json!(["moved", 1]));
    // From a handler of the application's own.
    let close = |State(io): State<SocketIo>, Path(room): Path<String>| async move {
        io.of("/game").to(&room).close();
    };
    let app = axum::Router::new().route("/close/{room}", post(close)).with_state(io.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let outside = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    http::request(outside, "POST", "/close/new", &[], b"").await.unwrap();
    let (b, _) = clients.get_mut("b").unwrap();
    assert_eq!(b.next().await.as_deref(), Some("41/game,"));
    assert_eq!(game().sockets().await.unwrap().len(), 2);
    assert!(b.ask("40/game,").await.starts_with("40/game,"), "the client is still there");
    game().to("y").disconnect();
    let (c, _) = clients.get_mut("c").unwrap();
    assert_eq!(c.next().await.as_deref(), Some("0::"));
    assert_eq!(game().to("y").sockets().await.unwrap(), []);
    assert!(Client::connect(addr, None, "").await.join(&["y"]).await.len() > 1);
}

#[tokio::test]
async fn all_acknowledgements_of_a_room_arrive_with_who_failed() {
    let (io, _, mut clients) = start().await;
    let ids: BTreeMap<_, _> = clients.iter().map(|(name, (_, id))| (id.clone(), *name)).collect();
    let asked = io.of("/game").emit_with_ack::<u32>("how many?", ()).stream().unwrap();
    let order = io.of("/game").emit("asked", ());
    order.unwrap();
    clients.get_mut("a").unwrap().0.acknowledge(json!(1)).await;
    clients.get_mut("b").unwrap().0.acknowledge(json!("many")).await;
    assert_eq!(clients.get_mut("b").unwrap().0.event().await.0, json!(["asked"]));
    let (mut c, _) = clients.remove("c").unwrap();
    assert!(c.event().await.1.is_some());
    // It leaves without an answer.
    c.send("0::").await;
    let answered: BTreeMap<_, _> = asked
        .map(|(id, answer)| {
            let answer = match answer {
                Ok(count) => format!("{count}"),
                Err(AckError::None(reason)) => format!("{reason:?}"),
                Err(AckError::Decode(_)) => "another type".to_owned(),
                Err(other) => format!("{other}"),
            };
            (ids[&id.to_string()], answer)
        })
        .collect()
        .await;
    let expected = [("a", "1"), ("b", "another type"), ("c", "Closed")];
    assert_eq!(answered, expected.map(|(name, answer)| (name, answer.to_owned())).into());
}

#[tokio::test]
async fn a_client_that_does_not_acknowledge_fails_at_the_timeout_and_no_other() {
    let (io, _, mut clients) = start().await;
    let to = io.of("/game").to("x").timeout(Duration::from_millis(300));
    let asked = to.emit_with_ack::<u32>("how many?", ()).stream().unwrap();
    clients.get_mut("a").unwrap().0.acknowledge(json!(1)).await;
    let answers: Vec<_> = asked.collect().await;
    let [(first, Ok(1)), (second, Err(AckError::None(NoAck::Timeout)))] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_eq!(
        [first, second].map(ToString::to_string),
        ["a", "b"].map(|name| clients[name].1.clone())
    );
    let nobody = io.of("/game").to("z").emit_with_ack::<u32>("how many?", ()).await.unwrap();
    assert!(nobody.is_empty());
    let unwritable = BTreeMap::from([(("no", "key"), 1)]);
    let unsent = io.of("/game").emit_with_ack::<()>("x", unwritable).await;
    assert!(matches!(unsent.unwrap_err().error, EmitError::Serialize(_)));
}
