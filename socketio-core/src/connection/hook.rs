//! Hooks: what an application sees of all packets, for traces, figures and audits.
//!
//! In: what clients and handlers send, as the session takes it in or is given it; out: nothing, for a hook only
//! looks. The connections of a client call it, in their session's task. What a transport needs for itself (heartbeats,
//! upgrades) is no packet here.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::driver::Notice;
use crate::protocol::Args;
use crate::session::CloseReason;
use crate::socket::Socket;

/// Looks at every packet of every connection: of what has a [`Socket`].
///
/// Both methods run in the session's task, between packets: what takes long there holds its client up, so hand
/// it to a channel. A broadcast is seen once for each client that gets it. A hook that panics is logged, as a
/// warning once for each client, and the connection goes on.
///
/// A connect that gets no connection is not seen: to an endpoint that the table does not have, of one endpoint too
/// many, too long. Behind every [`Packet::Connect`] that goes out comes one [`Packet::Disconnect`]; a client that
/// leaves before it is answered is seen to ask and to leave, and not to be let in or refused. One that
/// [comes back](crate::Builder::recovery) is seen to be let in and then to get what it missed, though it is sent that
/// first.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use socketio_core::{Hook, Packet, SocketIo, prelude::*};
///
/// #[derive(Default)]
/// struct Audit { events: AtomicU64 }
///
/// impl Hook for Audit {
///     fn incoming(&self, socket: &Socket, packet: &Packet<'_>) {
///         if let Packet::Event { name, .. } = packet {
///             let number = self.events.fetch_add(1, Ordering::Relaxed);
///             println!("{number}: {} says {name}", socket.id());
///         }
///     }
/// }
///
/// # #[derive(Default)] struct Lobby;
/// # #[socket_connection] impl Lobby {}
/// let io = SocketIo::builder::<Lobby>().hook(Audit::default()).build();
/// ```
pub trait Hook: Send + Sync + 'static {
    /// A client sent this, and it is going to be handled.
    fn incoming(&self, _socket: &Socket, _packet: &Packet<'_>) {}

    /// This is going to be sent to a client. While no transport is there it waits, and may never leave.
    fn outgoing(&self, _socket: &Socket, _packet: &Packet<'_>) {}
}

/// What a [`Hook`] sees.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Packet<'a> {
    /// In: the client asks to join the endpoint. Out: it is in.
    Connect,
    /// Out: the client is not let in.
    #[non_exhaustive]
    Refused {
        /// What is told to clients since Socket.IO 2.
        message: &'a str,
    },
    /// An event, or a message as the event `message`.
    #[non_exhaustive]
    Event {
        /// Its name.
        name: &'a str,
        /// Its arguments, unparsed.
        args: &'a Args,
        /// Whether an acknowledgement is asked for.
        ack: bool,
    },
    /// An acknowledgement.
    #[non_exhaustive]
    Ack {
        /// What it says, unparsed.
        args: &'a Args,
    },
    /// The connection ended. In: by the client, or with its transport. Out: by the server, told or not.
    #[non_exhaustive]
    Disconnect {
        /// Why.
        reason: CloseReason,
    },
}

/// All hooks of a server.
#[derive(Default)]
pub(crate) struct Hooks(Vec<Box<dyn Hook>>);

impl Hooks {
    pub(crate) fn push(&mut self, hook: impl Hook) {
        self.0.push(Box::new(hook));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn incoming(&self, socket: &Socket, packet: &Packet<'_>) {
        self.each(socket, |hook| hook.incoming(socket, packet));
    }

    pub(crate) fn outgoing(&self, socket: &Socket, packet: &Packet<'_>) {
        self.each(socket, |hook| hook.outgoing(socket, packet));
    }

    fn each(&self, socket: &Socket, look: impl Fn(&dyn Hook)) {
        for hook in &self.0 {
            if catch_unwind(AssertUnwindSafe(|| look(&**hook))).is_err() {
                let id = tracing::field::display(socket.log_id());
                if socket.mailbox().notices().is_first(Notice::Hook) {
                    tracing::warn!(target: "socketio::hook", socket = id, "a hook panicked");
                } else {
                    tracing::debug!(target: "socketio::hook", socket = id, "a hook panicked again");
                }
            }
        }
    }
}
