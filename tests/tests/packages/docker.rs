//! Fruits in a real OCI registry.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
pub(crate) use tw_tests::registry::{BASIC, PASSWORD, USER};
use tw_tests::{Registry, archive};

use crate::given::{Given, pack, secret_key, signature_of};

/// A registry of one test.
#[derive(Debug)]
pub(crate) struct Docker(Registry);

impl Docker {
    /// Starts a registry that requires no login. Returns `None` if the program is missing.
    pub(crate) fn open(given: &Given) -> Option<Self> {
        Registry::open(&folder(given)).map(Self)
    }

    /// Starts a registry that requires a login. Returns `None` if the program is missing.
    pub(crate) fn locked(given: &Given) -> Option<Self> {
        Registry::locked(&folder(given)).map(Self)
    }

    /// Returns `127.0.0.1:PORT`.
    pub(crate) fn host(&self) -> &str {
        self.0.host()
    }

    /// Returns the reference of a fruit's repository, without a tag.
    pub(crate) fn repository(&self, number: u16) -> String {
        format!("oci://{}/plugins/fruit-{number:03}", self.host())
    }

    /// Returns the reference of a fruit's version.
    pub(crate) fn tagged(&self, number: u16, version: &str) -> String {
        format!("{}:{version}", self.repository(number))
    }

    /// Publishes a version, signed by acme, and returns its digest.
    #[track_caller]
    pub(crate) fn publish(&self, given: &Given, number: u16, version: &str) -> String {
        let package = given.package(number, version, Some("acme"));
        publish(given, &self.tagged(number, version), &[&package])
    }
}

fn folder(given: &Given) -> PathBuf {
    given.installation.prefix().join("registry")
}

/// Publishes files at this reference, and returns the digest of the image index.
#[track_caller]
pub(crate) fn publish(given: &Given, place: &str, files: &[&Path]) -> String {
    let published = given
        .command(["plugin", "publish", "-o", "json", place])
        .args(files)
        .run()
        .exits(0)
        .says("")
        .json();
    assert_eq!(published["place"], place);
    published["digest"].as_str().unwrap().to_owned()
}

/// Packs a fruit with a changed manifest into the work folder. Signs the package if `key` is given.
pub(crate) fn repack(
    given: &Given,
    (number, version): (u16, &str),
    name: &str,
    key: Option<&str>,
    change: impl FnOnce(&mut Value),
) -> PathBuf {
    let mut files = archive::unpack(&fs::read(pack(number, version, None)).unwrap());
    let mut manifest = serde_json::from_slice(&files[0].1).unwrap();
    change(&mut manifest);
    files[0].1 = manifest.to_string().into_bytes();
    let package = given.work().join(format!("{name}.tar.gz"));
    fs::write(&package, archive::pack(&files)).unwrap();
    if let Some(key) = key {
        sign(given, &package, key);
    }
    package
}

/// Signs a package or an index. The signature is a file beside it.
#[track_caller]
pub(crate) fn sign(given: &Given, file: &Path, key: &str) {
    let _ = fs::remove_file(signature_of(file));
    given
        .command(["plugin", "sign", "--key"])
        .args([secret_key(key).as_os_str(), file.as_os_str()])
        .run()
        .exits(0)
        .says("");
}
