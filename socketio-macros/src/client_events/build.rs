//! From a trait to its model, and what is wrong with it.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{FnArg, Ident, Pat, PatType, ReturnType, Type};

use super::check;
use super::model::{Call, Client, Param, Passed};
use super::parse::{Item, Method, Trait};
use crate::attr::{self, EventOptions, Form, Surplus};
use crate::build::plain_name;
use crate::errors::Errors;
use crate::expand::attrs::cfgs;
use crate::model::{Event, EventName};
use crate::ty;

/// Reads a trait.
pub(super) fn build<'a>(item: &'a Trait, errors: &mut Errors) -> Client<'a> {
    check::head(item, errors);
    let mut calls: Vec<Call<'a>> = Vec::new();
    for part in &item.items {
        match part {
            Item::Method(method) => {
                let call = call(method, errors);
                let before = errors.count();
                check::unique(&call, &calls, errors);
                let is_sound = call.is_sound && errors.count() == before;
                calls.push(Call { is_sound, ..call });
            }
            Item::Other(tokens) => {
                errors.at(tokens, "client events are methods: `fn hello(name: &str);`");
            }
            Item::Broken(error) => errors.push(error.clone()),
        }
    }
    Client { item, calls }
}

fn call<'a>(method: &'a Method, errors: &mut Errors) -> Call<'a> {
    let before = errors.count();
    let event = event(method, errors);
    check::method(method, &event, errors);
    let params = method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Receiver(_) => None,
        FnArg::Typed(typed) => param(typed, errors),
    });
    let params = params.collect();
    let answer = method.sig.asyncness.map(|_| match &method.sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty),
    });
    let cfgs = cfgs(&method.attrs);
    let call = Call { method, event, cfgs, params, answer, is_sound: true };
    check::params(&call, errors);
    Call { is_sound: errors.count() == before, ..call }
}

fn event<'a>(method: &'a Method, errors: &mut Errors) -> Event<'a> {
    let mut attrs = method.attrs.iter().filter(|attr| attr::is_method_helper(attr));
    let mut options = EventOptions::default();
    if let Some(attr) = attrs.next() {
        match attr::method_helper(attr) {
            Some("event") => options = EventOptions::read_emitted(attr, errors),
            _ => errors.at(attr, "this is for handlers: here there is `#[event(\"name\")]` alone"),
        }
    }
    for second in attrs {
        errors.at(second, "one attribute per event: `#[event(\"name\")]`");
    }
    let name = match options.name {
        Some(name) => EventName::Literal(name),
        None => EventName::Method(&method.sig.ident),
    };
    let form = options.form.unwrap_or(Form::Positional);
    Event { name, form, surplus: Surplus::Ignore }
}

fn param<'a>(typed: &'a PatType, errors: &mut Errors) -> Option<Param<'a>> {
    let PatType { attrs, pat, ty, .. } = typed;
    let mut name = plain_name(pat);
    for attr in attrs {
        match attr::param_helper(attr) {
            Some("arg") => {
                name = attr::arg_name(attr, errors).map(|name| name.value()).or(name);
            }
            Some(word) => errors.at(
                attr,
                format!("`#[{word}]` is for handlers: here there is `#[arg(name = \"x\")]` alone"),
            ),
            None if attr.path().is_ident("cfg") => {
                errors.at(attr, "an event has its arguments always: put `#[cfg(…)]` on the method");
            }
            None => {}
        }
    }
    let local = local(pat, errors)?;
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        errors.at(pat, "this argument has no name: give it one, or `#[arg(name = \"x\")]`");
        return None;
    };
    let inside = ty::only_argument(ty, "Option");
    check::lent(inside.unwrap_or(ty), errors);
    let passed = passed(inside.unwrap_or(ty));
    Some(Param { local, name, ty, optional: inside.is_some(), passed })
}

fn local<'a>(pat: &'a Pat, errors: &mut Errors) -> Option<&'a Ident> {
    match pat {
        Pat::Ident(plain) if plain.by_ref.is_none() && plain.subpat.is_none() => {
            if let Some(mutability) = &plain.mutability {
                errors.at(mutability, "take `mut` away: there is no body that it could be for");
            }
            Some(&plain.ident)
        }
        pat => {
            errors.at(pat, "an argument has a plain name: `name: &str`");
            None
        }
    }
}

fn passed(ty: &Type) -> Passed<'_> {
    if ty::is_raw_value(ty) {
        return Passed::Raw(ty);
    }
    match (ty::slice(ty), ty::shared(ty)) {
        (Some(crate::model::Slice::Text), _) => Passed::Text,
        (Some(crate::model::Slice::Bytes), _) => Passed::Bytes,
        (None, Some(elem)) => match ty::bare(elem) {
            Type::Slice(slice) => Passed::Slice(&slice.elem),
            elem => Passed::Borrowed(elem),
        },
        (None, None) => Passed::Owned(ty),
    }
}

/// A method as it should be written.
pub(super) fn form(method: &Method, is_async: bool, output: Option<&Type>) -> String {
    let inputs = method.sig.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_)));
    let inputs: Vec<_> = inputs.map(|input| text(input.to_token_stream())).collect();
    let asyncness = if is_async { "async " } else { "" };
    let output = output.map(|ty| format!(" -> {}", text(quote!(#ty)))).unwrap_or_default();
    format!("`{asyncness}fn {}({}){output};`", method.sig.ident, inputs.join(", "))
}

fn text(tokens: TokenStream) -> String {
    tokens.to_string().replace(" :", ":").replace("& ", "&")
}
