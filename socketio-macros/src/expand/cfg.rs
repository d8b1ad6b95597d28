//! Conditions: what is generated for a method is there when the method is.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta};

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
