//! What handlers send becomes JSON text with attachments: one argument, several, or a message.
//!
//! Serde tells at the first call what a value is, so a probe that stops there is enough to see whether it
//! is a tuple, a string or something else; then it is serialized as it is.

use std::fmt;

use bytestring::ByteString;
use serde::ser::{Impossible, Serialize, Serializer};

use super::EmitError;
use crate::protocol::json::is_plain;
use crate::protocol::{EmissionBody, JsonText};

/// Writes a value as an argument list: a tuple is one argument per member, `()` none, anything else
/// the one argument.
pub(crate) fn to_args<T: Serialize + ?Sized>(value: &T) -> Result<JsonText, EmitError> {
    let args = match shape(value, one_string) {
        Shape::Unit => return Ok(JsonText::from_static("[]")),
        Shape::Text(args) => return Ok(args.into()),
        Shape::Tuple => JsonText::encode(value),
        Shape::Other => JsonText::encode(&[value]),
    };
    args.map_err(EmitError::Serialize)
}

/// An event with its arguments.
pub(super) fn to_event<T: Serialize + ?Sized>(
    name: &str,
    args: &T,
) -> Result<EmissionBody, EmitError> {
    Ok(EmissionBody::Event { name: name.into(), args: to_args(args)? })
}

/// A string as a text message, anything else as a JSON message.
pub(super) fn to_message<T: Serialize + ?Sized>(value: &T) -> Result<EmissionBody, EmitError> {
    match shape(value, |text| Some(text.into())) {
        Shape::Text(text) => Ok(EmissionBody::Text(text)),
        _ => to_json_message(value),
    }
}

/// Anything as a JSON message.
pub(super) fn to_json_message<T: Serialize + ?Sized>(value: &T) -> Result<EmissionBody, EmitError> {
    JsonText::encode(value).map(EmissionBody::Json).map_err(EmitError::Serialize)
}

/// What a value is to serde, seen from outside.
#[derive(Debug)]
enum Shape {
    Unit,
    Tuple,
    Text(ByteString),
    Other,
}

fn shape<T: Serialize + ?Sized>(value: &T, text: Text) -> Shape {
    match value.serialize(Probe(text)) {
        Err(Found(shape)) => shape,
        Ok(never) => match never {},
    }
}

/// An argument list of one string that stands in it as it is, in one piece of memory.
fn one_string(text: &str) -> Option<ByteString> {
    is_plain(text.as_bytes()).then(|| {
        let mut args = String::with_capacity(text.len() + r#"[""]"#.len());
        args.push_str("[\"");
        args.push_str(text);
        args.push_str("\"]");
        args.into()
    })
}

/// What is wanted of a string; with none of it, it is a value like any other.
type Text = fn(&str) -> Option<ByteString>;

/// Serializes nothing: it stops at the first call, which tells the shape.
struct Probe(Text);

#[derive(Debug)]
struct Found(Shape);

enum Never {}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shape of the value")
    }
}

impl std::error::Error for Found {}

impl serde::ser::Error for Found {
    fn custom<T: fmt::Display>(_: T) -> Self {
        // The value's own failure; serializing it for good will report it.
        Self(Shape::Other)
    }
}

macro_rules! other {
    ($($method:ident($($arg:ty),*))*) => {
        $(fn $method(self, $(_: $arg),*) -> Result<Never, Found> { Err(Found(Shape::Other)) })*
    };
}

type Stop = Impossible<Never, Found>;

impl Serializer for Probe {
    type Ok = Never;
    type Error = Found;
    type SerializeSeq = Stop;
    type SerializeTuple = Stop;
    type SerializeTupleStruct = Stop;
    type SerializeTupleVariant = Stop;
    type SerializeMap = Stop;
    type SerializeStruct = Stop;
    type SerializeStructVariant = Stop;

    other! {
        serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32)
        serialize_i64(i64) serialize_i128(i128) serialize_u8(u8) serialize_u16(u16)
        serialize_u32(u32) serialize_u64(u64) serialize_u128(u128) serialize_f32(f32)
        serialize_f64(f64) serialize_bytes(&[u8]) serialize_none()
        serialize_unit_struct(&'static str)
    }

    fn serialize_char(self, value: char) -> Result<Never, Found> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<Never, Found> {
        Err(Found((self.0)(value).map_or(Shape::Other, Shape::Text)))
    }

    fn serialize_unit(self) -> Result<Never, Found> {
        Err(Found(Shape::Unit))
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Never, Found> {
        self.serialize_str(variant)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Never, Found> {
        match shape(value, self.0) {
            Shape::Text(text) => Err(Found(Shape::Text(text))),
            _ => Err(Found(Shape::Other)),
        }
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Never, Found> {
        self.serialize_some(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Never, Found> {
        Err(Found(Shape::Other))
    }

    fn serialize_tuple(self, _: usize) -> Result<Stop, Found> {
        Err(Found(Shape::Tuple))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Stop, Found> {
        Err(Found(Shape::Other))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Stop, Found> {
        Err(Found(Shape::Other))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Stop, Found> {
        Err(Found(Shape::Other))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Stop, Found> {
        Err(Found(Shape::Other))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Stop, Found> {
        Err(Found(Shape::Other))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Stop, Found> {
        Err(Found(Shape::Other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Binary;

    #[track_caller]
    fn check<T: Serialize>(value: &T, args: &str, message: EmissionBody) {
        assert_eq!(to_args(value).unwrap(), args.into());
        assert_eq!(to_message(value).unwrap(), message);
    }

    fn text(text: &str) -> EmissionBody {
        EmissionBody::Text(text.into())
    }

    fn json(json: &str) -> EmissionBody {
        EmissionBody::Json(json.into())
    }

    #[test]
    fn binary_values_are_attachments() {
        let binary = Binary(vec![1, 2].into());
        let attached = |text: &str| {
            let text = text.replace('$', r#"{"_placeholder":true,"num":0}"#);
            JsonText::new(text, vec![binary.0.clone()])
        };
        assert_eq!(to_args(&binary).unwrap(), attached("[$]"));
        assert_eq!(to_args(&("a", &binary)).unwrap(), attached(r#"["a",$]"#));
        let keywords = crate::kwargs! { name: "a", data: &binary };
        assert_eq!(to_args(&keywords).unwrap(), attached(r#"[{"name":"a","data":$}]"#));
        assert_eq!(to_message(&binary).unwrap(), EmissionBody::Json(attached("$")));
        assert_eq!(to_args(&vec![1_u8, 2]).unwrap(), "[[1,2]]".into());
    }

    #[test]
    fn a_string_is_written_as_serde_json_writes_it() {
        for special in ["", "\"", "\\", "\n", "\u{1f}", "\u{7f}", "\u{2028}", "é", "/"] {
            for at in [0, 1, 255, 256, 300] {
                let text = ["x".repeat(at), "y".repeat(300 - at)].join(special);
                let expected = serde_json::to_string(&[&text]).unwrap();
                assert_eq!(to_args(&text).unwrap(), expected.into());
            }
        }
    }

    #[test]
    fn tuples_are_several_arguments_and_everything_else_is_one() {
        check(&("a", 1), r#"["a",1]"#, json(r#"["a",1]"#));
        check(&(vec![1, 2],), "[[1,2]]", json("[[1,2]]"));
        check(&vec![1, 2], "[[1,2]]", json("[1,2]"));
        check(&(), "[]", json("null"));
        check(&None::<u8>, "[null]", json("null"));
        check(&"a\"b", r#"["a\"b"]"#, text("a\"b"));
        check(&Some("x"), r#"["x"]"#, text("x"));
        check(&crate::kwargs! { name: "Joes" }, r#"[{"name":"Joes"}]"#, json(r#"{"name":"Joes"}"#));
    }

    #[cfg(feature = "typescript")]
    #[test]
    fn typescript_tells_of_as_many_values_as_are_sent() {
        use crate::contract::{Answer, Connection, Event, Form, Type};
        use serde::Serialize;
        use ts_rs::TS;

        #[derive(Serialize, TS)]
        struct Pair(u8, u8);

        #[derive(Serialize, TS)]
        struct Newtype((u8, u8));

        #[derive(Serialize, TS)]
        struct Named {
            pair: (u8, u8),
        }

        #[derive(Serialize, TS)]
        enum Tagged {
            Pair(u8, u8),
        }

        #[track_caller]
        fn check<T: Serialize>(ty: Type, value: &T) {
            const EVENT: Event = Event {
                name: "ask",
                method: "ask",
                docs: "",
                deprecated: None,
                arguments: &[],
                form: Form::Positional,
                answer: None,
            };
            let events = [Event { answer: Some(Answer::Returned(ty)), ..EVENT }];
            let connection = Connection {
                name: "",
                docs: "",
                events: Box::leak(Box::new(events)),
                other_events: false,
                client: None,
                endpoints: &[],
            };
            let told = connection.typescript().unwrap();
            let sent: Vec<serde_json::Value> =
                serde_json::from_str(to_args(value).unwrap().as_str()).unwrap();
            assert_eq!(
                told.contains("(...answer: "),
                sent.len() > 1,
                "{}: {told}",
                std::any::type_name::<T>()
            );
        }

        macro_rules! check {
            ($($ty:ty = $value:expr;)*) => {$(
                check::<$ty>(crate::__type!("", $ty), &$value);
            )*};
        }

        check! {
            (u8, u8) = (1, 2);
            [u8; 2] = [1, 2];
            [[u8; 2]; 2] = [[1, 2]; 2];
            Box<(u8, u8)> = Box::new((1, 2));
            Box<[u8; 2]> = Box::new([1, 2]);
            Box<[u8]> = vec![1, 2].into();
            Box<[[u8; 2]]> = vec![[1, 2]; 2].into();
            Vec<(u8, u8)> = vec![(1, 2), (1, 2)];
            Vec<u8> = vec![1, 2];
            Option<(u8, u8)> = Some((1, 2));
            Option<[u8; 2]> = None;
            Pair = Pair(1, 2);
            Newtype = Newtype((1, 2));
            Named = Named { pair: (1, 2) };
            Tagged = Tagged::Pair(1, 2);
            u8 = 1;
        }
    }
}
