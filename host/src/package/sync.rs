//! Making a machine match a lock: every package is fetched and checked before the first is placed, and one change of the store makes them count.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tw_render::text::visible;

use super::{
    Context,
    archive::{self, Package},
    fetch::{self, Candidate},
    install::{self, Allowed},
    source::{Source, exactly},
};
use crate::{
    error::{Context as _, Error, ErrorKind},
    files,
    store::{Digest, Lock, Locked, Store, Target, target},
    trust::{
        Policy,
        keys::{Key, Signature},
    },
};

/// What the person asked for.
#[derive(Debug, Default)]
pub(crate) struct Request<'a> {
    /// The lock that is to be matched; without it, the machine's own: what is damaged or missing is mended.
    pub(crate) lockfile: Option<&'a Path>,
    /// Nothing may be looked up that the lock doesn't say.
    pub(crate) frozen: bool,
    /// A folder with packages, where they are looked for by digest; nothing is downloaded then.
    pub(crate) from: Option<&'a Path>,
    /// Plugins that the lock doesn't have are removed.
    pub(crate) prune: bool,
}

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Synced {
    /// Each with its version.
    pub(crate) installed: Vec<(String, String)>,
    pub(crate) removed: Vec<String>,
    /// Plugins that the lock doesn't have, and that stay.
    pub(crate) left: Vec<String>,
}

/// Makes the machine match.
///
/// # Errors
/// Something can't be had or isn't what the lock says: then nothing has changed.
pub(crate) fn sync(
    request: &Request<'_>,
    store: &Store,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<Synced, Error> {
    let mut wanted = match request.lockfile {
        Some(path) if !path.exists() => {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("there is no lock at {}", path.display()),
            )
            .hint(format!(
                "a machine's own is {}: copy it from one",
                store.lock_file().display()
            )));
        }
        Some(path) => Lock::read(path)?,
        None => Lock::read(&store.lock_file())?,
    };
    let packages = request.from.map(by_digest).transpose()?;
    // The store is taken only once all is here: a slow download keeps nobody from changing it.
    let now = Lock::read(&store.lock_file())?;
    let mut synced = Synced::default();
    let mut candidates = Vec::new();
    let mut looked_up = false;
    for (name, locked) in &mut wanted.plugins {
        let version = locked.version.clone();
        let about = || format!("`{name}` {version}");
        if let Some(signer) = &mut locked.signer {
            // As policies and listings write it.
            signer.key = Key::parse(&signer.key).context(about)?.to_text();
        }
        if locked.here().is_none() {
            locked.targets = look_up(name, locked, request, context, policy).context(about)?;
            looked_up = true;
        }
        if is_there(name, locked, now.plugins.get(name), store) {
            continue;
        }
        let candidate = locked_package(name, locked, packages.as_ref(), context).context(about)?;
        let allowed = Allowed {
            // The lock is where the exception was made.
            unsigned: locked.signer.is_none(),
            downgrade: true,
        };
        install::check(&candidate, allowed, context, policy).context(about)?;
        candidates.push(candidate);
    }
    let mut change = store.change()?;
    for Candidate {
        package, locked, ..
    } in candidates
    {
        change.place(&package.digest, &package.files)?;
        let name = package.manifest.plugin.name.clone();
        synced
            .installed
            .push((name.clone(), locked.version.to_string()));
        if let Some(wanted) = wanted.plugins.get_mut(&name) {
            wanted.targets.clone_from(&locked.targets);
        }
        change.lock.install(&name, locked);
    }
    // The machine's own lock has them all, those too that came while this one was at work.
    let is_surplus =
        |name: &&String| request.lockfile.is_some() && !wanted.plugins.contains_key(*name);
    let surplus: Vec<String> = change
        .lock
        .plugins
        .keys()
        .filter(is_surplus)
        .cloned()
        .collect();
    if request.prune {
        for name in &surplus {
            change.lock.plugins.remove(name);
            change.lock.previous.remove(name);
        }
        synced.removed = surplus;
    } else {
        synced.left = surplus;
    }
    if !synced.installed.is_empty() || !synced.removed.is_empty() {
        change.commit()?;
    }
    if let Some(path) = request.lockfile.filter(|_| looked_up) {
        files::replace(path, wanted.to_text().as_bytes()).map_err(|error| {
            Error::new(
                ErrorKind::Failure,
                format!("the lock {} can't be written: {error}", path.display()),
            )
            .hint("the plugins are installed; `--frozen` uses only what the lock says")
        })?;
    }
    Ok(synced)
}

/// The packages of the same version, with this machine's among them, where the lock doesn't know it yet.
fn look_up(
    name: &str,
    locked: &Locked,
    request: &Request<'_>,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<BTreeMap<String, Target>, Error> {
    let here = target();
    if request.frozen || request.from.is_some() {
        return Err(Error::new(ErrorKind::NotFound, format!("the lock has no package for {here}")).hint("`tw plugin sync` without `--frozen` and `--from` looks for one, and adds it to the lock"));
    }
    let source = match (&locked.index, Source::resolve(&locked.source, None)) {
        (Some(index), _) => Source::Index {
            index: index.clone(),
            name: name.to_owned(),
            wanted: exactly(&locked.version),
        },
        (None, Ok(Source::Registry(place))) => {
            Source::Registry(place.tagged(&locked.version.to_string()))
        }
        (None, source) => source?,
    };
    let found = fetch::fetch(&source, context, policy)?.locked;
    if found.version != locked.version
        || found.signer.as_ref().map(|signer| &signer.key)
            != locked.signer.as_ref().map(|signer| &signer.key)
    {
        return Err(Error::new(
            ErrorKind::Refused,
            format!("{source} has another version for {here}, or somebody else signed it"),
        )
        .hint("ask whoever keeps the lock to renew it"));
    }
    let mut targets = locked.targets.clone();
    for (target, package) in found.targets {
        targets.entry(target).or_insert(package);
    }
    Ok(targets)
}

/// Whether the machine has this very package, whole, from the same index and signed with the same key.
fn is_there(name: &str, wanted: &Locked, found: Option<&Locked>, store: &Store) -> bool {
    let digest = |locked: &Locked| locked.here().map(|here| here.package);
    let Some(found) = found.filter(|found| digest(found) == digest(wanted)) else {
        return false;
    };
    // An exception of this machine ends where the lock knows who signed it.
    let is_signed = wanted.signer.as_ref().is_none_or(|wanted| {
        let found = found.signer.as_ref();
        found.is_some_and(|found| found.key == wanted.key)
    });
    found.version == wanted.version
        && found.index == wanted.index
        && is_signed
        && store.open(name, found).is_ok()
        && store.manifest(name, found).is_ok()
}

/// The package that the lock names, compared with its digests and its signer's key.
fn locked_package(
    name: &str,
    locked: &Locked,
    packages: Option<&BTreeMap<Digest, PathBuf>>,
    context: &Context<'_>,
) -> Result<Candidate, Error> {
    let here = locked
        .here()
        .ok_or_else(|| fetch::no_target("its source", locked.targets.keys()))?;
    let source = match packages {
        None => fetch::package_source(here)?,
        Some(packages) => Source::File(packages.get(&here.package).cloned().ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("none of the packages has the digest {}", here.package),
            )
            .hint(format!(
                "put it into the folder; it is at {}",
                visible(&here.source)
            ))
        })?),
    };
    let (bytes, signature) = fetch::bytes(&source, context)?;
    here.package
        .check(&format!("the package at {source}"), &bytes)?;
    if let Some(signer) = &locked.signer {
        let signature = signature.ok_or_else(|| {
            Error::new(
                ErrorKind::Refused,
                format!(
                    "the lock says that {} signed it, and there is no signature",
                    visible(&signer.name)
                ),
            )
            .hint("put the signature (`.minisig`) beside the package")
        })?;
        Key::parse(&signer.key)?.verify(&Signature::parse(&signature)?, &bytes)?;
    }
    let package = Package::read(&bytes)?;
    let found = &package.manifest.plugin;
    if found.name != name || found.version != locked.version.to_string() {
        return Err(Error::new(
            ErrorKind::Refused,
            format!(
                "the package is `{}` {}",
                visible(&found.name),
                visible(&found.version)
            ),
        )
        .hint("ask whoever keeps the lock to renew it"));
    }
    let contents = package.contents();
    if here
        .contents
        .as_ref()
        .is_some_and(|known| *known != contents)
    {
        return Err(Error::new(
            ErrorKind::Refused,
            "the package is not what the lock says is in it",
        )
        .hint("ask whoever keeps the lock to renew it"));
    }
    let mut locked = locked.clone();
    if let Some(here) = locked.targets.get_mut(&target()) {
        here.contents = Some(contents);
    }
    Ok(Candidate {
        package,
        locked,
        key_id: None,
    })
}

/// The packages in a folder.
fn by_digest(folder: &Path) -> Result<BTreeMap<Digest, PathBuf>, Error> {
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::Input,
            format!("{} can't be read: {error}", folder.display()),
        )
        .hint("name the folder with the packages")
    };
    let mut packages = BTreeMap::new();
    for entry in folder.read_dir().map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_package = path.to_string_lossy().ends_with(archive::SUFFIX);
        if is_package
            && path
                .metadata()
                .is_ok_and(|data| data.len() <= archive::LARGEST)
        {
            packages.insert(Digest::of(&fs::read(&path).map_err(failed)?), path);
        }
    }
    Ok(packages)
}
