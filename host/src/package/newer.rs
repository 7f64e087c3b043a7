//! Whether a plugin has a newer version where it came from.

use semver::Version;

use super::{
    Context,
    index::Indices,
    source::{Source, exactly},
};
use crate::{
    error::Error,
    store::{Locked, target},
    trust::Policy,
};

/// The newest version that a source has, if it is newer than the one that is installed; where a policy pins the plugin, that one, if it is another.
///
/// # Errors
/// The source can't be reached.
pub(crate) fn newer(
    name: &str,
    locked: &Locked,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<Option<Newer>, Error> {
    let wanted = |version: &Version| match policy.pin(name) {
        Some(pin) => version == pin && version != &locked.version,
        None => {
            version > &locked.version && (version.pre.is_empty() || !locked.version.pre.is_empty())
        }
    };
    if let Some(index) = &locked.index {
        let indices = Indices::read(policy)?;
        let document = indices.fetch(index, context)?;
        let plugin = document.plugins.get(name);
        let versions = plugin.into_iter().flat_map(|plugin| &plugin.versions);
        let version = versions
            .filter(|(version, release)| wanted(version) && release.targets.contains_key(&target()))
            .map(|(version, _)| version.clone())
            .next_back();
        return Ok(version.map(|version| Newer {
            source: Source::Index {
                index: index.clone(),
                name: name.to_owned(),
                wanted: exactly(&version),
            },
            version,
        }));
    }
    match Source::resolve(&locked.source, None) {
        Ok(Source::Registry(place)) if place.is_open() => {
            let version = context
                .registry()
                .versions(&place)?
                .into_iter()
                .filter(wanted)
                .max();
            Ok(version.map(|version| Newer {
                source: Source::Registry(place.tagged(&version.to_string())),
                version,
            }))
        }
        // A file, a URL and a digest are one version.
        _ => Ok(None),
    }
}

/// Whether newer versions are looked for where this one came from: a file, a URL and a digest are one version.
pub(crate) fn is_looked_for(locked: &Locked) -> bool {
    let source = Source::resolve(&locked.source, None);
    locked.index.is_some() || matches!(source, Ok(Source::Registry(place)) if place.is_open())
}

/// A newer version, and where it is.
#[derive(Debug)]
pub(crate) struct Newer {
    pub(crate) version: Version,
    pub(crate) source: Source,
}
