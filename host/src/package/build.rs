//! Asks cargo about a plugin's crate, and builds it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    error::{Error, ErrorKind},
    files::show_path,
    owners::{Distrust, Trusted},
    process::variable,
};

/// A plugin's crate, as `cargo metadata` describes it.
#[derive(Debug, Deserialize)]
pub(crate) struct Crate {
    pub(super) version: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) license: Option<String>,
    #[serde(default)]
    pub(super) authors: Vec<String>,
    manifest_path: PathBuf,
    targets: Vec<CargoTarget>,
    /// cargo's target folder. The only part of what cargo says that is not about the package.
    #[serde(skip)]
    pub(crate) target: PathBuf,
    /// The file name of the shared library that the crate makes.
    #[serde(skip)]
    pub(crate) library: String,
}

/// A library or a binary of a crate.
#[derive(Debug, Deserialize)]
struct CargoTarget {
    name: String,
    crate_types: Vec<String>,
}

impl Crate {
    /// Asks cargo about the crate in a folder. Only trusted users may be able to write the crate, because cargo may run code of the crate.
    ///
    /// # Errors
    /// If cargo can't be started, if a stranger could have written its settings, or if the folder has no crate that makes a shared library.
    pub(crate) fn read(folder: &Path, trusted: &Trusted) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Metadata {
            packages: Vec<Crate>,
            target_directory: PathBuf,
        }
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        check_settings(&folder, trusted)?;
        let arguments = ["metadata", "--no-deps", "--format-version", "1"];
        let output = run_cargo(&folder, &arguments)?;
        let metadata: Option<Metadata> = serde_json::from_slice(&output.stdout).ok();
        let no_crate = || {
            Error::new(
                ErrorKind::Input,
                format!("cargo finds no crate in {}", show_path(&folder)),
            )
            .hint("name a built library, or the folder with its crate's Cargo.toml")
        };
        let metadata = metadata.filter(|_| output.status.success());
        let metadata = metadata.ok_or_else(no_crate)?;
        let mut packages = metadata.packages.into_iter();
        let found = packages.find(|package| package.manifest_path.parent() == Some(&folder));
        let mut found = found.ok_or_else(no_crate)?;
        found.target = metadata.target_directory;
        found.library = found.find_library().ok_or_else(|| no_library(&folder))?;
        Ok(found)
    }

    /// Returns the file name of the shared library that the crate makes. `None` if it makes none.
    fn find_library(&self) -> Option<String> {
        let is_shared =
            |target: &&CargoTarget| target.crate_types.iter().any(|kind| kind == "cdylib");
        let target = self.targets.iter().find(is_shared)?;
        Some(format!(
            "{}{}{}",
            std::env::consts::DLL_PREFIX,
            target.name.replace('-', "_"),
            std::env::consts::DLL_SUFFIX
        ))
    }
}

/// The files in the folders above a crate that decide what cargo and rustup run, and where cargo builds.
const SETTINGS: [&str; 5] = [
    "Cargo.toml",
    ".cargo/config.toml",
    ".cargo/config",
    "rust-toolchain.toml",
    "rust-toolchain",
];

/// The files in the home folder that do so, unless the environment names other folders.
const HOME_SETTINGS: [(&str, &str); 3] = [
    ("CARGO_HOME", ".cargo/config.toml"),
    ("CARGO_HOME", ".cargo/config"),
    ("RUSTUP_HOME", ".rustup/settings.toml"),
];

/// Checks that only trusted users could have written a crate, and the settings of cargo in the folders above it and in the home folder.
fn check_settings(folder: &Path, trusted: &Trusted) -> Result<(), Error> {
    let check = |path: &Path| match trusted.check(path) {
        Ok(_) | Err(Distrust::Missing) => Ok(()),
        Err(distrust) => Err(distrust.explain(&show_path(path), "write it again")),
    };
    check(folder)?;
    for folder in folder.ancestors() {
        for name in SETTINGS {
            check(&folder.join(name))?;
        }
    }
    let home = variable("HOME").map(PathBuf::from);
    for (name, file) in HOME_SETTINGS {
        if let Some(home) = home.as_ref().filter(|_| variable(name).is_none()) {
            check(&home.join(file))?;
        }
    }
    Ok(())
}

fn no_library(folder: &Path) -> Error {
    Error::new(
        ErrorKind::Input,
        format!("the crate in {} makes no shared library", show_path(folder)),
    )
    .hint("set `crate-type = [\"cdylib\"]` under `[lib]` in its Cargo.toml")
}

/// Builds the crate in a folder and returns its library. cargo prints its progress to standard error.
pub(super) fn build(folder: &Path) -> Result<PathBuf, Error> {
    let arguments = [
        "build",
        "--release",
        "--lib",
        "--message-format=json-render-diagnostics",
    ];
    let output = run_cargo(folder, &arguments)?;
    if !output.status.success() {
        return Err(Error::new(
            ErrorKind::Failure,
            format!("the crate in {} doesn't build", show_path(folder)),
        )
        .hint("correct the errors that cargo shows above"));
    }
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let mut libraries = lines.filter_map(|line| parse_artifact(line, &folder));
    libraries.next_back().ok_or_else(|| no_library(&folder))
}

/// Runs cargo in a folder. Its standard error is that of `tw`.
fn run_cargo(folder: &Path, arguments: &[&str]) -> Result<Output, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| {
            Error::new(
                ErrorKind::Failure,
                format!("cargo can't be started: {error}"),
            )
            .hint("install Rust, or name a built library")
        })
}

/// Reads a line of cargo's output; `None` if the line isn't about a shared library of the crate in this folder.
fn parse_artifact(line: &[u8], folder: &Path) -> Option<PathBuf> {
    let message: Value = serde_json::from_slice(line).ok()?;
    let manifest = Path::new(message["manifest_path"].as_str()?);
    if manifest.parent() != Some(folder) {
        return None;
    }
    let mut files = message["filenames"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str);
    let library = files.find(|file| file.ends_with(std::env::consts::DLL_SUFFIX))?;
    Some(library.into())
}
