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

/// The format of the document. A document of another format is refused, because a newer `tw` made it.
const FORMAT: u32 = 1;

const TELL_MAINTAINER: &str = "tell the maintainer of the index";

/// The document. Unknown fields are ignored, so that a later version of this format can add some.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) format: u32,
    /// A number that every change increases.
    pub(crate) serial: u64,
    /// The publishers, who sign packages, by name.
    #[serde(default)]
    pub(crate) publishers: BTreeMap<String, Publisher>,
    /// The plugins by name.
    #[serde(default)]
    pub(crate) plugins: BTreeMap<String, Listing>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Publisher {
    /// The public key.
    pub(crate) key: String,
}

/// A plugin in an index.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Listing {
    #[serde(default)]
    pub(crate) description: String,
    /// The name of the publisher who signs the packages.
    pub(crate) publisher: String,
    pub(crate) versions: BTreeMap<Version, Release>,
}

/// A version of a plugin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Release {
    /// The commands that the plugin adds directly below `tw`.
    #[serde(default)]
    pub(crate) commands: Vec<String>,
    /// The packages by target.
    pub(crate) targets: BTreeMap<String, ReleasedPackage>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ReleasedPackage {
    /// The address of the package: an https URL, `oci://…`, or a path relative to the document.
    pub(crate) source: String,
    /// The digest of the package.
    pub(crate) digest: Digest,
}

impl Listing {
    /// Returns the newest version that meets a requirement and has a package for this machine. As in semver, a pre-release must be named in the
    /// requirement.
    pub(crate) fn newest(&self, wanted: &VersionReq) -> Option<(&Version, &Release)> {
        let is_usable = |(version, release): &(&Version, &Release)| {
            wanted.matches(version) && release.targets.contains_key(&target())
        };
        self.versions.iter().rfind(is_usable)
    }
}

/// Parses a document.
///
/// # Errors
/// The document has another format, an invalid name or key, or a publisher that it doesn't define.
pub(crate) fn parse(document: &[u8]) -> Result<Document, Error> {
    let invalid = |message: String| Error::new(ErrorKind::Input, message).hint(TELL_MAINTAINER);
    let mut document: Document = serde_json::from_slice(document).map_err(|error| {
        invalid(format!(
            "it is not an index of plugins (line {}: {error})",
            error.line()
        ))
    })?;
    if document.format != FORMAT {
        return Err(Error::of_newer_tw("it", document.format, FORMAT));
    }
    for (name, publisher) in &mut document.publishers {
        let key = Key::parse(&publisher.key)
            .context(|| format!("the key of the publisher `{}`", visible(name)))?;
        // Policies compare keys as text, so the key is written as they write it.
        publisher.key = key.to_text();
    }
    for (name, plugin) in &document.plugins {
        if !is_name(name) {
            let name = visible(name);
            return Err(invalid(format!(
                "`{name}` in it is not a valid plugin name"
            )));
        }
        if !document.publishers.contains_key(&plugin.publisher) {
            return Err(invalid(format!(
                "it doesn't define the publisher of `{name}`"
            )));
        }
    }
    Ok(document)
}
