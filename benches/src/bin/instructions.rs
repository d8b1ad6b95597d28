//! One steady case for so many rounds, for valgrind to count: `instructions CASE ROUNDS`.
//!
//! `instructions` alone lists the cases, each with how many messages a round is. `cargo xtask bench instructions`
//! runs each twice and takes the difference, which leaves what a message costs.

use std::error::Error;

use serde::{Deserialize, Serialize};
use socketio_benches::steady::{Round, Steady};
use socketio_benches::wire::Wire;
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
    fn tell(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.server().emit("told", text)
    }
}

const OBJECT: &str = r#"{"x":1.5,"y":-2.25,"name":"somewhere","tags":["one","two"]}"#;

/// Name, round, messages in it.
type Case = (&'static str, Round, usize);

fn cases() -> Vec<Case> {
    let long = format!("\"{}\"", "x".repeat(65_536));
    vec![
        ("echo, 1 in a read", echo(Wire::V4, "echo", r#""hello""#, 1), 1),
        ("echo, 16 in a read", echo(Wire::V4, "echo", r#""hello""#, 16), 16),
        ("echo, 16 in a read, 2.x", echo(Wire::V2, "echo", r#""hello""#, 16), 16),
        ("echo, 16 in a read, 0.9", echo(Wire::Legacy, "echo", r#""hello""#, 16), 16),
        ("object, 16 in a read", echo(Wire::V4, "object", OBJECT, 16), 16),
        ("64 KiB", echo(Wire::V4, "echo", &long, 1), 1),
        ("delivery of a broadcast to 100", broadcast(100), 100),
    ]
}

fn echo(wire: Wire, name: &str, argument: &str, count: usize) -> Round {
    let ack = match wire {
        Wire::Legacy => format!("6:::1+[{argument}]"),
        _ => format!("431[{argument}]"),
    };
    let sent = vec![wire.event(Some(1), name, argument); count];
    Round { wire, clients: 1, sent, received: vec![ack; count], to_all: false }
}

fn broadcast(clients: usize) -> Round {
    let told = Wire::V4.event(None, "told", "\"hello\"");
    let sent = vec![Wire::V4.event(None, "tell", "\"hello\"")];
    Round { wire: Wire::V4, clients, sent, received: vec![told], to_all: true }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [name, rounds] = args.as_slice() else {
        cases().iter().for_each(|(name, _, messages)| println!("{messages} {name}"));
        return Ok(());
    };
    let case = cases().into_iter().find(|(case, _, _)| case == name);
    let (_, round, _) = case.ok_or("no such case")?;
    let mut steady = Steady::new(SocketIo::builder::<Peer>().build(), &round)?;
    Ok(steady.rounds(rounds.parse()?)?)
}
