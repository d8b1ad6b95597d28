//! The call of a handler: `Self::method(self, …)`, with `.await` if that is how it is written.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;

use super::{Out, before, ends, hygienic, respan};
use crate::model::{Handler, Kind, Mode, Param};
use crate::ty;

/// Calls a handler with `cx`, the context of its phase, in scope.
pub(crate) fn call(out: &Out<'_>, handler: &Handler<'_>) -> TokenStream {
    let method = &handler.sig.ident;
    let at = hygienic().located_at(method.span());
    let receiver = handler.role.has_connection().then(|| quote_spanned!(at=> self,));
    let values = handler.params.iter().enumerate().map(|(index, param)| {
        let cfgs = &param.cfgs;
        let value = value(out, handler, param, index);
        quote!(#(#cfgs)* #value)
    });
    let mut list = Group::new(Delimiter::Parenthesis, quote!(#receiver #(#values),*));
    list.set_span(at);
    let call = quote_spanned!(at=> Self::#method #list);
    if handler.sig.asyncness.is_some() {
        let handler_future = out.path("handler_future", method);
        quote_spanned!(at=> #handler_future(#call).await)
    } else {
        call
    }
}

/// Where an argument waits for its call.
pub(crate) fn local(param: &Param<'_>, index: usize) -> Ident {
    use syn::ext::IdentExt as _;
    match param.pat {
        syn::Pat::Ident(plain) => format_ident!("arg_{}", plain.ident.unraw(), span = hygienic()),
        _ => format_ident!("arg_{index}", span = hygienic()),
    }
}

fn value(out: &Out<'_>, handler: &Handler<'_>, param: &Param<'_>, index: usize) -> TokenStream {
    let has_event = handler.role.has_event();
    match &param.kind {
        Kind::Connection(_) => {
            let cx = if has_event {
                quote_spanned!(hygienic()=> cx.connection())
            } else {
                quote_spanned!(hygienic()=> cx)
            };
            let value =
                taken(out, param, "FromConnection", &quote!(<'_, __S>), "from_connection", &cx);
            of_client(out, param, value)
        }
        Kind::Event(_) => taken(
            out,
            param,
            "FromEvent",
            &quote!(<'_>),
            "from_event",
            &quote_spanned!(hygienic()=> cx),
        ),
        Kind::Auth(ty) => {
            let auth = out.path("auth", ty);
            let ty = out.ty(ty);
            read_auth(&out.private, &quote_spanned!(hygienic()=> #auth::<#ty, __S>))
        }
        Kind::Guarded(ty) => before::give(out, ty),
        Kind::CloseReason if ty::reference(param.ty).is_some() => {
            quote_spanned!(hygienic()=> &reason)
        }
        Kind::CloseReason => quote_spanned!(hygienic()=> reason),
        Kind::HandlerError => quote_spanned!(hygienic()=> error),
        Kind::Path => quote_spanned!(hygienic()=> cx.socket().endpoint()),
        Kind::Argument(argument) => {
            let local = local(param, index);
            match argument.mode {
                Mode::Borrowed(_) | Mode::DefaultBorrowed(..) => {
                    quote_spanned!(hygienic()=> &#local)
                }
                Mode::OptionalBorrowed(_) => quote_spanned!(hygienic()=> #local.as_deref()),
                _ => quote!(#local),
            }
        }
    }
}

/// Holds a socket to the block's client, if it names one.
fn of_client(out: &Out<'_>, param: &Param<'_>, socket: TokenStream) -> TokenStream {
    let is_socket = ty::name(param.ty).is_some_and(|name| name == "Socket");
    let Some(client) = out.connection.client.as_ref().filter(|_| is_socket) else { return socket };
    let function = if out.connection.strict { "of_client_alone" } else { "of_client" };
    let (function, ty) = (out.path(function, param.ty), out.ty(param.ty));
    let at = hygienic().located_at(ends(param.ty).1);
    let mut list = Group::new(Delimiter::Parenthesis, socket);
    list.set_span(at);
    quote_spanned!(at=> #function::<dyn #client, #ty> #list)
}

/// `auth(cx, …)?`, which asks the type whether what was read makes sense.
pub(crate) fn read_auth(private: &TokenStream, auth: &TokenStream) -> TokenStream {
    quote_spanned! {hygienic()=>
        {
            use #private::{ViaNothingToSay as _, ViaValidate as _};
            #auth(cx, |auth| (&#private::Checked(auth)).verdict())?
        }
    }
}

/// `<Type as Trait>::method(cx)`, lying where the type does.
fn taken(
    out: &Out<'_>,
    param: &Param<'_>,
    name: &str,
    generics: &TokenStream,
    method: &str,
    cx: &TokenStream,
) -> TokenStream {
    let ty = out.ty(param.ty);
    let name = out.path(name, param.ty);
    let (start, end) = ends(param.ty.to_token_stream());
    let (start, end) = (hygienic().located_at(start), hygienic().located_at(end));
    let method = Ident::new(method, end);
    let cx = respan(cx.clone(), end);
    let open = quote_spanned!(start=> <);
    let generics = quote_spanned!(hygienic()=> #generics);
    let close = quote_spanned!(end=> >::#method(#cx));
    quote!(#open #ty as #name #generics #close)
}
