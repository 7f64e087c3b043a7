//! Builds the programs and libraries that the tests run: the workspace and the fixtures.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, OnceLock},
};

use serde_json::Value;

/// The build results of the workspace.
#[derive(Debug)]
pub struct Artifacts {
    /// The binary `tw`.
    pub tw: PathBuf,
    /// The plugin libraries, by package name.
    pub plugins: BTreeMap<String, PathBuf>,
    /// The binary `tw-sandbox`.
    pub sandbox: PathBuf,
}

/// Returns the root of the repository.
pub fn root() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the test crate is in a folder of the repository");
    folder.to_owned()
}

/// Builds the workspace in the profile of the tests. Builds once per process.
pub fn artifacts() -> &'static Artifacts {
    static BUILT: OnceLock<Artifacts> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut built = build(&root(), None);
        Artifacts {
            tw: built.remove("tw").expect("the workspace has a binary `tw`"),
            sandbox: built
                .remove("tw-sandbox")
                .expect("the workspace has a binary `tw-sandbox`"),
            plugins: built
                .into_iter()
                .filter(|(name, _)| name.starts_with("tw-plugin-"))
                .collect(),
        }
    })
}

/// Returns the target folder. All temporary files of the tests are below it too.
pub fn target() -> PathBuf {
    let tw = &artifacts().tw;
    tw.ancestors()
        .nth(2)
        .expect("a binary is in target/PROFILE")
        .to_owned()
}

/// Returns the library of a package in the workspace `tests/fixtures`.
pub fn fixture(package: &str) -> PathBuf {
    let built = fixtures_of("tests/fixtures");
    built
        .get(package)
        .unwrap_or_else(|| {
            panic!(
                "tests/fixtures has no package `{package}`: {:?}",
                built.keys()
            )
        })
        .clone()
}

/// Builds a workspace of fixtures and returns its binaries and libraries, by package name. Builds once per process, and in a target folder of its
/// own, because fixtures share names with the crates of the main workspace.
pub fn fixtures_of(folder: &str) -> BTreeMap<String, PathBuf> {
    static BUILT: Mutex<BTreeMap<String, BTreeMap<String, PathBuf>>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(done) = built.get(folder) {
        return done.clone();
    }
    let target = target().join("fixtures").join(folder.replace('/', "-"));
    let done = build(&root().join(folder), Some(&target));
    built.insert(folder.to_owned(), done.clone());
    done
}

/// Returns a `cargo` command for this folder.
fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder);
    // Cargo set variables for this test process that must not reach the build of another workspace.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_")
            && !matches!(
                name.as_str(),
                "CARGO_HOME" | "CARGO_TARGET_DIR" | "CARGO_INCREMENTAL"
            )
            && !name.starts_with("CARGO_NET")
            && !name.starts_with("CARGO_REGISTR")
            && !name.starts_with("CARGO_HTTP")
        {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Returns the compiler's messages for a workspace that must not compile. Uses a target folder of its own.
pub fn compile_error(folder: &str) -> String {
    let target = target().join("fixtures").join(folder.replace('/', "-"));
    let output = cargo(&root().join(folder))
        .args(["check", "--locked", "--target-dir"])
        .arg(target)
        .output()
        .expect("cargo runs");
    assert!(!output.status.success(), "{folder} compiles");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Builds a workspace and returns the binary or the cdylib of each package.
fn build(folder: &Path, target: Option<&Path>) -> BTreeMap<String, PathBuf> {
    let mut cargo = cargo(folder);
    cargo
        .args(["build", "--workspace", "--message-format=json", "--locked"])
        .stderr(Stdio::inherit());
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    if let Some(target) = target {
        cargo.arg("--target-dir").arg(target);
    }
    let output = cargo.output().expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo build failed in {}",
        folder.display()
    );
    let messages = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut built = BTreeMap::new();
    for message in messages.filter(|message| message["reason"] == "compiler-artifact") {
        let kinds = message["target"]["kind"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let name = message["target"]["name"]
            .as_str()
            .unwrap_or_default()
            .replace('_', "-");
        if let Some(binary) = message["executable"]
            .as_str()
            .filter(|_| kinds.iter().any(|kind| kind == "bin"))
        {
            built.insert(name, PathBuf::from(binary));
        } else if kinds.iter().any(|kind| kind == "cdylib") {
            let files = message["filenames"].as_array().cloned().unwrap_or_default();
            let library = files
                .iter()
                .filter_map(Value::as_str)
                .find(|file| file.ends_with(std::env::consts::DLL_SUFFIX));
            built.insert(
                name,
                PathBuf::from(library.expect("a cdylib has a library")),
            );
        }
    }
    built
}

/// Returns true if this program is installed. With `CI` set, a missing program fails the test instead.
pub fn has_program(program: &str) -> bool {
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

/// Returns a Python that has this module: Debian's own, or the first in the path. `None` if there is none; with `CI` set, the test fails instead.
pub fn find_python(module: &str) -> Option<&'static str> {
    let has_module = |python: &&str| {
        let import = format!("import {module}");
        let probe = Command::new(python).args(["-c", &import]).output();
        probe.is_ok_and(|output| output.status.success())
    };
    let found = ["/usr/bin/python3", "python3"].into_iter().find(has_module);
    assert!(
        found.is_some() || std::env::var_os("CI").is_none(),
        "python3-{module} is missing"
    );
    if found.is_none() {
        eprintln!("skipped: python3-{module} is missing");
    }
    found
}
