//! One session of Engine.IO as its client sees it: transport, upgrade, heartbeat.
//!
//! Frames go in, messages come out; [`run`](super::run) owns one. The server's pings are answered here, and
//! looked out for. Nothing sent is lost or doubled by an upgrade: what polls and posts are under way end
//! first. Source: Engine.IO protocol v4; engine.io-client 6.6 lib/socket.ts.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytestring::ByteString;
use tokio::time::{Instant, Sleep, sleep};

use super::connecting::{Settings, Transports};
use super::state::Reason;
use super::transport::{Broken, Open, Outgoing, Polling, Transport, WebSocket};
use crate::protocol::engineio::{Frame, Packet, v4};

/// Frames that may wait in it before it has too many.
const CONGESTED_FRAMES: usize = 1024;

/// A session.
pub(super) struct Engine {
    transport: Transport,
    upgrade: Upgrade,
    out: VecDeque<Outgoing>,
    /// How long the server may be silent.
    patience: Duration,
    silence: Pin<Box<Sleep>>,
}

/// ```text
///   Probing ──3probe──▶ Moving ──no poll, no post──▶ None, on a WebSocket
///      └──────────failed──────────────────────────▶ None, polling on
/// ```
enum Upgrade {
    None,
    Probing(Pin<Box<dyn Future<Output = Result<WebSocket, Broken>> + Send>>),
    Moving(Box<WebSocket>),
}

impl Engine {
    /// Opens a session, and begins to move it to a WebSocket if that is what both want.
    pub(super) async fn open(settings: &Arc<Settings>) -> Result<Self, Broken> {
        let (transport, open) = match settings.transports {
            Transports::WebSocket => {
                let (socket, open) = WebSocket::open(settings).await?;
                (Transport::WebSocket(Box::new(socket)), open)
            }
            _ => {
                let (polling, open) = Polling::open(settings).await?;
                (Transport::Polling(Box::new(polling)), open)
            }
        };
        let Open { sid, upgrades, ping_interval, ping_timeout, .. } = open;
        let moves = settings.transports == Transports::Both
            && upgrades.iter().any(|transport| transport == "websocket");
        let upgrade = if moves {
            let settings = Arc::clone(settings);
            let probe = async move { WebSocket::probe(&settings, &sid).await };
            Upgrade::Probing(Box::pin(probe))
        } else {
            Upgrade::None
        };
        let patience = Duration::from_millis(ping_interval.saturating_add(ping_timeout));
        let silence = Box::pin(sleep(patience));
        Ok(Self { transport, upgrade, out: VecDeque::new(), patience, silence })
    }

    /// Whether all that it was given is on its way.
    pub(super) fn is_writable(&self) -> bool {
        self.out.is_empty()
    }

    /// Whether more waits in it than it should: answers, when the server does not read.
    pub(super) fn is_congested(&self) -> bool {
        self.out.len() > CONGESTED_FRAMES
    }

    /// How many bytes of the send buffer wait in it.
    pub(super) fn buffered(&self) -> usize {
        self.out.iter().map(|outgoing| outgoing.buffered).sum()
    }

    /// Sends a frame, which stands for so many bytes of the send buffer.
    pub(super) fn send(&mut self, frame: Frame, buffered: usize) {
        self.out.push_back(Outgoing { frame, buffered });
    }

    /// What its client has been silent about does not count: it did not read.
    pub(super) fn look_away(&mut self) {
        self.silence.as_mut().reset(Instant::now() + self.patience);
    }

    /// Ends the session, once all is on its way.
    pub(super) async fn close(&mut self) -> Result<(), Broken> {
        if let Upgrade::Probing(_) = self.upgrade {
            self.upgrade = Upgrade::None;
        }
        self.send(v4::encode(&Packet::Close), 0);
        poll_fn(|cx| {
            loop {
                if self.poll_upgrade(cx).is_ready() {
                    continue;
                }
                if let Poll::Ready(sent) = self.transport.poll_send(&mut self.out, &mut |_| {}, cx)
                {
                    return Poll::Ready(sent);
                }
                // What comes now is too late, but an upgrade waits for a poll to end.
                if ready!(self.transport.poll_packet(cx))? == Packet::Close {
                    return Poll::Ready(Ok(()));
                }
            }
        })
        .await?;
        if let Transport::WebSocket(socket) = &mut self.transport {
            socket.leave().await;
        }
        Ok(())
    }

    /// Moves everything on: gives the next message, or why there is none, or says that it has room for more
    /// to send. `sent` is told how many bytes have left the send buffer. Only with `reading` anything is read.
    pub(super) fn poll(
        &mut self,
        reading: bool,
        sent: &mut dyn FnMut(usize),
        cx: &mut Context<'_>,
    ) -> Poll<Result<Progress, Reason>> {
        let broken = |broken: Broken| Reason::Transport(broken.0);
        let was_writable = self.is_writable();
        loop {
            if self.poll_upgrade(cx).is_ready() {
                continue;
            }
            if let Poll::Ready(result) = self.transport.poll_send(&mut self.out, sent, cx) {
                result.map_err(broken)?;
            }
            if !reading || self.is_congested() {
                break;
            }
            match self.transport.poll_packet(cx) {
                // What a ping carries is not given back, as in the official client: it may be large.
                Poll::Ready(Ok(Packet::Ping(_))) => {
                    self.look_away();
                    self.send(v4::encode(&Packet::Pong(ByteString::new())), 0);
                }
                Poll::Ready(Ok(Packet::Close)) => {
                    let text = "closed by the server".to_owned();
                    return Poll::Ready(Err(Reason::Transport(text)));
                }
                Poll::Ready(Ok(Packet::Message(text))) => {
                    return Poll::Ready(Ok(Progress::Came(Frame::Text(text))));
                }
                Poll::Ready(Ok(Packet::Binary(bytes))) => {
                    return Poll::Ready(Ok(Progress::Came(Frame::Binary(bytes))));
                }
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(broken(error))),
                Poll::Pending if self.poll_upgrade(cx).is_ready() => {}
                Poll::Pending => break,
            }
        }
        if reading && self.silence.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(Reason::PingTimeout));
        }
        if self.is_writable() && !was_writable {
            return Poll::Ready(Ok(Progress::Room));
        }
        Poll::Pending
    }

    /// Takes the next step of an upgrade; ready if there was one.
    fn poll_upgrade(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Transport::Polling(polling) = &mut self.transport else { return Poll::Pending };
        match std::mem::replace(&mut self.upgrade, Upgrade::None) {
            Upgrade::Probing(mut probe) => match probe.as_mut().poll(cx) {
                Poll::Ready(Ok(socket)) => {
                    polling.pause();
                    self.upgrade = Upgrade::Moving(Box::new(socket));
                    return Poll::Ready(());
                }
                Poll::Ready(Err(Broken(error))) => {
                    tracing::debug!(error, "no upgrade to a WebSocket");
                }
                Poll::Pending => self.upgrade = Upgrade::Probing(probe),
            },
            Upgrade::Moving(socket) if polling.is_quiet() => {
                self.transport = Transport::WebSocket(socket);
                WebSocket::upgrade(&mut self.out);
                return Poll::Ready(());
            }
            other => self.upgrade = other,
        }
        Poll::Pending
    }
}

/// What a session has to tell.
pub(super) enum Progress {
    /// A message came.
    Came(Frame),
    /// There is room for more to send.
    Room,
}
