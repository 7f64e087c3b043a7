//! The manifest of a package: its files, and the plugin's own manifest at the time of packing.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;
use tw_plugin_protocol::{Manifest, missing_features};

use super::Digest;
use crate::error::Error;

/// The file's name in a package, and in a package's folder in the store.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The format of packages. A package of another format is refused, because a newer `tw` made it.
pub(crate) const FORMAT: u32 = 1;

/// The content of `manifest.json`. Unknown fields are ignored, so that a later version of this format can add some.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    pub(crate) plugin: PluginManifest,
}

/// A plugin's own manifest: the JSON that the plugin wrote, and what this `tw` understands of it. The JSON is stored and signed unchanged,
/// because a newer `tw` may understand more of it.
#[derive(Debug, Clone)]
pub(crate) struct PluginManifest {
    json: Box<RawValue>,
    manifest: Manifest,
}

impl PluginManifest {
    #[cfg(test)]
    #[allow(clippy::unwrap_used)]
    pub(crate) fn of(manifest: &Manifest) -> Self {
        serde_json::from_slice(&tw_plugin_protocol::to_bytes(manifest)).unwrap()
    }

    /// Checks that this `tw` has all features without which the plugin doesn't work.
    ///
    /// # Errors
    /// The plugin needs a newer `tw`.
    pub(crate) fn check_needs(&self) -> Result<(), Error> {
        match missing_features(&self.manifest.needs).as_slice() {
            [] => Ok(()),
            missing => Err(Error::needs_newer_tw("it", missing)),
        }
    }
}

impl Deref for PluginManifest {
    type Target = Manifest;

    fn deref(&self) -> &Manifest {
        &self.manifest
    }
}

impl Serialize for PluginManifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PluginManifest {
    /// Reads a manifest. The error names the field that can't be read.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let mut reader = serde_json::Deserializer::from_str(json.get());
        let manifest = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| D::Error::custom(format!("`{}` {}", error.path(), error.inner())))?;
        Ok(Self { json, manifest })
    }
}
