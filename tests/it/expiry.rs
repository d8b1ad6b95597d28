//! Connections that expire: what their clients hear, what handlers do, and who comes back.

use std::time::{Duration, SystemTime};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use socketio_core::{Recovery, SocketIo, prelude::*};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use tower_service::Service as _;

use crate::client::{BOTH, Client, serve};

type Diary = UnboundedSender<String>;

struct Account(Diary);

#[socket_connection]
#[endpoints("/side" => Account)]
impl Account {
    #[on_open]
    fn open(State(diary): State<Diary>) -> Self {
        Self(diary)
    }

    /// Deadlines that are moved before they are reached, and one that is lifted.
    #[event]
    fn refresh(&self, socket: &Socket) {
        socket.expire_at(SystemTime::now() + Duration::from_secs(60));
        socket.expire_in(Duration::from_secs(3600));
        socket.expire_in(Duration::MAX);
        socket.expire_in(None);
    }

    #[event]
    fn lapse(&self, socket: &Socket, token: &str) {
        socket.expire_at(SystemTime::UNIX_EPOCH);
        self.0.send(format!("lapse {token}")).unwrap();
    }

    /// Takes until the end has come.
    #[event]
    async fn outlive(&self, socket: &Socket) {
        socket.expire_in(Duration::ZERO);
        let reason = socket.closed().await;
        socket.expire_in(None);
        self.0.send(format!("outlived: {reason}")).unwrap();
    }

    #[event]
    fn record(&self) {
        self.0.send("recorded".to_owned()).unwrap();
    }

    #[on_close]
    fn close(&self, reason: CloseReason) {
        // The test may be over.
        let _over = self.0.send(format!("closed: {reason}"));
    }
}

#[tokio::test]
async fn an_event_refreshes_a_deadline_and_one_that_is_reached_ends_the_connection() {
    let event = r#"5:::{"name":"expired","args":[{"message":"the connection has expired"}]}"#;
    for via in BOTH {
        let (diary, mut entries) = unbounded_channel();
        let addr = serve(SocketIo::builder::<Account>().state(diary).build()).await;
        let mut client = Client::connect(addr, via).await;
        assert_eq!(client.ask(r#"5:1+::{"name":"refresh"}"#).await, "6:::1");
        client.send(r#"5:::{"name":"lapse","args":["old"]}"#).await;
        assert_eq!(client.rest().await, [event, "0::"], "{via:?}");
        assert_eq!(entries.recv().await.as_deref(), Some("lapse old"));
        assert_eq!(entries.recv().await.as_deref(), Some("closed: expired"));
    }
}

#[tokio::test]
async fn what_waits_behind_a_handler_when_its_connection_expires_is_not_handled() {
    let (diary, mut entries) = unbounded_channel();
    let io = SocketIo::builder::<Account>().state(diary).build();
    let mut client = Client::connect(serve(io).await, BOTH[0]).await;
    assert_eq!(client.ask("1::/side").await, "1::/side");
    for name in ["outlive", "record"] {
        client.send(&format!(r#"5::/side:{{"name":"{name}"}}"#)).await;
    }
    let event = r#"5::/side:{"name":"expired","args":[{"message":"the connection has expired"}]}"#;
    assert_eq!(client.next().await.as_deref(), Some(event));
    assert_eq!(client.next().await.as_deref(), Some("0::/side"));
    assert_eq!(entries.recv().await.as_deref(), Some("outlived: expired"));
    assert_eq!(entries.recv().await.as_deref(), Some("closed: expired"));
    // The client's other connection goes on.
    client.send(r#"5:::{"name":"record"}"#).await;
    assert_eq!(entries.recv().await.as_deref(), Some("recorded"));
}

#[tokio::test]
async fn nothing_is_handled_behind_the_event_at_which_the_time_was_up() {
    let (diary, mut entries) = unbounded_channel();
    let io = SocketIo::builder::<Account>().state(diary).build();
    let mut client = Client::connect(serve(io).await, BOTH[1]).await;
    let events = [r#"5:::{"name":"lapse","args":["old"]}"#, r#"5:::{"name":"record"}"#];
    // In one POST.
    let events = events.map(|event| format!("\u{fffd}{}\u{fffd}{event}", event.len()));
    client.send(&events.concat()).await;
    assert_eq!(entries.recv().await.as_deref(), Some("lapse old"));
    assert_eq!(entries.recv().await.as_deref(), Some("closed: expired"));
    let event = r#"5:::{"name":"expired","args":[{"message":"the connection has expired"}]}"#;
    assert_eq!(client.rest().await, [event, "0::"]);
}

struct Lasting;

#[socket_connection]
impl Lasting {
    #[on_open]
    fn open() -> Self {
        Self
    }

    #[event]
    fn last(&self, socket: &Socket, seconds: u64) {
        socket.expire_in(Duration::from_secs(seconds));
    }
}

/// A client of Socket.IO 4 that polls.
struct Polling {
    io: SocketIo,
    path: String,
    id: String,
    pid: String,
}

impl Polling {
    /// Connects, and claims a connection.
    async fn connect(io: &SocketIo, pid: &str) -> Self {
        let path = "/socket.io/?EIO=4&transport=polling".to_owned();
        let mut client = Self { io: io.clone(), path, id: String::new(), pid: String::new() };
        let open = client.ask("").await;
        client.path += &format!("&sid={}", open.split('"').nth(3).unwrap());
        client.ask(&format!(r#"40{{"pid":"{pid}"}}"#)).await;
        let ids = client.ask("").await;
        let mut ids = ids.split('"').skip(3).step_by(4).map(ToOwned::to_owned);
        (client.id, client.pid) = (ids.next().unwrap(), ids.next().unwrap());
        client
    }

    /// Polls, or posts what there is to say.
    async fn ask(&self, packet: &str) -> String {
        let request =
            if packet.is_empty() { Request::get(&self.path) } else { Request::post(&self.path) };
        let request = request.body(Body::from(packet.to_owned())).unwrap();
        let body = self.io.service().call(request).await.unwrap().into_body();
        String::from_utf8(to_bytes(body, 10_000).await.unwrap().to_vec()).unwrap()
    }

    /// Gives up a poll, and with that the transport.
    async fn cut(self) {
        assert!(timeout(Duration::from_millis(1), self.ask("")).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_comes_back_to_what_is_left_of_its_time_or_not_at_all() {
    let io = SocketIo::builder::<Lasting>().recovery(Recovery::default()).build();
    let mut client = Polling::connect(&io, "").await;
    // Seconds it is to last from now on, and those it is away; whether it comes back then.
    for (lasts, away, returns) in [
        (None, 50, true),
        (Some(20), 10, true),
        (None, 9, true),
        (None, 2, false),
        (None, 9, true),
        (Some(10), 9, true),
        (Some(10), 9, true),
        (Some(10), 11, false),
    ] {
        if let Some(lasts) = lasts {
            client.ask(&format!(r#"420["last",{lasts}]"#)).await;
            assert_eq!(client.ask("").await, "430[]");
        }
        let (id, pid) = (client.id.clone(), client.pid.clone());
        client.cut().await;
        tokio::time::sleep(Duration::from_secs(away)).await;
        client = Polling::connect(&io, &pid).await;
        assert_eq!(client.id == id, returns, "{lasts:?} {away}");
    }
    // What is left is held to.
    client.ask(r#"420["last",5]"#).await;
    assert_eq!(client.ask("").await, "430[]");
    let pid = client.pid.clone();
    client.cut().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let client = Polling::connect(&io, &pid).await;
    let told = r#"42["expired",{"message":"the connection has expired"}]"#;
    assert_eq!(client.ask("").await, format!("{told}\u{1e}41"));
}
