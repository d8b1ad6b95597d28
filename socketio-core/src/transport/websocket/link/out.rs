//! What a link has queued and the kernel has not taken: bytes, and the frames that they are.
//!
//! Frames go in; bytes are written from the front; frames that are not written whole come out again if the
//! link is lost. Used by the link. Invariant: one that holds nothing owns no buffer. What the last one had is
//! kept for the thread's next, so that a link which is written out in the turn that filled it allocates nothing.

use std::cell::Cell;
use std::collections::VecDeque;

use super::super::frame::{Opcode, put_close, put_frame};
use crate::protocol::engineio::{Frame, Queued};

/// The largest buffers that a thread keeps: bytes, and frames.
const KEPT_BYTES: usize = 256 * 1024;
const KEPT_FRAMES: usize = 1024;

/// What a frame takes beside its bytes.
pub(super) const PLACE_BYTES: usize = size_of::<(Queued, u64)>();

type Buffers = (Vec<u8>, VecDeque<(Queued, u64)>);

thread_local! {
    static SPARE: Cell<Buffers> = const { Cell::new((Vec::new(), VecDeque::new())) };
}

/// Bytes and frames on their way to the kernel.
#[derive(Debug, Default)]
pub(super) struct Out {
    pub(super) bytes: Vec<u8>,
    /// How many of `bytes` are written.
    at: usize,
    /// Frames that are not written whole, with where in all that was ever queued they end.
    frames: VecDeque<(Queued, u64)>,
    /// Bytes that were ever queued, and written.
    queued: u64,
    written: u64,
}

impl Out {
    /// Bytes that are not written.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The same, with the places of the frames: tiny ones take many times their bytes.
    pub(super) fn size(&self) -> usize {
        self.len() + self.frames.len() * PLACE_BYTES
    }

    /// The bytes to write next.
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Queues a message.
    pub(super) fn put_message(&mut self, frame: Queued) {
        let (opcode, payload) = match frame.frame() {
            Frame::Text(text) => (Opcode::Text, text.as_bytes() as &[u8]),
            Frame::Binary(bytes) => (Opcode::Binary, &**bytes),
        };
        self.append(|bytes| put_frame(bytes, opcode, [frame.head(), payload]));
        self.frames.push_back((frame, self.queued));
    }

    /// Queues a frame that nobody wants back.
    pub(super) fn put(&mut self, opcode: Opcode, payload: &[u8]) {
        self.append(|bytes| put_frame(bytes, opcode, [payload, &[]]));
    }

    /// Queues a close frame.
    pub(super) fn put_close(&mut self, code: Option<u16>) {
        self.append(|bytes| put_close(bytes, code));
    }

    fn append(&mut self, put: impl FnOnce(&mut Vec<u8>)) {
        if self.bytes.capacity() == 0 && self.frames.is_empty() {
            (self.bytes, self.frames) = SPARE.take();
        }
        let before = self.bytes.len();
        put(&mut self.bytes);
        self.queued += (self.bytes.len() - before) as u64;
    }

    /// The kernel took so many bytes.
    pub(super) fn handle_written(&mut self, count: usize) {
        self.at += count;
        self.written += count as u64;
        // Moved to the front once that is no more than what was written: each byte once, on the whole.
        if self.len() <= self.at {
            self.bytes.drain(..self.at.min(self.bytes.len()));
            self.at = 0;
        }
        if self.bytes.is_empty() {
            return self.release();
        }
        while self.frames.front().is_some_and(|(_, end)| *end <= self.written) {
            self.frames.pop_front();
        }
    }

    /// Lets go of the bytes, which nobody reads any more; the frames can still be taken back.
    pub(super) fn drop_bytes(&mut self) {
        (self.bytes, self.at) = (Vec::new(), 0);
    }

    /// The frames that the kernel has not got whole.
    pub(super) fn take_unwritten(&mut self) -> Vec<Frame> {
        let frames = std::mem::take(&mut self.frames).into_iter();
        frames.map(|(frame, _)| frame.into_frame()).collect()
    }

    fn release(&mut self) {
        self.frames.clear();
        let buffers = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.frames));
        if buffers.0.capacity() <= KEPT_BYTES && buffers.1.capacity() <= KEPT_FRAMES {
            SPARE.set(buffers);
        }
    }
}
