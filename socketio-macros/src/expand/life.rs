//! `open`, `error` and `close`: a connection's beginning and end, and what it makes of failures.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, ReturnType, Type};

use super::before::{keep, kept_param, kept_used, list};
use super::call::call;
use super::{Out, attrs, ends, hygienic};
use crate::model::{Handler, Role};
use crate::ty;

/// `SocketConnection::open`: one per `#[on_open]`, and the default where there is none.
pub(crate) fn open(out: &Out<'_>) -> TokenStream {
    let private = &out.private;
    let handlers: Vec<_> = of(out, |role| matches!(role, Role::Open)).collect();
    let (keep, kept) = keep(out);
    let function = |attrs: TokenStream, value: TokenStream| {
        quote_spanned! {hygienic()=>
            #attrs
            async fn open(
                cx: &#private::Context<'_, __S>,
            ) -> #private::Result<(Self, Self::Kept), #private::Reject> {
                #keep
                #private::enter(cx);
                #private::Result::map({ #value }, |opened| (opened, #kept))
            }
        }
    };
    let opens = handlers.iter().map(|handler| {
        let (list, opened) = (list(out, handler), opened(out, handler));
        function(attrs::carried(handler), quote!(#list #opened))
    });
    let default = attrs::otherwise(handlers.iter().map(|handler| &*handler.cfgs)).map(|cfg| {
        if out.connection.open_is_broken {
            return function(cfg, quote_spanned!(hygienic()=> #private::open_broken()));
        }
        let open_default = out.path("open_default", out.connection.self_ty);
        let self_ty = out.ty(out.connection.self_ty);
        let value = quote_spanned!(hygienic()=> #open_default::<#self_ty>());
        function(cfg, quote_spanned!(hygienic()=> #private::Result::Ok(#value)))
    });
    quote!(#(#opens)* #default)
}

/// The value of a call of `#[on_open]` as a `Result`.
fn opened(out: &Out<'_>, handler: &Handler<'_>) -> TokenStream {
    let private = &out.private;
    let call = call(out, handler);
    let ReturnType::Type(_, ty) = &handler.sig.output else { return call };
    let name = ty::last_segment(ty).map(|segment| segment.ident.to_string());
    match name.as_deref() {
        Some("Result") => result(out, ty, &call),
        Some("Option") => {
            let open_option = out.path("open_option", ty);
            quote_spanned!(hygienic()=> #open_option(#call))
        }
        _ => quote_spanned!(hygienic()=> #private::Result::Ok(#call)),
    }
}

/// The value of a call that returns a `Result`, with its error as a `Reject`.
pub(crate) fn result(out: &Out<'_>, ty: &Type, call: &TokenStream) -> TokenStream {
    let open_result = out.path("open_result", ty);
    let error = ty::arguments(ty).nth(1).and_then(ty::name);
    let at = error.map_or_else(|| ends(ty).1, Ident::span);
    let opened = Ident::new("opened", hygienic().located_at(at));
    quote_spanned!(hygienic()=> let opened = #call; #open_result(#opened))
}

/// `SocketConnection::error`, if there is an `#[on_error]`; `error_shared` where handlers run beside each
/// other.
pub(crate) fn error(out: &Out<'_>) -> TokenStream {
    let private = &out.private;
    let (name, receiver) = if out.connection.is_mixed() {
        ("error_shared", quote_spanned!(hygienic()=> &self))
    } else {
        ("error", quote_spanned!(hygienic()=> &mut self))
    };
    let name = Ident::new(name, hygienic());
    let errors = of(out, |role| matches!(role, Role::Error)).map(|handler| {
        let (attrs, call) = (attrs::carried(handler), call(out, handler));
        let (kept, used, list) = (kept_param(out), kept_used(out), list(out, handler));
        quote_spanned! {hygienic()=>
            #attrs
            async fn #name(
                #receiver,
                #kept,
                cx: &#private::Context<'_, __S>,
                error: &#private::HandlerError,
            ) -> #private::Option<#private::OnError> {
                let _ = (cx, error);
                #used
                #list
                #private::Option::Some(#call)
            }
        }
    });
    errors.collect()
}

/// `SocketConnection::close`, if there is an `#[on_close]`.
pub(crate) fn close(out: &Out<'_>) -> TokenStream {
    let private = &out.private;
    let closes = of(out, |role| matches!(role, Role::Close)).map(|handler| {
        let (attrs, call) = (attrs::carried(handler), call(out, handler));
        let (kept, used, list) = (kept_param(out), kept_used(out), list(out, handler));
        quote_spanned! {hygienic()=>
            #attrs
            async fn close(
                &mut self,
                #kept,
                cx: &#private::Context<'_, __S>,
                reason: #private::CloseReason,
            ) {
                let _ = (cx, reason);
                #used
                #list
                #call
            }
        }
    });
    closes.collect()
}

/// The handlers of a role.
pub(crate) fn of<'a>(
    out: &Out<'a>,
    role: impl Fn(&Role<'a>) -> bool,
) -> impl Iterator<Item = &'a Handler<'a>> {
    out.connection.handlers.iter().filter(move |handler| role(&handler.role))
}
