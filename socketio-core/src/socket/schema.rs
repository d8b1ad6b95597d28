//! What our own types are in JSON Schema, so that they can stand in arguments and answers.
//!
//! The derives and generators of schemars call it; each type is written wherever it stands.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Message;
use crate::contract::schema::binary;
use crate::id::SocketId;
use crate::protocol::{Args, Binary, JsonText};

/// Any value.
fn any() -> Schema {
    Schema::default()
}

/// A string.
fn string() -> Schema {
    schemars::json_schema!({"type": "string"})
}

macro_rules! schemas {
    ($($ty:ident: $schema:ident),*) => {$(
        impl JsonSchema for $ty {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($ty).into()
            }

            fn schema_id() -> Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($ty)).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema()
            }
        }
    )*};
}

schemas!(Args: any, Binary: binary, JsonText: any, Message: any, SocketId: string);
