//! Reads the value that a text begins with: strings by the scanner, all else by serde_json.
//!
//! Text goes in, any deserializable type and what is left of the text come out, or an error in serde_json's words.
//! Handlers' arguments are read here, by [`binary`](super::super::binary). A string without escapes, which
//! most are, is looked at once and lent to who wants to copy it; what else is asked for, or there, is serde_json's.

use serde::de::{Deserialize, Deserializer, IgnoredAny, Visitor};

use super::plain::skip_plain;

/// Reads the value that a text begins with, in front of which there is no space; gives what follows it.
///
/// # Errors
///
/// When it is of another type, when the text does not begin with JSON.
pub(crate) fn first<'de, T: Deserialize<'de>>(
    mut text: &'de str,
) -> serde_json::Result<(T, &'de str)> {
    let value = T::deserialize(First(&mut text))?;
    Ok((value, text))
}

/// A text of which the first value is read, and taken off.
struct First<'a, 'de>(&'a mut &'de str);

impl<'de> First<'_, 'de> {
    fn other<T>(
        self,
        read: impl FnOnce(&mut Json<'de>) -> serde_json::Result<T>,
    ) -> serde_json::Result<T> {
        let mut json = Json::from_str(self.0);
        let value = read(&mut json)?;
        *self.0 = self.0.get(json.into_iter::<IgnoredAny>().byte_offset()..).unwrap_or_default();
        Ok(value)
    }
}

type Json<'de> = serde_json::Deserializer<serde_json::de::StrRead<'de>>;

/// The string that a text begins with and what follows it, if it has no escapes.
fn plain_string(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('"')?;
    let length = text.len() - skip_plain(text.as_bytes()).len();
    let (string, rest) = text.split_at_checked(length)?;
    Some((string, rest.strip_prefix('"')?))
}

macro_rules! others {
    ($($method:ident($($name:ident: $of:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(
            self,
            $($name: $of,)*
            visitor: V,
        ) -> serde_json::Result<V::Value> {
            self.other(|json| json.$method($($name,)* visitor))
        })*
    };
}

impl<'de> Deserializer<'de> for First<'_, 'de> {
    type Error = serde_json::Error;

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> serde_json::Result<V::Value> {
        let Some((string, rest)) = plain_string(self.0) else {
            return self.other(|json| json.deserialize_str(visitor));
        };
        *self.0 = rest;
        visitor.visit_borrowed_str(string)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> serde_json::Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> serde_json::Result<V::Value> {
        if self.0.starts_with('n') {
            return self.other(|json| json.deserialize_option(visitor));
        }
        visitor.visit_some(self)
    }

    others! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32()
        deserialize_i64() deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32()
        deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64() deserialize_char()
        deserialize_bytes() deserialize_byte_buf() deserialize_unit() deserialize_seq()
        deserialize_map() deserialize_identifier() deserialize_ignored_any()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }
}
