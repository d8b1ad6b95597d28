//! In which order handlers run: own queue, named queues, concurrent, and `&mut self` among them.
//!
//! Handlers say when they begin and then wait at a gate of their own, so that each order is a script of what
//! comes over the wire, without any timing.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use socketio_core::{Builder, Endpoints, SocketIo, prelude::*};
use tokio::sync::Notify;
use tower_service::Service as _;

use crate::client::{BOTH, Client, Via, serve};

/// What tests and handlers share.
#[derive(Clone, Default)]
struct Shared {
    gates: Arc<Mutex<HashMap<String, Arc<Notify>>>>,
    diary: Arc<Mutex<Vec<String>>>,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    handled: Arc<AtomicUsize>,
}

impl Shared {
    fn gate(&self, name: &str) -> Arc<Notify> {
        Arc::clone(self.gates.lock().unwrap().entry(name.to_owned()).or_default())
    }

    /// What most handlers do: say that they begin, and wait.
    async fn wait(&self, socket: &Socket, name: &str) {
        let _client_left = socket.emit("began", name);
        self.gate(name).notified().await;
        self.diary.lock().unwrap().push(name.to_owned());
    }

    fn diary(&self) -> Vec<String> {
        self.diary.lock().unwrap().clone()
    }
}

/// All on the connection's own queue.
struct Plain(Shared);

#[socket_connection]
impl Plain {
    #[on_open]
    fn open(State(shared): State<Shared>) -> Self {
        Self(shared)
    }

    #[event]
    async fn own(&self, socket: &Socket, name: String) -> String {
        self.0.wait(socket, &name).await;
        name
    }

    #[event]
    async fn twice(&self, socket: &Socket, name: String) -> String {
        self.0.wait(socket, &name).await;
        self.0.wait(socket, &name).await;
        name
    }

    #[event]
    async fn fail(&self, socket: &Socket, name: String) -> Result<(), String> {
        self.0.wait(socket, &name).await;
        Err(name)
    }

    #[event]
    fn plain(&self, name: String) -> String {
        name
    }

    #[event]
    async fn at_once(&self, name: String) -> String {
        name
    }

    #[event]
    async fn ask(&self, socket: &Socket, name: String) -> Result<String, String> {
        socket.emit_with_ack("question", &name).await.map_err(|error| error.to_string())
    }

    #[event]
    fn count(&self) -> usize {
        self.0.handled.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Of each order something.
struct Mixed {
    shared: Shared,
    name: String,
}

#[socket_connection]
impl Mixed {
    #[on_open]
    fn open(State(shared): State<Shared>) -> Self {
        Self { shared, name: "nobody".to_owned() }
    }

    #[event]
    async fn own(&self, socket: &Socket, name: String) -> String {
        self.shared.wait(socket, &name).await;
        name
    }

    #[event]
    async fn twice(&self, socket: &Socket, name: String) -> String {
        self.shared.wait(socket, &name).await;
        self.shared.wait(socket, &name).await;
        name
    }

    #[event]
    async fn fail(&self, socket: &Socket, name: String) -> Result<(), String> {
        self.shared.wait(socket, &name).await;
        Err(name)
    }

    #[event]
    fn plain(&self, name: String) -> String {
        name
    }

    #[event(queue = "disk")]
    async fn read(&self, socket: &Socket, name: String) -> String {
        self.shared.wait(socket, &name).await;
        name
    }

    #[on_message(queue = "disk")]
    async fn write(&self, socket: &Socket, message: Message) {
        self.shared.wait(socket, message.as_text().unwrap_or_default()).await;
    }

    #[event(queue)]
    async fn print(&self, socket: &Socket, name: String) -> String {
        self.shared.wait(socket, &name).await;
        name
    }

    #[event(queue)]
    async fn scan(&self, socket: &Socket, name: String) -> String {
        self.shared.wait(socket, &name).await;
        name
    }

    #[event(concurrent)]
    async fn search(&self, socket: &Socket, name: String) -> String {
        self.shared.wait(socket, &name).await;
        name
    }

    #[event(concurrent)]
    async fn at_once(&self, name: String) -> String {
        name
    }

    #[event(concurrent)]
    async fn panic(&self, socket: &Socket, name: String) {
        self.shared.wait(socket, &name).await;
        panic!("on purpose");
    }

    #[event(concurrent)]
    fn kick(&self, socket: &Socket) {
        socket.disconnect();
    }

    /// Takes note of how many of it run.
    #[event(concurrent)]
    async fn crowd(&self) {
        let running = self.shared.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.shared.most.fetch_max(running, Ordering::Relaxed);
        tokio::task::yield_now().await;
        self.shared.running.fetch_sub(1, Ordering::Relaxed);
        self.shared.handled.fetch_add(1, Ordering::Relaxed);
    }

    #[event]
    async fn rename(&mut self, socket: &Socket, name: String) -> String {
        self.shared.wait(socket, &name).await;
        self.name.clone_from(&name);
        name
    }

    #[event]
    fn total(&mut self) -> usize {
        self.shared.handled.load(Ordering::Relaxed)
    }

    #[on_event(concurrent)]
    async fn other(&self) -> &str {
        &self.name
    }

    #[on_close]
    fn close(&mut self, reason: CloseReason) {
        self.shared.diary.lock().unwrap().push(format!("closed: {reason}"));
    }
}

async fn start<T: Endpoints<Shared>>(
    options: impl FnOnce(Builder<T, Shared>) -> Builder<T, Shared>,
) -> (SocketAddr, SocketIo, Shared) {
    let shared = Shared::default();
    let io = options(SocketIo::builder::<T>().state(shared.clone())).build();
    (serve(io.clone()).await, io, shared)
}

/// Plays a script, whose words are:
///
/// | word | |
/// |---|---|
/// | `own:1` | sends event `own` with the argument `1`, to be acknowledged as number 1 |
/// | `.` | all that was sent has been read: an acknowledgement from the session itself comes next |
/// | `>1` | next comes that the handler of 1 has begun |
/// | `!1` | lets the handler of 1 go on |
/// | `=1` | next comes the acknowledgement of 1 with `1` |
/// | `#1` | next comes the acknowledgement of 1 with `1` as an error |
async fn play(client: &mut Client, shared: &Shared, script: &str) {
    for word in script.split_whitespace() {
        let expected = match (word.split_at(1), word.split_once(':')) {
            (_, Some((event, name))) => {
                client.send(&packet(event, name)).await;
                continue;
            }
            (("!", name), _) => {
                shared.gate(name).notify_one();
                continue;
            }
            ((".", _), _) => {
                client.send("2:0::").await;
                "6:::0".to_owned()
            }
            ((">", name), _) => format!(r#"5:::{{"name":"began","args":["{name}"]}}"#),
            (("=", name), _) => format!(r#"6:::{name}+["{name}"]"#),
            (("#", name), _) => format!(r#"6:::{name}+[{{"error":"{name}"}}]"#),
            _ => panic!("no word of a script: {word}"),
        };
        assert_eq!(client.next().await.as_deref(), Some(&*expected), "{word} in {script}");
    }
}

fn packet(event: &str, name: &str) -> String {
    format!(r#"5:{name}+::{{"name":"{event}","args":["{name}"]}}"#)
}

/// Plays a script with a new connection of type `T` over either transport; nothing more comes than it says.
async fn check<T: Endpoints<Shared>>(script: &str) {
    for via in BOTH {
        let (addr, _, shared) = start::<T>(|options| options).await;
        let mut client = Client::connect(addr, via).await;
        play(&mut client, &shared, script).await;
        play(&mut client, &shared, ".").await;
    }
}

/// The same for the connection's own queue, which is the same in a type that has others beside it.
async fn check_own(script: &str) {
    check::<Plain>(script).await;
    check::<Mixed>(script).await;
}

#[tokio::test]
async fn a_handler_that_does_not_wait_is_done_when_its_turn_comes() {
    check_own("plain:1 at_once:2 plain:3 =1 =2 =3").await;
    check_own("own:1 plain:2 >1 . !1 =1 =2").await;
}

#[tokio::test]
async fn a_handler_that_waits_answers_when_its_wait_is_over() {
    check_own("own:1 >1 . !1 =1").await;
}

#[tokio::test]
async fn events_of_one_queue_are_handled_one_after_the_other() {
    check_own("own:1 own:2 own:3 >1 . !1 =1 >2 . !2 =2 >3 . !3 =3").await;
}

#[tokio::test]
async fn a_queue_keeps_its_order_whichever_wait_is_over_first() {
    check_own("own:1 own:2 own:3 >1 . !3 . !2 . !1 =1 >2 =2 >3 =3").await;
}

#[tokio::test]
async fn a_handler_that_waits_several_times_is_not_interrupted() {
    check_own("twice:1 own:2 >1 . !1 >1 . !1 =1 >2 !2 =2").await;
}

#[tokio::test]
async fn a_failure_does_not_stop_its_queue() {
    check_own("fail:1 own:2 >1 . !1 #1 >2 !2 =2").await;
}

#[tokio::test]
async fn concurrent_handlers_answer_in_the_order_in_which_their_waits_are_over() {
    check::<Mixed>("search:1 search:2 search:3 >1 >2 >3 . !3 =3 !1 =1 !2 =2").await;
    // Whatever waits beside them.
    check::<Mixed>(
        "own:1 own:2 read:3 >1 >3 search:4 >4 at_once:5 =5 !4 =4 . !3 =3 !1 =1 >2 !2 =2",
    )
    .await;
}

#[tokio::test]
async fn named_queues_run_beside_each_other_and_keep_their_own_order() {
    check::<Mixed>("read:1 print:2 read:3 print:4 >1 >2 . !3 !4 . !2 =2 >4 =4 . !1 =1 >3 =3").await;
    check::<Mixed>("own:1 scan:2 print:3 read:4 >1 >2 >3 >4 !4 =4 !3 =3 !2 =2 !1 =1").await;
}

#[tokio::test]
async fn a_queue_is_shared_by_all_that_name_it() {
    let (addr, _, shared) = start::<Mixed>(|options| options).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    play(&mut client, &shared, "read:1 >1").await;
    client.send("3:::2").await;
    play(&mut client, &shared, "read:3 . !2 !3 . !1 =1 >2 >3 =3 .").await;
}

#[tokio::test]
async fn what_has_the_connection_alone_waits_and_holds_back() {
    // For what runs; what came later begins in the order it came.
    check::<Mixed>(
        "search:1 own:2 >1 >2 rename:3 search:4 own:5 . !1 =1 . !2 =2 >3 . !4 !5 . !3 =3 >4 =4 >5 =5",
    )
    .await;
    // For what came before it and waits for its queue.
    check::<Mixed>("read:1 read:2 rename:3 >1 . !1 =1 >2 . !2 =2 >3 !3 =3").await;
    // For its like.
    check::<Mixed>("rename:1 rename:2 search:3 >1 . !1 =1 >2 . !2 =2 >3 !3 =3").await;
}

#[tokio::test]
async fn handlers_see_what_was_changed_before_them() {
    let (addr, _, shared) = start::<Mixed>(|options| options).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    assert_eq!(client.ask(r#"5:7+::{"name":"whoami"}"#).await, r#"6:::7+["nobody"]"#);
    play(&mut client, &shared, "rename:1 >1").await;
    client.send(r#"5:8+::{"name":"whoami"}"#).await;
    play(&mut client, &shared, ". !1 =1").await;
    assert_eq!(client.next().await.as_deref(), Some(r#"6:::8+["1"]"#));
}

/// Waits until the last session's task has ended.
async fn until_gone(io: &SocketIo) {
    while io.sessions() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_a_client_sent_before_it_left_is_handled_before_the_close_handler_runs() {
    for via in BOTH {
        let (addr, io, shared) = start::<Mixed>(|options| options).await;
        let mut client = Client::connect(addr, via).await;
        play(&mut client, &shared, "search:1 search:2 own:3 own:4 rename:5 search:6 >1 >2 >3")
            .await;
        client.send("0::").await;
        client.rest().await;
        for name in ["2", "1", "3", "4", "5", "6"] {
            let before = shared.diary().len();
            shared.gate(name).notify_one();
            while shared.diary().len() == before {
                tokio::task::yield_now().await;
            }
        }
        until_gone(&io).await;
        let closed = "closed: client disconnect";
        assert_eq!(shared.diary(), ["2", "1", "3", "4", "5", "6", closed], "{via:?}");
    }
}

#[tokio::test]
async fn when_the_server_ends_a_connection_only_what_runs_is_still_handled() {
    for via in BOTH {
        let (addr, io, shared) = start::<Mixed>(|options| options).await;
        let mut client = Client::connect(addr, via).await;
        play(&mut client, &shared, "search:1 own:2 own:3 >1 >2 .").await;
        client.send(r#"5:::{"name":"kick"}"#).await;
        assert_eq!(client.rest().await, ["0::"]);
        for name in ["3", "2", "1"] {
            shared.gate(name).notify_one();
        }
        until_gone(&io).await;
        let mut ended = shared.diary();
        assert_eq!(ended.pop().as_deref(), Some("closed: server disconnect"), "{via:?}");
        ended.sort();
        assert_eq!(ended, ["1", "2"], "{via:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_handlers_that_never_end_are_cancelled_and_the_close_handler_runs() {
    let shared = Shared::default();
    let io = SocketIo::builder::<Mixed>().state(shared.clone()).build();
    let mut service = io.service();
    let handshake = Request::get("/socket.io/1/").body(Body::empty()).unwrap();
    let body = service.call(handshake).await.unwrap().into_body();
    let line = String::from_utf8(to_bytes(body, 1000).await.unwrap().to_vec()).unwrap();
    let url = format!("/socket.io/1/xhr-polling/{}", line.split(':').next().unwrap());
    for (event, name) in [("search", "1"), ("own", "2"), ("own", "3"), ("search", "4")] {
        let post = Request::post(&url).body(Body::from(packet(event, name))).unwrap();
        service.call(post).await.unwrap();
    }
    let leave = Request::get(format!("{url}?disconnect")).body(Body::empty()).unwrap();
    service.call(leave).await.unwrap();
    shared.gate("4").notify_one();
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!((io.sessions(), shared.diary()), (1, vec!["4".to_owned()]));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(io.sessions(), 0);
    assert_eq!(shared.diary(), ["4", "closed: client disconnect"]);
}

#[tokio::test]
async fn a_panic_of_one_handler_closes_behind_those_that_run() {
    for via in BOTH {
        let (addr, _, shared) = start::<Mixed>(|options| options).await;
        let mut client = Client::connect(addr, via).await;
        let mut bystander = Client::connect(addr, via).await;
        play(&mut client, &shared, "search:1 own:2 panic:3 own:4 >1 >2 >3 !3").await;
        let internal = r#"6:::3+[{"error":"internal error"}]"#;
        assert_eq!(client.rest().await, [internal, "0::"], "{via:?}");
        play(&mut bystander, &shared, "at_once:5 =5 .").await;
        shared.gate("1").notify_one();
        shared.gate("2").notify_one();
        while shared.diary().len() < 4 {
            tokio::task::yield_now().await;
        }
        let mut ended = shared.diary();
        assert_eq!(ended.pop().as_deref(), Some("closed: handler failed"), "{via:?}");
        assert_eq!(ended.remove(0), "3");
        ended.sort();
        assert_eq!(ended, ["1", "2"], "{via:?}");
    }
}

#[tokio::test]
async fn a_failure_is_answered_while_other_handlers_run() {
    let (addr, _, shared) = start::<Mixed>(|options| options.on_error(|_| OnError::Ignore)).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    play(&mut client, &shared, "search:1 own:2 panic:3 >1 >2 >3 !3").await;
    let internal = r#"6:::3+[{"error":"internal error"}]"#;
    assert_eq!(client.next().await.as_deref(), Some(internal));
    let missing = r#"6:::4+[{"error":"event `search`: argument `name` is missing"}]"#;
    assert_eq!(client.ask(r#"5:4+::{"name":"search"}"#).await, missing);
    play(&mut client, &shared, "!1 =1 !2 =2 .").await;
}

#[tokio::test]
async fn at_the_limit_nothing_more_is_read_and_heartbeats_go_on() {
    for event in ["own", "search"] {
        let (addr, _, shared) = start::<Mixed>(|options| {
            options.queue_limit(3).heartbeat_interval(Duration::from_millis(20))
        })
        .await;
        let mut client = Client::connect(addr, Via::WebSocket).await;
        // Each is acknowledged when it is read.
        for n in 1..=3 {
            client.send(&format!(r#"5:{n}::{{"name":"{event}","args":["{n}"]}}"#)).await;
            while client.next().await.unwrap() != format!("6:::{n}") {}
        }
        client.send(r#"5:4::{"name":"own","args":["4"]}"#).await;
        let mut beats = 0;
        while beats < 3 {
            match &*client.next().await.unwrap() {
                "2::" => beats += 1,
                began => assert!(began.contains("began"), "{event}: {began}"),
            }
        }
        // Nobody else waits.
        let mut bystander = Client::connect(addr, Via::WebSocket).await;
        bystander.send(&packet("at_once", "5")).await;
        while bystander.next().await.unwrap() != r#"6:::5+["5"]"# {}
        shared.gate("1").notify_one();
        while client.next().await.unwrap() != "6:::4" {}
    }
}

#[tokio::test]
async fn an_awaited_acknowledgement_arrives_behind_a_queue_that_is_full_once() {
    const EVENTS: usize = 1_500;
    for via in BOTH {
        let (addr, _, shared) = start::<Plain>(|options| options).await;
        let mut client = Client::connect(addr, via).await;
        let question = client.ask(&packet("ask", "1")).await;
        assert_eq!(question, r#"5:1+::{"name":"question","args":["1"]}"#, "{via:?}");
        // So long that no single read brings all of them and what comes behind.
        let event = format!(r#"5:::{{"name":"count","padding":"{}"}}"#, "x".repeat(100));
        if via == Via::Polling {
            let event = format!("\u{fffd}{}\u{fffd}{event}", event.len());
            client.send(&event.repeat(EVENTS)).await;
        } else {
            for _ in 0..EVENTS {
                client.send(&event).await;
            }
        }
        assert_eq!(client.ask(r#"6:::1+["42"]"#).await, r#"6:::1+["42"]"#, "{via:?}");
        let count = client.ask(r#"5:2+::{"name":"count"}"#).await;
        assert_eq!(count, format!("6:::2+[{}]", EVENTS + 1), "{via:?}");
        assert_eq!(shared.handled.load(Ordering::Relaxed), EVENTS + 1, "{via:?}");
    }
}

#[tokio::test]
async fn a_hundred_thousand_events_run_beside_each_other_no_more_than_the_limit_at_once() {
    const EVENTS: usize = 100_000;
    const LIMIT: usize = 16;
    let (addr, _, shared) = start::<Mixed>(|options| options.queue_limit(LIMIT)).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    // Frames as they go over the wire, with a mask that changes nothing.
    let event = br#"5:::{"name":"crowd"}"#;
    let frame = [&[0x81, 0x80 | event.len() as u8, 0, 0, 0, 0], &event[..]].concat();
    for _ in 0..EVENTS / 100 {
        client.websocket().send_bytes(&frame.repeat(100)).await.unwrap();
    }
    let total = client.ask(r#"5:1+::{"name":"total"}"#).await;
    assert_eq!(total, format!("6:::1+[{EVENTS}]"));
    let most = shared.most.load(Ordering::Relaxed);
    // What a read brings is taken in whole.
    assert!((2..LIMIT + READ / frame.len()).contains(&most), "{most} ran at once");
}

/// Bytes that one read takes in.
const READ: usize = 64 * 1024;
