//! All that code written by the macros may touch. Not for use by hand, and not stable.

pub use axum::extract::{FromRef, State};
pub use serde::de::Deserialize;
pub use serde_bytes::Bytes as Octets;
pub use std::borrow::Cow;
pub use std::option::Option;
pub use std::result::Result;

pub use crate::connection::{
    Absent, Answer, Argument, ErrorAnswer, OneSocketConnectionBlockPerType, OpensByDefault,
    Outcome, PartOf, PlainOutcome, Refusal, VecOfU8, ViaNothing, answer, answer_result, auth,
    default_value, defaulted, handler_future, open_broken, open_default, open_result, optional,
    required, rest,
};
pub use crate::connection::{
    And, Checked, EventGuard, Guard, Guarded, NoState, Rate, Throttles, ViaNothingToSay,
    ViaValidate, enter, give, guard_connection, guard_event, guard_event_giving, stateless, valid,
};
pub use crate::connection::{
    Answered, Received, ReceivedBy, asked, of_client, of_client_alone, sent,
};
pub use crate::connection::{
    Arguments, Context, ErrorWire, EventContext, Form, FromConnection, FromEvent, HandlerError,
    OnError, Order, Param, Reject, Reply, Signature, SocketConnection, Surplus, ViaError,
    ViaSerialize, reply, reply_later, reply_result,
};
#[cfg(feature = "typescript")]
pub use crate::contract::asked as typescript;
pub use crate::contract::of as describe;
#[cfg(feature = "asyncapi")]
pub use crate::contract::schema;
pub use crate::endpoint::{Endpoint, EndpointTable, Endpoints, endpoint_plain, endpoint_with};
pub use crate::protocol::event::Event;
pub use crate::session::CloseReason;
pub use crate::socket::{
    ClientEvents, ConnectionInfo, EmitError, Kwargs, Message, Recipient, Socket,
};
pub use crate::{__type, contract};

/// What is said of the arguments of an event that is a [`Message`].
pub const MESSAGE: &[contract::Argument] = &[contract::Argument {
    name: None,
    ty: __type!("Message", Message),
    optional: false,
    rest: false,
}];
/// What typed callers are made of.
#[cfg(feature = "client")]
pub mod client {
    use std::marker::PhantomData;

    use serde::Serialize;
    pub use serde_json::Value;

    pub use crate::client::{Arguments, Calls, Client};

    /// Whether a type is a [`Result`], by whatever name: `Returned::<T>::IS_RESULT`, with [`Plain`] in
    /// scope.
    #[derive(Debug)]
    pub struct Returned<T>(PhantomData<T>);

    impl<T, E> Returned<Result<T, E>> {
        /// It is one.
        pub const IS_RESULT: bool = true;
    }

    /// All that is no [`Result`].
    pub trait Plain {
        /// It is none.
        const IS_RESULT: bool = false;
    }

    impl<T> Plain for Returned<T> {}

    /// Bytes as an attachment.
    pub fn bytes(value: &[u8]) -> impl Serialize {
        serde_bytes::Bytes::new(value)
    }
}

/// An argument of a typed caller. Whatever it is, behind this it is one, so that it fails here alone.
#[cfg(feature = "client")]
pub fn client_argument<V: serde::Serialize>(value: V) -> impl serde::Serialize {
    value
}

/// The rest of a typed caller's arguments; in the same way.
#[cfg(feature = "client")]
pub fn client_rest<V: serde::Serialize>(values: &[V]) -> Vec<impl serde::Serialize> {
    values.iter().collect()
}

#[cfg(feature = "client")]
pub use crate::client::Call as ClientCall;

/// Lets a typed caller through.
#[cfg(feature = "client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __caller {
    ($($caller:tt)*) => { $($caller)* };
}

/// Says why there is no typed caller.
#[cfg(not(feature = "client"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __caller {
    ($($caller:tt)*) => {
        ::core::compile_error! {
            "`caller` needs the feature `client`: `socketio-core = { …, features = [\"client\"] }`"
        }
    };
}

pub use crate::__caller as caller;

/// A guard that returns an `Option`: `None` refuses.
///
/// # Errors
///
/// With [`Reject::unauthorized`] for `None`.
pub fn guard_option<T>(given: Option<T>) -> Result<T, Reject> {
    given.ok_or_else(|| Reject::unauthorized("not allowed"))
}

/// An `#[on_open]` that returns an `Option`: `None` refuses the client.
///
/// # Errors
///
/// With [`Reject::unauthorized`] for `None`.
pub fn open_option<T>(opened: Option<T>) -> Result<T, Reject> {
    opened.ok_or_else(|| Reject::unauthorized("`#[on_open]` returned `None`"))
}
