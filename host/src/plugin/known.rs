//! The types for what is known about a plugin. The cache stores a part of them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::locate::Found;
use crate::{error::Error, store::name_of, trust::Origin};

/// A library on this machine, and what is known about it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plugin {
    pub(crate) path: PathBuf,
    pub(crate) origin: Origin,
    /// True if another plugin of the same name is used instead.
    pub(crate) replaced: bool,
    pub(crate) state: State,
}

/// The state of a library: a plugin that can be used, or the reason why it can't be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum State {
    Usable(Summary),
    Unusable(NoManifest),
}

/// The reason why the manifest of a library isn't known. How long it holds depends on what could change the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum NoManifest {
    /// The content of the library. The reason holds as long as the file is unchanged.
    Fault(Error),
    /// The library didn't answer in time. Each further attempt could take as long, so the library is asked again only if somebody needs its answer.
    Late(Error),
    /// The library couldn't be asked, or it failed in a way for which this machine may be the cause. The next start asks it again.
    Unasked(Error),
}

impl NoManifest {
    /// True if the reason may be gone at the next attempt.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Unasked(_))
    }

    fn error(&self) -> &Error {
        match self {
            Self::Fault(error) | Self::Late(error) | Self::Unasked(error) => error,
        }
    }
}

impl From<NoManifest> for Error {
    fn from(reason: NoManifest) -> Self {
        match reason {
            NoManifest::Fault(error) | NoManifest::Late(error) | NoManifest::Unasked(error) => {
                error
            }
        }
    }
}

impl State {
    /// True if the library didn't answer in time when it was last asked.
    pub(super) fn is_late(&self) -> bool {
        matches!(self, Self::Unusable(NoManifest::Late(_)))
    }

    /// True if the state holds after this start.
    pub(super) fn is_lasting(&self) -> bool {
        !matches!(self, Self::Unusable(reason) if reason.is_passing())
    }
}

impl Plugin {
    pub(super) fn new(library: &Found, state: State) -> Self {
        Self {
            path: library.path.clone(),
            origin: library.origin,
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
            State::Unusable(reason) => Some(reason.error()),
        }
    }

    /// Returns the commands that the plugin adds to `tw`; none if another plugin is used instead.
    pub(crate) fn commands(&self) -> &[Stub] {
        match &self.state {
            State::Usable(summary) if !self.replaced => &summary.commands,
            _ => &[],
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
