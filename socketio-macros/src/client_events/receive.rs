//! What a client in Rust makes of events: `ReceivedBy`, for all types that implement the trait.
//!
//! What its arguments and answers must be is asked for when a type is used as such a client, and not before: in
//! bounds that name that type.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::Ident;

use super::calls::{answer_type, arg};
use super::model::{Call, Client, Param, Passed};
use crate::expand::attrs::{condition, lints};
use crate::expand::{ARMS, form, hygienic};
use crate::ty::with_lifetime;

/// The impl.
pub(super) fn receive(client: &Client<'_>, private: &TokenStream) -> TokenStream {
    let name = &client.item.name;
    let lints = lints(&client.item.attrs);
    let calls: Vec<_> = client.calls.iter().filter(|call| call.is_sound).collect();
    let (mut aliases, mut bounds) = (Vec::new(), Vec::new());
    for call in &calls {
        for (ty, bound) in asks(call, private) {
            let Some(condition) = condition(&call.cfgs) else {
                bounds.push(quote_spanned!(hygienic()=> for<'__c> #ty: #bound));
                continue;
            };
            // Predicates can't have conditions, types can.
            let alias = format_ident!("__Asked{}", aliases.len());
            bounds.push(quote_spanned!(hygienic()=> for<'__c> #alias<'__c>: #bound));
            aliases.push(quote_spanned! {hygienic()=>
                #[cfg(#condition)]
                type #alias<'__c> = #ty;
                #[cfg(not(#condition))]
                type #alias<'__c> = ();
            });
        }
    }
    let arms: Vec<_> = calls.iter().map(|call| arm(call, name, private)).collect();
    let mut matches = arms.chunks(ARMS).rev();
    let last = matches.next().unwrap_or_default();
    let last = quote_spanned! {hygienic()=>
        match event.name() {
            #(#last)*
            _ => #private::Result::Ok(#private::Reply::Unhandled),
        }
    };
    let body = matches.fold(last, |rest, arms| {
        quote_spanned!(hygienic()=> match event.name() { #(#arms)* _ => async { #rest }.await })
    });
    let all = quote_spanned! {hygienic()=>
        #(#aliases)*

        #[automatically_derived]
        #lints
        #[allow(deprecated)]
        impl<__T> #private::ReceivedBy<__T> for dyn #name
        where
            __T: #name + ::core::marker::Sync,
            #(#bounds,)*
        {
            async fn receive(
                client: &__T,
                event: &#private::Event,
            ) -> #private::Result<#private::Reply, #private::HandlerError> {
                #body
            }
        }
    };
    if aliases.is_empty() { all } else { quote!(const _: () = { #all };) }
}

/// What is asked of types for one event, each with the lifetime `'__c` where it borrows.
fn asks<'a>(
    call: &'a Call<'_>,
    private: &'a TokenStream,
) -> impl Iterator<Item = (TokenStream, TokenStream)> + 'a {
    let arguments = call.params.iter().filter_map(move |param| {
        let ty = read(param, "__c")?;
        Some((ty, quote_spanned!(hygienic()=> #private::Received<'__c, __T>)))
    });
    let answer = call
        .answer
        .map(|answer| (answer_type(answer), quote_spanned!(hygienic()=> #private::Answered<__T>)));
    arguments.chain(answer)
}

/// The type that an argument is read as, unless that is text or bytes.
fn read(param: &Param<'_>, lifetime: &str) -> Option<TokenStream> {
    let of = |ty| with_lifetime(ty, lifetime, &[]);
    match param.passed {
        Passed::Text | Passed::Bytes => None,
        Passed::Raw(ty) | Passed::Borrowed(ty) | Passed::Owned(ty) => Some(of(ty)),
        Passed::Slice(elem) => {
            let elem = of(elem);
            Some(quote_spanned!(hygienic()=> ::std::vec::Vec<#elem>))
        }
    }
}

/// The arm of one event.
fn arm(call: &Call<'_>, client: &Ident, private: &TokenStream) -> TokenStream {
    let (cfgs, name, method) = (&call.cfgs, call.event.name(), &call.method.sig.ident);
    let params = call.params.iter().map(|param| {
        let (name, required) = (&param.name, !param.optional);
        quote_spanned!(hygienic()=> #private::Param { name: #name, required: #required })
    });
    let form = form(call.event.form);
    let locals: Vec<_> = (0..call.params.len()).map(arg).collect();
    let taken = call.params.iter().zip(&locals).map(|(param, local)| {
        let value = take(param, private);
        quote_spanned!(hygienic()=> let #local = #value?;)
    });
    let lent = call.params.iter().zip(&locals).map(|(param, local)| lend(param, local));
    let called = quote_spanned!(hygienic()=> <__T as #client>::#method(client, #(#lent),*));
    let reply = match call.answer {
        Some(answer) => {
            let ty = answer_type(answer);
            quote_spanned! {hygienic()=>
                let answer = #called.await;
                <#ty as #private::Answered<__T>>::reply(&answer, event)
            }
        }
        None => quote_spanned! {hygienic()=>
            #called;
            #private::reply(event, &())
        },
    };
    quote_spanned! {hygienic()=>
        #(#cfgs)*
        #name => {
            let mut args = #private::Arguments::new(event, &#private::Signature {
                params: &[#(#params),*],
                form: #private::Form::#form,
                surplus: #private::Surplus::Ignore,
            })?;
            #(#taken)*
            args.finish()?;
            #reply
        }
    }
}

/// Reads an argument.
fn take(param: &Param<'_>, private: &TokenStream) -> TokenStream {
    let Some(ty) = read(param, "_") else {
        let ty = match param.passed {
            Passed::Bytes => quote!([::core::primitive::u8]),
            _ => quote!(::core::primitive::str),
        };
        let borrowed = if param.optional { "optional_borrowed" } else { "borrowed" };
        let borrowed = Ident::new(borrowed, hygienic());
        return quote_spanned!(hygienic()=> args.#borrowed::<#ty>());
    };
    let read = Ident::new(if param.optional { "optional" } else { "required" }, hygienic());
    quote_spanned!(hygienic()=> <#ty as #private::Received<'_, __T>>::#read(&mut args))
}

/// Hands what was read to the method.
fn lend(param: &Param<'_>, local: &Ident) -> TokenStream {
    match (param.passed, param.optional) {
        (Passed::Raw(_) | Passed::Owned(_), _) => local.to_token_stream(),
        (Passed::Borrowed(_), true) => quote_spanned!(hygienic()=> #local.as_ref()),
        (_, true) => quote_spanned!(hygienic()=> #local.as_deref()),
        (_, false) => quote_spanned!(hygienic()=> &#local),
    }
}
