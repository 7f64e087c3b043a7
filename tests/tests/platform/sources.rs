//! The sources of a value: standard input, a file and an environment variable.
#![cfg(unix)]

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
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
fn a_missing_file_is_named() {
    let world = World::new();
    add(&world, &["--value-file", "nowhere"], b"")
        .exits(1)
        .prints("")
        .says_with("nowhere");
    world.saw([]);
}

/// Adds `KEY` from standard input, a file and an environment variable. Asserts that the same value is stored each time, and returns it with the
/// messages.
#[track_caller]
fn add_from_each_source(value: &str, words: &[&str]) -> (String, Vec<String>) {
    let (mut stored, mut messages) = (Vec::new(), Vec::new());
    for source in [
        &["--value-stdin"][..],
        &["--value-file", "-"],
        &["--value-file", "value"],
        &["--value-env", "MY_VALUE"],
    ] {
        let world = World::new();
        let file = world.installation.home().join("value");
        fs::write(file, value).expect("the home can be written");
        let line = [&["secrets", "add", "-n", "KEY"], source, words].concat();
        let command = world.command(line).env("MY_VALUE", value).input(value);
        messages.push(command.run().exits(0).stderr);
        stored.push(world.sandbox.secrets(None).remove(0).value);
    }
    stored.dedup();
    assert_eq!(stored.len(), 1, "{stored:?}");
    (stored.remove(0), messages)
}

#[test]
fn a_line_break_that_a_program_added_is_not_stored_whatever_the_source() {
    for text in ["s3cr3t\n", "s3cr3t\r\n"] {
        let (stored, messages) = add_from_each_source(text, &[]);
        assert_eq!(stored, "s3cr3t");
        // `echo x | tw …` is so common that standard input gets no warning.
        let [_, _, file, variable] = messages.as_slice() else {
            panic!("{messages:?}")
        };
        let rest = "ends with a line break, which is not stored; `--raw` keeps it";
        assert!(file.contains(&format!("the file {rest}")), "{file}");
        assert!(
            variable.contains(&format!("the environment variable 'MY_VALUE' {rest}")),
            "{variable}"
        );
        let (stored, messages) = add_from_each_source(text, &["--raw"]);
        assert_eq!(stored, text);
        assert_eq!(messages.concat(), "");
    }
}

#[test]
fn a_pem_block_keeps_its_last_line_break_whatever_the_source() {
    for end in [
        "-----END OPENSSH PRIVATE KEY-----",
        "-----END CERTIFICATE-----",
        "-----END PGP PRIVATE KEY BLOCK-----",
        "---- END SSH2 PUBLIC KEY ----",
    ] {
        let text = format!("{}\nYQ==\n{end}\n", end.replace("END", "BEGIN"));
        let (stored, messages) = add_from_each_source(&text, &[]);
        assert_eq!(stored, text);
        for message in messages {
            let kept = "is a PEM block, so the line break at its end is stored too";
            assert!(message.contains(kept), "{message}");
        }
        let (stored, _) = add_from_each_source(&text, &["--base64"]);
        let decoded = STANDARD.decode(stored).expect("the value is base64");
        assert_eq!(decoded, text.as_bytes());
    }
}

#[test]
fn an_openssh_key_without_its_last_line_break_gets_a_warning() {
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nYQ==\n-----END OPENSSH PRIVATE KEY-----";
    let (stored, messages) = add_from_each_source(key, &["--base64"]);
    assert_eq!(STANDARD.decode(stored).as_deref(), Ok(key.as_bytes()));
    for message in messages {
        let refused = "is a private key without a line break at its end, which ssh refuses";
        assert!(message.contains(refused), "{message}");
    }
}

#[test]
fn a_byte_order_mark_is_not_stored_whatever_the_source() {
    let text = "\u{feff}s3cr3t";
    let (stored, messages) = add_from_each_source(text, &[]);
    assert_eq!(stored, "s3cr3t");
    for message in messages {
        let dropped = "begins with a byte order mark, which is not stored; `--raw` keeps it";
        assert!(message.contains(dropped), "{message}");
    }
    assert_eq!(add_from_each_source(text, &["--base64"]).0, "czNjcjN0");
    let (stored, messages) = add_from_each_source(text, &["--raw"]);
    assert_eq!((stored.as_str(), messages.concat().as_str()), (text, ""));
    let world = World::new();
    add(&world, &["--value-stdin"], "\u{feff}\n".as_bytes()).rejects("standard input is empty");
    world.saw([]);
}

#[test]
fn utf16_text_is_named() {
    let world = World::new();
    for text in [b"\xff\xfea\0", b"\xfe\xff\0a"] {
        add(&world, &["--value-stdin"], text).rejects("is UTF-16 text, and not UTF-8");
        fs::write(world.installation.home().join("a.env"), text).expect("the home can be written");
        world
            .tw(["secrets", "import", "a.env"])
            .fails("a.env is UTF-16, and not UTF-8");
    }
    world.saw([]);
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
    // The value itself, as in `--value-env "$TOKEN"`.
    for value in ["sk-1234567890abcdef", "hunter2hunter2", &"A1".repeat(40)] {
        add(&unset, &["--value-env", value], b"")
            .rejects("the environment variable (not shown, it may be a secret) of `--value-env` is not set")
            .never_shows(value);
    }
    unset.saw([]);
}

#[test]
fn a_typed_value_that_looks_like_a_source_is_stored_with_a_warning() {
    for (value, warning) in [
        ("-", "`--value-stdin` reads the value from standard input"),
        ("@s.env", "`--value-file PATH` reads the value from a file"),
    ] {
        let world = World::new();
        let ran = add(&world, &["-v", value], b"");
        ran.exits(0).says_with(warning);
        assert_eq!(list_stored(&world), [format!("1001 KEY={value}")]);
    }
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
    add(&world, &["--value-stdin"], b"\xff\xff").rejects("is not UTF-8 text");
    world.saw([]);
    // With `--base64`, a trailing line feed is part of the value.
    add(&world, &["--value-stdin", "--base64"], b"\xff\xff\n")
        .exits(0)
        .says("");
    assert_eq!(list_stored(&world), ["1001 KEY=//8K"]);
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
