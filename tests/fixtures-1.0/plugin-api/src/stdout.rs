//! Results that are bytes.

use std::io::{self, Write};

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::Empty;

use crate::{Error, ErrorKind, Host, Result, error::Carried};

/// The writer of a result that is bytes, such as a file or a log. [`Host::stdout`] returns it.
///
/// The host writes each piece at once, and the call returns when the piece is written. A command can therefore pass on a
/// result of any size in little memory. A pipe or a file gets the bytes unchanged. On a terminal, the host replaces
/// control characters with visible ones, and bytes that are not UTF-8 with `�`. The output format, such as `-o json`,
/// doesn't change the bytes.
///
/// A command that writes bytes returns [`Output::none`](crate::Output::none), which may have an exit code and warnings.
/// If the command returns a value too, or sends [`Rows`](crate::Rows), `tw` reports a mistake of the plugin. If the
/// command fails, the bytes that it wrote before stay written.
///
/// If the reader closes the pipe (`tw … | head`), a write fails with [`ErrorKind::Closed`]. A command that returns this
/// error ends `tw` quietly and with exit code 0.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// fn log(_: (), host: &Host) -> Result<Output> {
///     let mut stream = host.http().get("/workflow/5/log").open()?.ok()?;
///     while let Some(piece) = stream.read()? {
///         host.stdout().send(&piece)?;
///     }
///     Ok(Output::none())
/// }
/// # let _ = log;
/// ```
///
/// [`Write`] is implemented too. Each write is a call of the host, so wrap the writer in a
/// [`BufWriter`](std::io::BufWriter) to write many small pieces:
///
/// ```
/// use std::io::{BufWriter, Write};
/// use tw_plugin_api::prelude::*;
///
/// fn numbers(host: &Host) -> std::io::Result<()> {
///     let mut out = BufWriter::new(host.stdout());
///     for n in 0..100_000 {
///         writeln!(out, "{n}")?;
///     }
///     out.flush()
/// }
/// # let _ = numbers;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Stdout<'a>(&'a Host);

impl<'a> Stdout<'a> {
    pub(crate) fn new(host: &'a Host) -> Self {
        Self(host)
    }

    /// Writes all of these bytes.
    ///
    /// # Errors
    /// With [`ErrorKind::Closed`] if the reader has closed standard output. If the bytes can't be written, for example
    /// to a full disk. If the command has sent [`Rows`](crate::Rows), or the user presses Ctrl-C.
    pub fn send(&self, bytes: impl AsRef<[u8]>) -> Result<()> {
        self.0
            .call::<protocol::OutputWrite>(&Empty {}, bytes.as_ref())?;
        Ok(())
    }
}

impl Write for Stdout<'_> {
    /// Writes all of these bytes. The operator `?` turns the error into the [`Error`] that [`send`](Stdout::send) returns.
    /// The kind of the [`io::Error`] is [`BrokenPipe`](io::ErrorKind::BrokenPipe) if the reader has closed standard output.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.send(bytes).map_err(to_io_error)?;
        Ok(bytes.len())
    }

    /// Does nothing, because a write returns when its bytes are written.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn to_io_error(error: Error) -> io::Error {
    // Never `Interrupted`: `write_all` would try again.
    let kind = match error.kind() {
        ErrorKind::Closed => io::ErrorKind::BrokenPipe,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, Carried(error))
}
