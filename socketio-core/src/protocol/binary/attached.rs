//! A layer between a type and serde_json's deserializer that knows the attachments.
//!
//! It hands everything through, and itself along to whatever lies deeper; at a map, and where bytes are
//! asked for, [`Asking`] looks whether there is a placeholder.
//!
//! Two kinds of types do not say what they want. What serde keeps for later (`#[serde(untagged)]`,
//! `tag = "…"`, `flatten`) gets bytes, so that its fields can have them; a [`serde_json::Value`] can't hold
//! bytes and gets the placeholder as the object that it is, and so does a map.

use std::any::type_name;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::SERDE_JSON_OWN;
use super::asking::{Asked, Asking};
use super::decode::Source;

/// A part of serde's machinery, and what all values that pass through it are read from.
pub(super) struct Attached<'de, T> {
    pub(super) inner: T,
    pub(super) source: Source<'de>,
}

macro_rules! hand_through {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method(visitor)
        })*
    };
}

macro_rules! hand_attached {
    ($($method:ident($($name:ident: $of:ty),*) as $asked:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(
            self,
            $($name: $of,)*
            visitor: V,
        ) -> Result<V::Value, D::Error> {
            let Self { inner, source } = self;
            inner.$method($($name,)* Asking { visitor, source, asked: Asked::$asked })
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Attached<'de, D> {
    type Error = D::Error;

    hand_through! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_unit deserialize_identifier deserialize_ignored_any
    }

    hand_attached! {
        deserialize_option() as Other;
        deserialize_seq() as Other;
        deserialize_map() as Other;
        deserialize_unit_struct(name: &'static str) as Other;
        deserialize_tuple(len: usize) as Other;
        deserialize_tuple_struct(name: &'static str, len: usize) as Other;
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) as Struct;
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) as Other;
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Self { inner, source } = self;
        inner.deserialize_any(Asking { visitor, source, asked: Asked::Bytes })
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Self { inner, source } = self;
        // By name, for a type that may borrow has no `TypeId`.
        let is_value = type_name::<V::Value>() == type_name::<serde_json::Value>();
        let asked = if is_value { Asked::Other } else { Asked::Anything };
        inner.deserialize_any(Asking { visitor, source, asked })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let Self { inner, source } = self;
        if name.starts_with(SERDE_JSON_OWN) {
            return inner.deserialize_newtype_struct(name, visitor);
        }
        inner.deserialize_newtype_struct(name, Asking { visitor, source, asked: Asked::Other })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Attached<'de, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Attached { inner, source: self.source })
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Attached<'de, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        inner: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.inner.next_element_seed(Attached { inner, source: self.source })
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Attached<'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.inner.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, inner: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(Attached { inner, source: self.source })
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Attached<'de, A> {
    type Error = A::Error;
    type Variant = Attached<'de, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let (value, inner) = self.inner.variant_seed(seed)?;
        Ok((value, Attached { inner, source: self.source }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Attached<'de, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, inner: S) -> Result<S::Value, A::Error> {
        self.inner.newtype_variant_seed(Attached { inner, source: self.source })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let asking = Asking { visitor, source: self.source, asked: Asked::Other };
        self.inner.tuple_variant(len, asking)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let asking = Asking { visitor, source: self.source, asked: Asked::Struct };
        self.inner.struct_variant(fields, asking)
    }
}
