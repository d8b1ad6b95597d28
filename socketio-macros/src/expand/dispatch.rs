//! `dispatch`: the `match` on the event's name.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, PathSegment, ReturnType, Type};

use super::call::{call, local};
use super::{Out, attrs, before, ends, hygienic, order};
use crate::attr::{Form, Surplus};
use crate::model::{Argument, Event, EventPart, Handler, MESSAGE, Mode, Param, Role, Slice};
use crate::ty;

/// How many arms one `match` has. Each that awaits is a state of the future it is in, and the
/// compiler's time for a future grows with the cube of those; the next arms get a future of their own.
pub(crate) const ARMS: usize = 32;

/// `SocketConnection::dispatch`; where handlers run beside each other also what says which, and what calls
/// those that share the connection.
pub(crate) fn dispatch(out: &Out<'_>) -> TokenStream {
    let handlers: Vec<_> = out.connection.handlers.iter().collect();
    if !out.connection.is_mixed() {
        return function(out, "dispatch", &quote_spanned!(hygienic()=> &mut self), &handlers);
    }
    let (alone, shared): (Vec<_>, Vec<_>) =
        handlers.iter().copied().partition(|handler| handler.is_exclusive());
    let order = order::order(out, &handlers);
    let alone = function(out, "dispatch", &quote_spanned!(hygienic()=> &mut self), &alone);
    let shared = function(out, "dispatch_shared", &quote_spanned!(hygienic()=> &self), &shared);
    quote!(#order #alone #shared)
}

/// One function that calls these handlers.
fn function(
    out: &Out<'_>,
    name: &str,
    receiver: &TokenStream,
    handlers: &[&Handler<'_>],
) -> TokenStream {
    let private = &out.private;
    let named: Vec<_> = handlers.iter().filter_map(|handler| named(out, handler)).collect();
    let mut matches = named.chunks(ARMS).rev();
    let (last, unnamed) = (matches.next().unwrap_or_default(), unnamed(out, handlers));
    let last = quote_spanned!(hygienic()=> match event.name() { #(#last)* #unnamed });
    let body = matches.fold(last, |rest, arms| {
        quote_spanned! {hygienic()=>
            match event.name() {
                #(#arms)*
                _ => async { #rest }.await,
            }
        }
    });
    let name = Ident::new(name, hygienic());
    let (kept, used) = (before::kept_param(out), before::kept_used(out));
    let throttle = before::throttle_all(out);
    quote_spanned! {hygienic()=>
        async fn #name(
            #receiver,
            #kept,
            cx: &#private::EventContext<'_, __S>,
        ) -> #private::Result<#private::Reply, #private::HandlerError> {
            let event = cx.event();
            #used
            #throttle
            #body
        }
    }
}

/// The event that a handler names.
pub(super) fn event_name(handler: &Handler<'_>) -> Option<String> {
    match &handler.role {
        Role::Message => Some(MESSAGE.to_owned()),
        Role::Event(event) => Some(event.name()),
        _ => None,
    }
}

pub(super) fn any_event<'a>(handlers: &[&'a Handler<'a>]) -> impl Iterator<Item = &'a Handler<'a>> {
    handlers.iter().copied().filter(|handler| matches!(handler.role, Role::AnyEvent))
}

/// The arm of a handler that names its event, if it is one.
fn named(out: &Out<'_>, handler: &Handler<'_>) -> Option<TokenStream> {
    let private = &out.private;
    let name = event_name(handler)?;
    let taken = match &handler.role {
        Role::Event(event) => {
            let params = handler.params.iter().enumerate();
            let arguments =
                params.filter_map(|(index, param)| Some((index, param, param.argument()?)));
            let signature = signature(out, event, arguments.clone());
            let verdicts = verdicts(out, arguments.clone());
            let taken = arguments.map(|(index, param, argument)| take(out, index, param, argument));
            Some(quote_spanned! {hygienic()=>
                let mut args = #private::Arguments::new(event, &#signature)?;
                #(#taken)*
                args.finish()?;
                #verdicts
            })
        }
        _ => None,
    };
    let (attrs, answer) = (attrs::carried(handler), answer(out, handler));
    let before = before::before_event(out, handler);
    Some(quote_spanned!(hygienic()=> #attrs #name => { #before #taken #answer }))
}

/// The arms for all other events.
fn unnamed(out: &Out<'_>, handlers: &[&Handler<'_>]) -> TokenStream {
    let private = &out.private;
    let handlers: Vec<_> = any_event(handlers).collect();
    let arms = handlers.iter().map(|handler| {
        let (attrs, answer) = (attrs::carried(handler), answer(out, handler));
        let before = before::before_event(out, handler);
        quote_spanned!(hygienic()=> #attrs _ => { #before #answer })
    });
    let unhandled = attrs::otherwise(handlers.iter().map(|handler| &*handler.cfgs)).map(|cfg| {
        quote_spanned!(hygienic()=> #cfg _ => #private::Result::Ok(#private::Reply::Unhandled),)
    });
    quote!(#(#arms)* #unhandled)
}

/// `Signature { … }`, a constant.
fn signature<'a>(
    out: &Out<'_>,
    event: &Event<'_>,
    arguments: impl Iterator<Item = (usize, &'a Param<'a>, &'a Argument<'a>)>,
) -> TokenStream {
    let private = &out.private;
    let params = arguments.enumerate().map(|(index, (_, param, argument))| {
        let cfgs = &param.cfgs;
        let name = wire_name(index, argument);
        let required = argument.mode.is_required();
        quote_spanned!(hygienic()=> #(#cfgs)* #private::Param { name: #name, required: #required })
    });
    let form = form(event.form);
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

/// The variant of `Form`.
pub(crate) fn form(form: Form) -> TokenStream {
    match form {
        Form::Either => quote!(Either),
        Form::Positional => quote!(Positional),
        Form::Keyword => quote!(Keyword),
    }
}

/// `let arg_x = required::<T>(&mut args)?;`
fn take(out: &Out<'_>, index: usize, param: &Param<'_>, argument: &Argument<'_>) -> TokenStream {
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
        Mode::Borrowed(slice) => {
            let ty = slice_ty(*slice);
            quote_spanned!(hygienic()=> args.borrowed::<#ty>()?)
        }
        Mode::Optional(ty) => {
            let optional = of("optional", ty);
            quote_spanned!(hygienic()=> #optional(&mut args)?)
        }
        Mode::OptionalBorrowed(slice) => {
            let ty = slice_ty(*slice);
            quote_spanned!(hygienic()=> args.optional_borrowed::<#ty>()?)
        }
        Mode::Default(value) => {
            let ty = out.ty(param.ty);
            let function = out.path("defaulted", param.ty);
            let value = default(out, value.as_ref(), param.ty);
            quote_spanned!(hygienic()=> #function::<#ty>(&mut args, #value)?)
        }
        Mode::DefaultBorrowed(slice, value) => {
            let ty = slice_ty(*slice);
            let value = match (value, slice) {
                (Some(value), _) => quote!(#value),
                (None, Slice::Text) => quote!(""),
                (None, Slice::Bytes) => quote!(&[]),
            };
            quote_spanned!(hygienic()=> args.defaulted_borrowed::<#ty>(|| #value)?)
        }
        Mode::Rest(ty) => {
            let rest = of("rest", ty);
            quote_spanned!(hygienic()=> #rest(&mut args)?)
        }
    };
    let hint = numbers(out, param, argument);
    quote_spanned!(hygienic()=> #hint #(#cfgs)* let #local = #value;)
}

/// Calls what is deprecated, at the type, for a `Vec<u8>` that may be meant to be binary.
fn numbers(out: &Out<'_>, param: &Param<'_>, argument: &Argument<'_>) -> Option<TokenStream> {
    let ty = argument.mode.read(param.ty)?;
    let is_bytes = ty::only_argument(ty, "Vec").is_some_and(|element| ty::is_named(element, "u8"));
    let cfgs = &param.cfgs;
    let hint = (is_bytes && argument.attrs.is_empty()).then(|| out.path("VecOfU8", ty))?;
    let argument = Ident::new("argument", hygienic().located_at(ends(ty).0));
    Some(quote_spanned!(hygienic()=> #(#cfgs)* const _: () = #hint::#argument();))
}

/// Types of arguments that are never `Validate`.
const PLAIN: [&str; 16] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32",
    "u64", "u128", "usize",
];

/// Asks the arguments whether they make sense whose types may have something to say.
fn verdicts<'a>(
    out: &Out<'_>,
    arguments: impl Iterator<Item = (usize, &'a Param<'a>, &'a Argument<'a>)>,
) -> Option<TokenStream> {
    let private = &out.private;
    let verdicts = arguments.enumerate().filter_map(|(number, (index, param, argument))| {
        let ty = argument.mode.read(param.ty)?;
        let is_plain = |name: &Ident| PLAIN.iter().any(|plain| name == plain);
        if ty::reference(ty).is_some() || ty::name(ty).is_some_and(is_plain) {
            return None;
        }
        let (cfgs, local, name) = (&param.cfgs, local(param, index), wire_name(number, argument));
        Some(quote_spanned! {hygienic()=>
            #(#cfgs)* #private::valid(event, #name, (&#private::Checked(&#local)).verdict())?;
        })
    });
    let verdicts: Vec<_> = verdicts.collect();
    (!verdicts.is_empty()).then(|| {
        quote_spanned! {hygienic()=>
            {
                use #private::{ViaNothingToSay as _, ViaValidate as _};
                #(#verdicts)*
            }
        }
    })
}

/// What messages call an argument: its name, or which it is.
fn wire_name(number: usize, argument: &Argument<'_>) -> String {
    argument.name.clone().unwrap_or_else(|| (number + 1).to_string())
}

/// The type behind the `&`.
fn slice_ty(slice: Slice) -> TokenStream {
    match slice {
        Slice::Text => quote!(::core::primitive::str),
        Slice::Bytes => quote!([::core::primitive::u8]),
    }
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
        return quote_spanned!(hygienic()=> #private::Result::Ok(#private::reply_later(#call)));
    }
    let (value, answer) = match &handler.sig.output {
        ReturnType::Default => (quote!(&#call), plain_answer(out, &handler.sig.ident)),
        ReturnType::Type(_, ty) => match ty::last_segment(ty) {
            Some(last) if last.ident == "Result" => (call, result_answer(out, ty, last)),
            Some(last) if is_camel_case(&last.ident) => {
                (quote_spanned!(hygienic()=> #private::Outcome(#call)), alias_answer(out, last))
            }
            _ => (quote!(&#call), plain_answer(out, ty::bare(ty))),
        },
    };
    quote_spanned!(hygienic()=> let out = #value; #answer)
}

fn is_camel_case(name: &Ident) -> bool {
    name.to_string().starts_with(char::is_uppercase)
}

/// `answer(event, &*out)`, lying where the return type does; `out` is a reference to the value.
fn plain_answer(out: &Out<'_>, at: &impl ToTokens) -> TokenStream {
    let answer = out.path("answer", at);
    let (start, end) = ends(at);
    let and = quote_spanned!(hygienic().located_at(start)=> &*);
    let value = quote_spanned!(hygienic().located_at(end)=> out);
    quote_spanned!(hygienic()=> #answer(event, #and #value))
}

/// The same for a `Result<T, E>`: what is said about an answer lies at `T`, about an error at `E`.
fn result_answer(out: &Out<'_>, ty: &Type, result: &PathSegment) -> TokenStream {
    let mut types = ty::arguments(ty);
    let answer = match types.next() {
        Some(value) => plain_answer(out, value),
        None => plain_answer(out, &result.ident),
    };
    let error = types.next().and_then(ty::name).unwrap_or(&result.ident);
    either_answer(out, &quote_spanned!(hygienic()=> out), &answer, error)
}

/// The same for a type whose name does not say whether it is a `Result`.
fn alias_answer(out: &Out<'_>, last: &PathSegment) -> TokenStream {
    let private = &out.private;
    let answer = plain_answer(out, last);
    let value = quote_spanned!(hygienic()=> out.into_result());
    let answer = either_answer(out, &value, &answer, &last.ident);
    quote_spanned!(hygienic()=> { use #private::PlainOutcome as _; #answer })
}

fn either_answer(
    out: &Out<'_>,
    value: &TokenStream,
    answer: &TokenStream,
    error: &Ident,
) -> TokenStream {
    let private = &out.private;
    let wire = Ident::new("wire", hygienic().located_at(error.span()));
    quote_spanned! {hygienic()=>
        #private::answer_result(event, #value, |out| #answer, |error| {
            use #private::{ViaError as _, ViaNothing as _, ViaSerialize as _};
            (&&#private::ErrorWire(error)).#wire()
        })
    }
}
