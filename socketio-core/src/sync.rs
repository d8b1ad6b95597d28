//! The locks and atomics by which threads meet, so that models can put others in their place.
//!
//! They are those of `std`. Under `--cfg loom` the unit tests get loom's instead, which try every order that
//! threads and memory allow: those in the modules called `models`, which `cargo xtask test rust` runs. Used by the
//! modules that have some; what is of tokio, and [`Arc`](std::sync::Arc), stays what it is, a step that nothing interrupts.

#[cfg(not(all(test, loom)))]
pub(crate) use std::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};

#[cfg(all(test, loom))]
pub(crate) use loom::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};

/// What the models of all modules are run with.
#[cfg(all(test, loom))]
pub(crate) mod models {
    pub(crate) use loom::future::block_on;
    use loom::thread::{Builder, JoinHandle};

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

    /// A thread of a model.
    pub(crate) fn spawn<T: Send + 'static>(
        run: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        Builder::new().stack_size(STACK_WORDS).spawn(run).unwrap()
    }
}
