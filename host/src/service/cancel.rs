//! Ctrl-C: the first one cancels the run, the second one ends the process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{Session, terminal};
use crate::{
    error::{Error, ErrorKind, exit},
    process::exit_now,
    runtime::runtime,
};

/// The time that a plugin has after the first Ctrl-C to report what it did.
const GRACE: Duration = Duration::from_secs(2);

/// Two signals within this time come from one key press.
const SAME_KEY: Duration = Duration::from_millis(50);

/// A flag that says whether the run is canceled, and that can be waited for.
pub(super) struct Cancel {
    flag: watch::Sender<bool>,
    /// The number of programs that have the terminal now. Ctrl-C is theirs.
    foreground: AtomicUsize,
}

/// A program that has the terminal, as long as this value lives.
pub(super) struct Foreground<'a>(&'a Cancel);

impl Drop for Foreground<'_> {
    fn drop(&mut self) {
        self.0.foreground.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Cancel {
    pub(super) fn new() -> Self {
        Self {
            flag: watch::Sender::new(false),
            foreground: AtomicUsize::new(0),
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        *self.flag.borrow()
    }

    /// Leaves Ctrl-C to a program that gets the terminal.
    pub(super) fn begin_foreground(&self) -> Foreground<'_> {
        self.foreground.fetch_add(1, Ordering::SeqCst);
        Foreground(self)
    }

    /// Waits until the run is canceled.
    pub(super) async fn requested(&self) {
        // The wait fails only if the sender is gone, but `self` is the sender.
        let _ = self
            .flag
            .subscribe()
            .wait_for(|is_cancelled| *is_cancelled)
            .await;
    }

    /// Cancels the run. Returns true if it was canceled before.
    pub(super) fn request(&self) -> bool {
        self.flag.send_replace(true)
    }

    /// Runs work that can't be interrupted on a new thread, and waits until it is done or the run is canceled. A canceled run leaves the
    /// thread behind, because the process ends soon.
    pub(super) fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (done, wait) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || done.send(work()));
        let lost = |_| {
            let message = "tw itself failed while it was waiting: please report it";
            Err(Error::new(ErrorKind::Panic, message))
        };
        let runtime = runtime().map_err(Error::system)?;
        runtime.block_on(async {
            tokio::select! {
                result = wait => result.unwrap_or_else(lost),
                () = self.requested() => Err(cancel_error()),
            }
        })
    }
}

/// Makes the error of a call in a canceled run.
pub(super) fn cancel_error() -> Error {
    Error::new(ErrorKind::Cancelled, "Interrupted")
}

/// Ends the process and restores the terminal.
fn end() -> ! {
    terminal::restore();
    exit_now(exit::INTERRUPTED)
}

/// Installs the handler of Ctrl-C for this run.
pub(crate) fn on_interrupt(session: &Session) {
    let cancel = Arc::clone(&session.state.cancel);
    let mut first: Option<Instant> = None;
    let handler = ctrlc::set_handler(move || {
        if cancel.foreground.load(Ordering::SeqCst) > 0 {
            return;
        }
        let since = *first.get_or_insert_with(Instant::now);
        if cancel.request() {
            // A question that reads single keys gets Ctrl-C as a character and raises the signal again: one key press, two signals.
            if since.elapsed() > SAME_KEY {
                end();
            }
            return;
        }
        std::thread::spawn(|| {
            std::thread::sleep(GRACE);
            end();
        });
    });
    if let Err(error) = handler {
        // Without a handler, Ctrl-C ends the process at once.
        let log = &session.state.log;
        log.warn(&format!("Ctrl-C can't be handled: {error}"));
    }
}
