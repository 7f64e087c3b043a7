//! Locking, where a panic of another holder is no reason to stop serving.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also when a test panicked while it held the lock: its assertion failed, the data is as good as before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
