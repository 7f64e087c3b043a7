//! The document of an index.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use tw_render::text::visible;

use crate::{
    error::{Error, ErrorKind},
    store::{Digest, target},
    trust::{
        keys::{Key, is_name},
        versions::is_same,
    },
};

/// The format of the document. A document of another format is refused, because a newer `tw` made it.
const FORMAT: u32 = 1;

/// The largest number of plugins, and of publishers, in a document.
const MOST_PLUGINS: usize = 10_000;
/// The largest number of versions of a plugin.
const MOST_VERSIONS: usize = 1_000;
/// The largest number of packages of a version.
const MOST_TARGETS: usize = 64;

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
    pub(crate) key: Key,
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
/// The document has another format, an invalid name or key, a publisher that it doesn't define, two packages of one version, or too many entries.
pub(crate) fn parse(document: &[u8]) -> Result<Document, Error> {
    let invalid = |message: String| Error::new(ErrorKind::Input, message).hint(TELL_MAINTAINER);
    let document: Document = serde_json::from_slice(document).map_err(|error| {
        invalid(format!(
            "it is not an index of plugins (line {}: {error})",
            error.line()
        ))
    })?;
    if document.format != FORMAT {
        return Err(Error::of_newer_tw("it", document.format, FORMAT));
    }
    let check_count = |what: String, count: usize, most: usize| match count > most {
        true => Err(invalid(format!(
            "it has {count} {what}, and at most {most} are accepted"
        ))),
        false => Ok(()),
    };
    let publishers = document.publishers.len();
    check_count("publishers".to_owned(), publishers, MOST_PLUGINS)?;
    check_count("plugins".to_owned(), document.plugins.len(), MOST_PLUGINS)?;
    for (name, plugin) in &document.plugins {
        if !is_name(name) {
            let name = visible(name);
            return Err(invalid(format!(
                "`{name}` in it is not a valid plugin name"
            )));
        }
        let versions: Vec<&Version> = plugin.versions.keys().collect();
        check_count(
            format!("versions of `{name}`"),
            versions.len(),
            MOST_VERSIONS,
        )?;
        // Versions that differ only in build metadata are neighbors.
        let mut pairs = versions.windows(2);
        if let Some([one, other]) = pairs.find(|pair| is_same(pair[0], pair[1])) {
            return Err(invalid(format!(
                "it has two packages of one version of `{name}`: {one} and {other}"
            )));
        }
        for (version, release) in &plugin.versions {
            let what = format!("packages of `{name}` {version}");
            check_count(what, release.targets.len(), MOST_TARGETS)?;
        }
        if !document.publishers.contains_key(&plugin.publisher) {
            return Err(invalid(format!(
                "it doesn't define the publisher of `{name}`"
            )));
        }
    }
    Ok(document)
}
