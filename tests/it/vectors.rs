//! The sessions recorded from socket.io 0.9.19, played against the application that was behind them.

use std::time::Duration;

use axum::Router;
use serde_json::{Map, Value, json};
use socketio_core::{Origins, SocketIo, prelude::*};
use socketio_tests::{Difference, Target, run_group};
use tokio::net::TcpListener;

/// The root of the recorded application (`meta.application` in the vectors).
struct Root;

#[socket_connection]
#[endpoints("/chat" => Chat, "/private" => Private, "/autherr" => Failing)]
impl Root {
    #[on_open]
    fn open(info: &ConnectionInfo) -> Result<Self, Reject> {
        match info.query("auth") {
            Some("no") => Err(Reject::unauthorized("auth=no")),
            Some("err") => Err(Reject::error("auth=err")),
            _ => Ok(Root),
        }
    }

    #[on_message]
    fn message(&self, socket: &Socket, message: Message) -> Result<Message, EmitError> {
        handle(socket, &message)?;
        Ok(message)
    }

    #[event]
    fn echo(&self, socket: &Socket, ack: AckSender, #[rest] args: Vec<Value>) {
        echo(socket, ack, args);
    }
}

/// The same application at an endpoint.
#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[on_message]
    fn message(&self, socket: &Socket, message: Message) -> Result<Message, EmitError> {
        handle(socket, &message)?;
        Ok(message)
    }

    #[event]
    fn echo(&self, socket: &Socket, ack: AckSender, #[rest] args: Vec<Value>) {
        echo(socket, ack, args);
    }
}

struct Private;

#[socket_connection]
impl Private {
    #[on_open]
    fn open() -> Option<Self> {
        None
    }
}

struct Failing;

#[socket_connection]
impl Failing {
    #[on_open]
    async fn open() -> Result<Self, Reject> {
        Err(Reject::error("no database"))
    }
}

fn echo(socket: &Socket, ack: AckSender, args: Vec<Value>) {
    if ack.is_wanted() {
        ack.send(Spread(args)).unwrap();
    } else {
        socket.emit("echo", Spread(args)).unwrap();
    }
}

/// Several arguments whose number is not known when compiling.
struct Spread(Vec<Value>);

impl serde::Serialize for Spread {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeTuple as _;
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|value| tuple.serialize_element(value))?;
        tuple.end()
    }
}

fn handle(socket: &Socket, message: &Message) -> Result<(), EmitError> {
    match message.as_text() {
        Some("kick") => socket.close(),
        Some("send-ack") => report_ack(socket, |socket| socket.send_with_ack("ackme")),
        Some("emit-ack") => report_ack(socket, |socket| socket.emit_with_ack("ackme", 1)),
        Some("noargs") => socket.emit("noargs", ())?,
        Some("volatile") => socket.volatile().emit("vol", 1)?,
        Some("multi") => {
            for text in ["a", "bb", "☃", "😀"] {
                socket.send(text)?;
            }
        }
        Some("empty") => socket.send("")?,
        Some("json-str") => socket.send_json("x")?,
        Some("json-null") => socket.send_json(Value::Null)?,
        Some("bcast") => socket.broadcast().send("b")?,
        Some("all") => socket.server().of(socket.endpoint()).send("to-all")?,
        Some("big65536") => socket.send("x".repeat(65532))?,
        Some("transport") => {
            let transport = socket.transport().map_or("", |transport| transport.as_str());
            socket.send(format!("transport:{transport}"))?;
        }
        Some("join") => {
            socket.join("r");
            let rooms = socket.rooms().into_iter().map(|room| (format!("/{room}"), json!(true)));
            let rooms: Map<_, _> =
                [(String::new(), json!(true))].into_iter().chain(rooms).collect();
            socket.send(format!("rooms:{}", Value::Object(rooms)))?;
        }
        Some("room") => socket.server().of(socket.endpoint()).to("r").emit("roomev", 1)?,
        _ => socket.send(message)?,
    }
    Ok(())
}

/// Sends something that asks for an acknowledgement, and tells the client what it answered.
fn report_ack(socket: &Socket, send: fn(&Socket) -> PendingAck<'_, Value>) {
    let socket = socket.clone();
    tokio::spawn(async move {
        let args = match send(&socket).await {
            Ok(Value::Null) => json!([]),
            Ok(Value::Array(args)) => Value::Array(args),
            Ok(arg) => json!([arg]),
            Err(error) => panic!("{error}"),
        };
        socket.send(format!("acked:{args}"))
    });
}

/// Starts the application as the reference server's settings say; what they do not name is as in it.
async fn start(settings: &Value) -> Target {
    let seconds =
        |name: &str, default| Duration::from_secs(settings[name].as_u64().unwrap_or(default));
    let polling = seconds("polling duration", 20);
    let announced = seconds("heartbeat timeout", 60);
    let io = SocketIo::builder::<Root>()
        .origins(Origins::Any)
        .path(settings["resource"].as_str().unwrap_or("/socket.io"))
        .heartbeat_interval(seconds("heartbeat interval", 25))
        .heartbeat_timeout(announced)
        // What the reference understands by zero.
        .close_timeout(
            Some(seconds("close timeout", 60))
                .filter(|time| !time.is_zero())
                .unwrap_or(Duration::MAX),
        )
        .heartbeats(settings["heartbeats"].as_bool().unwrap_or(true))
        .global_heartbeats(false)
        // An announced heartbeat timeout must be longer than a poll, which the reference does not ask.
        .polling_timeout(polling.min(announced / 2))
        .max_message_bytes(settings["destroy buffer size"].as_u64().unwrap_or(1 << 20) as usize)
        .build();
    let app = Router::new().fallback(|| async {
        (axum::http::StatusCode::NOT_FOUND, [("content-type", "text/plain")], "app 404")
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { io.serve_until(listener, app, std::future::pending()).await });
    addr.into()
}

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

/// Where this server differs from the recording on purpose, and what it does instead. In every case
/// an id has 22 characters instead of 20 (128 random bits), and the handshake names the transports
/// that there are.
///
/// One of them is of class `must`: `xhr/payload-in`. The others are `lenient`, and what stands here is
/// what they name as fine or as desired.
const DIFFERENCES: [Difference; 14] = [
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
];

async fn play(group: &str, cases: usize) {
    let differences: Vec<_> =
        DIFFERENCES.into_iter().filter(|difference| difference.id.starts_with(group)).collect();
    assert_eq!(run_group(start, group, &differences).await, cases);
}

/// One test per group of recordings that applies to what is there: HTTP and WebSocket, not
/// flashsocket and the drafts before RFC 6455. With it, how many they are.
macro_rules! groups {
    ($($test:ident: $group:literal, $cases:literal;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                play($group, $cases).await;
            }
        )*
    };
}

groups! {
    handshakes_go_as_recorded: "handshake", 19;
    errors_go_as_recorded: "errors", 5;
    disconnect_urls_go_as_recorded: "disconnect-url", 4;
    polling_goes_as_recorded: "xhr", 13;
    pages_that_never_end_go_as_recorded: "htmlfile", 3;
    polling_by_scripts_goes_as_recorded: "jsonp", 7;
    websockets_go_as_recorded: "ws", 52;
    timers_go_as_recorded: "timers", 2;
    limits_go_as_recorded: "limits", 4;
    configurations_go_as_recorded: "config", 2;
}
