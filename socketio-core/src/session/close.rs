//! Why connections end.
//!
//! Made by the session and the driver, read by `#[on_close]` and the log. Whether a client is told of
//! it, and how, is decided in [`send`](super::send) and the driver.

use std::fmt;

/// Why a connection ended; `#[on_close]` gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The client said that it leaves: a disconnect packet, or the `?disconnect` URL.
    ClientDisconnect,
    /// The server closed it: [`close`](crate::Socket::close) or [`disconnect`](crate::Socket::disconnect).
    ServerDisconnect,
    /// The client ended its transport in the transport's own way: a WebSocket close frame, as a page
    /// sends one that is left.
    TransportClosed,
    /// The transport broke, and the client did not come back within `session_expiry`.
    TransportError,
    /// The client broke the rules of its transport.
    ProtocolViolation,
    /// The client sent a message larger than `max_message_bytes`.
    MessageTooBig,
    /// The client sent more packets than `max_packets_per_second`.
    TooManyPackets,
    /// No heartbeat came back within `heartbeat_timeout`.
    HeartbeatTimeout,
    /// A polling client did not poll again within `close_timeout`.
    CloseTimeout,
    /// No transport followed the handshake within `session_expiry`.
    HandshakeExpired,
    /// The client reads more slowly than it is sent to: `send_buffer_limit` was reached.
    SlowConsumer,
    /// A handler failed and nothing handled that.
    HandlerFailed,
    /// The client joined no endpoint within `connect_timeout`.
    ConnectTimeout,
    /// The connection was refused by a guard, `#[on_open]` or `#[on_endpoint]`, or there is no such endpoint.
    Refused,
    /// The time is up until which the connection was to last: [`expire_in`](crate::Socket::expire_in).
    Expired,
    /// The server is shutting down.
    ServerShutdown,
}

impl CloseReason {
    /// All of them, in the order of their [`key`](Self::key)s.
    pub(crate) const ALL: [Self; 16] = [
        Self::ClientDisconnect,
        Self::ServerDisconnect,
        Self::TransportClosed,
        Self::TransportError,
        Self::ProtocolViolation,
        Self::MessageTooBig,
        Self::TooManyPackets,
        Self::HeartbeatTimeout,
        Self::CloseTimeout,
        Self::HandshakeExpired,
        Self::SlowConsumer,
        Self::HandlerFailed,
        Self::ConnectTimeout,
        Self::Refused,
        Self::Expired,
        Self::ServerShutdown,
    ];

    /// Its place in [`Self::ALL`].
    pub(crate) const fn key(self) -> usize {
        self as usize
    }

    /// The reason in words, for logs and [`Stats::closed`](crate::Stats::closed).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientDisconnect => "client disconnect",
            Self::ServerDisconnect => "server disconnect",
            Self::TransportClosed => "transport closed",
            Self::TransportError => "transport error",
            Self::ProtocolViolation => "protocol violation",
            Self::MessageTooBig => "message too big",
            Self::TooManyPackets => "too many packets",
            Self::HeartbeatTimeout => "heartbeat timeout",
            Self::CloseTimeout => "close timeout",
            Self::HandshakeExpired => "handshake expired",
            Self::SlowConsumer => "slow consumer",
            Self::HandlerFailed => "handler failed",
            Self::ConnectTimeout => "connect timeout",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::ServerShutdown => "server shutdown",
        }
    }

    /// Whether the client may come back to the connection: neither side has ended it. A server that shuts
    /// down remembers nobody.
    pub(crate) const fn is_recoverable(self) -> bool {
        matches!(self, Self::TransportClosed | Self::TransportError | Self::HeartbeatTimeout)
    }

    /// Whether what the client sent before the end is still to be handled: yes if the client ended
    /// it, no if the server did.
    pub(crate) const fn keeps_queued_events(self) -> bool {
        !matches!(
            self,
            Self::ServerDisconnect
                | Self::HandlerFailed
                | Self::Refused
                | Self::Expired
                | Self::ServerShutdown
                | Self::SlowConsumer
        )
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_place_and_its_name() {
        for (place, reason) in CloseReason::ALL.into_iter().enumerate() {
            assert_eq!(reason.key(), place);
            let same = CloseReason::ALL.iter().filter(|it| it.as_str() == reason.as_str());
            assert_eq!(same.count(), 1, "{reason}");
        }
    }
}
