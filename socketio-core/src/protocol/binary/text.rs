//! JSON text and its attachments: the form in which data waits to be sent, or to be read.

use bytes::Bytes;
use bytestring::ByteString;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::are_sound;
use super::decode::{from_str, transcode};
use super::encode::to_json;
use crate::protocol::json;

/// The text of one JSON value, with the binary values in it beside it as attachments.
///
/// ```
/// use socketio_core::{Binary, JsonText};
///
/// let json = JsonText::encode(&("a.png", Binary(vec![1, 2].into()))).unwrap();
/// assert_eq!(json.as_str(), r#"["a.png",{"_placeholder":true,"num":0}]"#);
/// assert_eq!(json.attachments(), [[1, 2].as_slice()]);
///
/// let (name, data): (&str, &[u8]) = json.decode().unwrap();
/// assert_eq!((name, data), ("a.png", [1, 2].as_slice()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonText {
    text: ByteString,
    attachments: Vec<Bytes>,
}

impl JsonText {
    /// Text whose placeholders stand for these attachments. Text without attachments is as it is:
    /// what looks like a placeholder in it is an object like any other.
    pub fn new(text: impl Into<ByteString>, attachments: Vec<Bytes>) -> Self {
        Self { text: text.into(), attachments }
    }

    /// Text without attachments.
    pub const fn from_static(text: &'static str) -> Self {
        Self { text: ByteString::from_static(text), attachments: Vec::new() }
    }

    /// Writes a value: what serializes as bytes becomes an attachment.
    ///
    /// # Errors
    ///
    /// When the value can't be written as JSON.
    pub fn encode<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Self> {
        let (text, attachments) = to_json(value)?;
        Ok(Self::new(text, attachments))
    }

    /// Reads the value: what asks for bytes gets an attachment, which it may borrow.
    ///
    /// A [`serde_json::Value`] and a [`RawValue`] can't hold bytes and get the placeholder.
    ///
    /// # Errors
    ///
    /// When it is of another type, or when a placeholder names no attachment.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> serde_json::Result<T> {
        from_str(&self.text, &self.attachments)
    }

    /// The text, placeholders and all.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, placeholders and all.
    pub fn text(&self) -> &ByteString {
        &self.text
    }

    /// The attachments, in the order of their numbers.
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    /// The text and the attachments.
    pub(crate) fn into_parts(self) -> (ByteString, Vec<Bytes>) {
        (self.text, self.attachments)
    }

    /// The value for clients whose packets are text alone: binary values are arrays of numbers.
    ///
    /// Where the text can't be read, because it is nested more than 127 deep or because a placeholder in it
    /// names no attachment, its placeholders stay what they are.
    pub fn to_plain(&self) -> ByteString {
        if self.attachments.is_empty() {
            return self.text.clone();
        }
        serde_json::to_string(self).map_or_else(|_| self.text.clone(), Into::into)
    }

    /// The same, without a copy where there is nothing to change.
    pub(crate) fn into_plain(self) -> ByteString {
        if self.attachments.is_empty() { self.text } else { self.to_plain() }
    }

    /// Bytes of the text and of the attachments.
    pub fn len(&self) -> usize {
        self.attachments.iter().fold(self.text.len(), |sum, attachment| sum + attachment.len())
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this can be sent: the text is JSON, and each placeholder stands for an attachment of its own.
    pub(crate) fn is_sound(&self) -> bool {
        let attachments = self.attachments.len();
        json::value(&self.text).is_some()
            && (attachments == 0 || are_sound(&self.text, attachments))
    }

    /// Whether what is JSON is an array.
    pub(crate) fn is_array(&self) -> bool {
        self.text.trim_ascii_start().starts_with('[')
    }

    /// The same attachments for a part of the text.
    pub(crate) fn slice(&self, part: &str) -> Self {
        Self { text: self.text.slice_ref(part), attachments: self.attachments.clone() }
    }
}

/// A part of a text, which lends the attachments of the whole.
pub(crate) struct Part<'a> {
    text: &'a str,
    attachments: &'a [Bytes],
}

impl JsonText {
    /// A part of the text, to be serialized.
    pub(crate) fn part<'a>(&'a self, text: &'a str) -> Part<'a> {
        Part { text, attachments: &self.attachments }
    }
}

/// Serializes the value, not the text: attachments as bytes.
impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.attachments.is_empty() {
            let raw = serde_json::from_str::<&RawValue>(self.text);
            return raw.map_err(serde::ser::Error::custom)?.serialize(serializer);
        }
        transcode(self.text, self.attachments, serializer)
    }
}

impl From<ByteString> for JsonText {
    fn from(text: ByteString) -> Self {
        Self::new(text, Vec::new())
    }
}

impl From<String> for JsonText {
    fn from(text: String) -> Self {
        Self::new(text, Vec::new())
    }
}

impl From<&str> for JsonText {
    fn from(text: &str) -> Self {
        Self::new(text, Vec::new())
    }
}

/// Serializes the value, not the text: attachments as bytes.
impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.part(&self.text).serialize(serializer)
    }
}
