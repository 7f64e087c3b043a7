//! The ways in which another local user can write a file or a folder.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
};

use tw_tests::strangers::{Named, STRANGER, set_access_list};

use crate::{
    given::{FIRST, Given, library},
    machine::{is_root, report_skip},
};

/// A way in which a stranger can write a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Way {
    Owner,
    Everybody,
    Group,
    UserInAccessList,
    GroupInAccessList,
    LinkAbove,
}

pub(crate) const WAYS: [Way; 6] = [
    Way::Owner,
    Way::Everybody,
    Way::Group,
    Way::UserInAccessList,
    Way::GroupInAccessList,
    Way::LinkAbove,
];

impl Way {
    /// Lets a stranger write a place. Returns how messages describe it.
    pub(crate) fn open(self, place: &Path) -> String {
        let shown = place.display();
        match self {
            Self::Owner => {
                chown(place, Some(STRANGER), None).unwrap();
                format!("{shown} belongs to the user {STRANGER}")
            }
            Self::Everybody => {
                set_mode(place, 0o777);
                format!("everybody can write {shown}")
            }
            Self::Group => {
                chown(place, None, Some(STRANGER)).unwrap();
                set_mode(place, 0o775);
                format!("the group {STRANGER} can write {shown}")
            }
            Self::UserInAccessList => {
                set_access_list(place, Named::User, 7);
                format!("the user {STRANGER} can write {shown}")
            }
            Self::GroupInAccessList => {
                set_access_list(place, Named::Group, 7);
                format!("the group {STRANGER} can write {shown}")
            }
            Self::LinkAbove => {
                // The place itself stays as it is, behind a link that the stranger can change.
                let real = behind(place);
                fs::rename(place, &real).unwrap();
                symlink(&real, place).unwrap();
                std::os::unix::fs::lchown(place, Some(STRANGER), None).unwrap();
                format!("{shown} belongs to the user {STRANGER}")
            }
        }
    }
}

/// Returns where a place is that stands behind a link.
pub(crate) fn behind(place: &Path) -> PathBuf {
    let name = place.file_name().unwrap().to_string_lossy();
    place.with_file_name(format!("behind-{name}"))
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Undoes what each way except a link does to a place.
pub(crate) fn close(place: &Path) {
    chown(place, Some(0), Some(0)).unwrap();
    let _ = rustix::fs::removexattr(place, "system.posix_acl_access");
    set_mode(place, 0o700);
}

/// True if the tests can give files away.
pub(crate) fn can_give_away() -> bool {
    if !is_root() {
        report_skip("only root can give files away");
    }
    is_root()
}

/// Links a fruit whose library is in a folder of the user, and runs it once.
pub(crate) fn linked() -> Given {
    let given = Given::new();
    let folder = given.work().join("build");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("libtw_plugin_fruit_001.so");
    fs::write(&path, library(1, FIRST)).unwrap();
    given
        .tw(["plugin", "link", &path.display().to_string()])
        .exits(0);
    given.runs(1, FIRST);
    assert!(given.marks() > 0);
    given
}
