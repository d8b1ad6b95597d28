//! Large events: of one client no more than `receive_buffer_limit` and one of them wait or run, whatever it sends.
//!
//! A hook sees each event as it is taken in, and adds it to what its handlers have not done yet; handlers take longer
//! than a read does. So what is claimed holds at every moment, and no claim rests on timing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use socketio_core::protocol::engineio::Frame;
use socketio_core::{AckError, Binary, Hook, Origins, Packet, Parser, SocketIo, prelude::*};
use socketio_tests::connection::DEADLINE;
use socketio_tests::http;
use socketio_tests::websocket::{BINARY, TEXT, WebSocket};
use tokio::time::timeout;

use crate::bursts::{Kind, Message};
use crate::client::{BOTH, Client, serve};

const EVENTS: usize = 30;
/// Bytes of an event.
const LARGE: usize = 64 << 10;
/// Three are below it, so a fourth may come.
const LIMIT: usize = 4 * LARGE - 100;

/// What is not handled yet of one client's events.
#[derive(Clone, Default)]
struct Backlog(Arc<Figures>);

#[derive(Default)]
struct Figures {
    bytes: AtomicUsize,
    /// The most that there was of it when another event was taken in.
    most: AtomicUsize,
    handled: AtomicUsize,
}

impl Hook for Backlog {
    fn incoming(&self, _: &Socket, packet: &Packet<'_>) {
        if let Packet::Event { args, .. } = packet {
            self.0.most.fetch_max(self.0.bytes.fetch_add(args.len(), Relaxed), Relaxed);
        }
    }

    fn outgoing(&self, _: &Socket, _: &Packet<'_>) {}
}

impl Backlog {
    /// Gives how many were handled before.
    async fn work(&self, event: &Event, content: impl AsRef<[u8]>) -> usize {
        assert!(content.as_ref().len() <= event.args().len());
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        self.0.bytes.fetch_sub(event.args().len(), Relaxed);
        self.0.handled.fetch_add(1, Relaxed)
    }
}

/// Takes its time for each event.
struct Slow(Backlog);

#[socket_connection]
impl Slow {
    #[on_open]
    fn open(State(backlog): State<Backlog>) -> Self {
        Self(backlog)
    }

    #[event]
    async fn text(&self, event: &Event, number: usize, text: &str) {
        assert_eq!(number, self.0.work(event, text).await);
    }

    #[event]
    async fn bytes(&self, event: &Event, number: usize, bytes: Binary) {
        assert_eq!(number, self.0.work(event, &bytes.0).await);
    }

    #[event(concurrent)]
    async fn beside(&self, event: &Event, number: usize, text: &str) {
        assert!(number < EVENTS);
        self.0.work(event, text).await;
    }

    #[event(queue = "disk")]
    async fn queued(&self, event: &Event, number: usize, text: &str) {
        assert_eq!(number, self.0.work(event, text).await);
    }

    /// Says what the client answers to it.
    #[event]
    async fn ask(&self, socket: &Socket, text: &str) -> Result<u32, AckError> {
        assert!(!text.is_empty());
        socket.emit_with_ack("question", ()).await
    }

    #[on_error]
    fn error(&self, error: &HandlerError) -> OnError {
        panic!("{error}")
    }
}

fn server(kind: Kind, backlog: &Backlog) -> SocketIo {
    let parser = if kind == Kind::MsgPack { Parser::MsgPack } else { Parser::Json };
    let io = SocketIo::builder::<Slow>().state(backlog.clone()).hook(backlog.clone());
    io.origins(Origins::Any)
        .parser(parser)
        .max_message_bytes(1 << 23)
        .receive_buffer_limit(LIMIT)
        .build()
}

/// The frames of an event.
fn event(kind: Kind, name: &str, number: usize) -> Vec<Frame> {
    let text = "x".repeat(LARGE);
    let placeholder = r#"{"_placeholder":true,"num":0}"#;
    let text = match (kind, name) {
        (Kind::Legacy, _) => format!(r#"5:::{{"name":"{name}","args":[{number},"{text}"]}}"#),
        (Kind::V3, "bytes") => {
            let bytes = [&[4], text.as_bytes()].concat();
            let head = format!(r#"451-["bytes",{number},{placeholder}]"#);
            return vec![Frame::Text(head.into()), Frame::Binary(bytes.into())];
        }
        (Kind::V4, "bytes") => {
            let head = format!(r#"451-["bytes",{number},{placeholder}]"#);
            return vec![Frame::Text(head.into()), Frame::Binary(text.into())];
        }
        (Kind::V3 | Kind::V4, _) => format!(r#"42["{name}",{number},"{text}"]"#),
        (Kind::MsgPack, "bytes") => {
            let length = u32::try_from(LARGE).unwrap().to_be_bytes();
            let number = u8::try_from(number).unwrap();
            let head = b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x93\xa5bytes";
            let message = [&head[..], &[number, 0xc6], &length, text.as_bytes()].concat();
            return vec![Frame::Binary(message.into())];
        }
        // Six times as long in JSON, which is what waits.
        (Kind::MsgPack, _) => {
            let data = (name, number, "\u{1}".repeat(LARGE / 6));
            let packet = serde_json::json!({"type": 2, "nsp": "/", "data": data});
            return vec![Frame::Binary(rmp_serde::to_vec_named(&packet).unwrap().into())];
        }
    };
    vec![Frame::Text(text.into())]
}

async fn send(socket: &mut WebSocket, frame: &Frame) {
    let (opcode, payload) = match frame {
        Frame::Text(text) => (TEXT, &text.as_bytes()[..]),
        Frame::Binary(bytes) => (BINARY, &bytes[..]),
    };
    socket.send_frame(true, opcode, payload).await.unwrap();
}

async fn no_more_waits_than_the_limit(kind: Kind, name: &str, polls: bool) {
    let backlog = Backlog::default();
    let io = server(kind, &backlog);
    let addr = serve(io.clone()).await;
    let (url, mut socket) = kind.open(addr, polls).await;
    let join = kind.message(Message::Join);
    let events: Vec<_> = (0..EVENTS).flat_map(|number| event(kind, name, number)).collect();
    match &mut socket {
        None => {
            for frames in [&[join][..], &events] {
                let body = kind.body(frames);
                let answer = http::request(addr, "POST", &url, &[], &body).await.unwrap();
                assert_eq!(answer.status, 200, "{kind:?}: {}", answer.text());
            }
        }
        Some(socket) => {
            for frame in [join].iter().chain(&events) {
                send(socket, frame).await;
            }
        }
    }
    let handled = async {
        while backlog.0.handled.load(Relaxed) < EVENTS {
            assert_eq!(io.sessions(), 1, "{kind:?} {name}: the session has ended");
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, handled).await.expect("all are handled");
    let most = backlog.0.most.load(Relaxed);
    assert!(most < LIMIT, "{kind:?} {name}, {polls}: {most} bytes waited and more was taken in");
    assert!(!polls || most >= 3 * LARGE, "{kind:?} {name}: {most} bytes of {LIMIT}");
}

#[tokio::test]
async fn of_one_client_no_more_bytes_wait_than_the_limit_and_one_event() {
    for kind in Kind::ALL {
        for name in ["text", "bytes", "beside", "queued"] {
            if (kind, name) != (Kind::Legacy, "bytes") {
                no_more_waits_than_the_limit(kind, name, true).await;
                no_more_waits_than_the_limit(kind, name, false).await;
            }
        }
    }
}

#[tokio::test]
async fn an_acknowledgement_arrives_behind_a_queue_that_is_full_and_an_event_larger_than_the_limit()
{
    for via in BOTH {
        for (asks, waits) in [(1, LIMIT), (3 * LIMIT, 1), (3 * LIMIT, LIMIT / 2)] {
            let backlog = Backlog::default();
            let addr = serve(server(Kind::Legacy, &backlog)).await;
            let mut client = Client::connect(addr, via).await;
            let ask = format!(r#"5:7+::{{"name":"ask","args":["{}"]}}"#, "x".repeat(asks));
            assert_eq!(client.ask(&ask).await, r#"5:1+::{"name":"question"}"#);
            let text = "x".repeat(waits);
            client.send(&format!(r#"5:::{{"name":"text","args":[0,"{text}"]}}"#)).await;
            assert_eq!(client.ask("6:::1+[5]").await, "6:::7+[5]", "{via:?}");
        }
    }
}
