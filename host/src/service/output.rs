//! The output of a run: a result that the plugin sends in several pieces, as rows or as bytes.
//!
//! Bytes are written at once, so that a result of any size takes little memory, and so that a reader sees each piece when it arrives. [`Rows`] says
//! when rows are written.

use std::{
    io,
    process::{Child, ExitStatus, Stdio},
    sync::{Arc, MutexGuard, PoisonError},
};

use tw_plugin_protocol::{ErrorMessage, OutputHead};
use tw_render::{Format, Style};

use super::{
    Ended, State,
    cancel::{Cancel, cancel_error},
    progress::Screen,
    rows::{Rows, Sent},
};
use crate::{
    error::{Error, ErrorKind},
    stdio::Stdout,
};

/// The message of a write to a pipe whose reader is gone.
const READER_GONE: &str = "the reader of standard output has closed it";

/// The size limit for bytes that `--jq` filters: 256 MiB.
const MOST_COLLECTED: usize = 256 << 20;

/// The output of a run.
pub(super) struct Output {
    sink: Sink,
    rows: Rows,
    /// True if the plugin has written bytes, or tried to.
    has_bytes: bool,
    /// The bytes that the plugin has written, which `--jq` filters. `None` if they are written at once.
    collected: Option<Vec<u8>>,
}

impl Output {
    /// Makes the output of a run whose result is rendered in this format and style.
    pub(super) fn new(sink: Sink, format: Format, style: Style, is_filtered: bool) -> Self {
        Self {
            sink,
            rows: Rows::new(format, style),
            has_bytes: false,
            collected: is_filtered.then(Vec::new),
        }
    }

    /// Begins a long result. See [`Rows::begin`].
    pub(super) fn begin(&mut self, head: OutputHead, body: &[u8]) -> Result<(), Error> {
        match self.has_bytes {
            true => Err(misuse(
                "it begins a long result after it has written bytes to standard output",
            )),
            false => self.rows.begin(head, body, &mut self.sink),
        }
    }

    /// Adds rows to the long result. See [`Rows::add`].
    pub(super) fn add_rows(&mut self, body: &[u8]) -> Result<(), Error> {
        self.rows.add(body, &mut self.sink)
    }

    /// Ends the long result. See [`Rows::end`].
    pub(super) fn end_rows(&mut self) -> Result<(), Error> {
        self.rows.end(&mut self.sink)
    }

    /// Returns the real standard output for a child process.
    pub(super) fn copy_stdout(&self) -> Result<Stdio, Error> {
        self.sink.stdout.for_child().map_err(Error::output)
    }

    /// Writes bytes to standard output.
    ///
    /// # Errors
    /// The plugin has begun a long result, or see [`Sink::write`].
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.rows.has_begun() {
            return Err(misuse(
                "it writes bytes to standard output after it has begun a long result",
            ));
        }
        self.has_bytes = true;
        match &mut self.collected {
            Some(collected) if collected.len() + bytes.len() > MOST_COLLECTED => Err(misuse(
                "its result has more than 256 MiB, which '--jq' can't filter",
            )),
            Some(collected) => {
                collected.extend_from_slice(bytes);
                Ok(())
            }
            None => self.sink.write(|stdout| stdout.write_bytes(bytes)),
        }
    }

    /// Ends the bytes of the result.
    pub(super) fn end_bytes(&mut self) {
        let sink = &mut self.sink;
        if let Err(error) = sink.stdout.end_bytes() {
            sink.failure.get_or_insert(error);
        }
    }
}

/// Standard output while a command runs.
pub(super) struct Sink {
    stdout: Stdout,
    /// The progress displays, which disappear during a write. `None` if standard output is not a terminal.
    screen: Option<Screen>,
    cancel: Arc<Cancel>,
    /// True if the reader of standard output closed it during a write.
    has_lost_reader: bool,
    /// The first failure to write. `None` if all writes succeeded, or if the reader closed standard output.
    failure: Option<io::Error>,
}

impl Sink {
    pub(super) fn new(stdout: Stdout, screen: Option<Screen>, cancel: Arc<Cancel>) -> Self {
        Self {
            stdout,
            screen,
            cancel,
            has_lost_reader: false,
            failure: None,
        }
    }

    /// Writes a rendered text at once.
    ///
    /// # Errors
    /// See [`write`](Self::write).
    pub(super) fn write_text(&mut self, text: &str) -> Result<(), Error> {
        match text {
            "" => Ok(()),
            text => self.write(|stdout| stdout.write_text(text)),
        }
    }

    /// Writes at once. A canceled run writes no more, because a plugin may write without an end.
    ///
    /// # Errors
    /// The run was canceled, the reader has closed standard output, or the write failed.
    fn write(&mut self, write: impl FnOnce(&mut Stdout) -> io::Result<()>) -> Result<(), Error> {
        if self.cancel.is_cancelled() {
            return Err(cancel_error());
        }
        let stdout = &mut self.stdout;
        let written = match &self.screen {
            Some(screen) => screen.print(|| write(stdout)),
            None => write(stdout),
        };
        written.map_err(|error| {
            if error.kind() == io::ErrorKind::BrokenPipe {
                self.has_lost_reader = true;
                return Error::new(ErrorKind::Closed, READER_GONE);
            }
            // An `io::Error` can't be cloned, and the plugin and the end of the run both need this one.
            let copy = io::Error::new(error.kind(), error.to_string());
            self.failure.get_or_insert(copy);
            Error::output(error)
        })
    }
}

impl State {
    pub(super) fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes bytes of the plugin to standard output.
    pub(super) fn write_output(&self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.output().write(bytes);
        written.map_err(|error| match error.kind() {
            ErrorKind::Failure if self.http.has_changed() => error.context("The change was made"),
            _ => error,
        })
    }
}

impl Ended {
    /// Takes what the plugin sent of its result while it ran.
    pub(crate) fn take_sent(&self) -> Sent {
        let output = &mut *self.0.output();
        match (output.has_bytes, output.collected.take()) {
            (true, Some(collected)) => Sent::Collected(collected),
            (true, None) => Sent::Bytes,
            (false, _) => output.rows.take(),
        }
    }

    /// Returns the real standard output for the pager. `None` if the run failed to write to it, or if it can't be shared.
    pub(crate) fn stdout(&self) -> Option<Stdio> {
        let output = self.0.output();
        let is_sound = output.sink.failure.is_none();
        output.copy_stdout().ok().filter(|_| is_sound)
    }

    /// Runs a program that has the terminal. See [`Cancel::run_in_foreground`].
    pub(crate) fn run_in_foreground(
        &self,
        start: impl FnOnce() -> io::Result<Child>,
    ) -> io::Result<ExitStatus> {
        self.0.cancel.run_in_foreground(start)
    }

    /// Writes the bytes that `--jq` would filter, unchanged, because the command has failed.
    pub(crate) fn write_collected(&self) {
        let output = &mut *self.0.output();
        if let Some(bytes) = output.collected.take() {
            // The failure of the command matters more.
            let _ = output.sink.stdout.write_bytes(&bytes);
            let _ = output.sink.stdout.end_bytes();
        }
    }

    /// True if the plugin wrote bytes.
    pub(crate) fn has_bytes(&self) -> bool {
        self.0.output().has_bytes
    }

    /// True if the run has changed something on the server.
    pub(crate) fn has_changed(&self) -> bool {
        self.0.http.has_changed()
    }

    /// Puts in front of a message that a change was made. The user must know: a second run would make it again.
    pub(crate) fn name_change(&self, message: String) -> String {
        match self.0.http.has_changed() {
            true => format!("The change was made, but its result is not shown: {message}"),
            false => message,
        }
    }

    /// Writes a piece of the result at once. Unlike [`write`](Self::write), this function fails for a closed pipe too. In a canceled run it fails in the same
    /// way, because the pieces may have no end.
    pub(crate) fn write_piece(&self, text: &str) -> io::Result<()> {
        if self.is_cancelled() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.0.output().sink.stdout.write_text(text)
    }

    /// True if the run failed only because the reader closed standard output, as `head` does. The text decides too, because a plugin may have turned
    /// the failure into an error of its own.
    pub(crate) fn is_cut_short(&self, failure: &ErrorMessage) -> bool {
        let is_of_write =
            failure.kind == ErrorKind::Closed || failure.message.contains(READER_GONE);
        is_of_write && self.0.output().sink.has_lost_reader
    }

    /// Ends what the plugin printed past the host, and returns how many bytes that were.
    pub(crate) fn end_prints(&self) -> u64 {
        self.0.output().sink.stdout.end_prints()
    }

    /// Makes the error of a result that can't be written. The user must know that a change was made: a second run would make it again.
    pub(crate) fn unwritten(&self, error: io::Error) -> Error {
        match self.0.http.has_changed() {
            true => Error::new(
                ErrorKind::Failure,
                "The change was made, but its result cannot be written",
            )
            .caused_by(error),
            false => Error::output(error),
        }
    }

    /// Writes the rendered result. Fails too if a piece of the result could not be written while the plugin ran.
    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        let sink = &mut self.0.output().sink;
        match sink.failure.take() {
            Some(error) => Err(error),
            None => sink.stdout.write(text),
        }
    }
}

pub(super) fn misuse(message: &str) -> Error {
    Error::new(ErrorKind::BadRequest, message)
}
