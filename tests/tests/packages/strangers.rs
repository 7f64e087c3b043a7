//! Another local user: no file that somebody else could have written decides what runs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tw_tests::Ran;

use crate::{
    given::{Given, HEALTHY},
    ways::{WAYS, Way, can_give_away, close, linked, set_mode},
};

/// Asserts that the linked fruit doesn't run, that the bundled plugin does, and that one line of warning says why.
#[track_caller]
fn assert_only_bundled_runs(given: &Given, reason: &str) {
    let healthy = given.tw([HEALTHY]).exits(0).prints_with("All is well");
    assert_eq!(healthy.stderr.lines().count(), 1, "{healthy}");
    healthy.says_with(reason);
    let ran = given.tw(["fruit-001"]).prints("");
    assert!(!ran.status.success(), "{ran}");
    assert_eq!(given.marks(), 0, "{ran}");
}

/// Returns a file in the home of the user, and the folders above it up to the home.
fn places(given: &Given, file: &Path) -> Vec<PathBuf> {
    let home = given.installation.home();
    let above = file.ancestors().take_while(|place| *place != home);
    above.map(Path::to_owned).collect()
}

#[test]
fn a_manifest_cache_that_a_stranger_could_have_written_is_ignored() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        for at in 0.. {
            let given = Given::new();
            given.tw([HEALTHY]).exits(0).says("");
            let places = places(&given, &given.installation.index());
            let Some(place) = places.get(at) else { break };
            let reason = way.open(place);
            let ran = given.tw([HEALTHY]).exits(0).prints_with("All is well");
            // A file in a safe folder is replaced, and the next run is silent.
            ran.says_with("warning: the manifest cache")
                .says_with(&format!("isn't safe: {reason}, so it isn't used"));
            let again = given.tw([HEALTHY]).exits(0);
            assert_eq!(
                again.stderr.is_empty(),
                at == 0,
                "{way:?} {place:?}: {again}"
            );
        }
    }
}

#[test]
fn a_manifest_cache_says_only_what_a_library_is() {
    let given = linked();
    let cache = fs::read(given.installation.index()).unwrap();
    assert!(String::from_utf8_lossy(&cache).contains("fruit-001"));
    given.tw(["plugin", "unlink", "fruit-001"]).exits(0);
    given.tw(["fruit-001"]).exits(2);
    // The cache still describes the library, and the library is still there.
    fs::write(given.installation.index(), &cache).unwrap();
    given.tw(["fruit-001"]).exits(2);
    given.tw(["--help"]).exits(0);
    assert!(given.list_entries("fruit-001").is_empty());
    assert_eq!(given.marks(), 0);
}

#[test]
fn a_lock_file_that_a_stranger_could_have_written_is_not_used() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        for at in 0.. {
            let given = linked();
            let places = places(&given, &given.lock_file());
            let Some(place) = places.get(at) else { break };
            let reason = way.open(place);
            assert_only_bundled_runs(&given, &reason);
            given
                .tw(["plugin", "unlink", "fruit-001"])
                .fails_with(&format!("isn't safe: {reason}"));
        }
    }
}

#[test]
fn a_configuration_that_a_stranger_could_have_written_is_not_used() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let given = Given::new();
        fs::create_dir_all(given.config()).unwrap();
        let file = given.config().join("config.toml");
        fs::write(&file, "[external.say]\ntoken = true\n").unwrap();
        let folder = given.work().join("bin");
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("tw-say");
        fs::write(
            &program,
            "#!/bin/sh\necho \"said ${TOWER_ACCESS_TOKEN-nothing}\"\n",
        )
        .unwrap();
        set_mode(&program, 0o755);
        let say = |given: &Given| -> Ran {
            let path = format!("{}:/usr/bin:/bin", folder.display());
            let command = given.command(["say"]).env("PATH", path);
            command.env("TOWER_ACCESS_TOKEN", "t0ken-of-alice").run()
        };
        say(&given).exits(0).prints("said t0ken-of-alice\n");
        for place in [&file, &given.config()] {
            let reason = way.open(place);
            say(&given)
                .exits(1)
                .prints("")
                .says_with(&format!("config.toml isn't safe: {reason}"));
            if way == Way::LinkAbove {
                break;
            }
            close(place);
        }
    }
}
