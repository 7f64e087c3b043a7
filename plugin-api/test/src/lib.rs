//! Tests of plugins. A test runs the real `tw` with the real library of the plugin, and says what the API answers.
//!
//! A plugin depends on this crate under `[dev-dependencies]`, and has its tests in the folder `tests`:
//!
//! ```no_run
//! use serde_json::{Value, json};
//! use tw_plugin_test::Tw;
//!
//! let tw = Tw::new();
//! tw.answer("GET /pets", &json!({ "pets": [{ "name": "Rex" }] }));
//! let ran = tw.run(["pets", "list", "-o", "json"]).exits(0);
//! assert_eq!(ran.json(), json!([{ "name": "Rex" }]));
//! assert_eq!(tw.requests()[0].url, "/pets?max=100");
//! ```
//!
//! `tw` is the program in the variable `TW`, or the one on `PATH`. It has a home folder of its own, an access token that is
//! worth nothing, and no other environment than `PATH`, so a test neither reads nor changes anything else of its user.
//!
//! A mistake that `tw` warns the plugin's author of, such as a column of a table that no row has, fails the test.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't continue fails with the reason"
)]

mod api;
mod ran;

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use self::api::Api;
pub use self::{
    api::{Answer, Request},
    ran::Ran,
};

/// The access token of every run.
pub const TOKEN: &str = "a-token-for-tests";

/// `tw` with the plugin under test, and an API that answers as the test says.
#[derive(Debug)]
pub struct Tw {
    program: PathBuf,
    home: TempDir,
    api: Api,
    variables: Vec<(String, OsString)>,
}

impl Tw {
    /// Links the library of the plugin under test in an empty home folder, and starts the API.
    ///
    /// The API knows the user `tester` with the ID 1, who has no workspaces, and answers everything else with 404 until
    /// [`answer`](Self::answer) says otherwise.
    ///
    /// # Panics
    /// If there is no `tw`, or if `tw` refuses the library.
    pub fn new() -> Self {
        let program = std::env::var_os("TW").unwrap_or_else(|| "tw".into());
        Self::of(program.as_ref(), &library_under_test())
    }

    /// As [`new`](Self::new), with the `tw` and the library at these paths.
    ///
    /// # Panics
    /// If `tw` can't be started, or if it refuses the library.
    pub fn of(program: &Path, library: &Path) -> Self {
        let this = Self {
            program: program.to_owned(),
            home: tempfile::tempdir().expect("a temporary folder can be made"),
            api: Api::start(),
            variables: Vec::new(),
        };
        let user = json!({ "id": 1, "userName": "tester", "email": "tester@example.com" });
        this.answer("GET /user-info", &json!({ "user": user }));
        let workspaces = json!({ "orgsAndWorkspaces": [] });
        this.answer("GET /user/1/workspaces", &workspaces);
        let link = [
            OsStr::new("plugin"),
            OsStr::new("link"),
            library.as_os_str(),
        ];
        let linked = this.start(link, "");
        assert!(linked.code == 0, "the plugin can't be linked: {linked}");
        this
    }

    /// Answers a request, `METHOD PATH`, with the status 200 and this value as JSON. Replaces an earlier answer. A path with
    /// a query, `GET /pets?offset=100`, takes precedence over the same path without one.
    ///
    /// # Panics
    /// If the value has no JSON form.
    pub fn answer(&self, request: &str, value: &impl Serialize) {
        self.answer_with(request, Answer::json(200, value));
    }

    /// Answers a request as [`answer`](Self::answer) does, with any status, headers and body.
    pub fn answer_with(&self, request: &str, answer: Answer) {
        self.api.answer(request, answer);
    }

    /// Sets an environment variable of all further runs.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Writes `tw`'s configuration file, whose section `[plugin.NAME]` has the settings of a plugin.
    ///
    /// # Panics
    /// If the file can't be written.
    #[must_use]
    pub fn config(self, text: &str) -> Self {
        let folder = self.home().join("config").join("tw");
        std::fs::create_dir_all(&folder).expect("the home folder can be written");
        std::fs::write(folder.join("config.toml"), text).expect("the home folder can be written");
        self
    }

    /// Returns the requests that the API has received, in their order. Those of [`new`](Self::new) are not among them.
    pub fn requests(&self) -> Vec<Request> {
        self.api.requests()
    }

    /// Returns the home folder, in which commands run.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs `tw` with these arguments and an empty standard input.
    ///
    /// # Panics
    /// If `tw` can't be started. If `tw` warns of a mistake of the plugin's author.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        self.run_with_input(arguments, "")
    }

    /// Runs `tw` with these arguments and this standard input.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn run_with_input<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: &str,
    ) -> Ran {
        let ran = self.start(arguments, input);
        assert!(
            !ran.stderr.contains("tell its author"),
            "the plugin has a mistake: {ran}"
        );
        ran
    }

    fn start<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>, input: &str) -> Ran {
        let mut command = Command::new(&self.program);
        command
            // The API has no certificate.
            .arg("--insecure")
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .env("TOWER_API_ENDPOINT", self.api.url())
            .env("TOWER_ACCESS_TOKEN", TOKEN)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        Ran::of(command, input)
    }
}

impl Default for Tw {
    fn default() -> Self {
        Self::new()
    }
}

/// Builds the library of the package whose test this is, once per process, and returns the library's path. Cargo builds no
/// `cdylib` for a test.
fn library_under_test() -> PathBuf {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(build_library).clone()
}

fn build_library() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).expect("cargo runs the test");
    let test = std::env::current_exe().expect("the test has a path");
    // The test is PROFILE/deps/TEST in cargo's target folder, or in the folder of a platform there.
    let target = test
        .ancestors()
        .nth(3)
        .expect("the test is in cargo's target folder");
    let built = Command::new(variable("CARGO"))
        .args([
            "build",
            "--quiet",
            "--lib",
            "--message-format=json",
            "--target-dir",
        ])
        .arg(target)
        .current_dir(variable("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be started");
    assert!(built.status.success(), "cargo can't build the library");
    let messages = String::from_utf8_lossy(&built.stdout);
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let manifest = Path::new(&variable("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let is_plugin = |message: &Value| {
        let kinds = message["target"]["crate_types"].as_array();
        let is_library = kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "cdylib"));
        is_library && message["manifest_path"].as_str().map(Path::new) == Some(&manifest)
    };
    let mut files = messages.filter(is_plugin).filter_map(|message: Value| {
        let mut files = message["filenames"]
            .as_array()?
            .iter()
            .filter_map(Value::as_str);
        let library = files.find(|file| file.ends_with(std::env::consts::DLL_SUFFIX));
        library.map(PathBuf::from)
    });
    let library = files.next();
    library.expect("the crate makes a library: set crate-type = [\"cdylib\"]")
}
