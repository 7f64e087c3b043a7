//! The survey: which libraries are on this machine, and what each of them is.

use std::{
    cell::OnceCell,
    path::{Path, PathBuf},
};

use semver::Version;

use super::Catalog;
use crate::{
    error::{Error, ErrorKind},
    files::show_path,
    owners::{Obstacle, Trusted},
    plugin::{
        cache::{Cache, Entry, Writer},
        dependencies::Dependencies,
        describe,
        inspect::{Inspected, inspect, unsafe_library},
        known::{NoManifest, Plugin, State},
        loader::Image,
        locate::{self, FileKey, Found},
        ownership::Owners,
    },
    store::{Lock, PluginManifest, Store, name_of},
    timing::measure,
    trust::{Held, Origin, Policy, Services, Subject},
};

/// The places that list the plugins of this machine.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) binary: PathBuf,
    pub(super) key: FileKey,
    store: Option<Store>,
    /// The names of the built-in commands.
    pub(super) built_in: &'static [&'static str],
}

/// The libraries that a survey describes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ask {
    /// The libraries that the cache doesn't know.
    Unknown,
    /// Also the libraries that didn't answer in time.
    Late,
    /// Also the libraries that are known to be unusable.
    Failed,
}

/// The libraries of this machine, as the folder of the bundled plugins and the lock file list them.
#[derive(Debug)]
pub(super) struct Listing {
    /// Bundled, installed and linked libraries, each in the order of their names. A lock file that can't be used is listed in place of the plugins
    /// that it locks.
    libraries: Vec<Found>,
    pub(super) lock: Result<Lock, Error>,
    /// The warning that the lock file can't be reached, so that the machine seems to have none. `None` if it can be, or the warning was given before.
    pub(super) unreachable: Option<Error>,
}

impl Machine {
    /// Finds the running binary and the store of this user.
    ///
    /// # Errors
    /// If the running binary can't be found.
    pub(super) fn new(built_in: &'static [&'static str]) -> std::io::Result<Self> {
        let (binary, key) = locate::binary()?;
        Ok(Self {
            binary,
            key,
            store: Store::of_user(),
            built_in,
        })
    }

    /// Lists the libraries. Looks at none of them.
    pub(super) fn list(&self) -> Listing {
        measure("plugin folder", || {
            let mut libraries = locate::bundled(&self.binary);
            let (mut lock, mut unreachable) = (Ok(Lock::default()), None);
            if let Some(store) = &self.store {
                let path = store.lock_file();
                lock = Lock::read(&path);
                let failed = lock
                    .as_ref()
                    .is_err_and(|error| error.kind() != ErrorKind::Refused);
                if let Some(obstacle) = Obstacle::find(&path).filter(|_| failed) {
                    let what = format!("the lock file {}", show_path(&path));
                    unreachable = obstacle.is_new().then(|| obstacle.explain(&what));
                    lock = Ok(Lock::default());
                }
                libraries.extend(list_locked(store, lock.as_ref().ok()));
            }
            Listing {
                libraries,
                lock,
                unreachable,
            }
        })
    }

    /// Makes a catalog from the cache, and compares only the owner of a command with its file. `None` if the cache doesn't know a library, if no
    /// plugin owns the command, or if the owner's file has changed.
    pub(super) fn find_owner(
        &self,
        cache: &Cache,
        listing: &Listing,
        command: &str,
    ) -> Option<(Vec<Plugin>, Owners)> {
        let libraries = listing.libraries.iter();
        let plugins = libraries.map(|found| {
            let (_, state) = cache.find(&found.path)?;
            Some(Plugin::new(found, state.clone()))
        });
        let mut plugins = plugins.collect::<Option<Vec<_>>>()?;
        let owners = Owners::resolve(&mut plugins, self.built_in);
        let found = listing.libraries.get(owners.owner(command)?)?;
        let (key, _) = cache.find(&found.path)?;
        (*key == found.key()).then_some((plugins, owners))
    }

    /// Looks at all libraries, and describes those that the cache doesn't know. Writes the cache if it has changed.
    pub(super) fn survey(self, cache: Cache, listing: Listing, ask: Ask) -> Catalog {
        let libraries = &listing.libraries;
        let keys: Vec<FileKey> = libraries.iter().map(Found::key).collect();
        let known = libraries.iter().zip(&keys).map(|(found, key)| {
            let (known, state) = cache.find(&found.path)?;
            let is_wanted = match state {
                State::Usable(_) => false,
                State::Unusable(NoManifest::Late(_)) => ask != Ask::Unknown,
                State::Unusable(_) => ask == Ask::Failed,
            };
            (known == key && !is_wanted).then(|| state.clone())
        });
        let known: Vec<Option<State>> = known.collect();
        let asked = known.iter().any(Option::is_none);
        let remembers_late = known.iter().flatten().any(State::is_late);
        let (states, new) = self.describe(&cache, &listing, &keys, known);
        let cache = match new.is_same(&cache) {
            true => cache,
            false => {
                new.write();
                new
            }
        };
        let plugins = libraries.iter().zip(states);
        let plugins = plugins.map(|(found, state)| Plugin::new(found, state));
        let mut plugins: Vec<Plugin> = plugins.collect();
        let owners = Owners::resolve(&mut plugins, self.built_in);
        Catalog {
            machine: self,
            plugins,
            owners,
            cache,
            asked,
            remembers_late,
            is_complete: true,
            warnings: Vec::new(),
        }
    }

    /// Gets the states of the libraries, and makes a new cache. A state that is known comes from the old cache, and the manifest of an installed
    /// plugin from its package. The other libraries are described if they are trusted, because that runs their code.
    fn describe(
        &self,
        cache: &Cache,
        listing: &Listing,
        keys: &[FileKey],
        known: Vec<Option<State>>,
    ) -> (Vec<State>, Cache) {
        let judge = Judge::new(self);
        let mut answers = Vec::new();
        // The libraries to describe, by their places in `answers`.
        let mut unknown: Vec<usize> = Vec::new();
        for (number, (found, known)) in listing.libraries.iter().zip(known).enumerate() {
            let known = known.and_then(|state| match state {
                State::Usable(summary) => cache.manifest(&summary).map(Ok),
                State::Unusable(reason) => Some(Err(reason)),
            });
            answers.push(match (known, found.origin) {
                (Some(known), _) => known,
                // The files of an installed plugin can be repaired in place without changing the lock.
                (None, Origin::Installed) => self
                    .installed_manifest(&found.path, &listing.lock)
                    .map_err(NoManifest::Unasked),
                (None, _) => {
                    unknown.push(number);
                    Err(NoManifest::Unasked(changed_just_now()))
                }
            });
        }
        let described = describe::describe_all(&self.binary, unknown.len(), |at| {
            let Found { path, origin } = &listing.libraries[unknown[at]];
            judge.may_be_described(path, *origin)
        });
        for (number, answer) in unknown.into_iter().zip(described) {
            answers[number] = answer;
        }
        self.store(&listing.libraries, keys, answers)
    }

    /// Makes a new cache of the answers that hold after this start.
    fn store(
        &self,
        libraries: &[Found],
        keys: &[FileKey],
        answers: Vec<Result<PluginManifest, NoManifest>>,
    ) -> (Vec<State>, Cache) {
        let mut writer = Writer::default();
        let mut entries = Vec::new();
        let mut states = Vec::new();
        for ((found, key), answer) in libraries.iter().zip(keys).zip(answers) {
            let state = match answer {
                Ok(manifest) => State::Usable(writer.manifest(&manifest)),
                Err(reason) => State::Unusable(reason),
            };
            if state.is_lasting() {
                entries.push(Entry::new(&found.path, *key, state.clone()));
            }
            states.push(state);
        }
        (states, writer.finish(self.key, entries))
    }

    /// Reads the manifest of an installed plugin from its package.
    fn installed_manifest(
        &self,
        library: &Path,
        lock: &Result<Lock, Error>,
    ) -> Result<PluginManifest, Error> {
        let lock = lock.as_ref().map_err(Clone::clone)?;
        let name = name_of(library);
        let locked = lock.plugins.get(&name).ok_or_else(changed_just_now)?;
        let store = self.store.as_ref().ok_or_else(Error::no_home)?;
        store.manifest(&name, locked)
    }

    /// True if a bundled plugin has this name.
    pub(super) fn has_bundled(&self, name: &str) -> bool {
        locate::has_bundled(&self.binary, name)
    }

    /// Returns the users who may write a library: for a bundled library also those who can replace the binary.
    ///
    /// # Errors
    /// If the owners of the binary can't be read.
    fn trusted(&self, origin: Origin) -> Result<Trusted, Error> {
        let trusted = Trusted::this_user();
        match origin {
            Origin::Bundled => trusted
                .with_writers_of(&self.binary)
                .map_err(|distrust| distrust.explain("the tw binary", "install tw again")),
            _ => Ok(trusted),
        }
    }

    /// Checks that a plugin may be mapped, and opens its library. `cache` has the key of the file that was described.
    pub(super) fn verify(
        &self,
        plugin: &Plugin,
        policy: &Policy,
        cache: &Cache,
    ) -> Result<Image, Error> {
        let name = plugin.name();
        let services = plugin.summary().map(|summary| summary.services.as_slice());
        let services = services.unwrap_or_default();
        if let (Origin::Installed, Some(store)) = (plugin.origin, &self.store) {
            let lock = Lock::read(&store.lock_file())?;
            // Finds the version whose manifest is known. If another process has just replaced that version, the lock has it as the previous one.
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
            policy.check(&Subject {
                replaces_bundled: self.has_bundled(&name),
                ..locked.subject(&name, services)
            })?;
            let opened = store.open(&name, locked)?;
            // The policy may have changed since the plugin was installed.
            let dependencies = Dependencies::read(&opened.bytes);
            dependencies
                .ok_or_else(changed_just_now)?
                .check(policy.libraries())?;
            return Ok(Image::Sealed(opened));
        }
        let version = plugin.summary().map(|summary| &summary.version);
        let version: Option<Version> = version.and_then(|version| version.parse().ok());
        policy.check(&Subject {
            services: Services::Declared(services),
            replaces_bundled: plugin.origin != Origin::Bundled && self.has_bundled(&name),
            ..Subject::unlocked(&name, version.as_ref(), plugin.origin)
        })?;
        let trusted = self.trusted(plugin.origin)?;
        let held = Held::open(&plugin.path, &trusted).map_err(unsafe_library)?;
        let described = cache.find(&plugin.path).map(|(key, _)| *key);
        let opened = held.file.metadata().ok().map(|data| FileKey::of(&data));
        match (opened, described) {
            (Some(opened), Some(described)) if opened.is_content_of(described) => {
                Ok(Image::File(held))
            }
            _ => Err(changed_just_now()),
        }
    }
}

/// Lists the libraries of installed and linked plugins.
fn list_locked(store: &Store, lock: Option<&Lock>) -> Vec<Found> {
    let found = |path: PathBuf, origin: Origin| Found { path, origin };
    let Some(lock) = lock else {
        return vec![found(store.lock_file(), Origin::Installed)];
    };
    let installed = lock.plugins.iter();
    let installed =
        installed.map(|(name, locked)| found(store.library(name, locked), Origin::Installed));
    let linked = lock.links.values();
    let linked = linked.map(|link| found(link.newest(), Origin::Linked));
    installed.chain(linked).collect()
}

/// Decides which libraries may be described. Reads the policies and the owners of the binary once, and only if there is such a library.
struct Judge<'a> {
    machine: &'a Machine,
    policy: OnceCell<Result<Policy, Error>>,
    bundled: OnceCell<Result<Trusted, Error>>,
}

impl<'a> Judge<'a> {
    fn new(machine: &'a Machine) -> Self {
        Self {
            machine,
            policy: OnceCell::new(),
            bundled: OnceCell::new(),
        }
    }

    /// Checks who could have written a library, whether it can be mapped, and whether the policies allow the plugin that its note names. Returns
    /// the open library. That a library may not be described is never remembered, because the mode of a folder and the policies can change without a
    /// change of the file.
    fn may_be_described(&self, path: &Path, origin: Origin) -> Result<Inspected, NoManifest> {
        let trusted = match origin {
            Origin::Bundled => self
                .bundled
                .get_or_init(|| self.machine.trusted(origin))
                .clone(),
            _ => self.machine.trusted(origin),
        };
        let trusted = trusted.map_err(NoManifest::Unasked)?;
        let policy = self
            .policy
            .get_or_init(|| Policy::read(&self.machine.binary));
        let policy = policy.as_ref();
        let policy = policy.map_err(|error| NoManifest::Unasked(error.clone()))?;
        let inspected = inspect(path, &trusted, policy.libraries())?;
        let replaces_bundled =
            origin != Origin::Bundled && self.machine.has_bundled(inspected.name());
        inspected
            .check(policy, origin, replaces_bundled)
            .map_err(NoManifest::Unasked)?;
        Ok(inspected)
    }
}

fn changed_just_now() -> Error {
    Error::new(ErrorKind::NotFound, "it was replaced or removed just now")
        .hint("run the command again")
}
