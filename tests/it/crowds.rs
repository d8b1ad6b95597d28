//! More clients than there is room for: who is refused, how, and that room comes back.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use socketio_core::{Builder, SocketIo, SocketIoService, prelude::*};
use socketio_tests::connection::{Connection, DEADLINE};
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;
use tower_service::Service as _;

use crate::client::serve;
use crate::stats::until;

struct Lobby {
    panics: bool,
}

#[socket_connection]
impl Lobby {
    #[on_open]
    async fn open(info: &ConnectionInfo) -> Result<Self, Reject> {
        match info.query("open") {
            Some("waits") => std::future::pending().await,
            Some("panics") => panic!("this one, too"),
            Some("refuses") => Err(Reject::unauthorized("no")),
            other => Ok(Self { panics: other == Some("badly") }),
        }
    }

    #[on_close]
    fn close(&self) {
        assert!(!self.panics, "as if it were not over yet");
    }

    #[event]
    async fn hang(&self) {
        std::future::pending::<()>().await;
    }

    #[event]
    fn panic(&self) {
        panic!("and this one");
    }
}

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";

struct Door {
    io: SocketIo,
    service: SocketIoService,
}

/// What a handshake came to: the status, the session if there is one, and when to come again.
type Answer = (u16, Option<String>, Option<String>);

impl Door {
    fn new(options: impl FnOnce(Builder<Lobby>) -> Builder<Lobby>) -> Self {
        let io = options(SocketIo::builder()).build();
        Self { service: io.service(), io }
    }

    async fn knock(&mut self, peer: &str, path: &str) -> Answer {
        let peer: SocketAddr = peer.parse().unwrap();
        let request = Request::get(path).extension(ConnectInfo(peer)).body(Body::empty()).unwrap();
        let answer = self.service.call(request).await.unwrap();
        let header = answer.headers().get("retry-after");
        let retry_after = header.map(|value| value.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 1000).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let id = body.split('"').nth(3).or(body.split(':').next());
        (status, id.filter(|_| status == 200).map(ToOwned::to_owned), retry_after)
    }

    async fn try_post(&mut self, id: &str, body: &'static str) -> u16 {
        let request = Request::post(format!("{POLLING}&sid={id}")).body(Body::from(body)).unwrap();
        self.service.call(request).await.unwrap().status().as_u16()
    }

    async fn post(&mut self, id: &str, body: &'static str) {
        assert_eq!(self.try_post(id, body).await, 200, "{body}");
    }

    async fn leave(&mut self, id: &str) {
        self.post(id, "1").await;
    }
}

#[tokio::test]
async fn there_is_room_for_so_many_and_for_another_when_one_has_left() {
    for path in [POLLING, "/socket.io/1/", "/socket.io/?EIO=3&transport=polling"] {
        let mut door = Door::new(|builder| builder.max_sessions(2));
        let (_, first, _) = door.knock("10.0.0.1:1", POLLING).await;
        assert_eq!(door.knock("10.0.0.2:1", path).await.0, 200);
        assert_eq!(door.knock("10.0.0.3:1", path).await, (503, None, Some("5".to_owned())));
        assert_eq!(door.io.stats().rejected_handshakes.sessions, 1);
        door.leave(&first.unwrap()).await;
        until(&door.io, "left", |stats| stats.clients.active_sessions == 1).await;
        assert_eq!(door.knock("10.0.0.3:1", path).await.0, 200);
    }
}

#[tokio::test]
async fn one_address_takes_so_many_places_and_no_other_s() {
    let mut door = Door::new(|builder| builder.max_sessions_per_address(2));
    let (_, first, _) = door.knock("10.0.0.1:1", POLLING).await;
    assert_eq!(door.knock("10.0.0.1:2", "/socket.io/1/").await.0, 200);
    let refused = (429, None, Some("5".to_owned()));
    for path in [POLLING, "/socket.io/1/"] {
        assert_eq!(door.knock("10.0.0.1:3", path).await, refused);
    }
    assert_eq!(door.knock("10.0.0.2:1", POLLING).await.0, 200);
    door.leave(&first.unwrap()).await;
    until(&door.io, "left", |stats| stats.clients.active_sessions == 2).await;
    assert_eq!(door.knock("10.0.0.1:3", POLLING).await.0, 200);
    assert_eq!(door.knock("10.0.0.1:3", POLLING).await, refused);
    assert_eq!(door.io.stats().rejected_handshakes.address, 3);
}

#[tokio::test]
async fn addresses_behind_a_proxy_are_those_that_it_tells() {
    let mut door = Door::new(|builder| builder.max_sessions_per_address(1).trusted_proxies(1));
    let mut knock = async |client: &str| {
        let peer: SocketAddr = "10.0.0.1:1".parse().unwrap();
        let request = Request::get(POLLING).header("X-Forwarded-For", client);
        let request = request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap();
        door.service.call(request).await.unwrap().status().as_u16()
    };
    assert_eq!(
        [knock("1.1.1.1").await, knock("1.1.1.2").await, knock("1.1.1.1").await],
        [200, 200, 429]
    );
}

#[tokio::test(start_paused = true)]
async fn handshakes_come_at_so_many_a_second() {
    let mut door = Door::new(|builder| builder.max_handshakes_per_second(10));
    for _ in 0..10 {
        assert_eq!(door.knock("10.0.0.1:1", POLLING).await.0, 200);
    }
    assert_eq!(door.knock("10.0.0.2:1", POLLING).await, (503, None, Some("1".to_owned())));
    tokio::time::advance(Duration::from_millis(100)).await;
    assert_eq!(door.knock("10.0.0.2:1", POLLING).await.0, 200);
    assert_eq!(door.knock("10.0.0.2:1", POLLING).await.0, 503);
    assert_eq!(door.io.stats().rejected_handshakes.rate, 2);
}

#[tokio::test]
async fn a_server_that_stops_says_when_to_come_again() {
    let mut door = Door::new(|builder| builder);
    door.io.close().await;
    for path in [POLLING, "/socket.io/1/"] {
        assert_eq!(door.knock("10.0.0.1:1", path).await, (503, None, Some("5".to_owned())));
    }
}

/// Who has not been let in yet has a place, too.
#[tokio::test(start_paused = true)]
async fn handshakes_that_wait_for_their_answer_are_sessions() {
    let mut door = Door::new(|builder| builder.max_sessions(2));
    let waiting = "/socket.io/1/?open=waits";
    let request = || Request::get(waiting).body(Body::empty()).unwrap();
    let answers = [door.service.call(request()), door.service.call(request())];
    assert_eq!(door.io.stats().clients.active_sessions, 0);
    for path in [POLLING, "/socket.io/1/", waiting] {
        assert_eq!(door.knock("10.0.0.3:1", path).await.0, 503);
    }
    drop(answers);
    // Longer than anything may take.
    tokio::time::sleep(Duration::from_secs(200)).await;
    assert_eq!((door.io.sessions(), door.knock("10.0.0.3:1", POLLING).await.0), (0, 200));
}

#[tokio::test(start_paused = true)]
async fn sessions_that_are_over_have_their_place_until_their_handlers_have_ended() {
    let mut door = Door::new(|builder| builder.max_sessions(1));
    let id = door.knock("10.0.0.1:1", POLLING).await.1.unwrap();
    for body in ["40", r#"42["hang"]"#] {
        door.post(&id, body).await;
    }
    door.leave(&id).await;
    until(&door.io, "left", |stats| stats.clients.active_sessions == 0).await;
    assert_eq!(door.knock("10.0.0.2:1", POLLING).await.0, 503);
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(door.knock("10.0.0.2:1", POLLING).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn however_a_session_ends_its_place_is_given_back() {
    let mut door = Door::new(|builder| builder.max_sessions(1).max_sessions_per_address(1));
    for open in ["", "waits", "panics", "refuses", "badly"] {
        for path in [POLLING, "/socket.io/1/?x", POLLING] {
            let path = format!("{path}&open={open}");
            // Its client may not wait for the answer.
            let knock = door.knock("10.0.0.1:1", &path);
            let answer = tokio::time::timeout(Duration::from_secs(1), knock).await;
            assert!(!matches!(answer, Ok((429 | 503, ..))), "{path}: {answer:?}");
            if let Ok((_, Some(id), _)) = answer
                && path.starts_with(POLLING)
            {
                for body in ["40", r#"42["panic"]"#, "41"] {
                    let _over_by_now = door.try_post(&id, body).await;
                }
            }
            // Longer than anything may take.
            tokio::time::sleep(Duration::from_secs(200)).await;
            assert_eq!(door.io.sessions(), 0, "{path}");
        }
    }
    assert_eq!(door.knock("10.0.0.1:1", POLLING).await.0, 200);
}

#[tokio::test]
async fn there_are_so_many_connections_and_another_when_one_has_ended() {
    let io = SocketIo::builder::<Lobby>().max_connections(2).build();
    let addr = serve(io.clone()).await;
    let path = "/socket.io/?EIO=4&transport=websocket";
    // What a WebSocket was before it was one is still open.
    let mut upgraded = WebSocket::open(addr, path, &[], "13").await.unwrap();
    assert_eq!(upgraded.answer().await.unwrap().status, 101);
    assert!(upgraded.receive().await.unwrap().is_some());
    let idle = Connection::open(addr).await.unwrap();
    for rejected in 1..=3 {
        assert!(!is_served(addr).await);
        assert_eq!(io.stats().rejected_connections, rejected);
    }
    idle.close().await.unwrap();
    assert!(is_served(addr).await);
    upgraded.cut().await.unwrap();
    let _idle = Connection::open(addr).await.unwrap();
    let served = async { while !is_served(addr).await {} };
    tokio::time::timeout(DEADLINE, served).await.unwrap();
}

/// Whether a connection is taken, or closed at once.
async fn is_served(addr: SocketAddr) -> bool {
    http::request(addr, "GET", "/socket.io/", &[], b"").await.is_ok()
}
