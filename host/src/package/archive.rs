//! A package: one archive (tar, gzip) with a manifest, a library, a licence and a readme.
//!
//! It is written so that the same input gives the same bytes: files in a fixed order, no times, owners or modes of where it was made. It is read with
//! suspicion, into memory: whatever isn't a plain file at the top with a plain name is refused, and so is what is too large or too much.

use std::io::{Read, Write};

use flate2::{Compression, GzBuilder, read::GzDecoder};
use tar::{Archive, EntryType, Header};
use tw_render::text::visible;

use crate::{
    error::{Error, ErrorKind},
    store::{Contents, Digest, FORMAT, MANIFEST, PackageManifest, file_name},
    trust::keys::is_name,
};

/// How the file of a package ends.
pub(crate) const SUFFIX: &str = ".tar.gz";

/// The licence's file name in a package, and the readme's.
pub(crate) const LICENCE: &str = "LICENSE";
pub(crate) const README: &str = "README.md";

/// The largest package that is taken, in bytes.
pub(crate) const LARGEST: u64 = 128 << 20;
/// The most that its files may have together, in bytes.
const LARGEST_UNPACKED: u64 = 256 << 20;
/// The most files: more than a package has, for a later version may add one.
const MOST_FILES: usize = 16;

/// A package that was read.
#[derive(Debug)]
pub(crate) struct Package {
    /// The digest of the archive.
    pub(crate) digest: Digest,
    pub(crate) manifest: PackageManifest,
    /// All its files by name, the manifest's among them.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

impl Package {
    /// The content of a file in it.
    pub(crate) fn file(&self, name: &str) -> Option<&[u8]> {
        let file = self.files.iter().find(|(known, _)| known == name);
        file.map(|(_, content)| content.as_slice())
    }

    /// The digests of what counts in it.
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
    /// What of it isn't as a package is.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let files = unpack(bytes)?;
        let manifest = files
            .iter()
            .find(|(name, _)| name == MANIFEST)
            .ok_or_else(|| unfit(format!("it has no {MANIFEST}")))?;
        let manifest: PackageManifest = serde_json::from_slice(&manifest.1).map_err(|error| {
            unfit(format!(
                "its {MANIFEST} can't be read (line {})",
                error.line()
            ))
        })?;
        if manifest.format != FORMAT {
            return Err(Error::of_newer_tw("it", manifest.format, FORMAT));
        }
        if !is_name(&manifest.plugin.name) {
            return Err(unfit(format!(
                "`{}` is no name of a plugin",
                visible(&manifest.plugin.name)
            )));
        }
        let library = file_name_of(&manifest);
        if manifest.library != library {
            return Err(unfit(format!(
                "its manifest is of `{}` and its library is called `{}`, not `{library}`",
                visible(&manifest.plugin.name),
                visible(&manifest.library),
            )));
        }
        let package = Self {
            digest: Digest::of(bytes),
            manifest,
            files,
        };
        let Some(library) = package.file(&package.manifest.library) else {
            return Err(unfit(format!("it has no {}", package.manifest.library)));
        };
        package
            .manifest
            .digest
            .check("the library in it", library)?;
        Ok(package)
    }
}

/// What the library of this manifest's plugin is called on the system that it is for.
pub(crate) fn file_name_of(manifest: &PackageManifest) -> String {
    let here = file_name(&manifest.plugin.name);
    let Some(system) = manifest.plugin.target.rsplit('-').next() else {
        return here;
    };
    let stem = format!("tw_plugin_{}", manifest.plugin.name.replace('-', "_"));
    match system {
        "windows" => format!("{stem}.dll"),
        "macos" => format!("lib{stem}.dylib"),
        "linux" => format!("lib{stem}.so"),
        _ => here,
    }
}

fn unfit(reason: impl Into<String>) -> Error {
    Error::new(
        ErrorKind::Input,
        format!("it is not a package of a plugin: {}", reason.into()),
    )
    .hint("`tw plugin pack` makes one; get it anew from its publisher")
}

fn unpack(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let damaged = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => too_large(),
        _ => unfit(format!("the archive is damaged ({error})")),
    };
    let unpacked = Bounded {
        from: GzDecoder::new(bytes),
        left: LARGEST_UNPACKED,
    };
    let mut archive = Archive::new(unpacked);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let path = entry.path_bytes().into_owned();
        let name = String::from_utf8_lossy(&path).into_owned();
        let shown = visible(&name);
        if entry.header().entry_type() != EntryType::Regular {
            return Err(unfit(format!(
                "`{shown}` in it is not a file but {}",
                kind(entry.header())
            )));
        }
        if !is_plain(&name) {
            return Err(unfit(format!("`{shown}` in it is not a plain file name")));
        }
        if files.iter().any(|(known, _)| *known == name) {
            return Err(unfit(format!("`{shown}` is in it twice")));
        }
        if files.len() == MOST_FILES {
            return Err(unfit(format!("it has more than {MOST_FILES} files")));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(damaged)?;
        files.push((name, content));
    }
    // The checksum of the whole stands at its end, behind what an archive needs.
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink()).map_err(damaged)?;
    Ok(files)
}

fn too_large() -> Error {
    unfit(format!(
        "unpacked, it has more than {LARGEST_UNPACKED} bytes"
    ))
}

/// Whether a name is of one part, and of letters, digits and `._-`.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 100
        && name.chars().all(plain)
}

fn kind(header: &Header) -> &'static str {
    match header.entry_type() {
        EntryType::Directory => "a folder",
        EntryType::Symlink | EntryType::Link => "a link",
        EntryType::Block | EntryType::Char | EntryType::Fifo => "a device",
        _ => "something else",
    }
}

/// Ends with an error where more comes than is taken.
struct Bounded<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or(std::io::ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

/// The archive with these files, in this order: the same files give the same bytes.
///
/// # Errors
/// None that memory doesn't have: what is written to is memory.
pub(crate) fn write(files: &[(String, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    // No time, and no system that it was made on.
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

    fn manifest(library: &[u8]) -> PackageManifest {
        let plugin = Manifest {
            name: "hello".to_owned(),
            version: "1.0.0".to_owned(),
            target: "x86_64-linux".to_owned(),
            ..Manifest::default()
        };
        PackageManifest {
            format: FORMAT,
            library: "libtw_plugin_hello.so".to_owned(),
            digest: Digest::of(library),
            glibc: None,
            plugin,
        }
    }

    fn files() -> Vec<(String, Vec<u8>)> {
        let manifest = serde_json::to_vec(&manifest(b"code")).unwrap();
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

    /// An archive with one entry of this kind and name, made by hand: the crate refuses to write most of them.
    fn odd(kind: EntryType, name: &str, size: u64) -> Vec<u8> {
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
    fn what_is_written_is_read_and_is_always_the_same() {
        let bytes = write(&files()).unwrap();
        assert_eq!(bytes, write(&files()).unwrap());
        let package = Package::read(&bytes).unwrap();
        assert_eq!(package.library(), b"code");
        assert_eq!(package.digest, Digest::of(&bytes));
    }

    #[test]
    fn an_entry_that_leads_out_is_refused() {
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
            let problem = Package::read(&odd(EntryType::Regular, name, 0)).unwrap_err();
            assert!(
                problem.message().contains("not a plain file name"),
                "{name}: {problem}"
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
            let problem = Package::read(&odd(kind, "x", 0)).unwrap_err();
            assert!(
                problem.message().contains("is not a file but a"),
                "{problem}"
            );
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
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
        let problem = Package::read(&gzip.finish().unwrap()).unwrap_err();
        assert!(problem.message().contains("more than"), "{problem}");
    }

    #[test]
    fn too_many_files_and_the_same_twice_are_refused() {
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
                // Times and names in gzip's own head mean nothing.
                assert_eq!(package.files, whole.files, "bit {at}");
            }
        }
    }

    #[test]
    fn a_manifest_of_another_plugin_is_refused() {
        let mut manifest = manifest(b"code");
        manifest.plugin.name = "other".to_owned();
        let mut files = files();
        files[0].1 = serde_json::to_vec(&manifest).unwrap();
        assert!(reason(&files).contains("its manifest is of `other`"));
        files[0].1 = b"{}".to_vec();
        assert!(reason(&files).contains("can't be read"));
        assert!(reason(&files[1..]).contains("it has no manifest.json"));
    }

    #[test]
    fn a_library_that_is_not_the_manifests_is_refused() {
        let mut files = files();
        files[1].1 = b"evil".to_vec();
        assert!(reason(&files).contains("is not what was meant"));
        files.pop();
        assert!(reason(&files).contains("it has no libtw_plugin_hello.so"));
    }
}
