//! The last line of the terminal, which says what the process waits for. Everything that the process prints removes this line first.
//!
//! The line is drawn without padding, so that what a user types meanwhile, or `^C`, stands behind it and is removed with it.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::write_all;

/// The number of columns of a terminal that doesn't say its size.
const USUAL_WIDTH: u16 = 80;
/// The number of times, once a millisecond, that the end of the process looks whether the line can be removed. A terminal that Ctrl-S has stopped takes nothing.
const TRIES: u32 = 100;

static LINE: Mutex<Line> = Mutex::new(Line {
    is_shown: false,
    holds: 0,
});
/// True if the process ends, so that no line may appear.
static IS_OVER: AtomicBool = AtomicBool::new(false);

struct Line {
    is_shown: bool,
    /// The number of parts of the process that draw on the terminal themselves.
    holds: u32,
}

/// Keeps the line away until this value is dropped.
pub(crate) struct Hold(());

/// Shows a text in the place of the line, cut to the width of the terminal. The text must be safe for a terminal.
pub(crate) fn show(text: &str) {
    let mut line = lock();
    if line.holds > 0 || IS_OVER.load(Ordering::Relaxed) || !is_in_foreground() {
        return;
    }
    line.is_shown = true;
    let size = terminal_size::terminal_size_of(std::io::stderr());
    let width = size.map_or(USUAL_WIDTH, |(width, _)| width.0);
    // A character in the last column would move the cursor to the next row on some terminals.
    let text = tw_render::cut(text, usize::from(width).saturating_sub(1));
    write(&format!("\r{text}\u{1b}[K"));
}

/// Removes the line.
pub(crate) fn hide() {
    lock().hide();
}

/// Removes the line, and prints in its place. The line can't come back before that is done.
pub(crate) fn print_above<T>(print: impl FnOnce() -> T) -> T {
    let mut line = lock();
    line.hide();
    print()
}

/// Removes the line for as long as another part of the process draws on the terminal.
pub(crate) fn hold() -> Hold {
    let mut line = lock();
    line.hide();
    line.holds += 1;
    Hold(())
}

/// Removes the line for good, because the process ends now.
pub(crate) fn end() {
    IS_OVER.store(true, Ordering::Relaxed);
    for _ in 0..TRIES {
        match LINE.try_lock() {
            Ok(mut line) => return line.hide(),
            Err(TryLockError::Poisoned(line)) => return line.into_inner().hide(),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// True if the terminal shows the output of this process and not the prompt of a shell: the process is no background job. Without job control there are no
/// background jobs.
pub(crate) fn is_in_foreground() -> bool {
    #[cfg(unix)]
    return rustix::termios::tcgetpgrp(rustix::stdio::stderr())
        .map_or(true, |group| group == rustix::process::getpgrp());
    #[cfg(not(unix))]
    true
}

fn lock() -> MutexGuard<'static, Line> {
    LINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes in one piece. If this fails, the terminal is gone.
fn write(text: &str) {
    let _ = write_all(std::io::stderr(), text);
}

impl Line {
    fn hide(&mut self) {
        // The shell has taken the row of a process that became a background job.
        if std::mem::take(&mut self.is_shown) && is_in_foreground() {
            write("\r\u{1b}[K");
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        lock().holds -= 1;
    }
}
