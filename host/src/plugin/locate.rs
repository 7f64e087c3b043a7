//! Finds the bundled plugin libraries: beside the binary, or in `PREFIX/lib/tw/plugins` if the binary is in `PREFIX/bin`.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs::{DirEntry, Metadata},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{files, process, store::file_name, trust::Origin};

/// A library that may be a plugin, as the folder of the bundled plugins or the lock file lists it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) origin: Origin,
}

impl Found {
    /// Returns the key of the file as it is now.
    pub(super) fn key(&self) -> FileKey {
        match self.origin {
            // The path contains the digest of the package, so it changes with the library.
            Origin::Installed => FileKey::default(),
            _ => FileKey::at(&self.path).unwrap_or_default(),
        }
    }
}

/// The metadata that shows whether a file has changed since it was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileKey {
    device: u64,
    inode: u64,
    size: u64,
    /// Nanoseconds since 1970.
    modified: i64,
    /// Nanoseconds since 1970.
    changed: i64,
}

impl FileKey {
    /// True if the content of the file is unchanged. A new hard link to the file changes its ctime and nothing else.
    pub(super) fn is_content_of(self, known: Self) -> bool {
        let changed = known.changed;
        Self { changed, ..self } == known
    }

    #[cfg(unix)]
    pub(super) fn of(data: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds = |seconds: i64, nanoseconds: i64| {
            seconds
                .saturating_mul(1_000_000_000)
                .saturating_add(nanoseconds)
        };
        Self {
            device: data.dev(),
            inode: data.ino(),
            size: data.len(),
            modified: nanoseconds(data.mtime(), data.mtime_nsec()),
            changed: nanoseconds(data.ctime(), data.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    pub(super) fn of(data: &Metadata) -> Self {
        let nanoseconds = |time: std::io::Result<std::time::SystemTime>| {
            time.ok()
                .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
                .map_or(0, |time| i64::try_from(time.as_nanos()).unwrap_or(0))
        };
        Self {
            device: 0,
            inode: 0,
            size: data.len(),
            modified: nanoseconds(data.modified()),
            changed: nanoseconds(data.created()),
        }
    }

    /// Returns the key of the file at this path; `None` if nothing is there.
    fn at(path: &Path) -> Option<Self> {
        // A broken link has a key too, because the list of plugins shows it and says why it is broken.
        let data = path.metadata().or_else(|_| path.symlink_metadata()).ok()?;
        Some(Self::of(&data))
    }
}

/// Returns the running binary with links resolved, and its key.
pub(super) fn binary() -> std::io::Result<(PathBuf, FileKey)> {
    let path = process::binary()?.to_owned();
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
    let found = |path: PathBuf| Found {
        path,
        origin: Origin::Bundled,
    };
    libraries.into_iter().flatten().map(found).collect()
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
        Ok(libraries) if !libraries.is_empty() => {
            "it couldn't be read a moment ago: run the command again".to_owned()
        }
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
