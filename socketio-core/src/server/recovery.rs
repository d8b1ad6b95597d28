//! The builder's option that lets clients come back.
//!
//! In: [`Recovery`]. Out: it is with the builder, which hands it to the adapter. Source: socket.io 4.8,
//! `connectionStateRecovery`.

use super::Builder;
use crate::adapter::Recovery;

impl<T, S> Builder<T, S> {
    /// Lets clients of Socket.IO 4 come back to a connection that broke. Default: they can't, as in the
    /// reference (`connectionStateRecovery`).
    ///
    /// A client that comes back in time has the same socket id, is in the same rooms, and finds what
    /// [`insert_extension`](crate::Socket::insert_extension) kept; what it missed, events to it alone and
    /// to its rooms alike, reaches it once and in order, before anything new. Its connection's value is made
    /// anew: `#[on_open]` runs, may refuse it, and is told by
    /// [`Socket::recovered`](crate::Socket::recovered), as `#[on_close]` ran when the old one broke. One that
    /// can't get all that it missed, or comes too late, gets a new connection, for which `recovered` is
    /// `false`.
    ///
    /// A connection broke if its transport ended or its client did not answer in time. It did not if either
    /// side closed it, or if the client broke the protocol; a server that shuts down forgets all. Volatile
    /// events and those that ask for an acknowledgement are not sent again. To a client that can come back
    /// every other event has one more argument, a string, as the last: official clients hand it on to the
    /// page.
    ///
    /// Where [`verify_remote_ip`](Self::verify_remote_ip) is on, it can only come back from its address. What
    /// is sent to one endpoint is then sent one event after another, by whichever tasks.
    ///
    /// ```
    /// # use socketio_core::prelude::*;
    /// # use socketio_core::{Recovery, SocketIo};
    /// #[derive(Default)]
    /// struct Lobby;
    ///
    /// #[socket_connection]
    /// impl Lobby {
    ///     #[on_open]
    ///     fn open(socket: &Socket) -> Self {
    ///         if !socket.recovered() {
    ///             socket.join("lobby");
    ///         }
    ///         Self
    ///     }
    /// }
    ///
    /// let io = SocketIo::builder::<Lobby>().recovery(Recovery::default()).build();
    /// ```
    pub fn recovery(mut self, recovery: Recovery) -> Self {
        self.recovery = Some(recovery);
        self
    }
}
