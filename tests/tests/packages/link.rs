//! Linking: a library under development is used from where it is built.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::given::{FIRST, Given, SECOND, THIRD, library};

/// Builds this fruit in this folder: a new file in the place of the old one, as linkers do it.
fn built(folder: &Path, number: u16, version: &str) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(format!("libtw_plugin_fruit_{number:03}.so"));
    let new = folder.join("new");
    fs::write(&new, library(number, version)).unwrap();
    fs::rename(&new, &path).unwrap();
    path
}

/// A crate of this fruit, with nothing built.
fn a_crate(folder: &Path, number: u16) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let manifest =
        format!("[package]\nname = \"tw-plugin-fruit-{number:03}\"\nversion = \"1.0.0\"\n");
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    folder.to_owned()
}

/// Says that this file was made so long ago.
fn ages(path: &Path, seconds: u64) {
    let then = SystemTime::now() - Duration::from_secs(seconds);
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(then).unwrap();
}

fn link(given: &Given, path: &Path) -> tw_tests::Ran {
    given.tw(["plugin", "link", &path.display().to_string()])
}

#[test]
fn a_linked_library_runs_from_where_it_is() {
    let given = Given::new();
    let path = built(&given.work().join("build"), 1, FIRST);
    link(&given, &path).exits(0).says("").prints(&format!(
        "\n  Plugin 'fruit-001' linked to {}\n\n",
        path.display()
    ));
    given.runs(1, FIRST);
    let listed = given.listed("fruit-001");
    assert_eq!(listed["origin"], "linked");
    assert_eq!(listed["state"], "ok");
    assert_eq!(listed["version"], FIRST);
    assert_eq!(listed["path"], path.display().to_string());
    assert!(listed.get("publisher").is_none(), "{listed}");
    given
        .tw(["plugin", "list"])
        .exits(0)
        .prints_with("linked")
        .prints_with(&path.display().to_string());
    given
        .tw(["plugin", "info", "fruit-001"])
        .exits(0)
        .prints_with("linked");
}

#[test]
fn a_link_does_not_depend_on_where_one_stands() {
    let given = Given::new();
    built(&given.work().join("build"), 1, FIRST);
    given
        .tw(["plugin", "link", "build/libtw_plugin_fruit_001.so"])
        .exits(0);
    given
        .command(["fruit-001", "-o", "json"])
        .from(Path::new("/"))
        .run()
        .exits(0)
        .prints_with(FIRST);
}

#[test]
fn what_was_built_anew_is_what_runs_next() {
    let given = Given::new();
    let folder = given.work().join("build");
    let path = built(&folder, 1, FIRST);
    link(&given, &path).exits(0);
    for version in [SECOND, THIRD, FIRST] {
        built(&folder, 1, version);
        given.runs(1, version);
        assert_eq!(given.listed("fruit-001")["version"], version);
    }
    // Over the old file, as `cp` does it.
    fs::write(&path, library(1, SECOND)).unwrap();
    given.runs(1, SECOND);
}

#[test]
fn of_a_crate_the_library_that_was_built_last_is_linked() {
    let given = Given::new();
    let folder = a_crate(&given.work().join("fruit"), 1);
    let path = folder.display().to_string();
    link(&given, &folder)
        .fails_with("libtw_plugin_fruit_001.so isn't built in its `target` folder")
        .says_with("cargo build --release");
    let release = built(&folder.join("target/release"), 1, FIRST);
    link(&given, &folder).exits(0);
    given.runs(1, FIRST);
    let debug = built(&folder.join("target/debug"), 1, SECOND);
    ages(&release, 60);
    link(&given, &folder).exits(0);
    given.runs(1, SECOND);
    ages(&debug, 120);
    let linked = given
        .tw(["plugin", "link", &path, "-o", "json"])
        .exits(0)
        .says("")
        .json();
    assert_eq!(linked["name"], "fruit-001");
    assert_eq!(linked["path"], release.display().to_string());
    given.runs(1, FIRST);
}

#[test]
fn the_library_of_a_member_of_a_workspace_is_found() {
    let given = Given::new();
    let folder = a_crate(&given.work().join("workspace/plugins/fruit"), 1);
    built(&given.work().join("workspace/target/release"), 1, FIRST);
    link(&given, &folder).exits(0);
    given.runs(1, FIRST);
    let elsewhere = built(&given.work().join("elsewhere/debug"), 1, SECOND);
    ages(
        &given
            .work()
            .join("workspace/target/release/libtw_plugin_fruit_001.so"),
        60,
    );
    given
        .command(["plugin", "link", &folder.display().to_string()])
        .env("CARGO_TARGET_DIR", given.work().join("elsewhere"))
        .run()
        .exits(0)
        .prints_with(&elsewhere.display().to_string());
    given.runs(1, SECOND);
}

#[test]
fn a_linked_library_that_is_gone_is_one_clear_message() {
    let given = Given::trusting();
    given.installs(2, FIRST);
    let path = built(&given.work().join("build"), 1, FIRST);
    link(&given, &path).exits(0);
    given.runs(1, FIRST);
    fs::remove_file(&path).unwrap();
    given
        .tw(["fruit-001"])
        .fails_with("The plugin `fruit-001` cannot be used: the file no longer exists")
        .says_with("`tw plugin unlink` forgets one that was linked");
    let listed = given.listed("fruit-001");
    assert_eq!(listed["state"], "broken");
    assert_eq!(listed["origin"], "linked");
    let problem = listed["problem"].as_str().unwrap();
    assert!(problem.contains("the file no longer exists"), "{problem}");
    given.runs(2, FIRST);
    // It is back as soon as it is built.
    built(&given.work().join("build"), 1, SECOND);
    given.runs(1, SECOND);
}

#[test]
fn a_link_to_what_is_gone_can_be_taken_away() {
    let given = Given::new();
    let path = built(&given.work().join("build"), 1, FIRST);
    link(&given, &path).exits(0);
    fs::remove_dir_all(given.work().join("build")).unwrap();
    given.tw(["plugin", "unlink", "fruit-001"]).exits(0);
    given
        .tw(["fruit-001"])
        .misused("unrecognized subcommand")
        .never_shows("warning");
    given
        .tw(["plugin", "list"])
        .exits(0)
        .prints_with("No plugins found");
}

#[test]
fn a_link_is_used_in_the_place_of_what_is_installed_and_unlinking_brings_that_back() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    given.runs(1, FIRST);
    let path = built(&given.work().join("build"), 1, SECOND);
    link(&given, &path).exits(0);
    given.runs(1, SECOND);
    let list = given.tw(["plugin", "list", "-o", "json"]).exits(0).json();
    let states: Vec<(&str, &str)> = list["plugins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plugin| {
            (
                plugin["origin"].as_str().unwrap(),
                plugin["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(states, [("installed", "replaced"), ("linked", "ok")]);
    // A newer one that is installed meanwhile doesn't change that.
    given.installs(1, THIRD);
    given.runs(1, SECOND);
    given
        .tw(["plugin", "unlink", "fruit-001"])
        .exits(0)
        .says("")
        .prints("\n  Plugin 'fruit-001' unlinked\n\n");
    given.runs(1, THIRD);
    assert!(path.exists(), "the library is its owner's");
}

#[test]
fn a_link_is_used_in_the_place_of_a_bundled_plugin() {
    let given = Given::new();
    given
        .installation
        .add_bytes("fruit-001", &library(1, FIRST));
    given.runs(1, FIRST);
    link(&given, &built(&given.work().join("build"), 1, SECOND)).exits(0);
    given.runs(1, SECOND);
    given.tw(["plugin", "unlink", "fruit-001"]).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn linking_again_leads_to_the_new_place() {
    let given = Given::new();
    link(&given, &built(&given.work().join("one"), 1, FIRST)).exits(0);
    link(&given, &built(&given.work().join("two"), 1, SECOND)).exits(0);
    given.runs(1, SECOND);
    given.tw(["plugin", "unlink", "fruit-001"]).exits(0);
    given.has_no(1);
}

#[test]
fn what_cannot_be_linked_is_refused_and_nothing_changes() {
    let given = Given::new();
    let library = built(&given.work().join("build"), 1, FIRST);
    let renamed = given.work().join("libtw_plugin_other.so");
    fs::copy(&library, &renamed).unwrap();
    link(&given, &renamed)
        .fails_with("the library of `fruit-001` is called libtw_plugin_fruit_001.so");
    let text = given.work().join("libtw_plugin_fruit_001.so");
    fs::write(&text, "This is a text, and no plugin.").unwrap();
    link(&given, &text).fails_with(&format!("Cannot link {}", text.display()));
    fs::write(&text, "").unwrap();
    link(&given, &text).fails_with("Cannot link");
    // A library for another purpose: the first half of one that is a plugin.
    let whole = fs::read(&library).unwrap();
    fs::write(&text, &whole[..whole.len() / 2]).unwrap();
    link(&given, &text).fails_with("Cannot link");
    let binary = given.installation.tw();
    link(&given, &binary).fails_with("Cannot link");
    link(&given, &given.work().join("nothing")).fails_with("No such file");
    link(&given, &given.work()).fails_with("No such file");
    assert_eq!(
        given.marks(),
        1,
        "only what is a plugin was asked what it is"
    );
    given.has_no(1);
    given
        .tw(["plugin", "list"])
        .exits(0)
        .prints_with("No plugins found");
}

#[test]
fn what_is_not_linked_cannot_be_unlinked() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    for name in ["fruit-001", "fruit-002"] {
        given
            .tw(["plugin", "unlink", name])
            .fails_with(&format!("no plugin `{name}` is linked"));
    }
    given.runs(1, FIRST);
}

#[test]
fn what_is_linked_is_unlinked_and_not_removed() {
    let given = Given::new();
    link(&given, &built(&given.work().join("build"), 1, FIRST)).exits(0);
    given
        .tw(["plugin", "remove", "fruit-001"])
        .fails_with("`fruit-001` is linked, not installed")
        .says_with("`tw plugin unlink fruit-001`");
    given.runs(1, FIRST);
}

#[test]
fn a_linked_library_may_be_written_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let given = Given::new();
    let path = built(&given.work().join("build"), 1, FIRST);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
    link(&given, &path).exits(0);
    given.runs(1, FIRST);
}
