//! The server that the client tests talk to: each handler is there for a claim in `tests/clients`.
//!
//! In: the folder of an npm install of the client, as SOCKET_IO_CLIENT. Out: its address, as the one line
//! it prints; it serves until it is told to stop. Started by `cargo xtask test clients`, on a free port.
//! Its page loads the client and no more. At the address `localhost` the page is of another origin.

use std::error::Error;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use serde_json::Value;
use socketio_core::prelude::*;
use socketio_core::{Origins, SocketIo};
use tokio::net::TcpListener;

type AnyError = Box<dyn Error + Send + Sync>;

/// The root: messages, events and acknowledgements.
struct Root;

#[socket_connection]
#[endpoints("/chat" => Chat, "/ping" => Ping, "/room/{id}" => Room)]
impl Root {
    #[on_open]
    fn open(info: &ConnectionInfo) -> Result<Self, Reject> {
        match info.query("refuse") {
            Some(_) => Err(Reject::unauthorized("the client asks to be refused")),
            None => Ok(Self),
        }
    }

    #[on_endpoint]
    async fn endpoint(path: &str) -> Option<Endpoint> {
        tokio::task::yield_now().await;
        path.starts_with("/late/").then(Endpoint::of::<Room>)
    }

    #[on_message]
    fn echo(&self, socket: &Socket, message: Message) -> Result<(), EmitError> {
        socket.send(message)
    }

    /// Three messages at once.
    #[event]
    fn burst(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        (1..=3).try_for_each(|number| socket.send(format!("{number} {text}")))
    }

    /// A message whose arrival the client confirms.
    #[event]
    async fn deliver(&self, socket: &Socket, text: String) -> Result<(), AnyError> {
        socket.send_with_ack::<()>(text).await?;
        Ok(socket.emit("delivered", ())?)
    }

    #[event]
    fn hello(&self, socket: &Socket, name: String) -> Result<(), EmitError> {
        socket.emit("thanks", kwargs! { name: &name })?;
        socket.emit("hello", (&name, "foobar"))
    }

    #[event]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    #[event]
    fn swap(&self, a: Value, b: Value) -> (Value, Value) {
        (b, a)
    }

    #[event]
    fn nothing(&self) {}

    #[event]
    fn fail(&self, problem: String) -> Result<(), String> {
        Err(problem)
    }

    /// Asks the client, and sends it what it answered.
    #[event]
    async fn ask(&self, socket: &Socket, question: String) -> Result<(), AnyError> {
        let answer: Value = socket.emit_with_ack("question", question).await?;
        Ok(socket.emit("answer", [answer])?)
    }

    #[event]
    fn leave(&self, socket: &Socket) {
        socket.close();
    }

    #[on_close]
    fn close(&self, socket: &Socket) {
        tell_who_left(socket);
    }
}

/// An endpoint that its query string lets in.
struct Chat {
    name: String,
}

#[socket_connection]
impl Chat {
    #[on_open]
    fn open(socket: &Socket, info: &ConnectionInfo) -> Result<Self, Reject> {
        let name = info.query("name").ok_or(Reject::unauthorized("there is no name"))?;
        socket.emit("welcome", kwargs! { name: name })?;
        Ok(Self { name: name.to_owned() })
    }

    #[event("message")]
    fn echo(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.send(self.say(text))
    }

    #[event]
    fn say(&self, text: &str) -> String {
        format!("{}: {text}", self.name)
    }

    #[on_close]
    fn close(&self, socket: &Socket) {
        tell_who_left(socket);
    }
}

/// An endpoint that lets everybody in.
#[derive(Default)]
struct Ping;

#[socket_connection]
impl Ping {
    #[on_message]
    fn echo(&self, socket: &Socket, message: Message) -> Result<(), EmitError> {
        socket.send(message)
    }

    #[event]
    fn ping(&self) -> &'static str {
        "pong"
    }

    #[event]
    fn leave(&self, socket: &Socket) {
        socket.close();
    }

    #[on_close]
    fn close(&self, socket: &Socket) {
        tell_who_left(socket);
    }
}

/// An endpoint of many names.
#[derive(Default)]
struct Room;

#[socket_connection]
impl Room {
    #[event]
    fn which(&self, socket: &Socket, info: &ConnectionInfo) -> (String, Option<String>) {
        (socket.endpoint().to_owned(), info.param("id").map(ToOwned::to_owned))
    }
}

/// Tells everybody on the root which endpoint was left, and by whom.
fn tell_who_left(socket: &Socket) {
    let name = socket.info().query("name");
    let told = socket.server().emit("left", kwargs! { endpoint: socket.endpoint(), name: name });
    told.unwrap_or_else(|error| eprintln!("nobody was told who left: {error}"));
}

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Client</title><body>\
    <script src=/socket.io/socket.io.js></script>";

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    println!("http://{addr}");
    let elsewhere = format!("http://localhost:{}", addr.port());
    let mut server = SocketIo::builder::<Root>().origins(Origins::List(vec![elsewhere]));
    if let Some(client) = std::env::var_os("SOCKET_IO_CLIENT") {
        server = server.client_dir(client);
    }
    let page = Router::new().route("/", get(async || Html(PAGE)));
    server.build().serve(listener, page).await
}
