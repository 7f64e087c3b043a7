//! Which plugins there are, and which of them owns a command.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};

use tw_plugin_protocol::{Command, Manifest};

use super::{
    Origin, Problem, describe,
    index::{self, Draft, Entry, Index, Summary, TopCommand},
    locate::{self, FileKey, Found},
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
    fn new(path: PathBuf, state: Result<Summary, Problem>) -> Self {
        Self {
            path,
            origin: Origin::Bundled,
            state,
        }
    }

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

/// The plugins that are there, or of them the one that a command line is about.
#[derive(Debug)]
pub(crate) struct Catalog {
    binary: Found,
    /// Names of commands that no plugin can have.
    built_in: &'static [&'static str],
    known: Vec<Known>,
    index: Index,
    broken: usize,
    /// Whether libraries were asked just now.
    asked: bool,
}

impl Catalog {
    /// Looks where plugins are. What the index knows is believed; other libraries are asked, and the index is written anew.
    ///
    /// A line that begins with a command (`first`) is about its plugin alone, or about none, where the command is a built-in that shows no other
    /// (`alone`). While the folder of the libraries is as the index knows it, the others are then not looked at.
    pub(crate) fn open(
        built_in: &'static [&'static str],
        alone: &[&str],
        first: Option<&str>,
    ) -> std::io::Result<Self> {
        let binary = locate::binary()?;
        let index = measure("index read", || read_index(&binary));
        let of_one = first.filter(|_| {
            let folder = locate::folder(&binary.path);
            index.folder.is_some() && index.folder == folder.and_then(|folder| FileKey::at(&folder))
        });
        let known = of_one.and_then(|first| match alone.contains(&first) {
            true => Some(Vec::new()),
            false => {
                let entry = index.owner(first)?;
                let path = PathBuf::from(&entry.path);
                let same = FileKey::at(&path) == Some(entry.key);
                same.then(|| vec![Known::new(path, entry.state)])
            }
        });
        match known {
            Some(known) => Ok(Self {
                broken: index.broken,
                binary,
                built_in,
                known,
                index,
                asked: false,
            }),
            None => Ok(Self::of_all(binary, built_in, index, false)),
        }
    }

    /// All plugins, and those that failed are asked once more: a machine under load can have been too slow for one.
    pub(crate) fn asked_again(&self) -> std::io::Result<Self> {
        let binary = locate::binary()?;
        let index = read_index(&binary);
        let again = self.broken > 0 && !self.asked;
        Ok(Self::of_all(binary, self.built_in, index, again))
    }

    fn of_all(
        binary: Found,
        built_in: &'static [&'static str],
        mut index: Index,
        ask_failed_again: bool,
    ) -> Self {
        let (folder, found) = measure("plugin folder", || locate::bundled(&binary.path));
        let mut entries = index.entries();
        if ask_failed_again {
            entries.retain(|entry| entry.state.is_ok());
        }
        let same = |(entry, library): (&Entry, &Found)| entry.is_of(&library.path, library.key);
        let unknown = entries.len() != found.len() || !entries.iter().zip(&found).all(same);
        let mut untrusted = HashMap::new();
        if unknown || index.folder != folder {
            let draft;
            (draft, untrusted) = renew(&index, entries, &found, &binary);
            // Who isn't trusted now can be before the folder changes.
            let folder = folder.filter(|_| untrusted.is_empty());
            let old = std::mem::replace(&mut index, draft.finish(binary.key, folder, built_in));
            if let Some(file) = index::file().filter(|_| index != old) {
                index.write(&file);
            }
            entries = index.entries();
        }
        let mut entries = entries.into_iter().peekable();
        let known = found.into_iter().map(|library| {
            let entry = entries.next_if(|entry| entry.is_of(&library.path, library.key));
            let state = match entry {
                Some(entry) => entry.state,
                None => Err(untrusted.remove(&library.path).unwrap_or_default()),
            };
            Known::new(library.path, state)
        });
        let known: Vec<Known> = known.collect();
        Self {
            broken: known.iter().filter(|plugin| plugin.state.is_err()).count(),
            binary,
            built_in,
            known,
            index,
            asked: unknown,
        }
    }

    /// Those that were looked at, in the order of their files' names.
    pub(crate) fn plugins(&self) -> &[Known] {
        &self.known
    }

    /// How many of all can't be used.
    pub(crate) fn broken(&self) -> usize {
        self.broken
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
            let Ok(summary) = &plugin.state else { continue };
            for command in &summary.commands {
                if self.built_in.contains(&command.name.as_str()) {
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
        let Ok(summary) = &plugin.state else {
            return Vec::new();
        };
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
        summary.commands.iter().filter_map(note).collect()
    }

    /// Whether this plugin is as safe from strangers as the binary: asked of whatever is about to be mapped.
    ///
    /// # Errors
    /// Who could replace it, and the command that mends it.
    pub(crate) fn check_trust(&self, plugin: &Known) -> Result<(), Problem> {
        trust::check(&plugin.path, &self.binary.path)
    }
}

fn read_index(binary: &Found) -> Index {
    index::file().map_or_else(Index::default, |file| Index::read(&file, binary.key))
}

/// Keeps what is known of files that are still the same, and asks the others, unless they aren't trusted: mapping one runs it.
fn renew(
    old: &Index,
    entries: Vec<Entry>,
    found: &[Found],
    binary: &Found,
) -> (Draft, HashMap<PathBuf, Problem>) {
    let mut untrusted = HashMap::new();
    let mut ask: Vec<usize> = Vec::new();
    let mut states: Vec<Option<Result<Manifest, Problem>>> = Vec::new();
    let mut entries: HashMap<String, Entry> = entries
        .into_iter()
        .map(|entry| (entry.path.clone(), entry))
        .collect();
    for (at, library) in found.iter().enumerate() {
        let entry = entries.remove(&*library.path.to_string_lossy());
        let known = entry.filter(|entry| entry.key == library.key);
        let state = known.and_then(|entry| match entry.state {
            Ok(summary) => old.manifest(&summary).map(Ok),
            Err(problem) => Some(Err(problem)),
        });
        if state.is_none() {
            match trust::check(&library.path, &binary.path) {
                Ok(()) => ask.push(at),
                // Not remembered: a folder's mode can change without a change of the file.
                Err(problem) => {
                    untrusted.insert(library.path.clone(), problem);
                }
            }
        }
        states.push(state);
    }
    let paths: Vec<PathBuf> = ask.iter().map(|at| found[*at].path.clone()).collect();
    for (at, answer) in ask.iter().zip(describe::describe_all(&binary.path, &paths)) {
        states[*at] = Some(answer);
    }
    let mut draft = Draft::default();
    for (library, state) in found.iter().zip(states) {
        if let Some(state) = state {
            draft.add(&library.path, library.key, state);
        }
    }
    (draft, untrusted)
}
