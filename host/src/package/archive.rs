//! Packages: an archive (tar, gzip) with a manifest, a library, a license and a readme.
//!
//! The same files always give the same bytes: their order is fixed, and the archive holds no time, owner or mode of the machine that made it.
//!
//! A package is read into memory and nothing in it is trusted. An entry must be a plain file without a folder, and the number and the size of the
//! files are limited.

mod canonical;

pub(crate) use self::canonical::write;
use crate::{
    error::{Error, ErrorKind, excerpt},
    store::{Contents, Digest, FORMAT, MANIFEST, PackageManifest, file_name, limits},
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
        let files = canonical::unpack(bytes)?;
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
    limits::check(&manifest.plugin)
        .map_err(|reason| invalid(format!("its {MANIFEST} exceeds a limit: {reason}")))?;
    let name = excerpt(&manifest.plugin.name);
    if !is_name(&manifest.plugin.name) {
        return Err(invalid(format!("`{name}` is not a valid plugin name")));
    }
    let expected = library_name(&manifest);
    if manifest.library != expected {
        return Err(invalid(format!(
            "its manifest is of `{name}`, so its library must be called `{expected}`, not `{}`",
            excerpt(&manifest.library),
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

    #[test]
    fn an_archive_is_reproducible_and_can_be_read() {
        let bytes = write(&files()).unwrap();
        assert_eq!(bytes, write(&files()).unwrap());
        let package = Package::read(&bytes).unwrap();
        assert_eq!(package.library(), b"code");
        assert_eq!(package.digest, Digest::of(&bytes));
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
