//! Rooms and broadcast: who is where, and how one emission reaches many.
//!
//! An adapter holds mailboxes and never calls up.

mod memory;
mod selection;

pub(crate) use memory::Rooms;
pub(crate) use selection::Selection;
