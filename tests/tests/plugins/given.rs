//! An installation with a healthy plugin, which must work whatever the plugins beside it do.

use std::path::Path;

use serde_json::Value;
pub(crate) use tw_tests::strangers::STRANGER;
use tw_tests::{Installation, Ran, Running, Tw, fixture};

/// The output of the healthy plugin.
pub(crate) const HEALTHY: &str = "\n  All is well\n\n";

/// An installation with a healthy plugin, and the environment of its commands.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) installation: Installation,
    variables: Vec<(String, String)>,
}

impl Given {
    /// Installs the healthy plugin alone.
    pub(crate) fn healthy() -> Self {
        Self::of(Installation::bare())
    }

    /// Adds the healthy plugin to an installation.
    pub(crate) fn of(installation: Installation) -> Self {
        installation.add("healthy", &fixture("tw-plugin-healthy"));
        Self {
            installation,
            variables: Vec::new(),
        }
    }

    /// Adds the fixture of this name.
    pub(crate) fn plugin(self, name: &str) -> Self {
        self.library(name, &fixture(&format!("tw-plugin-{name}")))
    }

    /// Adds a library under this name.
    pub(crate) fn library(self, name: &str, library: &Path) -> Self {
        self.installation.add(name, library);
        self
    }

    /// Adds a file with this content under this name.
    pub(crate) fn file(self, name: &str, content: &[u8]) -> Self {
        self.installation.add_bytes(name, content);
        self
    }

    /// Replaces hard links with copies that no other test touches.
    pub(crate) fn with_own_files(self) -> Self {
        Self {
            installation: self.installation.with_own_files(),
            ..self
        }
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Writes the user's own policy.
    pub(crate) fn write_policy(&self, rules: &str) {
        let folder = self.installation.home().join(".config/tw");
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(folder.join("policy.toml"), rules).expect("the policy can be written");
    }

    /// Prepares a command line in that environment.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
        self.apply_variables(self.installation.command(arguments))
    }

    /// Adds the environment to a command line.
    pub(crate) fn apply_variables(&self, command: Tw) -> Tw {
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

    /// Returns the plugins that `tw plugin list -o json` lists.
    #[track_caller]
    pub(crate) fn list(&self) -> Vec<Value> {
        let list = self.tw(["plugin", "list", "-o", "json"]).exits(0).says("");
        let plugins = list.json()["plugins"].clone();
        plugins.as_array().expect("a list of plugins").clone()
    }

    /// Returns the one plugin of this name in the list.
    #[track_caller]
    pub(crate) fn find(&self, name: &str) -> Value {
        let list = self.list();
        let mut found = list.iter().filter(|plugin| plugin["name"] == name);
        let plugin = found
            .next()
            .unwrap_or_else(|| panic!("`{name}` is not listed: {list:#?}"));
        assert!(found.next().is_none(), "`{name}` is listed twice");
        plugin.clone()
    }

    /// Returns the lines about this plugin below the table of `tw plugin list`.
    #[track_caller]
    pub(crate) fn read_problem(&self, name: &str) -> String {
        let list = self.tw(["plugin", "list"]).exits(0).says("").stdout;
        let begin = list
            .find(&format!("\n  {name}: "))
            .unwrap_or_else(|| panic!("the list has no lines about `{name}`: {list}"));
        let rest = &list[begin + 1..];
        rest[..rest.find("\n\n").map_or(rest.len(), |end| end + 1)].to_owned()
    }

    /// Asserts that the plugin is broken for this reason, that the list explains it in at most eight lines with this advice, and that
    /// everything else works.
    #[track_caller]
    pub(crate) fn refuses(&self, name: &str, reason: &str, advice: &str) -> &Self {
        let listed = self.find(name);
        assert_eq!(listed["state"], "broken", "{listed:#}");
        for (key, expected) in [("problem", reason), ("hint", advice)] {
            let said = listed[key].as_str().unwrap_or_default();
            assert!(said.contains(expected), "no {expected:?} in {listed:#}");
        }
        let trouble = self.read_problem(name);
        assert!(trouble.lines().count() <= 8, "{trouble}");
        assert!(trouble.len() <= 1200, "{trouble}");
        assert!(
            trouble.contains(reason) && trouble.contains(advice),
            "{trouble}"
        );
        assert!(
            trouble
                .chars()
                .all(|letter| letter == '\n' || !letter.is_control()),
            "{trouble:?}"
        );
        self.others_work(1)
    }

    /// Asserts that the healthy plugin works, and that help warns in one line about the number of broken plugins.
    #[track_caller]
    pub(crate) fn others_work(&self, broken: usize) -> &Self {
        let warning = match broken {
            0 => String::new(),
            1 => "warning: 1 plugin can't be used; `tw plugin list` says why\n".to_owned(),
            n => format!("warning: {n} plugins can't be used; `tw plugin list` says why\n"),
        };
        self.tw(["--help"])
            .exits(0)
            .prints_with("Say that all is well")
            .says(&warning);
        self.tw(["healthy"]).exits(0).prints(HEALTHY).says("");
        self.tw(["healthy", "--help"])
            .exits(0)
            .prints_with("Say that all is well")
            .says(&warning);
        assert_eq!(self.find("healthy")["state"], "ok");
        self
    }

    /// Asserts that the plugin can be used.
    #[track_caller]
    pub(crate) fn accepts(&self, name: &str) -> &Self {
        let listed = self.find(name);
        assert_eq!(listed["state"], "ok", "{listed:#}");
        self.others_work(0)
    }
}

/// Reads the library of a fixture.
pub(crate) fn read_fixture(package: &str) -> Vec<u8> {
    std::fs::read(fixture(package)).expect("the fixture can be read")
}

/// Replaces every `from` in the bytes with `to`, which must have the same length.
#[track_caller]
pub(crate) fn patch(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = (0..=bytes.len() - from.len())
        .filter(|at| bytes[*at..].starts_with(from))
        .collect();
    assert!(!places.is_empty(), "{:?}", String::from_utf8_lossy(from));
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// Returns the fixture `numbered`, with these numbers in the names of the plugin, its command and its alias.
pub(crate) fn make_numbered(plugin: u16, command: u16, alias: u16) -> Vec<u8> {
    let mut library = read_fixture("tw-plugin-numbered");
    for (what, number) in [("numbered", plugin), ("command", command), ("alias", alias)] {
        let to = format!("{what}-{number:03}");
        library = patch(library, format!("{what}-000").as_bytes(), to.as_bytes());
    }
    library
}

/// True if the tests run as root, who ignores file modes and can give files to other users.
pub(crate) fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Reports that a test, or a part of it, cannot run here.
pub(crate) fn report_skip(why: &str) {
    eprintln!("skipped: {why}");
}

/// Runs a command as a user other than root: the user who runs the tests, or else `STRANGER`. Returns `None` if that is not possible.
pub(crate) fn run_as_stranger(given: &Given, arguments: &[&str]) -> Option<Ran> {
    if !is_root() {
        return Some(given.tw(arguments.iter().copied()));
    }
    Some(as_stranger(given, arguments)?.without_env("HOME").run())
}

/// Prepares a command of `STRANGER`. Returns `None` if that is not possible. Only root can do it.
pub(crate) fn as_stranger(given: &Given, arguments: &[&str]) -> Option<Tw> {
    let installation = &given.installation;
    open_to_all(installation.prefix());
    let id = STRANGER.to_string();
    let become_stranger = ["--reuid", &id, "--regid", &id, "--clear-groups"];
    let tw = installation.tw();
    let setpriv = |command: &[&str]| {
        Tw::new(Path::new("setpriv"), &installation.home())
            .args(become_stranger)
            .args(command)
    };
    let mut probe = setpriv(&["test", "-x", &tw.to_string_lossy()]);
    if !probe
        .command()
        .status()
        .is_ok_and(|status| status.success())
    {
        report_skip("no setpriv, or the target folder is closed to other users");
        return None;
    }
    let command = setpriv(&[&tw.to_string_lossy()]).args(arguments);
    Some(given.apply_variables(command))
}

fn open_to_all(folder: &Path) {
    set_mode(folder, 0o755);
}

/// Sets the mode of a file or a folder.
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
        .expect("the mode can be set");
}
