//! `plugins.lock`: the installed plugins, with their sources and the digests that their files must have.
//!
//! The file is JSON with the plugins in the order of their names, so that two files can be compared line by line and kept in a repository. The file of
//! a machine also decides which version of a plugin runs: replacing it atomically switches the version.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use semver::Version;
use serde::{Deserialize, Serialize};
use tw_plugin_protocol::target;

use super::Digest;
use crate::{
    error::{Error, ErrorKind},
    files::{self, show_path},
    owners::{Distrust, read_own},
    trust::{Origin, Services, Signer, Subject, keys::Key},
};

/// The format of the file. A file of another format is refused, because a newer `tw` wrote it.
const FORMAT: u32 = 1;

/// The content of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    pub(crate) format: u32,
    /// The installed plugins by name.
    pub(crate) plugins: BTreeMap<String, Locked>,
    /// The versions that `tw plugin rollback` returns to. `tw plugin sync` ignores these and the links, because they are a machine's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) previous: BTreeMap<String, Locked>,
    /// The linked plugins, which are under development, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) links: BTreeMap<String, Link>,
}

/// A plugin under development.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Link {
    /// A library.
    Library(PathBuf),
    /// The library of a crate: of its builds, the last one is used.
    Crate {
        /// cargo's target folder.
        target: PathBuf,
        /// The library's file name.
        library: String,
    },
}

impl Link {
    /// Returns the paths at which the library can be.
    pub(crate) fn libraries(&self) -> Vec<PathBuf> {
        match self {
            Self::Library(path) => vec![path.clone()],
            Self::Crate { target, library } => ["release", "debug"]
                .map(|profile| target.join(profile).join(library))
                .to_vec(),
        }
    }

    /// Returns the path of the library that was built last. Returns the first path if there is none.
    pub(crate) fn newest(&self) -> PathBuf {
        let libraries = self.libraries();
        let built = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
        // Of equal times, the last one would win, and that of the release build must.
        let newest = libraries.iter().rev().max_by_key(|path| built(path));
        newest.cloned().unwrap_or_default()
    }
}

/// An installed version of a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Locked {
    pub(crate) version: Version,
    /// The source that was given to `tw plugin install`, where newer versions are found.
    pub(crate) source: String,
    /// The index that the version came from; `None` if it came from no index. Upgrades come only from this index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) index: Option<LockedIndex>,
    /// Who signed the package; `None` if it was installed with `--allow-unsigned`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signer: Option<Signer>,
    /// The packages of this version by target. Packages for other machines are included, so that the file can be used there.
    pub(crate) targets: BTreeMap<String, Target>,
}

/// The index that a version came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LockedIndex {
    /// The name that the index had on the machine.
    pub(crate) name: String,
    /// The public key that signed the index. Another index can have the same name later, so policies go by the key.
    pub(crate) key: Key,
}

/// A package of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    /// The digest of the package.
    pub(crate) package: Digest,
    /// The contents of the package; `None` if no machine of this target has seen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contents: Option<Contents>,
    /// The address of the package.
    pub(crate) source: String,
}

/// The digests of the files in a package that decide what a plugin does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contents {
    /// The digest of the manifest.
    pub(crate) manifest: Digest,
    /// The digest of the library.
    pub(crate) library: Digest,
}

impl Locked {
    /// Returns the package for this machine.
    pub(crate) fn here(&self) -> Option<&Target> {
        self.targets.get(&target())
    }

    /// Returns this version as a policy sees it. `services` are those that the plugin's manifest declares.
    pub(crate) fn subject<'a>(&'a self, name: &'a str, services: &'a [String]) -> Subject<'a> {
        Subject {
            index_key: self.index.as_ref().map(|index| &index.key),
            signer: self.signer.as_ref(),
            services: Services::Declared(services),
            ..Subject::unlocked(name, Some(&self.version), Origin::Installed)
        }
    }
}

impl Lock {
    /// Reads a file. A missing file is an empty lock.
    ///
    /// # Errors
    /// The file can't be read, others could have written it, or it is damaged or of another format.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = match read_own(path, files::MAX_TEXT) {
            Ok(bytes) => bytes,
            Err(Distrust::Missing) => {
                return Ok(Self {
                    format: FORMAT,
                    ..Self::default()
                });
            }
            Err(distrust) => {
                let what = format!("the lock file {}", show_path(path));
                return Err(distrust.explain(&what, "get it again, or install the plugins again"));
            }
        };
        Self::parse(&bytes, path)
    }

    /// Parses the content of the file at a path.
    ///
    /// # Errors
    /// The file is damaged or of another format.
    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Any {
            format: u32,
        }
        let bytes = files::without_mark(bytes);
        let damaged = |error: serde_json::Error| {
            if let Some((what, hint)) = files::find_leftover(bytes) {
                let message = format!("the lock file {} {what}", show_path(path));
                return Error::new(ErrorKind::Input, message).hint(hint);
            }
            Error::new(
                ErrorKind::Input,
                format!(
                    "the lock file {} is damaged (line {})",
                    show_path(path),
                    error.line()
                ),
            )
            .hint("restore the file from a copy, or remove it and install the plugins again")
        };
        let Any { format } = serde_json::from_slice(bytes).map_err(damaged)?;
        if format != FORMAT {
            let what = format!("the lock file {}", show_path(path));
            return Err(Error::of_newer_tw(&what, format, FORMAT));
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// Sets the installed version. Keeps the version that it replaces for `tw plugin rollback`.
    pub(crate) fn install(&mut self, name: &str, new: Locked) {
        let version = new.version.clone();
        let old = self.plugins.insert(name.to_owned(), new);
        if let Some(old) = old.filter(|old| old.version != version) {
            self.previous.insert(name.to_owned(), old);
        }
    }

    /// Returns the content of the file.
    ///
    /// # Errors
    /// A path of the lock is not valid Unicode, which JSON can't hold.
    pub(crate) fn to_text(&self) -> Result<String, Error> {
        let mut text = serde_json::to_string_pretty(self).map_err(|error| {
            Error::new(
                ErrorKind::Input,
                format!("the lock file can't be written: {error}"),
            )
            .hint("give a linked library a path that is valid Unicode")
        })?;
        text.push('\n');
        Ok(text)
    }
}
