//! Reads values from JSON text with attachments.
//!
//! Text and attachments go in, any deserializable type comes out, or an error in serde_json's words.
//! Handlers' arguments and acknowledgements are read here. How deep values may nest is serde_json's limit,
//! 127.

use bytes::Bytes;
use serde::de::{Deserialize, Error, IgnoredAny};
use serde::ser::Serializer;

use super::attached::Attached;
use super::placeholder::Placeholder;
use super::share::scope;
use crate::protocol::json;

/// Reads the one value of a text.
///
/// # Errors
///
/// When it is of another type, when a placeholder names no attachment, when the text is no JSON.
pub(crate) fn from_str<'de, T: Deserialize<'de>>(
    text: &'de str,
    attachments: &'de [Bytes],
) -> serde_json::Result<T> {
    if attachments.is_empty() {
        return serde_json::from_str(text);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = attached(&mut deserializer, Source { text, attachments })?;
    deserializer.end()?;
    Ok(value)
}

/// Reads the value that a text begins with, in front of which there is no space; gives what follows it.
///
/// # Errors
///
/// As [`from_str`].
pub(crate) fn first<'de, T: Deserialize<'de>>(
    text: &'de str,
    attachments: &'de [Bytes],
) -> serde_json::Result<(T, &'de str)> {
    if attachments.is_empty() {
        return json::first(text);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = attached(&mut deserializer, Source { text, attachments })?;
    let length = deserializer.into_iter::<IgnoredAny>().byte_offset();
    Ok((value, text.get(length..).unwrap_or_default()))
}

/// Writes the value of a text with another serializer, attachments as bytes.
///
/// # Errors
///
/// As [`from_str`], and the serializer's.
pub(crate) fn transcode<S: Serializer>(
    text: &str,
    attachments: &[Bytes],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let inner = &mut serde_json::Deserializer::from_str(text);
    let source = Source { text, attachments };
    scope(|| serde_transcode::transcode(Attached { inner, source }, serializer))
}

type Json<'de> = serde_json::Deserializer<serde_json::de::StrRead<'de>>;

fn attached<'de, T: Deserialize<'de>>(
    inner: &mut Json<'de>,
    source: Source<'de>,
) -> serde_json::Result<T> {
    let value = scope(|| T::deserialize(Attached { inner, source }));
    value.map_err(|error| source.clarify(error))
}

/// What is being read.
#[derive(Clone, Copy)]
pub(super) struct Source<'de> {
    pub(super) text: &'de str,
    pub(super) attachments: &'de [Bytes],
}

impl Source<'_> {
    /// Says of an error at or in a placeholder that it is one.
    fn clarify(self, error: serde_json::Error) -> serde_json::Error {
        let message = error.to_string();
        let Some((what, _)) = message.rsplit_once(" at line ") else { return error };
        if !self.is_in_placeholder(&error) || what.starts_with(ILLEGAL) {
            return error;
        }
        match what.strip_prefix("invalid type: map") {
            Some(expected) => Error::custom(format_args!("invalid type: {ATTACHMENT}{expected}")),
            None => Error::custom(format_args!("{ATTACHMENT}: {what}")),
        }
    }

    fn is_in_placeholder(self, error: &serde_json::Error) -> bool {
        let lines = self.text.split_inclusive('\n').take(error.line().saturating_sub(1));
        let at = lines.map(str::len).sum::<usize>() + error.column();
        let before = self.text.as_bytes().get(..=at).unwrap_or_default();
        let Some(start) = before.iter().rposition(|byte| *byte == b'{') else { return false };
        let placeholder = self.text.get(start..).and_then(Placeholder::at_start);
        placeholder.is_some_and(|(_, length)| at < start + length)
    }
}

const ATTACHMENT: &str = "binary attachment";

/// The reference's words for a placeholder that names no attachment.
pub(super) const ILLEGAL: &str = "illegal attachments";
