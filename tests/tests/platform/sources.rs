//! Where a value comes from: not only the command line.
#![cfg(unix)]

use std::fs;

use tw_tests::{Ran, Terminal, World};

use crate::{one_secret, stored};

/// Adds `KEY` with these words, and this on standard input.
fn adds(world: &World, words: &[&str], input: &[u8]) -> Ran {
    let line = [&["secrets", "add", "-n", "KEY"], words].concat();
    world.command(line).input(input).run()
}

/// The value that is stored then.
#[track_caller]
fn added(words: &[&str], input: &[u8]) -> String {
    let world = World::new();
    adds(&world, words, input).exits(0).says("");
    world.sandbox.secrets(None).remove(0).value
}

#[test]
fn from_standard_input_without_the_line_end_that_closes_it() {
    for (input, value) in [
        (&b"s3cr3t\n"[..], "s3cr3t"),
        (b"s3cr3t\r\n", "s3cr3t"),
        (b"s3cr3t", "s3cr3t"),
        (" blanks \n".as_bytes(), " blanks "),
    ] {
        assert_eq!(added(&["--value-stdin"], input), value);
        assert_eq!(added(&["--value-file", "-"], input), value);
    }
}

#[test]
fn raw_keeps_the_line_end() {
    let world = World::new();
    adds(&world, &["--value-stdin", "--raw"], b"s3cr3t\n").exits(0);
    assert_eq!(stored(&world), ["1001 KEY=s3cr3t\n"]);
}

#[test]
fn from_a_file_to_the_byte() {
    let world = World::new();
    let file = world.installation.home().join("value");
    fs::write(&file, "s3cr3t\n").expect("it can be written");
    let path = file.display().to_string();
    adds(&world, &["--value-file", &path], b"")
        .exits(0)
        .says_with("the value of 'KEY' ends with a line break, which is stored too");
    assert_eq!(stored(&world), ["1001 KEY=s3cr3t\n"]);
    let gone = World::new();
    adds(&gone, &["--value-file", "nowhere"], b"")
        .exits(1)
        .prints("")
        .says_with("nowhere");
    gone.saw([]);
}

#[test]
fn from_the_environment() {
    let world = World::new();
    world
        .command(["secrets", "add", "-n", "KEY", "--value-env", "MY_VALUE"])
        .env("MY_VALUE", "from the environment")
        .run()
        .exits(0)
        .says("");
    assert_eq!(stored(&world), ["1001 KEY=from the environment"]);
    let unset = World::new();
    adds(&unset, &["--value-env", "MY_VALUE"], b"").misused("MY_VALUE");
    unset.saw([]);
}

#[test]
fn on_a_terminal_it_is_asked_for_twice_and_never_seen() {
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
    assert_eq!(stored(&world), ["1001 KEY=typed by hand"]);
}

#[test]
fn of_two_sources_none_is_taken() {
    let world = World::new();
    for words in [
        &["-v", "x", "--value-stdin"][..],
        &["-v", "x", "--value-file", "f"],
        &["-v", "x", "--value-env", "E"],
        &["--value-stdin", "--value-file", "f"],
        &["--value-stdin", "--value-env", "E"],
        &["--value-file", "f", "--value-env", "E"],
    ] {
        adds(&world, words, b"x").misused("cannot be used with");
    }
    world.saw([]);
}

#[test]
fn what_is_no_text_is_refused_and_base64_is_the_way() {
    let world = World::new();
    adds(&world, &["--value-stdin"], b"\xff\xfe").misused("is not UTF-8 text");
    world.saw([]);
    // What looks like a line end is one of the bytes.
    adds(&world, &["--value-stdin", "--base64"], b"\xff\xfe\n")
        .exits(0)
        .says("");
    assert_eq!(stored(&world), ["1001 KEY=//4K"]);
}

#[test]
fn a_nul_character_is_refused_and_base64_is_the_way() {
    let world = World::new();
    adds(&world, &["--value-stdin"], b"a\0b").misused("the value of 'KEY' has a NUL character");
    world.saw([]);
    assert_eq!(added(&["--value-stdin", "--base64"], b"a\0b"), "YQBi");
}

#[test]
fn standard_input_that_shows_what_is_typed_is_warned_of() {
    let world = World::new();
    let line = world.command(["secrets", "add", "-n", "KEY", "--value-stdin"]);
    Terminal::start(line)
        .until("what you type is visible; without this option, `tw` asks for the value and doesn't show it")
        .types("typed\n\u{4}")
        .ends()
        .exits(0);
    assert_eq!(stored(&world), ["1001 KEY=typed"]);
}

#[test]
fn several_lines_are_warned_of_and_base64_encodes_them() {
    let world = World::new();
    adds(&world, &["--value-stdin"], b"one\ntwo\n")
        .exits(0)
        .says_with("the value of 'KEY' has several lines")
        .says_with("`--base64` encodes it");
    assert_eq!(stored(&world), ["1001 KEY=one\ntwo"]);
    assert_eq!(
        added(&["--value-stdin", "--base64"], b"one\ntwo\n"),
        "b25lCnR3bw=="
    );
}

#[test]
fn nothing_on_standard_input_is_no_value() {
    let world = World::new();
    for words in [
        &["--value-stdin"][..],
        &["--value-file", "-"],
        &["--value-stdin", "--overwrite"],
    ] {
        for input in [&b""[..], b"\n"] {
            adds(&world, words, input).misused("standard input is empty");
        }
    }
    world.saw([]);
    adds(&world, &["-v", ""], b"").exits(0);
}

#[test]
fn an_update_has_the_same_sources() {
    let world = one_secret();
    world
        .command(["secrets", "update", "-n", "KEY", "--value-stdin"])
        .input("second\n")
        .run()
        .exits(0)
        .says("");
    assert_eq!(stored(&world), ["1001 KEY=second"]);
    world.sandbox.clear_requests();
    world
        .tw(["secrets", "update", "-i", "1001", "--value-env", "NOT_SET"])
        .misused("NOT_SET");
    world.saw([]);
}

#[test]
fn a_megabyte_arrives_whole() {
    let value = "0123456789abcdef".repeat(1 << 16);
    assert_eq!(added(&["--value-stdin"], value.as_bytes()), value);
}

#[test]
fn what_is_too_large_for_a_value_is_refused_before_it_is_sent() {
    let world = World::new();
    let value = "0123456789abcdef".repeat((4 << 16) + 1);
    adds(&world, &["--value-stdin"], value.as_bytes())
        .exits(1)
        .prints("")
        .never_shows("0123456789abcdef")
        .says_with("4194304");
    world.saw([]);
}

#[test]
fn a_value_is_shown_nowhere_wherever_it_comes_from() {
    let sentinel = "sentinel-5f2b";
    let world = World::new();
    let file = world.installation.home().join("value");
    fs::write(&file, sentinel).expect("it can be written");
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
fn an_empty_source_is_no_value() {
    let world = one_secret();
    std::fs::write(world.installation.home().join("empty"), "").expect("it can be written");
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
        from(&words).run().misused(what);
    }
    world.saw([]);
    from(&["--value="]).run().exits(0);
    assert_eq!(stored(&world), ["1001 KEY="]);
}
