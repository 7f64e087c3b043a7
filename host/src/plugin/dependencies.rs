//! Finds the other files that the system's loader maps together with a library, and refuses those that are not part of the system.
//!
//! A digest and a signature cover the library only. If the library names a folder to search, whoever can write to the folder runs code in `tw`.
//!
//! The dynamic section of an ELF file is read as the loader reads it: through the program headers. Section headers are only for tools, so they can
//! be missing, or describe another dynamic section than the one that the loader uses.

use object::{
    Endianness, FileKind,
    elf::{self, DynamicTag, FileHeader32, FileHeader64},
    macho::{self, MachHeader32, MachHeader64},
    pod::from_bytes,
    read::{
        elf::{Dyn, FileHeader, ProgramHeader},
        macho::MachHeader,
    },
};

use crate::error::{Error, ErrorKind, excerpt};

/// The libraries of glibc that Rust's standard library and plugins in C are linked with, and musl's own name for its one library.
const OF_SYSTEM: [&str; 8] = [
    "libc.so.6",
    "libm.so.6",
    "libgcc_s.so.1",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
    "libc.so",
];

/// The names of the loaders, and Alpine's name for musl, whose middle is the machine: `ld-linux-x86-64.so.2`, `ld-musl-x86_64.so.1`.
const OF_MACHINE: [&str; 4] = ["ld-linux", "ld64.so", "ld-musl-", "libc.musl-"];

/// The smallest page that a system maps. The loader refuses segments with a smaller alignment.
const SMALLEST_PAGE: u64 = 4096;

/// The entries of a dynamic section, apart from `DT_NEEDED`, that make a loader search a folder or map another file.
const PATHS: [(DynamicTag, &str); 7] = [
    (elf::DT_RPATH, "DT_RPATH"),
    (elf::DT_RUNPATH, "DT_RUNPATH"),
    (elf::DT_AUDIT, "DT_AUDIT"),
    (elf::DT_DEPAUDIT, "DT_DEPAUDIT"),
    (elf::DT_FILTER, "DT_FILTER"),
    (elf::DT_AUXILIARY, "DT_AUXILIARY"),
    (elf::DT_CONFIG, "DT_CONFIG"),
];

/// The files that the loader maps together with a library.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Dependencies {
    /// The libraries that the library needs, as it names them. On macOS these are paths.
    pub(crate) libraries: Vec<String>,
    /// The other entries that make the loader map a file: the name and the value of each.
    paths: Vec<(&'static str, String)>,
}

impl Dependencies {
    /// Reads the dependencies of a library. Returns `None` if they can't be read, or if loaders could read them differently.
    ///
    /// For a library of Windows the result is empty: Windows searches its own folders and that of the program, but never a folder that the library
    /// names.
    pub(crate) fn read(library: &[u8]) -> Option<Self> {
        match FileKind::parse(library).ok()? {
            FileKind::Elf32 => read_elf::<FileHeader32<Endianness>>(library),
            FileKind::Elf64 => read_elf::<FileHeader64<Endianness>>(library),
            FileKind::MachO32 => read_mach::<MachHeader32<Endianness>>(library),
            FileKind::MachO64 => read_mach::<MachHeader64<Endianness>>(library),
            _ => Some(Self::default()),
        }
    }

    /// Checks that the system has all of the dependencies. `more` are the libraries that a policy adds to those of the system.
    ///
    /// # Errors
    /// The loader would map a file that is not part of the system. The error names the first one.
    pub(crate) fn check(&self, more: &[String]) -> Result<(), Error> {
        if let Some((entry, value)) = self.paths.first() {
            return Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "its entry {entry} `{}` makes the system map files that no digest covers",
                    excerpt(value)
                ),
            )
            .hint(match *entry {
                "DT_RPATH" | "DT_RUNPATH" => {
                    "build it without `-rpath` (in Rust: without `link-arg=-Wl,-rpath,…`), or remove the entry with \
                     `patchelf --remove-rpath`; if it is not yours, tell its author"
                }
                _ => "build it without the entry; if it is not yours, tell its author",
            }));
        }
        let mut libraries = self.libraries.iter();
        match libraries.find(|name| !is_of_system(name) && !more.contains(name)) {
            Some(name) => Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "it needs the library `{}`, which is not part of the system, so no digest covers it",
                    excerpt(name)
                ),
            )
            .hint(
                "link that library statically, or name it under `libraries` in the policy; if the plugin is not yours, tell \
                 its author",
            )),
            None => Ok(()),
        }
    }

    /// Returns the libraries that are not part of the system.
    pub(crate) fn additions(&self) -> Vec<&str> {
        let names = self.libraries.iter().map(String::as_str);
        names.filter(|name| !is_of_system(name)).collect()
    }
}

fn is_of_system(name: &str) -> bool {
    if let Some(rest) = name.strip_prefix('/') {
        // Only macOS names libraries by path. It protects these two folders.
        let is_protected = rest.starts_with("usr/lib/") || rest.starts_with("System/");
        return cfg!(target_vendor = "apple") && is_protected && !rest.contains("..");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    OF_SYSTEM.contains(&name)
        || OF_MACHINE.iter().any(|start| name.starts_with(start)) && name.bytes().all(is_plain)
}

/// The parts of an ELF file that the loader maps: the address and the content of each, in ascending order.
struct Segments<'data>(Vec<(u64, &'data [u8])>);

impl<'data> Segments<'data> {
    /// Returns the bytes from an address to the end of its segment. `None` if no segment has the address.
    fn at(&self, address: u64) -> Option<&'data [u8]> {
        self.0.iter().find_map(|(begin, content)| {
            let offset = usize::try_from(address.checked_sub(*begin)?).ok()?;
            content.get(offset..).filter(|rest| !rest.is_empty())
        })
    }
}

fn read_elf<E: FileHeader<Endian = Endianness>>(library: &[u8]) -> Option<Dependencies> {
    let header = E::parse(library).ok()?;
    let endian = header.endian().ok()?;
    let headers = header.program_headers(endian, library).ok()?;
    // The crate takes a count of 65535 and more from a section, and the loader doesn't.
    if headers.len() != usize::from(header.e_phnum(endian)) {
        return None;
    }
    let of_type = |wanted| {
        let headers = headers.iter();
        headers.filter(move |header| header.p_type(endian) == wanted)
    };
    let mut dynamic = of_type(elf::PT_DYNAMIC).map(|header| header.p_vaddr(endian).into());
    let (Some(dynamic), None) = (dynamic.next(), dynamic.next()) else {
        return None;
    };
    let pages = of_type(elf::PT_LOAD).map(|header| header.p_align(endian).into());
    let page: u64 = pages
        .min()
        .filter(|page| page.is_power_of_two() && *page >= SMALLEST_PAGE)?;
    let mut segments = Segments(Vec::new());
    let mut end = 0;
    for header in of_type(elf::PT_LOAD) {
        let begin: u64 = header.p_vaddr(endian).into();
        let offset: u64 = header.p_offset(endian).into();
        // Whole pages are mapped. A page of two segments would have the content of the later one.
        if begin & !(page - 1) < end || begin % page != offset % page {
            return None;
        }
        end = begin.checked_add(header.p_memsz(endian).into())?;
        segments.0.push((begin, header.data(endian, library).ok()?));
    }
    read_dynamic::<E>(endian, &segments, dynamic)
}

/// Reads the dynamic section at an address. It ends with an entry of the type 0: the loader looks at no size.
fn read_dynamic<E: FileHeader<Endian = Endianness>>(
    endian: Endianness,
    segments: &Segments<'_>,
    address: u64,
) -> Option<Dependencies> {
    let mut rest = segments.at(address)?;
    let mut strings: Option<u64> = None;
    let mut entries: Vec<(DynamicTag, u64)> = Vec::new();
    loop {
        let (entry, after) = from_bytes::<E::Dyn>(rest).ok()?;
        rest = after;
        match entry.tag(endian) {
            elf::DT_NULL => break,
            elf::DT_STRTAB if strings.is_some() => return None,
            elf::DT_STRTAB => strings = Some(entry.val(endian)),
            tag => entries.push((tag, entry.val(endian))),
        }
    }
    let text = |offset: u64| {
        let content = segments.at(strings?.checked_add(offset)?)?;
        let end = content.iter().position(|byte| *byte == 0)?;
        Some(String::from_utf8_lossy(&content[..end]).into_owned())
    };
    let mut found = Dependencies::default();
    for (tag, value) in entries {
        if tag == elf::DT_NEEDED {
            found.libraries.push(text(value)?);
        } else if let Some((_, name)) = PATHS.iter().find(|(path, _)| *path == tag) {
            found.paths.push((name, text(value)?));
        }
    }
    Some(found)
}

fn read_mach<M: MachHeader<Endian = Endianness>>(library: &[u8]) -> Option<Dependencies> {
    let header = M::parse(library, 0).ok()?;
    let endian = header.endian().ok()?;
    let mut commands = header.load_commands(endian, library, 0).ok()?;
    let mut found = Dependencies::default();
    while let Some(command) = commands.next().ok()? {
        let text = |text| {
            let text = command.string(endian, text).ok()?;
            Some(String::from_utf8_lossy(text).into_owned())
        };
        if let Some(dylib) = command.dylib().ok()? {
            found.libraries.push(text(dylib.dylib.name)?);
        } else if command.cmd() == macho::LC_RPATH {
            let rpath: &macho::RpathCommand<_> = command.data().ok()?;
            found.paths.push(("LC_RPATH", text(rpath.path)?));
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes the file of a library for macOS with one command.
    fn mach(command: u32, numbers: &[u32], text: &str) -> Vec<u8> {
        let size = (8 + 4 * numbers.len() + text.len() + 1).next_multiple_of(8);
        let length = u32::try_from(size).unwrap();
        let header = [0xfeed_facf, 0x0100_000c, 0, 6, 1, length, 0, 0];
        let words = header.iter().chain([&command, &length]).chain(numbers);
        let words = words.flat_map(|word| word.to_le_bytes());
        let mut file: Vec<u8> = words.chain(text.bytes()).collect();
        file.resize(32 + size, 0);
        file
    }

    #[test]
    fn the_libraries_and_search_paths_of_a_library_for_macos_are_read() {
        let library = mach(0xc, &[24, 2, 0, 0], "@rpath/libhelper.dylib");
        let found = Dependencies::read(&library).unwrap();
        assert_eq!(found.libraries, ["@rpath/libhelper.dylib"]);
        assert!(found.check(&[]).is_err());
        let found = Dependencies::read(&mach(0x8000_001c, &[12], "/tmp/build-17")).unwrap();
        assert_eq!(found.paths, [("LC_RPATH", "/tmp/build-17".to_owned())]);
        assert!(found.check(&[]).is_err());
    }

    #[test]
    fn only_the_names_of_the_systems_libraries_are_of_the_system() {
        for name in [
            "libc.so.6",
            "libgcc_s.so.1",
            "ld-linux-x86-64.so.2",
            "ld-musl-aarch64.so.1",
            "libc.musl-x86_64.so.1",
        ] {
            assert!(is_of_system(name), "{name}");
        }
        for name in [
            "",
            "libc.so.6.old",
            "libstdc++.so.6",
            "./libc.so.6",
            "ld-linux/../../tmp/x.so",
            "libc.musl-$LIB",
        ] {
            assert!(!is_of_system(name), "{name}");
        }
    }
}
