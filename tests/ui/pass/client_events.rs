//! All that a trait of client events can have, and all that its calls can be made on.
#![deny(warnings, missing_docs, unsafe_code)]

use std::time::Duration;

use socketio_core::{SocketIo, prelude::*};

/// Somebody.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Person {
    /// Its name.
    pub name: String,
}

/// What only leaves the server needs no `Deserialize`.
#[derive(serde::Serialize)]
pub struct Board<'a> {
    /// Its title.
    pub title: &'a str,
}

/// What the page understands.
#[client_events]
pub trait ChatClient {
    /// Thanks somebody.
    fn thanks(name: &str);
    /// An event.
    fn ping();
    /// An event.
    #[event("new message")]
    fn new_message(from: &Person, text: &str, room: Option<&str>, tags: Option<&[String]>);
    /// An event.
    fn board(board: Board<'_>, picture: &[u8], #[arg(name = "type")] kind: u8);
    /// An event.
    #[event(args = "keyword")]
    fn moved(x: Option<u16>, y: u16);
    /// An event.
    #[deprecated = "nobody asks any more"]
    fn old(people: Vec<Person>);
    /// An event.
    #[cfg(any())]
    fn absent(of: Absent);
    /// An event.
    #[cfg(all())]
    fn present(of: Person);
    #[expect(missing_docs)]
    fn undocumented();
    /// An event.
    fn said(text: std::borrow::Cow<str>, more: Option<std::borrow::Cow<[u16]>>);
    /// Asks.
    async fn confirm(question: &str) -> bool;
    /// An event.
    async fn place() -> (u16, u16);
    /// An event.
    async fn done(what: Option<Person>);
}

/// Another.
#[client_events]
trait Quiet {}

type ChatSocket = socketio_core::Socket<dyn ChatClient>;

mod aliased {
    use socketio_core::prelude::{client_events, socket_connection};

    #[client_events]
    pub(crate) trait Aliased {
        fn a();
    }

    type Socket = socketio_core::Socket<dyn Aliased>;

    #[derive(Default)]
    pub(crate) struct Lobby;

    #[socket_connection(client = Aliased, strict)]
    impl Lobby {
        #[event]
        fn a(&self, socket: &Socket, owned: Socket) {
            socket.client().a().ok();
            owned.client().a().ok();
        }
    }
}

#[derive(Default)]
struct Chat;

#[socket_connection(client = ChatClient)]
impl Chat {
    #[event]
    async fn typed(&self, socket: &Socket<dyn ChatClient>) -> Result<bool, AckError> {
        let client = socket.client();
        client.thanks("Joes")?;
        client.ping()?;
        client.board(Board { title: "a" }, &[1, 2], 3)?;
        client.moved(None, 2)?;
        client.present(Person { name: "a".into() })?;
        let from = Person { name: "Joes".into() };
        socket.to("r").except("s").client().new_message(&from, "hi", None, Some(&["a".into()]))?;
        socket.broadcast().volatile().client().ping()?;
        socket.server().client().ping()?;
        socket.server().of("/chat").client().ping()?;
        let _ = socket.typed::<dyn Quiet>().client();
        let (_x, _y) = client.place().await?;
        client.done(None).timeout(Duration::from_secs(1)).await?;
        let all = socket.to("r").timeout(Duration::from_secs(1)).client().confirm("sure?").await;
        assert!(all.is_ok_and(|all| all.into_iter().all(|(_, answer)| answer.is_ok_and(|yes| yes))));
        Ok(client.confirm("sure?").await?)
    }

    #[event]
    fn untyped(&self, socket: &Socket, #[ctx] alias: &ChatSocket, owned: Socket<dyn ChatClient>) {
        socket.emit("thanks", "Joes").ok();
        alias.client().thanks("Joes").ok();
        tell(owned.client()).ok();
    }
}

fn tell(client: ChatClientCalls<&Socket>) -> Result<(), EmitError> {
    client.thanks("all")
}

/// A client in Rust.
struct Robot;

impl ChatClient for Robot {
    fn thanks(&self, _name: &str) {}
    fn ping(&self) {}
    fn new_message(&self, _: &Person, _: &str, _: Option<&str>, _: Option<&[String]>) {}
    fn board(&self, _: Board<'_>, _: &[u8], _: u8) {}
    fn moved(&self, _: Option<u16>, _: u16) {}
    fn old(&self, _: Vec<Person>) {}
    fn present(&self, _: Person) {}
    fn undocumented(&self) {}
    fn said(&self, _: std::borrow::Cow<str>, _: Option<std::borrow::Cow<[u16]>>) {}
    async fn confirm(&self, question: &str) -> bool {
        question.is_empty()
    }
    async fn place(&self) -> (u16, u16) {
        (1, 2)
    }
    async fn done(&self, _: Option<Person>) {}
}

fn main() {
    let io = SocketIo::builder::<Chat>().build();
    io.typed::<dyn ChatClient>().client().ping().ok();
    io.of("/chat").typed::<dyn ChatClient>().client().ping().ok();
    Robot.ping();
    let _ = (SocketIo::builder::<aliased::Lobby>(), <dyn Quiet as socketio_core::ClientEvents>::CLIENT);
}
