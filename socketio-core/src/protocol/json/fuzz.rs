//! What holds of JSON text whatever it is: what serde_json says of it.
//!
//! Any bytes go in, a panic comes out if something does not hold. Called by [`fuzz`](crate::fuzz).

use std::borrow::Cow;

use serde::de::{Deserialize, IgnoredAny};
use serde_json::Value;
use serde_json::value::RawValue;

use super::*;
use crate::protocol::{JsonText, binary};

/// All functions of this module, on a text.
pub(crate) fn run(input: &[u8]) {
    let text = &*String::from_utf8_lossy(input);
    is_a_value_or_none(text);
    is_split(text);
    has_members(text);
    is_a_string(text);
    is_read_first::<String>(text);
    is_read_first::<Option<String>>(text);
    is_read_first::<Vec<u32>>(text);
    is_escaped(text);
    let plain = !input.iter().any(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
    assert_eq!(is_plain(input), plain);
    has_placeholders(text);
}

fn is_a_value_or_none(text: &str) {
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let trimmed = text.trim_matches([' ', '\t', '\n', '\r']);
    assert_eq!(value(text), is_json.then_some(trimmed));
    assert_eq!(trim_start(text), text.trim_start_matches([' ', '\t', '\n', '\r']));
}

fn is_split(text: &str) {
    let elements = serde_json::from_str::<Vec<&RawValue>>(text).unwrap_or_default();
    let split = split_first(text);
    assert_eq!(split.map(|(first, _)| first), elements.first().map(|first| first.get()));
    let Some((_, others)) = split else { return };
    let others = format!("[{others}");
    let others = serde_json::from_str::<Vec<&RawValue>>(&others);
    let texts = |values: &[&RawValue]| {
        values.iter().map(|value| value.get().to_owned()).collect::<Vec<_>>()
    };
    let expected = texts(elements.get(1..).unwrap_or_default());
    assert!(others.is_ok_and(|others| texts(&others) == expected));
}

fn has_members(text: &str) {
    let mut count = 0;
    let rest = members(text, |name, member| {
        count += 1;
        assert!(value(name) == Some(name) && string(name).is_some());
        assert_eq!(value(member), Some(member));
        Some(())
    });
    let is_object = value(text).is_some_and(|value| value.starts_with('{'));
    assert!(!is_object || rest.is_some_and(|rest| trim_start(rest).is_empty()));
    let Some(rest) = rest else { return };
    let object = text.strip_suffix(rest).unwrap_or_default();
    assert!(value(object).is_some_and(|object| object.starts_with('{')));
    if let Ok(Value::Object(members)) = serde_json::from_str(object) {
        assert!(members.len() <= count);
    }
}

fn is_a_string(text: &str) {
    let Some(json) = value(text) else { return };
    let ours = string(json);
    assert_eq!(ours.is_some(), json.starts_with('"'));
    if let Ok(theirs) = serde_json::from_str::<String>(json) {
        assert_eq!(ours, Some(Cow::Owned(theirs)));
    }
}

/// The first value of a type and what follows it are what serde_json finds.
fn is_read_first<'de, T: Deserialize<'de> + PartialEq + std::fmt::Debug>(text: &'de str) {
    if trim_start(text).len() < text.len() {
        return;
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let theirs = T::deserialize(&mut json).ok().map(|value| {
        (value, text.get(json.into_iter::<IgnoredAny>().byte_offset()..).unwrap_or_default())
    });
    assert_eq!(first::<T>(text).ok(), theirs);
}

fn is_escaped(text: &str) {
    let read = |literal: &str| serde_json::from_str::<String>(&format!("\"{literal}\"")).ok();
    assert_eq!(read(&escape(text, needs_escape, put_escape)).as_deref(), Some(text));
    let script = script_string(text);
    assert_eq!(read(&script).as_deref(), Some(text));
    assert!(!script.contains(['<', '\n', '\r', '\u{2028}', '\u{2029}']));
}

/// Text with attachments is read and written, whatever its placeholders.
fn has_placeholders(text: &str) {
    let attachments = vec!["a".into(), "b".into()];
    if value(text).is_none() {
        return;
    }
    let _checked = binary::are_sound(text, attachments.len());
    let json = JsonText::new(text, attachments);
    let plain = json.to_plain();
    assert!(value(&plain).is_some());
    // `1e20` is written as all its digits.
    assert!(plain.len() <= 6 * text.len() + 64);
    let _read: Result<Value, _> = json.decode();
}
