//! `#[guard]` on a function: beside it comes a type of its name, which is a guard.
//!
//! In: the function, its body unread; out: the function, and `struct name {}` with a `Guard`, or an
//! `EventGuard` if it looks at the event. What is wrong with it is reported at once, each at its token; the
//! function comes out in any case.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{FnArg, GenericParam, Ident, PatType, ReturnType, Safety, Signature, Type};

use crate::attr;
use crate::build::context;
use crate::errors::Errors;
use crate::expand::attrs::{cfgs, lints};
use crate::expand::{read_auth, respan};
use crate::fallback;
use crate::model::{Bound, EventPart, Kind};
use crate::parse::Method;
use crate::ty;

const ELSEWHERE: &str = "`#[guard(…)]` only works below `#[socket_connection]`, on the `impl` block and on \
     methods in it; `#[guard]`, alone or with `crate = \"…\"`, makes a guard of a function";

/// Expands `#[guard]`.
pub(crate) fn guard(options: TokenStream, item: TokenStream) -> TokenStream {
    let function = syn::parse2::<Method>(item.clone());
    let (mut errors, mut krate) = (Errors::default(), None);
    let is_ours = options.is_empty() || attr::guard_options(options, &mut krate, &mut errors);
    let function = match function {
        Ok(function) if is_ours && function.sig.receiver().is_none() => function,
        _ => return fallback::beside(item, &syn::Error::new(Span::call_site(), ELSEWHERE)),
    };
    let private = match krate {
        Some(krate) => quote!(#krate::__private),
        None => quote_spanned!(Span::mixed_site()=> ::socketio_core::__private),
    };
    signature(&function.sig, &mut errors);
    let params: Vec<_> =
        function.sig.inputs.iter().filter_map(|input| param(input, &mut errors)).collect();
    let value = value(&function.sig, &mut errors);
    let errors = errors.to_compile_errors();
    let generated = match value {
        Some(value) if errors.is_empty() => expand(&function, &params, value, &private),
        _ => stub(&function),
    };
    quote!(#function #errors #generated)
}

/// One parameter: its type, and where its value comes from.
struct Param<'a> {
    ty: &'a Type,
    from: From<'a>,
}

enum From<'a> {
    Connection,
    State(&'a Type),
    Auth(&'a Type),
    Event,
}

fn param<'a>(input: &'a FnArg, errors: &mut Errors) -> Option<Param<'a>> {
    let FnArg::Typed(PatType { attrs, pat, ty, .. }) = input else { return None };
    let marked = attrs.iter().find(|attr| attr::is_param_helper(attr));
    if let Some(marked) = marked {
        if attr::param_helper(marked) == Some("ctx") {
            return Some(Param { ty, from: From::Connection });
        }
        errors.at(marked, "a guard has no arguments: what an event brings is in its `&Event`");
        return None;
    }
    let from = match context(ty) {
        Some(Kind::Connection(Bound::State(ty))) => From::State(ty),
        Some(Kind::Connection(_)) => From::Connection,
        Some(Kind::Auth(ty)) => From::Auth(ty),
        Some(Kind::Event(EventPart::Event)) => From::Event,
        Some(_) => {
            let name = ty::name(ty).map(ToString::to_string).unwrap_or_default();
            let message = format!(
                "there is no `{name}` in a guard: it takes `&Socket`, `&ConnectionInfo`, `State`, \
                 `Extension`, `Auth` and `&Event`"
            );
            errors.at(ty, message);
            return None;
        }
        None => {
            let message = "a guard has no arguments: what an event brings is in its `&Event` (`#[ctx]` \
                           marks a context parameter of your own)";
            errors.at(quote!(#pat: #ty), message);
            return None;
        }
    };
    Some(Param { ty, from })
}

fn signature(sig: &Signature, errors: &mut Errors) {
    if let Safety::Unsafe(token) = &sig.safety {
        errors.at(token, "guards can't be `unsafe`: the server calls them");
    }
    if let Some(token) = &sig.constness {
        errors.at(token, "guards can't be `const`: take it away");
    }
    if let Some(abi) = &sig.abi {
        errors.at(abi, "guards can't be `extern`: take it away");
    }
    for param in &sig.generics.params {
        if !matches!(param, GenericParam::Lifetime(_)) {
            let message =
                "a guard of a function is one type: implement `Guard` for a generic one of yours";
            errors.at(param, message);
        }
    }
}

/// The type of what it gives.
fn value<'a>(sig: &'a Signature, errors: &mut Errors) -> Option<&'a Type> {
    const FORM: &str =
        "a guard gives a value or refuses: return `Result<T, Reject>` or `Option<T>`";
    let ReturnType::Type(_, ty) = &sig.output else {
        errors.at(&sig.ident, FORM);
        return None;
    };
    let known = ["Result", "Option"].into_iter().any(|name| ty::is_named(ty, name));
    let value = ty::arguments(ty).next().filter(|_| known);
    if value.is_none() {
        errors.at(ty, FORM);
    }
    value
}

/// The type alone, of a function that can't be a guard.
fn stub(function: &Method) -> TokenStream {
    let (vis, name, cfgs) = (&function.vis, &function.sig.ident, cfgs(&function.attrs));
    quote! {
        #(#cfgs)*
        #[allow(non_camel_case_types, missing_docs)]
        #vis struct #name {}
    }
}

fn expand(
    function: &Method,
    params: &[Param<'_>],
    value: &Type,
    private: &TokenStream,
) -> TokenStream {
    let at = Span::mixed_site();
    let (vis, name, cfgs) = (&function.vis, &function.sig.ident, cfgs(&function.attrs));
    let doc = format!("The guard that [`{name}`](fn@{name}) is.");
    let lints = lints(&function.attrs);
    let (mut types, mut states) = (quote!(#private::NoState), quote!(_));
    for (index, param) in params.iter().enumerate().rev() {
        if let From::State(ty) = param.from {
            let state = state(index);
            (types, states) =
                (quote!(#private::And<#ty, #types>), quote!(#private::And(#state, #states)));
        }
    }
    let call = call(function, params, private);
    let takes_event = params.iter().any(|param| matches!(param.from, From::Event));
    let (guard, check, event) = if takes_event {
        let event = quote_spanned!(at=> event: &#private::Event,);
        ("EventGuard", "check_event", event)
    } else {
        ("Guard", "check", quote!())
    };
    let (guard, check) = (Ident::new(guard, at), Ident::new(check, at));
    quote_spanned! {at=>
        #(#cfgs)*
        #[doc = #doc]
        #[allow(non_camel_case_types)]
        #[derive(Debug, Clone, Copy)]
        #vis struct #name {}

        #(#cfgs)*
        #[automatically_derived]
        #lints
        impl #private::#guard for #name {
            type Value = #value;
            type State = #types;

            async fn #check(
                &self,
                socket: &#private::Socket,
                #event
                state: Self::State,
            ) -> #private::Result<Self::Value, #private::Reject> {
                let #states = state;
                let cx = &#private::stateless(socket);
                let _ = cx;
                #call
            }
        }
    }
}

/// Calls the function, and makes a `Result` of what it gives.
fn call(function: &Method, params: &[Param<'_>], private: &TokenStream) -> TokenStream {
    let (at, name) = (Span::mixed_site(), &function.sig.ident);
    let values = params.iter().enumerate().map(|(index, Param { ty, from })| match from {
        From::Connection => {
            let ty = ty::with_lifetime(ty, "_", &[]);
            quote_spanned! {at=>
                <#ty as #private::FromConnection<'_, #private::NoState>>::from_connection(cx)
            }
        }
        From::State(_) => {
            let state = state(index);
            quote_spanned!(at=> #private::State(#state))
        }
        From::Auth(ty) => {
            read_auth(private, &quote_spanned!(at=> #private::auth::<#ty, #private::NoState>))
        }
        From::Event if ty::reference(ty).is_some() => quote_spanned!(at=> event),
        From::Event => quote_spanned!(at=> ::core::clone::Clone::clone(event)),
    });
    let place = at.located_at(name.span());
    let mut list = Group::new(Delimiter::Parenthesis, quote!(#(#values),*));
    list.set_span(place);
    let call = quote_spanned!(place=> #name #list);
    let call = match function.sig.asyncness {
        Some(_) => {
            let private = respan(private.clone(), place);
            quote_spanned!(place=> #private::handler_future(#call).await)
        }
        None => call,
    };
    let returned = match &function.sig.output {
        ReturnType::Type(_, ty) if ty::is_named(ty, "Option") => "guard_option",
        _ => "open_result",
    };
    let error = match &function.sig.output {
        ReturnType::Type(_, ty) => ty::arguments(ty).nth(1).map_or(at, |error| {
            error.to_token_stream().into_iter().next().map_or(at, |token| token.span())
        }),
        ReturnType::Default => at,
    };
    let returned = Ident::new(returned, at);
    let given = Ident::new("given", at.located_at(error));
    quote_spanned! {at=>
        let given = #call;
        #private::#returned(#given)
    }
}

/// Where a part of the state waits for the call.
fn state(index: usize) -> Ident {
    format_ident!("state_{index}", span = Span::mixed_site())
}
