//! The process: its hardening, its environment, and its end.

use std::{ffi::OsString, process::Command};

/// The environment variable that holds the token.
pub(crate) const TOKEN: &str = "TOWER_ACCESS_TOKEN";
/// The environment variable that holds the password of a secret key, for runs without a terminal.
pub(crate) const SIGNING_PASSWORD: &str = "TW_SIGNING_PASSWORD";

/// Prevents core dumps, because a core dump would hold the token. On Linux this also keeps other processes of the same user from reading the
/// memory of this process.
pub(crate) fn harden() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(all(unix, not(target_os = "linux")))]
    let _ = rustix::process::setrlimit(
        rustix::process::Resource::Core,
        rustix::process::Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    );
}

/// Returns an environment variable; `None` if it is unset or empty.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// True if the person wants no color anywhere (no-color.org).
pub(crate) fn has_no_color() -> bool {
    variable("NO_COLOR").is_some()
}

/// Removes the token and the signing password from the environment of a child process.
pub(crate) fn without_secrets(command: &mut Command) -> &mut Command {
    command.env_remove(TOKEN).env_remove(SIGNING_PASSWORD)
}

/// True if this process ignores a signal, which it may have inherited.
#[cfg(unix)]
pub(crate) fn is_ignored(signal: libc::c_int) -> bool {
    // SAFETY: an all-zero sigaction is valid, and the call only writes to it.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}

/// Ends the process at once and skips every exit handler, because threads of a plugin may still run.
#[cfg(unix)]
pub(crate) fn exit_now(code: u8) -> ! {
    // SAFETY: `_exit` takes any code, never returns, and touches no memory of the process.
    unsafe { libc::_exit(i32::from(code)) }
}

/// Ends the process.
#[cfg(not(unix))]
pub(crate) fn exit_now(code: u8) -> ! {
    std::process::exit(i32::from(code))
}
