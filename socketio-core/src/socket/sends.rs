//! What a socket sends by names: events and messages to its client.

use serde::Serialize;

use super::args::{to_event, to_message};
use super::{EmitError, Emitter, PendingAck, Socket};

impl Socket {
    /// Sends an event to this client.
    ///
    /// A tuple (or an array) is one argument per member, `()` is none, and anything else is the one
    /// argument; see [`kwargs!`](crate::kwargs) for a keyword call, [`Binary`](crate::Binary) for bytes.
    ///
    /// # Errors
    ///
    /// [`EmitError`]: the connection is closed, the client reads too slowly, or `args` can't be
    /// serialized.
    pub fn emit(&self, event: &str, args: impl Serialize) -> Result<(), EmitError> {
        Emitter::to_one(self).emit(event, args)
    }

    /// Sends an event and asks for an acknowledgement, which arrives as a `T`.
    ///
    /// A client that acknowledges with one value gives a `T` of that value, with several a tuple, with
    /// none `()`. See [`PendingAck::timeout`] for how long it may take.
    pub fn emit_with_ack<T>(&self, event: &str, args: impl Serialize) -> PendingAck<'_, T> {
        PendingAck::new(self, to_event(event, &args))
    }

    /// Sends a message: a string as text, anything else as JSON.
    ///
    /// # Errors
    ///
    /// As [`Socket::emit`].
    pub fn send(&self, message: impl Serialize) -> Result<(), EmitError> {
        Emitter::to_one(self).send(message)
    }

    /// Sends a message as JSON, even if it is a string.
    ///
    /// # Errors
    ///
    /// As [`Socket::emit`].
    pub fn send_json(&self, message: impl Serialize) -> Result<(), EmitError> {
        Emitter::to_one(self).send_json(message)
    }

    /// Sends a message and asks for an acknowledgement. Official clients of Socket.IO 0.7–0.9
    /// acknowledge messages by themselves and without data, so `T` is `()` with them.
    pub fn send_with_ack<T>(&self, message: impl Serialize) -> PendingAck<'_, T> {
        PendingAck::new(self, to_message(&message))
    }
}
