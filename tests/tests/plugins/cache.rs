//! The manifest cache: it is never trusted when it is damaged or stale, and every command works without it.

use std::{fs, io::Write, time::SystemTime};

use tw_tests::{Installation, Tw};

use crate::given::{
    Given, HEALTHY, is_root, make_numbered, patch, report_skip, run_as_stranger, set_mode,
};

/// Installs the healthy plugin and another one, and returns a cache that has both.
fn set_up_cache() -> (Given, Vec<u8>) {
    let given = Given::healthy()
        .file("other", &make_numbered(1, 1, 1))
        .with_own_files();
    let cache = settle_cache(&given.installation);
    (given, cache)
}

/// Runs `tw` so that the cache knows every plugin, and returns the cache.
pub(crate) fn settle_cache(installation: &Installation) -> Vec<u8> {
    installation.command(["--help"]).run().exits(0).says("");
    fs::read(installation.index()).expect("there is a cache")
}

/// Asserts that commands work with the cache `bad`, and that they replace it with `good`.
#[track_caller]
fn assert_renewed(given: &Given, good: &[u8], bad: &[u8], what: &str) {
    for line in [
        &["healthy"][..],
        &["command-001"],
        &["healthy", "--help"],
        &["--help"],
    ] {
        fs::write(given.installation.index(), bad).expect("the cache can be written");
        let ran = given.tw(line.iter().copied());
        assert!(
            ran.status.success() && ran.stderr.is_empty(),
            "{what}: {ran}"
        );
        if line == ["healthy"] {
            assert_eq!(ran.stdout, HEALTHY, "{what}: {ran}");
        }
        if line == ["healthy", "--help"] {
            assert!(ran.stdout.contains("--output"), "{what}: {ran}");
        }
    }
    let now = fs::read(given.installation.index()).expect("there is a cache");
    assert!(now == good, "{what}: the cache is not renewed");
}

#[test]
fn a_truncated_cache_is_renewed() {
    let (given, good) = set_up_cache();
    for part in 0..16 {
        let end = good.len() * part / 16;
        assert_renewed(
            &given,
            &good,
            &good[..end],
            &format!("cut at {end} of {}", good.len()),
        );
    }
    assert_renewed(
        &given,
        &good,
        &good[..good.len() - 1],
        "without its last byte",
    );
}

#[test]
fn a_cache_with_a_wrong_byte_is_renewed() {
    let (given, good) = set_up_cache();
    for part in 0..40 {
        let at = good.len() * part / 40;
        let mut bad = good.clone();
        bad[at] ^= 0x15;
        assert_renewed(&given, &good, &bad, &format!("byte {at} of {}", good.len()));
    }
}

#[test]
fn a_cache_of_another_format_is_renewed() {
    let (given, good) = set_up_cache();
    let newer = patch(good.clone(), b"tw-plugin-cache 8 ", b"tw-plugin-cache 9 ");
    for (bad, what) in [
        (&newer[..], "a newer format"),
        (b"", "empty"),
        (b"\n", "a line end"),
        (b"{}", "JSON"),
        (
            b"tw-plugin-cache 8 18446744073709551615 2745614147\n{}",
            "a length beyond all",
        ),
        (
            b"tw-plugin-cache 8 2 2745614147\n{}",
            "a header with nothing in it",
        ),
        (&[0; 4096], "zeros"),
        (&[0xff; 4096], "ones"),
    ] {
        assert_renewed(&given, &good, bad, what);
    }
}

#[test]
fn commands_work_with_a_folder_in_place_of_the_cache() {
    let given = Given::healthy();
    fs::create_dir_all(given.installation.index().join("full")).expect("a folder can be made");
    given.others_work(0);
    let cache = given.installation.index();
    let cache = cache.parent().expect("the cache is in a folder");
    let left = fs::read_dir(cache).expect("the folder can be read").count();
    assert_eq!(
        left, 1,
        "a command that cannot write the cache leaves a file beside it"
    );
}

#[cfg(unix)]
#[test]
fn commands_do_not_wait_for_a_pipe_in_place_of_the_cache() {
    let (given, _) = set_up_cache();
    let cache = given.installation.index();
    fs::remove_file(&cache).expect("the cache can be removed");
    let made = std::process::Command::new("mkfifo").arg(&cache).status();
    assert!(made.is_ok_and(|status| status.success()));
    given.tw(["healthy"]).exits(0);
}

#[test]
fn commands_work_without_a_place_for_the_cache() {
    let given = Given::healthy();
    let file = given.installation.prefix().join("file");
    fs::write(&file, "a file").expect("a file can be written");
    let home = file.join("home");
    // The configuration can't be reached either, if the path to the home folder leads through a file.
    for (home, warning) in [
        (&*home.to_string_lossy(), "warning: the configuration "),
        ("/dev/null", "warning: the configuration /dev/null/"),
        ("/proc/self", ""),
        (
            "relative",
            "warning: HOME is relative, which is no absolute path",
        ),
        ("", ""),
    ] {
        let ran = given.command(["healthy"]).env("HOME", home).run();
        let ran = ran.exits(0).prints(HEALTHY).says_with(warning);
        assert_eq!(ran.stderr.lines().count(), usize::from(!warning.is_empty()));
    }
    given
        .command(["healthy"])
        .env("XDG_CACHE_HOME", file.join("cache"))
        .run()
        .exits(0)
        .prints(HEALTHY)
        .says("");
}

#[test]
fn commands_work_without_a_home() {
    let given = Given::healthy();
    // A user without an entry in the password database has no home to fall back on.
    if !is_root() {
        return report_skip("only root can run a command as an unknown user");
    }
    if let Some(ran) = run_as_stranger(&given, &["healthy"]) {
        ran.exits(0).prints(HEALTHY).says("");
    }
}

#[test]
fn commands_work_with_an_unwritable_cache_folder() {
    let given = Given::healthy();
    let cache = given.installation.prefix().join("cache");
    fs::create_dir(&cache).expect("a folder can be made");
    set_mode(&cache, 0o555);
    let given = given.env("XDG_CACHE_HOME", cache.to_string_lossy());
    for _ in 0..2 {
        if let Some(ran) = run_as_stranger(&given, &["healthy"]) {
            ran.exits(0).prints(HEALTHY).says("");
        }
    }
    set_mode(&cache, 0o755);
    assert_eq!(
        fs::read_dir(&cache)
            .expect("the folder can be read")
            .count(),
        0
    );
}

#[test]
fn a_replaced_library_is_noticed() {
    let (given, _) = set_up_cache();
    let version = |given: &Given| given.find("numbered-001")["version"].clone();
    assert_eq!(version(&given), "1.0.0");
    let path = given.installation.plugin("other");
    let library = |version: &str| {
        patch(
            make_numbered(1, 1, 1),
            b"\"version\":\"1.0.0\",\"abi\":1,\"protocol\":1,\"commands\"",
            format!("\"version\":\"{version}\",\"abi\":1,\"protocol\":1,\"commands\"").as_bytes(),
        )
    };

    // Replace the file with another file.
    let new = path.with_extension("new");
    fs::write(&new, library("1.0.1")).expect("a file can be written");
    fs::rename(&new, &path).expect("a file can be replaced");
    assert_eq!(version(&given), "1.0.1");

    // Change the content of the same file, and keep its length and modification time.
    let time: SystemTime = fs::metadata(&path)
        .and_then(|data| data.modified())
        .expect("the file has a time");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("the file can be written");
    file.write_all(&library("1.0.2"))
        .expect("the file can be written");
    file.set_modified(time).expect("a time can be set");
    drop(file);
    assert_eq!(version(&given), "1.0.2");
}

#[test]
fn a_library_rewritten_in_place_is_noticed() {
    let (given, _) = set_up_cache();
    given.tw(["command-001", "--help"]).exits(0).says("");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .open(given.installation.plugin("other"))
        .expect("the file can be written");
    file.write_all(&make_numbered(3, 3, 3))
        .expect("the file can be written");
    drop(file);
    given.tw(["command-001", "--help"]).rejects("'command-003'");
    given.tw(["command-003", "--help"]).exits(0).says("");
}

#[test]
fn a_second_claim_of_a_command_is_noticed() {
    let (given, _) = set_up_cache();
    given.tw(["command-001"]).exits(0);
    given
        .installation
        .add_bytes("second", &make_numbered(2, 1, 2));
    given
        .tw(["command-001"])
        .fails_with("claimed by several plugins");
    settle_cache(&given.installation);
    given
        .tw(["command-001"])
        .fails_with("claimed by several plugins");
}

#[test]
fn added_and_removed_plugins_are_noticed() {
    let (given, _) = set_up_cache();
    given.tw(["command-002"]).exits(2);
    given
        .installation
        .add_bytes("late", &make_numbered(2, 2, 2));
    given
        .tw(["--help"])
        .exits(0)
        .prints_with("command-002")
        .says("");
    given.tw(["command-002"]).exits(0).says("");
    fs::remove_file(given.installation.plugin("late")).expect("the file can be removed");
    let help = given.tw(["--help"]).exits(0).says("");
    assert!(!help.stdout.contains("command-002"), "{help}");
    given.tw(["command-002"]).exits(2).says_with("command-002");
    assert!(
        given
            .list()
            .iter()
            .all(|plugin| plugin["name"] != "numbered-002")
    );
    let now = settle_cache(&given.installation);
    let now = String::from_utf8_lossy(&now);
    assert!(!now.contains("command-002"), "{now}");
}

#[test]
fn a_library_that_was_overwritten_with_zeros_fails_without_a_crash() {
    let (given, _) = set_up_cache();
    let path = given.installation.plugin("other");
    let metadata = fs::metadata(&path).expect("the file is there");
    // The size is unchanged, and every byte is zero.
    let file = fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("the file can be written");
    file.set_len(0).expect("the file can be truncated");
    file.set_len(metadata.len())
        .expect("the file can be extended");
    drop(file);
    let ran = given.tw(["command-001"]).prints("");
    assert!(ran.status.code().is_some_and(|code| code != 0), "{ran}");
    given.others_work(1);
}

#[test]
fn concurrent_commands_build_the_cache() {
    let given = Given::healthy().with_own_files();
    for number in 1..=12 {
        given.installation.add_bytes(
            &format!("n{number}"),
            &make_numbered(number, number, number),
        );
    }
    let running: Vec<_> = (1..=8)
        .map(|number| given.start([format!("command-{number:03}").as_str(), "-o", "json"]))
        .collect();
    for (number, running) in (1..).zip(running) {
        let ran = running.ends().exits(0).says("");
        assert_eq!(ran.json()["plugin"], format!("numbered-{number:03}"));
    }
    given.others_work(0);
    let cache = given.installation.index();
    let cache = cache.parent().expect("the cache is in a folder");
    assert_eq!(
        fs::read_dir(cache).expect("the folder can be read").count(),
        1,
        "a file is left beside the cache"
    );
}

#[test]
fn the_cache_of_another_binary_is_not_used() {
    let (given, good) = set_up_cache();
    let installation = given.installation.with_own_files();
    Tw::new(&installation.tw(), &installation.home())
        .args(["healthy"])
        .run()
        .exits(0)
        .prints(HEALTHY)
        .says("");
    let now = fs::read(installation.index()).expect("there is a cache");
    assert!(now != good, "another binary uses the cache unchanged");
}
