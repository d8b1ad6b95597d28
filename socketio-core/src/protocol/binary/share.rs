//! Bytes that pass through serde as a slice and come out as the buffer they lie in.
//!
//! Serde's data model has slices and vectors, not [`Bytes`]: a type that owns bytes would have to copy
//! them. So whoever gives a slice away lends its buffer ([`lend`]) until all is read or written ([`scope`]),
//! and who gets it asks for a share of the buffer that holds it ([`share`]). Serde calls back on the same
//! thread, so the loan is a thread's own. A share of what is not lent is a copy.

use std::cell::RefCell;

use bytes::Bytes;

thread_local! {
    static LENT: RefCell<Vec<Bytes>> = const { RefCell::new(Vec::new()) };
}

/// So many buffers are lent at once, the last ones: whoever wants a share looks through them.
const LENT_LIMIT: usize = 64;

/// Runs `f`, and ends the loans that it makes.
pub(super) fn scope<T>(f: impl FnOnce() -> T) -> T {
    let _until_then = Loans(LENT.with_borrow(Vec::len));
    f()
}

/// Lends a buffer until the scope ends, or others take its place.
pub(super) fn lend(buffer: &Bytes) {
    LENT.with_borrow_mut(|lent| {
        if lent.len() >= LENT_LIMIT {
            lent.remove(0);
        }
        lent.push(buffer.clone());
    });
}

/// The slice, as a part of the buffer it lies in; copied if that is not lent.
pub(super) fn share(slice: &[u8]) -> Bytes {
    let wanted = slice.as_ptr_range();
    LENT.with_borrow(|lent| {
        let holder = lent.iter().rev().find(|buffer| {
            let held = buffer.as_ptr_range();
            held.start <= wanted.start && wanted.end <= held.end
        });
        holder.map_or_else(|| Bytes::copy_from_slice(slice), |buffer| buffer.slice_ref(slice))
    })
}

/// Ends loans, whichever way their scope is left: no more buffers are lent than before.
struct Loans(usize);

impl Drop for Loans {
    fn drop(&mut self) {
        let Self(before) = *self;
        LENT.with_borrow_mut(|lent| lent.truncate(before));
    }
}
