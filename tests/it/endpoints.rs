//! Which connection serves which path, and what it knows of how it was asked for.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use socketio_core::{
    Context, EndpointTable, Endpoints, EventContext, Reply, SocketConnection, SocketIo, prelude::*,
};
use socketio_tests::http;
use tokio::sync::Semaphore;
use tower_service::Service as _;

use crate::client::{BOTH, Client, Via, serve};

#[derive(Clone)]
struct App {
    diary: Arc<Mutex<Vec<String>>>,
    /// The last connection that `#[on_endpoint]` was asked about.
    socket: Arc<Mutex<Option<Socket>>>,
    gate: Arc<Semaphore>,
}

impl App {
    fn note(&self, line: &str) {
        self.diary.lock().unwrap().push(line.to_owned());
    }

    fn close_reason(&self) -> Option<CloseReason> {
        self.socket.lock().unwrap().as_ref().unwrap().close_reason()
    }

    fn diary(&self) -> Vec<String> {
        std::mem::take(&mut self.diary.lock().unwrap())
    }
}

/// A type and the parameters that its path has, as `Room id=7`.
fn describe(name: &str, info: &ConnectionInfo) -> String {
    let params = ["id", "rest"].map(|key| Some(format!(" {key}={}", info.param(key)?)));
    format!("{name}{}", params.into_iter().flatten().collect::<String>())
}

macro_rules! places {
    ($($place:ident),*) => {$(
        struct $place(String);

        #[socket_connection]
        impl $place {
            #[on_open]
            fn open(info: &ConnectionInfo) -> Self {
                Self(describe(stringify!($place), info))
            }

            #[event("where")]
            fn place(&self) -> &str {
                &self.0
            }

            #[event]
            fn known(&self, info: &ConnectionInfo, name: &str) -> Known {
                known(info, name)
            }

            #[on_close]
            fn close(&self, State(app): State<App>) {
                app.note(&format!("left {}", self.0));
            }
        }
    )*};
}

places!(Exact, Room, Members, Files, Game);

/// All that is known under a name: query arguments, the first of them, a cookie, a header.
type Known = (Vec<String>, Option<String>, Option<String>, Option<String>);

fn known(info: &ConnectionInfo, name: &str) -> Known {
    let owned = |value: Option<&str>| value.map(ToOwned::to_owned);
    let all = info.query_all(name).map(ToOwned::to_owned).collect();
    (all, owned(info.query(name)), owned(info.cookie(name)), owned(info.header(name)))
}

#[derive(Default)]
struct Lobby;

#[socket_connection]
#[endpoints(
    "/room/lobby" => Exact,
    "/room/{id}" => Room,
    "/room/{id}/members" => Members,
    "/files/readme" => Exact,
    "/files/{*rest}" => Files
)]
impl Lobby {
    #[event]
    fn known(&self, info: &ConnectionInfo, name: &str) -> Known {
        known(info, name)
    }

    #[event]
    fn echo(&self, text: &str) -> String {
        text.to_owned()
    }

    #[on_endpoint]
    async fn endpoint(
        path: &str,
        info: &ConnectionInfo,
        socket: Socket,
        State(app): State<App>,
    ) -> Result<Option<Endpoint<App>>, Reject> {
        app.note(&format!("asked for {path}"));
        *app.socket.lock().unwrap() = Some(socket);
        match path {
            "/private" if info.query("key") != Some("7") => {
                return Err(Reject::unauthorized("members only"));
            }
            "/broken" => Err(std::io::Error::other("no database"))?,
            "/panic" => panic!("on purpose"),
            "/slow game" => app.gate.acquire().await?.forget(),
            "/endless" => pending().await,
            _ => {}
        }
        Ok((path == "/private" || path.contains("game")).then(Endpoint::of::<Game>))
    }

    #[on_close]
    fn close(&self, State(app): State<App>) {
        app.note("left");
    }
}

fn build() -> (SocketIo, App) {
    let app =
        App { diary: Arc::default(), socket: Arc::default(), gate: Arc::new(Semaphore::new(0)) };
    (SocketIo::builder::<Lobby>().state(app.clone()).build(), app)
}

const ECHO: &str = r#"5:9+::{"name":"echo","args":["here"]}"#;
const HERE: &str = r#"6:::9+["here"]"#;

/// Joins an endpoint and asks who serves it.
async fn visit(client: &mut Client, path: &str) -> String {
    assert_eq!(client.ask(&format!("1::{path}")).await, format!("1::{path}"));
    let answer = client.ask(&format!(r#"5:1+:{path}:{{"name":"where"}}"#)).await;
    let prefix = format!("6::{path}:1+[\"");
    answer.strip_prefix(&prefix).unwrap_or(&answer).trim_end_matches("\"]").to_owned()
}

#[tokio::test]
async fn the_path_that_says_most_serves_and_names_are_taken_as_they_come() {
    let (io, app) = build();
    let addr = serve(io).await;
    for via in BOTH {
        let mut client = Client::connect(addr, via).await;
        for (path, place) in [
            ("/room/lobby", "Exact"),
            ("/room/7", "Room id=7"),
            ("/room/lobby/members", "Members id=lobby"),
            ("/room/{id}", "Room id={id}"),
            ("/room/{*rest}", "Room id={*rest}"),
            ("/room/__proto__", "Room id=__proto__"),
            ("/room/toString", "Room id=toString"),
            ("/room/..", "Room id=.."),
            ("/room/%2Fa%20b+%zz", "Room id=%2Fa%20b+%zz"),
            ("/room/☃ 😀", "Room id=☃ 😀"),
            ("/files/readme", "Exact"),
            ("/files/readme/first", "Files rest=readme/first"),
            ("/files//a/", "Files rest=/a/"),
            ("/game", "Game"),
            ("/room/7/games", "Game"),
            ("/room//game", "Game"),
            ("game", "Game"),
        ] {
            assert_eq!(visit(&mut client, path).await, place, "{via:?} {path}");
        }
        let asked = ["/game", "/room/7/games", "/room//game", "game"];
        assert_eq!(app.diary(), asked.map(|path| format!("asked for {path}")));
    }
}

#[tokio::test]
async fn a_path_that_nothing_serves_is_silence() {
    let (io, app) = build();
    let addr = serve(io).await;
    let asked = ["/nowhere", "/Room/7", "/room", "/room/", "/room//members", "/files/", "toString"];
    for via in BOTH {
        let mut client = Client::connect(addr, via).await;
        for path in asked.iter().chain(&["/"]) {
            for _ in 0..2 {
                client.send(&format!("1::{path}")).await;
                client.send(&format!(r#"5:1+:{path}:{{"name":"where"}}"#)).await;
                assert_eq!(client.ask(ECHO).await, HERE, "{via:?} {path}");
                assert_eq!(app.close_reason(), Some(CloseReason::Refused), "{path}");
            }
        }
        let twice = asked.map(|path| [format!("asked for {path}"), format!("asked for {path}")]);
        assert_eq!(app.diary(), twice.concat());
    }
}

#[tokio::test]
async fn each_path_of_a_pattern_is_an_endpoint_of_its_own() {
    let (io, _) = build();
    let addr = serve(io.clone()).await;
    let mut both = Client::connect(addr, Via::WebSocket).await;
    let mut one = Client::connect(addr, Via::Polling).await;
    visit(&mut both, "/room/7").await;
    for client in [&mut both, &mut one] {
        visit(client, "/room/8").await;
    }
    io.of("/room/7").emit("news", 7).unwrap();
    io.of("/room/8").emit("news", 8).unwrap();
    let news = |room: u8| format!(r#"5::/room/{room}:{{"name":"news","args":[{room}]}}"#);
    assert_eq!(both.next().await.unwrap(), news(7));
    assert_eq!(both.next().await.unwrap(), news(8));
    assert_eq!(one.next().await.unwrap(), news(8));
}

#[tokio::test]
async fn an_endpoint_knows_its_own_query_and_all_of_the_handshake() {
    let (io, _) = build();
    let addr = serve(io).await;
    let headers = [
        ("Cookie", "a=1; b=x=y;a=2"),
        ("Cookie", "c=\"q\"; é=2"),
        ("X-Token", "secret"),
        ("A", "A"),
    ];
    for via in BOTH {
        let path = "/socket.io/1/?a=h%201&a=h+2&t=1&key=7";
        let answer = http::request(addr, "GET", path, &headers, b"").await.unwrap();
        let line = answer.text().into_owned();
        let mut client = Client::resume(addr, line.split(':').next().unwrap(), via).await;
        assert_eq!(client.next().await.as_deref(), Some("1::"));
        for (connect, endpoint, own) in [
            ("1::/room/1?a=b%2Fc&a=d", "/room/1", r#""b/c","d","#),
            ("1::/room/2:?a=b+c", "/room/2", r#""b c","#),
            ("1::/room/3", "/room/3", ""),
            ("1::/game?&a&x=1", "/game", r#""","#),
            ("1::/private?a=1", "/private", r#""1","#),
            ("1::", "", ""),
        ] {
            assert_eq!(client.ask(connect).await, format!("1::{endpoint}"), "{via:?}");
            let mut ask = async |name: &str| {
                let ask = format!(r#"5:1+:{endpoint}:{{"name":"known","args":["{name}"]}}"#);
                let answer = client.ask(&ask).await;
                answer.strip_prefix(&format!("6::{endpoint}:1+")).unwrap_or(&answer).to_owned()
            };
            let all = format!(r#"[{own}"h 1","h 2"]"#);
            let first = all.trim_matches(['[', ']']).split(',').next().unwrap();
            assert_eq!(ask("a").await, format!(r#"[{all},{first},"1","A"]"#), "{via:?} {connect}");
            assert_eq!(ask("b").await, r#"[[],null,"x=y",null]"#);
            assert_eq!(ask("c").await, r#"[[],null,"\"q\"",null]"#);
            assert_eq!(ask("é").await, r#"[[],null,"2",null]"#);
            assert_eq!(ask("x-token").await, r#"[[],null,null,"secret"]"#);
        }
    }
}

#[tokio::test]
async fn what_on_endpoint_decides_is_what_the_client_is_told() {
    let (io, app) = build();
    let addr = serve(io.clone()).await;
    for via in BOTH {
        let mut client = Client::connect(addr, via).await;
        for (path, answer) in
            [("/private", "7::/private:2"), ("/broken", "7::/broken"), ("/panic", "7::/panic")]
        {
            client.send(&format!(r#"5:1+:{path}:{{"name":"where"}}"#)).await;
            assert_eq!(client.ask(&format!("1::{path}")).await, answer, "{via:?}");
            assert_eq!(app.close_reason(), Some(CloseReason::Refused), "{path}");
            io.of(path).emit("news", ()).unwrap();
            assert_eq!(client.ask(ECHO).await, HERE, "{via:?} {path}");
        }
        // Refused once is not refused for good.
        assert_eq!(client.ask("1::/private?key=7").await, "1::/private");
        assert_eq!(
            client.ask(r#"5:1+:/private:{"name":"where"}"#).await,
            r#"6::/private:1+["Game"]"#
        );
        assert_eq!(app.diary().len(), 4);
    }
}

#[tokio::test]
async fn who_left_is_let_in_anew() {
    let (io, app) = build();
    let addr = serve(io).await;
    for via in BOTH {
        let mut client = Client::connect(addr, via).await;
        for _ in 0..2 {
            for (path, place) in [("/room/7", "Room id=7"), ("/game", "Game")] {
                assert_eq!(visit(&mut client, path).await, place);
                // A repeated connect is answered, and asks nobody.
                assert_eq!(client.ask(&format!("1::{path}")).await, format!("1::{path}"));
                client.send(&format!("0::{path}")).await;
            }
            assert_eq!(client.ask(ECHO).await, HERE);
        }
        let once = ["left Room id=7", "asked for /game", "left Game"];
        assert_eq!(app.diary(), [once, once].concat(), "{via:?}");
    }
}

#[tokio::test]
async fn a_choice_that_takes_long_holds_nobody_up() {
    let (io, app) = build();
    let addr = serve(io.clone()).await;
    for via in BOTH {
        let mut client = Client::connect(addr, via).await;
        client.send("1::/slow game").await;
        client.send(r#"5:1+:/slow game:{"name":"where"}"#).await;
        assert_eq!(visit(&mut client, "/room/7").await, "Room id=7");
        let slow = app.socket.lock().unwrap().clone().unwrap();
        assert_eq!(visit(&mut client, "/game").await, "Game");
        assert_eq!(client.ask(ECHO).await, HERE);
        io.of("/slow game").emit("to those who are in", ()).unwrap();
        slow.emit("held", ()).unwrap();
        app.gate.add_permits(1);
        for packet in
            ["1::/slow game", r#"5::/slow game:{"name":"held"}"#, r#"6::/slow game:1+["Game"]"#]
        {
            assert_eq!(client.next().await.as_deref(), Some(packet), "{via:?}");
        }
    }
}

#[tokio::test]
async fn who_leaves_while_the_choice_is_made_can_come_again() {
    let (io, app) = build();
    let addr = serve(io).await;
    for via in BOTH {
        let mut client = Client::connect(addr, via).await;
        for packet in ["1::/slow game", "0::/slow game", "1::/slow game"] {
            client.send(packet).await;
        }
        assert_eq!(client.ask(ECHO).await, HERE);
        assert_eq!(app.diary(), ["asked for /slow game"]);
        app.gate.add_permits(2);
        assert_eq!(client.next().await.as_deref(), Some("1::/slow game"));
        assert_eq!(visit(&mut client, "/slow game").await, "Game");
        assert_eq!(app.diary(), ["left Game", "asked for /slow game"], "{via:?}");
    }
}

#[tokio::test]
async fn a_client_that_is_gone_when_the_choice_is_made_leaves_nothing_behind() {
    for via in BOTH {
        let (io, app) = build();
        let mut client = Client::connect(serve(io.clone()).await, via).await;
        client.send("1::/slow game").await;
        assert_eq!(client.ask(ECHO).await, HERE);
        client.send("0::").await;
        client.rest().await;
        drop(client);
        assert_eq!(io.sessions(), 1);
        app.gate.add_permits(1);
        while io.sessions() > 0 {
            tokio::task::yield_now().await;
        }
        let mut diary = app.diary();
        diary.sort();
        assert_eq!(diary, ["asked for /slow game", "left", "left Game"], "{via:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_choice_that_never_ends_is_given_up_when_its_client_is_gone() {
    let (io, app) = build();
    let mut service = io.service();
    let handshake = Request::get("/socket.io/1/").body(Body::empty()).unwrap();
    let body = service.call(handshake).await.unwrap().into_body();
    let line = String::from_utf8(to_bytes(body, 1000).await.unwrap().to_vec()).unwrap();
    let url = format!("/socket.io/1/xhr-polling/{}", line.split(':').next().unwrap());
    service.call(Request::post(&url).body(Body::from("1::/endless")).unwrap()).await.unwrap();
    let leave = Request::get(format!("{url}?disconnect")).body(Body::empty()).unwrap();
    service.call(leave).await.unwrap();
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!(
        (io.sessions(), app.diary()),
        (1, vec!["asked for /endless".to_owned(), "left".to_owned()])
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!((io.sessions(), app.diary()), (0, Vec::new()));
}

/// A table that is filled by hand, with the `N`th of [`MISTAKES`].
struct ByHand<const N: usize>;

const MISTAKES: [(&[&str], &str); 6] = [
    (&["/chat", "/chat"], "endpoint `/chat`: `/chat` matches the same"),
    (&["/{a}/b", "/{c}/d", "/{c}/b"], "endpoint `/{c}/b`: `/{a}/b` matches the same"),
    (&["/a/{*rest}", "/a/{id}"], "endpoint `/a/{id}`: `/a/{*rest}` matches the same"),
    (&["/a/{id"], "endpoint `/a/{id`: "),
    (&["chat", "/"], "endpoint `chat`: it must start with `/`"),
    (&["/"], "endpoint `/`: it must start with `/`, and say more than that"),
];

impl<const N: usize> SocketConnection for ByHand<N> {
    type Kept = ();

    async fn open(_: &Context<'_, ()>) -> Result<(Self, ()), Reject> {
        Ok((Self, ()))
    }

    async fn dispatch(&mut self, _: &(), _: &EventContext<'_, ()>) -> Result<Reply, HandlerError> {
        Ok(Reply::Unhandled)
    }
}

impl<const N: usize> Endpoints<()> for ByHand<N> {
    fn endpoints(table: &mut EndpointTable<()>) {
        MISTAKES[N].0.iter().for_each(|path| table.add::<Self>(path));
    }
}

#[tokio::test]
async fn a_server_whose_endpoints_contradict_each_other_is_not_built() {
    fn check<const N: usize>() {
        let build = || SocketIo::builder::<ByHand<N>>().build();
        let panic = std::panic::catch_unwind(build).unwrap_err();
        let reason = panic.downcast::<String>().unwrap();
        let expected = format!("the server can't be built: {}", MISTAKES[N].1);
        assert!(reason.starts_with(&expected), "{reason}");
    }
    check::<0>();
    check::<1>();
    check::<2>();
    check::<3>();
    check::<4>();
    check::<5>();
}

/// A part of the state that there is not.
#[derive(Clone)]
struct Missing;

impl FromRef<()> for Missing {
    fn from_ref((): &()) -> Self {
        panic!("on purpose");
    }
}

#[derive(Default)]
struct Careless;

#[socket_connection]
impl Careless {
    #[on_endpoint]
    fn endpoint(_path: &str) -> Option<Endpoint<Missing>> {
        Some(Endpoint::of::<NeverOpen>())
    }

    #[event]
    fn alive(&self) -> bool {
        true
    }
}

#[derive(Default)]
struct NeverOpen;

#[socket_connection]
impl NeverOpen {}

#[tokio::test]
async fn a_panic_in_what_a_chosen_type_starts_with_refuses_that_endpoint_alone() {
    let addr = serve(SocketIo::builder::<Careless>().build()).await;
    for via in BOTH {
        let mut client = Client::connect(addr, via).await;
        assert_eq!(client.ask("1::/bad").await, "7::/bad");
        assert_eq!(client.ask(r#"5:1+::{"name":"alive"}"#).await, "6:::1+[true]");
    }
}
