//! The schemas of all types, as they are read and as they are written.
//!
//! In: types with the places where they stand; out: their schemas or references to them, and in the end the
//! named ones, each once. Called by `payload` and `document`. A type that is written otherwise than it is read (what
//! serde's `default` fills in is always written) has two, of which the second is called `Name.sent`.
//! Source: AsyncAPI 3.0.0, "Schema Object": a superset of JSON Schema draft 07.

use std::collections::BTreeSet;
use std::fmt;

use percent_encoding::percent_decode_str;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::MissingSchemas;
use crate::contract::Type;
use crate::contract::schema::Schemas as Found;

/// Which way a value goes, seen from the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

impl Way {
    /// The opposite one, which an answer goes.
    pub(super) fn back(self) -> Self {
        match self {
            Self::In => Self::Out,
            Self::Out => Self::In,
        }
    }
}

/// Where references point until it is known which types need two names.
const READ: &str = "/components/read";
const WRITTEN: &str = "/components/written";

/// All types that were asked.
pub(super) struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
    missing: Vec<String>,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let generator = |settings: SchemaSettings, path: &'static str| {
            let settings = settings.with(|settings| settings.definitions_path = path.into());
            settings.into_generator()
        };
        let settings = SchemaSettings::draft07();
        Self {
            read: generator(settings.clone().for_deserialize(), READ),
            written: generator(settings.for_serialize(), WRITTEN),
            missing: Vec::new(),
        }
    }

    /// What a type is as an argument.
    pub(super) fn value(&mut self, ty: &Type, way: Way, place: &dyn fmt::Display) -> Value {
        match self.answer(ty, way, place) {
            (value, None) => value,
            (ok, Some(error)) => {
                let variant = |name: &str, value: Value| {
                    let properties = json!({name: value});
                    json!({"type": "object", "properties": properties, "required": [name]})
                };
                json!({"oneOf": [variant("Ok", ok), variant("Err", error)]})
            }
        }
    }

    /// What a type is as an answer: its value, and its error if it is a `Result`.
    pub(super) fn answer(
        &mut self,
        ty: &Type,
        way: Way,
        place: &dyn fmt::Display,
    ) -> (Value, Option<Value>) {
        let generator = match way {
            Way::In => &mut self.read,
            Way::Out => &mut self.written,
        };
        let Found { value, error } = (ty.schema)(generator);
        let missing = &mut self.missing;
        let mut json = |schema: Option<schemars::Schema>, part| {
            let Some(mut schema) = schema else {
                let line = format!("{place}: {part}`{}`", ty.rust());
                if !missing.contains(&line) {
                    missing.push(line);
                }
                return Value::Bool(true);
            };
            generator.transforms_mut().for_each(|one| one.transform(&mut schema));
            schema.to_value()
        };
        let of = if error.is_some() { "the value of " } else { "" };
        (json(value, of), error.map(|error| json(error, "the error of ")))
    }

    /// Points all references in a document to the named schemas, which come out.
    pub(super) fn finish(mut self, document: &mut Value) -> Result<Value, MissingSchemas> {
        if !self.missing.is_empty() {
            return Err(MissingSchemas(self.missing));
        }
        let read = self.read.take_definitions(true);
        let written = self.written.take_definitions(true);
        let differing = differing(&read, &written);
        let name = |name: &str, way: Way| match way {
            Way::Out if differing.contains(name) => format!("{}.sent", key(name)),
            _ => key(name),
        };
        let mut schemas = Map::new();
        for (way, definitions) in [(Way::In, read), (Way::Out, written)] {
            schemas.extend(definitions.into_iter().map(|(of, schema)| (name(&of, way), schema)));
        }
        let mut schemas = Value::Object(schemas);
        for part in [document, &mut schemas] {
            references(part, &mut |reference| {
                if let Some((of, way)) = resolve(reference) {
                    *reference = format!("#/components/schemas/{}", name(&of, way));
                }
            });
        }
        Ok(schemas)
    }
}

/// The names of the types that are written otherwise than they are read, or hold one that is.
fn differing(read: &Map<String, Value>, written: &Map<String, Value>) -> BTreeSet<String> {
    let mut differing = BTreeSet::new();
    loop {
        let before = differing.len();
        for (name, schema) in written {
            let Some(other) = read.get(name) else { continue };
            let (mut schema, mut holds) = (schema.clone(), false);
            references(&mut schema, &mut |reference| {
                if let Some((of, _)) = resolve(reference) {
                    holds |= differing.contains(&of);
                }
                *reference = reference.replace(WRITTEN, READ);
            });
            if holds || schema != *other {
                differing.insert(name.clone());
            }
        }
        if differing.len() == before {
            return differing;
        }
    }
}

/// The type to which a reference of one of the generators points.
fn resolve(reference: &str) -> Option<(String, Way)> {
    let path = reference.strip_prefix('#')?;
    let (name, way) = match path.strip_prefix(READ) {
        Some(name) => (name, Way::In),
        None => (path.strip_prefix(WRITTEN)?, Way::Out),
    };
    let name = percent_decode_str(name.strip_prefix('/')?).decode_utf8_lossy();
    Some((name.replace("~1", "/").replace("~0", "~"), way))
}

/// A name as components may have it: of letters, digits, `.`, `-` and `_`.
pub(super) fn key(name: &str) -> String {
    name.chars().fold(String::new(), |mut key, c| {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => key.push(c),
            c => key.push_str(&format!("_{:x}", u32::from(c))),
        }
        key
    })
}

/// Visits all references in a value.
fn references(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| references(item, visit)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(reference) if name == "$ref" => visit(reference),
                    member => references(member, visit),
                }
            }
        }
        _ => {}
    }
}
