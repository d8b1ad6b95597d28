//! What runs before handlers: guards and throttles, and what a connection keeps of them.
//!
//! `Kept` is a pair: what the guards of the block gave, as a list, and the throttles; `()` where the block has
//! neither. A call's own guards go in front of that list, and each `Guarded` parameter takes out of it what is
//! of its type.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Ident, Path, Type};

use super::{Out, ends, hygienic, respan};
use crate::attr::{Guard, Throttle};
use crate::model::Handler;

/// The throttles, in the order of their numbers: the block's first.
fn throttles<'a>(out: &'a Out<'_>) -> impl Iterator<Item = &'a Throttle> {
    let handlers = out.connection.handlers.iter();
    let own = out.connection.before.throttle.iter();
    own.chain(handlers.filter_map(|handler| handler.before.throttle.as_ref()))
}

/// Whether a connection keeps anything.
fn is_kept(out: &Out<'_>) -> bool {
    !out.connection.before.guards.is_empty() || throttles(out).next().is_some()
}

/// `SocketConnection::Kept`.
pub(super) fn kept_type(out: &Out<'_>) -> TokenStream {
    if !is_kept(out) {
        return quote!(
            type Kept = ();
        );
    }
    let private = &out.private;
    let guarded = out.connection.before.guards.iter().rev().fold(quote!(()), |rest, guard| {
        let value = of_guard(out, &guard.path, "Value");
        quote_spanned!(hygienic()=> (#private::Guarded<#value>, #rest))
    });
    let throttles = match throttles(out).count() {
        0 => quote!(()),
        count => quote_spanned!(hygienic()=> #private::Throttles<#count>),
    };
    quote_spanned!(hygienic()=> type Kept = (#guarded, #throttles);)
}

/// `<path as EventGuard>::Name`, lying where the path does. A guard of connections is one of events with the
/// same types, so what is none of connections fails where it is run alone.
pub(super) fn of_guard(out: &Out<'_>, path: &Path, name: &str) -> TokenStream {
    let (start, end) = ends(path.to_token_stream());
    let (start, end) = (hygienic().located_at(start), hygienic().located_at(end));
    let (guard, name) = (out.path("EventGuard", path), Ident::new(name, end));
    let open = quote_spanned!(start=> <);
    let close = quote_spanned!(end=> >::#name);
    quote!(#open #path as #guard #close)
}

/// The parameter that what is kept comes in.
pub(super) fn kept_param(out: &Out<'_>) -> TokenStream {
    let name = if is_kept(out) { quote_spanned!(hygienic()=> kept) } else { quote!(_) };
    quote_spanned!(hygienic()=> #name: &Self::Kept)
}

/// Keeps the compiler from asking why it is not used.
pub(super) fn kept_used(out: &Out<'_>) -> TokenStream {
    if is_kept(out) { quote_spanned!(hygienic()=> let _ = kept;) } else { quote!() }
}

/// `let kept = …;`: runs the guards of the block, if there is anything to keep; and what is kept.
pub(super) fn keep(out: &Out<'_>) -> (TokenStream, TokenStream) {
    if !is_kept(out) {
        return (quote!(), quote!(()));
    }
    let private = &out.private;
    let guarded = out.connection.before.guards.iter().rev().fold(quote!(()), |rest, guard| {
        let check = check(out, guard, "guard_connection", &quote!());
        quote_spanned!(hygienic()=> (#check, #rest))
    });
    let throttles = match throttles(out).next() {
        None => quote!(()),
        Some(_) => quote_spanned!(hygienic()=> #private::Throttles::new()),
    };
    let keep = quote_spanned!(hygienic()=> let kept = (#guarded, #throttles););
    (keep, quote_spanned!(hygienic()=> kept))
}

/// `function::<Path, …>(&guard, cx, …).await?`, lying where the path does.
fn check(out: &Out<'_>, guard: &Guard, function: &str, list: &TokenStream) -> TokenStream {
    let Guard { path, value } = guard;
    let at = hygienic().located_at(ends(path.to_token_stream()).0);
    let (function, cx) = (out.path(function, path), Ident::new("cx", hygienic()));
    let list = respan(list.clone(), at);
    quote_spanned!(at=> #function(&#value, #cx #list).await?)
}

/// The throttle of all events of the block.
pub(super) fn throttle_all(out: &Out<'_>) -> TokenStream {
    out.connection.before.throttle.as_ref().map(|of| throttle(out, of)).unwrap_or_default()
}

fn throttle(out: &Out<'_>, of: &Throttle) -> TokenStream {
    let private = &out.private;
    let index = throttles(out).position(|other| std::ptr::eq(other, of));
    let Throttle { count, nanoseconds } = of;
    let rate = quote_spanned! {hygienic()=>
        #private::Rate { count: #count, nanoseconds: #nanoseconds }
    };
    quote_spanned!(hygienic()=> kept.1.take(#index, #rate, event)?;)
}

/// What runs before an event's arguments are decoded: its throttle, then its guards.
pub(super) fn before_event(out: &Out<'_>, handler: &Handler<'_>) -> TokenStream {
    let throttle = handler.before.throttle.as_ref().map(|of| throttle(out, of));
    let guarded = quote_spanned!(hygienic()=> , guarded);
    let checks = handler.before.guards.iter().map(|guard| match handler.guarded().next() {
        Some(_) => {
            let check = check(out, guard, "guard_event_giving", &guarded);
            quote_spanned!(hygienic()=> let guarded = #check;)
        }
        None => {
            let check = check(out, guard, "guard_event", &quote!());
            quote_spanned!(hygienic()=> #check;)
        }
    });
    let list = list(out, handler);
    quote!(#throttle #list #(#checks)*)
}

/// `let guarded = …;`: what the guards of the block gave, if the handler takes anything of guards.
pub(super) fn list(out: &Out<'_>, handler: &Handler<'_>) -> Option<TokenStream> {
    let kept = if is_kept(out) { quote_spanned!(hygienic()=> &kept.0) } else { quote!(()) };
    handler.guarded().next().map(|_| quote_spanned!(hygienic()=> let guarded = #kept;))
}

/// Takes out of the list what a parameter of type `Guarded<ty>` is.
pub(super) fn give(out: &Out<'_>, ty: &Type) -> TokenStream {
    let at = hygienic().located_at(ends(ty.to_token_stream()).0);
    let (give, ty) = (out.path("give", ty), out.ty(ty));
    quote_spanned!(at=> #give::<#ty, _, _>(&guarded))
}
