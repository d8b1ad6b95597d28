//! What a request for a session is answered with: the open packet, or why there is none.
//!
//! The session's id and the server's settings go in, a packet comes out; a refusal becomes the body of an
//! HTTP answer. The handshake and the transports call it. Both are the same in revisions 3 and 4.
//!
//! Source: Engine.IO protocol v4, "Handshake"; lib/server.ts of engine.io 6.6.12.

use std::fmt;
use std::time::Duration;

use super::Packet;
use crate::protocol::json::{escape, needs_escape, put_escape};

/// The longest interval that a client can be told, in milliseconds: it waits for two of them in one
/// timer, and a browser's takes 2^31 - 1 and fires at once beyond that.
pub const MAX_INTERVAL_MILLIS: u64 = (1 << 30) - 1;

/// What the server tells a client whose session it has opened.
///
/// ```text
/// {"sid":"…","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}
/// ```
///
/// Intervals are written as whole milliseconds, rounded up, from 1 to [`MAX_INTERVAL_MILLIS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open<'a> {
    /// The session's id; nothing in it needs an escape in JSON.
    pub sid: &'a str,
    /// Names of the transports that the client may move to; nothing in them needs an escape either.
    pub upgrades: &'a [&'a str],
    /// How long after a ping the next one is sent: by the server in revision 4, by the client in 3.
    pub ping_interval: Duration,
    /// How long the client waits for a ping that is due (4), or for the answer to one (3).
    pub ping_timeout: Duration,
    /// The most bytes of a body or frame that the server takes.
    pub max_payload: usize,
}

impl Open<'_> {
    /// The packet that says so.
    pub fn to_packet(&self) -> Packet {
        Packet::Open(self.to_string().into())
    }
}

impl fmt::Display for Open<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{\"sid\":\"{}\",\"upgrades\":[", self.sid)?;
        let mut separator = "";
        for transport in self.upgrades {
            write!(f, "{separator}\"{transport}\"")?;
            separator = ",";
        }
        let (interval, timeout) = (millis(self.ping_interval), millis(self.ping_timeout));
        write!(f, "],\"pingInterval\":{interval},\"pingTimeout\":{timeout},")?;
        write!(f, "\"maxPayload\":{}}}", self.max_payload)
    }
}

fn millis(interval: Duration) -> u64 {
    let millis = interval.as_nanos().div_ceil(1_000_000);
    u64::try_from(millis).unwrap_or(u64::MAX).clamp(1, MAX_INTERVAL_MILLIS)
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `0`: there is no such transport, or it is not offered.
    #[error("Transport unknown")]
    UnknownTransport = 0,
    /// `1`: no session has this id, or none has it any longer.
    #[error("Session ID unknown")]
    UnknownSession = 1,
    /// `2`: a session is opened by GET.
    #[error("Bad handshake method")]
    BadHandshakeMethod = 2,
    /// `3`: the request does not fit the session, or itself.
    #[error("Bad request")]
    BadRequest = 3,
    /// `4`: the client may not connect.
    #[error("Forbidden")]
    Forbidden = 4,
    /// `5`: the revision is not spoken here.
    #[error("Unsupported protocol version")]
    UnsupportedProtocolVersion = 5,
}

impl Refusal {
    /// The number that clients are told.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The status of the HTTP answer.
    pub const fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            _ => 400,
        }
    }

    /// The body of the HTTP answer, which is `application/json`; the message is the refusal's own
    /// unless another is given.
    ///
    /// ```text
    /// {"code":1,"message":"Session ID unknown"}
    /// ```
    pub fn body(self, message: Option<&str>) -> String {
        let message = message.map_or_else(|| self.to_string(), ToOwned::to_owned);
        let message = escape(&message, needs_escape, put_escape);
        format!("{{\"code\":{},\"message\":\"{message}\"}}", self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_open_packet_has_its_keys_in_order() {
        let open = Open {
            sid: "KpKFMaTfh938jOonAAAE",
            upgrades: &["websocket"],
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            max_payload: 1_000_000,
        };
        let expected = concat!(
            r#"{"sid":"KpKFMaTfh938jOonAAAE","upgrades":["websocket"],"#,
            r#""pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
        );
        assert_eq!(open.to_packet(), Packet::Open(expected.into()));
        let upgrades = |upgrades| Open { upgrades, ..open }.to_string();
        assert!(upgrades(&[]).contains(r#""upgrades":[],"#));
        assert!(upgrades(&["a", "b"]).contains(r#""upgrades":["a","b"],"#));
    }

    #[test]
    fn an_interval_is_whole_milliseconds_that_a_browser_survives() {
        for (interval, expected) in [
            (Duration::from_millis(300), 300),
            (Duration::from_micros(1), 1),
            (Duration::from_micros(1_001), 2),
            (Duration::ZERO, 1),
            (Duration::MAX, MAX_INTERVAL_MILLIS),
        ] {
            assert_eq!(millis(interval), expected);
        }
        const { assert!(2 * MAX_INTERVAL_MILLIS < 1 << 31) };
    }

    #[test]
    fn a_refusal_is_a_number_and_a_message() {
        for (refusal, status, body) in [
            (Refusal::UnknownTransport, 400, r#"{"code":0,"message":"Transport unknown"}"#),
            (Refusal::UnknownSession, 400, r#"{"code":1,"message":"Session ID unknown"}"#),
            (Refusal::BadHandshakeMethod, 400, r#"{"code":2,"message":"Bad handshake method"}"#),
            (Refusal::BadRequest, 400, r#"{"code":3,"message":"Bad request"}"#),
            (Refusal::Forbidden, 403, r#"{"code":4,"message":"Forbidden"}"#),
            (
                Refusal::UnsupportedProtocolVersion,
                400,
                r#"{"code":5,"message":"Unsupported protocol version"}"#,
            ),
        ] {
            assert_eq!((refusal.status(), &*refusal.body(None)), (status, body));
        }
        let body = Refusal::Forbidden.body(Some("not \"you\"\n"));
        assert_eq!(body, r#"{"code":4,"message":"not \"you\"\n"}"#);
    }
}
