//! The part of a connection that can come back after its session has ended.
//!
//! What a client claims is read here from what it says when it connects; the adapter decides whether it gets
//! that, and a socket of the old or of a new kind is made of the answer. Source: Socket.IO protocol v5,
//! "Connection state recovery"; socket.io-client 4.8 lib/socket.ts (`_sendConnectPacket`).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytestring::ByteString;
use serde_json::value::RawValue;

use crate::adapter::{Claim, Extensions, Kept, Returned};
use crate::id::{RecoveryId, SocketId};
use crate::protocol::Emission;

/// The part of a connection that can come back.
pub(crate) struct Recoverable {
    pub(super) id: RecoveryId,
    pub(super) recovered: bool,
    pub(super) extensions: Arc<Extensions>,
    /// Whether its client has been told that it is in, now or before it came back.
    is_open: AtomicBool,
    missed: Mutex<Vec<Arc<Emission>>>,
}

impl Recoverable {
    /// A new connection's.
    ///
    /// # Errors
    ///
    /// When the system's random source fails.
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        Ok(Self {
            id: RecoveryId::random()?,
            recovered: false,
            extensions: Arc::default(),
            is_open: AtomicBool::new(false),
            missed: Mutex::default(),
        })
    }

    /// One's that came back, under the same name.
    pub(crate) fn returned(id: RecoveryId, returned: Returned) -> Self {
        let (extensions, missed) = (returned.kept.extensions, Mutex::new(returned.missed));
        Self { id, recovered: true, extensions, is_open: AtomicBool::new(true), missed }
    }

    /// What is kept of it, unless its client does not know of it yet.
    pub(super) fn kept(&self, id: SocketId) -> Option<(RecoveryId, Kept)> {
        let kept = || (self.id, Kept { id, extensions: Arc::clone(&self.extensions) });
        self.is_open.load(Ordering::Relaxed).then(kept)
    }

    /// Its client is in: gives what it missed, once.
    pub(super) fn open(&self) -> Vec<Arc<Emission>> {
        self.is_open.store(true, Ordering::Relaxed);
        std::mem::take(&mut *self.missed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes out of what a client says about itself what the client library put there, and leaves the rest.
///
/// ```text
/// {"pid":"…","offset":"…","token":7}      {"token":7}
/// ```
pub(crate) fn take_claim(auth: &mut ByteString) -> Option<Claim> {
    let mut fields: BTreeMap<&str, &RawValue> = serde_json::from_str(auth).ok()?;
    let text = |value: &RawValue| serde_json::from_str::<String>(value.get()).ok();
    // A `pid` that is none of ours is the user's, who has put it in the place of ours.
    let id = fields.get("pid").and_then(|id| text(id)?.parse().ok())?;
    fields.remove("pid");
    let offset = fields.remove("offset").and_then(text);
    *auth = serde_json::to_string(&fields).ok()?.into();
    Some(Claim { id, offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_library_put_into_auth_is_taken_out() {
        let id = RecoveryId::random().unwrap();
        let claim = |offset: Option<&str>| Some(Claim { id, offset: offset.map(Into::into) });
        for (auth, claimed, rest) in [
            (r#"{"pid":"$","offset":"a"}"#, claim(Some("a")), "{}"),
            (r#"{"pid":"$"}"#, claim(None), "{}"),
            (r#"{"pid":"$","offset":7,"a":1.50}"#, claim(None), r#"{"a":1.50}"#),
            (r#"{"b":[1],"offset":"a","a":{},"pid":"$"}"#, claim(Some("a")), r#"{"a":{},"b":[1]}"#),
            (r#"{"pid":7,"offset":"a"}"#, None, r#"{"pid":7,"offset":"a"}"#),
            (r#"{"pid":"nosuch"}"#, None, r#"{"pid":"nosuch"}"#),
            (r#"{"offset":"a"}"#, None, r#"{"offset":"a"}"#),
            ("{}", None, "{}"),
            ("", None, ""),
        ] {
            let mut left = ByteString::from(auth.replace('$', &id.to_string()));
            assert_eq!(take_claim(&mut left), claimed, "{auth}");
            assert_eq!(left, rest);
        }
    }
}
