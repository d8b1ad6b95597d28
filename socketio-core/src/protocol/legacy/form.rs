//! The packets in a form that a page posted, as it must where it can't send a request of its own.
//!
//! The body of a POST goes in, a payload comes out, or nothing if there is none in it. The JSONP
//! transport calls it. It is the only body of this generation that can be wrong, and it is read in
//! linear time.
//!
//! ```text
//! d=%223%3A%3A%3Ahello+%E2%98%83%22     a JSON string: clients since 0.8.6
//! d=3%3A%3A%3Ahello+%E2%98%83           the packet itself: clients before
//! ```
//!
//! Source: `lib/transports/jsonp-polling.js` of socket.io 0.9.19 and of socket.io-client 0.8.5 and
//! 0.9.17; URL standard, "application/x-www-form-urlencoded".

use bytestring::ByteString;

use crate::protocol::form;
use crate::protocol::json::Unescaped;

/// The payload in the field `d`; `None` if there is no such field, or something else in it.
///
/// A packet itself must begin like one. Browsers made CRLF of each of its line ends, which is undone;
/// half a surrogate pair, which a JSON string can spell, becomes U+FFFD.
pub fn decode(body: &[u8]) -> Option<ByteString> {
    let text = form::field(body)?;
    if text.starts_with('"') {
        let Unescaped(payload) = serde_json::from_str(&text).ok()?;
        return Some(payload.into());
    }
    let is_payload =
        matches!(text.as_bytes(), [b'0'..=b'8', b':', ..]) || text.starts_with('\u{FFFD}');
    is_payload.then(|| text.replace("\r\n", "\n").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &[u8], payload: Option<&str>) {
        assert_eq!(decode(body).as_deref(), payload, "{}", String::from_utf8_lossy(body));
    }

    #[test]
    fn a_payload_comes_as_json_or_as_it_is() {
        for (body, payload) in [
            ("d=%223%3A%3A%3Ahi+there%2Bplus%22", "3:::hi there+plus"),
            ("d=%223%3A%3A%3Aa%5Cnb%5Cr%5Cn%5C%22%5C%5C%22", "3:::a\nb\r\n\"\\"),
            ("d=%22%EF%BF%BD5%ef%bf%bd3:::%F0%9F%98%80%22", "\u{FFFD}5\u{FFFD}3:::😀"),
            ("d=%223:::%5Cud83d%5Cude00%5Cud83d%22", "3:::😀\u{FFFD}"),
            ("d=%223:::%E2%80%A8%22", "3:::\u{2028}"),
            ("d=%22%22", ""),
            ("d=%22not a packet%22", "not a packet"),
            ("d=3%3A%3A%3Aa%0D%0Ab%0Ac%22", "3:::a\nb\nc\""),
            ("d=%EF%BF%BD3%EF%BF%BD2::", "\u{FFFD}3\u{FFFD}2::"),
            ("d=8::", "8::"),
            ("x=1&d=2::&d=0::", "2::"),
        ] {
            check(body.as_bytes(), Some(payload));
        }
    }

    #[test]
    fn whatever_else_is_in_a_form_is_no_payload() {
        for body in [
            "",
            "d",
            "d=",
            "x=1",
            "dd=2::",
            "data=2::",
            "d=notjson",
            "d=5",
            "d=55::",
            "d=9::",
            "d={}",
            "d=%22",
            "d=%22a",
            "d=%22a%22b%22",
            "d=%22%5C%22",
            "d=%22%5Cx%22",
            "d=%22%5Cud83%22",
            "d=%",
            "d=3:::%",
            "d=3:::%4",
            "d=3:::%zz",
            "d=3:::%+1",
            "d=3:::%FF",
            "d=3:::%ED%A0%BD",
            "d=+%22%22",
        ] {
            check(body.as_bytes(), None);
        }
        check(b"d=3:::\xFF", None);
    }
}
