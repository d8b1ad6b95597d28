//! Values that handlers keep with a connection, one per type.
//!
//! A socket has them, or what can come back of it. Most connections keep none, and those cost a word beside the
//! lock, which is held while a value is cloned and never while one is dropped.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

type Values = HashMap<TypeId, Box<dyn Any + Send + Sync>>;

/// Values, one per type.
#[derive(Default)]
pub(crate) struct Extensions(Mutex<Option<Box<Values>>>);

impl Extensions {
    /// Keeps a value; gives the one it replaces.
    pub(crate) fn insert<T: Send + Sync + 'static>(&self, value: T) -> Option<T> {
        let value = Box::new(value);
        let replaced = self.lock().get_or_insert_default().insert(TypeId::of::<T>(), value);
        replaced?.downcast().ok().map(|value| *value)
    }

    /// A copy of the value of this type.
    pub(crate) fn get<T: Clone + 'static>(&self) -> Option<T> {
        self.lock().as_ref()?.get(&TypeId::of::<T>())?.downcast_ref().cloned()
    }

    /// Takes the value of this type out.
    pub(crate) fn remove<T: 'static>(&self) {
        let removed = self.lock().as_mut().and_then(|values| values.remove(&TypeId::of::<T>()));
        drop(removed);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<Values>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
