//! The bytes of an archive. There is one form for the same files, so that every program sees the same files in it.

use std::io::{Read, Write};

use flate2::{Compression, GzBuilder, bufread::GzDecoder};
use tar::{EntryType, Header};

use super::invalid;
use crate::{
    error::{Error, ErrorKind, excerpt},
    store::{MANIFEST, limits},
};

/// The size limit for the files of a package together, in bytes.
const LARGEST_UNPACKED: u64 = 256 << 20;
/// The size of a block of a tar file, in bytes.
const BLOCK: usize = 512;
/// The largest number of files. A package has four; a later format may add some.
const MOST_FILES: usize = 16;

/// Returns the files of an archive.
///
/// Readers of tar and gzip treat extension headers, a second member and bytes behind the end in different ways. So apart from the compression, an
/// archive must be the one that [`write()`] makes of its files.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let damaged = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => invalid(format!(
            "unpacked, it has more than {LARGEST_UNPACKED} bytes"
        )),
        _ => invalid(format!("the archive is damaged ({error})")),
    };
    // RFC 1952: after the magic and the method, a byte has the flags of further fields, such as a file name.
    if let [0x1f, 0x8b, 8, 1..=255, ..] = bytes {
        return Err(not_canonical("its gzip header has further fields"));
    }
    let mut archive = Limited {
        from: GzDecoder::new(bytes),
        left: LARGEST_UNPACKED,
    };
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    loop {
        let mut block = [0; BLOCK];
        archive.read_exact(&mut block).map_err(damaged)?;
        if block == [0; BLOCK] {
            break;
        }
        let header = Header::from_byte_slice(&block);
        let name = String::from_utf8_lossy(&header.path_bytes()).into_owned();
        check_entry(header, &name)?;
        let size = header.entry_size().map_err(damaged)?;
        if make_header(&name, size).map_err(damaged)?.as_bytes() != &block {
            return Err(not_canonical(&format!("the header of `{name}` differs")));
        }
        if files
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(&name))
        {
            return Err(invalid(format!("`{name}` is in it twice")));
        }
        if files.len() == MOST_FILES {
            return Err(invalid(format!("it has more than {MOST_FILES} files")));
        }
        if name == MANIFEST && size > limits::LARGEST as u64 {
            return Err(invalid(format!(
                "its {MANIFEST} has more than {} bytes",
                limits::LARGEST
            )));
        }
        let content = read_at_most(&mut archive, size).map_err(damaged)?;
        let padding = read_at_most(&mut archive, padding(size)).map_err(damaged)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(not_canonical(&format!("bytes follow `{name}`")));
        }
        files.push((name, content));
    }
    // The decoder checks gzip's checksum at the end. A second empty block is the last one.
    if read_at_most(&mut archive, BLOCK as u64 + 1).map_err(damaged)? != [0; BLOCK]
        || !archive.from.into_inner().is_empty()
    {
        return Err(not_canonical("bytes follow its end"));
    }
    Ok(files)
}

fn read_at_most(archive: impl Read, size: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    archive.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes the error of an archive that two programs could read differently.
fn not_canonical(reason: &str) -> Error {
    Error::new(
        ErrorKind::Input,
        format!("it is not as `tw plugin pack` makes a package, and other programs could see other files in it: {reason}"),
    )
    .hint("get it again from its publisher, or make one with `tw plugin pack`")
}

/// Checks that an entry is a plain file whose name has no folder.
fn check_entry(header: &Header, name: &str) -> Result<(), Error> {
    let shown = excerpt(name);
    let kind = match header.entry_type() {
        EntryType::Regular if is_plain(name) => return Ok(()),
        EntryType::Regular => {
            return Err(invalid(format!("`{shown}` in it is not a plain file name")));
        }
        EntryType::Directory => "a folder",
        EntryType::Symlink | EntryType::Link => "a link",
        EntryType::Block | EntryType::Char | EntryType::Fifo => "a device",
        EntryType::GNUSparse => "a sparse file",
        EntryType::XHeader
        | EntryType::XGlobalHeader
        | EntryType::GNULongName
        | EntryType::GNULongLink => "a header of an extension of tar",
        _ => "something else",
    };
    Err(invalid(format!("`{shown}` in it is not a file but {kind}")))
}

/// True if a name has only ASCII letters, digits and `._-`, starts with a letter or a digit, and ends with no dot, which Windows would
/// remove.
fn is_plain(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 100
        && !name.ends_with('.')
        && name.chars().all(is_plain)
}

/// A reader that fails when it has more than a number of bytes.
struct Limited<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or(std::io::ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

/// Makes an archive with these files in this order. The same files give the same bytes.
///
/// # Errors
/// A name is too long for the archive's format.
pub(crate) fn write(files: &[(String, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    // RFC 1952: time 0 means no time, and operating system 255 means unknown.
    let mut gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::best());
    for (name, content) in files {
        let size = content.len() as u64;
        gzip.write_all(make_header(name, size)?.as_bytes())?;
        gzip.write_all(content)?;
        std::io::copy(&mut std::io::repeat(0).take(padding(size)), &mut gzip)?;
    }
    gzip.write_all(&[0; 2 * BLOCK])?;
    gzip.finish()
}

/// Makes the header of a file. It has no time and no owner.
fn make_header(name: &str, size: u64) -> std::io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_size(size);
    header.set_mode(0o644);
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    Ok(header)
}

/// Returns the number of zeros that follow a content of this size, so that the next header begins a block.
fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(files: &[(String, Vec<u8>)]) -> String {
        unpack(&write(files).unwrap()).unwrap_err().to_string()
    }

    /// Makes an archive with one entry, byte by byte, because the crate refuses to write most of these.
    fn archive_with(kind: EntryType, name: &str, size: u64) -> Vec<u8> {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_size(size);
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::fast());
        gzip.write_all(header.as_bytes()).unwrap();
        gzip.write_all(&[0; 1024]).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn an_entry_with_a_folder_in_its_name_is_refused() {
        for name in [
            "../x",
            "/etc/x",
            "a/b",
            "..",
            ".hidden",
            "C:x",
            "a\\b",
            "x\u{1b}[2J",
        ] {
            let error = unpack(&archive_with(EntryType::Regular, name, 0)).unwrap_err();
            assert!(
                error.message().contains("not a plain file name"),
                "{name}: {error}"
            );
        }
    }

    #[test]
    fn links_devices_and_folders_are_refused() {
        for kind in [
            EntryType::Symlink,
            EntryType::Link,
            EntryType::Char,
            EntryType::Block,
            EntryType::Fifo,
            EntryType::Directory,
        ] {
            let error = unpack(&archive_with(kind, "x", 0)).unwrap_err();
            assert!(error.message().contains("is not a file but a"), "{error}");
        }
    }

    #[test]
    fn an_archive_that_unpacks_to_too_much_is_refused() {
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::fast());
        let header = make_header("x", LARGEST_UNPACKED + 1).unwrap();
        gzip.write_all(header.as_bytes()).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..=LARGEST_UNPACKED >> 20 {
            gzip.write_all(&zeros).unwrap();
        }
        let error = unpack(&gzip.finish().unwrap()).unwrap_err();
        assert!(error.message().contains("more than"), "{error}");
    }

    #[test]
    fn too_many_files_and_repeated_names_are_refused() {
        let many: Vec<_> = (0..=MOST_FILES)
            .map(|n| (format!("f{n}"), Vec::new()))
            .collect();
        assert!(reason(&many).contains("more than 16 files"));
        let twice = ["x", "X"].map(|name| (name.to_owned(), Vec::new()));
        assert!(reason(&twice).contains("twice"));
    }
}
