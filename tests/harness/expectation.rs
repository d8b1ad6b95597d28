//! What was expected against what came.
//!
//! In: the expectation of a step and a response or packet. Out: nothing, or a [`Mismatch`] that says
//! both in words. Pure.
//!
//! - Listed headers must be there once with that very value; others are free. The recordings list
//!   every header that matters to the protocol, so a list without CORS headers forbids them.
//! - JSON inside packets is compared as JSON (`meta.compare_note`).
//! - Bodies may hold a session id, whose length differs from server to server; `ID` stands for it.

use serde_json::Value;

use crate::{http::Response, script::Answer};

/// Stands for a session id in an expected body.
pub(crate) const ID: char = '\0';

/// How the recordings write a session id in a `body_regex`, the only pattern they use.
const ID_PATTERN: &str = "[A-Za-z0-9_-]{20}";

/// The transports that the reference server announces by default.
const REFERENCE_TRANSPORTS: &str = "websocket,htmlfile,xhr-polling,jsonp-polling";

/// Headers that only answers to a request of another origin have.
const CORS: [&str; 2] = ["access-control-allow-origin", "access-control-allow-credentials"];

/// Long texts are cut in messages, at this many characters.
const SHOWN_CHARS: usize = 300;

/// What a server writes in its own way.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// How many characters a session id has.
    pub id_length: usize,
    /// The transports that a handshake announces, separated by commas.
    pub transports: &'static str,
    /// Whether a second poll of a session makes the server answer the first at once.
    pub answers_superseded_polls: bool,
}

impl Dialect {
    /// The reference server, socket.io 0.9.19.
    pub const REFERENCE: Self =
        Self { id_length: 20, transports: REFERENCE_TRANSPORTS, answers_superseded_polls: false };
}

/// This project's server: ids of 128 bits in 22 characters.
impl Default for Dialect {
    fn default() -> Self {
        Self {
            id_length: 22,
            transports: "websocket,htmlfile,xhr-polling,jsonp-polling",
            answers_superseded_polls: true,
        }
    }
}

/// An expectation that was not met.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub(crate) expected: String,
    pub(crate) got: String,
}

impl Mismatch {
    pub(crate) fn new(expected: impl AsRef<str>, got: impl AsRef<str>) -> Self {
        Self { expected: cut(expected.as_ref()), got: cut(got.as_ref()) }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS).and_then(|(end, _)| text.get(..end)) {
        Some(start) => format!("{start}… ({} bytes)", text.len()),
        None => text.to_owned(),
    }
}

/// Compares a response with an expectation and returns the session id found in its body, if the
/// expected body has a place for one.
pub(crate) fn check_response(
    expect: &Answer,
    response: &Response,
    dialect: &Dialect,
) -> Result<Option<String>, Mismatch> {
    if let Some(outcome) = &expect.outcome {
        return Err(Mismatch::new(outcome, &response.status_line));
    }
    if let Some(line) = expect.status_line.as_ref().filter(|line| **line != response.status_line) {
        return Err(Mismatch::new(line, &response.status_line));
    }
    let mut statuses = expect.status_any_of.clone();
    statuses.extend(expect.status);
    if !statuses.is_empty() && !statuses.contains(&response.status) {
        let got = format!("{}, body {:?}", response.status_line, response.text());
        return Err(Mismatch::new(format!("status {statuses:?}"), got));
    }
    check_headers(expect, response)?;
    check_body(expect, &response.text(), dialect)
}

fn check_headers(expect: &Answer, response: &Response) -> Result<(), Mismatch> {
    let Some(listed) = &expect.headers else { return Ok(()) };
    for (name, value) in listed {
        if response.header(name) != Some(value) {
            let got = response.header_values(name).collect::<Vec<_>>();
            return Err(Mismatch::new(format!("{name}: {value}"), format!("{name}: {got:?}")));
        }
    }
    let unlisted = CORS
        .into_iter()
        .find(|name| !listed.contains_key(*name) && response.header_values(name).next().is_some());
    match unlisted {
        Some(name) => Err(Mismatch::new(format!("no {name}"), format!("{:?}", response.headers))),
        None => Ok(()),
    }
}

fn check_body(expect: &Answer, body: &str, dialect: &Dialect) -> Result<Option<String>, Mismatch> {
    let from_regex = expect.body_regex.as_deref().map(template_of).transpose()?;
    let templates = expect.body.iter().chain(&expect.body_any_of).cloned().chain(from_regex);
    let templates: Vec<_> =
        templates.map(|text| text.replace(REFERENCE_TRANSPORTS, dialect.transports)).collect();
    let found = templates.iter().find_map(|template| {
        let found = match_template(template, body, dialect.id_length);
        found.or_else(|| same_packet(template, body).then_some(""))
    });
    match found {
        Some(id) => Ok(Some(id.to_owned()).filter(|id| !id.is_empty())),
        None if templates.is_empty() => Ok(None),
        None => {
            let id = format!("<id of {} characters>", dialect.id_length);
            let expected = format!("body {}", shown(&templates)).replace("\\0", &id);
            Err(Mismatch::new(expected, format!("{body:?}")))
        }
    }
}

/// One alternative as it is, several as a list.
pub(crate) fn shown<T: std::fmt::Debug>(alternatives: &[T]) -> String {
    match alternatives {
        [only] => format!("{only:?}"),
        several => format!("one of {several:?}"),
    }
}

/// Turns the one pattern of the recordings, an id and a fixed rest, into a text with [`ID`] in it.
fn template_of(regex: &str) -> Result<String, Mismatch> {
    let rest = regex.strip_prefix('^').and_then(|regex| regex.strip_prefix(ID_PATTERN));
    let rest = rest.and_then(|rest| rest.strip_suffix('$')).map(|rest| rest.replace("\\-", "-"));
    let literal = rest.filter(|rest| !rest.contains(['\\', '[', '(', '*', '+', '?', '.', '|']));
    literal
        .map(|rest| format!("{ID}{rest}"))
        .ok_or_else(|| Mismatch::new(format!("a pattern of the form ^{ID_PATTERN}…$"), regex))
}

/// The id that stands in `text` where `template` has [`ID`]; `""` if it has none; `None` if they
/// differ.
fn match_template<'a>(template: &str, text: &'a str, id_length: usize) -> Option<&'a str> {
    let Some((before, after)) = template.split_once(ID) else {
        return (template == text).then_some("");
    };
    let id = text.strip_prefix(before)?.strip_suffix(after)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (id.len() == id_length && id.bytes().all(allowed)).then_some(id)
}

/// Whether two packets are the same, or differ only in how their JSON is written.
pub(crate) fn same_packet(expected: &str, got: &str) -> bool {
    expected == got || split_json(expected).is_some_and(|parts| split_json(got) == Some(parts))
}

/// Splits a json (4), event (5) or ack (6) packet into what stands before its JSON, and that.
fn split_json(packet: &str) -> Option<(&str, Value)> {
    let (third_colon, _) = packet.match_indices(':').nth(2)?;
    let before = match packet.as_bytes().first()? {
        b'4' | b'5' => third_colon,
        b'6' => third_colon + packet.get(third_colon..)?.find('+')?,
        _ => return None,
    };
    let (before, json) = packet.split_at_checked(before + 1)?;
    Some((before, serde_json::from_str(json).ok()?))
}

/// The bytes of a text in which each character stands for one byte.
pub(crate) fn latin1(text: &str) -> Result<Vec<u8>, Mismatch> {
    let bytes = text.chars().map(|char| u8::try_from(char).ok()).collect::<Option<_>>();
    bytes.ok_or_else(|| Mismatch::new("a text of characters up to U+00FF", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Dialect =
        Dialect { id_length: 3, transports: "websocket", answers_superseded_polls: true };

    fn answer(json: &str) -> Answer {
        serde_json::from_str(json).unwrap()
    }

    fn response(headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let status_line = "HTTP/1.1 200 OK".to_owned();
        Response { status_line, status: 200, headers, body: body.to_owned().into() }
    }

    #[test]
    fn packets_differ_only_where_their_json_has_another_value() {
        for (expected, got, same) in [
            ("3:::a", "3:::a", true),
            ("3:::a", "3:::b", false),
            ("3:::[1]", "3:::[ 1]", false),
            ("4:::{\"a\":1,\"b\":2}", "4:::{\"b\": 2, \"a\": 1}", true),
            ("4:::{\"a\":1}", "4:::{\"a\":2}", false),
            ("4:::null", "4:::null", true),
            ("4::/a:1", "4::/b:1", false),
            ("5:1+::{\"name\":\"x\",\"args\":[1]}", "5:1+::{\"args\":[1],\"name\":\"x\"}", true),
            ("5:1+::{\"name\":\"x\"}", "5:1::{\"name\":\"x\"}", false),
            ("6:::5+[\"x\",2]", "6:::5+[\"x\", 2]", true),
            ("6:::5+[]", "6:::5", false),
            ("6:::5+[1]", "6:::6+[1]", false),
            ("6:::5", "6:::5", true),
            ("", "", true),
            ("", "1::", false),
        ] {
            assert_eq!(same_packet(expected, got), same, "{expected} / {got}");
            assert_eq!(same_packet(got, expected), same, "{got} / {expected}");
        }
    }

    #[test]
    fn bodies_match_with_the_ids_and_transports_of_the_dialect() {
        let regex = r#"{"body_regex": "^[A-Za-z0-9_-]{20}:60:websocket,htmlfile,xhr-polling,jsonp-polling$"}"#;
        let jsonp = r#"{"body": "io.j[0](\"\u0000:6\");"}"#;
        for (expect, body, found) in [
            (regex, "a_-:60:websocket", Ok(Some("a_-"))),
            (regex, "a_.:60:websocket", Err(())),
            (regex, "abcd:60:websocket", Err(())),
            (regex, "abc:60:websocket,", Err(())),
            (jsonp, "io.j[0](\"abc:6\");", Ok(Some("abc"))),
            (jsonp, "io.j[0](\"abc:7\");", Err(())),
            (r#"{"body_any_of": ["8::", ""]}"#, "", Ok(None)),
            (r#"{"body_any_of": ["8::", ""]}"#, "8::", Ok(None)),
            (r#"{"body_any_of": ["8::", ""]}"#, "7::", Err(())),
            (r#"{"body": "4:::[1,2]"}"#, "4:::[1, 2]", Ok(None)),
            (r#"{"body_regex": "^.*$"}"#, "x", Err(())),
            ("{}", "anything", Ok(None)),
        ] {
            let got = check_response(&answer(expect), &response(&[], body), &OURS);
            let got = got.as_ref().map(Option::as_deref).map_err(|_| ());
            assert_eq!(got, found, "{expect} / {body}");
        }
    }

    #[test]
    fn listed_headers_must_match_and_cors_must_be_listed() {
        let origin = ("access-control-allow-origin", "*");
        for (expect, headers, met) in [
            (r#"{"headers": {"a": "1"}}"#, &[("a", "1"), ("b", "2")][..], true),
            (r#"{"headers": {"a": "1"}}"#, &[("a", "2")], false),
            (r#"{"headers": {"a": "1"}}"#, &[("a", "1"), ("a", "1")], false),
            (r#"{"headers": {"a": "1"}}"#, &[], false),
            (r#"{"headers": {}}"#, &[("b", "2")], true),
            (r#"{"headers": {}}"#, &[origin], false),
            (r#"{"headers": {"access-control-allow-origin": "*"}}"#, &[origin], true),
            ("{}", &[origin], true),
        ] {
            let got = check_response(&answer(expect), &response(headers, ""), &OURS);
            assert_eq!(got.is_ok(), met, "{expect} / {headers:?}");
        }
    }

    #[test]
    fn status_and_outcome_are_compared() {
        for (expect, met) in [
            (r#"{"status": 200, "status_line": "HTTP/1.1 200 OK"}"#, true),
            (r#"{"status_line": "HTTP/1.1 200 Fine"}"#, false),
            (r#"{"status": 201}"#, false),
            (r#"{"status_any_of": [201, 200]}"#, true),
            (r#"{"status_any_of": [400, 404]}"#, false),
            (r#"{"outcome": "closed-without-response"}"#, false),
        ] {
            let got = check_response(&answer(expect), &response(&[], ""), &OURS);
            assert_eq!(got.is_ok(), met, "{expect}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let mismatch = Mismatch::new("\u{2603}".repeat(301), "short");
        assert!(mismatch.expected.ends_with("\u{2603}… (903 bytes)"), "{}", mismatch.expected);
        assert_eq!(mismatch.got, "short");
    }
}
