//! Which sockets of an endpoint a broadcast is for.

use bytestring::ByteString;

use crate::id::SocketKey;

/// Everyone in any of `rooms` (or everyone, with none named), less those in `except_rooms` and
/// `except`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) rooms: Vec<ByteString>,
    pub(crate) except_rooms: Vec<ByteString>,
    pub(crate) except: Option<SocketKey>,
}
