//! All kinds of handlers, under every lint that a crate may deny.
#![deny(warnings, missing_docs, unsafe_code, unreachable_pub, rust_2018_idioms)]
#![deny(clippy::all, clippy::pedantic)]
#![allow(clippy::needless_pass_by_value, reason = "handlers own what the client sent")]

use std::borrow::Cow;
use std::future::ready;

use serde_json::value::RawValue;
use socketio_core::prelude::*;

/// The server's state.
#[derive(Clone)]
pub struct App;

/// A search result.
#[derive(serde::Serialize)]
pub struct Hit {
    id: u32,
}

/// A result whose name does not say so.
pub type Answer<T> = Result<T, String>;

/// A connection.
pub struct Chat {
    name: String,
}

/// Another.
#[derive(Default)]
pub struct Ping;

#[socket_connection]
impl Ping {}

#[socket_connection(extra_args = "ignore")]
#[endpoints("/chat" => Chat, "/ping" => Ping)]
impl Chat {
    /// A constant among the handlers.
    pub const LIMIT: u32 = 10;

    #[on_open]
    async fn open(
        socket: &Socket,
        info: &ConnectionInfo,
        State(app): State<App>,
    ) -> Result<Self, Reject> {
        let App = app;
        ready(()).await;
        let name = info.query("name").ok_or(Reject::unauthorized("name is missing"))?.to_owned();
        socket.broadcast().emit("joined", &name)?;
        Ok(Chat { name })
    }

    /// A documented handler, which plain code can call too.
    ///
    /// # Errors
    ///
    /// When the client has gone.
    #[event("hello")]
    pub async fn hello(&self, socket: &Socket, name: String) -> Result<(), EmitError> {
        ready(()).await;
        socket.emit("thanks", kwargs! { name: &name })?;
        socket.emit("hello", (&name, "foobar"))
    }

    #[event]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b + i64::try_from(self.name.len()).unwrap_or_default()
    }

    #[event]
    async fn rename(&mut self, name: String) {
        ready(()).await;
        self.name = name;
    }

    #[event("search", args = "keyword", extra_args = "refuse")]
    async fn search(&self, query: &str, limit: Option<u32>) -> Result<Vec<Hit>, String> {
        ready(()).await;
        Ok(vec![Hit { id: limit.map_or(Self::LIMIT, |limit| limit + self.text(query)) }])
    }

    #[event]
    fn checked(&self) -> Answer<Hit> {
        if self.name.is_empty() { Err("nobody".to_owned()) } else { Ok(Hit { id: Self::LIMIT }) }
    }

    #[event]
    fn hit(&self) -> Hit {
        Hit { id: self.text("") }
    }

    fn text(&self, text: &str) -> u32 {
        u32::from(self.name == text)
    }

    #[event]
    fn borrowed<'a>(
        &'a mut self,
        raw: &'a RawValue,
        cow: Cow<'a, str>,
        text: Option<&str>,
        maybe: Option<&RawValue>,
    ) -> &'a str {
        self.name = format!("{raw} {cow} {text:?} {maybe:?}");
        &self.name
    }

    #[event]
    fn defaults(
        &self,
        #[default] from: u32,
        #[default = Self::LIMIT + 1] to: u32,
        #[default(Self::LIMIT)] step: u32,
        #[default = "all"] kind: &str,
        #[rest] more: Vec<String>,
    ) -> (u32, usize) {
        (from + to + step, kind.len() + more.len() + self.name.len())
    }

    #[event("pairs", args = "positional")]
    fn pairs(&self, (a, b): (i32, i32), _: bool, #[arg(name = "last")] _unused: u8) -> (i32, i32) {
        (a, if self.name.is_empty() { b } else { a })
    }

    #[event]
    fn later(&self, ack: AckSender, event: &Event) {
        drop(ack.send(event.name().len() + self.name.len()));
    }

    #[event("extension")]
    fn extension(&mut self, Extension(count): Extension<u32>, socket: Socket) {
        socket.insert_extension(count.unwrap_or_default() + 1);
        self.name.clear();
    }

    #[on_message]
    async fn message(&self, socket: &Socket, message: Message) -> usize {
        ready(()).await;
        socket.send(message).map_or(0, |()| self.name.len())
    }

    #[on_event]
    async fn other(&mut self, event: Event) {
        ready(()).await;
        event.name().clone_into(&mut self.name);
    }

    #[on_error]
    fn error(&self, error: &HandlerError) -> OnError {
        if error.event() == self.name { OnError::Close } else { OnError::Ignore }
    }

    #[on_close]
    async fn close(&mut self, reason: CloseReason) {
        ready(()).await;
        self.name = format!("{reason:?}");
    }
}

fn main() {
    let _server = socketio_core::SocketIo::builder::<Chat>().state(App).build();
}
