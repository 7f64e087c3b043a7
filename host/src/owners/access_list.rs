//! Access lists: the permissions of a file beyond its mode.

use std::{io, path::Path};

use super::{Power, Who};

/// Reads the access list of a file. `None` if the file has none.
#[cfg(target_os = "linux")]
pub(super) fn read(place: &Path) -> io::Result<Option<Vec<u8>>> {
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
pub(super) fn read(_: &Path) -> io::Result<Option<Vec<u8>>> {
    Ok(None)
}

/// Parses an access list in the form that Linux stores (`linux/posix_acl_xattr.h`): the number 2, and then entries of a tag, the
/// permissions and an ID, all little-endian. Returns everybody who may write.
pub(super) fn writers(list: &[u8], group: u32) -> io::Result<Vec<(Who, Power)>> {
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
        let found = writers(&list, 50).unwrap();
        let found: Vec<Who> = found.into_iter().map(|(who, _)| who).collect();
        assert_eq!(found, [Who::User(1000), Who::Group(50), Who::Group(2000)]);
        for damaged in [&[][..], &[2, 0, 0], &[3, 0, 0, 0], &list[..list.len() - 1]] {
            assert!(writers(damaged, 50).is_err(), "{damaged:?}");
        }
    }
}
