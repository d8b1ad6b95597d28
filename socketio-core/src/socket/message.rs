//! A message: what a client `send`s.

use std::borrow::Cow;

use bytestring::ByteString;
use serde::de::DeserializeOwned;
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::protocol::{Args, Event};

/// What a client sent with `sock.send(…)`.
///
/// A string is text, however the client framed it (`3:::hello` or `4:::"hello"`); anything else is JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// A string.
    Text(ByteString),
    /// The text of a JSON value that is not a string.
    Json(ByteString),
}

impl Message {
    pub(crate) fn of(event: &Event) -> Self {
        match event.args() {
            Args::Text(text) => Self::Text(text.clone()),
            Args::Value(json) => Self::from_json(json, json),
            Args::Array(array) => match serde_json::from_str::<Vec<&RawValue>>(array).as_deref() {
                Ok([value]) => Self::from_json(array, value.get()),
                _ => Self::Json(array.clone()),
            },
        }
    }

    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Json(_) => None,
        }
    }

    /// Reads it as a `T`.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn decode<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        match self {
            Self::Text(text) => T::deserialize(serde::de::value::StrDeserializer::new(text)),
            Self::Json(json) => serde_json::from_str(json),
        }
    }

    /// `json` is a part of `packet`.
    fn from_json(packet: &ByteString, json: &str) -> Self {
        if json.starts_with('"')
            && let Ok(text) = serde_json::from_str::<Cow<'_, str>>(json)
        {
            return Self::Text(text.into_owned().into());
        }
        Self::Json(packet.slice_ref(json))
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Json(json) => {
                let raw: &RawValue =
                    serde_json::from_str(json).map_err(serde::ser::Error::custom)?;
                raw.serialize(serializer)
            }
        }
    }
}
