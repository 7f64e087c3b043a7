//! Reads manifests, lists of tags and blobs from a registry.

use std::collections::{BTreeMap, btree_map::Entry};

use percent_encoding::NON_ALPHANUMERIC;
use reqwest::{Method, header::ACCEPT};
use serde::Deserialize;

use super::{
    ArtifactTarget, CONFIG, LARGEST_TEXT, PACKAGE, Place, SIGNATURE,
    client::Client,
    download,
    failure::{self, Failure},
    message::{Descriptor, ImageIndex, ImageManifest},
};
use crate::{
    error::{Error, ErrorKind},
    package::transfer::Size,
    store::{Digest, PackageManifest},
};

/// The size limit for a manifest and for a page of tags, in bytes. The OCI specification recommends it for manifests.
pub(super) const LARGEST_MANIFEST: u64 = 4 << 20;
/// The largest number of packages of a version. There are fewer targets of Rust with an operating system.
const MOST_TARGETS: usize = 64;

/// The media types of manifests, for the header `Accept`.
pub(super) const MANIFESTS: &str =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";

pub(super) fn manifest_path(place: &Place) -> String {
    format!("manifests/{}", place.reference())
}

pub(super) fn no_plugin(place: &Place) -> Error {
    let message = format!("the content at {place} is not a plugin");
    Error::new(ErrorKind::Input, message)
        .hint("check that the address is right; `tw plugin publish` publishes plugins")
}

/// Downloads a manifest of at most `max` bytes. If the place names a digest, checks it.
pub(super) async fn pull_manifest(
    client: &mut Client<'_>,
    place: &Place,
    max: u64,
) -> Result<Vec<u8>, Failure> {
    let request = client.request(Method::GET, &manifest_path(place))?;
    let request = request.header(ACCEPT, MANIFESTS);
    let bytes = client.send(request, Size::AtMost(max)).await?.body;
    let bytes = bytes.ok_or_else(|| download::too_large(&place.to_string(), max))?;
    if let Some(wanted) = place.digest() {
        wanted.check(&format!("the content at {place}"), &bytes)?;
    }
    Ok(bytes)
}

/// Downloads the page of tags after the tag `last`.
pub(super) async fn pull_tags(
    client: &mut Client<'_>,
    last: Option<&str>,
) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    struct Page {
        tags: Option<Vec<String>>,
    }
    let request = client.request(Method::GET, &tags_path(last))?;
    let bytes = client
        .send(request, Size::AtMost(LARGEST_MANIFEST))
        .await?
        .body;
    let bytes = bytes.ok_or_else(|| download::too_large(&client.name(), LARGEST_MANIFEST))?;
    let page: Option<Page> = serde_json::from_slice(&bytes).ok();
    let page = page.ok_or_else(|| failure::unreadable(&client.name(), "a list of tags"))?;
    Ok(page.tags.unwrap_or_default())
}

/// Returns the path of the page of tags after the tag `last`. The tag comes from the registry, so it may have any characters.
fn tags_path(last: Option<&str>) -> String {
    let last = last.map(|last| percent_encoding::utf8_percent_encode(last, NON_ALPHANUMERIC));
    let last = last.map(|last| format!("&last={last}"));
    format!("tags/list?n=1000{}", last.unwrap_or_default())
}

/// Reads the packages of an image index. Each manifest is downloaded once.
pub(super) async fn read_targets(
    client: &mut Client<'_>,
    index: ImageIndex,
) -> Result<BTreeMap<String, ArtifactTarget>, Failure> {
    let place = client.place;
    if index.manifests.len() > MOST_TARGETS {
        let message = format!("the content at {place} has more than {MOST_TARGETS} packages");
        let error = Error::new(ErrorKind::TooLarge, message);
        return Err(error.hint("check that the address is right").into());
    }
    let mut manifests: BTreeMap<Digest, Option<ArtifactTarget>> = BTreeMap::new();
    let mut targets = BTreeMap::new();
    for entry in index.manifests {
        let found = match manifests.entry(entry.digest) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => {
                let at = place.with_digest(&entry.digest);
                let max = entry.size.min(LARGEST_MANIFEST);
                let bytes = pull_manifest(client, &at, max).await?;
                let image = serde_json::from_slice(&bytes).map_err(|_| no_plugin(place))?;
                new.insert(find_layers(at, image)).clone()
            }
        };
        if let (Some(platform), Some(found)) = (&entry.platform, found) {
            targets.insert(platform.target(), found);
        }
    }
    Ok(targets)
}

/// Reads the target from the config of an image manifest that no image index contains. `None` if the image is not a plugin.
pub(super) async fn read_target(
    client: &mut Client<'_>,
    digest: Digest,
    image: ImageManifest,
) -> Result<Option<(String, ArtifactTarget)>, Failure> {
    if image.config.media_type != CONFIG {
        return Ok(None);
    }
    let config = pull_blob(client, &image.config, LARGEST_TEXT).await?;
    let config: Option<PackageManifest> = serde_json::from_slice(&config).ok();
    let found = find_layers(client.place.with_digest(&digest), image);
    Ok(config.map(|config| config.plugin.target.clone()).zip(found))
}

/// Finds the layers of the package and the signature; returns `None` if there is no package.
fn find_layers(place: Place, image: ImageManifest) -> Option<ArtifactTarget> {
    let layer = |media_type: &str| {
        image
            .layers
            .iter()
            .find(|layer| layer.media_type == media_type)
            .cloned()
    };
    let package_layer = layer(PACKAGE)?;
    Some(ArtifactTarget {
        place,
        package: package_layer.digest,
        package_layer,
        signature: layer(SIGNATURE),
    })
}

/// Downloads a blob of at most `max` bytes, and checks its digest.
pub(super) async fn pull_blob(
    client: &mut Client<'_>,
    layer: &Descriptor,
    max: u64,
) -> Result<Vec<u8>, Failure> {
    let place = client.place;
    if layer.size > max {
        return Err(download::too_large(&place.to_string(), max).into());
    }
    let request = client.request(Method::GET, &format!("blobs/{}", layer.digest))?;
    let what = format!("the content at {place}");
    let bytes = client.send(request, Size::Exactly(layer.size)).await?.body;
    let bytes = bytes.ok_or_else(|| {
        let message = format!(
            "{what} has more than the {} bytes that its manifest says",
            layer.size
        );
        Error::new(ErrorKind::InvalidResponse, message)
            .hint("it is damaged or was changed: get it again from its publisher")
    })?;
    layer.digest.check(&what, &bytes)?;
    Ok(bytes)
}
