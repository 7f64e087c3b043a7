//! The types for what is known about a plugin, which the catalog and its cache share.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::locate::{FileKey, Found};
use crate::{error::Error, store::name_of, trust::Origin};

/// A library on this machine, and what is known about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plugin {
    #[serde(with = "lossy_path")]
    pub(crate) path: PathBuf,
    pub(super) key: FileKey,
    pub(crate) origin: Origin,
    /// The other places where a linked crate's library can be, as they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) others: Vec<(PathBuf, FileKey)>,
    /// True if another plugin of the same name is used instead.
    pub(crate) replaced: bool,
    pub(crate) state: State,
}

/// The state of a library: a plugin that can be used, or the reason why it can't be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum State {
    Usable(Summary),
    Unusable(Error),
}

impl Plugin {
    pub(super) fn new(library: &Found, state: State) -> Self {
        Self {
            path: library.path.clone(),
            key: library.key,
            origin: library.origin,
            others: library.others.clone(),
            replaced: false,
            state,
        }
    }

    /// Returns the plugin's name; if the library can't be used, the name that its file gives it.
    pub(crate) fn name(&self) -> String {
        match &self.state {
            State::Usable(summary) => summary.name.clone(),
            State::Unusable(_) => name_of(&self.path),
        }
    }

    pub(crate) fn summary(&self) -> Option<&Summary> {
        match &self.state {
            State::Usable(summary) => Some(summary),
            State::Unusable(_) => None,
        }
    }

    /// Returns why the library can't be used; `None` if it can be.
    pub(crate) fn problem(&self) -> Option<&Error> {
        match &self.state {
            State::Usable(_) => None,
            State::Unusable(error) => Some(error),
        }
    }

    /// Returns the commands that the plugin adds to `tw`; none if another plugin is used instead.
    pub(crate) fn commands(&self) -> &[Stub] {
        match &self.state {
            State::Usable(summary) if !self.replaced => &summary.commands,
            _ => &[],
        }
    }

    /// True if this describes the library as it is now. A failed check of an installed plugin is never kept: its files can be repaired in
    /// place without changing the lock.
    pub(super) fn describes(&self, library: &Found) -> bool {
        let is_repairable = self.origin == Origin::Installed && self.problem().is_some();
        let same =
            (&self.path, self.key, self.origin) == (&library.path, library.key, library.origin);
        same && self.others == library.others && !is_repairable
    }

    /// True if the library is unchanged, provided that the list of libraries is unchanged. Installed libraries are verified when they are
    /// loaded.
    pub(super) fn is_unchanged(&self) -> bool {
        match self.origin {
            Origin::Installed => self.problem().is_none(),
            _ => {
                let is_same = |(path, key): &(PathBuf, FileKey)| {
                    FileKey::at(path).unwrap_or_default() == *key
                };
                FileKey::at(&self.path) == Some(self.key) && self.others.iter().all(is_same)
            }
        }
    }
}

/// A part of the cache file: its offset from the end of the head, and its length, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Span(pub(super) usize, pub(super) usize);

/// A command as the list of commands shows it. The rest of the command is a part of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stub {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) aliases: Vec<String>,
    pub(crate) about: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) hidden: bool,
    pub(super) command: Span,
}

impl Stub {
    /// True if this is the command's name or one of its aliases.
    pub(crate) fn is_called(&self, word: &str) -> bool {
        self.name == word || self.aliases.iter().any(|alias| alias == word)
    }
}

/// The description that a plugin gave of itself, without arguments and help texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) abi: u32,
    /// The services of the host that the plugin declares.
    pub(crate) services: Vec<String>,
    /// The commands directly below `tw`.
    pub(crate) commands: Vec<Stub>,
    pub(super) manifest: Span,
}

/// Serializes paths, which may not be UTF-8. A path that isn't is stored with replacement characters, so that the cached plugin never
/// matches its library, and the library is described at every start.
mod lossy_path {
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&path.to_string_lossy())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        String::deserialize(from).map(PathBuf::from)
    }
}
