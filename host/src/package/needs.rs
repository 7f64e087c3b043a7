//! The requirements of a Linux library: a version of glibc, and other libraries.

use object::{
    Endianness,
    elf::DT_NEEDED,
    read::elf::{Dyn, ElfFile64, FileHeader, SectionHeader},
};

use crate::error::{Error, ErrorKind};

/// Finds the highest version of glibc's symbols that a library uses: `2.34`. Returns `None` for a library that doesn't use glibc.
pub(super) fn find_glibc(library: &[u8]) -> Option<String> {
    let file = ElfFile64::<Endianness>::parse(library).ok()?;
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
                highest = highest.max(version.and_then(parse_version));
            }
        }
    }
    let parts: Vec<String> = highest?.iter().map(u32::to_string).collect();
    Some(parts.join("."))
}

/// Finds the names of the shared libraries that a library needs; none if it is not an ELF file.
pub(super) fn find_libraries(library: &[u8]) -> Vec<String> {
    let find = || {
        let file = ElfFile64::<Endianness>::parse(library).ok()?;
        let header = file.elf_header();
        let endian = header.endian().ok()?;
        let sections = header.sections(endian, library).ok()?;
        let (entries, strings) = sections
            .iter()
            .find_map(|section| section.dynamic(endian, library).ok().flatten())?;
        let strings = sections.strings(endian, library, strings).ok()?;
        let names = entries
            .iter()
            .filter(|entry| entry.tag(endian) == DT_NEEDED)
            .filter_map(|entry| entry.string(endian, strings).ok())
            .map(|name| String::from_utf8_lossy(name).into_owned());
        Some(names.collect())
    };
    find().unwrap_or_default()
}

/// Checks that this machine's glibc is new enough.
///
/// # Errors
/// The machine's glibc is older, or this `tw` runs without glibc.
pub(super) fn check_glibc(needed: Option<&str>) -> Result<(), Error> {
    let Some(needed) = needed else {
        return Ok(());
    };
    match crate::plugin::glibc() {
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

fn parse_version(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(parse_version("2.34") > parse_version("2.4"));
        assert!(parse_version("2.2.5") < parse_version("2.14"));
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn the_running_program_needs_no_newer_glibc_than_the_machines() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let needed = find_glibc(&program).expect("the program is linked with glibc");
        assert!(check_glibc(Some(&needed)).is_ok(), "{needed}");
        let error = check_glibc(Some("99.1")).unwrap_err();
        assert!(error.message().contains("needs glibc 99.1"), "{error}");
    }
}
