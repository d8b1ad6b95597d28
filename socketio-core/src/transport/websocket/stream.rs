//! The byte stream behind a WebSocket: the HTTP connection once it has been upgraded.
//!
//! In goes hyper's promise of an upgrade, out comes an `AsyncRead + AsyncWrite` that is pending
//! until the 101 answer is on its way. Owned by a link. Invariant: bytes that came together with
//! the upgrade request are read first. A plain TCP connection is taken out of hyper's box, so that
//! reading and writing it is neither a virtual call nor a second allocation.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::transport::Accepted;

/// A connection that is being upgraded, or has been.
#[derive(Debug)]
pub(crate) enum UpgradedStream {
    /// Hyper has not handed the connection over yet.
    Upgrading(OnUpgrade),
    /// The connection is ours.
    Open(Open),
    /// The upgrade failed; nothing can be read or written.
    Failed,
}

/// An upgraded connection.
#[derive(Debug)]
pub(crate) enum Open {
    /// A TCP connection, and what hyper read from it beyond the upgrade request.
    Tcp(Accepted, Bytes),
    /// Any other connection, TLS among them.
    Other(TokioIo<Upgraded>),
}

impl UpgradedStream {
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&mut Open>> {
        if let Self::Upgrading(upgrade) = self {
            *self = match ready!(Pin::new(upgrade).poll(cx)) {
                Ok(upgraded) => Self::Open(Open::new(upgraded)),
                Err(_) => Self::Failed,
            };
        }
        Poll::Ready(match self {
            Self::Open(open) => Ok(open),
            Self::Upgrading(_) | Self::Failed => Err(io::ErrorKind::NotConnected.into()),
        })
    }
}

impl Open {
    fn new(upgraded: Upgraded) -> Self {
        // Of our own `serve`, or of another server.
        let upgraded = match upgraded.downcast::<TokioIo<Accepted>>() {
            Ok(parts) => return Self::tcp(parts.io.into_inner(), parts.read_buf),
            Err(upgraded) => upgraded,
        };
        match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => Self::tcp(Accepted::new(parts.io.into_inner(), None), parts.read_buf),
            Err(upgraded) => Self::Other(TokioIo::new(upgraded)),
        }
    }

    fn tcp(accepted: Accepted, early: Bytes) -> Self {
        // Each flush is one write of all there is; holding it back would only delay it. A socket that can't do so
        // still works.
        let _ = accepted.stream.set_nodelay(true);
        // An empty `Bytes` may still hold on to hyper's read buffer.
        Self::Tcp(accepted, if early.is_empty() { Bytes::new() } else { early })
    }
}

impl AsyncRead for UpgradedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match ready!(self.get_mut().poll_open(cx))? {
            Open::Tcp(stream, early) if early.is_empty() => Pin::new(stream).poll_read(cx, buf),
            Open::Tcp(_, early) => {
                let count = early.len().min(buf.remaining());
                buf.put_slice(&early.split_to(count));
                Poll::Ready(Ok(()))
            }
            Open::Other(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for UpgradedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match ready!(self.get_mut().poll_open(cx))? {
            Open::Tcp(stream, _) => Pin::new(stream).poll_write(cx, bytes),
            Open::Other(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(self.get_mut().poll_open(cx))? {
            Open::Tcp(stream, _) => Pin::new(stream).poll_flush(cx),
            Open::Other(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(self.get_mut().poll_open(cx))? {
            Open::Tcp(stream, _) => Pin::new(stream).poll_shutdown(cx),
            Open::Other(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::future::poll_fn;
    use std::io::{Read, Write};

    use http_body_util::Empty;
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use super::*;
    use crate::driver::{Farewell, Link, LinkClosed};
    use crate::protocol::engineio::Frame;
    use crate::transport::websocket::{WebSocketLink, respond};

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    /// Lets hyper upgrade one TCP connection, which `wrap` may hide from the downcast. Returns the
    /// client's end, after its request and `early`, and what the server was promised.
    async fn upgrade<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        early: &[u8],
        wrap: impl FnOnce(TcpStream) -> S,
    ) -> (std::net::TcpStream, OnUpgrade) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.write_all(&[REQUEST, early].concat()).unwrap();
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let service = service_fn(move |request: http::Request<_>| {
            let (response, upgrade) = respond(&mut request.into_parts().0).unwrap();
            sender.send(upgrade).unwrap();
            async move { Ok::<_, Infallible>(response.map(|()| Empty::<Bytes>::new())) }
        });
        let server = TokioIo::new(wrap(listener.accept().await.unwrap().0));
        tokio::spawn(http1::Builder::new().serve_connection(server, service).with_upgrades());
        (client, receiver.recv().await.unwrap())
    }

    /// Exchanges messages over an upgraded connection and closes it from the server's side.
    async fn check(mut client: std::net::TcpStream, upgrade: OnUpgrade) {
        let mut link = WebSocketLink::new(upgrade, 1000);
        link.queue(Frame::Text("queued before the upgrade".into()).into());
        let mut frames = VecDeque::new();
        assert_eq!(poll_fn(|cx| link.poll_read(cx, &mut frames)).await, Ok(()));
        assert_eq!(frames, [Frame::Text("early".into())]);
        assert_eq!(poll_fn(|cx| link.poll_flush(cx)).await, Ok(()));
        client.write_all(b"\x81\x84\0\0\0\0late").unwrap();
        assert_eq!(poll_fn(|cx| link.poll_read(cx, &mut frames)).await, Ok(()));
        assert_eq!(frames, ["early", "late"].map(|text| Frame::Text(text.into())));

        link.close(Farewell::Normal);
        assert_eq!(poll_fn(|cx| link.poll_flush(cx)).await, Ok(()));
        client.write_all(b"\x88\x82\0\0\0\0\x03\xe8").unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        poll_fn(|cx| link.poll_closed(cx)).await;
        let mut received = Vec::new();
        client.read_to_end(&mut received).unwrap();
        let head = received.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        assert!(received.starts_with(b"HTTP/1.1 101 "));
        assert_eq!(received[head..], *b"\x81\x19queued before the upgrade\x88\x02\x03\xe8");
    }

    const EARLY: &[u8] = b"\x81\x85\0\0\0\0early";

    #[tokio::test]
    async fn plain_tcp_is_taken_out_of_the_box_with_what_came_early() {
        let (client, on_upgrade) = upgrade(EARLY, |stream| stream).await;
        check(client, on_upgrade).await;
        let accept = |stream| Accepted::new(stream, None);
        let (client, on_upgrade) = upgrade(EARLY, accept).await;
        check(client, on_upgrade).await;
        let upgrades = [upgrade(EARLY, |stream| stream).await, upgrade(EARLY, accept).await];
        for (_client, on_upgrade) in upgrades {
            let mut stream = UpgradedStream::Upgrading(on_upgrade);
            let open = poll_fn(|cx| stream.poll_open(cx).map(|open| open.is_ok())).await;
            let is_taken =
                matches!(stream, UpgradedStream::Open(Open::Tcp(_, early)) if early == EARLY);
            assert!(open && is_taken);
        }
    }

    #[tokio::test]
    async fn any_other_connection_stays_in_its_box() {
        let (client, on_upgrade) = upgrade(EARLY, Box::new).await;
        check(client, on_upgrade).await;
    }

    #[tokio::test]
    async fn an_upgrade_that_fails_breaks_the_link() {
        let never = hyper::upgrade::on(http::Request::new(()));
        let mut link = WebSocketLink::new(never, 1000);
        let broken = Err(LinkClosed::Broken);
        assert_eq!(poll_fn(|cx| link.poll_read(cx, &mut VecDeque::new())).await, broken);
        assert_eq!(poll_fn(|cx| link.poll_flush(cx)).await, broken);
        poll_fn(|cx| link.poll_closed(cx)).await;
    }
}
