//! The steps of a recorded session, as data.
//!
//! In: a JSON list of steps in the vocabulary of `wire/legacy-vectors.json` (`meta.step_ops`). Out:
//! a [`Script`] for the player. An unknown operation or key is an error, so that no expectation is
//! passed over in silence. Waiting times are accepted and not used: the player waits for what must
//! come and proves silence by an echo.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};

/// A list of steps.
///
/// ```text
/// [{"op": "handshake"},
///  {"op": "ws_open", "as": "w", "path": "/socket.io/1/websocket/$SID"},
///  {"op": "ws_recv", "as": "w", "expect": ["1::"]}]
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Script {
    pub(crate) steps: Vec<Step>,
}

impl Script {
    /// Reads a JSON list of steps.
    ///
    /// # Errors
    /// When it is not JSON, or holds an operation or a key that the player does not know.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}

pub(crate) type Headers = BTreeMap<String, String>;

/// One step. `name` is the key `as`: what later steps call the connection (or the session id).
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Step {
    Handshake(Handshake),
    Request(Request),
    Open {
        #[serde(rename = "as")]
        name: String,
        path: String,
        #[serde(default)]
        headers: Headers,
    },
    Await {
        #[serde(rename = "as")]
        name: String,
        expect: Answer,
        #[serde(default, rename = "timeout")]
        _timeout: Option<IgnoredAny>,
    },
    Abort {
        #[serde(rename = "as")]
        name: String,
    },
    WsOpen(WsOpen),
    WsSend(WsSend),
    WsRaw {
        #[serde(rename = "as")]
        name: String,
        hex: Hex,
    },
    WsRecv(WsRecv),
    WsRecvRaw {
        #[serde(rename = "as")]
        name: String,
        expect_prefix_hex: Hex,
        expect_total_bytes: usize,
        #[serde(default, rename = "wait")]
        _wait: Option<IgnoredAny>,
    },
    RawOpen {
        #[serde(rename = "as")]
        name: String,
        text: String,
        #[serde(default)]
        tail_hex: Hex,
        /// Given for the Flash policy port; its number is that of the recording.
        port: Option<u16>,
    },
    RawSend {
        #[serde(rename = "as")]
        name: String,
        hex: Hex,
    },
    RawRecv {
        #[serde(rename = "as")]
        name: String,
        expect_text_latin1: String,
        /// The same once more, where it holds no id.
        #[serde(default, rename = "expect_hex")]
        _expect_hex: Option<IgnoredAny>,
        #[serde(default)]
        expect_closed: bool,
    },
    Sleep {
        milliseconds: u64,
    },
}

impl Step {
    /// The operation, as the file writes it.
    pub(crate) fn op(&self) -> &'static str {
        match self {
            Self::Handshake(_) => "handshake",
            Self::Request(_) => "request",
            Self::Open { .. } => "open",
            Self::Await { .. } => "await",
            Self::Abort { .. } => "abort",
            Self::WsOpen(_) => "ws_open",
            Self::WsSend(_) => "ws_send",
            Self::WsRaw { .. } => "ws_raw",
            Self::WsRecv(_) => "ws_recv",
            Self::WsRecvRaw { .. } => "ws_recv_raw",
            Self::RawOpen { .. } => "raw_open",
            Self::RawSend { .. } => "raw_send",
            Self::RawRecv { .. } => "raw_recv",
            Self::Sleep { .. } => "sleep",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Handshake {
    #[serde(rename = "as", default = "sid")]
    pub(crate) name: String,
    #[serde(default = "get")]
    pub(crate) method: String,
    #[serde(default)]
    pub(crate) query: String,
    #[serde(default)]
    pub(crate) headers: Headers,
    pub(crate) expect: Option<Answer>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) headers: Headers,
    #[serde(default)]
    pub(crate) body: String,
    /// Instead of `body`.
    pub(crate) body_hex: Option<Hex>,
    pub(crate) expect: Answer,
    #[serde(default, rename = "timeout")]
    _timeout: Option<IgnoredAny>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WsOpen {
    #[serde(rename = "as")]
    pub(crate) name: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) headers: Headers,
    #[serde(default = "rfc6455")]
    pub(crate) version: String,
    pub(crate) expect: Option<Answer>,
}

/// A frame: a text message, or an opcode with a payload, or a character repeated behind a prefix.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WsSend {
    #[serde(rename = "as")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) text: String,
    pub(crate) repeat: Option<(String, String, usize)>,
    pub(crate) opcode: Option<u8>,
    #[serde(default)]
    pub(crate) payload_hex: Hex,
    #[serde(default = "yes")]
    pub(crate) fin: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WsRecv {
    #[serde(rename = "as")]
    pub(crate) name: String,
    pub(crate) expect: Option<Vec<String>>,
    /// Instead of `expect`.
    #[serde(default)]
    pub(crate) expect_any_of: Vec<Vec<String>>,
    /// The stream ends behind the frames; a close frame may come before.
    #[serde(default)]
    pub(crate) expect_closed: bool,
    /// Bytes behind the frames that form no frame.
    pub(crate) expect_trailing_hex: Option<Hex>,
    #[serde(default, rename = "wait")]
    _wait: Option<IgnoredAny>,
}

/// What a response must be like. Headers that are not listed are free, but see
/// [`expectation`](crate::expectation) for those of CORS.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Answer {
    /// `closed-without-response`, or the lack of any response, which cannot be shown.
    pub(crate) outcome: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) status_any_of: Vec<u16>,
    pub(crate) status_line: Option<String>,
    pub(crate) headers: Option<Headers>,
    pub(crate) body: Option<String>,
    pub(crate) body_any_of: Vec<String>,
    pub(crate) body_regex: Option<String>,
    /// `false` says that the body stops short of its `Content-Length`, as with HEAD.
    #[serde(rename = "body_complete")]
    _body_complete: Option<IgnoredAny>,
}

impl Answer {
    pub(crate) fn with_status(status: u16) -> Self {
        Self { status: Some(status), ..Self::default() }
    }
}

/// Bytes written as hexadecimal digits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = String;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes = digits.as_bytes().chunks(2).map(pair).collect::<Option<_>>();
        let bytes = bytes.filter(|_| digits.len().is_multiple_of(2));
        bytes.map(Self).ok_or_else(|| format!("{digits:?} is not hexadecimal"))
    }
}

fn sid() -> String {
    "SID".to_owned()
}

fn get() -> String {
    "GET".to_owned()
}

fn rfc6455() -> String {
    "13".to_owned()
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_player_does_not_know_is_an_error() {
        for (json, known) in [
            (r#"[{"op": "handshake"}]"#, true),
            (r#"[{"op": "handshake", "exspect": {}}]"#, false),
            (r#"[{"op": "handshake", "expect": {"bodies": []}}]"#, false),
            (r#"[{"op": "abort", "as": "p"}]"#, true),
            (r#"[{"op": "abort", "as": "p", "wait": 1}]"#, false),
            (r#"[{"op": "sleep", "milliseconds": 1}]"#, true),
            (r#"[{"op": "fly"}]"#, false),
            (r#"[{"op": "ws_raw", "as": "w", "hex": "0Aff"}]"#, true),
            (r#"[{"op": "ws_raw", "as": "w", "hex": "0aF"}]"#, false),
            (r#"[{"op": "ws_raw", "as": "w", "hex": "0x"}]"#, false),
        ] {
            assert_eq!(Script::parse(json).is_ok(), known, "{json}");
        }
    }
}
