//! What is asked of an adapter, and what it answers: data alone, so that it can cross to another server.
//!
//! The emitter makes [`Action`]s and [`Query`]s, [`Local`](super::Local) does them and gives [`Answer`]s. All are
//! serde's, in this project's own form; a backend that speaks to servers of another kind reads the fields
//! instead. What they print for debugging are counts, for rooms may be named after ids, and the ids of some clients
//! and what they ask with are credentials. Source of what there is: socket.io-adapter 2.5 lib/cluster-adapter.ts, `MessageType`.

use std::fmt;
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
/// Those in any of `rooms`, or all where none are named, each once, less those in any of `except` and the
/// `sender`. A room of a connection's [`SocketId`] holds that connection.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Selection {
    /// The endpoint, such as `/chat`; the root is the empty string.
    pub endpoint: ByteString,
    /// Those in any of these rooms, so nobody where the list is empty; all, where there is none.
    pub rooms: Option<Vec<ByteString>>,
    /// But not those in any of these.
    pub except: Vec<ByteString>,
    /// And not this one.
    pub sender: Option<SocketId>,
    /// Only those of the server where it is said.
    pub local: bool,
}

/// Something to do with all connections that it is for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Answer {
    /// The number of clients that this server has asked.
    Asked(usize),
    /// A client acknowledged.
    Acknowledged {
        /// The client's connection.
        socket: SocketId,
        /// What it answered.
        #[serde(with = "args_data")]
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RemoteSocket {
    /// Its public name.
    pub id: SocketId,
    /// The rooms it is in, sorted, that of its id among them.
    pub rooms: Vec<String>,
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

impl fmt::Debug for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, rooms, except, sender, local } = self;
        f.debug_struct("Selection")
            .field("endpoint", endpoint)
            .field("rooms", &rooms.as_ref().map(Vec::len))
            .field("except", &except.len())
            .field("sender", sender)
            .field("local", local)
            .finish()
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moved = |f: &mut fmt::Formatter<'_>, name, to: &Selection, rooms: &[ByteString]| {
            f.debug_struct(name).field("to", to).field("rooms", &rooms.len()).finish()
        };
        match self {
            Self::Broadcast(broadcast) => f.debug_tuple("Broadcast").field(broadcast).finish(),
            Self::Join { to, rooms } => moved(f, "Join", to, rooms),
            Self::Leave { to, rooms } => moved(f, "Leave", to, rooms),
            Self::Disconnect { to, session } => {
                f.debug_struct("Disconnect").field("to", to).field("session", session).finish()
            }
        }
    }
}

impl fmt::Debug for Broadcast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { to, body: _, volatile, compress } = self;
        f.debug_struct("Broadcast")
            .field("to", to)
            .field("volatile", volatile)
            .field("compress", compress)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask { broadcast, timeout } => {
                let mut ask = f.debug_struct("Ask");
                ask.field("broadcast", broadcast).field("timeout", timeout).finish()
            }
            Self::Sockets(to) => f.debug_tuple("Sockets").field(to).finish(),
            Self::Rooms(to) => f.debug_tuple("Rooms").field(to).finish(),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(count) => f.debug_tuple("Asked").field(count).finish(),
            Self::Acknowledged { socket, args: _ } => {
                f.debug_struct("Acknowledged").field("socket", socket).finish_non_exhaustive()
            }
            Self::Unacknowledged { socket, reason } => {
                let mut none = f.debug_struct("Unacknowledged");
                none.field("socket", socket).field("reason", reason).finish()
            }
            Self::Sockets(sockets) => f.debug_tuple("Sockets").field(&sockets.len()).finish(),
            Self::Rooms(rooms) => f.debug_tuple("Rooms").field(&rooms.len()).finish(),
        }
    }
}

impl fmt::Debug for RemoteSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, rooms, client_ip, query, time } = self;
        f.debug_struct("RemoteSocket")
            .field("id", id)
            .field("rooms", &rooms.len())
            .field("client_ip", client_ip)
            .field("query", &query.len())
            .field("time", time)
            .finish()
    }
}

/// Why text that came from another server is refused: no client could read what would be made of it.
const UNSOUND: &str = "no JSON, no array, or placeholders that do not fit the attachments";

/// The form of a body as data.
#[derive(Serialize, Deserialize)]
#[serde(remote = "EmissionBody")]
enum BodyData {
    Event {
        name: ByteString,
        #[serde(
            serialize_with = "json_text::serialize",
            deserialize_with = "json_text::deserialize_array"
        )]
        args: JsonText,
    },
    Text(ByteString),
    Json(#[serde(with = "json_text")] JsonText),
}

/// Arguments as data: what they are, their text and its attachments.
mod args_data {
    use bytes::Bytes;
    use bytestring::ByteString;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::UNSOUND;
    use crate::protocol::{Args, JsonText, Notation};

    pub(super) fn serialize<S: Serializer>(args: &Args, to: S) -> Result<S::Ok, S::Error> {
        let notation = match args.parts() {
            (Notation::Elements, _) => Notation::Array,
            (notation, _) => notation,
        };
        (notation, args.to_text(), args.attachments()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Args, D::Error> {
        let (notation, text, attachments) =
            <(Notation, ByteString, Vec<Bytes>)>::deserialize(from)?;
        let text = JsonText::new(text, attachments);
        let is_sound = match notation {
            Notation::Array | Notation::Elements => text.is_sound() && text.is_array(),
            Notation::Value => text.is_sound(),
            Notation::Text => true,
        };
        if is_sound { Ok(Args::new(text, notation)) } else { Err(D::Error::custom(UNSOUND)) }
    }
}

/// The text and its attachments; serialized by itself it would be the value.
mod json_text {
    use bytes::Bytes;
    use bytestring::ByteString;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::UNSOUND;
    use crate::protocol::JsonText;

    pub(super) fn serialize<S: Serializer>(json: &JsonText, to: S) -> Result<S::Ok, S::Error> {
        (json.text(), json.attachments()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<JsonText, D::Error> {
        let (text, attachments) = <(ByteString, Vec<Bytes>)>::deserialize(from)?;
        let json = JsonText::new(text, attachments);
        if json.is_sound() { Ok(json) } else { Err(D::Error::custom(UNSOUND)) }
    }

    pub(super) fn deserialize_array<'de, D>(from: D) -> Result<JsonText, D::Error>
    where
        D: Deserializer<'de>,
    {
        let json = deserialize(from)?;
        if json.is_array() { Ok(json) } else { Err(D::Error::custom(UNSOUND)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_credential_does_not_show_in_debug_output() {
        let secret = "AAAAAAAAAAAAAAAAAAAAAQ";
        let (id, names) = (SocketId::from(secret), vec![ByteString::from_static(secret)]);
        let (rooms, except, sender) = (Some(names.clone()), names.clone(), Some(id.clone()));
        let to = Selection { rooms, except, sender, ..Selection::default() };
        let broadcast = Broadcast::new(to.clone(), EmissionBody::Text(secret.into()));
        let query = vec![("token".to_owned(), secret.to_owned())];
        let socket = RemoteSocket { query, rooms: vec![secret.into()], ..RemoteSocket::new(id) };
        let session = true;
        for shown in [
            format!("{:?}", Action::Broadcast(broadcast.clone())),
            format!("{:?}", Action::Join { to: to.clone(), rooms: names.clone() }),
            format!("{:?}", Action::Leave { to: to.clone(), rooms: names.clone() }),
            format!("{:?}", Action::Disconnect { to: to.clone(), session }),
            format!("{:?}", Query::Ask { broadcast, timeout: Duration::ZERO }),
            format!("{:?}", Query::Sockets(to.clone())),
            format!("{:?}", Query::Rooms(to)),
            format!("{:?}", Answer::Sockets(vec![socket.clone()])),
            format!("{:?}", Answer::Rooms(names)),
            format!("{socket:?}"),
        ] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
