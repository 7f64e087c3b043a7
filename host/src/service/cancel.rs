//! Ctrl-C: the first one cancels the run, the second one ends the process.

use std::{
    process::{Child, ExitStatus},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{Session, terminal};
use crate::{
    config::end_log,
    error::{Error, ErrorKind, exit},
    process::{Shortage, exit_now},
    runtime::runtime,
    signals::{Signal, note_interrupts, on_signal},
    stdio::line,
};

/// The time that a plugin has after the first Ctrl-C to report what it did.
const GRACE: Duration = Duration::from_secs(2);
/// Stands for a program in the foreground whose ID isn't known yet. No process has this ID.
const STARTING: u32 = u32::MAX;

/// Two signals within this time come from one key press.
const SAME_KEY: Duration = Duration::from_millis(50);

/// A flag that says whether the run is canceled, and that can be waited for.
pub(super) struct Cancel {
    flag: watch::Sender<bool>,
    /// The process that has the terminal now, and gets Ctrl-C from it. 0 if there is none.
    foreground: AtomicU32,
    /// True if Ctrl-C was pressed while a program had the terminal.
    was_pressed: AtomicBool,
    /// True from the moment at which Ctrl-C reaches the process until the handler knows of it.
    has_arrived: Arc<AtomicBool>,
    /// The time of the first Ctrl-C. `None` if the run is not canceled.
    first: Mutex<Option<Instant>>,
}

impl Cancel {
    pub(super) fn new() -> Self {
        Self {
            flag: watch::Sender::new(false),
            foreground: AtomicU32::new(0),
            was_pressed: AtomicBool::new(false),
            has_arrived: Arc::default(),
            first: Mutex::default(),
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        *self.flag.borrow()
    }

    /// Starts a program that has the terminal, waits until it ends, and leaves Ctrl-C to it meanwhile. If Ctrl-C ends the program, the run is canceled too:
    /// the program ended by the signal, or with the exit code that shells give to that.
    pub(super) fn run_in_foreground(
        &self,
        start: impl FnOnce() -> std::io::Result<Child>,
    ) -> std::io::Result<ExitStatus> {
        self.was_pressed.store(false, Ordering::SeqCst);
        // The program can get a Ctrl-C before its ID is known here.
        self.foreground.store(STARTING, Ordering::SeqCst);
        let mut program = start().inspect_err(|_| self.foreground.store(0, Ordering::SeqCst))?;
        self.foreground.store(program.id(), Ordering::SeqCst);
        let status = program.wait();
        self.wait_for_handler();
        self.foreground.store(0, Ordering::SeqCst);
        let was_pressed = self.was_pressed.load(Ordering::SeqCst);
        let is_interrupted = |status: &ExitStatus| {
            was_ended_by_interrupt(*status)
                || was_pressed && status.code() == Some(i32::from(exit::INTERRUPTED))
        };
        if status.as_ref().is_ok_and(is_interrupted) {
            self.interrupt();
        }
        status
    }

    /// Waits until the handler knows of a Ctrl-C that has arrived: on a busy machine the program may end first, and the handler would take the
    /// Ctrl-C for one that cancels the run.
    fn wait_for_handler(&self) {
        let begin = Instant::now();
        while self.has_arrived.load(Ordering::SeqCst) && begin.elapsed() < GRACE {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Cancels the run, which has a grace period to end. The second call ends the process.
    fn interrupt(&self) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let since = *first.get_or_insert_with(Instant::now);
        drop(first);
        if self.request() {
            // A question that reads single keys gets Ctrl-C as a character and raises the signal again: one key press, two signals.
            if since.elapsed() > SAME_KEY {
                end();
            }
            return;
        }
        let timer = std::thread::Builder::new().spawn(|| {
            std::thread::sleep(GRACE);
            end();
        });
        if timer.is_err() {
            end();
        }
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
    fn request(&self) -> bool {
        self.flag.send_replace(true)
    }

    /// Runs work that can't be interrupted on a new thread, and waits until it is done or the run is canceled. A canceled run leaves the
    /// thread behind, because the process ends soon.
    pub(super) fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (done, wait) = tokio::sync::oneshot::channel();
        let worker = std::thread::Builder::new().spawn(move || done.send(work()));
        worker.map_err(|error| Error::no_thread(&error))?;
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
    line::end();
    terminal::restore();
    end_log(exit::INTERRUPTED, None);
    exit_now(exit::INTERRUPTED)
}

/// Installs the handler of Ctrl-C for this run.
pub(crate) fn on_interrupt(session: &Session) {
    let cancel = Arc::clone(&session.state.cancel);
    note_interrupts(&cancel.has_arrived);
    let handler = on_signal(move |signal| {
        let program = cancel.foreground.load(Ordering::SeqCst);
        if signal == Signal::Interrupt {
            cancel.was_pressed.store(true, Ordering::SeqCst);
            cancel.has_arrived.store(false, Ordering::SeqCst);
        }
        match (signal, program) {
            (_, 0) => {}
            (Signal::Interrupt, _) => return,
            (Signal::End, program) => end_program(program),
        }
        cancel.interrupt();
    });
    if let Err(error) = handler {
        // Without a handler, Ctrl-C ends the process at once.
        let log = &session.state.log;
        let reason = Shortage::explain_start(&error);
        log.warn(&format!("Ctrl-C can't be handled: {reason}"));
    }
}

/// Asks the program in the foreground to end.
#[cfg(unix)]
fn end_program(program: u32) {
    let program = i32::try_from(program)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(program) = program {
        // The program may have ended just now.
        let _ = rustix::process::kill_process(program, rustix::process::Signal::TERM);
    }
}

#[cfg(not(unix))]
fn end_program(_: u32) {}

/// True if the signal of Ctrl-C ended a program.
#[cfg(unix)]
fn was_ended_by_interrupt(status: ExitStatus) -> bool {
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(libc::SIGINT)
}

#[cfg(not(unix))]
fn was_ended_by_interrupt(_: ExitStatus) -> bool {
    false
}
