//! Packages in an OCI registry: one artifact a version.
//!
//! ```text
//! image index                   the tag is the version
//!   └ image manifest a target   with the target as its platform
//!       ├ config                the package's manifest.json
//!       ├ layer                 the package
//!       └ layer                 its signature, where it has one
//! ```
//!
//! An index of packages is an image manifest with two layers: the document and its signature.

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

pub(crate) use self::{client::Login, place::Place, push::Pushed};
use self::{
    client::{Refusal, failed},
    message::{Descriptor, ImageIndex, ImageManifest, Platform},
};
use super::{archive, download};
use crate::{
    config::Settings,
    error::{Error, ErrorKind},
    runtime::runtime,
    store::{Digest, PackageManifest},
};

/// How such an address begins.
pub(crate) const SCHEME: &str = "oci://";

const PLUGIN: &str = "application/vnd.tw.plugin.v1";
const CONFIG: &str = "application/vnd.tw.plugin.manifest.v1+json";
const PACKAGE: &str = "application/vnd.tw.plugin.package.v1.tar+gzip";
const SIGNATURE: &str = "application/vnd.tw.plugin.signature.v1+minisign";
const INDEX: &str = "application/vnd.tw.plugin.index.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// Documents and signatures are small, in bytes.
const LARGEST_TEXT: u64 = crate::files::MAX_TEXT;
/// A repository with more pages of tags has no end.
const MOST_PAGES: usize = 1000;

/// A version in a registry.
#[derive(Debug)]
pub(crate) struct Artifact {
    pub(crate) targets: BTreeMap<String, ArtifactTarget>,
}

/// What a version has for a target.
#[derive(Debug, Clone)]
pub(crate) struct ArtifactTarget {
    /// Where it alone is.
    pub(crate) place: Place,
    /// The digest of the package.
    pub(crate) package: Digest,
    package_layer: Descriptor,
    signature: Option<Descriptor>,
}

/// Speaks to registries.
pub(crate) struct Registry<'a> {
    settings: &'a Settings,
    login: Login,
}

impl<'a> Registry<'a> {
    pub(crate) fn new(settings: &'a Settings, login: Login) -> Self {
        Self { settings, login }
    }

    /// What is at this place: a version with all its targets.
    ///
    /// # Errors
    /// There is nothing, or nothing that is a plugin; the registry can't be reached, or wants a login.
    pub(crate) fn find(&self, place: &Place) -> Result<Artifact, Error> {
        self.speak(place, async |client, auth| {
            let (bytes, digest) = manifest(client, auth, place).await?;
            let no_plugin = || {
                Error::new(
                    ErrorKind::Input,
                    format!("what is at {place} is not a plugin"),
                )
                .hint("`tw plugin publish` puts one into a registry; see that the address is right")
            };
            let mut targets = BTreeMap::new();
            if let Ok(image) = serde_json::from_slice::<ImageManifest>(&bytes) {
                let (target, found) = one_target(client, auth, place, digest, image)
                    .await?
                    .ok_or_else(no_plugin)?;
                targets.insert(target, found);
                return Ok(Artifact { targets });
            }
            let index: ImageIndex = serde_json::from_slice(&bytes).map_err(|_| no_plugin())?;
            for entry in index.manifests {
                let at = place.with_digest(&entry.digest);
                let (bytes, _) = manifest(client, auth, &at).await?;
                let image: ImageManifest =
                    serde_json::from_slice(&bytes).map_err(|_| no_plugin())?;
                let platform = entry.platform.as_ref().map(Platform::target);
                if let (Some(target), Some(found)) = (platform, layers(at, image)) {
                    targets.insert(target, found);
                }
            }
            match targets.is_empty() {
                true => Err(no_plugin()),
                false => Ok(Artifact { targets }),
            }
        })
    }

    /// Whether there is anything at this place. Some registries don't let anybody in where nothing is yet.
    ///
    /// # Errors
    /// The registry can't be reached.
    pub(crate) fn has(&self, place: &Place) -> Result<bool, Error> {
        self.speak(place, async |client, auth| {
            match client.fetch_manifest_digest(&place.reference, auth).await {
                Ok(_) => Ok(true),
                Err(error) => match Refusal::of(&error) {
                    Some(_) => Ok(false),
                    None => Err(failed(place, error)),
                },
            }
        })
    }

    /// The package of a target, and its signature.
    ///
    /// # Errors
    /// It can't be had, or isn't what its digest says.
    pub(crate) fn pull(
        &self,
        target: &ArtifactTarget,
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), Error> {
        self.speak(&target.place, async |client, auth| {
            let package = blob(
                client,
                auth,
                &target.place,
                &target.package_layer,
                archive::LARGEST,
            )
            .await?;
            let signature = match &target.signature {
                Some(layer) => Some(blob(client, auth, &target.place, layer, LARGEST_TEXT).await?),
                None => None,
            };
            Ok((package, signature))
        })
    }

    /// The document and the signature of an index of packages.
    ///
    /// # Errors
    /// There is none, or it can't be had.
    pub(crate) fn pull_index(&self, place: &Place) -> Result<(Vec<u8>, Vec<u8>), Error> {
        self.speak(place, async |client, auth| {
            let (bytes, _) = manifest(client, auth, place).await?;
            let image = serde_json::from_slice::<ImageManifest>(&bytes).ok();
            let layer = |media_type: &str| {
                let layers = image.as_ref().map(|image| &image.layers);
                layers
                    .into_iter()
                    .flatten()
                    .find(|layer| layer.media_type == media_type)
            };
            let (Some(document), Some(signature)) = (layer(INDEX), layer(SIGNATURE)) else {
                return Err(Error::new(
                    ErrorKind::Input,
                    format!("what is at {place} is not a signed index of plugins"),
                )
                .hint("see that the address is right"));
            };
            let document = blob(client, auth, place, document, LARGEST_TEXT).await?;
            Ok((
                document,
                blob(client, auth, place, signature, LARGEST_TEXT).await?,
            ))
        })
    }

    /// All tags of the repository that are versions.
    ///
    /// # Errors
    /// The registry can't be reached, or has no such repository.
    pub(crate) fn versions(&self, place: &Place) -> Result<Vec<Version>, Error> {
        self.speak(place, async |client, auth| {
            let mut versions = Vec::new();
            let mut last: Option<String> = None;
            for _ in 0..MOST_PAGES {
                let page = client
                    .list_tags(&place.reference, auth, Some(1000), last.as_deref())
                    .await;
                let tags = page.map_err(|error| failed(place, error))?.tags;
                versions.extend(tags.iter().filter_map(|tag| tag.parse::<Version>().ok()));
                // A registry may give fewer at a time than it is asked for, and one that knows no pages gives the same again.
                match tags.last() {
                    Some(tag) if last.as_ref() != Some(tag) => last = Some(tag.clone()),
                    _ => return Ok(versions),
                }
            }
            Err(Error::new(
                ErrorKind::TooLarge,
                format!("the list of versions at {place} has no end"),
            )
            .hint("name a version: oci://HOST/REPO:VERSION"))
        })
    }

    fn speak<T>(
        &self,
        place: &Place,
        work: impl AsyncFnOnce(&Client, &RegistryAuth) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let client = self.client(place)?;
        let auth = self.auth(place)?;
        let runtime = runtime()
            .map_err(|error| Error::new(ErrorKind::Failure, error.to_string()).hint("try again"))?;
        runtime.block_on(work(&client, &auth))
    }
}

/// A manifest and its digest; where the digest was asked for, it is that one.
async fn manifest(
    client: &Client,
    auth: &RegistryAuth,
    place: &Place,
) -> Result<(Vec<u8>, Digest), Error> {
    let accepted = [OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE];
    let pulled = client
        .pull_manifest_raw(&place.reference, auth, &accepted)
        .await;
    let (bytes, _) = pulled.map_err(|error| failed(place, error))?;
    let digest = Digest::of(&bytes);
    if let Some(wanted) = place.reference.digest() {
        let wanted: Digest = wanted.parse().map_err(|error: &str| {
            Error::new(
                ErrorKind::Failure,
                format!("`{}`: {error}", visible(wanted)),
            )
            .hint("see that the address is right")
        })?;
        wanted.check(&format!("what {place} has"), &bytes)?;
    }
    Ok((bytes.to_vec(), digest))
}

/// The one target of an image manifest that stands alone: its config says which.
async fn one_target(
    client: &Client,
    auth: &RegistryAuth,
    place: &Place,
    digest: Digest,
    image: ImageManifest,
) -> Result<Option<(String, ArtifactTarget)>, Error> {
    if image.config.media_type != CONFIG {
        return Ok(None);
    }
    let config = blob(client, auth, place, &image.config, LARGEST_TEXT).await?;
    let config: Option<PackageManifest> = serde_json::from_slice(&config).ok();
    let found = layers(place.with_digest(&digest), image);
    Ok(config.map(|config| config.plugin.target).zip(found))
}

/// The package's layer and the signature's.
fn layers(place: Place, image: ImageManifest) -> Option<ArtifactTarget> {
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

/// A blob, compared with its digest.
async fn blob(
    client: &Client,
    auth: &RegistryAuth,
    place: &Place,
    layer: &Descriptor,
    most: u64,
) -> Result<Vec<u8>, Error> {
    let what = format!("what {place} has");
    if layer.size > most {
        return Err(download::too_large(&place.to_string(), most));
    }
    client
        .store_auth_if_needed(place.reference.resolve_registry(), auth)
        .await;
    let descriptor = OciDescriptor {
        media_type: layer.media_type.clone(),
        digest: layer.digest.to_string(),
        size: i64::try_from(layer.size).unwrap_or(i64::MAX),
        ..OciDescriptor::default()
    };
    let stream = client.pull_blob_stream(&place.reference, &descriptor).await;
    let mut stream = stream.map_err(|error| failed(place, error))?.stream;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            // All of it came, and it is compared below.
            Err(error)
                if error
                    .get_ref()
                    .is_some_and(|inner| inner.is::<DigestError>()) =>
            {
                break;
            }
            Err(error) => return Err(download::broken_off(&place.to_string(), &error)),
        };
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > layer.size {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!(
                    "{what} is larger than it says: more than {} bytes",
                    layer.size
                ),
            )
            .hint("somebody changed it, or it is damaged: get it anew from its publisher"));
        }
    }
    layer.digest.check(&what, &bytes)?;
    Ok(bytes)
}
