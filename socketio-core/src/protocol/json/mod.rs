//! JSON text, strings above all: read, written, and put into scripts.
//!
//! The codecs of all generations call it for names and for what they hand on unparsed. Nothing recurses,
//! so neither size nor depth of what a peer sends matters.
//!
//! Source: RFC 8259; for scripts, the HTML standard, "Restrictions for contents of script elements".

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

mod first;
pub(super) use first::first;

mod plain;
pub(crate) use plain::is_plain;

mod scan;

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;

/// The text without the space around it, if it is one JSON value.
pub(super) fn value(text: &str) -> Option<&str> {
    let start = scan::space(text.as_bytes());
    let end = scan::value(start)?;
    if scan::space(end).is_empty() { between(text, start, end) } else { None }
}

/// The first element of a JSON array, and what follows it, up to the end; `None` if the text is no JSON, no array,
/// or an empty one.
///
/// ```text
/// ["add",1,2]     "add"     1,2]
/// ["add"]         "add"     ]
/// ```
pub(super) fn split_first(text: &str) -> Option<(&str, &str)> {
    let first = scan::space(scan::space(text.as_bytes()).strip_prefix(b"[")?);
    let behind = scan::value(first)?;
    let (others, end) = match scan::space(behind) {
        [b',', others @ ..] => (others, scan::elements(others)?),
        others => (others, others.strip_prefix(b"]")?),
    };
    scan::space(end).is_empty().then_some(())?;
    Some((between(text, first, behind)?, between(text, others, end)?))
}

/// Passes the JSON object that a text begins with, and gives what follows it. `each` is called with the name, which
/// is a JSON string, and the value of each member, and ends it with `None`; so does what is no JSON, or no object.
pub(crate) fn members<'a>(
    text: &'a str,
    mut each: impl FnMut(&'a str, &'a str) -> Option<()>,
) -> Option<&'a str> {
    let mut rest = scan::space(text.as_bytes()).strip_prefix(b"{")?;
    if let [b'}', end @ ..] = scan::space(rest) {
        return between(text, end, &[]);
    }
    loop {
        let name = scan::space(rest);
        let colon = scan::value(name).filter(|_| name.starts_with(b"\""))?;
        let value = scan::space(scan::space(colon).strip_prefix(b":")?);
        let behind = scan::value(value)?;
        each(between(text, name, colon)?, between(text, value, behind)?)?;
        rest = match scan::space(behind) {
            [b',', rest @ ..] => rest,
            [b'}', end @ ..] => return between(text, end, &[]),
            _ => return None,
        };
    }
}

/// The part of a text from where `start` is left of it to where `end` is.
fn between<'a>(text: &'a str, start: &[u8], end: &[u8]) -> Option<&'a str> {
    text.get(text.len().checked_sub(start.len())?..text.len().checked_sub(end.len())?)
}

/// The text of a JSON string, or `None` if this JSON value is another.
pub(crate) fn string(json: &str) -> Option<Cow<'_, str>> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    if text.contains('\\') {
        serde_json::from_str(json).ok().map(|Unescaped(text)| text.into())
    } else {
        Some(text.into())
    }
}

/// A string in which half a surrogate pair, which JSON can spell and UTF-8 cannot, became U+FFFD.
pub(super) struct Unescaped(pub(super) String);

impl<'de> Deserialize<'de> for Unescaped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(UnescapedVisitor)
    }
}

struct UnescapedVisitor;

impl Visitor<'_> for UnescapedVisitor {
    type Value = Unescaped;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Unescaped, E> {
        /// With this byte serde_json begins the three that stand for half a pair.
        const HALF_PAIR: u8 = 0xED;
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            if chunk.invalid().first() == Some(&HALF_PAIR) {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        Ok(Unescaped(text))
    }
}

/// Replaces each special character by what `put` writes for it.
pub(super) fn escape(
    text: &str,
    is_special: impl Fn(char) -> bool,
    put: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    if !text.contains(&is_special) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for run in text.split_inclusive(&is_special) {
        match run.char_indices().next_back() {
            Some((plain, last)) if is_special(last) => {
                escaped.push_str(run.get(..plain).unwrap_or_default());
                put(&mut escaped, last);
            }
            _ => escaped.push_str(run),
        }
    }
    Cow::Owned(escaped)
}

/// Whether a character cannot stand for itself in a JSON string.
pub(super) fn needs_escape(c: char) -> bool {
    matches!(c, '"' | '\\' | '\0'..='\x1f')
}

/// Writes a character as an escape of a JSON string.
pub(super) fn put_escape(out: &mut String, c: char) {
    match c {
        '"' | '\\' | '/' => out.extend(['\\', c]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        _ => out.push_str(&format!("\\u{:04x}", u32::from(c))),
    }
}

/// Passes the space that JSON knows.
pub(crate) fn trim_start(text: &str) -> &str {
    between(text, scan::space(text.as_bytes()), &[]).unwrap_or_default()
}

/// Escapes a text for a string literal in a script.
pub(super) fn script_string(text: &str) -> Cow<'_, str> {
    let is_special = |c| needs_escape(c) || matches!(c, '<' | '/' | '\u{2028}' | '\u{2029}');
    escape(text, is_special, put_escape)
}

#[cfg(test)]
mod tests;
