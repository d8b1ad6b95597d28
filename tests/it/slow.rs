//! Clients that are slow, or not there just now: what they get, what waits for them, and when they are let go.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use socketio_core::{SocketIo, Stats, prelude::*};
use socketio_tests::http::{self, Pending};
use socketio_tests::websocket::WebSocket;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::client::{BOTH, Client, Via, serve};
use crate::stats::until;

type Told = UnboundedSender<Result<(), EmitError>>;

struct Slow(Told);

#[socket_connection]
impl Slow {
    /// No client can get the first of these at once.
    #[on_open]
    fn open(socket: &Socket, State(told): State<Told>) -> Result<Self, Reject> {
        socket.volatile().emit("news", "too early")?;
        socket.emit("kept", "for later")?;
        Ok(Self(told))
    }

    /// Sends so many times 64 KiB, each when there is room.
    #[event]
    async fn stream(&self, socket: Socket, count: usize) -> Result<(), EmitError> {
        let chunk = "x".repeat(1 << 16);
        for number in 0..count {
            socket.ready().await?;
            socket.emit("chunk", (number, &chunk))?;
        }
        Ok(())
    }

    /// Fills more than half of the buffer; tells that it has, and what waiting for room comes to.
    #[event]
    fn wait(&self, socket: Socket) -> Result<(), EmitError> {
        socket.emit("filling", "x".repeat(24 << 20))?;
        let told = self.0.clone();
        told.send(Ok(())).unwrap();
        tokio::spawn(async move { told.send(socket.ready().await) });
        Ok(())
    }
}

async fn start(send_buffer_limit: usize) -> (SocketAddr, SocketIo) {
    start_with(send_buffer_limit, unbounded_channel().0).await
}

async fn start_with(send_buffer_limit: usize, told: Told) -> (SocketAddr, SocketIo) {
    // Nothing but what the test sends.
    let io = SocketIo::builder::<Slow>().heartbeats(false).ping_interval(Duration::from_secs(3600));
    let io = io.send_buffer_limit(send_buffer_limit).state(told).build();
    (serve(io.clone()).await, io)
}

/// Sends what may be dropped, and then what may not.
fn tell(io: &SocketIo) {
    io.of("").volatile().emit("news", 1).unwrap();
    io.emit("kept", 2).unwrap();
}

/// Whether both came, or one; in whichever generation's packets they are.
fn came(packets: &str) -> (bool, bool) {
    (packets.contains("news"), packets.contains("kept"))
}

const BOTH_CAME: (bool, bool) = (true, true);
const ONE_CAME: (bool, bool) = (false, true);

const ENGINE: &str = "/socket.io/?EIO=4&transport=polling";

/// A client of Socket.IO 4 that polls, in the root and between two polls; gives its URL.
async fn polling(addr: SocketAddr) -> String {
    let ask = async |method, path: &str, body: &[u8]| {
        http::request(addr, method, path, &[], body).await.unwrap().text().into_owned()
    };
    let open = ask("GET", ENGINE, b"").await;
    let url = format!("{ENGINE}&sid={}", open.split('"').nth(3).unwrap());
    ask("POST", &url, b"40").await;
    let welcome = ask("GET", &url, b"").await;
    assert!(welcome.starts_with("40{"), "{welcome}");
    assert_eq!(came(&welcome), ONE_CAME);
    url
}

async fn websocket(addr: SocketAddr, path: &str) -> WebSocket {
    let mut socket = WebSocket::open(addr, path, &[], "13").await.unwrap();
    assert_eq!(socket.answer().await.unwrap().status, 101);
    socket
}

async fn next(socket: &mut WebSocket) -> String {
    socket.receive().await.unwrap().expect("the connection has ended").to_string()
}

/// A poll that the server knows to be waiting.
async fn wait(addr: SocketAddr, io: &SocketIo, url: &str) -> Pending {
    let poll = http::open(addr, "GET", url, &[], b"").await.unwrap();
    until(io, "a poll waits", |stats| stats.total.active_connections == 1).await;
    poll
}

#[tokio::test]
async fn over_polling_a_volatile_event_leaves_with_a_poll_that_waits_or_never() {
    for is_legacy in [true, false] {
        let (addr, io) = start(1 << 20).await;
        let url = if is_legacy {
            let mut client = Client::connect(addr, Via::Polling).await;
            assert_eq!(came(&client.next().await.unwrap()), ONE_CAME);
            format!("/socket.io/1/xhr-polling/{}", client.session)
        } else {
            polling(addr).await
        };
        let poll = async || http::request(addr, "GET", &url, &[], b"").await.unwrap();
        for _ in 0..2 {
            tell(&io);
            assert_eq!(came(&poll().await.text()), ONE_CAME, "no poll waits");
            let waiting = wait(addr, &io, &url).await;
            tell(&io);
            assert_eq!(came(&waiting.response().await.unwrap().text()), BOTH_CAME, "one waits");
        }
    }
}

#[tokio::test]
async fn while_a_websocket_takes_over_a_volatile_event_leaves_with_a_poll_or_never() {
    let (addr, io) = start(1 << 20).await;
    let url = polling(addr).await;
    let waiting = wait(addr, &io, &url).await;
    let mut socket = websocket(addr, &url.replace("polling", "websocket")).await;
    tell(&io);
    assert_eq!(came(&waiting.response().await.unwrap().text()), BOTH_CAME);
    socket.send_text("2probe").await.unwrap();
    assert_eq!(next(&mut socket).await, "3probe");
    tell(&io);
    socket.send_text("5").await.unwrap();
    assert_eq!(came(&next(&mut socket).await), ONE_CAME);
    tell(&io);
    assert_eq!(came(&next(&mut socket).await), (true, false));
    assert_eq!(came(&next(&mut socket).await), ONE_CAME);
}

#[tokio::test]
async fn over_a_websocket_a_volatile_event_does_not_queue_behind_what_is_not_written() {
    for is_legacy in [true, false] {
        let (addr, io) = start(100 << 20).await;
        let mut legacy;
        let mut modern;
        let socket = if is_legacy {
            legacy = Client::connect(addr, Via::WebSocket).await;
            legacy.websocket()
        } else {
            modern = websocket(addr, &ENGINE.replace("polling", "websocket")).await;
            assert!(next(&mut modern).await.starts_with('0'));
            modern.send_text("40").await.unwrap();
            assert!(next(&mut modern).await.starts_with("40"));
            &mut modern
        };
        assert_eq!(came(&next(socket).await), ONE_CAME);
        tell(&io);
        assert_eq!(came(&next(socket).await), (true, false));
        assert_eq!(came(&next(socket).await), ONE_CAME);
        // More than the buffers of both kernels hold.
        let sent = io.stats().total.packets_sent;
        io.emit("long", "x".repeat(24 << 20)).unwrap();
        tell(&io);
        until(&io, "it is being written", |stats| stats.total.packets_sent > sent).await;
        tell(&io);
        assert!(next(socket).await.len() > 24 << 20);
        for _ in 0..2 {
            assert_eq!(came(&next(socket).await), ONE_CAME);
        }
        tell(&io);
        assert_eq!(came(&next(socket).await), (true, false));
    }
}

/// 24 MiB, which neither the send buffer nor the kernel holds.
#[tokio::test]
async fn who_waits_for_room_can_send_any_amount() {
    for via in BOTH {
        let (addr, io) = start(1 << 20).await;
        let mut client = Client::connect(addr, via).await;
        client.next().await.unwrap();
        client.send(r#"5:::{"name":"stream","args":[384]}"#).await;
        for number in 0..384 {
            let chunk = client.next().await.unwrap();
            let start = format!(r#"5:::{{"name":"chunk","args":[{number},"xxx"#);
            assert!(chunk.starts_with(&start), "{via:?} {chunk:.100}");
        }
        client.send("0::").await;
        client.rest().await;
        let slow = |stats: &Stats| stats.closed["client disconnect"].sessions == 1;
        until(&io, "it left by itself", slow).await;
    }
}

#[tokio::test]
async fn waiting_for_room_ends_with_the_connection_or_when_the_client_reads() {
    for leaves in [true, false] {
        let (told, mut tells) = unbounded_channel();
        let (addr, _) = start_with(40 << 20, told).await;
        let mut client = Client::connect(addr, Via::WebSocket).await;
        client.next().await.unwrap();
        client.send(r#"5:::{"name":"wait"}"#).await;
        assert!(matches!(tells.recv().await, Some(Ok(()))), "it waits from now on");
        if leaves {
            client.send("0::").await;
            assert!(matches!(tells.recv().await, Some(Err(EmitError::Closed))));
        } else {
            client.next().await.unwrap();
            assert!(matches!(tells.recv().await, Some(Ok(()))));
        }
    }
}

#[tokio::test]
async fn who_does_not_read_is_let_go_as_slow_and_the_others_get_everything() {
    let (addr, io) = start(2 << 20).await;
    let slow = Client::connect(addr, Via::WebSocket).await;
    let mut others = Vec::new();
    for via in [Via::WebSocket, Via::Polling, Via::WebSocket] {
        let mut other = Client::connect(addr, via).await;
        other.next().await.unwrap();
        others.push(other);
    }
    for number in 0..24 {
        io.emit("news", (number, "x".repeat(1 << 20))).unwrap();
        for other in &mut others {
            let news = other.next().await.unwrap();
            assert!(news.starts_with(&format!(r#"5:::{{"name":"news","args":[{number},"#)));
        }
    }
    let closed = io.stats().closed["slow consumer"];
    assert_eq!(json!(closed), json!({ "sessions": 1, "endpoints": 1 }));
    drop(slow);
}
