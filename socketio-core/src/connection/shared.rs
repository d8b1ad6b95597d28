//! How the events of one connection run beside each other, all in its one future.
//!
//! In come events in the order they came, each with the order that its handler asks for; out goes the end of
//! the connection. A handler that shares the connection (`&self`) starts when nothing of its queue runs; one
//! that has it alone (`&mut self`) waits for those before it, and what came after it waits for its end:
//!
//! ```text
//!               &self: start, or wait for the queue        &mut self, or the end
//!   Sharing ──────────────────────────────────▶ Sharing ─────all done─────▶ Alone ──▶ Sharing
//! ```
//!
//! Each handler that shares costs one allocation. Those that run and those that wait count in the inbox, so
//! that `queue_limit` and `receive_buffer_limit` bound both. Called by [`run`](super::run).

use std::collections::VecDeque;
use std::collections::btree_map::{BTreeMap, Entry};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::inbox::{Inbox, Item};
use super::run::{Call, Open, answer, guard, handle, settle};
use super::span::{call_span, within};
use super::{EventContext, SocketConnection};
use crate::driver::Backlog;
use crate::protocol::Event;
use crate::session::CloseReason;

/// When the handler of an event runs, seen from the others of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// While no other does.
    Alone,
    /// One at a time among the events of the queue of this number, in the order they came; beside those of
    /// other queues. 0 is the connection's own queue.
    Queue(usize),
    /// At once.
    Concurrent,
}

/// Runs a connection's events until its end, or a rest.
pub(super) async fn run<T: SocketConnection<S>, S: Sync>(
    connection: &mut Open<T, S>,
    call: &Call<'_, S>,
    order: fn(&str) -> Order,
) -> Option<CloseReason> {
    loop {
        match share(connection, call, order).await {
            Item::Event(event) => handle(connection, call, &event).await,
            Item::Rest => return None,
            Item::Close(reason) => return Some(reason),
        }
    }
}

/// Runs what shares the connection, until that is done and next is what does not.
async fn share<T: SocketConnection<S>, S: Sync>(
    connection: &Open<T, S>,
    call: &Call<'_, S>,
    order: fn(&str) -> Order,
) -> Item {
    let (inbox, socket) = (call.inbox, call.cx.socket);
    let mut queues = Queues::default();
    let mut running = FuturesUnordered::new();
    // What those weigh that run, and those that wait in `queues`.
    let mut bytes = 0;
    poll_fn(|cx| {
        if inbox.is_cancelled() {
            // A drop that panics leaves the others to the next round.
            while !guard(socket, || running.clear()) {}
            queues.clear(inbox);
            bytes = 0;
        }
        let mut is_done = false;
        let next = loop {
            if socket.is_ending() {
                bytes -= queues.clear(inbox);
            }
            let mut at = Order::Alone;
            let next = inbox.take(socket, |event| {
                at = order(event.name());
                at != Order::Alone || running.is_empty()
            });
            let start = match (next, at) {
                (Some(Item::Event(event)), Order::Queue(number)) => {
                    bytes += inbox.weigh(&event);
                    queues.enter(number, event)
                }
                (Some(Item::Event(event)), Order::Concurrent) => {
                    bytes += inbox.weigh(&event);
                    Some((event, None))
                }
                (Some(next), Order::Alone) if running.is_empty() => break Poll::Ready(next),
                _ => match running.poll_next_unpin(cx) {
                    Poll::Ready(Some((queue, weight))) => {
                        bytes -= weight;
                        socket.mailbox().spend();
                        is_done = socket.mailbox().has_enough();
                        queues.leave(queue)
                    }
                    Poll::Ready(None) | Poll::Pending => break Poll::Pending,
                },
            };
            let start = start.map(|(event, queue)| handle_shared(connection, call, event, queue));
            running.extend(start);
            if is_done {
                break Poll::Pending;
            }
        };
        inbox.set_taken(Backlog { events: running.len() + queues.waiting(), bytes });
        next
    })
    .await
}

/// Runs the handler of an event; gives the number of its queue, which is free now, and what the event weighed.
async fn handle_shared<T: SocketConnection<S>, S: Sync>(
    Open { connection, kept }: &Open<T, S>,
    call: &Call<'_, S>,
    event: Event,
    queue: Option<usize>,
) -> (Option<usize>, usize) {
    let handling = pin!(async {
        let event_cx = EventContext { connection: &call.cx, event: &event };
        let handling = connection.dispatch_shared(kept, &event_cx);
        let handling = call.inbox.policy().guarded_event(call.cx.socket, &event, handling);
        let outcome = call.inbox.attend(handling).await;
        if let Some(error) = answer(call, &event, outcome) {
            let decided = call.inbox.attend(connection.error_shared(kept, &call.cx, &error)).await;
            settle(call, &event, &error, decided);
        }
    });
    within(call_span(&event), handling).await;
    (queue, call.inbox.weigh(&event))
}

/// What waits behind a running event, by the number of its queue; a queue is here while one runs.
#[derive(Default)]
struct Queues(BTreeMap<usize, VecDeque<Event>>);

impl Queues {
    /// Gives the event back if its queue was free.
    fn enter(&mut self, number: usize, event: Event) -> Option<(Event, Option<usize>)> {
        match self.0.entry(number) {
            Entry::Vacant(free) => {
                free.insert(VecDeque::new());
                Some((event, Some(number)))
            }
            Entry::Occupied(mut busy) => {
                busy.get_mut().push_back(event);
                None
            }
        }
    }

    /// The next event of the queue, if it was one, that an event has left.
    fn leave(&mut self, queue: Option<usize>) -> Option<(Event, Option<usize>)> {
        let next = self.0.get_mut(&queue?)?.pop_front();
        if next.is_none() {
            self.0.remove(&queue?);
        }
        Some((next?, queue))
    }

    /// Drops them; gives what they weighed.
    fn clear(&mut self, inbox: &Inbox) -> usize {
        let dropped = std::mem::take(&mut self.0);
        dropped.values().flatten().map(|event| inbox.weigh(event)).sum()
    }

    fn waiting(&self) -> usize {
        self.0.values().map(VecDeque::len).sum()
    }
}
