//! Compares a package with the plugin that it replaces.

use std::{fmt, fs};

use tw_render::text::visible;

use super::{Run, plan::list, view::command_lines};
use crate::{
    package::fetch::Candidate,
    store::{Lock, PluginManifest},
    trust::{Origin, Signer},
};

/// The plugin that a package replaces.
#[derive(Debug)]
pub(super) struct Before {
    name: String,
    /// Empty if the version can't be read.
    version: String,
    origin: Origin,
    /// `None` if the manifest can't be read.
    manifest: Option<PluginManifest>,
    signer: Option<Signer>,
    /// The size of the library in bytes; `None` if the library can't be read.
    size: Option<u64>,
}

impl Before {
    /// Finds the plugin of this name that is installed, or else bundled. Returns `None` if there is none.
    pub(super) fn of(run: &Run<'_>, name: &str, lock: &Lock) -> Option<Self> {
        let size = |path| fs::metadata(path).ok().map(|data| data.len());
        if let Some(locked) = lock.plugins.get(name) {
            let store = run.store().ok()?;
            return Some(Self {
                name: name.to_owned(),
                version: locked.version.to_string(),
                origin: Origin::Installed,
                manifest: store.manifest(name, locked).ok(),
                signer: locked.signer.clone(),
                size: size(store.library(name, locked)),
            });
        }
        let catalog = run.catalog.ask_again();
        let mut plugins = catalog.plugins().iter();
        let bundled =
            plugins.find(|plugin| plugin.origin == Origin::Bundled && plugin.name() == name)?;
        let version = bundled.summary().map(|summary| summary.version.clone());
        Some(Self {
            name: name.to_owned(),
            version: version.unwrap_or_default(),
            origin: Origin::Bundled,
            manifest: catalog.manifest(bundled),
            signer: None,
            size: size(bundled.path.clone()),
        })
    }

    /// Says which of these services the plugin doesn't use; returns `None` if it uses all of them. If its services are unknown, all services are new.
    pub(super) fn describe_new_services(&self, services: &[String]) -> Option<String> {
        let (old, relation) = match &self.manifest {
            Some(manifest) => (manifest.services.as_slice(), "doesn't use"),
            None => (&[][..], "may not use"),
        };
        let new = services.iter().filter(|service| !old.contains(service));
        let new: Vec<String> = new.cloned().collect();
        (!new.is_empty()).then(|| {
            format!(
                "`{}` uses services that {} {relation}: {}",
                self.name,
                visible(&self.to_string()),
                visible(&new.join(", "))
            )
        })
    }

    /// Returns what a package changes: the name of each property that differs, and its old and new value.
    pub(super) fn changes(&self, candidate: &Candidate) -> Vec<(&'static str, String)> {
        let plugin = &candidate.package.manifest.plugin;
        let unknown = || "unknown".to_owned();
        let describe = |describe: fn(&PluginManifest) -> String| {
            self.manifest.as_ref().map_or_else(unknown, describe)
        };
        let services = |plugin: &PluginManifest| list(&plugin.services);
        let commands = |plugin: &PluginManifest| list(&command_lines(plugin));
        let key = |signer: Option<&Signer>| match signer {
            Some(signer) => format!("{} ({})", signer.name, signer.key),
            None => "unsigned".to_owned(),
        };
        let old_key = match self.origin {
            Origin::Bundled => "bundled with tw".to_owned(),
            _ => key(self.signer.as_ref()),
        };
        let bytes = |size: u64| format!("{size} bytes");
        let size = candidate.package.library().len() as u64;
        let pairs = [
            (
                "version",
                self.version.clone(),
                candidate.locked.version.to_string(),
            ),
            ("services", describe(services), services(plugin)),
            ("commands", describe(commands), commands(plugin)),
            ("key", old_key, key(candidate.locked.signer.as_ref())),
            ("size", self.size.map_or_else(unknown, bytes), bytes(size)),
        ];
        let changed = pairs.into_iter().filter(|(_, old, new)| old != new);
        changed
            .map(|(name, old, new)| (name, format!("{old} → {new}")))
            .collect()
    }
}

impl fmt::Display for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} plugin {}", self.origin, self.name)?;
        match self.version.as_str() {
            "" => Ok(()),
            version => write!(f, " {version}"),
        }
    }
}
