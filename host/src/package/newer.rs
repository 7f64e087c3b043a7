//! Finds newer versions of installed plugins.

use semver::Version;

use super::{
    Context,
    index::Indices,
    oci::Place,
    source::{Source, exactly},
};
use crate::{
    error::{Error, ErrorKind},
    store::{Locked, target},
    trust::{Policy, versions::is_same},
};

/// A newer version, and where it is.
#[derive(Debug)]
pub(crate) struct Newer {
    pub(crate) version: Version,
    pub(crate) source: Source,
}

/// Finds the newest version at a plugin's source, if it is newer than the installed one. If a policy pins the plugin, finds the pinned version
/// instead, if it is not the installed one.
///
/// # Errors
/// The source can't be reached.
pub(crate) fn find(
    name: &str,
    locked: &Locked,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<Option<Newer>, Error> {
    let is_wanted = |version: &Version| is_wanted(version, locked, policy.pin(name));
    if let Some(locked_index) = &locked.index {
        let index = &locked_index.name;
        let indices = Indices::read(policy)?;
        if indices.get(index)?.key != locked_index.key {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("the index `{index}` has another key than when `{name}` was installed"),
            )
            .hint(format!(
                "to take versions from the other index, remove the plugin first: \
                 `tw plugin remove {name}`"
            )));
        }
        let document = indices.fetch(index, context)?;
        let plugin = document.plugins.get(name);
        let versions = plugin.into_iter().flat_map(|plugin| &plugin.versions);
        let version = versions
            .filter(|(_, release)| release.targets.contains_key(&target()))
            .map(|(version, _)| version.clone())
            .rfind(|version| is_wanted(version));
        return Ok(version.map(|version| Newer {
            source: Source::Index {
                index: index.clone(),
                name: name.to_owned(),
                wanted: exactly(&version),
            },
            version,
        }));
    }
    let Some(place) = repository(locked) else {
        return Ok(None);
    };
    let version = find_newest(&place, context, is_wanted)?;
    Ok(version.map(|version| Newer {
        source: Source::Registry(place.with_version(&version)),
        version,
    }))
}

/// Finds the newest version in a repository that is wanted; returns `None` if there is none.
///
/// # Errors
/// The registry can't be reached, or has two such versions that differ only in build metadata.
pub(super) fn find_newest(
    place: &Place,
    context: &Context<'_>,
    is_wanted: impl Fn(&Version) -> bool,
) -> Result<Option<Version>, Error> {
    let mut versions = context.registry().versions(place)?;
    versions.retain(|version| is_wanted(version));
    versions.sort_unstable();
    versions.dedup();
    match versions.as_slice() {
        [.., one, other] if is_same(one, other) => Err(Error::new(
            ErrorKind::Refused,
            format!("{place} has two packages of one version: {one} and {other}"),
        )
        .hint("tell the plugin's publisher")),
        _ => Ok(versions.pop()),
    }
}

/// True if a version should replace the installed one. A pre-release replaces only another pre-release.
fn is_wanted(version: &Version, locked: &Locked, pin: Option<&Version>) -> bool {
    let installed = &locked.version;
    match pin {
        Some(pin) => is_same(version, pin) && !is_same(version, installed),
        None => {
            version.cmp_precedence(installed).is_gt()
                && (version.pre.is_empty() || !installed.pre.is_empty())
        }
    }
}

/// True if the plugin's source can have several versions. A file, a URL and a digest are one version.
pub(crate) fn has_versions(locked: &Locked) -> bool {
    locked.index.is_some() || repository(locked).is_some()
}

/// Returns the repository that a plugin was installed from; `None` if its source is something else.
fn repository(locked: &Locked) -> Option<Place> {
    match Source::resolve(&locked.source, None) {
        Ok(Source::Registry(place)) if place.is_open() => Some(place),
        _ => None,
    }
}
