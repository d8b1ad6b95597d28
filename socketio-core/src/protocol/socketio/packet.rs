//! What one packet of Socket.IO 1.0 and later says.
//!
//! Plain data: `decode` makes it, `encode` writes it, the session acts on it. Arguments stay raw JSON text,
//! and binary values in them placeholders for attachments. Source: Socket.IO protocol v5 and v4, "Packet
//! types".

use bytestring::ByteString;

/// The protocol that a client speaks: the grammar of packets is the same in both, some of what they say is
/// not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Socket.IO 1.0.3 to 2.x.
    V4,
    /// Socket.IO 3 and later.
    V5,
}

/// One packet.
///
/// ```text
/// 0/admin,{"token":"x"}                                 joins a namespace
/// 2/admin,12["add",1,2]                                 an event, to be acknowledged
/// 51-["upload",{"_placeholder":true,"num":0}]           an event with one attachment
/// 3/admin,12[3]                                         an acknowledgement
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The namespace as it came, as `/admin` or `/admin?token=x`; empty for the root.
    ///
    /// It is written as it is. A comma in it would end it.
    pub namespace: ByteString,
    /// What the packet says.
    pub kind: PacketKind,
}

/// The type of a packet, with the data that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PacketKind {
    /// `0` joins a namespace, or tells that the client is in.
    Connect {
        /// A JSON object, or empty.
        data: ByteString,
    },
    /// `1` leaves a namespace.
    Disconnect,
    /// `2`, and `5` with attachments, names an event.
    Event {
        /// The name.
        name: ByteString,
        /// The JSON array behind the name: `1,2]` of `["add",1,2]`, `]` of `["add"]`.
        args: ByteString,
        /// The id of the acknowledgement that the sender waits for: 1 to 20 decimal digits.
        ack: Option<ByteString>,
        /// How many binary messages follow.
        attachments: usize,
    },
    /// `3`, and `6` with attachments, acknowledges.
    Ack {
        /// The id that the event carried.
        id: ByteString,
        /// A JSON array.
        args: ByteString,
        /// How many binary messages follow.
        attachments: usize,
    },
    /// `4` tells that the client is not let into a namespace.
    ConnectError {
        /// A JSON object, or a string.
        data: ByteString,
    },
}

impl PacketKind {
    /// How many binary messages follow.
    pub const fn attachments(&self) -> usize {
        match self {
            Self::Event { attachments, .. } | Self::Ack { attachments, .. } => *attachments,
            _ => 0,
        }
    }
}
