//! Loading: only the library that was installed is mapped, and only when its command runs.

use std::{fs, path::PathBuf};

use serde_json::json;

use crate::{
    given::{FIRST, Given, SECOND, library, patch, secret_key},
    machine::{Stopped, lines_about, number_in_its_thread, strace_works, trace},
};

#[test]
fn none_of_the_code_of_a_damaged_library_runs() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let path = given.installed_library(1);
    let good = fs::read(&path).unwrap();
    for part in 0..24 {
        let at = good.len() * part / 24;
        let mut bad = good.clone();
        bad[at] ^= 1 << (part % 8);
        fs::write(&path, bad).unwrap();
        given
            .tw(["fruit-001"])
            .says_with("`tw plugin sync` installs `fruit-001` again from its source")
            .fails_with("its library doesn't match its digest");
        assert_eq!(given.marks(), 0, "byte {at}");
    }
    for bad in [&good[..good.len() - 1], &[&good[..], b"\0"].concat(), b""] {
        fs::write(&path, bad).unwrap();
        given.tw(["fruit-001"]).exits(1);
        assert_eq!(given.list_entry("fruit-001")["state"], "broken");
        given
            .tw(["plugin", "verify"])
            .exits(1)
            .prints_with("broken");
    }
    fs::remove_file(&path).unwrap();
    given
        .tw(["fruit-001"])
        .fails_with("its installed files can't be read");
    // The library of another installed plugin is refused in its place too.
    given.installs(2, FIRST);
    fs::copy(given.installed_library(2), &path).unwrap();
    given
        .tw(["fruit-001"])
        .fails_with("its library doesn't match its digest");
    assert_eq!(given.marks(), 0);
    given.tw(["plugin", "sync"]).exits(0);
    given.runs(1, FIRST);
    given.has_nothing_broken();
}

#[test]
fn a_damaged_manifest_is_refused_until_sync_repairs_it() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let path = given.installed_file(1, "manifest.json");
    let good = fs::read(&path).unwrap();
    for part in 0..12 {
        let at = good.len() * part / 12;
        let mut bad = good.clone();
        bad[at] ^= 1 << (part % 8);
        fs::write(&path, bad).unwrap();
        // The cache still has the manifest from before the damage.
        let _ = fs::remove_file(given.installation.index());
        given
            .tw(["fruit-001"])
            .fails_with("its manifest doesn't match its digest");
        assert_eq!(given.marks(), 0, "byte {at}");
        let listed = given.list_entry("fruit-001");
        assert_eq!(listed["state"], "broken");
        let problem = listed["problem"].as_str().unwrap();
        assert!(
            problem.contains("its manifest doesn't match its digest"),
            "{problem}"
        );
        given.tw(["plugin", "verify"]).exits(1);
        let ran = given.tw(["--help"]).exits(0);
        assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
        assert_eq!(given.marks(), 0, "byte {at}");
        given.tw(["plugin", "sync"]).exits(0);
        given.runs(1, FIRST);
        given.has_nothing_broken();
        given.marks();
    }
}

#[test]
fn help_typos_and_other_commands_open_no_installed_plugin() {
    if !strace_works() {
        return;
    }
    let given = Given::trusting();
    for number in 1..=12 {
        given.installs(number, FIRST);
    }
    let given = given.with_own_files();
    given.fill_cache();
    let calls = "open,openat,openat2,execve,memfd_create";
    let opened = |line: &[&str], exit: i32| {
        let (ran, lines) = trace(&given, calls, line);
        let opened = lines
            .into_iter()
            .filter(|line| line.contains("libtw_plugin_") || line.contains("manifest.json"));
        (ran.exits(exit), opened.collect::<Vec<_>>())
    };
    for (line, exit) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["fruit-007", "--help"], 0),
        (&["friut-007"], 2),
        (&["fruit-007", "--nmae"], 2),
        (&["completion", "bash"], 0),
        (&["plugin", "--help"], 0),
        (&["plugin", "key", "list"], 0),
        (&[], 255),
    ] {
        let (_, opened) = opened(line, exit);
        assert!(opened.is_empty(), "{line:?}: {opened:#?}");
    }
    let (ran, one) = opened(&["healthy"], 0);
    ran.prints("\n  All is well\n\n").says("");
    assert_eq!(one.len(), 1, "{one:#?}");
    assert!(one[0].contains("libtw_plugin_healthy"), "{one:#?}");
    let (ran, one) = opened(&["fruit-007", "-o", "json"], 0);
    assert_eq!(ran.json()["fruit"], "fruit-007");
    assert_eq!(one.len(), 1, "{one:#?}");
    assert!(one[0].contains("libtw_plugin_fruit_007"), "{one:#?}");
    assert_eq!(
        given.marks(),
        1,
        "only one of the command lines runs a fruit"
    );
}

#[test]
fn completion_opens_no_installed_plugin() {
    if !strace_works() {
        return;
    }
    let given = Given::trusting();
    for number in 1..=12 {
        given.installs(number, FIRST);
    }
    let given = given.with_own_files();
    given.fill_cache();
    let line = ["__complete", "fish", "--", "tw", "fruit-0"];
    let (ran, lines) = trace(&given, "open,openat,openat2", &line);
    assert_eq!(ran.exits(0).says("").stdout.matches("fruit-").count(), 12);
    let cache = given.installation.index().display().to_string();
    assert_eq!(lines_about(&lines, &cache).len(), 1, "{lines:#?}");
    assert!(
        lines_about(&lines, "libtw_plugin_").is_empty(),
        "{lines:#?}"
    );
    assert!(
        lines_about(&lines, "manifest.json").is_empty(),
        "{lines:#?}"
    );
}

/// The store changes after `tw` has read the lock and before it loads the library.
#[test]
fn a_started_command_runs_the_version_it_started_with_or_fails() {
    if !strace_works() {
        return;
    }
    let given = Given::trusting();
    given.installs(1, FIRST);
    let given = given.with_own_files();
    let begun = || {
        given.fill_cache();
        let (_, lines) = trace(&given, "statx", &["fruit-001"]);
        // When `tw` looks for the policies it has read the lock, and hasn't opened the library.
        let number = number_in_its_thread(&lines, "policy.toml");
        given.marks();
        Stopped::at(&given, "statx", number, &["fruit-001", "-o", "json"])
    };
    let stopped = begun();
    given.installs(1, SECOND);
    let value = stopped.resume().exits(0).says("").json();
    assert_eq!(value["version"], FIRST);
    given.runs(1, SECOND);
    let stopped = begun();
    given.tw(["plugin", "rollback", "fruit-001"]).exits(0);
    let value = stopped.resume().exits(0).says("").json();
    assert_eq!(value["version"], SECOND);
    given.runs(1, FIRST);
    let stopped = begun();
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    let ran = stopped.resume();
    ran.fails_with("it was replaced or removed just now");
    assert_eq!(given.marks(), 0);
    given.has_no(1);
}

#[test]
fn each_plugin_runs_its_own_code() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    given.installs(2, SECOND);
    for _ in 0..3 {
        given.runs(1, FIRST);
        given.runs(2, SECOND);
    }
    assert_eq!(given.marks(), 6);
}

#[test]
fn an_installed_plugin_replaces_the_bundled_one_even_when_damaged() {
    let given = Given::trusting();
    given
        .installation
        .add_bytes("fruit-001", &library(1, FIRST));
    given.runs(1, FIRST);
    let package = given.package(1, SECOND, Some("acme"));
    let ran = given
        .install_with(&["--replace-bundled"], &package)
        .exits(0);
    ran.says_with("replaces    the bundled plugin fruit-001 70.0.100");
    given.runs(1, SECOND);
    let states: Vec<_> = given
        .list_entries("fruit-001")
        .iter()
        .map(|plugin| (&plugin["origin"], &plugin["version"], &plugin["state"]))
        .map(|(origin, version, state)| json!([origin, version, state]))
        .collect();
    assert_eq!(
        json!(states),
        json!([["bundled", FIRST, "replaced"], ["installed", SECOND, "ok"]])
    );
    let info = given.tw(["plugin", "info", "fruit-001", "-o", "json"]);
    assert_eq!(info.exits(0).json()["plugin"]["version"], SECOND);
    given.tw(["--help"]).exits(0).says("");
    // A damaged installed plugin is refused. The bundled one doesn't run in its place.
    let path = given.installed_library(1);
    let good = fs::read(&path).unwrap();
    fs::write(&path, library(1, FIRST)).unwrap();
    given.marks();
    given
        .tw(["fruit-001"])
        .fails_with("its library doesn't match its digest");
    assert_eq!(given.marks(), 0);
    fs::write(&path, good).unwrap();
    fs::write(path.with_file_name("manifest.json"), "{}").unwrap();
    fs::remove_file(given.installation.index()).unwrap();
    given
        .tw(["fruit-001"])
        .fails_with("its manifest doesn't match its digest");
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    given.runs(1, FIRST);
    assert_eq!(given.list_entry("fruit-001")["state"], "ok");
    given
        .tw(["plugin", "remove", "fruit-001"])
        .fails_with("`fruit-001` came with tw");
    given.runs(1, FIRST);
}

/// Packs and signs this library, and returns the package.
pub(crate) fn pack_library(given: &Given, library: &[u8]) -> PathBuf {
    let folder = given.work().join("packing");
    fs::create_dir_all(&folder).unwrap();
    for (name, content) in [
        ("input.so", library),
        ("LICENSE", b"Free."),
        ("README.md", b"# A fruit\n"),
    ] {
        fs::write(folder.join(name), content).unwrap();
    }
    let [input, out, key] = [folder.join("input.so"), given.work(), secret_key("acme")]
        .map(|path| path.display().to_string());
    let line = [
        "plugin", "pack", "-o", "json", &input, "--out", &out, "--sign", &key,
    ];
    let ran = given.tw(line).exits(0).json();
    PathBuf::from(ran["path"].as_str().unwrap())
}

/// Packs and signs a fruit whose command is `fruit-009`, and returns the package.
pub(crate) fn pack_rival(given: &Given, number: u16) -> PathBuf {
    let name = |number: u16| format!(r#""commands":[{{"name":"fruit-{number:03}""#).into_bytes();
    let rival = patch(library(number, FIRST), &name(number), &name(9));
    pack_library(given, &rival)
}

#[test]
fn a_command_claimed_by_two_installed_plugins_runs_neither_until_one_is_removed() {
    let given = Given::trusting();
    given.install(&pack_rival(&given, 1)).exits(0);
    let package = pack_rival(&given, 2);
    given.marks();
    given
        .install(&package)
        .says_with("conflicts   another plugin has `fruit-009`: neither plugin will have the\n")
        .fails_with(
            "`fruit-002` takes `fruit-009` from `fruit-001`, and `--yes` doesn't accept that",
        );
    let ran = given.tw(["fruit-009", "-o", "json"]).exits(0).json();
    assert_eq!(ran["fruit"], "fruit-001");
    given.marks();
    given
        .install_with(&["--take-commands"], &package)
        .exits(0)
        .says_with("takes       `fruit-009` from the plugin `fruit-001`");
    let [first, second] = [1, 2].map(|number| given.installed_library(number));
    given
        .tw(["fruit-009"])
        .says_with(&first.display().to_string())
        .says_with(&second.display().to_string())
        .fails_with("is claimed by several plugins");
    for (name, other) in [("fruit-001", &second), ("fruit-002", &first)] {
        let listed = given.list_entry(name);
        assert_eq!(listed["state"], "ok");
        let note = listed["notes"][0].as_str().unwrap();
        assert!(note.contains(&other.display().to_string()), "{note}");
    }
    given
        .tw(["--help"])
        .exits(0)
        .prints_with("claimed by several plugins");
    assert_eq!(given.marks(), 0, "neither of them ran");
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    let value = given.tw(["fruit-009", "-o", "json"]).exits(0).json();
    assert_eq!(value["fruit"], "fruit-002");
    // The plugin with the command's name has the command.
    let package = given.package(9, FIRST, Some("acme"));
    given
        .install(&package)
        .fails_with("`fruit-009` takes `fruit-009` from `fruit-002`");
    given.install_with(&["--take-commands"], &package).exits(0);
    given.runs(9, FIRST);
    let notes = &given.list_entry("fruit-002")["notes"];
    let note = "its command `fruit-009` belongs to the installed plugin `fruit-009`";
    assert_eq!(notes[0], note);
}

#[test]
fn a_bundled_plugin_keeps_its_command() {
    let given = Given::trusting();
    given
        .installation
        .add_bytes("fruit-009", &library(9, FIRST));
    given.runs(9, FIRST);
    given
        .install(&pack_rival(&given, 1))
        .exits(0)
        .says_with("conflicts   `fruit-009` stays with the plugin `fruit-009`");
    given.runs(9, FIRST);
    let notes = &given.list_entry("fruit-001")["notes"];
    let note = "its command `fruit-009` belongs to the bundled plugin `fruit-009`";
    assert_eq!(notes[0], note);
    // A bundled plugin that can't be used keeps its name too.
    given.installation.add_bytes("fruit-009", b"damaged");
    given
        .tw(["fruit-009"])
        .fails_with("The plugin `fruit-009` cannot be used");
}
