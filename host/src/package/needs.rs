//! The requirement of a package: a version of glibc.

use crate::{
    error::{Error, ErrorKind},
    plugin::{elf::parse_version, glibc},
};

/// Checks that this machine's glibc is new enough.
///
/// # Errors
/// The machine's glibc is older, or this `tw` runs without glibc.
pub(super) fn check_glibc(needed: Option<&str>) -> Result<(), Error> {
    let Some(needed) = needed else {
        return Ok(());
    };
    match glibc() {
        Some(here) if parse_version(&here) >= parse_version(needed) => Ok(()),
        Some(here) => Err(Error::new(
            ErrorKind::Unsupported,
            format!("it needs glibc {needed}, but this machine has {here}"),
        )
        .hint("ask its publisher for a package that is built on an older system")),
        None => Err(Error::new(
            ErrorKind::Unsupported,
            format!("it needs glibc {needed}, but this tw is built without glibc"),
        )
        .hint("use a tw for glibc, or ask its publisher for a package for this tw")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn the_running_program_needs_no_newer_glibc_than_the_machines() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let needed =
            crate::plugin::elf::find_glibc(&program).expect("the program is linked with glibc");
        assert!(check_glibc(Some(&needed)).is_ok(), "{needed}");
        let error = check_glibc(Some("99.1")).unwrap_err();
        assert!(error.message().contains("needs glibc 99.1"), "{error}");
    }
}
