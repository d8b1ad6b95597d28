//! The document around the schemas: channels with their messages, and operations.
//!
//! A contract goes in, the document comes out. Called by `Connection::asyncapi`. Ids are made of paths and of
//! the names of methods: they stay as they are when others are added. Source: AsyncAPI 3.0.0, "Channels
//! Object", "Operations Object", "Operation Reply Object".

use serde_json::{Map, Value, json};

use super::schemas::{Schemas, Way, key};
use super::{MissingSchemas, payload};
use crate::contract::{Answer, Connection, Event};

/// The contract of a root connection and the endpoints beside it.
pub(super) fn document(
    root: &Connection,
    title: &str,
    version: &str,
) -> Result<Value, MissingSchemas> {
    let mut writer = Writer::new();
    writer.channel("/", root);
    for endpoint in root.endpoints {
        writer.channel(endpoint.path, &(endpoint.connection)());
    }
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": version},
        "defaultContentType": "application/json",
        "channels": writer.channels,
        "operations": writer.operations,
    });
    let schemas = writer.schemas.finish(&mut document)?;
    if let Some(document) = document.as_object_mut() {
        document.insert("components".to_owned(), json!({"schemas": schemas}));
    }
    Ok(document)
}

struct Writer {
    schemas: Schemas,
    channels: Map<String, Value>,
    operations: Map<String, Value>,
}

/// A channel, while its messages are written.
struct Channel<'a> {
    id: &'a str,
    messages: Map<String, Value>,
}

impl Channel<'_> {
    /// Adds a message; a reference to it comes out.
    fn add(&mut self, id: &str, message: Value) -> Value {
        self.messages.insert(id.to_owned(), message);
        json!({"$ref": format!("#/channels/{}/messages/{id}", self.id)})
    }
}

impl Writer {
    fn new() -> Self {
        Self { schemas: Schemas::new(), channels: Map::new(), operations: Map::new() }
    }

    fn channel(&mut self, path: &str, connection: &Connection) {
        let mut id = channel_id(path);
        while self.channels.contains_key(&id) {
            id.push('_');
        }
        let mut channel = Channel { id: &id, messages: Map::new() };
        for event in connection.events {
            self.event(&mut channel, connection.name, "", event, Way::In);
        }
        let mut members = docs(connection.docs, None);
        if let Some(client) = connection.client.map(|client| client()) {
            let tag = json!({"name": client.name, "description": client.docs});
            members.insert("tags".to_owned(), json!([tag]));
            let prefix = format!("{}.", key(client.name));
            for event in client.events {
                self.event(&mut channel, client.name, &prefix, event, Way::Out);
            }
        }
        let (address, parameters) = address(path);
        members.insert("address".to_owned(), address.into());
        members.insert("title".to_owned(), connection.name.into());
        members.insert("messages".to_owned(), channel.messages.into());
        if !parameters.is_empty() {
            members.insert("parameters".to_owned(), parameters.into());
        }
        if connection.other_events {
            members.insert("x-other-events".to_owned(), true.into());
        }
        self.channels.insert(id, members.into());
    }

    /// Writes the message, those of its answer, and its operation.
    fn event(
        &mut self,
        channel: &mut Channel<'_>,
        of: &str,
        prefix: &str,
        event: &Event,
        way: Way,
    ) {
        let id = format!("{prefix}{}", key(event.method.trim_start_matches("r#")));
        let place = format!("event `{}` of `{of}`", event.name);
        let mut message = docs(event.docs, event.deprecated);
        message.insert("name".to_owned(), event.name.into());
        message.insert("title".to_owned(), event.name.into());
        let payload = payload::arguments(&mut self.schemas, event, way, &place);
        message.insert("payload".to_owned(), payload);
        let mut operation = json!({
            "action": if way == Way::In { "receive" } else { "send" },
            "channel": {"$ref": format!("#/channels/{}", channel.id)},
            "messages": [channel.add(&id, message.into())],
        });
        if let Some(answer) = &event.answer
            && let Some(operation) = operation.as_object_mut()
        {
            let messages = self.answers(channel, &id, event.name, &place, answer, way.back());
            let reply = json!({"channel": operation.get("channel"), "messages": messages});
            operation.insert("reply".to_owned(), reply);
        }
        self.operations.insert(format!("{}.{id}", channel.id), operation);
    }

    /// Writes the messages of an answer; references to them come out.
    fn answers(
        &mut self,
        channel: &mut Channel<'_>,
        id: &str,
        event: &str,
        place: &str,
        answer: &Answer,
        way: Way,
    ) -> Vec<Value> {
        let (value, error) = match answer {
            Answer::Returned(ty) => payload::answer(&mut self.schemas, ty, way, place),
            Answer::Any => (json!({"type": "array"}), None),
        };
        let title = format!("Answer to {event}");
        let value = json!({"title": title, "payload": value});
        let mut messages = vec![channel.add(&format!("{id}.answer"), value)];
        messages.extend(error.map(|error| {
            let title = format!("Error of {event}");
            channel.add(&format!("{id}.error"), json!({"title": title, "payload": error}))
        }));
        messages
    }
}

/// The words of a path: `/room/{id}` is `room_id`.
fn channel_id(path: &str) -> String {
    let words = path.split(|c: char| !c.is_alphanumeric() && c != '-');
    let words: Vec<_> = words.filter(|word| !word.is_empty()).map(key).collect();
    if words.is_empty() { "root".to_owned() } else { words.join("_") }
}

/// A path as AsyncAPI writes it, and the parameters that it has: of `{*rest}` the name is `rest`.
fn address(path: &str) -> (String, Map<String, Value>) {
    let address = path.replace("{*", "{");
    let parameters = address.split('{').skip(1).filter_map(|part| part.split_once('}'));
    let parameters = parameters.map(|(name, _)| (name.to_owned(), json!({}))).collect();
    (address, parameters)
}

/// The first paragraph of docs as the summary, the others and what `#[deprecated]` says as the description.
fn docs(docs: &str, deprecated: Option<&str>) -> Map<String, Value> {
    let (summary, more) = docs.split_once("\n\n").unwrap_or((docs, ""));
    let note = deprecated.filter(|note| !note.is_empty());
    let note = note.map(|note| format!("**Deprecated:** {note}"));
    let description: Vec<_> =
        [more, note.as_deref().unwrap_or("")].into_iter().filter(|part| !part.is_empty()).collect();
    let mut members = Map::new();
    for (name, text) in
        [("summary", summary.replace('\n', " ")), ("description", description.join("\n\n"))]
    {
        if !text.is_empty() {
            members.insert(name.to_owned(), text.into());
        }
    }
    if deprecated.is_some() {
        members.insert("deprecated".to_owned(), true.into());
    }
    members
}
