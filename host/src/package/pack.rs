//! Packing: a crate or a built library becomes a package, and whatever would keep people from using it is found first.

use std::{
    fs,
    path::{Path, PathBuf},
};

use semver::Version;
use tw_plugin_protocol::Manifest;

use super::{
    archive::{self, LICENCE, README},
    build::build,
    glibc,
};
use crate::{
    error::{Error, ErrorKind},
    plugin::{describe, inspect::inspect_bytes},
    store::{Digest, FORMAT, MANIFEST, PackageManifest, file_name},
    trust::keys::is_name,
};

/// A library that is larger is no plugin, in bytes.
const LARGEST_LIBRARY: usize = 64 << 20;
/// A library that is larger probably brings what the host has, in bytes.
const LARGE_LIBRARY: usize = 4 << 20;

/// What of the system a plugin may need: all of it is on every machine of its kind.
const USUAL: [&str; 9] = [
    "libc.so",
    "libm.so",
    "libdl.so",
    "libpthread.so",
    "librt.so",
    "libgcc_s.so",
    "ld-linux",
    "libutil.so",
    "libstdc++.so",
];

/// What a licence is called, and a readme.
const LICENCES: [&str; 7] = [
    "LICENSE",
    "LICENCE",
    "LICENSE.md",
    "LICENSE.txt",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "COPYING",
];
const READMES: [&str; 3] = ["README.md", "README", "README.txt"];

/// What is packed.
#[derive(Debug, Default)]
pub(crate) struct Input {
    /// A crate's folder, or a built library.
    pub(crate) path: PathBuf,
    pub(crate) licence: Option<PathBuf>,
    pub(crate) readme: Option<PathBuf>,
}

/// A package that was made.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) file_name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) manifest: PackageManifest,
    /// What its author should know, and is no reason not to make it.
    pub(crate) warnings: Vec<String>,
}

/// Makes a package.
///
/// # Errors
/// All that has to be mended first: each with its mend.
pub(crate) fn pack(input: &Input, binary: &Path, built_in: &[&str]) -> Result<Packed, Vec<Error>> {
    let one = |problem: Error| vec![problem];
    let is_crate = input.path.is_dir();
    let built = match is_crate {
        true => Some(build(&input.path).map_err(one)?),
        false => None,
    };
    let library_path = match &built {
        Some(built) => built.library.clone(),
        None => input.path.canonicalize().map_err(|error| {
            one(Error::new(
                ErrorKind::Input,
                format!("{} can't be read: {error}", input.path.display()),
            )
            .hint("name a crate's folder or a built library"))
        })?,
    };
    let library = fs::read(&library_path).map_err(|error| {
        one(Error::new(
            ErrorKind::Input,
            format!("{} can't be read: {error}", library_path.display()),
        )
        .hint("make it readable"))
    })?;
    let note = inspect_bytes(&library).map_err(one)?;
    let plugin = describe::describe(binary, &library_path).map_err(one)?;

    let mut problems = Vec::new();
    if let Some(built) = built.filter(|built| built.version != note.version) {
        problems.push(Error::new(ErrorKind::Failure, format!(
                "the crate's version is {}, and that of the library {}: another crate is built into the same folder",
                built.version, note.version
            )).hint("build it into a folder of its own: set CARGO_TARGET_DIR"));
    }
    if note.version != plugin.version
        || note
            .package
            .strip_prefix("tw-plugin-")
            .unwrap_or(&note.package)
            != plugin.name
    {
        problems.push(
            Error::new(
                ErrorKind::Failure,
                "its note and its manifest name different plugins",
            )
            .hint("build it anew: `cargo clean`, `cargo build --release`"),
        );
    }
    check_manifest(&plugin, built_in, &mut problems);
    // Beside the crate, or beside the library.
    let place = match is_crate {
        true => input.path.as_path(),
        false => library_path.parent().unwrap_or(Path::new("/")),
    };
    let licence = text("licence", input.licence.as_deref(), place, &LICENCES);
    let readme = text("readme", input.readme.as_deref(), place, &READMES);
    problems.extend(licence.as_ref().err().cloned());
    problems.extend(readme.as_ref().err().cloned());
    if library.len() > LARGEST_LIBRARY {
        problems.push(
            Error::new(
                ErrorKind::Failure,
                format!("its library has {} bytes", library.len()),
            )
            .hint("build it with `--release`, and leave HTTP, TLS and runtimes to the host"),
        );
    }
    let (Ok(licence), Ok(readme), true) = (licence, readme, problems.is_empty()) else {
        return Err(problems);
    };
    let manifest = PackageManifest {
        format: FORMAT,
        library: file_name(&plugin.name),
        digest: Digest::of(&library),
        glibc: glibc::needed(&library),
        plugin,
    };
    let warnings = warnings(&library, &manifest);
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(|error| {
        one(Error::new(ErrorKind::Failure, error.to_string()).hint("tell its author"))
    })?;
    text.push(b'\n');
    let files = [
        (MANIFEST.to_owned(), text),
        (manifest.library.clone(), library),
        (LICENCE.to_owned(), licence),
        (README.to_owned(), readme),
    ];
    let bytes = archive::write(&files).map_err(|error| {
        one(
            Error::new(ErrorKind::Failure, format!("it can't be written: {error}"))
                .hint("make room"),
        )
    })?;
    // Whoever can't install it is better told now.
    archive::Package::read(&bytes).map_err(one)?;
    let plugin = &manifest.plugin;
    Ok(Packed {
        file_name: format!(
            "{}-{}-{}{}",
            plugin.name,
            plugin.version,
            plugin.target,
            archive::SUFFIX
        ),
        bytes,
        manifest,
        warnings,
    })
}

fn check_manifest(plugin: &Manifest, built_in: &[&str], problems: &mut Vec<Error>) {
    let mut wrong = |reason: String, mend: &str| {
        problems.push(Error::new(ErrorKind::Failure, reason).hint(mend))
    };
    if !is_name(&plugin.name) {
        wrong(
            format!(
                "`{}` is no name of a plugin",
                tw_render::text::visible(&plugin.name)
            ),
            "call the package `tw-plugin-NAME`, with small letters, digits and hyphens in NAME",
        );
    }
    if plugin.version.parse::<Version>().is_err() {
        wrong(
            format!("its version `{}` is none", plugin.version),
            "set `version = \"1.2.3\"` in its Cargo.toml",
        );
    }
    for (what, value, mend) in [
        (
            "description",
            &plugin.description,
            "set `description` in its Cargo.toml: people see it before they install it",
        ),
        (
            "licence",
            &plugin.license,
            "set `license` in its Cargo.toml, an SPDX expression as `Apache-2.0`",
        ),
        (
            "author",
            &plugin.vendor,
            "set `authors` in its Cargo.toml: people see who makes it before they install it",
        ),
    ] {
        if value.is_empty() {
            wrong(format!("its manifest names no {what}"), mend);
        }
    }
    for command in &plugin.commands {
        if built_in.contains(&command.name.as_str()) {
            wrong(
                format!(
                    "its command `{}` has the name of one of tw's own and can't be run",
                    command.name
                ),
                "give it another name",
            );
        }
        check_help(&command.name, command, &mut wrong);
    }
}

fn check_help(
    path: &str,
    command: &tw_plugin_protocol::Command,
    wrong: &mut impl FnMut(String, &str),
) {
    if command.about.is_empty() {
        wrong(
            format!("`tw {path}` has no help"),
            "a doc comment on its arguments, or `Command::about`, is its line of help",
        );
    }
    for below in &command.subcommands {
        check_help(&format!("{path} {}", below.name), below, wrong);
    }
}

fn warnings(library: &[u8], manifest: &PackageManifest) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(glibc) = &manifest.glibc {
        warnings.push(format!(
            "it needs glibc {glibc}: machines with an older one can't use it; build it on an older system to reach them"
        ));
    }
    if library.len() > LARGE_LIBRARY {
        warnings.push(format!(
            "its library has {} KB: a plugin that leaves HTTP, TLS and runtimes to the host has about 500",
            library.len() / 1000
        ));
    }
    let needed = needed_libraries(library);
    let unusual: Vec<&str> = needed
        .iter()
        .map(String::as_str)
        .filter(|name| !USUAL.iter().any(|usual| name.starts_with(usual)))
        .collect();
    if !unusual.is_empty() {
        warnings.push(format!(
            "it needs libraries that not every machine has: {}",
            unusual.join(", ")
        ));
    }
    warnings
}

/// The libraries that a library needs, by name.
fn needed_libraries(library: &[u8]) -> Vec<String> {
    use object::{
        elf::DT_NEEDED,
        read::elf::{Dyn, ElfFile64, FileHeader, SectionHeader},
    };
    let read = || {
        let file = ElfFile64::<object::Endianness>::parse(library).ok()?;
        let header = file.elf_header();
        let endian = header.endian().ok()?;
        let sections = header.sections(endian, library).ok()?;
        let (entries, strings) = sections
            .iter()
            .find_map(|section| section.dynamic(endian, library).ok().flatten())?;
        let strings = sections.strings(endian, library, strings).ok()?;
        let needed = entries
            .iter()
            .filter(|entry| entry.tag(endian) == DT_NEEDED);
        let names = needed.filter_map(|entry| entry.string(endian, strings).ok());
        Some(
            names
                .map(|name| String::from_utf8_lossy(name).into_owned())
                .collect(),
        )
    };
    read().unwrap_or_default()
}

/// A text of the package: the one that was named, or one beside the crate or in a folder above it of the same repository.
fn text(what: &str, named: Option<&Path>, place: &Path, names: &[&str]) -> Result<Vec<u8>, Error> {
    if let Some(named) = named {
        return fs::read(named).map_err(|error| {
            Error::new(
                ErrorKind::Input,
                format!("the {what} {} can't be read: {error}", named.display()),
            )
            .hint("see that the path is right")
        });
    }
    let place = place.canonicalize().unwrap_or_else(|_| place.to_owned());
    for folder in place.ancestors() {
        let mut files = names.iter().map(|name| folder.join(name));
        if let Some(found) = files.find_map(|file| fs::read(file).ok()) {
            return Ok(found);
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    let (file, option) = (
        names[0],
        if what == "readme" {
            "readme"
        } else {
            "license"
        },
    );
    Err(
        Error::new(ErrorKind::NotFound, format!("there is no {what}")).hint(format!(
            "put a {file} beside its Cargo.toml, or name one with `--{option} FILE`"
        )),
    )
}
