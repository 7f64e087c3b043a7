//! The catalog: which plugins are on this machine, which of them is used, and which of them owns a command.
//!
//! The folders and the lock file list the libraries. What a library is comes from the manifest cache; a library that the cache doesn't know
//! is asked, and the cache is written again.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use semver::Version;
use serde::{Deserialize, Serialize};
use tw_plugin_protocol::{Command, Manifest};

use super::{
    cache::{Cache, Stub, Summary, Writer, lossy_path},
    describe,
    loader::Image,
    locate::{self, FileKey, Found, Places},
};
use crate::{
    error::{Error, ErrorKind},
    store::{Lock, Store, name_of},
    timing::measure,
    trust::{Origin, Policy, Subject, owners},
};

/// A library on this machine, and what is known about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plugin {
    #[serde(with = "lossy_path")]
    pub(crate) path: PathBuf,
    key: FileKey,
    pub(crate) origin: Origin,
    /// True if another plugin of the same name is used instead.
    pub(crate) replaced: bool,
    pub(crate) state: State,
}

/// Whether a library is a plugin that can be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum State {
    Usable(Summary),
    Unusable(Error),
}

impl Plugin {
    fn new(library: &Found, state: State) -> Self {
        Self {
            path: library.path.clone(),
            key: library.key,
            origin: library.origin,
            replaced: false,
            state,
        }
    }

    /// Returns the plugin's name; if the library can't be used, the name that its file gives it.
    pub(crate) fn name(&self) -> String {
        match &self.state {
            State::Usable(summary) => summary.name.clone(),
            State::Unusable(_) => name_of(&self.path),
        }
    }

    pub(crate) fn summary(&self) -> Option<&Summary> {
        match &self.state {
            State::Usable(summary) => Some(summary),
            State::Unusable(_) => None,
        }
    }

    /// Returns why the library can't be used; `None` if it can be.
    pub(crate) fn problem(&self) -> Option<&Error> {
        match &self.state {
            State::Usable(_) => None,
            State::Unusable(error) => Some(error),
        }
    }

    /// Returns the commands that the plugin adds to `tw`; none if another plugin is used instead.
    pub(crate) fn commands(&self) -> &[Stub] {
        match &self.state {
            State::Usable(summary) if !self.replaced => &summary.commands,
            _ => &[],
        }
    }

    /// True if this describes the library as it is now. A failed check of an installed plugin is never kept: its files can be repaired in
    /// place without changing the lock.
    fn describes(&self, library: &Found) -> bool {
        let is_repairable = self.origin == Origin::Installed && self.problem().is_some();
        let same =
            (&self.path, self.key, self.origin) == (&library.path, library.key, library.origin);
        same && !is_repairable
    }

    /// True if the library is unchanged, provided that the list of libraries is unchanged. Installed libraries are verified when they are
    /// loaded.
    fn is_unchanged(&self) -> bool {
        match self.origin {
            Origin::Installed => self.problem().is_none(),
            _ => FileKey::at(&self.path) == Some(self.key),
        }
    }
}

/// Which plugins own the commands directly below `tw`: the numbers of the plugins in the catalog.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Owners {
    /// By the command's name. A command that several plugins claim belongs to none of them.
    commands: BTreeMap<String, Vec<usize>>,
    /// By the alias of a command. An alias that is another command's name or alias is dropped.
    aliases: BTreeMap<String, usize>,
}

impl Owners {
    /// Decides which plugin of each name is used and which plugin owns each command. Of the plugins of one name the one with the latest
    /// [`Origin`] is used. Names of built-in commands belong to no plugin.
    fn resolve(plugins: &mut [Plugin], built_in: &[&str]) -> Self {
        let mut used: HashMap<String, Origin> = HashMap::new();
        for plugin in plugins.iter() {
            let origin = used.entry(plugin.name()).or_insert(plugin.origin);
            *origin = plugin.origin.max(*origin);
        }
        for plugin in plugins.iter_mut() {
            plugin.replaced = used[&plugin.name()] > plugin.origin;
        }
        let mut owners = Self::default();
        let mut claims: HashMap<String, usize> = HashMap::new();
        for (number, plugin) in plugins.iter().enumerate() {
            for command in plugin.commands() {
                if !built_in.contains(&command.name.as_str()) {
                    let claimants = owners.commands.entry(command.name.clone());
                    claimants.or_default().push(number);
                }
                for alias in &command.aliases {
                    *claims.entry(alias.clone()).or_default() += 1;
                }
            }
        }
        for (number, plugin) in plugins.iter_mut().enumerate() {
            let State::Usable(summary) = &mut plugin.state else {
                continue;
            };
            for command in &mut summary.commands {
                command.aliases.retain(|alias| {
                    claims.get(alias) == Some(&1)
                        && !owners.commands.contains_key(alias)
                        && !built_in.contains(&alias.as_str())
                });
                if !plugin.replaced {
                    let aliases = command.aliases.iter();
                    owners
                        .aliases
                        .extend(aliases.map(|alias| (alias.clone(), number)));
                }
            }
        }
        owners
    }

    /// Returns the plugin that owns the command with this name or alias; `None` if there is no such command, or several plugins claim it.
    fn owner(&self, word: &str) -> Option<usize> {
        match self.commands.get(word).map(Vec::as_slice) {
            Some([number]) => Some(*number),
            Some(_) => None,
            None => self.aliases.get(word).copied(),
        }
    }

    /// Returns the part about one plugin, which becomes the only one of a catalog.
    fn only(&self, number: usize) -> Self {
        let commands = self.commands.iter();
        let aliases = self.aliases.iter();
        Self {
            commands: commands
                .filter(|(_, numbers)| **numbers == [number])
                .map(|(name, _)| (name.clone(), vec![0]))
                .collect(),
            aliases: aliases
                .filter(|(_, owner)| **owner == number)
                .map(|(alias, _)| (alias.clone(), 0))
                .collect(),
        }
    }
}

/// Who owns a command directly below `tw`.
#[derive(Debug)]
pub(crate) enum Owner<'a> {
    Plugin(&'a Plugin, &'a Stub),
    /// Several plugins claim the command, so it belongs to none of them.
    Conflict(Vec<&'a Plugin>),
}

impl Owner<'_> {
    /// True if the plugin of this name owns the command.
    pub(crate) fn is_plugin(&self, name: &str) -> bool {
        matches!(self, Self::Plugin(plugin, _) if plugin.name() == name)
    }
}

/// Which plugins a command line needs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need<'a> {
    /// All of them, for help and for suggestions.
    All,
    /// The owner of this command.
    Owner(&'a str),
    /// None: the command is built in and shows no plugin.
    Nothing,
}

/// The plugins on this machine, or those of them that a command line needs.
#[derive(Debug)]
pub(crate) struct Catalog {
    machine: Machine,
    plugins: Vec<Plugin>,
    owners: Owners,
    cache: Cache,
    /// True if libraries were asked just now.
    asked: bool,
}

/// Where the plugins of this machine are listed.
#[derive(Debug, Clone)]
struct Machine {
    binary: PathBuf,
    key: FileKey,
    store: Option<Store>,
    /// The names of the built-in commands.
    built_in: &'static [&'static str],
}

impl Catalog {
    /// Opens the catalog. While the list of libraries is as the cache knows it, only the plugins that the command line needs are looked at.
    ///
    /// # Errors
    /// The running binary can't be found.
    pub(crate) fn open(built_in: &'static [&'static str], need: Need<'_>) -> std::io::Result<Self> {
        let (binary, key) = locate::binary()?;
        let machine = Machine {
            binary,
            key,
            store: Store::of_user(),
            built_in,
        };
        let cache = Cache::read(machine.key);
        let number = match need {
            Need::Owner(word) => cache.owners().owner(word),
            _ => None,
        };
        let is_fresh = || cache.places() == Some(machine.places());
        let (plugins, owners) = match (need, number) {
            (Need::Nothing, _) if is_fresh() => (Vec::new(), Owners::default()),
            (_, Some(number)) if is_fresh() => match cache.plugin(number) {
                Some(plugin) if plugin.is_unchanged() => {
                    (vec![plugin], cache.owners().only(number))
                }
                _ => return Ok(machine.survey(cache, Ask::Unknown)),
            },
            _ => return Ok(machine.survey(cache, Ask::Unknown)),
        };
        Ok(Self {
            machine,
            plugins,
            owners,
            cache,
            asked: false,
        })
    }

    /// Returns the catalog of all plugins. Libraries that failed are asked once more, because a machine under load can be too slow for one.
    pub(crate) fn ask_again(&self) -> Self {
        let ask = match self.broken() > 0 && !self.asked {
            true => Ask::Failed,
            false => Ask::Unknown,
        };
        let machine = self.machine.clone();
        let cache = Cache::read(machine.key);
        machine.survey(cache, ask)
    }

    /// Returns the plugins that were looked at: bundled, installed and linked.
    pub(crate) fn plugins(&self) -> &[Plugin] {
        &self.plugins
    }

    /// Returns how many plugins on this machine can't be used.
    pub(crate) fn broken(&self) -> usize {
        let broken = self
            .plugins
            .iter()
            .filter(|plugin| plugin.problem().is_some());
        broken.count().max(self.cache.broken())
    }

    /// Returns the path of the running binary.
    pub(crate) fn binary(&self) -> &Path {
        &self.machine.binary
    }

    pub(crate) fn manifest(&self, plugin: &Plugin) -> Option<Manifest> {
        self.cache.manifest(plugin.summary()?)
    }

    /// Reads a command with those of its subcommands that `wanted` names. The others have a name and a line of help.
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

    /// Returns the owner of the command with this name or alias.
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

    /// Returns the plugin that is used under this name. If none is used, but several have the name, returns the first.
    pub(crate) fn named(&self, name: &str) -> Option<&Plugin> {
        let mut named = self.plugins.iter().filter(|plugin| plugin.name() == name);
        let used = named.clone().find(|plugin| !plugin.replaced);
        used.or_else(|| named.next())
    }

    /// Says which commands of a plugin can't be run, although the plugin can be used.
    pub(crate) fn notes(&self, plugin: &Plugin) -> Vec<String> {
        let note = |command: &Stub| match self.owner(&command.name) {
            Some(Owner::Plugin(..)) => None,
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

    /// Says where plugins were looked for and why nothing was found; `None` if there are bundled plugins.
    pub(crate) fn explain_none(&self) -> Option<String> {
        let mut plugins = self.plugins.iter();
        let has_bundled = plugins.any(|plugin| plugin.origin == Origin::Bundled);
        (!has_bundled).then(|| locate::explain_none(&self.machine.binary))
    }

    /// Checks that a plugin may be mapped: by the policies, by the ownership of a bundled library, and by the digest of an installed one. Must
    /// be called immediately before the library is mapped.
    ///
    /// # Errors
    /// The plugin may not be mapped, or a check can't be made.
    pub(crate) fn verify(&self, plugin: &Plugin, policy: &Policy) -> Result<Image, Error> {
        measure("verify", || self.machine.verify(plugin, policy))
    }
}

/// Which libraries a survey asks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ask {
    /// Those that the cache doesn't know.
    Unknown,
    /// Those too that failed when they were asked.
    Failed,
}

impl Machine {
    fn places(&self) -> Places {
        Places::now(&self.binary, self.store.as_ref())
    }

    /// Looks at all plugins.
    fn survey(self, mut cache: Cache, ask: Ask) -> Catalog {
        // Read before the libraries are listed, so that a library that is added meanwhile makes the places differ.
        let places = Some(self.places()).filter(Places::are_stable);
        let mut plugins = cache.plugins();
        if ask == Ask::Failed {
            plugins.retain(|plugin| plugin.problem().is_none());
        } else if places.is_some()
            && cache.places() == places
            && plugins.iter().all(Plugin::is_unchanged)
        {
            let owners = cache.owners().clone();
            return self.catalog(plugins, owners, cache, false);
        }
        let lock = match &self.store {
            Some(store) => Lock::read(&store.lock_file()),
            None => Ok(Lock::default()),
        };
        let libraries = measure("plugin folder", || self.libraries(lock.as_ref().ok()));
        let mut known = plugins.iter().zip(&libraries);
        let is_known = plugins.len() == libraries.len()
            && known.all(|(plugin, library)| plugin.describes(library));
        if is_known && cache.places() == places {
            let owners = cache.owners().clone();
            return self.catalog(plugins, owners, cache, false);
        }
        let (plugins, owners, new) = self.describe(&cache, plugins, &libraries, lock, places);
        let old = std::mem::replace(&mut cache, new);
        if cache != old {
            cache.write();
        }
        self.catalog(plugins, owners, cache, !is_known)
    }

    fn catalog(self, plugins: Vec<Plugin>, owners: Owners, cache: Cache, asked: bool) -> Catalog {
        Catalog {
            machine: self,
            plugins,
            owners,
            cache,
            asked,
        }
    }

    /// Lists all libraries: bundled, installed and linked, each in the order of their names. A lock that can't be read is listed in place of
    /// the plugins that it locks.
    fn libraries(&self, lock: Option<&Lock>) -> Vec<Found> {
        let mut libraries = locate::bundled(&self.binary);
        let Some(store) = &self.store else {
            return libraries;
        };
        let Some(lock) = lock else {
            let path = store.lock_file();
            libraries.push(Found {
                key: FileKey::at(&path).unwrap_or_default(),
                path,
                origin: Origin::Installed,
            });
            return libraries;
        };
        libraries.extend(lock.plugins.iter().map(|(name, locked)| Found {
            path: store.library(name, locked),
            // The path contains the digest of the package, so it changes with the library.
            key: FileKey::default(),
            origin: Origin::Installed,
        }));
        libraries.extend(lock.links.values().map(|path| Found {
            path: path.clone(),
            key: FileKey::at(path).unwrap_or_default(),
            origin: Origin::Linked,
        }));
        libraries
    }

    /// Finds out what the libraries are and makes a new cache. What is known of unchanged libraries is kept. The others are asked, unless they
    /// aren't trusted, because asking a library runs it. Installed plugins aren't asked: their packages have the answer.
    fn describe(
        &self,
        cache: &Cache,
        known: Vec<Plugin>,
        libraries: &[Found],
        lock: Result<Lock, Error>,
        places: Option<Places>,
    ) -> (Vec<Plugin>, Owners, Cache) {
        let mut known: HashMap<PathBuf, Plugin> = known
            .into_iter()
            .map(|plugin| (plugin.path.clone(), plugin))
            .collect();
        let policy = OnceCell::new();
        let mut answers: Vec<Option<Answer>> = Vec::new();
        for library in libraries {
            let plugin = known.remove(&library.path);
            let plugin = plugin.filter(|plugin| plugin.describes(library));
            let answer = plugin.and_then(|plugin| match plugin.state {
                State::Usable(summary) => cache.manifest(&summary).map(Ok),
                State::Unusable(error) => Some(Err(error)),
            });
            let installed = || {
                let is_installed = library.origin == Origin::Installed;
                is_installed.then(|| self.installed_manifest(&library.path, &lock))
            };
            let untrusted = || {
                let error = self.check_before_asking(library, &policy).err();
                error.map(Answer::Untrusted)
            };
            let answer = answer.or_else(installed).map(Answer::Said);
            answers.push(answer.or_else(untrusted));
        }
        let plugins = self.ask(libraries, answers);
        self.cached(libraries, plugins, places)
    }

    /// Asks the libraries that have no answer yet.
    fn ask(&self, libraries: &[Found], answers: Vec<Option<Answer>>) -> Vec<Answer> {
        let unknown = libraries.iter().zip(&answers);
        let unknown = unknown.filter(|(_, answer)| answer.is_none());
        let paths: Vec<&Path> = unknown.map(|(library, _)| library.path.as_path()).collect();
        let mut asked = describe::describe_all(&self.binary, &paths).into_iter();
        let next = || asked.next().unwrap_or_else(|| Err(changed_just_now()));
        let mut next = std::iter::repeat_with(next);
        let answers = answers.into_iter();
        answers
            .filter_map(|answer| answer.or_else(|| next.next().map(Answer::Said)))
            .collect()
    }

    /// Makes the plugins and a new cache of what the libraries said. An untrusted library isn't cached, because the mode of a folder can change
    /// without a change of the file.
    fn cached(
        &self,
        libraries: &[Found],
        answers: Vec<Answer>,
        places: Option<Places>,
    ) -> (Vec<Plugin>, Owners, Cache) {
        let mut writer = Writer::default();
        let mut untrusted = Vec::new();
        let mut plugins = Vec::new();
        for (number, (library, answer)) in libraries.iter().zip(answers).enumerate() {
            let state = match answer {
                Answer::Said(Ok(manifest)) => State::Usable(writer.manifest(manifest)),
                Answer::Said(Err(error)) => State::Unusable(error),
                Answer::Untrusted(error) => {
                    untrusted.push(number);
                    State::Unusable(error)
                }
            };
            plugins.push(Plugin::new(library, state));
        }
        let owners = Owners::resolve(&mut plugins, self.built_in);
        let numbered = plugins.iter().enumerate();
        let cached: Vec<&Plugin> = numbered
            .filter(|(number, _)| !untrusted.contains(number))
            .map(|(_, plugin)| plugin)
            .collect();
        // Without places no command line trusts the owners, whose numbers count the untrusted plugins too.
        let places = places.filter(|_| untrusted.is_empty());
        let cache = writer.finish(self.key, places, owners.clone(), &cached);
        (plugins, owners, cache)
    }

    /// Checks that a library may be asked what it is. Asking runs the library.
    fn check_before_asking(
        &self,
        library: &Found,
        policy: &OnceCell<Result<Policy, Error>>,
    ) -> Result<(), Error> {
        let policy = policy.get_or_init(|| Policy::read(&self.binary));
        let name = name_of(&library.path);
        policy
            .as_ref()
            .map_err(Clone::clone)?
            .check_without_version(&name, library.origin)?;
        self.check_owners(library.origin, &library.path)
    }

    /// Checks who could have written a bundled library: it is trusted as far as the binary. The person who links a library trusts it.
    fn check_owners(&self, origin: Origin, path: &Path) -> Result<(), Error> {
        match origin {
            Origin::Bundled => owners::check(path, &self.binary),
            _ => Ok(()),
        }
    }

    /// Reads the manifest of an installed plugin from its package.
    fn installed_manifest(
        &self,
        library: &Path,
        lock: &Result<Lock, Error>,
    ) -> Result<Manifest, Error> {
        let lock = lock.as_ref().map_err(Clone::clone)?;
        let name = name_of(library);
        let locked = lock.plugins.get(&name).ok_or_else(changed_just_now)?;
        let store = self.store.as_ref().ok_or_else(Error::no_home)?;
        store.manifest(&name, locked)
    }

    fn verify(&self, plugin: &Plugin, policy: &Policy) -> Result<Image, Error> {
        let name = plugin.name();
        if let (Origin::Installed, Some(store)) = (plugin.origin, &self.store) {
            let lock = Lock::read(&store.lock_file())?;
            // The version whose manifest is known. If another process has just replaced it, the lock keeps it as the previous version.
            let mut versions = [&lock.plugins, &lock.previous].into_iter();
            let locked = versions
                .find_map(|versions| {
                    let locked = versions.get(&name)?;
                    (store.library(&name, locked) == plugin.path).then_some(locked)
                })
                .ok_or_else(|| {
                    changed_just_now().hint(
                        "run the command again; `tw plugin install` brings back what was removed",
                    )
                })?;
            policy.check(&locked.subject(&name))?;
            return store.open(&name, locked).map(Image::Sealed);
        }
        let version = plugin.summary().map(|summary| &summary.version);
        let version: Option<Version> = version.and_then(|version| version.parse().ok());
        policy.check(&Subject::unlocked(&name, version.as_ref(), plugin.origin))?;
        self.check_owners(plugin.origin, &plugin.path)?;
        Ok(Image::File(plugin.path.clone()))
    }
}

/// What a survey found out about a library.
#[derive(Debug)]
enum Answer {
    /// The library or its package said what it is, or the question failed.
    Said(Result<Manifest, Error>),
    /// The library may not be asked.
    Untrusted(Error),
}

fn changed_just_now() -> Error {
    Error::new(ErrorKind::NotFound, "it was replaced or removed just now")
        .hint("run the command again")
}
