//! Finds the bundled plugin libraries: beside the binary, or in `PREFIX/lib/tw/plugins` if the binary is in `PREFIX/bin`.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs::{DirEntry, Metadata},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use crate::{
    files,
    store::{Store, file_name},
    trust::Origin,
};

/// A library that may be a plugin.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) key: FileKey,
    pub(super) origin: Origin,
    /// The other places where a linked crate's library can be, and their keys. If one of them changes, another library may be the newest.
    pub(super) others: Vec<(PathBuf, FileKey)>,
}

/// The metadata that shows whether a file has changed since it was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileKey {
    inode: u64,
    size: u64,
    /// Nanoseconds since 1970.
    modified: i64,
    /// Nanoseconds since 1970.
    changed: i64,
}

impl FileKey {
    #[cfg(unix)]
    fn of(data: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds = |seconds: i64, nanoseconds: i64| {
            seconds
                .saturating_mul(1_000_000_000)
                .saturating_add(nanoseconds)
        };
        Self {
            inode: data.ino(),
            size: data.len(),
            modified: nanoseconds(data.mtime(), data.mtime_nsec()),
            changed: nanoseconds(data.ctime(), data.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    fn of(data: &Metadata) -> Self {
        let nanoseconds = |time: std::io::Result<std::time::SystemTime>| {
            time.ok()
                .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
                .map_or(0, |time| i64::try_from(time.as_nanos()).unwrap_or(0))
        };
        Self {
            inode: 0,
            size: data.len(),
            modified: nanoseconds(data.modified()),
            changed: nanoseconds(data.created()),
        }
    }

    /// Returns the key of the file at this path; `None` if nothing is there.
    pub(super) fn at(path: &Path) -> Option<Self> {
        // A broken link has a key too, because the list of plugins shows it and says why it is broken.
        let data = path.metadata().or_else(|_| path.symlink_metadata()).ok()?;
        Some(Self::of(&data))
    }

    /// True if every later change of the file gives another key. Times of files are as coarse as the system's tick, and some file systems
    /// store whole seconds, so a file that was just changed is not stable.
    pub(super) fn is_stable(&self) -> bool {
        if *self == Self::default() {
            return true;
        }
        let last = self.modified.max(self.changed);
        let grain = match last % 1_000_000_000 {
            0 => Duration::from_secs(3),
            _ => Duration::from_millis(50),
        };
        let last = u64::try_from(last).map(|last| UNIX_EPOCH + Duration::from_nanos(last));
        last.is_ok_and(|last| last.elapsed().is_ok_and(|since| since > grain))
    }
}

/// The keys of the folder and of the file that list the plugins of this machine. A key is the default if nothing is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Places {
    /// The key of the folder of the bundled libraries.
    folder: FileKey,
    /// The key of the lock file, which lists installed and linked plugins.
    lock: FileKey,
}

impl Places {
    pub(super) fn now(binary: &Path, store: Option<&Store>) -> Self {
        let key = |path: Option<&Path>| path.and_then(FileKey::at).unwrap_or_default();
        Self {
            folder: key(folder(binary).as_deref()),
            lock: key(store.map(Store::lock_file).as_deref()),
        }
    }

    /// True if every later change of the lists gives other keys.
    pub(super) fn are_stable(&self) -> bool {
        self.folder.is_stable() && self.lock.is_stable()
    }
}

/// Returns the running binary with links resolved, and its key.
pub(super) fn binary() -> std::io::Result<(PathBuf, FileKey)> {
    let path = std::env::current_exe()?.canonicalize()?;
    // A new hard link to the binary changes its ctime and nothing else.
    let key = FileKey {
        changed: 0,
        ..FileKey::of(&path.metadata()?)
    };
    Ok((path, key))
}

/// True if the binary is in a folder `bin`. Such a folder can hold thousands of files, so libraries are not looked for in it.
fn is_in_bin(binary: &Path) -> bool {
    binary
        .parent()
        .is_some_and(|folder| folder.ends_with("bin"))
}

/// Returns the folder of the bundled libraries. `None` if the path of the binary has no parent.
fn folder(binary: &Path) -> Option<PathBuf> {
    let folder = binary.parent()?;
    Some(match is_in_bin(binary) {
        true => folder.with_file_name("lib").join("tw").join("plugins"),
        false => folder.to_owned(),
    })
}

fn is_plugin_library(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    name.starts_with(&format!("{DLL_PREFIX}tw_plugin_")) && name.ends_with(DLL_SUFFIX)
}

fn libraries_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = folder.read_dir()?.collect::<std::io::Result<Vec<_>>>()?;
    let libraries = entries.iter().filter(|entry| is_plugin_library(entry));
    let mut libraries: Vec<PathBuf> = libraries.map(DirEntry::path).collect();
    libraries.sort();
    Ok(libraries)
}

/// Returns the bundled libraries, in the order of their names. A folder that is missing or unreadable holds none.
pub(super) fn bundled(binary: &Path) -> Vec<Found> {
    let libraries = folder(binary).and_then(|folder| libraries_in(&folder).ok());
    let found = |path: PathBuf| {
        Some(Found {
            key: FileKey::at(&path)?,
            path,
            origin: Origin::Bundled,
            others: Vec::new(),
        })
    };
    libraries.into_iter().flatten().filter_map(found).collect()
}

/// True if a bundled library belongs to the plugin with this name.
pub(super) fn has_bundled(binary: &Path, name: &str) -> bool {
    folder(binary).is_some_and(|folder| folder.join(file_name(name)).exists())
}

/// Explains which folder was searched for bundled plugins and why none were found there.
pub(super) fn explain_none(binary: &Path) -> String {
    let Some(folder) = folder(binary) else {
        return "the folder of the tw binary is unknown".to_owned();
    };
    let reason = match libraries_in(&folder) {
        Err(error) if files::is_absent(&error) => "there is no such folder".to_owned(),
        Err(error) => error.to_string(),
        Ok(_) => format!("no file there is named {DLL_PREFIX}tw_plugin_*{DLL_SUFFIX}"),
    };
    let beside = binary
        .parent()
        .filter(|_| is_in_bin(binary))
        .filter(|beside| libraries_in(beside).is_ok_and(|libraries| !libraries.is_empty()));
    let beside = beside.map_or_else(String::new, |beside| {
        format!(
            " (the libraries in {} are not used, because a tw in a folder `bin` has its plugins in {})",
            crate::files::show_path(beside),
            crate::files::show_path(&folder)
        )
    });
    format!("{}: {reason}{beside}", crate::files::show_path(&folder))
}
