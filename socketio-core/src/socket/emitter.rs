//! One builder for everything that concerns many connections: whom, how, and what is done.
//!
//! Handlers call it, and whoever has the server; what it sends is written as JSON once, whoever gets it, and
//! put into one mailbox, or handed to the adapter as data.

use std::marker::PhantomData;
use std::time::Duration;

use bytestring::ByteString;
use futures_util::StreamExt as _;
use serde::Serialize;

use super::args::{to_event, to_json_message, to_message};
use super::{Hub, IntoRooms, PendingAcks, Socket, Untyped};
use crate::adapter::{
    Action, AdapterError, Answer, Answers, Broadcast, EmissionBody, Query, RemoteSocket, Selection,
};
use crate::driver::Refused;
use crate::id::SocketId;
use crate::protocol::Emission;

/// Why something was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The connection is closed.
    #[error("the connection is closed")]
    Closed,
    /// The client reads more slowly than it is sent to, and `send_buffer_limit` bytes wait for it
    /// already. The connection closes.
    #[error("the client reads too slowly: its send buffer is full")]
    SlowConsumer,
    /// A client's own send buffer is full: it is away, or its server reads too slowly.
    #[error("the send buffer is full")]
    Full,
    /// The arguments can't be written as JSON.
    #[error("the arguments can't be serialized")]
    Serialize(#[source] serde_json::Error),
    /// It was sent, but not all servers of the cluster have said what their clients answered.
    #[error("the answers of other servers are missing")]
    Cluster(#[source] AdapterError),
}

#[derive(Clone)]
enum Target<'a> {
    One(&'a Socket),
    Many(&'a Hub, Selection),
}

/// Whom something concerns, and how it is done.
///
/// It starts from a socket ([`Socket::to`], [`Socket::broadcast`], [`Socket::volatile`]) or from an endpoint
/// ([`Server::of`](crate::Server::of)), is narrowed down at will, and ends with what is done. Handlers have a server by
/// [`Socket::server`]; elsewhere a clone of [`SocketIo`](crate::SocketIo) is one:
///
/// ```
/// use axum::extract::{Path, State};
/// use socketio_core::{SocketIo, prelude::*};
///
/// /// `POST /close/{room}`, in an application `.with_state(io.clone())`
/// async fn close(State(io): State<SocketIo>, Path(room): Path<String>) -> String {
///     let lobby = io.of("/lobby");
///     lobby.clone().to(&room).emit("closing", &room).ok();
///     let told = lobby.clone().to(&room).sockets().await.map_or(0, |sockets| sockets.len());
///     lobby.to(&room).leave_all(&room);
///     format!("{told} have left")
/// }
/// # let _ = axum::routing::post::<_, _, SocketIo>(close);
/// ```
///
/// [`volatile`](Self::volatile) and [`compress`](Self::compress) are for what is sent, [`timeout`](Self::timeout) for
/// what asks for acknowledgements; other ends pass over them.
///
/// What reaches other servers of a cluster, if there are any, is up to the [`adapter`](crate::adapter); only
/// [`Emitter::local`] keeps it here.
///
/// An `Emitter<'_, dyn ChatClient>` sends the events of that trait alone, as a [`Socket`] of that type does.
#[must_use = "nothing is done before `emit` or the like"]
pub struct Emitter<'a, C: ?Sized = Untyped> {
    target: Target<'a>,
    volatile: bool,
    timeout: Option<Duration>,
    compress: bool,
    client: PhantomData<fn(*const C)>,
}

impl<'a> Emitter<'a> {
    pub(super) fn to_one(socket: &'a Socket) -> Self {
        Self::new(Target::One(socket))
    }

    pub(super) fn to_all(hub: &'a Hub, endpoint: ByteString) -> Self {
        Self::new(Target::Many(hub, Selection { endpoint, ..Selection::default() }))
    }

    fn new(target: Target<'a>) -> Self {
        let client = PhantomData;
        Self { target, volatile: false, compress: true, timeout: None, client }
    }

    /// Sends an event; [`Socket::emit`] says what `args` may be.
    ///
    /// # Errors
    ///
    /// [`EmitError::Serialize`], and towards a single client the others too: a broadcast passes over
    /// those who can't be reached.
    pub fn emit(self, event: &str, args: impl Serialize) -> Result<(), EmitError> {
        let body = to_event(event, &args)?;
        self.dispatch(body)
    }

    /// Sends a message: a string as text, anything else as JSON.
    ///
    /// # Errors
    ///
    /// As [`Emitter::emit`].
    pub fn send(self, message: impl Serialize) -> Result<(), EmitError> {
        let body = to_message(&message)?;
        self.dispatch(body)
    }

    /// Sends a message as JSON, even if it is a string.
    ///
    /// # Errors
    ///
    /// As [`Emitter::emit`].
    pub fn send_json(self, message: impl Serialize) -> Result<(), EmitError> {
        let body = to_json_message(&message)?;
        self.dispatch(body)
    }

    /// Sends an event and asks each client for an acknowledgement, which arrives as a `T`; await them all, or
    /// take them as they come. Like [`Socket::emit_with_ack`], this is not sent again to who comes back.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use socketio_core::{EmitError, Server};
    /// # async fn f(io: &Server) -> Result<(), EmitError> {
    /// let room = io.of("/game").to("players").timeout(Duration::from_secs(5));
    /// for (socket, ready) in room.emit_with_ack::<bool>("ready?", ()).await? {
    ///     match ready {
    ///         Ok(true) => {}
    ///         Ok(false) | Err(_) => io.of("/game").to(socket).close(),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn emit_with_ack<T>(self, event: &str, args: impl Serialize) -> PendingAcks<'a, T> {
        PendingAcks::new(self, to_event(event, &args))
    }

    /// Sends something and asks for acknowledgements.
    pub(super) fn ask(self, body: EmissionBody) -> Result<Answers, EmitError> {
        if let Target::One(socket) = self.target
            && socket.close_reason().is_some()
        {
            return Err(EmitError::Closed);
        }
        let Self { volatile, compress, timeout, .. } = self;
        let (hub, to) = self.many();
        let broadcast = Broadcast { volatile, compress, ..Broadcast::new(to, body) };
        let timeout = timeout.unwrap_or(hub.ack_timeout);
        Ok(hub.adapter.ask(Query::Ask { broadcast, timeout }))
    }

    fn dispatch(self, body: EmissionBody) -> Result<(), EmitError> {
        match self.target {
            Target::One(socket) => {
                let emission = Emission::new(socket.endpoint_text().clone(), body);
                let emission = emission.compressed(self.compress);
                match socket.hub().rooms.emit(&socket.member(), emission, self.volatile) {
                    Err(Refused::Full) if self.volatile => Ok(()),
                    result => result.map_err(not_taken),
                }
            }
            Target::Many(hub, to) => {
                let Self { volatile, compress, .. } = self;
                let broadcast = Broadcast { volatile, compress, ..Broadcast::new(to, body) };
                hub.adapter.act(Action::Broadcast(broadcast));
                Ok(())
            }
        }
    }
}

impl<'a, C: ?Sized> Emitter<'a, C> {
    /// The same for clients of another kind: those of that trait, or [`Untyped`] ones.
    ///
    /// ```
    /// # use socketio_core::{EmitError, SocketIo, client_events};
    /// #[client_events]
    /// trait ChatClient {
    ///     fn closing(room: &str);
    /// }
    ///
    /// # fn f(io: &SocketIo) -> Result<(), EmitError> {
    /// io.of("/chat").to("attic").typed::<dyn ChatClient>().client().closing("attic")
    /// # }
    /// ```
    pub fn typed<D: ?Sized>(self) -> Emitter<'a, D> {
        let Self { target, volatile, timeout, compress, client: _ } = self;
        Emitter { target, volatile, timeout, compress, client: PhantomData }
    }

    /// Only those in this room or these; with several, also by several calls, those in any of them, each once. An
    /// empty list is nobody.
    pub fn to(self, rooms: impl IntoRooms) -> Self {
        self.select(|selection| {
            selection.rooms.get_or_insert_default().extend(rooms.into_rooms());
        })
    }

    /// Not those in this room or these.
    pub fn except(self, rooms: impl IntoRooms) -> Self {
        self.select(|selection| selection.except.extend(rooms.into_rooms()))
    }

    /// From a socket: everybody else at its endpoint, and not its own client.
    pub fn broadcast(self) -> Self {
        self.select(|_| ())
    }

    /// Only those connected to this server, and not to others of its cluster.
    pub fn local(self) -> Self {
        self.select(|selection| selection.local = true)
    }

    /// Only to those to whom it can leave at once; the others never get it.
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Whether an answer to a poll is compressed for this: an answer is, where one of its packets asks for that, it
    /// is long enough ([`http_compression`](crate::Builder::http_compression)) and the client takes it. Default:
    /// `true`. `false` is for what is compressed already, as images are. Of use to clients since
    /// Socket.IO 1.0 that poll; nothing is compressed on other transports.
    pub fn compress(mut self, compress: bool) -> Self {
        self.compress = compress;
        self
    }

    /// How long each client may take to acknowledge, instead of the server's `ack_timeout`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Who they are.
    ///
    /// # Errors
    ///
    /// [`AdapterError`], where not all servers of the cluster answer.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn sockets(self) -> Result<Vec<RemoteSocket>, AdapterError> {
        let (hub, to) = self.many();
        let mut answers = hub.adapter.ask(Query::Sockets(to));
        let mut sockets = Vec::new();
        while let Some(answer) = answers.next().await.transpose()? {
            if let Answer::Sockets(some) = answer {
                sockets.extend(some);
            }
        }
        Ok(sockets)
    }

    /// The rooms that they are in, sorted; not those of their ids.
    ///
    /// # Errors
    ///
    /// As [`Emitter::sockets`].
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn rooms(self) -> Result<Vec<String>, AdapterError> {
        let (hub, to) = self.many();
        let mut answers = hub.adapter.ask(Query::Rooms(to));
        let mut rooms = Vec::new();
        while let Some(answer) = answers.next().await.transpose()? {
            if let Answer::Rooms(some) = answer {
                rooms.extend(some.iter().map(ToString::to_string));
            }
        }
        rooms.sort_unstable();
        rooms.dedup();
        Ok(rooms)
    }

    /// The connection of this id at the endpoint, if it is on this server. Of the selection only the endpoint counts
    /// for this.
    pub fn socket(self, id: &SocketId) -> Option<Socket<C>> {
        let (hub, to) = self.many();
        Socket::of_occupant(hub.rooms.find(&to.endpoint, id)?)
    }

    /// Has them enter a room, or several.
    pub fn join_all(self, rooms: impl IntoRooms) {
        let (hub, to) = self.many();
        hub.adapter.act(Action::Join { to, rooms: rooms.into_rooms().collect() });
    }

    /// Has them leave a room, or several.
    pub fn leave_all(self, rooms: impl IntoRooms) {
        let (hub, to) = self.many();
        hub.adapter.act(Action::Leave { to, rooms: rooms.into_rooms().collect() });
    }

    /// Closes them, each as [`Socket::close`] does.
    pub fn close(self) {
        let (hub, to) = self.many();
        hub.adapter.act(Action::Disconnect { to, session: false });
    }

    /// Closes all connections of their clients, as [`Socket::disconnect`] does.
    pub fn disconnect(self) {
        let (hub, to) = self.many();
        hub.adapter.act(Action::Disconnect { to, session: true });
    }

    /// Makes many of one, and changes who they are.
    fn select(mut self, change: impl FnOnce(&mut Selection)) -> Self {
        if let Target::One(socket) = self.target {
            self.target = Target::Many(socket.hub(), socket.others());
        }
        if let Target::Many(_, selection) = &mut self.target {
            change(selection);
        }
        self
    }

    /// Whom it concerns, as the adapter takes it.
    fn many(self) -> (&'a Hub, Selection) {
        match self.target {
            Target::One(socket) => (socket.hub(), socket.itself()),
            Target::Many(hub, selection) => (hub, selection),
        }
    }
}

impl<C: ?Sized> Clone for Emitter<'_, C> {
    fn clone(&self) -> Self {
        Self { target: self.target.clone(), ..*self }
    }
}

/// What a mailbox's refusal means to the caller.
pub(super) fn not_taken(refused: Refused) -> EmitError {
    match refused {
        Refused::Closed => EmitError::Closed,
        Refused::Full => EmitError::SlowConsumer,
    }
}
