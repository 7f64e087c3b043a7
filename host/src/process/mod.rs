//! The process: its hardening, its environment, and its end.

mod binary;
mod color;
#[cfg(unix)]
mod scrub;
mod shortage;
mod stack;

use std::{
    ffi::{OsStr, OsString},
    sync::OnceLock,
};

pub(crate) use self::{
    binary::binary,
    color::{ColorChoice, choose_color, has_color, has_links},
    shortage::{Shortage, find_unstarted_thread, has_memory_limit, start},
    stack::with_enough_stack,
};

/// The environment variable that holds the token.
pub(crate) const TOKEN: &str = "TOWER_ACCESS_TOKEN";
/// The environment variable that holds the password of a secret key, for runs without a terminal.
pub(crate) const SIGNING_PASSWORD: &str = "TW_SIGNING_PASSWORD";

/// The variables that only `tw` itself needs. The passwords in HTTP_PROXY and its relatives are no part of them, because every program that connects
/// through the proxy needs these.
const SECRETS: [&str; 2] = [TOKEN, SIGNING_PASSWORD];

/// The values of [`SECRETS`], in the same order.
static TAKEN: OnceLock<[Option<OsString>; 2]> = OnceLock::new();

/// Moves the secrets out of the environment, so that neither a plugin nor a child process finds them there. On Unix, `/proc/PID/environ` and `ps`
/// don't show their values afterwards.
///
/// Must be called before the process has a second thread.
pub(crate) fn take_secrets() {
    let values = SECRETS.map(variable);
    #[cfg(unix)]
    scrub::overwrite_variables(&SECRETS);
    for name in SECRETS {
        // SAFETY: no other thread exists that could read the environment at the same time.
        unsafe { std::env::remove_var(name) };
    }
    let _ = TAKEN.set(values);
}

/// Returns the value that an environment variable had before [`take_secrets`]. `None` if it was unset or empty.
pub(crate) fn secret(name: &str) -> Option<&'static OsStr> {
    let at = SECRETS.iter().position(|secret| *secret == name)?;
    TAKEN.get()?[at].as_deref()
}

/// Overwrites a secret in the arguments of the process, which every user can read in `/proc/PID/cmdline`. Other systems than Linux keep it.
pub(crate) fn hide_argument(secret: &str) {
    #[cfg(target_os = "linux")]
    scrub::overwrite_arguments(secret.as_bytes());
    #[cfg(not(target_os = "linux"))]
    let _ = secret;
}

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
