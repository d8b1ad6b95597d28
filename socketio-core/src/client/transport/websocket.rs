//! A WebSocket: one message for each packet.
//!
//! Frames go in, packets come out. Source: Engine.IO protocol v4, "WebSocket" and "Upgrade".

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytestring::ByteString;
use futures_util::{Sink as _, SinkExt as _, Stream as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::super::connecting::Settings;
use super::{Broken, Open, Outgoing, target};
use crate::protocol::engineio::{Frame, Packet, v4};

/// What is said to try a transport, and answered.
const PROBE: &str = "probe";

/// A WebSocket that is open.
pub(in super::super) struct WebSocket(WebSocketStream<TcpStream>);

impl WebSocket {
    /// Opens a session.
    pub(in super::super) async fn open(settings: &Settings) -> Result<(Self, Open), Broken> {
        let mut socket = Self::connect(settings, None).await?;
        let first = poll_fn(|cx| socket.poll_packet(cx)).await?;
        let open = Open::read(&first)?;
        Ok((socket, open))
    }

    /// Finds out whether a session can move here.
    pub(in super::super) async fn probe(settings: &Settings, sid: &str) -> Result<Self, Broken> {
        let mut socket = Self::connect(settings, Some(sid)).await?;
        socket.send(&Packet::Ping(PROBE.into())).await?;
        match poll_fn(|cx| socket.poll_packet(cx)).await? {
            Packet::Pong(data) if data == PROBE => Ok(socket),
            other => Err(Broken(format!("expected the answer to a probe, got {other:?}"))),
        }
    }

    /// Moves the session here.
    pub(in super::super) fn upgrade(out: &mut VecDeque<Outgoing>) {
        out.push_front(Outgoing { frame: v4::encode(&Packet::Upgrade), buffered: 0 });
    }

    async fn connect(settings: &Settings, sid: Option<&str>) -> Result<Self, Broken> {
        let address = &settings.address;
        let stream = TcpStream::connect((address.dialled(), address.port)).await?;
        stream.set_nodelay(true)?;
        let (host, port) = (&address.host, address.port);
        let url = format!("ws://{host}:{port}{}", target(settings, "websocket", sid));
        let mut request = url.into_client_request()?;
        let headers = settings.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        request.headers_mut().extend(headers);
        let limit = Some(settings.max_message_bytes);
        let config = WebSocketConfig::default().max_message_size(limit).max_frame_size(limit);
        let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
        Ok(Self(socket))
    }

    async fn send(&mut self, packet: &Packet) -> Result<(), Broken> {
        Ok(self.0.send(message(v4::encode(packet))).await?)
    }

    /// Ends it in its own way, and reads what is still under way: a socket that is dropped with bytes unread is
    /// reset, and what it had sent may be lost.
    pub(in super::super) async fn leave(&mut self) {
        let _ended_already = self.0.close(None).await;
        while let Some(Ok(_)) = self.0.next().await {}
    }

    /// The next packet.
    pub(super) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Result<Packet, Broken>> {
        loop {
            let frame = match ready!(Pin::new(&mut self.0).poll_next(cx)) {
                Some(Ok(Message::Text(text))) => {
                    Frame::Text(ByteString::try_from(bytes::Bytes::from(text))?)
                }
                Some(Ok(Message::Binary(bytes))) => Frame::Binary(bytes),
                Some(Ok(Message::Close(close))) => {
                    let code = close.map_or(1005, |close| close.code.into());
                    return Poll::Ready(Err(Broken(format!("WebSocket closed with {code}"))));
                }
                Some(Ok(_)) => continue,
                Some(Err(Error::ConnectionClosed)) | None => {
                    return Poll::Ready(Err(Broken("WebSocket closed".to_owned())));
                }
                Some(Err(error)) => return Poll::Ready(Err(error.into())),
            };
            return Poll::Ready(Ok(v4::decode(&frame)?));
        }
    }

    /// Takes frames until its buffer is full.
    pub(super) fn poll_send(
        &mut self,
        out: &mut VecDeque<Outgoing>,
        sent: &mut dyn FnMut(usize),
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Broken>> {
        while !out.is_empty() {
            ready!(Pin::new(&mut self.0).poll_ready(cx))?;
            if let Some(Outgoing { frame, buffered }) = out.pop_front() {
                Pin::new(&mut self.0).start_send(message(frame))?;
                sent(buffered);
            }
        }
        Poll::Ready(Ok(ready!(Pin::new(&mut self.0).poll_flush(cx))?))
    }
}

fn message(frame: Frame) -> Message {
    match frame {
        Frame::Text(text) => {
            // Both are UTF-8 in `Bytes`, and each checks it only in a debug build or here.
            Utf8Bytes::try_from(text.into_bytes()).map_or(Message::Text("".into()), Message::Text)
        }
        Frame::Binary(bytes) => Message::Binary(bytes),
    }
}
