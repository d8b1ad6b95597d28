//! One body, or one read, of many small events: no more of it waits than `queue_limit` says, and nothing of it
//! is lost or overtaken.
//!
//! At the end of a burst stands what the session itself answers as soon as it has come to it; by then all but
//! `queue_limit` events must have been handled. A POST is answered as late.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytestring::ByteString;
use socketio_core::protocol::engineio::{Frame, v3, v4};
use socketio_core::protocol::legacy::payload;
use socketio_core::{Origins, Parser, SocketIo, prelude::*};
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;

use crate::client::serve;

const EVENTS: usize = 50_000;
const LIMIT: usize = 8;

#[derive(Clone, Default)]
struct Handled(Arc<AtomicUsize>);

/// Counts what comes in order, and waits each time.
struct Count(Handled);

#[socket_connection]
impl Count {
    #[on_open]
    fn open(State(handled): State<Handled>) -> Self {
        Self(handled)
    }

    #[event]
    async fn n(&self, n: usize) {
        assert_eq!(n, self.0.0.fetch_add(1, Ordering::Relaxed));
        tokio::task::yield_now().await;
    }

    #[on_error]
    fn error(&self, error: &HandlerError) -> OnError {
        panic!("{error}")
    }
}

/// What a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Legacy,
    V3,
    V4,
    MsgPack,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Legacy, Self::V3, Self::V4, Self::MsgPack];

    /// Opens a session; gives the URL of its transport.
    pub(crate) async fn open(self, addr: SocketAddr, polls: bool) -> (String, Option<WebSocket>) {
        let revision = if self == Self::V3 { 3 } else { 4 };
        let handshake = match self {
            Self::Legacy => "/socket.io/1/".to_owned(),
            _ => format!("/socket.io/?EIO={revision}&transport=polling"),
        };
        if self == Self::Legacy || polls {
            let answer = http::request(addr, "GET", &handshake, &[], b"").await.unwrap();
            let text = answer.text();
            let transport = if polls { "xhr-polling" } else { "websocket" };
            let url = match self {
                Self::Legacy => {
                    format!("/socket.io/1/{transport}/{}", text.split(':').next().unwrap())
                }
                _ => format!("{handshake}&sid={}", text.split('"').nth(3).unwrap()),
            };
            if polls {
                return (url, None);
            }
            return (url.clone(), Some(websocket(addr, &url).await));
        }
        let url = format!("/socket.io/?EIO={revision}&transport=websocket");
        let socket = websocket(addr, &url).await;
        (url, Some(socket))
    }

    /// A message of its own: the first joins the root, the last is answered by the session itself.
    pub(crate) fn message(self, event: Message) -> Frame {
        let bytes = |packet: serde_json::Value| {
            Frame::Binary(rmp_serde::to_vec_named(&packet).unwrap().into())
        };
        let text = match (self, event) {
            (Self::Legacy, Message::Join) => "8::".to_owned(),
            (Self::Legacy, Message::Event(n)) => {
                format!(r#"5:::{{"name":"n","args":[{n}]}}"#)
            }
            // Acknowledged when it is taken in.
            (Self::Legacy, Message::Last) => {
                format!(r#"5:1::{{"name":"n","args":[{EVENTS}]}}"#)
            }
            (Self::V3, Message::Join) => "6".to_owned(),
            (Self::V3, Message::Last) => "2".to_owned(),
            (Self::V4, Message::Join) => "40".to_owned(),
            (Self::V4, Message::Last) => "40/nowhere,".to_owned(),
            (Self::V3 | Self::V4, Message::Event(n)) => format!(r#"42["n",{n}]"#),
            (Self::MsgPack, Message::Join) => {
                return bytes(serde_json::json!({"type": 0, "nsp": "/"}));
            }
            (Self::MsgPack, Message::Event(n)) => {
                return bytes(serde_json::json!({"type": 2, "nsp": "/", "data": ["n", n]}));
            }
            (Self::MsgPack, Message::Last) => {
                return bytes(serde_json::json!({"type": 0, "nsp": "/nowhere"}));
            }
        };
        Frame::Text(text.into())
    }

    pub(crate) fn body(self, frames: &[Frame]) -> Vec<u8> {
        let body = match self {
            Self::Legacy => payload::encode(&frames.iter().map(text_of).collect::<Vec<_>>()),
            Self::V3 => text_of(&v3::payload::encode(frames, false)),
            Self::V4 | Self::MsgPack => v4::payload::encode(frames),
        };
        body.as_bytes().to_vec()
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Message {
    Join,
    Event(usize),
    Last,
}

fn text_of(frame: &Frame) -> ByteString {
    match frame {
        Frame::Text(text) => text.clone(),
        Frame::Binary(_) => panic!("bytes"),
    }
}

async fn websocket(addr: SocketAddr, url: &str) -> WebSocket {
    let mut socket = WebSocket::open(addr, url, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    socket
}

/// A client's frame, under a mask of zeros.
pub(crate) fn masked(frame: &Frame) -> Vec<u8> {
    let (opcode, payload) = match frame {
        Frame::Text(text) => (0x81, &text.as_bytes()[..]),
        Frame::Binary(bytes) => (0x82, &bytes[..]),
    };
    [&[opcode, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0], payload].concat()
}

async fn a_burst_waits_in_the_bytes_that_it_came_in(kind: Kind, polls: bool) {
    let handled = Handled::default();
    let parser = if kind == Kind::MsgPack { Parser::MsgPack } else { Parser::Json };
    let io = SocketIo::builder::<Count>()
        .state(handled.clone())
        .origins(Origins::Any)
        .parser(parser)
        .max_message_bytes(1 << 23)
        .queue_limit(LIMIT)
        .build();
    let addr = serve(io.clone()).await;
    let (url, mut socket) = kind.open(addr, polls).await;
    let join = kind.message(Message::Join);
    let burst = (0..EVENTS).map(Message::Event).chain([Message::Last]);
    let burst: Vec<_> = burst.map(|message| kind.message(message)).collect();
    match &mut socket {
        None => {
            for frames in [&[join][..], &burst] {
                let body = kind.body(frames);
                let answer = http::request(addr, "POST", &url, &[], &body).await.unwrap();
                assert_eq!(answer.status, 200, "{kind:?}: {}", answer.text());
            }
        }
        Some(socket) => {
            socket.send_bytes(&masked(&join)).await.unwrap();
            // `1::`, or `0{…}` and `40{…}`.
            for _ in 0..if kind == Kind::Legacy { 1 } else { 2 } {
                socket.receive().await.unwrap().unwrap();
            }
            let burst: Vec<_> = burst.iter().flat_map(masked).collect();
            socket.send_bytes(&burst).await.unwrap();
            socket.receive().await.unwrap().unwrap();
        }
    }
    let at_the_end = handled.0.load(Ordering::Relaxed);
    assert!(at_the_end + LIMIT >= EVENTS, "{kind:?}, {polls}: {at_the_end} handled");
    let last = EVENTS + usize::from(kind == Kind::Legacy);
    while handled.0.load(Ordering::Relaxed) < last {
        assert_eq!(io.sessions(), 1, "{kind:?}: the session has ended");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_body_waits_in_the_bytes_that_it_came_in() {
    for kind in Kind::ALL {
        a_burst_waits_in_the_bytes_that_it_came_in(kind, true).await;
    }
}

#[tokio::test]
async fn frames_wait_in_the_read_that_brought_them() {
    for kind in Kind::ALL {
        a_burst_waits_in_the_bytes_that_it_came_in(kind, false).await;
    }
}
