//! The product's tests at its boundaries: real sockets, recorded vectors, the shape of the house.

mod floors;
mod legacy_codec;
