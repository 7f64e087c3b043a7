//! Publishes packages and indices in a registry.

use oci_client::{
    Client, RegistryOperation,
    manifest::{OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE},
    secrets::RegistryAuth,
};

use super::{
    CONFIG, EMPTY, INDEX, PACKAGE, PLUGIN, Place, Registry, SIGNATURE,
    client::explain,
    message::{Descriptor, ImageIndex, ImageManifest, Platform, to_json},
};
use crate::{error::Error, store::Digest};

/// A package to publish.
#[derive(Debug)]
pub(crate) struct Pushed<'a> {
    pub(crate) target: &'a str,
    pub(crate) manifest: &'a [u8],
    pub(crate) package: &'a [u8],
    pub(crate) signature: Option<&'a [u8]>,
}

impl Registry<'_> {
    /// Finds a target for which another package than these is published at a place; returns `None` if there is no such target.
    ///
    /// # Errors
    /// The registry can't be reached, or the place has something that is not a plugin.
    pub(crate) fn find_other(
        &self,
        place: &Place,
        packages: &[(&str, Digest)],
    ) -> Result<Option<String>, Error> {
        if !self.has(place)? {
            return Ok(None);
        }
        let published = self.find(place)?.targets;
        let is_same = |target: &str, digest: Digest| packages.contains(&(target, digest));
        let other = published
            .into_iter()
            .find(|(target, found)| !is_same(target, found.package));
        Ok(other.map(|(target, _)| target))
    }

    /// Publishes a version, and returns the digest of its image index.
    ///
    /// # Errors
    /// The registry can't be reached, or refuses the login.
    pub(crate) fn push(&self, place: &Place, packages: &[Pushed<'_>]) -> Result<Digest, Error> {
        self.request(place, async |client, auth| {
            log_in(client, auth, place).await?;
            let mut manifests = Vec::new();
            for package in packages {
                let config = push_blob(client, place, CONFIG, package.manifest).await?;
                let mut layers = vec![push_blob(client, place, PACKAGE, package.package).await?];
                if let Some(signature) = package.signature {
                    layers.push(push_blob(client, place, SIGNATURE, signature).await?);
                }
                let image = push_image(client, place, PLUGIN, config, layers, None).await?;
                manifests.push(Descriptor {
                    platform: Some(Platform::of(package.target)),
                    ..image
                });
            }
            let index = to_json(&ImageIndex {
                schema_version: 2,
                media_type: OCI_IMAGE_INDEX_MEDIA_TYPE.to_owned(),
                artifact_type: Some(PLUGIN.to_owned()),
                manifests,
            });
            push_manifest(client, place, &index, OCI_IMAGE_INDEX_MEDIA_TYPE).await?;
            Ok(Digest::of(&index))
        })
    }

    /// Publishes an index of plugins, and returns the digest of its image manifest.
    ///
    /// # Errors
    /// The registry can't be reached, or refuses the login.
    pub(crate) fn push_index(
        &self,
        place: &Place,
        document: &[u8],
        signature: &[u8],
    ) -> Result<Digest, Error> {
        self.request(place, async |client, auth| {
            log_in(client, auth, place).await?;
            let config = push_blob(client, place, EMPTY, b"{}").await?;
            let layers = vec![
                push_blob(client, place, INDEX, document).await?,
                push_blob(client, place, SIGNATURE, signature).await?,
            ];
            let image = push_image(client, place, INDEX, config, layers, Some(place)).await?;
            Ok(image.digest)
        })
    }
}

async fn log_in(client: &Client, auth: &RegistryAuth, place: &Place) -> Result<(), Error> {
    let token = client
        .auth(&place.reference, auth, RegistryOperation::Push)
        .await;
    token.map(drop).map_err(|error| explain(place, error))
}

/// Pushes a blob, unless the registry has it already.
async fn push_blob(
    client: &Client,
    place: &Place,
    media_type: &str,
    content: &[u8],
) -> Result<Descriptor, Error> {
    let descriptor = Descriptor::of(media_type, content);
    let digest = descriptor.digest.to_string();
    let exists = client.blob_exists(&place.reference, &digest).await;
    if !exists.map_err(|error| explain(place, error))? {
        let pushed = client
            .push_blob(&place.reference, content.to_vec(), &digest)
            .await;
        pushed.map_err(|error| explain(place, error))?;
    }
    Ok(descriptor)
}

/// Pushes an image manifest to `at`, or under its digest if `at` is `None`.
async fn push_image(
    client: &Client,
    place: &Place,
    artifact_type: &str,
    config: Descriptor,
    layers: Vec<Descriptor>,
    at: Option<&Place>,
) -> Result<Descriptor, Error> {
    let image = to_json(&ImageManifest {
        schema_version: 2,
        media_type: OCI_IMAGE_MEDIA_TYPE.to_owned(),
        artifact_type: Some(artifact_type.to_owned()),
        config,
        layers,
    });
    let descriptor = Descriptor::of(OCI_IMAGE_MEDIA_TYPE, &image);
    let by_digest = place.with_digest(&descriptor.digest);
    push_manifest(
        client,
        at.unwrap_or(&by_digest),
        &image,
        OCI_IMAGE_MEDIA_TYPE,
    )
    .await?;
    Ok(descriptor)
}

async fn push_manifest(
    client: &Client,
    place: &Place,
    content: &[u8],
    media_type: &'static str,
) -> Result<(), Error> {
    let media_type = reqwest::header::HeaderValue::from_static(media_type);
    let pushed = client
        .push_manifest_raw(&place.reference, content.to_vec(), media_type)
        .await;
    pushed.map(drop).map_err(|error| explain(place, error))
}
