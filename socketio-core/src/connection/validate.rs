//! Arguments that are of their type, and yet make no sense.
//!
//! In: an argument, decoded, and whether its type is [`Validate`]; out: nothing, or where in it what is
//! wrong. Called by the code that the macro writes, behind the last argument and before the handler. For a
//! type that is not [`Validate`] the call is an empty one.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::HandlerError;
use super::error::{ArgumentProblem, shorten};
use crate::protocol::Event;

/// A type of arguments that can be wrong: it is asked before the handler is called.
///
/// Whoever sends one that is refused gets the path and the message in the error acknowledgement, here
/// ``event `sign_up`: argument `form.emails[1]`: has no @``; for `#[on_error]` it is an
/// [`ArgumentProblem::Invalid`]. What is said in [`Auth`](crate::Auth) is asked, too: who is refused is told
/// `invalid auth: email: has no @`.
///
/// Who is asked is found out where the macro is expanded, by the type that the parameter has there: a type that is
/// `Validate`, and `Option`, `Vec`, `VecDeque`, arrays, sets, maps, `Box`, `Rc` and `Arc` of one. Nobody else is: not
/// the members of a tuple, nor the fields of a type that is not `Validate` itself, nor a `T` of a generic
/// `impl` block unless its bounds say `T: Validate`.
///
/// ```
/// use socketio_core::prelude::*;
///
/// #[derive(serde::Deserialize)]
/// struct Email(String);
///
/// impl Validate for Email {
///     fn validate(&self) -> Result<(), Invalid> {
///         if self.0.contains('@') { Ok(()) } else { Err(Invalid::new("has no @")) }
///     }
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Form { name: String, emails: Vec<Email> }
///
/// impl Validate for Form {
///     fn validate(&self) -> Result<(), Invalid> {
///         if self.name.is_empty() {
///             return Err(Invalid::at("name", "is empty"));
///         }
///         self.emails.validate_as("emails")
///     }
/// }
///
/// #[derive(Default)]
/// struct Lobby;
///
/// #[socket_connection]
/// impl Lobby {
///     #[event]
///     fn sign_up(&self, form: Form) -> usize { form.emails.len() }
/// }
/// ```
pub trait Validate {
    /// Looks at a value that a client sent.
    ///
    /// # Errors
    ///
    /// With the first thing that is wrong.
    fn validate(&self) -> Result<(), Invalid>;

    /// The same for a value that is a field of another: the path begins with its name.
    ///
    /// # Errors
    ///
    /// As [`Validate::validate`].
    fn validate_as(&self, field: &str) -> Result<(), Invalid> {
        self.validate().map_err(|invalid| invalid.within(format_args!(".{field}")))
    }
}

/// What is wrong with a value, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    path: String,
    message: Cow<'static, str>,
}

impl Invalid {
    /// The value itself is wrong. The message is for the client: it is cut to 200 characters.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { path: String::new(), message: message.into() }
    }

    /// A field of it is wrong.
    pub fn at(field: &str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { path: format!(".{field}"), message: message.into() }
    }

    fn within(mut self, step: fmt::Arguments<'_>) -> Self {
        self.path.insert_str(0, &step.to_string());
        self
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.trim_start_matches('.') {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

impl std::error::Error for Invalid {}

impl<T: Validate> Validate for Option<T> {
    fn validate(&self) -> Result<(), Invalid> {
        self.as_ref().map_or(Ok(()), Validate::validate)
    }
}

impl<T: Validate> Validate for [T] {
    fn validate(&self) -> Result<(), Invalid> {
        items(self)
    }
}

impl<T: Validate> Validate for VecDeque<T> {
    fn validate(&self) -> Result<(), Invalid> {
        items(self)
    }
}

fn items<'a, T: Validate + 'a>(items: impl IntoIterator<Item = &'a T>) -> Result<(), Invalid> {
    items.into_iter().enumerate().try_for_each(|(index, item)| {
        item.validate().map_err(|invalid| invalid.within(format_args!("[{index}]")))
    })
}

/// The members of a set have no places, so the path is that of the set.
impl<T: Validate, H> Validate for HashSet<T, H> {
    fn validate(&self) -> Result<(), Invalid> {
        self.iter().try_for_each(Validate::validate)
    }
}

/// As for a `HashSet`.
impl<T: Validate> Validate for BTreeSet<T> {
    fn validate(&self) -> Result<(), Invalid> {
        self.iter().try_for_each(Validate::validate)
    }
}

impl<T: Validate> Validate for Vec<T> {
    fn validate(&self) -> Result<(), Invalid> {
        self.as_slice().validate()
    }
}

impl<T: Validate, const N: usize> Validate for [T; N] {
    fn validate(&self) -> Result<(), Invalid> {
        self.as_slice().validate()
    }
}

macro_rules! pointers {
    ($($pointer:ident),*) => {$(
        impl<T: Validate + ?Sized> Validate for $pointer<T> {
            fn validate(&self) -> Result<(), Invalid> {
                (**self).validate()
            }
        }
    )*};
}

pointers!(Box, Rc, Arc);

impl<K: fmt::Display, T: Validate, H> Validate for HashMap<K, T, H> {
    fn validate(&self) -> Result<(), Invalid> {
        entries(self)
    }
}

impl<K: fmt::Display, T: Validate> Validate for BTreeMap<K, T> {
    fn validate(&self) -> Result<(), Invalid> {
        entries(self)
    }
}

fn entries<'a, K: fmt::Display + 'a, T: Validate + 'a>(
    entries: impl IntoIterator<Item = (&'a K, &'a T)>,
) -> Result<(), Invalid> {
    entries.into_iter().try_for_each(|(key, value)| {
        value.validate().map_err(|invalid| invalid.within(format_args!("[{key}]")))
    })
}

/// An argument of which nobody knows whether it can be wrong.
///
/// `(&Checked(&value)).verdict()` finds out by method resolution, with [`ViaValidate`] and
/// [`ViaNothingToSay`] in scope.
#[derive(Debug)]
pub struct Checked<'a, T: ?Sized>(pub &'a T);

/// The way of types that are [`Validate`].
pub trait ViaValidate {
    /// What they say of the value.
    ///
    /// # Errors
    ///
    /// When it is wrong.
    fn verdict(&self) -> Result<(), Invalid>;
}

/// The way of all other types.
pub trait ViaNothingToSay {
    /// Nothing.
    ///
    /// # Errors
    ///
    /// Never.
    fn verdict(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

impl<T: Validate + ?Sized> ViaValidate for Checked<'_, T> {
    fn verdict(&self) -> Result<(), Invalid> {
        self.0.validate()
    }
}

impl<T: ?Sized> ViaNothingToSay for &Checked<'_, T> {}

/// Names the argument of which something is wrong.
///
/// # Errors
///
/// [`ArgumentProblem::Invalid`].
pub fn valid(
    event: &Event,
    parameter: &'static str,
    verdict: Result<(), Invalid>,
) -> Result<(), HandlerError> {
    verdict.map_err(|Invalid { path, message }| {
        let path = shorten(&format!("{parameter}{path}"));
        let problem = ArgumentProblem::Invalid { parameter, path, message: shorten(&message) };
        HandlerError::arguments(event, problem)
    })
}
