//! Binary values through serde, both ways.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{Binary, JsonText, first, from_str};

/// Bytes of attachment 0 and 1 in all tests.
const FIRST: &[u8] = &[1, 2, 3];
const SECOND: &[u8] = &[255, 0];

fn attachments() -> Vec<Bytes> {
    vec![Bytes::from(FIRST.to_vec()), Bytes::from(SECOND.to_vec())]
}

/// `$0` and `$1` in a text stand for the placeholders.
fn text(text: &str) -> String {
    let placeholder = |num| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
    text.replace("$0", &placeholder(0)).replace("$1", &placeholder(1))
}

fn packet(json: &str) -> JsonText {
    JsonText::new(text(json), attachments())
}

fn first_binary() -> Binary {
    Binary(Bytes::from_static(FIRST))
}

fn second_binary() -> Binary {
    Binary(Bytes::from_static(SECOND))
}

/// The value is written as this text, and read from it again.
#[track_caller]
fn both_ways<T>(value: &T, json: &str)
where
    T: Serialize + for<'a> Deserialize<'a> + PartialEq + Debug,
{
    let encoded = JsonText::encode(value).unwrap();
    assert_eq!(encoded.as_str(), text(json));
    assert_eq!(encoded.decode::<T>().unwrap(), *value, "{json}");
}

#[track_caller]
fn fails<'a, T: Deserialize<'a> + Debug>(packet: &'a JsonText, message: &str) {
    let error = packet.decode::<T>().unwrap_err();
    assert_eq!(what(&error), message, "{}", packet.as_str());
}

/// The message of an error without the position.
fn what(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(&*message, |(what, _)| what).to_owned()
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct File {
    name: String,
    data: Binary,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wrapper(Binary);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair(u8, Bytes);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Outside {
    Unit,
    New(Binary),
    Tuple(u8, ByteBuf),
    Struct { data: Bytes },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Inside {
    File(File),
    Data { data: Bytes },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "content")]
enum Beside {
    Data(Binary),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Number(u32),
    Data(Binary),
    Many(Vec<ByteBuf>),
    File(File),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    file: File,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tree {
    data: Binary,
    below: Vec<Tree>,
}

#[test]
fn bytes_are_attachments_wherever_they_stand() {
    let file = || File { name: "a".into(), data: first_binary() };
    both_ways(&first_binary(), "$0");
    both_ways(&Bytes::from_static(FIRST), "$0");
    both_ways(&ByteBuf::from(FIRST), "$0");
    both_ways(&Binary::default(), "$0");
    both_ways(&Some(first_binary()), "$0");
    both_ways(&None::<Binary>, "null");
    both_ways(&Wrapper(first_binary()), "$0");
    both_ways(&Pair(7, Bytes::from_static(FIRST)), "[7,$0]");
    both_ways(&(first_binary(), "x".to_owned(), second_binary()), r#"[$0,"x",$1]"#);
    both_ways(&vec![first_binary(), second_binary()], "[$0,$1]");
    both_ways(
        &BTreeMap::from([("k", first_binary())].map(|(k, v)| (k.to_owned(), v))),
        r#"{"k":$0}"#,
    );
    both_ways(&HashMap::from([(7_u8, first_binary())]), r#"{"7":$0}"#);
    both_ways(&file(), r#"{"name":"a","data":$0}"#);
    both_ways(&vec![Outside::Unit, Outside::New(first_binary())], r#"["Unit",{"New":$0}]"#);
    both_ways(&Outside::Tuple(1, ByteBuf::from(FIRST)), r#"{"Tuple":[1,$0]}"#);
    both_ways(&Outside::Struct { data: Bytes::from_static(FIRST) }, r#"{"Struct":{"data":$0}}"#);
    both_ways(&Inside::File(file()), r#"{"type":"File","name":"a","data":$0}"#);
    both_ways(&Inside::Data { data: Bytes::from_static(FIRST) }, r#"{"type":"Data","data":$0}"#);
    both_ways(&Beside::Data(first_binary()), r#"{"type":"Data","content":$0}"#);
    both_ways(&Either::Data(first_binary()), "$0");
    both_ways(&Either::Many(vec![ByteBuf::from(FIRST), ByteBuf::from(SECOND)]), "[$0,$1]");
    both_ways(&Either::File(file()), r#"{"name":"a","data":$0}"#);
    both_ways(&Either::Number(7), "7");
    both_ways(&Flat { id: 1, file: file() }, r#"{"id":1,"name":"a","data":$0}"#);
    let leaf = Tree { data: second_binary(), below: vec![] };
    let tree = Tree { data: first_binary(), below: vec![leaf] };
    both_ways(&tree, r#"{"data":$0,"below":[{"data":$1,"below":[]}]}"#);
}

#[test]
fn what_is_borrowed_lies_in_the_packet() {
    #[derive(Deserialize)]
    struct Borrowed<'a> {
        name: &'a str,
        data: &'a [u8],
        #[serde(borrow, with = "serde_bytes")]
        cow: Cow<'a, [u8]>,
        #[serde(borrow)]
        raw: &'a RawValue,
    }
    let packet = packet(r#"{"name":"a","data":$0,"cow":$1,"raw":[ $0 ]}"#);
    let read: Borrowed<'_> = packet.decode().unwrap();
    let attached = |index: usize| packet.attachments()[index].as_ptr();
    assert_eq!((read.name, read.raw.get()), ("a", &*text("[ $0 ]")));
    assert_eq!((read.data.as_ptr(), read.data), (attached(0), FIRST));
    assert_eq!((read.cow.as_ptr(), &*read.cow), (attached(1), SECOND));
    assert!(matches!(read.cow, Cow::Borrowed(_)));
}

#[test]
fn a_binary_is_never_copied() {
    let packet = packet(r#"[$0,{"name":"a","data":$0},$0,{"type":"Data","content":$0}]"#);
    let memory = packet.attachments()[0].as_ptr();
    let (plain, untagged, other, beside): (Binary, Either, Either, Beside) =
        packet.decode().unwrap();
    let Either::File(File { data, .. }) = untagged else { panic!("{untagged:?}") };
    let Either::Data(other) = other else { panic!("{other:?}") };
    let Beside::Data(beside) = beside;
    for binary in [&plain, &data, &other, &beside] {
        assert_eq!((binary.as_ptr(), &***binary), (memory, FIRST));
    }
    let sent = JsonText::encode(&(&plain, [&data], Some(&other))).unwrap();
    assert_eq!(sent.attachments().len(), 3);
    assert!(sent.attachments().iter().all(|attachment| attachment.as_ptr() == memory));
    // Only what is lent is shared: a slice of it that is not the whole, and none after the loan.
    assert_eq!(Binary(plain.slice(1..)), Binary(Bytes::from_static(&FIRST[1..])));
    let read: Binary = from_str("[1,2,3]", &[]).unwrap();
    assert_ne!(read.as_ptr(), memory);
}

#[test]
fn a_placeholder_is_one_however_its_keys_are_ordered() {
    for json in [
        r#"{"_placeholder":true,"num":1}"#,
        r#"{"num":1,"_placeholder":true}"#,
        " { \"num\" : 1 ,\n\t\"_placeholder\" : true } ",
    ] {
        let packet = packet(json);
        assert_eq!(packet.decode::<Binary>().unwrap(), second_binary(), "{json}");
        assert_eq!(packet.decode::<&[u8]>().unwrap(), SECOND, "{json}");
        assert_eq!(packet.decode::<Either>().unwrap(), Either::Data(second_binary()), "{json}");
    }
}

#[test]
fn what_resembles_a_placeholder_is_an_object() {
    for json in [
        r#"{"_placeholder":false,"num":0}"#,
        r#"{"_placeholder":true}"#,
        r#"{"num":0}"#,
        r#"{"_placeholder":true,"num":[0]}"#,
        r#"{"_placeholder":true,"num":0,"more":1}"#,
        r#"{"num":0,"num":0,"_placeholder":true}"#,
        r#"{"x":1,"_placeholder":true,"num":0}"#,
        r#"{"Num":0}"#,
        "{}",
    ] {
        let packet = packet(json);
        fails::<Bytes>(&packet, "invalid type: map, expected byte array");
        let content: Content = packet.decode().unwrap();
        assert_eq!(content, Content::Map(serde_json::from_str(json).unwrap()), "{json}");
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Content {
        Data(Binary),
        Map(BTreeMap<String, Value>),
    }
}

#[test]
fn a_value_that_cannot_hold_bytes_has_the_placeholder() {
    let placeholder = json!({"_placeholder": true, "num": 0});
    let packet = packet("[$0,$0,$0,{\"a\":[$0]}]");
    type Read<'a> = (Value, Map<String, Value>, &'a RawValue, Option<Value>);
    let (value, map, raw, deep): Read<'_> = packet.decode().unwrap();
    assert_eq!(value, placeholder);
    assert_eq!(Value::Object(map), placeholder);
    assert_eq!(raw.get(), text("$0"));
    assert_eq!(deep, Some(json!({"a": [placeholder]})));
    assert_eq!(packet.decode::<Box<RawValue>>().unwrap().get(), packet.as_str());
}

#[test]
fn a_type_that_takes_no_bytes_says_so() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Options {
        a: Option<u8>,
    }
    let packet = packet("$0");
    let expected = |what: &str| format!("invalid type: binary attachment, expected {what}");
    fails::<String>(&packet, &expected("a string"));
    fails::<&str>(&packet, &expected("a borrowed string"));
    fails::<i64>(&packet, &expected("i64"));
    fails::<f32>(&packet, &expected("f32"));
    fails::<u128>(&packet, "binary attachment: invalid number");
    fails::<bool>(&packet, &expected("a boolean"));
    fails::<char>(&packet, &expected("a character"));
    fails::<()>(&packet, &expected("unit"));
    fails::<Option<u8>>(&packet, &expected("u8"));
    fails::<Vec<u8>>(&packet, &expected("a sequence"));
    fails::<(u8, u8)>(&packet, &expected("a tuple of size 2"));
    fails::<Options>(&packet, &expected("struct Options"));
    fails::<File>(&packet, &expected("struct File"));
    fails::<Outside>(
        &packet,
        "binary attachment: unknown variant `_placeholder`, expected one of `Unit`, `New`, \
         `Tuple`, `Struct`",
    );
    fails::<HashMap<String, String>>(
        &packet,
        "binary attachment: invalid type: boolean `true`, expected a string",
    );
    let deep = self::packet("[1,\n\n  {\"name\":  $1,\"data\":$0}]");
    fails::<(u8, File)>(&deep, &expected("a string"));
    let after = self::packet("[$0,\"x\"]");
    fails::<(Binary, u8)>(&after, "invalid type: string \"x\", expected u8");
}

#[test]
fn a_placeholder_without_an_attachment_is_illegal() {
    for num in ["2", "-1", "0.5", "1e0", "18446744073709551616"] {
        let packet = packet(&format!(r#"{{"_placeholder":true,"num":{num}}}"#));
        fails::<Binary>(&packet, "illegal attachments");
        fails::<&[u8]>(&packet, "illegal attachments");
        fails::<Inside>(
            &JsonText::new(
                format!(r#"{{"type":"Data","data":{}}}"#, packet.as_str()),
                attachments(),
            ),
            "illegal attachments",
        );
    }
}

#[test]
fn text_is_read_as_if_there_were_no_attachments() {
    #[track_caller]
    fn check<T: for<'a> Deserialize<'a> + PartialEq + Debug>(json: &str) {
        let attached = attachments();
        let with = from_str::<T>(json, &attached).map_err(|error| what(&error));
        let without = from_str::<T>(json, &[]).map_err(|error| what(&error));
        assert_eq!(with, without, "{json}");
    }
    let texts = [
        "null",
        "true",
        "7",
        "-7",
        "1.5",
        "\"a\"",
        "\"a\\n\\ud83d\\ude00\"",
        "[]",
        "[1,2]",
        "{}",
        r#"{"1":2}"#,
        r#"{"a":{"num":1}}"#,
        "340282366920938463463374607431768211455",
        "[1",
        "x",
        "7 7",
        r#"{"num":{"num":{"_placeholder":1}}}"#,
        "",
    ];
    for json in texts {
        check::<Value>(json);
        check::<Option<u8>>(json);
        check::<i64>(json);
        check::<u128>(json);
        check::<f64>(json);
        check::<String>(json);
        check::<Vec<u8>>(json);
        check::<Bytes>(json);
        check::<Binary>(json);
        check::<(u8, u8)>(json);
        check::<()>(json);
        check::<HashMap<u8, u8>>(json);
        check::<BTreeMap<String, Value>>(json);
        check::<Either>(json);
        check::<File>(json);
        check::<Outside>(json);
    }
}

#[test]
fn the_first_value_is_read_and_taken_off() {
    let attached = attachments();
    let rest = text(r#" $0 ,"x"]"#);
    assert_eq!(first::<Binary>(&rest, &attached).unwrap(), (first_binary(), r#" ,"x"]"#));
    assert_eq!(first::<u8>("12,3]", &[]).unwrap(), (12, ",3]"));
    assert_eq!(first::<u8>("12,3]", &attached).unwrap(), (12, ",3]"));
}

#[test]
fn clients_without_binary_values_have_numbers_and_text() {
    assert_eq!(from_str::<Binary>("[1,2,3]", &[]).unwrap(), first_binary());
    assert_eq!(&*from_str::<Binary>(r#""é\n""#, &[]).unwrap(), "é\n".as_bytes());
    assert!(from_str::<Binary>("[256]", &[]).is_err());
    let plain = packet(r#"["a",{"b":[$1,1.50,"{\"_placeholder\":true,\"num\":0}"],"c":$0}]"#);
    let numbers = r#"["a",{"b":[[255,0],1.5,"{\"_placeholder\":true,\"num\":0}"],"c":[1,2,3]}]"#;
    assert_eq!(plain.to_plain(), numbers);
    assert_eq!(JsonText::from(text("$0")).to_plain(), text("$0"));
    assert_eq!(
        packet(r#"{"_placeholder":true,"num":5}"#).to_plain(),
        r#"{"_placeholder":true,"num":5}"#
    );
}

#[test]
fn many_attachments_are_all_there_whoever_asks_for_them() {
    let attachments: Vec<Bytes> =
        (0..1000_u16).map(|num| num.to_be_bytes().to_vec().into()).collect();
    let placeholders = (0..1000).rev().map(|num| format!(r#"{{"_placeholder":true,"num":{num}}}"#));
    let text = format!("[{}]", placeholders.collect::<Vec<_>>().join(","));
    let packet = JsonText::new(text, attachments);
    let expected = packet.attachments().iter().rev();
    let plain: Vec<Binary> = packet.decode().unwrap();
    assert!(plain.iter().zip(expected.clone()).all(|(read, sent)| read.as_ptr() == sent.as_ptr()));
    let loose: Vec<Either> = packet.decode().unwrap();
    let expected: Vec<_> = expected.map(|sent| Either::Data(Binary(sent.clone()))).collect();
    assert_eq!(loose, expected);
    let again = JsonText::encode(&packet).unwrap();
    assert_eq!(again.decode::<Vec<Binary>>().unwrap(), plain);
    let memory = |packet: &JsonText, index: usize| packet.attachments()[index].as_ptr();
    assert_eq!(memory(&again, 0), memory(&packet, 999));
}

#[test]
fn depth_is_bounded_and_size_is_read_in_linear_time() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Nest(Vec<Nest>);

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    enum Loose {
        List(Vec<Loose>),
        Map(HashMap<String, Loose>),
        Data(Binary),
        Number(u64),
    }

    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let maps = |depth: usize| r#"{"num":1,"x":"#.repeat(depth) + "$0" + &"}".repeat(depth);
    packet(&nested(127)).decode::<Nest>().unwrap();
    packet(&nested(100)).decode::<Loose>().unwrap();
    packet(&maps(100)).decode::<Loose>().unwrap();
    fails::<Nest>(&packet(&nested(128)), "recursion limit exceeded");
    fails::<Nest>(&packet(&nested(1 << 20)), "recursion limit exceeded");
    packet(&maps(1 << 16)).decode::<Loose>().unwrap_err();
    packet(&maps(1 << 16)).decode::<Value>().unwrap_err();

    let flat = format!("[{}$0]", r#"{"num":1,"x":{"num":2}},"#.repeat(1 << 16));
    let Loose::List(list) = packet(&flat).decode().unwrap() else { panic!("a list") };
    assert_eq!(list.len(), (1 << 16) + 1);
    packet(&format!(r#"{{"num":1{},"x":$0}}"#, "0".repeat(1 << 20))).decode::<Loose>().unwrap_err();
}
