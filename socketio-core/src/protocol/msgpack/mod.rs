//! Packets of Socket.IO in MessagePack, as clients send them that use socket.io-msgpack-parser.
//!
//! One binary message of Engine.IO goes in, a [`Complete`](super::socketio::Complete) packet comes out
//! ([`decode()`]), and back ([`encode()`]), so nothing above tells these clients from others: data becomes JSON
//! text as `JSON.stringify` would write it, its binary values attachments. Those are slices of the message.
//! The session calls it. No input costs more than linear time, a declared length allocates nothing, and depth
//! is bounded.
//!
//! ```text
//! 83 a4 type 02  a4 data 92 a3 add 07  a3 nsp a1 /      2["add",7]
//! ```
//!
//! Source: socket.io-msgpack-parser 3.0.2 index.js; notepack.io 2.2.0 for what JavaScript's values are, 3.0.1
//! for dates; the MessagePack specification, "Formats".

mod token;

mod date;
mod json;

mod decode;
pub use decode::{DecodeError, MAX_ATTACHMENTS, MAX_DEPTH, decode};

mod encode;
pub use encode::{EncodeError, encode};

#[cfg(test)]
mod tests;
