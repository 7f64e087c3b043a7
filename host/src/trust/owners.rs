//! Checks who could replace a file. A bundled plugin is trusted as far as the `tw` binary, so it is refused if a user who can't replace the binary
//! could replace the plugin.
//!
//! A file can be replaced by its owner, by every user who can write it, and by every user who can rename one of the folders above it: the owners of
//! the folders, and the users who can write them, except that only owners can rename in a sticky folder. Root can replace everything. Access lists
//! beyond the mode bits are not checked, and nothing is checked on Windows, where the access list of the folder decides.

use std::path::Path;

use crate::{
    error::{Error, ErrorKind},
    files::{quote_for_shell, show_path},
};

/// Checks that nobody can replace a plugin who couldn't replace the binary too.
///
/// # Errors
/// Somebody can. The message names the path and the user or group, and the hint is the command that corrects the permissions.
#[cfg(unix)]
pub(crate) fn check(plugin: &Path, binary: &Path) -> Result<(), Error> {
    use unix::{Who, writers};

    // A missing file can't be mapped. Opening it gives the better error message.
    if plugin.metadata().is_err() {
        return Ok(());
    }
    let explain = |error: std::io::Error| {
        Error::new(
            ErrorKind::Refused,
            format!("the owners of its folders can't be read: {error}"),
        )
        .hint("make the folders readable")
    };
    let trusted: Vec<Who> = writers(binary)
        .map_err(explain)?
        .into_iter()
        .map(|(who, _)| who)
        .collect();
    let found = writers(plugin).map_err(explain)?;
    let stranger = found.into_iter().find(|(who, _)| {
        *who != Who::User(0) && !trusted.contains(who) && !trusted.contains(&Who::Everybody)
    });
    let Some((who, place)) = stranger else {
        return Ok(());
    };
    let quoted = quote_for_shell(&place);
    let place = show_path(&place);
    let (reason, command) = match who {
        Who::Everybody => (
            format!("everybody can write {place}, but not the tw binary"),
            format!("chmod o-w {quoted}"),
        ),
        Who::Group(group) => (
            format!("the group {group} can write {place}, but not the tw binary"),
            format!("chmod g-w {quoted}"),
        ),
        Who::User(user) => (
            format!("{place} belongs to the user {user}, who can't replace the tw binary"),
            format!("chown --reference={} {quoted}", quote_for_shell(binary)),
        ),
    };
    Err(Error::new(
        ErrorKind::Refused,
        format!("it isn't as safe as tw itself: {reason}"),
    )
    .hint(format!("`{command}`")))
}

#[cfg(not(unix))]
pub(crate) fn check(_plugin: &Path, _binary: &Path) -> Result<(), Error> {
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::{
        os::unix::fs::MetadataExt,
        path::{Path, PathBuf},
    };

    /// A user or group who could replace a file.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum Who {
        User(u32),
        Group(u32),
        Everybody,
    }

    const GROUP_WRITES: u32 = 0o020;
    const OTHERS_WRITE: u32 = 0o002;
    const STICKY: u32 = 0o1000;

    /// Returns everybody who could replace a file, with the path that lets them do so. If the file is a link, both the link and its target are
    /// checked, with the folders above them.
    pub(super) fn writers(file: &Path) -> std::io::Result<Vec<(Who, PathBuf)>> {
        let mut places: Vec<PathBuf> = file
            .canonicalize()?
            .ancestors()
            .map(Path::to_owned)
            .collect();
        if file.is_symlink()
            && let Some(folder) = file.parent()
        {
            places.extend(folder.canonicalize()?.ancestors().map(Path::to_owned));
            places.push(file.to_owned());
        }
        let mut found = Vec::new();
        for place in &places {
            let data = place.symlink_metadata()?;
            if data.is_symlink() {
                // The mode bits of a link mean nothing, but its owner can replace it.
                found.push((Who::User(data.uid()), place.clone()));
                continue;
            }
            let mode = data.mode();
            found.push((Who::User(data.uid()), place.to_owned()));
            if data.is_dir() && mode & STICKY != 0 {
                continue;
            }
            if mode & OTHERS_WRITE != 0 {
                found.push((Who::Everybody, place.to_owned()));
            }
            if mode & GROUP_WRITES != 0 && data.gid() != 0 {
                found.push((Who::Group(data.gid()), place.to_owned()));
            }
        }
        Ok(found)
    }
}
