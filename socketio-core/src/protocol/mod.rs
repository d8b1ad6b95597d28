//! Pure codecs: text in, packets out, and back.
//!
//! Nothing here knows a clock, a socket or a handler. Arguments stay the JSON text they came as until
//! a handler decodes them ([`Args`]); each protocol generation has a module of its own.

pub(crate) mod args;
pub(crate) mod binary;
mod digits;
pub(crate) mod emission;
pub mod engineio;
pub(crate) mod event;
mod form;
#[cfg(test)]
mod generate;
pub(crate) mod json;
pub mod legacy;
pub mod msgpack;
pub mod socketio;
mod utf16;

pub(crate) use args::{Args, Notation};
pub(crate) use binary::{Binary, JsonText};
pub(crate) use emission::{Emission, EmissionBody, Encoding};
pub(crate) use event::{AckId, Event, MESSAGE_EVENT, Place};

/// Whether two paths of endpoints are the same. Most are empty, and comparing nothing with `memcmp` costs 200
/// cycles where it loads from the address that stands for nothing.
pub(crate) fn is_same(path: &str, other: &str) -> bool {
    path.len() == other.len() && (path.is_empty() || path == other)
}
