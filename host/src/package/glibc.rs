//! Which version of glibc a library needs, and which there is: the one thing of Linux that a binary built elsewhere often lacks.

use object::read::elf::{ElfFile64, FileHeader, SectionHeader};

use crate::error::{Error, ErrorKind};

/// The highest version of glibc's symbols that the library uses: `2.34`. None for a library of another system, or without glibc.
pub(crate) fn needed(library: &[u8]) -> Option<String> {
    let file = ElfFile64::<object::Endianness>::parse(library).ok()?;
    let header = file.elf_header();
    let endian = header.endian().ok()?;
    let sections = header.sections(endian, library).ok()?;
    let mut highest: Option<Vec<u32>> = None;
    for section in sections.iter() {
        let Ok(Some((mut needs, strings))) = section.gnu_verneed(endian, library) else {
            continue;
        };
        let strings = sections.strings(endian, library, strings).ok()?;
        while let Ok(Some((_, mut versions))) = needs.next() {
            while let Ok(Some(version)) = versions.next() {
                let name = version.name(endian, strings).unwrap_or_default();
                let version = std::str::from_utf8(name)
                    .ok()
                    .and_then(|name| name.strip_prefix("GLIBC_"));
                highest = highest.max(version.and_then(numbers));
            }
        }
    }
    let parts: Vec<String> = highest?.iter().map(u32::to_string).collect();
    Some(parts.join("."))
}

/// Whether this machine's glibc is new enough.
///
/// # Errors
/// It isn't, or there is none.
pub(super) fn check(needed: Option<&str>) -> Result<(), Error> {
    let Some(needed) = needed else {
        return Ok(());
    };
    let mend = "ask its publisher for a package that is built on an older system";
    match crate::plugin::glibc() {
        Some(here) if numbers(&here) >= numbers(needed) => Ok(()),
        Some(here) => Err(Error::new(
            ErrorKind::Unsupported,
            format!("it needs glibc {needed}, and this machine has {here}"),
        )
        .hint(mend)),
        None => Err(Error::new(
            ErrorKind::Unsupported,
            format!("it needs glibc {needed}, and this tw is built without glibc"),
        )
        .hint("use a tw for glibc, or ask its publisher for a package for yours")),
    }
}

fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(numbers("2.34") > numbers("2.4"));
        assert!(numbers("2.2.5") < numbers("2.14"));
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn this_very_program_needs_a_glibc_that_is_here() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let needed = needed(&program).expect("it is linked with glibc");
        assert!(check(Some(&needed)).is_ok(), "{needed}");
        assert!(
            check(Some("99.1"))
                .unwrap_err()
                .to_string()
                .contains("needs glibc 99.1")
        );
    }
}
