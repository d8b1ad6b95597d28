//! A TCP connection that keeps what it has read until somebody takes it.
//!
//! In: bytes to send. Out: the bytes received so far, taken by length. Every raw client here sits on
//! one. No read or write takes longer than [`DEADLINE`], so a mute server fails a test instead of
//! hanging it, and a read that is dropped half way loses nothing.

use std::{io, net::SocketAddr, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// The longest that one read or one write may take: 10 seconds.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Room made for each read, in bytes.
const READ_BYTES: usize = 16 * 1024;

/// A TCP connection with a memory of what it has read.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    received: BytesMut,
    ended: bool,
}

impl Connection {
    /// Connects, without Nagle's delay.
    ///
    /// # Errors
    /// When the connection is refused, or nobody answers within the deadline.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = in_time("connecting", TcpStream::connect(address)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: BytesMut::new(), ended: false })
    }

    /// Writes all the bytes.
    ///
    /// # Errors
    /// When the peer has closed the connection, or takes nothing within the deadline.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        in_time("writing", self.stream.write_all(bytes)).await
    }

    /// Reads once. `false` means that the peer has ended its side (FIN) and nothing more will come.
    ///
    /// # Errors
    /// When the connection breaks, or nothing comes within the deadline.
    ///
    /// # Cancel safety
    /// Safe: what was read is kept.
    pub async fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.received.reserve(READ_BYTES);
        let read = in_time("reading", self.stream.read_buf(&mut self.received)).await?;
        self.ended = read == 0;
        Ok(!self.ended)
    }

    /// Ends our side (FIN), and goes on reading.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn shut_down(&mut self) -> io::Result<()> {
        in_time("ending", self.stream.shutdown()).await
    }

    /// Ends our side (FIN) and waits until the peer has ended its own, discarding what it still
    /// sends. Then the peer has noticed that we are gone.
    ///
    /// # Errors
    /// When the peer keeps the connection longer than the deadline.
    pub async fn close(mut self) -> io::Result<()> {
        in_time("closing", async {
            self.stream.shutdown().await?;
            while self.fill().await? {
                self.received.clear();
            }
            Ok(())
        })
        .await
        .or_else(|error| if is_gone(&error) { Ok(()) } else { Err(error) })
    }

    /// Ends the connection at once (RST).
    ///
    /// # Errors
    /// When the system can't.
    pub fn reset(self) -> io::Result<()> {
        self.stream.set_zero_linger()
    }

    /// What was read and not taken yet.
    #[must_use]
    pub fn received(&self) -> &[u8] {
        &self.received
    }

    /// Whether the peer has ended its side (FIN).
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Takes up to `length` bytes of what was read.
    pub fn take(&mut self, length: usize) -> Bytes {
        self.received.split_to(length.min(self.received.len())).freeze()
    }

    /// Reads and takes exactly `length` bytes.
    ///
    /// # Errors
    /// As [`Connection::fill`], and `UnexpectedEof` when the peer ends before; then the bytes that
    /// did come are still there.
    pub async fn read_exact(&mut self, length: usize) -> io::Result<Bytes> {
        while self.received.len() < length {
            if !self.fill().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.take(length))
    }
}

/// Whether the error says that the peer has ended or reset the connection.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, NotConnected, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionReset | NotConnected | UnexpectedEof)
}

/// Bounds one operation by the deadline.
async fn in_time<T>(what: &str, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(DEADLINE, work).await.unwrap_or_else(|_| {
        let text = format!("{what} took longer than {} s", DEADLINE.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, text))
    })
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_closed_connection_has_been_noticed_by_the_peer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut connection = Connection::open(listener.local_addr().unwrap()).await.unwrap();
        let (mut peer, _) = listener.accept().await.unwrap();
        connection.send(b"hello").await.unwrap();
        let (closed, read) = tokio::join!(connection.close(), async {
            let mut read = Vec::new();
            peer.read_to_end(&mut read).await.unwrap();
            peer.write_all(b"discarded").await.unwrap();
            drop(peer);
            read
        });
        closed.unwrap();
        assert_eq!(read, b"hello");
    }

    #[tokio::test]
    async fn bytes_before_an_early_end_are_kept() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut connection = Connection::open(listener.local_addr().unwrap()).await.unwrap();
        let (mut peer, _) = listener.accept().await.unwrap();
        peer.write_all(b"abc").await.unwrap();
        drop(peer);
        assert_eq!(connection.read_exact(2).await.unwrap(), "ab");
        let error = connection.read_exact(2).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!((connection.received(), connection.has_ended()), (&b"c"[..], true));
    }
}
