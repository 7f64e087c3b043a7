//! Linking: a library under development runs from the place where it is built.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::given::{FIRST, Given, SECOND, THIRD, library};

/// Writes the library of this fruit into a folder. A new file replaces an old one, as with a linker.
pub(crate) fn build(folder: &Path, number: u16, version: &str) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(format!("libtw_plugin_fruit_{number:03}.so"));
    let new = folder.join("new");
    fs::write(&new, library(number, version)).unwrap();
    fs::rename(&new, &path).unwrap();
    path
}

/// Creates a crate of this fruit that was not built. Its table of a workspace keeps cargo from looking for a workspace above it.
pub(crate) fn create_crate(folder: &Path, number: u16, workspace: &str) -> PathBuf {
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    let manifest = format!(
        "[package]\nname = \"tw-plugin-fruit-{number:03}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
         [lib]\ncrate-type = [\"cdylib\"]\n{workspace}"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    folder.to_owned()
}

/// Sets the modification time of a file to this many seconds ago.
fn set_age(path: &Path, seconds: u64) {
    let then = SystemTime::now() - Duration::from_secs(seconds);
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(then).unwrap();
}

pub(crate) fn link(given: &Given, path: &Path) -> tw_tests::Ran {
    given.tw(["plugin", "link", &path.display().to_string()])
}

#[test]
fn a_linked_library_runs_from_its_own_place() {
    let given = Given::new();
    let path = build(&given.work().join("build"), 1, FIRST);
    link(&given, &path).exits(0).says("").prints(&format!(
        "\n  Plugin 'fruit-001' linked to {}\n\n",
        path.display()
    ));
    given.runs(1, FIRST);
    let listed = given.list_entry("fruit-001");
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
fn a_link_does_not_depend_on_the_working_directory() {
    let given = Given::new();
    build(&given.work().join("build"), 1, FIRST);
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
fn a_rebuilt_library_runs_at_the_next_command() {
    let given = Given::new();
    let folder = given.work().join("build");
    let path = build(&folder, 1, FIRST);
    link(&given, &path).exits(0);
    for version in [SECOND, THIRD, FIRST] {
        build(&folder, 1, version);
        given.runs(1, version);
        assert_eq!(given.list_entry("fruit-001")["version"], version);
    }
    // `cp` overwrites the old file instead of replacing it.
    fs::write(&path, library(1, SECOND)).unwrap();
    given.runs(1, SECOND);
}

#[test]
fn linking_a_crate_picks_the_library_that_was_built_last() {
    let given = Given::new().with_cargo();
    let folder = create_crate(&given.work().join("fruit"), 1, "[workspace]\n");
    let path = folder.display().to_string();
    link(&given, &folder)
        .fails_with("libtw_plugin_fruit_001.so isn't built in its `target` folder")
        .says_with("cargo build --release");
    let release = build(&folder.join("target/release"), 1, FIRST);
    link(&given, &folder).exits(0);
    given.runs(1, FIRST);
    // A later build is used without linking again, in whichever profile it is.
    let debug = build(&folder.join("target/debug"), 1, SECOND);
    set_age(&release, 60);
    given.runs(1, SECOND);
    assert_eq!(given.list_entry("fruit-001")["version"], SECOND);
    build(&folder.join("target/release"), 1, THIRD);
    set_age(&debug, 30);
    given.runs(1, THIRD);
    fs::remove_file(&release).unwrap();
    given.runs(1, SECOND);
    build(&folder.join("target/release"), 1, FIRST);
    set_age(&debug, 120);
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
fn linking_a_crate_finds_the_target_folder_of_its_workspace() {
    let given = Given::new().with_cargo();
    let folder = create_crate(&given.work().join("workspace/plugins/fruit"), 1, "");
    let members = "[workspace]\nmembers = [\"plugins/*\"]\nresolver = \"3\"\n";
    fs::write(given.work().join("workspace/Cargo.toml"), members).unwrap();
    // A library of the same name above the workspace is not the crate's.
    build(&given.work().join("target/release"), 1, THIRD);
    build(&given.work().join("workspace/target/release"), 1, FIRST);
    link(&given, &folder).exits(0);
    given.runs(1, FIRST);
    let elsewhere = build(&given.work().join("elsewhere/debug"), 1, SECOND);
    set_age(
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
fn a_missing_linked_library_is_reported_until_it_is_built() {
    let given = Given::trusting();
    given.installs(2, FIRST);
    let path = build(&given.work().join("build"), 1, FIRST);
    link(&given, &path).exits(0);
    given.runs(1, FIRST);
    fs::remove_file(&path).unwrap();
    given
        .tw(["fruit-001"])
        .fails_with("The plugin `fruit-001` cannot be used: the file no longer exists")
        .says_with("`tw plugin unlink` forgets a linked plugin");
    let listed = given.list_entry("fruit-001");
    assert_eq!(listed["state"], "broken");
    assert_eq!(listed["origin"], "linked");
    let problem = listed["problem"].as_str().unwrap();
    assert!(problem.contains("the file no longer exists"), "{problem}");
    given.runs(2, FIRST);
    // The command works again once the library is built.
    build(&given.work().join("build"), 1, SECOND);
    given.runs(1, SECOND);
}

#[test]
fn a_link_to_a_missing_library_can_be_removed() {
    let given = Given::new();
    let path = build(&given.work().join("build"), 1, FIRST);
    link(&given, &path).exits(0);
    fs::remove_dir_all(given.work().join("build")).unwrap();
    given.tw(["plugin", "unlink", "fruit-001"]).exits(0);
    given
        .tw(["fruit-001"])
        .rejects("unrecognized subcommand")
        .never_shows("warning");
    assert!(given.list_entries("fruit-001").is_empty());
}

#[test]
fn a_link_replaces_an_installed_plugin_until_unlinked() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    given.runs(1, FIRST);
    let path = build(&given.work().join("build"), 1, SECOND);
    link(&given, &path).exits(0);
    given.runs(1, SECOND);
    let entries = given.list_entries("fruit-001");
    let states: Vec<(&str, &str)> = entries
        .iter()
        .map(|plugin| {
            (
                plugin["origin"].as_str().unwrap(),
                plugin["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(states, [("installed", "replaced"), ("linked", "ok")]);
    // The linked library still runs after a newer version is installed.
    given.installs(1, THIRD);
    given.runs(1, SECOND);
    given
        .tw(["plugin", "unlink", "fruit-001"])
        .exits(0)
        .says("")
        .prints("\n  Plugin 'fruit-001' unlinked\n\n");
    given.runs(1, THIRD);
    assert!(path.exists(), "unlinking leaves the library in place");
}

#[test]
fn a_link_replaces_a_bundled_plugin_until_unlinked() {
    let given = Given::new();
    given
        .installation
        .add_bytes("fruit-001", &library(1, FIRST));
    given.runs(1, FIRST);
    link(&given, &build(&given.work().join("build"), 1, SECOND)).exits(0);
    given.runs(1, SECOND);
    given.tw(["plugin", "unlink", "fruit-001"]).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn linking_again_replaces_the_link() {
    let given = Given::new();
    link(&given, &build(&given.work().join("one"), 1, FIRST)).exits(0);
    link(&given, &build(&given.work().join("two"), 1, SECOND)).exits(0);
    given.runs(1, SECOND);
    given.tw(["plugin", "unlink", "fruit-001"]).exits(0);
    given.has_no(1);
}

#[test]
fn a_file_that_is_no_plugin_is_not_linked() {
    let given = Given::new();
    let library = build(&given.work().join("build"), 1, FIRST);
    let renamed = given.work().join("libtw_plugin_other.so");
    fs::copy(&library, &renamed).unwrap();
    link(&given, &renamed)
        .fails_with("the library of `fruit-001` must be called libtw_plugin_fruit_001.so");
    let text = given.work().join("libtw_plugin_fruit_001.so");
    fs::write(&text, "This is a text, and no plugin.").unwrap();
    link(&given, &text).fails_with(&format!("Cannot link {}", text.display()));
    fs::write(&text, "").unwrap();
    link(&given, &text).fails_with("Cannot link");
    // The first half of a plugin's library.
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
        "only the renamed copy of the plugin was mapped"
    );
    given.has_no(1);
    assert!(given.list_entries("fruit-001").is_empty());
}

#[test]
fn a_plugin_that_is_not_linked_cannot_be_unlinked() {
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
fn a_linked_plugin_cannot_be_removed_only_unlinked() {
    let given = Given::new();
    link(&given, &build(&given.work().join("build"), 1, FIRST)).exits(0);
    given
        .tw(["plugin", "remove", "fruit-001"])
        .fails_with("`fruit-001` is linked, not installed")
        .says_with("`tw plugin unlink fruit-001`");
    given.runs(1, FIRST);
}

#[test]
fn linking_a_crate_with_another_name_for_its_library_finds_the_library() {
    let given = Given::new().with_cargo();
    let folder = given.work().join("fruit");
    create_crate(&folder, 7, "[workspace]\n");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let renamed = manifest.replace("[lib]\n", "[lib]\nname = \"tw_plugin_fruit_001\"\n");
    fs::write(folder.join("Cargo.toml"), renamed).unwrap();
    build(&folder.join("target/release"), 1, FIRST);
    link(&given, &folder).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn linking_a_folder_without_a_plugins_crate_says_why() {
    let given = Given::new().with_cargo();
    let folder = given.work().join("empty");
    fs::create_dir_all(&folder).unwrap();
    link(&given, &folder).fails_with("cargo finds no crate in");
    let folder = create_crate(&given.work().join("program"), 1, "[workspace]\n");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest.replace("cdylib", "lib")).unwrap();
    link(&given, &folder).fails_with("makes no shared library");
}

#[test]
fn a_path_that_a_lock_file_cannot_hold_leaves_the_lock_as_it_was() {
    use std::os::unix::ffi::OsStrExt as _;

    let given = Given::new();
    link(&given, &build(&given.work().join("build"), 1, FIRST)).exits(0);
    let folder = given.work().join(std::ffi::OsStr::from_bytes(b"n\xffw"));
    let path = build(&folder, 2, SECOND);
    let ran = given.command(["plugin", "link"]).args([&path]).run();
    ran.exits(1).says_with("valid Unicode");
    given.runs(1, FIRST);
}
