//! Attributes that travel: what is generated for a method is there when the method is, and is as
//! silent as that.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta};

use crate::model::Handler;

/// What travels from a handler to what is generated for it.
pub(crate) fn carried(handler: &Handler<'_>) -> TokenStream {
    let cfgs = &handler.cfgs;
    let lints = lints(handler.attrs);
    quote!(#(#cfgs)* #lints)
}

/// The lints that attributes silence. One that is expected need not be found twice; and to call what
/// is deprecated is no use of it.
pub(crate) fn lints(attrs: &[Attribute]) -> TokenStream {
    let lints = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => {
            Some(list.tokens.clone())
        }
        meta if meta.path().is_ident("deprecated") => Some(quote!(deprecated)),
        _ => None,
    });
    lints.map(|lints| quote!(#[allow(#lints)])).collect()
}

/// What to say of something whose attributes say nothing of it.
pub(crate) fn docs_if_none(
    attrs: &[Attribute],
    docs: impl FnOnce() -> String,
) -> Option<TokenStream> {
    let has_none = !attrs.iter().any(|attr| attr.path().is_ident("doc"));
    has_none.then(|| {
        let docs = docs();
        quote!(#[doc = #docs])
    })
}

/// The conditions under which something is there.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<&Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect()
}

/// The condition that the attributes state together; none if there is none.
pub(crate) fn condition(cfgs: &[&Attribute]) -> Option<TokenStream> {
    let predicates: Vec<_> = cfgs
        .iter()
        .filter_map(|attr| match &attr.meta {
            Meta::List(list) => Some(&list.tokens),
            _ => None,
        })
        .collect();
    match &*predicates {
        [] => None,
        [one] => Some(quote!(#one)),
        all => Some(quote!(all(#(#all),*))),
    }
}

/// The attribute that holds when none of these do; [`None`] if one of them always does.
pub(crate) fn otherwise<'a>(all: impl Iterator<Item = &'a [&'a Attribute]>) -> Option<TokenStream> {
    let conditions: Option<Vec<_>> = all.map(condition).collect();
    match &*conditions? {
        [] => Some(TokenStream::new()),
        [one] => Some(quote!(#[cfg(not(#one))])),
        all => Some(quote!(#[cfg(not(any(#(#all),*)))])),
    }
}
