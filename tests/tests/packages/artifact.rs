//! A version of a fruit as an OCI registry serves it. A test can replace any answer, so that the registry lies.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};
use tw_tests::{Answer, Asked, Server};

use crate::given::{digest, pack, signature_of};

pub(crate) const REPOSITORY: &str = "/v2/plugins/fruit-001";

/// Everything that an honest registry serves for one version of a fruit.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    /// The answers, by path.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) package: Vec<u8>,
    pub(crate) version: String,
}

impl Artifact {
    /// Returns a version of the first fruit, signed by acme. `change` edits the image manifest.
    pub(crate) fn with(version: &str, change: impl FnOnce(&mut Value)) -> Self {
        Self::of_fruit(1, version, change)
    }

    /// Returns a version of any fruit, signed by acme, in the repository of the first fruit. `change` edits the image manifest.
    pub(crate) fn of_fruit(number: u16, version: &str, change: impl FnOnce(&mut Value)) -> Self {
        let path = pack(number, version, Some("acme"));
        let package = fs::read(&path).unwrap();
        let signature = fs::read(signature_of(&path)).unwrap();
        let descriptor = |media_type: &str, content: &[u8]| json!({ "mediaType": media_type, "digest": digest(content), "size": content.len() });
        let mut image = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": descriptor("application/vnd.tw.plugin.manifest.v1+json", b"{}"),
            "layers": [
                descriptor("application/vnd.tw.plugin.package.v1.tar+gzip", &package),
                descriptor("application/vnd.tw.plugin.signature.v1+minisign", &signature),
            ],
        });
        change(&mut image);
        let image = image.to_string().into_bytes();
        let mut entry = descriptor("application/vnd.oci.image.manifest.v1+json", &image);
        entry["platform"] = json!({ "architecture": "amd64", "os": "linux" });
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [entry],
        });
        let index = index.to_string().into_bytes();
        let tags = json!({ "name": "plugins/fruit-001", "tags": [version] });
        let files = [
            (
                format!("{REPOSITORY}/tags/list"),
                tags.to_string().into_bytes(),
            ),
            (format!("{REPOSITORY}/manifests/{version}"), index.clone()),
            (format!("{REPOSITORY}/manifests/{}", digest(&index)), index),
            (format!("{REPOSITORY}/manifests/{}", digest(&image)), image),
            (
                format!("{REPOSITORY}/blobs/{}", digest(&signature)),
                signature,
            ),
            (
                format!("{REPOSITORY}/blobs/{}", digest(&package)),
                package.clone(),
            ),
            ("/v2/".to_owned(), b"{}".to_vec()),
        ];
        Self {
            files: files.into_iter().collect(),
            package,
            version: version.to_owned(),
        }
    }

    /// Returns a version of the first fruit, signed by acme.
    pub(crate) fn of(version: &str) -> Self {
        Self::with(version, |_| {})
    }

    /// Returns the answer of an honest registry.
    pub(crate) fn answer(&self, asked: &Asked) -> Answer {
        let path = asked.path.split('?').next().unwrap_or_default();
        match self.files.get(path) {
            Some(content) => Answer::ok(content.clone()),
            None => Answer::status(404),
        }
    }

    /// Starts a registry that answers a request with `lie`, or honestly if `lie` returns `None`.
    pub(crate) fn serve(
        self,
        lie: impl Fn(&Self, &Asked) -> Option<Answer> + Send + Sync + 'static,
    ) -> Server {
        Server::start(move |asked| lie(&self, asked).unwrap_or_else(|| self.answer(asked)))
    }

    /// True if the request asks for the package itself.
    pub(crate) fn is_package(&self, asked: &Asked) -> bool {
        asked.path == format!("{REPOSITORY}/blobs/{}", digest(&self.package))
    }
}

/// Returns the reference of this version in the registry at `host`.
pub(crate) fn reference(host: &str, version: &str) -> String {
    format!("oci://{host}/plugins/fruit-001:{version}")
}
