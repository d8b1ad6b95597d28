//! The suite for adapters, run with the server's own and with one that joins servers of this process by data alone.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use futures_util::StreamExt as _;
use socketio_core::adapter::{
    Action, Adapter, AdapterError, Answer, Answers, Change, Local, Query,
};
use socketio_core::test::{TestClient, adapter_suite};
use socketio_core::{SocketIo, prelude::*};
use tokio::sync::mpsc;

/// Bytes of a message that a server takes from the others.
const MAX_BYTES: usize = 1 << 20;

/// What crosses: text, and where answers go.
enum Message {
    Act(String),
    Ask(String, mpsc::UnboundedSender<String>),
}

/// A server's place on the bus.
#[derive(Clone)]
struct Place(Arc<mpsc::UnboundedSender<Message>>);

/// Servers of this process, that hear each other's messages as late as those of a network.
#[derive(Clone, Default)]
struct Bus(Arc<Mutex<Vec<Place>>>);

/// One server of a [`Bus`].
struct Connected {
    here: Local,
    bus: Bus,
    own: Weak<mpsc::UnboundedSender<Message>>,
}

impl Bus {
    fn join(&self, here: Local) -> Connected {
        let (sender, mut messages) = mpsc::unbounded_channel();
        let (sender, heard) = (Arc::new(sender), here.clone());
        let own = Arc::downgrade(&sender);
        self.0.lock().unwrap().push(Place(sender));
        tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                // Later, in its turn.
                tokio::task::yield_now().await;
                match message {
                    Message::Act(action) if action.len() > MAX_BYTES => {}
                    Message::Act(action) => {
                        if let Ok(action) = serde_json::from_str(&action) {
                            heard.act(action);
                        }
                    }
                    Message::Ask(query, answers) => {
                        let mut all = heard.ask(serde_json::from_str(&query).unwrap());
                        tokio::spawn(async move {
                            while let Some(answer) = all.next().await {
                                let answer = serde_json::to_string(&answer.unwrap()).unwrap();
                                let _given_up = answers.send(answer);
                            }
                        });
                    }
                }
            }
        });
        Connected { here, bus: self.clone(), own }
    }
}

impl Connected {
    fn others(&self) -> Vec<Place> {
        let places = self.bus.0.lock().unwrap();
        let is_other = |place: &&Place| Arc::as_ptr(&place.0) != self.own.as_ptr();
        places.iter().filter(is_other).cloned().collect()
    }
}

impl Adapter for Connected {
    fn act(&self, action: Action) {
        if !action.is_local() {
            let text = serde_json::to_string(&action).unwrap();
            for other in self.others() {
                let _stopped = other.0.send(Message::Act(text.clone()));
            }
        }
        self.here.act(action);
    }

    fn ask(&self, query: Query) -> Answers {
        let (answers, mut gathered) = mpsc::unbounded_channel::<String>();
        if !query.is_local() {
            let text = serde_json::to_string(&query).unwrap();
            for other in self.others() {
                let _stopped = other.0.send(Message::Ask(text.clone(), answers.clone()));
            }
        }
        drop(answers);
        let others = futures_util::stream::poll_fn(move |cx| gathered.poll_recv(cx));
        let others = others.map(|answer| Ok(serde_json::from_str(&answer).unwrap()));
        futures_util::stream::select(self.here.ask(query), others).boxed()
    }

    fn close(&self) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let own = self.own.as_ptr();
        self.bus.0.lock().unwrap().retain(|place| Arc::as_ptr(&place.0) != own);
        Box::pin(std::future::ready(()))
    }
}

fn on_a_bus() -> impl Fn(Local) -> Connected + Clone + Send + 'static {
    let bus = Bus::default();
    move |local| bus.join(local)
}

#[tokio::test(start_paused = true)]
async fn the_adapter_of_a_server_that_is_alone_keeps_the_contract() {
    adapter_suite(1, || |local| local).await;
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_hears_of_others_by_data_alone_keeps_the_contract() {
    adapter_suite(2, on_a_bus).await;
    adapter_suite(3, on_a_bus).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn both_keep_the_contract_on_many_threads() {
    adapter_suite(1, || |local| local).await;
    adapter_suite(2, on_a_bus).await;
}

/// What an adapter can do wrong.
#[derive(Debug, Clone, Copy)]
enum Fault {
    ActsTwice,
    ForgetsToLeave,
    TellsAllWhatIsLocal,
    IsNotAsked,
    ActsLate,
    AnswersOnce,
    WaitsForever,
    MakesAllDurable,
    CompressesAll,
}

struct Faulty(Connected, Fault);

impl Adapter for Faulty {
    fn act(&self, mut action: Action) {
        let Self(adapter, fault) = self;
        match (fault, &mut action) {
            (Fault::MakesAllDurable, Action::Broadcast(broadcast)) => broadcast.volatile = false,
            (Fault::CompressesAll, Action::Broadcast(broadcast)) => broadcast.compress = true,
            (Fault::ActsTwice, Action::Broadcast(_)) => adapter.act(action.clone()),
            (Fault::ForgetsToLeave, Action::Leave { .. }) => return,
            (Fault::TellsAllWhatIsLocal, Action::Broadcast(broadcast)) => {
                broadcast.to.local = false;
            }
            (Fault::ActsLate, Action::Broadcast(_)) => {
                let here = adapter.here.clone();
                return drop(tokio::spawn(async move { here.act(action) }));
            }
            _ => {}
        }
        adapter.act(action);
    }

    fn ask(&self, query: Query) -> Answers {
        let Self(adapter, fault) = self;
        match (fault, query) {
            (Fault::IsNotAsked, query) => adapter.here.ask(query),
            (Fault::AnswersOnce, query @ Query::Ask { .. }) => adapter.ask(query).take(2).boxed(),
            (Fault::WaitsForever, query) if adapter.others().iter().any(|it| it.0.is_closed()) => {
                adapter.ask(query).chain(futures_util::stream::pending()).boxed()
            }
            (_, query) => adapter.ask(query),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_breaks_the_contract_fails_the_suite() {
    for fault in [
        Fault::ActsTwice,
        Fault::ForgetsToLeave,
        Fault::TellsAllWhatIsLocal,
        Fault::IsNotAsked,
        Fault::ActsLate,
        Fault::AnswersOnce,
        Fault::WaitsForever,
        Fault::MakesAllDurable,
        Fault::CompressesAll,
    ] {
        let cluster = move || {
            let bus = Bus::default();
            move |local| Faulty(bus.join(local), fault)
        };
        assert!(tokio::spawn(adapter_suite(2, cluster)).await.is_err(), "{fault:?}");
    }
}

#[derive(Default)]
struct Lobby;

#[socket_connection]
#[endpoints("/room/{id}" => Lobby)]
impl Lobby {}

/// One whose other server never answers.
struct Lost(Local);

impl Adapter for Lost {
    fn act(&self, action: Action) {
        self.0.act(action);
    }

    fn ask(&self, query: Query) -> Answers {
        let lost = futures_util::stream::iter([Err(AdapterError::Timeout { missing: 1 })]);
        lost.chain(self.0.ask(query)).boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_told_of_beside_what_the_others_say() {
    let io = SocketIo::builder::<Lobby>().adapter(Lost).build();
    let client = TestClient::connect(&io).await.unwrap();
    let missing = AdapterError::Timeout { missing: 1 };
    assert_eq!(io.of("").sockets().await.unwrap_err(), missing);
    assert_eq!(io.of("").rooms().await.unwrap_err(), missing);
    let mut asked = io.of("").emit_with_ack::<u8>("?", ()).stream().unwrap();
    client.expect_call::<()>("?").await.answer(7);
    assert!(matches!(asked.next().await, Some((_, Ok(7)))));
    assert!(asked.next().await.is_none());
    assert_eq!(asked.error(), Some(&missing));
    let (all, ()) = tokio::join!(io.of("").emit_with_ack::<u8>("?", ()), async {
        client.expect_call::<()>("?").await.answer(7);
    });
    let failed = all.unwrap_err();
    assert_eq!(failed.to_string(), "the answers of other servers are missing");
    assert!(matches!(failed.answers[..], [(_, Ok(7))]));
    assert!(matches!(EmitError::from(failed), EmitError::Cluster(_)));
}

/// One that counts how often it is let go of, and takes its time.
struct Leaving(Local, Arc<AtomicUsize>, Duration);

impl Adapter for Leaving {
    fn act(&self, action: Action) {
        self.0.act(action);
    }

    fn ask(&self, query: Query) -> Answers {
        self.0.ask(query)
    }

    fn close(&self) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Box::pin(tokio::time::sleep(self.2))
    }
}

#[derive(Default)]
struct Busy;

#[socket_connection]
impl Busy {
    #[event]
    async fn hang(&self) {
        std::future::pending::<()>().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_is_let_go_of_once_whoever_waits_for_it_and_whatever_hangs() {
    for takes in [Duration::ZERO, Duration::from_secs(3_600)] {
        let closed = Arc::new(AtomicUsize::new(0));
        let server = || {
            let closed = Arc::clone(&closed);
            SocketIo::builder::<Busy>().adapter(move |local| Leaving(local, closed, takes)).build()
        };
        let io = server();
        // Who gives up at once, and two who wait.
        tokio::select! {
            biased;
            () = io.close() => {}
            () = std::future::ready(()) => {}
        }
        tokio::join!(io.close(), io.close());
        assert_eq!(closed.swap(0, Ordering::SeqCst), 1);
        // A handler that does not end keeps it from nothing.
        let io = server();
        let client = TestClient::connect(&io).await.unwrap();
        client.emit("hang", ());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        io.serve_until(listener, axum::Router::new(), tokio::task::yield_now()).await;
        assert_eq!(closed.swap(0, Ordering::SeqCst), 1);
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(closed.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_hears_which_endpoints_and_rooms_there_are() {
    let (told, mut locals) = mpsc::unbounded_channel();
    let io = SocketIo::builder::<Lobby>();
    let io = io.adapter(move |local| (told.send(local.clone()).unwrap(), local).1).build();
    let local = locals.recv().await.unwrap();
    let mut changes = local.changes().unwrap();
    assert!(local.changes().is_none());
    let client = TestClient::connect(&io).endpoint("/room/7").await.unwrap();
    let room = io.of("/room/7");
    room.clone().join_all(["a", "b"]);
    assert!(local.has_room("/room/7", "a") && local.has_room("/room/7", client.id()));
    room.leave_all("a");
    assert!(!local.has_room("/room/7", "a"));
    client.disconnect();
    tokio::time::sleep(Duration::from_millis(1)).await;
    let mut heard = Vec::new();
    while let Ok(change) = changes.try_recv() {
        heard.push(match change {
            Change::Opened { endpoint, room } => {
                format!("+{endpoint} {}", room.unwrap_or_default())
            }
            Change::Closed { endpoint, room } => {
                format!("-{endpoint} {}", room.unwrap_or_default())
            }
            other => panic!("{other:?}"),
        });
    }
    let expected =
        ["+/room/7 ", "+/room/7 a", "+/room/7 b", "-/room/7 a", "-/room/7 b", "-/room/7 "];
    assert_eq!(heard, expected);
    let alone = local.ask(Query::Rooms(Default::default())).next().await;
    assert_eq!(alone, Some(Ok(Answer::Rooms(Vec::new()))));
}

#[tokio::test(start_paused = true)]
async fn what_an_adapter_can_not_read_changes_nothing() {
    let bus = Bus::default();
    let server = || {
        let bus = bus.clone();
        SocketIo::builder::<Lobby>().adapter(move |local| bus.join(local)).build()
    };
    let (io, other) = (server(), server());
    let client = TestClient::connect(&io).await.unwrap();
    let (told, mut hears) = mpsc::unbounded_channel();
    bus.0.lock().unwrap().push(Place(Arc::new(told)));
    other.of("").emit("x", 1).unwrap();
    assert_eq!(client.expect::<u8>("x").await, 1);
    let Some(Message::Act(good)) = hears.recv().await else { panic!("nobody said anything") };
    let bad = ["", "null", "cos\nsystem\n(S'id'\ntR."].map(str::to_owned);
    let cut = (0..good.len()).filter_map(|at| good.get(..at)).map(str::to_owned);
    let long = [good.replace("[1]", &format!("[{}]", "1".repeat(MAX_BYTES)))];
    let broken = ["[1", "1", "[1]]"].map(|args| good.replace("[1]", args));
    for text in bad.into_iter().chain(cut).chain(long).chain(broken) {
        assert_ne!(text, good);
        for place in bus.0.lock().unwrap().iter() {
            let _stopped = place.0.send(Message::Act(text.clone()));
        }
    }
    other.of("").emit("x", 2).unwrap();
    assert_eq!(client.expect::<u8>("x").await, 2);
}
