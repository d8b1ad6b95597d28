//! The product at its boundaries: real sockets, recorded sessions, the shape of the house.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod client;
mod client_files;
mod differences;
mod edges;
mod endpoints;
mod failures;
mod flash;
mod floors;
mod htmlfile;
mod jsonp;
mod legacy_codec;
mod offers;
mod order;
mod returns;
mod serving;
mod settings;
mod stats;
mod talk;
mod vectors;
