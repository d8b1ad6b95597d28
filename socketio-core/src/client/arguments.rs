//! The arguments of a typed call, as a handler with those parameters reads them.
//!
//! The code that `caller = …` writes makes an [`Arguments`] of a method's parameters; JSON text comes out. A
//! call is positional where that can't be taken for another one, else by keyword.

use serde::Serialize;
use serde::ser::{Error as _, SerializeMap, SerializeSeq, Serializer};

use crate::contract::Form;
use crate::protocol::JsonText;
use crate::socket::EmitError;

/// The arguments of a call: a chain of names and values.
#[derive(Debug)]
pub struct Arguments<E>(E);

/// The first arguments of a call: none, or some and one more.
pub trait Chain {
    /// How many there are.
    const LEN: usize;
    /// Whether each has a name.
    fn are_named(&self) -> bool;
    /// Puts them into an object.
    ///
    /// # Errors
    ///
    /// When one of them can't be written.
    fn keywords<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
    /// Puts them into an array.
    ///
    /// # Errors
    ///
    /// When one of them can't be written.
    fn positions<S: SerializeSeq>(&self, seq: &mut S) -> Result<(), S::Error>;
}

/// One argument: its name, which may be empty, and its value.
#[derive(Debug)]
pub struct One<V>(&'static str, V);

/// All that is left.
#[derive(Debug)]
pub struct Rest<V>(&'static str, Vec<V>);

impl Arguments<()> {
    /// None.
    #[expect(clippy::new_without_default, reason = "only the macro makes one")]
    pub const fn new() -> Self {
        Self(())
    }
}

impl<E: Chain> Arguments<E> {
    /// One more.
    pub fn with<V: Serialize>(self, name: &'static str, value: V) -> Arguments<(E, One<V>)> {
        Arguments((self.0, One(name, value)))
    }

    /// As many more as there are.
    pub fn rest<V: Serialize>(self, name: &'static str, values: Vec<V>) -> Arguments<(E, Rest<V>)> {
        Arguments((self.0, Rest(name, values)))
    }

    /// The argument list.
    ///
    /// # Errors
    ///
    /// [`EmitError::Serialize`].
    pub fn encode(&self, form: Form) -> Result<JsonText, EmitError> {
        let keyword = || JsonText::encode(&[Keywords(&self.0)]);
        let encoded = match form {
            Form::Keyword if E::LEN > 0 => keyword(),
            _ => JsonText::encode(&Positions(&self.0)).and_then(|args| {
                // One object might be keyword arguments.
                let is_clear = form == Form::Positional || !args.as_str().starts_with("[{");
                if is_clear || !self.0.are_named() { Ok(args) } else { keyword() }
            }),
        };
        encoded.map_err(EmitError::Serialize)
    }
}

struct Keywords<'a, E>(&'a E);

impl<E: Chain> Serialize for Keywords<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.0.are_named() {
            return Err(S::Error::custom("an argument without a name can't be passed by keyword"));
        }
        let mut map = serializer.serialize_map(None)?;
        self.0.keywords(&mut map)?;
        map.end()
    }
}

struct Positions<'a, E>(&'a E);

impl<E: Chain> Serialize for Positions<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        self.0.positions(&mut seq)?;
        seq.end()
    }
}

impl Chain for () {
    const LEN: usize = 0;

    fn are_named(&self) -> bool {
        true
    }

    fn keywords<M: SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    fn positions<S: SerializeSeq>(&self, _: &mut S) -> Result<(), S::Error> {
        Ok(())
    }
}

impl<E: Chain, V: Serialize> Chain for (E, One<V>) {
    const LEN: usize = E::LEN + 1;

    fn are_named(&self) -> bool {
        self.0.are_named() && !self.1.0.is_empty()
    }

    fn keywords<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.keywords(map)?;
        map.serialize_entry(self.1.0, &self.1.1)
    }

    fn positions<S: SerializeSeq>(&self, seq: &mut S) -> Result<(), S::Error> {
        self.0.positions(seq)?;
        seq.serialize_element(&self.1.1)
    }
}

impl<E: Chain, V: Serialize> Chain for (E, Rest<V>) {
    const LEN: usize = E::LEN + 1;

    fn are_named(&self) -> bool {
        self.0.are_named() && !self.1.0.is_empty()
    }

    fn keywords<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.keywords(map)?;
        map.serialize_entry(self.1.0, &self.1.1)
    }

    fn positions<S: SerializeSeq>(&self, seq: &mut S) -> Result<(), S::Error> {
        self.0.positions(seq)?;
        self.1.1.iter().try_for_each(|value| seq.serialize_element(value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check<E: Chain>(arguments: &Arguments<E>, form: Form, expected: &str) {
        assert_eq!(arguments.encode(form).unwrap().as_str(), expected);
    }

    #[test]
    fn a_call_is_positional_unless_that_could_mean_another() {
        use Form::{Either, Keyword, Positional};
        let none = Arguments::new();
        let two = || Arguments::new().with("a", 1).with("b", None::<u8>);
        let object = || Arguments::new().with("a", json!({ "a": 1 }));
        let nameless = Arguments::new().with("", json!({ "a": 1 }));
        let rest = Arguments::new().with("a", 1).rest("more", vec!["x", "y"]);
        let rest_alone = Arguments::new().rest("more", vec![json!({}), json!(1)]);
        for form in [Either, Positional, Keyword] {
            check(&none, form, "[]");
        }
        check(&two(), Either, "[1,null]");
        check(&two(), Keyword, r#"[{"a":1,"b":null}]"#);
        check(&object(), Either, r#"[{"a":{"a":1}}]"#);
        check(&object(), Positional, r#"[{"a":1}]"#);
        check(&object().with("b", 2), Either, r#"[{"a":{"a":1},"b":2}]"#);
        check(&nameless, Either, r#"[{"a":1}]"#);
        assert!(nameless.encode(Keyword).is_err());
        check(&rest, Either, r#"[1,"x","y"]"#);
        check(&rest, Keyword, r#"[{"a":1,"more":["x","y"]}]"#);
        check(&rest_alone, Either, r#"[{"more":[{},1]}]"#);
    }
}
