//! Bodies for pages that cannot read one from another origin: scripts to them, forms from them.
//!
//! Text payloads go in and come out; the transports call it. A script evaluates to the very text that went
//! in and can't end the script element it stands in.
//!
//! ```text
//! ___eio[12]("6:4hello");          to the page
//! d=31%3A42%5B%22a%5C%5Cnb%22%5D   from it
//! ```
//!
//! Source: lib/transports/polling-jsonp.ts of engine.io 6.6.12 and of engine.io-client 3.5.

use bytestring::ByteString;

use crate::protocol::form;
use crate::protocol::json::script_string;

/// A script that hands a payload to the page's callback.
///
/// The index is what the handshake said, see
/// [`jsonp_index`](crate::protocol::legacy::handshake::jsonp_index).
pub fn encode(index: &str, payload: &str) -> String {
    format!("___eio[{index}](\"{}\");", script_string(payload))
}

/// The payload that a form carries; `None` if it carries none.
///
/// Pages write each line end as `\n`, since browsers change line ends in forms, and for that `\n` as
/// `\\n`; both are undone, and the payload's lengths count what is undone.
pub fn decode(body: &[u8]) -> Option<ByteString> {
    let text = form::field(body)?;
    let mut parts = text.split("\\n");
    let mut payload = String::with_capacity(text.len());
    payload.push_str(parts.next()?);
    for part in parts {
        payload.push(if payload.ends_with('\\') { 'n' } else { '\n' });
        payload.push_str(part);
    }
    Some(payload.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_a_call_with_one_string() {
        for (index, payload, script) in [
            ("4", "packet data", r#"___eio[4]("packet data");"#),
            ("0", "2:40", r#"___eio[0]("2:40");"#),
            (
                "0",
                "36:42[\"echo-back\",\"line1\\nline2 \u{2028} end\"]",
                r#"___eio[0]("36:42[\"echo-back\",\"line1\\nline2 \u2028 end\"]");"#,
            ),
            ("7", "15:4</script><!--\n", r#"___eio[7]("15:4\u003c\/script>\u003c!--\n");"#),
        ] {
            assert_eq!(encode(index, payload), script);
            let literal = script.split_once('(').unwrap().1.strip_suffix(");").unwrap();
            assert_eq!(serde_json::from_str::<String>(literal).unwrap(), payload);
        }
    }

    #[test]
    fn a_form_carries_a_payload_with_its_line_ends_escaped() {
        for (body, payload) in [
            (
                "d=31%3A42%5B%22echo%22%2C%22line1%5C%5Cnline2%20%E2%80%A8%20end%22%5D",
                Some("31:42[\"echo\",\"line1\\nline2 \u{2028} end\"]"),
            ),
            ("d=2:40", Some("2:40")),
            ("x=1&d=1:2&d=1:1", Some("1:2")),
            ("d=a+b%2B", Some("a b+")),
            (r"d=\n", Some("\n")),
            (r"d=\n\n", Some("\n\n")),
            (r"d=\\n", Some(r"\n")),
            (r"d=\\\n", Some(r"\\n")),
            (r"d=\\n\n", Some("\\n\n")),
            (r"d=\x\\", Some(r"\x\\")),
            ("d=", Some("")),
            ("", None),
            ("dd=1:2", None),
            ("d=%FF", None),
            ("d=%2", None),
        ] {
            assert_eq!(decode(body.as_bytes()).as_deref(), payload, "{body}");
        }
    }

    #[test]
    fn what_a_page_escapes_is_undone() {
        for text in [r"a\nb", r"\\n", r"\\\\n\n", "\\\nn", "\n\\n\n"] {
            // What engine.io-client does to a payload before it puts it into a form.
            let escaped = text.replace("\\n", "\\\n").replace('\n', "\\n");
            let body = format!("d={escaped}");
            // A backslash in front of a line end looks as an escaped `\n` does.
            let expected = text.replace("\\\n", "\\n");
            assert_eq!(decode(body.as_bytes()).as_deref(), Some(&*expected), "{text:?}");
        }
    }
}
