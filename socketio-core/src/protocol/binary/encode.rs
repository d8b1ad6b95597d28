//! Writes a value as JSON text, its bytes beside it.
//!
//! Any serializable type goes in, text and attachments come out, or an error in serde_json's words. The text is what
//! serde_json writes, but that strings which need no escapes are not looked at byte by byte. So lists, objects and
//! such strings are written here; all other strings, numbers, names in maps and its own types are left to it.
//! Bytes become a placeholder in the text, and are numbered in its order, as the reference's depth-first walk
//! numbers them.

use std::cell::Cell;
use std::fmt::Display;
use std::io::{self, Write};

use bytes::Bytes;
use serde::Serialize;
use serde::ser::{self, Serializer};
use serde_json::ser::Formatter;
use serde_json::{Error, Result};

use super::SERDE_JSON_OWN;
use super::share::share;
use crate::protocol::json::is_plain;

/// What a thread keeps to write texts in, in bytes.
const SCRATCH_BYTES: usize = 256 * 1024;

thread_local! {
    /// What texts are written in before their length is known; taken while one is being written.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The text, and the attachments.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<(String, Vec<Bytes>)> {
    let mut out = Writer { text: SCRATCH.take(), attachments: Vec::new() };
    out.text.clear();
    value.serialize(&mut out)?;
    let text = std::str::from_utf8(&out.text).map_err(ser::Error::custom)?.to_owned();
    if out.text.capacity() <= SCRATCH_BYTES {
        SCRATCH.set(out.text);
    }
    Ok((text, out.attachments))
}

/// What has been written.
struct Writer {
    text: Vec<u8>,
    attachments: Vec<Bytes>,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    fn put_string(&mut self, text: &str) -> Result<()> {
        if !is_plain(text.as_bytes()) {
            return self.serde_json().serialize_str(text);
        }
        self.text.push(b'"');
        self.put(text);
        self.text.push(b'"');
        Ok(())
    }

    /// Begins a list, and says what will end it.
    fn open(&mut self, start: &str, end: &'static str) -> List<'_> {
        self.put(start);
        List { out: self, is_empty: true, end, own: None }
    }

    /// Writes the name of an enum's variant in front of its value.
    fn variant(&mut self, variant: &str) -> Result<()> {
        self.put("{");
        self.put_string(variant)?;
        self.put(":");
        Ok(())
    }

    fn serde_json(&mut self) -> serde_json::Serializer<&mut Vec<u8>> {
        serde_json::Serializer::new(&mut self.text)
    }
}

macro_rules! serde_json_writes {
    ($($method:ident($of:ty))*) => {
        $(fn $method(self, value: $of) -> Result<()> {
            self.serde_json().$method(value)
        })*
    };
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = List<'a>;
    type SerializeStruct = List<'a>;
    type SerializeStructVariant = List<'a>;

    serde_json_writes! {
        serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32)
        serialize_i64(i64) serialize_i128(i128) serialize_u8(u8) serialize_u16(u16)
        serialize_u32(u32) serialize_u64(u64) serialize_u128(u128) serialize_f32(f32)
        serialize_f64(f64)
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        self.put_string(value)
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<()> {
        self.serde_json().collect_str(value)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<()> {
        let number = self.attachments.len();
        self.attachments.push(share(bytes));
        write!(self.text, r#"{{"_placeholder":true,"num":{number}}}"#).map_err(ser::Error::custom)
    }

    fn serialize_unit(self) -> Result<()> {
        self.put("null");
        Ok(())
    }

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.put("}");
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>> {
        self.variant(variant)?;
        Ok(self.open("[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<List<'a>> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<List<'a>> {
        if name.starts_with(SERDE_JSON_OWN) {
            return Ok(List { own: Some(name), ..self.open("", "") });
        }
        Ok(self.open("{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>> {
        self.variant(variant)?;
        Ok(self.open("{", "}}"))
    }
}

/// Elements or members on their way into the text.
struct List<'a> {
    out: &'a mut Writer,
    is_empty: bool,
    end: &'static str,
    /// The name of the struct, if it is one of serde_json's own, which have one field.
    own: Option<&'static str>,
}

impl List<'_> {
    /// Begins an element, or a member.
    fn next(&mut self) -> &mut Writer {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.put(",");
        }
        self.out
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        value.serialize(self.next())
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        if let Some(own) = self.own {
            let mut json = self.out.serde_json();
            let mut fields = json.serialize_struct(own, 1)?;
            ser::SerializeStruct::serialize_field(&mut fields, name, value)?;
            return ser::SerializeStruct::end(fields);
        }
        let out = self.next();
        out.put_string(name)?;
        out.put(":");
        value.serialize(out)
    }

    fn close(self) -> Result<()> {
        self.out.put(self.end);
        Ok(())
    }
}

macro_rules! lists {
    ($($of:ident: $method:ident($($name:ident: $is:ty)?) by $by:ident;)*) => {
        $(impl ser::$of for List<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, $($name: $is,)? value: &T) -> Result<()> {
                self.$by($($name,)? value)
            }

            fn end(self) -> Result<()> {
                self.close()
            }
        })*
    };
}

lists! {
    SerializeSeq: serialize_element() by element;
    SerializeTuple: serialize_element() by element;
    SerializeTupleStruct: serialize_field() by element;
    SerializeTupleVariant: serialize_field() by element;
    SerializeStruct: serialize_field(name: &'static str) by member;
    SerializeStructVariant: serialize_field(name: &'static str) by member;
}

impl ser::SerializeMap for List<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        let mut json = serde_json::Serializer::with_formatter(&mut self.next().text, OneKey);
        json.serialize_map(None)?.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.out.put(":");
        value.serialize(&mut *self.out)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

/// Writes of a map nothing but a key.
struct OneKey;

impl Formatter for OneKey {
    fn begin_object<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        Ok(())
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, _: &mut W, _: bool) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt;
    use std::net::Ipv4Addr;

    use serde_json::value::RawValue;

    use super::*;
    use crate::protocol::generate::Random;

    #[track_caller]
    fn check<T: Serialize + ?Sized>(value: &T) {
        let written = to_json(value).map(|(text, _)| text).map_err(|error| error.to_string());
        assert_eq!(written, serde_json::to_string(value).map_err(|error| error.to_string()));
    }

    #[derive(Serialize)]
    struct Unit;

    #[derive(Serialize)]
    struct New(&'static str);

    #[derive(Serialize)]
    struct Pair(u8, char);

    #[derive(Serialize)]
    struct Fields<'a> {
        #[serde(rename = "a \"name\"")]
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<u8>,
        #[serde(flatten)]
        more: BTreeMap<&'a str, Choice>,
    }

    #[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
    enum Choice {
        Plain,
        One(u8),
        Two(u8, bool),
        Named { a: (), b: Option<i8> },
    }

    /// Told by its `Display`, piece by piece.
    struct Told;

    impl fmt::Display for Told {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a\n{}\"", 7)
        }
    }

    impl Serialize for Told {
        fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }

    struct Fails;

    impl Serialize for Fails {
        fn serialize<S: Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
            Err(ser::Error::custom("it fails"))
        }
    }

    /// A map with one key that may be anything.
    struct Keyed<K>(K);

    impl<K: Serialize> Serialize for Keyed<K> {
        fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
            serializer.collect_map([(&self.0, 1), (&self.0, 2)])
        }
    }

    #[test]
    fn a_value_is_written_as_serde_json_writes_it() {
        check(&(true, i8::MIN, u64::MAX, i128::MIN, u128::MAX, 'é', '"'));
        check(&[0.0, -0.0, 1.5, 1e300, 5e-324, f64::NAN, f64::INFINITY]);
        check(&[0.1_f32, f32::MIN_POSITIVE, f32::NEG_INFINITY]);
        for text in ["", "a", "\"\\/\u{8}\t\n\u{c}\r\0\u{1f}\u{7f}\u{2028}😀", &"é\u{1}".repeat(50)]
        {
            check(text);
            check(&Keyed(text));
        }
        check(&((), Unit, New("a"), Pair(1, 'b'), Some(Some("a")), None::<u8>, Told));
        check(&(Vec::<u8>::new(), [(); 0], BTreeMap::<u8, u8>::new(), Ipv4Addr::LOCALHOST));
        let choices = || {
            let (named, other) = ((), None);
            [
                ("a", Choice::Plain),
                ("b", Choice::One(1)),
                ("c\n", Choice::Two(2, false)),
                ("d", Choice::Named { a: named, b: other }),
            ]
        };
        check(&Fields { name: "a", left_out: None, more: choices().into() });
        check(&Fields { name: "a", left_out: Some(1), more: BTreeMap::new() });
        check(&choices());
        check(&(Keyed(7_u8), Keyed(-7_i64), Keyed(true), Keyed('"'), Keyed(0.5), Keyed(New("a"))));
        check(&(Keyed(Choice::Plain), Keyed(Some("a")), Keyed(Told)));
        let raw: &RawValue = serde_json::from_str(r#"{ "a" : "\u0061" }"#).unwrap();
        check(&(raw, [Some(raw)], Keyed("a")));
    }

    #[test]
    fn what_serde_json_refuses_is_refused_in_its_words() {
        check(&Keyed(f64::NAN));
        check(&Keyed(None::<u8>));
        check(&Keyed(()));
        check(&Keyed([1]));
        check(&Keyed(Choice::One(1)));
        check(&Keyed(Fails));
        check(&[Some(Fails)]);
        check(&Keyed("a"));
    }

    #[test]
    fn any_tree_is_written_as_serde_json_writes_it() {
        for seed in 0..500 {
            check(&Random::new(seed).json(5));
        }
    }
}
