//! The walk along a path, and who can write each component of it.

use std::{
    ffi::OsString,
    fs::Metadata,
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use nix::unistd::{Gid, Group, Uid, User};

use super::{Distrust, Kind, Power, Stranger, Trusted, Who, access_list};
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
        Ok(stranger.map(|(who, power)| Stranger::new(who, power, place, data)))
    }

    /// Checks that a file and the links that lead to it belong to trusted users.
    pub(super) fn check_owners(&self, path: &Path) -> Result<(), Distrust> {
        let checked = walk(path, |place, data| {
            let owner = Who::User(data.uid());
            match data.is_dir() || self.0.contains(&owner) {
                true => Ok(()),
                false => Err(Distrust::Stranger(Stranger::new(
                    owner,
                    Power::Owner,
                    place,
                    data,
                ))),
            }
        });
        checked.map(drop)
    }
}

impl Stranger {
    fn new(who: Who, power: Power, place: &Path, data: &Metadata) -> Self {
        Self {
            who,
            power,
            place: place.to_owned(),
            kind: match data.file_type() {
                kind if kind.is_dir() => Kind::Folder,
                kind if kind.is_file() || kind.is_symlink() => Kind::File,
                _ => Kind::Other,
            },
            is_own: Uid::effective().is_root() || data.uid() == Uid::effective().as_raw(),
        }
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
            return Err(Distrust::Unreadable(io::Error::from_raw_os_error(
                libc::ELOOP,
            )));
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
fn writers(place: &Path, data: &Metadata) -> Result<impl Iterator<Item = (Who, Power)>, Distrust> {
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
        match access_list::read(place)? {
            Some(list) => found.extend(access_list::writers(&list, data.gid())?),
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
