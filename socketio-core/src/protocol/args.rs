//! Arguments of an event or an acknowledgement, unparsed.

use bytestring::ByteString;
use serde::ser::{Error as _, Serialize, SerializeTuple as _, Serializer};
use serde_json::value::RawValue;

use super::JsonText;

/// The arguments that one packet carries, as it carried them.
///
/// ```text
/// 5:::{"name":"add","args":[1,2]}    Args::Array  [1,2]
/// 4:::{"a":"b"}                      Args::Value  {"a":"b"}     one argument
/// 3:::hello                          Args::Text   hello         one argument, a string
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Args {
    /// A JSON array: one argument per element.
    Array(JsonText),
    /// Any JSON value: the one argument.
    Value(JsonText),
    /// Plain text: the one argument is this string.
    Text(ByteString),
}

impl Args {
    /// No arguments.
    pub const fn none() -> Self {
        Self::Array(JsonText::from_static("[]"))
    }

    /// Takes JSON text whose value is the argument list if it is an array, and the one argument if not.
    pub fn from_json(json: JsonText) -> Self {
        let is_array = json.as_str().trim_start().starts_with('[');
        if is_array { Self::Array(json) } else { Self::Value(json) }
    }

    /// Bytes of the text, and of the attachments.
    pub fn len(&self) -> usize {
        match self {
            Self::Array(json) | Self::Value(json) => json.len(),
            Self::Text(text) => text.len(),
        }
    }

    /// Whether the text is empty (an empty array is not: its text is `[]`).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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
        match self {
            Self::Array(json) => {
                let args: Vec<&RawValue> =
                    serde_json::from_str(json.as_str()).map_err(S::Error::custom)?;
                let mut tuple = serializer.serialize_tuple(args.len())?;
                for arg in args {
                    tuple.serialize_element(&json.part(arg.get()))?;
                }
                tuple.end()
            }
            Self::Value(json) => json.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}
