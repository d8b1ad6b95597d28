//! What clients say, in the one vocabulary of all protocol generations: the session makes [`Event`]s of
//! packets, and nothing above it sees a packet.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;

use super::Args;
use super::socketio::MAX_ACK_ID_DIGITS;

/// The event that `sock.send(…)` is: text and JSON messages carry this name above the session.
pub(crate) const MESSAGE_EVENT: &str = "message";

/// The number under which a client awaits an acknowledgement, as it wrote it.
#[derive(Clone, PartialEq, Eq)]
pub struct AckId(Digits);

/// Clients since 1.0 write 20 at most, which need no allocation.
#[derive(Clone, PartialEq, Eq)]
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

impl fmt::Debug for AckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AckId").field(&self.as_str()).finish()
    }
}

/// An event that a client sent, its arguments still unparsed.
#[derive(Clone)]
pub struct Event {
    name: Name,
    args: Args,
    ack: Option<AckId>,
}

#[derive(Clone)]
enum Name {
    /// In the text that the arguments are in.
    Within(usize, usize),
    Beside(ByteString),
}

/// Where an event lies in a text, and what belongs to it.
pub(crate) struct Place {
    name: Name,
    /// Where the elements begin and end.
    elements: (usize, usize),
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
        let elements = (start(elements), start(elements) + elements.len());
        Self { name, elements, attachments, ack }
    }

    /// The event, which keeps the text as far as its end.
    pub(crate) fn event(self, mut text: ByteString) -> Event {
        let (start, end) = self.elements;
        if end < text.len()
            && let Some(event) = text.get(..end)
        {
            text = text.slice_ref(event);
        }
        Event {
            name: self.name,
            args: Args::elements(text, start, self.attachments),
            ack: self.ack,
        }
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.args == other.args && self.ack == other.ack
    }
}

impl Eq for Event {}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut event = f.debug_struct("Event");
        event.field("name", &self.name()).field("args", &self.args);
        event.field("ack", &self.ack).finish()
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

    /// About how many bytes it keeps while it waits, those of its packet that mean nothing among them.
    #[inline]
    pub(crate) fn weight(&self) -> usize {
        let name = match &self.name {
            Name::Within(..) => 0,
            Name::Beside(name) => name.len(),
        };
        let ack = match &self.ack {
            Some(AckId(Digits::Many(digits))) => digits.len(),
            _ => 0,
        };
        self.args.weight() + name + ack
    }

    /// Moves it into memory of its own: what came beside it in one read or POST is kept by others alone.
    pub(crate) fn detach(&mut self) {
        self.args.detach();
        if let Name::Beside(name) = &mut self.name {
            *name = ByteString::from(&**name);
        }
    }

    /// The acknowledgement that the client awaits, if it does.
    pub fn ack(&self) -> Option<&AckId> {
        self.ack.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(text: &'static str, name: &str, elements: &str, ack: &str) -> Event {
        let part =
            |part: &str| text.find(part).and_then(|at| text.get(at..at + part.len())).unwrap();
        let ack = (!ack.is_empty()).then(|| AckId::new(ack));
        let place = Place::of(text, part(name).into(), part(elements), Vec::new(), ack);
        place.event(ByteString::from_static(text))
    }

    #[test]
    fn events_are_the_same_whatever_packet_they_came_in() {
        let event = came(r#"4212["add",1,2]"#, "add", "1,2]", "12");
        let made = |args: &'static str, ack| {
            Event::new("add".into(), Args::from_json(args.into()), Some(AckId::new(ack)))
        };
        assert_eq!(event, made("[1,2]", "12"));
        assert_ne!(event, made("[1,3]", "12"));
        assert_ne!(event, made("[1,2]", "13"));
        assert_eq!(*event.args(), *came(r#"42["other",1,2] "#, "other", "1,2]", "").args());
        assert_ne!(*event.args(), Args::from_text("1,2]".into()));
    }

    #[test]
    fn an_event_shows_itself_and_not_its_packet() {
        let event = came("429[\"a\",1]\n", "a", "1]", "9");
        let shown = r#"Event { name: "a", args: Args { text: "[1]", attachments: 0 }, ack: Some(AckId("9")) }"#;
        assert_eq!(format!("{event:?}"), shown);
        assert_eq!((event.args().len(), AckId::new(&"7".repeat(30)).as_str().len()), (3, 30));
    }
}
