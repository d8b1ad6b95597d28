//! The locks and atomics by which threads meet, so that models can put others in their place.
//!
//! They are those of `std` and tokio. Under `--cfg loom` the unit tests get loom's instead, which try every order that
//! threads and memory allow: those in the modules called `models`, which `cargo xtask test rust` runs. Used by the
//! modules that have some. All else, as [`Arc`](std::sync::Arc) and tokio's channels, is in models what it always is.

#[cfg(not(all(test, loom)))]
pub(crate) use std::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};

#[cfg(not(all(test, loom)))]
pub(crate) use tokio::sync::Notify;

#[cfg(all(test, loom))]
pub(crate) use self::models::Notify;
#[cfg(all(test, loom))]
pub(crate) use loom::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};

/// What the models of all modules are run with.
#[cfg(all(test, loom))]
pub(crate) mod models {
    use std::sync::Arc;

    pub(crate) use loom::future::block_on;
    use loom::sync::atomic::{AtomicUsize, Ordering};
    use loom::thread::{Builder, JoinHandle};
    use tokio::sync::futures::{Notified, OwnedNotified};

    /// How much of a stack a thread has, in words: those of loom are too small for a session's task.
    const STACK_WORDS: usize = 16 * 1024;

    /// Runs a model in every order that is possible, on a clock that stands still: whoever is not woken sleeps for good,
    /// and loom finds that deadlock. Where that takes too long, only as often as it says is a thread interrupted that
    /// does not wait.
    pub(crate) fn check(
        interruptions: Option<usize>,
        run: impl Fn() + Copy + Send + Sync + 'static,
    ) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        let _context = runtime.enter();
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = interruptions;
        builder.max_branches = 10_000;
        builder.check(move || spawn(run).join().unwrap());
    }

    /// That of tokio: what is done with it is one step, which others may come before.
    #[derive(Default)]
    pub(crate) struct Notify {
        steps: AtomicUsize,
        of: Arc<tokio::sync::Notify>,
    }

    impl Notify {
        pub(crate) fn notified(&self) -> Notified<'_> {
            self.step().notified()
        }

        pub(crate) fn notified_owned(self: Arc<Self>) -> OwnedNotified {
            Arc::clone(self.step()).notified_owned()
        }

        pub(crate) fn notify_waiters(&self) {
            self.step().notify_waiters();
        }

        fn step(&self) -> &Arc<tokio::sync::Notify> {
            self.steps.fetch_add(1, Ordering::AcqRel);
            &self.of
        }
    }

    /// A thread of a model.
    pub(crate) fn spawn<T: Send + 'static>(
        run: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        Builder::new().stack_size(STACK_WORDS).spawn(run).unwrap()
    }
}
