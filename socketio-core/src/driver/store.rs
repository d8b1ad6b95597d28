//! The running sessions of a server, by id.
//!
//! Entries are made by the handshake and removed by the session's own task when it ends: a session
//! that is over but whose handlers still run counts, though its mailbox takes nothing any more.

use std::collections::HashMap;
use std::sync::PoisonError;

use super::mailbox::Mailbox;
use super::places::Place;
use crate::id::SessionId;
use crate::sync::{Mutex, MutexGuard, Notify};

/// Shards, so that handshakes on several threads seldom meet. A power of two.
const SHARDS: usize = 16;

/// Sessions, and their places.
type Shard = HashMap<SessionId, (Mailbox, Place)>;

#[derive(Default)]
pub(crate) struct SessionStore {
    shards: [Mutex<Shard>; SHARDS],
    emptied: Notify,
}

impl SessionStore {
    pub(crate) fn get(&self, id: SessionId) -> Option<Mailbox> {
        Some(self.shard(id)?.get(&id)?.0.clone())
    }

    pub(crate) fn insert(&self, mailbox: Mailbox, place: Place) {
        if let Some(mut shard) = self.shard(mailbox.session_id()) {
            shard.insert(mailbox.session_id(), (mailbox, place));
        }
    }

    pub(crate) fn remove(&self, id: SessionId) {
        if let Some(mut shard) = self.shard(id) {
            shard.remove(&id);
        }
        self.emptied.notify_waiters();
    }

    /// Sessions that are there now.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// The mailboxes of those that are there now, in no order.
    pub(crate) fn all(&self) -> Vec<Mailbox> {
        let mut all = Vec::with_capacity(self.len());
        for shard in &self.shards {
            all.extend(lock(shard).values().map(|(mailbox, _)| mailbox.clone()));
        }
        all
    }

    /// Ends every session, and gives its handlers up.
    pub(crate) fn abort_all(&self) {
        self.all().iter().for_each(Mailbox::abort);
    }

    /// Waits until no session is left.
    pub(crate) async fn drained(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.len() == 0 {
                return;
            }
            emptied.await;
        }
    }

    fn shard(&self, id: SessionId) -> Option<MutexGuard<'_, Shard>> {
        self.shards.get(id.shard(SHARDS)).map(lock)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
