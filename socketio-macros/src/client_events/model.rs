//! What a trait says, with the syntax it says it in for the spans.

use syn::{Attribute, Ident, Type};

use super::parse::{Method, Trait};
use crate::attr::Form;
use crate::model::Event;

/// A trait of client events.
pub(super) struct Client<'a> {
    pub(super) item: &'a Trait,
    pub(super) calls: Vec<Call<'a>>,
}

/// A method: an event that is emitted.
pub(super) struct Call<'a> {
    pub(super) method: &'a Method,
    pub(super) event: Event<'a>,
    pub(super) cfgs: Vec<&'a Attribute>,
    pub(super) params: Vec<Param<'a>>,
    /// Of an `async fn`: what the acknowledgement is read as, `None` for nothing.
    pub(super) answer: Option<Option<&'a Type>>,
    /// Nothing is wrong with it, so it can be called.
    pub(super) is_sound: bool,
}

/// An argument.
pub(super) struct Param<'a> {
    pub(super) local: &'a Ident,
    /// Its name on the wire.
    pub(super) name: String,
    /// As it is written.
    pub(super) ty: &'a Type,
    /// Whether it is an `Option`: `null` for `None`, and left out of an object.
    pub(super) optional: bool,
    pub(super) passed: Passed<'a>,
}

/// How a value is lent to a call, inside the `Option` if there is one.
#[derive(Clone, Copy)]
pub(super) enum Passed<'a> {
    /// `&str`
    Text,
    /// `&[u8]`, which is sent as a binary value.
    Bytes,
    /// `&RawValue`
    Raw(&'a Type),
    /// `&[T]`
    Slice(&'a Type),
    /// `&T`
    Borrowed(&'a Type),
    /// `T`
    Owned(&'a Type),
}

impl Call<'_> {
    /// Whether its arguments are one object.
    pub(super) fn is_keyword(&self) -> bool {
        self.event.form == Form::Keyword
    }
}
