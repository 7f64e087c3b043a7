//! The sources of a value: standard input, a file, an environment variable, and a prompt.
#![cfg(unix)]

use std::fs;

use tw_tests::{Ran, Terminal, World};

use crate::{list_stored, start_with_secret};

/// Adds `KEY` with these arguments and this standard input.
fn add(world: &World, words: &[&str], input: &[u8]) -> Ran {
    let line = [&["secrets", "add", "-n", "KEY"], words].concat();
    world.command(line).input(input).run()
}

/// Adds `KEY` and returns the stored value.
#[track_caller]
fn add_and_read(words: &[&str], input: &[u8]) -> String {
    let world = World::new();
    add(&world, words, input).exits(0).says("");
    world.sandbox.secrets(None).remove(0).value
}

#[test]
fn value_stdin_drops_one_trailing_line_break() {
    for (input, value) in [
        (&b"s3cr3t\n"[..], "s3cr3t"),
        (b"s3cr3t\r\n", "s3cr3t"),
        (b"s3cr3t", "s3cr3t"),
        (" blanks \n".as_bytes(), " blanks "),
    ] {
        assert_eq!(add_and_read(&["--value-stdin"], input), value);
        assert_eq!(add_and_read(&["--value-file", "-"], input), value);
    }
}

#[test]
fn raw_keeps_the_trailing_line_feed() {
    let world = World::new();
    add(&world, &["--value-stdin", "--raw"], b"s3cr3t\n").exits(0);
    assert_eq!(list_stored(&world), ["1001 KEY=s3cr3t\n"]);
}

#[test]
fn value_file_keeps_every_byte_and_warns_about_a_trailing_line_feed() {
    let world = World::new();
    let file = world.installation.home().join("value");
    fs::write(&file, "s3cr3t\n").expect("the home can be written");
    let path = file.display().to_string();
    add(&world, &["--value-file", &path], b"")
        .exits(0)
        .says_with("the value of 'KEY' ends with a line break, which is stored too");
    assert_eq!(list_stored(&world), ["1001 KEY=s3cr3t\n"]);
    let gone = World::new();
    add(&gone, &["--value-file", "nowhere"], b"")
        .exits(1)
        .prints("")
        .says_with("nowhere");
    gone.saw([]);
}

#[test]
fn value_env_reads_an_environment_variable() {
    let world = World::new();
    world
        .command(["secrets", "add", "-n", "KEY", "--value-env", "MY_VALUE"])
        .env("MY_VALUE", "from the environment")
        .run()
        .exits(0)
        .says("");
    assert_eq!(list_stored(&world), ["1001 KEY=from the environment"]);
    let unset = World::new();
    add(&unset, &["--value-env", "MY_VALUE"], b"").rejects("MY_VALUE");
    unset.saw([]);
}

#[test]
fn a_missing_value_is_prompted_for_twice_without_echo() {
    let world = World::new();
    let line = world.command(["secrets", "add", "-n", "KEY"]);
    Terminal::start(line)
        .until("Value of KEY")
        .until_unseen()
        .types("typed by hand\n")
        .until("Once more")
        .until_unseen()
        .types("typed by hand\n")
        .ends()
        .exits(0)
        .never_showed("typed by hand")
        .works_as_before();
    assert_eq!(list_stored(&world), ["1001 KEY=typed by hand"]);
}

#[test]
fn two_sources_of_a_value_are_a_usage_error() {
    let world = World::new();
    for words in [
        &["-v", "x", "--value-stdin"][..],
        &["-v", "x", "--value-file", "f"],
        &["-v", "x", "--value-env", "E"],
        &["--value-stdin", "--value-file", "f"],
        &["--value-stdin", "--value-env", "E"],
        &["--value-file", "f", "--value-env", "E"],
    ] {
        add(&world, words, b"x").rejects("cannot be used with");
    }
    world.saw([]);
}

#[test]
fn invalid_utf8_is_refused_without_base64() {
    let world = World::new();
    add(&world, &["--value-stdin"], b"\xff\xfe").rejects("is not UTF-8 text");
    world.saw([]);
    // With `--base64`, a trailing line feed is part of the value.
    add(&world, &["--value-stdin", "--base64"], b"\xff\xfe\n")
        .exits(0)
        .says("");
    assert_eq!(list_stored(&world), ["1001 KEY=//4K"]);
}

#[test]
fn a_nul_character_is_refused_without_base64() {
    let world = World::new();
    add(&world, &["--value-stdin"], b"a\0b").rejects("the value of 'KEY' has a NUL character");
    world.saw([]);
    assert_eq!(
        add_and_read(&["--value-stdin", "--base64"], b"a\0b"),
        "YQBi"
    );
}

#[test]
fn value_stdin_warns_that_a_terminal_shows_the_value() {
    let world = World::new();
    let line = world.command(["secrets", "add", "-n", "KEY", "--value-stdin"]);
    Terminal::start(line)
        .until("what you type is visible; without this option, `tw` asks for the value and doesn't show it")
        .types("typed\n\u{4}")
        .ends()
        .exits(0);
    assert_eq!(list_stored(&world), ["1001 KEY=typed"]);
}

#[test]
fn a_multiline_value_gets_a_warning_and_base64_encodes_it() {
    let world = World::new();
    add(&world, &["--value-stdin"], b"one\ntwo\n")
        .exits(0)
        .says_with("the value of 'KEY' has several lines")
        .says_with("`--base64` encodes it");
    assert_eq!(list_stored(&world), ["1001 KEY=one\ntwo"]);
    assert_eq!(
        add_and_read(&["--value-stdin", "--base64"], b"one\ntwo\n"),
        "b25lCnR3bw=="
    );
}

#[test]
fn empty_standard_input_is_a_usage_error() {
    let world = World::new();
    for words in [
        &["--value-stdin"][..],
        &["--value-file", "-"],
        &["--value-stdin", "--overwrite"],
    ] {
        for input in [&b""[..], b"\n"] {
            add(&world, words, input).rejects("standard input is empty");
        }
    }
    world.saw([]);
    add(&world, &["-v", ""], b"").exits(0);
}

#[test]
fn update_accepts_the_same_sources() {
    let world = start_with_secret();
    world
        .command(["secrets", "update", "-n", "KEY", "--value-stdin"])
        .input("second\n")
        .run()
        .exits(0)
        .says("");
    assert_eq!(list_stored(&world), ["1001 KEY=second"]);
    world.sandbox.clear_requests();
    world
        .tw(["secrets", "update", "-i", "1001", "--value-env", "NOT_SET"])
        .rejects("NOT_SET");
    world.saw([]);
}

#[test]
fn a_value_of_a_mebibyte_is_stored_unchanged() {
    let value = "0123456789abcdef".repeat(1 << 16);
    assert_eq!(add_and_read(&["--value-stdin"], value.as_bytes()), value);
}

#[test]
fn a_value_of_more_than_4_mib_is_refused_before_any_request() {
    let world = World::new();
    let value = "0123456789abcdef".repeat((4 << 16) + 1);
    add(&world, &["--value-stdin"], value.as_bytes())
        .exits(1)
        .prints("")
        .never_shows("0123456789abcdef")
        .says_with("4194304");
    world.saw([]);
}

#[test]
fn a_value_is_never_shown_whatever_its_source() {
    let sentinel = "sentinel-5f2b";
    let world = World::new();
    let file = world.installation.home().join("value");
    fs::write(&file, sentinel).expect("the home can be written");
    let path = file.display().to_string();
    for words in [
        &["--value-stdin", "--verbose"][..],
        &["--value-file", &path, "--verbose"],
        &["--value-env", "SENTINEL", "--verbose"],
    ] {
        let line = [&["secrets", "add", "-n", "KEY", "--overwrite"], words].concat();
        world
            .command(line)
            .env("SENTINEL", sentinel)
            .input(sentinel)
            .run()
            .exits(0)
            .never_shows(sentinel);
    }
}

#[test]
fn an_empty_variable_or_file_is_a_usage_error() {
    let world = start_with_secret();
    std::fs::write(world.installation.home().join("empty"), "").expect("the home can be written");
    let update = ["secrets", "update", "-n", "KEY"];
    let from = |words: &[&str]| {
        world
            .command([&update[..], words].concat())
            .env("NOTHING", "")
    };
    for (words, what) in [
        (
            ["--value-env", "NOTHING"],
            "the environment variable 'NOTHING' is empty",
        ),
        (["--value-file", "empty"], "the file is empty"),
    ] {
        from(&words).run().rejects(what);
    }
    world.saw([]);
    from(&["--value="]).run().exits(0);
    assert_eq!(list_stored(&world), ["1001 KEY="]);
}
