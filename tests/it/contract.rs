//! What a block says about itself: `contract::of`, one line for each thing that it says.

use std::borrow::Cow;

use socketio_core::contract::{self, Answer, Connection, Event, Form};
use socketio_core::prelude::*;

/// The lobby.
///
/// Where everybody begins.
#[derive(Default)]
struct Lobby;

/// What the block says.
#[socket_connection]
#[endpoints("/chat" => Chat<String>, "/room/{id}" => Lobby)]
impl Lobby {
    /// Adds `a` and "b".
    ///
    /// Twice.
    #[event]
    fn add(&self, socket: &Socket, a: i64, b: i64) -> i64 {
        let _ = socket;
        a + b
    }

    #[event("find it")]
    #[expect(clippy::too_many_arguments, reason = "one of each kind")]
    async fn find(
        &self,
        query: &str,
        State(()): State<()>,
        limit: Option<u32>,
        #[default = 7] from: u32,
        #[default] place: &str,
        #[arg(name = "in")] kind: Option<&[u8]>,
        #[rest] more: Vec<Cow<'_, str>>,
    ) -> Result<(String, u8), EmitError> {
        let _ = (limit, from, place, kind, more);
        Ok((query.to_owned(), 1))
    }

    #[event(args = "positional")]
    #[deprecated]
    fn pair(&self, (_a, _b): (i32, i32), #[cfg(any())] more: u8) {}

    #[event(args = "keyword")]
    #[deprecated(since = "2.0.0", note = "use `add`")]
    fn old(&mut self, list: Vec<(u8, Cow<'_, str>)>, ack: AckSender) {
        let _ = (list, ack);
    }

    #[cfg(any())]
    #[event]
    fn absent(&self) {}

    #[on_message]
    fn talk(&self) -> bool {
        true
    }

    #[on_event]
    #[cfg(not(any()))]
    fn others(&self) {}
}

struct Chat<T>(T);

#[socket_connection]
#[endpoints("/lobby" => Lobby)]
impl<T: Default + Send + Sync + serde::Serialize + serde::de::DeserializeOwned + 'static> Chat<T> {
    #[on_open]
    fn open() -> Self {
        Self(T::default())
    }

    #[event]
    fn swap(&mut self, it: T) -> T {
        std::mem::replace(&mut self.0, it)
    }

    #[cfg(any())]
    #[on_event]
    fn others(&self) {}
}

#[test]
fn a_block_describes_itself() {
    let lobby = contract::of::<Lobby>();
    check(
        &lobby,
        &[
            "Lobby: What the block says.",
            "add(a: i64, b: i64) -> i64: Adds `a` and \"b\".\n\nTwice.",
            "find it [find](query: &str, limit?: u32, from?: u32, place?: &str, \
             in?: &[u8], more..?: Cow<'_, str>) -> Result<(String, u8), EmitError>: ",
            "pair Positional(_: (i32, i32)) -> () deprecated: ",
            "old Keyword(list: Vec<(u8, Cow<'_, str>)>) -> any deprecated use `add`: ",
            "message [talk] Positional(_: Message) -> bool: ",
            "and others",
            "/chat Chat",
            "/room/{id} Lobby",
        ],
    );
    let chat = lobby.endpoints[0].connection;
    check(&chat(), &["Chat: ", "swap(it: T) -> T: ", "/lobby Lobby"]);
}

fn check(connection: &Connection, expected: &[&str]) {
    let Connection { name, docs, events, other_events, client, endpoints } = *connection;
    let mut lines = vec![format!("{name}: {docs}")];
    lines.extend(events.iter().map(line));
    lines.extend(other_events.then(|| "and others".to_owned()));
    lines.extend(client.map(|client| format!("to {}", client().name)));
    lines.extend(
        endpoints
            .iter()
            .map(|endpoint| format!("{} {}", endpoint.path, (endpoint.connection)().name)),
    );
    assert_eq!(lines, expected);
}

/// `name [method] Form(argument?: T, more..?: T) -> T deprecated why: docs`
fn line(event: &Event) -> String {
    let Event { name, method, docs, deprecated, arguments, form, answer } = *event;
    let method = if method == name { String::new() } else { format!(" [{method}]") };
    let form = if form == Form::Either { String::new() } else { format!(" {form:?}") };
    let arguments = arguments.iter().map(|argument| {
        let rest = if argument.rest { ".." } else { "" };
        let optional = if argument.optional { "?" } else { "" };
        format!("{}{rest}{optional}: {:?}", argument.name.unwrap_or("_"), argument.ty)
    });
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    let answer = match answer {
        None => String::new(),
        Some(Answer::Any) => " -> any".to_owned(),
        Some(Answer::Returned(ty)) => format!(" -> {}", ty.rust()),
    };
    let deprecated = deprecated.map(|why| format!(" deprecated {why}").trim_end().to_owned());
    let deprecated = deprecated.unwrap_or_default();
    format!("{name}{method}{form}({arguments}){answer}{deprecated}: {docs}")
}
