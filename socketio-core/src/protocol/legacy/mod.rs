//! The wire form of Socket.IO 0.7 to 0.9 (protocol 1): packets, payloads and the handshake line.
//!
//! Text of one frame or one HTTP body goes in, [`Packet`]s come out, and back. The session calls
//! [`decode()`] and [`Packet::encode`]; polling transports wrap packets with [`payload`], and forms wrap
//! that once more ([`form`]); the handshake answer is [`handshake::Handshake`]. No packet is an error
//! here: the generation's own decoders ignore what they cannot read, so a broken packet is `None` or
//! a packet with less in it, and no input costs more than linear time. Whatever is text in a packet is a slice of the text it came in.
//!
//! Source: socket.io-spec revision 1, and where that is silent or wrong, `lib/parser.js` of
//! socket.io 0.9.19, whose decoder accepts more than the specification says.

mod packet;
pub use packet::{AckRequest, Advice, Packet, PacketKind, Reason};

mod decode;
pub use decode::decode;
pub(crate) use encode::acknowledgement;

mod encode;

pub mod form;
pub mod handshake;
pub mod payload;
