//! The end of a server: clients are sent away one after the other, each when its handlers have answered.
//!
//! Called by applications and by [`serve`](crate::SocketIo::serve); the sessions' tasks do the work.
//!
//! ```text
//!   close ──▶ no new clients; each session drains, spread over the window
//!     ├─ timeout ──▶ the others end, their handlers are cancelled; close handlers have CLOSE_GRACE
//!     └─▶ the adapter leaves its cluster, within ADAPTER_GRACE
//! ```

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::Server;
use super::server::Hub;
use crate::adapter::deadline;
use crate::driver::{Command, LINK_GRACE};

/// How long the adapter has to leave its cluster.
const ADAPTER_GRACE: Duration = Duration::from_secs(5);
/// How long clients have to end their transports, and close handlers to end, once the time is up.
const CLOSE_GRACE: Duration = LINK_GRACE.saturating_add(Duration::from_secs(1));
/// How far apart two clients are sent away, at most: a few need no spreading.
const APART: Duration = Duration::from_millis(1);

/// How a server ends, and how far it is.
pub(crate) struct Shutdown {
    pub(crate) timeout: Duration,
    pub(crate) window: Duration,
    begun: AtomicBool,
    closed: OnceCell<()>,
}

impl Shutdown {
    /// Handlers have so long to answer, clients are sent away over so long.
    pub(crate) const fn new(timeout: Duration, window: Duration) -> Self {
        Self { timeout, window, begun: AtomicBool::new(false), closed: OnceCell::const_new() }
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new(Duration::from_secs(10), Duration::from_secs(5))
    }
}

impl Hub {
    /// Whether the server takes no new clients any more.
    pub(crate) fn is_closing(&self) -> bool {
        self.shutdown.begun.load(Ordering::SeqCst)
    }

    /// Ends all sessions, and lets the adapter go.
    async fn close(&self) {
        let until = deadline(self.shutdown.timeout).into();
        if timeout_at(until, self.drain()).await.is_err() {
            let sessions = self.sessions.len();
            tracing::warn!(sessions, "gave up clients and handlers that take too long to end");
            self.sessions.abort_all();
            if timeout(CLOSE_GRACE, self.sessions.drained()).await.is_err() {
                tracing::warn!(sessions = self.sessions.len(), "stopped with clients still there");
            }
        }
        if timeout(ADAPTER_GRACE, self.adapter.close()).await.is_err() {
            tracing::warn!("the adapter takes too long to leave its cluster");
        }
    }

    /// Sends the clients away, one after the other, and waits for all.
    async fn drain(&self) {
        let sessions = self.sessions.all();
        let count = u32::try_from(sessions.len()).unwrap_or(u32::MAX).max(1);
        // The last one needs time, too.
        let window = self.shutdown.window.min(self.shutdown.timeout / 2);
        let apart = (window / count).min(APART);
        let mut next = Instant::now();
        for session in sessions {
            if next > Instant::now() {
                sleep_until(next).await;
            }
            let _over = session.send(Command::Drain);
            next += apart;
        }
        self.sessions.drained().await;
    }
}

impl<C: ?Sized> Server<C> {
    /// Takes no new clients any more and sends those away that are there, in the way that makes official ones
    /// reconnect; waits until all have gone and the [adapter](crate::adapter) has left its cluster.
    ///
    /// Clients go one after the other, over [`shutdown_window`](crate::Builder::shutdown_window). Whose turn it is, of
    /// that one no more events are taken in; those that have arrived are handled, and get their acknowledgements, also those
    /// that an [`AckSender`](crate::AckSender) gives later, and acknowledgements that are awaited of the client are waited
    /// for; meanwhile events of a client that polls are taken in, for it can't answer behind a POST that is held back. Then
    /// its connections close as [`CloseReason::ServerShutdown`](crate::CloseReason::ServerShutdown), and it has 5 seconds to
    /// hear that: one that has vanished is not waited for any longer.
    ///
    /// After [`shutdown_timeout`](crate::Builder::shutdown_timeout) nothing is waited for: handlers are cancelled, and only
    /// those of `#[on_close]` still run, for at most 6 seconds; the adapter has 5 to leave.
    ///
    /// Called again, it waits for the same end. A handler that awaits it waits for itself: spawn it instead.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, and when an adapter of your own does on its way out.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up waiting; the closing goes on.
    pub async fn close(&self) {
        self.hub().shutdown.begun.store(true, Ordering::SeqCst);
        // A task of its own, so that it goes on where nobody waits.
        let hub = Arc::clone(self.hub());
        let closing =
            tokio::spawn(async move { *hub.shutdown.closed.get_or_init(|| hub.close()).await });
        // It ends in no other way, unless the runtime does.
        if let Err(ended) = closing.await
            && let Ok(panic) = ended.try_into_panic()
        {
            resume_unwind(panic);
        }
    }
}
