//! Socket.IO 1.0 and later: packets in messages of Engine.IO, protocols 4 and 5.
//!
//! The text of a message goes in, a [`Packet`] comes out ([`decode()`]), and back ([`Packet::encode`]);
//! [`Reassembler`] holds a packet until the binary messages that belong to it have come. The session calls
//! it. Both protocols have one grammar; [`Rules`] holds what else tells them apart. Whatever is text in a
//! packet is a slice of the text that it came in, no input costs more than linear time, and depth is no
//! danger.
//!
//! ```text
//! <type>[<attachments>-][<namespace>,][<ack id>][<JSON>]
//! ```
//!
//! Source: Socket.IO protocol v5 and v4, "Packet encoding"; socket.io-parser 4.2.7 and 3.4.4.

mod packet;
pub use packet::{Packet, PacketKind, Protocol};

mod decode;
pub use decode::{DecodeError, MAX_ACK_ID_DIGITS, Rules, decode, split_event};
pub(crate) use encode::acknowledgement;

mod encode;

mod reassembly;
pub use reassembly::{Complete, Reassembler};

#[cfg(feature = "test")]
mod offset;
#[cfg(feature = "test")]
pub(crate) use offset::split_offset;
