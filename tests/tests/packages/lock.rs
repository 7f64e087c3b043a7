//! A damaged lock: installed plugins don't run, every other command works, and nothing is lost.

use std::fs;

use crate::given::{FIRST, Given, SECOND};

/// Returns a user with an installed fruit.
fn set_up() -> Given {
    let given = Given::trusting();
    given.installs(1, FIRST);
    given
}

/// Replaces the lock with `bad`. Asserts that no installed plugin runs, that every command that changes plugins fails without a change, and that
/// everything else works. Then restores the lock and asserts that the plugin runs again.
#[track_caller]
fn assert_survives(given: &Given, bad: &[u8], what: &str) {
    eprintln!("{what}");
    let good = fs::read(given.lock_file()).unwrap();
    let stored = given.list_store();
    fs::write(given.lock_file(), bad).unwrap();
    given.marks();
    let ran = given.tw(["healthy"]).exits(0).prints("\n  All is well\n\n");
    ran.says("");
    let ran = given
        .tw(["--help"])
        .exits(0)
        .prints_with("Say that all is well");
    assert!(ran.stderr.lines().count() <= 1, "{ran}");
    let ran = given.tw(["fruit-001"]);
    assert_ne!(ran.status.code(), Some(0), "{ran}");
    let list = given.tw(["plugin", "list"]).exits(0);
    list.prints_with("plugins.lock").prints_with("healthy");
    let package = given.package(2, FIRST, Some("acme")).display().to_string();
    for line in [
        &["plugin", "install", "--yes", &package][..],
        &["plugin", "upgrade", "--all", "--yes"],
        &["plugin", "rollback", "fruit-001"],
        &["plugin", "remove", "fruit-001"],
        &["plugin", "verify"],
        &["plugin", "sync"],
    ] {
        let ran = given.tw(line.iter().copied());
        assert_eq!(ran.stderr.matches(" ERROR: ").count(), 1, "{ran}");
        let hints = [
            "restore the file from a copy",
            "use a newer tw",
            "make the file readable",
        ];
        assert!(hints.iter().any(|hint| ran.stderr.contains(hint)), "{ran}");
        ran.fails_with("the lock");
    }
    assert_eq!(given.marks(), 0, "{what}");
    assert!(
        fs::read(given.lock_file()).unwrap() == bad,
        "the damaged lock was changed"
    );
    assert_eq!(given.list_store(), stored, "the store was changed");
    fs::write(given.lock_file(), good).unwrap();
    given.runs(1, FIRST);
    given.has_nothing_broken();
}

#[test]
fn a_damaged_lock_stops_only_installed_plugins_and_loses_nothing() {
    let given = set_up();
    let good = fs::read(given.lock_file()).unwrap();
    for part in 0..6 {
        let end = good.len() * part / 6;
        assert_survives(&given, &good[..end], &format!("cut at {end}"));
    }
    assert_survives(&given, &vec![0; good.len()], "zeros");
    assert_survives(&given, b"not a lock", "no JSON");
    assert_survives(&given, b"[]", "another JSON");
    assert_survives(&given, &b"[".repeat(100_000), "many brackets");
    let text = String::from_utf8(good).unwrap();
    let other = |from: &str, to: &str| {
        assert!(text.contains(from));
        text.replacen(from, to, 1)
    };
    assert_survives(
        &given,
        other("\"format\": 1", "\"format\": 2").as_bytes(),
        "a newer format",
    );
    assert_survives(
        &given,
        other("\"format\": 1", "\"format\": \"1\"").as_bytes(),
        "a format of text",
    );
    assert_survives(
        &given,
        other("\"signer\"", "\"singer\"").as_bytes(),
        "an unknown key",
    );
    assert_survives(
        &given,
        other("sha256:", "sha512:").as_bytes(),
        "another digest",
    );
    assert_survives(
        &given,
        other(FIRST, "new").as_bytes(),
        "a version that is none",
    );
}

#[test]
fn a_lock_with_a_flipped_bit_lets_only_the_installed_versions_run() {
    let given = set_up();
    given.installs(1, SECOND);
    given.installs(2, FIRST);
    let good = fs::read(given.lock_file()).unwrap();
    let mut ran = 0;
    for part in 0..60 {
        let at = good.len() * part / 60;
        let mut bad = good.clone();
        bad[at] ^= 1 << (part % 7);
        eprintln!("bit {} of byte {at} of {}", part % 7, good.len());
        fs::write(given.lock_file(), bad).unwrap();
        for (name, version) in [("fruit-001", SECOND), ("fruit-002", FIRST)] {
            given.marks();
            let run = given.tw([name, "-o", "json"]);
            if run.status.success() {
                ran += 1;
                let value = run.json();
                assert_eq!(
                    (&value["fruit"], &value["version"]),
                    (&name.into(), &version.into())
                );
            } else {
                assert!(matches!(run.status.code(), Some(1 | 2)), "{run}");
                assert_eq!(given.marks(), 0, "{run}");
            }
        }
        given.tw(["healthy"]).exits(0).says("");
        given.tw(["plugin", "list"]).exits(0);
        given.tw(["--help"]).exits(0);
    }
    // Some flips don't matter for loading, for example in the address that a package came from.
    assert!((1..120).contains(&ran), "{ran} of 120 ran");
    fs::write(given.lock_file(), good).unwrap();
    given.runs(1, SECOND);
    given.runs(2, FIRST);
    given.has_nothing_broken();
}
