//! Connection state recovery: what a client finds that comes back, and how long it is kept for it.
//!
//! The builder gives [`Recovery`]; [`Local`](super::Local) keeps what is here for each endpoint, and asks
//! this module how long. Every logged emission of a server has a number of its own, its offset, and they
//! reach each client in that order; a client that comes back says which was its last. Source: Socket.IO
//! protocol v5, "Connection state recovery"; socket.io-adapter 2.5 lib/in-memory-adapter.ts.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytestring::ByteString;

use super::Extensions;
use super::local::Entered;
use super::log::Bounds;
use crate::id::{RecoveryId, SessionId, SocketId};
use crate::protocol::Emission;
use crate::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use crate::sync::{Mutex, MutexGuard};

/// How clients of Socket.IO 4 get back what they had and missed, after their connection broke.
///
/// Given to [`Builder::recovery`](crate::Builder::recovery), which says what that is.
///
/// ```
/// # use std::time::Duration;
/// # use socketio_core::{Recovery, SocketIo, prelude::*};
/// # #[derive(Default)] struct Lobby;
/// # #[socket_connection] impl Lobby {}
/// let recovery = Recovery::default().window(Duration::from_secs(60));
/// let io = SocketIo::builder::<Lobby>().recovery(recovery).build();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it does nothing before `Builder::recovery`"]
pub struct Recovery {
    pub(super) window: Duration,
    pub(super) log_bytes: usize,
    pub(super) total_log_bytes: usize,
    connections: usize,
}

impl Default for Recovery {
    fn default() -> Self {
        let window = Duration::from_secs(120);
        Self { window, log_bytes: 1 << 20, total_log_bytes: 64 << 20, connections: 10_000 }
    }
}

impl Recovery {
    /// How long a connection may be away. Default: 120 s (socket.io 4, `maxDisconnectionDuration`).
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// How many bytes the events of one endpoint may take that are kept for those who are away; past that
    /// the oldest go, and who missed one of them gets a new connection. Each counts four times, as what
    /// was given and as what is sent to each kind of client. Default: 1 MiB; at most `send_buffer_limit`.
    pub fn log_bytes(mut self, bytes: usize) -> Self {
        self.log_bytes = bytes;
        self
    }

    /// How many bytes they may take over all endpoints; past that the endpoint that sends forgets its
    /// oldest. Default: 64 MiB.
    pub fn total_log_bytes(mut self, bytes: usize) -> Self {
        self.total_log_bytes = bytes;
        self
    }

    /// How many connections may be away at a time, over all endpoints; past that those who left first can't
    /// come back. Default: 10,000.
    pub fn connections(mut self, count: usize) -> Self {
        self.connections = count;
        self
    }

    /// Why a server can't be built with it.
    pub(crate) fn mistake(&self, send_buffer_limit: usize) -> Option<&'static str> {
        if self.window.is_zero() {
            Some("the window of `recovery` is zero: no client could ever come back")
        } else if self.log_bytes > send_buffer_limit {
            Some(
                "`log_bytes` of `recovery` must not be more than `send_buffer_limit`: what a client \
                 missed is sent at once",
            )
        } else {
            None
        }
    }
}

/// What is a connection's own, whatever carries it.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) id: SocketId,
    pub(crate) extensions: Arc<Extensions>,
}

/// What a client says that wants its connection back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Which connection.
    pub(crate) id: RecoveryId,
    /// The last event that it got, if it got one.
    pub(crate) offset: Option<String>,
}

/// A connection that came back, and what it missed.
pub(crate) struct Returned {
    pub(crate) kept: Kept,
    pub(crate) missed: Vec<Arc<Emission>>,
}

/// A connection that may come back.
pub(super) struct Away {
    pub(super) kept: Kept,
    /// The address that its client has to come from, if that matters.
    pub(super) pinned_to: Option<IpAddr>,
    /// That of its client, which is over.
    pub(super) session: SessionId,
    /// Each with the number of the last emission before the connection entered it.
    pub(super) rooms: Entered,
    /// The number of the last emission before the connection began.
    pub(super) since: u64,
    pub(super) left: Instant,
    /// The number of its place.
    pub(super) place: u64,
}

/// Where one who is away is to be found.
pub(super) struct Place {
    pub(super) endpoint: ByteString,
    pub(super) id: RecoveryId,
    /// Larger than that of all who left before.
    pub(super) number: u64,
}

/// Who is away, by the number of the place: those who left first come first.
#[derive(Default)]
struct Places {
    next: u64,
    taken: BTreeMap<u64, (ByteString, RecoveryId, Instant)>,
}

impl Places {
    fn pop(&mut self) -> Option<Place> {
        let (number, (endpoint, id, _)) = self.taken.pop_first()?;
        Some(Place { endpoint, id, number })
    }
}

/// The rules of a server that lets clients come back, and the count of what it keeps for them.
pub(super) struct Journal {
    pub(super) recovery: Recovery,
    /// How long it may go unnoticed that a client is gone.
    unnoticed: Duration,
    first: u64,
    next: AtomicU64,
    /// Bytes of all logs.
    logged: Arc<AtomicUsize>,
    places: Mutex<Places>,
    /// Whether somebody is about to look for what is too old.
    pub(super) is_swept: AtomicBool,
}

impl Journal {
    /// Numbers start with the time, so those of an earlier run of the server are none of this one.
    pub(super) fn new(recovery: Recovery, unnoticed: Duration) -> Self {
        let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let first = u64::try_from(time.as_micros()).unwrap_or_default() + 1;
        Self {
            recovery,
            unnoticed,
            first,
            next: AtomicU64::new(first),
            logged: Arc::default(),
            places: Mutex::default(),
            is_swept: AtomicBool::new(false),
        }
    }

    /// One is away; gives the number of its place.
    pub(super) fn take_place(&self, endpoint: &ByteString, id: RecoveryId, left: Instant) -> u64 {
        let mut places = self.places();
        let number = places.next;
        places.next += 1;
        places.taken.insert(number, (endpoint.clone(), id, left));
        number
    }

    /// One is no longer away.
    pub(super) fn give_place(&self, number: u64) {
        self.places().taken.remove(&number);
    }

    /// Who left first, if more are away than may be; the place is given back.
    pub(super) fn oldest_surplus(&self) -> Option<Place> {
        let mut places = self.places();
        if places.taken.len() > self.recovery.connections { places.pop() } else { None }
    }

    /// Who left first, if that one is away for too long; the place is given back.
    pub(super) fn oldest_overdue(&self, now: Instant) -> Option<Place> {
        let mut places = self.places();
        let (_, (_, _, left)) = places.taken.first_key_value()?;
        if self.waits(*left, now) { None } else { places.pop() }
    }

    /// Whether nobody is away, and nothing is logged.
    pub(super) fn is_empty(&self) -> bool {
        // Not a load: whoever logs something comes before this, and it counts, or behind it and sees what was stored before.
        self.logged.fetch_add(0, Ordering::Release) == 0 && self.nobody_is_away()
    }

    /// Whether those who look for what is too old have nothing left to look for. If not, they are to look on.
    pub(super) fn ends_sweeping(&self) -> bool {
        if !self.is_empty() {
            return false;
        }
        self.is_swept.store(false, Ordering::SeqCst);
        // Something may have come before that.
        self.is_empty() || self.is_swept.swap(true, Ordering::SeqCst)
    }

    /// Whether nobody has a place.
    pub(super) fn nobody_is_away(&self) -> bool {
        self.places().taken.is_empty()
    }

    /// How much a log may hold.
    pub(super) fn bounds(&self) -> Bounds<'_> {
        let age = self.recovery.window.saturating_add(self.unnoticed);
        Bounds { recovery: &self.recovery, age, all: &self.logged }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for the next emission.
    pub(super) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The number of the last emission.
    pub(super) fn last(&self) -> u64 {
        self.next.load(Ordering::Relaxed).saturating_sub(1)
    }

    /// The number that an offset stands for, if it is one of this server.
    pub(super) fn read(&self, offset: &str) -> Option<u64> {
        let number = u64::from_str_radix(offset, 16).ok()?;
        // Written otherwise, it is some string of the application.
        let is_ours =
            (self.first..=self.last()).contains(&number) && format!("{number:x}") == offset;
        is_ours.then_some(number)
    }

    /// Whether one that left then may still come back.
    pub(super) fn waits(&self, left: Instant, now: Instant) -> bool {
        now.saturating_duration_since(left) <= self.recovery.window
    }

    /// Whether a client that left then may have missed what was sent at `at`: what is older than its last
    /// sign of life has reached it.
    pub(super) fn may_miss(&self, left: Instant, at: Instant) -> bool {
        at.checked_add(self.unnoticed).is_none_or(|noticed| noticed >= left)
    }
}
