//! Rooms and broadcast: who is where, how one emission reaches many, and what those missed who come back.
//!
//! An adapter holds mailboxes and never calls up.

mod log;
mod memory;
mod recovery;
mod selection;

pub(crate) use memory::{Member, Rooms};
pub use recovery::Recovery;
pub(crate) use recovery::{Claim, Extensions, Kept, Returned};
pub(crate) use selection::Selection;
