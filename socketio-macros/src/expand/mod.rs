//! Writes the implementations that a model asks for.
//!
//! Only paths into `__private` appear, which is imported once; names of its own are out of the user's sight by
//! hygiene; and each token that the compiler may have something to say about lies where the user
//! wrote what it is about.

pub(crate) mod attrs;
mod before;
mod call;
mod caller;
mod describe;
mod dispatch;
mod endpoints;
mod header;
mod life;
mod order;

pub(crate) use call::read_auth;
pub(crate) use describe::{deprecated, described, docs, option};
pub(crate) use dispatch::{ARMS, form};

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Path};

use crate::model::Connection;

/// All implementations for a block.
pub(crate) fn expand(connection: &Connection<'_>) -> TokenStream {
    let out = Out::new(connection);
    let aliases = header::aliases(&out);
    let socket_connection = socket_connection(&out);
    let endpoints = endpoints::endpoints(&out);
    let describe = describe::describe(&out);
    let krate = match &connection.krate {
        Some(krate) => quote!(#krate),
        None => quote_spanned!(hygienic()=> ::socketio_core),
    };
    // It is the user's to name, so it stands outside.
    let out = Out { private: private(connection.krate.as_ref()), ..out };
    let caller = caller::caller(&out);
    quote_spanned! {hygienic()=>
        const _: () = {
            // The one place that says so if the crate is not there.
            use #krate::__private;
            #aliases
            #socket_connection
            #endpoints
            #describe
        };
        #caller
    }
}

/// What every part of the expansion needs.
struct Out<'a> {
    connection: &'a Connection<'a>,
    /// The path that all generated code goes through.
    private: TokenStream,
    /// The impl's lifetimes; all others that a signature names are the call's.
    lifetimes: Vec<String>,
}

impl<'a> Out<'a> {
    fn new(connection: &'a Connection<'a>) -> Self {
        let private = quote_spanned!(hygienic()=> __private);
        let lifetimes = connection.generics.lifetimes();
        let lifetimes = lifetimes.map(|param| param.lifetime.ident.to_string()).collect();
        Self { connection, private, lifetimes }
    }

    /// The path to an item of `__private`, lying where the given tokens do.
    fn path(&self, item: &str, at: impl ToTokens) -> TokenStream {
        path(&self.private, item, at)
    }

    /// A type of the user's as it is written in a body, where all lifetimes are inferred.
    fn ty(&self, ty: &syn::Type) -> TokenStream {
        crate::ty::with_lifetime(ty, "_", &self.lifetimes)
    }
}

/// The path to an item of `__private`, lying where the given tokens do.
pub(crate) fn path(private: &TokenStream, item: &str, at: impl ToTokens) -> TokenStream {
    let (start, end) = ends(at);
    let private = respan(private.clone(), start);
    let item = Ident::new(item, hygienic().located_at(end));
    quote_spanned!(hygienic().located_at(start)=> #private::#item)
}

/// The path that all generated code goes through.
pub(crate) fn private(krate: Option<&Path>) -> TokenStream {
    match krate {
        Some(krate) => quote!(#krate::__private),
        None => quote_spanned!(hygienic()=> ::socketio_core::__private),
    }
}

fn socket_connection(out: &Out<'_>) -> TokenStream {
    let kept = before::kept_type(out);
    let open = life::open(out);
    let dispatch = dispatch::dispatch(out);
    let error = life::error(out);
    let close = life::close(out);
    let content = quote!(#kept #open #dispatch #error #close);
    let connection = header::implement(out, "SocketConnection", &[], content);
    let (generics, _, where_clause) = out.connection.generics.split_for_impl();
    let self_ty = out.connection.self_ty;
    let at = hygienic().located_at(ends(self_ty).0);
    let only = out.path("OneSocketConnectionBlockPerType", self_ty);
    // All that conflicts in a type with two blocks lies at the type, and the first of it says why.
    quote_spanned! {at=>
        #[automatically_derived]
        impl #generics #only for #self_ty #where_clause {}
        #connection
    }
}

/// Names of our own: local ones are out of the user's sight.
pub(crate) fn hygienic() -> Span {
    Span::mixed_site()
}

/// Where the first and the last of some tokens lie.
pub(crate) fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.into_token_stream().into_iter();
    let Some(first) = tokens.next() else { return (Span::call_site(), Span::call_site()) };
    let end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    };
    let start = match &first {
        TokenTree::Group(group) => group.span_open(),
        token => token.span(),
    };
    (start, tokens.last().as_ref().map_or_else(|| end(&first), end))
}

/// The same tokens, names resolved as they were, in another place.
pub(crate) fn respan(tokens: TokenStream, at: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut moved = Group::new(group.delimiter(), respan(group.stream(), at));
            moved.set_span(group.span().located_at(at));
            TokenTree::Group(moved)
        }
        mut token => {
            token.set_span(token.span().located_at(at));
            token
        }
    });
    moved.collect()
}
