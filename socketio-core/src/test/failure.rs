//! What a test is told that did not get what it expected, and what a call is answered that failed.
//!
//! Expectations and what came go in, messages for a person come out; the client panics with them.

use std::fmt::Write as _;
use std::panic::Location;
use std::time::Duration;

use serde_json::Value;

use super::wire::Found;
use crate::protocol::Args;
use crate::protocol::socketio::{Complete, PacketKind};
use crate::socket::split_error;

/// Characters that are shown of the arguments of an event.
const SHOWN_CHARS: usize = 300;

/// Events that are shown.
const SHOWN_EVENTS: usize = 20;

/// What a handler answered instead of a value: the error of an `Err`, or why it could not be called.
///
/// ```text
/// {"error":"name_taken"}                                 no data
/// {"error":"slow down","data":{"retry_after":250}}      with data, as throttles and guards give it
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("the server answered with an error: {error}")]
pub struct CallError {
    /// What the handler failed with, or a message.
    pub error: Value,
    /// What comes with it, if anything does.
    pub data: Option<Value>,
}

impl CallError {
    /// The error that an acknowledgement carries: the one value is an object with that key, and no other but
    /// `data`.
    pub(super) fn of(answer: &Args) -> Option<Self> {
        split_error(answer).map(|(error, data)| Self { error, data })
    }
}

/// What a test expects.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expected<'a> {
    /// The answer to this call.
    Answer(&'a str),
    /// This event.
    Event(&'a str),
    /// Not this event.
    None(&'a str),
    /// No event at all.
    Nothing,
    /// The end.
    End,
}

impl Expected<'_> {
    /// It did not come; `waiting` are the events behind what was found.
    pub(super) fn missed(
        self,
        found: Found,
        patience: Duration,
        mut waiting: Vec<Complete>,
    ) -> String {
        let what = match found {
            Found::Packet(packet) => {
                waiting.insert(0, packet);
                "but another event came".to_owned()
            }
            Found::Closed(how) => format!("but the connection has ended: {how:?}"),
            Found::Unreadable(why) => format!("but what the server sent is no packet: {why}"),
            Found::Nothing => format!("but it did not come within {patience:?}"),
        };
        format!("expected {}, {what}{}", self.text(), list(&waiting))
    }

    /// It came, and should not have.
    pub(super) fn broken(self, came: Vec<Complete>) -> String {
        format!("expected {}, but there is{}", self.text(), list(&came))
    }

    /// It came with something else than a `T`.
    pub(super) fn mistyped<T>(self, args: &Args, error: &serde_json::Error) -> String {
        let (text, wanted) = (self.text(), std::any::type_name::<T>());
        let args = args.to_text();
        format!("expected {text} with {wanted}, but it came with {}: {error}", shown(&args))
    }

    /// Whether this event must not be there.
    pub(super) fn forbids(self, event: &str) -> bool {
        match self {
            Self::None(name) => name == event,
            Self::Nothing => true,
            _ => false,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Answer(event) => format!("the answer to {event:?}"),
            Self::Event(event) => format!("the event {event:?}"),
            Self::None(event) => format!("no event {event:?}"),
            Self::Nothing => "no event".to_owned(),
            Self::End => "the end of the connection".to_owned(),
        }
    }
}

/// One line for each event.
fn list(came: &[Complete]) -> String {
    let mut lines = String::new();
    for complete in came.iter().take(SHOWN_EVENTS) {
        if let PacketKind::Event { name, args, ack, attachments } = &complete.packet.kind {
            let _infallible = write!(lines, "\n  came: {name:?} {}", shown(&format!("[{args}")));
            lines.push_str(if ack.is_some() { ", to be acknowledged" } else { "" });
            if *attachments > 0 {
                let _infallible = write!(lines, ", with {attachments} attachments");
            }
        }
    }
    if let Some(more) = came.len().checked_sub(SHOWN_EVENTS).filter(|more| *more > 0) {
        let _infallible = write!(lines, "\n  and {more} more");
    }
    lines
}

fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown: String = chars.by_ref().take(SHOWN_CHARS).collect();
    shown.push_str(if chars.next().is_some() { "…" } else { "" });
    shown
}

/// Fails the test, for what it expected at `at`.
#[track_caller]
pub(super) fn fail(at: &Location<'_>, what: &str) -> ! {
    panic!("{at}: {what}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_is_told_from_a_value_with_its_data_or_without() {
        let data = json!({ "retry_after": 250 });
        for (answer, expected) in [
            (json!([{ "error": "no" }]), Some((json!("no"), None))),
            (json!([{ "error": "no", "data": data }]), Some((json!("no"), Some(data)))),
            (json!([{ "error": "no", "data": null, "id": 7 }]), None),
            (json!([{ "data": 7 }]), None),
            (json!([{ "error": "no" }, 7]), None),
            (json!(["no"]), None),
        ] {
            let error = CallError::of(&Args::from_json(answer.to_string().into()));
            assert_eq!(error.map(|it| (it.error, it.data)), expected, "{answer}");
        }
    }
}
