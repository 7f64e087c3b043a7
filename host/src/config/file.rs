//! A configuration file: who may have written it, its text, and its place in it.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use tw_render::text::visible;

use super::{
    check::{Mistake, find_mistakes},
    folder,
    origin::Place,
};
use crate::{
    error::{Error, ErrorKind, code},
    files::{self, show_path},
    owners::{Distrust, Trusted, read_trusted, warn_of_obstacle},
};

/// The name of every configuration file.
const NAME: &str = "config.toml";

/// A configuration file that was read. It lives as long as the process, because its table borrows from its text.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(super) text: &'static str,
    pub(super) table: DeTable<'static>,
}

/// Returns the path of the user's file; `None` if no home directory is set.
pub(crate) fn user_path() -> Option<PathBuf> {
    Some(folder()?.join(NAME))
}

/// Returns the paths of the system's files, with the users who may write each: the file of the installation before the file of the machine.
pub(crate) fn system_paths() -> Vec<(PathBuf, Trust)> {
    let binary = crate::process::binary().ok();
    let prefix = binary.and_then(|binary| Some((super::prefix_folder(binary)?, binary)));
    let of_prefix = prefix.map(|(folder, binary)| (folder.join(NAME), Trust::WritersOf(binary)));
    let of_machine = (super::machine_folder().join(NAME), Trust::Own);
    of_prefix.into_iter().chain([of_machine]).collect()
}

/// Who may have written a file, besides root and this user.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trust {
    /// No one.
    Own,
    /// Everybody who can replace this binary, because they decide what `tw` does anyway.
    WritersOf(&'static Path),
}

impl Trust {
    fn users(self) -> Result<Trusted, Distrust> {
        match self {
            Self::Own => Ok(Trusted::this_user()),
            Self::WritersOf(binary) => Trusted::this_user().with_writers_of(binary),
        }
    }
}

impl File {
    /// Reads a file and compares it with the schema. `None` if there is no file.
    ///
    /// # Errors
    /// If somebody else could have written the file, or if the file can't be read or has a mistake.
    pub(super) fn read(path: &Path, trust: Trust) -> Result<Option<Self>, Error> {
        let Some(file) = Self::read_unchecked(path, trust)? else {
            return Ok(None);
        };
        match file.mistakes().into_iter().next() {
            Some(mistake) => Err(file.explain(mistake)),
            None => Ok(Some(file)),
        }
    }

    /// Reads a file, and accepts keys that the schema doesn't have. `None` if there is no file.
    ///
    /// # Errors
    /// If somebody else could have written the file, or if the file can't be read or is not TOML.
    pub(crate) fn read_unchecked(path: &Path, trust: Trust) -> Result<Option<Self>, Error> {
        let Some(text) = read_text(path, trust)? else {
            return Ok(None);
        };
        let text: &'static str = text.leak();
        let table = DeTable::parse(text).map_err(|error| invalid(path, text, &error))?;
        Ok(Some(Self {
            path: path.to_owned(),
            text,
            table: table.into_inner(),
        }))
    }

    /// Returns the mistakes of the file, in the order of the lines.
    pub(crate) fn mistakes(&self) -> Vec<Mistake> {
        find_mistakes(self.text, &self.table, self.folder())
    }

    /// Makes the error of a mistake.
    pub(crate) fn explain(&self, mistake: Mistake) -> Error {
        let Mistake {
            line,
            message,
            hint,
        } = mistake;
        let error = unusable(&self.path, format!("line {line}: {message}"));
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// Returns the folder of the file, to which its relative paths are relative.
    pub(super) fn folder(&self) -> &Path {
        files::parent(&self.path)
    }

    /// Returns the value at this path of keys. `None` if the file doesn't have it.
    pub(super) fn find(&self, path: &[&str]) -> Option<&Spanned<DeValue<'static>>> {
        let (last, sections) = path.split_last()?;
        let mut table = &self.table;
        for section in sections {
            table = table.get(*section)?.get_ref().as_table()?;
        }
        table.get(*last)
    }

    /// Returns the section at this path of keys. `None` if the file doesn't have it.
    pub(super) fn section(&self, path: &[&str]) -> Option<&DeTable<'static>> {
        self.find(path)?.get_ref().as_table()
    }

    /// Adds the values below a key to a map, each with its place, unless the map has them from a file that takes precedence.
    pub(super) fn collect(
        &self,
        path: &str,
        value: &Spanned<DeValue<'_>>,
        is_secret: bool,
        to: &mut BTreeMap<String, (String, Place)>,
    ) {
        if let DeValue::Table(table) = value.get_ref() {
            for (name, below) in table {
                let path = format!("{path}.{}", name.get_ref());
                self.collect(&path, below, is_secret, to);
            }
            return;
        }
        let text = match value.get_ref() {
            _ if is_secret => "(not shown)".to_owned(),
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            _ => String::new(),
        };
        let place = self.place(value.span());
        to.entry(path.to_owned()).or_insert((text, place));
    }

    pub(super) fn place(&self, span: Range<usize>) -> Place {
        Place {
            file: self.path.clone(),
            line: files::line_of(self.text, Some(span)),
        }
    }
}

/// The remedy for a path at which no editor can write.
const REPLACE: &str = "put a readable file in its place, or remove it";

#[cfg(unix)]
fn is_loop(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(not(unix))]
fn is_loop(_: &std::io::Error) -> bool {
    false
}

/// Reads the text of a file. `None` if there is no file, or if the file can't be reached.
fn read_text(path: &Path, trust: Trust) -> Result<Option<String>, Error> {
    // Most machines don't have all files, and this costs one system call.
    if let Err(error) = path.symlink_metadata()
        && error.kind() == std::io::ErrorKind::NotFound
    {
        return Ok(None);
    }
    let read = trust
        .users()
        .and_then(|trusted| read_trusted(path, &trusted, files::MAX_TEXT));
    let bytes = match read {
        Ok(bytes) => bytes,
        // A link to itself in a folder that can be reached is a mistake, and no place of another user.
        Err(Distrust::Unreadable(error)) if is_loop(&error) && files::parent(path).exists() => {
            return Err(unusable(path, error).hint(REPLACE));
        }
        Err(Distrust::Missing | Distrust::Unreadable(_))
            if warn_of_obstacle(path, "the configuration") =>
        {
            return Ok(None);
        }
        Err(Distrust::Missing) => {
            return Err(unusable(path, "it is a link to nothing").hint(REPLACE));
        }
        Err(Distrust::Unreadable(error)) => return Err(unusable(path, error).hint(REPLACE)),
        Err(distrust) => {
            let what = format!("The configuration {}", show_path(path));
            let error = distrust.explain(&what, "write it again");
            return Err(error.code(code::CONFIGURATION));
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => Err(match files::find_leftover(error.as_bytes()) {
            Some((what, hint)) => unusable(path, format!("the file {what}")).hint(hint),
            None => {
                let valid = error.utf8_error().valid_up_to();
                let before = String::from_utf8_lossy(&error.as_bytes()[..valid]);
                let line = files::line_of(&before, Some(before.len()..before.len()));
                unusable(path, format!("line {line} is not UTF-8"))
            }
        }),
    }
}

/// Returns the error of a text that is no TOML. It names the line and doesn't quote it, because the file may hold secrets.
pub(super) fn invalid(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    if let Some((what, hint)) = files::find_leftover(text.as_bytes()) {
        return unusable(path, format!("the file {what}")).hint(hint);
    }
    let line = files::line_of(text, error.span());
    let reason = match error.message() {
        // The parser's other messages can quote the line.
        "duplicate key" => {
            let key = error.span().and_then(|span| text.get(span));
            format!("repeats `{}`", visible(key.unwrap_or_default().trim()))
        }
        _ => "is not valid TOML".to_owned(),
    };
    unusable(path, format!("line {line} {reason}"))
}

pub(super) fn unusable(path: &Path, reason: impl std::fmt::Display) -> Error {
    let error = Error::new(
        ErrorKind::Input,
        format!(
            "Cannot read the configuration {}: {reason}",
            show_path(path)
        ),
    )
    .code(code::CONFIGURATION);
    match () {
        () if user_path().as_deref() == Some(path) => {
            error.hint("correct the file with `tw config edit`, or remove it")
        }
        () if system_paths().iter().any(|(system, _)| system == path) => {
            error.hint("ask the administrator of this machine to correct the file")
        }
        // It is the copy that `tw config edit` shows in an editor.
        () => error,
    }
}
