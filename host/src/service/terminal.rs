//! How the terminal was before a question, and putting it back: a question can turn its echo off and hide its cursor.

pub(crate) use imp::{keep, restore};

#[cfg(unix)]
mod imp {
    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// Remembers how the terminal is.
    pub(crate) fn keep() {
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) =
            tcgetattr(rustix::stdio::stdin()).ok();
    }

    /// Puts it back, once; does nothing where nothing is remembered.
    pub(crate) fn restore() {
        if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A terminal that is gone needs no restoring.
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &before);
            crate::stdio::print_error("\u{1b}[?25h");
        }
    }
}

/// There, the console is put back by the system.
#[cfg(not(unix))]
mod imp {
    pub(crate) fn keep() {}

    pub(crate) fn restore() {}
}
