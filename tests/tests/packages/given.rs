//! Given a person with a home, keys that sign, and fruits: plugins in as many numbers and versions as a test likes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde_json::Value;
use tw_tests::{Installation, Ran, Running, Tw, artifacts, fixture, target};

/// The version that the fixture itself has; others are `70.0.101` and so on.
pub(crate) const FIRST: &str = "70.0.100";
pub(crate) const SECOND: &str = "70.0.101";
pub(crate) const THIRD: &str = "70.0.102";

/// A person who has `tw`, with nothing installed and nobody trusted.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) installation: Installation,
    variables: Vec<(String, String)>,
}

impl Given {
    pub(crate) fn new() -> Self {
        let this = Self {
            installation: Installation::bare(),
            variables: Vec::new(),
        };
        fs::create_dir_all(this.work()).expect("the folder can be made");
        let marks = this.marks_file().display().to_string();
        this.env("TW_FRUIT_MARKS", marks)
    }

    /// One who trusts the key of `acme`.
    pub(crate) fn trusting() -> Self {
        let this = Self::new();
        this.trusts("acme");
        this
    }

    /// And this variable in the environment.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// A folder for whatever the test makes; command lines are run from here.
    pub(crate) fn work(&self) -> PathBuf {
        self.installation.prefix().join("work")
    }

    /// The store.
    pub(crate) fn store(&self) -> PathBuf {
        self.installation.home().join(".local/share/tw/plugins")
    }

    /// The folder of the person's configuration.
    pub(crate) fn config(&self) -> PathBuf {
        self.installation.home().join(".config/tw")
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.store().join("plugins.lock")
    }

    /// The lock of what is installed.
    #[track_caller]
    pub(crate) fn lock(&self) -> Value {
        let text = fs::read(self.lock_file()).expect("there is a lock");
        serde_json::from_slice(&text).expect("the lock is JSON")
    }

    /// A command line.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
        let command = self.installation.command(arguments).from(&self.work());
        self.variables
            .iter()
            .fold(command, |command, (name, value)| command.env(name, value))
    }

    /// Starts a command line.
    pub(crate) fn start<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Running {
        self.command(arguments).start()
    }

    /// Runs a command line.
    pub(crate) fn tw<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        self.command(arguments).run()
    }

    /// Trusts the key of this name.
    #[track_caller]
    pub(crate) fn trusts(&self, name: &str) {
        self.tw(["plugin", "key", "trust", name, &public_key(name)])
            .exits(0)
            .says("");
    }

    /// A package of this fruit, in the work folder, with the signature beside it where a key signs.
    pub(crate) fn package(&self, number: u16, version: &str, key: Option<&str>) -> PathBuf {
        let from = packed(number, version, key);
        let to = self.work().join(from.file_name().expect("it has a name"));
        fs::copy(&from, &to).expect("the package can be copied");
        let signature = signature_of(&from);
        if signature.exists() {
            fs::copy(&signature, signature_of(&to)).expect("the signature can be copied");
        }
        to
    }

    /// Installs a package of this fruit that acme has signed.
    #[track_caller]
    pub(crate) fn installs(&self, number: u16, version: &str) {
        let package = self.package(number, version, Some("acme"));
        self.install(&package).exits(0);
    }

    /// Installs this file, without being asked.
    pub(crate) fn install(&self, package: &Path) -> Ran {
        self.tw(["plugin", "install", "--yes", &package.display().to_string()])
    }

    /// The fruit runs, and is of this version.
    #[track_caller]
    pub(crate) fn runs(&self, number: u16, version: &str) {
        let name = format!("fruit-{number:03}");
        let ran = self.tw([name.as_str(), "-o", "json"]).exits(0).says("");
        let value = ran.json();
        assert_eq!(value["fruit"], name.as_str(), "{value}");
        assert_eq!(value["version"], version, "{value}");
    }

    /// There is no such command.
    #[track_caller]
    pub(crate) fn has_no(&self, number: u16) {
        let name = format!("fruit-{number:03}");
        self.tw([name.as_str()]).misused(&name);
    }

    /// What `tw plugin list -o json` says of the plugin with this name.
    #[track_caller]
    pub(crate) fn listed(&self, name: &str) -> Value {
        let list = self.tw(["plugin", "list", "-o", "json"]).exits(0).json();
        let plugins = list["plugins"].as_array().expect("a list").clone();
        let found = plugins.iter().find(|plugin| plugin["name"] == name);
        found
            .unwrap_or_else(|| panic!("`{name}` isn't listed: {list:#}"))
            .clone()
    }

    fn marks_file(&self) -> PathBuf {
        self.installation.prefix().join("marks")
    }

    /// How often a fruit's code was mapped since it was last asked.
    pub(crate) fn marks(&self) -> usize {
        let marks = fs::read_to_string(self.marks_file()).unwrap_or_default();
        let _ = fs::remove_file(self.marks_file());
        marks.lines().count()
    }

    /// The names of what is in the store: folders of packages, and what should not be there.
    pub(crate) fn stored(&self) -> Vec<String> {
        let entries = fs::read_dir(self.store()).expect("there is a store");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            let entry = entry.expect("the store can be read");
            entry.file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.retain(|name| name != "plugins.lock" && name != ".busy");
        names.sort();
        names
    }
}

/// The library of this fruit in this version.
pub(crate) fn library(number: u16, version: &str) -> Vec<u8> {
    assert_eq!(version.len(), FIRST.len(), "versions have a fixed width");
    let library = fs::read(fixture("tw-plugin-fruit-000")).expect("the fixture is built");
    let library = patched(
        library,
        b"fruit-000",
        format!("fruit-{number:03}").as_bytes(),
    );
    patched(library, FIRST.as_bytes(), version.as_bytes())
}

/// These bytes with one text in the place of another of the same length, wherever it stands.
pub(crate) fn patched(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, part)| *part == from)
        .map(|(at, _)| at)
        .collect();
    assert!(
        !places.is_empty(),
        "{} isn't in there",
        String::from_utf8_lossy(from)
    );
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

pub(crate) fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

/// What every test of this process shares: packing and making keys take time.
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
    /// A folder of this process; those of processes that are gone are removed.
    fn open() -> Self {
        let all = target().join("test-workshops");
        fs::create_dir_all(&all).expect("the target folder can be written");
        for entry in fs::read_dir(&all).expect("it can be read").flatten() {
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

    /// The secret key of this name, without a password.
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
        fs::create_dir_all(&folder).expect("the folder can be made");
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
        let path = PathBuf::from(packed["path"].as_str().expect("it has a path"));
        self.packed.insert(id, path.clone());
        path
    }
}

/// A package of this fruit, made once a process.
pub(crate) fn packed(number: u16, version: &str, key: Option<&str>) -> PathBuf {
    workshop(|workshop| workshop.pack(number, version, key))
}

/// The file of the secret key with this name, made once a process.
pub(crate) fn secret_key(name: &str) -> PathBuf {
    workshop(|workshop| workshop.key(name))
}

/// The public key of this name, as one line.
pub(crate) fn public_key(name: &str) -> String {
    let mut file = secret_key(name).into_os_string();
    file.push(".pub");
    let text = fs::read_to_string(file).expect("the public key can be read");
    text.lines().last().expect("it has a key").to_owned()
}

/// The digest of these bytes, as tw writes it.
pub(crate) fn digest(bytes: &[u8]) -> String {
    use std::io::Write;
    let mut child = std::process::Command::new("sha256sum")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("there is sha256sum");
    let mut stdin = child.stdin.take().expect("it reads");
    stdin.write_all(bytes).expect("it reads all");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    format!("sha256:{}", text.split(' ').next().unwrap_or_default())
}

/// Whether this program is there. Where the tests are the gate, it must be.
pub(crate) fn there_is(program: &str) -> bool {
    let there = std::env::split_paths("/usr/bin:/bin:/usr/sbin:/sbin")
        .any(|folder| folder.join(program).exists());
    assert!(
        there || std::env::var_os("CI").is_none(),
        "{program} is missing"
    );
    if !there {
        eprintln!("skipped: {program} is missing");
    }
    there
}
