//! The manifest of a package: what it holds, and what the plugin in it said of itself when it was packed.

use serde::{Deserialize, Serialize};
use tw_plugin_protocol::Manifest;

use super::Digest;

/// The file's name in a package, and in a package's folder in the store.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The format of packages. One of another is refused: a newer `tw` made it.
pub(crate) const FORMAT: u32 = 1;

/// The content of `manifest.json`. Fields that aren't known are passed over: they are a later minor version's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PackageManifest {
    pub(crate) format: u32,
    /// The library's file name.
    pub(crate) library: String,
    /// The library's digest.
    pub(crate) digest: Digest,
    /// The version of glibc that the library needs, where it needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) glibc: Option<String>,
    /// The plugin's own account.
    pub(crate) plugin: Manifest,
}
