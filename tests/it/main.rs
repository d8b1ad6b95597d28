//! The product at its boundaries: real sockets, recorded sessions, the shape of the house.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod adapter;
mod asyncapi;
mod attacks;
mod binary;
mod bursts;
mod client;
mod client_files;
mod contract;
mod crowds;
mod differences;
mod draining;
mod edges;
mod endpoints;
mod engine;
mod expiry;
mod failures;
mod faults;
mod flash;
mod floors;
mod greedy;
mod guards;
mod heavy;
mod held;
mod hooks;
mod htmlfile;
mod http_edge;
mod in_memory;
mod jsonp;
mod legacy_codec;
mod limits;
mod msgpack;
mod offers;
mod order;
mod posts;
mod recovery;
mod returns;
mod rooms;
mod rust_client;
mod serving;
mod settings;
mod slow;
mod spans;
mod stats;
mod stopping;
mod talk;
mod transcripts;
mod typed;
mod typescript;
mod vectors;
mod wires;
