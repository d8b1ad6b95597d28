//! How much a client may send, make wait, and choose.
//!
//! How many clients there may be is in [`gate`](super::gate), how long things may take is with the other options; all limits
//! are in one table in `docs/security.md`.

use super::Builder;
use crate::session::Rate;

impl<T, S> Builder<T, S> {
    /// How many binary values one event or acknowledgement of a client may hold. Default: 10
    /// (socket.io-parser 4.2, `maxAttachments`); in MessagePack it is 1,024 in any case. All of them may have as many bytes as
    /// so many messages: each counts as one towards
    /// [`max_message_bytes`](Self::max_message_bytes).
    pub fn max_attachments(mut self, count: usize) -> Self {
        self.limits.attachments = count;
        self
    }

    /// How many acknowledgements may be awaited from one endpoint of one client. Default: 1,024. Over it a
    /// call fails at once. Protects from clients that never answer a server that asks all the time.
    pub fn max_pending_acks(mut self, count: usize) -> Self {
        self.limits.pending_acks = count;
        self
    }

    /// How many endpoints a client may join beside the root. Default: 64; further connects are refused, those of
    /// legacy clients without a word.
    /// Protects from clients that join without end, where patterns serve any number of paths.
    pub fn max_endpoints(mut self, count: usize) -> Self {
        self.limits.endpoints = count;
        self
    }

    /// How many packets are held of what a client sends to endpoints before it joins them, as official
    /// clients do after a reconnect (the reference server loses them). Default: 64, of 64 KiB in all; what is
    /// over is dropped. Protects from clients that send to endpoints without end and join none.
    pub fn max_early_packets(mut self, count: usize) -> Self {
        self.limits.early_packets = count;
        self
    }

    /// How many bytes may wait for one client. One that has as many waiting is a slow consumer, and
    /// its connection closes at the next emission or acknowledgement; a volatile one is dropped instead. Default: 4 MiB; the
    /// servers before this one had no limit. Protects from clients that ask and do not read.
    pub fn send_buffer_limit(mut self, bytes: usize) -> Self {
        self.send_buffer_limit = bytes;
        self
    }

    /// How many events of one client may wait for their handlers, or be handled beside each other. At the
    /// limit nothing more is read from that client until there is room, its goodbye included, and
    /// what a read or a POST has brought waits in the bytes that it came in; its heartbeats go on. While an
    /// acknowledgement is awaited from the client the limit is twice as high, so that it can arrive behind a
    /// queue that waits for it; what came before the connect of its endpoint
    /// ([`max_early_packets`](Self::max_early_packets)) may come beside it. An acknowledgement, or the end
    /// of the transport, behind more events than that in one read is not seen before there is room. Default: 1,024.
    /// Protects from clients that send faster than handlers work.
    pub fn queue_limit(mut self, events: usize) -> Self {
        self.queue_limit.events = events;
        self
    }

    /// How many bytes the events of one client may take that wait for their handlers, or are handled: text and attachments.
    /// What happens at the limit, and while an acknowledgement is awaited, is said of
    /// [`queue_limit`](Self::queue_limit). Below the limit one event more is taken in, however large
    /// [`max_message_bytes`](Self::max_message_bytes) and its attachments let it be. Default: 4 MiB. Protects from clients
    /// that send more than handlers work through.
    pub fn receive_buffer_limit(mut self, bytes: usize) -> Self {
        self.queue_limit.bytes = bytes;
        self
    }

    /// The largest WebSocket message and the largest POST that a client may send, inclusive. Default:
    /// 1 MiB. A larger one closes the WebSocket with 1009, or is answered 413. A form, as jsonp-polling
    /// posts it, counts with its escapes. In socket.io 0.9 this is `destroy buffer size`, 100 MB.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

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
