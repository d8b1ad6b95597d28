//! Floods: one client sends ten times what each budget lets it, another beside it is served.
//!
//! In: nothing. Out: how each flood ended and how many packets of it were taken in, by the statistics; how much the
//! process held at most, by a counting allocator; and that calls of the other client were answered meanwhile, in order. A
//! program of its own, for the sake of the allocator. What is held is counted on the thread that serves, clients included,
//! so no other test can be seen in it, and nothing here rests on timing: the flood is over once nothing more of it is sent
//! or taken in while the other client makes many calls.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::cell::Cell;
use std::net::SocketAddr;

use allocation_counter::measure;
use axum::Router;
use futures_util::future::join_all;
use socketio_core::{Binary, Origins, SocketIo, Stats, prelude::*};
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;
use tokio::net::TcpListener;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Calls that the other client makes after anything of the flood was sent or taken in.
const CALLS: u64 = 200;
/// Times of a budget that are sent.
const TIMES: usize = 10;

#[derive(Default)]
struct Lobby;

#[socket_connection]
#[endpoints("/room/{number}" => Room)]
impl Lobby {
    #[event]
    fn echo(&self, number: usize) -> usize {
        number
    }

    /// Never ends.
    #[event]
    async fn wait(&self, event: &Event) {
        assert_eq!(event.name(), "wait");
        std::future::pending::<()>().await;
    }

    #[event]
    async fn keep(&self, text: &str) {
        assert!(!text.is_empty());
        std::future::pending::<()>().await;
    }

    #[event]
    async fn store(&self, bytes: Binary) {
        assert!(!bytes.0.is_empty());
        std::future::pending::<()>().await;
    }

    #[event(concurrent)]
    async fn beside(&self) {
        std::future::pending::<()>().await;
    }

    #[event]
    fn answer(&self) -> String {
        "x".repeat(256 * KIB)
    }

    /// Asks its client far more than may be awaited.
    #[event]
    async fn ask(&self, socket: &Socket) {
        let ask = |_| socket.emit_with_ack::<()>("question", ()).into_future();
        join_all((0..TIMES * 1024).map(ask)).await;
    }
}

#[derive(Default)]
struct Room;

#[socket_connection]
impl Room {
    #[event]
    async fn wait(&self) {
        std::future::pending::<()>().await;
    }
}

/// What the client speaks that floods.
#[derive(Clone, Copy)]
enum Wire {
    /// Socket.IO 4, over a WebSocket.
    Frames,
    /// The same in POSTs.
    Posts,
    /// Socket.IO 0.9, over a WebSocket.
    Legacy,
}

/// How a flood ends.
#[derive(Clone, Copy)]
enum End {
    /// All of it means something.
    Taken,
    /// At this limit of the statistics, and its client is still there.
    Limit(&'static str),
    /// With its session, for this reason.
    Closed(&'static str),
}

/// What one client sends, again and again, what comes of it, and what may be held of it.
struct Flood {
    name: &'static str,
    wire: Wire,
    /// One write, or the body of a POST, by its number.
    write: fn(usize) -> Vec<u8>,
    writes: usize,
    end: End,
    /// Packets that are taken in, at least.
    taken: usize,
    /// Bytes, at most.
    held: usize,
}

/// A client's frame, under a mask of zeros.
fn frame(text: bool, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![if text { 0x81 } else { 0x82 }];
    match payload.len() {
        length @ ..126 => frame.push(0x80 | u8::try_from(length).unwrap()),
        length @ ..0x1_0000 => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend(u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    [&frame[..], &[0; 4], payload].concat()
}

fn text(packet: &str) -> Vec<u8> {
    frame(true, packet.as_bytes())
}

async fn websocket(addr: SocketAddr, path: &str) -> WebSocket {
    let mut client = WebSocket::open(addr, path, &[], "13").await.unwrap();
    assert_eq!(client.answer().await.unwrap().status, 101);
    client
}

async fn connect(addr: SocketAddr) -> WebSocket {
    let mut client = websocket(addr, "/socket.io/?EIO=4&transport=websocket").await;
    client.send_text("40").await.unwrap();
    for answer in ["0{", "40{"] {
        assert!(next(&mut client).await.starts_with(answer));
    }
    client
}

async fn next(client: &mut WebSocket) -> String {
    let frame = client.receive().await.unwrap().expect("the connection has ended");
    frame.text().unwrap().to_owned()
}

async fn get(addr: SocketAddr, path: &str) -> String {
    http::request(addr, "GET", path, &[], b"").await.unwrap().text().into_owned()
}

async fn post(addr: SocketAddr, path: &str, body: &[u8]) -> bool {
    http::request(addr, "POST", path, &[], body).await.is_ok_and(|answer| answer.status == 200)
}

/// A client that floods.
enum Flooder {
    WebSocket(WebSocket),
    /// By its URL.
    Polls(SocketAddr, String),
}

impl Flooder {
    async fn connect(addr: SocketAddr, wire: Wire) -> Self {
        match wire {
            Wire::Frames => Self::WebSocket(connect(addr).await),
            Wire::Legacy => {
                let handshake = get(addr, "/socket.io/1/").await;
                let id = handshake.split(':').next().unwrap();
                let mut client = websocket(addr, &format!("/socket.io/1/websocket/{id}")).await;
                assert_eq!(next(&mut client).await, "1::");
                Self::WebSocket(client)
            }
            Wire::Posts => {
                let path = "/socket.io/?EIO=4&transport=polling";
                let open = get(addr, path).await;
                let url = format!("{path}&sid={}", open.split('"').nth(3).unwrap());
                assert!(post(addr, &url, b"40").await);
                Self::Polls(addr, url)
            }
        }
    }

    /// Whether it is still there.
    async fn send(&mut self, bytes: &[u8]) -> bool {
        match self {
            Self::WebSocket(client) => client.send_bytes(bytes).await.is_ok(),
            Self::Polls(addr, url) => post(*addr, url, bytes).await,
        }
    }
}

impl Flood {
    async fn run(&self) {
        let io = SocketIo::builder::<Lobby>().origins(Origins::Any).build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let serving = io.clone();
        tokio::spawn(async move {
            serving.serve_until(listener, Router::new(), std::future::pending()).await;
        });
        let mut flooder = Flooder::connect(addr, self.wire).await;
        let mut other = connect(addr).await;
        let received = || io.stats().total.packets_received;
        let before = received();
        let sent = Cell::new(0);
        let flood = async {
            for number in 0..self.writes {
                if !flooder.send(&(self.write)(number)).await {
                    break;
                }
                sent.set(number + 1);
            }
            std::future::pending::<()>().await;
        };
        let calls = async {
            let (mut number, mut last, mut since) = (0, (0, 0), 0);
            while number - since < CALLS {
                other.send_text(&format!(r#"42{number}["echo",{number}]"#)).await.unwrap();
                assert_eq!(
                    next(&mut other).await,
                    format!("43{number}[{number}]"),
                    "{}",
                    self.name
                );
                number += 1;
                let now = (sent.get(), received() - before - number);
                if now != last {
                    (last, since) = (now, number);
                }
            }
            last.1
        };
        let taken = tokio::select! {
            () = flood => 0,
            taken = calls => taken,
        };
        println!("{}: {} of {} writes, {taken} packets", self.name, sent.get(), self.writes);
        assert!(taken >= self.taken as u64, "{}: {taken} packets were taken in", self.name);
        self.check(&io.stats());
    }

    /// It has ended as it should.
    fn check(&self, stats: &Stats) {
        let closed = stats.closed.iter().filter(|(_, closed)| closed.sessions > 0);
        let closed: Vec<_> = closed.map(|(reason, _)| *reason).collect();
        let limits = stats.limits.iter().filter(|(_, times)| **times > 0);
        let limits: Vec<_> = limits.map(|(limit, _)| *limit).collect();
        let is_right = match self.end {
            End::Taken => closed.is_empty() && limits.is_empty(),
            End::Limit(limit) => closed.is_empty() && limits == [limit],
            End::Closed(reason) => closed == [reason],
        };
        assert!(is_right, "{}: closed {closed:?}, limits {limits:?}", self.name);
    }
}

#[test]
fn cve_2026_48802_a_flood_of_each_kind_is_held_to_its_budget_and_hurts_nobody_else() {
    let floods = [
        Flood {
            name: "nothing",
            wire: Wire::Frames,
            write: |_| text("3"),
            writes: 1,
            end: End::Taken,
            taken: 1,
            held: MIB / 2,
        },
        Flood {
            name: "small events",
            wire: Wire::Frames,
            write: |_| text(r#"42["wait"]"#).repeat(64),
            writes: TIMES * 1024 / 64,
            end: End::Limit("queue"),
            taken: 1024,
            held: MIB,
        },
        Flood {
            name: "large events",
            wire: Wire::Frames,
            write: |_| text(&format!(r#"42["keep","{}"]"#, "x".repeat(256 * KIB))),
            writes: TIMES * 16,
            end: End::Limit("queue"),
            taken: 16,
            held: 6 * MIB,
        },
        Flood {
            name: "large attachments",
            wire: Wire::Frames,
            write: |_| {
                let event = text(r#"451-["store",{"_placeholder":true,"num":0}]"#);
                [event, frame(false, &[7; 256 * KIB])].concat()
            },
            writes: TIMES * 16,
            end: End::Limit("queue"),
            taken: 32,
            held: 7 * MIB,
        },
        Flood {
            name: "small events in reads of much else",
            wire: Wire::Frames,
            write: |_| [text(r#"42["beside"]"#), text(&"6".repeat(50 * KIB))].concat(),
            writes: TIMES * 1024,
            end: End::Limit("queue"),
            taken: 2 * 1023,
            held: 2 * MIB,
        },
        Flood {
            name: "small events before much that means nothing",
            wire: Wire::Frames,
            write: |_| text(&format!("{:1$}", r#"42["beside"]"#, 50 * KIB)),
            writes: TIMES * 1024,
            end: End::Limit("queue"),
            taken: 1024,
            held: 2 * MIB,
        },
        Flood {
            name: "small events on many endpoints",
            wire: Wire::Frames,
            write: |n| match n {
                0..64 => text(&format!("40/room/{n},")),
                n => {
                    [text(&format!(r#"42/room/{},["wait"]"#, n % 64)), text(&"6".repeat(50 * KIB))]
                        .concat()
                }
            },
            writes: TIMES * 1024,
            end: End::Limit("queue"),
            taken: 64 + 2 * 1023,
            held: 2 * MIB,
        },
        Flood {
            name: "small events in POSTs of much else",
            wire: Wire::Posts,
            write: |_| format!("42[\"beside\"]\u{1e}{}", "6".repeat(50 * KIB)).into(),
            writes: TIMES * 1024,
            end: End::Limit("queue"),
            taken: 2 * 1023,
            held: 2 * MIB,
        },
        Flood {
            name: "large events in POSTs",
            wire: Wire::Posts,
            write: |_| format!(r#"42["keep","{}"]"#, "x".repeat(256 * KIB)).into(),
            writes: TIMES * 16,
            end: End::Limit("queue"),
            taken: 16,
            held: 7 * MIB,
        },
        Flood {
            name: "small events with members that nobody reads",
            wire: Wire::Legacy,
            write: |_| {
                let junk = "x".repeat(50 * KIB);
                text(&format!(r#"5:::{{"name":"beside","junk":"{junk}"}}"#))
            },
            writes: TIMES * 1024,
            end: End::Limit("queue"),
            taken: 1024,
            held: 2 * MIB,
        },
        Flood {
            name: "events for an endpoint that is not joined",
            wire: Wire::Legacy,
            write: |_| text(&format!(r#"5::/room/1:{{"name":"{}"}}"#, "x".repeat(KIB))),
            writes: TIMES * 64,
            end: End::Limit("early packets"),
            taken: TIMES * 64,
            held: MIB,
        },
        Flood {
            name: "large answers that nobody reads",
            wire: Wire::Frames,
            write: |_| text(r#"421["answer"]"#).repeat(64),
            writes: TIMES * 64,
            end: End::Closed("slow consumer"),
            taken: 64,
            held: 6 * MIB,
        },
        Flood {
            name: "questions that nobody answers",
            wire: Wire::Frames,
            write: |_| text(r#"42["ask"]"#),
            writes: TIMES,
            end: End::Limit("pending acks"),
            taken: 10,
            held: 12 * MIB,
        },
        Flood {
            name: "answers to no question",
            wire: Wire::Frames,
            write: |n| text(&format!(r#"43{n}["{}"]"#, "x".repeat(KIB))),
            writes: TIMES * 1024,
            end: End::Taken,
            taken: TIMES * 1024,
            held: MIB,
        },
        Flood {
            name: "endpoints",
            wire: Wire::Frames,
            write: |n| text(&format!("40/room/{n},")),
            writes: TIMES * 64,
            end: End::Limit("endpoints"),
            taken: TIMES * 64,
            held: MIB,
        },
        Flood {
            name: "endpoints that are left",
            wire: Wire::Frames,
            write: |n| {
                let packets =
                    [format!("40/room/{n},"), format!("41/room/{n},"), "6".repeat(4 * KIB)];
                packets.map(|packet| text(&packet)).concat()
            },
            writes: TIMES * 1024,
            end: End::Taken,
            taken: 3 * TIMES * 1024,
            held: MIB,
        },
    ];
    let mut over = Vec::new();
    for flood in floods {
        let run = || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().build().unwrap().block_on(flood.run());
        };
        let most = measure(run).bytes_max;
        println!("{}: {most} bytes at most", flood.name);
        if most > flood.held as u64 {
            over.push((flood.name, most));
        }
    }
    assert!(over.is_empty(), "{over:?}");
}
