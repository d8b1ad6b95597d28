//! What a type is in JSON Schema, if it says so.
//!
//! In: a type, where the macros name it; out: a function that asks it, and finds out by method resolution
//! whether it is `JsonSchema`, so that types which are not compile as well. Called by `ty`, and
//! then by `asyncapi`.

use std::fmt::Display;
use std::marker::PhantomData;

use bytes::Bytes;
use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, json_schema};
use serde::Serialize;

/// Asks a type.
pub type Ask = fn(&mut SchemaGenerator) -> Schemas;

/// The schemas of a type.
#[derive(Debug)]
pub struct Schemas {
    /// Its own; that of the `Ok` of a `Result`. [`None`]: it does not say.
    pub value: Option<schemars::Schema>,
    /// How the `Err` of a `Result` is written. The outer [`None`]: the type is no `Result`.
    pub error: Option<Option<schemars::Schema>>,
}

/// Bytes, which travel beside the JSON text.
pub(crate) fn binary() -> schemars::Schema {
    json_schema!({"type": "string", "format": "binary"})
}

/// Whoever knows no more than a type.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T> Probe<T> {
    /// Of this type.
    pub const NEW: Self = Self(PhantomData);
}

/// Stands for the error of a type that is no `Result`.
#[derive(Debug)]
pub struct NoError;

impl<T, E> Probe<Result<T, E>> {
    /// Both of a `Result`.
    pub fn split(&self) -> (Probe<T>, Probe<E>) {
        (Probe::NEW, Probe::NEW)
    }
}

/// The way of types that are no `Result`.
pub trait Whole: Sized {
    /// The type, and no error.
    fn split(&self) -> (Self, NoError);
}

impl<T> Whole for Probe<T> {
    fn split(&self) -> (Self, NoError) {
        (Self::NEW, NoError)
    }
}

macro_rules! binaries {
    ($($ty:ty),*) => {$(
        impl Probe<$ty> {
            /// That of bytes, which `JsonSchema` takes for an array of numbers.
            pub fn schema(&self, _: &mut SchemaGenerator) -> Option<schemars::Schema> {
                Some(binary())
            }
        }
    )*};
}

binaries!(Bytes, &[u8]);

/// The way of types that say their schema.
pub trait ViaSchema {
    /// Their schema, or a reference to it.
    fn schema(&self, generator: &mut SchemaGenerator) -> Option<schemars::Schema>;
}

/// The way of all other types.
pub trait ViaNoSchema {
    /// None.
    fn schema(&self, _: &mut SchemaGenerator) -> Option<schemars::Schema> {
        None
    }
}

impl<T: JsonSchema> ViaSchema for Probe<T> {
    fn schema(&self, generator: &mut SchemaGenerator) -> Option<schemars::Schema> {
        Some(generator.subschema_for::<T>())
    }
}

impl<T> ViaNoSchema for &Probe<T> {}

impl NoError {
    /// None is written.
    pub fn error(&self, _: &mut SchemaGenerator) -> Option<Option<schemars::Schema>> {
        None
    }
}

/// The way of errors that are written as themselves, and say their schema.
pub trait ErrorViaSchema {
    /// Their schema.
    fn error(&self, generator: &mut SchemaGenerator) -> Option<Option<schemars::Schema>>;
}

/// The way of errors that are written as themselves, and do not say as what.
pub trait ErrorViaNoSchema {
    /// None.
    fn error(&self, _: &mut SchemaGenerator) -> Option<Option<schemars::Schema>> {
        Some(None)
    }
}

/// The way of errors that are written as their message.
pub trait ErrorViaMessage {
    /// That of a string.
    fn error(&self, generator: &mut SchemaGenerator) -> Option<Option<schemars::Schema>> {
        Some(Some(generator.subschema_for::<String>()))
    }
}

/// The way of errors that are never written.
pub trait ErrorViaNothing {
    /// None.
    fn error(&self, _: &mut SchemaGenerator) -> Option<Option<schemars::Schema>> {
        Some(None)
    }
}

impl<E: JsonSchema + Serialize> ErrorViaSchema for &&&Probe<E> {
    fn error(&self, generator: &mut SchemaGenerator) -> Option<Option<schemars::Schema>> {
        Some(Some(generator.subschema_for::<E>()))
    }
}

impl<E: Serialize> ErrorViaNoSchema for &&Probe<E> {}

impl<E: Display> ErrorViaMessage for &Probe<E> {}

impl<E> ErrorViaNothing for Probe<E> {}

/// Gives a type what it says in JSON Schema.
#[doc(hidden)]
#[macro_export]
macro_rules! __schema {
    ($described:expr, $ty:ty) => {
        $described.with_schema(|generator| {
            #[allow(unused_imports)]
            use $crate::__private::schema::{
                ErrorViaMessage as _, ErrorViaNoSchema as _, ErrorViaNothing as _,
                ErrorViaSchema as _, ViaNoSchema as _, ViaSchema as _, Whole as _,
            };
            let (value, error) = (&$crate::__private::schema::Probe::<$ty>::NEW).split();
            $crate::__private::schema::Schemas {
                value: (&value).schema(generator),
                error: (&&&&error).error(generator),
            }
        })
    };
}
