//! A type in a contract: its name in Rust, and what the features `typescript` and `asyncapi` know of it.
//!
//! The macros write [`__type!`](crate::__type), which asks the type itself for what it implements.

use std::fmt;

/// A type of an argument or an answer.
#[derive(Clone, Copy)]
pub struct Type {
    rust: &'static str,
    #[cfg(feature = "asyncapi")]
    pub(super) schema: super::schema::Ask,
    #[cfg(feature = "typescript")]
    pub(super) typescript: super::typescript::Ask,
}

impl Type {
    /// By its name as it is written.
    #[doc(hidden)]
    pub const fn new(rust: &'static str) -> Self {
        Self {
            rust,
            #[cfg(feature = "asyncapi")]
            schema: |_| super::schema::Schemas { value: None, error: None },
            #[cfg(feature = "typescript")]
            typescript: |_| None,
        }
    }

    /// Tells how to ask what it is in JSON Schema.
    #[cfg(feature = "asyncapi")]
    #[doc(hidden)]
    pub const fn with_schema(self, schema: super::schema::Ask) -> Self {
        Self { schema, ..self }
    }

    /// Tells how to ask what it is in TypeScript.
    #[cfg(feature = "typescript")]
    #[doc(hidden)]
    pub const fn with_typescript(self, typescript: super::typescript::Ask) -> Self {
        Self { typescript, ..self }
    }

    /// What it is called where it is written in Rust.
    pub const fn rust(&self) -> &'static str {
        self.rust
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rust)
    }
}

/// Describes a type by its name as it is written, and the type with all its lifetimes `'static`.
#[doc(hidden)]
#[macro_export]
macro_rules! __type {
    ($name:literal, $ty:ty) => {
        $crate::__schema!($crate::__typescript!($crate::contract::Type::new($name), $ty), $ty)
    };
}
