//! The type of a binary value that shares its memory with the packet.

use std::borrow::Cow;
use std::ops::Deref;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::share::{lend, scope, share};

/// A binary value: in arguments, in fields, in lists, received or sent.
///
/// Received, it is the attachment itself; sent, it is what goes out: nothing is copied, however large it
/// is (of a packet with more than 64 of them, those before the last 64 are copied where they stand behind
/// `#[serde(untagged)]`, `tag` or `flatten`). It keeps the memory of its packet for as long as it lives. [`Bytes`] and the types of `serde_bytes` can stand in its place and cost one copy; a `&[u8]`
/// parameter of a handler borrows the attachment. All of them also take what clients without binary
/// values send for one: an array of numbers, or a string, of which they get the UTF-8.
///
/// ```
/// use socketio_core::prelude::*;
///
/// #[derive(Default)]
/// struct Files;
///
/// #[socket_connection]
/// impl Files {
///     /// `socket.emit('upload', 'a.png', buffer)`
///     #[event]
///     fn upload(&self, socket: &Socket, name: &str, data: Binary) -> Result<usize, EmitError> {
///         socket.broadcast().emit("file", (name, &data))?;
///         Ok(data.len())
///     }
/// }
/// ```
///
/// A client of Socket.IO 0.7 to 0.9 gets an array of numbers, for its packets are text.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Binary(pub Bytes);

impl Deref for Binary {
    type Target = Bytes;

    fn deref(&self) -> &Bytes {
        &self.0
    }
}

impl From<Bytes> for Binary {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<Binary> for Bytes {
    fn from(binary: Binary) -> Self {
        binary.0
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = serde_bytes::deserialize::<Cow<'de, [u8]>, D>(deserializer)?;
        Ok(Self(match bytes {
            Cow::Borrowed(slice) => share(slice),
            Cow::Owned(bytes) => bytes.into(),
        }))
    }
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        scope(|| {
            lend(&self.0);
            serializer.serialize_bytes(&self.0)
        })
    }
}
