//! Reads from a Linux library which version of glibc and which C library it needs.

use object::{
    Endianness,
    elf::FileHeader64,
    read::elf::{FileHeader, SectionHeader, SectionTable},
};

use super::dependencies::Dependencies;

/// A C library of Linux. A library that is built for one can't be loaded into a process that uses the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Libc {
    Glibc,
    Musl,
}

impl Libc {
    /// The C library of this `tw`.
    pub(crate) const HERE: Self = match cfg!(target_env = "musl") {
        true => Self::Musl,
        false => Self::Glibc,
    };
}

/// Finds the C library that a library is built for. Returns `None` if the library needs no C library, and so fits both.
pub(crate) fn find_libc(library: &[u8]) -> Option<Libc> {
    let dependencies = Dependencies::read(library).unwrap_or_default();
    classify(&dependencies.libraries, find_glibc(library).is_some())
}

/// Classifies a library by the names of the libraries that it needs, and by whether it uses versions of glibc's symbols.
fn classify(libraries: &[String], has_glibc_versions: bool) -> Option<Libc> {
    let needs = |is_wanted: fn(&str) -> bool| libraries.iter().any(|name| is_wanted(name));
    // musl's own name for itself is `libc.so`; Alpine calls it `libc.musl-x86_64.so.1`.
    if needs(|name| name == "libc.so" || name.starts_with("libc.musl-")) {
        return Some(Libc::Musl);
    }
    let is_glibc = has_glibc_versions || needs(|name| name == "libc.so.6");
    is_glibc.then_some(Libc::Glibc)
}

type Sections<'data> = SectionTable<'data, FileHeader64<Endianness>>;

/// Reads the sections of a library, and their byte order. Returns `None` if the library is not an ELF file of 64 bits.
fn read_sections(library: &[u8]) -> Option<(Endianness, Sections<'_>)> {
    let header = FileHeader64::<Endianness>::parse(library).ok()?;
    let endian = header.endian().ok()?;
    Some((endian, header.sections(endian, library).ok()?))
}

/// Finds the highest version of glibc's symbols that a library uses: `2.34`. Returns `None` for a library that doesn't use glibc.
pub(crate) fn find_glibc(library: &[u8]) -> Option<String> {
    let (endian, sections) = read_sections(library)?;
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

/// Returns true if a library contains the symbols for debuggers, which make up a large part of it.
pub(crate) fn has_symbols(library: &[u8]) -> bool {
    read_sections(library)
        .is_some_and(|(endian, sections)| sections.section_by_name(endian, b".symtab").is_some())
}

/// Parses a version of glibc: `2.34`.
pub(crate) fn parse_version(version: &str) -> Option<Vec<u32>> {
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
    fn a_c_library_is_recognized_by_its_name_or_its_versions() {
        let classify = |names: &[&str], has_versions| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            classify(&names, has_versions)
        };
        for name in ["libc.so", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"] {
            assert_eq!(classify(&["libgcc_s.so.1", name], false), Some(Libc::Musl));
        }
        assert_eq!(
            classify(&["libm.so.6", "libc.so.6"], false),
            Some(Libc::Glibc)
        );
        assert_eq!(classify(&["libm.so.6"], true), Some(Libc::Glibc));
        assert_eq!(classify(&["libc.so.6.old", "libcurl.so.4"], false), None);
        assert_eq!(classify(&[], false), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_running_program_is_built_for_the_c_library_of_this_machine() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(find_libc(&program), Some(Libc::HERE));
        assert_eq!(find_libc(b"no library"), None);
    }
}
