//! Clients with the MessagePack parser, over both transports and in both revisions of Engine.IO.
//!
//! The bytes are those that socket.io-msgpack-parser 3.0.2 and socket.io 4.8.4 exchange.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;
use bytestring::ByteString;
use serde_json::Value;
use socketio_core::protocol::engineio::{self, Frame, v3, v4};
use socketio_core::{Origins, Parser, SocketIo, prelude::*};
use socketio_tests::connection::DEADLINE;
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;

use crate::client::{self, Via, serve};

#[derive(Default)]
struct Echo;

#[socket_connection(extra_args = "ignore")]
#[endpoints("/closed" => Closed)]
impl Echo {
    #[event]
    fn echo(&self, socket: &Socket, event: &Event) -> Result<(), EmitError> {
        socket.emit("echo-back", event.args())
    }

    #[event]
    fn bin(&self, data: Binary) -> Binary {
        data
    }

    #[event]
    async fn ask(&self, socket: &Socket) -> Result<(), AckError> {
        let sum: u8 = socket.emit_with_ack("sum", (1, 2)).await?;
        let _gone = socket.emit("summed", sum);
        Ok(())
    }
}

struct Closed;

/// Lets nobody in, and says what the client said about itself.
#[socket_connection]
impl Closed {
    #[on_open]
    fn open(Auth(auth): Auth<Value>) -> Result<Self, Reject> {
        Err(Reject::unauthorized("no").with_data(auth))
    }
}

/// What a client speaks, and over what.
#[derive(Debug, Clone, Copy)]
struct Kind {
    is_v3: bool,
    polls: bool,
}

struct Client {
    kind: Kind,
    addr: SocketAddr,
    url: String,
    socket: Option<WebSocket>,
    waiting: VecDeque<engineio::Packet>,
}

impl Client {
    async fn open(addr: SocketAddr, kind: Kind) -> Self {
        let revision = if kind.is_v3 { 3 } else { 4 };
        let transport = if kind.polls { "polling" } else { "websocket" };
        let url = format!("/socket.io/?EIO={revision}&transport={transport}");
        let mut client = Self { kind, addr, url, socket: None, waiting: VecDeque::new() };
        if !kind.polls {
            let mut socket = WebSocket::open(addr, &client.url, &[], "13").await.unwrap();
            assert_eq!(socket.answer().await.unwrap().status, 101);
            client.socket = Some(socket);
        }
        let Some(engineio::Packet::Open(open)) = client.packet().await else { panic!("no open") };
        let open: serde_json::Value = serde_json::from_str(&open).unwrap();
        client.url += &format!("&sid={}", open["sid"].as_str().unwrap());
        let moves = open["upgrades"] == serde_json::json!(["websocket"]);
        assert_eq!(moves, kind.polls, "{open}");
        client
    }

    async fn send(&mut self, message: &str) {
        let message = v4::encode(&engineio::Packet::Binary(bytes(message)));
        let (kind, is_v3) = (self.kind, self.kind.is_v3);
        let message = match message {
            Frame::Binary(bytes) if is_v3 => v3::encode(&engineio::Packet::Binary(bytes)),
            message => message,
        };
        let body = match kind {
            Kind { polls: false, .. } => message,
            Kind { is_v3: true, .. } => v3::payload::encode(&[message], true),
            Kind { is_v3: false, .. } => Frame::Text(v4::payload::encode(&[message])),
        };
        let (body, kind) = match body {
            Frame::Text(text) => (text.into_bytes(), "text/plain;charset=UTF-8"),
            Frame::Binary(bytes) => (bytes, "application/octet-stream"),
        };
        match &mut self.socket {
            Some(socket) => socket.send_frame(true, 2, &body).await.unwrap(),
            None => {
                let kind = [("Content-Type", kind)];
                let posted = http::request(self.addr, "POST", &self.url, &kind, &body).await;
                assert_eq!(posted.unwrap().status, 200);
            }
        }
    }

    /// The next packet; [`None`] if the server ended the connection.
    async fn packet(&mut self) -> Option<engineio::Packet> {
        while self.waiting.is_empty() {
            let is_v3 = self.kind.is_v3;
            let Some(socket) = &mut self.socket else {
                let answer = http::request(self.addr, "GET", &self.url, &[], b"").await.unwrap();
                if answer.status != 200 {
                    return None;
                }
                let text = || ByteString::try_from(answer.body.clone()).unwrap();
                let packets: Vec<_> = match answer.header("content-type") {
                    Some("application/octet-stream") => {
                        v3::payload::decode(&Frame::Binary(answer.body.clone())).collect()
                    }
                    _ if is_v3 => v3::payload::decode(&Frame::Text(text())).collect(),
                    _ => v4::payload::decode(&text()).collect(),
                };
                self.waiting.extend(packets.into_iter().map(Result::unwrap));
                continue;
            };
            let frame = socket.receive().await.unwrap()?;
            let frame = match (frame.opcode(), frame.text()) {
                (1, Some(text)) => Frame::Text(text.into()),
                (2, _) => Frame::Binary(frame.payload),
                _ => return None,
            };
            let packet = if is_v3 { v3::decode(&frame) } else { v4::decode(&frame) };
            self.waiting.push_back(packet.unwrap());
        }
        self.waiting.pop_front()
    }

    async fn next(&mut self) -> Bytes {
        match self.packet().await {
            Some(engineio::Packet::Binary(bytes)) => bytes,
            other => panic!("{:?}: {other:?} is no message in MessagePack", self.kind),
        }
    }
}

/// Bytes in hex, and texts between apostrophes.
fn bytes(notation: &str) -> Bytes {
    let words = notation.split_whitespace().flat_map(|word| match word.strip_prefix('\'') {
        Some(text) => text.as_bytes().to_vec(),
        None => vec![u8::from_str_radix(word, 16).unwrap()],
    });
    words.collect()
}

const EVERY_KIND: [Kind; 4] = [
    Kind { is_v3: false, polls: false },
    Kind { is_v3: false, polls: true },
    Kind { is_v3: true, polls: false },
    Kind { is_v3: true, polls: true },
];

/// A server, and a client of a kind that is in the root.
async fn connect(kind: Kind) -> (SocketIo, Client) {
    let io = SocketIo::builder::<Echo>().parser(Parser::MsgPack).origins(Origins::Any).build();
    let mut client = Client::open(serve(io.clone()).await, kind).await;
    if kind.is_v3 {
        let connected = client.next().await;
        assert_eq!(connected, bytes("82 a4 'type 00 a3 'nsp a1 '/"));
    } else {
        client.send("83 a4 'type 00 a4 'data d4 00 00 a3 'nsp a1 '/").await;
        let connected = client.next().await;
        let start = bytes("83 a4 'type 00 a4 'data 81 a3 'sid b6");
        let id = connected.slice(start.len()..start.len() + 22);
        assert_eq!(connected, [&start[..], &id, &bytes("a3 'nsp a1 '/")].concat());
    }
    (io, client)
}

#[tokio::test]
async fn packets_go_as_the_reference_parser_writes_them() {
    for kind in EVERY_KIND {
        let (_, mut client) = connect(kind).await;
        let options = "a7 'options 81 a8 'compress c3";
        client
            .send(&format!("84 a4 'type 02 a4 'data 93 a4 'echo a2 'hi 01 {options} a3 'nsp a1 '/"))
            .await;
        let echo = bytes("83 a4 'type 02 a4 'data 93 a9 'echo-back a2 'hi 01 a3 'nsp a1 '/");
        assert_eq!(client.next().await, echo, "{kind:?}");

        client
            .send(&format!(
                "85 a4 'type 02 a4 'data 92 a3 'bin c4 02 01 02 {options} a2 'id 00 a3 'nsp a1 '/"
            ))
            .await;
        let answer = bytes("84 a2 'id 00 a4 'type 03 a4 'data 91 c4 02 01 02 a3 'nsp a1 '/");
        assert_eq!(client.next().await, answer, "{kind:?}");

        // The other way round.
        client.send("83 a4 'type 02 a4 'data 91 a3 'ask a3 'nsp a1 '/").await;
        let asked = bytes("84 a4 'type 02 a4 'data 93 a3 'sum 01 02 a2 'id 00 a3 'nsp a1 '/");
        assert_eq!(client.next().await, asked, "{kind:?}");
        client.send("84 a4 'type 03 a2 'id 00 a4 'data 91 03 a3 'nsp a1 '/").await;
        let summed = bytes("83 a4 'type 02 a4 'data 92 a6 'summed 03 a3 'nsp a1 '/");
        assert_eq!(client.next().await, summed, "{kind:?}");

        // What a client says of itself is JSON to handlers.
        let joins = "83 a4 'type 00 a4 'data 81 a1 'k c4 02 01 02 a3 'nsp a7 '/closed";
        client.send(joins).await;
        let data = match kind {
            Kind { is_v3: false, .. } => "82 a7 'message a2 'no a4 'data 81 a1 'k 92 01 02",
            // The query.
            Kind { polls: true, .. } => "82 a3 'EIO a1 '3 a9 'transport a7 'polling",
            Kind { .. } => "82 a3 'EIO a1 '3 a9 'transport a9 'websocket",
        };
        let refused = bytes(&format!("83 a4 'type 04 a4 'data {data} a3 'nsp a7 '/closed"));
        assert_eq!(client.next().await, refused, "{kind:?}");

        client.send("82 a4 'type 01 a3 'nsp a1 '/").await;
        if !kind.is_v3 {
            // Out, and in again.
            client.send("82 a4 'type 00 a3 'nsp a1 '/").await;
            assert_eq!(client.next().await[..7], bytes("83 a4 'type 00")[..], "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_broadcast_reaches_clients_of_every_kind_in_their_own_form() {
    let io = SocketIo::builder::<Echo>().parser(Parser::MsgPack).build();
    let addr = serve(io.clone()).await;
    let mut legacy = client::Client::connect(addr, Via::WebSocket).await;
    let mut clients = Vec::new();
    for kind in EVERY_KIND {
        let mut client = Client::open(addr, kind).await;
        if !kind.is_v3 {
            client.send("82 a4 'type 00 a3 'nsp a1 '/").await;
        }
        client.next().await;
        clients.push(client);
    }
    let data = Binary(Bytes::from_static(&[7]));
    io.of("").emit("news", (&data, "é")).unwrap();
    let expected = bytes("83 a4 'type 02 a4 'data 93 a4 'news c4 01 07 a2 'é a3 'nsp a1 '/");
    for client in &mut clients {
        assert_eq!(client.next().await, expected, "{:?}", client.kind);
    }
    assert_eq!(legacy.next().await.unwrap(), r#"5:::{"name":"news","args":[[7],"é"]}"#);
}

#[tokio::test]
async fn what_is_no_packet_ends_the_session_and_no_other() {
    let (io, mut other) = connect(EVERY_KIND[0]).await;
    for message in ["c1", "80", "83 a4 'type 02 a4 'data 90 a3 'nsp a1 '/", "dd ff ff ff ff"] {
        let mut client = Client::open(other.addr, EVERY_KIND[0]).await;
        client.send(message).await;
        assert_eq!(client.packet().await, None, "{message}");
    }
    // A client with the usual parser.
    let mut client = Client::open(other.addr, EVERY_KIND[0]).await;
    client.socket.as_mut().unwrap().send_text("40").await.unwrap();
    assert_eq!(client.packet().await, None);
    drop(client);
    let gone = async {
        while io.sessions() > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, gone).await.expect("a session goes on");
    other.send("83 a4 'type 02 a4 'data 91 a4 'echo a3 'nsp a1 '/").await;
    let echo = bytes("83 a4 'type 02 a4 'data 91 a9 'echo-back a3 'nsp a1 '/");
    assert_eq!(other.next().await, echo);
}

#[tokio::test]
async fn clients_of_2_x_write_some_packets_in_their_own_way() {
    let (_, mut client) = connect(EVERY_KIND[2]).await;
    let socket = client.socket.as_mut().unwrap();
    socket.send_text(r#"4{"type":0,"nsp":"/closed?a=b"}"#).await.unwrap();
    let refused = client.next().await;
    assert_eq!(refused[..7], bytes("83 a4 'type 04")[..], "{refused:?}");
    // Those with binary values have types of their own.
    client.send("84 a4 'type 05 a4 'data 92 a3 'bin c4 01 07 a2 'id 00 a3 'nsp a1 '/").await;
    let answer = bytes("84 a2 'id 00 a4 'type 03 a4 'data 91 c4 01 07 a3 'nsp a1 '/");
    assert_eq!(client.next().await, answer);
    for text in [r#"4{"type":2,"nsp":"/","data":["echo"]}"#, "4{}", "40/closed,"] {
        let mut client = Client::open(client.addr, EVERY_KIND[2]).await;
        client.next().await;
        client.socket.as_mut().unwrap().send_text(text).await.unwrap();
        assert_eq!(client.packet().await, None, "{text}");
    }
}
