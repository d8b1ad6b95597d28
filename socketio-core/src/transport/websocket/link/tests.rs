//! A link over a stream that plays back reads and records writes.

use std::collections::VecDeque;
use std::task::Waker;

use super::out::PLACE_BYTES;
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
        (&[&[&ping[..], &text, &frame(0x89, b"")].concat()], &["one"], b"\x8a\x01p\x8a\x00", None),
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
        (&[&[0x81, 0xfe, 0x03, 0xe9]], &[], b"\x88\x02\x03\xf1", Some(LinkClosed::TooBig(LIMIT))),
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
        write.queue(text("lost").into());
        assert_eq!(write.poll_flush(&mut cx()), broken);
        assert_eq!(write.poll_read(&mut cx(), &mut VecDeque::new()), broken);
        write.queue(text("dropped").into());
        assert_eq!(write.queued_bytes(), PLACE_BYTES);
        assert_eq!(write.poll_flush(&mut cx()), broken);
        assert_eq!(write.poll_closed(&mut cx()), Poll::Ready(()));
        assert_eq!(write.take_unwritten(), [text("lost")]);
    }
}

#[test]
fn frames_come_back_that_the_kernel_has_not_got_whole() {
    // Frames of 4 bytes each.
    for (taken, expected) in
        [(0, &["ab", "cd", "ef"][..]), (3, &["ab", "cd", "ef"]), (4, &["cd", "ef"]), (11, &["ef"])]
    {
        let mut link = link(&[]);
        link.stream.takes = [Poll::Ready(Ok(taken)), Poll::Pending].into();
        if taken == 0 {
            link.stream.takes.pop_front();
        }
        ["ab", "cd", "ef"].into_iter().for_each(|frame| link.queue(text(frame).into()));
        assert_eq!(link.poll_flush(&mut cx()), Poll::Pending);
        assert_eq!(link.queued_bytes(), 12 - taken + expected.len() * PLACE_BYTES);
        let expected: Vec<_> = expected.iter().map(|frame| text(frame)).collect();
        assert_eq!(link.take_unwritten(), expected);
    }
}

#[test]
fn all_that_is_queued_is_one_write_and_leaves_no_buffer() {
    let mut link = link(&[]);
    assert_eq!(link.poll_flush(&mut cx()), Poll::Ready(Ok(())));
    assert_eq!((link.stream.writes, link.stream.flushes), (0, 0));
    link.queue(text("a").into());
    link.queue(text("☃").into());
    assert_eq!(link.queued_bytes(), 8 + 2 * PLACE_BYTES);
    assert_eq!(link.poll_flush(&mut cx()), Poll::Ready(Ok(())));
    assert_eq!(link.stream.written, b"\x81\x01a\x81\x03\xe2\x98\x83");
    assert_eq!((link.stream.writes, link.stream.flushes), (1, 1));
    assert_eq!((link.queued_bytes(), link.out.bytes.capacity()), (0, 0));
}

#[test]
fn what_the_kernel_does_not_take_stays_queued() {
    let mut link = link(&[]);
    link.stream.takes = [Poll::Ready(Ok(2)), Poll::Pending, Poll::Ready(Ok(1))].into();
    link.queue(text("abcd").into());
    assert_eq!(link.poll_flush(&mut cx()), Poll::Pending);
    assert_eq!(link.queued_bytes(), 4 + PLACE_BYTES);
    link.queue(text("e").into());
    assert_eq!(link.poll_flush(&mut cx()), Poll::Ready(Ok(())));
    assert_eq!(link.stream.written, b"\x81\x04abcd\x81\x01e");
}

#[test]
fn frames_are_let_go_of_though_the_kernel_never_takes_all() {
    let mut link = link(&[]);
    link.queue(text("ab").into());
    for _ in 0..1000 {
        link.queue(text("ab").into());
        link.stream.takes = [Poll::Ready(Ok(4)), Poll::Pending].into();
        assert_eq!(link.poll_flush(&mut cx()), Poll::Pending);
        assert_eq!(link.queued_bytes(), 4 + PLACE_BYTES);
    }
    assert_eq!(link.take_unwritten(), [text("ab")]);
}

#[test]
fn pongs_do_not_pile_up_for_a_peer_that_takes_none() {
    let pings = frame(0x89, &[b'p'; 100]).repeat(600);
    let mut link = link(&[&pings[..]; 4]);
    link.queue(text("before").into());
    let before = 8 + PLACE_BYTES;
    let pongs_of_a_read = 600 * 102;
    for pongs in [pongs_of_a_read, MAX_PONG_BYTES.next_multiple_of(102)] {
        assert_eq!(link.poll_read(&mut cx(), &mut VecDeque::new()), Poll::Ready(Ok(())));
        assert_eq!(link.queued_bytes(), before + pongs);
    }
    assert_eq!(link.poll_read(&mut cx(), &mut VecDeque::new()), Poll::Ready(Ok(())));
    assert_eq!(link.queued_bytes(), before + MAX_PONG_BYTES.next_multiple_of(102));
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
        link.queue(text("a").into());
        link.close(farewell);
        link.close(Farewell::Normal);
        link.queue(text("b").into());
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
    link.queue(text("dropped").into());
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
    assert_eq!(link.out.bytes.capacity(), 0);
}
