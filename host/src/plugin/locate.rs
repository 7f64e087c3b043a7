//! Where plugin libraries are: beside the binary, or in `PREFIX/lib/tw/plugins` for a binary in `PREFIX/bin`.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs::Metadata,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// How a plugin came to be here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It came with `tw`.
    Bundled,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bundled => f.write_str("bundled"),
        }
    }
}

/// A library that may be a plugin.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) key: FileKey,
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

    /// Whether a change that is made from now on gives another key: times of files are as coarse as the system's tick, and those of
    /// some file systems are whole seconds.
    fn is_settled(&self) -> bool {
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
pub(crate) fn binary() -> std::io::Result<Found> {
    let path = std::env::current_exe()?.canonicalize()?;
    let key = FileKey::of(&path.metadata()?);
    Ok(Found { path, key })
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

/// The bundled libraries, in the order of their names, and the key of their folder where it tells whether one comes or goes. A
/// folder that isn't there or can't be read holds none.
pub(crate) fn bundled(binary: &Path) -> (Option<FileKey>, Vec<Found>) {
    let Some(folder) = folder(binary) else {
        return (None, Vec::new());
    };
    // Before it is read, so that what comes meanwhile gives it another key.
    let key = FileKey::at(&folder).filter(FileKey::is_settled);
    let Ok(entries) = folder.read_dir() else {
        return (None, Vec::new());
    };
    let prefix = format!("{DLL_PREFIX}tw_plugin_");
    let mut found: Vec<Found> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with(&prefix) && name.ends_with(DLL_SUFFIX)
        })
        .filter_map(|entry| {
            let path = entry.path();
            let key = FileKey::at(&path)?;
            Some(Found { path, key })
        })
        .collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    (key, found)
}

/// What a library is called when it can't say so itself: its file's name without what every plugin's has.
pub(crate) fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_prefix(DLL_PREFIX).unwrap_or(&name);
    let name = name.strip_prefix("tw_plugin_").unwrap_or(name);
    name.strip_suffix(DLL_SUFFIX)
        .unwrap_or(name)
        .replace('_', "-")
}
