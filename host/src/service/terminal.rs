//! The terminal: its size and colors, and its state before a question. A question can turn off the echo and hide the cursor, so the state is
//! restored afterward.

use std::io::IsTerminal;

use tw_plugin_protocol::TerminalReply;

#[cfg(unix)]
pub(super) use imp::{end_marks, mark_pastes};
pub(crate) use imp::{keep, restore};

/// Describes the terminal of standard output. Must be called before standard output is set aside.
pub(crate) fn describe() -> TerminalReply {
    let stdout = std::io::stdout();
    let terminal = stdout.is_terminal();
    let size = terminal_size::terminal_size_of(&stdout);
    let size = size.map(|(width, height)| (u32::from(width.0), u32::from(height.0)));
    TerminalReply {
        terminal,
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
        colors: crate::process::has_color(&stdout),
        ..Default::default()
    }
}

#[cfg(unix)]
mod imp {
    use std::sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    };

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    use crate::stdio::print_bytes;

    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// True if the terminal marks what the user pastes.
    static MARKS: AtomicBool = AtomicBool::new(false);

    /// Remembers the state of the terminal.
    pub(crate) fn keep() {
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) =
            tcgetattr(rustix::stdio::stdin()).ok();
    }

    /// Restores the state that [`keep`] remembered. Only the first call after it has an effect.
    pub(crate) fn restore() {
        if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
            end_marks();
            // If this fails, the terminal is gone.
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &before);
            print_bytes("\u{1b}[?25h");
        }
    }

    /// Asks the terminal to mark what the user pastes. A dumb terminal would show the request.
    pub(in crate::service) fn mark_pastes() {
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        if !is_dumb && !MARKS.swap(true, Ordering::Relaxed) {
            print_bytes("\u{1b}[?2004h");
        }
    }

    /// Ends the effect of [`mark_pastes`].
    pub(in crate::service) fn end_marks() {
        if MARKS.swap(false, Ordering::Relaxed) {
            print_bytes("\u{1b}[?2004l");
        }
    }
}

/// On other systems, the console restores itself.
#[cfg(not(unix))]
mod imp {
    pub(crate) fn keep() {}

    pub(crate) fn restore() {}
}
