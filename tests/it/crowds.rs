//! More clients than there is room for: who is refused, how, and that room comes back.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use socketio_core::{Builder, SocketIo, SocketIoService, prelude::*};
use tower_service::Service as _;

use crate::stats::until;

#[derive(Default)]
struct Lobby;

#[socket_connection]
impl Lobby {}

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

    async fn leave(&mut self, id: &str) {
        let request = Request::post(format!("{POLLING}&sid={id}")).body(Body::from("1")).unwrap();
        assert_eq!(self.service.call(request).await.unwrap().status(), 200);
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
