//! Sees to it that somebody waits for the network while a handler blocks its thread.
//!
//! Of the workers of a tokio runtime one at a time waits for the network and the timers. What it finds it runs itself,
//! and if that is a single task it wakes nobody to wait in its place: should that task block, all clients would wait
//! with it. So a thread looks at the workers, which costs next to nothing. When one has not rested between two looks
//! and another sleeps, an empty task makes that one get up, and it waits for the network when it lies down again.
//!
//! The thread begins with the first session and ends with the server, or once that has stopped. A runtime of one thread has
//! nobody to wake.
//! Source: tokio, runtime/scheduler/multi_thread (`should_notify_others`).

use std::sync::{Arc, Once, Weak};
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::socket::Hub;

/// How long there may be nobody at the network, and half of the time until it is noticed.
const LOOK: Duration = Duration::from_millis(25);

/// Bytes of the thread's stack.
const STACK: usize = 64 * 1024;

/// Starts the thread, once.
pub(super) struct Lookout(Once);

impl Lookout {
    pub(super) const fn new() -> Self {
        Self(Once::new())
    }

    /// There is a session, on the runtime that this is called on.
    pub(super) fn begin(&self, hub: &Arc<Hub>) {
        if self.0.is_completed() {
            return;
        }
        let several = |runtime: &Handle| runtime.metrics().num_workers() > 1;
        let Some(runtime) = Handle::try_current().ok().filter(several) else { return };
        self.0.call_once(|| {
            let hub = Arc::downgrade(hub);
            let thread = thread::Builder::new().name("socketio-lookout".into()).stack_size(STACK);
            if let Err(error) = thread.spawn(move || look(&runtime, &hub)) {
                tracing::warn!(%error, "handlers that block their thread may hold up all clients");
            }
        });
    }
}

fn look(runtime: &Handle, hub: &Weak<Hub>) {
    let metrics = runtime.metrics();
    let rests = |count: &u64| count % 2 == 1;
    let mut before = Vec::new();
    while hub.upgrade().is_some_and(|hub| !hub.is_closing() || hub.sessions.len() > 0) {
        thread::sleep(LOOK);
        let workers = 0..metrics.num_workers();
        let now: Vec<_> = workers.map(|worker| metrics.worker_park_unpark_count(worker)).collect();
        let is_stuck = now.iter().zip(&before).any(|(now, before)| now == before && !rests(now));
        if is_stuck && now.iter().any(rests) {
            drop(runtime.spawn(async {}));
        }
        before = now;
    }
}
