//! One builder for everything that is sent: to whom, how, and what.
//!
//! Handlers call it; what they give is written as JSON once, whoever gets it, and put into one mailbox or
//! handed to the adapter for many.

use bytestring::ByteString;
use serde::Serialize;

use super::args::{to_event, to_json_message, to_message};
use super::{Hub, Socket};
use crate::adapter::Selection;
use crate::driver::Refused;
use crate::protocol::{Emission, EmissionBody};

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
    /// The arguments can't be written as JSON.
    #[error("the arguments can't be serialized")]
    Serialize(#[source] serde_json::Error),
}

#[derive(Clone)]
enum Target<'a> {
    One(&'a Socket),
    Many(&'a Hub, ByteString, Selection),
}

/// To whom something is sent, and how.
///
/// ```no_run
/// # fn f(socket: &socketio_core::Socket) -> Result<(), socketio_core::EmitError> {
/// socket.to("lobby").except("muted").emit("joined", "Joes")?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent before `emit` or `send`"]
pub struct Emitter<'a> {
    target: Target<'a>,
    volatile: bool,
    compress: bool,
}

impl<'a> Emitter<'a> {
    pub(super) fn to_one(socket: &'a Socket) -> Self {
        Self { target: Target::One(socket), volatile: false, compress: true }
    }

    pub(super) fn to_others(socket: &'a Socket) -> Self {
        let mut others = Self::to_all(socket.hub(), socket.endpoint_text().clone());
        if let Target::Many(_, _, selection) = &mut others.target {
            selection.except = Some(socket.id().key());
        }
        others
    }

    pub(super) fn to_all(hub: &'a Hub, endpoint: ByteString) -> Self {
        Self {
            target: Target::Many(hub, endpoint, Selection::default()),
            volatile: false,
            compress: true,
        }
    }

    /// Only those in this room; with several rooms, those in any of them, each once.
    pub fn to(self, room: &str) -> Self {
        self.select(|selection| selection.rooms.push(room.into()))
    }

    /// Not those in this room.
    pub fn except(self, room: &str) -> Self {
        self.select(|selection| selection.except_rooms.push(room.into()))
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

    fn select(mut self, change: impl FnOnce(&mut Selection)) -> Self {
        if let Target::One(socket) = self.target {
            self.target = Self::to_others(socket).target;
        }
        if let Target::Many(_, _, selection) = &mut self.target {
            change(selection);
        }
        self
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
            Target::Many(hub, endpoint, selection) => {
                let emission = Emission::new(endpoint, body).compressed(self.compress);
                hub.rooms.broadcast(selection, emission, self.volatile);
                Ok(())
            }
        }
    }
}

/// What a mailbox's refusal means to the caller.
pub(super) fn not_taken(refused: Refused) -> EmitError {
    match refused {
        Refused::Closed => EmitError::Closed,
        Refused::Full => EmitError::SlowConsumer,
    }
}
