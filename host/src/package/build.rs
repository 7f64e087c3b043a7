//! A crate is built with cargo.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    error::{Error, ErrorKind},
    process::without_secrets,
};

/// What cargo made of a crate.
pub(super) struct Built {
    pub(super) library: PathBuf,
    /// The crate's.
    pub(super) version: String,
}

/// Builds the crate, and says where its library is.
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
        .hint("mend what cargo says above"));
    }
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let messages = output.stdout.split(|byte| *byte == b'\n');
    let mut libraries = messages.filter_map(|line| {
        let message: Value = serde_json::from_slice(line).ok()?;
        let is_ours = message["manifest_path"]
            .as_str()
            .is_some_and(|path| Path::new(path).parent() == Some(&folder));
        let files = message["filenames"].as_array().filter(|_| is_ours)?;
        let library = files
            .iter()
            .filter_map(Value::as_str)
            .find(|file| file.ends_with(std::env::consts::DLL_SUFFIX))?;
        // `path+file:///…#0.1.0`, or `…#name@0.1.0`.
        let id = message["package_id"].as_str().unwrap_or_default();
        let version = id.rsplit(['#', '@']).next().unwrap_or_default();
        Some(Built {
            library: library.into(),
            version: version.to_owned(),
        })
    });
    libraries.next_back().ok_or_else(|| {
        Error::new(
            ErrorKind::Failure,
            format!("the crate in {} makes no shared library", folder.display()),
        )
        .hint("set `crate-type = [\"cdylib\"]` under `[lib]` in its Cargo.toml")
    })
}
