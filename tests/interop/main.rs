//! The server that clients of all generations are tested against.
//!
//! In: options, see [`USAGE`]. Out: its address, as the one line it prints; it serves until it is told to
//! stop. Pages of any origin may connect. At `/` and at `/custom` it does what the reference's own client
//! tests expect of a server: it emits `auth` with what the client said about itself, answers `message`
//! with `message-back`, and acknowledges `message-with-ack`, each with the arguments as they came. What else
//! is there is for a claim in `tests/clients`.

mod party;
mod relay;

use std::env;
use std::fmt::Display;
use std::process::exit;
use std::str::FromStr;
use std::time::Duration;

use axum::Router;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use socketio_core::prelude::*;
use socketio_core::{Builder, Origins, Parser, Protocol, Recovery, SocketIo};
use tokio::net::TcpListener;

use self::party::Party;
use self::relay::Relay;

const USAGE: &str = "\
options: --port N                the port, 0 for any free one; default $PORT, or 0
         --ping-interval-ms N    default 25000
         --ping-timeout-ms N     default 20000
         --connect-timeout-ms N  default 45000
         --max-payload N         bytes, default 1000000
         --protocols LIST        of legacy, 3 and 4; default legacy,3,4
         --parser NAME           json or msgpack; default json
         --recovery-window-ms N  lets clients come back to connections that broke; default: they can't";

/// Gives back what it gets.
struct Echo;

#[socket_connection(extra_args = "ignore")]
#[endpoints("/custom" => Echo, "/party" => Party, "/refused" => Refused, "/relay" => Relay, "/room/{id}" => Room)]
impl Echo {
    #[on_open]
    fn open(
        socket: &Socket,
        info: &ConnectionInfo,
        Auth(auth): Auth<Value>,
    ) -> Result<Self, Reject> {
        if info.query("refuse").is_some() {
            return Err(Reject::unauthorized("the client asks to be refused"));
        }
        socket.emit("auth", &auth)?;
        if let Some(name) = info.query("watch") {
            socket.join(name);
        }
        Ok(Self)
    }

    #[event]
    fn message(&self, socket: &Socket, event: &Event) -> Result<(), EmitError> {
        socket.emit("message-back", event.args())
    }

    #[event("message-with-ack")]
    fn message_with_ack(&self, event: &Event, ack: AckSender) {
        // Who left needs no answer.
        let _left = ack.send(event.args());
    }

    /// The id that the server knows this connection by.
    #[event]
    fn id(&self, socket: &Socket) -> String {
        socket.id().to_string()
    }

    /// An argument of the client's query.
    #[event]
    fn query(&self, info: &ConnectionInfo, name: &str) -> Option<String> {
        info.query(name).map(ToOwned::to_owned)
    }

    /// Text that is not ASCII.
    #[event]
    fn foreign(&self) -> &'static str {
        "é€😀\u{2028}"
    }

    /// Asks the client `question`, and tells it what it answered in time.
    #[event]
    async fn ask(
        &self,
        socket: &Socket,
        question: Value,
        millis: Option<u64>,
    ) -> Result<(), EmitError> {
        let answer = socket.emit_with_ack::<(Value, Value)>("question", (&question, 1));
        let answer = match millis {
            Some(millis) => answer.timeout(Duration::from_millis(millis)).await,
            None => answer.await,
        };
        match answer {
            Ok(answer) => socket.emit("answered", answer),
            Err(error) => socket.emit("unanswered", error.to_string()),
        }
    }

    /// The same with binary values.
    #[event("ask-binary")]
    async fn ask_binary(&self, socket: &Socket, question: Nested) -> Result<(), EmitError> {
        match socket.emit_with_ack::<Nested>("question", question).await {
            Ok(answer) => socket.emit("answered", answer),
            Err(error) => socket.emit("unanswered", error.to_string()),
        }
    }

    /// Gives a number back, without being asked to acknowledge it.
    #[event]
    fn number(&self, socket: &Socket, number: u64) -> Result<(), EmitError> {
        socket.emit("number", number)
    }

    /// More volatile events at once than any transport takes, and then one that must arrive.
    #[event]
    fn chatter(&self, socket: &Socket, count: u64) -> Result<(), EmitError> {
        let padding = ".".repeat(1000);
        for number in 0..count {
            socket.volatile().emit("chatter", (number, &padding))?;
        }
        socket.emit("silence", ())
    }

    #[event]
    fn leave(&self, socket: &Socket) {
        socket.close();
    }

    #[event("leave-all")]
    fn leave_all(&self, socket: &Socket) {
        socket.disconnect();
    }

    /// Tells those who watch why somebody of that name left which endpoint.
    #[on_close]
    fn close(&self, socket: &Socket, info: &ConnectionInfo, reason: CloseReason) {
        if let Some(name) = info.query("name") {
            let left = (socket.endpoint(), reason.as_str());
            let told = socket.server().to(name).emit("left", left);
            told.unwrap_or_else(|error| eprintln!("nobody was told who left: {error}"));
        }
    }
}

/// Binary values at several depths.
#[derive(Serialize, Deserialize)]
struct Nested {
    name: String,
    blob: Binary,
    deeper: Vec<Vec<Binary>>,
}

/// Lets nobody in.
struct Refused;

#[socket_connection]
impl Refused {
    #[on_open]
    fn open() -> Result<Self, Reject> {
        Err(Reject::unauthorized("not here").with_data(("because", 7)))
    }
}

/// One of many.
struct Room(String);

#[socket_connection]
impl Room {
    #[on_open]
    fn open(info: &ConnectionInfo) -> Option<Self> {
        Some(Self(info.param("id")?.to_owned()))
    }

    #[event]
    fn which(&self, info: &ConnectionInfo) -> (String, Option<String>) {
        (self.0.clone(), info.query("x").map(ToOwned::to_owned))
    }
}

fn main() -> std::io::Result<()> {
    let mut port = env::var("PORT").map_or(0, |port| number(&port));
    let mut io = SocketIo::builder::<Echo>().origins(Origins::Any).max_message_bytes(1_000_000);
    let mut args = env::args().skip(1);
    while let Some(option) = args.next() {
        let Some(value) = args.next() else { give_up(format!("{option} needs a value")) };
        let millis = || Duration::from_millis(number(&value));
        io = match &*option {
            "--port" => {
                port = number(&value);
                io
            }
            "--ping-interval-ms" => io.ping_interval(millis()),
            "--ping-timeout-ms" => io.ping_timeout(millis()),
            "--connect-timeout-ms" => io.connect_timeout(millis()),
            "--max-payload" => io.max_message_bytes(number(&value)),
            "--protocols" => protocols(io, &value),
            "--parser" => io.parser(parser(&value)),
            "--recovery-window-ms" => io.recovery(Recovery::default().window(millis())),
            _ => give_up(format!("`{option}` is no option")),
        };
    }
    serve(io.build(), port)
}

fn parser(name: &str) -> Parser {
    match name {
        "json" => Parser::Json,
        "msgpack" => Parser::MsgPack,
        _ => give_up(format!("`{name}` is no parser")),
    }
}

fn protocols(io: Builder<Echo>, names: &str) -> Builder<Echo> {
    io.protocols(names.split(',').map(|name| match name {
        "legacy" => Protocol::Legacy,
        "3" => Protocol::V3,
        "4" => Protocol::V4,
        _ => give_up(format!("`{name}` is no protocol")),
    }))
}

#[tokio::main]
async fn serve(io: SocketIo, port: u16) -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    io.serve(listener, Router::new()).await
}

fn number<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| give_up(format!("`{text}` is not a number that fits")))
}

fn give_up(problem: impl Display) -> ! {
    eprintln!("{problem}\n{USAGE}");
    exit(2)
}
