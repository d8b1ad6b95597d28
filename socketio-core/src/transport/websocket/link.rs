//! A WebSocket connection as a session's link: frames in and out of a byte stream.
//!
//! Text messages come out and go in; pings are answered, pongs and binary messages dropped, the
//! closing handshake is done here. Made by the transport that answered the upgrade, polled by the
//! driver. Invariants: bytes are read into one buffer per thread and written out of one buffer per
//! connection that exists only while it holds something; after our close frame nothing is sent.
//! Source: RFC 6455, sections 5.5 (control frames) and 7.1 (closing).

use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use hyper::upgrade::OnUpgrade;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frame::{Decoder, FrameError, Message, Opcode, put_close, put_frame};
use super::stream::UpgradedStream;
use crate::driver::{Farewell, Link, LinkClosed};
use crate::protocol::engineio::Frame;

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
    out: BytesMut,
    /// Frames that are not written whole, with where in all that was ever queued they end.
    unwritten: VecDeque<(Frame, u64)>,
    /// Bytes that were ever queued, and written.
    queued: u64,
    written: u64,
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
            out: BytesMut::new(),
            unwritten: VecDeque::new(),
            queued: 0,
            written: 0,
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
            put_frame(&mut self.out, Opcode::Pong, payload);
            self.pong_bytes += self.out.len() - before;
            self.queued += (self.out.len() - before) as u64;
        }
    }

    /// Queues our close frame unless there is one already.
    fn queue_close(&mut self, code: Option<u16>) {
        if self.our_side == OurSide::Open {
            put_close(&mut self.out, code);
            self.our_side = OurSide::SaidAll;
        }
    }

    /// Notes why reading ends and lets go of what is no longer needed.
    fn end(&mut self, why: LinkClosed) -> LinkClosed {
        self.decoder = Decoder::new(self.max_message_bytes);
        if why == LinkClosed::Broken {
            self.out = BytesMut::new();
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
        while !self.out.is_empty() {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.out))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.advance(count);
            self.written += count as u64;
            self.is_unflushed = true;
        }
        self.out = BytesMut::new();
        self.unwritten = VecDeque::new();
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

    fn queue(&mut self, frame: &Frame) {
        if self.our_side == OurSide::Open {
            let before = self.out.len();
            match frame {
                Frame::Text(text) => put_frame(&mut self.out, Opcode::Text, text.as_bytes()),
                Frame::Binary(bytes) => put_frame(&mut self.out, Opcode::Binary, bytes),
            }
            self.queued += (self.out.len() - before) as u64;
            self.unwritten.push_back((frame.clone(), self.queued));
        }
    }

    fn take_unwritten(&mut self) -> Vec<Frame> {
        let written = self.written;
        let unwritten = std::mem::take(&mut self.unwritten).into_iter();
        unwritten.filter(|(_, end)| *end > written).map(|(frame, _)| frame).collect()
    }

    fn queued_bytes(&self) -> usize {
        self.out.len()
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
mod tests {
    use std::collections::VecDeque;
    use std::task::Waker;

    use super::*;

    /// A stream that plays back reads and records writes.
    #[derive(Default)]
    struct Script {
        /// What reads bring, one each; then they are pending.
        reads: VecDeque<io::Result<Vec<u8>>>,
        /// How many bytes each write takes; then all of them.
        takes: VecDeque<Poll<io::Result<usize>>>,
        written: Vec<u8>,
        writes: usize,
        flushes: usize,
        is_shut_down: bool,
    }

    impl AsyncRead for Script {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            match self.reads.pop_front() {
                Some(read) => Poll::Ready(read.map(|bytes| buf.put_slice(&bytes))),
                None => Poll::Pending,
            }
        }
    }

    impl AsyncWrite for Script {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            assert!(!self.is_shut_down);
            let count = match self.takes.pop_front() {
                Some(take) => ready!(take)?.min(bytes.len()),
                None => bytes.len(),
            };
            self.written.extend(&bytes[..count]);
            self.writes += 1;
            Poll::Ready(Ok(count))
        }

        fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.flushes += 1;
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            assert!(!std::mem::replace(&mut self.is_shut_down, true));
            Poll::Ready(Ok(()))
        }
    }

    fn text(text: &'static str) -> Frame {
        Frame::Text(text.into())
    }

    /// A text as it is, bytes in words.
    fn shown(frame: &Frame) -> String {
        match frame {
            Frame::Text(text) => text.to_string(),
            Frame::Binary(bytes) => format!("{bytes:?}"),
        }
    }

    const LIMIT: usize = 1000;

    /// A link whose peer sends these bytes, one read each.
    fn link(reads: &[&[u8]]) -> WebSocketLink<Script> {
        let reads = reads.iter().map(|bytes| Ok(bytes.to_vec())).collect();
        WebSocketLink::over(Script { reads, ..Script::default() }, LIMIT)
    }

    /// A client's frame under a mask of zeros.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        [&[first, 0x80 | payload.len() as u8, 0, 0, 0, 0], payload].concat()
    }

    fn cx() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    /// Reads and flushes until the link is pending or ends.
    fn run(link: &mut WebSocketLink<Script>) -> (Vec<String>, Option<LinkClosed>) {
        let mut frames = VecDeque::new();
        let end = loop {
            match link.poll_read(&mut cx(), &mut frames) {
                Poll::Ready(Ok(())) => assert_eq!(link.poll_flush(&mut cx()), Poll::Ready(Ok(()))),
                Poll::Ready(Err(why)) => break Some(why),
                Poll::Pending => break None,
            }
        };
        let _ = link.poll_flush(&mut cx());
        (frames.iter().map(shown).collect(), end)
    }

    #[test]
    fn what_the_peer_sends_decides_what_comes_out_what_goes_back_and_how_it_ends() {
        let text = frame(0x81, b"one");
        let ping = frame(0x89, b"p");
        let close = |code: u16| frame(0x88, &code.to_be_bytes());
        let violation = |error: FrameError| Some(LinkClosed::Violation(error.text()));
        type Case<'a> = (&'a [&'a [u8]], &'a [&'a str], &'a [u8], Option<LinkClosed>);
        let cases: &[Case<'_>] = &[
            (&[], &[], &[], None),
            (&[&text], &["one"], &[], None),
            (&[&text[..3], &text[3..]], &["one"], &[], None),
            (&[&[&text[..], &text].concat(), &text], &["one"; 3], &[], None),
            (
                &[&frame(0x82, b"bytes"), &frame(0x8a, b"pong"), &text],
                &["b\"bytes\"", "one"],
                &[],
                None,
            ),
            (
                &[&[&ping[..], &text, &frame(0x89, b"")].concat()],
                &["one"],
                b"\x8a\x01p\x8a\x00",
                None,
            ),
            (&[&close(1000), &text], &[], b"\x88\x02\x03\xe8", Some(LinkClosed::ByPeer)),
            (
                &[&[&text[..], &frame(0x88, b""), &text, &ping].concat()],
                &["one"],
                b"\x88\x00",
                Some(LinkClosed::ByPeer),
            ),
            (
                &[&[&text[..], &[0x81, 0x00]].concat()],
                &["one"],
                b"\x88\x02\x03\xea",
                violation(FrameError::Unmasked),
            ),
            (&[&frame(0x81, b"\xff")], &[], b"\x88\x02\x03\xef", violation(FrameError::NotUtf8)),
            (
                &[&[0x81, 0xfe, 0x03, 0xe9]],
                &[],
                b"\x88\x02\x03\xf1",
                Some(LinkClosed::TooBig(LIMIT)),
            ),
            (&[&text, b""], &["one"], &[], Some(LinkClosed::Broken)),
            (&[&text[..4], b""], &[], &[], Some(LinkClosed::Broken)),
            (&[&frame(0x01, b"un"), b""], &[], &[], Some(LinkClosed::Broken)),
        ];
        for (reads, frames, written, end) in cases {
            let mut link = link(reads);
            let (found, why) = run(&mut link);
            assert_eq!(
                (&found[..], &link.stream.written[..], why),
                (&frames.iter().map(ToString::to_string).collect::<Vec<_>>()[..], *written, *end)
            );
        }
    }

    #[test]
    fn a_read_is_one_read_and_the_end_is_told_again() {
        let mut link = link(&[&frame(0x81, b"a"), &frame(0x81, b"b"), &frame(0x88, b"")]);
        let mut frames = VecDeque::new();
        for count in [1, 2] {
            assert_eq!(link.poll_read(&mut cx(), &mut frames), Poll::Ready(Ok(())));
            assert_eq!(frames.len(), count);
        }
        for _ in 0..2 {
            let end = Poll::Ready(Err(LinkClosed::ByPeer));
            assert_eq!(link.poll_read(&mut cx(), &mut frames), end);
        }
    }

    #[test]
    fn failures_of_the_stream_break_the_link() {
        let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
        let broken = Poll::Ready(Err(LinkClosed::Broken));
        let mut read = link(&[]);
        read.stream.reads.push_back(Err(reset()));
        assert_eq!(read.poll_read(&mut cx(), &mut VecDeque::new()), broken);
        for take in [Err(reset()), Ok(0)] {
            let mut write = link(&[]);
            write.stream.takes.push_back(Poll::Ready(take));
            write.queue(&text("lost"));
            assert_eq!(write.poll_flush(&mut cx()), broken);
            assert_eq!(write.poll_read(&mut cx(), &mut VecDeque::new()), broken);
            write.queue(&text("dropped"));
            assert_eq!(write.queued_bytes(), 0);
            assert_eq!(write.poll_flush(&mut cx()), broken);
            assert_eq!(write.poll_closed(&mut cx()), Poll::Ready(()));
        }
    }

    #[test]
    fn all_that_is_queued_is_one_write_and_leaves_no_buffer() {
        let mut link = link(&[]);
        assert_eq!(link.poll_flush(&mut cx()), Poll::Ready(Ok(())));
        assert_eq!((link.stream.writes, link.stream.flushes), (0, 0));
        link.queue(&text("a"));
        link.queue(&text("☃"));
        assert_eq!(link.queued_bytes(), 8);
        assert_eq!(link.poll_flush(&mut cx()), Poll::Ready(Ok(())));
        assert_eq!(link.stream.written, b"\x81\x01a\x81\x03\xe2\x98\x83");
        assert_eq!((link.stream.writes, link.stream.flushes), (1, 1));
        assert_eq!((link.queued_bytes(), link.out.capacity()), (0, 0));
    }

    #[test]
    fn what_the_kernel_does_not_take_stays_queued() {
        let mut link = link(&[]);
        link.stream.takes = [Poll::Ready(Ok(2)), Poll::Pending, Poll::Ready(Ok(1))].into();
        link.queue(&text("abcd"));
        assert_eq!(link.poll_flush(&mut cx()), Poll::Pending);
        assert_eq!(link.queued_bytes(), 4);
        link.queue(&text("e"));
        assert_eq!(link.poll_flush(&mut cx()), Poll::Ready(Ok(())));
        assert_eq!(link.stream.written, b"\x81\x04abcd\x81\x01e");
    }

    #[test]
    fn pongs_do_not_pile_up_for_a_peer_that_takes_none() {
        let pings = frame(0x89, &[b'p'; 100]).repeat(600);
        let mut link = link(&[&pings[..]; 4]);
        link.queue(&text("before"));
        let pongs_of_a_read = 600 * 102;
        for pongs in [pongs_of_a_read, MAX_PONG_BYTES.next_multiple_of(102)] {
            assert_eq!(link.poll_read(&mut cx(), &mut VecDeque::new()), Poll::Ready(Ok(())));
            assert_eq!(link.queued_bytes(), 8 + pongs);
        }
        assert_eq!(link.poll_read(&mut cx(), &mut VecDeque::new()), Poll::Ready(Ok(())));
        assert_eq!(link.queued_bytes(), 8 + MAX_PONG_BYTES.next_multiple_of(102));
        assert_eq!(link.poll_flush(&mut cx()), Poll::Ready(Ok(())));
        assert_eq!(link.poll_read(&mut cx(), &mut VecDeque::new()), Poll::Ready(Ok(())));
        assert_eq!(link.queued_bytes(), pongs_of_a_read);
    }

    #[test]
    fn farewells_are_the_last_word() {
        let cases: [(Farewell, &[u8]); 2] = [
            (Farewell::Normal, b"\x81\x01a\x88\x02\x03\xe8"),
            (Farewell::GoingAway, b"\x81\x01a\x88\x02\x03\xe9"),
        ];
        for (farewell, written) in cases {
            let mut link = link(&[&frame(0x89, b""), &frame(0x88, b"")]);
            link.queue(&text("a"));
            link.close(farewell);
            link.close(Farewell::Normal);
            link.queue(&text("b"));
            assert_eq!(run(&mut link), (vec![], Some(LinkClosed::ByPeer)));
            assert_eq!(link.stream.written, written);
        }
    }

    #[test]
    fn closing_flushes_shuts_down_once_and_waits_for_the_peer() {
        let mut link = link(&[&frame(0x81, b"late"), b"anything"]);
        link.stream.takes.push_back(Poll::Pending);
        link.close(Farewell::Normal);
        assert_eq!(link.poll_closed(&mut cx()), Poll::Pending);
        assert!(!link.stream.is_shut_down);
        for _ in 0..2 {
            assert_eq!(link.poll_closed(&mut cx()), Poll::Pending);
            assert!(link.stream.is_shut_down && link.stream.reads.is_empty());
        }
        link.queue(&text("dropped"));
        link.stream.reads.extend([Ok(b"more".to_vec()), Ok(vec![])]);
        assert_eq!(link.poll_closed(&mut cx()), Poll::Ready(()));
        assert_eq!(link.stream.written, b"\x88\x02\x03\xe8");
    }

    #[test]
    fn an_ended_link_holds_no_buffers() {
        let unfinished = [frame(0x01, &[b'x'; 100]), frame(0x88, b""), vec![0x81]].concat();
        let mut link = link(&[&unfinished]);
        assert_eq!(run(&mut link).1, Some(LinkClosed::ByPeer));
        assert!(!link.decoder.holds_bytes());
        assert_eq!(link.out.capacity(), 0);
    }
}
