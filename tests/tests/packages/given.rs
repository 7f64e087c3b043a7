//! The starting point of a test: a user with a home folder, signing keys, and fruits, which are plugins in any number and version.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
pub(crate) use tw_tests::fruit::{
    FIRST, SECOND, THIRD, digest, library, pack, patch, public_key, secret_key, signature_of,
};
pub(crate) use tw_tests::has_program;
use tw_tests::{Installation, Ran, Running, Tw, fixture};

/// The bundled plugin of every installation.
pub(crate) const HEALTHY: &str = "healthy";

/// Returns a result as the text of a snapshot. Each value that differs between runs is replaced with its name.
pub(crate) fn describe(ran: &Ran, values: &[(&str, &str)]) -> String {
    let replace = |text: String, (value, name): &(&str, &str)| text.replace(value, name);
    values.iter().fold(ran.to_string(), replace)
}

/// A user with an installation of `tw`, no installed plugins, and no trusted keys.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) installation: Installation,
    /// The environment variables of every command line.
    variables: Vec<(String, String)>,
}

impl Given {
    /// Returns a user whose `tw` has one bundled plugin, `healthy`, because a real installation of `tw` always has bundled plugins. The plugin
    /// is a copy: new links in other tests would change the times of a linked file, and the manifest cache would become stale.
    pub(crate) fn new() -> Self {
        let installation = Installation::bare();
        let healthy = fs::read(fixture("tw-plugin-healthy")).expect("the fixture is built");
        installation.add_bytes(HEALTHY, &healthy);
        let this = Self {
            installation,
            variables: Vec::new(),
        };
        fs::create_dir_all(this.work()).expect("the folder can be created");
        let marks = this.marks_file().display().to_string();
        this.env("TW_FRUIT_MARKS", marks)
    }

    /// Returns a user who trusts the key of `acme`.
    pub(crate) fn trusting() -> Self {
        let this = Self::new();
        this.trusts("acme");
        this
    }

    /// Sets an environment variable for every command line.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Adds cargo and the compiler.
    pub(crate) fn with_cargo(self) -> Self {
        let folder = Path::new(env!("CARGO"))
            .parent()
            .expect("cargo is in a folder");
        let path = format!("{}:/usr/bin:/bin", folder.display());
        self.env("CARGO", env!("CARGO")).env("PATH", path)
    }

    /// Returns the folder for the test's own files. It is the working directory of every command line.
    pub(crate) fn work(&self) -> PathBuf {
        self.installation.prefix().join("work")
    }

    /// Returns the folder of the store.
    pub(crate) fn store(&self) -> PathBuf {
        self.installation.home().join(".local/share/tw/plugins")
    }

    /// Returns the folder of the user's configuration.
    pub(crate) fn config(&self) -> PathBuf {
        self.installation.home().join(".config/tw")
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.store().join("plugins.lock")
    }

    /// Reads the lock of the installed plugins.
    #[track_caller]
    pub(crate) fn read_lock(&self) -> Value {
        let text = fs::read(self.lock_file()).expect("the lock is readable");
        serde_json::from_slice(&text).expect("the lock is JSON")
    }

    /// Prepares a command line.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
        self.within(self.installation.command(arguments))
    }

    /// Starts a command line.
    pub(crate) fn start<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Running {
        self.command(arguments).start()
    }

    /// Runs a command line.
    pub(crate) fn tw<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        self.command(arguments).run()
    }

    /// Adds the key of this name to the trusted keys.
    #[track_caller]
    pub(crate) fn trusts(&self, name: &str) {
        self.trust(name, &public_key(name), &["*"])
            .exits(0)
            .says("");
    }

    /// Trusts a key under this name for these plugins.
    pub(crate) fn trust(&self, name: &str, key: &str, plugins: &[&str]) -> Ran {
        let plugins = plugins.iter().flat_map(|plugin| ["--plugin", plugin]);
        self.tw(["plugin", "key", "trust", name, key]
            .into_iter()
            .chain(plugins))
    }

    /// Copies a package of this fruit into the work folder. With a `key`, the package's signature is beside it.
    pub(crate) fn package(&self, number: u16, version: &str, key: Option<&str>) -> PathBuf {
        let from = pack(number, version, key);
        let to = self
            .work()
            .join(from.file_name().expect("the package has a file name"));
        fs::copy(&from, &to).expect("the package can be copied");
        let signature = signature_of(&from);
        if signature.exists() {
            fs::copy(&signature, signature_of(&to)).expect("the signature can be copied");
        }
        to
    }

    /// Installs a package of this fruit, signed by acme, and asserts that this succeeds.
    #[track_caller]
    pub(crate) fn installs(&self, number: u16, version: &str) {
        let package = self.package(number, version, Some("acme"));
        self.install(&package).exits(0);
    }

    /// Runs `tw plugin install --yes` with this file.
    pub(crate) fn install(&self, package: &Path) -> Ran {
        self.tw(["plugin", "install", "--yes", &package.display().to_string()])
    }

    /// Runs `tw plugin install --yes` with these options and this file.
    pub(crate) fn install_with(&self, options: &[&str], package: &Path) -> Ran {
        let package = package.display().to_string();
        let line = ["plugin", "install", "--yes", &package].into_iter();
        self.tw(line.chain(options.iter().copied()))
    }

    /// Asserts that the fruit runs and has this version.
    #[track_caller]
    pub(crate) fn runs(&self, number: u16, version: &str) {
        let name = format!("fruit-{number:03}");
        let ran = self.tw([name.as_str(), "-o", "json"]).exits(0).says("");
        let value = ran.json();
        assert_eq!(value["fruit"], name.as_str(), "{value}");
        assert_eq!(value["version"], version, "{value}");
    }

    /// Asserts that there is no command of this fruit.
    #[track_caller]
    pub(crate) fn has_no(&self, number: u16) {
        let name = format!("fruit-{number:03}");
        self.tw([name.as_str()]).rejects(&name);
    }

    /// Returns the first entry of this plugin in `tw plugin list -o json`.
    #[track_caller]
    pub(crate) fn list_entry(&self, name: &str) -> Value {
        let entries = self.list_entries(name);
        entries
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("`{name}` isn't listed"))
    }

    /// Returns the entries of this plugin in `tw plugin list -o json`, one for each place it comes from.
    #[track_caller]
    pub(crate) fn list_entries(&self, name: &str) -> Vec<Value> {
        let list = self.tw(["plugin", "list", "-o", "json"]).exits(0).json();
        let plugins = list["plugins"].as_array().expect("plugins are a list");
        let found = plugins.iter().filter(|plugin| plugin["name"] == name);
        found.cloned().collect()
    }

    fn marks_file(&self) -> PathBuf {
        self.installation.prefix().join("marks")
    }

    /// Returns how often the library of a fruit was mapped since the last call. A constructor in the library writes a line to a file each time.
    pub(crate) fn marks(&self) -> usize {
        let marks = fs::read_to_string(self.marks_file()).unwrap_or_default();
        let _ = fs::remove_file(self.marks_file());
        marks.lines().count()
    }

    /// Returns the names in the store, except the lock and the file that guards changes: one folder per package, and anything left behind.
    pub(crate) fn list_store(&self) -> Vec<String> {
        let entries = fs::read_dir(self.store()).expect("the store is readable");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            let entry = entry.expect("the store can be read");
            entry.file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.retain(|name| name != "plugins.lock" && name != ".busy");
        names.sort();
        names
    }

    /// Gives this installation its own copies of the files. Without this, a new link in another test changes the times of the shared files, and the
    /// manifest cache becomes stale.
    pub(crate) fn with_own_files(self) -> Self {
        Self {
            installation: self.installation.with_own_files(),
            ..self
        }
    }

    /// Sets the user's environment variables and working directory for a command line.
    pub(crate) fn within(&self, command: Tw) -> Tw {
        self.variables
            .iter()
            .fold(command.from(&self.work()), |command, (name, value)| {
                command.env(name, value)
            })
    }
}
