//! The answer to a handshake, plain and as a script, and the scripts that carry packets.
//!
//! A session id and what the server offers go in, the body of the HTTP answer comes out. The
//! handshake and the transports that are made of scripts call it. A script evaluates to the very text that went in and
//! cannot end the script element or the line that it stands in, whatever the text.
//!
//! Source: socket.io-spec revision 1, "Handshake"; `lib/manager.js`,
//! `lib/transports/jsonp-polling.js` and `lib/transports/htmlfile.js` of socket.io 0.9.19.

use std::fmt;
use std::time::Duration;

use crate::protocol::json::{escape, needs_escape, put_escape, script_string};

/// The longest timeout a client can be told, in seconds: a browser's timer takes 2^31 - 1
/// milliseconds, and fires at once beyond that.
pub const MAX_TIMEOUT_SECS: u64 = 2_147_483;

/// What the server tells a client that may connect.
///
/// ```text
/// <id>:60:60:websocket,xhr-polling
/// ```
///
/// A client takes a timeout of zero, or an empty one, for "now" and never connects. So a timeout is
/// written as whole seconds, rounded up, from 1 to [`MAX_TIMEOUT_SECS`]; to have none, give
/// [`Duration::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handshake<'a> {
    /// The session id; no `:`, `/` or `?` in it.
    pub id: &'a str,
    /// How long the client waits for a packet before it takes the server for dead.
    pub heartbeat_timeout: Duration,
    /// How long the client waits for a closed transport to come back.
    pub close_timeout: Duration,
    /// Names of the transports on offer, the preferred one first.
    pub transports: &'a [&'a str],
}

impl fmt::Display for Handshake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heartbeat = seconds(self.heartbeat_timeout);
        write!(f, "{}:{heartbeat}:{}:", self.id, seconds(self.close_timeout))?;
        let mut separator = "";
        for transport in self.transports {
            write!(f, "{separator}{transport}")?;
            separator = ",";
        }
        Ok(())
    }
}

fn seconds(timeout: Duration) -> u64 {
    let rest = u64::from(timeout.subsec_nanos() > 0);
    timeout.as_secs().saturating_add(rest).clamp(1, MAX_TIMEOUT_SECS)
}

/// The index of a JSONP callback from a query (`jsonp=12`, `i=0`), if it is one: 1 to 10 digits.
///
/// It is written into a script, so anything else must not get there.
pub fn jsonp_index(value: &str) -> Option<&str> {
    let is_index = matches!(value.len(), 1..=10) && value.bytes().all(|b| b.is_ascii_digit());
    is_index.then_some(value)
}

/// A script that hands a body to a JSONP callback: `io.j[12]("<body>");`.
///
/// The index comes from [`jsonp_index`].
pub fn jsonp(index: &str, body: &str) -> String {
    format!("io.j[{index}](\"{}\");", script_string(body))
}

/// A script that hands an error to a JSONP callback: `io.j[12](new Error("<message>"));`.
///
/// The index comes from [`jsonp_index`].
pub fn jsonp_error(index: &str, message: &str) -> String {
    format!("io.j[{index}](new Error(\"{}\"));", script_string(message))
}

/// A script element that hands a body to the page around it: `<script>_("<body>");</script>`.
///
/// Of what a browser looks for in a script element, only its end and `<!` would change what follows.
pub fn html_script(body: &str) -> String {
    let is_special = |c| needs_escape(c) || matches!(c, '/' | '\u{2028}' | '\u{2029}');
    let literal = escape(body, is_special, put_escape).replace("<!", "\\u003c!");
    format!("<script>_(\"{literal}\");</script>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_whole_seconds_that_a_browser_survives() {
        let cases = [
            (Duration::from_secs(60), 60),
            (Duration::from_millis(59_001), 60),
            (Duration::from_nanos(1), 1),
            (Duration::ZERO, 1),
            (Duration::from_secs(MAX_TIMEOUT_SECS), MAX_TIMEOUT_SECS),
            (Duration::from_secs(MAX_TIMEOUT_SECS + 1), MAX_TIMEOUT_SECS),
            (Duration::MAX, MAX_TIMEOUT_SECS),
        ];
        for (timeout, seconds) in cases {
            let transports = &["websocket", "xhr-polling"];
            let (heartbeat_timeout, close_timeout) = (timeout, Duration::from_secs(25));
            let line = Handshake { id: "x", heartbeat_timeout, close_timeout, transports };
            assert_eq!(line.to_string(), format!("x:{seconds}:25:websocket,xhr-polling"));
        }
    }

    #[test]
    fn a_callback_index_is_a_few_digits_and_nothing_else() {
        for value in ["0", "12", "007", "1234567890"] {
            assert_eq!(jsonp_index(value), Some(value));
        }
        for value in ["", "12345678901", "-1", "+1", "1 ", "1]", "alert(1)//", "٣", "1\n"] {
            assert_eq!(jsonp_index(value), None, "{value}");
        }
    }

    #[test]
    fn a_script_element_is_one_string_that_nothing_ends_early() {
        let cases = [
            ("3:::é☃😀<b>", "3:::é☃😀<b>"),
            ("</script>", "<\\/script>"),
            ("<!--<script>--></script>", "\\u003c!--<script>--><\\/script>"),
            ("\");alert(1)//\\/", "\\\");alert(1)\\/\\/\\\\\\/"),
            ("\n\u{2028}\0", "\\n\\u2028\\u0000"),
        ];
        for (body, literal) in cases {
            assert_eq!(html_script(body), format!("<script>_(\"{literal}\");</script>"));
            assert_eq!(serde_json::from_str::<String>(&format!("\"{literal}\"")).unwrap(), body);
        }
    }

    #[test]
    fn a_script_is_one_string_that_nothing_ends_early() {
        let cases = [
            ("x:60:60:websocket", "x:60:60:websocket"),
            ("é☃😀\u{FFFD}", "é☃😀\u{FFFD}"),
            ("\");alert(1)//", "\\\");alert(1)\\/\\/"),
            ("</script><!--", "\\u003c\\/script>\\u003c!--"),
            ("a\nb\r\\\u{2028}\u{2029}\0", "a\\nb\\r\\\\\\u2028\\u2029\\u0000"),
        ];
        for (body, literal) in cases {
            assert_eq!(jsonp("12", body), format!("io.j[12](\"{literal}\");"));
            assert_eq!(jsonp_error("3", body), format!("io.j[3](new Error(\"{literal}\"));"));
            assert_eq!(serde_json::from_str::<String>(&format!("\"{literal}\"")).unwrap(), body);
        }
    }
}
