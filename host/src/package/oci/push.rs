//! Publishes packages and indices in a registry.

use reqwest::{
    Method, Url,
    header::{CONTENT_TYPE, LOCATION},
};

use super::{
    CONFIG, EMPTY, IMAGE, IMAGE_INDEX, INDEX, PACKAGE, PLUGIN, Place, Registry, SIGNATURE,
    client::{Access, Client},
    failure::{self, Failure},
    message::{Descriptor, ImageIndex, ImageManifest, Platform, to_json},
};
use crate::{
    error::Error,
    package::{
        attempts::Attempts,
        transfer::{Size, decide, explain},
    },
    store::Digest,
};

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
        self.request(place, Access::Push, async |client| {
            let mut manifests = Vec::new();
            for package in packages {
                let config = push_blob(client, CONFIG, package.manifest).await?;
                let mut layers = vec![push_blob(client, PACKAGE, package.package).await?];
                if let Some(signature) = package.signature {
                    layers.push(push_blob(client, SIGNATURE, signature).await?);
                }
                let image = push_image(client, PLUGIN, config, layers, None).await?;
                manifests.push(Descriptor {
                    platform: Some(Platform::of(package.target)),
                    ..image
                });
            }
            let index = to_json(&ImageIndex {
                schema_version: 2,
                media_type: IMAGE_INDEX.to_owned(),
                artifact_type: Some(PLUGIN.to_owned()),
                manifests,
            });
            push_manifest(client, place, &index, IMAGE_INDEX).await?;
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
        self.request(place, Access::Push, async |client| {
            let config = push_blob(client, EMPTY, b"{}").await?;
            let layers = vec![
                push_blob(client, INDEX, document).await?,
                push_blob(client, SIGNATURE, signature).await?,
            ];
            let image = push_image(client, INDEX, config, layers, Some(place)).await?;
            Ok(image.digest)
        })
    }
}

/// Pushes a blob, unless the registry has it already.
///
/// A broken upload can't go on: the registry may have some of its bytes, or may have finished it. So a retry begins a new upload, after it has looked
/// for the blob.
async fn push_blob(
    client: &mut Client<'_>,
    media_type: &str,
    content: &[u8],
) -> Result<Descriptor, Failure> {
    let descriptor = Descriptor::of(media_type, content);
    let path = format!("blobs/{}", descriptor.digest);
    let mut attempts: Option<Attempts> = None;
    loop {
        let request = client.request(Method::HEAD, &path)?;
        match client.send(request, Size::Unread).await {
            Ok(_) => return Ok(descriptor),
            Err(Failure::Nothing) => {}
            Err(failure) => return Err(failure),
        }
        let upload = begin_upload(client).await?;
        let attempts = attempts
            .get_or_insert_with(|| client.begin_attempts(&Method::PUT, &upload, client.retries));
        attempts.mark_active(false);
        let request = client.follow(Method::PUT, with_digest(upload, &descriptor.digest))?;
        let request = request.header(CONTENT_TYPE, "application/octet-stream");
        let request = request.body(content.to_vec());
        let result = match client.send_once(request).await {
            Ok(answer) => Ok(answer),
            Err(Failure::Broken(broken)) => Err(broken),
            Err(failure) => return Err(failure),
        };
        let decision = decide(&result, true);
        let why = || explain(&result);
        if !attempts.wait(&mut client.meter, decision, why).await {
            let answer = result.map_err(Failure::Broken)?;
            return Failure::check(client, answer).map(|_| descriptor);
        }
    }
}

/// Begins the upload of a blob, and returns its address. An upload that is begun twice does no harm: the registry forgets the one that gets no bytes.
async fn begin_upload(client: &mut Client<'_>) -> Result<Url, Failure> {
    let request = client.request(Method::POST, "blobs/uploads/")?;
    let begun = client.send(request.body(Vec::new()), Size::Unread).await?;
    let location = begun.headers.get(LOCATION);
    let location = location.and_then(|location| begun.url.join(location.to_str().ok()?).ok());
    location.ok_or_else(|| failure::unreadable(&client.name(), "an answer without a place").into())
}

/// Adds the digest of a blob to the address of its upload.
fn with_digest(mut upload: Url, digest: &Digest) -> Url {
    upload
        .query_pairs_mut()
        .append_pair("digest", &digest.to_string());
    upload
}

/// Pushes an image manifest to `at`, or under its digest if `at` is `None`.
async fn push_image(
    client: &mut Client<'_>,
    artifact_type: &str,
    config: Descriptor,
    layers: Vec<Descriptor>,
    at: Option<&Place>,
) -> Result<Descriptor, Failure> {
    let image = to_json(&ImageManifest {
        schema_version: 2,
        media_type: IMAGE.to_owned(),
        artifact_type: Some(artifact_type.to_owned()),
        config,
        layers,
    });
    let descriptor = Descriptor::of(IMAGE, &image);
    let by_digest = client.place.with_digest(&descriptor.digest);
    push_manifest(client, at.unwrap_or(&by_digest), &image, IMAGE).await?;
    Ok(descriptor)
}

async fn push_manifest(
    client: &mut Client<'_>,
    place: &Place,
    content: &[u8],
    media_type: &'static str,
) -> Result<(), Failure> {
    let request = client.request(Method::PUT, &format!("manifests/{}", place.reference()))?;
    let request = request.header(CONTENT_TYPE, media_type);
    let request = request.body(content.to_vec());
    client.send(request, Size::Unread).await.map(drop)
}
