//! What a trait says, as data: a `contract::Client`.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Type, parse_quote};

use super::calls::answer_type;
use super::model::{Call, Client, Param, Passed};
use crate::expand::{deprecated, described, docs, form, hygienic, option};

/// `Client { … }`, a constant.
pub(super) fn contract(client: &Client<'_>, private: &TokenStream) -> TokenStream {
    let name = client.item.name.to_string();
    let docs = docs(&client.item.attrs);
    let events = client.calls.iter().filter(|call| call.is_sound).map(|call| event(call, private));
    quote_spanned! {hygienic()=>
        #private::contract::Client { name: #name, docs: #docs, events: &[#(#events),*] }
    }
}

fn event(call: &Call<'_>, private: &TokenStream) -> TokenStream {
    let attrs = &call.method.attrs;
    let (cfgs, name, method) = (&call.cfgs, call.event.name(), call.method.sig.ident.to_string());
    let (docs, deprecated) = (docs(attrs), deprecated(private, attrs));
    let arguments = call.params.iter().map(|param| argument(param, private));
    let form = form(call.event.form);
    let answer = match call.answer {
        Some(answer) => {
            let ty = described(private, &Type::Verbatim(answer_type(answer)));
            quote_spanned! {hygienic()=>
                #private::Option::Some(#private::contract::Answer::Returned(#ty))
            }
        }
        None => quote_spanned!(hygienic()=> #private::Option::None),
    };
    quote_spanned! {hygienic()=>
        #(#cfgs)*
        #private::contract::Event {
            name: #name,
            method: #method,
            docs: #docs,
            deprecated: #deprecated,
            arguments: &[#(#arguments),*],
            form: #private::contract::Form::#form,
            answer: #answer,
        }
    }
}

fn argument(param: &Param<'_>, private: &TokenStream) -> TokenStream {
    let name = option(private, Some(&param.name));
    let ty = match param.passed {
        Passed::Text => described(private, &parse_quote!(&str)),
        Passed::Bytes => described(private, &parse_quote!(&[u8])),
        // Read as one that owns its elements.
        Passed::Slice(elem) => described(private, &parse_quote!(::std::vec::Vec<#elem>)),
        Passed::Raw(ty) | Passed::Borrowed(ty) | Passed::Owned(ty) => described(private, ty),
    };
    let optional = param.optional;
    quote_spanned! {hygienic()=>
        #private::contract::Argument { name: #name, ty: #ty, optional: #optional, rest: false }
    }
}
