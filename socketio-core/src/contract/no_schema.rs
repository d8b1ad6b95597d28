//! In place of `schema` without the feature `asyncapi`: a type says nothing, and that costs nothing.
//!
//! Called by `ty` alone.

/// Nothing.
pub(super) type Schema = ();

/// Nothing of a type.
#[doc(hidden)]
#[macro_export]
macro_rules! __schema {
    ($ty:ty) => {
        ()
    };
}
