//! What a type asks the deserializer for, and what it gets where there is a placeholder.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected,
    Visitor,
};

use super::attached::Attached;
use super::decode::{ILLEGAL, Source};
use super::placeholder::Placeholder;
use super::share::lend;

/// What a type asks for, as far as a placeholder is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Bytes,
    /// Whatever there is: bytes.
    Anything,
    /// A struct, which a placeholder must not pass for because all fields are optional.
    Struct,
    /// A list or a map, or what serde_json itself refuses a placeholder for.
    Other,
}

/// A type's visitor, and what it came for.
pub(super) struct Asking<'de, V> {
    pub(super) visitor: V,
    pub(super) source: Source<'de>,
    pub(super) asked: Asked,
}

macro_rules! visit_scalar {
    ($($method:ident($of:ty))*) => {
        $(fn $method<E: Error>(self, value: $of) -> Result<V::Value, E> {
            self.visitor.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Asking<'de, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    visit_scalar! { visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_f64(f64) }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        match self.asked {
            Asked::Bytes => self.visitor.visit_bytes(text.as_bytes()),
            _ => self.visitor.visit_str(text),
        }
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        match self.asked {
            Asked::Bytes => self.visitor.visit_borrowed_bytes(text.as_bytes()),
            _ => self.visitor.visit_borrowed_str(text),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Attached { inner, source: self.source })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Attached { inner, source: self.source })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_seq(Attached { inner, source: self.source })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Attached { inner, source: self.source })
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let Self { visitor, source, asked } = self;
        let mut rest = Attached { inner, source };
        if asked == Asked::Other {
            return visitor.visit_map(rest);
        }
        let key = rest.next_key::<Key<'de>>()?.map(|Key(key)| key);
        let placeholder = match key {
            Some(Cow::Borrowed(key)) if !source.attachments.is_empty() => {
                Placeholder::with_first_key(source.text, key)
            }
            _ => None,
        };
        match (placeholder, asked, key) {
            (None, _, Some(Cow::Borrowed(NUMBER))) => {
                let number = rest.next_value::<String>()?;
                visit_number(visitor, &number)
            }
            (Some(_), Asked::Struct, _) | (None, Asked::Bytes, _) => {
                Err(Error::invalid_type(Unexpected::Map, &visitor))
            }
            (Some(placeholder), _, _) => {
                rest.next_value::<IgnoredAny>()?;
                while rest.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                let found = placeholder.attachment(source.attachments);
                let attachment = found.ok_or_else(|| Error::custom(ILLEGAL))?;
                lend(attachment);
                visitor.visit_borrowed_bytes(attachment)
            }
            (None, _, first) => visitor.visit_map(Again { first, rest }),
        }
    }
}

/// The key of what serde_json gives for a number when its feature `arbitrary_precision` is on, which any
/// crate of a program can turn on for all: an object with the number's text.
const NUMBER: &str = "$serde_json::private::Number";

fn visit_number<'de, V: Visitor<'de>, E: Error>(visitor: V, text: &str) -> Result<V::Value, E> {
    if let Ok(number) = text.parse() {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = text.parse() {
        return visitor.visit_i64(number);
    }
    visitor.visit_f64(text.parse().map_err(Error::custom)?)
}

/// A key, borrowed unless it is written with escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// A map of which the first key has been read: gives that again.
struct Again<'de, A> {
    first: Option<Cow<'de, str>>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Again<'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let key = match self.first.take() {
            None => return self.rest.next_key_seed(seed),
            Some(Cow::Borrowed(key)) => seed.deserialize(BorrowedStrDeserializer::new(key)),
            Some(Cow::Owned(key)) => seed.deserialize(StringDeserializer::new(key)),
        };
        key.map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}
