//! How a handler can fail, and what follows.
//!
//! Made here and in `run`, read by `#[on_error]`, the log and the client that waits. The log
//! gets nothing of what a client sent; what is told to the client is bounded.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Reject;
use super::span::cut;
use crate::protocol::Event;

/// A handler that could not be called, or that failed; `#[on_error]` gets it.
#[derive(Debug)]
#[non_exhaustive]
pub enum HandlerError {
    /// The arguments do not fit the handler.
    #[non_exhaustive]
    Arguments {
        /// The event.
        event: String,
        /// What does not fit.
        problem: ArgumentProblem,
    },
    /// The handler panicked.
    #[non_exhaustive]
    Panicked {
        /// The event, or `connect` for `#[on_open]` and `#[on_endpoint]`, `disconnect` for `#[on_close]`.
        event: String,
        /// The panic's message.
        message: String,
    },
    /// The handler returned an error and the client had not asked for an acknowledgement.
    #[non_exhaustive]
    Failed {
        /// The event.
        event: String,
        /// The error as it would have been written to the client, a JSON value.
        error: String,
    },
    /// A guard did not let the event through. If no acknowledgement is wanted, nothing else follows from it
    /// unless `#[on_error]` says so: the connection stays.
    #[non_exhaustive]
    Refused {
        /// The event.
        event: String,
        /// Why.
        reject: Reject,
    },
    /// `#[throttle]` did not let the event through; what follows is as for `Refused`. The acknowledgement
    /// has `data: {"retry_after": …}`, in milliseconds.
    #[non_exhaustive]
    Throttled {
        /// The event.
        event: String,
        /// In how long there will be room for it.
        retry_after: Duration,
    },
}

/// What is wrong with the arguments of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgumentProblem {
    /// A required parameter got no argument.
    #[non_exhaustive]
    Missing {
        /// The parameter.
        parameter: &'static str,
    },
    /// There are more arguments than parameters.
    #[non_exhaustive]
    Surplus {
        /// How many the handler takes.
        expected: usize,
    },
    /// An argument is not of its parameter's type.
    #[non_exhaustive]
    Type {
        /// The parameter.
        parameter: &'static str,
        /// What was expected and what came, cut to 200 characters.
        message: String,
    },
    /// The handler takes keyword arguments only and got something else.
    NotKeyword,
    /// An argument is of its type, and its [`Validate`](crate::Validate) refuses it.
    #[non_exhaustive]
    Invalid {
        /// The parameter.
        parameter: &'static str,
        /// The parameter and where in it, as `form.emails[1]`; cut to 200 characters.
        path: String,
        /// What is wrong, cut to 200 characters.
        message: String,
    },
}

impl HandlerError {
    /// The event whose handler it was.
    pub fn event(&self) -> &str {
        match self {
            Self::Arguments { event, .. }
            | Self::Panicked { event, .. }
            | Self::Failed { event, .. }
            | Self::Refused { event, .. }
            | Self::Throttled { event, .. } => event,
        }
    }

    /// What went wrong, in words that hold nothing of what the client sent.
    pub(super) fn summary(&self) -> String {
        match self {
            Self::Arguments { problem: ArgumentProblem::Type { parameter, .. }, .. } => {
                format!("argument `{parameter}` is of another type")
            }
            Self::Arguments { problem: ArgumentProblem::Invalid { parameter, .. }, .. } => {
                format!("argument `{parameter}` is invalid")
            }
            Self::Arguments { problem, .. } => problem.to_string(),
            Self::Panicked { message, .. } => format!("panicked: {message}"),
            Self::Failed { error, .. } => error.chars().take(MESSAGE_CHARS).collect(),
            Self::Refused { reject, .. } => shorten(&format!("refused: {}", reject.summary())),
            Self::Throttled { .. } => "throttled".to_owned(),
        }
    }

    pub(super) fn is_panic(&self) -> bool {
        matches!(self, Self::Panicked { .. })
    }

    /// Whether the handler was not to be called.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Throttled { .. })
    }

    pub(super) fn refused(event: &Event, reject: Reject) -> Self {
        Self::Refused { event: name_of(event), reject }
    }

    pub(super) fn throttled(event: &Event, retry_after: Duration) -> Self {
        Self::Throttled { event: name_of(event), retry_after }
    }

    pub(super) fn arguments(event: &Event, problem: ArgumentProblem) -> Self {
        Self::Arguments { event: name_of(event), problem }
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments { event, problem } => write!(f, "event `{event}`: {problem}"),
            Self::Panicked { event, message } => {
                write!(f, "the handler of `{event}` panicked: {message}")
            }
            Self::Failed { event, error } => write!(f, "the handler of `{event}` failed: {error}"),
            Self::Refused { event, reject } => write!(f, "event `{event}` was refused: {reject}"),
            Self::Throttled { event, retry_after } => {
                let wait = Milliseconds(*retry_after);
                write!(f, "event `{event}` comes too often: try again in {wait} ms")
            }
        }
    }
}

/// A time in whole milliseconds, rounded up.
pub(super) struct Milliseconds(pub(super) Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_nanos().div_ceil(1_000_000).fmt(f)
    }
}

/// The message, or its beginning and end where what the client sent makes it long.
pub(super) fn shorten(message: &str) -> String {
    let count = message.chars().count();
    if count <= MESSAGE_CHARS {
        return message.to_owned();
    }
    let half = MESSAGE_CHARS / 2;
    let start = message.chars().take(half);
    start.chain(['…']).chain(message.chars().skip(count - half)).collect()
}

/// The event's name, cut if it is one that only a catch-all handler takes.
pub(super) fn name_of(event: &Event) -> String {
    cut(event.name()).to_owned()
}

/// Characters of a message that may quote a client: enough for a person, too few to fill a log with.
pub(super) const MESSAGE_CHARS: usize = 200;

impl std::error::Error for HandlerError {}

impl fmt::Display for ArgumentProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { parameter } => write!(f, "argument `{parameter}` is missing"),
            Self::Surplus { expected: 1 } => f.write_str("more than 1 argument"),
            Self::Surplus { expected } => write!(f, "more than {expected} arguments"),
            Self::Type { parameter, message } => write!(f, "argument `{parameter}`: {message}"),
            Self::Invalid { path, message, .. } => write!(f, "argument `{path}`: {message}"),
            Self::NotKeyword => f.write_str("expected one object of keyword arguments"),
        }
    }
}

/// Decides about failures in connection types that don't.
pub(crate) type FailurePolicy = Arc<dyn Fn(&HandlerError) -> OnError + Send + Sync>;

/// What `#[on_error]` decides, or [`Builder::on_error`](crate::Builder::on_error).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum OnError {
    /// Close the whole connection, its endpoints included. A client that awaits an acknowledgement
    /// gets the error as that first.
    Close,
    /// Go on. A client that awaits an acknowledgement gets the error as that.
    Ignore,
    /// Go on, and acknowledge with this value if the client awaits that.
    Ack(serde_json::Value),
}
