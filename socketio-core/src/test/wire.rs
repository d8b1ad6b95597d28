//! A connection in memory: the server's end is a [`Link`], the client's end takes and gives packets.
//!
//! Packets of the client become frames that the session's task reads; the frames that it writes become
//! packets again, which wait here until an expectation takes them. Heartbeats are answered on the spot. It is
//! all passive: nothing runs but the server's own tasks and the test. Source: Engine.IO protocol v4,
//! "WebSocket"; Socket.IO protocol v5, "Exchange protocol".

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use crate::driver::{Farewell, Link, LinkClosed};
use crate::protocol::engineio::{Frame, Packet as Engine, Queued, v4};
use crate::protocol::msgpack;
use crate::protocol::socketio::{Complete, Packet, PacketKind, Protocol, Reassembler, Rules};
use crate::session::Parser;

/// How a connection ended, as its client sees it; `#[on_close]` sees a
/// [`CloseReason`](crate::CloseReason).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Closed {
    /// The server said so: a handler closed the connection, or failed. Official clients do not come back by
    /// themselves.
    Disconnected,
    /// The server ended the WebSocket with this code: 1001 where it shuts down, 1009 after a message that is
    /// too big, 1000 otherwise. Official clients come back.
    Transport(u16),
    /// The server dropped it without a word, as it does with those who do not answer or read. Official clients
    /// come back.
    Broken,
}

/// Both ends of a connection.
pub(super) struct Wire {
    parser: Parser,
    state: Mutex<State>,
    came: Notify,
}

struct State {
    /// Frames that the server has not read yet.
    sent: VecDeque<Frame>,
    /// Why the server reads nothing more: how the client ended it, most often.
    left: Option<LinkClosed>,
    /// How the server ended it.
    over: Option<Closed>,
    /// What the server sent and nobody has taken yet.
    packets: VecDeque<Complete>,
    reassembler: Reassembler,
    /// What the server sent that no client can read.
    unreadable: Option<String>,
    /// The session's task, while it has nothing to read.
    reader: Option<Waker>,
}

/// What a client finds that looks for a packet.
pub(super) enum Found {
    Packet(Complete),
    Closed(Closed),
    Unreadable(String),
    Nothing,
}

impl Wire {
    pub(super) fn new(parser: Parser) -> Arc<Self> {
        // As official clients, which have no limits.
        let rules = Rules {
            max_attachments: usize::MAX,
            max_attachment_bytes: usize::MAX,
            ..Rules::new(Protocol::V5)
        };
        let state = State {
            sent: VecDeque::new(),
            left: None,
            over: None,
            packets: VecDeque::new(),
            reassembler: Reassembler::new(rules),
            unreadable: None,
            reader: None,
        };
        Arc::new(Self { parser, state: Mutex::new(state), came: Notify::new() })
    }

    /// The server's end.
    pub(super) fn link(self: &Arc<Self>, max_message_bytes: usize) -> Box<dyn Link> {
        let wire = Arc::clone(self);
        Box::new(MemoryLink { wire, max_message_bytes, queued: Vec::new(), farewell: None })
    }

    /// Sends a packet; `false` if the connection has ended.
    pub(super) fn send(&self, packet: &Packet, attachments: &[Bytes]) -> bool {
        let first = self.parser.message(packet, attachments);
        let mut state = self.lock();
        if state.over.is_some() || state.left.is_some() {
            return false;
        }
        state.sent.extend(first.into_iter().chain(self.parser.behind(attachments)));
        wake_reader(state);
        true
    }

    /// Ends the client's side, unless it has ended.
    pub(super) fn leave(&self, how: LinkClosed) {
        let mut state = self.lock();
        state.left.get_or_insert(how);
        wake_reader(state);
    }

    /// Takes the first packet that `is_it`. A disconnect stays, and tells so again.
    fn take(&self, is_it: impl Fn(&Packet) -> bool) -> Found {
        let mut state = self.lock();
        let at = state.packets.iter().position(|complete| is_it(&complete.packet));
        let first = at.and_then(|at| state.packets.get(at));
        if first.is_some_and(|first| first.packet.kind == PacketKind::Disconnect) {
            return Found::Closed(Closed::Disconnected);
        }
        match (at.and_then(|at| state.packets.remove(at)), &state.unreadable, state.over) {
            (Some(packet), ..) => Found::Packet(packet),
            (None, Some(why), _) => Found::Unreadable(why.clone()),
            (None, None, Some(how)) => Found::Closed(how),
            (None, None, None) => Found::Nothing,
        }
    }

    /// The packets that wait and are such.
    pub(super) fn waiting(&self, is_it: impl Fn(&Packet) -> bool) -> Vec<Complete> {
        let state = self.lock();
        state.packets.iter().filter(|complete| is_it(&complete.packet)).cloned().collect()
    }

    /// What the server wrote.
    fn receive(&self, frames: impl IntoIterator<Item = Frame>) {
        let mut state = self.lock();
        for frame in frames {
            let came = match (v4::decode(&frame), self.parser) {
                (Ok(Engine::Ping(data)), _) => {
                    state.sent.push_back(v4::encode(&Engine::Pong(data)));
                    Ok(None)
                }
                (Ok(Engine::Message(text)), _) => {
                    state.reassembler.handle_text(&text).map_err(|error| error.to_string())
                }
                (Ok(Engine::Binary(bytes)), Parser::Json) => {
                    state.reassembler.handle_bytes(bytes).map_err(|error| error.to_string())
                }
                (Ok(Engine::Binary(bytes)), Parser::MsgPack) => {
                    let packet = msgpack::decode(&bytes, msgpack::MAX_ATTACHMENTS);
                    packet.map(Some).map_err(|error| error.to_string())
                }
                (Ok(_), _) => Ok(None),
                (Err(error), _) => Err(error.to_string()),
            };
            match came {
                Ok(packet) => state.packets.extend(packet),
                Err(error) => state.unreadable = Some(error),
            }
        }
        wake_reader(state);
        self.came.notify_waiters();
    }

    fn end(&self, how: Closed) {
        self.lock().over.get_or_insert(how);
        self.came.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the session's task, once the lock is free, if there is something to read.
fn wake_reader(mut state: MutexGuard<'_, State>) {
    let has_news = !state.sent.is_empty() || state.left.is_some();
    let reader = state.reader.take_if(|_| has_news);
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}

/// The client's end: a page that is left when the last one who holds it lets go.
pub(super) struct End(pub(super) Arc<Wire>);

impl End {
    /// Waits for a packet that `is_it`, as long as told, and takes it.
    pub(super) async fn find(&self, patience: Duration, is_it: impl Fn(&Packet) -> bool) -> Found {
        let search = async {
            loop {
                let came = self.0.came.notified();
                match self.0.take(&is_it) {
                    Found::Nothing => came.await,
                    found => return found,
                }
            }
        };
        tokio::time::timeout(patience, search).await.unwrap_or(Found::Nothing)
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.0.leave(LinkClosed::ByPeer);
    }
}

/// The server's end: what it queues comes out at a flush, as from a socket that is never full.
struct MemoryLink {
    wire: Arc<Wire>,
    max_message_bytes: usize,
    queued: Vec<Frame>,
    /// The code of our close frame.
    farewell: Option<u16>,
}

impl Link for MemoryLink {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        frames: &mut VecDeque<Frame>,
    ) -> Poll<Result<(), LinkClosed>> {
        let state = &mut *self.wire.lock();
        if state.sent.is_empty() && state.left.is_none() {
            state.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        for frame in state.sent.drain(..) {
            if frame.len() > self.max_message_bytes {
                self.farewell.get_or_insert(TOO_BIG);
                state.left = Some(LinkClosed::TooBig(self.max_message_bytes));
                break;
            }
            frames.push_back(frame);
        }
        Poll::Ready(state.left.map_or(Ok(()), Err))
    }

    fn queue(&mut self, frame: Queued) {
        if self.farewell.is_none() {
            self.queued.push(frame.into_frame());
        }
    }

    fn queued_bytes(&self) -> usize {
        self.queued.iter().map(Frame::len).sum()
    }

    fn take_unwritten(&mut self) -> Vec<Frame> {
        std::mem::take(&mut self.queued)
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), LinkClosed>> {
        if self.wire.lock().left == Some(LinkClosed::Broken) {
            return Poll::Ready(Err(LinkClosed::Broken));
        }
        self.wire.receive(self.queued.drain(..));
        Poll::Ready(Ok(()))
    }

    fn close(&mut self, farewell: Farewell) {
        self.farewell.get_or_insert(match farewell {
            Farewell::Normal => 1000,
            Farewell::GoingAway => 1001,
        });
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.poll_flush(cx) == Poll::Ready(Ok(())) {
            self.wire.end(self.farewell.map_or(Closed::Broken, Closed::Transport));
        }
        Poll::Ready(())
    }
}

impl Drop for MemoryLink {
    fn drop(&mut self) {
        self.wire.end(Closed::Broken);
    }
}

/// The code of a close frame that answers a message that is too big (RFC 6455, section 7.4.1).
const TOO_BIG: u16 = 1009;
