//! The endpoints whose names clients choose, while somebody is there: how many there may be.
//!
//! A connection to one takes its name, which it gives back when it is dropped. A name that all have given back takes no
//! memory. Those of the table that are written out are not here.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytestring::ByteString;

/// The names that are taken, each with the number of its connections.
#[derive(Default)]
pub(super) struct Names(Mutex<HashMap<ByteString, usize>>);

/// A name that is taken.
pub(super) struct Name {
    names: Arc<Names>,
    path: ByteString,
}

impl Names {
    /// Takes one, unless it would be one more than `max`.
    pub(super) fn take(this: &Arc<Self>, path: &ByteString, max: usize) -> Option<Name> {
        let mut names = this.lock();
        let has_room = names.len() < max;
        match names.entry(path.clone()) {
            Entry::Occupied(mut connections) => *connections.get_mut() += 1,
            Entry::Vacant(free) if has_room => _ = free.insert(1),
            Entry::Vacant(_) => return None,
        }
        drop(names);
        Some(Name { names: Arc::clone(this), path: path.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ByteString, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let mut names = self.names.lock();
        if let Some(connections) = names.get_mut(&self.path) {
            *connections -= 1;
            if *connections == 0 {
                names.remove(&self.path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_names_are_taken_by_any_number_and_given_back() {
        let names = Arc::default();
        let take = |path: &'static str| Names::take(&names, &ByteString::from_static(path), 2);
        let first = [take("/a").unwrap(), take("/a").unwrap(), take("/b").unwrap()];
        assert!(take("/c").is_none());
        let [one, other, _b] = first;
        drop(one);
        assert!(take("/c").is_none());
        drop(other);
        let _c = take("/c").unwrap();
        assert!(take("/a").is_none());
        drop((_b, _c));
        assert!(names.lock().is_empty());
    }
}
