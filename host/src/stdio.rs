//! The standard streams. Standard output belongs to the result: before the host loads a plugin it moves standard output aside, so that the
//! plugin's own output goes to standard error and not into the result.

pub(crate) mod line;
mod messages;
#[cfg(unix)]
mod prints;

use std::{
    fs::File,
    io::{ErrorKind, IsTerminal, Write},
    process::Stdio,
};

use tw_render::text::VisibleStream;

pub(crate) use self::messages::{
    ErrorFormat, has_json_errors, hide_notes, note, print_bytes, print_error, print_json, warn,
    without_number,
};
#[cfg(unix)]
use self::prints::Prints;

/// The largest part of a text that is made visible at once: 64 KiB.
const PART: usize = 64 << 10;

/// The real standard output, and the pipe that a plugin prints into instead.
pub(crate) struct Stdout {
    real: Box<dyn Write + Send>,
    /// A copy for child processes. `None` if standard output can't be moved, so that child processes have it anyway.
    copy: Option<File>,
    /// Makes bytes safe for the terminal. `None` if standard output is not a terminal.
    terminal: Option<VisibleStream>,
    /// `None` if standard output can't be moved. The output of a plugin is then mixed with the result.
    prints: Option<Prints>,
}

impl Stdout {
    /// Moves standard output aside for the life of the process, because a thread of a plugin may print at any time. `pass_on` gets what a plugin
    /// prints, in whole lines unless a line is very long.
    pub(crate) fn set_aside(pass_on: impl FnMut(&[u8]) + Send + 'static) -> Self {
        let terminal = std::io::stdout().is_terminal().then(VisibleStream::default);
        match move_aside(pass_on) {
            Ok((real, prints)) => Self {
                copy: real.try_clone().ok(),
                real: Box::new(real),
                terminal,
                prints: Some(prints),
            },
            Err(_) => Self {
                copy: None,
                real: Box::new(std::io::stdout()),
                terminal,
                prints: None,
            },
        }
    }

    /// Ends what the plugin printed itself, and returns the number of its bytes. Later calls return 0.
    pub(crate) fn end_prints(&mut self) -> u64 {
        self.prints.take().map_or(0, Prints::end)
    }

    /// Returns the real standard output for a child process.
    pub(crate) fn for_child(&self) -> std::io::Result<Stdio> {
        match &self.copy {
            Some(copy) => copy.try_clone().map(Stdio::from),
            None => Ok(Stdio::inherit()),
        }
    }

    /// Writes the result.
    pub(crate) fn write(&mut self, text: &str) -> std::io::Result<()> {
        let is_terminal = self.terminal.is_some();
        print_result(is_terminal, || write_all(&mut self.real, text))
    }

    /// Writes a rendered part of the result at once.
    ///
    /// # Errors
    /// The text can't be written. Unlike [`write`](Self::write), this function fails for a closed pipe too.
    pub(crate) fn write_text(&mut self, text: &str) -> std::io::Result<()> {
        print_result(self.terminal.is_some(), || {
            self.real.write_all(text.as_bytes())?;
            self.real.flush()
        })
    }

    /// Writes bytes of the result at once: unchanged to a pipe or a file, and as visible text to a terminal.
    ///
    /// # Errors
    /// The bytes can't be written. Unlike [`write`](Self::write), this function fails for a closed pipe too.
    pub(crate) fn write_bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let Some(visible) = &mut self.terminal else {
            self.real.write_all(bytes)?;
            return self.real.flush();
        };
        line::print_above(|| {
            for part in bytes.chunks(PART) {
                self.real.write_all(visible.push(part).as_bytes())?;
            }
            self.real.flush()
        })
    }

    /// Ends the bytes of the result. A terminal then shows an unfinished character at their end.
    pub(crate) fn end_bytes(&mut self) -> std::io::Result<()> {
        match &mut self.terminal {
            Some(visible) => {
                let rest = visible.end();
                self.write(&rest)
            }
            None => Ok(()),
        }
    }
}

/// Returns a copy of standard output, and the reader of the pipe that has replaced it.
#[cfg(unix)]
fn move_aside(pass_on: impl FnMut(&[u8]) + Send + 'static) -> std::io::Result<(File, Prints)> {
    let real = File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?);
    Ok((real, Prints::redirect(pass_on)?))
}

/// Fails, because moving standard output needs unsafe code on this system.
#[cfg(not(unix))]
fn move_aside(_: impl FnMut(&[u8]) + Send + 'static) -> std::io::Result<(File, Prints)> {
    Err(ErrorKind::Unsupported.into())
}

/// The text that a plugin prints itself, on a system where standard output can't be moved.
#[cfg(not(unix))]
enum Prints {}

#[cfg(not(unix))]
impl Prints {
    fn end(self) -> u64 {
        match self {}
    }
}

/// Returns a copy of standard output, and replaces standard output by a file that takes everything. From then on, only the copy leads to the reader.
#[cfg(unix)]
pub(crate) fn keep_for_answer() -> std::io::Result<File> {
    let answer = File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?);
    rustix::stdio::dup2_stdout(sink()?)?;
    Ok(answer)
}

/// Returns copies of standard input and standard output, and replaces both by files that are empty or take everything.
#[cfg(unix)]
pub(crate) fn take() -> std::io::Result<(File, File)> {
    let input = File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?);
    rustix::stdio::dup2_stdin(empty()?)?;
    Ok((input, keep_for_answer()?))
}

/// Opens an empty file to read from.
///
/// # Errors
/// If the system has no such device, and offers no pipe in its place.
#[cfg(unix)]
pub(crate) fn empty() -> std::io::Result<File> {
    // A pipe that nobody writes to is empty too.
    File::open(NULL).or_else(|_| Ok(std::os::fd::OwnedFd::from(std::io::pipe()?.0).into()))
}

#[cfg(not(unix))]
pub(crate) fn empty() -> std::io::Result<File> {
    File::open(NULL)
}

/// The device that is empty and takes everything.
const NULL: &str = match cfg!(windows) {
    true => "NUL",
    false => "/dev/null",
};

/// Opens a file that takes everything and that nobody reads.
///
/// # Errors
/// If the system has no such device and offers no memory in its place. The error names the device.
pub(crate) fn sink() -> std::io::Result<File> {
    let null = File::options().write(true).open(NULL);
    #[cfg(target_os = "linux")]
    let null = null.or_else(|error| {
        let flags = rustix::fs::MemfdFlags::CLOEXEC;
        let memory = rustix::fs::memfd_create("sink", flags);
        memory.map(File::from).map_err(|_| error)
    });
    null.map_err(|error| match error.kind() {
        ErrorKind::NotFound => std::io::Error::new(error.kind(), format!("{NULL} is missing")),
        _ => error,
    })
}

/// Fails, because replacing standard output needs unsafe code on this system.
#[cfg(not(unix))]
pub(crate) fn keep_for_answer() -> std::io::Result<File> {
    Err(ErrorKind::Unsupported.into())
}

/// Returns copies of standard input and standard output. Replacing them needs unsafe code on this system, so what a plugin prints would damage the
/// answer.
#[cfg(windows)]
pub(crate) fn take() -> std::io::Result<(File, File)> {
    use std::os::windows::io::AsHandle;
    let input = std::io::stdin().as_handle().try_clone_to_owned()?;
    let output = std::io::stdout().as_handle().try_clone_to_owned()?;
    Ok((input.into(), output.into()))
}

/// Writes a text to standard output.
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    let is_terminal = stdout.is_terminal();
    print_result(is_terminal, || write_all(&mut stdout, text))
}

/// Prints a part of the result. On a terminal, the line about waiting is removed first.
fn print_result<T>(is_terminal: bool, print: impl FnOnce() -> T) -> T {
    match is_terminal {
        true => line::print_above(print),
        // The reader of a pipe can take any time, and errors must not wait for it.
        false => print(),
    }
}

/// Writes the whole text. A reader that closes the pipe early (`| head`) is no failure.
fn write_all(mut to: impl Write, text: impl AsRef<[u8]>) -> std::io::Result<()> {
    match to.write_all(text.as_ref()).and_then(|()| to.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
