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
mod docker;
mod failure;
mod helper;
mod login;
mod message;
mod place;
mod pull;
mod push;

use std::collections::BTreeMap;

use reqwest::{Method, header::ACCEPT};
use semver::Version;

use self::place::version_of;
use self::{
    client::{Access, Client},
    failure::Failure,
    message::{Descriptor, ImageManifest},
    pull::{
        LARGEST_MANIFEST, MANIFESTS, manifest_path, no_plugin, pull_blob, pull_manifest, pull_tags,
        read_target, read_targets,
    },
};
pub(crate) use self::{
    docker::Login,
    place::{Place, tag_of},
    push::Pushed,
};
use super::{archive, download, transfer::Size};
use crate::{
    config::Settings,
    error::{Error, ErrorKind},
    runtime::runtime,
    store::Digest,
};

/// The prefix of an address in a registry.
pub(crate) const SCHEME: &str = "oci://";

const IMAGE_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const PLUGIN: &str = "application/vnd.tw.plugin.v1";
const CONFIG: &str = "application/vnd.tw.plugin.manifest.v1+json";
const PACKAGE: &str = "application/vnd.tw.plugin.package.v1.tar+gzip";
const SIGNATURE: &str = "application/vnd.tw.plugin.signature.v1+minisign";
const INDEX: &str = "application/vnd.tw.plugin.index.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// The size limit for documents and signatures, in bytes.
const LARGEST_TEXT: u64 = crate::files::MAX_TEXT;
/// The largest number of pages of tags, because a faulty registry may never end its list.
const MOST_PAGES: usize = 200;
/// The largest number of tags, on all pages.
const MOST_TAGS: usize = 100_000;

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
    login: &'a Login,
}

impl<'a> Registry<'a> {
    pub(crate) fn new(settings: &'a Settings, login: &'a Login) -> Self {
        Self { settings, login }
    }

    /// Finds a version and its packages for all targets.
    ///
    /// # Errors
    /// The registry can't be reached or refuses the login, or has no plugin at the place.
    pub(crate) fn find(&self, place: &Place) -> Result<Artifact, Error> {
        self.request(place, Access::Pull, async |client| {
            let bytes = pull_manifest(client, place, LARGEST_MANIFEST).await?;
            let mut targets = BTreeMap::new();
            if let Ok(image) = serde_json::from_slice::<ImageManifest>(&bytes) {
                let found = read_target(client, Digest::of(&bytes), image).await?;
                targets.extend(found);
            } else {
                let index = serde_json::from_slice(&bytes).map_err(|_| no_plugin(place))?;
                targets = read_targets(client, index).await?;
            }
            match targets.is_empty() {
                true => Err(no_plugin(place).into()),
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
        self.request(place, Access::Pull, async |client| {
            let request = client.request(Method::HEAD, &manifest_path(place))?;
            let request = request.header(ACCEPT, MANIFESTS);
            match client.send(request, Size::Unread).await {
                Ok(_) => Ok(true),
                Err(Failure::Login | Failure::Nothing) => Ok(false),
                Err(failure) => Err(failure),
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
        self.request(&target.place, Access::Pull, async |client| {
            let package = pull_blob(client, &target.package_layer, archive::LARGEST).await?;
            let signature = match &target.signature {
                Some(layer) => Some(pull_blob(client, layer, LARGEST_TEXT).await?),
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
        self.request(place, Access::Pull, async |client| {
            let bytes = pull_manifest(client, place, LARGEST_MANIFEST).await?;
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
                let error = Error::new(ErrorKind::Input, message);
                return Err(error.hint("check that the address is right").into());
            };
            let document = pull_blob(client, document, LARGEST_TEXT).await?;
            let signature = pull_blob(client, signature, LARGEST_TEXT).await?;
            Ok((document, signature))
        })
    }

    /// Lists the tags of a repository that are versions.
    ///
    /// # Errors
    /// The registry can't be reached, or has no such repository.
    pub(crate) fn versions(&self, place: &Place) -> Result<Vec<Version>, Error> {
        self.request(place, Access::Pull, async |client| {
            let mut versions = Vec::new();
            let (mut count, mut last) = (0, None);
            for _ in 0..MOST_PAGES {
                let tags = pull_tags(client, last.as_deref()).await?;
                count += tags.len();
                if count > MOST_TAGS {
                    break;
                }
                versions.extend(tags.iter().filter_map(|tag| version_of(tag)));
                // A page may be shorter than requested. A registry without paging sends the same page again.
                match tags.last() {
                    Some(tag) if last.as_ref() != Some(tag) => last = Some(tag.clone()),
                    _ => return Ok(versions),
                }
            }
            let message = format!("the list of versions at {place} is too long");
            let error = Error::new(ErrorKind::TooLarge, message);
            Err(error.hint("name a version: oci://HOST/REPO:VERSION").into())
        })
    }

    /// Connects to the registry of a place for an operation, and does the work.
    fn request<T>(
        &self,
        place: &Place,
        access: Access,
        work: impl AsyncFnOnce(&mut Client<'_>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let runtime = runtime().map_err(Error::system)?;
        runtime.block_on(async {
            let mut client = Client::connect(self, place, access).await?;
            let worked = work(&mut client).await;
            worked.map_err(|failure| failure.explain(place, self.login))
        })
    }
}
