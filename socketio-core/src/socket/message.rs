//! A message: what a client `send`s.

use std::borrow::Cow;

use bytestring::ByteString;
use serde::de::DeserializeOwned;
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::protocol::{Binary, Event, JsonText, Notation};

/// What a client sent with `sock.send(…)`.
///
/// A string is text, however the client framed it (`3:::hello` or `4:::"hello"`); anything else but a
/// binary value is JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// A string.
    Text(ByteString),
    /// A binary value.
    Binary(Binary),
    /// A JSON value that is neither, with the binary values in it.
    Json(JsonText),
}

#[cfg(feature = "typescript")]
impl crate::contract::asked::OnTheWire for Message {
    const NAME: &'static str = "any";
}

impl Message {
    pub(crate) fn of(event: &Event) -> Self {
        let (notation, _) = event.args().parts();
        let json = event.args().to_json();
        match notation {
            Notation::Text => Self::Text(json.text().clone()),
            Notation::Value => Self::from_json(&json, json.as_str()),
            Notation::Array | Notation::Elements => {
                match json.decode::<Vec<&RawValue>>().as_deref() {
                    Ok([value]) => Self::from_json(&json, value.get()),
                    _ => Self::Json(json),
                }
            }
        }
    }

    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) | Self::Json(_) => None,
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
            Self::Binary(binary) => JsonText::encode(binary)?.decode(),
            Self::Json(json) => json.decode(),
        }
    }

    /// `json` is a part of the text of `packet`.
    fn from_json(packet: &JsonText, json: &str) -> Self {
        let json = packet.slice(json);
        if json.as_str().starts_with('"')
            && let Ok(text) = json.decode::<Cow<'_, str>>()
        {
            return Self::Text(text.into_owned().into());
        }
        if json.as_str().starts_with('{')
            && let Ok(binary) = json.decode()
        {
            return Self::Binary(binary);
        }
        Self::Json(json)
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Binary(binary) => binary.serialize(serializer),
            Self::Json(json) => json.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::protocol::Args;

    const PLACEHOLDER: &str = r#"{"_placeholder":true,"num":1}"#;

    fn json(text: String) -> JsonText {
        JsonText::new(text, vec![vec![0].into(), vec![1, 2].into()])
    }

    #[test]
    fn a_message_is_text_bytes_or_json() {
        let binary = || Message::Binary(vec![1, 2].into());
        let list = || json(format!("[{PLACEHOLDER}]"));
        for (args, message) in [
            (Args::from_text("a".into()), Message::Text("a".into())),
            (Args::new(r#""a\n""#.into(), Notation::Value), Message::Text("a\n".into())),
            (Args::new("[1]".into(), Notation::Value), Message::Json("[1]".into())),
            (Args::new(r#"["a"]"#.into(), Notation::Array), Message::Text("a".into())),
            (Args::new("[7]".into(), Notation::Array), Message::Json("7".into())),
            (Args::new("[7,8]".into(), Notation::Array), Message::Json("[7,8]".into())),
            (Args::new(json(format!("[{PLACEHOLDER}]")), Notation::Array), binary()),
            (Args::new(json(PLACEHOLDER.to_owned()), Notation::Value), binary()),
            (Args::new(json(format!("[[{PLACEHOLDER}]]")), Notation::Array), Message::Json(list())),
            (Args::new(PLACEHOLDER.into(), Notation::Value), Message::Json(PLACEHOLDER.into())),
        ] {
            let event = Event::new("message".into(), args, None);
            assert_eq!(Message::of(&event), message);
        }
    }

    #[test]
    fn a_message_goes_out_as_it_came() {
        let both = Message::Json(json(format!(r#"{{"a":{PLACEHOLDER},"b":1.50}}"#)));
        let sent = JsonText::encode(&both).unwrap();
        assert_eq!(sent.as_str(), r#"{"a":{"_placeholder":true,"num":0},"b":1.5}"#);
        assert_eq!(sent.attachments(), [[1, 2].as_slice()]);
        let Message::Json(read) = &both else { panic!("{both:?}") };
        assert_eq!(sent.attachments()[0].as_ptr(), read.attachments()[1].as_ptr());
        let plain = JsonText::encode(&Message::Json(r#"{"b":1.50}"#.into())).unwrap();
        assert_eq!(plain, r#"{"b":1.50}"#.into());
        let binary = Message::Binary(vec![1, 2].into());
        assert_eq!(JsonText::encode(&binary).unwrap().attachments(), [[1, 2].as_slice()]);
    }

    #[test]
    fn a_message_is_read_as_what_is_asked_for() {
        let binary = Message::Binary(vec![1, 2].into());
        assert_eq!(binary.decode::<Binary>().unwrap(), vec![1, 2].into());
        assert!(binary.decode::<String>().is_err());
        let list = Message::Json(json(format!("[{PLACEHOLDER}]")));
        assert_eq!(list.decode::<Vec<Binary>>().unwrap(), [vec![1, 2].into()]);
        assert_eq!(Message::Json("[1]".into()).decode::<Value>().unwrap(), json!([1]));
        assert_eq!(Message::Text("a".into()).decode::<String>().unwrap(), "a");
    }
}
