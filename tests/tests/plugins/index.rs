//! The index of manifests: a cache that is right, or isn't there.

use std::{
    fs,
    io::Write,
    time::{Duration, Instant, SystemTime},
};

use tw_tests::{Installation, Tw};

use crate::given::{Given, HEALTHY, by_a_stranger, is_root, mode, numbered, patched, skipped};

/// A healthy plugin, another, and an index that knows them.
fn indexed() -> (Given, Vec<u8>) {
    let given = Given::healthy()
        .file("other", &numbered(1, 1, 1))
        .with_own_files();
    let index = settled(&given.installation);
    (given, index)
}

/// The index, once it knows the folder of the libraries: not as long as another change could leave the folder with the same time.
pub(crate) fn settled(installation: &Installation) -> Vec<u8> {
    let begin = Instant::now();
    loop {
        installation.command(["--help"]).run().exits(0).says("");
        let index = fs::read(installation.index()).expect("there is an index");
        if index.windows(10).any(|part| part == b"\"places\":{") {
            return index;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "the index doesn't settle"
        );
    }
}

/// With this for an index everything works, and the index is renewed.
#[track_caller]
fn survives(given: &Given, good: &[u8], bad: &[u8], what: &str) {
    for line in [
        &["healthy"][..],
        &["command-001"],
        &["healthy", "--help"],
        &["--help"],
    ] {
        fs::write(given.installation.index(), bad).expect("the index can be written");
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
    let now = fs::read(given.installation.index()).expect("there is an index");
    assert!(now == good, "{what}: the index isn't renewed");
}

#[test]
fn an_index_that_is_cut_short() {
    let (given, good) = indexed();
    for part in 0..16 {
        let end = good.len() * part / 16;
        survives(
            &given,
            &good,
            &good[..end],
            &format!("cut at {end} of {}", good.len()),
        );
    }
    survives(
        &given,
        &good,
        &good[..good.len() - 1],
        "without its last byte",
    );
}

#[test]
fn an_index_with_a_wrong_byte() {
    let (given, good) = indexed();
    for part in 0..40 {
        let at = good.len() * part / 40;
        let mut bad = good.clone();
        bad[at] ^= 0x15;
        survives(&given, &good, &bad, &format!("byte {at} of {}", good.len()));
    }
}

#[test]
fn an_index_of_another_format_or_none_at_all() {
    let (given, good) = indexed();
    let newer = patched(good.clone(), b"tw-plugin-index 3 ", b"tw-plugin-index 9 ");
    for (bad, what) in [
        (&newer[..], "a newer format"),
        (b"", "empty"),
        (b"\n", "a line end"),
        (b"{}", "JSON"),
        (
            b"tw-plugin-index 3 18446744073709551615 2745614147\n{}",
            "a length beyond all",
        ),
        (
            b"tw-plugin-index 3 2 2745614147\n{}",
            "a header with nothing in it",
        ),
        (&[0; 4096], "zeros"),
        (&[0xff; 4096], "ones"),
    ] {
        survives(&given, &good, bad, what);
    }
}

#[test]
fn a_folder_in_the_place_of_the_index() {
    let given = Given::healthy();
    fs::create_dir_all(given.installation.index().join("full")).expect("a folder can be made");
    given.others_work(0);
    let cache = given.installation.index();
    let cache = cache.parent().expect("it stands in a folder");
    let left = fs::read_dir(cache).expect("it can be read").count();
    assert_eq!(
        left, 1,
        "a command that can't write the index leaves nothing beside it"
    );
}

#[test]
fn no_place_for_an_index() {
    let given = Given::healthy();
    let file = given.installation.prefix().join("file");
    fs::write(&file, "a file").expect("a file can be written");
    let home = file.join("home");
    for home in [
        &*home.to_string_lossy(),
        "/dev/null",
        "/proc/self",
        "relative",
        "",
    ] {
        given
            .command(["healthy"])
            .env("HOME", home)
            .run()
            .exits(0)
            .prints(HEALTHY)
            .says("");
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
fn no_home_at_all() {
    let given = Given::healthy();
    // Somebody the system doesn't know has no home to fall back on.
    if !is_root() {
        return skipped("only root can be somebody whom the system doesn't know");
    }
    if let Some(ran) = by_a_stranger(&given, &["healthy"]) {
        ran.exits(0).prints(HEALTHY).says("");
    }
}

#[test]
fn a_cache_folder_that_cannot_be_written() {
    let given = Given::healthy();
    let cache = given.installation.prefix().join("cache");
    fs::create_dir(&cache).expect("a folder can be made");
    mode(&cache, 0o555);
    let given = given.env("XDG_CACHE_HOME", cache.to_string_lossy());
    for _ in 0..2 {
        if let Some(ran) = by_a_stranger(&given, &["healthy"]) {
            ran.exits(0).prints(HEALTHY).says("");
        }
    }
    mode(&cache, 0o755);
    assert_eq!(fs::read_dir(&cache).expect("it can be read").count(), 0);
}

#[test]
fn another_version_in_its_place_is_noticed() {
    let (given, _) = indexed();
    let version = |given: &Given| given.listed("numbered-001")["version"].clone();
    assert_eq!(version(&given), "1.0.0");
    let path = given.installation.plugin("other");
    let library = |version: &str| {
        patched(
            numbered(1, 1, 1),
            b"\"version\":\"1.0.0\",\"abi\":1,\"protocol\":1,\"commands\"",
            format!("\"version\":\"{version}\",\"abi\":1,\"protocol\":1,\"commands\"").as_bytes(),
        )
    };

    // Another file under the same name.
    let new = path.with_extension("new");
    fs::write(&new, library("1.0.1")).expect("a file can be written");
    fs::rename(&new, &path).expect("a file can be replaced");
    assert_eq!(version(&given), "1.0.1");

    // The same file with another content of the same length, and its old time.
    let time: SystemTime = fs::metadata(&path)
        .and_then(|data| data.modified())
        .expect("it has a time");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("it can be written");
    file.write_all(&library("1.0.2"))
        .expect("it can be written");
    file.set_modified(time).expect("a time can be set");
    drop(file);
    assert_eq!(version(&given), "1.0.2");
}

#[test]
fn another_content_of_the_same_file_is_noticed_though_its_folder_is_as_it_was() {
    let (given, _) = indexed();
    given.tw(["command-001", "--help"]).exits(0).says("");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .open(given.installation.plugin("other"))
        .expect("it can be written");
    file.write_all(&numbered(3, 3, 3))
        .expect("it can be written");
    drop(file);
    given.tw(["command-001", "--help"]).misused("'command-003'");
    given.tw(["command-003", "--help"]).exits(0).says("");
}

#[test]
fn a_second_claim_of_a_command_is_noticed() {
    let (given, _) = indexed();
    given.tw(["command-001"]).exits(0);
    given.installation.add_bytes("second", &numbered(2, 1, 2));
    given
        .tw(["command-001"])
        .fails_with("claimed by several plugins");
    settled(&given.installation);
    given
        .tw(["command-001"])
        .fails_with("claimed by several plugins");
}

#[test]
fn what_comes_and_goes_is_noticed() {
    let (given, _) = indexed();
    given.tw(["command-002"]).exits(2);
    given.installation.add_bytes("late", &numbered(2, 2, 2));
    given
        .tw(["--help"])
        .exits(0)
        .prints_with("command-002")
        .says("");
    given.tw(["command-002"]).exits(0).says("");
    fs::remove_file(given.installation.plugin("late")).expect("it can be removed");
    let help = given.tw(["--help"]).exits(0).says("");
    assert!(!help.stdout.contains("command-002"), "{help}");
    given.tw(["command-002"]).exits(2).says_with("command-002");
    assert!(
        given
            .list()
            .iter()
            .all(|plugin| plugin["name"] != "numbered-002")
    );
    let now = settled(&given.installation);
    let now = String::from_utf8_lossy(&now);
    assert!(!now.contains("command-002"), "{now}");
}

#[test]
fn a_plugin_that_goes_away_as_it_is_run_is_an_error_and_no_crash() {
    let (given, _) = indexed();
    let path = given.installation.plugin("other");
    let metadata = fs::metadata(&path).expect("it is there");
    // The file that the index knows, with nothing in it any more.
    let file = fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("it can be written");
    file.set_len(0).expect("it can be cut");
    file.set_len(metadata.len()).expect("it can be stretched");
    drop(file);
    let ran = given.tw(["command-001"]).prints("");
    assert!(ran.status.code().is_some_and(|code| code != 0), "{ran}");
    given.others_work(1);
}

#[test]
fn eight_at_once_build_the_index() {
    let given = Given::healthy().with_own_files();
    for number in 1..=12 {
        given
            .installation
            .add_bytes(&format!("n{number}"), &numbered(number, number, number));
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
    let cache = cache.parent().expect("it stands in a folder");
    assert_eq!(
        fs::read_dir(cache).expect("it can be read").count(),
        1,
        "nothing is left beside the index"
    );
}

#[test]
fn the_index_of_another_tw_is_not_believed() {
    let (given, good) = indexed();
    let installation = given.installation.with_own_files();
    Tw::new(&installation.tw(), &installation.home())
        .args(["healthy"])
        .run()
        .exits(0)
        .prints(HEALTHY)
        .says("");
    let now = fs::read(installation.index()).expect("there is an index");
    assert!(now != good, "another binary judges for itself");
}
