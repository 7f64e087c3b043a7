//! Another local user, and access lists that name that user.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use rustix::fs::{XattrFlags, removexattr, setxattr};

/// A user and a group that have nothing to do with the user of the tests.
pub const STRANGER: u32 = 54321;

const ACCESS_LIST: &str = "system.posix_acl_access";

/// Whom an entry of an access list names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The user [`STRANGER`].
    User,
    /// The group [`STRANGER`].
    Group,
}

/// Sets an access list as `setfacl` does. The stranger has these permissions, as the bits of a mode: 6 to read and write.
pub fn set_access_list(path: &Path, named: Named, permissions: u8) {
    let entry = |tag: u8, permissions: u8, id: u32| {
        [&[tag, 0, permissions, 0][..], &id.to_le_bytes()].concat()
    };
    let (owner, group, mask, others) = (0x01, 0x04, 0x10, 0x20);
    // The entries are in the order of their tags.
    let (user_entry, group_entry) = match named {
        Named::User => (entry(0x02, permissions, STRANGER), Vec::new()),
        Named::Group => (Vec::new(), entry(0x08, permissions, STRANGER)),
    };
    let list = [
        vec![2, 0, 0, 0],
        entry(owner, 7, u32::MAX),
        user_entry,
        entry(group, 5, u32::MAX),
        group_entry,
        entry(mask, 7, u32::MAX),
        entry(others, 5, u32::MAX),
    ];
    setxattr(path, ACCESS_LIST, &list.concat(), XattrFlags::empty())
        .expect("an access list can be set");
}

/// Removes the access list of a file, and sets the mode 0755.
pub fn remove_access_list(path: &Path) {
    removexattr(path, ACCESS_LIST).expect("an access list can be removed");
    fs::set_permissions(path, Permissions::from_mode(0o755)).expect("a mode can be set");
}
