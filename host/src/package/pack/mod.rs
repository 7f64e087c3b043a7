//! Packs a crate or a built library into a package, after checking everything that would keep people from using it.

mod check;

use std::path::{Path, PathBuf};

use self::check::{check_crate, check_library, check_manifest};
use super::{
    archive::{self, LICENSE, Package, README},
    build::{Crate, build},
};
use crate::{
    error::{Error, ErrorKind},
    files::{self, MAX_TEXT, show_path},
    owners::Trusted,
    plugin::{
        dependencies::Dependencies,
        describe, elf,
        inspect::{inspect, inspect_bytes, unsafe_library},
    },
    store::{Digest, FORMAT, MANIFEST, PackageManifest, file_name},
    trust::{Origin, Policy, sealed::LARGEST},
};

/// The size above which a library probably contains what the host provides, in bytes.
const LARGE_LIBRARY: usize = 4 << 20;

/// The file names of a license, and the option that names another file.
const LICENSES: Names = Names {
    what: "license",
    option: "--license",
    names: &[
        "LICENSE",
        "LICENCE",
        "LICENSE.md",
        "LICENSE.txt",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "COPYING",
    ],
};
/// The file names of a readme, and the option that names another file.
const READMES: Names = Names {
    what: "readme",
    option: "--readme",
    names: &["README.md", "README", "README.txt"],
};

struct Names {
    what: &'static str,
    option: &'static str,
    names: &'static [&'static str],
}

/// The files to pack.
#[derive(Debug, Default)]
pub(crate) struct Input {
    /// A crate's folder, or a built library.
    pub(crate) path: PathBuf,
    pub(crate) license: Option<PathBuf>,
    pub(crate) readme: Option<PathBuf>,
}

/// A package that was made.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) file_name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) manifest: PackageManifest,
    /// Remarks for the author, although the package could be made.
    pub(crate) warnings: Vec<String>,
}

/// A library to pack.
struct Library {
    path: PathBuf,
    bytes: Vec<u8>,
    /// The version in the crate's `Cargo.toml`; `None` if the library was built before.
    crate_version: Option<String>,
}

/// Makes a package. `binary` is this `tw`, which runs the library to read its manifest, and `built_in` are the names of its own commands.
///
/// # Errors
/// The library can't be built or read, or something must be corrected first: then the message lists everything.
pub(crate) fn pack(input: &Input, binary: &Path, built_in: &[&str]) -> Result<Packed, Error> {
    let mut errors = Vec::new();
    let path = input.path.canonicalize().map_err(|error| {
        let message = format!("{} can't be read: {error}", show_path(&input.path));
        Error::new(ErrorKind::Input, message).hint("name a crate's folder or a built library")
    })?;
    // The owner of a crate decides what is built from it. In a container, the owner is often not the user who packs the crate.
    let trusted = match path.is_dir() {
        true => Trusted::this_user().with_owners_of(&path),
        false => Ok(Trusted::this_user()),
    };
    let trusted = trusted.map_err(unsafe_library)?;
    let (found, folder) = match path.is_dir() {
        true => (Some(Crate::read(&path, &trusted)?), path.as_path()),
        false => (None, path.parent().unwrap_or(Path::new("/"))),
    };
    let license = read_text(&LICENSES, input.license.as_deref(), folder);
    let readme = read_text(&READMES, input.readme.as_deref(), folder);
    errors.extend(license.as_ref().err().cloned());
    errors.extend(readme.as_ref().err().cloned());
    // A build takes minutes, so everything that needs no build is checked before it.
    if let Some(found) = &found {
        check_crate(found, &mut errors);
        if !errors.is_empty() {
            return Err(combine(errors));
        }
    }

    let library = read_library(&path, found)?;
    let policy = Policy::read(binary)?;
    let note = inspect_bytes(&library.bytes, policy.libraries())?;
    let inspected = inspect(&library.path, &trusted, policy.libraries())?;
    // Describing the plugin runs code of it. Rules about origins and signatures don't apply: packing is how a plugin gets a signature.
    inspected.check(&policy, Origin::Bundled, false)?;
    let plugin = describe::describe(binary, inspected)?;
    check_library(&library, &note, &plugin, &mut errors);
    check_manifest(&plugin, built_in, &mut errors);
    let (Ok(license), Ok(readme), true) = (license, readme, errors.is_empty()) else {
        return Err(combine(errors));
    };

    let manifest = PackageManifest {
        format: FORMAT,
        library: file_name(&plugin.name),
        digest: Digest::of(&library.bytes),
        glibc: elf::find_glibc(&library.bytes),
        plugin,
    };
    let warnings = find_warnings(&library.bytes, &manifest);
    let bytes = write(&manifest, library.bytes, license, readme)?;
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

/// Reads a built library, or builds the crate in a folder and reads its library.
fn read_library(path: &Path, found: Option<Crate>) -> Result<Library, Error> {
    let (path, crate_version) = match found {
        Some(found) => (build(path)?, Some(found.version)),
        None => (path.to_owned(), None),
    };
    let bytes = files::read_at_most(&path, LARGEST).map_err(|error| {
        Error::new(
            ErrorKind::Input,
            format!("{} can't be read: {error}", show_path(&path)),
        )
        .hint("make the file readable")
    })?;
    Ok(Library {
        path,
        bytes,
        crate_version,
    })
}

/// Makes one error of several: its message lists each of them with its hint.
fn combine(mut errors: Vec<Error>) -> Error {
    if errors.len() == 1 {
        return errors.remove(0);
    }
    let list: String = errors
        .iter()
        .map(|error| format!("\n  {error}\n    {}", error.next_step().unwrap_or_default()))
        .collect();
    Error::new(
        ErrorKind::Input,
        format!("{} things need to be corrected{list}", errors.len()),
    )
    .hint("correct them, and pack it again")
}

/// Writes the archive, and reads it again as `tw plugin install` would.
fn write(
    manifest: &PackageManifest,
    library: Vec<u8>,
    license: Vec<u8>,
    readme: Vec<u8>,
) -> Result<Vec<u8>, Error> {
    let explain = |error: std::io::Error| {
        Error::new(
            ErrorKind::Failure,
            format!("the archive can't be made: {error}"),
        )
        .hint("try again")
    };
    let mut text = serde_json::to_vec_pretty(manifest).map_err(|error| explain(error.into()))?;
    text.push(b'\n');
    let files = [
        (MANIFEST.to_owned(), text),
        (manifest.library.clone(), library),
        (LICENSE.to_owned(), license),
        (README.to_owned(), readme),
    ];
    let bytes = archive::write(&files).map_err(explain)?;
    Package::read(&bytes)?;
    Ok(bytes)
}

fn find_warnings(library: &[u8], manifest: &PackageManifest) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(glibc) = &manifest.glibc {
        warnings.push(format!(
            "it needs glibc {glibc}: machines with an older glibc can't use it; \
             build it on an older system to support them"
        ));
    }
    if library.len() > LARGE_LIBRARY {
        warnings.push(format!(
            "its library has {} KB: a plugin that leaves HTTP, TLS and runtimes to the host \
             has about 500",
            library.len() / 1000
        ));
    }
    if elf::has_symbols(library) {
        warnings.push(format!(
            "its library has {} KB with the symbols for debuggers: set `strip = true` under \
             `[profile.release]` in its Cargo.toml",
            library.len() / 1000
        ));
    }
    let dependencies = Dependencies::read(library).unwrap_or_default();
    let additions = dependencies.additions();
    if !additions.is_empty() {
        warnings.push(format!(
            "it needs libraries that are not part of the system: {}; it can be installed only where the policy names them \
             under `libraries`",
            additions.join(", ")
        ));
    }
    warnings
}

/// Reads a text of the package: the file that was named, or one in this folder or in a folder above it of the same git repository.
fn read_text(names: &Names, named: Option<&Path>, folder: &Path) -> Result<Vec<u8>, Error> {
    let what = names.what;
    if let Some(named) = named {
        return files::read_at_most(named, MAX_TEXT).map_err(|error| {
            Error::new(
                ErrorKind::Input,
                format!("the {what} {} can't be read: {error}", show_path(named)),
            )
            .hint("check that the path is right")
        });
    }
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    for folder in folder.ancestors() {
        let mut texts = names.names.iter().map(|name| folder.join(name));
        if let Some(found) = texts.find_map(|file| files::read_at_most(&file, MAX_TEXT).ok()) {
            return Ok(found);
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Err(
        Error::new(ErrorKind::NotFound, format!("there is no {what}")).hint(format!(
            "put a {} beside its Cargo.toml, or name a file with `{} FILE`",
            names.names[0], names.option
        )),
    )
}
