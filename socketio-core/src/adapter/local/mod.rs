//! This server's connections: who is where, in memory, and how what is sent reaches them.
//!
//! Connections come and go by calls from the sockets; actions and queries come from an adapter, or straight
//! from the emitter where there is no other. One lock per endpoint, held while members are looked up, and
//! while something is sent only where clients can come back for it: each then gets emissions in the order of
//! their numbers, and comes back between two of them. One above them, always taken first, for the endpoints
//! that have members: clients choose the names of some, so one that all have left for good is forgotten.

mod answers;
mod away;
mod members;

pub(crate) use answers::deadline;
pub(super) use members::Entered;
pub(crate) use members::Occupant;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytestring::ByteString;
use futures_util::stream::{self, StreamExt as _};
use tokio::sync::mpsc;

use self::members::{Full, Members, Present, Who};
use super::log::Target;
use super::recovery::{Journal, Kept, Recovery};
use super::{Action, Adapter, Answer, Answers, Broadcast, Query, Selection};
use crate::driver::{Mailbox, Refused};
use crate::id::{RecoveryId, SocketId, SocketKey};
use crate::protocol::Emission;
use crate::stats::Limit;
use crate::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A connection as emissions to it alone find it.
pub(crate) struct Member<'a> {
    pub(crate) socket: SocketKey,
    pub(crate) mailbox: &'a Mailbox,
    /// Under which it may come back.
    pub(crate) recovery: Option<RecoveryId>,
    pub(crate) is_closed: bool,
}

/// What a cluster's adapter may want to follow, to hear what is for this server alone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// An endpoint, or a room of it, has its first connection.
    Opened {
        /// The endpoint.
        endpoint: ByteString,
        /// The room, or none.
        room: Option<ByteString>,
    },
    /// The last has left, and nobody is away who may come back to it.
    Closed {
        /// The endpoint.
        endpoint: ByteString,
        /// The room, or none.
        room: Option<ByteString>,
    },
}

#[derive(Default)]
struct Shared {
    endpoints: RwLock<HashMap<ByteString, Arc<RwLock<Members>>>>,
    changes: OnceLock<mpsc::UnboundedSender<Change>>,
}

/// This server's connections. Cheap to clone: all clones are one.
///
/// It is an [`Adapter`], the one of a server that is alone: it does what it is given with this server's
/// connections and never fails. [`Builder::adapter`](crate::Builder::adapter) hands it to any other.
#[derive(Clone)]
pub struct Local {
    shared: Arc<Shared>,
    journal: Option<Arc<Journal>>,
    max_rooms: usize,
}

impl Local {
    /// No connections yet, of which each may be in so many rooms. With `recovery` they can come back; it takes at
    /// most so long to notice that one is gone.
    pub(crate) fn new(recovery: Option<(Recovery, Duration)>, max_rooms: usize) -> Self {
        let journal = recovery.map(|(rules, unnoticed)| Arc::new(Journal::new(rules, unnoticed)));
        Self { shared: Arc::default(), journal, max_rooms }
    }

    /// Whether somebody on this server is in a room, or is named by it; also one who is away and may come back.
    pub fn has_room(&self, endpoint: &str, room: &str) -> bool {
        self.members(endpoint).is_some_and(|members| read(&members).has_room(room))
    }

    /// Endpoints and rooms as they get their first connection and lose their last, from now on and in order;
    /// none but for the first who asks. Rooms of ids are not told.
    ///
    /// What is not read waits: one who asks has to go on reading.
    pub fn changes(&self) -> Option<mpsc::UnboundedReceiver<Change>> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.shared.changes.set(sender).ok().map(|()| receiver)
    }

    /// Whether clients can come back.
    pub(crate) fn keeps_log(&self) -> bool {
        self.journal.is_some()
    }

    /// Takes a connection in, as a member of its endpoint and of no room, in the place of another of the same id.
    pub(crate) fn add(&self, endpoint: &ByteString, mailbox: Mailbox, occupant: Arc<dyn Occupant>) {
        let socket = occupant.id().key();
        let (who, rooms, since) = (Who::Here(occupant), Entered::default(), self.last());
        let present = Present { mailbox, who, rooms, since };
        let enter = |members: &RwLock<Members>| {
            let mut members = write(members);
            let replaced = self.shared.take(endpoint, &mut members, socket);
            members.sockets.insert(socket, present);
            replaced
        };
        // Dropped behind both locks: it may be the last to hold what is the user's.
        let _replaced;
        // Under the upper lock, or the endpoint could be forgotten between being found and this.
        if let Some(members) = read(&self.shared.endpoints).get(endpoint) {
            _replaced = enter(members);
            return;
        }
        let mut endpoints = write(&self.shared.endpoints);
        _replaced = enter(endpoints.entry(endpoint.clone()).or_insert_with(|| {
            self.shared.tell(|| opened(endpoint, None));
            Arc::default()
        }));
    }

    /// Takes a connection out of its endpoint and all rooms. What is `kept` waits for it to come back.
    pub(crate) fn remove(
        &self,
        endpoint: &ByteString,
        occupant: &dyn Occupant,
        kept: Option<(RecoveryId, Kept)>,
        now: Instant,
    ) {
        let Some(members) = self.members(endpoint) else { return };
        let mut members = write(&members);
        let Some(socket) = members.place_of(occupant) else { return };
        if let Some((journal, kept)) = self.journal.as_ref().zip(kept)
            && let Some(present) = members.sockets.get(&socket)
        {
            let (mailbox, rooms) = (present.mailbox.clone(), present.rooms.clone());
            let leaving = (mailbox, rooms, present.since);
            away::keep(journal, &mut members, endpoint, kept, leaving, now);
        }
        let present = self.shared.take(endpoint, &mut members, socket);
        let is_empty = members.is_empty();
        drop(members);
        // Behind the lock: it may be the last to hold what is the user's.
        drop(present);
        if is_empty {
            self.shared.forget(endpoint);
        }
        self.make_room();
    }

    /// Takes a connection into a room; `false` where it may not be in one more.
    pub(crate) fn join(
        &self,
        endpoint: &ByteString,
        occupant: &dyn Occupant,
        room: &ByteString,
    ) -> bool {
        let Some(members) = self.members(endpoint) else { return true };
        let mut members = write(&members);
        let Some(socket) = members.place_of(occupant) else { return true };
        let joined = members.join(socket, room, self.last(), self.max_rooms);
        if let Ok(true) = joined {
            self.shared.tell(|| opened(endpoint, Some(room)));
        }
        joined.is_ok()
    }

    /// Takes a connection out of a room.
    pub(crate) fn leave(&self, endpoint: &ByteString, occupant: &dyn Occupant, room: &ByteString) {
        let Some(members) = self.members(endpoint) else { return };
        let mut members = write(&members);
        let Some(socket) = members.place_of(occupant) else { return };
        if members.leave(socket, room) {
            self.shared.tell(|| closed(endpoint, Some(room)));
        }
    }

    /// The rooms that a connection is in, sorted, that of its id among them.
    pub(crate) fn rooms_of(&self, endpoint: &str, id: &SocketId) -> Vec<String> {
        let Some(members) = self.members(endpoint) else { return Vec::new() };
        let members = read(&members);
        let Some(present) = members.sockets.get(&id.key()) else { return Vec::new() };
        let mut rooms: Vec<_> = present.rooms.names().map(ToString::to_string).collect();
        rooms.push(id.to_string());
        rooms.sort_unstable();
        rooms
    }

    /// The connection of this id.
    pub(crate) fn find(&self, endpoint: &str, id: &SocketId) -> Option<Arc<dyn Occupant>> {
        let members = self.members(endpoint)?;
        let occupant = Arc::clone(read(&members).sockets.get(&id.key())?.who.here()?);
        (occupant.id() == *id).then_some(occupant)
    }

    /// Puts an emission into the mailbox of one, or into the log for one that is away.
    pub(crate) fn emit(
        &self,
        to: &Member<'_>,
        emission: Emission,
        volatile: bool,
    ) -> Result<(), Refused> {
        let logged = self.journal.as_ref().zip(to.recovery).filter(|_| !volatile);
        let Some((journal, recovery)) = logged else {
            if to.is_closed {
                return Err(Refused::Closed);
            }
            return to.mailbox.emit(Arc::new(emission), volatile, None);
        };
        let Some(members) = self.members(emission.endpoint()) else {
            // Nobody is in yet, this one included.
            return match to.is_closed {
                true => Err(Refused::Closed),
                false => to.mailbox.emit(Arc::new(emission), volatile, None),
            };
        };
        let mut members = write(&members);
        if to.is_closed && !members.away.contains_key(&recovery) {
            return Err(Refused::Closed);
        }
        let emission = members.log(journal, Target::One(to.socket), emission);
        self.sweep_later(journal);
        match to.mailbox.emit(emission, volatile, None) {
            // It waits in the log.
            Err(Refused::Closed) => Ok(()),
            result => result,
        }
    }

    fn broadcast(&self, Broadcast { to, body, volatile, compress }: Broadcast) {
        let Some(members) = self.members(&to.endpoint) else { return };
        let emission = Emission::new(to.endpoint.clone(), body).compressed(compress);
        let mailbox = |_, member: &Present| member.mailbox.clone();
        let Some(journal) = self.journal.as_ref().filter(|_| !volatile) else {
            let mailboxes = read(&members).select(&to, mailbox);
            return deliver(mailboxes, &Arc::new(emission), volatile);
        };
        let mut members = write(&members);
        let mailboxes = members.select(&to, mailbox);
        let emission = members.log(journal, Target::Many(to), emission);
        self.sweep_later(journal);
        deliver(mailboxes, &emission, volatile);
    }

    /// Has everyone selected enter or leave rooms.
    fn move_all(&self, to: &Selection, rooms: &[ByteString], enter: bool) {
        let Some(members) = self.members(&to.endpoint) else { return };
        let mut members = write(&members);
        let mut refused = Vec::new();
        for socket in members.select(to, |socket, _| socket) {
            for room in rooms {
                if !enter {
                    if members.leave(socket, room) {
                        self.shared.tell(|| closed(&to.endpoint, Some(room)));
                    }
                    continue;
                }
                match members.join(socket, room, self.last(), self.max_rooms) {
                    Ok(false) => {}
                    Ok(true) => self.shared.tell(|| opened(&to.endpoint, Some(room))),
                    Err(Full) => {
                        refused.extend(members.sockets.get(&socket).map(|it| it.mailbox.clone()));
                    }
                }
            }
        }
        self.move_away(&mut members, to, rooms, enter);
        drop(members);
        refused.iter().for_each(|mailbox| mailbox.notices().limit_hit(Limit::Rooms));
    }

    fn members(&self, endpoint: &str) -> Option<Arc<RwLock<Members>>> {
        read(&self.shared.endpoints).get(endpoint).cloned()
    }

    /// The number of the last emission; 0 where they have none.
    fn last(&self) -> u64 {
        self.journal.as_ref().map_or(0, |journal| journal.last())
    }
}

impl Adapter for Local {
    fn act(&self, action: Action) {
        match action {
            Action::Broadcast(broadcast) => self.broadcast(broadcast),
            Action::Join { to, rooms } => self.move_all(&to, &rooms, true),
            Action::Leave { to, rooms } => self.move_all(&to, &rooms, false),
            Action::Disconnect { to, session } => {
                let found = self.occupants(&to, |occupant, _| Arc::clone(occupant));
                found.into_iter().for_each(|occupant| occupant.close(session));
                // Who leaves the root leaves all.
                self.put_out(&to, session || to.endpoint.is_empty());
            }
        }
    }

    fn ask(&self, query: Query) -> Answers {
        let answer = match query {
            Query::Ask { broadcast, timeout } => return self.ask_all(broadcast, timeout),
            Query::Sockets(to) => Answer::Sockets(self.sockets(&to)),
            Query::Rooms(to) => Answer::Rooms(self.rooms(&to)),
        };
        stream::iter([Ok(answer)]).boxed()
    }
}

impl Shared {
    /// Takes a member out of its place and all rooms; to be dropped behind the lock.
    fn take(
        &self,
        endpoint: &ByteString,
        members: &mut Members,
        socket: SocketKey,
    ) -> Option<Present> {
        let present = members.sockets.remove(&socket)?;
        for room in present.rooms.names() {
            if members.vacate(socket, room) {
                self.tell(|| closed(endpoint, Some(room)));
            }
        }
        Some(present)
    }

    /// Forgets an endpoint that nobody is in, or away from.
    fn forget(&self, endpoint: &ByteString) {
        let mut endpoints = write(&self.endpoints);
        // Somebody may have come meanwhile.
        if endpoints.get(endpoint).is_some_and(|members| read(members).is_empty()) {
            endpoints.remove(endpoint);
            self.tell(|| closed(endpoint, None));
        }
    }

    fn tell(&self, change: impl FnOnce() -> Change) {
        if let Some(changes) = self.changes.get() {
            let _nobody_reads = changes.send(change());
        }
    }
}

impl std::fmt::Debug for Local {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let endpoints = read(&self.shared.endpoints).len();
        f.debug_struct("Local").field("endpoints", &endpoints).finish_non_exhaustive()
    }
}

fn opened(endpoint: &ByteString, room: Option<&ByteString>) -> Change {
    Change::Opened { endpoint: endpoint.clone(), room: room.cloned() }
}

fn closed(endpoint: &ByteString, room: Option<&ByteString>) -> Change {
    Change::Closed { endpoint: endpoint.clone(), room: room.cloned() }
}

fn deliver(mailboxes: Vec<Mailbox>, emission: &Arc<Emission>, volatile: bool) {
    for mailbox in mailboxes {
        // One that is closed is about to leave; one that is full closes itself.
        let _refused = mailbox.emit(Arc::clone(emission), volatile, None);
    }
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
