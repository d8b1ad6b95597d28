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

/// One packet; `T` is what its texts are.
///
/// ```text
/// 0/admin,{"token":"x"}                                 joins a namespace
/// 2/admin,12["add",1,2]                                 an event, to be acknowledged
/// 51-["upload",{"_placeholder":true,"num":0}]           an event with one attachment
/// 3/admin,12[3]                                         an acknowledgement
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet<T = ByteString> {
    /// The namespace as it came, as `/admin` or `/admin?token=x`; empty for the root.
    ///
    /// It is written as it is. A comma in it would end it.
    pub namespace: T,
    /// What the packet says.
    pub kind: PacketKind<T>,
}

/// The type of a packet, with the data that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PacketKind<T = ByteString> {
    /// `0` joins a namespace, or tells that the client is in.
    Connect {
        /// A JSON object, or empty.
        data: T,
    },
    /// `1` leaves a namespace.
    Disconnect,
    /// `2`, and `5` with attachments, names an event.
    Event {
        /// The name.
        name: T,
        /// The JSON array behind the name: `1,2]` of `["add",1,2]`, `]` of `["add"]`.
        args: T,
        /// The id of the acknowledgement that the sender waits for: 1 to 20 decimal digits.
        ack: Option<T>,
        /// How many binary messages follow.
        attachments: usize,
    },
    /// `3`, and `6` with attachments, acknowledges.
    Ack {
        /// The id that the event carried.
        id: T,
        /// A JSON array.
        args: T,
        /// How many binary messages follow.
        attachments: usize,
    },
    /// `4` tells that the client is not let into a namespace.
    ConnectError {
        /// A JSON object, or a string.
        data: T,
    },
}

impl<T> Packet<T> {
    /// The same with other texts.
    pub fn map<U>(self, text: impl Fn(T) -> U) -> Packet<U> {
        let kind = match self.kind {
            PacketKind::Connect { data } => PacketKind::Connect { data: text(data) },
            PacketKind::Disconnect => PacketKind::Disconnect,
            PacketKind::Event { name, args, ack, attachments } => {
                let (name, args, ack) = (text(name), text(args), ack.map(&text));
                PacketKind::Event { name, args, ack, attachments }
            }
            PacketKind::Ack { id, args, attachments } => {
                PacketKind::Ack { id: text(id), args: text(args), attachments }
            }
            PacketKind::ConnectError { data } => PacketKind::ConnectError { data: text(data) },
        };
        Packet { namespace: text(self.namespace), kind }
    }
}

impl<T> PacketKind<T> {
    /// How many binary messages follow.
    pub const fn attachments(&self) -> usize {
        match self {
            Self::Event { attachments, .. } | Self::Ack { attachments, .. } => *attachments,
            _ => 0,
        }
    }

    /// The JSON that it carries, or what of it follows an event's name.
    pub(crate) fn data(&self) -> Option<&T> {
        match self {
            Self::Connect { data } | Self::ConnectError { data } => Some(data),
            Self::Event { args, .. } | Self::Ack { args, .. } => Some(args),
            Self::Disconnect => None,
        }
    }
}
