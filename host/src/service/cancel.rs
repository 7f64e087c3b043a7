//! Ctrl-C: the first asks the run to stop, the second ends it.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;
use tw_plugin_protocol::{ErrorKind, ErrorMessage};

use super::{Session, fail};
use crate::plugin::crash::exit_now;

/// How long a plugin has to report what it did.
const GRACE: Duration = Duration::from_secs(2);

/// The exit code of a run that was interrupted.
const INTERRUPTED: u8 = 130;

/// Whether a run was asked to stop; can be waited for.
pub(super) struct Cancel(watch::Sender<bool>);

impl Cancel {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(super) fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the run is asked to stop.
    pub(super) async fn requested(&self) {
        // An error means that the sender is gone, and it is `self`.
        let _ = self.0.subscribe().wait_for(|cancelled| *cancelled).await;
    }

    /// Whether it had been asked before.
    fn request(&self) -> bool {
        self.0.send_replace(true)
    }
}

/// What a call of a run that was asked to stop is answered.
pub(super) fn cancelled() -> ErrorMessage {
    fail(ErrorKind::Cancelled, "Interrupted")
}

/// From here on a Ctrl-C is for this run.
pub(crate) fn on_interrupt(session: &Session) {
    let cancel = Arc::clone(&session.state.cancel);
    let handled = ctrlc::set_handler(move || {
        if cancel.request() {
            exit_now(INTERRUPTED);
        }
        std::thread::spawn(|| {
            std::thread::sleep(GRACE);
            exit_now(INTERRUPTED);
        });
    });
    if let Err(error) = handled {
        // Then a Ctrl-C ends the process at once, as it does by default.
        session
            .state
            .log
            .warn(&format!("Ctrl-C can't be handled: {error}"));
    }
}
