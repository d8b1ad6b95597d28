//! The contract as TypeScript: each line of `typescript/events.ts` is a claim, and what has no line is refused by
//! name. That the official client takes that file is tested with its compiler, in `tests/clients`.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use socketio_core::contract::{self, Answer, Argument, Connection, Event, Form, TypeScriptError};
use socketio_core::prelude::*;
use socketio_core::{__type, Binary};
use ts_rs::TS;

/// Somebody.
#[derive(Serialize, Deserialize, TS)]
struct User {
    id: u64,
    name: Option<String>,
    picture: Option<Binary>,
    rights: Vec<Right>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Hash, TS)]
#[serde(rename_all = "snake_case")]
enum Right {
    Read,
    Write,
}

#[derive(Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
enum Refusal {
    NotFound,
}

#[derive(Serialize, TS)]
struct Page<T> {
    items: Vec<T>,
}

#[derive(Serialize, TS)]
struct Pair(u8, String);

#[derive(Default)]
struct Lobby;

/// Where all begin. /* not the end: */
#[socket_connection]
#[endpoints(
    "/chat" => Chat,
    "/room/{id}" => Chat,
    "/other" => other::Chat,
    "/two" => Chat2,
    "/second" => Chat2,
)]
impl Lobby {
    /// Adds up.
    ///
    /// Slowly.
    #[event(args = "positional")]
    fn add(&self, a: i64, b: u128) -> f32 {
        a as f32 + b as f32
    }

    #[event("say hi")]
    #[deprecated = "use `add`"]
    fn hi(&self, class: &str, #[arg(name = "to-whom")] to: Option<User>) {
        let _ = (class, to);
    }

    #[event]
    async fn find(
        &self,
        query: &str,
        limit: Option<u32>,
        #[default] from: u8,
        #[rest] more: Vec<Binary>,
    ) -> Vec<User> {
        let _ = (query, limit, from, more);
        Vec::new()
    }

    #[event]
    fn keys(&self) -> Result<HashMap<Right, bool>, Refusal> {
        Err(Refusal::NotFound)
    }

    #[event(args = "keyword")]
    fn rename(&self, name: String, loud: Option<bool>) -> Result<(), EmitError> {
        let _ = (name, loud);
        Ok(())
    }

    #[event(args = "positional")]
    fn pair(&self, (_a, _b): (u8, u8)) -> Result<(u8, Page<User>), EmitError> {
        Ok((1, Page { items: Vec::new() }))
    }

    #[event]
    fn tuple(&self, data: &[u8]) -> Pair {
        Pair(data.len() as u8, String::new())
    }

    #[event]
    fn maybe(&self) -> Option<(u8, u8)> {
        None
    }

    #[event]
    fn several(&self) -> [u8; 2] {
        [1, 2]
    }

    #[event(args = "positional")]
    #[deprecated = "not */ the end"]
    fn sum(&self, #[rest] more: Vec<i64>) -> i64 {
        more.iter().sum()
    }

    #[event(args = "positional")]
    fn sum_later(&self, #[rest] more: Vec<i64>, ack: AckSender) {
        drop((more, ack));
    }

    #[event(args = "positional")]
    fn outcome(&self, before: Result<u8, Refusal>) {
        drop(before);
    }

    #[event]
    fn later(&self, ack: AckSender) {
        drop(ack);
    }

    #[on_message]
    fn talk(&self) {}
}

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn say(&self, value: serde_json::Value) -> bool {
        value.is_null()
    }

    #[on_event]
    fn others(&self) {}
}

#[derive(Default)]
struct Chat2;

#[socket_connection]
impl Chat2 {}

mod other {
    use super::*;

    #[derive(Default)]
    pub(super) struct Chat;

    #[socket_connection]
    impl Chat {}
}

#[test]
fn a_contract_is_written_as_typescript() -> Result<(), TypeScriptError> {
    let connection = Connection { client: Some(client), ..contract::of::<Lobby>() };
    connection.check_typescript("it/typescript/events.ts")
}

/// What its clients understand.
fn client() -> contract::Client {
    const fn argument(name: &'static str, ty: contract::Type) -> Argument {
        Argument { name: Some(name), ty, optional: false, rest: false }
    }
    const SAID: Event = Event {
        name: "said",
        method: "said",
        docs: "Somebody said something.",
        deprecated: None,
        arguments: &[
            argument("from", __type!("User", User)),
            Argument { optional: true, ..argument("text", __type!("&str", &'static str)) },
        ],
        form: Form::Positional,
        answer: None,
    };
    const CONFIRM: Event = Event {
        name: "confirm",
        method: "confirm",
        docs: "",
        deprecated: Some(""),
        arguments: &[argument("question", __type!("String", String))],
        form: Form::Keyword,
        answer: Some(Answer::Returned(__type!("bool", bool))),
    };
    const DONE: Event = Event {
        name: "done",
        docs: "",
        arguments: SAID.arguments,
        answer: Some(Answer::Returned(__type!("()", ()))),
        ..SAID
    };
    const CLIENT: contract::Client = contract::Client {
        name: "LobbyClient",
        docs: "Who waits.",
        events: &[SAID, CONFIRM, DONE],
    };
    CLIENT
}

#[derive(Serialize, Deserialize)]
struct Secret;

#[derive(Default)]
struct Untold;

#[socket_connection]
impl Untold {
    #[event(args = "positional")]
    fn say(&self, text: String, secret: Secret, (_a, _b): (u8, Secret)) -> bool {
        let _ = secret;
        text.is_empty()
    }

    #[event]
    fn ask(&self, named: Right, also: named::Right) -> Result<bool, Secret> {
        let _ = (named, also);
        Ok(true)
    }
}

mod named {
    #[derive(serde::Deserialize, ts_rs::TS)]
    pub(super) struct Right {
        #[expect(dead_code, reason = "it is another shape than its namesake's")]
        on: bool,
    }
}

#[test]
fn all_that_can_not_be_told_is_named_at_once() {
    let untyped = contract::of::<Untold>().typescript().unwrap_err();
    assert_eq!(
        untyped.to_string(),
        "the contract can't be told in TypeScript:
  event `say`, argument `secret`: `Secret` does not say what it is: derive `ts_rs::TS`
  event `say`, argument `3`: `(u8, Secret)` does not say what it is: derive `ts_rs::TS`
  event `ask`, the answer: `Result<bool, Secret>` does not say what it is: derive `ts_rs::TS`
  two types are called `Right`: rename one, `#[ts(rename = \"…\")]`"
    );
}

#[test]
fn a_stale_file_says_how_to_renew_it() {
    if std::env::var_os("UPDATE_TYPESCRIPT").is_some() {
        return;
    }
    for file in ["it/typescript.rs", "it/typescript/none.ts"] {
        let error = contract::of::<Chat>().check_typescript(file).unwrap_err();
        let expected =
            "is not what the contract says now; `UPDATE_TYPESCRIPT=1 cargo test` writes it anew";
        assert_eq!(error.to_string(), format!("{file} {expected}"));
    }
}
