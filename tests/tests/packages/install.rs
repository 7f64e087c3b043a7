//! Installing a package: what is shown, what is refused, what is there afterwards.

use std::fs;

use crate::given::{FIRST, Given, SECOND, digest, library, packed, public_key};

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
    // Once more changes nothing, and asks nothing.
    given
        .tw(["plugin", "install", &package.display().to_string()])
        .exits(0)
        .prints("\n  Plugin 'fruit-001' 70.0.100 is already installed\n\n");
}

#[test]
fn a_file_has_no_newer_version_and_nobody_says_that_it_is_the_newest() {
    let given = Given::trusting();
    given
        .tw(["plugin", "upgrade", "--all"])
        .exits(0)
        .prints_with("No plugins are installed");
    given.installs(1, FIRST);
    given
        .tw(["plugin", "upgrade", "fruit-001"])
        .exits(0)
        .prints_with("which has only one version");
}

#[test]
fn an_older_version_is_installed_only_when_that_is_meant() {
    let given = Given::trusting();
    given.installs(1, SECOND);
    let older = given.package(1, FIRST, Some("acme"));
    given
        .install(&older)
        .fails_with("70.0.101 is installed, and 70.0.100 is older")
        .says_with("--allow-downgrade");
    given.runs(1, SECOND);
    let path = older.display().to_string();
    given
        .tw(["plugin", "install", "--yes", "--allow-downgrade", &path])
        .exits(0)
        .says_with("replaces    the installed plugin fruit-001 70.0.101");
    given.runs(1, FIRST);
}

#[test]
fn a_bundled_plugin_is_replaced_by_an_installed_one_of_its_name_until_that_is_removed() {
    let given = Given::trusting();
    given
        .installation
        .add_bytes("fruit-001", &library(1, FIRST));
    given.runs(1, FIRST);
    let package = given.package(1, SECOND, Some("acme"));
    given
        .install(&package)
        .exits(0)
        .says_with("replaces    the bundled plugin fruit-001 70.0.100");
    given.runs(1, SECOND);
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    given.runs(1, FIRST);
    given
        .tw(["plugin", "remove", "fruit-001"])
        .fails_with("`fruit-001` came with tw");
}

#[test]
fn the_bundled_plugins_work_beside_installed_ones() {
    let given = Given::trusting();
    for (name, library) in &tw_tests::artifacts().plugins {
        given
            .installation
            .add(name.trim_start_matches("tw-plugin-"), library);
    }
    given.installs(1, FIRST);
    given.tw(["secrets", "--help"]).exits(0).says("");
    given.runs(1, FIRST);
}

#[test]
fn a_plugin_is_listed_verified_and_removed() {
    let given = Given::trusting();
    given
        .tw(["plugin", "verify"])
        .exits(0)
        .prints_with("No plugins are installed");
    given.installs(1, FIRST);
    let info = given
        .tw(["plugin", "info", "fruit-001", "-o", "json"])
        .exits(0)
        .json();
    let info = &info["plugin"];
    assert_eq!(info["vendor"], "The fruiterers");
    assert_eq!(info["services"], serde_json::json!(["http", "workspace"]));
    assert_eq!(info["key"], public_key("acme"));
    assert_eq!(
        info["digest"],
        digest(&fs::read(packed(1, FIRST, Some("acme"))).unwrap())
    );
    given
        .tw(["plugin", "verify", "fruit-001"])
        .exits(0)
        .prints_with("ok");
    given
        .tw(["plugin", "verify", "fruit-002"])
        .fails_with("no plugin `fruit-002` is installed");
    given
        .tw(["plugin", "remove", "fruit-001"])
        .exits(0)
        .prints("\n  Plugin 'fruit-001' removed\n\n");
    given.has_no(1);
    given
        .tw(["plugin", "remove", "fruit-001"])
        .fails_with("no plugin `fruit-001` is installed");
    given
        .tw(["plugin", "info", "fruit-001"])
        .fails_with("There is no plugin `fruit-001`");
}

#[test]
fn what_has_no_end_is_not_read_to_its_end() {
    let given = Given::new();
    std::os::unix::fs::symlink("/dev/zero", given.work().join("endless.tar.gz")).unwrap();
    given
        .tw(["plugin", "install", "--yes", "endless.tar.gz"])
        .fails_with("can't be read: file too large");
    given
        .tw(["plugin", "sync", "--lockfile", "/dev/zero"])
        .fails_with("file too large");
    given
        .tw(["plugin", "key", "trust", "zero", "/dev/zero"])
        .exits(1);
}
