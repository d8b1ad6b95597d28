//! From a packet's text into a handler's parameters: the one rule of positional and keyword calls.
//!
//! The arguments are a JSON array. If it holds exactly one value, that value is an object, every key of
//! it names a parameter and every required parameter is among the keys, the call is by keyword;
//! otherwise value i goes to parameter i. Positional arguments are deserialized one after the other
//! straight from the text, in one pass; keyword arguments each from their slice of it.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::value::BorrowedStrDeserializer;

use super::error::{ArgumentProblem, HandlerError, shorten};
pub use crate::contract::Form;
use crate::protocol::binary::{first, from_str};
use crate::protocol::json::{members, string, trim_start};
use crate::protocol::{Event, Notation};

/// What a handler takes, as the macro wrote it down.
#[derive(Debug)]
pub struct Signature {
    /// The parameters that are arguments, in order.
    pub params: &'static [Param],
    /// Which forms of call it takes.
    pub form: Form,
    /// What becomes of more arguments than there are parameters.
    pub surplus: Surplus,
}

/// One parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether a call must have it.
    pub required: bool,
}

/// What becomes of more arguments than there are parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surplus {
    /// The call is refused.
    Refuse,
    /// They are dropped.
    Ignore,
}

/// The arguments of one event on their way into parameters; the parameters are taken in order.
#[derive(Debug)]
pub struct Arguments<'a> {
    event: &'a Event,
    signature: &'static Signature,
    next: usize,
    source: Source<'a>,
    attachments: &'a [Bytes],
}

#[derive(Debug)]
enum Source<'a> {
    /// The text of an array behind its `[`, or behind the last element that was taken.
    Array(&'a str),
    /// The one argument, until it is taken.
    Value(Option<&'a str>),
    /// The one argument, a string, until it is taken.
    Text(Option<&'a str>),
    /// One slot per parameter.
    Keyword(Slots<'a>),
}

impl<'a> Arguments<'a> {
    /// Finds out the form of the call.
    ///
    /// # Errors
    ///
    /// [`ArgumentProblem::NotKeyword`] for a handler that takes nothing else.
    pub fn new(event: &'a Event, signature: &'static Signature) -> Result<Self, HandlerError> {
        let attachments = event.args().attachments();
        let mut source = match event.args().parts() {
            (Notation::Array, array) => Source::Array(elements(array)),
            (Notation::Elements, elements) => Source::Array(elements),
            (Notation::Value, value) => Source::Value(Some(value)),
            (Notation::Text, text) => Source::Text(Some(text)),
        };
        if signature.form != Form::Positional {
            match keyword_slots(&source, signature) {
                Some(slots) => source = Source::Keyword(slots),
                None if signature.form == Form::Keyword && !signature.params.is_empty() => {
                    return Err(HandlerError::arguments(event, ArgumentProblem::NotKeyword));
                }
                None => {}
            }
        }
        Ok(Self { event, signature, next: 0, source, attachments })
    }

    /// The next parameter, which a call must have.
    ///
    /// # Errors
    ///
    /// When it is missing or of another type.
    pub fn required<T: Deserialize<'a>>(&mut self) -> Result<T, HandlerError> {
        let index = self.next;
        self.take()?.ok_or_else(|| {
            self.problem(ArgumentProblem::Missing { parameter: self.name_of(index) })
        })
    }

    /// The next parameter, an `Option`: missing and null are `None`.
    ///
    /// # Errors
    ///
    /// When it is of another type.
    pub fn optional<T: Deserialize<'a>>(&mut self) -> Result<Option<T>, HandlerError> {
        Ok(self.take::<Option<T>>()?.flatten())
    }

    /// The next parameter, which has a default: for missing and for null (a client's `undefined`).
    ///
    /// # Errors
    ///
    /// When it is of another type.
    pub fn defaulted<T: Deserialize<'a>>(
        &mut self,
        default: impl FnOnce() -> T,
    ) -> Result<T, HandlerError> {
        Ok(self.optional()?.unwrap_or_else(default))
    }

    /// The next parameter, a reference: borrowed unless it is a string with escapes, or bytes of a client
    /// without binary values.
    ///
    /// # Errors
    ///
    /// As [`Arguments::required`].
    pub fn borrowed<T: Borrowable + ?Sized>(&mut self) -> Result<Cow<'a, T>, HandlerError> {
        self.required::<T::Read<'a>>().map(Into::into)
    }

    /// The next parameter, an `Option` of a reference: missing and null are `None`.
    ///
    /// # Errors
    ///
    /// As [`Arguments::optional`].
    pub fn optional_borrowed<T: Borrowable + ?Sized>(
        &mut self,
    ) -> Result<Option<Cow<'a, T>>, HandlerError> {
        Ok(self.optional::<T::Read<'a>>()?.map(Into::into))
    }

    /// The next parameter, a reference that has a default.
    ///
    /// # Errors
    ///
    /// As [`Arguments::defaulted`].
    pub fn defaulted_borrowed<T: Borrowable + ?Sized>(
        &mut self,
        default: impl FnOnce() -> &'a T,
    ) -> Result<Cow<'a, T>, HandlerError> {
        Ok(self.optional_borrowed()?.unwrap_or_else(|| Cow::Borrowed(default())))
    }

    /// The last parameter: what is left.
    ///
    /// # Errors
    ///
    /// When one of them is of another type.
    pub fn rest<T: Deserialize<'a>>(&mut self) -> Result<Vec<T>, HandlerError> {
        if let Source::Keyword(_) = self.source {
            return self.defaulted(Vec::new);
        }
        let mut rest = Vec::new();
        while let Some(value) = self.take()? {
            rest.push(value);
        }
        Ok(rest)
    }

    /// Ends the call: all arguments must have been taken.
    ///
    /// # Errors
    ///
    /// [`ArgumentProblem::Surplus`] when there are more, unless they are to be ignored.
    pub fn finish(self) -> Result<(), HandlerError> {
        let is_surplus = match self.source {
            Source::Array(rest) => to_next_element(rest).is_some(),
            Source::Value(one) | Source::Text(one) => one.is_some(),
            Source::Keyword(_) => false,
        };
        if is_surplus && self.signature.surplus == Surplus::Refuse {
            let expected = self.signature.params.len();
            return Err(self.problem(ArgumentProblem::Surplus { expected }));
        }
        Ok(())
    }

    fn take<T: Deserialize<'a>>(&mut self) -> Result<Option<T>, HandlerError> {
        let index = self.next;
        self.next += 1;
        let attachments = self.attachments;
        let taken = match &mut self.source {
            Source::Array(rest) => next_element(rest, attachments),
            Source::Value(value) => {
                value.take().map(|value| from_str(value, attachments)).transpose()
            }
            Source::Text(text) => text.take().map(from_text).transpose(),
            Source::Keyword(slots) => {
                let slot = slots.get_mut(index).and_then(Option::take);
                slot.map(|value| Ok(first(value, attachments)?.0)).transpose()
            }
        };
        taken.map_err(|error| {
            let parameter = self.name_of(index);
            let message = error.to_string();
            // The position within the argument's own text says nothing to whoever sent it.
            let message = match message.rsplit_once(" at line ") {
                Some((what, _)) if error.line() > 0 => what,
                _ => &message,
            };
            self.problem(ArgumentProblem::Type { parameter, message: shorten(message) })
        })
    }

    fn name_of(&self, index: usize) -> &'static str {
        self.signature.params.get(index).map_or("", |param| param.name)
    }

    fn problem(&self, problem: ArgumentProblem) -> HandlerError {
        HandlerError::arguments(self.event, problem)
    }
}

/// Takes the next element of an array off `rest`, the text behind its `[` or behind an element.
fn next_element<'a, T: Deserialize<'a>>(
    rest: &mut &'a str,
    attachments: &'a [Bytes],
) -> serde_json::Result<Option<T>> {
    let Some(text) = to_next_element(rest) else { return Ok(None) };
    let (element, behind) = first(text, attachments)?;
    *rest = behind;
    Ok(Some(element))
}

/// The text from the next element on, if there is one.
fn to_next_element(rest: &str) -> Option<&str> {
    let text = trim_start(rest);
    let text = text.strip_prefix(',').map_or(text, trim_start);
    (!text.starts_with(']')).then_some(text)
}

fn from_text<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    T::deserialize(BorrowedStrDeserializer::new(text))
}

/// The text of an array behind its `[`.
fn elements(array: &str) -> &str {
    trim_start(array).strip_prefix('[').unwrap_or("]")
}

/// The values of the one object by parameter, if the call is by keyword.
fn keyword_slots<'a>(source: &Source<'a>, signature: &'static Signature) -> Option<Slots<'a>> {
    let (text, end) = match source {
        Source::Array(elements) => (*elements, "]"),
        Source::Value(Some(value)) => (*value, ""),
        _ => return None,
    };
    if !trim_start(text).starts_with('{') {
        return None;
    }
    let mut slots = vec![None; signature.params.len()];
    let rest = members(text, |name, value| {
        let name = string(name)?;
        let index = signature.params.iter().position(|param| param.name == name)?;
        *slots.get_mut(index)? = Some(value);
        Some(())
    })?;
    let mut params = signature.params.iter().zip(&slots);
    let is_call =
        rest.trim() == end && params.all(|(param, slot)| slot.is_some() || !param.required);
    is_call.then_some(slots)
}

/// One slot per parameter.
type Slots<'a> = Vec<Option<&'a str>>;

/// What a parameter can take by reference: `str` and `[u8]`.
pub trait Borrowable: ToOwned + 'static {
    /// How it is read: by the way that keeps what can be borrowed.
    type Read<'a>: Deserialize<'a> + Into<Cow<'a, Self>>;
}

impl Borrowable for str {
    type Read<'a> = Text<'a>;
}

impl Borrowable for [u8] {
    type Read<'a> = Octets<'a>;
}

/// A string, borrowed where it has no escapes.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> From<Text<'a>> for Cow<'a, str> {
    fn from(text: Text<'a>) -> Self {
        text.0
    }
}

/// A binary value, borrowed where it is an attachment.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Octets<'a>(#[serde(borrow, with = "serde_bytes")] Cow<'a, [u8]>);

impl<'a> From<Octets<'a>> for Cow<'a, [u8]> {
    fn from(octets: Octets<'a>) -> Self {
        octets.0
    }
}

#[cfg(test)]
mod tests;
