//! `impl<…, __S> Trait<__S> for Type where …`: the bounds that the handlers' parameters ask for.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, GenericParam, Ident, Path, Type};

use super::{Out, attrs, before, ends, hygienic};
use crate::model::{Bound, Handler, Kind};
use crate::ty;

/// The impl of a trait that has the server's state as its parameter, lying at the type.
pub(crate) fn implement(
    out: &Out<'_>,
    name: &str,
    more: &[TokenStream],
    content: TokenStream,
) -> TokenStream {
    let self_ty = out.connection.self_ty;
    let params = &out.connection.generics.params;
    let comma = (!params.is_empty() && !params.trailing_punct()).then(|| quote!(,));
    let trait_path = out.path(name, self_ty);
    let lasting = lasting(self_ty);
    let own = out.connection.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let bounds = bounds(out);
    let guards = bounds.iter().filter_map(|bound| bound.is_guard(out));
    let predicates = bounds.iter().map(|bound| bound.predicate(out));
    let at = hygienic().located_at(ends(self_ty).0);
    let implements = quote_spanned!(at=> impl<#params #comma __S> #trait_path<__S> for #self_ty);
    let mut content = Group::new(Delimiter::Brace, content);
    content.set_span(at);
    let lints = attrs::lints(out.connection.attrs);
    quote_spanned! {hygienic()=>
        #[automatically_derived]
        #lints
        #implements
        where
            __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
            #self_ty: #lasting,
            #(#own,)*
            #(#guards,)*
            #(#predicates,)*
            #(#more,)*
        #content
    }
}

/// What a connection type must be, stated where the type stands: behind this bound all that is
/// generated takes it for granted, so that a type that is not fails here alone.
fn lasting(self_ty: &Type) -> TokenStream {
    let at = hygienic().located_at(ends(self_ty).1);
    quote_spanned!(at=> ::core::marker::Send + ::core::marker::Sync + 'static)
}

/// The types of bounds that hold only under a condition: predicates can't have one, types can.
pub(crate) fn aliases(out: &Out<'_>) -> TokenStream {
    bounds(out).iter().filter_map(|bound| bound.alias(out)).collect()
}

/// What the impl must know of the server's state.
#[derive(Clone, Copy)]
enum Ask<'a> {
    /// The type is a part of it.
    State(&'a Type),
    /// The type is `FromConnection` of it.
    Context(&'a Type),
    /// What the guard takes is a part of it.
    Guard(&'a Path),
}

/// What is asked for, and when.
struct AskedFor<'a> {
    ask: Ask<'a>,
    /// The condition under which it is asked for, and the name of the type that is always there.
    condition: Option<(TokenStream, Ident)>,
}

/// What the handlers' parameters ask for, each once.
fn bounds<'a>(out: &Out<'a>) -> Vec<AskedFor<'a>> {
    let mut asked: Vec<(String, AskedFor<'a>)> = Vec::new();
    let guards = out.connection.before.guards.iter();
    let guards = guards.map(|guard| (Ask::Guard(&guard.path), Vec::new()));
    for (ask, cfgs) in guards.chain(out.connection.handlers.iter().flat_map(asks)) {
        let tokens = ask.ty(out);
        let condition = attrs::condition(&cfgs).filter(|_| !mentions_generics(out, &tokens));
        let text = |condition: Option<&TokenStream>| {
            let is_context = matches!(ask, Ask::Context(_));
            format!("{is_context} {tokens} {}", condition.to_token_stream())
        };
        let known = |text: String| asked.iter().any(|(known, _)| *known == text);
        if known(text(None)) || known(text(condition.as_ref())) {
            continue;
        }
        let text = text(condition.as_ref());
        let name = format_ident!("__Param{}", asked.len());
        let condition = condition.map(|condition| (condition, name));
        asked.push((text, AskedFor { ask, condition }));
    }
    asked.into_iter().map(|(_, asked)| asked).collect()
}

/// What one handler asks for, and under which conditions.
fn asks<'a>(handler: &'a Handler<'a>) -> impl Iterator<Item = (Ask<'a>, Vec<&'a Attribute>)> {
    let params = handler.params.iter().filter_map(|param| {
        let ask = match param.kind {
            Kind::Connection(Bound::State(ty)) => Ask::State(ty),
            Kind::Connection(Bound::Itself) => Ask::Context(param.ty),
            _ => return None,
        };
        Some((ask, handler.cfgs.iter().chain(&param.cfgs).copied().collect()))
    });
    let guards = handler.before.guards.iter();
    let guards = guards.map(|guard| Ask::Guard(&guard.path));
    let more = handler.chosen_state().map(Ask::State).into_iter().chain(guards);
    params.chain(more.map(|ask| (ask, handler.cfgs.clone())))
}

fn mentions_generics(out: &Out<'_>, ty: &TokenStream) -> bool {
    let mut names = out.connection.generics.params.iter().map(|param| match param {
        GenericParam::Lifetime(param) => &param.lifetime.ident,
        GenericParam::Type(param) => &param.ident,
        GenericParam::Const(param) => &param.ident,
    });
    names.any(|name| ty::mentions(ty, &name.to_string()))
}

impl Ask<'_> {
    /// The type that is asked about.
    fn ty(&self, out: &Out<'_>) -> TokenStream {
        match *self {
            Self::State(ty) => out.ty(ty),
            Self::Context(ty) => ty::with_lifetime(ty, "__c", &out.lifetimes),
            Self::Guard(path) => before::of_guard(out, path, "State"),
        }
    }
}

impl AskedFor<'_> {
    /// What a guard must be, stated where it is named: behind this bound all takes it for granted. One that
    /// depends on the impl's parameters would be as opaque as these.
    fn is_guard(&self, out: &Out<'_>) -> Option<TokenStream> {
        match (self.ask, &self.condition) {
            (Ask::Guard(path), None) if !mentions_generics(out, &quote!(#path)) => {
                let guard = out.path("EventGuard", path);
                let at = hygienic().located_at(ends(path.to_token_stream()).1);
                Some(quote_spanned!(at=> #path: #guard))
            }
            _ => None,
        }
    }

    fn predicate(&self, out: &Out<'_>) -> TokenStream {
        let private = &out.private;
        let is_context = matches!(self.ask, Ask::Context(_));
        let ty = match (&self.condition, is_context) {
            (None, _) => self.ask.ty(out),
            (Some((_, alias)), false) => quote!(#alias),
            (Some((_, alias)), true) => quote!(#alias<'__c>),
        };
        if is_context {
            quote_spanned!(hygienic()=> for<'__c> #ty: #private::FromConnection<'__c, __S>)
        } else {
            let part = match self.ask {
                Ask::State(ty) => out.path("PartOf", ty),
                Ask::Context(_) | Ask::Guard(_) => quote_spanned!(hygienic()=> #private::FromRef),
            };
            quote_spanned!(hygienic()=> #ty: #part<__S>)
        }
    }

    fn alias(&self, out: &Out<'_>) -> Option<TokenStream> {
        let private = &out.private;
        let (condition, alias) = self.condition.as_ref()?;
        let generics = matches!(self.ask, Ask::Context(_)).then(|| quote!(<'__c>));
        let ty = self.ask.ty(out);
        Some(quote_spanned! {hygienic()=>
            #[cfg(#condition)]
            type #alias #generics = #ty;
            #[cfg(not(#condition))]
            type #alias #generics = #private::Absent;
        })
    }
}
