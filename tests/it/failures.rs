//! What goes wrong on one connection is noticed by nobody else, and named once in the log.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use socketio_core::{Builder, SocketIo, prelude::*};
use socketio_tests::websocket::WebSocket;
use tower_service::Service as _;
use tracing_subscriber::fmt::MakeWriter;

use crate::client::{BOTH, Client, Via, serve};

/// All that has been logged by this process.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

/// The lines of the log that name a socket.
fn log_of(id: &str) -> Vec<String> {
    let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
    log.lines().filter(|line| line.contains(id)).map(ToOwned::to_owned).collect()
}

/// Lines that somebody should look at.
fn failures_of(id: &str) -> usize {
    log_of(id).iter().filter(|line| line.contains("WARN")).count()
}

#[derive(Default)]
struct Fragile;

#[socket_connection]
#[endpoints("/side" => Side)]
impl Fragile {
    #[event]
    fn whoami(&self, socket: &Socket) -> SocketId {
        socket.id()
    }

    #[event]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    #[event]
    fn panic(&self) {
        panic!("a secret of the server's");
    }

    #[event]
    async fn fail(&self) -> Result<(), String> {
        Err("out of paper".to_owned())
    }
}

#[derive(Default)]
struct Side;

#[socket_connection]
impl Side {
    #[event]
    fn whoami(&self, socket: &Socket) -> SocketId {
        socket.id()
    }

    #[event]
    fn panic(&self) {
        panic!("on the side");
    }

    #[event("add")]
    fn add(&self, a: i64) -> i64 {
        a
    }

    #[on_error]
    fn error(&self, error: &HandlerError) -> OnError {
        match error {
            HandlerError::Arguments { .. } => OnError::Ack(serde_json::json!("never mind")),
            _ => OnError::Ignore,
        }
    }
}

async fn start() -> SocketAddr {
    start_with(|builder| builder).await
}

async fn start_with(options: impl FnOnce(Builder<Fragile>) -> Builder<Fragile>) -> SocketAddr {
    static SUBSCRIBER: OnceLock<()> = OnceLock::new();
    SUBSCRIBER.get_or_init(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
            .with_ansi(false)
            .with_writer(Log)
            .init();
    });
    serve(options(SocketIo::builder()).build()).await
}

async fn id_of(client: &mut Client) -> String {
    let ack = client.ask(r#"5:1+::{"name":"whoami"}"#).await;
    ack.strip_prefix("6:::1+[\"").unwrap().trim_end_matches("\"]").to_owned()
}

async fn works(client: &mut Client) {
    let answer = client.ask(r#"5:9+::{"name":"add","args":[20,22]}"#).await;
    assert_eq!(answer, "6:::9+[42]");
}

/// Sends `packet` from one client of two: it must end that connection, or not, and leave the other.
async fn check(via: Via, packet: &str, answers: &[&str], logged: usize) {
    let addr = start().await;
    let mut offender = Client::connect(addr, via).await;
    let mut bystander = Client::connect(addr, via).await;
    let (offending, bystanding) = (id_of(&mut offender).await, id_of(&mut bystander).await);
    offender.send(packet).await;
    for answer in answers {
        assert_eq!(offender.next().await.as_deref(), Some(*answer), "{via:?} {packet}");
    }
    if answers.last() == Some(&"0::") {
        assert_eq!(offender.next().await, None, "{via:?} {packet}");
    } else {
        works(&mut offender).await;
    }
    works(&mut bystander).await;
    assert_eq!(failures_of(&offending), logged, "{via:?} {packet}: {:#?}", log_of(&offending));
    assert_eq!(failures_of(&bystanding), 0, "{via:?} {packet}");
}

#[tokio::test]
async fn what_nothing_answers_closes_that_connection_alone() {
    let internal = r#"6:::2+[{"error":"internal error"}]"#;
    for via in BOTH {
        check(via, r#"5:::{"name":"panic"}"#, &["0::"], 1).await;
        check(via, r#"5:2+::{"name":"panic"}"#, &[internal, "0::"], 1).await;
        check(via, r#"5:::{"name":"add","args":[1,"x"]}"#, &["0::"], 1).await;
        check(via, r#"5:::{"name":"add","args":[1]}"#, &["0::"], 1).await;
        check(via, r#"5:::{"name":"fail"}"#, &["0::"], 1).await;
    }
}

#[tokio::test]
async fn an_acknowledgement_answers_for_a_failed_call() {
    let ill_typed = r#"6:::2+[{"error":"event `add`: argument `b`: invalid type: string \"x\", expected i64"}]"#;
    for via in BOTH {
        check(via, r#"5:2+::{"name":"add","args":[1,"x"]}"#, &[ill_typed], 0).await;
        check(via, r#"5:2+::{"name":"fail"}"#, &[r#"6:::2+[{"error":"out of paper"}]"#], 0).await;
    }
}

#[tokio::test]
async fn on_error_decides_otherwise() {
    for via in BOTH {
        let mut client = Client::connect(start().await, via).await;
        assert_eq!(client.ask("1::/side").await, "1::/side");
        client.send(r#"5::/side:{"name":"panic"}"#).await;
        let answer = client.ask(r#"5:1+:/side:{"name":"add","args":["x"]}"#).await;
        assert_eq!(answer, r#"6::/side:1+["never mind"]"#);
        works(&mut client).await;
    }
}

#[tokio::test]
async fn the_servers_policy_decides_where_the_type_does_not() {
    for via in BOTH {
        let policy = |error: &HandlerError| match error {
            HandlerError::Arguments { .. } => OnError::Ack(error.event().into()),
            HandlerError::Panicked { .. } => OnError::Ignore,
            _ => OnError::Close,
        };
        let mut client = Client::connect(start_with(|it| it.on_error(policy)).await, via).await;
        let id = id_of(&mut client).await;
        for (packet, answer) in [
            (r#"5:2+::{"name":"add","args":["x"]}"#, r#"6:::2+["add"]"#),
            (r#"5:3+::{"name":"panic"}"#, r#"6:::3+[{"error":"internal error"}]"#),
            // A type that decides itself is not overruled.
            ("1::/side", "1::/side"),
            (r#"5:4+:/side:{"name":"add","args":["x"]}"#, r#"6::/side:4+["never mind"]"#),
        ] {
            assert_eq!(client.ask(packet).await, answer, "{via:?}");
        }
        client.send(r#"5:::{"name":"add"}"#).await;
        works(&mut client).await;
        assert_eq!(failures_of(&id), 1, "{via:?}: {:#?}", log_of(&id));
        client.send(r#"5:::{"name":"fail"}"#).await;
        assert_eq!(client.rest().await, ["0::"], "{via:?}");
        assert_eq!(failures_of(&id), 2, "{via:?}: {:#?}", log_of(&id));
    }
}

#[tokio::test]
async fn a_policy_that_panics_closes_that_connection_alone() {
    let addr = start_with(|builder| builder.on_error(|_| panic!("undecided"))).await;
    let mut bystander = Client::connect(addr, Via::WebSocket).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    let id = id_of(&mut client).await;
    client.send(r#"5:2+::{"name":"add"}"#).await;
    let missing = r#"6:::2+[{"error":"event `add`: argument `a` is missing"}]"#;
    assert_eq!(client.rest().await, [missing, "0::"]);
    works(&mut bystander).await;
    assert!(log_of(&id).iter().any(|line| line.contains("undecided")), "{:#?}", log_of(&id));
}

#[tokio::test]
async fn what_means_nothing_is_ignored() {
    let garbage = "x".repeat(1 << 20);
    let nested = format!("5:::{}", "[".repeat(100_000));
    for via in BOTH {
        for packet in
            [r#"5:::{"name":"nobody","args":[1]}"#, "4:::{", "5:::", "é", &garbage, &nested]
        {
            check(via, packet, &[], 0).await;
        }
    }
}

#[tokio::test]
async fn more_than_the_limit_ends_a_websocket_and_is_refused_as_a_post() {
    let garbage = "x".repeat((1 << 20) + 1);
    let addr = start().await;
    let mut bystander = Client::connect(addr, Via::WebSocket).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    let id = id_of(&mut client).await;
    // The server closes before it has read all, so the rest may find nobody.
    let _closed_early = client.websocket().send_text(&garbage).await;
    let frame = client.websocket().receive().await;
    if let Ok(Some(frame)) = frame {
        assert_eq!((frame.opcode(), &frame.payload[..2]), (8, &1009_u16.to_be_bytes()[..]));
    }
    works(&mut bystander).await;
    let log = log_of(&id);
    assert!(log.iter().any(|line| line.contains("message too big")), "{log:#?}");

    let mut client = Client::connect(addr, Via::Polling).await;
    assert_eq!(client.send(&garbage).await, 413);
    works(&mut client).await;
}

#[tokio::test]
async fn bytes_that_are_no_frames_end_that_websocket_alone() {
    let addr = start().await;
    let mut bystander = Client::connect(addr, Via::WebSocket).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    let id = id_of(&mut client).await;
    let garbage: Vec<u8> =
        (0..1_u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let _closed_early = client.websocket().send_bytes(&garbage).await;
    while let Ok(Some(_)) = client.websocket().receive().await {}
    works(&mut bystander).await;
    let log = log_of(&id);
    assert!(log.iter().any(|line| line.contains("protocol violation")), "{log:#?}");
}

#[tokio::test]
async fn a_client_that_never_reads_what_it_asks_for_is_let_go() {
    start().await;
    let io = SocketIo::builder::<Fragile>().send_buffer_limit(1 << 16).build();
    let addr = serve(io.clone()).await;
    let mut bystander = Client::connect(addr, Via::WebSocket).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    let id = id_of(&mut client).await;
    // Each frame asks for an automatic acknowledgement: masked, `2:1::`.
    let frames = b"\x81\x85\0\0\0\x002:1::".repeat(10_000);
    let mut sent = 0;
    while client.websocket().send_bytes(&frames).await.is_ok() && sent < 2_000 {
        sent += 1;
    }
    assert!(sent < 2_000, "the server took 220 MB from a client that reads nothing");
    works(&mut bystander).await;
    let log = log_of(&id);
    assert!(log.iter().any(|line| line.contains("slow consumer")), "{log:#?}");
}

#[tokio::test]
async fn what_a_client_sends_is_not_copied_into_the_log_or_back() {
    let long = "secret".repeat(100_000);
    let addr = start().await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    let id = id_of(&mut client).await;
    let answer = client.ask(&format!(r#"5:2+::{{"name":"add","args":["{long}",2]}}"#)).await;
    assert!(answer.len() < 400, "{} bytes: {answer:.1000}", answer.len());
    assert!(answer.ends_with(r#"expected i64"}]"#), "{answer}");
    client.send(&format!(r#"5:::{{"name":"add","args":["{long}",2]}}"#)).await;
    assert_eq!(client.next().await.as_deref(), Some("0::"));
    let log = log_of(&id);
    assert!(log.iter().any(|line| line.contains("argument `a` is of another type")), "{log:#?}");
    assert!(log.iter().all(|line| !line.contains("secret")), "{:.1000}", log.concat());
}

#[tokio::test]
async fn a_panic_is_logged_whatever_on_error_decides() {
    let mut client = Client::connect(start().await, Via::WebSocket).await;
    assert_eq!(client.ask("1::/side").await, "1::/side");
    let answer = client.ask(r#"5:1+:/side:{"name":"whoami"}"#).await;
    let id = answer.strip_prefix("6::/side:1+[\"").unwrap().trim_end_matches("\"]").to_owned();
    client.send(r#"5::/side:{"name":"panic"}"#).await;
    works(&mut client).await;
    assert_eq!(failures_of(&id), 1, "{:#?}", log_of(&id));
}

/// Clients of Socket.IO 1 and 2 compute their ids from the session's, which lets who knows it speak for
/// them.
#[tokio::test]
async fn an_id_that_is_a_credential_is_not_logged() {
    let addr = start().await;
    let path = "/socket.io/?EIO=3&transport=websocket";
    let mut socket = WebSocket::open(addr, path, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    let open = socket.receive().await.unwrap().unwrap().to_string();
    let id = open.split('"').nth(3).unwrap().to_owned();
    for (packet, answer) in [
        ("", "40"),
        (r#"420["whoami"]"#, &*format!(r#"430["{id}"]"#)),
        ("40/side", "40/side,"),
        (r#"42/side,0["whoami"]"#, &*format!(r#"43/side,0["/side#{id}"]"#)),
        (r#"42/side,1["panic"]"#, r#"43/side,1[{"error":"internal error"}]"#),
        (r#"42["panic"]"#, "41"),
    ] {
        if !packet.is_empty() {
            socket.send_text(packet).await.unwrap();
        }
        assert_eq!(socket.receive().await.unwrap().unwrap().to_string(), answer);
    }
    assert!(log_of(&id).is_empty(), "{:#?}", log_of(&id));
    assert!(!log_of("on the side").is_empty(), "the failure itself is logged");
}

/// Its drop panics, as that of what a handler holds may.
struct Trap;

impl Drop for Trap {
    fn drop(&mut self) {
        panic!("a trap");
    }
}

#[derive(Clone, Default)]
struct Closed(Arc<AtomicUsize>);

/// A type whose events run one at a time, and one whose events run beside each other.
macro_rules! stuck {
    ($name:ident, $event:meta) => {
        struct $name(Closed);

        #[socket_connection]
        impl $name {
            #[on_open]
            fn open(State(closed): State<Closed>) -> Self {
                Self(closed)
            }

            #[$event]
            async fn hang(&self) {
                let _trap = Trap;
                std::future::pending().await
            }

            #[on_close]
            fn close(&mut self) {
                self.0.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
}

stuck!(Stuck, event("hang"));
stuck!(StuckBeside, event("hang", concurrent));

async fn leave_while_handlers_hang(io: SocketIo) {
    let mut service = io.service();
    let handshake = Request::get("/socket.io/1/").body(Body::empty()).unwrap();
    let body = service.call(handshake).await.unwrap().into_body();
    let line = String::from_utf8(to_bytes(body, 1000).await.unwrap().to_vec()).unwrap();
    let url = format!("/socket.io/1/xhr-polling/{}", line.split(':').next().unwrap());
    for _ in 0..3 {
        let post = Request::post(&url).body(Body::from(r#"5:::{"name":"hang"}"#)).unwrap();
        service.call(post).await.unwrap();
    }
    let leave = Request::get(format!("{url}?disconnect")).body(Body::empty()).unwrap();
    service.call(leave).await.unwrap();
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(io.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_drop_of_a_cancelled_handler_does_not_keep_the_close_handler_from_running() {
    let closed = Closed::default();
    let state = || closed.clone();
    leave_while_handlers_hang(SocketIo::builder::<Stuck>().state(state()).build()).await;
    leave_while_handlers_hang(SocketIo::builder::<StuckBeside>().state(state()).build()).await;
    assert_eq!(closed.0.load(Ordering::Relaxed), 2);
}
