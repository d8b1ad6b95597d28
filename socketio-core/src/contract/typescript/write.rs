//! Writes the interfaces.
//!
//! In: a contract; out: the text of a file, or [`Untyped`] with all that is missing. The official client takes an
//! event's parameters by `Parameters<Map[Event]>`, which sees no overloads, so an event that can be called in
//! several ways has a union of tuples as its rest parameter. Every tuple of an event with an answer ends in the
//! callback, which is how `emitWithAck` finds it (socket.io-client 4.8, `build/esm/socket.d.ts`, `Last`).

use std::fmt::Write as _;

use super::Untyped;
use super::asked::{Count, Said, Types};
use crate::contract::{Answer, Argument, Connection, Event, Form, Type};

/// What is written so far.
pub(super) struct Writer {
    types: Types,
    missing: Vec<String>,
    pairs: Vec<Pair>,
}

/// The two interfaces of a connection type.
#[derive(Debug)]
struct Pair {
    /// What their names begin with: `name`, with a number if others have it.
    prefix: String,
    name: &'static str,
    /// Where the type is served.
    paths: Vec<&'static str>,
    /// The members of both.
    to_client: String,
    to_server: String,
    client_docs: &'static str,
    docs: &'static str,
}

/// Who emits an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Client,
    Server,
}

/// The callback of an event, the last of its parameters.
enum Callback {
    None,
    Optional(String),
    Required(String),
}

const HEADER: &str = "\
// Written by socketio-core from the server's contract: do not edit, but renew it.
//
// A guard, a throttle, a check, arguments that can't be read and a panic answer
// `{ error: string, data?: any }` in place of what stands here.
";

/// The member that stands for all events that have no name here.
const OTHERS: &str =
    "  // Any event that has no name here.\n  [event: string]: (...args: any[]) => void;\n";

impl Default for Writer {
    fn default() -> Self {
        Self { types: Types::new(), missing: Vec::new(), pairs: Vec::new() }
    }
}

impl Writer {
    /// The whole file.
    pub(super) fn write(mut self, root: &Connection) -> Result<String, Untyped> {
        self.connection(root, "", "/");
        for endpoint in root.endpoints {
            let connection = (endpoint.connection)();
            self.connection(&connection, connection.name, endpoint.path);
        }
        let twice = self.types.ambiguous();
        let twice = twice.map(|name| {
            format!("two types are called `{name}`: rename one, `#[ts(rename = \"…\")]`")
        });
        self.missing.extend(twice.collect::<Vec<_>>());
        if !self.missing.is_empty() {
            return Err(Untyped(self.missing));
        }
        let mut out = HEADER.to_owned();
        for pair in &self.pairs {
            pair.write(&mut out);
        }
        out.extend(self.types.declarations());
        Ok(out)
    }

    /// A connection type at a path; one that is there already only gets the path.
    fn connection(&mut self, connection: &Connection, name: &'static str, path: &'static str) {
        let client = connection.client.map(|client| client());
        let to_client = match &client {
            Some(client) => self.members(client.events, From::Server),
            None => OTHERS.to_owned(),
        };
        let mut to_server = self.members(connection.events, From::Client);
        if connection.other_events {
            to_server += OTHERS;
        }
        let alike = |pair: &&mut Pair| {
            pair.name == name && (&pair.to_client, &pair.to_server) == (&to_client, &to_server)
        };
        if let Some(known) = self.pairs.iter_mut().find(alike) {
            return known.paths.push(path);
        }
        // Types of the same name are numbered.
        let taken = |name: &String| self.pairs.iter().any(|pair| pair.prefix == *name);
        let mut names = (1..).map(|n| if n == 1 { name.to_owned() } else { format!("{name}{n}") });
        let prefix = names.find(|name| !taken(name)).unwrap_or_default();
        let client_docs = client.map_or("", |client| client.docs);
        let (paths, docs) = (vec![path], connection.docs);
        self.pairs.push(Pair { prefix, name, paths, to_client, to_server, client_docs, docs });
    }

    fn members(&mut self, events: &[Event], from: From) -> String {
        events.iter().map(|event| self.member(event, from)).collect()
    }

    /// `name: (…) => void;`, with its docs.
    fn member(&mut self, event: &Event, from: From) -> String {
        let callback = self.callback(event, from);
        let arguments: Vec<_> = event
            .arguments
            .iter()
            .enumerate()
            .map(|(index, argument)| {
                let what = argument.name.map_or_else(|| format!("{}", index + 1), str::to_owned);
                let name =
                    label(&argument.name.map_or_else(|| format!("arg{what}"), str::to_owned));
                let said = self.ask(event, &format!("argument `{what}`"), &argument.ty);
                let ty = match said.error {
                    Some(error) => format!("{{ Ok: {} }} | {{ Err: {error} }}", said.name),
                    None => said.name,
                };
                Parameter { name, ty, argument }
            })
            .collect();
        let mut calls = Vec::new();
        if event.form != Form::Keyword {
            calls.extend(positional(&arguments, &callback));
        }
        let is_named =
            !arguments.is_empty() && arguments.iter().all(|one| one.argument.name.is_some());
        let either = event.form == Form::Either && from == From::Client;
        if is_named && (either || event.form == Form::Keyword) {
            calls.extend(by_keyword(&arguments, &callback));
        }
        let has_rest = event.arguments.iter().any(|argument| argument.rest);
        let mut out = comment("  ", event.docs, event.deprecated);
        let name = key(event.name);
        let _infallible = match &*calls {
            // Only in a tuple may a callback follow the rest.
            [one] if !(has_rest && matches!(callback, Callback::Required(_))) => {
                writeln!(out, "  {name}: ({one}) => void;")
            }
            _ => {
                let calls: String = calls.iter().map(|call| format!("\n    | [{call}]")).collect();
                writeln!(out, "  {name}: (...args:{calls}\n  ) => void;")
            }
        };
        out
    }

    fn callback(&mut self, event: &Event, from: From) -> Callback {
        let ty = match event.answer {
            None => return Callback::None,
            Some(Answer::Any) => {
                return Callback::Required("callback: (...answer: any[]) => void".to_owned());
            }
            Some(Answer::Returned(ty)) => ty,
        };
        let Said { name, count, error } = self.ask(event, "the answer", &ty);
        let error = error.map(|error| format!("{{ error: {error} }}"));
        let answer = match (count, error) {
            (Count::None, None) => String::new(),
            (Count::None, Some(error)) => format!("answer?: {error}"),
            (Count::One, None) => format!("answer: {name}"),
            (Count::One, Some(error)) => format!("answer: {name} | {error}"),
            (Count::Many, None) => format!("...answer: {name}"),
            (Count::Many, Some(error)) => format!("...answer: {name} | [{error}]"),
        };
        let callback = format!("callback: ({answer}) => void");
        if count == Count::None && from == From::Client {
            Callback::Optional(callback)
        } else {
            Callback::Required(callback)
        }
    }

    /// What a type says, or nothing of importance once it is known to be missing.
    fn ask(&mut self, event: &Event, what: &str, ty: &Type) -> Said {
        (ty.typescript)(&mut self.types).unwrap_or_else(|| {
            let (name, ty) = (event.name, ty.rust());
            self.missing.push(format!(
                "event `{name}`, {what}: `{ty}` does not say what it is: derive `ts_rs::TS`"
            ));
            Said { name: String::new(), count: Count::One, error: None }
        })
    }
}

/// An argument, as a parameter.
struct Parameter<'a> {
    name: String,
    ty: String,
    argument: &'a Argument,
}

impl Parameter<'_> {
    /// It where it may not be left out.
    fn given(&self) -> String {
        let Self { name, ty, argument } = self;
        match argument {
            Argument { rest: true, .. } => format!("...{name}: Array<{ty}>"),
            Argument { optional: true, .. } => format!("{name}: {ty} | null"),
            _ => format!("{name}: {ty}"),
        }
    }

    /// It where nothing but what may be left out, too, follows.
    fn last(&self) -> String {
        match self.argument {
            Argument { rest: false, optional: true, .. } => self.given().replacen(':', "?:", 1),
            _ => self.given(),
        }
    }
}

/// The calls by position: without the callback one, and before it one for each number of arguments.
fn positional(arguments: &[Parameter<'_>], callback: &Callback) -> Vec<String> {
    let list = |all: Vec<String>, callback: Option<&String>| {
        all.into_iter().chain(callback.cloned()).collect::<Vec<_>>().join(", ")
    };
    let mut calls = Vec::new();
    if let Callback::None | Callback::Optional(_) = callback {
        calls.push(list(arguments.iter().map(Parameter::last).collect(), None));
    }
    if let Callback::Required(callback) | Callback::Optional(callback) = callback {
        let required = arguments.iter().filter(|one| !one.argument.optional).count();
        let rest = arguments.iter().filter(|one| one.argument.rest).count();
        let most = arguments.len() - rest;
        calls.extend((required..=most).map(|count| {
            let count = if count == most { arguments.len() } else { count };
            let given = arguments.iter().take(count).map(Parameter::given);
            list(given.collect(), Some(callback))
        }));
    }
    calls
}

/// The calls by keyword: with the callback and, if it may be left out, without.
fn by_keyword(arguments: &[Parameter<'_>], callback: &Callback) -> Vec<String> {
    let members = arguments.iter().map(|Parameter { ty, argument, .. }| {
        let name = key(argument.name.unwrap_or_default());
        match argument {
            Argument { rest: true, .. } => format!("{name}?: Array<{ty}> | null"),
            Argument { optional: true, .. } => format!("{name}?: {ty} | null"),
            _ => format!("{name}: {ty}"),
        }
    });
    let object = format!("args: {{ {} }}", members.collect::<Vec<_>>().join(", "));
    match callback {
        Callback::None => vec![object],
        Callback::Required(callback) => vec![format!("{object}, {callback}")],
        Callback::Optional(callback) => vec![object.clone(), format!("{object}, {callback}")],
    }
}

impl Pair {
    fn write(&self, out: &mut String) {
        let Self { prefix, name: _, paths, to_client, to_server, client_docs, docs } = self;
        let paths = paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
        for (name, members, what, docs) in [
            ("ServerToClientEvents", to_client, "What clients of {} are sent.", client_docs),
            ("ClientToServerEvents", to_server, "What clients of {} may emit.", docs),
        ] {
            let docs = format!("{}\n\n{docs}", what.replace("{}", &paths));
            let docs = comment("", docs.trim(), None);
            let _infallible =
                write!(out, "\n{docs}export interface {prefix}{name} {{\n{members}}}\n");
        }
    }
}

/// A doc comment; none if there is nothing in it.
fn comment(indent: &str, docs: &str, deprecated: Option<&str>) -> String {
    let deprecated = deprecated.map(|why| format!("@deprecated {why}").trim().to_owned());
    let parts = [(!docs.is_empty()).then_some(docs), deprecated.as_deref()];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    let text = text.replace("*/", "*\\/");
    let lines: Vec<_> = text.lines().collect();
    match &*lines {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines = lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_owned());
            let lines = lines.collect::<Vec<_>>().join("\n");
            format!("{indent}/**\n{lines}\n{indent} */\n")
        }
    }
}

/// The name of a member: as it is, or as a string.
fn key(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { serde_json::Value::from(name).to_string() }
}

/// The name of a parameter, which no word of the language can be.
fn label(name: &str) -> String {
    let word = |c: char| if is_word(c) || c.is_numeric() { c } else { '_' };
    let name: String = name.chars().map(word).collect();
    if is_identifier(&name) && !RESERVED.split(' ').any(|word| word == name) {
        name
    } else {
        format!("_{name}")
    }
}

/// What is no name of a parameter in a module, and what the callback is called.
const RESERVED: &str = "arguments await break callback case catch class const continue debugger default delete do \
    else enum eval export extends false finally for function if implements import in instanceof interface let new \
    null package private protected public return static super switch this throw true try typeof var void while with \
    yield";

fn is_identifier(name: &str) -> bool {
    name.starts_with(is_word) && name.chars().all(|c| is_word(c) || c.is_numeric())
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '$')
}
