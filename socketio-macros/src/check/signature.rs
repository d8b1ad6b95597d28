//! A handler's signature: qualifiers, generics, receiver, return type, and its event's name.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{FnArg, GenericParam, Receiver, ReceiverKind, ReturnType, Safety, Signature, Type};

use crate::attr::Order;
use crate::errors::Errors;
use crate::model::{Event, EventName, EventPart, Handler, Role};
use crate::ty;

/// Checks a handler's signature.
pub(crate) fn check(handler: &Handler<'_>, self_ty: &Type, errors: &mut Errors) {
    qualifiers(handler.sig, errors);
    generics(handler.sig, errors);
    receiver(handler, errors);
    returned(handler, self_ty, errors);
    if let Role::Event(event) = &handler.role {
        name(event, true, errors);
    }
}

fn qualifiers(sig: &Signature, errors: &mut Errors) {
    if let Safety::Unsafe(token) = &sig.safety {
        errors.at(token, "handlers can't be `unsafe`: the server calls them");
    }
    if let Some(token) = &sig.constness {
        errors.at(token, "handlers can't be `const`: take it away");
    }
    if let Some(abi) = &sig.abi {
        errors.at(abi, "handlers can't be `extern`: take it away");
    }
    if let Some(variadic) = &sig.variadic {
        errors.at(variadic, "handlers can't be variadic: take `#[rest] more: Vec<T>`");
    }
}

fn generics(sig: &Signature, errors: &mut Errors) {
    for param in &sig.generics.params {
        let name = match param {
            GenericParam::Lifetime(_) => continue,
            GenericParam::Type(param) => &param.ident,
            GenericParam::Const(param) => &param.ident,
        };
        errors.at(
            param,
            format!("nobody can choose `{name}` in a call over the wire; use a concrete type"),
        );
    }
    if let Some(clause) = &sig.generics.where_clause {
        errors.at(clause, "handlers can't have a where-clause: move it to the `impl`");
    }
    for input in &sig.inputs {
        if let FnArg::Typed(param) = input
            && let Type::ImplTrait(ty) = ty::bare(&param.ty)
        {
            errors
                .at(ty, "nobody can choose this type in a call over the wire; use a concrete type");
        }
    }
}

fn receiver(handler: &Handler<'_>, errors: &mut Errors) {
    let name = &handler.sig.ident;
    match (handler.sig.receiver(), &handler.role) {
        (Some(receiver), Role::Open) => {
            errors.at(receiver, "`#[on_open]` makes the connection, so there is no `self` yet");
        }
        (Some(receiver), Role::Endpoint) => {
            errors.at(receiver, "`#[on_endpoint]` chooses for a new connection: take `self` away");
        }
        (None, role) if !role.has_connection() => {}
        (None, _) => {
            let message = format!("handlers take `&self` or `&mut self`: `fn {name}(&self, …)`");
            errors.at(parameter_list(handler.sig), message);
        }
        (Some(receiver), _) if !by_reference(receiver) => {
            errors.at(receiver, "this would consume the connection; use `&self` or `&mut self`");
        }
        (Some(receiver), _) => {
            if let (Order::Concurrent(word), true) = (&handler.order, handler.is_exclusive()) {
                errors.at(receiver, "a concurrent handler shares the connection: take `&self`");
                errors.at(word, "or leave `concurrent` out: `&mut self` has the connection alone");
            }
        }
    }
}

fn by_reference(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, ty) => ty::reference(ty)
            .and_then(|reference| ty::last_segment(&reference.elem))
            .is_some_and(|segment| segment.ident == "Self"),
        _ => false,
    }
}

/// The parameters with their parentheses.
fn parameter_list(sig: &Signature) -> TokenStream {
    let mut tokens = TokenStream::new();
    let inputs = &sig.inputs;
    sig.paren_token.surround(&mut tokens, |tokens| inputs.to_tokens(tokens));
    tokens
}

fn returned(handler: &Handler<'_>, self_ty: &Type, errors: &mut Errors) {
    let ty = match &handler.sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(ty::bare(ty)),
    };
    let unit = ty.is_none_or(|ty| matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty()));
    if let Some(ty) = ty.filter(|ty| is_future(ty)) {
        let name = &handler.sig.ident;
        errors.at(
            ty,
            format!("write `async fn {name}(…)` with the future's output as its return type"),
        );
        return;
    }
    match &handler.role {
        Role::Open => opened(handler, ty, self_ty, errors),
        Role::Endpoint if handler.chosen().is_none() => {
            let name = &handler.sig.ident;
            let at = ty.map_or_else(|| quote!(#name), ToTokens::to_token_stream);
            errors.at(at, CHOSEN);
        }
        Role::Close if !unit => {
            errors.at(ty, "`#[on_close]` returns nothing: the connection has ended");
        }
        Role::Error if ty.is_none() => {
            let name = &handler.sig.ident;
            errors.at(name, "`#[on_error]` decides what follows: return `OnError`");
        }
        role if role.has_event() && !unit && takes_ack_sender(handler) => {
            errors.at(ty, "this handler answers through its `AckSender`, so it returns nothing");
        }
        _ => {}
    }
}

const CHOSEN: &str = "`#[on_endpoint]` chooses a connection type: return `Endpoint`, \
     `Option<Endpoint>` or `Result<Endpoint, E>`; `Endpoint<App>` if the type takes `State<App>`";

fn takes_ack_sender(handler: &Handler<'_>) -> bool {
    handler.event_parts(EventPart::AckSender).next().is_some()
}

/// Whether a type is written `impl Future<…>`.
pub(crate) fn is_future(ty: &Type) -> bool {
    let Type::ImplTrait(bounds) = ty else { return false };
    let first = bounds.bounds.to_token_stream().to_string();
    first.split(['<', '+']).any(|word| word.trim().ends_with("Future"))
}

fn opened(handler: &Handler<'_>, ty: Option<&Type>, self_ty: &Type, errors: &mut Errors) {
    const EXPECTED: &str =
        "`#[on_open]` makes the connection: return `Self`, `Option<Self>` or `Result<Self, E>`";
    let Some(ty) = ty else {
        let name = &handler.sig.ident;
        return errors.at(name, EXPECTED);
    };
    let name = ty::last_segment(ty).map(|segment| segment.ident.to_string());
    let own = ty::name(self_ty).map(ToString::to_string);
    let known = name
        .is_some_and(|name| ["Self", "Option", "Result"].contains(&&*name) || Some(name) == own);
    if !known {
        errors.at(ty, EXPECTED);
    }
}

/// Names that mean something else to every client, and what to write instead.
const RESERVED: [(&str, &str); 6] = [
    ("connect", "; use `#[on_open]`"),
    ("connect_error", ""),
    ("disconnect", "; use `#[on_close]`"),
    ("disconnecting", "; use `#[on_close]`"),
    ("newListener", ""),
    ("removeListener", ""),
];

/// Checks an event's name; one that is handled may have an attribute to use instead.
pub(crate) fn name(event: &Event<'_>, is_handled: bool, errors: &mut Errors) {
    let name = event.name();
    let at = match &event.name {
        EventName::Literal(literal) => quote!(#literal),
        EventName::Method(method) => {
            if name.starts_with('_') || name.starts_with("r#") {
                let message = format!("`{name}` is no event name; give it one: `#[event(\"…\")]`");
                return errors.at(method, message);
            }
            quote!(#method)
        }
    };
    if name.is_empty() {
        errors.at(at, "the event name is empty");
    } else if name.starts_with(char::is_whitespace) {
        errors.at(at, "the event name has a space at its start");
    } else if name.ends_with(char::is_whitespace) {
        errors.at(at, "the event name has a space at its end");
    } else if let Some((_, instead)) = RESERVED.iter().find(|(reserved, _)| *reserved == name) {
        let instead = if is_handled { instead } else { &"" };
        errors.at(at, format!("`{name}` is reserved by Socket.IO{instead}"));
    }
}
