//! Explains why the dynamic loader refused a library: with the loader's own reason, and the fix that fits it.

use std::path::Path;

use tw_render::text::visible;

use super::loader::glibc;
use crate::{
    error::{Error, ErrorKind},
    process::{Shortage, has_memory_limit},
};

/// Makes the error of a library that the dynamic loader refused.
///
/// `mapped` is the path that the loader was given. For a library in sealed memory it is the path of a descriptor, so the message names
/// `library` instead, the path of the plugin's file.
pub(super) fn explain(error: &libloading::Error, mapped: &Path, library: &Path) -> Error {
    // The error's own text is "dlopen failed"; the loader's text is its source.
    let reason = match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    };
    let path = library.to_string_lossy();
    let reason = reason.replace(&*mapped.to_string_lossy(), &path);
    let (kind, hint) = match Cause::parse(&reason, &path) {
        Cause::NoLibrary(name) => (ErrorKind::NotFound, explain_library(name)),
        Cause::NoVersion { of, version } => (ErrorKind::Unsupported, explain_version(of, version)),
        // The loader's text begins with the file that lacks the symbol.
        Cause::NoSymbol(name) if reason.starts_with('/') && !reason.starts_with(&*path) => (
            ErrorKind::Failure,
            format!(
                "a library that the plugin needs doesn't fit the libraries that it needs itself: none of them has `{name}`; install versions that belong together"
            ),
        ),
        Cause::NoSymbol(name) => (
            ErrorKind::Failure,
            format!(
                "this is a fault of the plugin: no library that it is linked with has `{name}`; tell its author"
            ),
        ),
        Cause::Shortage(shortage) => (ErrorKind::Failure, shortage.remedy().to_owned()),
        Cause::NotMapped if is_noexec(library) => (
            ErrorKind::Refused,
            "its folder is on a file system that is mounted with `noexec`: put the library into another folder"
                .to_owned(),
        ),
        // The loader doesn't say why mapping failed.
        Cause::NotMapped if has_memory_limit() => {
            (ErrorKind::Failure, Shortage::Memory.remedy().to_owned())
        }
        Cause::NotMapped | Cause::Other => (
            ErrorKind::Failure,
            "this is what the system's loader says: check the library and the libraries that it needs with `ldd`, \
             or tell the plugin's author"
                .to_owned(),
        ),
    };
    Error::new(kind, format!("it can't be loaded: {}", visible(&reason))).hint(visible(&hint))
}

/// The cause in a loader's message. The loaders of glibc and musl have different messages. They are never translated, because `tw` sets no locale.
#[derive(Debug, PartialEq)]
enum Cause<'a> {
    /// A library of this name is missing.
    NoLibrary(&'a str),
    /// A library lacks a version of its symbols.
    NoVersion {
        of: &'a str,
        version: &'a str,
    },
    /// No library has this symbol.
    NoSymbol(&'a str),
    /// The machine lacks something that has nothing to do with the library.
    Shortage(Shortage),
    /// The library, or one that it needs, can't be mapped as code.
    NotMapped,
    Other,
}

/// The texts of system errors in the messages of the loaders of glibc and musl.
const SHORTAGES: [(&str, Shortage); 6] = [
    (": Too many open files in system", Shortage::FilesOfSystem),
    (": Too many open files", Shortage::Files),
    (": No file descriptors available", Shortage::Files),
    (": Cannot allocate memory", Shortage::Memory),
    (": Out of memory", Shortage::Memory),
    ("cannot allocate memory", Shortage::Memory),
];

impl<'a> Cause<'a> {
    /// Parses the loader's text about the library at `path`.
    fn parse(reason: &'a str, path: &str) -> Self {
        // The loaders append the text of the system's error.
        let shortage = SHORTAGES.iter().find(|(text, _)| reason.contains(text));
        // More memory doesn't help a library that was built for the memory of the program's own thread-local variables.
        if let Some((_, shortage)) = shortage.filter(|_| !reason.contains("static TLS")) {
            return Self::Shortage(*shortage);
        }
        let missing = reason
            .strip_suffix(": cannot open shared object file: No such file or directory")
            .or_else(|| {
                let rest = reason.strip_prefix("Error loading shared library ")?;
                Some(rest.split_once(": No such file or directory")?.0)
            });
        if let Some(name) = missing.filter(|name| *name != path) {
            return Self::NoLibrary(name);
        }
        if let Some((of, rest)) = reason.split_once(": version `")
            && let Some((version, _)) = rest.split_once("' not found")
        {
            return Self::NoVersion { of, version };
        }
        let symbol = match reason.split_once("undefined symbol: ") {
            Some((_, symbol)) => symbol.split(',').next(),
            None => reason
                .strip_prefix("Error relocating ")
                .and_then(|rest| rest.strip_suffix(": symbol not found"))
                .and_then(|rest| rest.rsplit(": ").next()),
        };
        match symbol {
            Some(symbol) => Self::NoSymbol(symbol),
            None if reason.contains("failed to map segment from shared object") => Self::NotMapped,
            None => Self::Other,
        }
    }
}

fn explain_library(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    // The name comes from the library, so a command that people paste contains only a harmless one.
    let commands = match name.bytes().all(is_plain) {
        true => format!(
            " (`apt-file search {name}` names it on Debian, `dnf provides '*/{name}'` on Fedora)"
        ),
        false => String::new(),
    };
    format!("install the package that contains {name}{commands}")
}

fn explain_version(of: &str, version: &str) -> String {
    match (version.strip_prefix("GLIBC_"), glibc()) {
        (Some(wanted), Some(here)) => format!(
            "it needs glibc {wanted}, and this machine has {here}: use it on a newer system, or get a library that is \
             built on an older one"
        ),
        _ => {
            let name = of.rsplit('/').next().unwrap_or(of);
            format!(
                "it needs a {name} with {version}, which this machine's doesn't have: install a newer one, or get a \
                 library that is built on an older system"
            )
        }
    }
}

/// True if the library's file system doesn't allow execution.
#[cfg(target_os = "linux")]
fn is_noexec(library: &Path) -> bool {
    use rustix::fs::{StatVfsMountFlags, statvfs};
    statvfs(library).is_ok_and(|system| system.f_flag.contains(StatVfsMountFlags::NOEXEC))
}

/// Returns false, because only Linux has the option `noexec`.
#[cfg(not(target_os = "linux"))]
fn is_noexec(_library: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(reason: &str) -> Cause<'_> {
        Cause::parse(reason, "/lib/plugin.so")
    }

    #[test]
    fn a_missing_library_is_named() {
        for reason in [
            "libfoo.so.1: cannot open shared object file: No such file or directory",
            "Error loading shared library libfoo.so.1: No such file or directory (needed by /lib/plugin.so)",
        ] {
            assert_eq!(parse(reason), Cause::NoLibrary("libfoo.so.1"));
        }
        // The plugin itself is missing.
        assert_eq!(
            parse("/lib/plugin.so: cannot open shared object file: No such file or directory"),
            Cause::Other
        );
    }

    #[test]
    fn a_missing_version_is_named() {
        let reason = "/lib/libc.so.6: version `GLIBC_2.99' not found (required by /lib/plugin.so)";
        let (of, version) = ("/lib/libc.so.6", "GLIBC_2.99");
        assert_eq!(parse(reason), Cause::NoVersion { of, version });
        let other = explain_version("/usr/lib/libstdc++.so.6", "GLIBCXX_3.4.99");
        assert!(other.starts_with("it needs a libstdc++.so.6 with GLIBCXX_3.4.99"));
    }

    #[test]
    fn a_missing_symbol_is_named() {
        for reason in [
            "/lib/plugin.so: undefined symbol: foo",
            "/lib/plugin.so: undefined symbol: foo, version BAR_1",
            "Error relocating /lib/plugin.so: foo: symbol not found",
        ] {
            assert_eq!(parse(reason), Cause::NoSymbol("foo"));
        }
    }

    #[test]
    fn a_shortage_is_no_fault_of_the_library() {
        for (reason, shortage) in [
            (
                "/lib/plugin.so: cannot open shared object file: Too many open files",
                Shortage::Files,
            ),
            (
                "libfoo.so.1: failed to map segment from shared object: Cannot allocate memory",
                Shortage::Memory,
            ),
        ] {
            assert_eq!(parse(reason), Cause::Shortage(shortage));
        }
    }

    #[test]
    fn any_other_reason_has_no_cause() {
        assert_eq!(parse("libfoo.so.1: file too short"), Cause::Other);
        assert_eq!(
            parse("/lib/plugin.so: failed to map segment from shared object"),
            Cause::NotMapped
        );
    }

    #[test]
    fn a_command_contains_no_name_that_a_shell_would_interpret() {
        assert!(explain_library("libfoo.so.1").contains("`apt-file search libfoo.so.1`"));
        assert!(!explain_library("$(rm -r ~).so").contains("apt-file"));
    }
}
