//! What a block's handlers and endpoints must keep to among each other.

use std::mem::{Discriminant, discriminant};

use proc_macro2::TokenStream;
use quote::quote;

use super::caller::caller;
use super::paths;
use crate::errors::Errors;
use crate::model::{Connection, Endpoint, Event, EventName, Handler, MESSAGE, Role};
use crate::ty;

/// Checks a block, and leaves out of the model what repeats something or can't be served.
pub(crate) fn connection(connection: &mut Connection<'_>, errors: &mut Errors) {
    let mut kept: Vec<Handler<'_>> = Vec::new();
    for handler in std::mem::take(&mut connection.handlers) {
        match kept.iter().find(|first| clash(first, &handler)) {
            Some(first) => report(first, &handler, errors),
            None => kept.push(handler),
        }
    }
    // Only now: one mistake in a handler must not hide that there are two of them.
    kept.retain(|handler| handler.is_sound);
    connection.handlers = kept;
    if connection.is_mixed() {
        connection.handlers.retain(|handler| shares_errors(handler, errors));
    }

    let own = ty::name(connection.self_ty).map(ToString::to_string).unwrap_or_default();
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for endpoint in std::mem::take(&mut connection.endpoints) {
        let path = endpoint.path.value();
        if let Some(message) = paths::unservable(&path, &own) {
            errors.at(&endpoint.path, message);
            continue;
        }
        let alike = |first: &&Endpoint| paths::are_alike(&first.path.value(), &path);
        let Some(first) = endpoints.iter().find(alike) else {
            endpoints.push(endpoint);
            continue;
        };
        let other = first.path.value();
        let message = if other == path {
            format!("endpoint `{path}` is there twice")
        } else {
            format!(
                "`{path}` matches what `{other}` matches: keep one, or let them begin differently"
            )
        };
        errors.at(&endpoint.path, message);
        errors.at(&first.path, format!("the first `{other}` is here"));
    }
    connection.endpoints = endpoints;
    caller(connection, errors);
}

/// Where handlers run beside each other they may fail so, too.
fn shares_errors(handler: &Handler<'_>, errors: &mut Errors) -> bool {
    let fits = !matches!(handler.role, Role::Error) || !handler.is_exclusive();
    if !fits {
        let message = "`#[on_error]` takes `&self` here: other handlers may be running, for this \
                       block has a `queue` or `concurrent`";
        errors.at(handler.sig.receiver(), message);
    }
    fits
}

/// Handlers that are not there at the same time don't clash; the compiler sees to those that are.
fn clash(first: &Handler<'_>, second: &Handler<'_>) -> bool {
    let conditional = !first.cfgs.is_empty() || !second.cfgs.is_empty();
    !conditional && has_name(first) && has_name(second) && purpose(first) == purpose(second)
}

/// Whether what a handler is for is known: a broken `#[event(…)]` falls back on its method's name.
fn has_name(handler: &Handler<'_>) -> bool {
    let fallback = matches!(&handler.role, Role::Event(Event { name: EventName::Method(_), .. }));
    handler.is_sound || !fallback
}

/// What a handler is called for; messages are the event of that name.
fn purpose<'a>(handler: &Handler<'a>) -> (Discriminant<Role<'a>>, Option<String>) {
    match &handler.role {
        Role::Event(event) if event.name() == MESSAGE => (discriminant(&Role::Message), None),
        Role::Event(event) => (discriminant(&handler.role), Some(event.name())),
        role => (discriminant(role), None),
    }
}

fn report(first: &Handler<'_>, second: &Handler<'_>, errors: &mut Errors) {
    let (what, why) = match &second.role {
        Role::Event(event) if event.name() != MESSAGE => {
            let name = event.name();
            (
                format!("event `{name}` is handled twice"),
                format!("the first handler of `{name}` is here"),
            )
        }
        Role::Event(_) | Role::Message => (
            "messages are handled twice: `#[on_message]` and `#[event(\"message\")]` are the same"
                .to_owned(),
            "the first handler of messages is here".to_owned(),
        ),
        Role::Open => only_one("on_open"),
        Role::Endpoint => only_one("on_endpoint"),
        Role::AnyEvent => only_one("on_event"),
        Role::Error => only_one("on_error"),
        Role::Close => only_one("on_close"),
    };
    errors.at(place(second), what);
    errors.at(place(first), why);
}

fn only_one(word: &str) -> (String, String) {
    (format!("there is only one `#[{word}]`"), format!("the first `#[{word}]` is here"))
}

/// Where a handler says what it is for.
fn place(handler: &Handler<'_>) -> TokenStream {
    match &handler.role {
        Role::Event(event) => match &event.name {
            EventName::Literal(name) => quote!(#name),
            EventName::Method(method) => quote!(#method),
        },
        _ => {
            let attr = handler.attr;
            quote!(#attr)
        }
    }
}
