//! Those who are away and may come back: how they leave, return, give way to others, and are forgotten.
//!
//! A place is taken under the lock of the endpoint's members, and given back by whoever takes the one who is
//! away out. Nobody holds two endpoints' locks: who has to give way is found in the journal, and taken out of
//! its endpoint afterwards.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::Instant;

use bytestring::ByteString;

use super::super::Selection;
use super::super::log::Reader;
use super::super::recovery::{Away, Claim, Journal, Kept, Place, Returned};
use super::members::{Entered, Members, Occupant, Present, Who};
use super::{Local, Shared, closed, opened, read, write};
use crate::driver::Mailbox;
use crate::id::{RecoveryId, SessionId};
use crate::protocol::Emission;
use crate::sync::atomic::Ordering;

/// Keeps what one who has left may come back to. Called before it leaves its rooms, so that they stay open.
pub(super) fn keep(
    journal: &Journal,
    members: &mut Members,
    endpoint: &ByteString,
    (id, kept): (RecoveryId, Kept),
    (mailbox, rooms, since): (Mailbox, Entered, u64),
    left: Instant,
) {
    let place = journal.take_place(endpoint, id, left);
    let (pinned_to, session) = (mailbox.pinned_to(), mailbox.session_id());
    rooms.names().for_each(|room| _ = members.hold(room));
    let away = Away { kept, pinned_to, session, rooms, since, left, place };
    members.away.insert(id, away);
}

impl Local {
    /// Brings a connection back, as a member of the rooms that it was in, if that is `good` still. Whether it is
    /// or not, the claim is good for this once. [`attach`](Self::attach) follows, or
    /// [`remove`](Self::remove).
    pub(crate) fn bring_back(
        &self,
        endpoint: &ByteString,
        claim: &Claim,
        mailbox: Mailbox,
        now: Instant,
        good: impl FnOnce(&Kept) -> bool,
    ) -> Option<Returned> {
        let journal = self.journal.as_ref()?;
        let members = self.members(endpoint)?;
        let mut members = write(&members);
        let away = members.away.remove(&claim.id)?;
        journal.give_place(away.place);
        let missed = missed(journal, &members, &away, claim, mailbox.pinned_to(), now);
        let returned = missed.filter(|_| good(&away.kept)).map(|missed| {
            let socket = away.kept.id.key();
            for room in away.rooms.names() {
                members.enter(socket, room);
            }
            let (who, rooms) = (Who::Back(Box::new(away.kept.id.clone())), away.rooms.clone());
            let present = Present { mailbox, who, rooms, since: away.since };
            members.sockets.insert(socket, present);
            Returned { kept: away.kept.clone(), missed }
        });
        self.shared.release(endpoint, &mut members, &away);
        let is_empty = members.is_empty();
        drop(members);
        // Behind the lock: what handlers kept is theirs, and may do anything when it is dropped.
        drop(away);
        if is_empty {
            self.shared.forget(endpoint);
        }
        returned
    }

    /// Makes one that has come back a member like others; `false` if it has been put out meanwhile.
    pub(crate) fn attach(&self, endpoint: &str, occupant: Arc<dyn Occupant>) -> bool {
        let Some(members) = self.members(endpoint) else { return false };
        let mut members = write(&members);
        let present = members.sockets.get_mut(&occupant.id().key());
        present.map(|present| present.who = Who::Here(occupant)).is_some()
    }

    /// Has those selected who are away enter or leave rooms.
    pub(super) fn move_away(
        &self,
        members: &mut Members,
        to: &Selection,
        rooms: &[ByteString],
        enter: bool,
    ) {
        for id in members.select_away(to) {
            for room in rooms {
                if enter && members.join_away(&id, room, self.last(), self.max_rooms) {
                    self.shared.tell(|| opened(&to.endpoint, Some(room)));
                } else if !enter && members.leave_away(&id, room) {
                    self.shared.tell(|| closed(&to.endpoint, Some(room)));
                }
            }
        }
    }

    /// Puts those selected out who are away, or come back just now; with `session`, also from all other
    /// endpoints that their clients are away from.
    pub(super) fn put_out(&self, to: &Selection, session: bool) {
        let Some(journal) = &self.journal else { return };
        let Some(members) = self.members(&to.endpoint) else { return };
        let mut members = write(&members);
        let back = |socket, member: &Present| member.who.here().is_none().then_some(socket);
        for socket in members.select(to, back).into_iter().flatten() {
            drop(self.shared.take(&to.endpoint, &mut members, socket));
        }
        let ids = members.select_away(to);
        let gone: Vec<_> = ids
            .iter()
            .filter_map(|id| self.shared.give_up(journal, &to.endpoint, &mut members, id))
            .collect();
        let is_empty = members.is_empty();
        drop(members);
        if is_empty {
            self.shared.forget(&to.endpoint);
        }
        if session && !gone.is_empty() {
            let sessions = gone.iter().map(|away| away.session).collect();
            self.put_out_sessions(journal, &sessions);
        }
    }

    fn put_out_sessions(&self, journal: &Journal, sessions: &HashSet<SessionId>) {
        let all: Vec<_> = read(&self.shared.endpoints).clone().into_iter().collect();
        for (endpoint, members) in all {
            let mut members = write(&members);
            let theirs = members.away.iter().filter(|(_, away)| sessions.contains(&away.session));
            let theirs: Vec<_> = theirs.map(|(id, _)| *id).collect();
            let gone: Vec<_> = theirs
                .iter()
                .filter_map(|id| self.shared.give_up(journal, &endpoint, &mut members, id))
                .collect();
            let is_empty = members.is_empty();
            drop(members);
            if is_empty && !gone.is_empty() {
                self.shared.forget(&endpoint);
            }
        }
    }

    /// Has those give way who are away the longest, if there are too many.
    pub(super) fn make_room(&self) {
        let Some(journal) = &self.journal else { return };
        while let Some(place) = journal.oldest_surplus() {
            self.shared.give_way(&place);
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
        if journal.ends_sweeping() {
            return;
        }
    }
}

impl Shared {
    /// Forgets those who can't come back any more, and what was sent too long ago.
    pub(super) fn sweep(&self, journal: &Journal, now: Instant) {
        while let Some(place) = journal.oldest_overdue(now) {
            self.give_way(&place);
        }
        let all: Vec<_> = read(&self.endpoints).values().cloned().collect();
        for members in all {
            write(&members).log.trim(&journal.bounds(), now);
        }
    }

    /// Forgets one who is away, whose place has been given back.
    fn give_way(&self, Place { endpoint, id, number }: &Place) {
        let Some(members) = read(&self.endpoints).get(endpoint).cloned() else { return };
        let mut members = write(&members);
        // It may have come back, and left again.
        let is_it = members.away.get(id).is_some_and(|away| away.place == *number);
        let gone = is_it.then(|| members.away.remove(id)).flatten();
        if let Some(away) = &gone {
            self.release(endpoint, &mut members, away);
        }
        let is_empty = members.is_empty();
        drop(members);
        // Behind the lock, as above.
        drop(gone);
        if is_empty {
            self.forget(endpoint);
        }
    }

    /// Takes one who is away out; to be dropped behind the lock.
    fn give_up(
        &self,
        journal: &Journal,
        endpoint: &ByteString,
        members: &mut Members,
        id: &RecoveryId,
    ) -> Option<Away> {
        let away = members.away.remove(id)?;
        journal.give_place(away.place);
        self.release(endpoint, members, &away);
        Some(away)
    }

    /// Closes the rooms that are held open for one alone who is no longer away.
    fn release(&self, endpoint: &ByteString, members: &mut Members, away: &Away) {
        for room in away.rooms.names() {
            if members.release(room) {
                self.tell(|| closed(endpoint, Some(room)));
            }
        }
    }
}

/// What one who is away missed, if it can come back.
fn missed(
    journal: &Journal,
    members: &Members,
    away: &Away,
    claim: &Claim,
    from: Option<IpAddr>,
    now: Instant,
) -> Option<Vec<Arc<Emission>>> {
    if !journal.waits(away.left, now) || away.pinned_to != from {
        return None;
    }
    let after = match &claim.offset {
        Some(offset) => journal.read(offset)?,
        None => away.since,
    };
    // A client that was told of a new connection still has the offset of the one before it.
    let after = after.max(away.since);
    let reader = Reader { id: away.kept.id.clone(), rooms: &away.rooms, after };
    members.log.missed(&reader, |at| journal.may_miss(away.left, at))
}
