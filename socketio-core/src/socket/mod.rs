//! The handle that users hold: one connection of one client to one endpoint.
//!
//! Calls go in from any task; commands come out, into the session's mailbox, in the order of the calls.
//! Nothing here waits, but for acknowledgements. It knows no handlers.

mod ack;
mod acks;
mod args;
mod emitter;
mod expiry;
mod head;
mod info;
mod kwargs;
mod message;
mod occupant;
mod recovery;
mod rooms;
#[cfg(feature = "asyncapi")]
mod schema;
mod sends;
mod server;
mod shutdown;
mod typed;

pub use ack::{AckError, AckFuture, AckSender, PendingAck};
pub use acks::{Acks, AcksError, PendingAcks};
pub use emitter::{EmitError, Emitter};
pub use info::ConnectionInfo;
pub use kwargs::Kwargs;
pub use message::Message;
pub use rooms::IntoRooms;
pub use server::Server;
pub use typed::{ClientEvents, Recipient, Untyped};

#[cfg(any(feature = "client", feature = "test"))]
pub(crate) use ack::split_error;
pub(crate) use args::to_args;
pub(crate) use expiry::has_expired;
pub(crate) use recovery::{Recoverable, take_claim};
pub(crate) use server::Hub;
pub(crate) use shutdown::Shutdown;

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytestring::ByteString;
use ref_cast::{RefCastCustom, ref_cast_custom};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::adapter::{Extensions, Member};
use crate::driver::{Command, Mailbox, Protocol, Transport};
use crate::id::SocketId;
use crate::session::{Admission, CloseReason};
use crate::stats::Limit;

struct Inner {
    id: SocketId,
    /// What the log calls it, if that is not its id: nothing with which one could speak as its client.
    name: Option<Box<SocketId>>,
    endpoint: ByteString,
    mailbox: Mailbox,
    info: ConnectionInfo,
    hub: Arc<Hub>,
    /// Unless they are with what can come back.
    extensions: Extensions,
    recovery: Option<Box<Recoverable>>,
    closed: OnceLock<CloseReason>,
    /// Told when it closes; nothing where nobody waits for that.
    closing: Mutex<Option<Arc<Notify>>>,
    /// How many acknowledgements a server that stops waits for.
    owed: AtomicUsize,
}

/// One connection of one client to one endpoint.
///
/// Cheap to clone and usable from any task. After the connection has closed, what is sent to its client
/// gives [`EmitError::Closed`] and closing it does nothing; broadcasts to others still go out, for
/// `#[on_close]` to say goodbye with. While its client may come back
/// ([`Builder::recovery`](crate::Builder::recovery)), events are kept for that instead.
///
/// A `Socket<dyn ChatClient>` sends the events of that trait alone, by [`client`](Self::client); see
/// [`client_events`](macro@crate::client_events). `Socket` by itself is one that sends events by their names.
#[derive(RefCastCustom)]
#[repr(transparent)]
pub struct Socket<C: ?Sized = Untyped>(Arc<Inner>, #[trivial] PhantomData<fn(*const C)>);

impl Socket {
    pub(crate) fn new(
        id: SocketId,
        name: SocketId,
        endpoint: ByteString,
        mailbox: Mailbox,
        info: ConnectionInfo,
        hub: Arc<Hub>,
        recovery: Option<Recoverable>,
    ) -> Self {
        Self::of(Arc::new(Inner {
            name: (name != id).then(|| Box::new(name)),
            id,
            endpoint,
            mailbox,
            info,
            hub,
            extensions: Extensions::default(),
            recovery: recovery.map(Box::new),
            closed: OnceLock::new(),
            closing: Mutex::default(),
            owed: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.0.hub
    }

    /// Makes it a member of its endpoint; one that has come back is as good as one already.
    pub(crate) fn enter(&self) {
        let (rooms, occupant) = (&self.0.hub.rooms, Arc::clone(&self.0));
        if self.recovered() {
            match rooms.attach(&self.0.endpoint, occupant) {
                true => self.resume_expiry(),
                // It was put out before it was in.
                false => self.close(),
            }
            return;
        }
        rooms.add(&self.0.endpoint, self.0.mailbox.clone(), occupant);
        // Whoever closed it before that has found nothing to take out.
        if self.close_reason().is_some() {
            rooms.remove(&self.0.endpoint, &*self.0, None, Instant::now().into_std());
        }
    }

    /// Whether the server has ended the connection, so that what is queued is not to be handled.
    pub(crate) fn is_ending(&self) -> bool {
        self.close_reason().is_some_and(|reason| !reason.keeps_queued_events())
            || self.0.mailbox.is_ending()
    }

    /// Lets its client in, who first gets what it missed.
    pub(crate) fn accept(&self) {
        let (endpoint, id) = (self.0.endpoint.clone(), self.id());
        let recovery = self.0.recovery.as_ref();
        let missed = recovery.map(|recovery| recovery.open()).unwrap_or_default();
        if !missed.is_empty() {
            let endpoint = endpoint.clone();
            let _ended = self.0.mailbox.send(Command::Replay { endpoint, missed });
        }
        let admission = Admission::Accept(id, recovery.map(|recovery| recovery.id));
        let _ended = self.0.mailbox.send(Command::Admit { endpoint, admission });
    }

    /// As the adapter finds it.
    fn member(&self) -> Member<'_> {
        Member {
            socket: self.0.id.key(),
            mailbox: &self.0.mailbox,
            recovery: self.0.recovery.as_ref().map(|recovery| recovery.id),
            is_closed: self.0.closed.get().is_some(),
        }
    }
}

impl<C: ?Sized> Socket<C> {
    fn of(inner: Arc<Inner>) -> Self {
        Self(inner, PhantomData)
    }

    #[ref_cast_custom]
    fn of_ref(inner: &Arc<Inner>) -> &Self;

    /// The id that may stand in a log: that of the client's span, where its own is a credential.
    pub(crate) fn log_id(&self) -> &SocketId {
        self.0.name.as_deref().unwrap_or(&self.0.id)
    }

    /// The public name of this connection: random, and unrelated to the session id unless the client is
    /// one of Socket.IO 1 and 2, see [`SocketId`].
    pub fn id(&self) -> SocketId {
        self.0.id.clone()
    }

    /// The endpoint it is connected to, such as `/chat`; the root is the empty string.
    pub fn endpoint(&self) -> &str {
        &self.0.endpoint
    }

    /// What the client's handshake said.
    pub fn info(&self) -> &ConnectionInfo {
        &self.0.info
    }

    /// The generation of its client.
    pub fn protocol(&self) -> Protocol {
        self.0.mailbox.wire().protocol()
    }

    /// The transport that carries it now; none before the first request that follows the handshake.
    pub fn transport(&self) -> Option<Transport> {
        self.0.mailbox.transport()
    }

    /// Whether this is the connection that its client had before, which came back as
    /// [`Builder::recovery`](crate::Builder::recovery) says.
    pub fn recovered(&self) -> bool {
        self.0.recovery.as_ref().is_some_and(|recovery| recovery.recovered)
    }

    /// The server it is connected to.
    pub fn server(&self) -> Server<C> {
        Server::new(Arc::clone(&self.0.hub))
    }

    /// Waits until there is room for more: less than half of
    /// [`send_buffer_limit`](crate::Builder::send_buffer_limit) waits for this client, whichever of its connections
    /// that is for. Who sends a lot waits for this in between, and makes nobody a slow consumer.
    ///
    /// In `#[on_open]` nothing leaves yet, so room that is taken there stays so.
    ///
    /// ```no_run
    /// # use socketio_core::{EmitError, Socket};
    /// # async fn send(socket: &Socket, chunks: Vec<String>) -> Result<(), EmitError> {
    /// for chunk in chunks {
    ///     socket.ready().await?;
    ///     socket.emit("chunk", chunk)?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`EmitError::Closed`] when the connection closes, or has.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn ready(&self) -> Result<(), EmitError> {
        tokio::select! {
            biased;
            _ = self.closed() => Err(EmitError::Closed),
            room = self.mailbox().room() => room.map_err(emitter::not_taken),
        }
    }

    /// Everybody in a room of this endpoint, or in several, except this client.
    pub fn to(&self, rooms: impl IntoRooms) -> Emitter<'_, C> {
        self.broadcast().to(rooms)
    }

    /// Everybody connected to this endpoint, except this client.
    pub fn broadcast(&self) -> Emitter<'_, C> {
        Emitter::to_one(self.typed()).broadcast().typed()
    }

    /// This client, but only if what is sent can leave at once.
    pub fn volatile(&self) -> Emitter<'_, C> {
        Emitter::to_one(self.typed()).volatile().typed()
    }

    /// This client, with or without compression: [`Emitter::compress`].
    pub fn compress(&self, compress: bool) -> Emitter<'_, C> {
        Emitter::to_one(self.typed()).compress(compress).typed()
    }

    /// Enters a room of this endpoint, or several. The connection leaves them when it closes. It does not enter one
    /// more than [`max_rooms`](crate::Builder::max_rooms), which is counted in
    /// [`Stats::limits`](crate::Stats::limits) and logged; [`rooms`](Self::rooms) tells where it is.
    pub fn join(&self, rooms: impl IntoRooms) {
        for room in rooms.into_rooms() {
            if self.0.closed.get().is_none()
                && !self.0.hub.rooms.join(&self.0.endpoint, &*self.0, &room)
                && self.0.mailbox.notices().count(Limit::Rooms)
            {
                let (limit, id) = (Limit::Rooms.as_str(), tracing::field::display(self.log_id()));
                tracing::warn!(target: "socketio::limit", limit, socket = id, "a room was not entered");
            }
        }
    }

    /// Leaves a room, or several. It is always in the room of its [`id`](Self::id).
    pub fn leave(&self, rooms: impl IntoRooms) {
        for room in rooms.into_rooms() {
            if self.0.closed.get().is_none() {
                self.0.hub.rooms.leave(&self.0.endpoint, &*self.0, &room);
            }
        }
    }

    /// The rooms it is in, sorted, that of its id among them; none once it is closed.
    pub fn rooms(&self) -> Vec<String> {
        if self.0.closed.get().is_some() {
            return Vec::new();
        }
        self.0.hub.rooms.rooms_of(&self.0.endpoint, &self.0.id)
    }

    /// Keeps a value with this connection, one per type; gives the one it replaces. Whoever has the handle finds
    /// it, and handlers as a parameter.
    ///
    /// ```
    /// use socketio_core::prelude::*;
    ///
    /// #[derive(Clone)]
    /// struct User { name: String }
    ///
    /// #[derive(Default)]
    /// struct Lobby;
    ///
    /// #[socket_connection]
    /// impl Lobby {
    ///     #[event]
    ///     fn login(&self, socket: &Socket, name: String) {
    ///         socket.insert_extension(User { name });
    ///     }
    ///
    ///     #[event]
    ///     fn whoami(&self, Extension(user): Extension<User>) -> Option<String> {
    ///         user.map(|user| user.name)
    ///     }
    /// }
    /// ```
    pub fn insert_extension<T: Send + Sync + 'static>(&self, value: T) -> Option<T> {
        self.extensions().insert(value)
    }

    /// A copy of the value of this type that is kept with this connection. Its `clone` runs while the extensions are
    /// locked, so it must not come back to them; keep what is large in an [`Arc`].
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.extensions().get()
    }

    /// Closes this endpoint's connection, or all of the client's if this is the root.
    pub fn close(&self) {
        // The client of a connection that is closed may have connected anew: that is not ours to close.
        if self.set_closed(CloseReason::ServerDisconnect) {
            let endpoint = self.0.endpoint.clone();
            let _session_over = self.0.mailbox.send(Command::CloseEndpoint { endpoint });
        }
    }

    /// Closes all connections of this client.
    pub fn disconnect(&self) {
        if self.set_closed(CloseReason::ServerDisconnect) {
            self.end_session(CloseReason::ServerDisconnect);
        }
    }

    /// Whether the connection is closed, and why.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.0.closed.get().copied()
    }

    /// Waits until the connection has closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn closed(&self) -> CloseReason {
        loop {
            let closing = {
                let mut closing = self.closing();
                if let Some(reason) = self.close_reason() {
                    return reason;
                }
                // Under the lock, so that it hears of what happens from here on.
                Arc::clone(closing.get_or_insert_default()).notified_owned()
            };
            closing.await;
        }
    }

    pub(crate) fn endpoint_text(&self) -> &ByteString {
        &self.0.endpoint
    }

    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.0.mailbox
    }

    /// Marks it closed and takes it out of its endpoint and rooms; `false` if it was closed before.
    pub(crate) fn set_closed(&self, reason: CloseReason) -> bool {
        let first = self.0.closed.set(reason).is_ok();
        if first {
            let recovery = self.0.recovery.as_ref().filter(|_| reason.is_recoverable());
            let kept = recovery.and_then(|recovery| recovery.kept(self.id()));
            let now = Instant::now().into_std();
            self.0.hub.rooms.remove(&self.0.endpoint, &*self.0, kept, now);
            self.0.hub.counters.endpoint_closed(reason.key());
            let closing = self.closing().take();
            if let Some(closing) = closing {
                closing.notify_waiters();
            }
            self.settle_all();
        }
        first
    }

    pub(crate) fn end_session(&self, reason: CloseReason) {
        let _closed_already = self.0.mailbox.send(Command::Close(reason));
    }

    fn extensions(&self) -> &Extensions {
        let recovery = self.0.recovery.as_ref();
        recovery.map_or(&self.0.extensions, |recovery| &recovery.extensions)
    }

    fn closing(&self) -> MutexGuard<'_, Option<Arc<Notify>>> {
        self.0.closing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: ?Sized> Clone for Socket<C> {
    fn clone(&self) -> Self {
        Self::of(Arc::clone(&self.0))
    }
}

impl<C: ?Sized> fmt::Debug for Socket<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("id", self.log_id())
            .field("endpoint", &self.0.endpoint)
            .finish_non_exhaustive()
    }
}
