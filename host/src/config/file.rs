//! The configuration file `config.toml`. It is read when a plugin asks for its section, when the host first connects, or when an external
//! command is run, and never before. Commands that connect to a registry read the registry's section.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};

use super::folder;
use crate::{
    error::{Error, ErrorKind},
    files::{self, show_path},
    owners::{Distrust, Obstacle, read_own, warn_unused},
};

/// True if the section `[external.NAME]` lets the external command of this name have the token.
///
/// # Errors
/// If the section can't be read, or has an unknown key or a value of another type. A typing error must not be ignored.
pub(crate) fn external_has_token(name: &str) -> Result<bool, Error> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct External {
        #[serde(deserialize_with = "token")]
        token: bool,
    }
    let section: Option<External> = section(&["external", name])?;
    Ok(section.unwrap_or_default().token)
}

/// Reads the permission `token`. The error doesn't quote the value, because a user may have put the token itself there.
fn token<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    bool::deserialize(value).map_err(|_| D::Error::custom("token should be true or false"))
}

/// Returns the section `[http]`; the default if the file doesn't have it.
pub(super) fn http<T: DeserializeOwned + Default>() -> Result<T, Error> {
    Ok(section(&["http"])?.unwrap_or_default())
}

/// Reads the section at this path of keys. `None` if there is no file, or no such section in it.
pub(super) fn section<T: DeserializeOwned>(keys: &[&str]) -> Result<Option<T>, Error> {
    let Some(path) = path() else { return Ok(None) };
    let mut value = toml::Value::Table(read(&path)?);
    for key in keys {
        let found = match &mut value {
            toml::Value::Table(table) => table.remove(*key),
            _ => return Err(not_a_section(&path, keys)),
        };
        let Some(found) = found else { return Ok(None) };
        value = found;
    }
    if !value.is_table() {
        return Err(not_a_section(&path, keys));
    }
    value
        .try_into()
        .map(Some)
        .map_err(|error: toml::de::Error| {
            let message = error.message();
            let message = match message.starts_with('`') {
                true => message.to_owned(),
                false => format!("`[{}]`: {message}", keys.join(".")),
            };
            unusable(&path, message)
        })
}

pub(super) fn not_a_section(path: &Path, keys: &[&str]) -> Error {
    unusable(path, format!("`{}` is not a section", keys.join(".")))
}

/// Returns the path of the file; `None` if no home directory is set.
pub(super) fn path() -> Option<PathBuf> {
    Some(folder()?.join("config.toml"))
}

/// Reads the text of the file. A missing file is an empty one, and so is a file that can't be reached.
pub(super) fn read_text(path: &Path) -> Result<String, Error> {
    let bytes = match read_own(path, files::MAX_TEXT) {
        Ok(bytes) => bytes,
        Err(Distrust::Missing | Distrust::Unreadable(_)) if warn_of_obstacle(path) => {
            return Ok(String::new());
        }
        Err(Distrust::Missing) => return Ok(String::new()),
        Err(Distrust::Unreadable(error)) => return Err(unusable(path, error)),
        Err(distrust) => {
            let what = format!("The configuration {}", show_path(path));
            return Err(distrust.explain(&what, "write it again"));
        }
    };
    String::from_utf8(bytes).map_err(|error| match files::find_leftover(error.as_bytes()) {
        Some((what, hint)) => unusable(path, format!("the file {what}")).hint(hint),
        None => unusable(path, "the file is not UTF-8"),
    })
}

/// Warns if the file can't be reached, for example in the home of another user. Returns false if the file can be reached, or nothing is there.
fn warn_of_obstacle(path: &Path) -> bool {
    let Some(obstacle) = Obstacle::find(path) else {
        return false;
    };
    if obstacle.is_new() {
        let error = obstacle.explain(&format!("the configuration {}", show_path(path)));
        warn_unused(&error);
    }
    true
}

fn read(path: &Path) -> Result<toml::Table, Error> {
    let text = read_text(path)?;
    toml::from_str(&text).map_err(|error| invalid(path, &text, &error))
}

/// Returns the error of a text that is no TOML. It names the line and doesn't quote it, because the file may hold secrets.
pub(super) fn invalid(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    if let Some((what, hint)) = files::find_leftover(text.as_bytes()) {
        return unusable(path, format!("the file {what}")).hint(hint);
    }
    let line = files::line_of(text, error.span());
    unusable(path, format!("line {line} is not valid TOML"))
}

pub(super) fn unusable(path: &Path, reason: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Input,
        format!(
            "Cannot read the configuration {}: {reason}",
            show_path(path)
        ),
    )
    .hint("correct the file, or remove it")
}
