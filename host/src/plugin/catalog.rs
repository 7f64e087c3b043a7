//! Which plugins there are, and which of them owns a command.

use std::{collections::BTreeMap, path::PathBuf};

use tw_plugin_protocol::{Command, Manifest};

use super::{
    Origin, Problem, describe,
    index::{self, Index, Summary, TopCommand},
    locate::{self, Found},
    trust,
};
use crate::timing::measure;

/// A library that is there, and what is known of it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) path: PathBuf,
    pub(crate) origin: Origin,
    pub(crate) state: Result<Summary, Problem>,
}

impl Known {
    /// The plugin's name, or what its file is called when it can't say.
    pub(crate) fn name(&self) -> String {
        match &self.state {
            Ok(summary) => summary.name.clone(),
            Err(_) => locate::name_of(&self.path),
        }
    }
}

/// Who owns a command at the top.
#[derive(Debug)]
pub(crate) enum Owner<'a> {
    /// One plugin.
    Plugin(&'a Known, &'a TopCommand),
    /// Several that claim it: it belongs to none.
    Conflict(Vec<&'a Known>),
}

/// All plugins that are there.
#[derive(Debug)]
pub(crate) struct Catalog {
    binary: PathBuf,
    known: Vec<Known>,
    index: Index,
    /// Whether libraries were asked just now.
    asked: bool,
}

impl Catalog {
    /// Looks where plugins are. What the index knows is believed; other libraries are asked, and the index is written anew.
    pub(crate) fn open() -> std::io::Result<Self> {
        Self::read(false)
    }

    /// The same, but libraries that failed are asked once more: a machine under load can have been too slow for one.
    pub(crate) fn asked_again(&self) -> std::io::Result<Self> {
        Self::read(self.broken() > 0 && !self.asked)
    }

    fn read(ask_failed_again: bool) -> std::io::Result<Self> {
        let binary = locate::binary()?;
        let found = measure("plugin folder", || locate::bundled(&binary.path));
        let file = index::file();
        let mut index = measure("index read", || match &file {
            Some(file) => Index::read(file, binary.key),
            None => Index::default(),
        });
        if ask_failed_again {
            index.forget_failures();
        }
        let unknown = found
            .iter()
            .enumerate()
            .any(|(at, library)| index.find(at, &library.path, library.key).is_none());
        let mut untrusted = Vec::new();
        if unknown || index.len() != found.len() {
            (index, untrusted) = renew(&index, &found, &binary);
            if let Some(file) = &file {
                index.write(file, binary.key);
            }
        }
        let known = found.into_iter().enumerate().map(|(at, library)| Known {
            state: match index.find(at, &library.path, library.key) {
                Some(entry) => entry.state.clone(),
                None => Err(untrusted
                    .iter()
                    .find(|(path, _)| *path == library.path)
                    .map(|(_, problem)| problem.clone())
                    .unwrap_or_default()),
            },
            path: library.path,
            origin: Origin::Bundled,
        });
        Ok(Self {
            known: known.collect(),
            binary: binary.path,
            index,
            asked: unknown,
        })
    }

    /// All of them, in the order of their files' names.
    pub(crate) fn plugins(&self) -> &[Known] {
        &self.known
    }

    /// How many can't be used.
    pub(crate) fn broken(&self) -> usize {
        self.known
            .iter()
            .filter(|plugin| plugin.state.is_err())
            .count()
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
    pub(crate) fn commands(&self, built_in: &[&str]) -> BTreeMap<&str, Owner<'_>> {
        let mut commands: BTreeMap<&str, Owner<'_>> = BTreeMap::new();
        for plugin in &self.known {
            let Ok(summary) = &plugin.state else { continue };
            for command in &summary.commands {
                if built_in.contains(&command.name.as_str()) {
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
    pub(crate) fn notes(&self, plugin: &Known, built_in: &[&str]) -> Vec<String> {
        let Ok(summary) = &plugin.state else {
            return Vec::new();
        };
        let owners = self.commands(built_in);
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
        summary.commands.iter().filter_map(note).collect()
    }

    /// Whether this plugin is as safe from strangers as the binary: asked of whatever is about to be mapped.
    ///
    /// # Errors
    /// Who could replace it, and the command that mends it.
    pub(crate) fn check_trust(&self, plugin: &Known) -> Result<(), Problem> {
        trust::check(&plugin.path, &self.binary)
    }
}

/// Keeps what is known of files that are still the same, and asks the others, unless they aren't trusted: mapping one runs it.
fn renew(old: &Index, found: &[Found], binary: &Found) -> (Index, Vec<(PathBuf, Problem)>) {
    let mut index = Index::default();
    let mut untrusted = Vec::new();
    let mut ask: Vec<&Found> = Vec::new();
    for (at, library) in found.iter().enumerate() {
        match old.find(at, &library.path, library.key) {
            Some(entry) => match &entry.state {
                Ok(summary) => match old.manifest(summary) {
                    Some(manifest) => index.add(&library.path, library.key, Ok(manifest)),
                    None => ask.push(library),
                },
                Err(problem) => index.add(&library.path, library.key, Err(problem.clone())),
            },
            None => ask.push(library),
        }
    }
    ask.retain(|library| match trust::check(&library.path, &binary.path) {
        Ok(()) => true,
        // Not remembered: a folder's mode can change without a change of the file.
        Err(problem) => {
            untrusted.push((library.path.clone(), problem));
            false
        }
    });
    let paths: Vec<PathBuf> = ask.iter().map(|library| library.path.clone()).collect();
    for (library, answer) in ask.iter().zip(describe::describe_all(&binary.path, &paths)) {
        index.add(&library.path, library.key, answer);
    }
    (index, untrusted)
}
