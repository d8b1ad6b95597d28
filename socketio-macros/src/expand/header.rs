//! `impl<…, __S> Trait<__S> for Type where …`: the bounds that the handlers' parameters ask for.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, GenericParam, Ident, Type};

use super::{Out, attrs, ends, hygienic};
use crate::model::{Bound, Handler, Kind};
use crate::ty;

/// The head of an impl of a trait that has the server's state as its parameter.
pub(crate) fn header(out: &Out<'_>, name: &str, more: &[TokenStream]) -> TokenStream {
    let self_ty = out.connection.self_ty;
    let params = &out.connection.generics.params;
    let comma = (!params.is_empty() && !params.trailing_punct()).then(|| quote!(,));
    let trait_path = out.path(name, self_ty);
    let lasting = lasting(self_ty);
    let own = out.connection.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let bounds = bounds(out);
    let predicates = bounds.iter().map(|bound| bound.predicate(out));
    quote_spanned! {hygienic()=>
        impl<#params #comma __S> #trait_path<__S> for #self_ty
        where
            __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
            #self_ty: #lasting,
            #(#own,)*
            #(#predicates,)*
            #(#more,)*
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

/// What one type of the handlers' parameters, or of what `#[on_endpoint]` chooses, must be.
struct AskedFor<'a> {
    ty: &'a Type,
    /// Rather than `State`.
    is_context: bool,
    /// The condition under which it is asked for, and the name of the type that is always there.
    condition: Option<(TokenStream, Ident)>,
}

/// What the handlers' parameters ask for, each once.
fn bounds<'a>(out: &Out<'a>) -> Vec<AskedFor<'a>> {
    let mut asked: Vec<(String, AskedFor<'a>)> = Vec::new();
    for (ty, is_context, cfgs) in out.connection.handlers.iter().flat_map(asks) {
        let condition = attrs::condition(&cfgs).filter(|_| !mentions_generics(out, ty));
        let text = |condition: Option<&TokenStream>| {
            format!("{is_context} {} {}", ty.to_token_stream(), condition.to_token_stream())
        };
        let known = |text: String| asked.iter().any(|(known, _)| *known == text);
        if known(text(None)) || known(text(condition.as_ref())) {
            continue;
        }
        let text = text(condition.as_ref());
        let name = format_ident!("__Param{}", asked.len());
        let condition = condition.map(|condition| (condition, name));
        asked.push((text, AskedFor { ty, is_context, condition }));
    }
    asked.into_iter().map(|(_, asked)| asked).collect()
}

/// What one handler asks for: the type, whether as a context rather than as state, and under which
/// conditions.
fn asks<'a>(
    handler: &'a Handler<'a>,
) -> impl Iterator<Item = (&'a Type, bool, Vec<&'a Attribute>)> {
    let params = handler.params.iter().filter_map(|param| {
        let (ty, is_context) = match param.kind {
            Kind::Connection(Bound::State(ty)) => (ty, false),
            Kind::Connection(Bound::Itself) => (param.ty, true),
            _ => return None,
        };
        Some((ty, is_context, handler.cfgs.iter().chain(&param.cfgs).copied().collect()))
    });
    params.chain(handler.chosen_state().map(|state| (state, false, handler.cfgs.clone())))
}

fn mentions_generics(out: &Out<'_>, ty: &Type) -> bool {
    let mut names = out.connection.generics.params.iter().map(|param| match param {
        GenericParam::Lifetime(param) => &param.lifetime.ident,
        GenericParam::Type(param) => &param.ident,
        GenericParam::Const(param) => &param.ident,
    });
    names.any(|name| ty::mentions(ty, name))
}

impl AskedFor<'_> {
    fn predicate(&self, out: &Out<'_>) -> TokenStream {
        let private = &out.private;
        let ty = match (&self.condition, self.is_context) {
            (None, false) => out.ty(self.ty),
            (None, true) => ty::with_lifetime(self.ty, "__c", &out.lifetimes),
            (Some((_, alias)), false) => quote!(#alias),
            (Some((_, alias)), true) => quote!(#alias<'__c>),
        };
        if self.is_context {
            quote_spanned!(hygienic()=> for<'__c> #ty: #private::FromConnection<'__c, __S>)
        } else {
            quote_spanned!(hygienic()=> #ty: #private::FromRef<__S>)
        }
    }

    fn alias(&self, out: &Out<'_>) -> Option<TokenStream> {
        let private = &out.private;
        let (condition, alias) = self.condition.as_ref()?;
        let (generics, ty) = if self.is_context {
            (quote!(<'__c>), ty::with_lifetime(self.ty, "__c", &out.lifetimes))
        } else {
            (quote!(), out.ty(self.ty))
        };
        Some(quote_spanned! {hygienic()=>
            #[cfg(#condition)]
            type #alias #generics = #ty;
            #[cfg(not(#condition))]
            type #alias #generics = #private::Absent;
        })
    }
}
