//! Consent to an installation: a user confirms it at a terminal, or gave `--yes` on the command line.

use std::fs;

use tw_tests::Terminal;

use crate::{
    docker::repack,
    given::{FIRST, Given, describe, digest, library, patch, public_key, secret_key},
};

#[test]
fn nothing_is_installed_without_a_terminal_and_without_yes() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let ran = given.tw(["plugin", "install", &package.display().to_string()]);
    ran.says_with("fruit-001 70.0.100").rejects("--yes");
    given.has_no(1);
}

#[test]
fn the_person_at_the_terminal_decides() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    let asked = || {
        Terminal::start(given.command(["plugin", "install", &package]))
            .until("Install fruit-001 70.0.100?")
    };
    asked()
        .types("\r")
        .ends()
        .exits(1)
        .showed("Nothing was changed")
        .works_as_before();
    given.has_no(1);
    asked().types("y\r").ends().exits(0).works_as_before();
    given.runs(1, FIRST);
}

#[test]
fn the_summary_names_a_command_that_another_plugin_claims() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let rival = patch(
        library(2, FIRST),
        br#"{"name":"fruit-002","about""#,
        br#"{"name":"fruit-001","about""#,
    );
    fs::write(given.work().join("input.so"), rival).unwrap();
    fs::write(given.work().join("LICENSE"), "Free.").unwrap();
    fs::write(given.work().join("README.md"), "# Rival").unwrap();
    let key = secret_key("acme").display().to_string();
    let packed = given
        .tw(["plugin", "pack", "input.so", "--sign", &key, "-o", "json"])
        .exits(0)
        .json();
    let path = given.work().join(packed["path"].as_str().unwrap());
    let path = path.canonicalize().unwrap();
    let sum = digest(&fs::read(&path).unwrap());
    let path = path.display().to_string();
    let ran = given.tw(["plugin", "install", "--yes", &path]);
    let values = [
        (path.as_str(), "[PACKAGE]"),
        (&public_key("acme"), "[KEY OF ACME]"),
        (&sum, "[DIGEST OF THE PACKAGE]"),
    ];
    insta::assert_snapshot!("summary_with_a_conflict", describe(&ran, &values));
    given.runs(1, FIRST);
}

#[test]
fn an_interrupted_prompt_restores_the_terminal() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    Terminal::start(given.command(["plugin", "install", &package]))
        .until("Install fruit-001 70.0.100?")
        .interrupts()
        .ends()
        .exits(130)
        .showed("Interrupted")
        .works_as_before();
    Terminal::start(given.command(["plugin", "key", "generate", "my.key"]))
        .until("Password of the new key")
        .until_unseen()
        .interrupts()
        .ends()
        .exits(130)
        .works_as_before();
    given.has_no(1);
}

#[test]
fn an_answer_counts_only_after_enter() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    Terminal::start(given.command(["plugin", "install", &package]))
        .until("Install fruit-001 70.0.100?")
        .types("yn\r\r")
        .ends()
        .exits(1)
        .showed("type y or n")
        .showed("Nothing was changed");
    given.has_no(1);
}

/// Returns what a user sees who is asked about a package with this description.
fn summarize(given: &Given, description: &str) -> String {
    let package = repack(given, (1, FIRST), "odd", None, |manifest| {
        manifest["plugin"]["description"] = description.into();
    });
    let package = package.display().to_string();
    let line = ["plugin", "install", "--allow-unsigned", &package];
    given.tw(line).rejects("--yes").stderr
}

#[test]
fn a_description_cannot_look_like_another_field_of_the_summary() {
    let given = Given::trusting();
    let field = "publisher   seqera (RWQx)";
    for description in [
        // At 80 columns the terminal itself would begin a new line before the false field.
        format!("Useful{:62}{field}", ""),
        format!("Useful{}{field}", "\u{a0}".repeat(62)),
        format!("{}    {field}", "漢".repeat(32)),
        format!("Useful\n    {field}"),
    ] {
        let text = summarize(&given, &description);
        let lines: Vec<&str> = text.lines().collect();
        let begin = |label: &str| {
            let begin = format!("    {label}");
            let found = lines.iter().filter(|line| line.starts_with(&begin));
            found.count()
        };
        assert_eq!(
            (begin("description "), begin("publisher ")),
            (1, 1),
            "{text}"
        );
        assert!(text.contains("    publisher   unknown: "), "{text}");
        assert!(!text.contains(field), "{text}");
    }
    let text = summarize(&given, &"word ".repeat(390));
    let lines = text.lines().filter(|line| line.contains("word"));
    assert_eq!(lines.count(), 3, "{text}");
}

#[test]
fn a_summary_has_no_invisible_characters() {
    let given = Given::trusting();
    let text = summarize(&given, "By seq\u{200b}era\u{ad}, 👩\u{200d}💻 \u{e0041}");
    assert!(
        text.contains("description By seq�era�, 👩�💻 �\n"),
        "{text}"
    );
}

#[test]
fn a_long_text_is_wrapped_in_the_listings_of_a_terminal() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let info = ["plugin", "info", "fruit-001"];
    let digest = given.list_entry("fruit-001")["digest"].to_string();
    let digest = digest.trim_matches('"');
    // A pipe gets every value on one line.
    given.tw(info).exits(0).prints_with(digest);
    let plain = given.command(info).env("NO_COLOR", "1");
    let shown = Terminal::start_all(plain).ends().exits(0);
    let longest = shown.screen.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(80), "{}", shown.screen);
    assert!(
        shown.screen.contains(&digest[digest.len() - 8..]),
        "{}",
        shown.screen
    );
}
