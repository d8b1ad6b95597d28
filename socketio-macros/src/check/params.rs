//! A handler's parameters: which it may take, and how arguments follow each other.

use quote::quote;
use syn::Pat;

use crate::attr::Form;
use crate::errors::Errors;
use crate::model::{Argument, Event, EventPart, Handler, Kind, Mode, Param, Role};
use crate::ty;

/// Checks a handler's parameters.
pub(crate) fn check(handler: &Handler<'_>, errors: &mut Errors) {
    contexts(handler, errors);
    match &handler.role {
        Role::Event(event) => {
            for (param, argument) in handler.arguments() {
                named(param, argument, event, errors);
                borrowed(param, argument, errors);
            }
            unique(handler, errors);
            order(handler, event, errors);
        }
        role => {
            for (param, _) in handler.arguments() {
                errors.at(quote_param(param), no_arguments(role));
            }
        }
    }
    ack_senders(handler, errors);
    let paths = handler.params.iter().filter(|param| matches!(param.kind, Kind::Path));
    for second in paths.skip(1) {
        errors.at(quote_param(second), "there is one path, and the parameter before takes it");
    }
    if let Role::Message = handler.role {
        for second in handler.event_parts(EventPart::Message).skip(1) {
            errors.at(second.ty, "there is one message per call");
        }
    }
}

fn quote_param(param: &Param<'_>) -> proc_macro2::TokenStream {
    let Param { pat, ty, .. } = param;
    quote!(#pat: #ty)
}

/// Why a handler that is not of one event takes no arguments.
fn no_arguments(role: &Role<'_>) -> String {
    let why = match role {
        Role::Open => {
            "there is no event in `#[on_open]`: what the client said is in `&ConnectionInfo`"
        }
        Role::Endpoint => {
            "`#[on_endpoint]` takes the path as one `&str`; what the client said is in \
             `&ConnectionInfo`"
        }
        Role::Message => {
            "`#[on_message]` takes a `Message`; for typed arguments write `#[event(\"message\")]`"
        }
        Role::AnyEvent => "`#[on_event]` takes an `Event`, whose arguments are unparsed",
        Role::Error => "there are no arguments in `#[on_error]`: it takes `&HandlerError`",
        Role::Close | Role::Event(_) => {
            "there is no event in `#[on_close]`: it takes a `CloseReason`"
        }
    };
    format!("{why} (`#[ctx]` marks a context parameter of your own)")
}

fn contexts(handler: &Handler<'_>, errors: &mut Errors) {
    const OR_ARGUMENT: &str = "`#[arg]` makes this an argument";
    for Param { ty, kind, .. } in &handler.params {
        let message = match (kind, &handler.role) {
            (Kind::Event(_), role) if !role.has_event() => {
                let name = ty::name(ty).map(ToString::to_string).unwrap_or_default();
                format!(
                    "there is no `{name}` here, only in handlers of events (`#[ctx]` marks a context \
                     parameter of your own)"
                )
            }
            (Kind::Auth(_), Role::Open | Role::Endpoint) => continue,
            (Kind::Auth(_), _) => {
                format!("there is an `Auth` in `#[on_open]` only ({OR_ARGUMENT})")
            }
            (Kind::Guarded(_), Role::Endpoint) => {
                "`#[on_endpoint]` runs before the guards of the type that it chooses".to_owned()
            }
            (Kind::CloseReason, Role::Close) => continue,
            (Kind::CloseReason, _) => {
                format!("there is a `CloseReason` in `#[on_close]` only ({OR_ARGUMENT})")
            }
            (Kind::HandlerError, Role::Error) if ty::reference(ty).is_some() => continue,
            (Kind::HandlerError, Role::Error) => {
                "take the error by reference: `&HandlerError`".to_owned()
            }
            (Kind::HandlerError, _) => {
                format!("there is a `&HandlerError` in `#[on_error]` only ({OR_ARGUMENT})")
            }
            _ => continue,
        };
        errors.at(ty, message);
    }
}

fn ack_senders(handler: &Handler<'_>, errors: &mut Errors) {
    for second in handler.event_parts(EventPart::AckSender).skip(1) {
        errors.at(second.ty, "one `AckSender` answers already");
    }
}

/// A keyword call needs a name for every argument.
fn named(param: &Param<'_>, argument: &Argument<'_>, event: &Event<'_>, errors: &mut Errors) {
    if argument.name.is_some() || event.form == Form::Positional {
        return;
    }
    match param.pat {
        Pat::Wild(_) | Pat::Ident(_) => {
            errors.at(
                param.pat,
                "this argument has no name on the wire: give it one, `#[arg(name = \"x\")]`",
            );
        }
        pat => {
            errors.at(
                pat,
                "a pattern has no name on the wire: take a plain name, `#[arg(name = \"x\")]`, or \
                 `#[event(\"…\", args = \"positional\")]`",
            );
        }
    }
}

/// Why no type that is read has a reference inside.
pub(crate) const BORROWED_INSIDE: &str = "a string with escapes can't be borrowed from inside another \
     type; take an owned one, `String` (or `Binary` for bytes)";

/// What can be borrowed from a packet is text without escapes and attachments, and those are for
/// [`Mode::Borrowed`].
fn borrowed(param: &Param<'_>, argument: &Argument<'_>, errors: &mut Errors) {
    let Some(ty) = argument.mode.read(param.ty) else { return };
    if ty::is_raw_value(ty) {
        return;
    }
    match ty::reference(ty) {
        Some(reference) => {
            let and = reference.and_token;
            let owned = owned(&reference.elem).to_string().replace(" < ", "<").replace(" >", ">");
            let message = format!(
                "only `&str`, `&[u8]` and `&RawValue` can be borrowed from a packet; \
                 take an owned type: `{owned}`"
            );
            errors.at(and, message);
        }
        None => {
            if let Some(and) = ty::inner_reference(ty) {
                errors.at(and, BORROWED_INSIDE);
            }
        }
    }
}

fn owned(ty: &syn::Type) -> String {
    use quote::ToTokens as _;
    match ty::bare(ty) {
        syn::Type::Slice(slice) => format!("Vec<{}>", slice.elem.to_token_stream()),
        ty if ty::last_segment(ty).is_some_and(|segment| segment.ident == "str") => {
            "String".to_owned()
        }
        ty => ty.to_token_stream().to_string(),
    }
}

fn unique(handler: &Handler<'_>, errors: &mut Errors) {
    let named: Vec<_> = handler.arguments().collect();
    for (index, (param, argument)) in named.iter().enumerate() {
        let Some(name) = &argument.name else { continue };
        let first = named.iter().take(index).find(|(_, other)| other.name.as_ref() == Some(name));
        let Some((first, _)) = first else { continue };
        if param.cfgs.is_empty() && first.cfgs.is_empty() {
            errors.at(param.pat, format!("argument `{name}` is there twice"));
            errors.at(first.pat, format!("the first `{name}` is here"));
        }
    }
}

/// What a positional call may leave out comes after what it may not, and the rest comes last.
fn order(handler: &Handler<'_>, event: &Event<'_>, errors: &mut Errors) {
    let mut optional = None;
    let mut rest: Option<&Param<'_>> = None;
    for (param, argument) in handler.arguments() {
        let is_rest = matches!(argument.mode, Mode::Rest(_));
        match rest {
            Some(_) if is_rest => {
                errors.at(attr_of(argument), "there is one `#[rest]`: it takes all that is left");
            }
            Some(rest) => {
                errors.at(rest.pat, "`#[rest]` takes all that is left, so it comes last");
                return;
            }
            None => {}
        }
        if is_rest {
            rest = Some(param);
        } else if !argument.mode.is_required() {
            optional = Some(param);
        } else if let Some(optional) = optional.take().filter(|_| event.form != Form::Keyword) {
            errors.at(
                quote_param(param),
                "this argument is required: it goes before those that are optional",
            );
            errors.at(quote_param(optional), "this argument is optional: optional ones come last");
        }
    }
}

fn attr_of(argument: &Argument<'_>) -> proc_macro2::TokenStream {
    let attr = argument.attrs.first();
    quote!(#attr)
}
