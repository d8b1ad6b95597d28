//! `Describe`: what a block says and understands, as one constant.
//!
//! It is data alone, and names the user's types only in `__type!`, which may leave them unread.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Attribute, Ident, Meta, ReturnType, Type};

use super::dispatch::{any_event, event_name, form};
use super::{Out, attrs, ends, hygienic};
use crate::attr::Form;
use crate::model::{EventPart, Handler, Mode, Param, Role, Slice};
use crate::ty;

/// The impl.
pub(crate) fn describe(out: &Out<'_>) -> TokenStream {
    let private = &out.private;
    let connection = out.connection;
    let events = connection.handlers.iter().filter_map(|handler| event(out, handler));
    let rows = connection.endpoints.iter().map(|endpoint| {
        let (path, ty, of) = (&endpoint.path, &endpoint.ty, out.path("describe", &endpoint.ty));
        quote_spanned! {hygienic()=>
            #private::contract::Endpoint { path: #path, connection: #of::<#ty> }
        }
    });
    let (generics, _, where_clause) = connection.generics.split_for_impl();
    let self_ty = connection.self_ty;
    let name =
        ty::name(self_ty).map_or_else(|| self_ty.to_token_stream().to_string(), Ident::to_string);
    let docs = docs(connection.attrs);
    let client = client(out);
    let other_events = other_events(&connection.handlers);
    let lints = attrs::lints(connection.attrs);
    let constant = quote_spanned! {hygienic()=>
        const CONNECTION: #private::contract::Connection = #private::contract::Connection {
            name: #name,
            docs: #docs,
            events: &[#(#events),*],
            other_events: #other_events,
            client: #client,
            endpoints: &[#(#rows),*],
        };
    };
    let at = hygienic().located_at(ends(self_ty).0);
    let describe = quote_spanned!(at=> #private::contract::Describe);
    quote_spanned! {at=>
        #[automatically_derived]
        #lints
        impl #generics #describe for #self_ty #where_clause { #constant }
    }
}

/// What describes the trait of `client = …`, or `None`.
fn client(out: &Out<'_>) -> TokenStream {
    let private = &out.private;
    let Some(client) = &out.connection.client else {
        return quote_spanned!(hygienic()=> #private::Option::None);
    };
    let client_events = out.path("ClientEvents", client);
    let at = hygienic().located_at(ends(client).1);
    let described = quote_spanned!(at=> <dyn #client as #client_events>::CLIENT);
    quote_spanned!(hygienic()=> #private::Option::Some(|| #described))
}

/// `Event { … }`, if the handler names one.
fn event(out: &Out<'_>, handler: &Handler<'_>) -> Option<TokenStream> {
    let private = &out.private;
    let name = event_name(handler)?;
    let attrs = attrs::carried(handler);
    let method = handler.sig.ident.to_string();
    let (docs, deprecated) = (docs(handler.attrs), deprecated(private, handler.attrs));
    let (arguments, form) = match &handler.role {
        Role::Event(event) => {
            let arguments = handler.params.iter().filter_map(|param| argument(out, param));
            (quote!(&[#(#arguments),*]), event.form)
        }
        _ => (quote!(#private::MESSAGE), Form::Positional),
    };
    let (form, answer) = (self::form(form), answer(out, handler));
    Some(quote_spanned! {hygienic()=>
        #attrs
        #private::contract::Event {
            name: #name,
            method: #method,
            docs: #docs,
            deprecated: #deprecated,
            arguments: #arguments,
            form: #private::contract::Form::#form,
            answer: #private::Option::Some(#answer),
        }
    })
}

/// `Argument { … }`, if the parameter is one.
fn argument(out: &Out<'_>, param: &Param<'_>) -> Option<TokenStream> {
    let private = &out.private;
    let argument = param.argument()?;
    let cfgs = &param.cfgs;
    let name = option(private, argument.name.as_ref());
    let ty = match &argument.mode {
        Mode::Required | Mode::Default(_) => described(private, param.ty),
        Mode::Optional(ty) | Mode::Rest(ty) => described(private, ty),
        Mode::Borrowed(slice) | Mode::OptionalBorrowed(slice) | Mode::DefaultBorrowed(slice, _) => {
            let (name, ty) = match slice {
                Slice::Text => ("&str", quote!(&'static ::core::primitive::str)),
                Slice::Bytes => ("&[u8]", quote!(&'static [::core::primitive::u8])),
            };
            quote_spanned!(hygienic()=> #private::__type!(#name, #ty))
        }
    };
    let optional = !argument.mode.is_required();
    let rest = matches!(argument.mode, Mode::Rest(_));
    Some(quote_spanned! {hygienic()=>
        #(#cfgs)*
        #private::contract::Argument { name: #name, ty: #ty, optional: #optional, rest: #rest }
    })
}

/// `Answer::…`
fn answer(out: &Out<'_>, handler: &Handler<'_>) -> TokenStream {
    let private = &out.private;
    if handler.event_parts(EventPart::AckSender).next().is_some() {
        return quote_spanned!(hygienic()=> #private::contract::Answer::Any);
    }
    let ty = match &handler.sig.output {
        ReturnType::Default => quote_spanned!(hygienic()=> #private::__type!("()", ())),
        // No constant can name it.
        ReturnType::Type(_, ty) if ty::mentions(&ty.to_token_stream(), "impl") => {
            return quote_spanned!(hygienic()=> #private::contract::Answer::Any);
        }
        ReturnType::Type(_, ty) => described(private, ty),
    };
    quote_spanned!(hygienic()=> #private::contract::Answer::Returned(#ty))
}

/// `__type!("T", T)`, which stands in no function that could have lifetimes.
pub(crate) fn described(private: &TokenStream, ty: &Type) -> TokenStream {
    let (name, ty) = (ty::written(ty), ty::with_lifetime(ty, "static", &[]));
    quote_spanned!(hygienic()=> #private::__type!(#name, #ty))
}

/// Whether there is a handler of all other events, as an expression.
fn other_events(handlers: &[Handler<'_>]) -> TokenStream {
    let handlers: Vec<_> = handlers.iter().collect();
    let conditions = any_event(&handlers).map(|handler| attrs::condition(&handler.cfgs));
    match conditions.collect::<Option<Vec<_>>>() {
        None => quote!(true),
        Some(none) if none.is_empty() => quote!(false),
        Some(conditions) => quote_spanned!(hygienic()=> ::core::cfg!(any(#(#conditions),*))),
    }
}

/// The doc comment that attributes are, without the space before its lines.
pub(crate) fn docs(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter(|attr| attr.path().is_ident("doc"));
    let lines = lines.filter_map(|attr| match &attr.meta {
        Meta::NameValue(pair) => crate::attr::text(&pair.value).map(syn::LitStr::value),
        _ => None,
    });
    let lines: Vec<_> = lines.collect();
    let lines = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// What `#[deprecated]` says.
pub(crate) fn deprecated(private: &TokenStream, attrs: &[Attribute]) -> TokenStream {
    let note = attrs.iter().find(|attr| attr.path().is_ident("deprecated")).map(|attr| {
        let mut note = None;
        match &attr.meta {
            Meta::Path(_) => {}
            Meta::NameValue(pair) => note = crate::attr::text(&pair.value).map(syn::LitStr::value),
            Meta::List(list) => {
                // What can't be read is the compiler's to report.
                let _ = list.parse_nested_meta(|option| {
                    let text: syn::LitStr = option.value()?.parse()?;
                    if option.path.is_ident("note") {
                        note = Some(text.value());
                    }
                    Ok(())
                });
            }
        }
        note.unwrap_or_default()
    });
    option(private, note.as_ref())
}

/// `Some("…")` or `None`.
pub(crate) fn option(private: &TokenStream, text: Option<&String>) -> TokenStream {
    match text {
        Some(text) => quote_spanned!(hygienic()=> #private::Option::Some(#text)),
        None => quote_spanned!(hygienic()=> #private::Option::None),
    }
}
