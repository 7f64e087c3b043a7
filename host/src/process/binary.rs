//! The path of the running binary.

use std::{
    io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// Returns the running binary with links resolved. The path is looked up once a process.
///
/// # Errors
/// If the system doesn't tell the path.
pub(crate) fn binary() -> io::Result<&'static Path> {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = FOUND.get() {
        return Ok(path);
    }
    let path = current_exe()?.canonicalize()?;
    Ok(FOUND.get_or_init(|| path))
}

/// Returns the path of the running binary. Without `/proc`, Linux still tells the path that the process was started with.
fn current_exe() -> io::Result<PathBuf> {
    let path = std::env::current_exe();
    #[cfg(target_os = "linux")]
    let path = path.or_else(|error| {
        use std::os::unix::ffi::OsStrExt;
        let started = rustix::param::linux_execfn();
        let path = Path::new(std::ffi::OsStr::from_bytes(started.to_bytes()));
        path.canonicalize().map_err(|_| error)
    });
    path
}
