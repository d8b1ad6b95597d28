//! Arguments of an event or an acknowledgement, unparsed.

use bytestring::ByteString;
use serde::de::DeserializeOwned;
use serde::ser::{Error as _, Serialize, SerializeTuple as _, Serializer};
use serde_json::value::RawValue;

use super::JsonText;
use super::binary::from_str;

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
        match self {
            Self::Array(array) => match *array.decode::<Vec<&RawValue>>()? {
                [] => serde_json::from_str("null"),
                [value] => from_str(value.get(), array.attachments()),
                _ => array.decode(),
            },
            Self::Value(value) => value.decode(),
            Self::Text(text) => serde_json::from_value(serde_json::Value::String(text.to_string())),
        }
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
        let array = |json: &str| Args::Array(json.into());
        check(&array("[]"), &());
        check(&array("[]"), &None::<u8>);
        check(&array(" [ 7 ] "), &7);
        check(&array("[[7]]"), &vec![7]);
        check(&array(r#"[7,"a"]"#), &(7, "a".to_owned()));
        check(&Args::Value("7".into()), &7);
        check(&Args::Text("a\n".into()), &"a\n".to_owned());
        let placeholder = |num| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
        let attached =
            |json| Args::Array(JsonText::new(json, vec![vec![1].into(), vec![2].into()]));
        let (first, second) = (Binary::from(vec![1]), Binary::from(vec![2]));
        check(&attached(format!("[{}]", placeholder(1))), &second);
        check(&attached(format!("[{},{}]", placeholder(0), placeholder(1))), &(first, second));
        assert!(attached(format!("[{}]", placeholder(2))).decode::<Binary>().is_err());
    }
}
