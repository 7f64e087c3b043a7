//! Which plugins there are, which of them owns a command, and whether it may be loaded.

use std::{collections::BTreeMap, path::PathBuf};

use semver::Version;
use tw_plugin_protocol::{Command, Manifest};

use super::{
    cache::{Cache, Entry, TopCommand},
    loader::Image,
    survey::{Known, Survey, Surveyed},
};
use crate::{
    error::{Error, ErrorKind},
    store::Lock,
    timing::measure,
    trust::{Origin, Policy, Subject},
};

/// Who owns a command at the top.
#[derive(Debug)]
pub(crate) enum Owner<'a> {
    /// One plugin.
    Plugin(&'a Known, &'a TopCommand),
    /// Several that claim it: it belongs to none.
    Conflict(Vec<&'a Known>),
}

impl Owner<'_> {
    /// Whether it is this plugin's alone.
    pub(crate) fn is_of(&self, name: &str) -> bool {
        matches!(self, Self::Plugin(plugin, _) if plugin.name() == name)
    }
}

/// The plugins that are there, or of them the one that a command line is about.
#[derive(Debug)]
pub(crate) struct Catalog {
    survey: Survey,
    known: Vec<Known>,
    index: Cache,
    /// Whether libraries were asked just now.
    asked: bool,
}

impl Catalog {
    /// Looks where plugins are.
    ///
    /// A line that begins with a command (`first`) is about its plugin alone, or about none, where the command is a built-in that shows no other
    /// (`alone`). While the places of the libraries are as the index knows them, the others are then not looked at.
    pub(crate) fn open(
        built_in: &'static [&'static str],
        alone: &[&str],
        first: Option<&str>,
    ) -> std::io::Result<Self> {
        let survey = Survey::new(built_in)?;
        let index = survey.index();
        let known = match first {
            Some(first) if index.places == Some(survey.places()) => match alone.contains(&first) {
                true => Some(Vec::new()),
                false => index
                    .owner(first)
                    .and_then(as_indexed)
                    .map(|known| vec![known]),
            },
            _ => None,
        };
        Ok(match known {
            Some(known) => Self {
                survey,
                known,
                index,
                asked: false,
            },
            None => Self::of_all(survey, index, false),
        })
    }

    /// All plugins, and those that failed are asked once more: a machine under load can have been too slow for one.
    pub(crate) fn asked_again(&self) -> Self {
        let again = self.broken() > 0 && !self.asked;
        Self::of_all(self.survey.clone(), self.survey.index(), again)
    }

    fn of_all(survey: Survey, index: Cache, ask_failed_again: bool) -> Self {
        let Surveyed {
            known,
            index,
            asked,
        } = survey.all(index, ask_failed_again);
        Self {
            survey,
            known,
            index,
            asked,
        }
    }

    /// Those that were looked at: the bundled ones, the installed and the linked.
    pub(crate) fn plugins(&self) -> &[Known] {
        &self.known
    }

    /// How many of all can't be used.
    pub(crate) fn broken(&self) -> usize {
        let untrusted = self.known.iter().filter(|plugin| plugin.state.is_err());
        untrusted.count().max(self.index.broken)
    }

    /// The running binary.
    pub(crate) fn binary(&self) -> &std::path::Path {
        &self.survey.binary
    }

    /// The manifest of a plugin.
    pub(crate) fn manifest(&self, plugin: &Known) -> Option<Manifest> {
        self.index.manifest(plugin.state.as_ref().ok()?)
    }

    /// The whole of a command at the top.
    pub(crate) fn command(&self, plugin: &Known, name: &str) -> Option<Command> {
        self.manifest(plugin)?
            .commands
            .into_iter()
            .find(|command| command.name == name)
    }

    /// Every command at the top, by name, with its owner. Names of built-ins belong to the host.
    pub(crate) fn commands(&self) -> BTreeMap<&str, Owner<'_>> {
        let mut commands: BTreeMap<&str, Owner<'_>> = BTreeMap::new();
        for plugin in &self.known {
            for command in plugin.commands() {
                if self.survey.built_in.contains(&command.name.as_str()) {
                    continue;
                }
                let owner = match commands.remove(command.name.as_str()) {
                    None => Owner::Plugin(plugin, command),
                    Some(Owner::Plugin(other, _)) => Owner::Conflict(vec![other, plugin]),
                    Some(Owner::Conflict(mut others)) => {
                        others.push(plugin);
                        Owner::Conflict(others)
                    }
                };
                commands.insert(&command.name, owner);
            }
        }
        commands
    }

    /// What of the plugin can't be used although the plugin can: commands whose names are the host's or another plugin's.
    pub(crate) fn notes(&self, plugin: &Known) -> Vec<String> {
        let owners = self.commands();
        let note = |command: &TopCommand| match owners.get(command.name.as_str()) {
            None => Some(format!(
                "its command `{}` has the name of one of tw's own and can't be run",
                command.name
            )),
            Some(Owner::Plugin(..)) => None,
            Some(Owner::Conflict(plugins)) => {
                let others = plugins.iter().filter(|other| other.path != plugin.path);
                let others: Vec<_> = others
                    .map(|other| other.path.display().to_string())
                    .collect();
                Some(format!(
                    "its command `{}` is claimed by {} too and belongs to none",
                    command.name,
                    others.join(", ")
                ))
            }
        };
        plugin.commands().iter().filter_map(note).collect()
    }

    /// What of the plugin may be mapped: asked of whatever is about to be. Policies are read, whoever could have replaced a bundled library is looked
    /// for, and an installed one is read whole and compared with what was installed.
    ///
    /// # Errors
    /// Why it may not, and what mends it.
    pub(crate) fn verify(&self, plugin: &Known) -> Result<Image, Error> {
        measure("verify", || self.verified(plugin))
    }

    fn verified(&self, plugin: &Known) -> Result<Image, Error> {
        let policy = Policy::read(self.binary())?;
        let name = plugin.name();
        let version = plugin.state.as_ref().ok();
        let version: Option<Version> = version.and_then(|summary| summary.version.parse().ok());
        match (plugin.origin, &self.survey.store) {
            (Origin::Installed, Some(store)) => {
                let lock = Lock::read(&store.lock_file())?;
                // The version whose manifest is known: one that was replaced just now is kept, and another's code has another manifest.
                let mut versions = [&lock.plugins, &lock.previous].into_iter();
                let locked = versions
                    .find_map(|versions| {
                        let locked = versions.get(&name)?;
                        (store.library(&name, locked) == plugin.path).then_some(locked)
                    })
                    .ok_or_else(|| {
                        Error::new(ErrorKind::Failure, "it was replaced or removed just now").hint("run the command again; `tw plugin install` brings back what was removed")
                    })?;
                policy.check(&locked.subject(&name))?;
                store.open(&name, locked).map(Image::Sealed)
            }
            (origin, _) => {
                policy.check(&Subject::unlocked(&name, version.as_ref(), origin))?;
                self.survey.check_trust(origin, &plugin.path)?;
                Ok(Image::File(plugin.path.clone()))
            }
        }
    }
}

/// The plugin of this entry, if its file is still the one that the entry is about. What is installed is compared when it is loaded.
fn as_indexed(entry: Entry) -> Option<Known> {
    entry
        .is_as_it_was()
        .then(|| Known::new(PathBuf::from(&entry.path), entry))
}
