//! Binary values in arguments: how they get into JSON text and out of it.
//!
//! In the text, a binary value is a placeholder, `{"_placeholder":true,"num":0}`; its bytes are the
//! attachment of that number beside the text. [`JsonText`] is the two together. Whoever sends makes one of
//! a serializable value; whoever receives reads any deserializable type from one, or from a part of its
//! text ([`from_str`], [`first`]). Nothing above the session sees a placeholder, unless it asks for the text.
//!
//! ```text
//! ["upload",{"name":"a.png","data":{"_placeholder":true,"num":0}}]   + 89 50 4e 47 …
//! ```
//!
//! A type gets bytes by asking serde for bytes, and gives them so: [`Binary`], `bytes::Bytes`, `&[u8]` and
//! `Cow<[u8]>` of a handler, the types of `serde_bytes`. A `Vec<u8>` is an array of numbers to serde.
//! Text without attachments never passes through this layer.
//!
//! Source: Socket.IO protocol v5, "Packet encoding", binary events; socket.io-parser 4.2
//! lib/binary.ts, `deconstructPacket` and `reconstructPacket`.

mod text;
pub use text::JsonText;

mod value;
pub use value::Binary;

mod decode;
pub(crate) use decode::{first, from_str, transcode};

mod asking;
mod attached;
mod encode;
mod placeholder;
pub(crate) use placeholder::are_sound;
mod share;
#[cfg(test)]
mod tests;
#[cfg(feature = "typescript")]
mod typescript;

/// Under names that begin so, serde_json's own types and what reads and writes JSON know each other.
const SERDE_JSON_OWN: &str = "$serde_json::private::";
