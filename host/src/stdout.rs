//! Standard output belongs to the result. Before foreign code is loaded it is moved aside, and what the plugin prints by itself goes into
//! memory and not into the result.

use std::{fs::File, io::Write};

/// The real standard output, and where a plugin's own prints go.
pub(crate) struct Stdout {
    real: File,
    stray: File,
}

#[cfg(unix)]
impl Stdout {
    /// Moves standard output aside, for as long as the process lives: a thread of a plugin may print at any time.
    pub(crate) fn set_aside() -> std::io::Result<Self> {
        let real = File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?);
        let stray = memory()?;
        rustix::stdio::dup2_stdout(&stray)?;
        Ok(Self { real, stray })
    }
}

/// There, standard output can't be moved without unsafe code: a plugin's own prints stand beside the result.
#[cfg(not(unix))]
impl Stdout {
    pub(crate) fn set_aside() -> std::io::Result<Self> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

#[cfg(target_os = "linux")]
fn memory() -> std::io::Result<File> {
    Ok(File::from(rustix::fs::memfd_create(
        "stdout",
        rustix::fs::MemfdFlags::CLOEXEC,
    )?))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn memory() -> std::io::Result<File> {
    tempfile::tempfile()
}

impl Stdout {
    /// How many bytes the plugin printed by itself.
    pub(crate) fn stray_bytes(&self) -> u64 {
        self.stray.metadata().map_or(0, |data| data.len())
    }

    /// Writes the result.
    pub(crate) fn write(&mut self, text: &str) -> std::io::Result<()> {
        write_all(&mut self.real, text)
    }
}

/// Writes all of it. A reader who has seen enough (`| head`) is no failure.
pub(crate) fn write_all(mut to: impl Write, text: &str) -> std::io::Result<()> {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
