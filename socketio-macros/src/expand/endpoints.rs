//! `Endpoints`: the connection types that a server serves, by path or as `#[on_endpoint]` chooses.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::ReturnType;

use super::call::call;
use super::{Out, attrs, header, hygienic, life};
use crate::model::{Handler, Role};
use crate::ty;

/// The impl, whose table is empty without `#[endpoints(…)]`.
pub(crate) fn endpoints(out: &Out<'_>) -> TokenStream {
    let private = &out.private;
    let connections = out.connection.endpoints.iter().map(|endpoint| {
        let ty = &endpoint.ty;
        let connection = out.path("SocketConnection", ty);
        quote_spanned!(hygienic()=> #ty: #connection<__S>)
    });
    let rows = out.connection.endpoints.iter().map(|endpoint| {
        let (path, ty) = (&endpoint.path, &endpoint.ty);
        quote_spanned!(hygienic()=> table.add::<#ty>(#path);)
    });
    let choices = || life::of(out, |role| matches!(role, Role::Endpoint));
    let chooses = choices().map(|handler| {
        let cfgs = &handler.cfgs;
        quote_spanned!(hygienic()=> #(#cfgs)* table.choose::<Self>();)
    });
    let choices = choices().map(|handler| choice(out, handler));
    let content = quote_spanned! {hygienic()=>
        fn endpoints(table: &mut #private::EndpointTable<__S>) {
            let _ = &table;
            #(#rows)*
            #(#chooses)*
        }
        #(#choices)*
    };
    header::implement(out, "Endpoints", &connections.collect::<Vec<_>>(), content)
}

/// `Endpoints::endpoint`, for an `#[on_endpoint]`.
fn choice(out: &Out<'_>, handler: &Handler<'_>) -> TokenStream {
    let private = &out.private;
    let attrs = attrs::carried(handler);
    let call = call(out, handler);
    let chosen = match &handler.sig.output {
        ReturnType::Type(_, ty) if ty::is_named(ty, "Result") => {
            let result = life::result(out, ty, &call);
            quote_spanned!(hygienic()=> { #result }?)
        }
        _ => call,
    };
    let chosen = match handler.chosen_state() {
        Some(state) => {
            let (endpoint_with, state) = (out.path("endpoint_with", state), out.ty(state));
            quote_spanned!(hygienic()=> #endpoint_with::<#state, __S>(#chosen))
        }
        None => quote_spanned!(hygienic()=> #private::endpoint_plain(#chosen)),
    };
    quote_spanned! {hygienic()=>
        #attrs
        async fn endpoint(
            cx: &#private::Context<'_, __S>,
        ) -> #private::Result<#private::Option<#private::Endpoint<__S>>, #private::Reject> {
            let _ = cx;
            #private::Result::Ok(#chosen)
        }
    }
}
