//! Who could replace a file. A bundled plugin is trusted exactly as far as the `tw` binary: not when somebody who could
//! not replace the binary could replace the plugin.
//!
//! A file can be replaced by its owner, by whoever may write it, and by whoever may rename something on the way to it: the
//! owners of its folders, and those who may write them, except that in a sticky folder only owners may rename. Root can always.
//! Access lists beyond the mode bits are not looked at. On Windows nothing is checked: there, the folder's own access list decides.

use std::path::Path;

use crate::{
    error::{Error, ErrorKind},
    files::quote_for_shell,
};

/// Whether the plugin is safe from everybody who couldn't replace the binary as well.
///
/// # Errors
/// Who could, and the command that mends it.
#[cfg(unix)]
pub(crate) fn check(plugin: &Path, binary: &Path) -> Result<(), Error> {
    use unix::{Who, writers};

    // What isn't there can't be mapped; why it isn't is said by whoever opens it.
    if plugin.metadata().is_err() {
        return Ok(());
    }
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::Failure,
            format!("its folders can't be looked at: {error}"),
        )
        .hint("make them readable")
    };
    let trusted: Vec<Who> = writers(binary)
        .map_err(failed)?
        .into_iter()
        .map(|(who, _)| who)
        .collect();
    let found = writers(plugin).map_err(failed)?;
    let stranger = found.into_iter().find(|(who, _)| {
        *who != Who::User(0) && !trusted.contains(who) && !trusted.contains(&Who::Everybody)
    });
    let Some((who, place)) = stranger else {
        return Ok(());
    };
    let quoted = quote_for_shell(&place);
    let place = place.display();
    let (reason, mend) = match who {
        Who::Everybody => (
            format!("everybody can write {place}, and not the tw binary"),
            format!("chmod o-w {quoted}"),
        ),
        Who::Group(group) => (
            format!("the group {group} can write {place}, and not the tw binary"),
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
    .hint(format!("`{mend}`")))
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

    /// Somebody who could replace a file.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum Who {
        User(u32),
        Group(u32),
        Everybody,
    }

    const GROUP_WRITES: u32 = 0o020;
    const OTHERS_WRITE: u32 = 0o002;
    const STICKY: u32 = 0o1000;

    /// Everybody who could replace this file, each with the place that lets them: what it is, and, where it is a link, the
    /// folders that hold the link.
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
                // A link's own mode says nothing; its owner can replace it.
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
