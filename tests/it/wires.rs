//! A client of any generation over any transport, as small as it can be, that survives what is done to its connections.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;

use bytestring::ByteString;
use socketio_core::protocol::legacy::payload;
use socketio_tests::http;
use socketio_tests::websocket::{BINARY, CLOSE, WebSocket};

/// How a client moves its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    WebSocket,
    Polling,
    /// By polling, then by a WebSocket.
    Upgrade,
}

/// What a client speaks: the revision of Engine.IO, or the legacy protocol; and how.
pub(crate) type Wire = (Option<&'static str>, Via);

/// All that there are; legacy clients know no upgrade.
pub(crate) const WIRES: [Wire; 8] = [
    (Some("4"), Via::WebSocket),
    (Some("4"), Via::Polling),
    (Some("4"), Via::Upgrade),
    (Some("3"), Via::WebSocket),
    (Some("3"), Via::Polling),
    (Some("3"), Via::Upgrade),
    (None, Via::WebSocket),
    (None, Via::Polling),
];

/// A client that is in the root.
pub(crate) struct Peer {
    addr: SocketAddr,
    wire: Wire,
    url: String,
    pub(crate) socket: Option<WebSocket>,
    waiting: VecDeque<String>,
    /// How often the server has asked whether it is there.
    pub(crate) pings: usize,
}

impl Peer {
    pub(crate) async fn connect(addr: SocketAddr, wire: Wire) -> io::Result<Self> {
        let mut peer = Self {
            addr,
            wire,
            url: String::new(),
            socket: None,
            waiting: VecDeque::new(),
            pings: 0,
        };
        match wire {
            (None, via) => {
                let line = http::request(addr, "GET", "/socket.io/1/", &[], b"").await?;
                let id = line.text().split(':').next().unwrap_or_default().to_owned();
                if via == Via::WebSocket {
                    peer.open(&format!("/socket.io/1/websocket/{id}")).await?;
                }
                peer.url = format!("/socket.io/1/xhr-polling/{id}");
                peer.expect("1::").await?;
            }
            (Some(revision), via) => {
                let url = format!("/socket.io/?EIO={revision}&transport=");
                if via == Via::WebSocket {
                    peer.open(&format!("{url}websocket")).await?;
                } else {
                    peer.url = format!("{url}polling");
                }
                let open = peer.expect("0{").await?;
                if via != Via::WebSocket {
                    peer.url += &format!("&sid={}", open.split('"').nth(3).unwrap_or_default());
                }
                if revision == "4" {
                    peer.send("40").await?;
                }
                peer.expect("40").await?;
                if via == Via::Upgrade {
                    peer.upgrade().await?;
                }
            }
        }
        Ok(peer)
    }

    async fn open(&mut self, path: &str) -> io::Result<()> {
        let mut socket = WebSocket::open(self.addr, path, &[], "13").await?;
        let status = socket.answer().await?.status;
        self.socket = Some(socket);
        if status == 101 { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    async fn upgrade(&mut self) -> io::Result<()> {
        self.probe().await?;
        self.send("5").await
    }

    /// Opens the WebSocket that is to take over from polling, and says nothing on it.
    pub(crate) async fn knock(&self) -> io::Result<WebSocket> {
        let path = self.url.replace("polling", "websocket");
        let mut socket = WebSocket::open(self.addr, &path, &[], "13").await?;
        match socket.answer().await?.status {
            101 => Ok(socket),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Probes one.
    pub(crate) async fn probe(&mut self) -> io::Result<()> {
        self.socket = Some(self.knock().await?);
        self.send("2probe").await?;
        self.expect("3probe").await?;
        Ok(())
    }

    /// The next packet, which begins with this.
    pub(crate) async fn expect(&mut self, start: &str) -> io::Result<String> {
        match self.next().await? {
            Some(packet) if packet.starts_with(start) => Ok(packet),
            other => Err(io::Error::new(io::ErrorKind::InvalidData, format!("{other:?}"))),
        }
    }

    /// Sends a packet as it is.
    pub(crate) async fn send(&mut self, packet: &str) -> io::Result<()> {
        if let Some(socket) = &mut self.socket {
            return socket.send_text(packet).await;
        }
        match self.post(packet).await? {
            200 => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Sends the bytes 1, 2 and 3 as a message of their own.
    pub(crate) async fn attach(&mut self) -> io::Result<()> {
        let is_old = self.wire.0 == Some("3");
        match &mut self.socket {
            Some(socket) if is_old => socket.send_frame(true, BINARY, &[4, 1, 2, 3]).await,
            Some(socket) => socket.send_frame(true, BINARY, &[1, 2, 3]).await,
            None => self.send(if is_old { "b4AQID" } else { "bAQID" }).await,
        }
    }

    /// Posts a packet; gives the status of the answer.
    pub(crate) fn post(&self, packet: &str) -> impl Future<Output = io::Result<u16>> + use<> {
        let body = match self.wire {
            (Some("3"), _) => format!("{}:{packet}", packet.len()),
            _ => packet.to_owned(),
        };
        let (addr, url) = (self.addr, self.url.clone());
        async move { Ok(http::request(addr, "POST", &url, &[], body.as_bytes()).await?.status) }
    }

    /// Sends an event of one argument that asks for an acknowledgement of this number, which is a digit.
    pub(crate) async fn call(&mut self, id: u8, event: &str, argument: &str) -> io::Result<()> {
        let packet = self.event(id, event, argument);
        self.send(&packet).await
    }

    /// The packet of an event.
    pub(crate) fn event(&self, id: u8, event: &str, argument: &str) -> String {
        match self.wire {
            (None, _) => format!(r#"5:{id}+::{{"name":"{event}","args":["{argument}"]}}"#),
            _ => format!(r#"42{id}["{event}","{argument}"]"#),
        }
    }

    /// What an acknowledgement of this number begins with.
    pub(crate) fn ack(&self, id: u8) -> String {
        match self.wire {
            (None, _) => format!("6:::{id}+"),
            _ => format!("43{id}["),
        }
    }

    /// The answer of one argument to an event that asks for one.
    pub(crate) fn answer_to(&self, event: &str, argument: &str) -> String {
        let digits = event.trim_start_matches("42").trim_start_matches("5:");
        let id: String = digits.chars().take_while(char::is_ascii_digit).collect();
        match self.wire.0 {
            None => format!(r#"6:::{id}+["{argument}"]"#),
            Some(_) => format!(r#"43{id}["{argument}"]"#),
        }
    }

    /// The next packet; nothing when the transport has ended, which it says as a server does that stops.
    pub(crate) async fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(packet) = self.waiting.pop_front() {
                match &*packet {
                    "1" => return Ok(None),
                    "2" | "2::" => {
                        self.pings += 1;
                        self.send(if packet == "2" { "3" } else { "2::" }).await?;
                    }
                    "6" | "8::" => {}
                    _ => return Ok(Some(packet)),
                }
            } else if let Some(socket) = &mut self.socket {
                let frame = socket.receive().await?;
                let Some(frame) = frame.filter(|frame| frame.opcode() != CLOSE) else {
                    return Ok(None);
                };
                self.waiting.extend(frame.text().map(ToOwned::to_owned));
            } else {
                let answer = http::request(self.addr, "GET", &self.url, &[], b"").await?;
                match (answer.status, self.wire) {
                    (200, _) => {}
                    (503, (None, _)) => return Ok(None),
                    _ => return Err(io::ErrorKind::InvalidData.into()),
                }
                let text = answer.text().into_owned();
                match self.wire {
                    (None, _) => {
                        let packets = payload::decode(&ByteString::from(text));
                        self.waiting.extend(packets.map(|packet| packet.to_string()));
                    }
                    (Some("4"), _) => {
                        self.waiting.extend(text.split('\u{1e}').map(ToOwned::to_owned));
                    }
                    _ => self.waiting.extend(packets(&text)),
                }
            }
        }
    }

    /// All packets until the transport ends.
    pub(crate) async fn rest(&mut self) -> io::Result<Vec<String>> {
        let mut packets = Vec::new();
        while let Some(packet) = self.next().await? {
            packets.push(packet);
        }
        Ok(packets)
    }
}

/// The packets of a payload of revision 3, which are ASCII here.
fn packets(mut text: &str) -> Vec<String> {
    let mut packets = Vec::new();
    while let Some((length, rest)) = text.split_once(':') {
        let Some((packet, rest)) = length.parse().ok().and_then(|at| rest.split_at_checked(at))
        else {
            break;
        };
        packets.push(packet.to_owned());
        text = rest;
    }
    packets
}
