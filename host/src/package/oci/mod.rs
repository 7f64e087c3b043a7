//! Packages in an OCI registry. Each version is one artifact:
//!
//! ```text
//! image index                   its tag is the version
//!   └ image manifest            one for each target, which is its platform
//!       ├ config                the package's manifest.json
//!       ├ layer                 the package
//!       └ layer                 the signature, if there is one
//! ```
//!
//! An index of plugins is an image manifest with two layers: the document and its signature.

mod client;
mod message;
mod place;
mod push;

use std::collections::BTreeMap;

use futures_util::StreamExt;
use oci_client::{
    Client,
    errors::DigestError,
    manifest::{OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE, OciDescriptor},
    secrets::RegistryAuth,
};
use semver::Version;
use tw_render::text::visible;

pub(crate) use self::{
    client::Login,
    place::{Place, tag_of},
    push::Pushed,
};
use self::{
    client::{Refusal, explain},
    message::{Descriptor, ImageIndex, ImageManifest, Platform},
    place::version_of,
};
use super::{archive, download};
use crate::{
    config::Settings,
    error::{Error, ErrorKind},
    runtime::runtime,
    store::{Digest, PackageManifest},
};

/// The prefix of an address in a registry.
pub(crate) const SCHEME: &str = "oci://";

const PLUGIN: &str = "application/vnd.tw.plugin.v1";
const CONFIG: &str = "application/vnd.tw.plugin.manifest.v1+json";
const PACKAGE: &str = "application/vnd.tw.plugin.package.v1.tar+gzip";
const SIGNATURE: &str = "application/vnd.tw.plugin.signature.v1+minisign";
const INDEX: &str = "application/vnd.tw.plugin.index.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// The size limit for documents and signatures, in bytes.
const LARGEST_TEXT: u64 = crate::files::MAX_TEXT;
/// The largest number of pages of tags, because a faulty registry may never end its list.
const MOST_PAGES: usize = 1000;

/// A version of a plugin in a registry.
#[derive(Debug)]
pub(crate) struct Artifact {
    pub(crate) targets: BTreeMap<String, ArtifactTarget>,
}

/// The package of a version for a target.
#[derive(Debug, Clone)]
pub(crate) struct ArtifactTarget {
    /// The address of the target's image manifest.
    pub(crate) place: Place,
    /// The digest of the package.
    pub(crate) package: Digest,
    package_layer: Descriptor,
    signature: Option<Descriptor>,
}

/// A client for registries.
pub(crate) struct Registry<'a> {
    settings: &'a Settings,
    login: Login,
}

impl<'a> Registry<'a> {
    pub(crate) fn new(settings: &'a Settings, login: Login) -> Self {
        Self { settings, login }
    }

    /// Finds a version and its packages for all targets.
    ///
    /// # Errors
    /// The registry can't be reached or refuses the login, or has no plugin at the place.
    pub(crate) fn find(&self, place: &Place) -> Result<Artifact, Error> {
        self.request(place, async |client, auth| {
            let (bytes, digest) = pull_manifest(client, auth, place).await?;
            let no_plugin = || {
                let message = format!("the content at {place} is not a plugin");
                Error::new(ErrorKind::Input, message)
                    .hint("check that the address is right; `tw plugin publish` publishes plugins")
            };
            let mut targets = BTreeMap::new();
            if let Ok(image) = serde_json::from_slice::<ImageManifest>(&bytes) {
                let (target, found) = read_target(client, auth, place, digest, image)
                    .await?
                    .ok_or_else(no_plugin)?;
                targets.insert(target, found);
                return Ok(Artifact { targets });
            }
            let index: ImageIndex = serde_json::from_slice(&bytes).map_err(|_| no_plugin())?;
            for entry in index.manifests {
                let at = place.with_digest(&entry.digest);
                let (bytes, _) = pull_manifest(client, auth, &at).await?;
                let image: ImageManifest =
                    serde_json::from_slice(&bytes).map_err(|_| no_plugin())?;
                let platform = entry.platform.as_ref().map(Platform::target);
                if let (Some(target), Some(found)) = (platform, find_layers(at, image)) {
                    targets.insert(target, found);
                }
            }
            match targets.is_empty() {
                true => Err(no_plugin()),
                false => Ok(Artifact { targets }),
            }
        })
    }

    /// True if there is anything at a place. Some registries refuse the login if the repository doesn't exist yet, so a refused login counts as an
    /// empty place.
    ///
    /// # Errors
    /// The registry can't be reached.
    pub(crate) fn has(&self, place: &Place) -> Result<bool, Error> {
        self.request(place, async |client, auth| {
            match client.fetch_manifest_digest(&place.reference, auth).await {
                Ok(_) => Ok(true),
                Err(error) => match Refusal::of(&error) {
                    Some(_) => Ok(false),
                    None => Err(explain(place, error)),
                },
            }
        })
    }

    /// Downloads the package of a target, and its signature if there is one.
    ///
    /// # Errors
    /// The download fails, or the package doesn't match its digest.
    pub(crate) fn pull(
        &self,
        target: &ArtifactTarget,
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), Error> {
        self.request(&target.place, async |client, auth| {
            let package = pull_blob(
                client,
                auth,
                &target.place,
                &target.package_layer,
                archive::LARGEST,
            )
            .await?;
            let signature = match &target.signature {
                Some(layer) => {
                    Some(pull_blob(client, auth, &target.place, layer, LARGEST_TEXT).await?)
                }
                None => None,
            };
            Ok((package, signature))
        })
    }

    /// Downloads the document and the signature of an index.
    ///
    /// # Errors
    /// The download fails, or there is no signed index at the place.
    pub(crate) fn pull_index(&self, place: &Place) -> Result<(Vec<u8>, Vec<u8>), Error> {
        self.request(place, async |client, auth| {
            let (bytes, _) = pull_manifest(client, auth, place).await?;
            let image = serde_json::from_slice::<ImageManifest>(&bytes).ok();
            let layer = |media_type: &str| {
                let layers = image.as_ref().map(|image| &image.layers);
                layers
                    .into_iter()
                    .flatten()
                    .find(|layer| layer.media_type == media_type)
            };
            let (Some(document), Some(signature)) = (layer(INDEX), layer(SIGNATURE)) else {
                let message = format!("the content at {place} is not a signed index of plugins");
                return Err(
                    Error::new(ErrorKind::Input, message).hint("check that the address is right")
                );
            };
            let document = pull_blob(client, auth, place, document, LARGEST_TEXT).await?;
            let signature = pull_blob(client, auth, place, signature, LARGEST_TEXT).await?;
            Ok((document, signature))
        })
    }

    /// Lists the tags of a repository that are versions.
    ///
    /// # Errors
    /// The registry can't be reached, or has no such repository.
    pub(crate) fn versions(&self, place: &Place) -> Result<Vec<Version>, Error> {
        self.request(place, async |client, auth| {
            let mut versions = Vec::new();
            let mut last: Option<String> = None;
            for _ in 0..MOST_PAGES {
                let page = client
                    .list_tags(&place.reference, auth, Some(1000), last.as_deref())
                    .await;
                let tags = page.map_err(|error| explain(place, error))?.tags;
                versions.extend(tags.iter().filter_map(|tag| version_of(tag)));
                // A page may be shorter than requested. A registry without paging sends the same page again.
                match tags.last() {
                    Some(tag) if last.as_ref() != Some(tag) => last = Some(tag.clone()),
                    _ => return Ok(versions),
                }
            }
            Err(Error::new(
                ErrorKind::TooLarge,
                format!("the list of versions at {place} is too long"),
            )
            .hint("name a version: oci://HOST/REPO:VERSION"))
        })
    }

    /// Makes requests with a client and its credentials.
    fn request<T>(
        &self,
        place: &Place,
        work: impl AsyncFnOnce(&Client, &RegistryAuth) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let client = self.client(place)?;
        let auth = self.auth(place)?;
        let runtime = runtime().map_err(Error::system)?;
        runtime.block_on(work(&client, &auth))
    }
}

/// Downloads a manifest. If the place names a digest, checks it. Returns the digest with the manifest.
async fn pull_manifest(
    client: &Client,
    auth: &RegistryAuth,
    place: &Place,
) -> Result<(Vec<u8>, Digest), Error> {
    let accepted = [OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE];
    let pulled = client
        .pull_manifest_raw(&place.reference, auth, &accepted)
        .await;
    let (bytes, _) = pulled.map_err(|error| explain(place, error))?;
    let digest = Digest::of(&bytes);
    if let Some(wanted) = place.reference.digest() {
        let wanted: Digest = wanted.parse().map_err(|error: &str| {
            Error::new(ErrorKind::Input, format!("`{}`: {error}", visible(wanted)))
                .hint("check that the address is right")
        })?;
        wanted.check(&format!("the content at {place}"), &bytes)?;
    }
    Ok((bytes.to_vec(), digest))
}

/// Reads the target from the config of an image manifest that no image index contains.
async fn read_target(
    client: &Client,
    auth: &RegistryAuth,
    place: &Place,
    digest: Digest,
    image: ImageManifest,
) -> Result<Option<(String, ArtifactTarget)>, Error> {
    if image.config.media_type != CONFIG {
        return Ok(None);
    }
    let config = pull_blob(client, auth, place, &image.config, LARGEST_TEXT).await?;
    let config: Option<PackageManifest> = serde_json::from_slice(&config).ok();
    let found = find_layers(place.with_digest(&digest), image);
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

impl From<&Descriptor> for OciDescriptor {
    fn from(descriptor: &Descriptor) -> Self {
        Self {
            media_type: descriptor.media_type.clone(),
            digest: descriptor.digest.to_string(),
            size: i64::try_from(descriptor.size).unwrap_or(i64::MAX),
            ..Self::default()
        }
    }
}

/// Downloads a blob, and checks its digest.
async fn pull_blob(
    client: &Client,
    auth: &RegistryAuth,
    place: &Place,
    layer: &Descriptor,
    max: u64,
) -> Result<Vec<u8>, Error> {
    let what = format!("the content at {place}");
    if layer.size > max {
        return Err(download::too_large(&place.to_string(), max));
    }
    client
        .store_auth_if_needed(place.reference.resolve_registry(), auth)
        .await;
    let descriptor = OciDescriptor::from(layer);
    let stream = client.pull_blob_stream(&place.reference, &descriptor).await;
    let mut stream = stream.map_err(|error| explain(place, error))?.stream;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            // The blob is complete, and its digest is checked below.
            Err(error)
                if error
                    .get_ref()
                    .is_some_and(|inner| inner.is::<DigestError>()) =>
            {
                break;
            }
            Err(error) => return Err(download::incomplete(&place.to_string(), &error)),
        };
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > layer.size {
            return Err(Error::new(
                ErrorKind::InvalidResponse,
                format!(
                    "{what} has more than the {} bytes that its manifest says",
                    layer.size
                ),
            )
            .hint("it is damaged or was changed: get it again from its publisher"));
        }
    }
    layer.digest.check(&what, &bytes)?;
    Ok(bytes)
}
