//! Models: a session's task, and those who reach it by its mailbox, in every order that threads and memory allow.
//!
//! The task is the real one; its client reads what it is sent, and its handlers do what the model says.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytestring::ByteString;
use tokio::sync::oneshot;

use super::*;
use crate::id::SessionId;
use crate::protocol::engineio::Queued;
use crate::protocol::{AckId, Args, Emission, EmissionBody, Event, JsonText};
use crate::session::{Dialect, Join};
use crate::stats::Counters;
use crate::sync::atomic;
use crate::sync::models::{block_on, check, spawn};

/// How much may wait for the client.
const LIMIT: usize = 1000;

/// The handlers of a session.
struct Handlers {
    mailbox: Mailbox,
    /// How many acknowledgements the session was given.
    acknowledged: Arc<atomic::AtomicUsize>,
    /// How many the handlers have yet to send by themselves.
    unsent: usize,
    /// With how many the server ends the session.
    enough: usize,
    /// Whether they go on until they are cancelled.
    stay: bool,
    is_open: bool,
}

impl Deliver for Handlers {
    fn connect(&mut self, _: Join) {}

    fn event(&mut self, _: &ByteString, _: Event) {}

    fn disconnect(&mut self, _: &ByteString, _: CloseReason) {
        self.is_open = false;
    }

    fn acknowledged(&mut self, _: &ByteString, _: &Args) {}

    fn emitted(&mut self, _: &ByteString, _: &EmissionBody, _: bool) {}

    fn acknowledging(&mut self, _: &ByteString, _: &JsonText) {
        if self.acknowledged.fetch_add(1, atomic::Ordering::Relaxed) + 1 == self.enough {
            end(&self.mailbox);
        }
    }

    fn is_another(&self, _: &ByteString) -> bool {
        false
    }

    fn expiry(&self, _: &ByteString) -> Option<Instant> {
        None
    }

    fn backlog(&self) -> Backlog {
        Backlog { events: 0, bytes: 0 }
    }

    fn kept(&self) -> usize {
        0
    }

    fn is_idle(&self) -> bool {
        true
    }

    fn cancel(&mut self) {
        self.stay = false;
    }

    fn rest(&mut self) {}

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<()> {
        for _ in 0..std::mem::take(&mut self.unsent) {
            acknowledge(&self.mailbox);
        }
        if self.is_open || self.stay { Poll::Pending } else { Poll::Ready(()) }
    }
}

/// A transport that at first takes what is queued the second time it is asked to, later at once, and brings nothing.
#[derive(Default)]
struct Slow {
    bytes: usize,
    is_asked: bool,
}

impl Link for Slow {
    fn poll_read(
        &mut self,
        _: &mut Context<'_>,
        _: &mut VecDeque<Frame>,
    ) -> Poll<Result<(), LinkClosed>> {
        Poll::Pending
    }

    fn queue(&mut self, frame: Queued) {
        self.bytes += frame.len();
    }

    fn queued_bytes(&self) -> usize {
        self.bytes
    }

    fn take_unwritten(&mut self) -> Vec<Frame> {
        Vec::new()
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LinkClosed>> {
        if self.bytes > 0 && !std::mem::replace(&mut self.is_asked, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.bytes = 0;
        Poll::Ready(Ok(()))
    }

    fn close(&mut self, _: Farewell) {}

    fn poll_closed(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// A session on a WebSocket that is not running yet.
struct Client {
    mailbox: Mailbox,
    store: Arc<SessionStore>,
    handlers: Handlers,
}

impl Client {
    fn new() -> Self {
        let (mailbox, store) = (mailbox("AAAAAAAAAAAAAAAAAAAAAA"), Arc::<SessionStore>::default());
        store.insert(mailbox.clone(), place());
        let link = Box::new(Slow::default());
        put(
            &mailbox,
            Command::Attach { transport: Transport::WebSocket, link, carries_bytes: true },
        );
        let handlers = Handlers {
            mailbox: mailbox.clone(),
            acknowledged: Arc::default(),
            unsent: 0,
            enough: usize::MAX,
            stay: false,
            is_open: true,
        };
        Self { mailbox, store, handlers }
    }

    fn task(self) -> impl Future<Output = ()> {
        let Self { mailbox, store, handlers } = self;
        let (limits, now) = (Arc::default(), tokio::time::Instant::now().into_std());
        let session = Session::new(limits, Dialect::Legacy, now);
        let tally = Tally::new(counters(), 0);
        let limit = Backlog { events: 1024, bytes: 1024 };
        task(mailbox, store, session, limit, handlers, tally, tracing::Span::none()).0
    }

    /// Runs the session's task to its end; gives how many acknowledgements it was given.
    fn run(self) -> usize {
        let acknowledged = Arc::clone(&self.handlers.acknowledged);
        block_on(self.task());
        acknowledged.load(atomic::Ordering::Relaxed)
    }
}

fn mailbox(id: &str) -> Mailbox {
    Mailbox::new(id.parse::<SessionId>().unwrap(), Wire::Legacy, None, LIMIT, counters())
}

fn counters() -> Arc<Counters> {
    Arc::new(Counters::new(&[], &[], &[], tokio::time::Instant::now().into_std()))
}

fn place() -> Place {
    Places::take(&Arc::default(), 1).unwrap()
}

fn put(mailbox: &Mailbox, command: Command) {
    assert_eq!(mailbox.send(command), Ok(()));
}

fn acknowledge(mailbox: &Mailbox) {
    let (endpoint, id, args) = (ByteString::new(), AckId::new("1"), JsonText::from_static("[]"));
    put(mailbox, Command::Acknowledge { endpoint, id, args });
}

fn end(mailbox: &Mailbox) {
    let _over = mailbox.send(Command::Close(CloseReason::ServerShutdown));
}

/// More than half of what may wait.
fn emission() -> Arc<Emission> {
    let text = "x".repeat(LIMIT / 2 + 100);
    Arc::new(Emission::new(ByteString::new(), EmissionBody::Text(text.into())))
}

#[test]
fn what_others_and_handlers_put_in_while_the_task_runs_or_sleeps_is_handled() {
    check(Some(2), || {
        let mut client = Client::new();
        (client.handlers.unsent, client.handlers.enough) = (1, 3);
        for _ in 0..2 {
            let mailbox = client.mailbox.clone();
            spawn(move || acknowledge(&mailbox));
        }
        assert_eq!(client.run(), 3);
    });
}

#[test]
fn a_session_that_drains_ends_behind_the_last_acknowledgement_that_is_owed() {
    check(Some(2), || {
        let client = Client::new();
        let [later, server] = [(); 2].map(|()| client.mailbox.clone());
        later.owe();
        spawn(move || {
            acknowledge(&later);
            later.settle();
        });
        spawn(move || put(&server, Command::Drain));
        assert_eq!(client.run(), 1);
    });
}

#[test]
fn handlers_are_cancelled_when_the_server_waits_no_longer_also_of_a_session_that_ends() {
    check(Some(2), || {
        let mut client = Client::new();
        client.handlers.stay = true;
        let (mailbox, store) = (client.mailbox.clone(), Arc::clone(&client.store));
        spawn(move || end(&mailbox));
        spawn(move || store.abort_all());
        client.run();
    });
}

#[test]
fn whoever_waits_for_room_gets_it() {
    check(Some(2), || {
        let client = Client::new();
        let mailbox = client.mailbox.clone();
        spawn(move || {
            for _ in 0..2 {
                assert_eq!(mailbox.emit(emission(), false, None), Ok(()));
                assert_eq!(block_on(mailbox.room()), Ok(()));
            }
            end(&mailbox);
        });
        client.run();
    });
}

/// Emits, then waits for the answer and for room; the session ends meanwhile.
fn wait(mailbox: &Mailbox) {
    let (answer, answered) = oneshot::channel();
    let due = tokio::time::Instant::now().into_std() + Duration::from_secs(10);
    if mailbox.emit(emission(), false, Some((answer, due))).is_ok() {
        assert!(!matches!(block_on(answered), Ok(Ok(_))));
    }
    assert_eq!(block_on(mailbox.room()), Err(Refused::Closed));
}

#[test]
fn whoever_waits_for_an_answer_or_for_room_hears_of_the_end() {
    check(Some(2), || {
        let client = Client::new();
        let [one, server] = [(); 2].map(|()| client.mailbox.clone());
        spawn(move || wait(&one));
        spawn(move || end(&server));
        client.run();
    });
}

#[test]
fn whoever_waits_hears_of_a_task_that_is_dropped() {
    check(Some(3), || {
        let client = Client::new();
        let [one, other] = [(); 2].map(|()| client.mailbox.clone());
        spawn(move || wait(&one));
        spawn(move || {
            let _is_over = other.emit(emission(), false, None);
            assert_eq!(block_on(other.room()), Err(Refused::Closed));
        });
        drop(client.task());
    });
}

#[test]
fn a_server_that_waits_for_its_sessions_hears_of_the_last_that_ends() {
    check(Some(3), || {
        let store = Arc::<SessionStore>::default();
        for id in ["AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAQ"] {
            let mailbox = mailbox(id);
            store.insert(mailbox.clone(), place());
            let store = Arc::clone(&store);
            spawn(move || store.remove(mailbox.session_id()));
        }
        block_on(store.drained());
        assert_eq!(store.len(), 0);
    });
}
