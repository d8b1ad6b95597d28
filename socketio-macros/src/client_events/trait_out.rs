//! The trait itself, as a client in Rust implements it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{FnArg, Pat, ReturnType, Signature, parse_quote, parse_quote_spanned};

use super::model::{Call, Client};
use crate::attr::{is_method_helper, is_param_helper};
use crate::expand::hygienic;

/// Writes the trait so that `dyn Trait` is a type: its plain methods take `&self`, those with an
/// acknowledgement are there for `Sized` types alone.
pub(super) fn trait_out(client: &Client<'_>) -> TokenStream {
    let item = client.item;
    let (attrs, vis, keyword, name) = (&item.attrs, &item.vis, &item.keyword, &item.name);
    let params = (!item.generics.params.is_empty()).then_some(&item.generics);
    let methods = client.calls.iter().map(method);
    let mut out = quote!(#(#attrs)* #vis #keyword #name #params);
    item.brace.surround(&mut out, |out| out.extend(methods));
    out
}

fn method(call: &Call<'_>) -> TokenStream {
    let attrs = call.method.attrs.iter().filter(|attr| !is_method_helper(attr));
    let mut sig = call.method.sig.clone();
    for input in &mut sig.inputs {
        if let FnArg::Typed(param) = input {
            param.attrs.retain(|attr| !is_param_helper(attr));
            // A mistake that is reported already.
            if !matches!(*param.pat, Pat::Ident(_)) {
                param.pat = parse_quote!(_);
            }
        }
    }
    sig.constness = None;
    let at = hygienic().located_at(sig.ident.span());
    if sig.receiver().is_none() {
        sig.inputs.insert(0, parse_quote_spanned!(at=> &self));
    }
    if call.answer.is_some() || !call.is_sound {
        let predicates = &mut sig.generics.make_where_clause().predicates;
        predicates.push(parse_quote_spanned!(at=> Self: ::core::marker::Sized));
    }
    if call.is_sound {
        promise(&mut sig);
    }
    let end = call.method.body.as_ref().map_or_else(|| quote!(;), ToTokens::to_token_stream);
    quote!(#(#attrs)* #sig #end)
}

/// Writes an `async fn` as what all its implementations give: a future that is `Send`.
fn promise(sig: &mut Signature) {
    let Some(asyncness) = sig.asyncness.take() else { return };
    let answer = match &sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let at = hygienic().located_at(asyncness.span);
    sig.output = parse_quote_spanned! {at=>
        -> impl ::core::future::Future<Output = #answer> + ::core::marker::Send
    };
}
