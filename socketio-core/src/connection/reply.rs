//! What a handler returns becomes an acknowledgement.
//!
//! Called by the code that the macro writes, after the handler. Nothing is serialized that no client
//! waits for.

use std::fmt;

use serde::Serialize;

use super::HandlerError;
use super::error::name_of;
use crate::protocol::{Event, JsonText};
use crate::socket::to_args;

/// How an event was answered.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// No handler names the event.
    Unhandled,
    /// Handled; no acknowledgement is wanted.
    Done,
    /// Handled; this JSON array is the acknowledgement.
    Ack(JsonText),
    /// Handled; an [`AckSender`](crate::AckSender) answers.
    Later,
}

/// Answers with a return value, if that is wanted.
///
/// # Errors
///
/// When the value can't be serialized.
pub fn reply<T: Serialize>(event: &Event, value: &T) -> Result<Reply, HandlerError> {
    if event.ack().is_none() {
        return Ok(Reply::Done);
    }
    to_args(value).map(Reply::Ack).map_err(|error| failed(event, &json_string(&error)))
}

/// Answers with a `Result`; `wire` writes the error as a JSON value.
///
/// # Errors
///
/// With the handler's error, if nobody waits for the answer.
pub fn reply_result<T: Serialize, E>(
    event: &Event,
    result: Result<T, E>,
    wire: impl FnOnce(&E) -> String,
) -> Result<Reply, HandlerError> {
    match result {
        Ok(value) => reply(event, &value),
        Err(error) if event.ack().is_some() => Ok(Reply::Ack(error_args(&wire(&error), ""))),
        Err(error) => Err(failed(event, &wire(&error))),
    }
}

/// Leaves the answer to the handler's [`AckSender`](crate::AckSender).
pub fn reply_later((): ()) -> Reply {
    Reply::Later
}

/// The acknowledgement that carries an error: one object with the key `error`, and with the key `data` if
/// there is some. Both are JSON.
pub(super) fn error_args(error: &str, data: &str) -> JsonText {
    match data {
        "" => format!(r#"[{{"error":{error}}}]"#).into(),
        data => format!(r#"[{{"error":{error},"data":{data}}}]"#).into(),
    }
}

fn failed(event: &Event, error: &str) -> HandlerError {
    HandlerError::Failed { event: name_of(event), error: error.to_owned() }
}

/// Text as a JSON string.
pub(super) fn json_string(text: &impl fmt::Display) -> String {
    serde_json::Value::String(text.to_string()).to_string()
}

/// An error that is to be written to a client: as itself if it is [`Serialize`], else as its message.
///
/// `(&&ErrorWire(error)).wire()` picks the way by method resolution, with [`ViaSerialize`] and
/// [`ViaError`] in scope.
#[derive(Debug)]
pub struct ErrorWire<'a, E>(pub &'a E);

/// The way of errors that are [`Serialize`].
pub trait ViaSerialize {
    /// The error as a JSON value.
    fn wire(&self) -> String;
}

/// The way of all other errors.
pub trait ViaError {
    /// The error's message as a JSON string.
    fn wire(&self) -> String;
}

impl<E: Serialize> ViaSerialize for &ErrorWire<'_, E> {
    fn wire(&self) -> String {
        serde_json::to_string(self.0).unwrap_or_else(|error| json_string(&error))
    }
}

impl<E: fmt::Display> ViaError for ErrorWire<'_, E> {
    fn wire(&self) -> String {
        json_string(self.0)
    }
}
