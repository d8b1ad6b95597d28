//! The endpoints of one client: which it asked for, which let it in, which it left.
//!
//! ```text
//!              1::/chat              accept
//!   (absent) ───────────▶ Opening ───────────▶ Open
//!      ▲                     │                   │ 0::/chat from either side
//!      └─────── refuse ──────┘                   ▼
//!                            ◀───1::/chat────── Left
//! ```
//!
//! The root (the empty path) is there from the start. What is sent to an endpoint that is `Opening`
//! is held until the client has been told that it is in; what the client sends for an absent one is
//! held in [`Early`], for a 0.9 client that reconnects flushes its buffer before it connects its
//! endpoints.

use bytestring::ByteString;

use super::acks::Acks;
use crate::protocol::legacy::Packet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Opening,
    Open,
    Left,
}

#[derive(Debug)]
pub(super) struct Endpoint<A> {
    pub(super) path: ByteString,
    pub(super) phase: Phase,
    pub(super) acks: Acks<A>,
    /// Packets for the client, encoded, until the endpoint is open.
    pub(super) held: Vec<ByteString>,
}

impl<A> Endpoint<A> {
    pub(super) fn new(path: ByteString, phase: Phase) -> Self {
        Self { path, phase, acks: Acks::new(), held: Vec::new() }
    }
}

/// The endpoints a client has named, the root first. Few, so a scan finds one fastest.
#[derive(Debug)]
pub(super) struct Endpoints<A>(Vec<Endpoint<A>>);

impl<A> Endpoints<A> {
    pub(super) fn new() -> Self {
        Self(vec![Endpoint::new(ByteString::new(), Phase::Open)])
    }

    pub(super) fn get_mut(&mut self, path: &str) -> Option<&mut Endpoint<A>> {
        self.0.iter_mut().find(|endpoint| endpoint.path == path)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Endpoint<A>> {
        self.0.iter_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Endpoint<A>> {
        self.0.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn push(&mut self, endpoint: Endpoint<A>) {
        self.0.push(endpoint);
    }

    pub(super) fn remove(&mut self, path: &str) {
        self.0.retain(|endpoint| endpoint.path.is_empty() || endpoint.path != path);
    }
}

/// Packets that came before the connect of their endpoint, bounded in number and bytes.
#[derive(Debug, Default)]
pub(super) struct Early {
    packets: Vec<Packet>,
    bytes: usize,
}

impl Early {
    /// Holds a packet of `bytes` bytes; gives `false`, and drops it, where there is no room.
    pub(super) fn hold(&mut self, packet: Packet, bytes: usize, limits: &super::Limits) -> bool {
        let room = self.packets.len() < limits.early_packets
            && self.bytes.saturating_add(bytes) <= limits.early_bytes;
        if room {
            self.bytes += bytes;
            self.packets.push(packet);
        }
        room
    }

    /// Gives the packets held for one endpoint, in order.
    pub(super) fn release(&mut self, path: &str) -> Vec<Packet> {
        let (released, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.packets).into_iter().partition(|held| held.endpoint == path);
        if kept.is_empty() {
            self.bytes = 0;
        }
        self.packets = kept;
        released
    }
}
