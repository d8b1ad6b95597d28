//! The product at its boundaries: real sockets, recorded sessions, the shape of the house.

mod client;
mod failures;
mod floors;
mod legacy_codec;
mod serving;
mod talk;
mod vectors;
