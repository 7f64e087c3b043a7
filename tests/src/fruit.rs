//! Fruits: plugins to pack and install. A test can have any number of fruits in any version, and the keys that sign their packages.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{Tw, artifacts, fixture, target};

/// The version of the fixture itself. Other versions are made by replacing this text in the library.
pub const FIRST: &str = "70.0.100";
pub const SECOND: &str = "70.0.101";
pub const THIRD: &str = "70.0.102";

/// Returns the library of this fruit in this version.
pub fn library(number: u16, version: &str) -> Vec<u8> {
    assert_eq!(version.len(), FIRST.len(), "versions have a fixed width");
    let library = fs::read(fixture("tw-plugin-fruit-000")).expect("the fixture is built");
    let library = patch(
        library,
        b"fruit-000",
        format!("fruit-{number:03}").as_bytes(),
    );
    patch(library, FIRST.as_bytes(), version.as_bytes())
}

/// Replaces every occurrence of `from` with `to`, which must have the same length.
pub fn patch(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, part)| *part == from)
        .map(|(at, _)| at)
        .collect();
    assert!(
        !places.is_empty(),
        "the bytes don't contain {}",
        String::from_utf8_lossy(from)
    );
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// Returns the path of a file's signature: the file's path and `.minisig`.
pub fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

/// Packages and keys that all tests of this process share, because making them takes time.
struct Workshop {
    folder: PathBuf,
    packed: BTreeMap<(u16, String, Option<String>), PathBuf>,
}

static WORKSHOP: Mutex<Option<Workshop>> = Mutex::new(None);

fn workshop<T>(work: impl FnOnce(&mut Workshop) -> T) -> T {
    let mut workshop = WORKSHOP.lock().unwrap_or_else(PoisonError::into_inner);
    work(workshop.get_or_insert_with(Workshop::open))
}

impl Workshop {
    /// Creates a folder for this process, and removes the folders of processes that have ended.
    fn open() -> Self {
        let all = target().join("test-workshops");
        fs::create_dir_all(&all).expect("the target folder can be written");
        for entry in fs::read_dir(&all)
            .expect("the folder can be read")
            .flatten()
        {
            if !Path::new("/proc").join(entry.file_name()).exists() {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let folder = all.join(std::process::id().to_string());
        fs::create_dir_all(&folder).expect("the target folder can be written");
        Self {
            folder,
            packed: BTreeMap::new(),
        }
    }

    fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
        Tw::new(&artifacts().tw, &self.folder).args(arguments)
    }

    /// Returns the secret key of this name. The key has no password.
    fn key(&self, name: &str) -> PathBuf {
        let file = self.folder.join(format!("{name}.key"));
        if !file.exists() {
            let path = file.display().to_string();
            self.command(["plugin", "key", "generate", "--no-password", &path])
                .run()
                .exits(0)
                .says("");
        }
        file
    }

    fn pack(&mut self, number: u16, version: &str, key: Option<&str>) -> PathBuf {
        let id = (number, version.to_owned(), key.map(str::to_owned));
        if let Some(done) = self.packed.get(&id) {
            return done.clone();
        }
        let folder = self.folder.join(self.packed.len().to_string());
        fs::create_dir_all(&folder).expect("the folder can be created");
        let input = folder.join("input.so");
        fs::write(&input, library(number, version)).expect("the folder can be written");
        for (name, text) in [("LICENSE", "Free."), ("README.md", "# A fruit\n")] {
            fs::write(folder.join(name), text).expect("the folder can be written");
        }
        let mut command = self
            .command(["plugin", "pack", "-o", "json"])
            .args([input.as_os_str()])
            .args(["--out".as_ref(), folder.as_os_str()]);
        if let Some(key) = key {
            command = command.args(["--sign".as_ref(), self.key(key).as_os_str()]);
        }
        let packed = command.run().exits(0).json();
        let path = PathBuf::from(packed["path"].as_str().expect("the result has a path"));
        self.packed.insert(id, path.clone());
        path
    }
}

/// Returns a package of this fruit, signed if `key` is given. Each package is made once per process.
pub fn pack(number: u16, version: &str, key: Option<&str>) -> PathBuf {
    workshop(|workshop| workshop.pack(number, version, key))
}

/// Returns the file of the secret key with this name. Each key is made once per process.
pub fn secret_key(name: &str) -> PathBuf {
    workshop(|workshop| workshop.key(name))
}

/// Returns the public key of this name as one line.
pub fn public_key(name: &str) -> String {
    let mut file = secret_key(name).into_os_string();
    file.push(".pub");
    let text = fs::read_to_string(file).expect("the public key can be read");
    text.lines().last().expect("the file has a key").to_owned()
}

/// Returns the SHA-256 digest of these bytes in the form that `tw` uses. `sha256sum` computes it, so that a test doesn't trust the code under test.
pub fn digest(bytes: &[u8]) -> String {
    use std::io::Write;
    let mut child = std::process::Command::new("sha256sum")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("sha256sum runs");
    let mut stdin = child
        .stdin
        .take()
        .expect("sha256sum's standard input is a pipe");
    stdin.write_all(bytes).expect("sha256sum reads everything");
    drop(stdin);
    let output = child.wait_with_output().expect("sha256sum ends");
    let text = String::from_utf8(output.stdout).expect("sha256sum prints UTF-8");
    format!("sha256:{}", text.split(' ').next().unwrap_or_default())
}
