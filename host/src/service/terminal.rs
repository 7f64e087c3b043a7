//! The terminal: its size and colors, and its state before a question. A question can turn off the echo and hide the cursor, so the state is
//! restored afterward.

use std::io::IsTerminal;

use tw_plugin_protocol::TerminalReply;

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
