//! The sessions recorded from socket.io 0.9.19, played against the application that was behind them.

use std::time::Duration;

use axum::Router;
use serde_json::{Map, Value, json};
use socketio_core::{Origins, SocketIo, Transport, prelude::*};
use socketio_tests::vectors::cases;
use socketio_tests::{Target, run_group};
use tokio::net::TcpListener;

use crate::client_files::Folder;
use crate::differences::DIFFERENCES;
use crate::flash::serve_policy;

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
            let rooms = socket.rooms().into_iter().filter(|room| *room != socket.id().to_string());
            let rooms = rooms.map(|room| (format!("/{room}"), json!(true)));
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
async fn start(settings: &Value, client: Option<&Folder>) -> Target {
    let seconds =
        |name: &str, default| Duration::from_secs(settings[name].as_u64().unwrap_or(default));
    let polling = seconds("polling duration", 20);
    let announced = seconds("heartbeat timeout", 60);
    let mut builder = SocketIo::builder::<Root>()
        .transports(transports(&settings["transports"]))
        .origins(origins(&settings["origins"]))
        .path(settings["resource"].as_str().unwrap_or("/socket.io"))
        // Heartbeats must come before the client gives up, which the reference does not ask either.
        .heartbeat_interval(seconds("heartbeat interval", 25).min(announced.mul_f32(0.9)))
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
        .max_message_bytes(settings["destroy buffer size"].as_u64().unwrap_or(1 << 20) as usize);
    if let Some(client) = client {
        builder = builder.client_dir(client.path());
    }
    let io = builder.build();
    let app = Router::new().fallback(|| async {
        (axum::http::StatusCode::NOT_FOUND, [("content-type", "text/plain")], "app 404")
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let policy = match settings["flash policy port"].is_null() {
        true => None,
        false => Some(serve_policy(io.clone()).await),
    };
    tokio::spawn(async move { io.serve_until(listener, app, std::future::pending()).await });
    Target { http: addr, policy }
}

/// Those that are named, or the reference's.
fn transports(names: &Value) -> Vec<Transport> {
    use Transport::*;
    let all = [WebSocket, FlashSocket, HtmlFile, XhrPolling, JsonpPolling];
    let is_named = |transport: &Transport| match names.as_array() {
        Some(names) => names.contains(&json!(transport.as_str())),
        None => *transport != FlashSocket,
    };
    all.into_iter().filter(is_named).collect()
}

fn origins(entries: &Value) -> Origins {
    match serde_json::from_value(entries.clone()).unwrap() {
        Some(entries) => Origins::List(entries),
        None => Origins::Any,
    }
}

/// Files as long as those that the reference served, and of the same version.
fn client() -> Folder {
    let mut script = b"/*! Socket.IO.js build:0.9.16, development. */\n".to_vec();
    script.resize(74_747, b' ');
    let files = [
        ("dist/socket.io.js".to_owned(), script),
        ("dist/WebSocketMain.swf".to_owned(), vec![0; 175_830]),
    ];
    Folder::new(&files.into())
}

async fn play(group: &str, cases: usize) {
    let mut differences = DIFFERENCES.to_vec();
    differences.retain(|difference| difference.id.starts_with(group));
    let client = (group == "static").then(client);
    let start = async |settings: &Value| start(settings, client.as_ref()).await;
    assert_eq!(run_group(start, group, &differences).await, cases);
}

/// One test per group of recordings, with how many they are.
macro_rules! groups {
    ($($test:ident: $group:literal, $cases:literal;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                play($group, $cases).await;
            }
        )*

        #[test]
        fn every_recorded_session_is_in_one_of_these_groups() {
            assert_eq!(0 $(+ $cases)*, cases().unwrap().len());
        }
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
    origins_go_as_recorded: "origins", 11;
    files_go_as_recorded: "static", 9;
    flash_policies_go_as_recorded: "flash", 1;
    the_draft_hixie_75_is_refused: "hixie75", 1;
    the_draft_hixie_76_is_refused: "hixie76", 5;
}
