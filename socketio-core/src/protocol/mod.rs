//! Pure codecs: text in, packets out, and back.
//!
//! Nothing here knows a clock, a socket or a handler. Arguments stay the JSON text they came as until
//! a handler decodes them ([`Args`]); each protocol generation has a module of its own.

pub(crate) mod args;
mod emission;
pub(crate) mod event;
pub mod legacy;

pub(crate) use args::Args;
pub(crate) use emission::{Emission, EmissionBody};
pub(crate) use event::{AckId, Event, MESSAGE_EVENT};
