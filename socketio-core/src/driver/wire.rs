//! Who a client is to its session: its generation, what it speaks, and what carries that.
//!
//! Said when a session begins; statistics and logs name clients by it, and handlers may ask.

use bytestring::ByteString;

/// The generation of clients that one is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Protocol {
    /// Socket.IO 0.7 to 0.9.
    Legacy,
    /// Socket.IO 1 and 2: Engine.IO 3.
    V3,
    /// Socket.IO 3 and 4: Engine.IO 4.
    V4,
}

impl Protocol {
    /// All of them, the oldest first, and in the order of their [`key`](Self::key)s.
    pub(crate) const ALL: [Self; 3] = [Self::Legacy, Self::V3, Self::V4];

    /// Its place in [`Self::ALL`].
    pub(crate) const fn key(self) -> usize {
        self as usize
    }

    /// The name in statistics: `legacy`, `v3`, `v4`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::V3 => "v3",
            Self::V4 => "v4",
        }
    }
}

/// Which wire a session speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Socket.IO 0.7 to 0.9.
    Legacy,
    /// Engine.IO 3.
    Engine3 {
        /// The digits of a callback, if the client polls by scripts.
        script: Option<ByteString>,
    },
    /// Engine.IO 4.
    Engine4,
}

impl Wire {
    /// The generation that speaks it.
    pub(crate) const fn protocol(&self) -> Protocol {
        match self {
            Self::Legacy => Protocol::Legacy,
            Self::Engine3 { .. } => Protocol::V3,
            Self::Engine4 => Protocol::V4,
        }
    }

    /// The digits of the callback of a client that polls by scripts.
    pub(crate) fn script(&self) -> Option<&ByteString> {
        match self {
            Self::Engine3 { script } => script.as_ref(),
            _ => None,
        }
    }
}

/// What carries a client's packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Transport {
    /// A WebSocket.
    WebSocket,
    /// A WebSocket that Flash opens for a browser that has none of its own.
    FlashSocket,
    /// A page that never ends to load, in Internet Explorer.
    HtmlFile,
    /// Long polling, since Socket.IO 1.0.
    Polling,
    /// Long polling with `XMLHttpRequest`, in Socket.IO 0.7 to 0.9.
    XhrPolling,
    /// Long polling with scripts, and with forms that are posted into a frame.
    JsonpPolling,
}

impl Transport {
    /// All of them, the preferred one first, and in the order of their [`key`](Self::key)s.
    pub(crate) const ALL: [Self; 6] = [
        Self::WebSocket,
        Self::FlashSocket,
        Self::HtmlFile,
        Self::Polling,
        Self::XhrPolling,
        Self::JsonpPolling,
    ];

    /// Its place in [`Self::ALL`].
    pub(super) const fn key(self) -> usize {
        self as usize
    }

    /// The name in URLs and in the handshake, such as `xhr-polling`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::FlashSocket => "flashsocket",
            Self::HtmlFile => "htmlfile",
            Self::Polling => "polling",
            Self::XhrPolling => "xhr-polling",
            Self::JsonpPolling => "jsonp-polling",
        }
    }
}
