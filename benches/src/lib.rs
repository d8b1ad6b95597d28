//! What the measurements have in common: the load generator, and what it needs of wires and processes.
//!
//! `bin/load` runs one [`Scenario`](load::Scenario) against one server and prints what it measured;
//! `bin/compare`, which `cargo xtask bench` starts, runs many of them in turn and writes the tables and plots.
//! The servers are `bin/ours`, `bin/bound` (the least that could do the work) and those in `peers`.

#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a measurement that has lost count of its own is better ended"
)]

pub mod frame;
pub mod load;
pub mod process;
pub mod steady;
pub mod wire;
