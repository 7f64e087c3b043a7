//! Tests of plugins. A test runs the real `tw` with the real library of the plugin, and says what the API answers.
//!
//! A plugin depends on this crate under `[dev-dependencies]`, and has its tests in the folder `tests`:
//!
//! ```no_run
//! use serde_json::json;
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
//! worth nothing, and no other environment than `PATH`, so a test can neither read nor change what the person has.
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
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use serde::Serialize;
use serde_json::json;
use tempfile::TempDir;

use self::api::Api;
pub use self::{api::Request, ran::Ran};

/// The access token of every run.
pub const TOKEN: &str = "a-token-for-tests";

/// `tw` with the plugin under test, and an API that answers as the test says.
#[derive(Debug)]
pub struct Tw {
    program: PathBuf,
    home: TempDir,
    api: Api,
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

    /// Answers a request, `METHOD PATH`, with the status 200 and this value as JSON. Replaces an earlier answer.
    ///
    /// # Panics
    /// If the value has no JSON form.
    pub fn answer(&self, request: &str, value: &impl Serialize) {
        self.answer_with(request, 200, value);
    }

    /// Answers a request, `METHOD PATH`, with this status and this value as JSON. Replaces an earlier answer.
    ///
    /// # Panics
    /// If the value has no JSON form.
    pub fn answer_with(&self, request: &str, status: u16, value: &impl Serialize) {
        let body = serde_json::to_vec(value).expect("the value has a JSON form");
        self.answer_bytes(request, status, body);
    }

    /// Answers a request, `METHOD PATH`, with this status and these bytes. Replaces an earlier answer.
    pub fn answer_bytes(&self, request: &str, status: u16, body: impl Into<Vec<u8>>) {
        self.api.answer(request, status, body.into());
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
            .env("TOWER_API_ENDPOINT", self.api.url())
            .env("TOWER_ACCESS_TOKEN", TOKEN)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
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
    // The test is TARGET/PROFILE/deps/TEST.
    let target = test
        .ancestors()
        .nth(3)
        .expect("the test is in cargo's target folder");
    let built = Command::new(variable("CARGO"))
        .args(["build", "--quiet", "--lib", "--target-dir"])
        .arg(target)
        .current_dir(variable("CARGO_MANIFEST_DIR"))
        .status();
    let is_built = built.is_ok_and(|status| status.success());
    assert!(is_built, "cargo can't build the library");
    let package = variable("CARGO_PKG_NAME")
        .to_string_lossy()
        .replace('-', "_");
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library = target
        .join("debug")
        .join(format!("{prefix}{package}{suffix}"));
    let name = library.display();
    assert!(
        library.exists(),
        "there is no {name}: set crate-type = [\"cdylib\"]"
    );
    library
}
