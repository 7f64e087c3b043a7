//! A result that the plugin sends in several pieces: rows, or bytes.
//!
//! Rows are collected until the command succeeds, because a failed command prints no result. Bytes are written at once, so that a result of any size
//! takes little memory, and so that a reader sees each piece when it arrives.

use std::{
    io,
    process::Stdio,
    sync::{MutexGuard, PoisonError},
};

use tw_plugin_protocol::{ErrorMessage, TableView};
use tw_render::Value;

use super::{Ended, State, cancel::cancel_error};
use crate::{
    error::{Error, ErrorKind},
    stdio::Stdout,
};

/// The message of a write to a pipe whose reader is gone.
const READER_GONE: &str = "the reader of standard output has closed it";

/// The output of a run.
pub(super) struct Output {
    stdout: Stdout,
    pub(super) rows: Rows,
    /// True if the plugin has written bytes, or tried to.
    has_bytes: bool,
    /// True if the reader of standard output closed it while the plugin wrote bytes.
    has_lost_reader: bool,
    /// The first failure to write bytes. `None` if all bytes were written, or if the reader closed standard output.
    failure: Option<io::Error>,
}

impl Output {
    pub(super) fn new(stdout: Stdout) -> Self {
        Self {
            stdout,
            rows: Rows::default(),
            has_bytes: false,
            has_lost_reader: false,
            failure: None,
        }
    }

    /// Begins a long result. See [`Rows::begin`].
    pub(super) fn begin(&mut self, view: TableView, body: &[u8]) -> Result<(), Error> {
        match self.has_bytes {
            true => Err(misuse(
                "it begins a long result after it has written bytes to standard output",
            )),
            false => self.rows.begin(view, body),
        }
    }

    /// Writes bytes to standard output.
    ///
    /// # Errors
    /// The plugin has begun a long result, the reader has closed standard output, or the bytes can't be written.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.rows.head.is_some() {
            return Err(misuse(
                "it writes bytes to standard output after it has begun a long result",
            ));
        }
        self.has_bytes = true;
        self.stdout.write_bytes(bytes).map_err(|error| {
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

    /// Returns the real standard output for a child process.
    pub(super) fn copy_stdout(&self) -> Result<Stdio, Error> {
        self.stdout.for_child().map_err(Error::output)
    }

    /// Ends the bytes of the result.
    pub(super) fn end_bytes(&mut self) {
        if let Err(error) = self.stdout.end_bytes() {
            self.failure.get_or_insert(error);
        }
    }
}

impl State {
    pub(super) fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes bytes of the plugin to standard output. A canceled run writes no more, because a plugin may write without an end.
    pub(super) fn write_output(&self, bytes: &[u8]) -> Result<(), Error> {
        match self.cancel.is_cancelled() {
            true => Err(cancel_error()),
            false if self.terminal.terminal => self.screen.print(|| self.output().write(bytes)),
            false => self.output().write(bytes),
        }
    }
}

impl Ended {
    /// Takes the result that the plugin sent row by row. `None` if it sent none or did not end it.
    pub(crate) fn take_rows(&self) -> Option<(Value, TableView)> {
        let rows = &mut self.0.output().rows;
        if rows.is_open() {
            self.warn("it began a long result and didn't end it, so the result is not shown: tell its author");
        }
        rows.take()
    }

    /// True if the plugin wrote the bytes of its result itself.
    pub(crate) fn has_bytes(&self) -> bool {
        self.0.output().has_bytes
    }

    /// True if the run failed only because the reader closed standard output, as `head` does. The text decides too, because a plugin may have turned
    /// the failure into an error of its own.
    pub(crate) fn is_cut_short(&self, failure: &ErrorMessage) -> bool {
        let is_of_write =
            failure.kind == ErrorKind::Closed || failure.message.contains(READER_GONE);
        is_of_write && self.0.output().has_lost_reader
    }

    /// Ends what the plugin printed past the host, and returns how many bytes that were.
    pub(crate) fn end_prints(&self) -> u64 {
        self.0.output().stdout.end_prints()
    }

    /// Writes the rendered result. Fails too if bytes of the plugin could not be written.
    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        let output = &mut *self.0.output();
        match output.failure.take() {
            Some(error) => Err(error),
            None => output.stdout.write(text),
        }
    }
}

/// The result that a plugin sends row by row.
#[derive(Default)]
pub(super) struct Rows {
    head: Option<(Value, TableView)>,
    is_complete: bool,
}

impl Rows {
    /// Begins the result. `body` is the value that the rows go into, as JSON. If it is empty, the rows are the whole value.
    pub(super) fn begin(&mut self, view: TableView, body: &[u8]) -> Result<(), Error> {
        if self.head.is_some() {
            return Err(misuse("it begins a second long result"));
        }
        let mut value = match body {
            [] => Value::Null,
            body => Value::parse(body)
                .ok_or_else(|| misuse("the head of its long result is not JSON"))?,
        };
        if view.rows.is_empty() && matches!(value, Value::Null) {
            value = Value::Array(Vec::new());
        }
        if !matches!(value.pointer(&view.rows), Some(Value::Array(_))) {
            return Err(misuse(
                "the head of its long result has no list where the rows should go",
            ));
        }
        self.head = Some((value, view));
        Ok(())
    }

    /// Appends rows, which are a JSON list.
    pub(super) fn add(&mut self, body: &[u8]) -> Result<(), Error> {
        let Some((value, view)) = self.head.as_mut().filter(|_| !self.is_complete) else {
            return Err(misuse(
                "it sends rows of a long result that it has not begun, or has ended",
            ));
        };
        let Some(Value::Array(rows)) = Value::parse(body) else {
            return Err(misuse("the rows of its long result are not a list"));
        };
        if let Some(Value::Array(list)) = value.pointer_mut(&view.rows) {
            list.extend(rows);
        }
        Ok(())
    }

    pub(super) fn end(&mut self) -> Result<(), Error> {
        if self.head.is_none() {
            return Err(misuse("it ends a long result that it has not begun"));
        }
        self.is_complete = true;
        Ok(())
    }

    /// True if the result was begun and not ended.
    pub(super) fn is_open(&self) -> bool {
        self.head.is_some() && !self.is_complete
    }

    /// Takes the result. `None` if the plugin sent none or did not end it.
    pub(super) fn take(&mut self) -> Option<(Value, TableView)> {
        self.head.take().filter(|_| self.is_complete)
    }
}

fn misuse(message: &str) -> Error {
    Error::new(ErrorKind::BadRequest, message)
}
