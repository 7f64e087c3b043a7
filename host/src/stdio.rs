//! The standard streams. Standard output belongs to the result: before the host loads a plugin it moves standard output aside, so that the
//! plugin's own output goes to memory and not into the result.

use std::{fs::File, io::Write};

/// The real standard output, and the file that takes what a plugin prints.
pub(crate) struct Stdout {
    real: File,
    stray: File,
}

#[cfg(unix)]
impl Stdout {
    /// Moves standard output aside for the life of the process, because a thread of a plugin may print at any time.
    pub(crate) fn set_aside() -> std::io::Result<Self> {
        let real = File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?);
        let stray = stray_file()?;
        rustix::stdio::dup2_stdout(&stray)?;
        Ok(Self { real, stray })
    }
}

#[cfg(not(unix))]
impl Stdout {
    /// Fails, because moving standard output needs unsafe code on this system. The output of a plugin is then mixed with the result.
    pub(crate) fn set_aside() -> std::io::Result<Self> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

#[cfg(target_os = "linux")]
fn stray_file() -> std::io::Result<File> {
    Ok(File::from(rustix::fs::memfd_create(
        "stdout",
        rustix::fs::MemfdFlags::CLOEXEC,
    )?))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn stray_file() -> std::io::Result<File> {
    tempfile::tempfile()
}

impl Stdout {
    /// Returns how many bytes the plugin printed.
    pub(crate) fn stray_bytes(&self) -> u64 {
        self.stray.metadata().map_or(0, |data| data.len())
    }

    /// Writes the result.
    pub(crate) fn write(&mut self, text: &str) -> std::io::Result<()> {
        write_all(&mut self.real, text)
    }
}

/// Writes a text to standard output.
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    write_all(std::io::stdout(), text)
}

/// Writes a text to standard error. A failure is ignored, because there is no other stream to report it on.
pub(crate) fn print_error(text: &str) {
    let _ = write_all(std::io::stderr(), text);
}

/// Writes the whole text. A reader that closes the pipe early (`| head`) is no failure.
fn write_all(mut to: impl Write, text: &str) -> std::io::Result<()> {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
