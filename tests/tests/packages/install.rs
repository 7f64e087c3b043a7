//! Installing a package: what is shown, what is refused, what is there afterwards.

use std::fs;

use crate::given::{FIRST, Given, SECOND, digest, library, patched, public_key};

#[test]
fn a_signed_package_is_shown_installed_and_run() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let ran = given.install(&package).exits(0);
    ran.says_with("fruit-001 70.0.100")
        .says_with(&format!("publisher   acme ({})", public_key("acme")))
        .says_with(&digest(&fs::read(&package).unwrap()))
        .says_with("commands    tw fruit-001")
        .says_with("services    http, workspace")
        .prints("\n  Plugin 'fruit-001' 70.0.100 installed\n\n");
    assert_eq!(given.marks(), 0, "installing runs no code of the plugin");
    given.runs(1, FIRST);
    assert_eq!(given.marks(), 1);
    let listed = given.listed("fruit-001");
    assert_eq!(listed["origin"], "installed");
    assert_eq!(listed["publisher"], "acme");
    assert_eq!(listed["state"], "ok");
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_installed() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let ran = given.tw(["plugin", "install", &package.display().to_string()]);
    ran.says_with("fruit-001 70.0.100").misused("--yes");
    given.has_no(1);
}

#[test]
fn a_library_that_was_changed_is_refused_before_any_of_its_code_runs() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let folder = given.store().join(&given.stored()[0]);
    let path = folder.join("libtw_plugin_fruit_001.so");
    let changed = patched(library(1, FIRST), FIRST.as_bytes(), SECOND.as_bytes());
    fs::write(path, changed).unwrap();
    given
        .tw(["fruit-001"])
        .fails_with("its library is not what was meant");
    assert_eq!(given.marks(), 0);
    given.tw(["plugin", "sync"]).exits(0);
    given.runs(1, FIRST);
}
