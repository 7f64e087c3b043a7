//! Fetching: what a source has for this machine, checked by digest and signature.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use tw_render::text::visible;

use super::{
    Context,
    archive::{self, Package},
    index::{self, Indices},
    oci::{Artifact, Place},
    source::{Base, Source, exactly, signature_at, signature_beside},
};
use crate::{
    error::{Error, ErrorKind},
    files,
    store::{Locked, Target, target},
    trust::{
        Policy, Signer,
        keys::{Key, Keys, Signature},
    },
};

/// A package that was fetched and is what it says it is.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) package: Package,
    pub(crate) locked: Locked,
    /// The number of the key that signed it, whether it is trusted or not.
    pub(crate) key_id: Option<String>,
}

impl Candidate {
    pub(crate) fn name(&self) -> &str {
        &self.package.manifest.plugin.name
    }
}

/// Fetches what the source has for this machine.
///
/// # Errors
/// It has nothing, can't be reached, or what it has isn't a package, isn't what was meant, or isn't signed by whom it should be.
pub(crate) fn fetch(
    source: &Source,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<Candidate, Error> {
    match source {
        Source::Index {
            index,
            name,
            wanted,
        } => from_index(index, name, wanted, context, policy),
        Source::Registry(place) => from_registry(place, context),
        Source::File(path) => {
            let path = path.canonicalize().unwrap_or_else(|_| path.clone());
            alone(Source::File(path), context)
        }
        Source::Url(_) => alone(source.clone(), context),
    }
}

/// A package and its signature, which stand alone: no other targets are known.
fn alone(source: Source, context: &Context<'_>) -> Result<Candidate, Error> {
    let (bytes, signature) = bytes(&source, context)?;
    let package = Package::read(&bytes)?;
    let target = Target {
        package: package.digest,
        contents: None,
        source: source.to_string(),
    };
    let targets = BTreeMap::from([(package.manifest.plugin.target.clone(), target)]);
    let signer = trusted_signer(&bytes, signature.as_deref())?;
    candidate(
        package,
        source.to_string(),
        None,
        signer,
        signature.as_deref(),
        targets,
    )
}

fn from_registry(place: &Place, context: &Context<'_>) -> Result<Candidate, Error> {
    let registry = context.registry();
    if place.is_open() {
        let is_wanted = |version: &Version| version.pre.is_empty();
        let newest = registry
            .versions(place)?
            .into_iter()
            .filter(is_wanted)
            .max();
        let newest = newest.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("{place} has no version"))
                .hint("name a tag or a digest, or see that the address is right")
        })?;
        return from_registry(&place.tagged(&newest.to_string()), context);
    }
    let artifact = registry.find(place)?;
    let here = artifact
        .targets
        .get(&target())
        .ok_or_else(|| no_target(&place.to_string(), artifact.targets.keys()))?;
    let (bytes, signature) = registry.pull(here)?;
    let package = Package::read(&bytes)?;
    let version = &package.manifest.plugin.version;
    if let Some(tag) = place
        .tag()
        .filter(|tag| tag.parse::<Version>().is_ok() && tag != version)
    {
        return Err(Error::new(
            ErrorKind::Input,
            format!(
                "{place} has the version {}, and not {tag}",
                visible(version)
            ),
        )
        .hint("tell its publisher"));
    }
    let signer = trusted_signer(&bytes, signature.as_deref())?;
    // One that is named by its digest stays that one; newer versions of a tag are other tags.
    let source = match place.tag() {
        Some(_) => place.repository(),
        None => place.to_string(),
    };
    candidate(
        package,
        source,
        None,
        signer,
        signature.as_deref(),
        targets_of(&artifact),
    )
}

fn targets_of(artifact: &Artifact) -> BTreeMap<String, Target> {
    let targets = artifact.targets.iter().map(|(name, found)| {
        let target = Target {
            package: found.package,
            contents: None,
            source: found.place.to_string(),
        };
        (name.clone(), target)
    });
    targets.collect()
}

fn from_index(
    name: &str,
    plugin: &str,
    wanted: &VersionReq,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<Candidate, Error> {
    let indices = Indices::read(policy)?;
    let document = indices.fetch(name, context)?;
    let entry = document.plugins.get(plugin).ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!("the index `{name}` has no plugin `{plugin}`"),
        )
        .hint("`tw plugin search WORDS` shows what there is")
    })?;
    let pinned = policy.pin(plugin).map(exactly);
    let pinned = pinned.filter(|_| *wanted == VersionReq::STAR);
    let (version, release) = entry
        .newest(pinned.as_ref().unwrap_or(wanted))
        .ok_or_else(|| {
            let versions: Vec<String> = entry.versions.keys().map(Version::to_string).collect();
            Error::new(
                ErrorKind::NotFound,
                format!(
                    "the index `{name}` has no version `{wanted}` of `{plugin}` for {}",
                    target()
                ),
            )
            .hint(format!("it has {}", versions.join(", ")))
        })?;
    let base = index::base(indices.get(name)?);
    let released = &release.targets[&target()];
    let source = Source::resolve(&released.source, base.as_ref())?;
    let (bytes, signature) = bytes(&source, context)?;
    released
        .digest
        .check(&format!("the package at {source}"), &bytes)?;
    let package = Package::read(&bytes)?;
    let found = &package.manifest.plugin;
    if found.name != plugin || found.version != version.to_string() {
        return Err(Error::new(ErrorKind::Refused, format!(
                "the package at {source} is `{}` {}, and the index `{name}` says `{plugin}` {version}",
                visible(&found.name),
                visible(&found.version)
            )).hint("tell whoever keeps the index"));
    }
    let publisher = &document.publishers[&entry.publisher];
    let signer = match &signature {
        None => None,
        Some(signature) => {
            Key::parse(&publisher.key)?.verify(&Signature::parse(signature)?, &bytes)?;
            Some(Signer {
                name: entry.publisher.clone(),
                key: publisher.key.clone(),
            })
        }
    };
    let targets = release.targets.iter().map(|(target, released)| {
        let source = Source::resolve(&released.source, base.as_ref())?.to_string();
        let package = released.digest;
        let contents = None;
        Ok((
            target.clone(),
            Target {
                package,
                contents,
                source,
            },
        ))
    });
    let targets = targets.collect::<Result<_, Error>>()?;
    candidate(
        package,
        format!("{name}/{plugin}"),
        Some(name.to_owned()),
        signer,
        signature.as_deref(),
        targets,
    )
}

fn candidate(
    package: Package,
    source: String,
    index: Option<String>,
    signer: Option<Signer>,
    signature: Option<&[u8]>,
    mut targets: BTreeMap<String, Target>,
) -> Result<Candidate, Error> {
    let plugin = &package.manifest.plugin;
    let version = plugin.version.parse().map_err(|_| {
        Error::new(
            ErrorKind::Failure,
            format!("its version `{}` is none", visible(&plugin.version)),
        )
        .hint("tell its publisher: a version is like 1.2.3")
    })?;
    if let Some(here) = targets.get_mut(&plugin.target) {
        here.contents = Some(package.contents());
    }
    let locked = Locked {
        version,
        source,
        index,
        signer,
        targets,
    };
    let key_id = signature.and_then(|signature| Signature::parse(signature).ok());
    Ok(Candidate {
        package,
        locked,
        key_id: key_id.map(|signature| signature.key_id()),
    })
}

/// A package and its signature, where it has one.
///
/// # Errors
/// It isn't there, can't be had, or is too large.
pub(crate) fn bytes(
    source: &Source,
    context: &Context<'_>,
) -> Result<(Vec<u8>, Option<Vec<u8>>), Error> {
    match source {
        Source::File(path) => {
            let bytes = files::read_at_most(path, archive::LARGEST)
                .map_err(|error| Error::unreadable(path, error))?;
            Ok((bytes, signature_beside(path)?))
        }
        Source::Url(url) => {
            let bytes = context.download.get(url, archive::LARGEST)?;
            let signature = context.download.find(&signature_at(url), files::MAX_TEXT)?;
            Ok((bytes, signature))
        }
        Source::Registry(place) => {
            let registry = context.registry();
            let artifact = registry.find(place)?;
            let here = artifact.targets.get(&target());
            registry
                .pull(here.ok_or_else(|| no_target(&place.to_string(), artifact.targets.keys()))?)
        }
        Source::Index { .. } => Err(Error::new(
            ErrorKind::Input,
            format!("{source} is not where a package is"),
        )
        .hint("tell whoever keeps the index")),
    }
}

/// Nothing for this machine is there.
pub(super) fn no_target<'a>(place: &str, targets: impl Iterator<Item = &'a String>) -> Error {
    let targets: Vec<&str> = targets.map(String::as_str).collect();
    Error::new(
        ErrorKind::Failure,
        format!("{place} has nothing for {}", target()),
    )
    .hint(format!(
        "it has {}; ask its publisher",
        visible(&targets.join(", "))
    ))
}

fn trusted_signer(bytes: &[u8], signature: Option<&[u8]>) -> Result<Option<Signer>, Error> {
    match signature {
        None => Ok(None),
        Some(signature) => Keys::of_person().signer(&Signature::parse(signature)?, bytes),
    }
}

/// Relative places have a meaning only beside their index.
pub(crate) fn package_source(target: &Target) -> Result<Source, Error> {
    Source::resolve(&target.source, None::<&Base>)
}
