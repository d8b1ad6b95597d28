//! What waits for a connection's handlers: events in the order they came, and the connection's end.
//!
//! The connections of a client put in, the life of one connection takes out; both run in the session's
//! task, so nobody is woken. What is over is told here too: whether the client has left, and whether
//! handlers are given up; and what the server says about all its connections.

use std::any::Any;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_util::FutureExt as _;

use super::{HandlerError, OnError, Policy};
use crate::driver::Backlog;
use crate::protocol::Event;
use crate::session::CloseReason;
use crate::socket::Socket;

/// What waits for a connection's handlers.
pub(crate) struct Inbox {
    queue: Mutex<Queue>,
    /// How many events wait, or run beside each other; written under the lock, as `bytes`.
    len: AtomicUsize,
    /// What these weigh, and the one that runs alone.
    bytes: AtomicUsize,
    /// The most that an event counts for: while one as large as no other is handled there is still room for what its
    /// handler waits for.
    most: usize,
    is_closed: AtomicBool,
    is_cancelled: AtomicBool,
    policy: Arc<Policy>,
}

struct Queue {
    events: VecDeque<Event>,
    /// What `events` weigh.
    bytes: usize,
    /// What the event weighs that was taken out last, until the next is asked for.
    running: usize,
    /// Events that were taken out to run beside each other, and are not done.
    taken: Backlog,
    closed: Option<CloseReason>,
    /// Whether an event was not let through.
    rejected: bool,
    /// Whether it is time to rest, if nothing waits.
    resting: bool,
    /// Whether the connection opens or closes, or has taken an event out and not asked for the next.
    busy: bool,
}

impl Queue {
    fn clear(&mut self) {
        self.events.clear();
        self.bytes = 0;
    }
}

pub(super) enum Item {
    Event(Event),
    /// Nothing, and what the last events needed is to be given back.
    Rest,
    Close(CloseReason),
}

impl Inbox {
    /// An empty one, of a server with this policy, in which no event counts for more than so many bytes.
    pub(crate) fn new(policy: Arc<Policy>, most: usize) -> Self {
        Self {
            queue: Mutex::new(Queue {
                events: VecDeque::new(),
                bytes: 0,
                running: 0,
                taken: Backlog::default(),
                closed: None,
                rejected: false,
                resting: false,
                busy: true,
            }),
            len: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            most,
            is_closed: AtomicBool::new(false),
            is_cancelled: AtomicBool::new(false),
            policy,
        }
    }

    /// What the server says about all its connections.
    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn push(&self, event: Event) {
        let mut queue = self.lock();
        if queue.closed.is_none() {
            queue.bytes += self.weigh(&event);
            queue.events.push_back(event);
            self.count(&queue);
        }
    }

    /// Ends the connection: behind what the client sent before it left, or at once if the server
    /// closed it.
    pub(crate) fn close(&self, reason: CloseReason) {
        let mut queue = self.lock();
        queue.closed.get_or_insert(reason);
        self.is_closed.store(true, Relaxed);
        if !reason.keeps_queued_events() {
            queue.clear();
            self.count(&queue);
        }
    }

    /// Gives the handlers up that run, and those that wait: only the close handler is still called.
    pub(crate) fn cancel(&self) {
        let mut queue = self.lock();
        self.is_cancelled.store(true, Relaxed);
        queue.clear();
        self.count(&queue);
    }

    /// Whether the client has left, or was made to.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Relaxed)
    }

    /// Notes that an event was not let through; gives whether it is the connection's first.
    pub(super) fn is_first_rejection(&self) -> bool {
        !std::mem::replace(&mut self.lock().rejected, true)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Relaxed)
    }

    /// Events that wait, and those that run beside each other; and what these weigh, and the one that runs alone.
    pub(crate) fn backlog(&self) -> Backlog {
        Backlog { events: self.len.load(Relaxed), bytes: self.bytes.load(Relaxed) }
    }

    /// What an event counts for.
    #[inline]
    pub(super) fn weigh(&self, event: &Event) -> usize {
        event.weight().min(self.most)
    }

    /// Whether the connection is open, and none of its handlers runs or is to.
    pub(crate) fn is_idle(&self) -> bool {
        let queue = self.lock();
        !queue.busy && queue.closed.is_none() && queue.events.is_empty() && queue.taken.events == 0
    }

    #[inline]
    fn count(&self, queue: &Queue) {
        self.len.store(queue.events.len() + queue.taken.events, Relaxed);
        self.bytes.store(queue.bytes + queue.running + queue.taken.bytes, Relaxed);
    }

    /// Says which events were taken out to run beside each other, and are not done.
    pub(super) fn set_taken(&self, taken: Backlog) {
        let mut queue = self.lock();
        queue.taken = taken;
        self.count(&queue);
    }

    /// The next event if it may run now, or the end if no event is left. Nothing where handlers have done enough in
    /// this turn.
    pub(super) fn take(
        &self,
        socket: &Socket,
        may_run: impl FnOnce(&Event) -> bool,
    ) -> Option<Item> {
        if socket.mailbox().has_enough() {
            return None;
        }
        let mut queue = self.lock();
        if socket.is_ending() {
            queue.clear();
        }
        queue.running = 0;
        queue.busy = !queue.events.is_empty() || queue.closed.is_some();
        let item = match (queue.events.front(), queue.closed) {
            (Some(event), _) if !may_run(event) => None,
            (Some(event), _) => {
                socket.mailbox().spend();
                // All that is left is the last one's.
                let is_last = queue.events.len() == 1;
                queue.running = if is_last { queue.bytes } else { self.weigh(event) };
                queue.bytes -= queue.running;
                queue.events.pop_front().map(Item::Event)
            }
            (None, Some(reason)) => Some(Item::Close(reason)),
            (None, None) => {
                let rests = std::mem::take(&mut queue.resting);
                queue.events.shrink_to(if rests { 0 } else { QUEUE_KEPT });
                rests.then_some(Item::Rest)
            }
        };
        self.count(&queue);
        item
    }

    /// Lets the connection rest, if nothing of it runs or waits.
    pub(crate) fn rest(&self) {
        self.lock().resting = true;
    }

    /// Waits while the connection rests: until there is an event, or the end.
    pub(super) async fn stirred(&self) {
        poll_fn(|_| {
            let mut queue = self.lock();
            queue.resting = false;
            queue.busy = !queue.events.is_empty() || queue.closed.is_some();
            if queue.busy { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Waits for the next event, or for the end behind the last.
    pub(super) async fn next(&self, socket: &Socket) -> Item {
        poll_fn(|_| self.take(socket, |_| true).map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Runs a handler until it is done or cancelled, and catches its panic, also that of the drop of one
    /// that is cancelled.
    pub(super) fn attend<F: Future>(&self, handler: F) -> impl Future<Output = Outcome<F::Output>> {
        // Not an `async fn`, which would keep room for the handler once more.
        let cancellable = async move {
            let mut handler = std::pin::pin!(handler);
            poll_fn(|cx| match handler.as_mut().poll(cx) {
                Poll::Pending if self.is_cancelled() => Poll::Ready(None),
                polled => polled.map(Some),
            })
            .await
        };
        AssertUnwindSafe(cancellable).catch_unwind().map(|outcome| match outcome {
            Ok(Some(output)) => Outcome::Done(output),
            Ok(None) => Outcome::Cancelled,
            Err(panic) => Outcome::Panicked(message_of(&*panic)),
        })
    }

    /// Asks the server's policy, if it has one, about a failure, and catches its panic.
    pub(super) fn decide(&self, error: &HandlerError) -> Outcome<Option<OnError>> {
        let policy = self.policy.on_error.as_ref();
        match catch_unwind(AssertUnwindSafe(|| policy.map(|policy| policy(error)))) {
            Ok(decided) => Outcome::Done(decided),
            Err(panic) => Outcome::Panicked(message_of(&*panic)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a handler's call ended.
pub(super) enum Outcome<T> {
    Done(T),
    Panicked(String),
    Cancelled,
}

/// What a panic says.
pub(super) fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(|text| &**text))
        .unwrap_or_default()
        .to_owned()
}

/// Slots kept when a queue runs empty, until the connection rests: 4 KiB.
const QUEUE_KEPT: usize = 32;
