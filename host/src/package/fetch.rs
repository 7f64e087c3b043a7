//! Fetches the package that a source has for this machine, and checks its digest and its signature.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use tw_plugin_protocol::Manifest;
use tw_render::text::visible;

use super::{
    Context,
    archive::{self, Package},
    index::{self, Indices, Listing, Release},
    install::Allowed,
    names::{check_file_name, check_repository, check_tag},
    newer::find_newest,
    oci::{Artifact, Place},
    signed::{check_publisher, find_signers, signer_of},
    source::{Base, Source, exactly, signature_at, signature_beside},
};
use crate::{
    error::{Error, ErrorKind},
    files,
    store::{Locked, LockedIndex, Target, target},
    trust::{Policy, Signer},
};

/// A package whose digest and signature were checked before it was parsed.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) package: Package,
    pub(crate) locked: Locked,
}

impl Candidate {
    pub(crate) fn name(&self) -> &str {
        &self.package.manifest.plugin.name
    }
}

/// The origin of a package, as its source describes it.
struct Provenance {
    /// The source of newer versions, which the lock file records.
    source: String,
    /// The index that names the package.
    index: Option<LockedIndex>,
    signer: Option<Signer>,
    /// The packages of the version for all targets.
    targets: BTreeMap<String, Target>,
}

/// Fetches the package that a source has for this machine.
///
/// # Errors
/// The source can't be reached, or has no package for this machine. The package is damaged, has another digest or another plugin than the source says,
/// or isn't signed with a trusted key.
pub(crate) fn fetch(
    source: &Source,
    allowed: Allowed,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<Candidate, Error> {
    match source {
        Source::Index {
            index,
            name,
            wanted,
        } => fetch_from_index((index, name, wanted), allowed, context, policy),
        Source::Registry(place) => fetch_from_registry(place, allowed, context),
        Source::File(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let path = path.canonicalize().unwrap_or_else(|_| path.clone());
            fetch_package(Source::File(path), &name, allowed, context)
        }
        Source::Url(url) => {
            let name = url.path_segments().and_then(Iterator::last);
            fetch_package(source.clone(), name.unwrap_or_default(), allowed, context)
        }
    }
}

/// Fetches a package from a file or a URL, which has no packages for other targets.
fn fetch_package(
    source: Source,
    file: &str,
    allowed: Allowed,
    context: &Context<'_>,
) -> Result<Candidate, Error> {
    let (bytes, signature) = read(&source, context)?;
    let signers = find_signers(&bytes, signature.as_deref(), allowed)?;
    let package = Package::read(&bytes)?;
    check_file_name(file, &package.manifest.plugin)?;
    let target = Target {
        package: package.digest,
        contents: None,
        source: source.to_string(),
    };
    let provenance = Provenance {
        source: source.to_string(),
        index: None,
        signer: signer_of(signers, &package)?,
        targets: BTreeMap::from([(package.manifest.plugin.target.clone(), target)]),
    };
    new_candidate(package, provenance)
}

fn fetch_from_registry(
    place: &Place,
    allowed: Allowed,
    context: &Context<'_>,
) -> Result<Candidate, Error> {
    let registry = context.registry();
    if place.is_open() {
        let newest = find_newest(place, context, |version| version.pre.is_empty())?;
        let newest = newest.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("{place} has no version"))
                .hint("name a tag or a digest, or check that the address is right")
        })?;
        return fetch_from_registry(&place.with_version(&newest), allowed, context);
    }
    let artifact = registry.find(place)?;
    let here = artifact.targets.get(&target());
    let here = here.ok_or_else(|| no_target(&place.to_string(), artifact.targets.keys()))?;
    let (bytes, signature) = registry.pull(here)?;
    let signers = find_signers(&bytes, signature.as_deref(), allowed)?;
    let package = Package::read(&bytes)?;
    check_repository(place, &package.manifest.plugin.name)?;
    check_tag(place, &package.manifest.plugin.version)?;
    let provenance = Provenance {
        // The other tags of a repository are newer versions; a digest has none.
        source: match place.tag() {
            Some(_) => place.repository(),
            None => place.to_string(),
        },
        index: None,
        signer: signer_of(signers, &package)?,
        targets: targets_of(&artifact),
    };
    new_candidate(package, provenance)
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

fn fetch_from_index(
    (index, name, wanted): (&str, &str, &VersionReq),
    allowed: Allowed,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<Candidate, Error> {
    let indices = Indices::read(policy)?;
    let document = indices.fetch(index, context)?;
    let listing = document.plugins.get(name).ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!("the index `{index}` has no plugin `{name}`"),
        )
        .hint("`tw plugin search WORDS` finds plugins")
    })?;
    // A pin decides if the user named no version.
    let pin = policy.pin(name).filter(|_| *wanted == VersionReq::STAR);
    let wanted = pin.map_or_else(|| wanted.clone(), exactly);
    let newest = listing.newest(&wanted);
    let (version, release) = newest.ok_or_else(|| no_version(index, name, &wanted, listing))?;

    let configured = indices.get(index)?;
    let base = index::base(configured);
    let released = &release.targets[&target()];
    let source = Source::resolve(&released.source, base.as_ref())?;
    let (bytes, signature) = read(&source, context)?;
    let what = format!("the package at {source}");
    released.digest.check(&what, &bytes)?;
    let publisher = Signer {
        name: listing.publisher.clone(),
        key: document.publishers[&listing.publisher].key.clone(),
    };
    let signer = check_publisher(publisher, &bytes, signature.as_deref(), allowed)?;
    let package = Package::read(&bytes)?;
    let found = &package.manifest.plugin;
    if found.name != name || found.version != version.to_string() {
        let expected = format!("the index `{index}` says `{name}` {version}");
        return Err(other_package(&what, found, &expected));
    }
    let provenance = Provenance {
        source: format!("{index}/{name}"),
        index: Some(LockedIndex {
            name: index.to_owned(),
            key: configured.key.clone(),
        }),
        signer,
        targets: release_targets(release, base.as_ref())?,
    };
    new_candidate(package, provenance)
}

fn no_version(index: &str, name: &str, wanted: &VersionReq, listing: &Listing) -> Error {
    let versions: Vec<String> = listing.versions.keys().map(Version::to_string).collect();
    let target = target();
    Error::new(
        ErrorKind::NotFound,
        format!("the index `{index}` has no version `{wanted}` of `{name}` for {target}"),
    )
    .hint(format!("its versions are {}", versions.join(", ")))
}

/// Makes the error of a package that is another than its index says.
fn other_package(what: &str, found: &Manifest, expected: &str) -> Error {
    let (name, version) = (visible(&found.name), visible(&found.version));
    let message = format!("{what} is `{name}` {version}, but {expected}");
    Error::new(ErrorKind::Refused, message).hint("tell the maintainer of the index")
}

fn release_targets(
    release: &Release,
    base: Option<&Base>,
) -> Result<BTreeMap<String, Target>, Error> {
    let targets = release.targets.iter().map(|(target, released)| {
        let found = Target {
            package: released.digest,
            contents: None,
            source: Source::resolve(&released.source, base)?.to_string(),
        };
        Ok((target.clone(), found))
    });
    targets.collect()
}

fn new_candidate(package: Package, provenance: Provenance) -> Result<Candidate, Error> {
    let plugin = &package.manifest.plugin;
    let version = plugin.version.parse().map_err(|_| {
        Error::new(
            ErrorKind::Input,
            format!("its version `{}` is not valid", visible(&plugin.version)),
        )
        .hint("tell its publisher: a version is like 1.2.3")
    })?;
    let mut targets = provenance.targets;
    if let Some(here) = targets.get_mut(&plugin.target) {
        here.contents = Some(package.contents());
    }
    Ok(Candidate {
        package,
        locked: Locked {
            version,
            source: provenance.source,
            index: provenance.index,
            signer: provenance.signer,
            targets,
        },
    })
}

/// Reads a package and its signature, if there is one.
///
/// # Errors
/// The package can't be read, or is too large.
pub(super) fn read(
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
            let no_target = || no_target(&place.to_string(), artifact.targets.keys());
            registry.pull(here.ok_or_else(no_target)?)
        }
        Source::Index { .. } => Err(Error::new(
            ErrorKind::Input,
            format!("{source} is not the address of a package"),
        )
        .hint("tell the maintainer of the index")),
    }
}

/// Makes the error of a version without a package for this machine.
pub(super) fn no_target<'a>(place: &str, targets: impl Iterator<Item = &'a String>) -> Error {
    let targets: Vec<&str> = targets.map(String::as_str).collect();
    Error::new(
        ErrorKind::NotFound,
        format!("{place} has nothing for {}", target()),
    )
    .hint(format!(
        "it is for {}; ask its publisher for another package",
        visible(&targets.join(", "))
    ))
}
