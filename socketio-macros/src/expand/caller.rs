//! The typed caller of `caller = …`: a struct with one method for each handler that names an event.
//!
//! A method takes what the handler takes of its client, references where that takes text or lists, and gives a
//! call of what the handler returns.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{Attribute, Ident, Pat, ReturnType, Type};

use super::dispatch::form;
use super::{Out, attrs, ends, hygienic};
use crate::model::{Argument, Caller, Event, EventPart, Handler, Mode, Param, Role, Slice};
use crate::ty;

/// The struct and its methods, if the block asks for them.
pub(crate) fn caller(out: &Out<'_>) -> Option<TokenStream> {
    let private = &out.private;
    let Caller { vis, name } = out.connection.caller.as_ref()?;
    let methods = out.connection.handlers.iter().filter_map(|handler| match &handler.role {
        Role::Event(event) => Some(method(out, handler, event)),
        _ => None,
    });
    let docs = format!(
        "Calls the events of `{}` from Rust: over a `Client`, or over what else carries calls.",
        out.connection.self_ty.to_token_stream()
    );
    let lints = attrs::lints(out.connection.attrs);
    Some(quote_spanned! {hygienic()=>
        #private::caller! {
            #[doc = #docs]
            #[derive(::core::fmt::Debug, ::core::clone::Clone)]
            #[allow(dead_code)]
            #vis struct #name<__C = #private::client::Client>(__C);

            #[automatically_derived]
            impl<__C: #private::client::Calls> ::core::convert::From<__C> for #name<__C> {
                fn from(calls: __C) -> Self {
                    Self(calls)
                }
            }

            #[automatically_derived]
            #lints
            #[allow(dead_code, clippy::too_many_arguments)]
            impl<__C: #private::client::Calls> #name<__C> {
                #(#methods)*
            }
        }
    })
}

fn method(out: &Out<'_>, handler: &Handler<'_>, event: &Event<'_>) -> TokenStream {
    let private = &out.private;
    let (carried, name) = (attrs::carried(handler), &handler.sig.ident);
    let attrs = attributes(handler.attrs);
    let doc = attrs::docs_if_none(handler.attrs, || format!("Calls the event `{}`.", event.name()));
    let vis = out.connection.caller.as_ref().map(|caller| &caller.vis);
    let (mut params, mut values) = (TokenStream::new(), TokenStream::new());
    for (index, (param, argument)) in handler.arguments().enumerate() {
        let (cfgs, local) = (&param.cfgs, local(param, index));
        let ty = param_type(out, param, argument);
        let wire_name = argument.name.as_deref().unwrap_or_default();
        let value = value(out, param, argument, &local);
        let with = if matches!(argument.mode, Mode::Rest(_)) { "rest" } else { "with" };
        let with = Ident::new(with, hygienic());
        params.extend(quote!(#(#cfgs)* #local: #ty,));
        values.extend(quote_spanned! {hygienic()=>
            #(#cfgs)*
            let args = args.#with(#wire_name, #value);
        });
    }
    let no_result = no_result(out, handler);
    let (call, form, event) = (call(out, handler), form(event.form), event.name());
    quote_spanned! {hygienic()=>
        #carried
        #(#attrs)*
        #doc
        #vis fn #name(&self, #params) -> #call {
            #no_result
            let args = #private::client::Arguments::new();
            #values
            let args = args.encode(#private::contract::Form::#form);
            #private::ClientCall::new(&self.0, #event, args)
        }
    }
}

/// What of a handler's attributes is about whoever calls it, too.
fn attributes(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| ["doc", "deprecated"].iter().any(|word| attr.path().is_ident(word)))
}

/// The name of a parameter.
fn local(param: &Param<'_>, index: usize) -> Ident {
    match param.pat {
        Pat::Ident(plain) => plain.ident.clone(),
        _ => format_ident!("arg_{index}", span = Span::call_site()),
    }
}

/// What a caller gives for a parameter.
fn param_type(out: &Out<'_>, param: &Param<'_>, argument: &Argument<'_>) -> TokenStream {
    let private = &out.private;
    let option = |ty: TokenStream| quote_spanned!(hygienic()=> #private::Option<#ty>);
    match &argument.mode {
        Mode::Required => lent(out, param.ty),
        Mode::Optional(ty) => option(lent(out, ty)),
        Mode::Default(_) => option(lent(out, param.ty)),
        Mode::Borrowed(_) | Mode::OptionalBorrowed(_) => written(out, param.ty),
        Mode::DefaultBorrowed(..) => option(written(out, param.ty)),
        Mode::Rest(ty) => {
            let ty = written(out, ty);
            quote!(&[#ty])
        }
    }
}

/// A type that a caller need not own: `&str` for a `String`, `&[T]` for a `Vec<T>`.
fn lent(out: &Out<'_>, ty: &Type) -> TokenStream {
    if ty::is_named(ty, "String") {
        return quote!(&::core::primitive::str);
    }
    match ty::only_argument(ty, "Vec") {
        Some(element) => {
            let element = written(out, element);
            quote!(&[#element])
        }
        None => written(out, ty),
    }
}

/// A type of the user's as it is written in a signature.
fn written(out: &Out<'_>, ty: &Type) -> TokenStream {
    ty::without_self(&out.ty(ty), out.connection.self_ty)
}

/// A parameter's value, as it is serialized; where it can't be, that is said at its type.
fn value(out: &Out<'_>, param: &Param<'_>, argument: &Argument<'_>, local: &Ident) -> TokenStream {
    let private = &out.private;
    let bytes = quote_spanned!(hygienic()=> #private::client::bytes);
    match &argument.mode {
        Mode::Borrowed(Slice::Bytes) => quote_spanned!(hygienic()=> #bytes(#local)),
        Mode::OptionalBorrowed(Slice::Bytes) | Mode::DefaultBorrowed(Slice::Bytes, _) => {
            quote_spanned!(hygienic()=> #local.map(#bytes))
        }
        Mode::Rest(ty) => {
            let rest = out.path("client_rest", ty);
            quote_spanned!(hygienic()=> #rest(#local))
        }
        _ => {
            let argument = out.path("client_argument", param.ty);
            quote_spanned!(hygienic()=> #argument(#local))
        }
    }
}

/// `Call<'_, T>`, lying where the handler's `T` does.
fn call(out: &Out<'_>, handler: &Handler<'_>) -> TokenStream {
    let private = &out.private;
    let (at, answer) = match &handler.sig.output {
        _ if handler.event_parts(EventPart::AckSender).next().is_some() => {
            let value = quote_spanned!(hygienic()=> #private::client::Value);
            (handler.sig.ident.to_token_stream(), value)
        }
        ReturnType::Default => (handler.sig.ident.to_token_stream(), quote!(())),
        ReturnType::Type(_, ty) => {
            let ty = ty::inside(ty, "Result").unwrap_or(ty);
            (ty.to_token_stream(), owned(out, ty))
        }
    };
    let call = out.path("ClientCall", &at);
    quote_spanned!(hygienic().located_at(ends(&at).1)=> #call<'_, #answer>)
}

/// That a type which is not written as a `Result` is none, where it may be another name of one: nothing
/// that is answered could be read as that.
fn no_result(out: &Out<'_>, handler: &Handler<'_>) -> Option<TokenStream> {
    let private = &out.private;
    let ReturnType::Type(_, ty) = &handler.sig.output else { return None };
    let is_read = handler.event_parts(EventPart::AckSender).next().is_none();
    if !is_read || !matches!(ty::bare(ty), Type::Path(_)) || ty::is_named(ty, "Result") {
        return None;
    }
    let message =
        "a caller can't see the value behind another name of `Result`: write `Result<T, E>`";
    let (start, end) = ends(ty);
    let at = hygienic().located_at(start.join(end).unwrap_or(start));
    let owned = owned(out, ty);
    let returned = quote_spanned!(hygienic()=> #private::client::Returned::<#owned>::IS_RESULT);
    let assert = quote_spanned!(at=> ::core::assert!(!#returned, #message));
    Some(quote_spanned! {hygienic()=>
        const _: () = {
            use #private::client::Plain as _;
            #assert
        };
    })
}

/// A type as it is read: what is behind a reference, by itself.
fn owned(out: &Out<'_>, ty: &Type) -> TokenStream {
    match ty::bare(ty) {
        Type::Reference(reference) => {
            let elem = owned(out, &reference.elem);
            quote_spanned!(hygienic()=> <#elem as ::std::borrow::ToOwned>::Owned)
        }
        Type::Tuple(tuple) => {
            let elems = tuple.elems.iter().map(|elem| owned(out, elem));
            quote!((#(#elems,)*))
        }
        ty => ty::without_self(&ty::with_lifetime(ty, "static", &[]), out.connection.self_ty),
    }
}
