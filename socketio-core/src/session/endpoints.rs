//! The endpoints of one client: which it asked for, which let it in, which it left.
//!
//! ```text
//!              1::/chat              accept
//!   (absent) ───────────▶ Opening ───────────▶ Open
//!      ▲                   │   │                 │ 0::/chat from either side
//!      └───── refuse ──────┘   │ 0::/chat        ▼
//!                              │                Left ──1::/chat──▶ Opening
//!                              ▼                 ▲
//!                          Abandoned ───answer───┘ (Opening, if 1::/chat came meanwhile)
//! ```
//!
//! The root (the empty path) of a legacy client is open from the start; one of protocol 4 is asked for
//! then, as if the client had. What is sent to an endpoint that is `Opening`
//! is held until the client has been told that it is in; what the client sends for an absent one is
//! held in [`Early`], for a 0.9 client that reconnects flushes its buffer before it connects its
//! endpoints. A connect that was taken back before it was answered stays `Abandoned` until that answer
//! came, so that no answer is taken for the one to a later connect.

use std::time::Instant;

use bytestring::ByteString;

use super::Limits;
use super::acks::Acks;
use super::limits::earlier;
use super::outbox::Outbox;
use crate::protocol::is_same;
use crate::protocol::legacy::{Packet, decode};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Opening,
    Open,
    Abandoned,
    Left,
}

impl Phase {
    /// Whether those above hold the client to be in, or about to be.
    pub(super) fn is_joined(self) -> bool {
        matches!(self, Self::Opening | Self::Open)
    }
}

#[derive(Debug)]
pub(super) struct Endpoint<A> {
    pub(super) path: ByteString,
    pub(super) phase: Phase,
    pub(super) acks: Acks<A>,
    /// Packets for the client, until the endpoint is open.
    pub(super) held: Option<Box<Outbox>>,
    /// Until when its client may be in.
    pub(super) expires: Option<Instant>,
    /// Query and auth of a connect that came while this was abandoned.
    pub(super) again: Option<Box<(ByteString, ByteString)>>,
}

impl<A> Endpoint<A> {
    fn new(path: ByteString, phase: Phase, first_ack: u64) -> Self {
        let acks = Acks::new(first_ack);
        Self { path, phase, acks, held: None, expires: None, again: None }
    }

    /// Bytes of what is held.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.bytes())
    }

    /// When one of its acknowledgements, or it itself, is due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        earlier(self.acks.poll_timeout(), self.expires)
    }
}

/// The endpoints a client has named. Few, so a scan finds one fastest.
#[derive(Debug)]
pub(super) struct Endpoints<A> {
    named: Vec<Endpoint<A>>,
    /// The number of each one's first acknowledgement.
    first_ack: u64,
}

impl<A> Endpoints<A> {
    pub(super) fn new(first_ack: u64) -> Self {
        Self { named: Vec::new(), first_ack }
    }

    /// Adds the root as one that is joined.
    pub(super) fn add_open_root(&mut self) {
        self.named.push(Endpoint::new(ByteString::new(), Phase::Open, self.first_ack));
    }

    /// The endpoints that the client knows to be in.
    pub(super) fn open_paths(&self) -> Vec<ByteString> {
        let open = self.named.iter().filter(|endpoint| endpoint.phase == Phase::Open);
        open.map(|endpoint| endpoint.path.clone()).collect()
    }

    pub(super) fn get_mut(&mut self, path: &str) -> Option<&mut Endpoint<A>> {
        self.named.iter_mut().find(|endpoint| is_same(&endpoint.path, path))
    }

    pub(super) fn phase(&self, path: &str) -> Option<Phase> {
        let named = self.named.iter().find(|endpoint| is_same(&endpoint.path, path));
        named.map(|endpoint| endpoint.phase)
    }

    /// Whether the client knows to be in.
    pub(super) fn is_open(&self, path: &str) -> bool {
        self.phase(path) == Some(Phase::Open)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Endpoint<A>> {
        self.named.iter_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Endpoint<A>> {
        self.named.iter()
    }

    /// Adds an endpoint, not yet joined. Where `limit` are there beside the root, one that the client has
    /// left makes room; gives `false` if there is none.
    pub(super) fn add(&mut self, path: ByteString, limit: usize) -> bool {
        let others = self.named.iter().filter(|endpoint| !endpoint.path.is_empty()).count();
        if !path.is_empty() && others >= limit {
            let left =
                |endpoint: &Endpoint<A>| endpoint.phase == Phase::Left && !endpoint.path.is_empty();
            let left = self.named.iter().position(left);
            let Some(left) = left else { return false };
            self.named.remove(left);
        }
        // Most clients have the root and no other.
        self.named.reserve_exact(1);
        self.named.push(Endpoint::new(path, Phase::Left, self.first_ack));
        true
    }

    pub(super) fn remove(&mut self, path: &str) {
        self.named.retain(|endpoint| endpoint.path != path);
    }
}

/// Packets that came before the connect of their endpoint, bounded in number and bytes.
#[derive(Debug, Default)]
pub(super) struct Early {
    pub(super) packets: Vec<(Packet, usize)>,
    pub(super) bytes: usize,
}

impl Early {
    /// Holds a packet, given as text; gives `false` where there is no room.
    pub(super) fn hold(&mut self, text: &str, limits: &Limits) -> bool {
        let bytes = self.bytes.saturating_add(text.len());
        if self.packets.len() >= limits.early_packets || bytes > limits.early_bytes {
            return false;
        }
        // A copy, for a slice would keep the whole body that it came in.
        if let Some(packet) = decode(&text.into()) {
            self.bytes = bytes;
            self.packets.push((packet, text.len()));
        }
        true
    }

    /// Gives the packets held for one endpoint, in order.
    pub(super) fn release(&mut self, path: &str) -> Vec<Packet> {
        let mut released = Vec::new();
        for (packet, bytes) in std::mem::take(&mut self.packets) {
            if packet.endpoint == path {
                self.bytes -= bytes;
                released.push(packet);
            } else {
                self.packets.push((packet, bytes));
            }
        }
        released
    }
}
