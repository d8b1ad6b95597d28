//! Rooms in this process's memory.
//!
//! One lock per endpoint, held while members are looked up and never while anything is sent. One above
//! them, always taken first, for the endpoints that have members: clients choose the names of some, so
//! one that all have left is forgotten.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytestring::ByteString;

use super::Selection;
use crate::driver::Mailbox;
use crate::id::SocketId;
use crate::protocol::Emission;

struct Member {
    mailbox: Mailbox,
    rooms: BTreeSet<ByteString>,
}

#[derive(Default)]
struct Members {
    sockets: HashMap<SocketId, Member>,
    rooms: HashMap<ByteString, HashSet<SocketId>>,
}

/// The members and rooms of every endpoint.
#[derive(Default)]
pub(crate) struct Rooms(RwLock<HashMap<ByteString, Arc<RwLock<Members>>>>);

impl Rooms {
    /// Takes a socket in, as a member of its endpoint and of no room.
    pub(crate) fn add(&self, endpoint: &ByteString, socket: SocketId, mailbox: Mailbox) {
        let member = Member { mailbox, rooms: BTreeSet::new() };
        // Under the upper lock, or the endpoint could be forgotten between being found and this.
        if let Some(members) = read(&self.0).get(endpoint) {
            write(members).sockets.insert(socket, member);
            return;
        }
        let mut endpoints = write(&self.0);
        let members = endpoints.entry(endpoint.clone()).or_default();
        write(members).sockets.insert(socket, member);
    }

    /// Takes a socket out of its endpoint and all rooms.
    pub(crate) fn remove(&self, endpoint: &str, socket: SocketId) {
        let Some(members) = self.members(endpoint) else { return };
        let mut members = write(&members);
        let Some(member) = members.sockets.remove(&socket) else { return };
        for room in member.rooms {
            members.leave(&room, socket);
        }
        let is_empty = members.sockets.is_empty();
        drop(members);
        if is_empty {
            let mut endpoints = write(&self.0);
            // Somebody may have come meanwhile.
            if endpoints.get(endpoint).is_some_and(|members| read(members).sockets.is_empty()) {
                endpoints.remove(endpoint);
            }
        }
    }

    pub(crate) fn join(&self, endpoint: &str, socket: SocketId, room: ByteString) {
        let Some(members) = self.members(endpoint) else { return };
        let mut members = write(&members);
        if let Some(member) = members.sockets.get_mut(&socket)
            && member.rooms.insert(room.clone())
        {
            members.rooms.entry(room).or_default().insert(socket);
        }
    }

    pub(crate) fn leave(&self, endpoint: &str, socket: SocketId, room: &str) {
        let Some(members) = self.members(endpoint) else { return };
        let mut members = write(&members);
        if let Some(member) = members.sockets.get_mut(&socket)
            && member.rooms.remove(room)
        {
            members.leave(room, socket);
        }
    }

    /// The rooms that a socket is in, sorted.
    pub(crate) fn rooms_of(&self, endpoint: &str, socket: SocketId) -> Vec<String> {
        let Some(members) = self.members(endpoint) else { return Vec::new() };
        let members = read(&members);
        let rooms = members.sockets.get(&socket).map(|member| &member.rooms);
        rooms.into_iter().flatten().map(ToString::to_string).collect()
    }

    /// Puts an emission into the mailbox of everyone selected, each once.
    pub(crate) fn broadcast(
        &self,
        selection: &Selection,
        emission: &Arc<Emission>,
        volatile: bool,
    ) {
        let Some(members) = self.members(emission.endpoint()) else { return };
        let mailboxes = read(&members).select(selection);
        for mailbox in mailboxes {
            // One that is closed is about to leave; one that is full closes itself.
            let _refused = mailbox.emit(Arc::clone(emission), volatile, None);
        }
    }

    fn members(&self, endpoint: &str) -> Option<Arc<RwLock<Members>>> {
        read(&self.0).get(endpoint).cloned()
    }
}

impl Members {
    fn leave(&mut self, room: &str, socket: SocketId) {
        if let Some(sockets) = self.rooms.get_mut(room) {
            sockets.remove(&socket);
            if sockets.is_empty() {
                self.rooms.remove(room);
            }
        }
    }

    fn select(&self, selection: &Selection) -> Vec<Mailbox> {
        let excepted = |socket: &SocketId, member: &Member| {
            selection.except == Some(*socket)
                || selection.except_rooms.iter().any(|room| member.rooms.contains(room))
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
mod tests {
    use super::*;
    use crate::id::SessionId;

    #[test]
    fn an_endpoint_that_all_have_left_is_forgotten() {
        let rooms = Rooms::default();
        let mailbox = Mailbox::new(SessionId::random().unwrap(), None, 1);
        let [first, second] = [(); 2].map(|()| SocketId::random().unwrap());
        let chat = ByteString::from_static("/chat");
        for socket in [first, second] {
            rooms.add(&chat, socket, mailbox.clone());
            rooms.join(&chat, socket, ByteString::from_static("lobby"));
        }
        rooms.remove(&chat, first);
        assert_eq!(rooms.rooms_of(&chat, second), ["lobby"]);
        rooms.remove(&chat, second);
        assert!(read(&rooms.0).is_empty());
        rooms.add(&chat, first, mailbox);
        rooms.join(&chat, first, ByteString::from_static("hall"));
        assert_eq!(rooms.rooms_of(&chat, first), ["hall"]);
    }
}
