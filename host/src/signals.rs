//! The signals that end a process: Ctrl-C, and requests to end such as those of `kill`, Ctrl-\, a closed terminal and a service manager.

use std::sync::{
    Once, OnceLock,
    atomic::{AtomicBool, Ordering},
};

/// The function that ends a built-in command after a signal. See [`set_end`].
static END: OnceLock<fn()> = OnceLock::new();
/// True if Ctrl-C belongs to a program that has the terminal.
static IS_LEFT: AtomicBool = AtomicBool::new(false);

/// A signal that ends a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C, which a terminal sends to all programs in the foreground.
    Interrupt,
    /// A request to end this process.
    End,
}

/// Sets the function that ends a built-in command after a signal. The runs of plugins have handlers of their own, and don't call this function.
pub(crate) fn set_end(end: fn()) {
    let _ = END.set(end);
}

/// Lets signals end a built-in command with an error from now on. Without this, a signal ends the process at once. Called before the first wait for a server,
/// a user or a program, because the handler takes a thread, and most commands are done before a signal can arrive.
pub(crate) fn end_with_error() {
    static ONCE: Once = Once::new();
    let Some(end) = END.get() else { return };
    let handle = move |signal| {
        if signal == Signal::End || !IS_LEFT.load(Ordering::Relaxed) {
            end();
        }
    };
    // Without a handler, a signal ends the process at once.
    ONCE.call_once(|| drop(on_signal(handle)));
}

/// Leaves Ctrl-C to a program that has the terminal from now on. The other signals still end the command.
pub(crate) fn leave_interrupts() {
    IS_LEFT.store(true, Ordering::Relaxed);
    end_with_error();
}

/// Sets a flag at the moment at which Ctrl-C reaches the process. [`on_signal`] tells of it a little later, on its own thread. If Ctrl-C is ignored or no
/// handler can be installed, the flag is never set.
pub(crate) fn note_interrupts(flag: &std::sync::Arc<std::sync::atomic::AtomicBool>) {
    #[cfg(unix)]
    if !crate::process::is_ignored(libc::SIGINT) {
        let _ = signal_hook::flag::register(libc::SIGINT, std::sync::Arc::clone(flag));
    }
    #[cfg(not(unix))]
    let _ = flag;
}

/// Makes a write beyond the limit on the size of files (`ulimit -f`) an error. Without a handler, the signal ends the process, even for a cache. Child
/// processes have the usual effect of the signal.
pub(crate) fn survive_file_limit() {
    #[cfg(unix)]
    if !crate::process::is_ignored(libc::SIGXFSZ) {
        let _ = signal_hook::flag::register(libc::SIGXFSZ, std::sync::Arc::default());
    }
}

/// Calls `handle` for each signal, on a thread of its own. A signal that was ignored when the process started stays ignored, because `nohup` starts processes so.
///
/// # Errors
/// If no handler can be installed.
#[cfg(unix)]
pub(crate) fn on_signal(mut handle: impl FnMut(Signal) + Send + 'static) -> std::io::Result<()> {
    use signal_hook::{consts, iterator::Signals};

    use crate::process::is_ignored;

    // Without a handler, Ctrl-\ would leave the terminal as a question has set it.
    let signals = [
        consts::SIGINT,
        consts::SIGTERM,
        consts::SIGHUP,
        consts::SIGQUIT,
    ];
    let mut signals = Signals::new(signals.into_iter().filter(|signal| !is_ignored(*signal)))?;
    std::thread::Builder::new().spawn(move || {
        for signal in signals.forever() {
            handle(match signal {
                consts::SIGINT => Signal::Interrupt,
                _ => Signal::End,
            });
        }
    })?;
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn on_signal(mut handle: impl FnMut(Signal) + Send + 'static) -> std::io::Result<()> {
    ctrlc::set_handler(move || handle(Signal::Interrupt)).map_err(std::io::Error::other)
}
