//! `#[client_events]` on a trait: beside it comes what emits its events, and what receives them.
//!
//! In: the trait, read method by method; out: the trait with methods that a client can implement, a type that has
//! them as calls, and the impls for `dyn Trait` that tie both together. What is wrong is reported at once, each at
//! its token; the trait comes out in any case, and so do the calls of all methods that are sound.

mod build;
mod calls;
mod check;
mod contract;
mod model;
mod parse;
mod receive;
mod trait_out;

use proc_macro2::TokenStream;
use quote::quote;

use crate::attr;
use crate::errors::Errors;
use crate::expand::private;
use crate::fallback;

/// Expands `#[client_events]`.
pub(crate) fn client_events(options: TokenStream, item: TokenStream) -> TokenStream {
    let parsed: parse::Trait = match syn::parse2(item.clone()) {
        Ok(parsed) => parsed,
        Err(error) => return fallback::beside(item, &error),
    };
    let mut errors = Errors::default();
    let krate = attr::client_events_options(options, &mut errors);
    let private = private(krate.as_ref());
    let client = build::build(&parsed, &mut errors);
    let errors = errors.to_compile_errors();
    let out = trait_out::trait_out(&client);
    // There is no one `dyn Trait` of a trait with parameters.
    let impls = parsed.generics.params.is_empty().then(|| {
        let (calls, receive) =
            (calls::calls(&client, &private), receive::receive(&client, &private));
        quote!(#calls #receive)
    });
    quote!(#out #errors #impls)
}
