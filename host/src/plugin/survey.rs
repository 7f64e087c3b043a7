//! Which libraries there are, and what each of them is: what the index knows is believed, the others are asked, and the index is written anew.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use tw_plugin_protocol::Manifest;

use super::{
    cache::{self, Cache, Draft, Entry, Places, Summary, TopCommand},
    describe,
    locate::{self, FileKey, Found},
};
use crate::{
    error::{Error, ErrorKind},
    store::{Lock, Store, name_of},
    timing::measure,
    trust::{Origin, Policy, owners},
};

/// A library that is there, and what is known of it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) path: PathBuf,
    pub(crate) origin: Origin,
    /// Whether another with its name is used in its place.
    pub(crate) replaced: bool,
    pub(crate) state: Result<Summary, Error>,
}

impl Known {
    pub(super) fn new(path: PathBuf, entry: Entry) -> Self {
        Self {
            path,
            origin: entry.origin,
            replaced: entry.replaced,
            state: entry.state,
        }
    }

    /// The plugin's name, or what its file is called when it can't say.
    pub(crate) fn name(&self) -> String {
        match &self.state {
            Ok(summary) => summary.name.clone(),
            Err(_) => name_of(&self.path),
        }
    }

    pub(super) fn commands(&self) -> &[TopCommand] {
        match &self.state {
            Ok(summary) if !self.replaced => &summary.commands,
            _ => &[],
        }
    }
}

/// The running binary, and what is looked at for it.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    pub(super) binary: std::path::PathBuf,
    key: FileKey,
    pub(super) store: Option<Store>,
    /// Names of commands that no plugin can have.
    pub(super) built_in: &'static [&'static str],
}

/// What was found.
#[derive(Debug)]
pub(super) struct Surveyed {
    pub(super) known: Vec<Known>,
    pub(super) index: Cache,
    /// Whether libraries were asked.
    pub(super) asked: bool,
}

impl Survey {
    pub(super) fn new(built_in: &'static [&'static str]) -> std::io::Result<Self> {
        let (binary, key) = locate::binary()?;
        Ok(Self {
            binary,
            key,
            store: Store::of_person(),
            built_in,
        })
    }

    /// The index, as it is kept.
    pub(super) fn index(&self) -> Cache {
        measure("cache read", || {
            cache::file().map_or_else(Cache::default, |file| Cache::read(&file, self.key))
        })
    }

    /// The places as they are now.
    pub(super) fn places(&self) -> Places {
        let key = |path: Option<&Path>| path.and_then(FileKey::at).unwrap_or_default();
        Places {
            folder: key(locate::folder(&self.binary).as_deref()),
            lock: key(self.store.as_ref().map(Store::lock_file).as_deref()),
        }
    }

    /// Looks at all that is there.
    pub(super) fn all(&self, mut index: Cache, ask_failed_again: bool) -> Surveyed {
        // Before they are looked at, so that what comes meanwhile makes them others.
        let places = self.places();
        let settled = places.folder.is_settled() && places.lock.is_settled();
        let places = settled.then_some(places);
        if index.places.is_some() && index.places == places && !ask_failed_again {
            let entries = index.entries();
            if entries.iter().all(Entry::is_as_it_was) {
                let known = entries
                    .into_iter()
                    .map(|entry| Known::new(PathBuf::from(&entry.path), entry));
                return Surveyed {
                    known: known.collect(),
                    index,
                    asked: false,
                };
            }
        }
        let lock = match &self.store {
            Some(store) => Lock::read(&store.lock_file()),
            None => Ok(Lock::default()),
        };
        let found = measure("plugin folder", || self.found(lock.as_ref().ok()));
        let mut entries = index.entries();
        if ask_failed_again {
            entries.retain(|entry| entry.state.is_ok());
        }
        let same = |(entry, library): (&Entry, &Found)| entry.still_holds(library);
        let asked = entries.len() != found.len() || !entries.iter().zip(&found).all(same);
        let mut untrusted = HashMap::new();
        if asked || index.places != places {
            let draft;
            (draft, untrusted) = self.renew(&index, entries, &found, lock);
            // Who isn't trusted now can be before the places change.
            let places = places.filter(|_| untrusted.is_empty());
            let new = draft.finish(self.key, places, self.built_in);
            let old = std::mem::replace(&mut index, new);
            if let Some(file) = cache::file().filter(|_| index != old) {
                index.write(&file);
            }
            entries = index.entries();
        }
        let mut entries = entries.into_iter().peekable();
        let known =
            found.into_iter().map(
                |library| match entries.next_if(|entry| entry.is_of(&library)) {
                    Some(entry) => Known::new(library.path, entry),
                    None => Known {
                        state: Err(untrusted
                            .remove(&library.path)
                            .unwrap_or_else(changed_meanwhile)),
                        path: library.path,
                        origin: library.origin,
                        replaced: false,
                    },
                },
            );
        Surveyed {
            known: known.collect(),
            index,
            asked,
        }
    }

    /// All libraries: the bundled ones, what is installed and what is linked, each in the order of their names. A lock that can't be
    /// read is found in the place of what it locks.
    fn found(&self, lock: Option<&Lock>) -> Vec<Found> {
        let mut found = locate::bundled(&self.binary);
        let Some(store) = &self.store else {
            return found;
        };
        let Some(lock) = lock else {
            let path = store.lock_file();
            found.push(Found {
                key: FileKey::at(&path).unwrap_or_default(),
                path,
                origin: Origin::Installed,
            });
            return found;
        };
        found.extend(lock.plugins.iter().map(|(name, locked)| Found {
            path: store.library(name, locked),
            // The path has the package's digest in it.
            key: FileKey::default(),
            origin: Origin::Installed,
        }));
        found.extend(lock.links.values().map(|path| Found {
            path: path.clone(),
            key: FileKey::at(path).unwrap_or_default(),
            origin: Origin::Linked,
        }));
        found
    }

    /// Keeps what is known of files that are still the same, and asks the others, unless they aren't trusted: mapping one runs it.
    /// What is installed isn't asked: its package has the answer.
    fn renew(
        &self,
        old: &Cache,
        entries: Vec<Entry>,
        found: &[Found],
        lock: Result<Lock, Error>,
    ) -> (Draft, HashMap<std::path::PathBuf, Error>) {
        let mut untrusted = HashMap::new();
        let mut ask: Vec<usize> = Vec::new();
        let mut states: Vec<Option<Result<Manifest, Error>>> = Vec::new();
        let mut entries: HashMap<String, Entry> = entries
            .into_iter()
            .map(|entry| (entry.path.clone(), entry))
            .collect();
        for (at, library) in found.iter().enumerate() {
            let entry = entries.remove(&*library.path.to_string_lossy());
            let known = entry.filter(|entry| entry.still_holds(library));
            let state = known.and_then(|entry| match entry.state {
                Ok(summary) => old.manifest(&summary).map(Ok),
                Err(problem) => Some(Err(problem)),
            });
            let state = state.or_else(|| match library.origin {
                Origin::Installed => Some(self.manifest(&library.path, &lock)),
                _ => None,
            });
            if state.is_none() {
                match self.check_asked(library) {
                    Ok(()) => ask.push(at),
                    // Not remembered: a folder's mode can change without a change of the file.
                    Err(problem) => {
                        untrusted.insert(library.path.clone(), problem);
                    }
                }
            }
            states.push(state);
        }
        let paths: Vec<_> = ask.iter().map(|at| found[*at].path.clone()).collect();
        let answers = describe::describe_all(&self.binary, &paths);
        for (at, answer) in ask.iter().zip(answers) {
            states[*at] = Some(answer);
        }
        let mut draft = Draft::default();
        for (library, state) in found.iter().zip(states) {
            if let Some(state) = state {
                draft.add(library, state);
            }
        }
        (draft, untrusted)
    }

    /// Whether the library may be asked what it is, which runs it.
    fn check_asked(&self, library: &Found) -> Result<(), Error> {
        let name = name_of(&library.path);
        Policy::read(&self.binary)?.check_unasked(&name, library.origin)?;
        self.check_trust(library.origin, &library.path)
    }

    /// A bundled plugin is trusted as far as the binary; whoever links one says that they trust it.
    pub(super) fn check_trust(&self, origin: Origin, path: &Path) -> Result<(), Error> {
        match origin {
            Origin::Bundled => owners::check(path, &self.binary),
            _ => Ok(()),
        }
    }

    /// The manifest of an installed plugin.
    fn manifest(&self, library: &Path, lock: &Result<Lock, Error>) -> Result<Manifest, Error> {
        let lock = lock.as_ref().map_err(Clone::clone)?;
        let name = name_of(library);
        let locked = lock.plugins.get(&name).ok_or_else(changed_meanwhile)?;
        let store = self.store.as_ref().ok_or_else(changed_meanwhile)?;
        store.manifest(&name, locked)
    }
}

fn changed_meanwhile() -> Error {
    Error::new(ErrorKind::NotFound, "it was changed or removed just now")
        .hint("run the command again")
}
