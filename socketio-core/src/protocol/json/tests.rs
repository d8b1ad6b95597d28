//! What is JSON and where its values end, as serde_json has it.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use serde::de::MapAccess;
use serde_json::Value;
use serde_json::value::RawValue;

use super::*;
use crate::protocol::generate::Random;

/// The elements of an array, or the members of an object.
#[derive(Debug, PartialEq)]
struct Parts<'a>(Vec<&'a str>);

impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PartsVisitor)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Parts<'de>, A::Error> {
        let mut parts = Vec::new();
        while let Some((name, value)) = members.next_entry::<&RawValue, &RawValue>()? {
            parts.extend([name.get(), value.get()]);
        }
        Ok(Parts(parts))
    }
}

fn array(text: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// Whether it is JSON; every function has to find in it what serde_json finds.
#[track_caller]
fn check(text: &str) -> bool {
    let expected = serde_json::from_str::<&RawValue>(text).ok().map(RawValue::get);
    assert_eq!(value(text), expected, "{text}");

    let first = split_first(text);
    let found = first.map(|(first, others)| match others.trim() {
        "]" => vec![first.to_owned()],
        _ => {
            let others = format!("[{others}");
            let others = array(&others).unwrap();
            [first].iter().chain(&others).map(|part| (*part).to_owned()).collect()
        }
    });
    let expected = array(text).filter(|elements| !elements.is_empty());
    assert_eq!(found.is_some(), expected.is_some(), "{text}");
    assert_eq!(found.unwrap_or_default(), expected.unwrap_or_default(), "{text}");

    let mut found = Parts(Vec::new());
    let rest = members(text, |name, value| {
        found.0.extend([name, value]);
        Some(())
    });
    let is_object = rest.is_some_and(|rest| trim_start(rest).is_empty());
    let expected: Option<Parts<'_>> = serde_json::from_str(text).ok();
    assert_eq!(is_object.then_some(found), expected, "{text}");
    value(text).is_some()
}

#[test]
fn json_is_what_serde_json_takes_for_it() {
    for text in [
        "",
        " ",
        "0",
        "-0",
        "-",
        "00",
        "01",
        "-01",
        "1.",
        ".1",
        "1.0",
        "1e",
        "1e+",
        "1E-07",
        "1.5e3x",
        "+1",
        "1 ",
        " \t\r\n1",
        "\u{b}1",
        "\u{a0}1",
        "\u{feff}1",
        "NaN",
        "Infinity",
        "true",
        "tru",
        "truex",
        "false",
        "null",
        "nul",
        "\"",
        "\"\"",
        "\"\\\"",
        "\"\\\\\"",
        "\"\\/\\b\\f\\n\\r\\t\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"\\uAbCd\"",
        "\"\\ud83d\"",
        "\"\\ude00\\ud83d\"",
        "\"\u{7f}\"",
        "\"\u{1f}\"",
        "\"\n\"",
        "\"é\u{2028}😀\"",
        "[",
        "]",
        "[]",
        "[ ]",
        "[,]",
        "[1,]",
        "[1 2]",
        "[1,,2]",
        "[1]]",
        "[1}",
        "{",
        "}",
        "{}",
        "{ }",
        "{,}",
        "{\"\":1}",
        "{\"a\":1,}",
        "{\"a\" : 1 , \"a\" : [2]}",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{1:1}",
        "{\"a\":1]",
        "{\"a\":1}}",
        "1 1",
        "[] []",
        "{} {}",
        "[[],{}]",
        "\0",
        "1\0",
    ] {
        check(text);
    }
}

#[test]
fn so_it_is_when_it_is_damaged() {
    const PIECES: [&str; 34] = [
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "\"\"",
        "\"a\":",
        "\\",
        "\\\"",
        "\\\\",
        "\\n",
        "\\x",
        "\\u",
        "\\ud83d",
        "0",
        "1",
        "-",
        ".",
        "e",
        "E+",
        "true",
        "fals",
        "null",
        " ",
        "\n",
        "\t",
        "\u{b}",
        "\u{1f}",
        "\u{7f}",
        "é",
        "😀",
        "12345678901234567890123456789012345678901234567890",
    ];
    let mut valid = [0; 2];
    for seed in 0..20_000 {
        let mut random = Random::new(seed);
        let mut text = random.json(4).to_string();
        for _ in 0..3 {
            valid[usize::from(check(&text))] += 1;
            let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let Some(at) = starts.get(random.below(starts.len().max(1))) else { break };
            match random.below(3) {
                0 => drop(text.remove(*at)),
                1 => text.truncate(*at),
                _ => text.insert_str(*at, PIECES[random.below(PIECES.len())]),
            }
        }
    }
    assert!(valid.iter().all(|count| *count > 10_000), "{valid:?}");
}

/// What is open is counted in words of 64.
#[test]
fn what_is_opened_must_be_closed_however_deep() {
    for depth in [1, 2, 62, 63, 64, 65, 126, 127, 128, 129, 300] {
        let is_object = |level: usize| level.is_multiple_of(3) || level == depth;
        let open: String =
            (1..=depth).map(|at| if is_object(at) { "{\"\":" } else { "[" }).collect();
        let close: String =
            (1..=depth).rev().map(|at| if is_object(at) { '}' } else { ']' }).collect();
        assert!(check(&format!("{open}1{close}")));
        assert!(check(&format!("[{open}1{close},{open}2{close}]")));
        assert!(!check(&format!("{open}1{}", close.split_at(1).1)));
        assert!(!check(&format!("{open}1{close}]")));
        for wrong in 0..depth {
            let mut closed = close.clone().into_bytes();
            closed[wrong] ^= b']' ^ b'}';
            let closed = String::from_utf8(closed).unwrap();
            assert!(!check(&format!("{open}1{closed}")), "at {wrong} of {depth}");
        }
    }
}

/// What is wrong, but for where: a handler is not told that.
fn what(error: serde_json::Error) -> String {
    let message = error.to_string();
    match message.rsplit_once(" at line ") {
        Some((what, _)) if error.line() > 0 => what.to_owned(),
        _ => message,
    }
}

#[track_caller]
fn check_first<'a, T: Deserialize<'a> + PartialEq + Debug>(text: &'a str) {
    let mut json = serde_json::Deserializer::from_str(text);
    let expected = T::deserialize(&mut json).map_err(what);
    let rest = &text.split_at(json.into_iter::<Value>().byte_offset()).1;
    assert_eq!(first::<T>(text).map_err(what), expected.map(|value| (value, *rest)), "{text}");
}

#[derive(Debug, PartialEq, Deserialize)]
enum Choice {
    A,
    B(String),
}

#[derive(Debug, PartialEq, Deserialize)]
struct Wrapped<T>(T);

#[derive(Debug, PartialEq, Deserialize)]
struct Named {
    a: Option<String>,
}

#[test]
fn the_first_value_is_what_serde_json_reads() {
    for text in [
        "",
        "\"",
        "\"\"",
        "\"a\",1]",
        "\"A\"]",
        "\"é😀\u{2028}\" ]",
        "\"a\nb\"",
        "\"a\\n\\u00e9\",",
        "\"\\ud83d\"",
        "\"\\x\"",
        "\"a",
        "\"0123456789012345678901234567890123456789\"]",
        "null]",
        "nul",
        "true,",
        "false]",
        "0]",
        "-1,2]",
        "255]",
        "256]",
        "1.5]",
        "1e999]",
        "12345678901234567890123]",
        "[]]",
        "[\"a\",\"b\\n\"],",
        "{}]",
        "{\"a\":\"b\"}]",
        "{\"a\":null}",
        "{\"B\":\"c\"}]",
        "]",
        ",",
        "x",
    ] {
        check_first::<String>(text);
        check_first::<&str>(text);
        check_first::<Option<String>>(text);
        check_first::<Option<Option<&str>>>(text);
        check_first::<char>(text);
        check_first::<bool>(text);
        check_first::<u8>(text);
        check_first::<Option<i64>>(text);
        check_first::<f64>(text);
        check_first::<()>(text);
        check_first::<Value>(text);
        check_first::<Option<Value>>(text);
        check_first::<Choice>(text);
        check_first::<Wrapped<String>>(text);
        check_first::<Wrapped<Option<u8>>>(text);
        check_first::<Named>(text);
        check_first::<(String, String)>(text);
        check_first::<Vec<String>>(text);
        check_first::<BTreeMap<String, String>>(text);
        check_first::<serde_bytes::ByteBuf>(text);
    }
    assert_eq!(first::<&RawValue>("\"\\ud83d\",1]").unwrap().0.get(), "\"\\ud83d\"");
}
