//! The pager for results that are longer than the terminal, as the user names it in `TW_PAGER` or `PAGER`.

use std::{
    io::{self, IsTerminal, Write},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc,
};

use tw_render::{Format, text::visible};

use super::line::Line;
use crate::{
    config::Settings,
    error::exit,
    process::{start, variable},
    signals::leave_interrupts,
    stdio,
};

/// The number of rows of a terminal that doesn't say its size.
const USUAL_ROWS: usize = 24;

/// A pager, and the length of the terminal.
pub(super) struct Pager {
    /// The variable that names the pager.
    variable: &'static str,
    /// The command line of the pager.
    command: String,
    /// The number of rows of the terminal.
    rows: usize,
}

/// The end of a pager.
pub(super) enum Paged {
    Shown,
    /// Ctrl-C ended the pager.
    Interrupted,
    /// The pager can't be started or failed, so nobody may have seen the result.
    Failed,
}

/// Shows the text of `tw help` in the pager, and returns the exit code. `None` if the text is not for the pager, or if the pager failed.
pub(super) fn show_help(line: &Line, text: &str) -> Option<u8> {
    let is_wanted = line.command() == Some("help") && !line.names("--no-pager");
    let pager = Pager::of_terminal().filter(|pager| is_wanted && pager.is_for(text))?;
    pager.show_alone(text)
}

impl Pager {
    /// Returns the pager for results on the console. `None` if there is none, or if standard output is no terminal. Must be called before standard output is
    /// set aside.
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        let is_wanted = settings.format == Format::Console && settings.shown.is_paged;
        is_wanted.then(Self::of_terminal).flatten()
    }

    fn of_terminal() -> Option<Self> {
        // A terminal that can't move its cursor, such as a shell in an editor, shows no pager.
        let is_dumb = variable("TERM").is_some_and(|term| term == "dumb");
        let stdout = io::stdout();
        if is_dumb || !stdout.is_terminal() {
            return None;
        }
        let size = terminal_size::terminal_size_of(&stdout);
        let (variable, command) = find()?;
        Some(Self {
            variable,
            command,
            rows: size.map_or(USUAL_ROWS, |(_, rows)| rows.0.into()),
        })
    }

    /// True if a text is longer than the terminal. One row is for the prompt of the shell.
    pub(super) fn is_for(&self, text: &str) -> bool {
        text.lines().nth(self.rows.saturating_sub(1)).is_some()
    }

    /// Shows a text while nothing else is to be done, and returns the exit code. `None` if the pager failed.
    pub(super) fn show_alone(&self, text: &str) -> Option<u8> {
        let run = |start: &mut dyn FnMut() -> io::Result<Child>| {
            leave_interrupts();
            start()?.wait()
        };
        match self.show(text, Stdio::inherit(), run) {
            Paged::Shown => Some(exit::SUCCESS),
            Paged::Interrupted => Some(exit::INTERRUPTED),
            Paged::Failed => None,
        }
    }

    /// Shows a text. `run` starts the pager and waits until it ends; Ctrl-C must belong to the pager meanwhile. `stdout` is the terminal.
    pub(super) fn show(
        &self,
        text: &str,
        stdout: Stdio,
        run: impl FnOnce(&mut dyn FnMut() -> io::Result<Child>) -> io::Result<ExitStatus>,
    ) -> Paged {
        let mut command = shell(&self.command);
        command.stdin(Stdio::piped()).stdout(stdout);
        // As git does: less shows colors, and ends at once if the text fits the terminal.
        for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
            if variable(name).is_none() {
                command.env(name, value);
            }
        }
        let text = text.to_owned();
        let (give, take) = mpsc::channel::<ChildStdin>();
        // The write fails if the user has left the pager, and it must not wait for a user who hasn't.
        let writer = move || {
            if let Ok(mut stdin) = take.recv() {
                let _ = stdin.write_all(text.as_bytes());
            }
        };
        if std::thread::Builder::new().spawn(writer).is_err() {
            return Paged::Failed;
        }
        let status = run(&mut || {
            let mut child = start(&mut command)?;
            if let Some(stdin) = child.stdin.take() {
                let _ = give.send(stdin);
            }
            Ok(child)
        });
        match status {
            Ok(status) if was_interrupted(status) => Paged::Interrupted,
            Ok(status) if status.success() => Paged::Shown,
            // The codes with which a shell can't start a program.
            Ok(status) if !matches!(status.code(), Some(126 | 127)) => Paged::Failed,
            _ => {
                let (name, command) = (self.variable, visible(&self.command));
                stdio::warn(
                    &format!("the pager `{command}`, which {name} names, can't be started"),
                    None,
                );
                Paged::Failed
            }
        }
    }
}

/// Returns the variable that names the pager, and the command line. `None` if none is named, or if the user turns it off with an empty `TW_PAGER` or with `cat`.
fn find() -> Option<(&'static str, String)> {
    let (name, named) = match std::env::var_os("TW_PAGER") {
        Some(own) => ("TW_PAGER", own),
        None => ("PAGER", variable("PAGER")?),
    };
    let command = named.into_string().ok()?;
    let command = command.trim();
    (!command.is_empty() && command != "cat").then(|| (name, command.to_owned()))
}

/// Returns the command line as the shell of the system reads it, so that it may have options.
#[cfg(unix)]
fn shell(line: &str) -> Command {
    let first = line.split_whitespace().next().unwrap_or_default();
    let is_one_program = !line.contains([';', '|', '&', '<', '>', '(', ')', '{', '\n']);
    let line = match is_one_program && !first.contains('=') {
        // The program takes the place of the shell, so only the program gets Ctrl-C.
        true => format!("exec {line}"),
        // A shell that gets Ctrl-C while its program goes on ends by this signal afterwards, unless it has a trap.
        false => format!("trap : INT\n{line}"),
    };
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(not(unix))]
fn shell(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

#[cfg(unix)]
fn was_interrupted(status: ExitStatus) -> bool {
    // A shell ends with 130 if Ctrl-C ended its program.
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(libc::SIGINT)
        || status.code() == Some(i32::from(crate::error::exit::INTERRUPTED))
}

#[cfg(not(unix))]
fn was_interrupted(_: ExitStatus) -> bool {
    false
}
