//! Values on the command line: the server stores exactly what is typed.

use tw_tests::World;

use crate::{list_stored, start_with_secret};

/// Adds `KEY` with these arguments and returns the stored value.
#[track_caller]
fn add_and_read(words: &[&str]) -> String {
    let world = World::new();
    let ran = world
        .tw(["secrets", "add"].iter().chain(words).copied())
        .exits(0)
        .prints("\n  New secret 'KEY' (1001) added at user workspace\n\n");
    // A value of several lines doesn't survive a pipeline run, and a value that looks like a source is taken literally.
    let is_doubtful = |word: &&str| {
        let value = word.strip_prefix("--value=").unwrap_or(word);
        value.contains(['\n', '\r']) || value == "-" || value.starts_with('@')
    };
    match words.iter().any(is_doubtful) {
        true => ran.says_with("warning: "),
        false => ran.says(""),
    };
    world.sandbox.secrets(None).remove(0).value
}

#[test]
fn name_and_value_accept_every_spelling_of_an_option() {
    for words in [
        &["-n", "KEY", "-v", "x"][..],
        &["-nKEY", "-vx"],
        &["--name=KEY", "--value=x"],
        &["--name", "KEY", "--value", "x"],
        &["-v", "x", "-n", "KEY"],
    ] {
        assert_eq!(add_and_read(words), "x");
    }
}

#[test]
fn a_value_may_be_empty() {
    assert_eq!(add_and_read(&["-n", "KEY", "--value="]), "");
    assert_eq!(add_and_read(&["-n", "KEY", "-v", ""]), "");
}

#[test]
fn a_value_may_look_like_an_option() {
    for value in [
        "-x",
        "--",
        "-",
        "-5",
        "--verbos",
        "---",
        "--secret=x",
        "-o",
        "-t",
        "--insecure",
        "-ojson",
        "--access-token=x",
    ] {
        if value != "--" {
            assert_eq!(add_and_read(&["-n", "KEY", "-v", value]), value);
        }
        assert_eq!(
            add_and_read(&[&format!("--value={value}"), "-n", "KEY"]),
            value
        );
    }
}

#[test]
fn a_value_that_is_an_option_of_the_command_needs_an_equals_sign() {
    let world = start_with_secret();
    for own in ["--overwrite", "--name", "-n", "--workspace=100", "-w"] {
        world
            .tw(["secrets", "add", "-n", "KEY", "-v", own])
            .rejects("--value");
    }
    for own in ["--id", "-i", "--name=x"] {
        world
            .tw(["secrets", "update", "-n", "KEY", "--value", own])
            .rejects("--value");
    }
    world.saw([]);
    assert_eq!(
        add_and_read(&["-n", "KEY", "--value=--overwrite"]),
        "--overwrite"
    );
    assert_eq!(add_and_read(&["-n", "KEY", "--value=-n"]), "-n");
}

#[test]
fn a_value_is_never_a_file_name_or_standard_input() {
    for value in [
        "-",
        "@x",
        "@/etc/passwd",
        "@-",
        "env:HOME",
        "$HOME",
        "${HOME}",
        "~",
        "%PATH%",
        "*",
    ] {
        assert_eq!(add_and_read(&["-n", "KEY", "-v", value]), value);
    }
    let world = World::new();
    world
        .command(["secrets", "add", "-n", "KEY", "-v", "-"])
        .input("from standard input")
        .run()
        .exits(0);
    assert_eq!(list_stored(&world), ["1001 KEY=-"]);
}

#[test]
fn a_value_is_stored_to_the_byte() {
    for value in [
        " blanks around ",
        "line one\nline two\n",
        "\r\n\t\u{b}",
        "quotes ' \" ` and \\ backslashes",
        "Straße 漢字 עברית 👩\u{200d}👩\u{200d}👧 e\u{301}",
        "\u{1b}[31mred\u{202e}",
        "\u{feff}mark",
        "=a=b&c=d?e#f%20",
        "{\"json\": [1, null]}",
        "\u{10ffff}\u{7f}\u{80}",
    ] {
        assert_eq!(add_and_read(&["-n", "KEY", "-v", value]), value);
        assert_eq!(
            add_and_read(&["-n", "KEY", &format!("--value={value}")]),
            value
        );
    }
}

#[test]
fn a_value_of_100_kib_is_stored_unchanged() {
    let value = "0123456789abcdef".repeat(100 * 1024 / 16);
    assert_eq!(add_and_read(&["-n", "KEY", "-v", &value]), value);
}

#[test]
fn update_accepts_the_same_values() {
    for (words, value) in [
        (&["--value="][..], ""),
        (&["-v", "-x"], "-x"),
        (&["-v", "--overwrite"], "--overwrite"),
        (&["--value=--id"], "--id"),
    ] {
        let world = start_with_secret();
        world
            .tw(["secrets", "update", "-i", "1001"]
                .iter()
                .chain(words)
                .copied())
            .exits(0)
            .says("");
        assert_eq!(list_stored(&world), [format!("1001 KEY={value}")]);
    }
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_utf8_is_refused() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let world = World::new();
    let value = OsStr::from_bytes(b"\xff\xfe");
    let ran = world
        .command(["secrets", "add", "-n", "KEY", "-v"])
        .args([value])
        .run();
    ran.rejects("UTF-8");
    world.saw([]);
}
