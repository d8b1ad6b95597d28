//! Reads what a handler runs in order with: `queue`, `queue = "name"`, `concurrent`.
//!
//! In go the parentheses of `#[event(…)]`, `#[on_message(…)]` and `#[on_event(…)]`, out comes an
//! [`Order`]; what contradicts itself is reported at its second word.

use syn::{Attribute, Expr, Ident, LitStr};

use super::{Entry, arguments, entries, set_once, text, unknown};
use crate::errors::Errors;

/// What a handler runs in order with: `queue`, `queue = "name"`, `concurrent`.
#[derive(Default)]
pub(crate) enum Order {
    /// All that says nothing.
    #[default]
    Own,
    /// The events of that name's queue.
    Named(LitStr),
    /// Its own kind.
    Itself,
    /// Nothing; the word that says so.
    Concurrent(Ident),
}

/// The options of every handler of events.
#[derive(Default)]
pub(crate) struct OrderOptions {
    queue: Option<Order>,
    concurrent: Option<Ident>,
}

impl OrderOptions {
    /// Reads `#[on_event]`, `#[on_event(queue = "name")]`.
    pub(crate) fn read(attr: &Attribute, word: &str, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let tokens = arguments(attr, &format!("#[{word}(queue = \"name\")]"), errors);
        for entry in entries(tokens, errors) {
            if let Some(other) = options.take(entry, errors) {
                unknown(&other, &["queue", "concurrent"], errors);
            }
        }
        options
    }

    /// Takes one thing in the parentheses, and gives it back if it is about something else.
    pub(super) fn take(&mut self, entry: Entry, errors: &mut Errors) -> Option<Entry> {
        let key = match &entry {
            Entry::Word(key) | Entry::Pair(key, _) | Entry::Item(key, ..) => key.clone(),
            Entry::Value(_) => return Some(entry),
        };
        let other = match (&*key.to_string(), &entry) {
            ("queue", Entry::Pair(_, value)) => {
                set_once(&mut self.queue, queue(value, errors), &key, errors);
                self.concurrent.is_some()
            }
            ("queue", _) => {
                set_once(&mut self.queue, Some(Order::Itself), &key, errors);
                self.concurrent.is_some()
            }
            ("concurrent", Entry::Word(_)) => {
                set_once(&mut self.concurrent, Some(key.clone()), &key, errors);
                self.queue.is_some()
            }
            ("concurrent", Entry::Pair(_, value)) => {
                errors.at(value, "option `concurrent` takes no value");
                false
            }
            _ => return Some(entry),
        };
        if other {
            errors.at(key, "choose one of `queue` and `concurrent`");
        }
        None
    }

    /// What they say together.
    pub(crate) fn order(self) -> Order {
        self.concurrent.map(Order::Concurrent).or(self.queue).unwrap_or_default()
    }
}

fn queue(value: &Expr, errors: &mut Errors) -> Option<Order> {
    match text(value) {
        Some(name) if name.value().is_empty() => {
            errors.at(name, "the queue's name is empty; `queue` alone is a queue of its own");
            None
        }
        Some(name) => Some(Order::Named(name.clone())),
        None => {
            errors.at(value, "expected the queue's name as a string literal: `queue = \"name\"`");
            None
        }
    }
}
