//! External commands: an executable `tw-NAME` on PATH is the command `tw NAME`, in any language.
//!
//! PATH is searched only for a name that no built-in command and no plugin has, so other commands never pay for the search. The executable gets
//! the endpoint and the output format in its environment. It gets the token only if the configuration file allows it:
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

use reqwest::Url;

use crate::{
    config::{Configuration, HostLog, Settings},
    credentials,
    error::{Context as _, Error, ErrorKind},
    files::show_path,
    owners::Trusted,
    plugin::Catalog,
    process::{Shortage, TOKEN, variable},
    service::http::{
        parse_endpoint,
        proxy::{Source, source_for},
    },
    stdio::ErrorFormat,
    trust::{Origin, Policy, Subject},
};

/// The beginning of the executable's file name.
const PREFIX: &str = "tw-";

/// Returns the executable of this command; `None` if PATH has none.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    if !is_name(name) {
        return None;
    }
    let program = format!("{PREFIX}{name}{}", std::env::consts::EXE_SUFFIX);
    programs(&program).next()
}

/// Returns the executables of this name, in the order of PATH.
pub(super) fn programs(name: &str) -> impl Iterator<Item = PathBuf> {
    let paths = folders().map(move |folder| folder.join(name));
    paths.filter(|path| is_executable(path))
}

/// True if a command can have this name. A name with a slash would be a path and would not be searched on PATH.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && name.chars().all(plain) && !name.starts_with(['-', '.'])
}

/// Returns all external commands by name. If several have the same name, the first on PATH counts.
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

/// Returns the folders of PATH. A relative folder is ignored, because its meaning would depend on the working directory.
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

/// True if the configuration file lets this command have the token.
pub(super) fn may_have_token(name: &str) -> bool {
    Configuration::load().is_ok_and(|configuration| configuration.external_has_token(name))
}

/// Checks that the policies allow this command, and that nobody could have written the executable who can't replace `tw` too.
///
/// # Errors
/// If a policy forbids the command or can't be read, or if somebody else could have written the executable.
pub(super) fn check(catalog: &Catalog, name: &str, path: &Path) -> Result<(), Error> {
    Policy::read(catalog.binary())?.check(&Subject::unlocked(name, None, Origin::External))?;
    let trusted = Trusted::this_user().with_writers_of(catalog.binary());
    let checked = trusted.and_then(|trusted| trusted.check(path));
    checked.map_err(|distrust| distrust.explain("the executable", "install it again"))?;
    Ok(())
}

/// Replaces this process with the external command, so that signals reach the command directly and its exit code becomes the exit code of `tw`.
pub(super) fn run(
    catalog: &Catalog,
    name: &str,
    path: &Path,
    arguments: &[OsString],
    settings: &Settings,
) -> Result<u8, Error> {
    check(catalog, name, path).context(|| format!("Cannot run {}", show_path(path)))?;
    let has_token = Configuration::load()?.external_has_token(name);
    let mut command = Command::new(path);
    command
        .args(arguments)
        .env("TOWER_API_ENDPOINT", &settings.endpoint)
        .env("TOWER_CLI_OUTPUT_FORMAT", settings.format.to_string())
        .env("TW_ERROR_FORMAT", ErrorFormat::selected().name());
    // The decision about the token stands above. A file that the variable names must not bypass that decision.
    command.env_remove("TOWER_ACCESS_TOKEN_FILE");
    if let Some(token) = settings.token.as_ref().filter(|_| has_token) {
        command.env(TOKEN, token.value.expose());
    } else if has_token {
        let endpoint = parse_endpoint(&settings.endpoint)?;
        if let Some(found) = credentials::find(settings, &endpoint)? {
            command.env(TOKEN, found.token.expose());
        }
    }
    // The command gets what the profile says, so its own `tw` commands work as this one does.
    if let Some(profile) = &settings.profile {
        command.env("TW_PROFILE", &profile.value);
    }
    if let Some(workspace) = &settings.workspace
        && variable("TOWER_WORKSPACE_ID").is_none()
    {
        command.env("TOWER_WORKSPACE_ID", &workspace.value);
    }
    // curl reads `http_proxy` only in lower case.
    for (name, scheme) in [("https_proxy", "https"), ("http_proxy", "http")] {
        let any = Url::parse(&format!("{scheme}://any.invalid"));
        if let Some(Source::Setting(proxy)) = any.ok().as_ref().and_then(source_for) {
            command.env(name, &proxy.value);
        }
    }
    let files = [
        ("TW_CACERT", &settings.ca_certificate),
        ("TW_CLIENT_CERT", &settings.client_certificate),
        ("TW_CLIENT_KEY", &settings.client_key),
    ];
    for (name, file) in files {
        if let Some(file) = file {
            command.env(name, &file.value);
        }
    }
    HostLog::new(settings).write(&format!("runs the external command {}", show_path(path)));
    exec_external(command, path)
}

#[cfg(unix)]
fn exec_external(mut command: Command, path: &Path) -> Result<u8, Error> {
    use std::os::unix::process::CommandExt;
    // `exec` returns only if it fails.
    let error = command.exec();
    Err(unstartable(path, &error))
}

#[cfg(not(unix))]
fn exec_external(mut command: Command, path: &Path) -> Result<u8, Error> {
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
        format!("Cannot run {}: it can't be started: {error}", show_path(path)),
    )
    .hint(match Shortage::of(error) {
        Some(shortage) => shortage.remedy(),
        None => "check that it is a program for this machine, or a script whose first line names its interpreter",
    })
}
