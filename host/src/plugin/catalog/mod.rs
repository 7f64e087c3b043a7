//! The catalog: which plugins are on this machine, which of them is used, and which of them owns a command.
//!
//! The folders and the lock file list the libraries. Their manifests come from the manifest cache. If the cache doesn't know a library,
//! the host describes the library and writes the cache again.

mod survey;

use std::path::Path;

use tw_plugin_protocol::Command;

use self::survey::{Ask, Machine};
use super::{
    cache::Cache,
    known::{Plugin, Stub},
    loader::Image,
    locate,
    ownership::{Claims, Owners},
};
use crate::{
    error::{Error, ErrorKind},
    store::PluginManifest,
    timing::measure,
    trust::{Origin, Policy},
};

/// Who owns a command directly below `tw`.
#[derive(Debug)]
pub(crate) enum Owner<'a> {
    Plugin(&'a Plugin, &'a Stub),
    /// Several plugins claim the command, so it belongs to none of them.
    Conflict(Vec<&'a Plugin>),
}

/// Which plugins a command line needs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need<'a> {
    /// All plugins, for help and for suggestions.
    All,
    /// The owner of this command.
    Owner(&'a str),
    /// No plugin: the command is built in and shows no plugin.
    Nothing,
}

/// The plugins on this machine, or the part of them that a command line needs.
#[derive(Debug)]
pub(crate) struct Catalog {
    machine: Machine,
    plugins: Vec<Plugin>,
    owners: Owners,
    cache: Cache,
    /// True if this process has described libraries.
    asked: bool,
    /// True if the cache has a library that didn't answer in time, and this process hasn't asked it again.
    remembers_late: bool,
    /// True if the catalog has all plugins of this machine.
    is_complete: bool,
    warnings: Vec<Error>,
}

/// Reads the cache. If it isn't used because somebody else could have written it, returns an empty cache and the reason.
fn read_cache(machine: &Machine) -> (Cache, Option<Error>) {
    match Cache::read(machine.key) {
        Ok(cache) => (cache, None),
        Err(error) => (Cache::default(), Some(error)),
    }
}

impl Catalog {
    /// Opens the catalog. If the cache knows every library, only the owner of the command is compared with its file.
    ///
    /// # Errors
    /// If the running binary can't be found.
    pub(crate) fn open(built_in: &'static [&'static str], need: Need<'_>) -> std::io::Result<Self> {
        let machine = Machine::new(built_in)?;
        if matches!(need, Need::Nothing) {
            return Ok(Self {
                machine,
                plugins: Vec::new(),
                owners: Owners::default(),
                cache: Cache::default(),
                asked: false,
                remembers_late: false,
                is_complete: false,
                warnings: Vec::new(),
            });
        }
        let (cache, distrust) = read_cache(&machine);
        let mut listing = machine.list();
        let mut warnings: Vec<Error> = distrust.into_iter().collect();
        warnings.extend(listing.unreachable.take());
        // A damaged lock file is a problem of the plugins in it, which the list of plugins shows.
        let refused = |error: &&Error| error.kind() == ErrorKind::Refused;
        warnings.extend(listing.lock.as_ref().err().filter(refused).cloned());
        let owner = match need {
            Need::Owner(word) => machine.find_owner(&cache, &listing, word),
            _ => None,
        };
        let Some((plugins, owners)) = owner else {
            let catalog = machine.survey(cache, listing, Ask::Unknown);
            return Ok(Self {
                warnings,
                ..catalog
            });
        };
        Ok(Self {
            machine,
            remembers_late: plugins.iter().any(|plugin| plugin.state.is_late()),
            plugins,
            owners,
            cache,
            asked: false,
            is_complete: true,
            warnings,
        })
    }

    /// Asks the libraries again that didn't answer an earlier process in time. One of them may have the command that nobody else has. `None` if there is
    /// no such library.
    pub(crate) fn ask_late(&self) -> Option<Self> {
        self.remembers_late.then(|| self.survey_again(Ask::Late))
    }

    /// Returns the catalog of all plugins. Asks libraries that failed once more, because they may have timed out on a busy machine.
    pub(crate) fn ask_again(&self) -> Self {
        self.survey_again(match self.asked {
            true => Ask::Unknown,
            false => Ask::Failed,
        })
    }

    fn survey_again(&self, ask: Ask) -> Self {
        let machine = self.machine.clone();
        let (cache, _) = read_cache(&machine);
        let mut listing = machine.list();
        Self {
            warnings: listing.unreachable.take().into_iter().collect(),
            ..machine.survey(cache, listing, ask)
        }
    }

    /// Returns what people should know about the files of the catalog: those that aren't used, because somebody else could have written them.
    pub(crate) fn warnings(&self) -> &[Error] {
        &self.warnings
    }

    /// Returns the plugins in the catalog: bundled, installed and linked.
    pub(crate) fn plugins(&self) -> &[Plugin] {
        &self.plugins
    }

    /// Returns how many plugins on this machine can't be used.
    pub(crate) fn count_broken(&self) -> usize {
        let broken = self
            .plugins
            .iter()
            .filter(|plugin| plugin.problem().is_some());
        broken.count()
    }

    /// Returns the names of the built-in commands, which no command of a plugin can have.
    pub(crate) fn built_in(&self) -> &'static [&'static str] {
        self.machine.built_in
    }

    /// True if a bundled plugin has this name.
    pub(crate) fn has_bundled(&self, name: &str) -> bool {
        self.machine.has_bundled(name)
    }

    /// Returns the effects on commands that the installation of a plugin would have. The catalog must be complete.
    pub(crate) fn claims(&self, manifest: &PluginManifest) -> Claims {
        self.owners
            .claims(&self.plugins, manifest, self.machine.built_in)
    }

    /// Returns the path of the running binary.
    pub(crate) fn binary(&self) -> &Path {
        &self.machine.binary
    }

    pub(crate) fn manifest(&self, plugin: &Plugin) -> Option<PluginManifest> {
        self.cache.manifest(plugin.summary()?)
    }

    /// Reads a command. `None` if the cache is damaged. The subcommands that `wanted` names are complete; the others have a name and a line of
    /// help.
    pub(crate) fn command(&self, stub: &Stub, wanted: &dyn Fn(&Stub) -> bool) -> Option<Command> {
        let command = self.cache.command(stub, wanted)?;
        let aliases = stub.aliases.clone();
        Some(Command { aliases, ..command })
    }

    /// Returns every command directly below `tw` with its owner, in the order of their names.
    pub(crate) fn commands(&self) -> impl Iterator<Item = (&str, Owner<'_>)> {
        let commands = self.owners.commands.iter();
        commands.filter_map(|(name, numbers)| Some((name.as_str(), self.owner_of(name, numbers)?)))
    }

    /// Returns the owner of the command with this name or alias. `None` if no plugin has the command.
    pub(crate) fn owner(&self, word: &str) -> Option<Owner<'_>> {
        match self.owners.commands.get(word) {
            Some(numbers) => self.owner_of(word, numbers),
            None => self.owner_of(word, &[*self.owners.aliases.get(word)?]),
        }
    }

    fn owner_of(&self, word: &str, numbers: &[usize]) -> Option<Owner<'_>> {
        if let [number] = numbers {
            let plugin = self.plugins.get(*number)?;
            let mut commands = plugin.commands().iter();
            let stub = commands.find(|command| command.is_called(word))?;
            return Some(Owner::Plugin(plugin, stub));
        }
        let claimants = numbers
            .iter()
            .filter_map(|number| self.plugins.get(*number));
        Some(Owner::Conflict(claimants.collect()))
    }

    /// Returns the plugin that is used under this name. If none is used, but several have the name, returns the first. `None` if no plugin has
    /// the name.
    pub(crate) fn named(&self, name: &str) -> Option<&Plugin> {
        let mut named = self.plugins.iter().filter(|plugin| plugin.name() == name);
        let used = named.clone().find(|plugin| !plugin.replaced);
        used.or_else(|| named.next())
    }

    /// Explains which commands of a usable plugin can't be run, with one text for each command.
    pub(crate) fn notes(&self, plugin: &Plugin) -> Vec<String> {
        let note = |command: &Stub| match self.owner(&command.name) {
            Some(Owner::Plugin(owner, _)) if owner.path == plugin.path => None,
            Some(Owner::Plugin(owner, _)) => Some(format!(
                "its command `{}` belongs to the {} plugin `{}`",
                command.name,
                owner.origin,
                owner.name()
            )),
            None if !self.built_in().contains(&command.name.as_str()) => Some(format!(
                "its command `{0}` is reserved for the bundled plugin `{0}`, which can't be used",
                command.name
            )),
            None => Some(format!(
                "its command `{}` has the name of a built-in command and can't be run",
                command.name
            )),
            Some(Owner::Conflict(claimants)) => {
                let others = claimants.iter().filter(|other| other.path != plugin.path);
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

    /// Explains where bundled plugins were searched and why none were found. `None` if there are some, or if the catalog is not complete.
    pub(crate) fn explain_none(&self) -> Option<String> {
        let mut plugins = self.plugins.iter();
        let has_bundled = plugins.any(|plugin| plugin.origin == Origin::Bundled);
        (self.is_complete && !has_bundled).then(|| locate::explain_none(&self.machine.binary))
    }

    /// Checks that a plugin may be mapped: by the policies, by who could have written a bundled or linked library, and by the digest of an installed one. Must
    /// be called immediately before the library is mapped.
    ///
    /// # Errors
    /// If the plugin may not be mapped, or a check can't be made.
    pub(crate) fn verify(&self, plugin: &Plugin, policy: &Policy) -> Result<Image, Error> {
        measure("verify", || {
            self.machine.verify(plugin, policy, &self.cache)
        })
    }
}
