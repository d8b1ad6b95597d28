//! The server side of WebSocket: RFC 6455 without extensions, over an upgraded HTTP/1.1 connection.
//!
//! In goes an upgrade request, out come the 101 answer and a [`WebSocketLink`] for the session's
//! driver. The transports call [`respond`]; nothing else of this module is seen outside. No task is
//! spawned and no buffer outlives the bytes in it: an idle link owns its stream and no other heap.
//! Source: RFC 6455; drafts hybi-07 and hybi-08 (versions 7 and 8) share its framing.

mod frame;
mod link;
mod stream;
mod upgrade;

pub(crate) use link::WebSocketLink;
pub(crate) use upgrade::{UpgradeError, is_upgrade, respond};
