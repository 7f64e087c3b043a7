//! The layers of the source: which module may use which; the versions that crates require; the public API of the crates for plugin authors.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a failed test panics with its reason"
)]

mod crate_source;
mod paths;
mod public_api;
mod versions;

use std::{fs, path::Path};

use crate_source::CrateSource;

/// The top-level modules of `host/src`, from top to bottom. A module may use only itself and the modules below it.
const HOST_LAYERS: [&str; 19] = [
    "main",
    "fuzz",
    "cli",
    "package",
    "plugin",
    "store",
    "trust",
    "service",
    "credentials",
    "config",
    "owners",
    "error",
    "signals",
    "process",
    "stdio",
    "files",
    "runtime",
    "timing",
    "typed",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the test crate is in a folder of the repository")
}

fn load(folder: &str) -> CrateSource {
    CrateSource::load(root(), folder)
}

#[track_caller]
fn assert_no_problems(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn a_module_of_the_host_uses_only_modules_below_it() {
    let host = load("host/src");
    assert_no_problems(&host.layer_problems(&HOST_LAYERS));
}

/// With `--error-format json`, warnings and notes have keys of their own, so they must not be printed as plain text.
#[test]
fn warnings_and_notes_are_printed_by_their_functions() {
    let mut open = vec![root().join("host/src")];
    let mut problems = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("the folder is readable");
            open.extend(entries.map(|entry| entry.expect("the folder is readable").path()));
            continue;
        }
        let text = fs::read_to_string(&path).expect("the file is readable");
        let calls = text.split("print_error(").skip(1);
        let first_words = calls.map(|call| call.chars().take(80).collect::<String>());
        let is_plain = |call: &String| call.contains("\"warning: ") || call.contains("\"note: ");
        if first_words.into_iter().any(|call| is_plain(&call)) {
            problems.push(format!(
                "{}: use stdio::warn or stdio::note",
                path.display()
            ));
        }
    }
    assert_no_problems(&problems);
}

#[test]
fn the_modules_of_a_plugin_have_no_import_cycle() {
    let plugins = fs::read_dir(root().join("plugins")).expect("the folder of plugins is readable");
    let mut count = 0;
    for plugin in plugins {
        let name = plugin
            .expect("the folder of plugins is readable")
            .file_name();
        let folder = format!("plugins/{}/src", name.to_string_lossy());
        assert_no_problems(&load(&folder).cycle_problems());
        count += 1;
    }
    assert!(count > 0, "plugins/ is empty");
}
