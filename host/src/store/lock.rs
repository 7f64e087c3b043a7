//! `plugins.lock`: which plugins are installed, where each came from, and the digests that it must have.
//!
//! JSON, an entry a plugin, in the order of their names, so that two of them can be compared line by line and kept in a repository.
//! The file of a machine is also what decides which version runs: it is replaced atomically, and that is the whole of a switch.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use semver::Version;
use serde::{Deserialize, Serialize};

use super::Digest;
use crate::{
    error::{Error, ErrorKind},
    files,
    trust::{Origin, Signer, Subject},
};

/// The format of the file. A file of another is refused, never guessed at: a newer `tw` wrote it.
const FORMAT: u32 = 1;

/// What this machine is called in a package and a lock: `x86_64-linux`.
pub(crate) fn target() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    pub(crate) format: u32,
    /// By name.
    pub(crate) plugins: BTreeMap<String, Locked>,
    /// What `tw plugin rollback` goes back to. This and the links are the machine's own: `tw plugin sync` passes them over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) previous: BTreeMap<String, Locked>,
    /// Libraries under development, by the plugin's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) links: BTreeMap<String, PathBuf>,
}

/// An installed version of a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Locked {
    pub(crate) version: Version,
    /// Where newer versions are looked for, as it was given to `tw plugin install`.
    pub(crate) source: String,
    /// The index that it came from, by name. No other index serves its upgrade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) index: Option<String>,
    /// Who signed it; none where `--allow-unsigned` made an exception.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signer: Option<Signer>,
    /// The packages of this version, by target: this machine's and all others that the source has.
    pub(crate) targets: BTreeMap<String, Target>,
}

/// A package of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    /// The digest of the package.
    pub(crate) package: Digest,
    /// What is in it, where a machine of this target has seen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contents: Option<Contents>,
    /// Where the package is.
    pub(crate) source: String,
}

/// What is in a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contents {
    /// The digest of the manifest.
    pub(crate) manifest: Digest,
    /// The digest of the library.
    pub(crate) library: Digest,
}

impl Locked {
    /// What this machine runs of it.
    pub(crate) fn here(&self) -> Option<&Target> {
        self.targets.get(&target())
    }

    /// Returns this version as a policy sees it.
    pub(crate) fn subject<'a>(&'a self, name: &'a str) -> Subject<'a> {
        Subject {
            name,
            version: Some(&self.version),
            origin: Origin::Installed,
            index: self.index.as_deref(),
            signer: self.signer.as_ref(),
        }
    }
}

impl Lock {
    /// Reads the file; one that isn't there locks nothing.
    ///
    /// # Errors
    /// It can't be read, or isn't a lock of this format.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = match files::read_at_most(path, files::MAX_TEXT) {
            Ok(bytes) => bytes,
            Err(error) if files::is_absent(&error) => {
                return Ok(Self {
                    format: FORMAT,
                    ..Self::default()
                });
            }
            Err(error) => {
                return Err(Error::new(
                    ErrorKind::Input,
                    format!("the lock {} can't be read: {error}", path.display()),
                )
                .hint("make it readable"));
            }
        };
        Self::parse(&bytes, path)
    }

    /// Reads the content of the file at this path.
    ///
    /// # Errors
    /// It isn't a lock of this format.
    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Any {
            format: u32,
        }
        let damaged = |error: serde_json::Error| {
            Error::new(
                ErrorKind::Input,
                format!(
                    "the lock {} is damaged (line {})",
                    path.display(),
                    error.line()
                ),
            )
            .hint("put a whole one in its place, or remove it and install the plugins anew")
        };
        let Any { format } = serde_json::from_slice(bytes).map_err(damaged)?;
        if format != FORMAT {
            let what = format!("the lock {}", path.display());
            return Err(Error::of_newer_tw(&what, format, FORMAT));
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// Makes this version the one that is installed. Another that was is kept for `tw plugin rollback`.
    pub(crate) fn install(&mut self, name: &str, new: Locked) {
        let version = new.version.clone();
        let old = self.plugins.insert(name.to_owned(), new);
        if let Some(old) = old.filter(|old| old.version != version) {
            self.previous.insert(name.to_owned(), old);
        }
    }

    /// The content of the file.
    pub(crate) fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}
