//! Packages: an archive (tar, gzip) with a manifest, a library, a license and a readme.
//!
//! The same files always give the same bytes: their order is fixed, and the archive holds no time, owner or mode of the machine that made it.
//!
//! A package is read into memory and nothing in it is trusted. An entry must be a plain file without a folder, and the number and the size of the
//! files are limited.

use std::io::{Read, Write};

use flate2::{Compression, GzBuilder, read::GzDecoder};
use tar::{Archive, EntryType, Header};
use tw_render::text::visible;

use crate::{
    error::{Error, ErrorKind},
    store::{Contents, Digest, FORMAT, MANIFEST, PackageManifest, file_name},
    trust::keys::is_name,
};

/// The file name extension of a package.
pub(crate) const SUFFIX: &str = ".tar.gz";

/// The name of the license file in a package.
pub(crate) const LICENSE: &str = "LICENSE";
/// The name of the readme file in a package.
pub(crate) const README: &str = "README.md";

/// The size limit for a package, in bytes.
pub(crate) const LARGEST: u64 = 128 << 20;
/// The size limit for the files of a package together, in bytes.
const LARGEST_UNPACKED: u64 = 256 << 20;
/// The largest number of files. A package has four; a later format may add some.
const MOST_FILES: usize = 16;

/// A package in memory.
#[derive(Debug)]
pub(crate) struct Package {
    /// The digest of the archive.
    pub(crate) digest: Digest,
    pub(crate) manifest: PackageManifest,
    /// The name and the content of every file, the manifest included.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

impl Package {
    /// Returns the content of a file; `None` if the package has no file of this name.
    pub(crate) fn file(&self, name: &str) -> Option<&[u8]> {
        let file = self.files.iter().find(|(known, _)| known == name);
        file.map(|(_, content)| content.as_slice())
    }

    /// Returns the digests of the files that decide what a plugin does.
    pub(crate) fn contents(&self) -> Contents {
        Contents {
            manifest: Digest::of(self.file(MANIFEST).unwrap_or_default()),
            library: self.manifest.digest,
        }
    }

    pub(crate) fn library(&self) -> &[u8] {
        self.file(&self.manifest.library).unwrap_or_default()
    }

    /// Reads an archive.
    ///
    /// # Errors
    /// The archive is damaged, exceeds a limit, or is not a package of a plugin.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let files = unpack(bytes)?;
        let manifest = parse_manifest(&files)?;
        let package = Self {
            digest: Digest::of(bytes),
            manifest,
            files,
        };
        let manifest = &package.manifest;
        let Some(library) = package.file(&manifest.library) else {
            return Err(invalid(format!("it has no {}", manifest.library)));
        };
        manifest.digest.check("the library in it", library)?;
        Ok(package)
    }
}

fn parse_manifest(files: &[(String, Vec<u8>)]) -> Result<PackageManifest, Error> {
    let manifest = files.iter().find(|(name, _)| name == MANIFEST);
    let (_, manifest) = manifest.ok_or_else(|| invalid(format!("it has no {MANIFEST}")))?;
    let manifest: PackageManifest = serde_json::from_slice(manifest).map_err(|error| {
        invalid(format!(
            "its {MANIFEST} can't be read (line {})",
            error.line()
        ))
    })?;
    if manifest.format != FORMAT {
        return Err(Error::of_newer_tw("it", manifest.format, FORMAT));
    }
    let name = visible(&manifest.plugin.name);
    if !is_name(&manifest.plugin.name) {
        return Err(invalid(format!("`{name}` is not a valid plugin name")));
    }
    let expected = library_name(&manifest);
    if manifest.library != expected {
        return Err(invalid(format!(
            "its manifest is of `{name}`, so its library must be called `{expected}`, not `{}`",
            visible(&manifest.library),
        )));
    }
    Ok(manifest)
}

/// Returns the file name of the library on the system that the package is for.
fn library_name(manifest: &PackageManifest) -> String {
    let plugin = &manifest.plugin;
    let stem = format!("tw_plugin_{}", plugin.name.replace('-', "_"));
    match plugin.target.rsplit('-').next() {
        Some("windows") => format!("{stem}.dll"),
        Some("macos") => format!("lib{stem}.dylib"),
        Some("linux") => format!("lib{stem}.so"),
        _ => file_name(&plugin.name),
    }
}

fn invalid(reason: impl Into<String>) -> Error {
    Error::new(
        ErrorKind::Input,
        format!("it is not a package of a plugin: {}", reason.into()),
    )
    .hint("get it again from its publisher, or make one with `tw plugin pack`")
}

fn unpack(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let damaged = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => invalid(format!(
            "unpacked, it has more than {LARGEST_UNPACKED} bytes"
        )),
        _ => invalid(format!("the archive is damaged ({error})")),
    };
    let unpacked = Limited {
        from: GzDecoder::new(bytes),
        left: LARGEST_UNPACKED,
    };
    let mut archive = Archive::new(unpacked);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        check_entry(entry.header(), &name)?;
        if files.iter().any(|(known, _)| *known == name) {
            return Err(invalid(format!("`{}` is in it twice", visible(&name))));
        }
        if files.len() == MOST_FILES {
            return Err(invalid(format!("it has more than {MOST_FILES} files")));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(damaged)?;
        files.push((name, content));
    }
    // gzip's checksum follows the last entry, so it is checked only if everything is read.
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink()).map_err(damaged)?;
    Ok(files)
}

/// Checks that an entry is a plain file whose name has no folder.
fn check_entry(header: &Header, name: &str) -> Result<(), Error> {
    let shown = visible(name);
    let kind = match header.entry_type() {
        EntryType::Regular if is_plain(name) => return Ok(()),
        EntryType::Regular => {
            return Err(invalid(format!("`{shown}` in it is not a plain file name")));
        }
        EntryType::Directory => "a folder",
        EntryType::Symlink | EntryType::Link => "a link",
        EntryType::Block | EntryType::Char | EntryType::Fifo => "a device",
        _ => "something else",
    };
    Err(invalid(format!("`{shown}` in it is not a file but {kind}")))
}

/// True if a name has only ASCII letters, digits and `._-`, and starts with a letter or a digit.
fn is_plain(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 100
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
    let gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::best());
    let mut archive = tar::Builder::new(gzip);
    for (name, content) in files {
        let mut header = Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_entry_type(EntryType::Regular);
        archive.append_data(&mut header, name, content.as_slice())?;
    }
    let mut gzip = archive.into_inner()?;
    gzip.flush()?;
    gzip.finish()
}

#[cfg(test)]
mod tests {
    use tw_plugin_protocol::Manifest;

    use super::*;
    use crate::store::PluginManifest;

    fn manifest(name: &str, library: &[u8]) -> PackageManifest {
        let plugin = Manifest {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            target: "x86_64-linux".to_owned(),
            ..Manifest::default()
        };
        PackageManifest {
            format: FORMAT,
            library: "libtw_plugin_hello.so".to_owned(),
            digest: Digest::of(library),
            glibc: None,
            plugin: PluginManifest::of(&plugin),
        }
    }

    fn files() -> Vec<(String, Vec<u8>)> {
        let manifest = serde_json::to_vec(&manifest("hello", b"code")).unwrap();
        vec![
            (MANIFEST.to_owned(), manifest),
            ("libtw_plugin_hello.so".to_owned(), b"code".to_vec()),
        ]
    }

    fn reason(files: &[(String, Vec<u8>)]) -> String {
        Package::read(&write(files).unwrap())
            .unwrap_err()
            .to_string()
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
    fn an_archive_is_reproducible_and_can_be_read() {
        let bytes = write(&files()).unwrap();
        assert_eq!(bytes, write(&files()).unwrap());
        let package = Package::read(&bytes).unwrap();
        assert_eq!(package.library(), b"code");
        assert_eq!(package.digest, Digest::of(&bytes));
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
            let error = Package::read(&archive_with(EntryType::Regular, name, 0)).unwrap_err();
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
            let error = Package::read(&archive_with(kind, "x", 0)).unwrap_err();
            assert!(error.message().contains("is not a file but a"), "{error}");
        }
    }

    #[test]
    fn an_archive_that_unpacks_to_too_much_is_refused() {
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::fast());
        let mut header = Header::new_ustar();
        header.set_size(LARGEST_UNPACKED + 1);
        header.set_path("x").unwrap();
        header.set_cksum();
        gzip.write_all(header.as_bytes()).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..=LARGEST_UNPACKED >> 20 {
            gzip.write_all(&zeros).unwrap();
        }
        let error = Package::read(&gzip.finish().unwrap()).unwrap_err();
        assert!(error.message().contains("more than"), "{error}");
    }

    #[test]
    fn too_many_files_and_repeated_names_are_refused() {
        let many: Vec<_> = (0..=MOST_FILES)
            .map(|n| (format!("f{n}"), Vec::new()))
            .collect();
        assert!(reason(&many).contains("more than 16 files"));
        let twice = vec![("x".to_owned(), Vec::new()); 2];
        assert!(reason(&twice).contains("twice"));
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused_or_changes_nothing() {
        let good = write(&files()).unwrap();
        let whole = Package::read(&good).unwrap();
        for at in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[at / 8] ^= 1 << (at % 8);
            if let Ok(package) = Package::read(&bad) {
                // A change of the time or the name in gzip's header has no effect.
                assert_eq!(package.files, whole.files, "bit {at}");
            }
        }
    }

    #[test]
    fn a_manifest_of_another_plugin_is_refused() {
        let manifest = manifest("other", b"code");
        let mut files = files();
        files[0].1 = serde_json::to_vec(&manifest).unwrap();
        assert!(reason(&files).contains("its manifest is of `other`"));
        files[0].1 = b"{}".to_vec();
        assert!(reason(&files).contains("can't be read"));
        assert!(reason(&files[1..]).contains("it has no manifest.json"));
    }

    #[test]
    fn a_library_with_another_digest_is_refused() {
        let mut files = files();
        files[1].1 = b"evil".to_vec();
        assert!(reason(&files).contains("doesn't match its digest"));
        files.pop();
        assert!(reason(&files).contains("it has no libtw_plugin_hello.so"));
    }
}
