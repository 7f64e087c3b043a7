//! The exit codes of `tw`.

use super::ErrorKind;

pub(crate) const SUCCESS: u8 = 0;
pub(crate) const FAILURE: u8 = 1;
pub(crate) const USAGE: u8 = 2;
pub(crate) const INTERRUPTED: u8 = 130;
/// `tw` without a command, as in the existing CLI.
pub(crate) const NO_COMMAND: u8 = 255;
/// A group such as `tw secrets` without a subcommand, as in the existing CLI.
pub(crate) const NO_SUBCOMMAND: u8 = 1;

/// Returns the exit code of a failure: the code that the failure names, if a plugin may use it, or else the code of its kind.
pub(crate) fn of_failure(kind: ErrorKind, named: Option<u8>) -> u8 {
    match named {
        Some(code @ (FAILURE..=125 | INTERRUPTED)) => code,
        _ => kind.exit_code(),
    }
}

/// Returns the exit code of a successful run. A plugin may name 0 and 3 to 125.
pub(crate) fn of_success(named: u8) -> u8 {
    match named {
        code @ (SUCCESS | 3..=125) => code,
        _ => FAILURE,
    }
}
