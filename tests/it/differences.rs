//! Where this server differs from the recordings of socket.io 0.9.19, why, and what it does instead.
//!
//! A table for the tests that play the recordings, and the only list of such differences that there is.

use socketio_tests::Difference;

/// Steps behind a WebSocket that is open and has heard its `1::`.
macro_rules! websocket {
    ($steps:literal) => {
        Some(concat!(
            r#"[{"op":"handshake"},{"op":"ws_open","as":"w","path":"/socket.io/1/websocket/$SID"},"#,
            r#"{"op":"ws_recv","as":"w","expect":["1::"]},"#,
            $steps,
            "]"
        ))
    };
}

/// Steps behind a first poll, which has got its `1::`.
macro_rules! polling {
    ($steps:literal) => {
        Some(concat!(
            r#"[{"op":"handshake"},{"op":"request","method":"GET","path":"/socket.io/1/xhr-polling/$SID","#,
            r#""expect":{"status":200,"body":"1::"}},"#,
            $steps,
            "]"
        ))
    };
}

/// A handshake of the drafts hixie-75 and hixie-76, with their keys and what follows the request, and the
/// refusal.
macro_rules! draft {
    ($id:literal, $keys:literal, $tail:literal) => {
        Some(concat!(
            r#"[{"op":"handshake"},{"op":"raw_open","as":"r","text":"GET /socket.io/1/websocket/"#,
            $id,
            r#" HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n"#,
            $keys,
            r#"Origin: http://example.com\r\n\r\n","tail_hex":""#,
            $tail,
            r#""},{"op":"raw_recv","as":"r","expect_closed":true,"expect_text_latin1":"#,
            r#""HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"#,
            r#"websocket version is not supported: it must be 13 (RFC 6455)"}]"#
        ))
    };
    ($id:literal) => {
        draft!(
            $id,
            r#"Sec-WebSocket-Key1: 18x 6]8vM;54 *(5:  {   U1]8  z [  8\r\nSec-WebSocket-Key2: 1_ tx7X d  <  nw  334J702) 7]o}` 0\r\n"#,
            "546d5b4b20543275"
        )
    };
}

/// Why the drafts are refused.
const DRAFT: &str = "no browser has spoken it since 2012, and no library that is looked after does";

/// Where this server differs from the recording on purpose, and what it does instead. In every case
/// an id has 22 characters instead of 20 (128 random bits), and the handshake names the transports
/// that there are.
///
/// Of class `must` are `xhr/payload-in`, `origins/none`, `origins/xhr-not-rechecked` and the drafts before
/// RFC 6455 (`hixie75`, `hixie76`). The others are `lenient`, and what stands here is what they name as fine
/// or as desired.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        id: "config/no-heartbeats",
        reason: "clients take an empty timeout for one that is over; the longest they can wait is no timeout",
        steps: Some(
            r#"[{"op":"handshake","expect":{"status":200,"body_regex":"^[A-Za-z0-9_-]{20}:2147483:2147483:websocket,htmlfile,xhr-polling,jsonp-polling$"}}]"#,
        ),
    },
    Difference {
        id: "xhr/payload-in",
        reason: "what one POST causes leaves in one answer, which saves the client a round trip",
        steps: polling!(
            r#"{"op":"open","as":"p","path":"/socket.io/1/xhr-polling/$SID"},
            {"op":"request","method":"POST","path":"/socket.io/1/xhr-polling/$SID","body":"�5�3:::a�6�3:::😀","expect":{"status":200,"body":"1"}},
            {"op":"await","as":"p","expect":{"status":200,"headers":{"content-type":"text/plain; charset=UTF-8","content-length":"27"},"body":"�5�3:::a�6�3:::😀"}}"#
        ),
    },
    Difference {
        id: "jsonp/html-chars",
        reason: "what could end a script or a line of one is escaped; it evaluates to the same text",
        steps: Some(
            r#"[{"op":"handshake"},{"op":"request","method":"GET","path":"/socket.io/1/jsonp-polling/$SID?i=0","expect":{"status":200,"body":"io.j[0](\"1::\");"}},
            {"op":"open","path":"/socket.io/1/jsonp-polling/$SID?i=0","as":"p"},
            {"op":"request","method":"POST","path":"/socket.io/1/jsonp-polling/$SID","body":"d=%223%3A%3A%3A%3C%2Fscript%3E%E2%80%A8%22","headers":{"Content-Type":"application/x-www-form-urlencoded"},"expect":{"status":200,"headers":{"content-length":"1","content-type":"text/plain; charset=UTF-8"},"body":"1"}},
            {"op":"await","as":"p","expect":{"status":200,"headers":{"content-type":"text/javascript; charset=UTF-8","content-length":"37","x-xss-protection":"0"},"body":"io.j[0](\"3:::\\u003c\\/script>\\u2028\");"}}]"#,
        ),
    },
    Difference {
        id: "xhr/post-no-content-type-binary-safe",
        reason: "a body that is not UTF-8 is refused, not changed",
        steps: polling!(
            r#"{"op":"request","method":"POST","path":"/socket.io/1/xhr-polling/$SID","body_hex":"333a3a3aff41","expect":{"status":400}}"#
        ),
    },
    Difference {
        id: "errors/post-unknown-session",
        reason: "a client whose POST is lost must hear it: to an error it answers by reconnecting",
        steps: Some(
            r#"[{"op":"request","method":"POST","path":"/socket.io/1/xhr-polling/nosuch","body":"3:::x","expect":{"status":400}}]"#,
        ),
    },
    Difference {
        id: "errors/disabled-transport",
        reason: "an answer that says what is wrong, instead of none",
        steps: Some(
            r#"[{"op":"request","method":"GET","path":"/socket.io/1/flashsocket/nosuch","expect":{"status":400,"body":"unknown transport"}}]"#,
        ),
    },
    Difference {
        id: "errors/options",
        reason: "browsers that ask before a request get an answer",
        steps: Some(
            r#"[{"op":"request","method":"OPTIONS","path":"/socket.io/1/xhr-polling/nosuch","headers":{"Origin":"http://example.com"},"expect":{"status":204,"headers":{"access-control-allow-origin":"http://example.com","access-control-allow-credentials":"true"}}}]"#,
        ),
    },
    Difference {
        id: "limits/post-at",
        reason: "the limit is inclusive, and over it the client hears why",
        steps: polling!(
            r#"{"op":"request","method":"POST","path":"/socket.io/1/xhr-polling/$SID","body":"3:::yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy","expect":{"status":413}}"#
        ),
    },
    Difference {
        id: "limits/ws-single-too-big",
        reason: "the close frame says why: 1009",
        steps: websocket!(
            r#"{"op":"ws_send","as":"w","repeat":["3:::","x",1200]},{"op":"ws_recv","as":"w","expect":["FRAME[88]03f1"],"expect_closed":true}"#
        ),
    },
    Difference {
        id: "ws/connect-version-14",
        reason: "426 names the version that is spoken",
        steps: Some(
            r#"[{"op":"handshake"},{"op":"ws_open","as":"w","path":"/socket.io/1/websocket/$SID","version":"14","expect":{"status_line":"HTTP/1.1 426 Upgrade Required","headers":{"sec-websocket-version":"13"}}}]"#,
        ),
    },
    Difference {
        id: "ws/binary-text-mix-invalid-utf8",
        reason: "RFC 6455, section 8.1: such a message fails the connection, 1007",
        steps: websocket!(
            r#"{"op":"ws_send","as":"w","opcode":1,"payload_hex":"333a3a3aff41"},{"op":"ws_recv","as":"w","expect":["FRAME[88]03ef"],"expect_closed":true}"#
        ),
    },
    Difference {
        id: "ws/unmasked",
        reason: "RFC 6455, section 5.1: such a frame closes the connection, 1002",
        steps: websocket!(
            r#"{"op":"ws_raw","as":"w","hex":"8106333a3a3a6869"},{"op":"ws_recv","as":"w","expect":["FRAME[88]03ea"],"expect_closed":true}"#
        ),
    },
    Difference {
        id: "ws/ns-query",
        reason: "a query string is taken off the endpoint's name and given to its connection",
        steps: websocket!(
            r#"{"op":"ws_send","as":"w","text":"1::/chat?x=1"},{"op":"ws_recv","as":"w","expect":["1::/chat"]},
            {"op":"ws_send","as":"w","text":"1::/chat:?x=1"},{"op":"ws_recv","as":"w","expect":["1::/chat"]}"#
        ),
    },
    Difference {
        id: "ws/auto-ack-unknown-endpoint",
        reason: "what nobody took is not acknowledged",
        steps: websocket!(
            r#"{"op":"ws_send","as":"w","text":"3:12:/nope:x"},{"op":"ws_recv","as":"w","expect":[]}"#
        ),
    },
    Difference { id: "hixie75/connect-echo", reason: DRAFT, steps: draft!("$SID", "", "") },
    Difference { id: "hixie76/connect", reason: DRAFT, steps: draft!("$SID") },
    Difference { id: "hixie76/echo", reason: DRAFT, steps: draft!("$SID") },
    Difference { id: "hixie76/close", reason: DRAFT, steps: draft!("$SID") },
    Difference { id: "hixie76/unknown-session", reason: DRAFT, steps: draft!("nosuch") },
    Difference {
        id: "hixie76/late-nonce",
        reason: DRAFT,
        steps: draft!(
            "$SID",
            r#"Sec-WebSocket-Key1: 1 2\r\nSec-WebSocket-Key2: 3 4\r\nSec-WebSocket-Protocol: foo\r\n"#,
            ""
        ),
    },
    Difference {
        id: "origins/none",
        reason: "who names no origin is no page of another host, but a client that is no browser",
        steps: Some(r#"[{"op":"handshake","expect":{"status":200,"headers":{}}}]"#),
    },
    Difference {
        id: "origins/xhr-not-rechecked",
        reason: "a page of another host that has got hold of an id is refused as anywhere else",
        steps: Some(
            r#"[{"op":"handshake","headers":{"Origin":"http://example.com"}},
            {"op":"request","method":"GET","path":"/socket.io/1/xhr-polling/$SID","headers":{"Origin":"http://evil.com"},"expect":{"status":403,"headers":{},"body":"bad origin"}}]"#,
        ),
    },
    Difference {
        id: "origins/ws-bad",
        reason: "an answer that says what is wrong, instead of none",
        steps: Some(
            r#"[{"op":"handshake","headers":{"Origin":"http://example.com"}},
            {"op":"ws_open","as":"w","path":"/socket.io/1/websocket/$SID","headers":{"Origin":"http://evil.com"},"expect":{"status":403,"body":"bad origin"}}]"#,
        ),
    },
    Difference {
        id: "static/304",
        reason: "RFC 9110, section 8.8.3: tags are quoted; they follow from the file's bytes",
        steps: Some(
            r#"[{"op":"request","method":"GET","path":"/socket.io/socket.io.js","headers":{"If-None-Match":"\"OSGCRC0QR-KTnlZ0zEejTTyDyLU\""},"expect":{"status":304,"body":""}}]"#,
        ),
    },
    Difference {
        id: "static/no-304-quoted",
        reason: "the other way round: what is not quoted is no tag",
        steps: Some(
            r#"[{"op":"request","method":"HEAD","path":"/socket.io/socket.io.js","headers":{"If-None-Match":"OSGCRC0QR-KTnlZ0zEejTTyDyLU"},"expect":{"status":200,"headers":{"content-type":"application/javascript","etag":"\"OSGCRC0QR-KTnlZ0zEejTTyDyLU\"","content-length":"74747"}}}]"#,
        ),
    },
    Difference {
        id: "static/versioned-no-etag",
        reason: "what a version's script is does not depend on who asks: shared caches may keep it",
        steps: Some(
            r#"[{"op":"request","method":"HEAD","path":"/socket.io/socket.io.v0.9.16.js","expect":{"status":200,"headers":{"content-type":"application/javascript","cache-control":"public, max-age=31536000, immutable","content-length":"74747"}}}]"#,
        ),
    },
    Difference {
        id: "static/gzip",
        reason: "another compressor makes another length, and its bytes have a tag of their own",
        steps: Some(
            r#"[{"op":"request","method":"HEAD","path":"/socket.io/socket.io.js","headers":{"Accept-Encoding":"gzip, deflate"},"expect":{"status":200,"headers":{"content-type":"application/javascript","content-encoding":"gzip","vary":"Accept-Encoding"}}}]"#,
        ),
    },
    Difference {
        id: "static/gzip-not-for-swf",
        reason: "the tag follows from the file's bytes",
        steps: Some(
            r#"[{"op":"request","method":"HEAD","path":"/socket.io/static/flashsocket/WebSocketMain.swf","headers":{"Accept-Encoding":"gzip"},"expect":{"status":200,"headers":{"content-type":"application/x-shockwave-flash","etag":"\"dV58w1KkiW3MMJDcDcPeQwJekqY\"","content-length":"175830"}}}]"#,
        ),
    },
];
