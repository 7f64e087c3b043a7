//! The manifest of a package: its files, and the plugin's own manifest as it was when the package was made.

use serde::{Deserialize, Serialize};
use tw_plugin_protocol::Manifest;

use super::Digest;

/// The file's name in a package, and in a package's folder in the store.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The format of packages. A package of another format is refused, because a newer `tw` made it.
pub(crate) const FORMAT: u32 = 1;

/// The content of `manifest.json`. Unknown fields are ignored, so that a later version of this format can add some.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PackageManifest {
    pub(crate) format: u32,
    /// The library's file name.
    pub(crate) library: String,
    /// The library's digest.
    pub(crate) digest: Digest,
    /// The version of glibc that the library needs; `None` if it doesn't use glibc.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) glibc: Option<String>,
    /// The plugin's own manifest.
    pub(crate) plugin: Manifest,
}
