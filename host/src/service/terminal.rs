//! The state of the terminal before a question. A question can turn off the echo and hide the cursor, so the state is restored afterward.

pub(crate) use imp::{keep, restore};

#[cfg(unix)]
mod imp {
    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// Remembers the state of the terminal.
    pub(crate) fn keep() {
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) =
            tcgetattr(rustix::stdio::stdin()).ok();
    }

    /// Restores the state that [`keep`] remembered. Only the first call after it has an effect.
    pub(crate) fn restore() {
        if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // If this fails, the terminal is gone.
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &before);
            crate::stdio::print_error("\u{1b}[?25h");
        }
    }
}

/// On other systems, the console restores itself.
#[cfg(not(unix))]
mod imp {
    pub(crate) fn keep() {}

    pub(crate) fn restore() {}
}
