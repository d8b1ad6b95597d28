//! What a block says, with the syntax it says it in for the spans.

use syn::{Attribute, Expr, Generics, Ident, LitStr, Pat, Path, Signature, Type};

use crate::attr::{Form, Surplus};

/// A block: one connection type.
pub struct Connection<'a> {
    /// Where the generated code finds the crate; none is `::socketio_core`.
    pub krate: Option<Path>,
    pub generics: &'a Generics,
    pub self_ty: &'a Type,
    /// The sound handlers, in order.
    pub handlers: Vec<Handler<'a>>,
    /// There is an `#[on_open]`, but not a sound one.
    pub open_is_broken: bool,
    pub endpoints: Vec<Endpoint>,
}

/// A method that is called from outside.
pub struct Handler<'a> {
    pub role: Role<'a>,
    /// The attribute that makes it one.
    pub attr: &'a Attribute,
    pub sig: &'a Signature,
    /// Under which conditions it is there.
    pub cfgs: Vec<&'a Attribute>,
    pub params: Vec<Param<'a>>,
}

/// What a handler is called for.
pub enum Role<'a> {
    Open,
    Event(Event<'a>),
    Message,
    AnyEvent,
    Error,
    Close,
}

/// An event that a handler names.
pub struct Event<'a> {
    pub name: EventName<'a>,
    pub form: Form,
    pub surplus: Surplus,
}

/// Where an event's name stands.
pub enum EventName<'a> {
    Literal(LitStr),
    Method(&'a Ident),
}

/// One parameter after `self`.
pub struct Param<'a> {
    pub pat: &'a Pat,
    pub ty: &'a Type,
    pub cfgs: Vec<&'a Attribute>,
    pub kind: Kind<'a>,
}

/// Where a parameter's value comes from.
pub enum Kind<'a> {
    /// `FromConnection`; the bound is what the server's state or the type must satisfy for that.
    Connection(Bound<'a>),
    /// `FromEvent`.
    Event(EventPart),
    /// Why the connection ended.
    CloseReason,
    /// What failed.
    HandlerError,
    /// The client.
    Argument(Argument<'a>),
}

/// What a context parameter asks of the impl.
pub enum Bound<'a> {
    None,
    /// `State<T>`: `T: FromRef<S>`.
    State(&'a Type),
    /// `#[ctx]`: the type is `FromConnection`.
    Itself,
}

/// What a handler can take of the event it handles.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum EventPart {
    AckSender,
    Event,
    Message,
}

/// A parameter that the client fills.
pub struct Argument<'a> {
    /// Its name on the wire; none for a pattern, which only positional calls can fill.
    pub name: Option<String>,
    pub mode: Mode<'a>,
    /// The attributes that say something about it.
    pub attrs: Vec<&'a Attribute>,
}

/// How an argument is taken from a call.
pub enum Mode<'a> {
    Required,
    /// `&str`.
    Text,
    /// `Option<T>`.
    Optional(&'a Type),
    /// `Option<&str>`.
    OptionalText,
    /// `#[default]`, `#[default = expr]`.
    Default(Option<Expr>),
    /// `#[default]` on a `&str`.
    DefaultText(Option<Expr>),
    /// `#[rest]` on a `Vec<T>`.
    Rest(&'a Type),
}

/// Another connection type that the same server serves.
pub struct Endpoint {
    pub path: LitStr,
    pub ty: Type,
}

impl Role<'_> {
    /// Whether there is an event, with an acknowledgement to give.
    pub fn has_event(&self) -> bool {
        matches!(self, Self::Event(_) | Self::Message | Self::AnyEvent)
    }
}

impl Mode<'_> {
    /// Whether a call must have it.
    pub fn is_required(&self) -> bool {
        matches!(self, Self::Required | Self::Text)
    }
}

impl Event<'_> {
    /// The name on the wire.
    pub fn name(&self) -> String {
        match &self.name {
            EventName::Literal(name) => name.value(),
            EventName::Method(method) => method.to_string(),
        }
    }
}

impl<'a> Handler<'a> {
    /// The parameters that the client fills.
    pub fn arguments(&self) -> impl Iterator<Item = (&Param<'a>, &Argument<'a>)> {
        self.params.iter().filter_map(|param| match &param.kind {
            Kind::Argument(argument) => Some((param, argument)),
            _ => None,
        })
    }

    /// The parts of the event that it takes.
    pub fn event_parts(&self, part: EventPart) -> impl Iterator<Item = &Param<'a>> {
        self.params.iter().filter(move |param| match &param.kind {
            Kind::Event(of) => *of == part,
            _ => false,
        })
    }
}
