//! The codecs, on any bytes.
//!
//! Of every one holds: it never panics; what it gives is no larger than what it was given, but by the factor that
//! is named where there is one; and what was read, written and read again is the same.

mod engineio;
pub use engineio::{engineio3, engineio4};

mod legacy;
pub use legacy::legacy;

mod msgpack;
pub use msgpack::msgpack;

mod socketio;
pub use socketio::socketio;

use bytestring::ByteString;
use serde_json::Value;

/// The input as text; what is none of it becomes U+FFFD, which is the delimiter of legacy payloads.
fn text(input: &[u8]) -> ByteString {
    String::from_utf8_lossy(input).into_owned().into()
}

/// What a script hands to the function that it calls, which is a string in it.
fn argument(script: &str, call: &str, end: &str) -> String {
    let literal = script.strip_prefix(call).and_then(|script| script.strip_suffix(end));
    let Some(Ok(Value::String(argument))) = literal.map(serde_json::from_str) else {
        panic!("no script: {script}");
    };
    argument
}
