//! What a trait of client events must keep to, beyond its syntax.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{GenericParam, ReturnType, Safety, Type, Visibility};

use super::build::form;
use super::model::Call;
use super::parse::{Method, Trait};
use crate::check::{BORROWED_INSIDE, is_future, name};
use crate::errors::Errors;
use crate::model::{Event, EventName};
use crate::ty;

/// Checks what stands before the trait's methods.
pub(super) fn head(item: &Trait, errors: &mut Errors) {
    let name = &item.name;
    for qualifier in &item.qualifiers {
        errors
            .at(qualifier, format!("a trait of client events is not `{qualifier}`: take it away"));
    }
    if !item.generics.params.is_empty() {
        let message = format!("clients are `dyn {name}`, without parameters: use concrete types");
        errors.at(&item.generics, message);
    }
    if let Some(clause) = &item.generics.where_clause {
        errors.at(clause, "a trait of client events has no where-clause: take it away");
    }
    if !item.supertraits.is_empty() {
        let message =
            format!("a trait of client events has no supertraits: write `trait {name} {{ … }}`");
        errors.at(&item.supertraits, message);
    }
}

/// Checks a method by itself, but for its arguments.
pub(super) fn method(method: &Method, event: &Event<'_>, errors: &mut Errors) {
    qualifiers(method, errors);
    generics(method, errors);
    returned(method, errors);
    name(event, false, errors);
}

/// The method as it is, less what it should not have.
fn expected(method: &Method) -> String {
    let output = match &method.sig.output {
        ReturnType::Type(_, ty) => Some(&**ty),
        ReturnType::Default => None,
    };
    form(method, method.sig.asyncness.is_some() || output.is_some(), output)
}

fn qualifiers(method: &Method, errors: &mut Errors) {
    let sig = &method.sig;
    if !matches!(method.vis, Visibility::Inherited) {
        errors.at(&method.vis, "an event is as visible as its trait: take this away");
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.at(token, "client events can't be `unsafe`: take it away");
    }
    if let Some(token) = &sig.constness {
        errors.at(token, "client events can't be `const`: take it away");
    }
    if let Some(abi) = &sig.abi {
        errors.at(abi, "client events can't be `extern`: take it away");
    }
    if let Some(variadic) = &sig.variadic {
        errors.at(variadic, "client events can't be variadic: take a `&[T]`");
    }
    if let Some(receiver) = sig.receiver() {
        let expected = expected(method);
        errors.at(receiver, format!("client events take no `self`: write {expected}"));
    }
    if let Some(body) = &method.body {
        let expected = expected(method);
        errors.at(body, format!("clients have the body of their events: write {expected}"));
    }
}

fn generics(method: &Method, errors: &mut Errors) {
    for param in &method.sig.generics.params {
        let message = match param {
            GenericParam::Lifetime(_) => LEND.to_owned(),
            GenericParam::Type(syn::TypeParam { ident, .. })
            | GenericParam::Const(syn::ConstParam { ident, .. }) => {
                format!("nobody can choose `{ident}` in a call over the wire; use a concrete type")
            }
        };
        errors.at(param, message);
    }
    if let Some(clause) = &method.sig.generics.where_clause {
        errors.at(clause, "client events can't have a where-clause: take it away");
    }
}

const LEND: &str = "a call lends its arguments as long as it lasts: leave the lifetime out";

/// Checks the type of an argument, inside its `Option` if it has one.
pub(super) fn lent(ty: &Type, errors: &mut Errors) {
    if let Type::ImplTrait(ty) = ty::bare(ty) {
        return errors
            .at(ty, "nobody can choose this type in a call over the wire; use a concrete type");
    }
    let reference = ty::reference(ty);
    if let Some(reference) = reference {
        if let Some(mutability) = &reference.mutability {
            errors.at(mutability, "arguments are sent as they are: take `mut` away");
        }
        if let Some(lifetime) = &reference.lifetime {
            return errors.at(lifetime, LEND);
        }
    }
    if let Some(lifetime) = named_lifetime(ty.to_token_stream()) {
        errors.at(lifetime, LEND);
    }
    // A client in Rust reads what is behind the reference.
    if let Some(and) = ty::inner_reference(reference.map_or(ty, |reference| &reference.elem)) {
        errors.at(and, BORROWED_INSIDE);
    }
}

/// The name of the first lifetime that is neither `'_` nor `'static`.
fn named_lifetime(tokens: TokenStream) -> Option<TokenTree> {
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        let found = match token {
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                tokens.next().filter(|name| !["_", "static"].contains(&&*name.to_string()))
            }
            TokenTree::Group(group) => named_lifetime(group.stream()),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn returned(method: &Method, errors: &mut Errors) {
    let ReturnType::Type(_, ty) = &method.sig.output else { return };
    let ty = ty::bare(ty);
    if is_future(ty) || method.sig.asyncness.is_none() {
        let expected = match is_future(ty) {
            true => form(method, true, None).replace(';', " -> …;"),
            false => form(method, true, Some(ty)),
        };
        errors
            .at(ty, format!("an event with an acknowledgement is an `async fn`: write {expected}"));
    } else if let Some(value) = ty::is_named(ty, "Result").then(|| ty::arguments(ty).next()) {
        let expected = form(method, true, value);
        errors.at(ty, format!("a call gives a `Result` by itself: write {expected}"));
    } else if let Some(and) = ty::inner_reference(ty) {
        errors.at(and, "an answer is owned: take `String`, `Vec<T>`, or `Binary` for bytes");
    } else if let Some(lifetime) = named_lifetime(ty.to_token_stream()) {
        errors.at(lifetime, "an answer is owned: it can't have a lifetime");
    }
}

/// Checks the arguments among each other.
pub(super) fn params(call: &Call<'_>, errors: &mut Errors) {
    let mut optional = None;
    for (index, param) in call.params.iter().enumerate() {
        let name = &param.name;
        if let Some(first) = call.params.iter().take(index).find(|first| first.name == *name) {
            errors.at(param.local, format!("argument `{name}` is there twice"));
            errors.at(first.local, format!("the first `{name}` is here"));
        }
        if param.optional {
            optional = Some(param);
        } else if let Some(optional) = optional.take().filter(|_| !call.is_keyword()) {
            let at = |param: &super::model::Param<'_>| {
                let (local, ty) = (param.local, param.ty);
                quote!(#local: #ty)
            };
            errors.at(
                at(param),
                "this argument is always sent: it goes before those that may be left out",
            );
            errors.at(at(optional), "this one may be left out: such arguments come last");
        }
    }
}

/// Checks that no method before this one is the same event.
pub(super) fn unique(call: &Call<'_>, others: &[Call<'_>], errors: &mut Errors) {
    let name = call.event.name();
    let Some(first) = others.iter().find(|other| other.event.name() == name) else { return };
    if call.cfgs.is_empty() && first.cfgs.is_empty() {
        errors.at(at(&call.event), format!("event `{name}` is there twice"));
        errors.at(at(&first.event), format!("the first `{name}` is here"));
    }
}

/// Where an event's name stands.
fn at(event: &Event<'_>) -> TokenStream {
    match &event.name {
        EventName::Literal(literal) => quote!(#literal),
        EventName::Method(method) => quote!(#method),
    }
}
