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
