//! What clients say, in the one vocabulary of all protocol generations: the session makes [`Event`]s of
//! packets, and nothing above it sees a packet.

use std::borrow::Cow;

use bytes::Bytes;
use bytestring::ByteString;

use super::Args;
use super::socketio::MAX_ACK_ID_DIGITS;

/// The event that `sock.send(…)` is: text and JSON messages carry this name above the session.
pub(crate) const MESSAGE_EVENT: &str = "message";

/// The number under which a client awaits an acknowledgement, as it wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckId(Digits);

/// Clients since 1.0 write 20 at most, which need no allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Digits {
    Few { len: u8, digits: [u8; MAX_ACK_ID_DIGITS] },
    Many(Box<str>),
}

impl AckId {
    /// Takes a number in the form that it is answered in.
    pub fn new(digits: &str) -> Self {
        let mut few = [0; MAX_ACK_ID_DIGITS];
        Self(match (few.get_mut(..digits.len()), u8::try_from(digits.len())) {
            (Some(place), Ok(len)) => {
                place.copy_from_slice(digits.as_bytes());
                Digits::Few { len, digits: few }
            }
            _ => Digits::Many(digits.into()),
        })
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Digits::Few { len, digits } => {
                let digits = digits.get(..usize::from(*len)).unwrap_or_default();
                std::str::from_utf8(digits).unwrap_or_default()
            }
            Digits::Many(digits) => digits,
        }
    }
}

/// An event that a client sent, its arguments still unparsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    name: Name,
    args: Args,
    ack: Option<AckId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    /// In the text that the arguments are in.
    Within(usize, usize),
    Beside(ByteString),
}

/// Where an event lies in a text, and what belongs to it.
pub(crate) struct Place {
    name: Name,
    elements: usize,
    attachments: Vec<Bytes>,
    ack: Option<AckId>,
}

impl Place {
    /// Its name, unless that had escapes, and its arguments behind the `[` of their array are slices of the text.
    pub(crate) fn of(
        text: &str,
        name: Cow<'_, str>,
        elements: &str,
        attachments: Vec<Bytes>,
        ack: Option<AckId>,
    ) -> Self {
        // Of slices neither is before the text.
        let start = |part: &str| (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let name = match name {
            Cow::Borrowed(name) => Name::Within(start(name), start(name) + name.len()),
            Cow::Owned(name) => Name::Beside(name.into()),
        };
        Self { name, elements: start(elements), attachments, ack }
    }

    /// The event, which keeps the text.
    pub(crate) fn event(self, text: ByteString) -> Event {
        let args = Args::elements(text, self.elements, self.attachments);
        Event { name: self.name, args, ack: self.ack }
    }
}

impl Event {
    /// Makes an event; `ack` is there if the client awaits data in return.
    pub fn new(name: ByteString, args: Args, ack: Option<AckId>) -> Self {
        Self { name: Name::Beside(name), args, ack }
    }

    /// The event's name.
    pub fn name(&self) -> &str {
        match &self.name {
            Name::Within(start, end) => self.args.packet().get(*start..*end).unwrap_or_default(),
            Name::Beside(name) => name,
        }
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
