//! Keyword arguments: one object, written in place.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// Makes the one argument of a keyword call, an object with these keys.
///
/// ```
/// let args = socketio_core::kwargs! { name: "Joes", "is new": true };
/// assert_eq!(serde_json::to_string(&args).unwrap(), r#"{"name":"Joes","is new":true}"#);
/// ```
#[macro_export]
macro_rules! kwargs {
    (@with $all:expr ;) => { $all };
    (@with $all:expr ; $key:ident : $value:expr $(, $($rest:tt)*)?) => {
        $crate::kwargs!(@with $all.with(stringify!($key), $value) ; $($($rest)*)?)
    };
    (@with $all:expr ; $key:literal : $value:expr $(, $($rest:tt)*)?) => {
        $crate::kwargs!(@with $all.with($key, $value) ; $($($rest)*)?)
    };
    ($($entries:tt)*) => { $crate::kwargs!(@with $crate::Kwargs::new() ; $($entries)*) };
}

/// The object that [`kwargs!`](crate::kwargs) makes.
#[derive(Debug, Clone, Copy)]
pub struct Kwargs<E>(E);

/// The entries of a [`Kwargs`]: none, or some and one more.
pub trait Entries {
    #[doc(hidden)]
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

impl Kwargs<()> {
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(())
    }
}

impl Default for Kwargs<()> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Kwargs<E> {
    #[doc(hidden)]
    pub fn with<V: Serialize>(self, key: &'static str, value: V) -> Kwargs<(E, &'static str, V)> {
        Kwargs((self.0, key, value))
    }

    #[doc(hidden)]
    pub fn with_optional<V: Serialize>(
        self,
        key: &'static str,
        value: Option<V>,
    ) -> Kwargs<Optional<E, V>> {
        Kwargs(Optional(self.0, key, value))
    }
}

/// Some entries, and one more if there is a value.
#[derive(Debug, Clone, Copy)]
pub struct Optional<E, V>(E, &'static str, Option<V>);

impl Entries for () {
    fn write<M: SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<E: Entries, V: Serialize> Entries for (E, &'static str, V) {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.write(map)?;
        map.serialize_entry(self.1, &self.2)
    }
}

impl<E: Entries, V: Serialize> Entries for Optional<E, V> {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.write(map)?;
        self.2.as_ref().map_or(Ok(()), |value| map.serialize_entry(self.1, value))
    }
}

impl<E: Entries> Serialize for Kwargs<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.write(&mut map)?;
        map.end()
    }
}
