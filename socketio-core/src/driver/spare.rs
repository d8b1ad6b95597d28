//! Lists that were emptied, for the clients that need them next.
//!
//! A mailbox at rest holds none: it takes one from here, and its task gives it back once the commands are done.
//! What is taken out in the turn in which it was put in, and what many are sent at once, costs no allocation.
//! What a session fills and empties within a turn is the thread's, too.

use std::cell::Cell;
use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::{AckResult, Command};
use crate::protocol::engineio::Frame;
use crate::session::Lists;

/// How many commands the lists have room for that a thread keeps: 2 MiB.
const KEPT_COMMANDS: usize = 16 * 1024;

thread_local! {
    /// With how many commands they have room for.
    static SPARE: Cell<(Vec<Vec<Command>>, usize)> = const { Cell::new((Vec::new(), 0)) };
    /// Not there while a turn is under way.
    static TURN: Cell<Option<Turn>> = const { Cell::new(None) };
}

/// What a turn needs: what was read, and the session's lists.
#[derive(Default)]
pub(super) struct Turn {
    pub(super) frames: VecDeque<Frame>,
    pub(super) lists: Lists<oneshot::Sender<AckResult>>,
}

impl Turn {
    pub(super) fn begin() -> Self {
        TURN.take().unwrap_or_default()
    }

    pub(super) fn end(self) {
        TURN.set(Some(self));
    }
}

/// An empty list, with room for a command.
pub(super) fn list() -> Vec<Command> {
    let (mut spare, mut room) = SPARE.take();
    let list = spare.pop();
    room -= list.as_ref().map_or(0, Vec::capacity);
    SPARE.set((spare, room));
    list.unwrap_or_else(|| Vec::with_capacity(1))
}

/// Takes back a list whose commands are done.
pub(super) fn give_back(list: Vec<Command>) {
    let (mut spare, mut room) = SPARE.take();
    let with_it = room.saturating_add(list.capacity());
    if list.is_empty() && room < with_it && with_it <= KEPT_COMMANDS {
        spare.push(list);
        room = with_it;
    }
    SPARE.set((spare, room));
}
