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

    /// Whether there is room for one more of this name, where it is in at most so many.
    fn has_room_for(&self, room: &str, max: usize) -> bool {
        let rooms = self.0.as_ref().map_or(0, |rooms| rooms.len());
        rooms < max && room.len() <= ROOM_NAME_BYTES
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

/// Bytes of a room's name, inclusive: clients may choose it, and it is kept for each connection.
const ROOM_NAME_BYTES: usize = 1024;

/// There is no room for one more room.
pub(super) struct Full;

/// Whose a place among the members is.
pub(super) enum Who {
    Here(Arc<dyn Occupant>),
    /// One who has come back, before it is let in.
    Back(Box<SocketId>),
}

impl Who {
    pub(super) fn id(&self) -> SocketId {
        match self {
            Self::Here(occupant) => occupant.id(),
            Self::Back(id) => (**id).clone(),
        }
    }

    pub(super) fn here(&self) -> Option<&Arc<dyn Occupant>> {
        match self {
            Self::Here(occupant) => Some(occupant),
            Self::Back(_) => None,
        }
    }

    /// Whether it is this one's, and not another's of the same name: a client that computes its ids has the same
    /// each time that it connects. None of those comes back.
    fn is(&self, occupant: &dyn Occupant) -> bool {
        self.here().is_none_or(|here| std::ptr::addr_eq(Arc::as_ptr(here), occupant))
    }
}

pub(super) struct Present {
    pub(super) mailbox: Mailbox,
    pub(super) who: Who,
    pub(super) rooms: Entered,
    /// The number of the last emission before it came.
    pub(super) since: u64,
}

/// Who is in a room: there while somebody is.
#[derive(Default)]
struct Room {
    present: HashSet<SocketKey>,
    /// How many are away from it who may come back.
    away: usize,
}

#[derive(Default)]
pub(super) struct Members {
    pub(super) sockets: HashMap<SocketKey, Present>,
    rooms: HashMap<ByteString, Room>,
    pub(super) away: HashMap<RecoveryId, Away>,
    pub(super) log: Log,
}

impl Members {
    pub(super) fn is_empty(&self) -> bool {
        self.sockets.is_empty() && self.away.is_empty()
    }

    /// Whether somebody is in a room or is named by it, present or away.
    pub(super) fn has_room(&self, room: &str) -> bool {
        let is_away = || {
            let id = SocketKey::of(room).map(|_| SocketId::from(room));
            id.is_some_and(|id| self.away.values().any(|away| away.kept.id == id))
        };
        self.rooms.contains_key(room) || self.named(room).is_some() || is_away()
    }

    /// The key of a member's place, if it has one.
    pub(super) fn place_of(&self, occupant: &dyn Occupant) -> Option<SocketKey> {
        let key = occupant.id().key();
        self.sockets.get(&key).is_some_and(|present| present.who.is(occupant)).then_some(key)
    }

    /// Takes a member into a room, unless it is in `max` already; whether it is the first there.
    pub(super) fn join(
        &mut self,
        socket: SocketKey,
        room: &ByteString,
        last: u64,
        max: usize,
    ) -> Result<bool, Full> {
        if self.named(room) == Some(socket) {
            return Ok(false);
        }
        let Some(present) = self.sockets.get_mut(&socket) else { return Ok(false) };
        if !present.rooms.contains(room) {
            if !present.rooms.has_room_for(room, max) {
                return Err(Full);
            }
            present.rooms.insert(room.clone(), last);
        }
        Ok(self.enter(socket, room))
    }

    /// Notes that a member is in a room; whether it is the first there.
    pub(super) fn enter(&mut self, socket: SocketKey, room: &ByteString) -> bool {
        if let Some(room) = self.rooms.get_mut(room) {
            room.present.insert(socket);
            return false;
        }
        self.rooms.insert(room.clone(), Room { present: HashSet::from([socket]), away: 0 });
        true
    }

    /// Takes a member out of a room; whether it was the last there.
    pub(super) fn leave(&mut self, socket: SocketKey, room: &str) -> bool {
        let present = self.sockets.get_mut(&socket);
        present.is_some_and(|present| present.rooms.remove(room)) && self.vacate(socket, room)
    }

    /// Notes that a member is not in a room any more; whether it was the last there.
    pub(super) fn vacate(&mut self, socket: SocketKey, room: &str) -> bool {
        self.close(room, |room| _ = room.present.remove(&socket))
    }

    /// Takes one who is away into a room, as far as there is room; whether it is the first there.
    pub(super) fn join_away(
        &mut self,
        id: &RecoveryId,
        room: &ByteString,
        last: u64,
        max: usize,
    ) -> bool {
        let Some(away) = self.away.get_mut(id) else { return false };
        if away.rooms.contains(room)
            || away.kept.id == SocketId::from(&**room)
            || !away.rooms.has_room_for(room, max)
        {
            return false;
        }
        away.rooms.insert(room.clone(), last);
        self.hold(room)
    }

    /// Takes one who is away out of a room; whether it was the last there.
    pub(super) fn leave_away(&mut self, id: &RecoveryId, room: &str) -> bool {
        let away = self.away.get_mut(id);
        away.is_some_and(|away| away.rooms.remove(room)) && self.release(room)
    }

    /// Notes that somebody is away from a room; whether it is the first there.
    pub(super) fn hold(&mut self, room: &ByteString) -> bool {
        if let Some(room) = self.rooms.get_mut(room) {
            room.away += 1;
            return false;
        }
        self.rooms.insert(room.clone(), Room { away: 1, ..Room::default() });
        true
    }

    /// Notes that one who is away from a room is not any more; whether it was the last there.
    pub(super) fn release(&mut self, room: &str) -> bool {
        self.close(room, |room| room.away = room.away.saturating_sub(1))
    }

    /// Takes somebody out of a room; whether that was the last.
    fn close(&mut self, name: &str, take: impl FnOnce(&mut Room)) -> bool {
        let Some(room) = self.rooms.get_mut(name) else { return false };
        take(room);
        let is_empty = room.present.is_empty() && room.away == 0;
        if is_empty {
            self.rooms.remove(name);
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
        let Some(names) = &to.rooms else {
            let all = self.sockets.iter().filter(|(socket, member)| is_meant(**socket, member));
            return all.map(|(socket, member)| pick(*socket, member)).collect();
        };
        let named: Vec<_> = names.iter().filter_map(|room| self.named(room)).collect();
        let rooms = names.iter().filter_map(|room| self.rooms.get(room));
        let rooms = rooms.flat_map(|room| &room.present);
        let may_repeat = names.len() > 1 || !named.is_empty();
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

    /// Those selected who are away.
    pub(super) fn select_away(&self, to: &Selection) -> Vec<RecoveryId> {
        if self.away.is_empty() {
            return Vec::new();
        }
        let ids = |rooms: &[ByteString]| -> Vec<_> {
            rooms.iter().map(|room| SocketId::from(&**room)).collect()
        };
        let is_in = |away: &Away, rooms: &[ByteString], ids: &[SocketId]| {
            ids.contains(&away.kept.id) || rooms.iter().any(|room| away.rooms.contains(room))
        };
        let named = to.rooms.as_ref().map(|rooms| (rooms, ids(rooms)));
        let except = ids(&to.except);
        let is_meant = |away: &Away| {
            to.sender.as_ref() != Some(&away.kept.id)
                && !is_in(away, &to.except, &except)
                && named.as_ref().is_none_or(|(rooms, ids)| is_in(away, rooms, ids))
        };
        let meant = self.away.iter().filter(|(_, away)| is_meant(away));
        meant.map(|(id, _)| *id).collect()
    }

    /// The member whose id this is.
    pub(super) fn named(&self, id: &str) -> Option<SocketKey> {
        let key = SocketKey::of(id)?;
        (self.sockets.get(&key)?.who.id().to_string() == id).then_some(key)
    }

    /// Whether nothing is left of anybody.
    #[cfg(test)]
    pub(super) fn is_bare(&self) -> bool {
        self.is_empty() && self.rooms.is_empty()
    }
}
