//! Those who are away and may come back: how they leave, return, give way to others, and are forgotten.
//!
//! A place is taken under the lock of the endpoint's members, and given back by whoever takes the one who is
//! away out. Nobody holds two endpoints' locks: who has to give way is found in the journal, and taken out of
//! its endpoint afterwards.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Instant;

use bytestring::ByteString;

use super::super::log::Reader;
use super::super::recovery::{Away, Claim, Journal, Kept, Place, Returned};
use super::members::{Members, Occupant, Present};
use super::{Local, Shared, read, write};
use crate::driver::Mailbox;
use crate::id::{RecoveryId, SocketKey};

/// Keeps what one who has left may come back to.
pub(super) fn keep(
    journal: &Journal,
    members: &mut Members,
    endpoint: &ByteString,
    (id, kept): (RecoveryId, Kept),
    present: &Present,
    left: Instant,
) {
    let place = journal.take_place(endpoint, id, left);
    let (pinned_to, rooms) = (present.mailbox.pinned_to(), present.rooms.clone());
    let away = Away { kept, pinned_to, rooms, since: present.since, left, place };
    members.away.insert(id, away);
}

impl Local {
    /// Brings a connection back, as a member of the rooms that it was in. Whether it can be or not, the claim
    /// is good for this once. [`attach`](Self::attach) follows.
    pub(crate) fn bring_back(
        &self,
        endpoint: &ByteString,
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
        journal.give_place(away.place);
        let Away { kept, pinned_to, rooms, since, left, .. } = &away;
        if !journal.waits(*left, now) || *pinned_to != mailbox.pinned_to() {
            return None;
        }
        let after = match &claim.offset {
            Some(offset) => journal.read(offset)?,
            None => *since,
        };
        let socket = kept.id.key();
        // A client that was told of a new connection still has the offset of the one before it.
        let reader = Reader { id: kept.id.clone(), rooms, after: after.max(*since) };
        let missed = members.log.missed(&reader, |at| journal.may_miss(*left, at))?;
        for room in rooms.names() {
            if members.enter(socket, room) {
                self.shared.tell(|| super::opened(endpoint, Some(room)));
            }
        }
        let present = Present { mailbox, occupant: None, rooms: rooms.clone(), since: *since };
        members.sockets.insert(socket, present);
        Some(Returned { kept: kept.clone(), missed })
    }

    /// Makes one that has come back known by its name.
    pub(crate) fn attach(&self, endpoint: &str, socket: SocketKey, occupant: Arc<dyn Occupant>) {
        let Some(members) = self.members(endpoint) else { return };
        if let Some(present) = write(&members).sockets.get_mut(&socket) {
            present.occupant = Some(occupant);
        }
    }

    /// Has those give way who are away the longest, if there are too many.
    pub(super) fn make_room(&self) {
        let Some(journal) = &self.journal else { return };
        while let Some(place) = journal.oldest_surplus() {
            self.shared.give_up(&place);
        }
        self.sweep_later(journal);
    }

    /// Sees to it that what is too old is forgotten, unless that is seen to.
    pub(super) fn sweep_later(&self, journal: &Arc<Journal>) {
        if journal.is_swept.load(Ordering::Relaxed) {
            return;
        }
        // Outside of a runtime no client comes back.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if !journal.is_swept.swap(true, Ordering::SeqCst) {
            let (journal, shared) = (Arc::clone(journal), Arc::downgrade(&self.shared));
            runtime.spawn(sweep_until_empty(journal, shared));
        }
    }
}

async fn sweep_until_empty(journal: Arc<Journal>, shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(journal.recovery.window).await;
        let Some(shared) = shared.upgrade() else { return };
        shared.sweep(&journal, tokio::time::Instant::now().into_std());
        if journal.is_empty() {
            journal.is_swept.store(false, Ordering::SeqCst);
            // Something may have come before that.
            if journal.is_empty() || journal.is_swept.swap(true, Ordering::SeqCst) {
                return;
            }
        }
    }
}

impl Shared {
    /// Forgets those who can't come back any more, and what was sent too long ago.
    fn sweep(&self, journal: &Journal, now: Instant) {
        while let Some(place) = journal.oldest_overdue(now) {
            self.give_up(&place);
        }
        let all: Vec<_> = read(&self.endpoints).values().cloned().collect();
        for members in all {
            write(&members).log.trim(&journal.bounds(), now);
        }
    }

    /// Forgets one who is away, whose place is another's now.
    fn give_up(&self, Place { endpoint, id, number }: &Place) {
        let Some(members) = read(&self.endpoints).get(endpoint).cloned() else { return };
        let mut members = write(&members);
        // It may have come back, and left again.
        let is_it = members.away.get(id).is_some_and(|away| away.place == *number);
        let gone = is_it.then(|| members.away.remove(id)).flatten();
        let is_empty = members.is_empty();
        drop(members);
        // Behind the lock, as above.
        drop(gone);
        if is_empty {
            self.forget(endpoint);
        }
    }
}
