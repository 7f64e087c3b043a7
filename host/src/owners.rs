//! Checks who could have written a file. Every file that decides what runs is checked: libraries, the lock file, the manifest cache, keys, copies of
//! indices, policies and the configuration.
//!
//! A file can be changed by its owner, by everybody who can write it, and by everybody who can rename a component of its path: the owners of the
//! folders and symbolic links on the way, and the users who can write the folders, except that only owners can rename in a sticky folder. So the
//! check follows the path as the kernel does, link by link. Access lists count as far as their mask lets them. Root can change everything.
//!
//! A group counts as its members, so only the user's private group is trusted: the one that has the user's name and no other member.
//! On Windows nothing is checked here: there, the access list of the user's profile keeps others out.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, ErrorKind},
    files::{is_absent, make_folder, parent, quote_for_shell, read_at_most, replace, show_path},
    timing::measure,
};

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
                Error::new(ErrorKind::Input, format!("{what} can't be read: {error}"))
                    .hint("make it readable")
            }
            Self::Stranger(stranger) => Error::new(
                ErrorKind::Refused,
                format!("{what} isn't safe: {}", stranger.reason()),
            )
            .hint(stranger.remedy(again)),
        }
    }
}

impl Trusted {
    /// Checks that only trusted users could have written a file. Returns its path without symbolic links: nobody else can change what is at
    /// this path. A file that doesn't exist is missing, whoever could create it: it decides nothing.
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

/// Reads a file of at most `max` bytes that only root and this user could have written.
///
/// # Errors
/// As [`Trusted::check`], or if the file is larger.
pub(crate) fn read_own(path: &Path, max: u64) -> Result<Vec<u8>, Distrust> {
    Ok(read_at_most(&check_own(path)?, max)?)
}

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

#[cfg(unix)]
mod unix {
    use std::{
        ffi::OsString,
        fs::Metadata,
        io,
        os::unix::fs::MetadataExt,
        path::{Path, PathBuf},
    };

    use nix::unistd::{Gid, Group, Uid, User};

    use super::{Distrust, Kind, Power, Stranger, Trusted, Who};
    use crate::timing::measure;

    const GROUP_WRITES: u32 = 0o020;
    const OTHERS_WRITE: u32 = 0o002;
    const STICKY: u32 = 0o1000;

    /// The largest number of links on a path, as in the kernel.
    const MAX_LINKS: usize = 40;

    impl Trusted {
        /// Trusts root and this user.
        pub(crate) fn this_user() -> Self {
            let user = Uid::effective().as_raw();
            let users = [0, user]
                .into_iter()
                .filter(|user| !stands_for_others(*user));
            Self(users.map(Who::User).collect())
        }

        /// Trusts also the owners of a folder and of the folders above it, but nobody who can only write them.
        ///
        /// # Errors
        /// If the owners of the folder can't be read.
        pub(crate) fn with_owners_of(mut self, folder: &Path) -> Result<Self, Distrust> {
            walk(folder, |_, data| {
                self.0.push(Who::User(data.uid()));
                Ok(())
            })?;
            Ok(self)
        }

        /// Trusts also everybody who can replace this file, which is the running binary.
        ///
        /// # Errors
        /// If the owners of the file can't be read.
        pub(crate) fn with_writers_of(mut self, binary: &Path) -> Result<Self, Distrust> {
            measure("path check", || {
                walk(binary, |place, data| {
                    self.0.extend(writers(place, data)?.map(|(who, _)| who));
                    Ok(())
                })
            })?;
            Ok(self)
        }

        /// Finds a stranger who can write one component of a path.
        pub(super) fn find_stranger(
            &self,
            place: &Path,
            data: &Metadata,
        ) -> Result<Option<Stranger>, Distrust> {
            let is_trusted = |who: Who| {
                self.0.contains(&who)
                    || self.0.contains(&Who::Everybody)
                    || matches!(who, Who::Group(group) if is_private(group))
            };
            let stranger = writers(place, data)?.find(|(who, _)| !is_trusted(*who));
            Ok(stranger.map(|(who, power)| Stranger {
                who,
                power,
                place: place.to_owned(),
                kind: match data.file_type() {
                    kind if kind.is_dir() => Kind::Folder,
                    kind if kind.is_file() || kind.is_symlink() => Kind::File,
                    _ => Kind::Other,
                },
                is_own: Uid::effective().is_root() || data.uid() == Uid::effective().as_raw(),
            }))
        }
    }

    /// Follows a path as the kernel does, and visits every folder, link and file on the way. Returns the path without links.
    pub(super) fn walk(
        path: &Path,
        mut visit: impl FnMut(&Path, &Metadata) -> Result<(), Distrust>,
    ) -> Result<PathBuf, Distrust> {
        let mut links = 0;
        let mut at = PathBuf::from("/");
        // The components that are left, the last one first.
        let mut left: Vec<OsString> = Vec::new();
        push(&mut left, &std::path::absolute(path)?);
        while let Some(next) = left.pop() {
            if next == ".." {
                at.pop();
                continue;
            }
            let place = at.join(&next);
            let data = place.symlink_metadata()?;
            visit(&place, &data)?;
            if !data.is_symlink() {
                at = place;
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                return Err(Distrust::Unreadable(io::Error::other("too many links")));
            }
            push(&mut left, &place.read_link()?);
        }
        Ok(at)
    }

    /// Pushes the components of a path. The root is a component too, and replaces what is before it.
    fn push(left: &mut Vec<OsString>, path: &Path) {
        let components = path.components().rev();
        left.extend(components.map(|component| component.as_os_str().to_owned()));
    }

    /// Returns everybody except root who can write one component of a path.
    fn writers(
        place: &Path,
        data: &Metadata,
    ) -> Result<impl Iterator<Item = (Who, Power)>, Distrust> {
        let mut found = vec![(Who::User(data.uid()), Power::Owner)];
        let mode = data.mode();
        // The mode of a link means nothing, and in a sticky folder nobody can replace the file of another user.
        let is_sticky = data.is_dir() && mode & STICKY != 0;
        let is_open = !data.is_symlink() && !is_sticky;
        if is_open && mode & OTHERS_WRITE != 0 {
            found.push((Who::Everybody, Power::Mode));
        }
        // If there is an access list, these bits of the mode are its mask: without them, it lets nobody write.
        if is_open && mode & GROUP_WRITES != 0 {
            match access_list(place)? {
                Some(list) => found.extend(list_writers(&list, data.gid())?),
                None => found.push((Who::Group(data.gid()), Power::Mode)),
            }
        }
        Ok(found.into_iter())
    }

    /// True if files of other users look like files of this user. In a user namespace, all users that it doesn't map have one ID.
    fn stands_for_others(user: u32) -> bool {
        /// The ID on every system that nobody has changed.
        const OVERFLOW: u32 = 65534;
        /// The map of a system outside of every namespace: all IDs, from 0.
        const WHOLE: [&str; 3] = ["0", "0", "4294967295"];
        let is_whole = || {
            let map = std::fs::read_to_string("/proc/self/uid_map");
            map.is_ok_and(|map| map.split_ascii_whitespace().eq(WHOLE))
        };
        cfg!(target_os = "linux") && user == OVERFLOW && !is_whole()
    }

    /// True if a group is the private group of this user: it has the user's name, and no other member. Root has none, because the group 0
    /// often has members.
    fn is_private(group: u32) -> bool {
        let user = Uid::effective();
        let is_primary = group == Gid::effective().as_raw() && !user.is_root();
        let names = || {
            let user = User::from_uid(user).ok().flatten()?;
            let group = Group::from_gid(Gid::from_raw(group)).ok().flatten()?;
            Some((user.name, group))
        };
        is_primary
            && names().is_some_and(|(user, found)| {
                let is_alone = found.mem.iter().all(|member| *member == user);
                found.name == user && is_alone && !is_primary_of_others(group, &user)
            })
    }

    /// True if an account of this machine other than the user's has this primary group. The accounts of a directory service can't all be listed.
    fn is_primary_of_others(group: u32, user: &str) -> bool {
        let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        accounts.lines().any(|line| {
            let mut fields = line.split(':');
            let name = fields.next();
            name != Some(user) && fields.nth(2).is_some_and(|id| id == group.to_string())
        })
    }

    /// Reads the access list of a file. `None` if the file has none.
    #[cfg(target_os = "linux")]
    fn access_list(place: &Path) -> io::Result<Option<Vec<u8>>> {
        use rustix::io::Errno;
        /// The size limit of an attribute in Linux, in bytes.
        const LARGEST: usize = 64 << 10;
        let mut list = vec![0; LARGEST];
        match rustix::fs::lgetxattr(place, "system.posix_acl_access", &mut *list) {
            Ok(length) => {
                list.truncate(length);
                Ok(Some(list))
            }
            Err(Errno::NODATA | Errno::NOTSUP) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns `None`. The access lists of other systems only add to what the mode allows, and no library for all of them reads them.
    #[cfg(not(target_os = "linux"))]
    fn access_list(_: &Path) -> io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    /// Parses an access list in the form that Linux stores (`linux/posix_acl_xattr.h`): the number 2, and then entries of a tag, the
    /// permissions and an ID, all little-endian. Returns everybody who may write.
    fn list_writers(list: &[u8], group: u32) -> io::Result<Vec<(Who, Power)>> {
        const WRITE: u8 = 2;
        let Some((&[2, 0, 0, 0], entries)) = list.split_first_chunk::<4>() else {
            return Err(io::Error::other("its access list has an unknown form"));
        };
        let entries = entries.chunks(8).map(|entry| match *entry {
            [tag, 0, permissions, 0, a, b, c, d] => {
                let id = u32::from_le_bytes([a, b, c, d]);
                let who = match tag {
                    0x02 => Some(Who::User(id)),
                    0x04 => Some(Who::Group(group)),
                    0x08 => Some(Who::Group(id)),
                    // The owner, the mask, and everybody else, which the mode has too.
                    _ => None,
                };
                let who = who.filter(|_| permissions & WRITE != 0);
                Ok(who.map(|who| (who, Power::AccessList)))
            }
            _ => Err(io::Error::other("its access list has an unknown form")),
        });
        entries.filter_map(Result::transpose).collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_access_list_names_everybody_who_may_write() {
            let entry = |tag: u8, permissions: u8, id: u32| {
                [&[tag, 0, permissions, 0][..], &id.to_le_bytes()].concat()
            };
            let none = u32::MAX;
            let entries = [
                entry(0x01, 7, none),
                entry(0x02, 6, 1000),
                entry(0x02, 5, 1001),
                entry(0x04, 7, none),
                entry(0x08, 2, 2000),
                entry(0x08, 4, 2001),
                entry(0x10, 7, none),
                entry(0x20, 5, none),
            ];
            let list = [vec![2, 0, 0, 0], entries.concat()].concat();
            let found = list_writers(&list, 50).unwrap();
            let found: Vec<Who> = found.into_iter().map(|(who, _)| who).collect();
            assert_eq!(found, [Who::User(1000), Who::Group(50), Who::Group(2000)]);
            for damaged in [&[][..], &[2, 0, 0], &[3, 0, 0, 0], &list[..list.len() - 1]] {
                assert!(list_writers(damaged, 50).is_err(), "{damaged:?}");
            }
        }
    }
}
