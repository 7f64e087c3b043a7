//! Finds newer versions of installed plugins.

use semver::Version;

use super::{
    Context,
    index::Indices,
    oci::Place,
    source::{Source, exactly},
};
use crate::{
    error::Error,
    store::{Locked, target},
    trust::Policy,
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
    if let Some(index) = &locked.index {
        let document = Indices::read(policy)?.fetch(index, context)?;
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
    let versions = context.registry().versions(&place)?.into_iter();
    let version = versions.filter(is_wanted).max();
    Ok(version.map(|version| Newer {
        source: Source::Registry(place.with_tag(&version.to_string())),
        version,
    }))
}

/// True if a version should replace the installed one. A pre-release replaces only another pre-release.
fn is_wanted(version: &Version, locked: &Locked, pin: Option<&Version>) -> bool {
    let installed = &locked.version;
    match pin {
        Some(pin) => version == pin && version != installed,
        None => version > installed && (version.pre.is_empty() || !installed.pre.is_empty()),
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
