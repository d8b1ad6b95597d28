//! What calls give their parameters, and how they fail.

use serde::de;
use serde_json::value::RawValue;

use super::*;
use crate::protocol::Args;
use crate::protocol::{Binary, JsonText};

const fn param(name: &'static str, required: bool) -> Param {
    Param { name, required }
}

const ADD: &[Param] = &[param("a", true), param("b", false)];

static EITHER: Signature = Signature { params: ADD, form: Form::Either, surplus: Surplus::Refuse };
static POSITIONAL: Signature =
    Signature { params: ADD, form: Form::Positional, surplus: Surplus::Refuse };
static KEYWORD: Signature =
    Signature { params: ADD, form: Form::Keyword, surplus: Surplus::Refuse };
static LENIENT: Signature = Signature { params: ADD, form: Form::Either, surplus: Surplus::Ignore };

fn event(args: Args) -> Event {
    Event::new("add".into(), args, None)
}

/// Calls `fn add(a: T, b: Option<i64>)`.
fn call<'a, T: Deserialize<'a>>(
    event: &'a Event,
    signature: &'static Signature,
) -> Result<(T, Option<i64>), String> {
    let taken = Arguments::new(event, signature).and_then(|mut args| {
        let taken = (args.required()?, args.optional()?);
        args.finish()?;
        Ok(taken)
    });
    taken.map_err(|error| error.to_string())
}

#[track_caller]
fn check(signature: &'static Signature, args: &str, expected: Result<(i64, Option<i64>), &str>) {
    let event = event(Args::from_json(args.into()));
    assert_eq!(call(&event, signature), expected.map_err(ToOwned::to_owned), "{args}");
}

#[test]
fn one_rule_tells_positional_from_keyword_calls() {
    for (args, expected) in [
        ("[1,2]", Ok((1, Some(2)))),
        (" [ 1 , 2 ] ", Ok((1, Some(2)))),
        ("[1]", Ok((1, None))),
        ("[1,null]", Ok((1, None))),
        ("1", Ok((1, None))),
        (r#"[{"b":2,"a":1}]"#, Ok((1, Some(2)))),
        (r#"[ { "a" : 1 } ]"#, Ok((1, None))),
        (r#"{"a":1}"#, Ok((1, None))),
        (r#"[{"\u0061":1}]"#, Ok((1, None))),
        (r#"[{"a":1,"a":3}]"#, Ok((3, None))),
        ("[]", Err("event `add`: argument `a` is missing")),
        ("[1,2,3]", Err("event `add`: more than 2 arguments")),
        (r#"["x"]"#, Err("event `add`: argument `a`: invalid type: string \"x\", expected i64")),
        // An unknown key, a missing required key or a second argument makes it positional.
        (r#"[{"a":1,"c":2}]"#, Err("event `add`: argument `a`: invalid type: map, expected i64")),
        (r#"[{"b":1}]"#, Err("event `add`: argument `a`: invalid type: map, expected i64")),
        ("[{}]", Err("event `add`: argument `a`: invalid type: map, expected i64")),
        (r#"[{"a":1},2]"#, Err("event `add`: argument `a`: invalid type: map, expected i64")),
    ] {
        check(&EITHER, args, expected);
    }
}

#[test]
fn a_signature_can_pin_the_form_and_ignore_surplus() {
    let not_keyword = "event `add`: expected one object of keyword arguments";
    check(&KEYWORD, r#"[{"a":1}]"#, Ok((1, None)));
    check(&KEYWORD, "[1]", Err(not_keyword));
    check(&KEYWORD, r#"[{"c":1}]"#, Err(not_keyword));
    let map = "event `add`: argument `a`: invalid type: map, expected i64";
    check(&POSITIONAL, r#"[{"a":1}]"#, Err(map));
    check(&LENIENT, "[1,2,3,4]", Ok((1, Some(2))));
}

#[test]
fn an_object_that_names_no_parameter_is_an_argument() {
    let event = event(Args::from_json(r#"[{"x":1},5]"#.into()));
    let (raw, b) = call::<&RawValue>(&event, &EITHER).unwrap();
    assert_eq!((raw.get(), b), (r#"{"x":1}"#, Some(5)));
}

/// Takes no string.
#[derive(Debug)]
struct Picky;

impl<'de> Deserialize<'de> for Picky {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Err(de::Error::custom(format_args!("{text} is wrong at line 3")))
    }
}

#[test]
fn what_a_type_says_of_its_text_is_told_whole() {
    for args in [Args::from_json(r#"["a"]"#.into()), Args::from_text("a".into())] {
        let error = call::<Picky>(&event(args), &EITHER).unwrap_err();
        assert_eq!(error, "event `add`: argument `a`: a is wrong at line 3");
    }
}

#[test]
fn numbers_arrive_as_the_client_has_them() {
    for number in ["0.1", "54042.871100000004", "48218.789000000004", "5e-324", "-1.5e300"] {
        let event = event(Args::from_json(format!("[{number}]").into()));
        let (read, _) = call::<f64>(&event, &EITHER).unwrap();
        assert_eq!(read.to_bits(), number.parse::<f64>().unwrap().to_bits(), "{number}");
    }
}

#[test]
fn text_is_borrowed_unless_it_has_escapes() {
    for (args, expected, borrowed) in [
        (Args::from_text("hi \"you\"\n".into()), "hi \"you\"\n", true),
        (Args::from_json(r#"["plain ☃"]"#.into()), "plain ☃", true),
        (Args::from_json(r#"["a\"b\ud83d\ude00"]"#.into()), "a\"b😀", false),
    ] {
        let event = event(args);
        let mut arguments = Arguments::new(&event, &EITHER).unwrap();
        let text = arguments.borrowed::<str>().unwrap();
        assert_eq!((&*text, matches!(text, Cow::Borrowed(_))), (expected, borrowed));
    }
}

#[test]
fn binary_values_arrive_in_either_form_of_call() {
    let placeholder = |num| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
    let (zero, one) = (placeholder(0), placeholder(1));
    let (first, second) = (Binary(vec![1, 2].into()), Binary(vec![3].into()));
    for (args, a, b) in [
        (format!("[{zero},{one}]"), &first, Some(&second)),
        (format!(" [ {one} , null ] "), &second, None),
        (format!("[{one}]"), &second, None),
        (format!(r#"[{{"a":{zero}}}]"#), &first, None),
        (format!(r#"[{{"b":{zero},"a":{one}}}]"#), &second, Some(&first)),
    ] {
        let attachments = vec![first.0.clone(), second.0.clone()];
        let event = event(Args::from_json(JsonText::new(args, attachments)));
        let mut arguments = Arguments::new(&event, &EITHER).unwrap();
        let taken = arguments.required::<Binary>().unwrap();
        let other = arguments.optional::<Binary>().unwrap();
        arguments.finish().unwrap();
        assert_eq!((&taken, other.as_ref()), (a, b));
        assert_eq!(taken.as_ptr(), a.as_ptr(), "not a copy");
        let mut arguments = Arguments::new(&event, &EITHER).unwrap();
        let lent = arguments.borrowed::<[u8]>().unwrap();
        let other = arguments.optional_borrowed::<[u8]>().unwrap();
        assert!(matches!(lent, Cow::Borrowed(_)), "{lent:?}");
        assert_eq!((&*lent, other.as_deref()), (&***a, b.map(|b| &***b)));
    }
    let event = event(Args::from_json(JsonText::new(format!("[{zero}]"), vec![first.0])));
    let expected = "event `add`: argument `a`: invalid type: binary attachment, expected i64";
    assert_eq!(call::<i64>(&event, &EITHER).unwrap_err(), expected);
}

/// Time that grows with attachments times arguments would show as a test that does not end.
#[test]
fn many_arguments_beside_many_attachments_are_read_in_linear_time() {
    let attachments = vec![vec![7].into(); 1 << 10];
    let args = format!("[1{}]", ",2".repeat(1 << 18));
    let event = event(Args::from_json(JsonText::new(args, attachments)));
    let mut arguments = Arguments::new(&event, &EITHER).unwrap();
    assert_eq!(arguments.rest::<u8>().unwrap().len(), (1 << 18) + 1);
}

#[test]
fn a_client_without_binary_values_sends_numbers_or_text() {
    for (args, expected, borrowed) in [
        (Args::from_json("[[1,255]]".into()), &[1, 255][..], false),
        (Args::from_json(r#"["a\n"]"#.into()), b"a\n", false),
        (Args::from_json(r#"["é"]"#.into()), "é".as_bytes(), true),
        (Args::from_text("é\n".into()), "é\n".as_bytes(), true),
    ] {
        let event = event(args);
        let mut arguments = Arguments::new(&event, &EITHER).unwrap();
        let lent = arguments.borrowed::<[u8]>().unwrap();
        assert_eq!((&*lent, matches!(lent, Cow::Borrowed(_))), (expected, borrowed));
        let mut arguments = Arguments::new(&event, &EITHER).unwrap();
        assert_eq!(&**arguments.required::<Binary>().unwrap(), expected);
    }
}

#[test]
fn the_last_parameter_can_take_the_rest() {
    for (args, expected) in
        [("[1,2,3]", vec![2, 3]), ("[1]", vec![]), (r#"[{"a":1,"b":[4]}]"#, vec![4])]
    {
        let event = event(Args::from_json(args.into()));
        let mut arguments = Arguments::new(&event, &EITHER).unwrap();
        assert_eq!(arguments.required::<i64>().unwrap(), 1);
        assert_eq!(arguments.rest::<i64>().unwrap(), expected);
        arguments.finish().unwrap();
    }
}

#[test]
fn a_default_stands_for_missing_and_null() {
    for (args, expected) in [("[1]", 7), ("[1,null]", 7), ("[1,2]", 2)] {
        let event = event(Args::from_json(args.into()));
        let mut arguments = Arguments::new(&event, &EITHER).unwrap();
        arguments.required::<i64>().unwrap();
        assert_eq!(arguments.defaulted(|| 7).unwrap(), expected);
    }
}
