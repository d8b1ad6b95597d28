//! What this server answers: who is selected, which rooms they are in, and what they acknowledge.
//!
//! In: a [`Query`](super::Query) that [`Local`] was asked. Out: its [`Answer`]s. Who has come back and is not let in
//! yet is not spoken of.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytestring::ByteString;
use futures_util::stream::{self, FuturesUnordered, StreamExt as _};
use tokio::sync::oneshot;

use super::super::{Answer, Answers, Broadcast, RemoteSocket, Selection};
use super::members::{Entered, Occupant, Present};
use super::{Local, read};
use crate::driver::{Mailbox, Refused};
use crate::id::SocketId;
use crate::protocol::Emission;
use crate::session::NoAck;

impl Local {
    /// What `pick` makes of everyone selected who is not just coming back.
    pub(super) fn occupants<T>(
        &self,
        to: &Selection,
        pick: impl Fn(&Arc<dyn Occupant>, &Present) -> T,
    ) -> Vec<T> {
        let Some(members) = self.members(&to.endpoint) else { return Vec::new() };
        let pick = |_, member: &Present| Some(pick(member.who.here()?, member));
        read(&members).select(to, pick).into_iter().flatten().collect()
    }

    pub(super) fn sockets(&self, to: &Selection) -> Vec<RemoteSocket> {
        let found = self.occupants(to, |occupant, member| {
            let rooms = member.rooms.names().map(ToString::to_string);
            (Arc::clone(occupant), rooms.collect::<Vec<_>>())
        });
        let describe = |(occupant, mut rooms): (Arc<dyn Occupant>, Vec<_>)| {
            let described = occupant.describe();
            rooms.push(described.id.to_string());
            rooms.sort_unstable();
            RemoteSocket { rooms, ..described }
        };
        found.into_iter().map(describe).collect()
    }

    pub(super) fn rooms(&self, to: &Selection) -> Vec<ByteString> {
        let rooms = self.occupants(to, |_, member| member.rooms.clone());
        let rooms: BTreeSet<_> = rooms.iter().flat_map(Entered::names).cloned().collect();
        rooms.into_iter().collect()
    }

    /// Sends something to everyone selected and gathers what they acknowledge.
    pub(super) fn ask_all(&self, broadcast: Broadcast, timeout: Duration) -> Answers {
        let Broadcast { to, body, volatile, compress } = broadcast;
        let asked = self.occupants(&to, |occupant, member| (occupant.id(), member.mailbox.clone()));
        let emission = Arc::new(Emission::new(to.endpoint, body).compressed(compress));
        let deadline = deadline(timeout);
        let count = asked.len();
        let ask = |(socket, mailbox): (SocketId, Mailbox)| {
            let (waiter, answer) = oneshot::channel();
            let asked = mailbox.emit(Arc::clone(&emission), volatile, Some((waiter, deadline)));
            async move {
                let answer = match asked {
                    Ok(()) => answer.await.unwrap_or(Err(NoAck::Closed)),
                    Err(Refused::Full) if volatile => Err(NoAck::Skipped),
                    // A client whose buffer is full closes.
                    Err(_) => Err(NoAck::Closed),
                };
                Ok(match answer {
                    Ok(args) => Answer::Acknowledged { socket, args },
                    Err(reason) => Answer::Unacknowledged { socket, reason },
                })
            }
        };
        let answers: FuturesUnordered<_> = asked.into_iter().map(ask).collect();
        stream::iter([Ok(Answer::Asked(count))]).chain(answers).boxed()
    }
}

/// When an acknowledgement is overdue that may take so long.
pub(crate) fn deadline(timeout: Duration) -> Instant {
    let now = tokio::time::Instant::now();
    now.checked_add(timeout).or_else(|| now.checked_add(FOREVER)).unwrap_or(now).into_std()
}

/// What stands for a timeout that the clock can't express: ten years.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
