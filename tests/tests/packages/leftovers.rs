//! Files that people edit and commit, with what editors and git leave in them: byte order marks, other line ends, conflict markers, UTF-16.

use std::{fs, path::Path};

use crate::given::{FIRST, Given};

const MARK: &str = "\u{feff}";

/// The beginning of a merge that stopped at a conflict.
const CONFLICT: &str = "<<<<<<< HEAD\n";

fn to_utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// Writes the user's configuration or policy.
fn write(path: &Path, content: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn a_lock_with_a_mark_or_other_line_ends_works() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let good = fs::read_to_string(given.lock_file()).unwrap();
    for text in [
        format!("{MARK}{good}"),
        good.replace('\n', "\r\n"),
        format!("{MARK}{good}").replace('\n', "\r\n"),
    ] {
        fs::write(given.lock_file(), text).unwrap();
        given.runs(1, FIRST);
        given.tw(["plugin", "verify"]).exits(0).says("");
        given.tw(["plugin", "sync"]).exits(0);
    }
}

#[test]
fn a_lock_with_conflict_markers_or_in_utf16_is_named() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let good = fs::read_to_string(given.lock_file()).unwrap();
    let (first, rest) = good.split_once('\n').unwrap();
    let conflict = format!("{first}\n{CONFLICT}{rest}=======\n{rest}>>>>>>> other\n");
    for (bad, what, hint) in [
        (
            conflict.clone().into_bytes(),
            "has conflict markers of a merge (line 2)",
            "resolve the conflict",
        ),
        (
            conflict.replace('\n', "\r\n").into_bytes(),
            "has conflict markers of a merge (line 2)",
            "resolve the conflict",
        ),
        (to_utf16(&good), "is UTF-16, not UTF-8", "save it as UTF-8"),
    ] {
        fs::write(given.lock_file(), bad).unwrap();
        for line in [
            &["plugin", "sync"][..],
            &["plugin", "verify"],
            &["plugin", "remove", "fruit-001"],
        ] {
            let ran = given.tw(line.iter().copied());
            ran.fails_with(&format!("plugins.lock {what}"))
                .says_with(hint);
        }
        let list = given.tw(["plugin", "list"]).exits(0);
        list.prints_with(what).prints_with(hint);
    }
}

#[test]
fn a_configuration_and_a_policy_with_a_mark_or_other_line_ends_work() {
    let given = Given::trusting();
    let config = given.config().join("config.toml");
    let policy = given.config().join("policy.toml");
    write(&policy, format!("{MARK}linked = \"forbidden\"\r\n"));
    given.tw(["healthy"]).exits(0).says("");
    write(
        &config,
        format!("{MARK}[external.say]\r\ntoken = false\r\n"),
    );
    given.tw(["plugin", "list"]).exits(0).says("");
}

#[test]
fn a_configuration_or_a_policy_with_conflict_markers_or_in_utf16_is_named() {
    let given = Given::trusting();
    let policy = given.config().join("policy.toml");
    for (bad, what, hint) in [
        (
            format!("linked = true\n{CONFLICT}").into_bytes(),
            "has conflict markers of a merge (line 2)",
            "resolve the conflict",
        ),
        (
            to_utf16("linked = true\n"),
            "is UTF-16, not UTF-8",
            "save it as UTF-8",
        ),
    ] {
        write(&policy, bad);
        given
            .tw(["healthy"])
            .fails_with(&format!("policy.toml {what}, so nothing may be loaded"))
            .says_with(hint);
    }
}
