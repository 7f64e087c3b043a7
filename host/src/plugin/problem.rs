//! Why a plugin can't be used, and what mends it.

use std::{io::Error, path::Path};

use serde::{Deserialize, Serialize};

/// Why a plugin can't be used: one line; and what mends it: at most a few.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// What is wrong.
    pub(crate) reason: String,
    /// What to do.
    pub(crate) mend: String,
    /// What the library that found it has to say, at length; shown under `--verbose`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
}

impl Problem {
    pub(crate) fn new(reason: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            mend: mend.into(),
            detail: None,
        }
    }

    /// A file that was named can't be read.
    pub(crate) fn unreadable(path: &Path, error: &Error) -> Self {
        Self::new(
            format!("{} can't be read: {error}", path.display()),
            "see that the path is right",
        )
    }

    /// A file can't be written.
    pub(crate) fn unwritable(path: &Path, error: &Error) -> Self {
        Self::new(
            format!("{} can't be written: {error}", path.display()),
            "see that its folder is yours, can be written, and has room",
        )
    }

    /// A file is of a format that this `tw` doesn't know yet.
    pub(crate) fn of_newer_tw(what: &str, format: u32, known: u32) -> Self {
        Self::new(
            format!("{what} has the format {format}, and this tw knows {known}"),
            format!("use a newer tw (this is {})", env!("CARGO_PKG_VERSION")),
        )
    }

    /// What is to be kept has no place.
    pub(crate) fn no_home() -> Self {
        Self::new("there is no home folder to keep it in", "set HOME")
    }

    pub(crate) fn detail(mut self, detail: String) -> Self {
        self.detail = Some(detail);
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}
