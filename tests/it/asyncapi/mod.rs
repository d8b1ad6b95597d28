//! The contract as an AsyncAPI document: what stands in it, and where it is served.
//!
//! `everything.json` is the document of a contract with everything in it; with `UPDATE_EXPECT=1` it is written anew.
//! `tests/clients/asyncapi` holds it to the official parser.

use std::path::Path;
use std::{env, fs};

use axum::Router;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use socketio_core::contract::{self, AsyncApi};
use socketio_core::prelude::*;
use socketio_tests::http::request;
use tokio::net::TcpListener;

/// Where everybody begins.
///
/// And where `</script><b>` ends nothing.
#[derive(Default)]
struct Lobby;

/// Where everybody begins.
///
/// And where `</script><b>` ends nothing.
#[socket_connection(client = Guest)]
#[endpoints("/chat" => Chat, "/room/{id}/{*rest}" => Room, "/root" => Room)]
impl Lobby {
    /// Adds two numbers.
    ///
    /// Both are whole:
    ///
    /// ```js
    /// socket.emit('add', 1, 2, sum => …)
    /// ```
    #[event]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    #[event("find it")]
    fn find(
        &self,
        query: &str,
        limit: Option<u32>,
        #[default = 7] from: u32,
        #[rest] more: Vec<Kind>,
    ) -> (String, u8) {
        let _ = (limit, from, more);
        (query.to_owned(), 1)
    }

    #[event(args = "positional")]
    #[deprecated]
    fn pair(&self, (_a, _b): (i32, i32), bytes: &[u8]) -> Binary {
        Binary::from(bytes.to_vec())
    }

    /// Does as before.
    #[event(args = "keyword")]
    #[deprecated(since = "2.0.0", note = "use `add`")]
    fn old(&mut self, form: Form, note: Option<String>, ack: AckSender) {
        let _ = (form, note, ack);
    }

    #[event]
    fn save(&self, form: Form) -> Result<Form, Refusal> {
        if form.name.is_empty() { Err(Refusal::NameTaken) } else { Ok(form) }
    }

    #[event("try")]
    fn r#try(&self) -> Result<(), EmitError> {
        Ok(())
    }

    #[on_event]
    fn others(&self) {}
}

/// What is filled in and sent back: `note` may be left out on the way in.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Form {
    /// Whose.
    name: String,
    #[serde(default)]
    note: String,
    kind: Kind,
    children: Vec<Form>,
    envelope: Envelope<Kind>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Kind {
    Plain,
    Coloured { red: u8 },
}

/// Of its own in neither direction, but for what it holds.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Envelope<T> {
    inside: Option<T>,
    form: Option<Box<Form>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Refusal {
    NameTaken,
}

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[on_message]
    fn talk(&self, message: Message) -> Message {
        message
    }
}

#[derive(Default)]
struct Room;

#[socket_connection]
impl Room {}

/// What pages show.
#[client_events]
trait Guest {
    /// Somebody filled it in.
    #[event("new form")]
    fn new_form(by: &str, form: &Form, note: Option<&str>);
    #[deprecated(note = "nobody asks")]
    async fn confirm(form: Form) -> Form;
}

fn everything() -> AsyncApi {
    let document = contract::of::<Lobby>().asyncapi("Everything", "1.2.3").unwrap();
    document.server("production", "chat.example.org", "/socket.io")
}

#[test]
fn a_contract_is_a_document() {
    let text = format!("{}\n", serde_json::to_string_pretty(&everything()).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/asyncapi/everything.json");
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(text == fs::read_to_string(&path).unwrap(), "UPDATE_EXPECT=1 writes it anew:\n{text}");
}

#[test]
fn all_types_without_a_schema_are_named_at_once() {
    #[derive(Serialize, Deserialize)]
    struct Silent;

    #[derive(Default)]
    struct Quiet;

    #[socket_connection]
    #[endpoints("/a" => Quiet, "/b" => Quiet)]
    impl Quiet {
        #[event]
        fn say(
            &self,
            text: Silent,
            times: u8,
            #[rest] more: Vec<Silent>,
        ) -> Result<Silent, Silent> {
            let _ = (times, more);
            Ok(text)
        }

        #[event("get it")]
        fn get(&self) -> (u8, Silent) {
            (0, Silent)
        }
    }

    let missing = contract::of::<Quiet>().asyncapi("Quiet", "1").unwrap_err();
    let expected = "\
types without a schema: derive or implement `schemars::JsonSchema` for them
  event `say` of `Quiet`, argument `text`: `Silent`
  event `say` of `Quiet`, argument `more`: `Silent`
  event `say` of `Quiet`, answer: the value of `Result<Silent, Silent>`
  event `say` of `Quiet`, answer: the error of `Result<Silent, Silent>`
  event `get it` of `Quiet`, answer: `(u8, Silent)`";
    assert_eq!(missing.to_string(), expected);
}

#[tokio::test]
async fn a_page_and_the_document_are_served_where_they_are_nested() {
    let app = Router::new().nest("/docs/api", everything().router());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app).await });
    let get = async |path| request(address, "GET", path, &[], b"").await.unwrap();

    let page = get("/docs/api").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text().starts_with("<!DOCTYPE html>"));
    let document = get("/docs/api/asyncapi.json").await;
    assert_eq!(document.header("content-type"), Some("application/json"));
    let document: Value = serde_json::from_str(&document.text()).unwrap();
    assert_eq!(document, *everything().as_value());
    assert_eq!(document["info"], json!({"title": "Everything", "version": "1.2.3"}));
}
