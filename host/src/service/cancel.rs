//! Ctrl-C: the first asks the run to stop, the second ends it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;
use tw_plugin_protocol::{ErrorKind, ErrorMessage};

use super::{Session, fail, terminal};
use crate::{error::Error, process::exit_now, runtime::runtime};

/// How long a plugin has to report what it did.
const GRACE: Duration = Duration::from_secs(2);

/// Two signals within this time come from one key.
const SAME_KEY: Duration = Duration::from_millis(50);

/// The exit code of a run that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

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

impl Cancel {
    /// Does work that can't be interrupted on a thread of its own, and waits for it here until the run is asked to stop. The thread is
    /// left behind then: the process ends soon.
    pub(super) fn or_stop<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ErrorMessage> + Send + 'static,
    ) -> Result<T, ErrorMessage> {
        let (done, wait) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || done.send(work()));
        let runtime = runtime().map_err(Error::system)?;
        runtime.block_on(async {
            tokio::select! {
                result = wait => result.unwrap_or_else(|_| Err(fail(ErrorKind::Panic, "tw itself failed while it was waiting: please report it"))),
                () = self.requested() => Err(cancelled()),
            }
        })
    }
}

/// What a call of a run that was asked to stop is answered.
pub(super) fn cancelled() -> ErrorMessage {
    fail(ErrorKind::Cancelled, "Interrupted")
}

/// Ends the process, and leaves the terminal as it was.
fn end() -> ! {
    terminal::restore();
    exit_now(INTERRUPTED)
}

/// From here on a Ctrl-C is for this run.
pub(crate) fn on_interrupt(session: &Session) {
    let cancel = Arc::clone(&session.state.cancel);
    let mut first: Option<Instant> = None;
    let handled = ctrlc::set_handler(move || {
        let asked = *first.get_or_insert_with(Instant::now);
        if cancel.request() {
            // A key that was read as a character is raised as a signal too: that is one Ctrl-C.
            if asked.elapsed() > SAME_KEY {
                end();
            }
            return;
        }
        std::thread::spawn(|| {
            std::thread::sleep(GRACE);
            end();
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
