//! Builds a plugin's crate with cargo.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    error::{Error, ErrorKind},
    process::without_secrets,
};

/// The library of a crate that was built.
pub(super) struct Built {
    pub(super) library: PathBuf,
    /// The crate's version.
    pub(super) version: String,
}

/// Builds the crate in a folder. cargo prints its progress to standard error.
pub(super) fn build(folder: &Path) -> Result<Built, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = without_secrets(&mut Command::new(cargo))
        .current_dir(folder)
        .args([
            "build",
            "--release",
            "--lib",
            "--message-format=json-render-diagnostics",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| {
            Error::new(
                ErrorKind::Failure,
                format!("cargo can't be started: {error}"),
            )
            .hint("install Rust, or name a built library")
        })?;
    if !output.status.success() {
        return Err(Error::new(
            ErrorKind::Failure,
            format!("the crate in {} doesn't build", folder.display()),
        )
        .hint("correct the errors that cargo shows above"));
    }
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let mut libraries = lines.filter_map(|line| parse_artifact(line, &folder));
    libraries.next_back().ok_or_else(|| {
        Error::new(
            ErrorKind::Input,
            format!("the crate in {} makes no shared library", folder.display()),
        )
        .hint("set `crate-type = [\"cdylib\"]` under `[lib]` in its Cargo.toml")
    })
}

/// Reads a line of cargo's output; `None` if the line isn't about a shared library of the crate in this folder.
fn parse_artifact(line: &[u8], folder: &Path) -> Option<Built> {
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
    // The ID is `path+file:///…#0.1.0` or `path+file:///…#name@0.1.0`.
    let id = message["package_id"].as_str().unwrap_or_default();
    let version = id.rsplit(['#', '@']).next().unwrap_or_default();
    Some(Built {
        library: library.into(),
        version: version.to_owned(),
    })
}
