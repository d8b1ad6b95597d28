//! What every adapter has to do, as tests that its author runs.
//!
//! In: what makes the adapters of a cluster. Out: nothing, or a panic that names the claim that does not hold.
//! Servers are whole ones, with clients in memory, so a claim is about what clients get. Nothing here rests on
//! the clock, but that a cluster has 10 s to come together and each client its patience.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::TestClient;
use crate::adapter::{Adapter, Local, Occupant, RemoteSocket};
use crate::connection::Reject;
use crate::driver::{Command, Mailbox, Wire};
use crate::id::{SessionId, SocketId};
use crate::protocol::Binary;
use crate::server::SocketIo;
use crate::session::NoAck;
use crate::socket::{AckError, ConnectionInfo, Emitter, Server, Socket};
use crate::stats::Counters;

/// Holds an adapter to its contract: what [`Adapter`] says, seen from the clients of a cluster.
///
/// `new_cluster` is called for each claim, and what it gives for each of the `servers` of that cluster: servers of
/// one cluster reach each other and none of another. They are waited for until each sees all clients, at most
/// 10 s; for a server that is gone without a word, at most 60 s. An adapter for a real network needs tokio's real clock, others do with a paused one as well.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// use socketio_core::test::adapter_suite;
///
/// // The adapter of a server that is alone.
/// adapter_suite(1, || |local| local).await;
/// # }
/// ```
///
/// # Panics
///
/// When a claim does not hold.
pub async fn adapter_suite<A, J>(servers: usize, new_cluster: impl Fn() -> J)
where
    A: Adapter,
    J: Fn(Local) -> A + Clone + Send + 'static,
{
    let start = || Cluster::start(servers, new_cluster());
    those_who_are_meant_get_it_once_and_in_order_and_nobody_else(start().await).await;
    direct_emissions_keep_their_place_among_broadcasts(start().await).await;
    all_bodies_arrive_as_they_were_sent(start().await).await;
    connections_and_their_rooms_are_seen(start().await).await;
    connections_are_moved_in_the_order_of_the_calls(start().await).await;
    connections_are_closed_and_others_are_not(start().await).await;
    every_client_that_is_asked_is_heard_of_once(start().await).await;
    how_something_is_sent_is_carried(start().await).await;
    tasks_that_do_all_of_this_at_once_disturb_nobody(start().await).await;
    a_server_that_has_stopped_is_not_waited_for(start().await).await;
    let join = new_cluster();
    let cluster = Cluster::start(servers, join.clone()).await;
    a_server_that_is_gone_is_not_waited_for_without_end(cluster, join).await;
}

const ENDPOINT: &str = "/suite";
const BESIDE: &str = "/beside";

/// The clients of each cluster, and the rooms that they are in.
const CLIENTS: [(&str, &[&str]); 4] =
    [("a", &["x"]), ("b", &["y"]), ("c", &["x", "y"]), ("d", &[])];

struct Seat;

#[socketio_macros::socket_connection]
#[endpoints("/suite" => Seat, "/beside" => Seat)]
impl Seat {
    #[on_open]
    fn open(socket: &Socket, info: &ConnectionInfo) -> Result<Self, Reject> {
        info.query_all("room").for_each(|room| socket.join(room));
        Ok(Self)
    }
}

/// A client, and its connection on its server.
struct Member {
    name: &'static str,
    rooms: &'static [&'static str],
    server: usize,
    client: TestClient,
    socket: Socket,
}

struct Cluster {
    servers: Vec<SocketIo>,
    locals: Vec<Local>,
    members: Vec<Member>,
}

impl Cluster {
    async fn start<A, J>(count: usize, join: J) -> Self
    where
        A: Adapter,
        J: Fn(Local) -> A + Clone + Send + 'static,
    {
        let (tell, told) = std::sync::mpsc::channel();
        let server = |_| {
            let (join, tell) = (join.clone(), tell.clone());
            let adapter = move |local: Local| {
                ok("tell", tell.send(local.clone()));
                join(local)
            };
            SocketIo::builder::<Seat>().adapter(adapter).build()
        };
        let servers = (0..count).map(server).collect();
        let locals = told.try_iter().collect();
        let mut cluster = Self { servers, locals, members: Vec::new() };
        for ((name, rooms), server) in CLIENTS.into_iter().zip((0..count).cycle()) {
            let io = cluster.server(server);
            let client = TestClient::connect(io).endpoint(ENDPOINT);
            let client = rooms.iter().fold(client, |client, room| client.query("room", room));
            let client = ok("connect", client.query("name", name).await);
            let socket = io.of(ENDPOINT).socket(&client.id().into());
            let Some(socket) = socket else { panic!("{name} is not on its server") };
            cluster.members.push(Member { name, rooms, server, client, socket });
        }
        let together = tokio::time::timeout(Duration::from_secs(10), cluster.come_together());
        ok("come together within 10 s", together.await);
        cluster
    }

    async fn come_together(&self) {
        for io in &self.servers {
            while !matches!(io.of(ENDPOINT).sockets().await, Ok(all) if all.len() == CLIENTS.len())
            {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }

    fn server(&self, number: usize) -> &SocketIo {
        match self.servers.get(number) {
            Some(server) => server,
            None => panic!("a suite for no server"),
        }
    }

    /// The last, which is another than the first where there are several.
    fn last(&self) -> &SocketIo {
        self.server(self.servers.len().saturating_sub(1))
    }

    fn member(&self, name: &str) -> &Member {
        match self.members.iter().find(|member| member.name == name) {
            Some(member) => member,
            None => panic!("there is no {name}"),
        }
    }

    /// The names of those that are seen.
    async fn seen(&self, those: Emitter<'_>) -> String {
        let found = ok("sockets", those.sockets().await);
        let id = |member: &&Member| found.iter().any(|socket| socket.id == member.socket.id());
        let names: String = self.members.iter().filter(id).map(|member| member.name).collect();
        assert_eq!(found.len(), names.len(), "each is seen once: {found:?}");
        names
    }
}

/// Who says something.
#[derive(Debug, Clone, Copy)]
enum Speaker {
    Server(usize),
    Socket(&'static str),
}

async fn those_who_are_meant_get_it_once_and_in_order_and_nobody_else(cluster: Cluster) {
    let id = cluster.member("c").socket.id().to_string();
    let id = id.as_str();
    let mut expected: BTreeMap<(&str, usize), Vec<String>> = BTreeMap::new();
    let servers = (0..cluster.servers.len()).map(Speaker::Server);
    for speaker in servers.chain(["a", "c"].map(Speaker::Socket)) {
        for to in [&["all"][..], &[], &["x"], &["x", "y"], &[id], &["x", id], &["nobody"]] {
            let to = (to != ["all"]).then_some(to);
            for except in [&[][..], &["y"], &[id], &["x", "nobody"]] {
                for local in [false, true] {
                    let case = format!("{speaker:?} to {to:?} except {except:?} local {local}");
                    let (server, emitter) = match speaker {
                        Speaker::Server(server) => (server, cluster.server(server).of(ENDPOINT)),
                        Speaker::Socket(name) => {
                            let member = cluster.member(name);
                            (member.server, member.socket.broadcast())
                        }
                    };
                    let emitter = to.iter().fold(emitter, |emitter, to| emitter.to(*to));
                    let emitter = emitter.except(except);
                    let emitter = if local { emitter.local() } else { emitter };
                    ok("emit", emitter.emit("case", (server, Some(&case))));
                    for member in &cluster.members {
                        let own = member.socket.id().to_string();
                        let is_in = |room: &&str| member.rooms.contains(room) || **room == own;
                        let is_named = to.is_none_or(|to| to.iter().any(is_in));
                        let is_near = member.server == server;
                        if is_named
                            && !except.iter().any(is_in)
                            && (is_near || !local)
                            && !matches!(speaker, Speaker::Socket(name) if name == member.name)
                        {
                            expected.entry((member.name, server)).or_default().push(case.clone());
                        }
                    }
                }
            }
        }
    }
    for (number, io) in cluster.servers.iter().enumerate() {
        ok("emit", io.of(BESIDE).emit("case", (number, Some("beside"))));
        ok("emit", io.of(ENDPOINT).emit("case", (number, None::<&str>)));
    }
    for member in &cluster.members {
        let mut got: BTreeMap<(&str, usize), Vec<String>> = BTreeMap::new();
        let mut running = cluster.servers.len();
        while running > 0 {
            match member.client.expect::<(usize, Option<String>)>("case").await {
                (server, Some(case)) => got.entry((member.name, server)).or_default().push(case),
                (_, None) => running -= 1,
            }
        }
        for server in 0..cluster.servers.len() {
            let key = (member.name, server);
            assert_eq!(
                got.get(&key),
                expected.get(&key),
                "what {} gets from {server}",
                member.name
            );
        }
    }
}

async fn direct_emissions_keep_their_place_among_broadcasts(cluster: Cluster) {
    let Member { socket, client, server, .. } = cluster.member("c");
    for number in (0..100).step_by(4) {
        ok("emit", cluster.server(*server).of(ENDPOINT).to("y").emit("n", number));
        ok("emit", socket.emit("n", number + 1));
        ok("emit", cluster.server(*server).of(ENDPOINT).to(socket.id()).emit("n", number + 2));
        ok("emit", socket.volatile().emit("skipped", ()));
        ok("emit", socket.emit("n", number + 3));
    }
    client.ignore("skipped");
    for number in 0..100 {
        assert_eq!(client.expect::<u32>("n").await, number, "the order of the calls");
    }
}

async fn all_bodies_arrive_as_they_were_sent(cluster: Cluster) {
    let all = || cluster.last().of(ENDPOINT);
    let bytes = Binary(Bytes::from_static(&[0, 255, 7]));
    ok("emit", all().emit("é \"quoted\"", ("😀", 1.5, json!({ "a": [null, true] }))));
    ok("emit", all().emit("none", ()));
    ok("emit", all().emit("bytes", ("a", &bytes)));
    ok("send", all().send("text\n"));
    ok("send", all().send_json(json!({ "b": 1 })));
    ok("emit", all().volatile().emit("volatile", ()));
    for Member { client, .. } in &cluster.members {
        let event: (String, f64, Value) = client.expect("é \"quoted\"").await;
        assert_eq!(event, ("😀".to_owned(), 1.5, json!({ "a": [null, true] })));
        client.expect::<()>("none").await;
        assert_eq!(
            client.expect::<(String, Binary)>("bytes").await,
            ("a".to_owned(), bytes.clone())
        );
        assert_eq!(client.expect::<String>("message").await, "text\n");
        assert_eq!(client.expect::<Value>("message").await, json!({ "b": 1 }));
    }
}

async fn connections_and_their_rooms_are_seen(cluster: Cluster) {
    for (number, io) in cluster.servers.iter().enumerate() {
        let of = || io.of(ENDPOINT);
        assert_eq!(cluster.seen(of()).await, "abcd");
        assert_eq!(cluster.seen(of().to("x")).await, "ac");
        assert_eq!(cluster.seen(of().to(["x", "y"]).except("y")).await, "a");
        assert_eq!(cluster.seen(of().to(cluster.member("b").socket.id())).await, "b");
        assert_eq!(cluster.seen(io.of(BESIDE)).await, "");
        let here: String = cluster
            .members
            .iter()
            .filter(|member| member.server == number)
            .map(|member| member.name)
            .collect();
        assert_eq!(cluster.seen(of().local()).await, here);
        assert_eq!(ok("rooms", of().rooms().await), ["x", "y"]);
        assert_eq!(ok("rooms", of().to("x").except("y").rooms().await), ["x"]);
        for remote in ok("sockets", of().to("y").sockets().await) {
            let member = cluster.members.iter().find(|member| member.socket.id() == remote.id);
            assert_eq!(Some(remote.rooms), member.map(|member| member.socket.rooms()));
            let name = remote.query.iter().find(|(key, _)| key == "name");
            assert_eq!(name.map(|(_, name)| &**name), member.map(|member| member.name));
        }
    }
}

async fn connections_are_moved_in_the_order_of_the_calls(cluster: Cluster) {
    let of = || cluster.last().of(ENDPOINT);
    of().to("x").join_all(["new", "newer"]);
    ok("emit", of().to("new").emit("joined", ()));
    of().to("y").leave_all("new");
    ok("emit", of().to("new").emit("left", ()));
    of().except("x").join_all("new");
    ok("emit", of().to("new").emit("others", ()));
    assert_eq!(cluster.seen(of().to("new")).await, "abd");
    assert_eq!(ok("rooms", of().rooms().await), ["new", "newer", "x", "y"]);
    of().leave_all(["new", "newer"]);
    ok("emit", of().to(["new", "newer"]).emit("nobody is there", ()));
    ok("emit", of().emit("end", ()));
    for Member { name, client, .. } in &cluster.members {
        for (event, who) in [("joined", "ac"), ("left", "a"), ("others", "abd"), ("end", "abcd")] {
            if who.contains(name) {
                client.expect::<()>(event).await;
            }
        }
    }
}

async fn connections_are_closed_and_others_are_not(cluster: Cluster) {
    let of = || cluster.last().of(ENDPOINT);
    let beside =
        async |name| ok("join", cluster.member(name).client.join_endpoint(BESIDE, ()).await);
    let (a, b) = (beside("a").await, beside("b").await);
    of().to("x").except("y").disconnect();
    of().to("y").close();
    assert_eq!(cluster.seen(of()).await, "d");
    for name in ["a", "b", "c"] {
        cluster.member(name).client.expect_closed().await;
    }
    a.expect_closed().await;
    ok("emit", cluster.last().of(BESIDE).emit("still there", ()));
    b.expect::<()>("still there").await;
    ok("emit", of().emit("still there", ()));
    cluster.member("d").client.expect::<()>("still there").await;
}

async fn every_client_that_is_asked_is_heard_of_once(cluster: Cluster) {
    let of = || cluster.last().of(ENDPOINT).timeout(Duration::from_secs(1));
    let mut asked = ok("ask", of().emit_with_ack::<String>("name?", 7).stream());
    ok("emit", of().emit("behind", ()));
    for Member { name, client, .. } in &cluster.members {
        let call = client.expect_call::<u32>("name?").await;
        assert_eq!(call.args, 7);
        match *name {
            "a" | "b" => call.answer(name),
            _ => {}
        }
        client.expect::<()>("behind").await;
    }
    cluster.member("c").socket.close();
    let mut answers = BTreeMap::new();
    while let Some((id, answer)) = asked.next().await {
        let answer = match answer {
            Ok(name) => name,
            Err(AckError::None(NoAck::Closed)) => "closed".to_owned(),
            Err(AckError::None(NoAck::Timeout)) => "timeout".to_owned(),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(answers.insert(id, answer), None, "each is heard of once");
    }
    assert_eq!(asked.error(), None);
    let expected = cluster.members.iter().map(|member| {
        let answer = match member.name {
            "c" => "closed",
            "d" => "timeout",
            name => name,
        };
        (member.socket.id(), answer.to_owned())
    });
    assert_eq!(answers, expected.collect());
    let nobody = cluster.last().of(ENDPOINT).to("nobody").emit_with_ack::<()>("?", ());
    assert_eq!(ok("ask", nobody.await).len(), 0);
    // Who gives up on the answers disturbs nobody.
    drop(cluster.last().of(ENDPOINT).emit_with_ack::<()>("dropped", ()).stream());
    ok("emit", of().emit("end", ()));
    for Member { client, .. } in cluster.members.iter().filter(|member| member.name != "c") {
        client.ignore("dropped");
        client.expect::<()>("end").await;
    }
}

/// A member that nothing is delivered to: what comes is looked at in its mailbox.
struct Probe(SocketId);

impl Occupant for Probe {
    fn id(&self) -> SocketId {
        self.0.clone()
    }

    fn describe(&self) -> RemoteSocket {
        RemoteSocket::new(self.id())
    }

    fn close(self: Arc<Self>, _: bool) {}
}

/// One at an endpoint of each server, with a mailbox that has room for so much.
fn probe(cluster: &Cluster, endpoint: &str, room: usize) -> Vec<Mailbox> {
    let probe = |local: &Local| {
        let counters = Arc::new(Counters::new(&[], &[], &[], std::time::Instant::now()));
        let id = ok("an id", SessionId::random());
        let mailbox = Mailbox::new(id, Wire::Engine4, None, room, counters);
        let probe = Arc::new(Probe(ok("an id", SocketId::random())));
        local.add(&endpoint.into(), mailbox.clone(), probe);
        mailbox
    };
    cluster.locals.iter().map(probe).collect()
}

async fn how_something_is_sent_is_carried(cluster: Cluster) {
    const HOW: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];
    let all = |endpoint, (volatile, compress)| {
        let emitter = cluster.last().of(endpoint).compress(compress);
        if volatile { emitter.volatile() } else { emitter }
    };
    let mailboxes = probe(&cluster, "/probe", usize::MAX);
    for how in HOW {
        ok("emit", all("/probe", how).emit("n", ()));
    }
    for mailbox in mailboxes {
        let mut came = Vec::new();
        let arrived = async {
            while came.len() < HOW.len() {
                let commands = mailbox.take(&Context::from_waker(Waker::noop()));
                for command in commands {
                    let Command::Emit { emission, volatile, .. } = command else { continue };
                    came.push((volatile, emission.asks_for_compression()));
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        ok("arrive within 10 s", tokio::time::timeout(Duration::from_secs(10), arrived).await);
        assert_eq!(came, HOW, "volatile and compressed");
    }
    let full = probe(&cluster, "/full", 0);
    for (volatile, expected) in [(true, NoAck::Skipped), (false, NoAck::Closed)] {
        let answers = ok("ask", all("/full", (volatile, true)).emit_with_ack::<()>("?", ()).await);
        assert_eq!(answers.len(), full.len());
        for (_, answer) in answers {
            assert!(matches!(answer, Err(AckError::None(no)) if no == expected), "{answer:?}");
        }
    }
}

/// Does everything there is to do with rooms, again and again.
async fn bustle(io: Server, number: usize) {
    for round in 0..50 {
        let all = || io.of(ENDPOINT);
        ok("emit", all().emit("n", (number, round)));
        all().to("x").join_all("busy");
        ok("emit", all().to("busy").except(["x", "y"]).emit("never: they have left", ()));
        all().to("busy").leave_all("busy");
        assert_eq!(ok("sockets", all().sockets().await).len(), CLIENTS.len());
        tokio::task::yield_now().await;
    }
}

async fn tasks_that_do_all_of_this_at_once_disturb_nobody(cluster: Cluster) {
    const TASKS: usize = 4;
    let tasks: Vec<_> = cluster
        .servers
        .iter()
        .enumerate()
        .flat_map(|(server, io)| {
            (0..TASKS).map(move |task| tokio::spawn(bustle((**io).clone(), server * TASKS + task)))
        })
        .collect();
    let count = tasks.len();
    for task in tasks {
        ok("a task", task.await);
    }
    for Member { name, client, .. } in &cluster.members {
        let mut next: BTreeMap<usize, usize> = BTreeMap::new();
        for _ in 0..count * 50 {
            let (task, round) = client.expect::<(usize, usize)>("n").await;
            let next = next.entry(task).or_default();
            assert_eq!(round, *next, "what {name} gets of task {task}");
            *next += 1;
        }
    }
    let left: BTreeSet<_> =
        ok("rooms", cluster.last().of(ENDPOINT).rooms().await).into_iter().collect();
    assert!(left.is_superset(&["x", "y"].map(ToOwned::to_owned).into()), "{left:?}");
}

async fn a_server_that_has_stopped_is_not_waited_for(cluster: Cluster) {
    cluster.server(0).close().await;
    let here: String = cluster
        .members
        .iter()
        .filter(|member| member.server != 0)
        .map(|member| member.name)
        .collect();
    assert_eq!(cluster.seen(cluster.last().of(ENDPOINT)).await, here);
}

async fn a_server_that_is_gone_is_not_waited_for_without_end<A, J>(cluster: Cluster, join: J)
where
    A: Adapter,
    J: Fn(Local) -> A + Clone + Send + 'static,
{
    if cluster.servers.len() < 2 {
        return;
    }
    // Its runtime ends, and all that runs in it, but nobody has said that it stops.
    let gone = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        ok("a runtime", runtime).block_on(async {
            let io = SocketIo::builder::<Seat>().adapter(join).build();
            tokio::task::yield_now().await;
            io
        })
    });
    let _gone = gone.join();
    let patience = Duration::from_secs(60);
    let all = || cluster.last().of(ENDPOINT);
    for _ in 0..2 {
        let sockets = tokio::time::timeout(patience, all().sockets()).await;
        if let Ok(sockets) = ok("an answer or an error within 60 s", sockets) {
            assert_eq!(sockets.len(), CLIENTS.len());
        }
    }
    let asked =
        ok("ask", all().timeout(Duration::from_secs(1)).emit_with_ack::<()>("?", ()).stream());
    let answers = tokio::time::timeout(patience, asked.count()).await;
    assert_eq!(ok("an end within 60 s", answers), CLIENTS.len());
}

#[track_caller]
fn ok<T, E: Debug>(what: &str, result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{what}: {error:?}"))
}
