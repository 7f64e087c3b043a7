//! Checks who could have written a file. Every file that decides what runs is checked: libraries, the lock file, the manifest cache, keys, copies of
//! indices, policies and the configuration.
//!
//! A file can be changed by its owner, by everybody who can write it, and by everybody who can rename a component of its path: the owners of the
//! folders and symbolic links on the way, and the users who can write the folders, except that only owners can rename in a sticky folder. So the
//! check follows the path as the kernel does, link by link. Access lists count as far as their mask lets them. Root can change everything.
//!
//! A group counts as its members, so only the user's private group is trusted: the one that has the user's name and no other member.
//! On Windows nothing is checked here: there, the access list of the user's profile keeps others out.

#[cfg(unix)]
mod access_list;
mod obstacle;
#[cfg(unix)]
mod unix;

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, ErrorKind, code},
    files::{is_absent, make_folder, parent, quote_for_shell, read_at_most, replace, show_path},
    process::Shortage,
    stdio,
    timing::measure,
};

pub(crate) use self::obstacle::{Obstacle, warn_of_obstacle, warn_unused};

/// The users and groups that may write a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trusted(
    #[cfg_attr(not(unix), allow(dead_code, reason = "nothing is checked"))] Vec<Who>,
);

/// A user or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "nothing is checked"))]
enum Who {
    User(u32),
    Group(u32),
    Everybody,
}

/// The reason why a file isn't used.
#[derive(Debug)]
pub(crate) enum Distrust {
    /// No file could be at the path.
    Missing,
    /// The file or a component of its path can't be read.
    Unreadable(io::Error),
    /// Somebody who isn't trusted could have written the file.
    Stranger(Stranger),
}

/// Somebody who isn't trusted and could have written a file.
#[derive(Debug)]
#[cfg_attr(not(unix), allow(dead_code, reason = "nothing is checked"))]
pub(crate) struct Stranger {
    who: Who,
    power: Power,
    /// The component of the path that gives the power.
    place: PathBuf,
    kind: Kind,
    /// True if this user may change the mode of the place.
    is_own: bool,
}

/// The kind of a component of a path, as far as the remedy depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "nothing is checked"))]
enum Kind {
    Folder,
    /// A file or a link, which can be removed.
    File,
    /// A device or a pipe, which the system needs.
    Other,
}

/// The reason why somebody can write a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "nothing is checked"))]
enum Power {
    Owner,
    Mode,
    AccessList,
}

impl From<io::Error> for Distrust {
    fn from(error: io::Error) -> Self {
        match is_absent(&error) {
            true => Self::Missing,
            false => Self::Unreadable(error),
        }
    }
}

impl Stranger {
    /// Says who could have written the file.
    fn reason(&self) -> String {
        let place = show_path(&self.place);
        let who = match self.who {
            Who::Everybody => "everybody".to_owned(),
            Who::Group(group) => format!("the group {group}"),
            Who::User(user) => format!("the user {user}"),
        };
        match self.power {
            Power::Owner => format!("{place} belongs to {who}"),
            Power::Mode | Power::AccessList => format!("{who} can write {place}"),
        }
    }

    /// Says what to do. Never tells to accept what a stranger may have written: closing a folder is safe, because the files in it are checked too.
    fn remedy(&self, again: &str) -> String {
        let quoted = quote_for_shell(&self.place);
        match (self.kind, self.power) {
            (Kind::Folder, Power::Mode) if self.is_own => format!("`chmod go-w {quoted}`"),
            (Kind::Folder, Power::AccessList) if self.is_own => format!("`setfacl -b {quoted}`"),
            (Kind::Folder, Power::Owner) => {
                "it must be in folders that belong to root or you".to_owned()
            }
            (Kind::File, _) => format!("remove {}, and {again}", show_path(&self.place)),
            _ => "it must be in a folder that only root and you can write".to_owned(),
        }
    }
}

impl Distrust {
    /// Makes the error of a file that isn't used. `what` names the file, and `again` says how to get another one: "install it again".
    pub(crate) fn explain(self, what: &str, again: &str) -> Error {
        match self {
            Self::Missing => Error::new(ErrorKind::NotFound, format!("{what} doesn't exist"))
                .hint(again.to_owned()),
            Self::Unreadable(error) => {
                let hint = match Shortage::of(&error) {
                    Some(shortage) => shortage.remedy(),
                    None if error.kind() == io::ErrorKind::PermissionDenied => {
                        "make it readable if it is yours; if it is below another user's home folder, set HOME, or the XDG variable of that folder, to a folder of your own"
                    }
                    None => "correct the path, or run the command again",
                };
                Error::new(ErrorKind::Input, format!("{what} can't be read: {error}")).hint(hint)
            }
            Self::Stranger(stranger) => Error::new(
                ErrorKind::Refused,
                format!("{what} isn't safe: {}", stranger.reason()),
            )
            .code(code::UNSAFE_FILE)
            .hint(stranger.remedy(again)),
        }
    }
}

impl Trusted {
    /// Checks that only trusted users could have written a file. Returns its path without symbolic links: nobody else can change what is at
    /// this path. A file that doesn't exist is missing even if others could create it, because a missing file decides nothing.
    ///
    /// # Errors
    /// If there is no such file, somebody else could have written it, or a component of the path can't be read.
    #[cfg(unix)]
    pub(crate) fn check(&self, path: &Path) -> Result<PathBuf, Distrust> {
        measure("path check", || {
            let mut stranger = None;
            let real = unix::walk(path, |place, data| {
                stranger = stranger.take().or(self.find_stranger(place, data)?);
                Ok(())
            })?;
            stranger.map_or(Ok(real), |stranger| Err(Distrust::Stranger(stranger)))
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn check(&self, path: &Path) -> Result<PathBuf, Distrust> {
        path.metadata()?;
        Ok(path.to_owned())
    }
}

/// Checks that only root and this user could have written a file.
///
/// # Errors
/// As [`Trusted::check`].
pub(crate) fn check_own(path: &Path) -> Result<PathBuf, Distrust> {
    Trusted::this_user().check(path)
}

/// Checks that a file belongs to root or this user, and also each link that leads to it. Others may have written the file.
///
/// # Errors
/// If there is no such file, it belongs to somebody else, or a component of the path can't be read.
#[cfg(unix)]
pub(crate) fn check_owners(path: &Path) -> Result<(), Distrust> {
    Trusted::this_user().check_owners(path)
}

/// Reads a file of at most `max` bytes that only root and this user could have written.
///
/// # Errors
/// As [`Trusted::check`], or if the file is larger.
pub(crate) fn read_own(path: &Path, max: u64) -> Result<Vec<u8>, Distrust> {
    read_trusted(path, &Trusted::this_user(), max)
}

/// Reads a file of at most `max` bytes that only trusted users could have written.
///
/// # Errors
/// As [`Trusted::check`], or if the file is larger.
pub(crate) fn read_trusted(path: &Path, trusted: &Trusted, max: u64) -> Result<Vec<u8>, Distrust> {
    let real = trusted.check(path)?;
    refuse_pipe(&real)?;
    Ok(read_at_most(&real, max)?)
}

/// Refuses a named pipe: opening it would wait until somebody writes to it. A pipe that the shell has opened for this process is below `/proc`.
#[cfg(unix)]
fn refuse_pipe(real: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt;

    match real.metadata()?.file_type().is_fifo() && !real.starts_with("/proc") {
        true => Err(io::Error::other("it is a named pipe")),
        false => Ok(()),
    }
}

#[cfg(not(unix))]
fn refuse_pipe(_: &Path) -> io::Result<()> {
    Ok(())
}

/// True for the path of a file that the caller has opened for this process, as the shell does for `<(pass show tw)`.
pub(crate) fn is_own_descriptor(path: &Path) -> bool {
    let folders = ["/dev/fd", "/proc/self/fd"].map(Path::new);
    let streams = ["/dev/stdin", "/dev/stdout", "/dev/stderr"].map(Path::new);
    let folder = path.parent();
    cfg!(unix)
        && (streams.contains(&path) || folder.is_some_and(|folder| folders.contains(&folder)))
}

/// Warns if other users can read a file with secrets. The file is used all the same, because containers mount secrets with such permissions. `what` names
/// the file.
#[cfg(unix)]
pub(crate) fn warn_of_readers(what: &str, path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata().map_or(0, |data| data.permissions().mode());
    if mode & 0o077 != 0 {
        let warning = format!(
            "other users can read {what} {}: `chmod go-rwx {}`",
            show_path(path),
            tw_render::text::visible(&quote_for_shell(path))
        );
        stdio::warn(&warning, None);
    }
}

#[cfg(not(unix))]
pub(crate) fn warn_of_readers(_: &str, _: &Path) {}

/// Checks that only root and this user can write a folder. If the folder doesn't exist, checks the folder above it that does.
///
/// # Errors
/// As [`Trusted::check`].
pub(crate) fn check_own_folder(folder: &Path) -> Result<(), Distrust> {
    let mut above = folder.ancestors();
    let there = above.find(|folder| folder.symlink_metadata().is_ok());
    check_own(there.unwrap_or(folder)).map(drop)
}

/// Makes a folder that only root and this user can write, and the folders above it, unless they exist.
///
/// # Errors
/// As [`Trusted::check`], or if the folder can't be made.
pub(crate) fn make_own_folder(folder: &Path) -> Result<(), Distrust> {
    check_own_folder(folder)?;
    make_folder(folder).map_err(Distrust::Unreadable)?;
    // Somebody else could have made a folder above it in the meantime.
    check_own(folder).map(drop)
}

/// Locks a folder of this user against changes by other processes, and makes the folder unless it exists. Waits until no other process has the lock.
/// `what` names what is changed.
///
/// # Errors
/// If somebody else can write the folder, or if it can't be made or locked.
pub(crate) fn lock_own_folder(folder: &Path, what: &str) -> Result<File, Error> {
    let unwritable = |error: io::Error| Error::unwritable(folder, error);
    match make_own_folder(folder) {
        Ok(()) => {}
        Err(Distrust::Unreadable(error)) => return Err(unwritable(error)),
        Err(distrust) => return Err(distrust.explain(&show_path(folder), "run the command again")),
    }
    let busy = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(".busy"))
        .map_err(unwritable)?;
    match busy.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            stdio::note(
                &format!("waiting for another tw that is changing {what}"),
                None,
            );
            busy.lock().map_err(unwritable)?;
        }
        Err(TryLockError::Error(error)) => return Err(unwritable(error)),
    }
    Ok(busy)
}

/// Replaces a file atomically, in a folder that only root and this user can write.
///
/// # Errors
/// If somebody else can write the folder, the disk is full, or the folder can't be written. The old file is then unchanged.
pub(crate) fn replace_own(path: &Path, content: &[u8]) -> Result<(), Error> {
    match make_own_folder(parent(path)) {
        Ok(()) => replace(path, content).map_err(|error| Error::unwritable(path, error)),
        Err(Distrust::Unreadable(error)) => Err(Error::unwritable(path, error)),
        Err(distrust) => Err(distrust.explain(&show_path(path), "run the command again")),
    }
}

#[cfg(not(unix))]
impl Trusted {
    pub(crate) fn this_user() -> Self {
        Self::default()
    }

    pub(crate) fn with_writers_of(self, _: &Path) -> Result<Self, Distrust> {
        Ok(self)
    }

    pub(crate) fn with_owners_of(self, _: &Path) -> Result<Self, Distrust> {
        Ok(self)
    }
}
