//! What the tests share: raw protocol clients, and a player for recorded sessions.
//!
//! In: the address of a server, and nothing else of it. Out: what came over the wire, or which step of
//! a recording went another way. [`http`] and [`websocket`] are clients that hide nothing;
//! [`proxy`] breaks what goes between them;
//! [`vectors`] holds the recordings, [`run_group`] plays a group of them and [`play`] any [`Script`].
//!
//! Invariant: no sleeping. What must come is awaited, at most [`connection::DEADLINE`] long, and that
//! nothing came is shown by something that came later.

pub mod connection;
pub mod http;
pub mod proxy;
pub mod websocket;

mod script;
pub use script::Script;

mod expectation;
pub use expectation::Dialect;

mod player;
pub use player::{Failure, Target, play};

pub mod vectors;

mod runner;
pub use runner::{Difference, run_group};
