//! A WebSocket connection as a session's link: frames in and out of a byte stream.
//!
//! Messages come out and go in; pings are answered, pongs dropped, the closing handshake is done here. Made by the transport that answered the upgrade, polled by the
//! driver. Invariants: bytes are read into one buffer per thread and written out of one buffer per
//! connection that exists only while it holds something; after our close frame nothing is sent.
//! Source: RFC 6455, sections 5.5 (control frames) and 7.1 (closing).

mod out;

use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use self::out::Out;
use super::frame::{Decoder, FrameError, Message, Opcode};
use super::stream::UpgradedStream;
use crate::driver::{Farewell, Link, LinkClosed};
use crate::protocol::engineio::{Frame, Queued};

/// Bytes taken from the kernel by one read.
const READ_BYTES: usize = 64 * 1024;

/// Bytes of pongs that may be queued before the peer takes one; pings beyond go unanswered (RFC
/// 6455, section 5.5.3 allows it). The pongs to one read's pings always fit.
const MAX_PONG_BYTES: usize = READ_BYTES;

thread_local! {
    /// What reads go into; taken while one is under way. Empty before the thread's first.
    static READ_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A link over an upgraded connection, or one that is being upgraded.
#[derive(Debug)]
pub(crate) struct WebSocketLink<S = UpgradedStream> {
    stream: S,
    decoder: Decoder,
    max_message_bytes: usize,
    /// Frames the kernel has not taken yet.
    out: Out,
    /// How much of `out` has been pongs since it was last empty.
    pong_bytes: usize,
    /// Whether the stream itself may hold back what it was given.
    is_unflushed: bool,
    our_side: OurSide,
    /// Why nothing more is read.
    ended: Option<LinkClosed>,
}

/// How far our side of the connection has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum OurSide {
    /// Frames may be sent.
    Open,
    /// The last frame is queued.
    SaidAll,
    /// The stream's write side has ended.
    ShutDown,
}

impl WebSocketLink {
    /// Makes a link that first waits for the upgrade, and refuses messages of more than
    /// `max_message_bytes` bytes.
    pub(crate) fn new(upgrade: OnUpgrade, max_message_bytes: usize) -> Self {
        Self::over(UpgradedStream::Upgrading(upgrade), max_message_bytes)
    }
}

impl<S> WebSocketLink<S> {
    fn over(stream: S, max_message_bytes: usize) -> Self {
        Self {
            stream,
            decoder: Decoder::new(max_message_bytes),
            max_message_bytes,
            out: Out::default(),
            pong_bytes: 0,
            is_unflushed: false,
            our_side: OurSide::Open,
            ended: None,
        }
    }

    /// Decodes what one read brought; no bytes mean the end of the stream.
    fn take_in(&mut self, bytes: &[u8], frames: &mut VecDeque<Frame>) -> Result<(), LinkClosed> {
        if bytes.is_empty() {
            return Err(LinkClosed::Broken);
        }
        self.decoder.extend(bytes);
        loop {
            match self.decoder.next() {
                Ok(Some(Message::Text(text))) => frames.push_back(Frame::Text(text)),
                Ok(Some(Message::Binary(bytes))) => frames.push_back(Frame::Binary(bytes)),
                Ok(Some(Message::Pong)) => {}
                Ok(Some(Message::Ping(payload))) => self.queue_pong(&payload),
                Ok(Some(Message::Close(code))) => {
                    // Section 5.5.1: "the endpoint typically echos the status code it received".
                    self.queue_close(code);
                    return Err(LinkClosed::ByPeer);
                }
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.queue_close(Some(error.close_code()));
                    return Err(match error {
                        FrameError::TooBig => LinkClosed::TooBig(self.max_message_bytes),
                        _ => LinkClosed::Violation(error.text()),
                    });
                }
            }
        }
    }

    fn queue_pong(&mut self, payload: &Bytes) {
        if self.our_side == OurSide::Open && self.pong_bytes < MAX_PONG_BYTES {
            let before = self.out.len();
            self.out.put(Opcode::Pong, payload);
            self.pong_bytes += self.out.len() - before;
        }
    }

    /// Queues our close frame unless there is one already.
    fn queue_close(&mut self, code: Option<u16>) {
        if self.our_side == OurSide::Open {
            self.out.put_close(code);
            self.our_side = OurSide::SaidAll;
        }
    }

    /// Notes why reading ends and lets go of what is no longer needed.
    fn end(&mut self, why: LinkClosed) -> LinkClosed {
        self.decoder = Decoder::new(self.max_message_bytes);
        if why == LinkClosed::Broken {
            self.out.drop_bytes();
            self.our_side = OurSide::ShutDown;
        }
        self.ended = Some(why);
        why
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocketLink<S> {
    /// Reads once and hands what came to `take`.
    fn poll_some<T>(
        &mut self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&mut Self, &[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        let mut space = READ_BUFFER.take();
        space.resize(READ_BYTES, 0);
        let mut buffer = ReadBuf::new(&mut space);
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut buffer);
        let taken = read.map_ok(|()| take(self, buffer.filled()));
        READ_BUFFER.set(space);
        taken
    }

    fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.out.len() > 0 {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, self.out.rest()))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.handle_written(count);
            self.is_unflushed = true;
        }
        self.pong_bytes = 0;
        if self.is_unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.is_unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Link for WebSocketLink<S> {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        frames: &mut VecDeque<Frame>,
    ) -> Poll<Result<(), LinkClosed>> {
        if let Some(why) = self.ended {
            return Poll::Ready(Err(why));
        }
        let taken = ready!(self.poll_some(cx, |link, bytes| link.take_in(bytes, frames)));
        Poll::Ready(taken.unwrap_or(Err(LinkClosed::Broken)).map_err(|why| self.end(why)))
    }

    fn queue(&mut self, frame: Queued) {
        if self.our_side == OurSide::Open {
            self.out.put_message(frame);
        }
    }

    fn take_unwritten(&mut self) -> Vec<Frame> {
        self.out.take_unwritten()
    }

    fn queued_bytes(&self) -> usize {
        self.out.size()
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LinkClosed>> {
        if self.ended == Some(LinkClosed::Broken) {
            return Poll::Ready(Err(LinkClosed::Broken));
        }
        self.poll_write_out(cx).map_err(|_| self.end(LinkClosed::Broken))
    }

    fn close(&mut self, farewell: Farewell) {
        match farewell {
            Farewell::Normal => self.queue_close(Some(1000)),
            Farewell::GoingAway => self.queue_close(Some(1001)),
        }
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if ready!(self.poll_flush(cx)).is_err() {
            return Poll::Ready(());
        }
        if self.our_side != OurSide::ShutDown {
            if ready!(Pin::new(&mut self.stream).poll_shutdown(cx)).is_err() {
                return Poll::Ready(());
            }
            self.our_side = OurSide::ShutDown;
        }
        // Closing a socket with bytes unread would reset it, and the peer could miss our last ones
        // (section 7.1.1). Tokio's budget ends the loop for a peer that never stops.
        while let Ok(1..) = ready!(self.poll_some(cx, |_, bytes| bytes.len())) {}
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests;
