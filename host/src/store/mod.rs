//! The store: a folder for each installed package, and a lock file that says which packages are used.
//!
//! ```text
//! plugins/
//!   plugins.lock          the version of each plugin that is used; replacing it atomically switches the versions
//!   sha256-…/             an unpacked package, named by its digest; complete before it gets this name, and never changed afterwards
//!   .busy                 locked by the process that changes the store
//!   .new-…/               a package that is being unpacked; if the process is killed, the next change removes it
//! ```
//!
//! Every change of the store removes the folders that no version uses. A `tw` that is running doesn't need the folder any more, because it has
//! mapped the library.

mod digest;
pub(crate) mod limits;
mod lock;
mod manifest;

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs::{File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use crate::{
    config,
    error::{Error, ErrorKind},
    files::{self, NEW, show_path, sync_folder},
    owners::{self, Distrust},
    stdio,
    trust::Opened,
};

pub(crate) use tw_plugin_protocol::target;

pub(crate) use self::{
    digest::Digest,
    lock::{Contents, Link, Lock, Locked, LockedIndex, Target},
    manifest::{FORMAT, MANIFEST, PackageManifest, PluginManifest},
};

/// The prefix of a package's folder.
const PACKAGE: &str = "sha256-";

/// A user's store.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    /// Returns the store of the current user; `None` if there is no home folder.
    pub(crate) fn of_user() -> Option<Self> {
        let folder = config::data_folder()?.join("plugins");
        Some(Self { folder })
    }

    /// Returns the path of this machine's lock file.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.folder.join("plugins.lock")
    }

    /// Returns the path of a package's folder. The folder may not exist.
    pub(crate) fn package(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.folder())
    }

    /// Returns the path of the library of an installed version.
    pub(crate) fn library(&self, name: &str, locked: &Locked) -> PathBuf {
        let folder = match locked.here() {
            Some(here) => self.package(&here.package),
            None => self.folder.clone(),
        };
        folder.join(file_name(name))
    }

    /// Reads the library of an installed version, and checks its digest.
    ///
    /// # Errors
    /// The library can't be read, or was changed.
    pub(crate) fn open(&self, name: &str, locked: &Locked) -> Result<Opened, Error> {
        let contents = self.contents(name, locked)?;
        let opened =
            Opened::read(&self.library(name, locked)).map_err(|error| unreadable(name, &error))?;
        contents
            .library
            .check("its library", &opened.bytes)
            .map_err(|error| suggest_sync(name, error))?;
        Ok(opened)
    }

    /// Reads the manifest of an installed version, and checks its digest.
    ///
    /// # Errors
    /// The manifest can't be read, was changed, or needs a newer `tw`.
    pub(crate) fn manifest(&self, name: &str, locked: &Locked) -> Result<PluginManifest, Error> {
        let contents = self.contents(name, locked)?;
        let path = self.library(name, locked).with_file_name(MANIFEST);
        let bytes = std::fs::read(path).map_err(|error| unreadable(name, &error))?;
        contents
            .manifest
            .check("its manifest", &bytes)
            .map_err(|error| suggest_sync(name, error))?;
        let manifest: PackageManifest = serde_json::from_slice(&bytes).map_err(|_| {
            let error = Error::new(ErrorKind::Input, "its manifest can't be read");
            suggest_sync(name, error)
        })?;
        manifest.plugin.check_needs()?;
        Ok(manifest.plugin)
    }

    fn contents<'a>(&self, name: &str, locked: &'a Locked) -> Result<&'a Contents, Error> {
        let here = locked.here().ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!(
                    "its version {} has no package for {}",
                    locked.version,
                    target()
                ),
            )
            .hint("install another version, or ask its publisher for a package")
        })?;
        here.contents.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                "it is in the lock file, but was never installed on this machine",
            )
            .hint(format!(
                "install it with `tw plugin install`, or remove it with `tw plugin remove {name}`"
            ))
        })
    }

    /// Begins a change of the store. Waits until no other process changes it.
    ///
    /// # Errors
    /// The folder can't be made or locked, or the lock file is damaged.
    pub(crate) fn change(&self) -> Result<Change<'_>, Error> {
        let explain = |error: std::io::Error| self.unchangeable(&error);
        owners::make_own_folder(&self.folder).map_err(|distrust| match distrust {
            Distrust::Unreadable(error) => explain(error),
            distrust => {
                let what = format!("the plugin store {}", show_path(&self.folder));
                distrust.explain(&what, "install the plugins again")
            }
        })?;
        let busy = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.folder.join(".busy"))
            .map_err(explain)?;
        match busy.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                stdio::note("waiting for another tw that is changing the plugins", None);
                busy.lock().map_err(explain)?;
            }
            Err(TryLockError::Error(error)) => return Err(explain(error)),
        }
        let change = Change {
            lock: Lock::read(&self.lock_file())?,
            store: self,
            _busy: busy,
        };
        change.sweep();
        Ok(change)
    }

    /// Makes the error of a store that can't be written.
    fn unchangeable(&self, error: &std::io::Error) -> Error {
        Error::new(
            ErrorKind::Failure,
            format!(
                "the plugin store {} can't be changed: {error}",
                show_path(&self.folder)
            ),
        )
        .hint(match error.kind() {
            std::io::ErrorKind::StorageFull => "make room on the disk",
            _ => "check that the folder belongs to you and is writable",
        })
    }
}

/// Makes the error of a file of an installed version that can't be read.
fn unreadable(name: &str, error: &std::io::Error) -> Error {
    let message = format!("its installed files can't be read: {error}");
    suggest_sync(name, Error::new(ErrorKind::Input, message))
}

/// Adds the hint for damaged files in the store.
fn suggest_sync(name: &str, error: Error) -> Error {
    error.hint(format!(
        "`tw plugin sync` installs `{name}` again from its source"
    ))
}

/// A change of the store. No other process can change the store in the meantime.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    store: &'a Store,
    /// The new content of the lock file, which [`Change::commit`] writes.
    pub(crate) lock: Lock,
    _busy: File,
}

impl Change<'_> {
    /// Places the files of a package, unless they are there already. The folder gets its name only when all files are on the disk.
    ///
    /// # Errors
    /// The disk is full, the folder can't be written, or the path of a linked library is not valid Unicode. No files are left then.
    pub(crate) fn place(&self, digest: &Digest, files: &[(String, Vec<u8>)]) -> Result<(), Error> {
        let folder = self.store.package(digest);
        let explain = |error: std::io::Error| self.store.unchangeable(&error);
        if is_intact(&folder, files) {
            return Ok(());
        }
        // A folder that was changed is renamed, because Windows can't remove a library that is mapped.
        if folder.exists() {
            let aside = self.new_folder().map_err(explain)?;
            std::fs::rename(&folder, aside.path().join("old")).map_err(explain)?;
        }
        let new = self.new_folder().map_err(explain)?;
        for (name, content) in files {
            let mut file = File::create_new(new.path().join(name)).map_err(explain)?;
            file.write_all(content).map_err(explain)?;
            file.sync_all().map_err(explain)?;
        }
        sync_folder(new.path()).map_err(explain)?;
        std::fs::rename(new.path(), &folder).map_err(explain)?;
        sync_folder(&self.store.folder).map_err(explain)
    }

    fn new_folder(&self) -> std::io::Result<tempfile::TempDir> {
        tempfile::Builder::new()
            .prefix(NEW)
            .tempdir_in(&self.store.folder)
            .map_err(files::without_temporary_path)
    }

    /// Writes the lock file, which puts the change into effect.
    ///
    /// # Errors
    /// The disk is full, or the folder can't be written. The old lock file stays then.
    pub(crate) fn commit(self) -> Result<(), Error> {
        files::replace(&self.store.lock_file(), self.lock.to_text()?.as_bytes())
            .map_err(|error| self.store.unchangeable(&error))
    }

    /// Removes the folders that no version uses, and those that killed processes left. The next change tries again what can't be removed now.
    fn sweep(&self) {
        let used: Vec<String> = self
            .lock
            .plugins
            .values()
            .chain(self.lock.previous.values())
            // Machines of several targets can share a home folder.
            .flat_map(|locked| locked.targets.values())
            .map(|target| target.package.folder())
            .collect();
        let Ok(entries) = self.store.folder.read_dir() else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_unused = name.starts_with(PACKAGE) && !used.contains(&name);
            if is_unused || name.starts_with(NEW) {
                let _ = match entry.path().is_dir() {
                    true => remove_package(&entry.path()),
                    false => std::fs::remove_file(entry.path()),
                };
            }
        }
    }
}

/// Removes a package's folder. Removes the library first: if that fails because the library is mapped, the folder stays complete.
fn remove_package(folder: &Path) -> std::io::Result<()> {
    for entry in folder.read_dir()?.flatten() {
        if entry.file_name().to_string_lossy().ends_with(DLL_SUFFIX) {
            std::fs::remove_file(entry.path())?;
        }
    }
    std::fs::remove_dir_all(folder)
}

impl Drop for Change<'_> {
    /// Removes the packages of a change that wasn't committed, because they would keep a full disk full.
    fn drop(&mut self) {
        if let Ok(lock) = Lock::read(&self.store.lock_file()) {
            self.lock = lock;
            self.sweep();
        }
    }
}

/// True if a folder has these files with this content.
fn is_intact(folder: &Path, files: &[(String, Vec<u8>)]) -> bool {
    files.iter().all(|(name, content)| {
        std::fs::read(folder.join(name)).is_ok_and(|found| found == *content)
    })
}

/// Returns the file name of a plugin's library on this system.
pub(crate) fn file_name(name: &str) -> String {
    format!(
        "{DLL_PREFIX}tw_plugin_{}{DLL_SUFFIX}",
        name.replace('-', "_")
    )
}

/// Returns the plugin name that a library's file name implies, for a library that can't be described.
pub(crate) fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_prefix(DLL_PREFIX).unwrap_or(&name);
    let name = name.strip_prefix("tw_plugin_").unwrap_or(name);
    name.strip_suffix(DLL_SUFFIX)
        .unwrap_or(name)
        .replace('_', "-")
}
