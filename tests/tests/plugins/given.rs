//! Given a healthy plugin and others beside it: what must hold whatever the others do.

use std::path::Path;

use serde_json::Value;
use tw_tests::{Installation, Ran, Running, Tw, fixture};

/// What the healthy plugin prints.
pub(crate) const HEALTHY: &str = "\n  All is well\n\n";

/// An installation with a healthy plugin, and an environment.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) installation: Installation,
    variables: Vec<(String, String)>,
}

impl Given {
    /// The healthy plugin alone.
    pub(crate) fn healthy() -> Self {
        Self::of(Installation::bare())
    }

    /// The healthy plugin in this installation.
    pub(crate) fn of(installation: Installation) -> Self {
        installation.add("healthy", &fixture("tw-plugin-healthy"));
        Self {
            installation,
            variables: Vec::new(),
        }
    }

    /// And the fixture of this name beside it.
    pub(crate) fn plugin(self, name: &str) -> Self {
        self.library(name, &fixture(&format!("tw-plugin-{name}")))
    }

    /// And this library under this name.
    pub(crate) fn library(self, name: &str, library: &Path) -> Self {
        self.installation.add(name, library);
        self
    }

    /// And a file with this content under this name.
    pub(crate) fn file(self, name: &str, content: &[u8]) -> Self {
        self.installation.add_bytes(name, content);
        self
    }

    /// With files that no other test touches.
    pub(crate) fn with_own_files(self) -> Self {
        Self {
            installation: self.installation.with_own_files(),
            ..self
        }
    }

    /// And this variable in the environment.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// A command line in that environment.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
        self.within(self.installation.command(arguments))
    }

    /// This command line, in that environment.
    pub(crate) fn within(&self, command: Tw) -> Tw {
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

    /// What `tw plugin list -o json` says of all plugins.
    #[track_caller]
    pub(crate) fn list(&self) -> Vec<Value> {
        let list = self.tw(["plugin", "list", "-o", "json"]).exits(0).says("");
        let plugins = list.json()["plugins"].clone();
        plugins.as_array().expect("a list of plugins").clone()
    }

    /// What it says of the plugin of this name.
    #[track_caller]
    pub(crate) fn listed(&self, name: &str) -> Value {
        let list = self.list();
        let mut found = list.iter().filter(|plugin| plugin["name"] == name);
        let plugin = found
            .next()
            .unwrap_or_else(|| panic!("`{name}` isn't listed: {list:#?}"));
        assert!(found.next().is_none(), "`{name}` is listed twice");
        plugin.clone()
    }

    /// What `tw plugin list` says of this plugin below its table.
    #[track_caller]
    pub(crate) fn trouble(&self, name: &str) -> String {
        let list = self.tw(["plugin", "list"]).exits(0).says("").stdout;
        let begin = list
            .find(&format!("\n  {name}: "))
            .unwrap_or_else(|| panic!("nothing is said of `{name}`: {list}"));
        let rest = &list[begin + 1..];
        rest[..rest.find("\n\n").map_or(rest.len(), |end| end + 1)].to_owned()
    }

    /// The plugin is refused for this reason and with this mend, in at most eight lines, and nothing else suffers.
    #[track_caller]
    pub(crate) fn refuses(&self, name: &str, reason: &str, mend: &str) -> &Self {
        let listed = self.listed(name);
        assert_eq!(listed["state"], "broken", "{listed:#}");
        for (key, expected) in [("problem", reason), ("mend", mend)] {
            let said = listed[key].as_str().unwrap_or_default();
            assert!(said.contains(expected), "no {expected:?} in {listed:#}");
        }
        let trouble = self.trouble(name);
        assert!(trouble.lines().count() <= 8, "{trouble}");
        assert!(trouble.len() <= 1200, "{trouble}");
        assert!(
            trouble.contains(reason) && trouble.contains(mend),
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

    /// Everything else works, and help says in one line how many plugins don't.
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
        assert_eq!(self.listed("healthy")["state"], "ok");
        self
    }

    /// The plugin can be used.
    #[track_caller]
    pub(crate) fn accepts(&self, name: &str) -> &Self {
        let listed = self.listed(name);
        assert_eq!(listed["state"], "ok", "{listed:#}");
        self.others_work(0)
    }
}

/// The bytes of a fixture.
pub(crate) fn bytes(package: &str) -> Vec<u8> {
    std::fs::read(fixture(package)).expect("the fixture can be read")
}

/// The same bytes with every `from` replaced by `to`, which is as long.
#[track_caller]
pub(crate) fn patched(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
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

/// The fixture `numbered` with these numbers of the plugin, its command and its alias.
pub(crate) fn numbered(plugin: u16, command: u16, alias: u16) -> Vec<u8> {
    let mut library = bytes("tw-plugin-numbered");
    for (what, number) in [("numbered", plugin), ("command", command), ("alias", alias)] {
        let to = format!("{what}-{number:03}");
        library = patched(library, format!("{what}-000").as_bytes(), to.as_bytes());
    }
    library
}

/// Whether the tests run as root, for whom modes are no limit and who can give files away.
pub(crate) fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Says that a test, or a part of it, can't be made here.
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// A user and a group that are nobody's.
pub(crate) const STRANGER: u32 = 54321;

/// This command line run by somebody who isn't root: the one who runs the tests, or a stranger. None where that can't be.
pub(crate) fn by_a_stranger(given: &Given, arguments: &[&str]) -> Option<Ran> {
    if !is_root() {
        return Some(given.tw(arguments.iter().copied()));
    }
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
        skipped("no setpriv, or the target folder is closed to other users");
        return None;
    }
    let command = setpriv(&[&tw.to_string_lossy()]).args(arguments);
    Some(given.within(command).without_env("HOME").run())
}

fn open_to_all(folder: &Path) {
    mode(folder, 0o755);
}

/// Sets the mode of a file or a folder.
pub(crate) fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
        .expect("the mode can be set");
}
