//! The store: what is installed, one folder a package, named by the package's digest, and one small file that says which of them are used.
//!
//! ```text
//! plugins/
//!   plugins.lock          which version of each plugin is used: replaced atomically, and that is the whole of a switch
//!   sha256-…/             a package, unpacked; complete before it gets this name, and never changed after
//!   .busy                 held locked by whoever changes the store
//!   .new-…/               a package that is being unpacked; what a killed process left of one is swept by the next change
//! ```
//!
//! A folder that is in no version's use is removed as soon as the store is changed. A `tw` that runs has mapped its library and
//! needs no folder any more.

mod digest;
mod lock;
mod manifest;

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs::{File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use tw_plugin_protocol::Manifest;

use crate::{
    config,
    error::{Error, ErrorKind},
    files::{self, NEW, sync_folder},
    stdio,
    trust::Opened,
};

pub(crate) use self::{
    digest::Digest,
    lock::{Contents, Lock, Locked, Target, target},
    manifest::{FORMAT, MANIFEST, PackageManifest},
};

/// How the folder of a package begins.
const PACKAGE: &str = "sha256-";

/// The store of a person.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store of whoever runs this; none where there is no home.
    pub(crate) fn of_user() -> Option<Self> {
        let folder = config::data_folder()?.join("plugins");
        Some(Self { folder })
    }

    /// The lock of this machine.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.folder.join("plugins.lock")
    }

    /// The folder of a package, whether it is there or not.
    pub(crate) fn package(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.folder())
    }

    /// The library of an installed version, where it is used on this machine.
    pub(crate) fn library(&self, name: &str, locked: &Locked) -> PathBuf {
        let folder = match locked.here() {
            Some(here) => self.package(&here.package),
            None => self.folder.clone(),
        };
        folder.join(file_name(name))
    }

    /// Reads the library of an installed version, and compares it with what was installed.
    ///
    /// # Errors
    /// It isn't there, or isn't the same.
    pub(crate) fn open(&self, name: &str, locked: &Locked) -> Result<Opened, Error> {
        let contents = self.contents(name, locked)?;
        let opened =
            Opened::read(&self.library(name, locked)).map_err(|error| gone(name, &error))?;
        contents
            .library
            .check("its library", &opened.bytes)
            .map_err(anew(name))?;
        Ok(opened)
    }

    /// Reads the manifest of an installed version, and compares it with what was installed.
    ///
    /// # Errors
    /// It isn't there, or isn't the same.
    pub(crate) fn manifest(&self, name: &str, locked: &Locked) -> Result<Manifest, Error> {
        let contents = self.contents(name, locked)?;
        let path = self.library(name, locked).with_file_name(MANIFEST);
        let bytes = std::fs::read(path).map_err(|error| gone(name, &error))?;
        contents
            .manifest
            .check("its manifest", &bytes)
            .map_err(anew(name))?;
        let manifest: PackageManifest = serde_json::from_slice(&bytes)
            .map_err(|_| anew(name)(Error::new(ErrorKind::Input, "its manifest can't be read")))?;
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
            .hint("install another version, or ask its publisher for one")
        })?;
        here.contents.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                "it is in the lock, and was never installed on this machine",
            )
            .hint(format!(
                "`tw plugin install` installs it, `tw plugin remove {name}` forgets it"
            ))
        })
    }

    /// Takes the store for a change. Whoever else changes it is waited for.
    ///
    /// # Errors
    /// The folder can't be made or locked, or the lock is damaged.
    pub(crate) fn change(&self) -> Result<Change<'_>, Error> {
        let failed = |error: std::io::Error| self.failed(&error);
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder).map_err(failed)?;
        let busy = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.folder.join(".busy"))
            .map_err(failed)?;
        match busy.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                stdio::print_error("waiting for another tw that changes the plugins\n");
                busy.lock().map_err(failed)?;
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let change = Change {
            lock: Lock::read(&self.lock_file())?,
            store: self,
            _busy: busy,
        };
        change.sweep();
        Ok(change)
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        Error::new(
            ErrorKind::Failure,
            format!(
                "the plugin store {} can't be changed: {error}",
                self.folder.display()
            ),
        )
        .hint(match error.kind() {
            std::io::ErrorKind::StorageFull => "make room on the disk",
            _ => "see that the folder is yours and can be written",
        })
    }
}

/// A file of an installed version can't be read.
fn gone(name: &str, error: &std::io::Error) -> Error {
    anew(name)(Error::new(
        ErrorKind::Input,
        format!("what was installed can't be read: {error}"),
    ))
}

/// The same problem, with the mend for what is damaged in the store.
fn anew(name: &str) -> impl Fn(Error) -> Error {
    move |problem| {
        problem.hint(format!(
            "`tw plugin sync` installs `{name}` again from its source"
        ))
    }
}

/// A change of the store: nobody else makes one meanwhile.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    store: &'a Store,
    /// What is installed, until [`Change::commit`].
    pub(crate) lock: Lock,
    _busy: File,
}

impl Change<'_> {
    /// Puts a package's files in. They are on the disk, whole, before the folder has its name; one that is there already stays as it is.
    ///
    /// # Errors
    /// The disk is full, or the folder can't be written; nothing of it is left then.
    pub(crate) fn place(&self, digest: &Digest, files: &[(String, Vec<u8>)]) -> Result<(), Error> {
        let folder = self.store.package(digest);
        let failed = |error: std::io::Error| self.store.failed(&error);
        if is_whole(&folder, files) {
            return Ok(());
        }
        // Somebody changed what is there. On Windows a library that is mapped can't be removed, but a folder with one can be renamed.
        if folder.exists() {
            let aside = self.new_folder().map_err(failed)?;
            std::fs::rename(&folder, aside.path().join("old")).map_err(failed)?;
        }
        let new = self.new_folder().map_err(failed)?;
        for (name, content) in files {
            let mut file = File::create_new(new.path().join(name)).map_err(failed)?;
            file.write_all(content).map_err(failed)?;
            file.sync_all().map_err(failed)?;
        }
        sync_folder(new.path()).map_err(failed)?;
        std::fs::rename(new.path(), &folder).map_err(failed)?;
        sync_folder(&self.store.folder).map_err(failed)
    }

    fn new_folder(&self) -> std::io::Result<tempfile::TempDir> {
        tempfile::Builder::new()
            .prefix(NEW)
            .tempdir_in(&self.store.folder)
    }

    /// Makes the lock, as it is now, the one that counts.
    ///
    /// # Errors
    /// The disk is full, or the folder can't be written; the old lock counts then.
    pub(crate) fn commit(self) -> Result<(), Error> {
        self.write().map_err(|error| self.store.failed(&error))
    }

    fn write(&self) -> std::io::Result<()> {
        files::replace(&self.store.lock_file(), self.lock.to_text().as_bytes())
    }

    /// Removes what no version uses, and what killed processes left. What can't be removed now is tried again by the next change.
    fn sweep(&self) {
        let used: Vec<String> = self
            .lock
            .plugins
            .values()
            .chain(self.lock.previous.values())
            // Of all targets: a home can be on machines of several.
            .flat_map(|locked| locked.targets.values())
            .map(|target| target.package.folder())
            .collect();
        let Ok(entries) = self.store.folder.read_dir() else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let unused = name.starts_with(PACKAGE) && !used.contains(&name);
            if unused || name.starts_with(NEW) {
                let _ = match entry.path().is_dir() {
                    true => remove_package(&entry.path()),
                    false => std::fs::remove_file(entry.path()),
                };
            }
        }
    }
}

/// Removes a package's folder, the library first: where it is mapped and can't be removed, the folder stays as it is.
fn remove_package(folder: &Path) -> std::io::Result<()> {
    for entry in folder.read_dir()?.flatten() {
        if entry.file_name().to_string_lossy().ends_with(DLL_SUFFIX) {
            std::fs::remove_file(entry.path())?;
        }
    }
    std::fs::remove_dir_all(folder)
}

impl Drop for Change<'_> {
    /// What a change has placed and couldn't make count is removed at once: where the disk is full it would only keep it so.
    fn drop(&mut self) {
        if let Ok(lock) = Lock::read(&self.store.lock_file()) {
            self.lock = lock;
            self.sweep();
        }
    }
}

/// Whether a package's folder has these files, and they are what they were.
fn is_whole(folder: &Path, files: &[(String, Vec<u8>)]) -> bool {
    files.iter().all(|(name, content)| {
        std::fs::read(folder.join(name)).is_ok_and(|found| found == *content)
    })
}

/// Returns the file name of the library of the plugin with this name.
pub(crate) fn file_name(name: &str) -> String {
    format!(
        "{DLL_PREFIX}tw_plugin_{}{DLL_SUFFIX}",
        name.replace('-', "_")
    )
}

/// Returns the name that a library's file gives its plugin. It stands for the plugin's own name if the library can't be asked.
pub(crate) fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_prefix(DLL_PREFIX).unwrap_or(&name);
    let name = name.strip_prefix("tw_plugin_").unwrap_or(name);
    name.strip_suffix(DLL_SUFFIX)
        .unwrap_or(name)
        .replace('_', "-")
}
