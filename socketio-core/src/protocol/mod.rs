//! Pure codecs: text in, packets out, and back.
//!
//! Nothing here knows a clock, a socket or a handler. Arguments stay the JSON text they came as until
//! a handler decodes them ([`Args`]); each protocol generation has a module of its own.

mod args;
mod event;
pub mod legacy;

pub use args::Args;
pub use event::{AckId, Emission, EmissionBody, Event, MESSAGE_EVENT};
