//! Inspects a library as a file, without mapping any part of it: checks that the file is complete and built for this machine, and reads its
//! note.

use std::{io::Read, path::Path};

use object::{Architecture, Object, ObjectKind, ObjectSection, ObjectSegment, read::File};
use serde::Deserialize;
use tw_plugin_abi::{ABI, NOTE_SECTION};
use tw_plugin_protocol::PROTOCOL;

use super::{
    dependencies::Dependencies,
    elf::{self, Libc},
    known::NoManifest,
};
use crate::{
    error::{Error, ErrorKind, excerpt},
    files::quote_for_shell,
    owners::{Distrust, Trusted},
    process::Shortage,
    store::target,
    trust::{Held, Origin, Policy, Services, Subject, sealed::LARGEST},
};

/// The note in a library, which the host reads before it maps the library.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Note {
    pub(crate) package: String,
    pub(crate) version: String,
    pub(crate) abi: u32,
    pub(crate) protocol: u32,
}

/// The size limit for a note, in bytes.
const LARGEST_NOTE: usize = 64 << 10;

const REBUILD: &str = "install it again; if it is your own, build or copy it again";

/// An open library that can be mapped and run, and its note.
#[derive(Debug)]
pub(crate) struct Inspected {
    pub(crate) held: Held,
    pub(crate) note: Note,
}

impl Inspected {
    /// Returns the name of the plugin, as the note has it.
    pub(crate) fn name(&self) -> &str {
        let package = &self.note.package;
        package.strip_prefix("tw-plugin-").unwrap_or(package)
    }

    /// Checks that the policies allow the plugin that the note names. Nothing of the library has run then, so the services are unknown.
    ///
    /// # Errors
    /// If a policy forbids the plugin.
    pub(crate) fn check(
        &self,
        policy: &Policy,
        origin: Origin,
        replaces_bundled: bool,
    ) -> Result<(), Error> {
        let version = self.note.version.parse().ok();
        policy.check(&Subject {
            services: Services::Undescribed,
            replaces_bundled,
            ..Subject::unlocked(self.name(), version.as_ref(), origin)
        })
    }
}

/// Checks who could have written a library, opens it, and checks the content. `more` are the libraries that a policy lets a plugin need.
///
/// # Errors
/// If somebody who isn't trusted could have written the library, or if it can't be mapped and run, or needs a file that is not part of the
/// system. The error is the first reason. Only a reason in the content is a fault of the library.
pub(crate) fn inspect(
    path: &Path,
    trusted: &Trusted,
    more: &[String],
) -> Result<Inspected, NoManifest> {
    check_kind(path)?;
    let held = Held::open(path, trusted).map_err(|distrust| match distrust {
        Distrust::Unreadable(error) => unreadable(path, &error),
        distrust => NoManifest::Unasked(unsafe_library(distrust)),
    })?;
    let mut bytes = Vec::new();
    let read = (&held.file).take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    let note = inspect_bytes(&bytes, more).map_err(|error| match error.kind() {
        // The policies decide about these, and can change without the file.
        ErrorKind::Refused => NoManifest::Unasked(error),
        _ => NoManifest::Fault(error),
    })?;
    Ok(Inspected { held, note })
}

/// Checks the content of a library and returns its note. `more` are the libraries that a policy lets a plugin need.
///
/// # Errors
/// If the library can't be mapped and run, or needs a file that is not part of the system. The error is the first reason.
pub(crate) fn inspect_bytes(bytes: &[u8], more: &[String]) -> Result<Note, Error> {
    let file = File::parse(bytes).map_err(|error| match object::FileKind::parse(bytes) {
        Ok(_) => Error::new(ErrorKind::Input, "the file is cut short or damaged")
            .hint(REBUILD)
            .detail(error.to_string()),
        Err(_) => Error::new(ErrorKind::Input, "the file is not a library")
            .hint("remove it, or put the library in its place"),
    })?;
    if file.kind() != ObjectKind::Dynamic {
        return Err(
            Error::new(ErrorKind::Input, "the file is not a shared library")
                .hint("set `crate-type = [\"cdylib\"]` in its Cargo.toml and build it again"),
        );
    }
    check_target(&file, elf::find_libc(bytes))?;
    check_complete(&file, bytes.len() as u64)?;
    let note = note(&file)?;
    check_numbers(&note)?;
    let dependencies = Dependencies::read(bytes).ok_or_else(|| {
        Error::new(
            ErrorKind::Input,
            "the list of the libraries that it needs can't be read: the file is damaged",
        )
        .hint(REBUILD)
    })?;
    dependencies.check(more)?;
    Ok(note)
}

/// Makes the error of a library that isn't used because of who could have written it.
pub(crate) fn unsafe_library(distrust: Distrust) -> Error {
    distrust.explain("its library", "install or build it again")
}

fn unreadable(path: &Path, error: &std::io::Error) -> NoManifest {
    let hint = match (error.kind(), Shortage::of(error)) {
        (_, Some(shortage)) => shortage.remedy().to_owned(),
        (std::io::ErrorKind::PermissionDenied, None) => {
            format!("`chmod a+r {}` makes it readable", quote_for_shell(path))
        }
        (_, None) => "check the file and its file system, or copy the library again".to_owned(),
    };
    let message = format!("the file can't be read: {error}");
    NoManifest::Unasked(Error::new(ErrorKind::Input, message).hint(hint))
}

/// Checks that there is a regular file of a plausible size.
fn check_kind(path: &Path) -> Result<(), NoManifest> {
    let fault = |kind, message: &str, hint: &str| {
        Err(NoManifest::Fault(
            Error::new(kind, message).hint(hint.to_owned()),
        ))
    };
    let data = match path.metadata() {
        Err(_) if path.is_symlink() => {
            return fault(
                ErrorKind::NotFound,
                "it is a link that leads to nothing",
                "remove it, or repair the link",
            );
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return fault(
                ErrorKind::NotFound,
                "the file no longer exists",
                "build or copy it again; `tw plugin unlink` forgets a linked plugin",
            );
        }
        data => data.map_err(|error| unreadable(path, &error))?,
    };
    if data.is_dir() {
        return fault(
            ErrorKind::Input,
            "it is a folder, not a library",
            "remove the folder, or rename it",
        );
    }
    if !data.is_file() {
        return fault(ErrorKind::Input, "it is not a regular file", "remove it");
    }
    match data.len() {
        0 => fault(ErrorKind::Input, "the file is empty", REBUILD),
        size if size > LARGEST => fault(
            ErrorKind::TooLarge,
            &format!("the file has {size} bytes, more than any plugin"),
            "remove it",
        ),
        _ => Ok(()),
    }
}

/// Checks that a library is built for the system, the machine and the C library of this `tw`. `libc` is `None` if the library needs no C library.
fn check_target(file: &File<'_>, libc: Option<Libc>) -> Result<(), Error> {
    let system = match file.format() {
        object::BinaryFormat::Elf => "linux",
        object::BinaryFormat::MachO => "macos",
        object::BinaryFormat::Pe => "windows",
        _ => "another system",
    };
    let machine = match file.architecture() {
        Architecture::X86_64 => "x86_64".to_owned(),
        Architecture::Aarch64 => "aarch64".to_owned(),
        Architecture::I386 => "x86".to_owned(),
        Architecture::Arm => "arm".to_owned(),
        Architecture::Riscv64 => "riscv64".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    let elf_here = !cfg!(any(windows, target_vendor = "apple"));
    let system_fits = system == std::env::consts::OS || (system == "linux" && elf_here);
    // Other systems have C libraries of their own, some with musl's name.
    let libc_fits = !cfg!(target_os = "linux") || libc.is_none_or(|libc| libc == Libc::HERE);
    if system_fits && libc_fits && machine == std::env::consts::ARCH {
        return Ok(());
    }
    let here = target();
    let suffix = match libc {
        Some(Libc::Musl) => "-musl",
        _ => "",
    };
    Err(Error::new(
        ErrorKind::Unsupported,
        format!("it is built for {machine}-{system}{suffix}, and this is {here}"),
    )
    .hint(format!("get or build it for {here}")))
}

/// Checks that the file has everything that would be mapped. Reading a mapped page past the end of a file raises SIGBUS.
fn check_complete(file: &File<'_>, size: u64) -> Result<(), Error> {
    let segments = file.segments().map(|segment| segment.file_range());
    let sections = file.sections().filter_map(|section| section.file_range());
    let is_complete = segments
        .chain(sections)
        .all(|(offset, length)| offset.checked_add(length).is_some_and(|end| end <= size));
    match is_complete {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Input, "the file is cut short").hint(REBUILD)),
    }
}

fn note(file: &File<'_>) -> Result<Note, Error> {
    let no_plugin = || {
        Error::new(
            ErrorKind::Input,
            "it is a library, but not a tw plugin: it has no tw-plugin note",
        )
        .hint("if it should be one, it needs `tw_plugin_api::export_plugin!`, or in C `TW_PLUGIN_NOTE`; if not, remove it")
    };
    let section = file.section_by_name(NOTE_SECTION).ok_or_else(no_plugin)?;
    let bytes = section.data().map_err(|_| {
        Error::new(ErrorKind::Input, "the file is cut short or damaged").hint(REBUILD)
    })?;
    parse_note(bytes)
}

/// Parses the content of a note's section.
pub(crate) fn parse_note(bytes: &[u8]) -> Result<Note, Error> {
    if bytes.len() > LARGEST_NOTE {
        return Err(Error::new(
            ErrorKind::Input,
            format!("its tw-plugin note has more than {LARGEST_NOTE} bytes"),
        )
        .hint(REBUILD));
    }
    // Some formats pad a section, so the note ends at the last brace.
    let end = bytes
        .iter()
        .rposition(|byte| *byte == b'}')
        .map_or(0, |at| at + 1);
    serde_json::from_slice(&bytes[..end])
        .map_err(|_| Error::new(ErrorKind::Input, "its tw-plugin note can't be read").hint(REBUILD))
}

fn check_numbers(note: &Note) -> Result<(), Error> {
    let refuse = |what: &str, wanted: u32, here: u32| {
        let hint = match wanted > here {
            true => format!(
                "use a newer tw (this is {}), or an older version of the plugin",
                env!("CARGO_PKG_VERSION")
            ),
            false => {
                "get a newer version of the plugin, or build it with the current tw-plugin-api"
                    .to_owned()
            }
        };
        let text = format!(
            "{} {} is built for {what} {wanted}, and this tw has {what} {here}",
            excerpt(&note.package),
            excerpt(&note.version)
        );
        Err(Error::new(ErrorKind::Unsupported, text).hint(hint))
    };
    if note.abi != ABI {
        return refuse("ABI", note.abi, ABI);
    }
    if note.protocol != PROTOCOL {
        return refuse("protocol", note.protocol, PROTOCOL);
    }
    Ok(())
}
