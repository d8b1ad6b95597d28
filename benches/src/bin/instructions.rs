//! Steady cases, one after the other, for valgrind to count: `cargo xtask bench instructions` runs it.
//!
//! Out: a line for each case, once it is done: how many messages were counted, and the name. Counted is what
//! `counted` does, in the server's thread: first without it everything is done often enough that buffers have grown.

use std::error::Error;
use std::hint::black_box;
use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use socketio_benches::steady::{Round, Steady};
use socketio_benches::wire::Wire;
use socketio_core::protocol::socketio::{Packet, PacketKind, Protocol, Reassembler, Rules};
use socketio_core::{SocketIo, prelude::*};

#[derive(Default)]
struct Peer;

#[derive(Serialize, Deserialize)]
struct Point {
    x: f64,
    y: f64,
    name: String,
    tags: Vec<String>,
}

#[socket_connection]
impl Peer {
    #[event]
    fn echo(&self, text: String) -> String {
        text
    }

    #[event(args = "positional")]
    fn object(&self, point: Point) -> Point {
        point
    }

    #[event]
    fn visit(&self, socket: &Socket) {
        socket.join("a room");
        socket.leave("a room");
    }

    #[event]
    fn tell(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.server().emit("told", text)
    }
}

/// Somebody in many rooms.
struct Member;

#[socket_connection]
impl Member {
    #[on_open]
    fn open(socket: &Socket) -> Self {
        (0..100).for_each(|room| socket.join(format!("room {room}")));
        Self
    }

    #[event]
    fn tell(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.server().to("room 0").emit("told", text)
    }
}

const TEXT: &str = r#""hello""#;
const OBJECT: &str = r#"{"x":1.5,"y":-2.25,"name":"somewhere","tags":["one","two"]}"#;

/// Rounds before those that are counted.
const WARM_UP: usize = 50;

/// Does so many rounds.
type Rounds = Box<dyn FnMut(usize) -> io::Result<()>>;

struct Case {
    name: &'static str,
    /// Rounds to count, and messages in each.
    counts: (usize, usize),
    start: fn() -> io::Result<Rounds>,
}

const CASES: [Case; 16] = [
    case("decode an event", (2000, 1), || decode(r#"421["echo","hello"]"#)),
    case("decode an object", (2000, 1), || decode(&format!(r#"421["object",{OBJECT}]"#))),
    case("encode an acknowledgement", (2000, 1), encode),
    case("echo, 1 in a read", (500, 1), || echo(Wire::V4, "echo", TEXT, 1)),
    case("echo, 16 in a read", (100, 16), || echo(Wire::V4, "echo", TEXT, 16)),
    case("echo, 16 in a read, 2.x", (100, 16), || echo(Wire::V2, "echo", TEXT, 16)),
    case("echo, 16 in a read, 0.9", (100, 16), || echo(Wire::Legacy, "echo", TEXT, 16)),
    case("object, 16 in a read", (100, 16), || echo(Wire::V4, "object", OBJECT, 16)),
    case("64 KiB", (50, 1), || echo(Wire::V4, "echo", &format!("\"{}\"", "x".repeat(65_536)), 1)),
    case("echo, 1 in a read, among 500", (500, 1), || among(500)),
    case("join and leave a room", (500, 1), visit),
    case("delivery of a broadcast to 100", (50, 100), || broadcast(server())),
    case("delivery to 100 in 100 rooms each", (50, 100), || {
        broadcast(SocketIo::builder::<Member>().build())
    }),
    case("echo by polling", (200, 1), || polling(1)),
    case("connect and close", (100, 1), || rounds(Steady::coming_and_going(server(), Wire::V4)?)),
    case("heartbeat", (200, 1), heartbeat),
];

const fn case(
    name: &'static str,
    counts: (usize, usize),
    start: fn() -> io::Result<Rounds>,
) -> Case {
    Case { name, counts, start }
}

fn server() -> SocketIo {
    SocketIo::builder::<Peer>().build()
}

fn rounds(mut steady: Steady) -> io::Result<Rounds> {
    Ok(Box::new(move |count| steady.rounds(count)))
}

fn decode(message: &str) -> io::Result<Rounds> {
    let message = message.trim_start_matches('4').into();
    let mut reassembler = Reassembler::new(Rules::new(Protocol::V5));
    Ok(Box::new(move |count| {
        for _ in 0..count {
            drop(black_box(reassembler.handle_text(black_box(&message))));
        }
        Ok(())
    }))
}

fn encode() -> io::Result<Rounds> {
    let kind = PacketKind::Ack { id: "1".into(), args: r#"["hello"]"#.into(), attachments: 0 };
    let packet: Packet = Packet { namespace: "".into(), kind };
    Ok(Box::new(move |count| {
        for _ in 0..count {
            drop(black_box(black_box(&packet).encode()));
        }
        Ok(())
    }))
}

/// An echo, while others are there.
fn among(clients: usize) -> io::Result<Rounds> {
    rounds(Steady::new(server(), &Round { clients, ..echoes(Wire::V4, "echo", TEXT, 1) })?)
}

/// So many events that come back as acknowledgements.
fn echoes(wire: Wire, name: &str, argument: &str, count: usize) -> Round {
    let ack = match wire {
        Wire::Legacy => format!("6:::1+[{argument}]"),
        _ => format!("431[{argument}]"),
    };
    let sent = vec![wire.event(Some(1), name, argument); count];
    Round { wire, clients: 1, sent, received: vec![ack; count], to_all: false }
}

fn echo(wire: Wire, name: &str, argument: &str, count: usize) -> io::Result<Rounds> {
    rounds(Steady::new(server(), &echoes(wire, name, argument, count))?)
}

fn polling(count: usize) -> io::Result<Rounds> {
    rounds(Steady::polling(server(), &echoes(Wire::V4, "echo", TEXT, count))?)
}

fn visit() -> io::Result<Rounds> {
    let (sent, received) = (vec![r#"421["visit"]"#.into()], vec!["431[]".into()]);
    let round = Round { wire: Wire::V4, clients: 1, sent, received, to_all: false };
    rounds(Steady::new(server(), &round)?)
}

/// The first client's event reaches all.
fn broadcast(io: SocketIo) -> io::Result<Rounds> {
    let sent = vec![Wire::V4.event(None, "tell", TEXT)];
    let received = vec![Wire::V4.event(None, "told", TEXT)];
    let round = Round { wire: Wire::V4, clients: 100, sent, received, to_all: true };
    rounds(Steady::new(io, &round)?)
}

/// Pings as often as the clock can tell; the round begins with the answer to the last one.
fn heartbeat() -> io::Result<Rounds> {
    let io = SocketIo::builder::<Peer>().ping_interval(Duration::from_millis(5)).build();
    let (sent, received) = (vec!["3".into()], vec!["2".into()]);
    let round = Round { wire: Wire::V4, clients: 1, sent, received, to_all: false };
    rounds(Steady::new(io, &round)?)
}

#[inline(never)]
fn counted(work: &mut Rounds, count: usize) -> io::Result<()> {
    work(count)
}

fn main() -> Result<(), Box<dyn Error>> {
    for Case { name, counts: (rounds, messages), start } in CASES {
        let mut work = start()?;
        work(WARM_UP)?;
        counted(&mut work, rounds)?;
        println!("{} {name}", rounds * messages);
    }
    Ok(())
}
