//! Arguments of an event or an acknowledgement, unparsed.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;
use serde::de::DeserializeOwned;
use serde::ser::{Error as _, SerializeTuple as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::JsonText;
use super::binary::from_str;

/// The arguments that one packet carries, in the text that it came as.
///
/// ```text
/// 42["add",1,2]                      a JSON array, behind an event's name
/// 5:::{"name":"add","args":[1,2]}    a JSON array
/// 4:::{"a":"b"}                      a JSON value: one argument
/// 3:::hello                          plain text: one argument, a string
/// ```
///
/// They may keep the whole message that they came in, of a POST all of it; [`to_text`](Self::to_text) made an own text keeps
/// but them.
#[derive(Clone)]
pub struct Args {
    text: ByteString,
    /// Where in `text` they begin.
    at: usize,
    notation: Notation,
    attachments: Vec<Bytes>,
}

/// What the text of arguments is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Notation {
    /// A JSON array: one argument per element.
    Array,
    /// The same without its `[`; never so on its way to another server.
    #[serde(skip)]
    Elements,
    /// Any JSON value: the one argument.
    Value,
    /// The one argument, a string, as it is.
    Text,
}

impl Args {
    /// No arguments.
    pub const fn none() -> Self {
        let text = ByteString::from_static("[]");
        Self { text, at: 0, notation: Notation::Array, attachments: Vec::new() }
    }

    /// Takes JSON text whose value is the argument list if it is an array, and the one argument if not.
    pub fn from_json(json: JsonText) -> Self {
        let is_array = json.as_str().trim_start().starts_with('[');
        Self::new(json, if is_array { Notation::Array } else { Notation::Value })
    }

    pub(crate) fn new(json: JsonText, notation: Notation) -> Self {
        let (text, attachments) = json.into_parts();
        Self { text, at: 0, notation, attachments }
    }

    /// One argument, a string.
    pub(crate) fn from_text(text: ByteString) -> Self {
        Self::new(text.into(), Notation::Text)
    }

    /// The elements of an array, from `at` on to its `]`, with which the text ends.
    pub(crate) fn elements(text: ByteString, at: usize, attachments: Vec<Bytes>) -> Self {
        Self { text, at, notation: Notation::Elements, attachments }
    }

    /// The text that they are in.
    pub(super) fn packet(&self) -> &str {
        &self.text
    }

    /// What they are, as what text.
    pub(crate) fn parts(&self) -> (Notation, &str) {
        (self.notation, self.text.get(self.at..).unwrap_or_default())
    }

    /// The same, arrays always without their `[`.
    fn elements_or_value(&self) -> (Notation, &str) {
        match self.parts() {
            (Notation::Array, array) => {
                let elements = array.trim_start().strip_prefix('[').unwrap_or(array);
                (Notation::Elements, elements)
            }
            parts => parts,
        }
    }

    /// The attachments that placeholders in the text stand for.
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    /// A JSON array, a JSON value, or plain text, as the client wrote it.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self.parts() {
            (Notation::Elements, elements) => format!("[{elements}").into(),
            (_, text) => text.into(),
        }
    }

    /// The text as JSON, which plain text is not.
    pub(crate) fn to_json(&self) -> JsonText {
        let text = match self.to_text() {
            Cow::Borrowed(text) => self.text.slice_ref(text),
            Cow::Owned(text) => text.into(),
        };
        JsonText::new(text, self.attachments.clone())
    }

    /// Reads them: one argument as that value, several as a tuple, none as `()`.
    ///
    /// ```
    /// use socketio_core::Args;
    ///
    /// let args = |json: &str| Args::from_json(json.into());
    /// assert_eq!(args("[7]").decode::<i64>().unwrap(), 7);
    /// assert_eq!(args(r#"[7,"a"]"#).decode::<(i64, String)>().unwrap(), (7, "a".to_owned()));
    /// ```
    ///
    /// # Errors
    ///
    /// When they are of another type, or of another number.
    pub fn decode<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        match self.parts() {
            (Notation::Text, text) => serde_json::from_value(text.into()),
            (Notation::Value, value) => from_str(value, &self.attachments),
            (Notation::Array | Notation::Elements, _) => {
                let array = self.to_text();
                match *serde_json::from_str::<Vec<&RawValue>>(&array)? {
                    [] => serde_json::from_str("null"),
                    [value] => from_str(value.get(), &self.attachments),
                    _ => from_str(&array, &self.attachments),
                }
            }
        }
    }

    /// Bytes of the text, and of the attachments.
    pub fn len(&self) -> usize {
        let (notation, text) = self.parts();
        let attached: usize = self.attachments.iter().map(Bytes::len).sum();
        text.len() + usize::from(notation == Notation::Elements) + attached
    }

    /// Bytes of the text that they are in, and of the attachments, each with its place in the list.
    #[inline]
    pub(super) fn weight(&self) -> usize {
        if self.attachments.is_empty() {
            return self.text.len();
        }
        let attached = self.attachments.iter().map(|bytes| bytes.len() + size_of::<Bytes>());
        self.text.len() + attached.sum::<usize>()
    }

    /// Copies the text, as far as it is kept, and the attachments.
    pub(super) fn detach(&mut self) {
        self.text = ByteString::from(&*self.text);
        for attachment in &mut self.attachments {
            *attachment = Bytes::copy_from_slice(attachment);
        }
    }

    /// Whether the text is empty (an empty array is not: its text is `[]`).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// By the text of the arguments alone, and their attachments.
impl PartialEq for Args {
    fn eq(&self, other: &Self) -> bool {
        self.elements_or_value() == other.elements_or_value()
            && self.attachments == other.attachments
    }
}

impl Eq for Args {}

impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut args = f.debug_struct("Args");
        args.field("text", &self.to_text());
        args.field("attachments", &self.attachments.len()).finish()
    }
}

/// As they came: several arguments are a tuple, so they can be emitted or acknowledged again as several.
///
/// ```
/// # use socketio_core::prelude::*;
/// # #[derive(Default)] struct Echo;
/// # #[socket_connection] impl Echo {
/// #[on_event]
/// fn any(&self, socket: &Socket, event: &Event) -> Result<(), EmitError> {
///     socket.emit(event.name(), event.args())
/// }
/// # }
/// ```
impl Serialize for Args {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = self.to_json();
        match self.notation {
            Notation::Array | Notation::Elements => {
                let args: Vec<&RawValue> =
                    serde_json::from_str(json.as_str()).map_err(S::Error::custom)?;
                let mut tuple = serializer.serialize_tuple(args.len())?;
                for arg in args {
                    tuple.serialize_element(&json.part(arg.get()))?;
                }
                tuple.end()
            }
            Notation::Value => json.serialize(serializer),
            Notation::Text => serializer.serialize_str(json.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;
    use crate::protocol::Binary;

    #[track_caller]
    fn check<T: DeserializeOwned + PartialEq + Debug>(args: &Args, expected: &T) {
        assert_eq!(args.decode::<T>().unwrap(), *expected, "{args:?}");
    }

    #[test]
    fn one_value_is_that_value_and_several_are_a_tuple() {
        let array = |json: &str| Args::new(json.into(), Notation::Array);
        check(&array("[]"), &());
        check(&array("[]"), &None::<u8>);
        check(&array(" [ 7 ] "), &7);
        check(&array("[[7]]"), &vec![7]);
        check(&array(r#"[7,"a"]"#), &(7, "a".to_owned()));
        check(&Args::new("7".into(), Notation::Value), &7);
        check(&Args::from_text("a\n".into()), &"a\n".to_owned());
        let placeholder = |num| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
        let both = || vec![vec![1].into(), vec![2].into()];
        let attached = |json| Args::new(JsonText::new(json, both()), Notation::Array);
        check(&Args::elements(r#"["x",7,"a"]"#.into(), 5, both()), &(7, "a".to_owned()));
        check(&Args::elements(r#"["x"]"#.into(), 4, Vec::new()), &());
        let (first, second) = (Binary::from(vec![1]), Binary::from(vec![2]));
        check(&attached(format!("[{}]", placeholder(1))), &second);
        check(&attached(format!("[{},{}]", placeholder(0), placeholder(1))), &(first, second));
        assert!(attached(format!("[{}]", placeholder(2))).decode::<Binary>().is_err());
    }
}
