//! Binary values and JSON text in TypeScript, which has no names for them.
//!
//! Asked by whoever writes a contract as TypeScript.

use ts_rs::{Config, TS};

use super::{Binary, JsonText};

macro_rules! is {
    ($($ty:ty: $name:literal;)*) => {$(
        impl TS for $ty {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(_: &Config) -> String {
                $name.to_owned()
            }

            fn inline(config: &Config) -> String {
                Self::name(config)
            }
        }
    )*};
}

is! {
    // What the official client gives in browsers, and in Node.js; it takes both in both.
    Binary: "ArrayBuffer | Uint8Array";
    JsonText: "any";
}
