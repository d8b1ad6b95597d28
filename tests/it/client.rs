//! A client of Socket.IO 0.9, as small as it can be, over either transport.

use std::collections::VecDeque;
use std::net::SocketAddr;

use axum::Router;
use bytestring::ByteString;
use socketio_core::SocketIo;
use socketio_core::protocol::legacy::payload;
use socketio_tests::http;
use socketio_tests::websocket::WebSocket;
use tokio::net::TcpListener;

/// Serves on a free port until the test's runtime ends.
pub(crate) async fn serve(io: SocketIo) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        io.serve_until(listener, Router::new(), std::future::pending()).await;
    });
    addr
}

/// Which transport a client uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    WebSocket,
    Polling,
}

pub(crate) const BOTH: [Via; 2] = [Via::WebSocket, Via::Polling];

enum Wire {
    WebSocket(WebSocket),
    Polling { url: String, waiting: VecDeque<String> },
}

/// A client that is connected to the root.
pub(crate) struct Client {
    pub(crate) addr: SocketAddr,
    pub(crate) session: String,
    wire: Wire,
}

impl Client {
    pub(crate) async fn connect(addr: SocketAddr, via: Via) -> Self {
        Self::connect_with(addr, via, "").await
    }

    /// Connects with a query string, such as `?name=Joes`.
    pub(crate) async fn connect_with(addr: SocketAddr, via: Via, query: &str) -> Self {
        let path = format!("/socket.io/1/{query}");
        let answer = http::request(addr, "GET", &path, &[], b"").await.unwrap();
        let line = answer.text().into_owned();
        assert_eq!(answer.status, 200, "{line}");
        let session = line.split(':').next().unwrap().to_owned();
        let mut client = Self::resume(addr, &session, via).await;
        assert_eq!(client.next().await.as_deref(), Some("1::"));
        client
    }

    /// Comes to a session that is there already.
    pub(crate) async fn resume(addr: SocketAddr, session: &str, via: Via) -> Self {
        let wire = match via {
            Via::WebSocket => {
                let path = format!("/socket.io/1/websocket/{session}");
                let mut socket = WebSocket::open(addr, &path, &[], "13").await.unwrap();
                assert_eq!(socket.answer().await.unwrap().status, 101);
                Wire::WebSocket(socket)
            }
            Via::Polling => Wire::Polling {
                url: format!("/socket.io/1/xhr-polling/{session}"),
                waiting: VecDeque::new(),
            },
        };
        Self { addr, session: session.to_owned(), wire }
    }

    /// Breaks the connection without a word, and gives the id of the session that it carried.
    pub(crate) async fn cut(self) -> String {
        if let Wire::WebSocket(socket) = self.wire {
            socket.cut().await.unwrap();
        }
        self.session
    }

    /// Sends a packet; over polling, gives the status of the POST.
    pub(crate) async fn send(&mut self, packet: &str) -> u16 {
        match &mut self.wire {
            Wire::WebSocket(socket) => {
                socket.send_text(packet).await.unwrap();
                200
            }
            Wire::Polling { url, .. } => {
                http::request(self.addr, "POST", url, &[], packet.as_bytes()).await.unwrap().status
            }
        }
    }

    /// The next packet; `None` when the transport has ended, or the session is gone.
    pub(crate) async fn next(&mut self) -> Option<String> {
        match &mut self.wire {
            Wire::WebSocket(socket) => loop {
                let frame = socket.receive().await.unwrap()?;
                if let Some(text) = frame.text() {
                    return Some(text.to_owned());
                }
            },
            Wire::Polling { url, waiting } => loop {
                if let Some(packet) = waiting.pop_front() {
                    return Some(packet);
                }
                let answer = http::request(self.addr, "GET", url, &[], b"").await.unwrap();
                let body = ByteString::from(&*answer.text());
                if answer.status != 200 || body == "7:::1+0" {
                    return None;
                }
                let packets = payload::decode(&body).map(|packet| packet.to_string());
                waiting.extend(packets.filter(|packet| packet != "8::"));
            },
        }
    }

    /// Sends a packet and gives the next one that comes.
    pub(crate) async fn ask(&mut self, packet: &str) -> String {
        self.send(packet).await;
        self.next().await.expect("the connection has ended")
    }

    /// All packets until the transport ends.
    pub(crate) async fn rest(&mut self) -> Vec<String> {
        let mut packets = Vec::new();
        while let Some(packet) = self.next().await {
            packets.push(packet);
        }
        packets
    }

    /// The WebSocket, to do with it what no client does.
    pub(crate) fn websocket(&mut self) -> &mut WebSocket {
        match &mut self.wire {
            Wire::WebSocket(socket) => socket,
            Wire::Polling { .. } => panic!("this client polls"),
        }
    }
}
