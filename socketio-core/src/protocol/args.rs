//! Arguments of an event or an acknowledgement, unparsed.

use bytestring::ByteString;

/// The arguments that one packet carries, as the text it carried them in.
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
    Array(ByteString),
    /// Any JSON value: the one argument.
    Value(ByteString),
    /// Plain text: the one argument is this string.
    Text(ByteString),
}

impl Args {
    /// No arguments.
    pub const fn none() -> Self {
        Self::Array(ByteString::from_static("[]"))
    }

    /// Takes JSON text whose value is the argument list if it is an array, and the one argument if not.
    pub fn from_json(json: ByteString) -> Self {
        if json.trim_start().starts_with('[') { Self::Array(json) } else { Self::Value(json) }
    }

    /// Bytes of the text.
    pub fn len(&self) -> usize {
        let (Self::Array(text) | Self::Value(text) | Self::Text(text)) = self;
        text.len()
    }

    /// Whether the text is empty (an empty array is not: its text is `[]`).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
