//! What one packet of Socket.IO 0.7 to 0.9 says.
//!
//! Plain data: `decode` makes it, `encode` writes it, the session acts on it. Arguments stay raw JSON
//! text. Source: socket.io-spec revision 1, "Messages".

use bytestring::ByteString;

/// One packet.
///
/// ```text
/// 3:::hello                              a message
/// 4:7::{"a":"b"}                         a JSON message, to be acknowledged
/// 5:7+:/chat:{"name":"add","args":[1]}   an event of an endpoint, to be acknowledged with data
/// 6:::7+["done"]                         an acknowledgement
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The acknowledgement that the sender asks for; `None` if it asks for none.
    pub id: Option<AckRequest>,
    /// The endpoint (a namespace in the words of later generations), as `/chat`; empty for the root.
    ///
    /// It is written as it is. A colon in it would begin the data.
    pub endpoint: ByteString,
    /// What the packet says.
    pub kind: PacketKind,
}

/// The request to acknowledge a packet: `7`, or `7+` if the answer should carry data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckRequest {
    /// Decimal digits, any number of them; `0` and `007` are ids too.
    pub id: ByteString,
    /// `false`: the receiver acknowledges at once and without data. `true`: the application does.
    pub wants_data: bool,
}

/// The type of a packet, with the data that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PacketKind {
    /// `0::` leaves one endpoint, or everything if the endpoint is the root.
    Disconnect,
    /// `1::/chat:?a=b` joins an endpoint.
    Connect {
        /// The query string as it came, question mark included; usually empty.
        query: ByteString,
    },
    /// `2::` keeps the session alive.
    Heartbeat,
    /// `3:::hello` carries text.
    Message(ByteString),
    /// `4:::{"a":1}` carries one JSON value.
    ///
    /// Decoding yields valid JSON text, which is `false` where what came was not JSON. Empty text is
    /// written as no data.
    Json(ByteString),
    /// `5:::{"name":"add","args":[1,2]}` names an event.
    Event {
        /// `None` if the packet has no name, or one that is not a string.
        name: Option<ByteString>,
        /// JSON text: an array, or one value that stands for itself. `[]` if there are none.
        args: ByteString,
    },
    /// `6:::7+["done"]` acknowledges.
    Ack {
        /// The id of the packet that is acknowledged; `None` if the packet names none.
        id: Option<ByteString>,
        /// JSON text as in an event. `[]` if there is none.
        args: ByteString,
    },
    /// `7:::1+0` reports an error.
    Error {
        /// What went wrong, if it is said.
        reason: Option<Reason>,
        /// What the receiver should do, if it is said.
        advice: Option<Advice>,
    },
    /// `8::` says nothing; it ends a poll that nothing else ended.
    Noop,
    /// A type that is not one digit from 0 to 8. Its data is dropped; it is written as a [`Noop`].
    ///
    /// [`Noop`]: PacketKind::Noop
    Unknown,
}

/// The reason in an error packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// `0`: the server does not offer this transport.
    TransportNotSupported = 0,
    /// `1`: the server does not know the session id.
    NotHandshaken = 1,
    /// `2`: the endpoint refuses this client.
    Unauthorized = 2,
}

/// The advice in an error packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// `0`: shake hands anew.
    Reconnect = 0,
}

impl Packet {
    /// Makes a packet that asks for no acknowledgement. An empty endpoint is the root.
    pub fn new(endpoint: impl Into<ByteString>, kind: PacketKind) -> Self {
        Self { id: None, endpoint: endpoint.into(), kind }
    }
}
