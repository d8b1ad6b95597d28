//! Connections that last until a given moment.
//!
//! Handlers say until when; the session ends the connection, through its mailbox. The moment is kept among the
//! connection's extensions, too, so that it comes back with one that its client comes back to, and costs
//! nothing where it is not used.

use std::time::{Duration, Instant, SystemTime};

use super::Socket;
use crate::adapter::Extensions;
use crate::driver::Command;
use crate::session::CloseReason;

/// Until when a connection lasts.
#[derive(Debug, Clone, Copy)]
struct Expiry(Instant);

impl<C: ?Sized> Socket<C> {
    /// Ends the connection when this time has passed, counted from now: what let its client in grows old, as a
    /// token does. Another call counts instead, so an event with a new token refreshes it; [`None`]
    /// lifts it, and so does what is longer than the clock goes. With no time left the connection is closed when this
    /// returns. Default: none.
    ///
    /// The client, of whichever generation, gets the event `expired` with the object
    /// `{"message": "the connection has expired"}`, then it is disconnected; official clients do not come
    /// back from that by themselves. What it sent before and nobody has handled yet is not handled, and
    /// `#[on_close]` gets [`CloseReason::Expired`]. At the root this ends all of
    /// the client's connections, as [`close`](Self::close) does. A client that comes back to its
    /// connection ([`Builder::recovery`](crate::Builder::recovery)) comes back to what is left of its time, or
    /// not at all.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use socketio_core::prelude::*;
    /// # fn lifetime_of(token: &str) -> Option<Duration> { (token != "").then_some(Duration::from_secs(60)) }
    ///
    /// struct Account;
    ///
    /// #[socket_connection]
    /// impl Account {
    ///     #[on_open]
    ///     fn open(socket: &Socket, info: &ConnectionInfo) -> Option<Self> {
    ///         socket.expire_in(lifetime_of(info.query("token")?)?);
    ///         Some(Self)
    ///     }
    ///
    ///     /// `socket.emit('refresh', token, accepted => …)`
    ///     #[event]
    ///     fn refresh(&self, socket: &Socket, token: &str) -> bool {
    ///         lifetime_of(token).map(|lifetime| socket.expire_in(lifetime)).is_some()
    ///     }
    /// }
    /// ```
    pub fn expire_in(&self, time: impl Into<Option<Duration>>) {
        if self.close_reason().is_some() {
            return;
        }
        let now = tokio::time::Instant::now().into_std();
        let at = time.into().and_then(|time| now.checked_add(time));
        match at {
            Some(at) => drop(self.insert_extension(Expiry(at))),
            None => self.extensions().remove::<Expiry>(),
        }
        // What waits already is not to be handled then; the session tells the client.
        let is_over = at.is_some_and(|at| at <= now);
        if !is_over || self.set_closed(CloseReason::Expired) {
            self.tell_expiry();
        }
    }

    /// The same, at a moment of the system's clock, as the `exp` of a JSON Web Token is; at once, if that has
    /// passed. Changes of that clock after the call change nothing.
    pub fn expire_at(&self, time: SystemTime) {
        self.expire_in(time.duration_since(SystemTime::now()).unwrap_or_default());
    }

    /// Holds a connection that came back to what was said before it broke.
    pub(super) fn resume_expiry(&self) {
        if self.expiry().is_some() {
            self.tell_expiry();
        }
    }

    /// Until when it lasts; for good, without.
    pub(crate) fn expiry(&self) -> Option<Instant> {
        self.extension().map(|Expiry(at)| at)
    }

    fn tell_expiry(&self) {
        let endpoint = self.endpoint_text().clone();
        let _ended = self.mailbox().send(Command::Expire { endpoint });
    }
}

/// Whether the time of a connection that is away has passed.
pub(crate) fn has_expired(extensions: &Extensions, now: Instant) -> bool {
    extensions.get().is_some_and(|Expiry(at)| at <= now)
}
