//! What a block says, with the syntax it says it in for the spans.

use syn::{
    Attribute, Expr, Generics, Ident, LitStr, Pat, Path, Receiver, ReceiverKind, ReturnType,
    Signature, Type, Visibility,
};

use crate::attr::{Form, Guard, Order, Surplus, Throttle};
use crate::ty;

/// A block: one connection type.
pub(crate) struct Connection<'a> {
    /// Where the generated code finds the crate; none is `::socketio_core`.
    pub(crate) krate: Option<Path>,
    /// The `#[client_events]` trait of its clients.
    pub(crate) client: Option<Path>,
    /// The typed caller to write.
    pub(crate) caller: Option<Caller>,
    /// Whether handlers can't take a `Socket` that sends other events than that trait's.
    pub(crate) strict: bool,
    pub(crate) attrs: &'a [Attribute],
    pub(crate) generics: &'a Generics,
    pub(crate) self_ty: &'a Type,
    /// What runs before a connection opens, and before any of its events is handled.
    pub(crate) before: Before,
    /// The sound handlers, in order.
    pub(crate) handlers: Vec<Handler<'a>>,
    /// There is an `#[on_open]`, but not a sound one.
    pub(crate) open_is_broken: bool,
    pub(crate) endpoints: Vec<Endpoint>,
}

/// What `caller = pub Name` says.
pub(crate) struct Caller {
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
}

/// A method that is called from outside.
pub(crate) struct Handler<'a> {
    pub(crate) role: Role<'a>,
    /// What it runs in order with, if it has an event.
    pub(crate) order: Order,
    /// What runs before it is called.
    pub(crate) before: Before,
    /// The attribute that makes it one.
    pub(crate) attr: &'a Attribute,
    /// All its attributes.
    pub(crate) attrs: &'a [Attribute],
    pub(crate) sig: &'a Signature,
    /// Under which conditions it is there.
    pub(crate) cfgs: Vec<&'a Attribute>,
    pub(crate) params: Vec<Param<'a>>,
    /// Nothing is wrong with it, so it can be called.
    pub(crate) is_sound: bool,
}

/// What is to happen before something.
#[derive(Default)]
pub(crate) struct Before {
    /// In order.
    pub(crate) guards: Vec<Guard>,
    pub(crate) throttle: Option<Throttle>,
}

/// The event that a client's messages are.
pub(crate) const MESSAGE: &str = "message";

/// What a handler is called for.
pub(crate) enum Role<'a> {
    Open,
    Endpoint,
    Event(Event<'a>),
    Message,
    AnyEvent,
    Error,
    Close,
}

/// An event that a handler names.
pub(crate) struct Event<'a> {
    pub(crate) name: EventName<'a>,
    pub(crate) form: Form,
    pub(crate) surplus: Surplus,
}

/// Where an event's name stands.
pub(crate) enum EventName<'a> {
    Literal(LitStr),
    Method(&'a Ident),
}

/// One parameter after `self`.
pub(crate) struct Param<'a> {
    pub(crate) pat: &'a Pat,
    pub(crate) ty: &'a Type,
    pub(crate) cfgs: Vec<&'a Attribute>,
    pub(crate) kind: Kind<'a>,
}

/// Where a parameter's value comes from.
pub(crate) enum Kind<'a> {
    /// `FromConnection`; the bound is what the server's state or the type must satisfy for that.
    Connection(Bound<'a>),
    /// `FromEvent`.
    Event(EventPart),
    /// What the client says about itself, read as the type in it.
    Auth(&'a Type),
    /// What a guard gave, of the type in it.
    Guarded(&'a Type),
    /// Why the connection ended.
    CloseReason,
    /// What failed.
    HandlerError,
    /// The path for which `#[on_endpoint]` chooses.
    Path,
    /// The client.
    Argument(Box<Argument<'a>>),
}

/// What a context parameter asks of the impl.
pub(crate) enum Bound<'a> {
    None,
    /// `State<T>`: `T: FromRef<S>`.
    State(&'a Type),
    /// `#[ctx]`: the type is `FromConnection`.
    Itself,
}

/// What a handler can take of the event it handles.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventPart {
    AckSender,
    Event,
    Message,
}

/// A parameter that the client fills.
pub(crate) struct Argument<'a> {
    /// Its name on the wire; none for a pattern, which only positional calls can fill.
    pub(crate) name: Option<String>,
    pub(crate) mode: Mode<'a>,
    /// The attributes that say something about it.
    pub(crate) attrs: Vec<&'a Attribute>,
}

/// How an argument is taken from a call.
pub(crate) enum Mode<'a> {
    Required,
    /// `&str`, `&[u8]`.
    Borrowed(Slice),
    /// `Option<T>`.
    Optional(&'a Type),
    /// `Option` of one of those.
    OptionalBorrowed(Slice),
    /// `#[default]`, `#[default = expr]`.
    Default(Option<Expr>),
    /// `#[default]` on one of those.
    DefaultBorrowed(Slice, Option<Expr>),
    /// `#[rest]` on a `Vec<T>`.
    Rest(&'a Type),
}

/// What a parameter can take by reference.
#[derive(Clone, Copy)]
pub(crate) enum Slice {
    Text,
    Bytes,
}

/// Another connection type that the same server serves.
pub(crate) struct Endpoint {
    pub(crate) path: LitStr,
    pub(crate) ty: Type,
}

impl Role<'_> {
    /// Whether the connection is there, for a handler to take as `self`.
    pub(crate) fn has_connection(&self) -> bool {
        !matches!(self, Self::Open | Self::Endpoint)
    }

    /// Whether there is an event, with an acknowledgement to give.
    pub(crate) fn has_event(&self) -> bool {
        matches!(self, Self::Event(_) | Self::Message | Self::AnyEvent)
    }
}

impl<'a> Mode<'a> {
    /// The type that is read from the packet, of a parameter of type `own`; none for what is borrowed.
    pub(crate) fn read(&self, own: &'a Type) -> Option<&'a Type> {
        match self {
            Self::Borrowed(_) | Self::OptionalBorrowed(_) | Self::DefaultBorrowed(..) => None,
            Self::Optional(ty) | Self::Rest(ty) => Some(ty),
            Self::Required | Self::Default(_) => Some(own),
        }
    }

    /// Whether a call must have it.
    pub(crate) fn is_required(&self) -> bool {
        matches!(self, Self::Required | Self::Borrowed(_))
    }
}

impl Event<'_> {
    /// The name on the wire.
    pub(crate) fn name(&self) -> String {
        match &self.name {
            EventName::Literal(name) => name.value(),
            EventName::Method(method) => method.to_string(),
        }
    }
}

impl<'a> Param<'a> {
    /// What it is as an argument, if it is one.
    pub(crate) fn argument(&self) -> Option<&Argument<'a>> {
        match &self.kind {
            Kind::Argument(argument) => Some(argument),
            _ => None,
        }
    }
}

impl Connection<'_> {
    /// Whether some handlers run beside each other: those that share the connection and are not on its
    /// own queue beside all others that share it.
    pub(crate) fn is_mixed(&self) -> bool {
        let mut handlers = self.handlers.iter().filter(|handler| handler.role.has_event());
        handlers.any(|handler| !matches!(handler.order, Order::Own) && !handler.is_exclusive())
    }
}

impl<'a> Handler<'a> {
    /// Whether it takes `&mut self`, and so has the connection for itself.
    pub(crate) fn is_exclusive(&self) -> bool {
        self.sig.receiver().is_some_and(is_mutable)
    }

    /// The `Endpoint` that an `#[on_endpoint]` returns, by itself or inside `Option` and `Result`.
    pub(crate) fn chosen(&self) -> Option<&'a Type> {
        let (Role::Endpoint, ReturnType::Type(_, ty)) = (&self.role, &self.sig.output) else {
            return None;
        };
        let ty = ty::inside(ty::inside(ty, "Result")?, "Option")?;
        ty::is_named(ty, "Endpoint").then_some(ty)
    }

    /// The state that the chosen type starts with.
    pub(crate) fn chosen_state(&self) -> Option<&'a Type> {
        ty::only_argument(self.chosen()?, "Endpoint")
    }

    /// The types of which it takes what a guard gave.
    pub(crate) fn guarded(&self) -> impl Iterator<Item = &'a Type> {
        self.params.iter().filter_map(|param| match param.kind {
            Kind::Guarded(ty) => Some(ty),
            _ => None,
        })
    }

    /// The parameters that the client fills.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = (&Param<'a>, &Argument<'a>)> {
        self.params.iter().filter_map(|param| Some((param, param.argument()?)))
    }

    /// The parts of the event that it takes.
    pub(crate) fn event_parts(&self, part: EventPart) -> impl Iterator<Item = &Param<'a>> {
        self.params.iter().filter(move |param| match &param.kind {
            Kind::Event(of) => *of == part,
            _ => false,
        })
    }
}

fn is_mutable(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => {
            ty::reference(ty).is_some_and(|reference| reference.mutability.is_some())
        }
        _ => false,
    }
}
