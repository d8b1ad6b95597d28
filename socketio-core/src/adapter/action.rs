//! What is asked of an adapter, and what it answers: data alone, so that it can cross to another server.
//!
//! The emitter makes [`Action`]s and [`Query`]s, [`Local`](super::Local) does them and gives [`Answer`]s. All are
//! serde's, in this project's own form; a backend that speaks to servers of another kind reads the fields
//! instead. Source of what there is: socket.io-adapter 2.5 lib/cluster-adapter.ts, `MessageType`.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use bytestring::ByteString;
use serde::{Deserialize, Serialize};

use crate::id::SocketId;
use crate::protocol::emission::EmissionBody;
use crate::protocol::{Args, JsonText};
use crate::session::NoAck;

/// For which connections something is.
///
/// Those in any of `rooms` (or all, with none named), each once, less those in any of `except` and the
/// `sender`. A room of a connection's [`SocketId`] holds that connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Selection {
    /// The endpoint, such as `/chat`; the root is the empty string.
    pub endpoint: ByteString,
    /// Those in any of these rooms; with none named, all.
    pub rooms: Vec<ByteString>,
    /// But not those in any of these.
    pub except: Vec<ByteString>,
    /// And not this one.
    pub sender: Option<SocketId>,
    /// Only those of the server where it is said.
    pub local: bool,
}

/// Something to do with all connections that it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Action {
    /// They are sent something.
    Broadcast(Broadcast),
    /// They enter rooms.
    Join {
        /// Those that do.
        to: Selection,
        /// The rooms.
        rooms: Vec<ByteString>,
    },
    /// They leave rooms.
    Leave {
        /// Those that do.
        to: Selection,
        /// The rooms.
        rooms: Vec<ByteString>,
    },
    /// They are closed.
    Disconnect {
        /// Those that are.
        to: Selection,
        /// With all other connections of their clients.
        session: bool,
    },
}

/// Something to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Broadcast {
    /// To whom.
    pub to: Selection,
    /// What.
    #[serde(with = "BodyData")]
    pub body: EmissionBody,
    /// Only to those to whom it can leave at once.
    pub volatile: bool,
    /// Whether an answer to a poll is compressed for this.
    pub compress: bool,
}

impl Broadcast {
    /// One that is not volatile, and compressed where that is possible.
    pub fn new(to: Selection, body: EmissionBody) -> Self {
        Self { to, body, volatile: false, compress: true }
    }
}

/// Something to ask about all connections that it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Query {
    /// Sends something to them, and asks for acknowledgements.
    Ask {
        /// What, and to whom.
        broadcast: Broadcast,
        /// How long each client may take, from when its server sends it.
        timeout: Duration,
    },
    /// Who they are.
    Sockets(Selection),
    /// Which rooms they are in.
    Rooms(Selection),
}

/// A part of what a server answers.
///
/// To [`Query::Ask`] each server says `Asked` once, and then as many times `Acknowledged` or `Unacknowledged`,
/// so that who asks knows when all is there; to the others it answers once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Answer {
    /// The number of clients that this server has asked.
    Asked(usize),
    /// A client acknowledged.
    Acknowledged {
        /// The client's connection.
        socket: SocketId,
        /// What it answered.
        #[serde(with = "ArgsData")]
        args: Args,
    },
    /// A client did not.
    Unacknowledged {
        /// The client's connection.
        socket: SocketId,
        /// Why not.
        reason: NoAck,
    },
    /// This server's connections among those asked for.
    Sockets(Vec<RemoteSocket>),
    /// Rooms that they are in, each once per server; not those of their ids.
    Rooms(Vec<ByteString>),
}

/// A connection as [`Emitter::sockets`](crate::Emitter::sockets) describes it, on whichever server it is.
///
/// To act on it, name its id as a room: `io.of("/chat").to(&remote.id)`. Headers, what the client said about
/// itself, and extensions stay on its server; [`Emitter::socket`](crate::Emitter::socket) has them there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RemoteSocket {
    /// Its public name.
    pub id: SocketId,
    /// The rooms it is in, sorted, that of its id among them.
    pub rooms: Vec<ByteString>,
    /// The address of its client, as [`ConnectionInfo::client_ip`](crate::ConnectionInfo::client_ip).
    pub client_ip: Option<IpAddr>,
    /// The query arguments, as [`ConnectionInfo::query_pairs`](crate::ConnectionInfo::query_pairs).
    pub query: Vec<(String, String)>,
    /// When its client shook hands.
    pub time: SystemTime,
}

impl RemoteSocket {
    /// One of which nothing else is known: the others' fields may be set.
    pub fn new(id: SocketId) -> Self {
        let (rooms, query, time) = (Vec::new(), Vec::new(), SystemTime::UNIX_EPOCH);
        Self { id, rooms, client_ip: None, query, time }
    }
}

impl Action {
    /// For whom it is.
    pub fn to(&self) -> &Selection {
        match self {
            Self::Broadcast(Broadcast { to, .. })
            | Self::Join { to, .. }
            | Self::Leave { to, .. }
            | Self::Disconnect { to, .. } => to,
        }
    }

    /// Whether it is for this server alone.
    pub fn is_local(&self) -> bool {
        self.to().local
    }
}

impl Query {
    /// For whom it is.
    pub fn to(&self) -> &Selection {
        match self {
            Self::Ask { broadcast: Broadcast { to, .. }, .. }
            | Self::Sockets(to)
            | Self::Rooms(to) => to,
        }
    }

    /// Whether it is for this server alone.
    pub fn is_local(&self) -> bool {
        self.to().local
    }
}

/// The form of a body as data.
#[derive(Serialize, Deserialize)]
#[serde(remote = "EmissionBody")]
enum BodyData {
    Event {
        name: ByteString,
        #[serde(with = "json_text")]
        args: JsonText,
    },
    Text(ByteString),
    Json(#[serde(with = "json_text")] JsonText),
}

/// The form of arguments as data.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Args")]
enum ArgsData {
    Array(#[serde(with = "json_text")] JsonText),
    Value(#[serde(with = "json_text")] JsonText),
    Text(ByteString),
}

/// The text and its attachments; serialized by itself it would be the value.
mod json_text {
    use bytes::Bytes;
    use bytestring::ByteString;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::protocol::JsonText;

    pub(super) fn serialize<S: Serializer>(json: &JsonText, to: S) -> Result<S::Ok, S::Error> {
        (json.text(), json.attachments()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<JsonText, D::Error> {
        let (text, attachments) = <(ByteString, Vec<Bytes>)>::deserialize(from)?;
        Ok(JsonText::new(text, attachments))
    }
}
