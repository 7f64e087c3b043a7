//! Putting something into a registry.

use oci_client::{
    Client, RegistryOperation,
    manifest::{OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE},
    secrets::RegistryAuth,
};

use super::{
    CONFIG, EMPTY, INDEX, PACKAGE, PLUGIN, Place, Registry, SIGNATURE,
    client::failed,
    message::{Descriptor, ImageIndex, ImageManifest, Platform, to_json},
};
use crate::{error::Error, store::Digest};

/// A package to be pushed: its target, its manifest, itself and its signature.
#[derive(Debug)]
pub(crate) struct Pushed<'a> {
    pub(crate) target: &'a str,
    pub(crate) manifest: &'a [u8],
    pub(crate) package: &'a [u8],
    pub(crate) signature: Option<&'a [u8]>,
}

impl Registry<'_> {
    /// A target for which there is something else at this place than what is to be published; none where there is nothing.
    ///
    /// # Errors
    /// The registry can't be reached, or what is there is no plugin.
    pub(crate) fn other(
        &self,
        place: &Place,
        packages: &[(&str, Digest)],
    ) -> Result<Option<String>, Error> {
        if !self.has(place)? {
            return Ok(None);
        }
        let there = self.find(place)?.targets;
        let is_same = |target: &str, digest: Digest| packages.contains(&(target, digest));
        let other = there
            .into_iter()
            .find(|(target, found)| !is_same(target, found.package));
        Ok(other.map(|(target, _)| target))
    }

    /// Puts a version in, and returns the digest of the whole.
    ///
    /// # Errors
    /// The registry can't be reached, or doesn't let this person in.
    pub(crate) fn push(&self, place: &Place, packages: &[Pushed<'_>]) -> Result<Digest, Error> {
        self.speak(place, async |client, auth| {
            begin_push(client, auth, place).await?;
            let mut manifests = Vec::new();
            for package in packages {
                let config = put(client, place, CONFIG, package.manifest).await?;
                let mut layers = vec![put(client, place, PACKAGE, package.package).await?];
                if let Some(signature) = package.signature {
                    layers.push(put(client, place, SIGNATURE, signature).await?);
                }
                let image = put_image(client, place, PLUGIN, config, layers, None).await?;
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
            put_manifest(client, place, &index, OCI_IMAGE_INDEX_MEDIA_TYPE).await?;
            Ok(Digest::of(&index))
        })
    }

    /// Puts an index of packages in, and returns the digest of the whole.
    ///
    /// # Errors
    /// The registry can't be reached, or doesn't let this person in.
    pub(crate) fn push_index(
        &self,
        place: &Place,
        document: &[u8],
        signature: &[u8],
    ) -> Result<Digest, Error> {
        self.speak(place, async |client, auth| {
            begin_push(client, auth, place).await?;
            let config = put(client, place, EMPTY, b"{}").await?;
            let layers = vec![
                put(client, place, INDEX, document).await?,
                put(client, place, SIGNATURE, signature).await?,
            ];
            let image = put_image(client, place, INDEX, config, layers, Some(place)).await?;
            Ok(image.digest)
        })
    }
}

async fn begin_push(client: &Client, auth: &RegistryAuth, place: &Place) -> Result<(), Error> {
    let begun = client
        .auth(&place.reference, auth, RegistryOperation::Push)
        .await;
    begun.map(drop).map_err(|error| failed(place, error))
}

async fn put(
    client: &Client,
    place: &Place,
    media_type: &str,
    content: &[u8],
) -> Result<Descriptor, Error> {
    let descriptor = Descriptor::of(media_type, content);
    let digest = descriptor.digest.to_string();
    let there = client.blob_exists(&place.reference, &digest).await;
    if !there.map_err(|error| failed(place, error))? {
        let pushed = client
            .push_blob(&place.reference, content.to_vec(), &digest)
            .await;
        pushed.map_err(|error| failed(place, error))?;
    }
    Ok(descriptor)
}

/// Puts an image manifest in, under its digest or where it is said.
async fn put_image(
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
    put_manifest(
        client,
        at.unwrap_or(&by_digest),
        &image,
        OCI_IMAGE_MEDIA_TYPE,
    )
    .await?;
    Ok(descriptor)
}

async fn put_manifest(
    client: &Client,
    place: &Place,
    content: &[u8],
    media_type: &'static str,
) -> Result<(), Error> {
    let media_type = reqwest::header::HeaderValue::from_static(media_type);
    let pushed = client
        .push_manifest_raw(&place.reference, content.to_vec(), media_type)
        .await;
    pushed.map(drop).map_err(|error| failed(place, error))
}
