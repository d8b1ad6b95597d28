//! What clients say, in the one vocabulary of all protocol generations: the session makes [`Event`]s of
//! packets, and nothing above it sees a packet.

use bytestring::ByteString;

use super::Args;

/// The event that `sock.send(…)` is: text and JSON messages carry this name above the session.
pub(crate) const MESSAGE_EVENT: &str = "message";

/// The number under which a client awaits an acknowledgement, as it wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckId(pub ByteString);

/// An event that a client sent, its arguments still unparsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    name: ByteString,
    args: Args,
    ack: Option<AckId>,
}

impl Event {
    /// Makes an event; `ack` is there if the client awaits data in return.
    pub fn new(name: ByteString, args: Args, ack: Option<AckId>) -> Self {
        Self { name, args, ack }
    }

    /// The event's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The arguments as they came.
    pub fn args(&self) -> &Args {
        &self.args
    }

    /// The acknowledgement that the client awaits, if it does.
    pub fn ack(&self) -> Option<&AckId> {
        self.ack.as_ref()
    }
}
