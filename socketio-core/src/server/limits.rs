//! Limits of what clients choose: the names of events and endpoints, rooms, how many packets they send.
//!
//! Those of clients in number are in [`gate`](super::gate), those of bytes and time in the [`Builder`]; all of them
//! are in one table in `docs/security.md`.

use super::Builder;
use crate::session::Rate;

impl<T, S> Builder<T, S> {
    /// How many bytes the name of an event may have, inclusive. Default: 1,024. A longer one ends the session, as
    /// what is no packet does; of a legacy client it is ignored. Names are compared, logged and
    /// handed to `#[on_event]`.
    pub fn max_event_name(mut self, bytes: usize) -> Self {
        self.limits.event_name = bytes;
        self
    }

    /// How many packets a client may send each second, and as many at once after a quiet one: all of them, pings,
    /// connects and attachments too. Default: any number. One more ends its session with
    /// [`CloseReason::TooManyPackets`](crate::CloseReason::TooManyPackets).
    ///
    /// It counts when a packet is taken in, so those of a client that was not read from for a while
    /// ([`queue_limit`](Self::queue_limit)) come close together: choose some times what clients send. To
    /// refuse some events and go on, there is `#[throttle]`.
    pub fn max_packets_per_second(mut self, packets: u64) -> Self {
        self.limits.packets = Some(Rate::per_second(packets));
        self
    }

    /// How many rooms a connection may be in, beside that of its id. Default: 1,024. One more is not entered
    /// ([`Socket::join`](crate::Socket::join)), nor is one whose name has more than 1,024 bytes. Protects from
    /// clients that name the rooms that a handler enters for them.
    pub fn max_rooms(mut self, rooms: usize) -> Self {
        self.limits.rooms = rooms;
        self
    }

    /// How many endpoints of patterns and of `#[on_endpoint]` there may be at a time, of all clients together. Default:
    /// 100,000, as for sessions. A connect to one more is answered as if there were no such endpoint; those that are there can be
    /// joined. Protects what is kept for each endpoint from clients that choose their names.
    pub fn max_dynamic_endpoints(mut self, endpoints: usize) -> Self {
        self.limits.dynamic_endpoints = endpoints;
        self
    }
}
