//! How everybody but its own task reaches a running session.
//!
//! A mailbox is cheap to clone and never blocks: what is put in is handled, in order, when the
//! session's task next runs. Its length is bounded in bytes by `send_buffer_limit`: one that is full
//! and not emptied belongs to a client that reads too slowly, and closes.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Waker};
use std::time::Instant;

use bytestring::ByteString;
use tokio::sync::oneshot;

use super::commands::{AckResult, Command};
use super::quota::Quota;
use super::{Notices, Transport, Wire, spare};
use crate::id::SessionId;
use crate::protocol::{AckId, Emission, JsonText};
use crate::session::{AHEAD_BYTES, CloseReason};
use crate::stats::{Counters, Limit};
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::sync::{Mutex, MutexGuard, Notify};

/// Why a mailbox does not take something in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The session is over.
    Closed,
    /// The send buffer is full; the session closes as a slow consumer unless the emission was
    /// volatile.
    Full,
}

/// That the session's task is to hear when nothing is owed any more.
const DRAINING: usize = 1 << (usize::BITS - 1);

/// So many POSTs that there is no room for another, in a session that is over.
const NO_MORE_POSTS: usize = 1 << (usize::BITS - 1);

struct State {
    commands: Vec<Command>,
    /// Bytes of the emissions and acknowledgements in `commands`, but for volatile ones.
    bytes: usize,
    /// Bytes of the volatile ones: nobody is a slow consumer for what may be dropped.
    volatile_bytes: usize,
    /// Bytes that the session and its transport hold, as of its task's last turn.
    backlog: usize,
    transport: Option<Transport>,
    /// The client was found to read too slowly; its session closes.
    overflowed: bool,
    closed: bool,
    /// Wakes the session's task; kept from turn to turn.
    waker: Option<Waker>,
    /// Told when there is room; nothing where nobody waits for it.
    room: Option<Arc<Notify>>,
}

impl State {
    fn push(&mut self, command: Command) {
        if self.commands.capacity() == 0 {
            self.commands = spare::list();
        }
        self.commands.push(command);
    }

    /// Bytes that wait for the client, but for volatile ones that have not reached the session.
    fn waiting(&self) -> usize {
        self.bytes.saturating_add(self.backlog)
    }

    /// Whether less than half of what may wait does.
    fn has_room(&self, limit: usize) -> bool {
        self.waiting() < limit.div_ceil(2)
    }
}

struct Shared {
    id: SessionId,
    wire: Wire,
    /// The address that alone may use the session.
    pinned_to: Option<IpAddr>,
    limit: usize,
    ending: AtomicBool,
    /// Whether the server waits no longer for the session's handlers.
    aborted: AtomicBool,
    /// Acknowledgements that somebody will send, beside the handlers; and [`DRAINING`].
    owed: AtomicUsize,
    /// How many events handlers may still be given in this turn of the session's task.
    quota: Quota,
    /// POSTs under way; and [`NO_MORE_POSTS`].
    posts: AtomicUsize,
    /// Whether the session's task will look in here anyway; the task alone sets it outside the lock.
    attended: AtomicBool,
    /// Whether somebody waits for room; set under the lock alone.
    room_awaited: AtomicBool,
    notices: Notices,
    state: Mutex<State>,
}

/// The address of a running session.
#[derive(Clone)]
pub(crate) struct Mailbox(Arc<Shared>);

impl Mailbox {
    /// A mailbox whose session may be used from anywhere, or from one address alone.
    pub(crate) fn new(
        id: SessionId,
        wire: Wire,
        pinned_to: Option<IpAddr>,
        send_buffer_limit: usize,
        counters: Arc<Counters>,
    ) -> Self {
        let state = State {
            commands: Vec::new(),
            bytes: 0,
            volatile_bytes: 0,
            backlog: 0,
            transport: None,
            overflowed: false,
            closed: false,
            waker: None,
            room: None,
        };
        let shared = Shared {
            id,
            wire,
            pinned_to,
            limit: send_buffer_limit,
            ending: AtomicBool::new(false),
            aborted: AtomicBool::new(false),
            owed: AtomicUsize::new(0),
            quota: Quota::new(),
            posts: AtomicUsize::new(0),
            attended: AtomicBool::new(false),
            room_awaited: AtomicBool::new(false),
            notices: Notices::new(counters),
            state: Mutex::new(state),
        };
        Self(Arc::new(shared))
    }

    pub(crate) fn session_id(&self) -> SessionId {
        self.0.id
    }

    /// The wire that the session speaks.
    pub(crate) fn wire(&self) -> &Wire {
        &self.0.wire
    }

    /// The address that alone may use the session, if it is one alone.
    pub(crate) fn pinned_to(&self) -> Option<IpAddr> {
        self.0.pinned_to
    }

    /// What the log was told of the client.
    pub(crate) fn notices(&self) -> &Notices {
        &self.0.notices
    }

    /// How many POSTs are under way.
    pub(super) fn posts(&self) -> &AtomicUsize {
        &self.0.posts
    }

    /// How many bytes may wait for the client.
    pub(super) fn limit(&self) -> usize {
        self.0.limit
    }

    /// The transport that carries the session now; none where it broke, or before the first.
    pub(crate) fn transport(&self) -> Option<Transport> {
        self.lock().transport
    }

    pub(super) fn set_transport(&self, transport: Option<Transport>) {
        self.lock().transport = transport;
    }

    /// Puts a command in, whatever the buffers hold.
    pub(crate) fn send(&self, command: Command) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        if matches!(command, Command::Close(reason) if !reason.keeps_queued_events()) {
            self.0.ending.store(true, Ordering::Relaxed);
        }
        state.push(command);
        self.wake(state);
        Ok(())
    }

    /// Whether the server has asked for the session's end: what its client sent before and nobody has
    /// handled yet is not to be handled any more.
    pub(crate) fn is_ending(&self) -> bool {
        self.0.ending.load(Ordering::Relaxed)
    }

    /// Gives the session's handlers up, also those of a session that is over.
    pub(super) fn abort(&self) {
        let _over = self.send(Command::Drain);
        self.0.aborted.store(true, Ordering::Relaxed);
        self.0.ending.store(true, Ordering::Relaxed);
        self.wake(self.lock());
    }

    /// Whether the server waits no longer for the session's handlers.
    pub(super) fn is_aborted(&self) -> bool {
        self.0.aborted.load(Ordering::Relaxed)
    }

    /// Somebody will send an acknowledgement.
    pub(crate) fn owe(&self) {
        self.0.owed.fetch_add(1, Ordering::SeqCst);
    }

    /// They have put it in, or never will.
    pub(crate) fn settle(&self) {
        if self.0.owed.fetch_sub(1, Ordering::SeqCst) == DRAINING + 1 {
            self.wake(self.lock());
        }
    }

    /// The session's task waits for what is owed.
    pub(super) fn drain(&self) {
        self.0.owed.fetch_or(DRAINING, Ordering::SeqCst);
    }

    /// Whether an acknowledgement is still to come, or anything is to be taken out, of a session that drains.
    pub(super) fn owes(&self) -> bool {
        self.0.owed.load(Ordering::SeqCst) > DRAINING || !self.lock().commands.is_empty()
    }

    /// Whether the session still takes anything in.
    pub(crate) fn is_open(&self) -> bool {
        !self.lock().closed
    }

    /// Tells how much the session now holds, for those who emit while its task rests, and those who wait for
    /// room.
    pub(super) fn set_backlog(&self, backlog: usize) {
        let waiting = {
            let mut state = self.lock();
            state.backlog = backlog;
            if !state.has_room(self.0.limit) {
                return;
            }
            self.0.room_awaited.store(false, Ordering::Relaxed);
            state.room.take()
        };
        if let Some(waiting) = waiting {
            waiting.notify_waiters();
        }
    }

    /// Whether somebody waits for room.
    pub(super) fn is_room_awaited(&self) -> bool {
        self.0.room_awaited.load(Ordering::Relaxed)
    }

    /// Waits until less than half of the send buffer is taken, or the session is over.
    pub(crate) async fn room(&self) -> Result<(), Refused> {
        loop {
            let room = {
                let mut state = self.lock();
                if state.closed {
                    return Err(Refused::Closed);
                }
                if state.has_room(self.0.limit) {
                    return Ok(());
                }
                self.0.room_awaited.store(true, Ordering::Relaxed);
                // Under the lock, so that it hears of what happens from here on.
                Arc::clone(state.room.get_or_insert_default()).notified_owned()
            };
            room.await;
        }
    }

    /// A turn of the session's task begins.
    pub(super) fn begin_turn(&self) {
        self.0.quota.begin();
    }

    /// Whether handlers have done enough in this turn.
    pub(crate) fn has_enough(&self) -> bool {
        self.0.quota.is_spent()
    }

    /// A handler is given an event, or is done with it.
    pub(crate) fn spend(&self) {
        self.0.quota.spend();
    }

    /// Puts an acknowledgement of an event in, as an emission.
    pub(crate) fn acknowledge(
        &self,
        endpoint: ByteString,
        id: AckId,
        args: JsonText,
    ) -> Result<(), Refused> {
        let bytes = args.len();
        self.put(bytes, false, || Command::Acknowledge { endpoint, id, args })
    }

    /// Puts an emission in if the send buffer has room.
    pub(crate) fn emit(
        &self,
        emission: Arc<Emission>,
        volatile: bool,
        ack: Option<(oneshot::Sender<AckResult>, Instant)>,
    ) -> Result<(), Refused> {
        let bytes = emission.len();
        self.put(bytes, volatile, || Command::Emit { emission, volatile, ack })
    }

    #[inline]
    fn put(
        &self,
        bytes: usize,
        volatile: bool,
        command: impl FnOnce() -> Command,
    ) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        let before = if volatile { state.volatile_bytes } else { 0 };
        if state.waiting().saturating_add(before) >= self.0.limit {
            if volatile {
                drop(state);
                self.0.notices.limit_hit(Limit::Volatile);
            } else if !state.overflowed {
                state.overflowed = true;
                state.push(Command::Close(CloseReason::SlowConsumer));
                self.0.ending.store(true, Ordering::Relaxed);
                self.wake(state);
            }
            return Err(Refused::Full);
        }
        let sum = if volatile { &mut state.volatile_bytes } else { &mut state.bytes };
        // With its place here, or tiny ones would take many times what is counted.
        *sum += bytes + size_of::<Command>();
        if *sum >= AHEAD_BYTES {
            self.0.quota.cut();
        }
        state.push(command());
        self.wake(state);
        Ok(())
    }

    /// The session's task runs its handlers, and will look in here: what they put in need not wake it.
    pub(super) fn attend(&self) {
        self.0.attended.store(true, Ordering::Relaxed);
    }

    /// Gives what was put in since the last time, in order. The task of `cx` is woken when more comes.
    pub(crate) fn take(&self, cx: &Context<'_>) -> Vec<Command> {
        let mut state = self.lock();
        self.0.attended.store(false, Ordering::Relaxed);
        if !state.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            state.waker = Some(cx.waker().clone());
        }
        (state.bytes, state.volatile_bytes) = (0, 0);
        std::mem::take(&mut state.commands)
    }

    /// Takes nothing in from now on, and drops what is in it, which tells whoever waits for it.
    pub(super) fn close(&self) {
        let (commands, room) = {
            let mut state = self.lock();
            state.closed = true;
            state.waker = None;
            self.0.posts.fetch_or(NO_MORE_POSTS, Ordering::Relaxed);
            (std::mem::take(&mut state.commands), state.room.take())
        };
        drop(commands);
        if let Some(room) = room {
            room.notify_waiters();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the session's task once the lock is free, unless it is awake for what came before.
    fn wake(&self, state: MutexGuard<'_, State>) {
        if self.0.attended.load(Ordering::Relaxed) {
            return;
        }
        self.0.attended.store(true, Ordering::Relaxed);
        let waker = state.waker.clone();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
