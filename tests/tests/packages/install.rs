//! Installing a package: the summary that is shown, the reasons to refuse, and the result.

use std::fs;

use crate::given::{FIRST, Given, SECOND, describe, digest, library, pack, public_key};

#[test]
fn a_signed_package_is_summarized_installed_and_run() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let ran = given.install(&package);
    let path = package.display().to_string();
    let values = [
        (path.as_str(), "[PACKAGE]"),
        (&public_key("acme"), "[KEY OF ACME]"),
        (
            &digest(&fs::read(&package).unwrap()),
            "[DIGEST OF THE PACKAGE]",
        ),
    ];
    insta::assert_snapshot!("summary_of_a_signed_package", describe(&ran, &values));
    assert_eq!(given.marks(), 0, "installing runs no code of the plugin");
    given.runs(1, FIRST);
    assert_eq!(given.marks(), 1);
    let listed = given.list_entry("fruit-001");
    assert_eq!(listed["origin"], "installed");
    assert_eq!(listed["publisher"], "acme");
    assert_eq!(listed["state"], "ok");
    // Installing the same package again changes nothing and needs no confirmation.
    given
        .tw(["plugin", "install", &path])
        .exits(0)
        .prints("\n  Plugin 'fruit-001' 70.0.100 is already installed\n\n");
}

#[test]
fn upgrade_says_that_a_plugin_from_a_file_has_no_upgrades() {
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
fn an_older_version_needs_allow_downgrade() {
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
fn an_installed_plugin_replaces_a_bundled_one_until_removed() {
    let given = Given::trusting();
    given
        .installation
        .add_bytes("fruit-001", &library(1, FIRST));
    given.runs(1, FIRST);
    let package = given.package(1, SECOND, Some("acme"));
    given
        .install_with(&["--replace-bundled"], &package)
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
fn bundled_and_installed_plugins_work_side_by_side() {
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
fn an_installed_plugin_can_be_inspected_verified_and_removed() {
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
        digest(&fs::read(pack(1, FIRST, Some("acme"))).unwrap())
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
fn an_endless_file_is_refused() {
    let given = Given::new();
    std::os::unix::fs::symlink("/dev/zero", given.work().join("endless.tar.gz")).unwrap();
    given
        .tw(["plugin", "install", "--yes", "endless.tar.gz"])
        .fails_with("can't be read: file too large");
    given
        .tw(["plugin", "sync", "--lockfile", "/dev/zero"])
        .fails_with("the lock file /dev/zero isn't safe: everybody can write /dev/zero")
        .says_with("it must be in a folder that only root and you can write");
    given
        .trust("zero", "/dev/zero", &["*"])
        .fails_with("the key /dev/zero isn't safe: everybody can write /dev/zero");
}
