//! The names of a client: the session id (a secret), the socket id (public), and the recovery id (a secret).
//!
//! All are 128 random bits from the operating system, written as 22 characters of base64url. Whoever
//! knows a session id can speak as that client, so it appears in URLs of that client alone; a socket
//! id is an independent value that may be logged, shown to other clients and used as a room. A recovery id
//! brings a connection back after its session has ended; its client alone is told it.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Characters of an id in text form.
pub const ID_CHARS: usize = 22;

/// Text that is not an id of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected 22 characters of base64url")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $vis:vis $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis struct $name(u128);

        impl $name {
            /// Draws a new id from the operating system's random source.
            ///
            /// # Errors
            ///
            /// When that source fails, which on a working system it does not.
            $vis fn random() -> Result<Self, getrandom::Error> {
                let mut bytes = [0; 16];
                getrandom::fill(&mut bytes)?;
                Ok(Self(u128::from_be_bytes(bytes)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; ID_CHARS];
                let written = URL_SAFE_NO_PAD
                    .encode_slice(self.0.to_be_bytes(), &mut text)
                    .map_err(|_| fmt::Error)?;
                let text = text.get(..written).ok_or(fmt::Error)?;
                f.write_str(std::str::from_utf8(text).map_err(|_| fmt::Error)?)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if text.len() != ID_CHARS {
                    return Err(InvalidId);
                }
                // What decodes asks for room for whole groups.
                let mut bytes = [0; 18];
                let written = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes);
                let bytes = bytes.get(..written.map_err(|_| InvalidId)?).unwrap_or_default();
                Ok(Self(u128::from_be_bytes(bytes.try_into().map_err(|_| InvalidId)?)))
            }
        }
    };
}

id! {
    /// Names one session in the client's URLs. A secret: do not log it or show it to other clients.
    pub SessionId
}
id! {
    /// Names one connection to a client that may come back to it. A secret, as a [`SessionId`] is.
    pub(crate) RecoveryId
}
id! {
    /// Tells the connections to one endpoint apart.
    pub(crate) SocketKey
}

/// Names one connection of one client to one endpoint, in public.
///
/// Clients of Socket.IO 1 and 2 compute their ids from the session id, and there this is what they compute:
/// the session id itself at the root, `/chat#<session id>` at an endpoint. Whoever is shown such an id can
/// speak as that client; [`independent_ids`](crate::Builder::independent_ids) draws one for them, too.
///
/// It is made of its text again by [`From`] and serde, so that handlers take it as an argument; any other text
/// names nobody on this server.
///
/// ```
/// # use socketio_core::SocketId;
/// let id = SocketId::random().unwrap();
/// assert_eq!(SocketId::from(&*id.to_string()), id);
/// ```
#[derive(Clone)]
pub struct SocketId {
    key: SocketKey,
    /// The endpoint in front of a session id, where the client computes it so. With [`SocketKey::NONE`], the
    /// whole text.
    endpoint: Option<Arc<str>>,
}

impl SocketId {
    /// Draws a new id from the operating system's random source.
    ///
    /// # Errors
    ///
    /// When that source fails, which on a working system it does not.
    pub fn random() -> Result<Self, getrandom::Error> {
        Ok(Self { key: SocketKey::random()?, endpoint: None })
    }

    /// The id that a client computes for itself.
    pub(crate) fn computed(session: SessionId, endpoint: &str) -> Self {
        Self { key: SocketKey(session.0), endpoint: Some(endpoint.into()) }
    }

    /// What tells it apart at its endpoint.
    pub(crate) const fn key(&self) -> SocketKey {
        self.key
    }
}

impl SocketKey {
    /// That of ids that are none of this kind of server.
    const NONE: Self = Self(u128::MAX);

    /// The key in an id's text form, if it is one of this kind of server.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let key = text.rsplit_once('#').map_or(text, |(_, key)| key);
        key.parse().ok().filter(|key| *key != Self::NONE)
    }
}

impl SocketId {
    /// What two of the same text have in common: at the root a computed one is its key alone.
    fn parts(&self) -> (SocketKey, Option<&str>) {
        (self.key, self.endpoint.as_deref().filter(|endpoint| !endpoint.is_empty()))
    }
}

impl From<&str> for SocketId {
    fn from(text: &str) -> Self {
        let endpoint = text.rsplit_once('#').map(|(endpoint, _)| endpoint);
        match SocketKey::of(text) {
            // It may be one that its client computes.
            Some(key) if endpoint != Some("") => {
                Self { key, endpoint: Some(endpoint.map_or_else(Arc::default, Into::into)) }
            }
            _ => Self { key: SocketKey::NONE, endpoint: Some(text.into()) },
        }
    }
}

impl PartialEq for SocketId {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for SocketId {}

impl Hash for SocketId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialOrd for SocketId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SocketId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            Some(text) if self.key == SocketKey::NONE => f.write_str(text),
            Some(endpoint) if !endpoint.is_empty() => write!(f, "{endpoint}#{}", self.key),
            _ => self.key.fmt(f),
        }
    }
}

impl SessionId {
    /// Which of `count` shards the session lives in; `count` is a power of two.
    pub(crate) const fn shard(self, count: usize) -> usize {
        (self.0 as usize) & (count - 1)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)")
    }
}

impl fmt::Debug for RecoveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryId(…)")
    }
}

impl fmt::Debug for SocketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SocketKey(…)")
    }
}

/// Hides what is, or may be, a session id.
impl fmt::Debug for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.endpoint {
            Some(_) => f.write_str("SocketId(…)"),
            None => write!(f, "SocketId({self})"),
        }
    }
}

impl serde::Serialize for SocketId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for SocketId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        Ok(Self::from(&*text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form_and_other_text_is_refused() {
        let id = SessionId::random().unwrap();
        assert_eq!(id.to_string().len(), ID_CHARS);
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "nosuch", "é", "AAAAAAAAAAAAAAAAAAAAA!", "AAAAAAAAAAAAAAAAAAAAA_"] {
            assert_eq!(text.parse::<SessionId>(), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn a_socket_id_survives_its_text_form_and_other_text_is_nobodys() {
        let session = SessionId::random().unwrap();
        for (id, is_ours) in [
            (SocketId::random().unwrap(), true),
            (SocketId::computed(session, ""), true),
            (SocketId::computed(session, "/chat"), true),
            (SocketId::from("gWq1AAEr8JGVdLPlAAAB"), false),
            (SocketId::from(&*format!("#{session}")), false),
            (SocketId::from(""), false),
        ] {
            let text = id.to_string();
            assert_eq!(SocketId::from(&*text), id, "{text}");
            assert_eq!(SocketId::from(&*text).to_string(), text);
            assert_eq!(id.key() != SocketKey::NONE, is_ours, "{text}");
        }
    }

    #[test]
    fn a_secret_id_does_not_show_in_debug_output() {
        let id = SessionId::random().unwrap();
        assert!(!format!("{id:?}").contains(&id.to_string()));
        for (endpoint, shown) in [("", id.to_string()), ("/chat", format!("/chat#{id}"))] {
            let computed = SocketId::computed(id, endpoint);
            assert_eq!(computed.to_string(), shown);
            for id_of in [SocketId::from(&*shown), computed] {
                assert!(!format!("{id_of:?}").contains(&id.to_string()));
            }
        }
        let id = RecoveryId::random().unwrap();
        assert!(!format!("{id:?}").contains(&id.to_string()));
    }
}
