//! The life of a client: it connects, talks, comes back when its connection broke, and ends.
//!
//! Commands of the handles go in, and what the [engine](super::engine) brings; out come frames, events for the
//! [inbox](super::receive), answers for calls, and the [`State`]. One task runs it, whatever waits: a receiver
//! that takes its time, a delay, a connection that is being made. Source: socket.io-client 4.8 lib/manager.ts,
//! lib/socket.ts.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::connecting::Settings;
use super::endpoint::{Came, Emission, Endpoint};
use super::engine::{Engine, Progress};
use super::receive::{Inbox, Receiver};
use super::state::{ConnectError, Reason, State};
use super::{Client, backoff};
use crate::protocol::engineio::Frame;

/// Bytes that are given to a transport at a time; a message may be larger.
const BATCH_BYTES: usize = 64 * 1024;

/// Longer than any program runs, and no clock overflows with it.
const FOREVER: Duration = Duration::from_secs(50 * 365 * 24 * 60 * 60);

/// How long what is queued may take to leave when a client closes.
const GOODBYE: Duration = Duration::from_secs(5);

/// What a handle asks of its client's task.
pub(super) enum Command {
    Emit(Emission),
    Close,
}

/// Starts a client's task and gives the handle to it.
pub(super) fn start(settings: Arc<Settings>, receiver: Option<Receiver>) -> Client {
    let (sender, commands) = mpsc::unbounded_channel();
    let (state, seen) = watch::channel(State::Connecting);
    let buffered = Arc::new(AtomicUsize::new(0));
    let client = Client::new(Arc::clone(&settings), sender, seen, Arc::clone(&buffered));
    let task = Task {
        endpoint: Endpoint::new(&settings),
        inbox: Inbox::new(receiver),
        settings,
        commands,
        state,
        buffered,
        queue: VecDeque::new(),
        connection: 0,
        is_closing: false,
    };
    tokio::spawn(task.run());
    client
}

struct Task {
    settings: Arc<Settings>,
    commands: mpsc::UnboundedReceiver<Command>,
    state: watch::Sender<State>,
    /// Bytes that wait to be sent, of all handles.
    buffered: Arc<AtomicUsize>,
    /// What waits for the engine to have room.
    queue: VecDeque<Emission>,
    endpoint: Endpoint,
    inbox: Inbox,
    /// The number of the connection.
    connection: u64,
    is_closing: bool,
}

impl Task {
    async fn run(mut self) {
        let reason = self.live().await;
        tracing::debug!(%reason, "a client is closed");
        // Those who wait for an answer find that nobody will give it.
        drop((self.commands, self.queue, self.endpoint));
        self.state.send_replace(State::Closed(reason));
        self.inbox.finish().await;
    }

    async fn live(&mut self) -> Reason {
        let (mut attempt, mut was_connected) = (0, self.settings.patient);
        loop {
            self.connection += 1;
            let reason = match self.connect().await {
                Ok((mut engine, deadline)) => {
                    let reason = self.talk(&mut engine, deadline).await;
                    self.buffered.fetch_sub(engine.buffered(), Ordering::Relaxed);
                    reason
                }
                Err(reason) => reason,
            };
            if self.endpoint.leave() {
                (attempt, was_connected) = (0, true);
            }
            if self.is_closing {
                return Reason::Client;
            }
            if !reason.is_temporary() || !was_connected {
                return reason;
            }
            let delay = self.settings.reconnection.delay(attempt, backoff::random());
            let Some(delay) = delay else { return reason };
            attempt = attempt.saturating_add(1);
            tracing::debug!(%reason, ?delay, "a client tries to come back");
            self.state.send_replace(State::Away(reason));
            if self.meanwhile(sleep(delay)).await.is_none() {
                return Reason::Client;
            }
        }
    }

    /// Opens a session and asks to be let into the endpoint; until when that may take.
    async fn connect(&mut self) -> Result<(Engine, Instant), Reason> {
        let settings = Arc::clone(&self.settings);
        let patience = settings.connect_timeout;
        // Whoever is patient for longer than the clock goes waits for half a century.
        let deadline = Instant::now() + patience.min(FOREVER);
        let opening = timeout_at(deadline, Engine::open(&settings));
        let opened = self.meanwhile(opening).await.ok_or(Reason::Client)?;
        let unreachable = |why| Reason::Connect(ConnectError::Unreachable(why));
        let opened = opened.map_err(|_| unreachable(format!("no answer within {patience:?}")))?;
        let mut engine = opened.map_err(|broken| unreachable(broken.0))?;
        engine.send(self.endpoint.connect(&settings.auth), 0);
        Ok((engine, deadline))
    }

    /// Waits for something while there is no connection; [`None`] when the client closes.
    async fn meanwhile<T>(&mut self, what: impl Future<Output = T>) -> Option<T> {
        let mut what = pin!(what);
        poll_fn(|cx| {
            while let Poll::Ready(command) = self.commands.poll_recv(cx) {
                match command {
                    Some(Command::Emit(emission)) => self.enqueue(emission, false),
                    Some(Command::Close) | None => {
                        self.is_closing = true;
                        return Poll::Ready(None);
                    }
                }
            }
            // What is answered now can't be sent.
            while self.inbox.poll(cx).is_ready() {}
            what.as_mut().poll(cx).map(Some)
        })
        .await
    }

    /// Talks until the connection ends.
    async fn talk(&mut self, engine: &mut Engine, deadline: Instant) -> Reason {
        let mut overdue = pin!(sleep_until(deadline));
        let mut leaves = false;
        loop {
            let has_joined = self.endpoint.has_joined();
            if has_joined {
                self.fill(engine);
            }
            if self.is_closing && (self.queue.is_empty() || !has_joined) {
                self.say_goodbye(engine).await;
                return Reason::Client;
            }
            if self.is_closing && !std::mem::replace(&mut leaves, true) {
                overdue.as_mut().reset(Instant::now() + GOODBYE);
            }
            let reading = self.is_reading(engine);
            if !reading {
                engine.look_away();
            }
            let turn = poll_fn(|cx| {
                if leaves && overdue.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Err(Reason::Client));
                }
                if !has_joined && overdue.as_mut().poll(cx).is_ready() {
                    let why = "the server did not let in or refuse in time".to_owned();
                    return Poll::Ready(Err(ConnectError::Unreachable(why).into()));
                }
                self.poll_turn(engine, reading, cx)
            });
            let result = match turn.await {
                Ok(Some(frame)) => self.receive(frame),
                Ok(None) => Ok(()),
                Err(reason) => Err(reason),
            };
            if let Err(reason) = result {
                if !matches!(reason, Reason::Transport(_) | Reason::PingTimeout) {
                    let _over = timeout(GOODBYE, engine.close()).await;
                }
                return reason;
            }
        }
    }

    fn is_reading(&self, engine: &Engine) -> bool {
        let limit = self.settings.queue_limit;
        let limit = if self.endpoint.awaits() { limit.saturating_mul(2) } else { limit };
        self.inbox.len() < limit && !engine.is_congested()
    }

    /// What comes next: a message, or anything else that may have made a difference.
    fn poll_turn(
        &mut self,
        engine: &mut Engine,
        reading: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Frame>, Reason>> {
        if !self.is_closing
            && let Poll::Ready(command) = self.commands.poll_recv(cx)
        {
            match command {
                Some(Command::Emit(emission)) => {
                    let room = self.endpoint.has_joined() && engine.is_writable();
                    self.enqueue(emission, room);
                }
                Some(Command::Close) | None => self.is_closing = true,
            }
            return Poll::Ready(Ok(None));
        }
        if let Poll::Ready(answer) = self.inbox.poll(cx) {
            let answer = answer.filter(|answer| answer.connection == self.connection);
            let frames = answer.map(|answer| self.endpoint.acknowledge(&answer.id, answer.args));
            frames.into_iter().flatten().for_each(|frame| engine.send(frame, 0));
            return Poll::Ready(Ok(None));
        }
        let mut sent = |bytes| {
            self.buffered.fetch_sub(bytes, Ordering::Relaxed);
        };
        engine.poll(reading, &mut sent, cx).map_ok(|progress| match progress {
            Progress::Came(frame) => Some(frame),
            Progress::Room => None,
        })
    }

    /// Puts an emission behind the others, but a volatile one only where there is room for it now.
    fn enqueue(&mut self, emission: Emission, has_room: bool) {
        if emission.is_volatile && !(has_room && self.queue.is_empty()) {
            self.buffered.fetch_sub(emission.bytes, Ordering::Relaxed);
        } else {
            self.queue.push_back(emission);
        }
    }

    /// Gives the engine what waits, if it has sent what it had.
    fn fill(&mut self, engine: &mut Engine) {
        let mut bytes = 0;
        while (bytes > 0 || engine.is_writable())
            && bytes < BATCH_BYTES
            && let Some(emission) = self.queue.pop_front()
        {
            let buffered = emission.bytes;
            let Some(frames) = self.endpoint.send(emission) else {
                self.buffered.fetch_sub(buffered, Ordering::Relaxed);
                continue;
            };
            bytes += buffered;
            let mut buffered = Some(buffered);
            frames.into_iter().for_each(|frame| engine.send(frame, buffered.take().unwrap_or(0)));
        }
    }

    /// Acts on a message.
    fn receive(&mut self, frame: Frame) -> Result<(), Reason> {
        match self.endpoint.receive(frame)? {
            Came::Event(event) => self.inbox.push(event, self.connection),
            Came::Joined { id, recovered } => {
                self.state.send_replace(State::Connected { id, recovered });
            }
            Came::Nothing => {}
        }
        Ok(())
    }

    async fn say_goodbye(&mut self, engine: &mut Engine) {
        if self.endpoint.has_joined() {
            engine.send(self.endpoint.disconnect(), 0);
        }
        let _over = timeout(GOODBYE, engine.close()).await;
    }
}
