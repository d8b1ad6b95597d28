//! What emits a trait's events: a type with one method for each, and `ClientEvents`, which gives it.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Ident, Type};

use super::contract;
use super::model::{Call, Client, Param, Passed};
use crate::expand::attrs::{docs_if_none, lints};
use crate::expand::{ends, hygienic, path};
use crate::ty::with_lifetime;

/// `struct ChatClientCalls`, and the impl for `dyn ChatClient`.
pub(super) fn calls(client: &Client<'_>, private: &TokenStream) -> TokenStream {
    let (vis, name) = (&client.item.vis, &client.item.name);
    let calls = format_ident!("{name}Calls");
    let doc =
        format!("The events of [`{name}`] on their way to clients: a call of a method sends one.");
    let lints = lints(&client.item.attrs);
    let sound = client.calls.iter().filter(|call| call.is_sound);
    let methods = sound.map(|call| method(call, vis.to_token_stream(), private));
    let contract = contract::contract(client, private);
    quote_spanned! {hygienic()=>
        #[doc = #doc]
        #[derive(Debug, Clone, Copy)]
        #[must_use = "nothing is sent before one of its methods is called"]
        #vis struct #calls<T>(T);

        #[automatically_derived]
        #lints
        #[allow(dead_code, clippy::too_many_arguments)]
        impl<T: #private::Recipient> #calls<T> {
            #(#methods)*
        }

        #[automatically_derived]
        #lints
        impl #private::ClientEvents for dyn #name {
            const CLIENT: #private::contract::Client = #contract;

            type Calls<T: #private::Recipient> = #calls<T>;

            fn calls<T: #private::Recipient>(to: T) -> #calls<T> {
                #calls(to)
            }
        }
    }
}

/// The call of one event.
fn method(call: &Call<'_>, vis: TokenStream, private: &TokenStream) -> TokenStream {
    let attrs = call.method.attrs.iter().filter(|attr| is_carried(attr));
    let lints = lints(&call.method.attrs);
    let doc =
        docs_if_none(&call.method.attrs, || format!("Sends the event `{}`.", call.event.name()));
    let name = &call.method.sig.ident;
    let params = call.params.iter().map(|Param { local, ty, .. }| quote!(#local: #ty));
    let output = match call.answer {
        Some(answer) => {
            let answer = answer_type(answer);
            quote_spanned!(hygienic()=> T::Ack<#answer>)
        }
        None => quote_spanned!(hygienic()=> #private::Result<(), #private::EmitError>),
    };
    let body = body(call, private);
    quote_spanned! {hygienic()=>
        #(#attrs)*
        #lints
        #doc
        #vis fn #name(self, #(#params),*) -> #output {
            #body
        }
    }
}

/// What an acknowledgement is read as.
pub(super) fn answer_type(answer: Option<&Type>) -> TokenStream {
    answer.map_or_else(|| quote!(()), ToTokens::to_token_stream)
}

fn is_carried(attr: &Attribute) -> bool {
    ["doc", "cfg", "cfg_attr", "deprecated"].iter().any(|word| attr.path().is_ident(word))
}

/// Sends the arguments.
fn body(call: &Call<'_>, private: &TokenStream) -> TokenStream {
    let values = call.params.iter().enumerate().map(|(index, param)| {
        let (arg, value) = (arg(index), value(param, private));
        quote_spanned!(hygienic()=> let #arg = #value;)
    });
    let args = if call.is_keyword() {
        keywords(call, private)
    } else {
        // `None` is sent as `null`: where clients can come back, something follows the last argument.
        positional(call)
    };
    let sends = emit(call, &args, private);
    quote!(#(#values)* #sends)
}

/// Where an argument waits for its event.
pub(super) fn arg(index: usize) -> Ident {
    format_ident!("arg_{index}", span = hygienic())
}

/// `emit(self.0, "name", …)`
fn emit(call: &Call<'_>, args: &TokenStream, private: &TokenStream) -> TokenStream {
    let name = call.event.name();
    match call.answer {
        Some(answer) => {
            let method = &call.method.sig.ident;
            let at = answer.map_or_else(|| quote!(#method), ToTokens::to_token_stream);
            let (asked, ty) = (path(private, "asked", at), answer_type(answer));
            quote_spanned!(hygienic()=> #asked::<#ty, T>(self.0, #name, #args))
        }
        None => {
            let recipient = path(private, "Recipient", &call.method.sig.ident);
            let at = hygienic().located_at(call.method.sig.ident.span());
            let emit = quote_spanned!(at=> #recipient::emit);
            quote_spanned!(hygienic()=> #emit(self.0, #name, #args))
        }
    }
}

/// The arguments as a tuple.
fn positional(call: &Call<'_>) -> TokenStream {
    let args = (0..call.params.len()).map(arg);
    match &*call.params {
        // Text alone has a way of its own to become an argument list, by which nothing is written twice.
        [Param { passed: Passed::Text, optional: false, .. }] => {
            quote!(#(#args)*)
        }
        _ => quote!((#(#args,)*)),
    }
}

fn keywords(call: &Call<'_>, private: &TokenStream) -> TokenStream {
    let entries = call.params.iter().enumerate().map(|(index, param)| {
        let with = Ident::new(if param.optional { "with_optional" } else { "with" }, hygienic());
        let (name, arg) = (&param.name, arg(index));
        quote_spanned!(hygienic()=> .#with(#name, #arg))
    });
    quote_spanned!(hygienic()=> #private::Kwargs::new()#(#entries)*)
}

/// An argument as it is serialized. What is said about its type lies where that does.
fn value(param: &Param<'_>, private: &TokenStream) -> TokenStream {
    let (local, ty, is_owned) = match param.passed {
        Passed::Text => return param.local.to_token_stream(),
        Passed::Bytes => (param.local, None, false),
        Passed::Slice(ty) | Passed::Borrowed(ty) => (param.local, Some(ty), false),
        Passed::Raw(ty) | Passed::Owned(ty) => (param.local, Some(ty), true),
    };
    let at = ty.map_or_else(hygienic, |ty| hygienic().located_at(ends(ty).1));
    let sent = match ty {
        None => quote_spanned!(at=> #private::Octets::new),
        Some(ty) => {
            let (sent, ty) = (path(private, "sent", ty), with_lifetime(ty, "_", &[]));
            match param.passed {
                Passed::Slice(_) => quote_spanned!(at=> #sent::<[#ty]>),
                _ => quote_spanned!(at=> #sent::<#ty>),
            }
        }
    };
    let call = |value: TokenStream| {
        let mut list = Group::new(Delimiter::Parenthesis, value);
        list.set_span(at);
        quote!(#sent #list)
    };
    match (param.optional, is_owned) {
        (false, false) => call(quote!(#local)),
        (false, true) => call(quote_spanned!(hygienic()=> &#local)),
        (true, _) => {
            let as_ref = is_owned.then(|| quote_spanned!(hygienic()=> .as_ref()));
            let value = call(quote_spanned!(hygienic()=> value));
            quote_spanned!(hygienic()=> #local #as_ref.map(|value| #value))
        }
    }
}
