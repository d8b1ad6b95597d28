//! Where this server differs from the recordings of Socket.IO 2 and 4 on purpose, and what it does instead.
//!
//! A table for the player, and the only list of such differences that there is. Beside it, everywhere: ids
//! have 22 characters, a WebSocket that the server closes is told 1000 where the reference says nothing, and
//! packets that are there together leave in one answer to a poll, and during an upgrade a poll ends at once
//! where the reference lets it wait for up to 100 ms. A page
//! of an origin that may not connect is told so (code 4) before anything that tells of sessions, where the
//! reference asks `allowRequest` last, and for handshakes alone.

/// Lines of one section that go another way.
pub(super) struct Difference {
    pub(super) recording: &'static str,
    /// The title of the section; empty for lines before the first.
    pub(super) section: &'static str,
    /// Lines as recorded, and what takes their place: nothing, if they are left out.
    pub(super) lines: &'static [(&'static str, &'static str)],
    pub(super) reason: &'static str,
}

/// Text of a body in which this server writes what is not ASCII as escapes.
const ESCAPES: &str =
    "clients 1.x read text over polling as if it were bytes, and can't be told from 2.x";
const NO_GATE: &str =
    "who may ask at all is for a layer in front of the server, and `#[on_open]` for the rest";
const WARNED: &str = "the client learns at once that its packets were not taken in";
const BEFORE_101: &str =
    "what is refused is refused before the upgrade, not within an open WebSocket";

pub(super) const DIFFERENCES: &[Difference] = &[
    Difference {
        recording: "connect-errors",
        section: "EIO3, unknown namespace",
        lines: &[(
            r#"4 < TEXT "44/nope,{\"message\":\"Invalid namespace\"}""#,
            r#"4 < TEXT "44/nope,\"Invalid namespace\"""#,
        )],
        reason: "a string, as from the servers of that time",
    },
    Difference {
        recording: "eio3-sio2-server",
        section: "",
        lines: &[
            (
                r#"1 < 200 "text/plain; charset=UTF-8" "98:0{\"sid\":\"$1\",\"upgrades\":[\"websocket\"],\"pingInterval\":2000,\"pingTimeout\":10000}2:40""#,
                r#"1 < 200 "text/plain; charset=UTF-8" "119:0{\"sid\":\"$1\",\"upgrades\":[\"websocket\"],\"pingInterval\":2000,\"pingTimeout\":10000,\"maxPayload\":1000000}2:40""#,
            ),
            (
                r#"3 < 200 "text/plain; charset=UTF-8" "22:42[\"echo-back\",\"é€😀\"]""#,
                r#"3 < 200 "text/plain; charset=UTF-8" "42:42[\"echo-back\",\"\\u00e9\\u20ac\\ud83d\\ude00\"]""#,
            ),
        ],
        reason: "`maxPayload` is there as in 4.x, which old clients do not read; and as below, escapes",
    },
    Difference {
        recording: "eio3-sio2-server",
        section: "upgraded",
        lines: &[(
            r#"2 < TEXT "42/admin,[\"welcome\",\"/admin#$1\",{\"EIO\":\"3\",\"transport\":\"polling\",\"t\":\"Q85HWee\",\"b64\":\"1\",\"token\":\"k\"}]""#,
            r#"2 < TEXT "42/admin,[\"welcome\",{\"token\":\"k\"}]""#,
        )],
        reason: "the application is that of the other recordings",
    },
    Difference {
        recording: "eio3-1.7.4",
        section: "",
        lines: &[(
            r#"5 < 200 "text/plain; charset=UTF-8" "27:42[\"echo-back\",\"Ã©â\u0082¬ð\u009f\u0098\u0080\"]""#,
            r#"5 < 200 "text/plain; charset=UTF-8" "72:42[\"echo-back\",\"\\u00c3\\u00a9\\u00e2\\u0082\\u00ac\\u00f0\\u009f\\u0098\\u0080\"]""#,
        )],
        reason: ESCAPES,
    },
    Difference {
        recording: "eio3-binary",
        section: "transport polling",
        lines: &[(
            r#"4 < 200 "text/plain; charset=UTF-8" "90:452-[\"bin-back\",{\"_placeholder\":true,\"num\":0},{\"x\":{\"_placeholder\":true,\"num\":1},\"y\":\"é\"}]""#,
            r#"4 < 200 "text/plain; charset=UTF-8" "95:452-[\"bin-back\",{\"_placeholder\":true,\"num\":0},{\"x\":{\"_placeholder\":true,\"num\":1},\"y\":\"\\u00e9\"}]""#,
        )],
        reason: ESCAPES,
    },
    Difference {
        recording: "eio3-polling-upgrade",
        section: "",
        lines: &[(
            r#"4 < 200 "text/plain; charset=UTF-8" "35:42[\"echo-back\",\"in-polling\",\"é€😀\"]""#,
            r#"4 < 200 "text/plain; charset=UTF-8" "55:42[\"echo-back\",\"in-polling\",\"\\u00e9\\u20ac\\ud83d\\ude00\"]""#,
        )],
        reason: ESCAPES,
    },
    Difference {
        recording: "eio3-polling-raw",
        section: "text POST with UTF-16 lengths (emoji = 2)",
        lines: &[(
            r#"2 < 200 "text/plain; charset=UTF-8" "22:42[\"echo-back\",\"é€😀\"]""#,
            r#"2 < 200 "text/plain; charset=UTF-8" "42:42[\"echo-back\",\"\\u00e9\\u20ac\\ud83d\\ude00\"]""#,
        )],
        reason: ESCAPES,
    },
    Difference {
        recording: "eio3-polling-raw",
        section: "JSONP POST: d= urlencoded; newline inside JSON string",
        lines: &[(
            r#"2 < 200 "text/plain; charset=UTF-8" "___eio[0](\"36:42[\\\"echo-back\\\",\\\"line1\\\\nline2 \\u2028 end\\\"]\");""#,
            r#"2 < 200 "text/plain; charset=UTF-8" "___eio[0](\"41:42[\\\"echo-back\\\",\\\"line1\\\\nline2 \\\\u2028 end\\\"]\");""#,
        )],
        reason: ESCAPES,
    },
    Difference {
        recording: "error-bodies",
        section: "forbidden without message",
        lines: &[
            ("2 > GET /socket.io/?EIO=4&transport=polling&deny=2", ""),
            (r#"2 < 403 "application/json" "{\"code\":4,\"message\":\"Forbidden\"}""#, ""),
        ],
        reason: NO_GATE,
    },
    Difference {
        recording: "error-bodies",
        section: "forbidden with message",
        lines: &[
            ("1 > GET /socket.io/?EIO=4&transport=polling&deny=1", ""),
            (r#"1 < 403 "application/json" "{\"code\":4,\"message\":\"custom refusal\"}""#, ""),
        ],
        reason: NO_GATE,
    },
    Difference {
        recording: "error-bodies",
        section: "ws: forbidden",
        lines: &[
            ("6 > UPGRADE /socket.io/?EIO=4&transport=websocket&deny=1", ""),
            (r#"6 < 400 "text/html" "custom refusal""#, ""),
        ],
        reason: NO_GATE,
    },
    Difference {
        recording: "error-bodies",
        section: "OPTIONS on an open session (no cors)",
        lines: &[(r#"2 < 500 "-" """#, r#"2 < 204 "-" """#)],
        reason: "what browsers ask beforehand is answered, whether the page may connect or not",
    },
    Difference {
        recording: "error-bodies",
        section: "invalid packet \"abc\"",
        lines: &[(r#"4 < 200 "text/html" "ok""#, r#"4 < 400 "-" """#)],
        reason: WARNED,
    },
    Difference {
        recording: "error-bodies",
        section: "EIO4 ping from client (wrong direction)",
        lines: &[(r#"3 < 200 "text/html" "ok""#, r#"3 < 400 "-" """#)],
        reason: WARNED,
    },
    Difference {
        recording: "error-bodies",
        section: "ws: transport=polling on upgrade",
        lines: &[("7 < 101", r#"7 < 400 "text/html" "Bad request""#), ("7 < CLOSE", "")],
        reason: BEFORE_101,
    },
    Difference {
        recording: "error-bodies",
        section: "ws: EIO3 refused",
        lines: &[
            ("8 < 101", r#"8 < 400 "text/html" "Unsupported protocol version""#),
            ("8 < CLOSE 21584", ""),
        ],
        reason: BEFORE_101,
    },
    Difference {
        recording: "permessage-deflate",
        section: "",
        lines: &[(
            "1 < HAS sec-websocket-extensions: permessage-deflate",
            "1 < HAS sec-websocket-extensions:",
        )],
        reason: "a context for each connection costs more memory than messages this small gain",
    },
    Difference {
        recording: "polling-headers",
        section: "preflight",
        lines: &[
            (
                "1 < HAS access-control-allow-methods: GET,HEAD,PUT,PATCH,POST,DELETE",
                "1 < HAS access-control-allow-methods: GET, POST",
            ),
            ("1 < HAS content-length: 0", "1 < HAS content-length:"),
        ],
        reason: "the methods that transports have; and a 204 has no length (RFC 9110, section 8.6)",
    },
    Difference {
        recording: "polling-headers",
        section: "handshake with allowed origin",
        lines: &[("2 < HAS vary: Origin", "2 < HAS vary: Origin, Accept-Encoding")],
        reason: "a cache must not give what is compressed to who can't read it",
    },
    Difference {
        recording: "polling-headers",
        section: "POST 40 then GET (gzip accepted)",
        lines: &[
            ("2 < HAS vary: Origin", "2 < HAS vary: Origin, Accept-Encoding"),
            (
                "2 < HAS access-control-allow-credentials: true",
                "2 < HAS access-control-allow-credentials:",
            ),
        ],
        reason: "as above; and a request without an origin is no page's, and told nothing of pages",
    },
    Difference {
        recording: "polling-headers",
        section: "other origin",
        lines: &[
            (
                r#"1 < 200 "text/plain; charset=UTF-8" "0{\"sid\":\"$3\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}""#,
                r#"1 < 403 "application/json" "{\"code\":4,\"message\":\"Forbidden\"}""#,
            ),
            ("1 < HAS access-control-allow-credentials: true", ""),
            ("1 < HAS set-cookie: io=$3; Path=/; HttpOnly; SameSite=Lax", "1 < HAS set-cookie:"),
        ],
        reason: "a page that may not connect gets no session that it could not read of anyway",
    },
    Difference {
        recording: "server-close-polling",
        section: "polling client sends bye while no poll is pending; then polls",
        lines: &[(
            r#"2 < 200 "text/plain; charset=UTF-8" "6\u001e1""#,
            r#"2 < 200 "text/plain; charset=UTF-8" "1""#,
        )],
        reason: "a poll that brings the end needs no noop beside it",
    },
    Difference {
        recording: "server-close-polling",
        section: "polling client sends bye-soft while no poll is pending; then polls",
        lines: &[(
            r#"1 < 200 "text/plain; charset=UTF-8" "41""#,
            r#"1 < 200 "text/plain; charset=UTF-8" "41\u001e1""#,
        )],
        reason: "closing the root ends the whole connection, in every generation",
    },
    Difference {
        recording: "state-recovery",
        section: "recovered=true ; now disconnect explicitly (not recoverable)",
        lines: &[
            (
                r#"3 < TEXT "40{\"sid\":\"$2\",\"pid\":\"$3\"}""#,
                r#"3 < TEXT "40{\"sid\":\"$6\",\"pid\":\"$7\"}""#,
            ),
            (
                r#"3 < TEXT "42[\"hello\",true,\"$07\"]""#,
                r#"3 < TEXT "42[\"hello\",false,\"$07\"]""#,
            ),
        ],
        reason: "a client that said goodbye is gone; the reference lets one come back that did before",
    },
];
