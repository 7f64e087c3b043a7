//! Makes a machine match a lock file. Every package is fetched and checked before the first one is placed, and one change of the store puts all of
//! them into use.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use tw_render::text::visible;

use super::{
    Context,
    archive::{self, Package},
    fetch::{self, Candidate, no_target},
    install::{self, Allowed},
    signed::check_signature,
    source::{Source, exactly},
};
use crate::{
    error::{Context as _, Error, ErrorKind},
    files::{self, show_path},
    store::{Change, Digest, Lock, Locked, Store, Target, target},
    trust::{Policy, keys::Key},
};

/// The options of a sync.
#[derive(Debug, Default)]
pub(crate) struct Request<'a> {
    /// The lock file to match; `None` for the machine's own, which restores damaged and missing files.
    pub(crate) lockfile: Option<&'a Path>,
    /// Look up nothing that the lock file lacks.
    pub(crate) frozen: bool,
    /// The folder in which packages are found by their digests; `None` to download them.
    pub(crate) from: Option<&'a Path>,
    /// Remove plugins that the lock file lacks.
    pub(crate) prune: bool,
}

/// The result of a sync.
#[derive(Debug, Default)]
pub(crate) struct Synced {
    /// The names and the versions of the installed plugins.
    pub(crate) installed: Vec<(String, String)>,
    pub(crate) removed: Vec<String>,
    /// The plugins that the lock file lacks and that stay.
    pub(crate) left: Vec<String>,
}

/// The search for the packages of a lock file.
struct Search<'a> {
    request: &'a Request<'a>,
    context: &'a Context<'a>,
    policy: &'a Policy,
    /// The packages in the folder of the request, by digest.
    packages: Option<BTreeMap<Digest, PathBuf>>,
}

/// Makes the machine match a lock file.
///
/// # Errors
/// A package can't be fetched, or isn't what the lock file says. Nothing has changed then.
pub(crate) fn sync(
    request: &Request<'_>,
    store: &Store,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<Synced, Error> {
    let mut wanted = read_lock(request, store)?;
    let search = Search {
        request,
        context,
        policy,
        packages: request.from.map(packages_by_digest).transpose()?,
    };
    // The store is locked only after all downloads, so that other processes can change it in the meantime.
    let current = Lock::read(&store.lock_file())?;
    let mut candidates = Vec::new();
    let mut is_extended = false;
    for (name, locked) in &mut wanted.plugins {
        let version = locked.version.clone();
        let what = || format!("`{name}` {version}");
        is_extended |= search.complete(name, locked).context(what)?;
        if !is_installed(name, locked, current.plugins.get(name), store) {
            candidates.push(search.fetch(name, locked).context(what)?);
        }
    }
    let mut change = store.change()?;
    let mut synced = Synced::default();
    for candidate in candidates {
        place(candidate, &mut change, &mut wanted, &mut synced)?;
    }
    // The machine's own lock file has every plugin, even those that were installed during the downloads.
    if request.lockfile.is_some() {
        remove_surplus(request.prune, &wanted, &mut change, &mut synced);
    }
    if !synced.installed.is_empty() || !synced.removed.is_empty() {
        change.commit()?;
    }
    if let Some(path) = request.lockfile.filter(|_| is_extended) {
        files::replace(path, wanted.to_text()?.as_bytes()).map_err(|error| {
            Error::new(
                ErrorKind::Failure,
                format!(
                    "the lock file {} can't be written: {error}",
                    show_path(path)
                ),
            )
            .hint("the plugins are installed; use `--frozen` to leave the lock file unchanged")
        })?;
    }
    Ok(synced)
}

fn read_lock(request: &Request<'_>, store: &Store) -> Result<Lock, Error> {
    let own = store.lock_file();
    match request.lockfile {
        Some(path) if !path.exists() => Err(Error::new(
            ErrorKind::NotFound,
            format!("there is no lock file at {}", show_path(path)),
        )
        .hint(format!(
            "copy the lock file of a machine: it is at {}",
            show_path(&own)
        ))),
        Some(path) => Lock::read(path),
        None => Lock::read(&own),
    }
}

/// Places a package, and adds what was learned about it to the wanted lock.
fn place(
    candidate: Candidate,
    change: &mut Change<'_>,
    wanted: &mut Lock,
    synced: &mut Synced,
) -> Result<(), Error> {
    let Candidate {
        package, locked, ..
    } = candidate;
    change.place(&package.digest, &package.files)?;
    let name = package.manifest.plugin.name.clone();
    if let Some(wanted) = wanted.plugins.get_mut(&name) {
        wanted.targets.clone_from(&locked.targets);
    }
    let version = locked.version.to_string();
    change.lock.install(&name, locked);
    synced.installed.push((name, version));
    Ok(())
}

/// Finds the plugins that the lock file lacks, and removes them if `prune` is true.
fn remove_surplus(prune: bool, wanted: &Lock, change: &mut Change<'_>, synced: &mut Synced) {
    let names = change.lock.plugins.keys();
    let surplus: Vec<String> = names
        .filter(|name| !wanted.plugins.contains_key(*name))
        .cloned()
        .collect();
    if !prune {
        synced.left = surplus;
        return;
    }
    for name in &surplus {
        change.lock.plugins.remove(name);
        change.lock.previous.remove(name);
    }
    synced.removed = surplus;
}

impl Search<'_> {
    /// Completes an entry of the lock file. Returns true if this machine's package had to be looked up.
    fn complete(&self, name: &str, locked: &mut Locked) -> Result<bool, Error> {
        if locked.here().is_some() {
            return Ok(false);
        }
        locked.targets = self.look_up(name, locked)?;
        Ok(true)
    }

    /// Looks up the packages of a version whose entry lacks this machine's package.
    fn look_up(&self, name: &str, locked: &Locked) -> Result<BTreeMap<String, Target>, Error> {
        let here = target();
        if self.request.frozen || self.request.from.is_some() {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("the lock file has no package for {here}"),
            )
            .hint(
                "`tw plugin sync` without `--frozen` and `--from` looks for the package, and \
                 adds it to the lock file",
            ));
        }
        let source = match (&locked.index, Source::resolve(&locked.source, None)) {
            (Some(index), _) => Source::Index {
                index: index.name.clone(),
                name: name.to_owned(),
                wanted: exactly(&locked.version),
            },
            (None, Ok(Source::Registry(place))) => {
                Source::Registry(place.with_version(&locked.version))
            }
            (None, source) => source?,
        };
        let found = fetch::fetch(&source, allowed(locked), self.context, self.policy)?.locked;
        let index_key = |locked: &Locked| locked.index.as_ref().map(|index| index.key.clone());
        if found.version != locked.version
            || key_of(&found) != key_of(locked)
            || index_key(&found) != index_key(locked)
        {
            return Err(outdated(format!(
                "{source} has another version for {here}, or a version that is signed with \
                 another key"
            )));
        }
        let mut targets = locked.targets.clone();
        for (target, package) in found.targets {
            targets.entry(target).or_insert(package);
        }
        Ok(targets)
    }

    /// Fetches the package that the lock file names, and checks that it can and may run here.
    fn fetch(&self, name: &str, locked: &Locked) -> Result<Candidate, Error> {
        let here = locked.here();
        let here = here.ok_or_else(|| no_target("its source", locked.targets.keys()))?;
        let source = match &self.packages {
            None => Source::resolve(&here.source, None)?,
            Some(packages) => find_package(packages, here)?,
        };
        let (bytes, signature) = fetch::read(&source, self.context)?;
        here.package
            .check(&format!("the package at {source}"), &bytes)?;
        check_signature(locked, &bytes, signature.as_deref())?;
        let package = Package::read(&bytes)?;
        check_package(name, locked, here, &package)?;
        let mut locked = locked.clone();
        if let Some(here) = locked.targets.get_mut(&target()) {
            here.contents = Some(package.contents());
        }
        let candidate = Candidate { package, locked };
        install::check(&candidate, self.context, self.policy)?;
        Ok(candidate)
    }
}

/// Returns the exceptions that a lock file allows: it records that `--allow-unsigned` was used.
fn allowed(locked: &Locked) -> Allowed {
    Allowed {
        unsigned: locked.signer.is_none(),
        downgrade: true,
    }
}

/// True if the machine has this package, undamaged, from the same index and signed with the same key.
fn is_installed(name: &str, wanted: &Locked, found: Option<&Locked>, store: &Store) -> bool {
    let digest = |locked: &Locked| locked.here().map(|here| here.package);
    let Some(found) = found.filter(|found| digest(found) == digest(wanted)) else {
        return false;
    };
    found.version == wanted.version
        && found.index == wanted.index
        // A plugin that was installed as unsigned is installed again if the lock file knows its signer.
        && (wanted.signer.is_none() || key_of(found) == key_of(wanted))
        && store.open(name, found).is_ok()
        && store.manifest(name, found).is_ok()
}

fn key_of(locked: &Locked) -> Option<&Key> {
    locked.signer.as_ref().map(|signer| &signer.key)
}

fn find_package(packages: &BTreeMap<Digest, PathBuf>, wanted: &Target) -> Result<Source, Error> {
    let path = packages.get(&wanted.package).cloned();
    path.map(Source::File).ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!("none of the packages has the digest {}", wanted.package),
        )
        .hint(format!(
            "put the package into the folder; it is at {}",
            visible(&wanted.source)
        ))
    })
}

/// Checks that a package holds what the lock file says.
fn check_package(
    name: &str,
    locked: &Locked,
    here: &Target,
    package: &Package,
) -> Result<(), Error> {
    let found = &package.manifest.plugin;
    if found.name != name || found.version != locked.version.to_string() {
        return Err(outdated(format!(
            "the package is `{}` {}",
            visible(&found.name),
            visible(&found.version)
        )));
    }
    let known = here.contents.as_ref();
    if known.is_some_and(|known| *known != package.contents()) {
        let message = "the package holds other files than the lock file says";
        return Err(outdated(message.to_owned()));
    }
    Ok(())
}

/// Makes the error of a lock file that contradicts the packages it names.
fn outdated(message: String) -> Error {
    Error::new(ErrorKind::Refused, message).hint("ask the lock file's maintainer to update it")
}

/// Reads the packages in a folder.
fn packages_by_digest(folder: &Path) -> Result<BTreeMap<Digest, PathBuf>, Error> {
    let unreadable = |error: std::io::Error| {
        Error::new(
            ErrorKind::Input,
            format!("{} can't be read: {error}", show_path(folder)),
        )
        .hint("name the folder with the packages")
    };
    let mut packages = BTreeMap::new();
    for entry in folder.read_dir().map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_package = path.to_string_lossy().ends_with(archive::SUFFIX);
        // A file that is larger than every package, and a device, are not meant.
        let is_small = |path: &Path| {
            let data = path.metadata();
            data.is_ok_and(|data| data.is_file() && data.len() <= archive::LARGEST)
        };
        if is_package && is_small(&path) {
            let bytes = files::read_at_most(&path, archive::LARGEST).map_err(unreadable)?;
            packages.insert(Digest::of(&bytes), path);
        }
    }
    Ok(packages)
}
