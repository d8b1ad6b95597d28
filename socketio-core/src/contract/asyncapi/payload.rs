//! What a packet carries, as a schema: the list of arguments, whether of an event or of its acknowledgement.
//!
//! In: arguments and answers; out: schemas of arrays. Called by `document`. A list that no call may have
//! is against its schema. Source: JSON Schema draft 07, "Validation Keywords for Arrays".

use serde_json::{Map, Value, json};

use super::schemas::{Schemas, Way};
use crate::contract::{Argument, Event, Form, Type};

/// The arguments of an event, in either form.
pub(super) fn arguments(schemas: &mut Schemas, event: &Event, way: Way, place: &str) -> Value {
    let arguments = event.arguments.iter().enumerate().map(|(index, argument)| {
        let name =
            argument.name.map_or_else(|| (index + 1).to_string(), |name| format!("`{name}`"));
        let schema = schemas.value(&argument.ty, way, &format_args!("{place}, argument {name}"));
        let may_be_null = argument.optional && !argument.rest;
        (argument, if may_be_null { or_null(schema) } else { schema })
    });
    let arguments: Vec<_> = arguments.collect();
    match (event.form, keyword(&arguments)) {
        (Form::Keyword, Some(keyword)) => keyword,
        (Form::Either, Some(keyword)) => json!({"anyOf": [positional(arguments), keyword]}),
        _ => positional(arguments),
    }
}

/// `[1, 2]`
fn positional(arguments: Vec<(&Argument, Value)>) -> Value {
    let required = arguments.iter().rposition(|(argument, _)| is_required(argument));
    let (mut items, mut rest) = (Vec::new(), None);
    for (argument, schema) in arguments {
        let schema = titled(argument.name, schema);
        if argument.rest {
            rest = Some(schema);
        } else {
            items.push(schema);
        }
    }
    list(items, required.map_or(0, |last| last + 1), rest)
}

/// `[{a: 1, b: 2}]`, if every argument has a name and there is one.
fn keyword(arguments: &[(&Argument, Value)]) -> Option<Value> {
    let properties = arguments.iter().map(|(argument, schema)| {
        let schema = match argument.rest {
            true => or_null(json!({"type": "array", "items": schema})),
            false => schema.clone(),
        };
        Some((argument.name?.to_owned(), schema))
    });
    let properties: Map<_, _> = properties.collect::<Option<_>>()?;
    let required = arguments.iter().filter(|(argument, _)| is_required(argument));
    let required: Vec<_> = required.filter_map(|(argument, _)| argument.name).collect();
    if properties.is_empty() {
        return None;
    }
    let mut object =
        json!({"type": "object", "properties": properties, "additionalProperties": false});
    if let (Some(object), false) = (object.as_object_mut(), required.is_empty()) {
        object.insert("required".to_owned(), required.into());
    }
    Some(list(vec![object], 1, None))
}

fn is_required(argument: &Argument) -> bool {
    !argument.optional && !argument.rest
}

/// The values of an answer, and the object that stands there instead if it failed.
pub(super) fn answer(
    schemas: &mut Schemas,
    ty: &Type,
    way: Way,
    place: &str,
) -> (Value, Option<Value>) {
    let (value, error) = schemas.answer(ty, way, &format_args!("{place}, answer"));
    let failed = |error| {
        let object =
            json!({"type": "object", "properties": {"error": error}, "required": ["error"]});
        list(vec![object], 1, None)
    };
    (values(value), error.map(failed))
}

/// A tuple is several values, `()` none, anything else the one.
fn values(value: Value) -> Value {
    let is_of = |ty: &str| value.get("type").is_some_and(|found| found == ty);
    let is_tuple = value.get("minItems").is_some_and(|least| value.get("maxItems") == Some(least));
    if is_of("null") {
        list(Vec::new(), 0, None)
    } else if is_of("array") && is_tuple {
        value
    } else {
        list(vec![value], 1, None)
    }
}

/// An array of these items, of which the first so many are there, and of more that are like `rest`.
fn list(items: Vec<Value>, required: usize, rest: Option<Value>) -> Value {
    let mut list = json!({"type": "array"});
    if let Some(list) = list.as_object_mut() {
        let mut put = |key: &str, value| list.insert(key.to_owned(), value);
        match (items.is_empty(), rest) {
            (true, None) => put("maxItems", 0.into()),
            (true, Some(rest)) => put("items", rest),
            (false, rest) => {
                put("items", items.into());
                put("additionalItems", rest.unwrap_or(Value::Bool(false)))
            }
        };
        if required > 0 {
            put("minItems", required.into());
        }
    }
    list
}

/// The schema, or null.
fn or_null(mut schema: Value) -> Value {
    if let Value::Object(members) = &mut schema
        && !members.contains_key("enum")
        && !members.contains_key("const")
        && let Some(ty @ Value::String(_)) = members.get_mut("type")
    {
        *ty = json!([ty.take(), "null"]);
        return schema;
    }
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// The schema under the name of an argument. What stands beside a reference has no meaning.
fn titled(name: Option<&str>, schema: Value) -> Value {
    let Some(name) = name else { return schema };
    let mut members = match schema {
        Value::Object(members) if !members.contains_key("$ref") => members,
        Value::Bool(true) => Map::new(),
        other => Map::from_iter([("allOf".to_owned(), json!([other]))]),
    };
    members.insert("title".to_owned(), name.into());
    Value::Object(members)
}
