//! From a block to its model: which methods are handlers, and what their parameters are.
//!
//! A handler that is not sound stays out of the model, so that nothing generated fails because of
//! it; what is wrong with it is with the errors.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::{Attribute, FnArg, LitStr, Pat, PatType, Type};

use crate::attr::{
    self, BlockOptions, EventOptions, Form, Guard, Order, OrderOptions, Surplus, Throttle,
};
use crate::check;
use crate::errors::Errors;
use crate::expand::attrs::cfgs;
use crate::model::{
    Argument, Before, Bound, Connection, Endpoint, Event, EventName, EventPart, Handler, Kind,
    Mode, Param, Role, Slice,
};
use crate::parse::{Block, Method};
use crate::suggest::closest;
use crate::ty;

/// Reads a block and the options of its attribute.
pub(crate) fn build<'a>(
    options: TokenStream,
    block: &'a Block,
    errors: &mut Errors,
) -> Connection<'a> {
    block.report(errors);
    let options = BlockOptions::read(options, errors);
    let extra_args = options.extra_args.unwrap_or(Surplus::Refuse);
    let mut connection = Connection {
        krate: options.krate,
        client: options.client,
        caller: options.caller,
        strict: options.strict.is_some(),
        attrs: &block.attrs,
        generics: &block.generics,
        self_ty: &block.self_ty,
        before: before(&block.attrs, errors),
        handlers: Vec::new(),
        open_is_broken: block.has_unreadable_open(),
        endpoints: Vec::new(),
    };
    for method in block.methods() {
        for (other, _) in roles(method).skip(1) {
            let name = &method.sig.ident;
            errors.at(other, format!("`{name}` is a handler already: one attribute per method"));
        }
        let before = errors.count();
        let Some(handler) = handler(method, extra_args, errors) else { continue };
        check::handler(&handler, connection.self_ty, errors);
        let is_sound = errors.count() == before;
        connection.open_is_broken |= !is_sound && matches!(handler.role, Role::Open);
        connection.handlers.push(Handler { is_sound, ..handler });
    }
    let endpoints = block.attrs.iter().filter(|attr| attr::is_endpoints(attr));
    for attr in endpoints {
        for attr::EndpointEntry { path, ty } in attr::endpoints(attr, errors) {
            connection.endpoints.push(Endpoint { path, ty });
        }
    }
    check::connection(&mut connection, errors);
    connection
}

/// The attributes that make a method a handler, the nearest to it first, which is the one that counts: another
/// above may be the beginning of another method.
fn roles(method: &Method) -> impl Iterator<Item = (&Attribute, &'static str)> {
    method.attrs.iter().rev().filter_map(|attr| Some((attr, attr::method_helper(attr)?)))
}

/// The handler that a method's attributes make it, if they do.
fn handler<'a>(
    method: &'a Method,
    extra_args: Surplus,
    errors: &mut Errors,
) -> Option<Handler<'a>> {
    let Some((attr, word)) = roles(method).next() else {
        check::no_handler(&method.attrs, errors);
        return None;
    };
    let (role, order) = match word {
        "on_message" => (Role::Message, OrderOptions::read(attr, word, errors).order()),
        "on_event" => (Role::AnyEvent, OrderOptions::read(attr, word, errors).order()),
        "event" => event(method, attr, extra_args, errors),
        _ => {
            attr::no_options(attr, word, errors);
            let role = match word {
                "on_open" => Role::Open,
                "on_endpoint" => Role::Endpoint,
                "on_error" => Role::Error,
                _ => Role::Close,
            };
            (role, Order::Own)
        }
    };
    let params = method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Receiver(_) => None,
        FnArg::Typed(param) => match self::param(param, errors) {
            param if matches!(role, Role::Endpoint) => Some(path(param)),
            param => Some(param),
        },
    });
    let params = params.collect();
    let (attrs, sig) = (&method.attrs, &method.sig);
    let before = before(attrs, errors);
    let cfgs = cfgs(attrs);
    Some(Handler { role, order, before, attr, attrs, sig, cfgs, params, is_sound: true })
}

/// What `#[guard(…)]` and `#[throttle(…)]` say.
fn before(attrs: &[Attribute], errors: &mut Errors) -> Before {
    let mut before = Before::default();
    for attr in attrs {
        match attr::before_helper(attr) {
            Some("guard") => before.guards.extend(Guard::read(attr, errors)),
            Some(_) if before.throttle.is_some() => {
                errors.at(attr, "there is a `#[throttle]` already: one is all there can be");
            }
            Some(_) => before.throttle = Throttle::read(attr, errors),
            None => {}
        }
    }
    before
}

fn event<'a>(
    method: &'a Method,
    attr: &Attribute,
    extra_args: Surplus,
    errors: &mut Errors,
) -> (Role<'a>, Order) {
    let options = EventOptions::read(attr, errors);
    let name = match options.name {
        Some(name) => EventName::Literal(name),
        None => EventName::Method(&method.sig.ident),
    };
    let form = options.form.unwrap_or(Form::Either);
    let surplus = options.extra_args.unwrap_or(extra_args);
    (Role::Event(Event { name, form, surplus }), options.order.order())
}

fn param<'a>(param: &'a PatType, errors: &mut Errors) -> Param<'a> {
    let PatType { attrs, pat, ty, .. } = param;
    let helpers: Vec<_> = attrs.iter().filter(|attr| attr::is_param_helper(attr)).collect();
    let is =
        |word: &str| helpers.iter().copied().find(|attr| attr::param_helper(attr) == Some(word));
    let kind = match is("ctx") {
        Some(ctx) => {
            attr::no_options(ctx, "ctx", errors);
            for other in helpers.iter().filter(|other| !std::ptr::eq(**other, ctx)) {
                errors.at(other, "a `#[ctx]` parameter is no argument");
            }
            Kind::Connection(Bound::Itself)
        }
        None if helpers.is_empty() => match context(ty) {
            Some(kind) => kind,
            None => Kind::Argument(Box::new(argument(pat, ty, helpers, errors))),
        },
        None => Kind::Argument(Box::new(argument(pat, ty, helpers, errors))),
    };
    Param { pat, ty, cfgs: cfgs(attrs), kind }
}

/// A `&str` of `#[on_endpoint]` is no argument, but the path.
fn path(mut param: Param<'_>) -> Param<'_> {
    let plain = |argument: &Argument<'_>| {
        matches!(argument.mode, Mode::Borrowed(Slice::Text)) && argument.attrs.is_empty()
    };
    if param.argument().is_some_and(plain) {
        param.kind = Kind::Path;
    }
    param
}

const CONTEXTS: [&str; 11] = [
    "Auth",
    "Socket",
    "ConnectionInfo",
    "State",
    "Extension",
    "Guarded",
    "AckSender",
    "Event",
    "Message",
    "CloseReason",
    "HandlerError",
];

/// What a parameter's type makes it, if it is named as a context.
pub(crate) fn context(ty: &Type) -> Option<Kind<'_>> {
    let name = ty::name(ty)?.to_string();
    let kind = match &*name {
        "Socket" | "ConnectionInfo" | "Extension" => Kind::Connection(Bound::None),
        "State" => {
            Kind::Connection(ty::only_argument(ty, "State").map_or(Bound::None, Bound::State))
        }
        "Auth" => Kind::Auth(ty::only_argument(ty, "Auth")?),
        "Guarded" => Kind::Guarded(ty::only_argument(ty, "Guarded")?),
        "AckSender" => Kind::Event(EventPart::AckSender),
        "Event" => Kind::Event(EventPart::Event),
        "Message" => Kind::Event(EventPart::Message),
        "CloseReason" => Kind::CloseReason,
        "HandlerError" => Kind::HandlerError,
        // A reference that can be no argument is a context with a slip of the pen: the compiler's
        // "cannot find type" is all there is to say.
        _ => {
            let unknown =
                ty::reference(ty).is_some() && ty::slice(ty).is_none() && !ty::is_raw_value(ty);
            closest(&name, &CONTEXTS).filter(|_| unknown)?;
            Kind::Connection(Bound::None)
        }
    };
    Some(kind)
}

fn argument<'a>(
    pat: &'a Pat,
    ty: &'a Type,
    attrs: Vec<&'a Attribute>,
    errors: &mut Errors,
) -> Argument<'a> {
    let mut name: Option<LitStr> = None;
    let mut mode = None;
    for attr in &attrs {
        match attr::param_helper(attr) {
            Some("arg") => name = attr::arg_name(attr, errors).or(name),
            Some("default") if mode.is_none() => {
                let value = attr::default_value(attr, errors);
                mode = Some(match ty::slice(ty) {
                    Some(slice) => Mode::DefaultBorrowed(slice, value),
                    None => Mode::Default(value),
                });
            }
            Some("rest") if mode.is_none() => {
                attr::no_options(attr, "rest", errors);
                mode = Some(rest(ty, errors));
            }
            _ => errors.at(attr, "this parameter has its attribute already"),
        }
    }
    let name = match name {
        Some(name) => {
            if name.value().is_empty() {
                errors.at(&name, "the argument's name is empty");
            }
            Some(name.value())
        }
        None => plain_name(pat),
    };
    Argument { name, mode: mode.unwrap_or_else(|| plain_mode(ty)), attrs }
}

fn rest<'a>(ty: &'a Type, errors: &mut Errors) -> Mode<'a> {
    let element = ty::only_argument(ty, "Vec");
    if element.is_none() {
        errors.at(ty, "`#[rest]` takes what is left as a `Vec<T>`");
    }
    Mode::Rest(element.unwrap_or(ty))
}

fn plain_mode(ty: &Type) -> Mode<'_> {
    match ty::only_argument(ty, "Option") {
        Some(value) => ty::slice(value).map_or(Mode::Optional(value), Mode::OptionalBorrowed),
        None => ty::slice(ty).map_or(Mode::Required, Mode::Borrowed),
    }
}

/// The name that a parameter has on the wire by itself: `_` and `_x` have none.
pub(crate) fn plain_name(pat: &Pat) -> Option<String> {
    let Pat::Ident(plain) = pat else { return None };
    let name = plain.ident.unraw().to_string();
    (plain.subpat.is_none() && !name.starts_with('_')).then_some(name)
}
