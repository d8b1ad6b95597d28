//! What clients can make grow and cause again and again: where it ends, that it is counted, and that the log says so once.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use serde_json::Value;
use socketio_core::{Builder, CloseReason, Hook, Packet, Parser, SocketIo, prelude::*};
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;
use tower_service::Service as _;
use tracing_subscriber::filter::LevelFilter;

use crate::client::serve;
use crate::spans::{GENERATIONS, Generation, Log, connect};
use crate::stats::{answer, handshake, until};

#[derive(Default)]
struct Greedy;

#[socket_connection]
#[endpoints("/early" => Early, "/panics" => Panics, "/of/{name}" => Side)]
impl Greedy {
    #[event]
    fn join(&self, socket: &Socket, rooms: Vec<String>) -> Vec<String> {
        socket.join(rooms);
        socket.rooms().into_iter().filter(|room| *room != socket.id().to_string()).collect()
    }

    #[event]
    fn leave(&self, socket: &Socket, room: String) {
        socket.leave(room);
    }

    #[event]
    fn ask(&self, socket: Socket) {
        tokio::spawn(async move { socket.emit_with_ack::<()>("asked", ()).await });
    }

    #[event]
    async fn hang(&self) {
        std::future::pending::<()>().await;
    }

    #[event]
    fn promise(&self, _answer: AckSender) {}

    #[event]
    fn panic(&self) {
        panic!("on purpose");
    }

    #[event]
    fn echo(&self, value: u8) -> u8 {
        value
    }

    #[on_error]
    fn error(&self) -> OnError {
        OnError::Ignore
    }
}

#[derive(Default)]
struct Side;

#[socket_connection]
impl Side {}

struct Early;

#[socket_connection]
impl Early {
    #[on_open]
    fn open(socket: &Socket) -> Result<Self, EmitError> {
        socket.volatile().emit("news", 1)?;
        socket.volatile().emit("news", 2)?;
        Ok(Self)
    }
}

struct Panics;

#[socket_connection]
impl Panics {
    #[on_open]
    fn open() -> Self {
        panic!("on purpose");
    }
}

const LEGACY: Generation = GENERATIONS[0];
const V3: Generation = GENERATIONS[1];
const V4: Generation = GENERATIONS[2];

/// A limit, a server that has it, and what a client of a generation sends that hits it so many times.
struct Case {
    limit: &'static str,
    options: fn(Builder<Greedy>) -> Builder<Greedy>,
    generation: Generation,
    packets: Vec<String>,
    hits: u64,
}

fn case(
    limit: &'static str,
    options: fn(Builder<Greedy>) -> Builder<Greedy>,
    generation: Generation,
    packets: &[&str],
    hits: u64,
) -> Case {
    let packets = packets.iter().map(ToString::to_string).collect();
    Case { limit, options, generation, packets, hits }
}

fn cases() -> Vec<Case> {
    let long = format!(r#"40/of/a,{{"a":"{}"}}"#, "x".repeat(16 * 1024));
    let long_name = format!("1::/of/a?{}", "x".repeat(16 * 1024));
    let named = |name: &str| format!(r#"5:::{{"name":"{name}"}}"#);
    let named = [named(&"x".repeat(1025)), named(&"ä".repeat(513)), named(&"x".repeat(1024))];
    let room = format!(r#"42["join",["a","{}","{}"]]"#, "b".repeat(1024), "c".repeat(1025));
    vec![
        case("endpoints", |it| it.max_endpoints(1), V4, &["40/of/a,", "40/of/b,", "40/of/c,"], 2),
        case("endpoints", |it| it.max_endpoints(0), V3, &["40/of/b,", "40/of/c,"], 2),
        case("endpoints", |it| it.max_endpoints(0), LEGACY, &["1::/of/b", "1::/of/c"], 2),
        case("connect", |it| it, V4, &[&long, &long], 2),
        case("connect", |it| it, LEGACY, &[&long_name, &long_name], 2),
        case("early packets", |it| it.max_early_packets(1), LEGACY, &["3::/x:1"; 3], 2),
        case("early packets", |it| it.max_early_packets(0), LEGACY, &["3::/x:1"; 3], 3),
        case("event name", |it| it, LEGACY, &named.each_ref().map(|name| &**name), 2),
        case("pending acks", |it| it.max_pending_acks(1), V3, &[r#"42["ask"]"#; 3], 2),
        case("rooms", |it| it.max_rooms(1), V4, &[r#"42["join",["a","b","c"]]"#], 2),
        case("rooms", |it| it, V4, &[&room, &room], 2),
        case("queue", |it| it.queue_limit(1), V4, &[r#"42["hang"]"#; 3], 1),
        case("volatile", |it| it, V4, &["40/early,"], 2),
    ]
}

/// The lines that say of a limit that it was hit.
fn told(log: &Log, limit: &str) -> usize {
    let field = format!("limit=\"{limit}\"");
    log.lines().iter().filter(|line| line.contains(&field)).count()
}

#[tokio::test]
async fn a_limit_is_counted_each_time_and_told_once_for_each_client() {
    for case in cases() {
        let (log, _listening) = Log::start(LevelFilter::DEBUG);
        let io = (case.options)(SocketIo::builder()).build();
        let addr = serve(io.clone()).await;
        for clients in 1..=2 {
            let (mut client, _) = connect(addr, &case.generation).await;
            for packet in &case.packets {
                client.send_text(packet).await.unwrap();
            }
            let expected = clients * case.hits;
            until(&io, case.limit, |stats| stats.limits[case.limit] >= expected).await;
            let hit = |stats: Vec<(&'static str, u64)>| stats.into_iter().filter(|it| it.1 > 0);
            let hits: Vec<_> = hit(io.stats().limits.into_iter().collect()).collect();
            assert_eq!(hits, [(case.limit, expected)]);
            assert_eq!(told(&log, case.limit) as u64, clients, "{}", case.limit);
        }
    }
}

#[tokio::test]
async fn bodies_that_are_too_large_are_counted_and_told_once_for_each_client() {
    let (log, _listening) = Log::start(LevelFilter::DEBUG);
    let io = SocketIo::builder::<Greedy>().max_message_bytes(10).build();
    let addr = serve(io.clone()).await;
    for generation in ["EIO=3", "EIO=4", ""] {
        let before = io.stats().limits["body"];
        let url = if generation.is_empty() {
            format!("/socket.io/1/xhr-polling/{}", handshake(&io).await)
        } else {
            let path = format!("/socket.io/?{generation}&transport=polling");
            let open = answer(&io, Request::get(&path), "").await;
            format!("{path}&sid={}", open.split('"').nth(3).unwrap())
        };
        for _ in 0..2 {
            let answer = http::request(addr, "POST", &url, &[], &[b'x'; 11]).await.unwrap();
            assert_eq!(answer.status, 413, "{generation}");
        }
        assert_eq!(io.stats().limits["body"], before + 2);
        assert_eq!(told(&log, "body") as u64, (before + 2) / 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_takes_too_long_is_counted() {
    let (log, _listening) = Log::start(LevelFilter::DEBUG);
    let io = SocketIo::builder::<Greedy>().close_timeout(Duration::from_secs(25)).build();
    let url = format!("/socket.io/1/xhr-polling/{}", handshake(&io).await);
    let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
    let request = Request::post(url).body(Body::from_stream(never)).unwrap();
    assert_eq!(io.service().call(request).await.unwrap().status(), 408);
    assert_eq!((io.stats().limits["body time"], told(&log, "body time")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn handshakes_that_are_refused_are_told_when_that_begins() {
    let large = format!("?a={}", "x".repeat(16 * 1024));
    let cases: [(&str, fn(Builder<Greedy>) -> Builder<Greedy>, &str); 4] = [
        ("max_sessions", |it| it.max_sessions(0), ""),
        ("max_sessions_per_address", |it| it.max_sessions_per_address(0), ""),
        ("max_handshakes_per_second", |it| it.max_handshakes_per_second(1), ""),
        ("head", |it| it, &large),
    ];
    for (limit, options, query) in cases {
        let (log, _listening) = Log::start(LevelFilter::WARN);
        let io = options(SocketIo::builder()).build();
        let shake_hands = async || {
            let peer: SocketAddr = "10.0.0.1:1".parse().unwrap();
            let request = Request::get(format!("/socket.io/1/{query}"));
            answer(&io, request.extension(axum::extract::ConnectInfo(peer)), "").await;
        };
        for times in 1..=2 {
            for _ in 0..5 {
                shake_hands().await;
                tokio::time::advance(Duration::from_millis(100)).await;
            }
            assert_eq!((told(&log, limit), log.lines().len()), (times, times), "{limit}");
            tokio::time::advance(Duration::from_secs(61)).await;
        }
        if limit == "head" {
            assert_eq!(io.stats().limits["head"], 10);
        }
    }
}

#[tokio::test]
async fn a_server_that_learns_no_addresses_says_so_once() {
    let (log, _listening) = Log::start(LevelFilter::WARN);
    let io = SocketIo::builder::<Greedy>().verify_remote_ip(true).build();
    for _ in 0..3 {
        let refused = answer(&io, Request::get("/socket.io/1/"), "").await;
        assert_eq!(refused, "handshake error");
    }
    let lines = log.lines();
    assert!(lines.len() == 1 && lines[0].contains("verify_remote_ip"), "{lines:#?}");
}

struct Clumsy;

impl Hook for Clumsy {
    fn incoming(&self, _: &Socket, packet: &Packet<'_>) {
        if let Packet::Event { name: "echo", .. } = packet {
            panic!("on purpose");
        }
    }
}

#[tokio::test]
async fn no_client_fills_the_log_with_warnings() {
    let (log, _listening) = Log::start(LevelFilter::WARN);
    let addr = serve(SocketIo::builder::<Greedy>().hook(Clumsy).build()).await;
    for clients in 1..=2 {
        let (mut client, _) = connect(addr, &V4).await;
        for _ in 0..5 {
            for packet in [r#"421["promise"]"#, r#"42["panic"]"#, "40/panics,", r#"422["echo",7]"#]
            {
                client.send_text(packet).await.unwrap();
            }
            while !client.receive().await.unwrap().unwrap().to_string().starts_with("432") {}
        }
        let lines = log.lines();
        for what in ["AckSender", "event=\"panic\"", "event=\"connect\"", "a hook panicked"] {
            let found = lines.iter().filter(|line| line.contains(what)).count();
            assert_eq!(found, clients, "{what}: {lines:#?}");
        }
        assert_eq!(lines.len(), 4 * clients, "{lines:#?}");
    }
}

struct Deep;

#[socket_connection]
impl Deep {
    #[on_open]
    fn open(socket: &Socket) -> Result<Self, EmitError> {
        let deep = (0..200).fold(Value::Null, |deep, _| Value::Array(vec![deep]));
        socket.emit("deep", &deep)?;
        socket.emit("deep", &deep)?;
        Ok(Self)
    }
}

#[tokio::test]
async fn what_can_not_be_written_is_a_warning_once_for_each_client() {
    let (log, _listening) = Log::start(LevelFilter::WARN);
    let io = SocketIo::builder::<Deep>().parser(Parser::MsgPack).build();
    let addr = serve(io.clone()).await;
    for clients in 1..=2 {
        let path = "/socket.io/?EIO=4&transport=websocket";
        let mut client = WebSocket::open(addr, path, &[], "13").await.unwrap();
        assert_eq!(client.answer().await.unwrap().status, 101);
        client.send_text(r#"4{"type":0,"nsp":"/"}"#).await.unwrap();
        until(&io, "dropped", |stats| stats.limits["depth"] == 2 * clients).await;
        assert_eq!((told(&log, "depth"), log.lines().len()), (clients as usize, clients as usize));
    }
}

#[tokio::test]
async fn requests_of_unknown_sessions_are_counted_and_many_of_them_told_once() {
    const ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";
    for path in [
        format!("/socket.io/1/xhr-polling/{ID}"),
        format!("/socket.io/?EIO=3&transport=polling&sid={ID}"),
        format!("/socket.io/?EIO=4&transport=polling&sid={ID}"),
    ] {
        let (log, _listening) = Log::start(LevelFilter::INFO);
        let io = SocketIo::builder::<Greedy>().build();
        for (requests, lines) in [(99, 0), (1, 1), (150, 1)] {
            for _ in 0..requests {
                answer(&io, Request::get(&path), "").await;
            }
            assert_eq!(log.lines().len(), lines, "{path}");
        }
        assert_eq!(io.stats().unknown_sessions, 250);
        let lines = log.lines();
        assert!(lines[0].contains("sticky sessions") && !lines[0].contains(ID), "{lines:#?}");
    }
}

async fn ask(client: &mut WebSocket, packet: &str) -> String {
    client.send_text(packet).await.unwrap();
    client.receive().await.unwrap().expect("the connection has ended").to_string()
}

#[tokio::test]
async fn a_connection_is_in_so_many_rooms_however_it_comes_to_them() {
    let io = SocketIo::builder::<Greedy>().max_rooms(2).build();
    let addr = serve(io.clone()).await;
    let (mut client, _) = connect(addr, &V4).await;
    let (mut other, _) = connect(addr, &V4).await;
    assert_eq!(ask(&mut client, r#"421["join",["a","b","c"]]"#).await, r#"431[["a","b"]]"#);
    assert_eq!(ask(&mut client, r#"421["join",["b"]]"#).await, r#"431[["a","b"]]"#);
    assert_eq!(io.stats().limits["rooms"], 1);
    io.of("").join_all(["c", "d"]);
    assert_eq!(io.stats().limits["rooms"], 3);
    assert_eq!(ask(&mut client, r#"421["leave","a"]"#).await, "431[]");
    assert_eq!(ask(&mut client, r#"421["join",["c","d"]]"#).await, r#"431[["b","c"]]"#);
    assert_eq!(ask(&mut other, r#"421["join",[]]"#).await, r#"431[["c","d"]]"#);
}

#[tokio::test]
async fn so_many_endpoints_are_named_by_all_clients_together_and_room_comes_back() {
    let (log, _listening) = Log::start(LevelFilter::WARN);
    let io = SocketIo::builder::<Greedy>().max_dynamic_endpoints(1).build();
    let addr = serve(io.clone()).await;
    let (mut one, _) = connect(addr, &V4).await;
    let (mut other, _) = connect(addr, &V4).await;
    for client in [&mut one, &mut other] {
        assert!(ask(client, "40/of/a,").await.starts_with(r#"40/of/a,{"sid""#));
        assert!(ask(client, "40/early,").await.starts_with(r#"40/early,{"sid""#));
        let refused = r#"44/of/b,{"message":"Invalid namespace"}"#;
        assert_eq!(ask(client, "40/of/b,").await, refused);
    }
    assert_eq!(io.stats().limits["dynamic endpoints"], 2);
    assert_eq!((told(&log, "dynamic endpoints"), log.lines().len()), (1, 1));
    one.send_text("41/of/a,").await.unwrap();
    assert!(ask(&mut one, "40/of/b,").await.starts_with("44"));
    other.send_text("41/of/a,").await.unwrap();
    assert!(ask(&mut other, "40/of/b,").await.starts_with("40"));
    assert!(ask(&mut one, "40/of/a,").await.starts_with("44"));
}

#[tokio::test]
async fn a_client_that_sends_more_packets_a_second_than_it_may_is_put_out_and_nobody_else() {
    for generation in GENERATIONS {
        let io = SocketIo::builder::<Greedy>().max_packets_per_second(100).build();
        let addr = serve(io.clone()).await;
        let (mut bystander, _) = connect(addr, &generation).await;
        let (mut client, _) = connect(addr, &generation).await;
        for _ in 0..1_000 {
            // The server closes meanwhile.
            let _closed = client.send_text(&(generation.event)("", r#""hang""#, None)).await;
        }
        while let Ok(Some(_)) = client.receive().await {}
        let reason = CloseReason::TooManyPackets.as_str();
        until(&io, "put out", |stats| stats.closed[reason].sessions == 1).await;
        let echo = (generation.event)("", r#""echo",7"#, Some(1));
        assert!(ask(&mut bystander, &echo).await.contains("[7]"), "{}", generation.name);
    }
}
