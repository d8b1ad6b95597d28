//! The members of one endpoint: which connections there are, which rooms each is in, and who is meant by a
//! selection.
//!
//! [`Local`](super::Local) keeps one under a lock for each endpoint that has any. A connection that is in no room
//! costs one entry here. The room of an id is not kept: whoever names it is looked up among the members.

use std::any::Any;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use bytestring::ByteString;

use super::super::log::{Log, Target};
use super::super::recovery::{Away, Journal};
use super::super::{RemoteSocket, Selection};
use crate::driver::Mailbox;
use crate::id::{RecoveryId, SocketId, SocketKey};
use crate::protocol::Emission;

/// A connection, as those above keep it here to find it again. Called without any lock but where noted.
pub(crate) trait Occupant: Any + Send + Sync {
    /// Its public name; called under the lock.
    fn id(&self) -> SocketId;
    /// What others may know of it, but for its rooms.
    fn describe(&self) -> RemoteSocket;
    /// Closes it, or with all others of its client.
    fn close(self: Arc<Self>, session: bool);
}

/// The rooms that a connection is in, each with the number of the last emission before it was entered; a
/// word for a connection that is in none.
#[derive(Clone, Default)]
#[expect(clippy::box_collection, reason = "most connections of a large server are in no room")]
pub(in super::super) struct Entered(Option<Box<BTreeMap<ByteString, u64>>>);

impl Entered {
    pub(in super::super) fn get(&self, room: &str) -> Option<u64> {
        self.0.as_ref()?.get(room).copied()
    }

    pub(super) fn contains(&self, room: &str) -> bool {
        self.get(room).is_some()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &ByteString> {
        self.0.iter().flat_map(|rooms| rooms.keys())
    }

    fn insert(&mut self, room: ByteString, number: u64) {
        self.0.get_or_insert_default().insert(room, number);
    }

    fn remove(&mut self, room: &str) -> bool {
        let removed = self.0.as_mut().is_some_and(|rooms| rooms.remove(room).is_some());
        self.0.take_if(|rooms| rooms.is_empty());
        removed
    }
}

pub(super) struct Present {
    pub(super) mailbox: Mailbox,
    /// Not yet, while it comes back.
    pub(super) occupant: Option<Arc<dyn Occupant>>,
    pub(super) rooms: Entered,
    /// The number of the last emission before it came.
    pub(super) since: u64,
}

#[derive(Default)]
pub(super) struct Members {
    pub(super) sockets: HashMap<SocketKey, Present>,
    rooms: HashMap<ByteString, HashSet<SocketKey>>,
    pub(super) away: HashMap<RecoveryId, Away>,
    pub(super) log: Log,
}

impl Members {
    pub(super) fn is_empty(&self) -> bool {
        self.sockets.is_empty() && self.away.is_empty()
    }

    pub(super) fn has_room(&self, room: &str) -> bool {
        self.rooms.contains_key(room) || self.named(room).is_some()
    }

    /// Takes a member into a room; whether it is the first there.
    pub(super) fn join(&mut self, socket: SocketKey, room: &ByteString, last: u64) -> bool {
        if self.named(room) == Some(socket) {
            return false;
        }
        let Some(present) = self.sockets.get_mut(&socket) else { return false };
        if !present.rooms.contains(room) {
            present.rooms.insert(room.clone(), last);
        }
        self.enter(socket, room)
    }

    /// Notes that a member is in a room; whether it is the first there.
    pub(super) fn enter(&mut self, socket: SocketKey, room: &ByteString) -> bool {
        if let Some(sockets) = self.rooms.get_mut(room) {
            sockets.insert(socket);
            return false;
        }
        self.rooms.insert(room.clone(), HashSet::from([socket]));
        true
    }

    /// Takes a member out of a room; whether it was the last there.
    pub(super) fn leave(&mut self, socket: SocketKey, room: &str) -> bool {
        let present = self.sockets.get_mut(&socket);
        present.is_some_and(|present| present.rooms.remove(room)) && self.vacate(socket, room)
    }

    /// Notes that a member is not in a room any more; whether it was the last there.
    pub(super) fn vacate(&mut self, socket: SocketKey, room: &str) -> bool {
        let Some(sockets) = self.rooms.get_mut(room) else { return false };
        sockets.remove(&socket);
        let is_empty = sockets.is_empty();
        if is_empty {
            self.rooms.remove(room);
        }
        is_empty
    }

    /// Numbers an emission and keeps it for those who come back.
    pub(super) fn log(
        &mut self,
        journal: &Journal,
        target: Target,
        emission: Emission,
    ) -> Arc<Emission> {
        let number = journal.number();
        let emission = Arc::new(emission.numbered(number));
        let now = tokio::time::Instant::now().into_std();
        self.log.push(number, target, Arc::clone(&emission), journal.bounds(), now);
        emission
    }

    /// What `pick` makes of everyone selected, each once.
    pub(super) fn select<T>(
        &self,
        to: &Selection,
        pick: impl Fn(SocketKey, &Present) -> T,
    ) -> Vec<T> {
        let sender = to.sender.as_ref().map(SocketId::key);
        let except: Vec<_> = to.except.iter().filter_map(|room| self.named(room)).collect();
        let is_meant = |socket: SocketKey, member: &Present| {
            sender != Some(socket)
                && !except.contains(&socket)
                && !to.except.iter().any(|room| member.rooms.contains(room))
        };
        if to.rooms.is_empty() {
            let all = self.sockets.iter().filter(|(socket, member)| is_meant(**socket, member));
            return all.map(|(socket, member)| pick(*socket, member)).collect();
        }
        let named: Vec<_> = to.rooms.iter().filter_map(|room| self.named(room)).collect();
        let rooms = to.rooms.iter().filter_map(|room| self.rooms.get(room)).flatten();
        let may_repeat = to.rooms.len() > 1 || !named.is_empty();
        let mut seen = HashSet::new();
        let mut selected = Vec::new();
        for socket in rooms.chain(&named) {
            if let Some(member) = self.sockets.get(socket)
                && is_meant(*socket, member)
                && (!may_repeat || seen.insert(*socket))
            {
                selected.push(pick(*socket, member));
            }
        }
        selected
    }

    /// The member whose id this is.
    pub(super) fn named(&self, id: &str) -> Option<SocketKey> {
        let key = SocketKey::of(id)?;
        let occupant = self.sockets.get(&key)?.occupant.as_ref()?;
        (occupant.id().to_string() == id).then_some(key)
    }
}
