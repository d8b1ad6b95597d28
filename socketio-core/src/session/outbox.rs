//! Packets on their way to the client, in order, until its transport takes them.
//!
//! The number of bytes is bounded by `send_buffer_limit`: where emissions are concerned by the
//! mailbox, and by [`Session::handle_room`](super::Session::handle_room) for the answers that a client
//! gets to what it sends. Each packet counts with its place in the queue, or tiny ones would take many
//! times what is counted.

use std::collections::VecDeque;

use crate::protocol::engineio::{Frame, Queued};

#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub(super) packets: VecDeque<Queued>,
    bytes: usize,
    /// How many of them, at least, do not ask for compression. Of use to polls alone, which take all packets at once.
    plain: usize,
}

impl Outbox {
    pub(super) fn push(&mut self, packet: impl Into<Queued>) {
        let packet = packet.into();
        self.bytes += size(&packet);
        self.packets.push_back(packet);
    }

    pub(super) fn push_all(&mut self, packets: impl IntoIterator<Item = impl Into<Queued>>) {
        packets.into_iter().for_each(|packet| self.push(packet));
    }

    /// Puts a packet in that could be written, and gives whether it could.
    pub(super) fn push_written(&mut self, packet: Option<impl Into<Queued>>) -> bool {
        packet.map(|packet| self.push(packet)).is_some()
    }

    pub(super) fn push_front(&mut self, packet: Frame) {
        let packet = packet.into();
        self.bytes += size(&packet);
        self.packets.push_front(packet);
    }

    pub(super) fn pop(&mut self) -> Option<Queued> {
        let packet = self.packets.pop_front()?;
        self.bytes -= size(&packet);
        // Which of them it was is not known: rather one too few, and one packet more is compressed.
        self.plain = self.plain.saturating_sub(1);
        Some(packet)
    }

    pub(super) fn take(&mut self) -> Vec<Frame> {
        (self.bytes, self.plain) = (0, 0);
        self.packets.drain(..).map(Queued::into_frame).collect()
    }

    /// Puts packets back that could not be delivered.
    pub(super) fn restore(&mut self, packets: Vec<Frame>) {
        packets.into_iter().rev().for_each(|packet| self.push_front(packet));
    }

    /// Puts the packets of another behind its own.
    pub(super) fn append(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.plain += other.plain;
        self.packets.extend(other.packets);
    }

    /// Notes that what was pushed since there were so many packets does not ask for compression.
    pub(super) fn set_plain_from(&mut self, before: usize) {
        self.plain += self.packets.len().saturating_sub(before);
    }

    /// Whether a packet asks for compression, or there is none that does not.
    pub(super) fn asks_for_compression(&self) -> bool {
        self.plain < self.packets.len() || self.is_empty()
    }

    pub(super) fn first(&self) -> Option<&Frame> {
        self.packets.front().map(Queued::frame)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

fn size(packet: &Queued) -> usize {
    packet.len() + size_of::<Queued>()
}
