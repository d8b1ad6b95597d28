//! A chat room: choose a name, talk, see who is there and who is typing.
//!
//! `cargo run --bin chat` prints the address to open; `/?client=0.9` there and `/?client=2` are tabs with other
//! clients, in the same room. The page, `pages/chat.html`, is the other half of the events below. It is written in
//! TypeScript, `chat.ts`, against what `cargo run --bin chat -- --typescript FILE` writes of them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use serde::Serialize;
use socketio_core::{SocketIo, contract, prelude::*};
use socketio_examples::Options;
use ts_rs::TS;

const ROOM: &str = "chat";
const NAME_MAX: usize = 24; // characters
const TEXT_MAX: usize = 1000; // characters

/// The names of those who are in the room.
type People = BTreeSet<String>;

/// The server's state: every connection is given a clone of it.
#[derive(Clone, Default)]
struct App(Arc<Mutex<People>>);

impl App {
    fn people(&self) -> MutexGuard<'_, People> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection. As it has no `#[on_open]`, it starts with its `Default`.
#[derive(Default)]
struct Chatter {
    /// Its name, once it has joined.
    name: Option<String>,
}

/// What the page implements.
#[client_events]
trait ChatClient {
    /// Somebody came.
    fn joined(name: &str);
    /// Somebody went.
    fn left(name: &str);
    /// Who is in the room now.
    fn people(names: &People);
    /// Somebody else said something.
    fn said(said: &Said);
    /// Somebody types, or no longer does.
    fn typing(name: &str, typing: bool);
}

/// The handle that says those alone.
type Socket = socketio_core::Socket<dyn ChatClient>;

/// For who has joined.
#[derive(Serialize, TS)]
struct Welcome {
    name: String,
    text_max: usize,
}

/// What somebody said.
#[derive(Serialize, TS)]
struct Said {
    from: String,
    text: String,
    at: u128, // milliseconds since 1970, as `new Date(at)` takes them
}

/// Why the server would not.
#[derive(Serialize, TS)]
#[serde(rename_all = "snake_case")]
enum Refusal {
    NameLength,
    NameTaken,
    TextLength,
    AlreadyJoined,
    NotJoined,
    Failed,
}

impl From<EmitError> for Refusal {
    fn from(_: EmitError) -> Self {
        Self::Failed
    }
}

#[socket_connection(client = ChatClient, strict)]
impl Chatter {
    /// `socket.emit('join', {name: 'Ann'}, answer => …)`: what is returned is the answer.
    #[event]
    fn join(
        &mut self,
        socket: &Socket,
        State(app): State<App>,
        name: &str,
    ) -> Result<Welcome, Refusal> {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.name.is_some() {
            return Err(Refusal::AlreadyJoined);
        }
        if !(1..=NAME_MAX).contains(&name.chars().count()) {
            return Err(Refusal::NameLength);
        }
        // Emitting never waits, so it can be done under the lock: all hear of comings and goings in
        // one order.
        let mut people = app.people();
        if people.iter().any(|taken| taken.to_lowercase() == name.to_lowercase()) {
            return Err(Refusal::NameTaken);
        }
        people.insert(name.clone());
        self.name = Some(name.clone());
        socket.join(ROOM);
        socket.to(ROOM).client().joined(&name)?;
        socket.server().to(ROOM).client().people(&people)?;
        Ok(Welcome { name, text_max: TEXT_MAX })
    }

    /// `socket.emit('say', 'Hello!', answer => …)`
    #[event]
    fn say(&self, socket: &Socket, text: String) -> Result<Said, Refusal> {
        let from = self.name.clone().ok_or(Refusal::NotJoined)?;
        if text.trim().is_empty() || text.chars().count() > TEXT_MAX {
            return Err(Refusal::TextLength);
        }
        let at = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis());
        let said = Said { from, text, at };
        // To the others; the one who said it has it from the answer.
        socket.to(ROOM).client().said(&said)?;
        Ok(said)
    }

    /// `socket.emit('typing', true)`. Nobody misses it much, so it is volatile: it goes to those who
    /// can have it at once, as `socket.on('typing', (name, typing) => …)`.
    #[event]
    fn typing(&self, socket: &Socket, typing: bool) -> Result<(), EmitError> {
        match &self.name {
            Some(name) => socket.to(ROOM).volatile().client().typing(name, typing),
            None => Ok(()),
        }
    }

    /// However the connection ended: the page was closed, or the network went away.
    #[on_close]
    fn close(&mut self, socket: &Socket, State(app): State<App>) {
        let Some(name) = self.name.take() else { return };
        let mut people = app.people();
        people.remove(&name);
        let told = socket.to(ROOM).client().left(&name);
        let told = told.and_then(|()| socket.server().to(ROOM).client().people(&people));
        if let Err(error) = told {
            eprintln!("{name} left unannounced: {error}");
        }
    }
}

fn server() -> SocketIo {
    SocketIo::builder::<Chatter>().state(App::default()).build()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let (options, [typescript]) = Options::read_with(["--typescript"]);
    if let Some(file) = typescript {
        let written = contract::of::<Chatter>().typescript().map_err(std::io::Error::other)?;
        return std::fs::write(file, written);
    }
    let io = server();
    let script = ([(CONTENT_TYPE, "text/javascript")], include_str!("../../pages/chat.js"));
    let page = options.page(include_str!("../../pages/chat.html"));
    let page = page.route("/chat.js", get(async move || script));
    io.serve(options.listen("Chat").await?, page).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::{Value, json};
    use socketio_core::test::TestClient;

    use super::*;

    #[test]
    fn the_typescript_of_the_page_is_current() -> Result<(), contract::TypeScriptError> {
        contract::of::<Chatter>().check_typescript("pages/chat.events.d.ts")
    }

    /// Someone who is in the room, and does not care who else is.
    async fn joined(io: &SocketIo, name: &str) -> TestClient {
        let client = TestClient::connect(io).await.unwrap();
        client.ignore("people");
        let welcome: Value = client.call("join", name).await.unwrap();
        assert_eq!(welcome["name"], name);
        client
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_in_the_room_hears_who_comes_talks_and_goes() {
        let io = server();
        let (ann, bob) = (joined(&io, "Ann").await, joined(&io, "Bob").await);
        assert_eq!(ann.expect::<String>("joined").await, "Bob");

        let said: Value = bob.call("say", "Hello!").await.unwrap();
        assert_eq!(ann.expect::<Value>("said").await, said);
        bob.emit("typing", true);
        assert_eq!(ann.expect::<(String, bool)>("typing").await, ("Bob".to_owned(), true));
        bob.expect_nothing().await;

        bob.drop_connection();
        assert_eq!(ann.expect::<String>("left").await, "Bob");
    }

    #[tokio::test(start_paused = true)]
    async fn everybody_is_told_who_is_there() {
        let io = server();
        let ann = TestClient::connect(&io).await.unwrap();
        ann.call::<Value>("join", " Ann  Lee ").await.unwrap();
        assert_eq!(ann.expect::<Vec<String>>("people").await, ["Ann Lee"]);
        let _bob = joined(&io, "Bob").await;
        ann.ignore("joined");
        assert_eq!(ann.expect::<Vec<String>>("people").await, ["Ann Lee", "Bob"]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_breaks_the_rules_is_told_which() {
        let io = server();
        let ann = joined(&io, "Ann").await;
        let stranger = TestClient::connect(&io).await.unwrap();
        for (client, event, text, rule) in [
            (&ann, "join", "Bob".to_owned(), "already_joined"),
            (&ann, "say", "a".repeat(TEXT_MAX + 1), "text_length"),
            (&stranger, "say", "Hello!".to_owned(), "not_joined"),
            (&stranger, "join", " ".to_owned(), "name_length"),
            (&stranger, "join", "ANN".to_owned(), "name_taken"),
        ] {
            let refused = client.call::<Value>(event, &text).await;
            assert_eq!(refused.unwrap_err().error, json!(rule));
        }
        ann.expect_nothing().await;
    }
}
