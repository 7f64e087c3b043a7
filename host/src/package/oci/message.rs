//! The documents of the OCI image specification, with the fields that are needed here.

use serde::{Deserialize, Serialize};

use crate::store::Digest;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageIndex {
    pub(super) schema_version: u32,
    pub(super) media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) artifact_type: Option<String>,
    pub(super) manifests: Vec<Descriptor>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageManifest {
    pub(super) schema_version: u32,
    pub(super) media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) artifact_type: Option<String>,
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) media_type: String,
    pub(super) digest: Digest,
    pub(super) size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) platform: Option<Platform>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Platform {
    pub(super) architecture: String,
    pub(super) os: String,
    /// The C library, if it is not the usual one of the system: `musl`.
    #[serde(rename = "os.features", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) features: Vec<String>,
}

impl Descriptor {
    pub(super) fn of(media_type: &str, content: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(content),
            size: content.len() as u64,
            platform: None,
        }
    }
}

/// OCI's names for architectures and systems, and ours.
const ARCHITECTURES: [(&str, &str); 4] = [
    ("amd64", "x86_64"),
    ("arm64", "aarch64"),
    ("386", "x86"),
    ("darwin", "macos"),
];

impl Platform {
    pub(super) fn of(target: &str) -> Self {
        let theirs = |word: &str| {
            ARCHITECTURES
                .iter()
                .find(|(_, ours)| *ours == word)
                .map_or(word, |(theirs, _)| theirs)
                .to_owned()
        };
        let (architecture, os) = target.split_once('-').unwrap_or((target, "unknown"));
        let (os, libc) = match os.split_once('-') {
            Some((os, libc)) => (os, Some(libc)),
            None => (os, None),
        };
        Self {
            architecture: theirs(architecture),
            os: theirs(os),
            features: libc.map(str::to_owned).into_iter().collect(),
        }
    }

    pub(super) fn target(&self) -> String {
        let ours = |word: &str| {
            ARCHITECTURES
                .iter()
                .find(|(theirs, _)| *theirs == word)
                .map_or(word, |(_, ours)| ours)
                .to_owned()
        };
        let system = format!("{}-{}", ours(&self.architecture), ours(&self.os));
        self.features
            .iter()
            .fold(system, |target, libc| format!("{target}-{libc}"))
    }
}

/// Serializes a document.
pub(super) fn to_json(document: &impl Serialize) -> Vec<u8> {
    // Every document has a JSON form.
    serde_json::to_vec(document).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_and_its_target_convert_both_ways() {
        for target in [
            "x86_64-linux",
            "aarch64-macos",
            "aarch64-linux",
            "x86_64-windows",
            "riscv64-linux",
            "x86_64-linux-musl",
        ] {
            assert_eq!(Platform::of(target).target(), target);
        }
        assert_eq!(Platform::of("aarch64-macos").os, "darwin");
        let musl = to_json(&Platform::of("x86_64-linux-musl"));
        let expected = br#"{"architecture":"amd64","os":"linux","os.features":["musl"]}"#;
        assert_eq!(musl, expected);
    }
}
