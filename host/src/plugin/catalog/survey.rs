//! The survey: which libraries are on this machine, and what each of them is.

use std::{
    cell::OnceCell,
    collections::HashMap,
    path::{Path, PathBuf},
};

use semver::Version;

use super::Catalog;
use crate::{
    error::{Error, ErrorKind},
    plugin::{
        cache::{Cache, Writer},
        describe,
        known::{Plugin, State},
        loader::Image,
        locate::{self, FileKey, Found, Places},
        ownership::Owners,
    },
    store::{Lock, PluginManifest, Store, name_of},
    timing::measure,
    trust::{Origin, Policy, Services, Subject, owners},
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
    /// Also the libraries whose last description failed.
    Failed,
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

    pub(super) fn places(&self) -> Places {
        Places::now(&self.binary, self.store.as_ref())
    }

    /// Looks at all plugins.
    pub(super) fn survey(self, mut cache: Cache, ask: Ask) -> Catalog {
        // The places are read before the libraries are listed. A library that is added in between then makes the places differ.
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
            is_complete: true,
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
                others: Vec::new(),
            });
            return libraries;
        };
        libraries.extend(lock.plugins.iter().map(|(name, locked)| Found {
            path: store.library(name, locked),
            // The path contains the digest of the package, so it changes with the library.
            key: FileKey::default(),
            origin: Origin::Installed,
            others: Vec::new(),
        }));
        libraries.extend(lock.links.values().map(|link| {
            let key = |path: &Path| FileKey::at(path).unwrap_or_default();
            let path = link.newest();
            let others = link.libraries().into_iter();
            let others = others.filter(|other| *other != path);
            Found {
                key: key(&path),
                others: others.map(|other| (other.clone(), key(&other))).collect(),
                path,
                origin: Origin::Linked,
            }
        }));
        libraries
    }

    /// Gets the manifests of the libraries and makes a new cache. The manifest of an unchanged library comes from the old cache, and that of an
    /// installed plugin from its package. The other libraries are described if they are trusted, because that runs their code.
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
            let answer = answer.or_else(installed).map(said);
            answers.push(answer.or_else(untrusted));
        }
        let plugins = self.ask(libraries, answers);
        self.assemble(libraries, plugins, places)
    }

    /// Describes the libraries that have no answer yet.
    fn ask(&self, libraries: &[Found], answers: Vec<Option<Answer>>) -> Vec<Answer> {
        let unknown = libraries.iter().zip(&answers);
        let unknown = unknown.filter(|(_, answer)| answer.is_none());
        let paths: Vec<&Path> = unknown.map(|(library, _)| library.path.as_path()).collect();
        let mut asked = describe::describe_all(&self.binary, &paths).into_iter();
        let next = || asked.next().unwrap_or_else(|| Err(changed_just_now()));
        let mut next = std::iter::repeat_with(next);
        let answers = answers.into_iter();
        answers
            .filter_map(|answer| answer.or_else(|| next.next().map(said)))
            .collect()
    }

    /// Makes the plugins and a new cache from the answers of the libraries. An untrusted library isn't cached, because the mode of a folder can
    /// change without a change of the file.
    fn assemble(
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
                Answer::Said(answer) => match *answer {
                    Ok(manifest) => State::Usable(writer.manifest(&manifest)),
                    Err(error) => State::Unusable(error),
                },
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
        // The owners number all plugins, but the cache leaves out untrusted plugins. If there are any, the places are left out too, so that no
        // command line uses these owners.
        let places = places.filter(|_| untrusted.is_empty());
        let cache = writer.finish(self.key, places, owners.clone(), &cached);
        (plugins, owners, cache)
    }

    /// Checks that a library may be described, which runs code of the library.
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

    /// Checks who could have written a bundled library: a bundled library is trusted as much as the binary. A linked library needs no check,
    /// because the user who linked it trusts it.
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

    pub(super) fn verify(&self, plugin: &Plugin, policy: &Policy) -> Result<Image, Error> {
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
            return store.open(&name, locked).map(Image::Sealed);
        }
        let version = plugin.summary().map(|summary| &summary.version);
        let version: Option<Version> = version.and_then(|version| version.parse().ok());
        policy.check(&Subject {
            services: Services::Declared(services),
            replaces_bundled: plugin.origin != Origin::Bundled && self.has_bundled(&name),
            ..Subject::unlocked(&name, version.as_ref(), plugin.origin)
        })?;
        self.check_owners(plugin.origin, &plugin.path)?;
        Ok(Image::File(plugin.path.clone()))
    }
}

/// The result of looking at a library.
#[derive(Debug)]
enum Answer {
    /// The manifest of the library or its package, or the reason why there is none.
    Said(Box<Result<PluginManifest, Error>>),
    /// The library may not be described.
    Untrusted(Error),
}

fn said(answer: Result<PluginManifest, Error>) -> Answer {
    Answer::Said(Box::new(answer))
}

fn changed_just_now() -> Error {
    Error::new(ErrorKind::NotFound, "it was replaced or removed just now")
        .hint("run the command again")
}
