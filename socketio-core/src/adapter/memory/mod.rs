//! Rooms in this process's memory.
//!
//! One lock per endpoint, held while members are looked up, and while something is sent only where clients
//! can come back for it: each then gets emissions in the order of their numbers, and comes back
//! between two of them. One above them, always taken first, for the endpoints that have members: clients
//! choose the names of some, so one that all have left for good is forgotten.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};
use std::time::{Duration, Instant};

use bytestring::ByteString;

use super::Selection;
use super::log::{Log, Reader, Target};
use super::recovery::{Away, Claim, Journal, Kept, Recovery, Returned};
use crate::driver::{Mailbox, Refused};
use crate::id::{RecoveryId, SocketKey};
use crate::protocol::Emission;

struct Present {
    mailbox: Mailbox,
    /// Each with the number of the last emission before it was entered.
    rooms: BTreeMap<ByteString, u64>,
    /// The number of the last emission before it came.
    since: u64,
}

#[derive(Default)]
struct Members {
    sockets: HashMap<SocketKey, Present>,
    rooms: HashMap<ByteString, HashSet<SocketKey>>,
    away: HashMap<RecoveryId, Away>,
    log: Log,
}

type Endpoints = RwLock<HashMap<ByteString, Arc<RwLock<Members>>>>;

/// A connection as emissions to it alone find it.
pub(crate) struct Member<'a> {
    pub(crate) socket: SocketKey,
    pub(crate) mailbox: &'a Mailbox,
    /// Under which it may come back.
    pub(crate) recovery: Option<RecoveryId>,
    pub(crate) is_closed: bool,
}

/// The members and rooms of every endpoint.
#[derive(Default)]
pub(crate) struct Rooms {
    endpoints: Arc<Endpoints>,
    journal: Option<Arc<Journal>>,
}

impl Rooms {
    /// Rooms of a server where clients can come back, and where it takes at most `unnoticed` to notice that
    /// one is gone.
    pub(crate) fn with_recovery(recovery: Recovery, unnoticed: Duration) -> Self {
        let journal = Some(Arc::new(Journal::new(recovery, unnoticed)));
        Self { endpoints: Arc::default(), journal }
    }

    /// Whether clients can come back.
    pub(crate) fn keeps_log(&self) -> bool {
        self.journal.is_some()
    }

    /// Takes a socket in, as a member of its endpoint and of no room.
    pub(crate) fn add(&self, endpoint: &ByteString, socket: SocketKey, mailbox: Mailbox) {
        let enter = |members: &RwLock<Members>| {
            let mut members = write(members);
            let present = Present { mailbox, rooms: BTreeMap::new(), since: self.last() };
            members.sockets.insert(socket, present);
        };
        // Under the upper lock, or the endpoint could be forgotten between being found and this.
        if let Some(members) = read(&self.endpoints).get(endpoint) {
            return enter(members);
        }
        enter(write(&self.endpoints).entry(endpoint.clone()).or_default());
    }

    /// Takes a socket out of its endpoint and all rooms. What is `kept` waits for it to come back.
    pub(crate) fn remove(
        &self,
        endpoint: &str,
        socket: SocketKey,
        kept: Option<(RecoveryId, Kept)>,
        now: Instant,
    ) {
        let Some(members) = self.members(endpoint) else { return };
        let mut members = write(&members);
        let Some(present) = members.sockets.remove(&socket) else { return };
        let Present { mailbox, rooms, since } = present;
        for room in rooms.keys() {
            members.leave(room, socket);
        }
        if let Some((journal, (id, kept))) = self.journal.as_ref().zip(kept)
            && journal.take_place()
        {
            let pinned_to = mailbox.pinned_to();
            members.away.insert(id, Away { kept, pinned_to, rooms, since, left: now });
            sweep_later(journal, &self.endpoints);
        }
        let is_empty = members.is_empty();
        drop(members);
        if is_empty {
            forget(&self.endpoints, endpoint);
        }
    }

    /// Brings a connection back, as a member of the rooms that it was in. Whether it can be or not, the claim
    /// is good for this once.
    pub(crate) fn bring_back(
        &self,
        endpoint: &str,
        claim: &Claim,
        mailbox: Mailbox,
        now: Instant,
    ) -> Option<Returned> {
        let journal = self.journal.as_ref()?;
        let members = self.members(endpoint)?;
        // Dropped behind the lock: what handlers kept is theirs, and may do anything when it is.
        let away;
        // Not forgotten since it was found: that somebody is away prevents it.
        let mut members = write(&members);
        away = members.away.remove(&claim.id)?;
        journal.give_place();
        let Away { kept, pinned_to, rooms, since, left } = &away;
        if !journal.waits(*left, now) || *pinned_to != mailbox.pinned_to() {
            return None;
        }
        let after = match &claim.offset {
            Some(offset) => journal.read(offset)?,
            None => *since,
        };
        let socket = kept.id.key();
        // A client that was told of a new connection still has the offset of the one before it.
        let reader = Reader { socket, rooms, after: after.max(*since) };
        let missed = members.log.missed(&reader, |at| journal.may_miss(*left, at))?;
        for room in rooms.keys() {
            members.rooms.entry(room.clone()).or_default().insert(socket);
        }
        let present = Present { mailbox, rooms: rooms.clone(), since: *since };
        members.sockets.insert(socket, present);
        Some(Returned { kept: kept.clone(), missed })
    }

    pub(crate) fn join(&self, endpoint: &str, socket: SocketKey, room: ByteString) {
        let Some(members) = self.members(endpoint) else { return };
        let mut members = write(&members);
        let last = self.last();
        if let Some(present) = members.sockets.get_mut(&socket)
            && !present.rooms.contains_key(&room)
        {
            present.rooms.insert(room.clone(), last);
            members.rooms.entry(room).or_default().insert(socket);
        }
    }

    pub(crate) fn leave(&self, endpoint: &str, socket: SocketKey, room: &str) {
        let Some(members) = self.members(endpoint) else { return };
        let mut members = write(&members);
        if let Some(present) = members.sockets.get_mut(&socket)
            && present.rooms.remove(room).is_some()
        {
            members.leave(room, socket);
        }
    }

    /// The rooms that a socket is in, sorted.
    pub(crate) fn rooms_of(&self, endpoint: &str, socket: SocketKey) -> Vec<String> {
        let Some(members) = self.members(endpoint) else { return Vec::new() };
        let members = read(&members);
        let rooms = members.sockets.get(&socket).map(|present| present.rooms.keys());
        rooms.into_iter().flatten().map(ToString::to_string).collect()
    }

    /// Puts an emission into the mailbox of everyone selected, each once.
    pub(crate) fn broadcast(&self, selection: Selection, emission: Emission, volatile: bool) {
        let Some(members) = self.members(emission.endpoint()) else { return };
        let Some(journal) = self.journal.as_ref().filter(|_| !volatile) else {
            let mailboxes = read(&members).select(&selection);
            return deliver(mailboxes, &Arc::new(emission), volatile);
        };
        let mut members = write(&members);
        let mailboxes = members.select(&selection);
        let emission = members.log(journal, Target::Many(selection), emission);
        deliver(mailboxes, &emission, volatile);
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
        let members = self.members(emission.endpoint()).ok_or(Refused::Closed)?;
        let mut members = write(&members);
        if to.is_closed && !members.away.contains_key(&recovery) {
            return Err(Refused::Closed);
        }
        let emission = members.log(journal, Target::One(to.socket), emission);
        match to.mailbox.emit(emission, volatile, None) {
            // It waits in the log.
            Err(Refused::Closed) => Ok(()),
            result => result,
        }
    }

    fn members(&self, endpoint: &str) -> Option<Arc<RwLock<Members>>> {
        read(&self.endpoints).get(endpoint).cloned()
    }

    /// The number of the last emission; 0 where they have none.
    fn last(&self) -> u64 {
        self.journal.as_ref().map_or(0, |journal| journal.last())
    }
}

fn deliver(mailboxes: Vec<Mailbox>, emission: &Arc<Emission>, volatile: bool) {
    for mailbox in mailboxes {
        // One that is closed is about to leave; one that is full closes itself.
        let _refused = mailbox.emit(Arc::clone(emission), volatile, None);
    }
}

/// Forgets an endpoint that nobody is in, or away from.
fn forget(endpoints: &Endpoints, endpoint: &str) {
    let mut endpoints = write(endpoints);
    // Somebody may have come meanwhile.
    if endpoints.get(endpoint).is_some_and(|members| read(members).is_empty()) {
        endpoints.remove(endpoint);
    }
}

/// Sees to it that those who do not come back are forgotten, unless that is seen to.
fn sweep_later(journal: &Arc<Journal>, endpoints: &Arc<Endpoints>) {
    // Outside of a runtime no client comes back.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    if !journal.swept.swap(true, Ordering::SeqCst) {
        let (journal, endpoints) = (Arc::clone(journal), Arc::downgrade(endpoints));
        runtime.spawn(sweep_until_empty(journal, endpoints));
    }
}

async fn sweep_until_empty(journal: Arc<Journal>, endpoints: Weak<Endpoints>) {
    loop {
        tokio::time::sleep(journal.recovery.window).await;
        let Some(endpoints) = endpoints.upgrade() else { return };
        sweep(&journal, &endpoints, tokio::time::Instant::now().into_std());
        if journal.away.load(Ordering::SeqCst) == 0 {
            journal.swept.store(false, Ordering::SeqCst);
            // Somebody may have left before that.
            if journal.away.load(Ordering::SeqCst) == 0
                || journal.swept.swap(true, Ordering::SeqCst)
            {
                return;
            }
        }
    }
}

/// Forgets those who can't come back any more.
fn sweep(journal: &Journal, endpoints: &Endpoints, now: Instant) {
    let all: Vec<_> = read(endpoints)
        .iter()
        .map(|(endpoint, members)| (endpoint.clone(), Arc::clone(members)))
        .collect();
    for (endpoint, members) in all {
        // Dropped behind the lock, as above.
        let gone: Vec<_> = {
            let mut members = write(&members);
            members.away.extract_if(|_, away| !journal.waits(away.left, now)).collect()
        };
        gone.iter().for_each(|_| journal.give_place());
        if !gone.is_empty() && read(&members).is_empty() {
            forget(endpoints, &endpoint);
        }
    }
}

impl Members {
    fn is_empty(&self) -> bool {
        self.sockets.is_empty() && self.away.is_empty()
    }

    /// Numbers an emission and keeps it for those who come back.
    fn log(&mut self, journal: &Journal, target: Target, emission: Emission) -> Arc<Emission> {
        let number = journal.number();
        let emission = Arc::new(emission.numbered(number));
        let now = tokio::time::Instant::now().into_std();
        let bounds = (&journal.recovery, journal.unnoticed, &journal.logged);
        self.log.push(number, target, Arc::clone(&emission), bounds, now);
        emission
    }

    fn leave(&mut self, room: &str, socket: SocketKey) {
        if let Some(sockets) = self.rooms.get_mut(room) {
            sockets.remove(&socket);
            if sockets.is_empty() {
                self.rooms.remove(room);
            }
        }
    }

    fn select(&self, selection: &Selection) -> Vec<Mailbox> {
        let excepted = |socket: &SocketKey, member: &Present| {
            selection.except == Some(*socket)
                || selection.except_rooms.iter().any(|room| member.rooms.contains_key(room))
        };
        let mut selected = Vec::new();
        let mut seen = HashSet::new();
        if selection.rooms.is_empty() {
            let members = self.sockets.iter().filter(|(socket, member)| !excepted(socket, member));
            selected.extend(members.map(|(_, member)| member.mailbox.clone()));
        }
        for room in selection.rooms.iter().filter_map(|room| self.rooms.get(room)) {
            for socket in room {
                if let Some(member) = self.sockets.get(socket)
                    && !excepted(socket, member)
                    && (selection.rooms.len() == 1 || seen.insert(*socket))
                {
                    selected.push(member.mailbox.clone());
                }
            }
        }
        selected
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
