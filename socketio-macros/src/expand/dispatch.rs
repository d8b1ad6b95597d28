//! `dispatch`: the `match` on the event's name.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{ReturnType, Type};

use super::call::{call, local};
use super::{Out, cfg, hygienic};
use crate::attr::{Form, Surplus};
use crate::model::{Argument, Event, EventPart, Handler, Mode, Param, Role};
use crate::ty;

/// `SocketConnection::dispatch`.
pub(crate) fn dispatch(out: &Out<'_>) -> TokenStream {
    let private = &out.private;
    let handlers = out.connection.handlers.iter();
    let arms = handlers.clone().filter_map(|handler| match &handler.role {
        Role::Event(event) => Some(arm(out, handler, event)),
        Role::Message => {
            let (cfgs, answer) = (&handler.cfgs, answer(out, handler));
            Some(quote_spanned!(hygienic()=> #(#cfgs)* "message" => { #answer }))
        }
        _ => None,
    });
    let others: Vec<_> =
        handlers.filter(|handler| matches!(handler.role, Role::AnyEvent)).collect();
    let other_arms = others.iter().map(|handler| {
        let (cfgs, answer) = (&handler.cfgs, answer(out, handler));
        quote_spanned!(hygienic()=> #(#cfgs)* _ => { #answer })
    });
    let unhandled = cfg::otherwise(others.iter().map(|handler| &*handler.cfgs)).map(|cfg| {
        quote_spanned!(hygienic()=> #cfg _ => #private::Result::Ok(#private::Reply::Unhandled),)
    });
    quote_spanned! {hygienic()=>
        async fn dispatch(
            &mut self,
            cx: &#private::EventContext<'_, __S>,
        ) -> #private::Result<#private::Reply, #private::HandlerError> {
            let event = cx.event();
            match event.name() {
                #(#arms)*
                #(#other_arms)*
                #unhandled
            }
        }
    }
}

fn arm(out: &Out<'_>, handler: &Handler<'_>, event: &Event<'_>) -> TokenStream {
    let private = &out.private;
    let (cfgs, name) = (&handler.cfgs, event.name());
    let arguments = || {
        let params = handler.params.iter().enumerate();
        params.filter_map(|(index, param)| Some((index, param, param.argument()?)))
    };
    let signature = signature(out, event, arguments());
    let taken = arguments().map(|(index, param, argument)| take(out, index, param, argument));
    let answer = answer(out, handler);
    quote_spanned! {hygienic()=>
        #(#cfgs)*
        #name => {
            let mut args = #private::Arguments::new(event, &#signature)?;
            #(#taken)*
            args.finish()?;
            #answer
        }
    }
}

/// `Signature { … }`, a constant.
fn signature<'a>(
    out: &Out<'_>,
    event: &Event<'_>,
    arguments: impl Iterator<Item = (usize, &'a Param<'a>, &'a Argument<'a>)>,
) -> TokenStream {
    let private = &out.private;
    let params = arguments.map(|(index, param, argument)| {
        let cfgs = &param.cfgs;
        let name = argument.name.clone().unwrap_or_else(|| index.to_string());
        let required = argument.mode.is_required();
        quote_spanned!(hygienic()=> #(#cfgs)* #private::Param { name: #name, required: #required })
    });
    let form = match event.form {
        Form::Either => quote!(Either),
        Form::Positional => quote!(Positional),
        Form::Keyword => quote!(Keyword),
    };
    let surplus = match event.surplus {
        Surplus::Refuse => quote!(Refuse),
        Surplus::Ignore => quote!(Ignore),
    };
    quote_spanned! {hygienic()=>
        #private::Signature {
            params: &[#(#params),*],
            form: #private::Form::#form,
            surplus: #private::Surplus::#surplus,
        }
    }
}

/// `let arg_x = required::<T>(&mut args)?;`
fn take(out: &Out<'_>, index: usize, param: &Param<'_>, argument: &Argument<'_>) -> TokenStream {
    let private = &out.private;
    let cfgs = &param.cfgs;
    let local = local(param, index);
    let of = |function: &str, ty: &Type| {
        let (path, ty) = (out.path(function, ty), out.ty(ty));
        quote_spanned!(hygienic()=> #path::<#ty>)
    };
    let value = match &argument.mode {
        Mode::Required => {
            let required = of("required", param.ty);
            quote_spanned!(hygienic()=> #required(&mut args)?)
        }
        Mode::Text => quote_spanned!(hygienic()=> args.text()?),
        Mode::Optional(ty) => {
            let optional = of("optional", ty);
            quote_spanned!(hygienic()=> #optional(&mut args)?)
        }
        Mode::OptionalText => quote_spanned!(hygienic()=> #private::optional_text(&mut args)?),
        Mode::Default(value) => {
            let ty = out.ty(param.ty);
            let function = out.path("defaulted", param.ty);
            let value = default(out, value.as_ref(), param.ty);
            quote_spanned!(hygienic()=> #function::<#ty>(&mut args, #value)?)
        }
        Mode::DefaultText(value) => {
            let value = match value {
                Some(value) => quote!(#value),
                None => quote!(""),
            };
            quote_spanned!(hygienic()=> #private::default_text(&mut args, || #value)?)
        }
        Mode::Rest(ty) => {
            let rest = of("rest", ty);
            quote_spanned!(hygienic()=> #rest(&mut args)?)
        }
    };
    quote_spanned!(hygienic()=> #(#cfgs)* let #local = #value;)
}

fn default(out: &Out<'_>, value: Option<&syn::Expr>, ty: &Type) -> TokenStream {
    match value {
        Some(value) => quote_spanned!(hygienic()=> || #value),
        None => {
            let default = out.path("default_value", ty);
            quote!(#default)
        }
    }
}

/// Calls the handler and makes its answer.
fn answer(out: &Out<'_>, handler: &Handler<'_>) -> TokenStream {
    let private = &out.private;
    let call = call(out, handler);
    if handler.event_parts(EventPart::AckSender).next().is_some() {
        let later = quote_spanned!(hygienic()=> #private::reply_later(#call));
        return quote_spanned!(hygienic()=> #private::Result::Ok(#later));
    }
    let ty = match &handler.sig.output {
        ReturnType::Type(_, ty) => ty::bare(ty).to_token_stream(),
        ReturnType::Default => handler.sig.ident.to_token_stream(),
    };
    let (_, end) = super::ends(&ty);
    let result = match &handler.sig.output {
        ReturnType::Type(_, ty) => ty::last_segment(ty).filter(|last| last.ident == "Result"),
        ReturnType::Default => None,
    };
    let Some(result) = result else {
        let function = out.path("answer", &ty);
        let (start, _) = super::ends(&ty);
        let and = quote_spanned!(hygienic().located_at(start)=> &);
        let value = quote_spanned!(hygienic().located_at(end)=> out);
        return quote_spanned!(hygienic()=> let out = #call; #function(event, #and #value));
    };
    let (value, error) = result_types(result);
    let function = out.path("answer_result", value.unwrap_or_else(|| ty.clone()));
    let value = quote_spanned!(hygienic()=> out);
    let at = super::ends(error.unwrap_or(ty)).1;
    let wire = quote_spanned! {hygienic().located_at(at)=>
        (&&#private::ErrorWire(error)).wire()
    };
    quote_spanned! {hygienic()=>
        let out = #call;
        #function(event, #value, |error| {
            use #private::{ViaError as _, ViaNothing as _, ViaSerialize as _};
            #wire
        })
    }
}

/// `T` and `E` of `Result<T, E>`, as far as they are written.
fn result_types(result: &syn::PathSegment) -> (Option<TokenStream>, Option<TokenStream>) {
    let syn::PathArguments::AngleBracketed(arguments) = &result.arguments else {
        return (None, None);
    };
    let mut arguments = arguments.args.iter().map(ToTokens::to_token_stream);
    (arguments.next(), arguments.next())
}
