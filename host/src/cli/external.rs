//! External commands: an executable `tw-NAME` on PATH is the command `tw NAME`, in whichever language it is written.
//!
//! It is looked for only when nothing else has the name, and only by that name: no start lists the folders of PATH. It gets the endpoint and
//! the format in its environment, and the token only if the person said so in their configuration:
//!
//! ```toml
//! [external.NAME]
//! token = true
//! ```

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    config::{self, Settings},
    error::{Context as _, Error, ErrorKind},
    plugin::Catalog,
    process::{TOKEN, without_secrets},
    trust::{Origin, Policy, Subject},
};

/// How the name of such an executable begins.
const PREFIX: &str = "tw-";

/// The executable of this command.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    if !is_name(name) {
        return None;
    }
    let program = format!("{PREFIX}{name}{}", std::env::consts::EXE_SUFFIX);
    folders()
        .map(|folder| folder.join(&program))
        .find(|path| is_executable(path))
}

/// Whether a command can be called so. A name with a slash would be a path, not something on PATH.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && name.chars().all(plain) && !name.starts_with(['-', '.'])
}

/// All of them, by name: the first on PATH is the one that is run.
pub(super) fn all() -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for entry in folders()
        .filter_map(|folder| folder.read_dir().ok())
        .flatten()
        .flatten()
    {
        let file = entry.file_name().to_string_lossy().into_owned();
        let name = file
            .strip_prefix(PREFIX)
            .and_then(|name| name.strip_suffix(std::env::consts::EXE_SUFFIX));
        if let Some(name) = name.filter(|name| is_name(name) && is_executable(&entry.path())) {
            found.entry(name.to_owned()).or_insert_with(|| entry.path());
        }
    }
    found
}

/// The folders of PATH; one that isn't absolute is another one wherever one stands, and is none.
fn folders() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.into_iter().filter(|folder| folder.is_absolute())
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Whether the person lets this command have the token.
pub(super) fn may_have_token(name: &str) -> bool {
    config::external_has_token(name).unwrap_or(false)
}

/// Whether the policies consent to this command.
///
/// # Errors
/// One of them doesn't, or can't be read.
pub(super) fn check(catalog: &Catalog, name: &str) -> Result<(), Error> {
    Policy::read(catalog.binary())?.check(&Subject::unlocked(name, None, Origin::External))
}

/// Runs it in the place of this process: its signals and its exit code are its own.
pub(super) fn run(
    catalog: &Catalog,
    name: &str,
    path: &Path,
    arguments: &[OsString],
    settings: &Settings,
) -> Result<u8, Error> {
    check(catalog, name).context(|| format!("Cannot run {}", path.display()))?;
    let has_token = config::external_has_token(name)?;
    let mut command = Command::new(path);
    without_secrets(&mut command)
        .args(arguments)
        .env("TOWER_API_ENDPOINT", &settings.endpoint)
        .env("TOWER_CLI_OUTPUT_FORMAT", settings.format.to_string());
    if let Some(token) = settings.token.as_ref().filter(|_| has_token) {
        command.env(TOKEN, token.expose());
    }
    let files = [
        ("TW_CACERT", &settings.ca_certificate),
        ("TW_CLIENT_CERT", &settings.client_certificate),
        ("TW_CLIENT_KEY", &settings.client_key),
    ];
    for (name, file) in files {
        if let Some(file) = file {
            command.env(name, file);
        }
    }
    become_it(command, path)
}

#[cfg(unix)]
fn become_it(mut command: Command, path: &Path) -> Result<u8, Error> {
    use std::os::unix::process::CommandExt;
    // It returns only where it fails.
    let error = command.exec();
    Err(unstartable(path, &error))
}

#[cfg(not(unix))]
fn become_it(mut command: Command, path: &Path) -> Result<u8, Error> {
    let status = command
        .status()
        .map_err(|error| unstartable(path, &error))?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}

fn unstartable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::Failure,
        format!("Cannot run {}: it can't be started: {error}", path.display()),
    )
    .hint("check that it is a program for this machine, or a script whose first line names its interpreter")
}
