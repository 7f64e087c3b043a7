//! The document of an index.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use tw_render::text::visible;

use crate::{
    error::{Context as _, Error, ErrorKind},
    store::{Digest, target},
    trust::keys::{Key, is_name},
};

/// The format of the document. One of another is refused: it is for a newer `tw`.
const FORMAT: u32 = 1;

/// The document. Fields that aren't known are passed over: they are a later minor version's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) format: u32,
    /// Grows with every change.
    pub(crate) serial: u64,
    /// Who signs packages, by name.
    #[serde(default)]
    pub(crate) publishers: BTreeMap<String, Publisher>,
    /// The plugins, by name.
    #[serde(default)]
    pub(crate) plugins: BTreeMap<String, Plugin>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Publisher {
    /// Their public key.
    pub(crate) key: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Plugin {
    #[serde(default)]
    pub(crate) description: String,
    /// Who signs its packages.
    pub(crate) publisher: String,
    pub(crate) versions: BTreeMap<Version, Release>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Release {
    /// Its commands at the top.
    #[serde(default)]
    pub(crate) commands: Vec<String>,
    /// Its packages, by target.
    pub(crate) targets: BTreeMap<String, Released>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Released {
    /// Where the package is: an https URL, `oci://…`, or a path relative to the document.
    pub(crate) source: String,
    /// The package's digest.
    pub(crate) digest: Digest,
}

impl Plugin {
    /// The newest version that is wanted and has a package for this machine. A pre-release is never newer than what it precedes, unless it is
    /// asked for by its number.
    pub(crate) fn newest(&self, wanted: &VersionReq) -> Option<(&Version, &Release)> {
        let fits = |(version, release): &(&Version, &Release)| {
            wanted.matches(version) && release.targets.contains_key(&target())
        };
        self.versions.iter().rfind(fits)
    }
}

/// Reads a document.
///
/// # Errors
/// It isn't one of this format, or names publishers that it doesn't have, or keys that are none.
pub(crate) fn parse(document: &[u8]) -> Result<Document, Error> {
    let tell = "tell whoever keeps the index";
    let mut document: Document = serde_json::from_slice(document).map_err(|error| {
        Error::new(
            ErrorKind::Input,
            format!(
                "it is not an index of plugins (line {}: {error})",
                error.line()
            ),
        )
        .hint(tell)
    })?;
    if document.format != FORMAT {
        return Err(Error::of_newer_tw("it", document.format, FORMAT));
    }
    for (name, publisher) in &mut document.publishers {
        let key = Key::parse(&publisher.key)
            .context(|| format!("the key of the publisher `{}`", visible(name)))?;
        // As policies and listings write it.
        publisher.key = key.to_text();
    }
    for (name, plugin) in &document.plugins {
        if !is_name(name) {
            return Err(Error::new(
                ErrorKind::Input,
                format!("`{}` in it is no name of a plugin", visible(name)),
            )
            .hint(tell));
        }
        if !document.publishers.contains_key(&plugin.publisher) {
            return Err(Error::new(
                ErrorKind::Failure,
                format!("it doesn't say who the publisher of `{name}` is"),
            )
            .hint(tell));
        }
    }
    Ok(document)
}
