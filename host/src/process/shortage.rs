//! Shortages of a machine, such as the limit on open files, which make correct system calls fail. Starts child processes in spite of some of them.

use std::{fmt, io, process};

/// A resource that a machine lacks, or forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shortage {
    /// This process may open no more files.
    Files,
    /// The whole system may open no more files.
    FilesOfSystem,
    Memory,
    /// This user or container may have no more processes and threads.
    Processes,
    /// A sandbox forbids new processes and threads.
    Forbidden,
    /// A disk or a quota is full.
    Space,
}

impl Shortage {
    /// Returns the shortage behind the error of any system call. `None` if the error has another reason.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::OutOfMemory => return Some(Self::Memory),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => return Some(Self::Space),
            _ => {}
        }
        #[cfg(unix)]
        match error.raw_os_error() {
            Some(libc::EMFILE) => return Some(Self::Files),
            Some(libc::ENFILE) => return Some(Self::FilesOfSystem),
            _ => {}
        }
        // Libraries wrap the error of the system in their own.
        let mut cause = error.get_ref().map(|inner| inner as &dyn std::error::Error);
        while let Some(inner) = cause {
            if let Some(shortage) = inner.downcast_ref().and_then(Self::of) {
                return Some(shortage);
            }
            cause = inner.source();
        }
        None
    }

    /// Returns the shortage behind a failed start of a process or a thread. `None` if the error has another reason.
    pub(crate) fn of_start(error: &io::Error) -> Option<Self> {
        #[cfg(unix)]
        match error.raw_os_error() {
            Some(libc::EAGAIN) => return Some(Self::Processes),
            Some(libc::EPERM | libc::ENOSYS) => return Some(Self::Forbidden),
            _ => {}
        }
        Self::of(error)
    }

    /// Says why a process or a thread can't be started.
    pub(crate) fn explain_start(error: &io::Error) -> String {
        match Self::of_start(error) {
            Some(shortage) => shortage.to_string(),
            None => error.to_string(),
        }
    }

    /// Says what to do. No remedy weakens the machine.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Self::Files => "raise the limit in this shell, for example with `ulimit -n 1024`",
            Self::FilesOfSystem => "end programs that have many files open",
            Self::Memory => {
                "free memory, or raise the limit (`ulimit -v`, or the memory limit of the container)"
            }
            Self::Processes => {
                "end other processes, or raise the limit (`ulimit -u`, or the limit on processes of the container)"
            }
            Self::Forbidden => {
                "update the container runtime: old ones deny the system call clone3 (Docker before 20.10.10)"
            }
            Self::Space => "make room, or name another folder in TMPDIR",
        }
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Files => "the limit on open files of this process is reached",
            Self::FilesOfSystem => "the limit on open files of this system is reached",
            Self::Memory => "there is not enough memory",
            Self::Processes => "the limit on processes and threads is reached",
            Self::Forbidden => "this system or container allows no new processes and threads",
            Self::Space => "the disk is full",
        })
    }
}

/// Returns the error of a thread that couldn't be started, from the message of a panic. `None` if the panic has another reason.
pub(crate) fn find_unstarted_thread(panic: &str) -> Option<io::Error> {
    // The messages of the standard library and of tokio: "failed to spawn thread: Os { code: 11, …", "OS can't spawn worker thread: … (os error 11)".
    let (_, reason) = panic.split_once("spawn ")?.1.split_once("thread: ")?;
    let (_, code) = reason
        .split_once("code: ")
        .or_else(|| reason.split_once("(os error "))?;
    let end = code.find(|letter: char| !letter.is_ascii_digit())?;
    Some(io::Error::from_raw_os_error(code[..end].parse().ok()?))
}

/// True if the memory of this process is limited, so that a failure without a reason can be one for lack of memory.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(crate) fn has_memory_limit() -> bool {
    use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
    let limits = [Resource::RLIMIT_AS, Resource::RLIMIT_DATA];
    let mut limits = limits.into_iter().map(getrlimit);
    limits.any(|limit| limit.is_ok_and(|(current, _)| current != RLIM_INFINITY))
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(crate) fn has_memory_limit() -> bool {
    false
}

/// Starts a child process.
///
/// # Errors
/// If the process can't be started. [`Shortage::of_start`] explains the error.
pub(crate) fn start(command: &mut process::Command) -> io::Result<process::Child> {
    let started = command.spawn();
    #[cfg(unix)]
    if started.as_ref().is_err_and(is_denied) {
        // The C library starts processes with clone3, which some sandboxes deny with an error that the C library doesn't expect. If the child must set
        // its group, the standard library starts it with fork, which uses the older clone. The group is the one that the child has anyway.
        std::os::unix::process::CommandExt::gid(command, rustix::process::getgid().as_raw());
        return command.spawn();
    }
    started
}

#[cfg(unix)]
fn is_denied(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EPERM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_about_a_thread_has_the_error_of_the_system() {
        let code = |panic| find_unstarted_thread(panic)?.raw_os_error();
        let text = "failed to spawn thread: Os { code: 11, kind: WouldBlock, message: \"x\" }";
        assert_eq!(code(text), Some(11));
        let text = "OS can't spawn worker thread: Operation not permitted (os error 1)";
        assert_eq!(code(text), Some(1));
        assert_eq!(code("index out of bounds: code: 11, spawn"), None);
    }
}
