//! Where plugin libraries are: beside the binary, or in `PREFIX/lib/tw/plugins` for a binary in `PREFIX/bin`; in the store; and where links lead.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs::{DirEntry, Metadata},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use crate::trust::Origin;

/// A library that may be a plugin.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) key: FileKey,
    pub(crate) origin: Origin,
}

/// What tells whether a file is still the one that was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileKey {
    inode: u64,
    size: u64,
    /// Nanoseconds since 1970.
    modified: i64,
    changed: i64,
}

impl FileKey {
    #[cfg(unix)]
    pub(crate) fn of(data: &Metadata) -> Self {
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
    pub(crate) fn of(data: &Metadata) -> Self {
        let since = |time: std::io::Result<std::time::SystemTime>| {
            time.ok()
                .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
                .map_or(0, |time| i64::try_from(time.as_nanos()).unwrap_or(0))
        };
        Self {
            inode: 0,
            size: data.len(),
            modified: since(data.modified()),
            changed: since(data.created()),
        }
    }
}

impl FileKey {
    /// The key of what is at this path; none where there is nothing.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        // A link that leads to nothing is something too: it is listed, and why it is broken.
        let data = path.metadata().or_else(|_| path.symlink_metadata()).ok()?;
        Some(Self::of(&data))
    }

    /// Whether a change that is made from now on gives another key, or one who comes where nothing is: times of files are as coarse as the system's tick, and those of
    /// some file systems are whole seconds.
    pub(super) fn is_settled(&self) -> bool {
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

/// The running binary, links resolved, and its key.
pub(crate) fn binary() -> std::io::Result<(PathBuf, FileKey)> {
    let path = std::env::current_exe()?.canonicalize()?;
    // A new link to it changes that time, and nothing of it.
    let key = FileKey {
        changed: 0,
        ..FileKey::of(&path.metadata()?)
    };
    Ok((path, key))
}

/// The folder of the bundled libraries.
pub(crate) fn folder(binary: &Path) -> Option<PathBuf> {
    let folder = binary.parent()?;
    // A `bin` can hold thousands of files, and no libraries.
    Some(match folder.file_name().is_some_and(|name| name == "bin") {
        true => folder.with_file_name("lib").join("tw").join("plugins"),
        false => folder.to_owned(),
    })
}

/// The bundled libraries, in the order of their names. A folder that isn't there or can't be read holds none.
pub(crate) fn bundled(binary: &Path) -> Vec<Found> {
    let entries = folder(binary).and_then(|folder| folder.read_dir().ok());
    let prefix = format!("{DLL_PREFIX}tw_plugin_");
    let is_plugin = |entry: &DirEntry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with(&prefix) && name.ends_with(DLL_SUFFIX)
    };
    let found = |entry: DirEntry| {
        let path = entry.path();
        let key = FileKey::at(&path)?;
        let origin = Origin::Bundled;
        Some(Found { path, key, origin })
    };
    let entries = entries.into_iter().flatten().flatten();
    let mut found: Vec<Found> = entries.filter(is_plugin).filter_map(found).collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
