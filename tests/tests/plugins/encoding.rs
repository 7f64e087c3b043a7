//! Texts that are not UTF-8: the message names the option, the variable or the argument, and never shows the text.

use std::{ffi::OsString, os::unix::ffi::OsStringExt};

use tw_tests::Installation;

/// A text that is not UTF-8, and would be seen in a message.
fn foreign(start: &str) -> OsString {
    OsString::from_vec([start.as_bytes(), b"\xffhush"].concat())
}

#[test]
fn the_option_whose_value_is_not_utf8_is_named() {
    let installation = Installation::bundled();
    let line = ["secrets", "list"].map(OsString::from);
    for (before, after, name) in [
        (
            vec![],
            vec!["-w".into(), foreign("")],
            "--workspace <WORKSPACE>",
        ),
        (vec![], vec![foreign("-w")], "--workspace <WORKSPACE>"),
        (
            vec![],
            vec![foreign("--workspace=")],
            "--workspace <WORKSPACE>",
        ),
        (vec!["-o".into(), foreign("")], vec![], "--output <FORMAT>"),
        (vec![], vec!["-vo".into(), foreign("")], "--output <FORMAT>"),
        (vec![], vec![foreign("-vo")], "--output <FORMAT>"),
        (vec!["-u".into(), foreign("")], vec![], "--url <URL>"),
        (
            vec!["--retries".into(), foreign("")],
            vec![],
            "--retries <N>",
        ),
        (
            vec!["-t".into(), foreign("")],
            vec![],
            "--access-token <TOKEN>",
        ),
        (
            vec!["-o".into(), "json".into()],
            vec![foreign("-t")],
            "--access-token <TOKEN>",
        ),
    ] {
        let line = [&before[..], &line, &after].concat();
        let ran = installation.command([]).args(line).run();
        ran.rejects(&format!("error: the value of '{name}' is not UTF-8\n"))
            .never_shows("hush");
    }
}

#[test]
fn the_argument_that_is_not_utf8_is_counted() {
    let installation = Installation::bundled();
    for (line, at) in [
        (&["plugin", "install"][..], 3),
        (&["plugin", "key", "trust"], 4),
        (&["-o", "json", "plugin", "info"], 5),
    ] {
        let command = installation.command(line.iter().copied());
        let ran = command.args([foreign("")]).run();
        ran.rejects(&format!(
            "error: argument {at} of the command line is not UTF-8\n"
        ))
        .never_shows("hush");
    }
}

#[test]
fn the_variable_that_is_not_utf8_is_named() {
    let installation = Installation::bundled();
    let list = |line: &[&str], name: &str| {
        let command = installation.command(line.iter().copied());
        command.env(name, foreign("7")).run()
    };
    list(&["secrets", "list"], "TOWER_WORKSPACE_ID")
        .rejects("error: the environment variable TOWER_WORKSPACE_ID is not UTF-8\n")
        .never_shows("hush");
    for name in [
        "TOWER_ACCESS_TOKEN",
        "TOWER_API_ENDPOINT",
        "TOWER_CLI_OUTPUT_FORMAT",
    ] {
        list(&["secrets", "list"], name)
            .says_with(&format!(
                "error: The environment variable {name} is not UTF-8\n"
            ))
            .never_shows("hush");
    }
    let generate = ["plugin", "key", "generate", "key"];
    list(&generate, "TW_SIGNING_PASSWORD")
        .says_with("The environment variable TW_SIGNING_PASSWORD is not UTF-8\n")
        .never_shows("hush");
    // The option takes precedence, so the variable doesn't matter.
    list(&["secrets", "list", "-w", "7"], "TOWER_WORKSPACE_ID")
        .fails_with("Missing TOWER_ACCESS_TOKEN");
}
