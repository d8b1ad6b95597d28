//! Runs one session on tokio: one task that owns the session, its transport and its handlers.
//!
//! Each turn reads once, handles all frames that the read brought, runs the handlers they are for,
//! takes in whatever anybody put into the mailbox, and sends everything that came of it in one write.
//! A WebSocket lives in this task, so a message crosses no other; a polling request is a short
//! future elsewhere that waits for the mailbox's [`Answer`]. Handlers are polled here too, through
//! [`Deliver`], and never hold up heartbeats, acknowledgements or a disconnect.

mod candidate;
mod commands;
mod deliver;
mod ending;
mod link;
mod mailbox;
#[cfg(all(test, loom))]
mod models;
mod notices;
mod places;
mod polls;
mod quota;
mod reading;
mod spare;
mod store;
mod wire;

pub(crate) use commands::{AckResult, Answer, Command};
pub(crate) use deliver::{Backlog, Deliver};
pub(crate) use link::{Farewell, Link, LinkClosed};
pub(crate) use mailbox::{Mailbox, Refused};
pub(crate) use notices::{Notice, Notices};
pub(crate) use places::{Place, Places};
pub(crate) use polls::Posting;
pub(crate) use store::SessionStore;
pub(crate) use wire::Wire;
pub use wire::{Protocol, Transport};

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};

use self::candidate::Candidate;
use self::ending::Ending;
use self::polls::Polls;
use self::spare::Turn;
use crate::protocol::engineio::Frame;
use crate::session::{AHEAD_BYTES, Admission, CloseReason, Output, Session, lend, take_back};
use crate::stats::Tally;

/// How long a client has to end its side of a transport that the server ended.
pub(crate) const LINK_GRACE: Duration = Duration::from_secs(5);
/// Turns taken before other tasks of the thread have theirs, unless handlers have done enough before: a client that sends
/// without end, or a handler that does, must not keep them waiting.
const TURNS: usize = 16;

/// A session whose acknowledgements are awaited by tasks.
pub(crate) type ClientSession = Session<oneshot::Sender<AckResult>>;

/// The task of a new session, which is in the store, whose root connection `deliver` opens; the receiver tells how that
/// went.
pub(crate) fn task<D: Deliver + 'static>(
    mailbox: Mailbox,
    store: Arc<SessionStore>,
    session: ClientSession,
    queue_limit: Backlog,
    deliver: D,
    mut tally: Tally,
    span: tracing::Span,
) -> (impl Future<Output = ()> + Send + 'static, oneshot::Receiver<Admission>) {
    let (opened, receiver) = oneshot::channel();
    let opened = session.is_admitted_first().then_some(opened);
    if opened.is_none() {
        tally.open();
    }
    let driver = Driver {
        session,
        mailbox,
        store,
        deliver,
        queue_limit,
        opened,
        link: None,
        link_ended: false,
        link_said_all: false,
        link_until: None,
        polls: None,
        candidate: None,
        frames: VecDeque::new(),
        left_behind: false,
        reading: true,
        was_full: false,
        again: false,
        timer: None,
        due: None,
        told: 0,
        ending: Ending::NotYet,
        tally,
        span: (!span.is_none()).then(|| Box::new(span)),
    };
    (driver, receiver)
}

struct Driver<D> {
    session: ClientSession,
    mailbox: Mailbox,
    store: Arc<SessionStore>,
    deliver: D,
    queue_limit: Backlog,
    opened: Option<oneshot::Sender<Admission>>,
    link: Option<Box<dyn Link>>,
    /// The link has given or got its last frame; it is only kept until both sides have ended it.
    link_ended: bool,
    /// The peer has ended the link behind the frames that wait, and may come with another, which gets what is
    /// sent now.
    link_said_all: bool,
    /// Until when both sides may take to end the link of a session that is over.
    link_until: Option<Instant>,
    polls: Option<Box<Polls>>,
    /// A WebSocket that is to take over from polling, while it is probed.
    candidate: Option<Box<Candidate>>,
    /// What the last read brought, and there was no room for.
    frames: VecDeque<Frame>,
    /// Whether `frames` came by a link that has been let go of.
    left_behind: bool,
    reading: bool,
    /// Whether the queue was full, and more than half of it is still taken.
    was_full: bool,
    /// Something came up that the next turn has to look at.
    again: bool,
    timer: Option<Pin<Box<Sleep>>>,
    /// When the session waits no longer, as of the last turn's end.
    due: Option<std::time::Instant>,
    /// What the mailbox was last told of the bytes that wait.
    told: usize,
    ending: Ending,
    tally: Tally,
    /// None where spans are off.
    span: Option<Box<tracing::Span>>,
}

impl<D: Deliver> Future for Driver<D> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let span = this.span.take();
        let entered = span.as_ref().map(|span| span.enter());
        let mut turn = Turn::begin();
        lend(&mut turn.frames, &mut this.frames);
        this.session.borrow_lists(&mut turn.lists);
        let polled = this.poll_turns(cx);
        take_back(&mut turn.frames, &mut this.frames);
        this.session.return_lists(&mut turn.lists);
        turn.end();
        drop(entered);
        this.span = span;
        polled
    }
}

impl<D> Unpin for Driver<D> {}

impl<D: Deliver> Driver<D> {
    fn poll_turns(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // What woke the task may be anything; later turns are for what those before have brought about.
        self.again = true;
        self.mailbox.begin_turn();
        let mut room = self.room();
        for _ in 0..TURNS {
            let read = self.poll_read(room, cx);
            if !std::mem::take(&mut self.again) && read.is_pending() {
                return Poll::Pending;
            }
            let (now, quiet) = (Instant::now().into_std(), read.is_pending());
            self.handle_overdue(now);
            self.take_in(read, room, cx, now);
            let handlers = self.run_handlers(cx);
            self.end_drained(cx);
            self.transmit(cx, now);
            if !self.has_poll() && (self.link.is_none() || self.link_ended) {
                self.tally.detach();
            }
            self.tell_backlog();
            if self.session.closed().is_some() {
                self.release();
                let link = self.poll_link_closed(cx);
                if handlers.is_ready() && link.is_ready() {
                    return Poll::Ready(());
                }
            }
            self.again |= self.poll_timer(cx, now);
            if self.ending == Ending::Over {
                tracing::warn!("dropped handlers that would not end");
                return Poll::Ready(());
            }
            room = self.room();
            self.again |= self.reading == room.is_none();
            // One that was held back may be free to come now.
            self.again |= !room.is_none() && self.has_posts_to_take();
            if self.mailbox.has_enough() {
                break;
            }
            if quiet && !self.again {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Holds a deadline to the instant, for the timer comes up to a millisecond late: what arrives in
    /// between is too late.
    fn handle_overdue(&mut self, now: std::time::Instant) {
        if self.due.is_some_and(|due| due <= now) {
            self.session.handle_timeout(now);
        }
    }

    fn handle_link_end(&mut self, closed: LinkClosed) {
        if closed == LinkClosed::Broken {
            tracing::debug!("the transport broke");
            self.lose_link();
        } else {
            self.link_ended = true;
            self.session.handle_link_closed(reason_of(closed));
        }
    }

    /// Lets go of a transport whose client may come back on another, which gets what this one did not
    /// write.
    fn lose_link(&mut self) {
        self.replace_link();
        self.mailbox.set_transport(None);
        self.session.handle_link_lost(Instant::now().into_std());
    }

    /// Runs the handlers of what came, then does what they and all others ask of the session.
    fn run_handlers(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.deliver_outputs();
        self.mailbox.attend();
        let handlers = self.deliver.poll(cx);
        let mut commands = self.mailbox.take(cx);
        for command in commands.drain(..) {
            self.handle_command(command);
        }
        spare::give_back(commands);
        self.again |= self.session.has_output();
        handlers
    }

    /// Bytes that wait for the client.
    fn backlog(&self) -> usize {
        self.session.queued_bytes() + self.link.as_ref().map_or(0, |link| link.queued_bytes())
    }

    /// Tells those who send how much waits, where that is news to them.
    fn tell_backlog(&mut self) {
        let backlog = self.backlog();
        if backlog != self.told || self.mailbox.is_room_awaited() {
            self.told = backlog;
            self.mailbox.set_backlog(backlog);
        }
    }

    fn deliver_outputs(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Connect(join) => self.deliver.connect(join),
                Output::Event { endpoint, event } => self.deliver.event(&endpoint, event),
                Output::Said { endpoint, body } => self.deliver.emitted(&endpoint, &body, false),
                Output::Disconnected { endpoint, reason } => {
                    self.deliver.disconnect(&endpoint, reason);
                }
                Output::Limit(limit) => self.mailbox.notices().limit_hit(limit),
                Output::Acknowledged { endpoint, waiter, result } => {
                    if let Ok(args) = &result {
                        self.deliver.acknowledged(&endpoint, args);
                    }
                    let _waiter_left = waiter.send(result);
                }
            }
        }
    }

    /// Moves what the session has to send to its transport, and writes once.
    fn transmit(&mut self, cx: &mut Context<'_>, now: std::time::Instant) {
        self.answer_poll(cx, now);
        while let Some(link) = self.link.as_mut().filter(|_| !self.link_ended) {
            let closed = self.session.closed();
            let is_over = closed.is_some();
            // Who does not read gets nothing more, and all that waits is not copied.
            if closed.is_some_and(|reason| farewell_of(reason).is_none()) {
                return self.drop_link();
            }
            if !is_over && !self.session.has_link() {
                return self.lose_link();
            }
            // The rest stays with the session, so that a reader who is slow costs it once.
            let is_filled = |link: &dyn Link| !is_over && link.queued_bytes() >= AHEAD_BYTES;
            let (mut is_full, mut packets) = (is_filled(&**link), 0);
            while !is_full
                && !self.link_said_all
                && let Some(frame) = self.session.poll_frame()
            {
                link.queue(frame);
                packets += 1;
                is_full = is_filled(&**link);
            }
            self.tally.sent(packets, now);
            if let Some(reason) = self.session.closed() {
                let Some(farewell) = farewell_of(reason) else { return self.drop_link() };
                link.close(farewell);
                self.link_ended = true;
            }
            match link.poll_flush(cx) {
                Poll::Ready(Ok(())) if is_full => {}
                Poll::Ready(Err(_)) => return self.lose_link(),
                _ => return,
            }
        }
    }
}

impl<D> Drop for Driver<D> {
    fn drop(&mut self) {
        self.mailbox.close();
        self.store.remove(self.mailbox.session_id());
    }
}

fn reason_of(closed: LinkClosed) -> CloseReason {
    match closed {
        LinkClosed::ByPeer => CloseReason::TransportClosed,
        LinkClosed::Broken => CloseReason::TransportError,
        LinkClosed::Violation(what) => {
            tracing::debug!(what, "the client broke the rules of its transport");
            CloseReason::ProtocolViolation
        }
        LinkClosed::TooBig(limit) => {
            tracing::debug!(limit, "the client sent a message larger than the limit");
            CloseReason::MessageTooBig
        }
    }
}

/// How a transport is ended; one whose client does not listen is just dropped.
fn farewell_of(reason: CloseReason) -> Option<Farewell> {
    match reason {
        CloseReason::HeartbeatTimeout | CloseReason::SlowConsumer => None,
        CloseReason::ServerShutdown => Some(Farewell::GoingAway),
        _ => Some(Farewell::Normal),
    }
}
